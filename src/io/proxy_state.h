/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of one proxy, shared by the files of its jobs: proxy.c (start and end), proxy_flow.c (messages), proxy_life.c
 * (signals, and what the end of one of its parts means for the others). Each of its servers is a struct upstream.
 */
#pragma once

#include <sys/stat.h>
#include <uv.h>

#include "card_programs.h"
#include "control.h"
#include "control_place.h"
#include "fetch.h"
#include "inlet.h"
#include "launch.h"
#include "limits_file.h"
#include "life.h"
#include "outlet.h"
#include "own_stdio.h"
#include "proxy.h"
#include "proxy_grants.h"
#include "proxy_stops.h"
#include "recorder.h"
#include "session.h"
#include "stderr_gate.h"
#include "upstream.h"

#define PROXY_SIGNALS 3U
/* Watched directories: for each policy and each lock two, should links lead to them; the administrator's; the one of trust, and the one
 * that it is made in. */
#define PROXY_WATCHES (14U * LIMIT_POLICIES + 3U)

/* No pipe holds more: what still comes after the group's end comes from a process that has left the group. */
#define PROXY_DRAIN_BYTES (2U << 20)

/* One side, and what its last event caused. */
struct peer {
        struct proxy *proxy;
        enum side side;
        struct upstream *upstream; /* the process there; NULL: none, or the client */
        struct inlet *in;          /* NULL: there is nobody */
        struct outlet *out;
        unsigned unsent; /* sends of this side's last event that are under way; it is not read meanwhile */
        bool ended;      /* its end of file has been told to the session */
        bool drain;      /* what is there is all there will be: EAGAIN counts as the end */
        size_t drained;  /* bytes read since */
};

/* What is to happen at a side where a process can be started. */
struct place {
        struct proxy *proxy;
        enum side side;
        char name[65];       /* the lane's */
        struct fetch *fetch; /* under way */
        bool wanted;         /* one is to be started */
        bool cancelled;      /* nobody wants any more what is being fetched */
        bool unwanted;       /* the session is to be told that nothing came of it */
        bool untold;         /* the session is to be told that the process has ended */
};

/* How often a server that fails is started again: one that cannot be helped is not started for ever. */
#define RESTART_MOST 5U

/* The main server's place while it is empty. */
struct restart {
        uv_timer_t timer;
        uint64_t times[RESTART_MOST]; /* of failures, monotonic */
        unsigned failures;
        uint64_t pause_ms;
        bool replacing; /* the session waits for another one */
        bool renewing;  /* the one before was ended by us, for its credentials */
        bool gave_up;   /* the session has been told that there will be none */
        /* What has been fetched for the next one already; policy NULL: nothing. */
        struct launch_secrets secrets;
        struct policy_launch launch; /* of @policy, a reference */
        struct policy_set *policy;
};

/* What a card says of the session. */
struct asking_facts {
        struct session_asking asking;
        struct str *argv;
        struct buf server;
        pid_t parent; /* what started us: the client, or a shell or sudo of its */
};

/* How persons are reached; all of it made when a call first waits for one. */
struct people {
        struct control *control;
        uv_timer_t control_timer; /* data NULL: not yet used */
        struct card_programs *programs;
        bool tried; /* to make the socket */
        int dir;    /* where it is */
        char name[CONTROL_NAME_BYTES];
        char answering[CARD_ID_BYTES];  /* during an answer */
        struct control_result outcome;  /* what became of that card */
        struct signed_grants grants;
};

struct proxy {
        const struct proxy_config *config;
        uv_loop_t loop;
        uv_signal_t signals[PROXY_SIGNALS], child_signal;
        uv_timer_t late_timer, call_timer;
        struct peer peers[SIDE_MAX_];
        struct place places[SIDE_MAX_];
        struct restart restart;
        struct inlet client_in;
        struct outlet client_out;
        struct policy_set *policy; /* in force; a reference */
        struct pin_set *pins;      /* the same; may be NULL */
        struct approvers *approvers; /* the same; NULL: whoever is at this machine may answer */
        uv_fs_event_t *watches[PROXY_WATCHES]; /* ours, until each is closed */
        unsigned watch_count;
        uv_timer_t reload_timer;
        bool reload_armed;      /* the reload timer runs */
        bool reload_asked;      /* by SIGHUP: there is always an answer on stderr */
        bool announce_waits;    /* the client takes nothing at the moment */
        struct buf reload_said; /* why the changed files are not in force */
        struct stop_watch stops;
        struct stderr_gate gate;
        struct redactor *redactor; /* of all credentials that have been fetched */
        uint64_t dropped_stderr;   /* bytes of servers that have ended */
        struct session *session;
        struct recorder recorder;
        struct limit_files *limit_files;
        struct limit_store limits;
        struct asking_facts asking;
        struct people people;
        struct child guard; /* the guardian; each upstream shares in it */
        mode_t mask;        /* what our umask was */
        int signal;         /* the first that we got; 0: none */
        bool from_file;     /* our stdin is a file */
        bool ending;        /* the client has ended, or we are to */
        bool over;          /* the main server's life is, and so the session: what is left is on its way out */
        siginfo_t exit;     /* of the main server; si_pid 0 until it has exited */
        const char *reason; /* for the stop record: what ended it first */
        bool late_armed;    /* the late timer runs */
        bool audit_failing; /* said on stderr once, until it works again */
        bool broken;        /* out of memory within the session */
};

/* --- proxy_flow.c --- */

