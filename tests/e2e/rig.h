/* SPDX-License-Identifier: Apache-2.0
 *
 * A client and its surroundings for end-to-end tests: starts the real program with a fake server behind it, talks to it,
 * and checks what it leaves behind. Every case runs in a process of its own that adopts orphans (PR_SET_CHILD_SUBREAPER), so that
 * none escapes unseen, and under a time limit. Nothing here sleeps: it waits for lines, ends of file and exits.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/wait.h>

#define RIG_CASE_SECONDS 60U
#define RIG_WAIT_MS 20000

struct rig_case {
        const char *name;
        void (*run)(void);
};

/* Runs every case in turn and prints TAP. The exit status for main(). */
int rig_main(const struct rig_case *cases, size_t count);

/* Ends the case as skipped, which is shown, with the reason. */
_Noreturn void rig_skip(const char *reason);

/* Ends the case as failed, with the reason. */
_Noreturn void rig_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
#define FAIL(...) rig_fail(__FILE__, __LINE__, __VA_ARGS__)
#define CHECK(condition)                                         \
        do {                                                     \
                if (!(condition))                                \
                        FAIL("%s does not hold", #condition);    \
        } while (0)

enum rig_stdio { RIG_PIPES, RIG_SOCKETS };

struct rig_options {
        const char *policy;          /* text; NULL: everything is allowed */
        const char *const *arguments; /* of `run`, before `--`; NULL: none */
        const char *const *env;      /* further "NAME=VALUE"; NULL: none */
        enum rig_stdio stdio;
        int stdin_fd;                /* instead of our pipe; 0: none */
        bool own_stderr;             /* a pipe that the case reads */
        unsigned long file_limit;    /* RLIMIT_FSIZE; 0: none */
        unsigned long open_limit;    /* RLIMIT_NOFILE; 0: as it is */
        bool ignore_hangup;          /* as nohup does */
        const char *verb;            /* NULL: "run" */
        const char *const *raw;      /* the whole command line behind the program's name, instead of all that */
};

struct rig {
        pid_t pid;
        int in, out, err;  /* our ends; -1 once closed */
        char dir[64];      /* the case's folder: policy.yaml, state/ */
        char *text;        /* received and not yet looked at */
        size_t len, room;
        bool started_session; /* an audit file is expected */
};

/* @server: steps of fake_server.c; NULL-terminated. */
void rig_start(struct rig *rig, const struct rig_options *options, const char *const *server);

/* A line; its newline is added. */
void rig_send(struct rig *rig, const char *line);
void rig_send_bytes(struct rig *rig, const char *bytes, size_t len);

/* Reads lines until one holds @part; the next call goes on behind it. The line is valid until then. */
const char *rig_expect(struct rig *rig, const char *part);
/* The next line, or NULL at the end of file. */
const char *rig_line(struct rig *rig);

void rig_close_in(struct rig *rig);
void rig_close_out(struct rig *rig);

/* The program's wait status; fails when it is still there after @within_ms. */
int rig_wait(struct rig *rig, uint64_t within_ms);

/* After rig_wait(): nobody is left, nothing but the audit file and its key is left, then the folder is removed. */
void rig_finish(struct rig *rig);

/* The audit file's text (malloc); empty when there is none. */
/* Waits until the proxy has said @part on its stderr, with own_stderr. */
void rig_expect_said(struct rig *rig, const char *part);
char *rig_audit(struct rig *rig);
char *rig_audit_path(struct rig *rig);
/* A path in the case's folder, in a static buffer. */
const char *rig_path(struct rig *rig, const char *name);
char *rig_read_file(const char *path);

uint64_t rig_now_ms(void);

/* Both directions of a handshake under an allow-everything policy with a `serve` or `answer` server. */
void rig_handshake(struct rig *rig);

#define STEPS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define CALL_GOOD(id) "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"method\":\"tools/call\",\"params\":{\"name\":\"good\",\"arguments\":{}}}"
#define CALL_BAD(id) "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"method\":\"tools/call\",\"params\":{\"name\":\"bad\",\"arguments\":{}}}"

static inline bool exited_with(int status, int code)
{
        return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

static inline bool died_of(int status, int number)
{
        return WIFSIGNALED(status) && WTERMSIG(status) == number;
}
