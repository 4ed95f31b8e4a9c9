/* SPDX-License-Identifier: Apache-2.0
 *
 * One chain that is measured: this client, a proxy, the server behind it. The client's side is blocking pipes, read
 * and written with as few system calls as there can be. Where a chain hangs, SIGALRM ends the wait and the call fails
 * with -ETIMEDOUT: the program installs a handler for it without SA_RESTART.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "buf.h"
#include "str.h"

/* Seconds until SIGALRM; no round of any load takes a tenth of it. */
#define CHAIN_PATIENCE_S 60U

struct chain {
        pid_t pid; /* of the proxy; 0 when not running */
        int to;
        int from;
        bool polices; /* is it the one that a policy governs? */
        uint64_t next_id;
        struct buf in;   /* received, from @start on not yet taken */
        size_t start;
        size_t scanned;  /* up to here there is no end of line */
        struct buf out;  /* the message being made */
};

/* Starts @argv, its stderr going to @stderr_fd. 0 or -errno. */
int chain_start(struct chain *c, char *const *argv, int stderr_fd, bool polices);

/* Closes both pipes and waits; kills what does not go. The exit status as waitpid() gives it, or -errno. */
int chain_stop(struct chain *c);

/* 0; -errno. */
int chain_write(struct chain *c, const char *ptr, size_t len);

/* The next line without its end, valid until the next call. 0; -EPIPE when the chain ended; -errno. */
int chain_read_line(struct chain *c, struct str *ret);

/* Is a whole line there already? */
bool chain_has_line(struct chain *c);

/* Sends `initialize`, waits for the answer and sends `notifications/initialized`. 0 or -errno. */
int chain_handshake(struct chain *c);
