/* SPDX-License-Identifier: Apache-2.0
 *
 * How a session ends: a machine of phases with no IO, driven by what happens and by one timer. Its answers are
 * actions for the owner. The time budgets are those of the SDKs' own shutdown steps (2 s after closing stdin, 1 to 2 s
 * after SIGTERM, the fastest): whatever the upstream does, we are gone before the client loses its patience.
 *
 *   running ─ client ended / upstream closed its stdout ─> closing ─ time ─> terminating ─ time ─> killing
 *   running or closing ─ SIGTERM ─> terminating;  ─ SIGINT, SIGHUP ─> forwarding ─ time ─> terminating
 *   any of these ─ upstream exited ─> lingering (its stdout is still open) ─ time ─> flushing ─ all sent ─> over
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum life_phase {
        LIFE_RUNNING,
        LIFE_CLOSING,     /* its stdin is closed; it should leave by itself */
        LIFE_FORWARDING,  /* it has been sent the SIGINT (or, from a terminal, SIGHUP) that we got */
        LIFE_TERMINATING, /* its group has been sent SIGTERM */
        LIFE_KILLING,     /* ... SIGKILL */
        LIFE_LINGERING,   /* it has exited; something else holds its stdout */
        LIFE_FLUSHING,    /* it has exited; its last output is on the way to the client */
        LIFE_OVER,
        LIFE_PHASE_MAX_,
};

enum life_event {
        LIFE_CLIENT_ENDED, /* end of file, or it does not take our output any more */
        LIFE_SIGNALLED,    /* SIGTERM, SIGINT or SIGHUP to us */
        LIFE_SERVER_SILENT, /* end of file on the upstream's stdout */
        LIFE_SERVER_DEAF,  /* the upstream has closed its stdin */
        LIFE_EXITED,       /* the upstream's leader */
        LIFE_FLUSHED,      /* the upstream's stdout has ended and all output has been sent */
        LIFE_TIMEOUT,
        LIFE_EVENT_MAX_,
};

/* What the owner is to do, in this order. */
#define LIFE_CLOSE_STDIN (1U << 0) /* behind what is on its way there */
#define LIFE_DROP_STDIN (1U << 1)  /* now */
#define LIFE_FORWARD (1U << 2)     /* send life.signal to the group */
#define LIFE_TERMINATE (1U << 3)   /* send SIGTERM to the group */
#define LIFE_KILL (1U << 4)        /* send SIGKILL to the group */
#define LIFE_DRAIN (1U << 5)       /* what the upstream's stdout holds now is all there will be */
#define LIFE_STOP (1U << 6)        /* leave the loop */

#define LIFE_CLOSING_MS 1500U
#define LIFE_CLOSING_FILE_MS 30000U /* stdin is a file: no client waits, and requests may all be unanswered yet */
#define LIFE_FORWARDING_MS 200U
#define LIFE_TERMINATING_MS 300U
#define LIFE_KILLING_MS 2000U /* a process that SIGKILL does not end hangs in the kernel: not ours to wait for */
#define LIFE_LINGERING_MS 200U
#define LIFE_FLUSHING_MS 500U /* counted only once the client has ended or we have been signalled */

struct life {
        enum life_phase phase;
        int signal;        /* the first that we got, set by the owner; 0 = none */
        unsigned signals;  /* how many */
        bool from_file;    /* set by the owner at the start */
        bool client_ended;
        bool silent;
        bool exited;
        uint64_t timer_ms; /* the phase's timer: 0 = none; valid after each step */
        bool timer_changed;
};

const char *life_phase_name(enum life_phase phase);

/* Takes an event; returns actions. When timer_changed, the owner starts its one timer with timer_ms, or stops it. */
unsigned life_step(struct life *life, enum life_event event);
