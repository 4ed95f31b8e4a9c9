/* SPDX-License-Identifier: Apache-2.0
 *
 * Stands for a password manager's command line, in all its moods. It must be started as leastwise starts helpers:
 * where something of that is not so, it prints what.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static void say(const char *text)
{
        size_t len = strlen(text);

        if (write(1, text, len) != (ssize_t)len)
                _exit(9);
}

static int same_file(int fd, const char *path)
{
        struct stat a, b;

        return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_rdev == b.st_rdev && a.st_ino == b.st_ino;
}

static void check_surroundings(void)
{
        sigset_t mask;

        for (char **entry = environ; *entry; entry++) {
                static const char *const expected[] = { "HOME=", "PATH=", "USER=", "LOGNAME=", "LANG=" };
                int known = 0;

                for (size_t i = 0; i < 5; i++)
                        known |= strncmp(*entry, expected[i], strlen(expected[i])) == 0;
                if (!known) {
                        say("unexpected environment\n");
                        return;
                }
        }
        for (int fd = 3; fd < 1024; fd++) {
                if (fcntl(fd, F_GETFD) >= 0) {
                        say("unexpected descriptor\n");
                        return;
                }
        }
        if (sigprocmask(SIG_SETMASK, NULL, &mask) < 0 || sigismember(&mask, SIGTERM) ||
                signal(SIGPIPE, SIG_DFL) != SIG_DFL)
                say("unexpected signals\n");
        else if (!same_file(0, "/dev/null") || !same_file(2, "/dev/null"))
                say("unexpected standard streams\n");
        else if (getpgrp() != getpid())
                say("unexpected process group\n");
        else
                say("surroundings-are-right\n");
}

static void write_pid(const char *path, pid_t pid)
{
        FILE *f = fopen(path, "we");

        if (f) {
                fprintf(f, "%d\n", (int)pid);
                fclose(f);
        }
}

static void leave_grandchild(const char *path)
{
        pid_t pid = fork();

        if (pid == 0) {
                signal(SIGTERM, SIG_IGN);
                for (;;)
                        pause();
        }
        write_pid(path, pid);
        say("the-secret-value\n");
}

int main(int argc, char **argv)
{
        const char *mood = argc > 1 ? argv[1] : "";

        if (strcmp(mood, "print") == 0) {
                say(argv[2]);
        } else if (strcmp(mood, "surroundings") == 0) {
                check_surroundings();
        } else if (strcmp(mood, "fail") == 0) {
                say("the-secret-value\n");
                return 3;
        } else if (strcmp(mood, "hang") == 0) {
                say("the-secret-value\n");
                signal(SIGTERM, SIG_IGN);
                for (;;)
                        pause();
        } else if (strcmp(mood, "close") == 0) {
                say("the-secret-value\n");
                close(1);
                for (;;)
                        pause();
        } else if (strcmp(mood, "flood") == 0) {
                for (;;)
                        say("the-secret-value and more of it\n");
        } else if (strcmp(mood, "grandchild") == 0) {
                leave_grandchild(argv[2]);
        } else if (strcmp(mood, "signal") == 0) {
                raise(SIGTERM);
        } else if (strcmp(mood, "stderr") == 0) {
                static char noise[1 << 20];

                /* Stderr that nobody reads must not hold the helper up. */
                if (write(2, noise, sizeof(noise)) == (ssize_t)sizeof(noise))
                        say("the-secret-value\n");
        } else if (strcmp(mood, "long") == 0) {
                for (long i = atol(argv[2]); i > 0; i--)
                        putchar('x');
                fputs(argv[3], stdout);
        } else if (strcmp(mood, "ask") == 0) {
                char asked[4096];
                int fd = open(argv[2], O_WRONLY | O_APPEND);
                ssize_t n;

                while ((n = read(0, asked, sizeof(asked))) > 0) {
                        if (write(fd, asked, (size_t)n) != n)
                                return 9;
                }
                say(argv[3]);
        } else if (strcmp(mood, "variable") == 0) {
                say(getenv(argv[2]) ? getenv(argv[2]) : "");
        } else if (strcmp(mood, "slowly") == 0) {
                say("the-secret");
                usleep(50000);
                say("-value");
                usleep(50000);
        }
        return 0;
}
