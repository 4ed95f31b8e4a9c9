/* SPDX-License-Identifier: Apache-2.0
 *
 * The upstreams of a session (docs/lanes.md): the main one, which is there from the start, and those of lanes, which the owner is asked
 * to start and stop. A call whose upstream is not ready waits for it; it stands among the requests that wait for an answer, but
 * the upstream knows nothing of it. For the files of this folder only.
 *
 *   OFF -> STARTING -> GREETING -> READY -> ENDING -> OFF      and from any state, when its process ends, OFF
 *
 * Nothing that was sent is ever sent again: what waits has not been sent, and what was sent does not wait.
 */
#pragma once

#include "message.h"
#include "session.h"

struct grant_slot;
struct pending_request;
struct ruling;

enum upstream_state {
        UPSTREAM_OFF = 0,  /* there is no process */
        UPSTREAM_STARTING, /* the owner is to start it, or does */
        UPSTREAM_GREETING, /* it has been sent the client's handshake */
        UPSTREAM_READY,
        UPSTREAM_ENDING,   /* the owner is to end it, or does */
};

#define LANE_NAME_BYTES 65U

struct upstream {
        enum upstream_state state;
        char name[LANE_NAME_BYTES]; /* the lane's; empty: the main one */
        bool start_due, stop_due;   /* the owner has not been told yet */
        bool resting;      /* nothing new is sent to it */
        bool per_call;     /* it lives for one call */
        bool served;       /* it has had one */
        const char *outdated; /* why a lane ends as soon as nothing is under way there; NULL: it does not */
        uint32_t live_ms;
        uint32_t in_flight; /* calls of a lane that were sent and are neither answered nor cancelled */
        struct waiting *first, *last; /* what waits for it, in order */
        uint64_t deadline_ms; /* monotonic; 0: none. Until when it is to be ready, or is kept without a call */
        uint64_t greeting;    /* number of our own `initialize` to it; 0: none */
        uint64_t own_first, own_last; /* numbers of our other requests to it */
        uint32_t own_open;    /* of our requests, how many are unanswered */
};

/* Why a call does not wait any longer though its upstream is well. */
enum waiting_over {
        WAITING = 0,
        WAITING_POLICY,  /* other policies have come into force */
        WAITING_STOPPED, /* a person has stopped it */
        WAITING_GRANT,   /* what a person had granted is over */
        WAITING_OVER_MAX_,
};

/* A request that waits for its upstream. It belongs to its request's struct call, and ends with it at the latest. */
struct waiting {
        struct waiting *before, *after;
        enum side side;
        uint32_t slot; /* of its request in pending[SIDE_CLIENT] */
        enum waiting_over over;
        const struct grant_slot *grant; /* that it passes by; NULL: the policies allow it */
        size_t len;
        char *name; /* of the tool, NUL-terminated; empty: it calls none */
        char line[]; /* as it will be sent, with its LF */
};

/* What the client and the main server have said to each other at their beginning, to be repeated to others. */
struct greeting {
        bool asked, answered; /* `initialize` */
        bool too_long;
        struct buf params;  /* of it, canonical, as it was sent */
        struct buf version; /* that the server has answered with */
        bool has_tools;     /* and it said that it has tools */
        struct buf level;   /* params of the last logging/setLevel that the main server has accepted; empty: none */
        struct buf level_asked; /* of the last one that it has not answered yet, and */
        uint32_t level_slot;    /* its request */
};

/* A resource that a legacy client has subscribed to. */
struct subscription {
        char *uri;
        uint32_t slot;  /* of its request, until it is accepted */
        bool accepted;
};

struct subscriptions {
        struct subscription *items;
        size_t count;
        bool incomplete; /* one could not be remembered */
};

static inline bool is_lane(enum side side)
{
        return side >= SIDE_LANE;
}