/* Connects the client, and begins to read. 0 or -errno. */
int proxy_flow_open(struct proxy *p);
void proxy_flow_close(struct proxy *p);
/* From here on @u is who is at its side, and is read. */
void proxy_flow_attach(struct proxy *p, struct upstream *u);
/* Nobody is any more; @u is released. */
void proxy_flow_detach(struct proxy *p, struct upstream *u);
/* Reads that side's stdout until it is empty, and counts that as its end. */
void proxy_flow_drain(struct proxy *p, enum side side);
/* Says LIFE_FLUSHED when it is so. */
void proxy_flow_check_flushed(struct proxy *p, enum side side);
/* There is something to read from @side. */
void proxy_flow_readable(struct proxy *p, enum side side);
/* A send that @side's last event caused has gone at last. */
void proxy_flow_sent(struct proxy *p, enum side side);
/* A line "leastwise: ..." on stderr, without secrets, never blocking. */
void proxy_say(struct proxy *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Appends what a person wrote: secrets are taken out before it is made printable and cut to @most bytes, for of half a secret nothing is found. */
void proxy_append_told(struct proxy *p, struct buf *b, struct str text, size_t most);

/* Before the first message is looked at, or something else is to be put on record; once. 0 or -errno. */
int proxy_flow_start_records(struct proxy *p, uint64_t now_ms);
/* What is pending, and what a person should know of how that went. True when it is in the file. */
bool proxy_flow_write_records(struct proxy *p);
/* Tells the client that its lists may have changed, as soon as it can be told. */
void proxy_flow_announce(struct proxy *p);

/* --- proxy_asking.c --- */

/* 0 or -ENOMEM. */
int proxy_asking_open(struct proxy *p);
void proxy_asking_close(struct proxy *p);

/* The three steps after an event of @side (session.h), for those who make events elsewhere. */
void proxy_flow_complete(struct proxy *p, enum side side, uint64_t now_ms);
/* Out of memory within the session: it ends. */
void proxy_flow_fail(struct proxy *p);

/* --- proxy_control.c --- */

/* Passes on what has happened to cards and grants in an event. */
void proxy_control_events(struct proxy *p);
/* The client's side is free for events. */
void proxy_control_released(struct proxy *p);
/* A child of ours has ended. */
void proxy_control_reap(struct proxy *p);
/* To those that watch: one printable line. */
void proxy_control_notice(struct proxy *p, struct str text);
/* What is stopped has changed. */
void proxy_control_stops(struct proxy *p);
void proxy_control_close(struct proxy *p);
/* Does the session end? */
bool proxy_control_is_over(const struct proxy *p);
/* Why a process may not approve or grant; NULL: it may. */
const char *proxy_control_local_refusal(const struct proxy *p, const struct peer_process *from);

/* --- proxy_upstreams.c --- */

void proxy_upstreams_open(struct proxy *p);
/* Does what the session has asked for in an event. */
void proxy_upstreams_events(struct proxy *p);
/* What @side's last event caused has gone: perhaps something waited for that. */
void proxy_upstreams_advance(struct proxy *p, enum side side);
/* The same of all lanes: those that were wanted while the main server was about to end. */
void proxy_upstreams_advance_lanes(struct proxy *p);
/* The life of a lane's server is over. */
void proxy_upstreams_over(struct upstream *u);
/* Calls off whatever is being fetched. */
void proxy_upstreams_close(struct proxy *p);

/* --- proxy_restart.c --- */

void proxy_restart_open(struct proxy *p);
void proxy_restart_close(struct proxy *p);
/* Is the session told of the main server's end only when it is known how it ended? */
bool proxy_restart_holds(const struct proxy *p);
/* It is known: tells it. */
void proxy_restart_tell(struct proxy *p, const struct upstream *u);
/* The main server's life is over: true when another one will take its place, and @u has been released. */
bool proxy_restart_over(struct upstream *u);
/* Another one could not be started. */
void proxy_restart_failed(struct proxy *p, struct str why);
/* Another one runs. */
void proxy_restart_done(struct proxy *p);
/* There will be none: tells the session. */
void proxy_restart_give_up(struct proxy *p);
/* Takes these for the next one. */
void proxy_restart_keep(struct proxy *p, const struct fetched *f);
void proxy_restart_forget(struct proxy *p); /* idempotent */

/* --- proxy_renew.c --- */

/* The server of @u runs: minds when its credentials run out. */
void proxy_renew_arm(struct upstream *u);
/* Something has happened: perhaps one that is to be replaced has nothing under way any more. */
void proxy_renew_look(struct proxy *p);

/* --- proxy_reload.c --- */

/* Begins to watch. 0 or -errno. */
int proxy_reload_open(struct proxy *p);
void proxy_reload_close(struct proxy *p);
/* Looks for changes now. False when nothing can be loaded. */
bool proxy_reload_asked(struct proxy *p);

/* --- proxy_life.c --- */

int proxy_life_open(struct proxy *p);
/* From here on signals end the session in order. Before, while programs fetch credentials, they end us at once, and the
 * guardian whatever we had started. 0 or -errno. */
int proxy_life_watch(struct proxy *p);
void proxy_life_close(struct proxy *p);
/* The client has ended or we are to: every upstream is told. @reason is kept if it is the first. */
void proxy_life_event(struct proxy *p, enum life_event event, const char *reason);
/* Something has happened to one upstream that may end the session: kept if it is the first, and of the main one. */
void proxy_life_note(const struct upstream *u, const char *reason);
/* Its life is over. */
void proxy_life_over(struct upstream *u);
/* There is no main server any more, and what was said last has gone. */
void proxy_life_end(struct proxy *p);
/* Has an upstream's leader exited? For the time before its signal could be seen. */
void proxy_life_check_exits(struct proxy *p);
/* Nothing has begun to end the session yet. */
bool proxy_is_running(const struct proxy *p);
