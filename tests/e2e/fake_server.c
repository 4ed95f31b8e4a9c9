/* SPDX-License-Identifier: Apache-2.0
 *
 * A server that does what its arguments say, one after the other. Without a program of steps left it exits with 0.
 *
 *   receive            read one line; exit 90 at the end of file
 *   answer             read one line, answer its id
 *   serve              answer every request until the end of file
 *   eof                read until the end of file
 *   serve-into FILE    the same, and keep what came in FILE
 *   keep FILE          read until the end of file, into FILE
 *   note FILE          answer every request; append to FILE, a line each: "begin", "call NAME ID", "got METHOD" and "end", with the pid and
 *                      $TOKEN in front. Calls of `crash` and `hang` are noted and not answered, `slow` after 100 ms
 *   send TEXT          one line
 *   raw TEXT           without a newline
 *   talk COUNT BYTES   COUNT log notifications of BYTES bytes each, numbered
 *   shout BYTES        that much on stderr
 *   mutter TEXT        one line on stderr
 *   ignore SIGNAL      by number
 *   on SIGNAL          exit with 60 + its number when it comes
 *   grandchild         a process that keeps all descriptors, ignores SIGTERM and sleeps
 *   runaway            the same, in a session of its own
 *   close N            a descriptor
 *   leave              its process group, for that of who started it
 *   report FILE        write what it finds itself in
 *   pause, exit N, kill SIGNAL
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static char line[12U << 20];

static bool receive(void)
{
        return fgets(line, sizeof(line), stdin) != NULL;
}

static void must_receive(void)
{
        if (!receive())
                exit(90);
}

/* The text of the line's id, which TypeScript's peers send last and Python's second: wherever it is. */
static const char *id_text(void)
{
        static char id[512];
        const char *start = strstr(line, "\"id\":");
        size_t len;

        if (!start)
                return NULL;
        start += 5;
        len = *start == '"' ? strcspn(start + 1, "\"") + 2 : strcspn(start, ",}");
        if (len >= sizeof(id))
                exit(91);
        memcpy(id, start, len);
        id[len] = '\0';
        return id;
}

static void answer(void)
{
        const char *id = id_text();

        if (!id)
                return;
        if (strstr(line, "\"method\":\"initialize\""))
                printf("{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
                       "\"serverInfo\":{\"name\":\"fake\",\"version\":\"1\"}}}\n", id);
        else if (strstr(line, "\"method\":\"tools/list\""))
                printf("{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"tools\":[{\"name\":\"good\",\"inputSchema\":{\"type\":\"object\"}},"
                       "{\"name\":\"bad\",\"inputSchema\":{\"type\":\"object\"}}]}}\n", id);
        else
                printf("{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"length %zu\"}]}}\n",
                        id, strlen(line));
        fflush(stdout);
}

static void keep(const char *path)
{
        FILE *file = fopen(path, "we");

        while (file && receive())
                fputs(line, file);
        if (file)
                fclose(file);
}

static void serve_into(const char *path)
{
        FILE *file = fopen(path, "we");

        while (file && receive()) {
                fputs(line, file);
                fflush(file);
                answer();
        }
}

/* In one write each: several servers may note at a time. */
static void note(int fd, const char *what, const char *about, const char *id)
{
        const char *token = getenv("TOKEN");
        char text[1024];
        const int n = snprintf(text, sizeof(text), "%d %s %s %s %s\n", (int)getpid(), token ? token : "-", what, about, id);

        if (write(fd, text, (size_t)n) != n)
                exit(96);
}

/* The first string behind @name in the line. */
static const char *member(const char *name)
{
        static char value[256];
        const char *start = strstr(line, name);

        snprintf(value, sizeof(value), "%.*s", start ? (int)strcspn(start + strlen(name), "\"") : 0, start ? start + strlen(name) : "");
        return value;
}

static void noted_call(int fd)
{
        const char *id = id_text(), *name = member("\"name\":\"");

        note(fd, "call", name, id ? id : "-");
        if (strcmp(name, "crash") == 0)
                kill(getpid(), SIGKILL);
        if (strcmp(name, "slow") == 0)
                usleep(100000);
        if (strcmp(name, "hang") != 0)
                answer();
}

static void serve_and_note(const char *path)
{
        const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

        if (fd < 0)
                exit(95);
        note(fd, "begin", "-", "-");
        while (receive()) {
                if (strstr(line, "\"method\":\"tools/call\"")) {
                        noted_call(fd);
                        continue;
                }
                note(fd, "got", member("\"method\":\""), "-");
                answer();
        }
        note(fd, "end", "-", "-");
}

static void talk(int count, size_t bytes)
{
        char *text = malloc(bytes + 1);

        memset(text, 'x', bytes);
        text[bytes] = '\0';
        for (int i = 0; i < count; i++)
                printf("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"logger\":\"n%d\","
                       "\"data\":\"%s\"}}\n", i, text);
        fflush(stdout);
        free(text);
}

