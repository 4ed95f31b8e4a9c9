/* SPDX-License-Identifier: Apache-2.0
 *
 * What test_child.c starts. Says on stdout, one per line, what it finds itself in; or behaves as told.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static void say_descriptors(void)
{
        DIR *dir = opendir("/proc/self/fd");
        struct dirent *entry;
        unsigned mask = 0;

        while ((entry = readdir(dir))) {
                int fd = atoi(entry->d_name);

                if (entry->d_name[0] != '.' && fd != dirfd(dir))
                        mask |= 1U << fd;
        }
        closedir(dir);
        printf("descriptors %x\n", mask);
}

static void say_signals(void)
{
        unsigned changed = 0;
        sigset_t mask;

        for (int signal = 1; signal < 65; signal++) {
                struct sigaction action;

                if (sigaction(signal, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
                        changed++;
        }
        sigprocmask(SIG_BLOCK, NULL, &mask);
        for (int signal = 1; signal < 65; signal++)
                changed += sigismember(&mask, signal) == 1;
        printf("signals %u\n", changed);
}

static void say(void)
{
        struct rlimit core;
        int death = 0;

        say_descriptors();
        say_signals();
        getrlimit(RLIMIT_CORE, &core);
        prctl(PR_GET_PDEATHSIG, &death);
        printf("core %lu\n", (unsigned long)core.rlim_max);
        printf("death %d\n", death);
        printf("leader %d\n", getpgrp() == getpid());
        printf("umask %o\n", (unsigned)umask(0));
        for (char **entry = environ; *entry; entry++)
                printf("env %s\n", *entry);
        fflush(stdout);
}

/* A child and a grandchild that hold stdout and do not care about SIGTERM; a byte when both are there. */
static void linger(void)
{
        signal(SIGTERM, SIG_IGN);
        if (fork() == 0) {
                if (fork() == 0) {
                        if (write(STDOUT_FILENO, "r", 1) != 1)
                                exit(1);
                }
        }
        for (;;)
                pause();
}

/* Leaves its group for that of who started it, and cannot be told to end. */
static void desert(void)
{
        signal(SIGTERM, SIG_IGN);
        prctl(PR_SET_PDEATHSIG, 0);
        /* Should nobody end it. */
        alarm(20);
        if (setpgid(0, getpgid(getppid())) < 0 || write(STDOUT_FILENO, "r", 1) != 1)
                exit(1);
        for (;;)
                pause();
}

int main(int argc, char **argv)
{
        if (argc > 1 && strcmp(argv[1], "say") == 0)
                say();
        else if (argc > 1 && strcmp(argv[1], "linger") == 0)
                linger();
        else if (argc > 1 && strcmp(argv[1], "desert") == 0)
                desert();
        return 0;
}