/* --- upstream.c: their life --- */
void upstreams_init(struct session *s);
void upstreams_deinit(struct session *s);
/* Must what is for that side wait? */
bool upstream_must_wait(const struct session *s, enum side side);
/* Has it a process that can be written to? */
bool upstream_takes(const struct session *s, enum side side);
/* Something waits for it: it is started if there is none. 0, or negative when that cannot be recorded. */
int upstream_want(struct session *s, enum side side, uint64_t record);
/* A call was sent to a lane; it is over. */
void upstream_sent(struct session *s, struct pending_request *request);
void upstream_done(struct session *s, enum side side);
/* In an event of @event: what can be sent is sent, what is over is answered, what is not needed any more is to end. */
void upstreams_settle(struct session *s, enum side event);
void upstreams_tick(struct session *s, enum side event);
uint64_t upstreams_deadline(const struct session *s);
/* Its process has ended. */
void upstream_ended(struct session *s, enum side side);
/* Other policies are in force; or a person has stopped everything, or parts of it. */
void upstreams_set_policy(struct session *s);
void upstreams_set_stops(struct session *s);
/* In an event of its side: the handshake has come to a good end; or the start to none. @why: a sentence without its end. */
void upstream_greeted(struct session *s, enum side side);
void upstream_fail(struct session *s, enum side event, enum side side, const char *reason, struct str why);
/* It is to end; or it need not even begin. */
void upstream_stop(struct session *s, enum side side, const char *why);
/* The lane's name; empty: the main upstream. */
struct str upstream_lane(const struct session *s, enum side side);

/* --- upstream_calls.c: calls whose upstream has ended --- */

/* In an event of @side: of the calls that it had, each is answered once; those that were cancelled are forgotten. */
void upstream_fail_calls(struct session *s, enum side side);
/* The main one's process has ended, for good: nothing is sent to any. */
void upstreams_main_ended(struct session *s);

/* --- waiting.c: what waits for an upstream --- */

/* Is there room for one more of that length? */
bool waiting_has_room(const struct session *s, size_t len);
/* The request, which has its struct call, waits with that line. 0 or negative with nothing changed. */
int waiting_add(struct session *s, struct pending_request *request, const struct ruling *r, struct str line);
/* As call_forgotten(). */
void waiting_free(struct session *s, struct waiting *w);
/* Sends the first. */
void waiting_send(struct session *s, enum side event, struct upstream *u);
/* It is not run: the client is told so. */
void waiting_refuse(struct session *s, enum side event, struct waiting *w, const char *reason, struct str text);
void waiting_refuse_all(struct session *s, enum side event, enum side side, const char *reason, struct str text);
/* Its time is up; @limit may be NULL. */
struct policy_limit;
void waiting_time_out(struct session *s, enum side event, struct waiting *w, const struct policy_limit *limit);
/* Its caller does not want it any more: nobody is told. */
void waiting_cancel(struct session *s, struct pending_request *request);
/* The client has gone. */
void waiting_drop_all(struct session *s);
/* Those that the policies' change, or a stop, has ended. */
void waiting_over_policy(struct session *s);
void waiting_over_stopped(struct session *s);
void waiting_over_grant(struct session *s, const struct grant_slot *grant);
void waiting_settle(struct session *s, enum side event);

/* --- greeting.c: the client's handshake, repeated --- */

/* The line of a client's message as it goes to the main server. @request: NULL for notifications. */
void greeting_hear(struct session *s, const struct rpc_message *m, const struct pending_request *request, struct str line);
/* In an event of the main server: its answer to that request has passed. */
void greeting_learn(struct session *s, const struct rpc_message *m, const struct pending_request *request);
/* In an event of @side: says it to a new process. False when there is nothing to say. */
bool greeting_send(struct session *s, enum side side);
/* Is it an answer to one of our own requests that waits for one? Then it has been dealt with. */
bool greeting_answer(struct session *s, enum side from, const struct rpc_message *m);

/* In an event of @event: a request of our own to @side, whose answer is passed over. */
void greeting_request(struct session *s, enum side event, enum side side, struct str method, struct str params);

/* --- replaced.c: another process in the main one's place --- */
void subscriptions_deinit(struct session *s);
/* A request of the client has gone to the main server; its answer has passed. */
void subscription_hear(struct session *s, const struct rpc_message *m, const struct pending_request *request);
void subscription_learn(struct session *s, const struct rpc_message *m, const struct pending_request *request);
void subscriptions_replay(struct session *s, enum side side);
/* The main server has ended: what it has asked and hosted is forgotten, in an event of its side. */
void main_lost(struct session *s);

/* --- decide_lane.c --- */

/* Where a call goes that policy lets pass or wants approved: r->to, or the ruling is a refusal. */
void decide_lane(struct session *s, struct ruling *r);
/* The last step: is there room for it to wait, if it must? */
void decide_waiting(struct session *s, const struct rpc_message *m, struct ruling *r);
/* Is the result a task, which no further message could be about? */
bool lane_makes_task(struct session *s, uint32_t result);
/* A request or notification of a lane's server. */
void decide_from_lane(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r);
