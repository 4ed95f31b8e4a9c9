/* SPDX-License-Identifier: Apache-2.0
 *
 * One server process of a proxy, from its start to its end: its program, the pipes to it, the relay of its stderr, and the
 * machine (life.h) that ends it in order. There is a main one, and one for each lane that is in use. Nothing here knows
 * what is said to it or by it; that is proxy_flow.c.
 */
#pragma once

#include <signal.h>
#include <uv.h>

#include "inlet.h"
#include "launch.h"
#include "life.h"
#include "outlet.h"
#include "session.h"
#include "stderr_relay.h"

struct proxy;

struct upstream {
        struct proxy *proxy;
        enum side side;
        struct launch launch;
        struct life life;
        uv_timer_t life_timer, renew_timer;
        struct stderr_relay relay;
        struct inlet in;   /* its stdout */
        struct outlet out; /* its stdin */
        siginfo_t exit;    /* si_pid 0 until its leader has exited */
        bool reaped;
        bool unfit; /* it was started in another's place, and is none for the session */
        bool rest_due, resting, ended_for_renewal; /* proxy_renew.c */
        uint64_t rest_until; /* monotonic */
        unsigned handles; /* that libuv still knows */
};

/* One with nothing in it yet but a share in the guardian: 0 or -ENOMEM. */
int upstream_new(struct upstream **ret, struct proxy *p, enum side side);

/* Its program runs: connects the pipes. Its stdout is not read yet. 0 or -errno. */
int upstream_open(struct upstream *u);

/* Something has happened to it; carries out what follows. @reason: what the session's end is put down to, should this be its cause; or NULL. */
void upstream_event(struct upstream *u, enum life_event event, const char *reason);

/* Has its leader exited? It is not reaped by this, so that the group's number cannot become another's. */
void upstream_check_exit(struct upstream *u);

/* L10: kills what is left of the group and reaps the leader, unless that hangs in the kernel; removes the files of its credentials; passes
 * on the last of its stderr. Idempotent. */
void upstream_end(struct upstream *u);

/* Ends it if that has not been done, and closes everything; the memory goes with a turn of the loop. NULL is fine. */
void upstream_release(struct upstream *u);