static void shout(size_t bytes)
{
        char text[4096];

        memset(text, 'e', sizeof(text));
        text[sizeof(text) - 1] = '\n';
        for (size_t done = 0; done < bytes; done += sizeof(text)) {
                if (write(STDERR_FILENO, text, sizeof(text)) < 0)
                        exit(92);
        }
}

static void on_signal(int number)
{
        _exit(60 + number);
}

static void grandchild(bool runaway)
{
        int ready[2];
        char byte = 0;

        if (pipe2(ready, O_CLOEXEC) < 0)
                exit(93);
        if (fork() == 0) {
                signal(SIGTERM, SIG_IGN);
                if (runaway)
                        setsid();
                if (write(ready[1], &byte, 1) != 1)
                        _exit(1);
                for (;;)
                        pause();
        }
        if (read(ready[0], &byte, 1) != 1)
                exit(93);
        close(ready[0]);
        close(ready[1]);
}

static void report_descriptors(FILE *file)
{
        DIR *dir = opendir("/proc/self/fd");
        struct dirent *entry;
        struct stat st;

        while ((entry = readdir(dir))) {
                int fd = atoi(entry->d_name);

                if (entry->d_name[0] == '.' || fd == dirfd(dir) || fd == fileno(file))
                        continue;
                fstat(fd, &st);
                fprintf(file, "fd %d %s %s\n", fd, S_ISFIFO(st.st_mode) ? "pipe" : "other",
                        fcntl(fd, F_GETFL) & O_NONBLOCK ? "nonblocking" : "blocking");
        }
        closedir(dir);
}

static void report(const char *path)
{
        FILE *file = fopen(path, "we");
        char cwd[4096];
        struct rlimit core;
        int death = 0;

        if (!file)
                exit(94);
        report_descriptors(file);
        prctl(PR_GET_PDEATHSIG, &death);
        getrlimit(RLIMIT_CORE, &core);
        fprintf(file, "death %d\nleader %d\ncore %lu\numask %o\ncwd %s\n", death, getpgrp() == getpid(),
                (unsigned long)core.rlim_cur, (unsigned)umask(0), getcwd(cwd, sizeof(cwd)) ? cwd : "?");
        for (char **entry = environ; *entry; entry++)
                fprintf(file, "env %s\n", *entry);
        fclose(file);
}

/* Steps without an argument; false when there is no such step. */
static bool plain_step(const char *step)
{
        if (strcmp(step, "receive") == 0)
                must_receive();
        else if (strcmp(step, "answer") == 0)
                must_receive(), answer();
        else if (strcmp(step, "serve") == 0)
                while (receive())
                        answer();
        else if (strcmp(step, "eof") == 0)
                while (receive())
                        ;
        else if (strcmp(step, "grandchild") == 0)
                grandchild(false);
        else if (strcmp(step, "runaway") == 0)
                grandchild(true);
        else if (strcmp(step, "leave") == 0)
                setpgid(0, getpgid(getppid()));
        else if (strcmp(step, "pause") == 0)
                for (;;)
                        pause();
        else
                return false;
        return true;
}

/* Steps with one argument, but talk, which has two. */
static bool step_with(const char *step, char **args)
{
        if (strcmp(step, "send") == 0)
                puts(args[0]), fflush(stdout);
        else if (strcmp(step, "raw") == 0)
                fputs(args[0], stdout), fflush(stdout);
        else if (strcmp(step, "serve-into") == 0)
                serve_into(args[0]);
        else if (strcmp(step, "keep") == 0)
                keep(args[0]);
        else if (strcmp(step, "note") == 0)
                serve_and_note(args[0]);
        else if (strcmp(step, "mutter") == 0)
                fprintf(stderr, "%s\n", args[0]);
        else if (strcmp(step, "shout") == 0)
                shout((size_t)atol(args[0]));
        else if (strcmp(step, "ignore") == 0)
                signal(atoi(args[0]), SIG_IGN);
        else if (strcmp(step, "on") == 0)
                signal(atoi(args[0]), on_signal);
        else if (strcmp(step, "close") == 0)
                close(atoi(args[0]));
        else if (strcmp(step, "report") == 0)
                report(args[0]);
        else if (strcmp(step, "exit") == 0)
                exit(atoi(args[0]));
        else if (strcmp(step, "kill") == 0)
                kill(getpid(), atoi(args[0]));
        else
                return false;
        return true;
}

int main(int argc, char **argv)
{
        for (int i = 1; i < argc; i++) {
                if (plain_step(argv[i]))
                        continue;
                if (strcmp(argv[i], "talk") == 0 && i + 2 < argc) {
                        talk(atoi(argv[i + 1]), (size_t)atol(argv[i + 2]));
                        i += 2;
                } else if (i + 1 < argc && step_with(argv[i], argv + i + 1)) {
                        i++;
                } else {
                        fprintf(stderr, "fake_server: no step %s\n", argv[i]);
                        return 99;
                }
        }
        return 0;
}
