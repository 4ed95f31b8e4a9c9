/* SPDX-License-Identifier: Apache-2.0
 *
 * A terminal for a full-screen verb: raw keys, the alternate screen, and both undone on every way out. Signals only set
 * flags, which are looked at between two waits: while terminal_wait() waits they come through, else they are blocked.
 */
#pragma once

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <termios.h>

#include "buf.h"

struct terminal {
        int in, out;
        struct termios before; /* as it was found */
        bool raw;              /* ours now */
        sigset_t waiting;      /* what is blocked while we wait */
};

enum terminal_event {
        TERMINAL_NOTHING = 0,
        TERMINAL_RESIZED = 1, /* or continued: draw anew */
        TERMINAL_STOP = 2,    /* SIGTSTP: terminal_suspend() */
        TERMINAL_END = 4,     /* SIGINT, SIGTERM, SIGHUP, SIGQUIT: terminal_end_signal() says which */
};

/* Takes the terminal over. 0, or -errno: it is none, or cannot be set. Only one at a time. */
int terminal_open(struct terminal *t, int in, int out);

/* Gives it back as it was found; idempotent, and harmless for one that could not be opened. */
void terminal_close(struct terminal *t);

/* Waits for descriptors, signals or the time (-1: no end). Returns a set of enum terminal_event; @fds are as poll()
 * leaves them, without events when none has any. */
unsigned terminal_wait(struct terminal *t, struct pollfd *fds, nfds_t count, int timeout_ms);

/* The signal that asked for the end, or 0. */
int terminal_end_signal(void);
/* Dies of the signal, as who did not handle it. Returns only if it cannot. */
void terminal_end_by(int number);

/* Gives the terminal back, stops as the shell expects, and takes it over again when continued. 0 or -errno. */
int terminal_suspend(struct terminal *t);

/* Lends the terminal, as it was found, to a program that we start and wait for. SIGTSTP stops us with it; SIGINT and SIGQUIT, which are
 * typed, are that program's; SIGTERM and SIGHUP ask us to end when it has. terminal_take_back() takes the terminal over again and
 * forgets what was typed meanwhile: 0 or -errno, also when we are asked to end. */
void terminal_lend(struct terminal *t);
int terminal_take_back(struct terminal *t);

/* Columns and rows; 80 and 24 when the terminal does not know. */
void terminal_size(const struct terminal *t, unsigned *ret_width, unsigned *ret_height);

/* Throws away what has been typed and not read. */
void terminal_discard_input(const struct terminal *t);

/* Shows a screen: lines with "\r\n" between them. 0 or -errno. */
int terminal_show(const struct terminal *t, struct str screen);
