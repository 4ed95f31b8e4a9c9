/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is at the other end of a local socket, and may that process approve calls? Only one of our own user, that has a
 * terminal, and that is not what the calls come from: not the client, nor a process that the client started. A process
 * of the same user can get around this (docs/approvals.md): it stops accidents and agents that do not try, and so does
 * not stand for a person's signature.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "str.h"

/* A line of /proc/PID/stat, as far as it matters here. */
struct process_stat {
        struct str name; /* borrowed from the line: at most 15 bytes of the program's name, which it chose itself */
        pid_t parent, session;
        int terminal;     /* its number; 0: none */
        uint64_t started; /* clock ticks since the machine started */
};

/* False when it is not such a line. */
bool process_stat_read(struct str line, struct process_stat *ret);

struct peer_process {
        uid_t uid;
        pid_t pid;        /* 0: of another PID namespace, not known here */
        int pidfd;        /* -1: none */
        uint64_t started; /* 0: not known */
};

#define PEER_PROCESS_NONE \
        { \
                .pidfd = -1 \
        }

/* Of the process that connected @socket. 0 or -errno. */
int peer_process_open(struct peer_process *ret, int socket);
void peer_process_close(struct peer_process *p); /* idempotent */

/* Who started us: @parent, or where that is but sudo(8) or its like, who started that. For people to read. */
pid_t peer_process_asker(pid_t parent);

/* Those from which calls come: @parent, the client that started us, and where that is but a shell that was asked to do
 * it, or sudo(8) or its like, who started that. Returns how many are in @ret, at least 1 and at most @room. */
size_t peer_process_clients(pid_t parent, pid_t *ret, size_t room);

/* 1: the process @from or one above it is in @origins; 0: none is; -1: that cannot be told. */
int peer_process_descends(pid_t from, const pid_t *origins, size_t count);

/* NULL when the process may approve calls, which neither it nor one that it descends from may be in @origins for; else
 * a sentence that says why not, and what to do. It lives, and was the one that connected, when this returns NULL. */
const char *peer_process_refusal(const struct peer_process *p, const pid_t *origins, size_t count);
