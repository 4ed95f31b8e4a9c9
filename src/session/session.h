/* SPDX-License-Identifier: Apache-2.0
 *
 * The proxy's brain. Bytes of either peer, end of file and time go in; records and output come out. No IO, no
 * clock, no globals: libuv, golden tests, fuzzers and the simulator drive the same object.
 *
 * Every event (feed, end, tick, an answer to a card) is followed by three steps, in this order (law L6):
 *
 *   1. the owner writes audit_log_pending(log) if session_records_due(), and says how that went with
 *      session_commit(); when it could not be written, what the event would have forwarded is refused instead;
 *   2. the owner sends what session_output() gives, for both sides;
 *   3. when all of it has been sent (or its receiver is gone), session_release().
 *
 * Between 1 and 3 the side that the event came from must not be fed again: its output may point into its
 * input. The other side may be. That is the back-pressure: nobody is read while what he caused is unsent.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "audit.h"
#include "cards.h"
#include "limit.h"
#include "limit_store.h"
#include "pin_set.h"
#include "policy.h"
#include "redact.h"
#include "stops.h"

enum side {
        SIDE_CLIENT,
        SIDE_SERVER, /* the upstream that the client's messages go to, but for calls of a lane */
        SIDE_LANE,   /* the first of the upstreams of lanes; SIDE_LANE + i is policy_set_lane(policies in force, i)'s */
        SIDE_MAX_ = SIDE_LANE + LIMIT_LANES,
};

/* Where a person can be asked: what a card says of the session. All of it is borrowed for the session's life. */
struct session_asking {
        struct str session;     /* its ULID */
        const struct str *argv; /* the command that started the server */
        size_t argc;
        struct str server; /* the same as one printable line */
        int64_t client_pid;
        struct str agent; /* empty: not given */
};

struct session_config {
        struct policy_set *policy;       /* a reference is taken */
        struct pin_set *pins;            /* the same; NULL when nothing is pinned */
        struct audit_log *audit;         /* borrowed for the session's life */
        const struct redactor *redactor; /* borrowed; NULL when there are no secrets */
        const struct limit_store *limits; /* borrowed; what outlives the session is counted there; NULL: such limits refuse */
        const struct policy_host *host;  /* borrowed; NULL: paths are read by their text alone */
        uint64_t seed[2];                /* random */
        size_t line_limit;               /* 0 means LIMIT_LINE_BYTES */
        const struct session_asking *asking; /* NULL: nobody can be asked, and what needs an approval is refused */
        bool reloads;                    /* session_set_policy() may be called: clients are told that lists change */
};

struct session;

int session_new(struct session **ret, const struct session_config *config); /* 0 or -ENOMEM */
struct session *session_free(struct session *s);                           /* NULL is fine */

/* Where the next bytes from @side go: *ret_len bytes (at least 1) at *ret_ptr, valid until the next call about this
 * side. 0 or -ENOMEM. */
int session_input(struct session *s, enum side side, char **ret_ptr, size_t *ret_len);

/* @n bytes have been put there. @now_ms is real time, @mono_ms monotonic. 0, or -ENOMEM: somebody waits for an answer that
 * cannot be made, and the session is over. What stands in the output may still be sent. */
int session_feed(struct session *s, enum side side, size_t n, uint64_t now_ms, uint64_t mono_ms);

/* End of file from @side. The server's end answers every request still waiting with an error; that of a lane's those that it had. 0 or
 * -ENOMEM, as above. */
int session_end(struct session *s, enum side side, uint64_t now_ms, uint64_t mono_ms);

/* --- several upstreams (docs/lanes.md) ---
 *
 * The owner starts the first upstream by himself. That of a lane is started when session_take_upstream() says so, and what becomes of it
 * is said in events of its side, each followed by the three steps above. After any event there may be output for any side; what is for one
 * that has no process is thrown away. */

struct session_upstream {
        enum side side;
        bool start;      /* else it is to be stopped */
        struct str lane; /* its name; valid until the policies change */
};

/* What the owner is to do to the upstreams of lanes, one at a time; false: nothing more. To be called after session_commit(): what is
 * started here holds credentials, and the decision that wants it must be on record. A start may be asked for while the process before it
 * has not yet gone; a stop before the start has come to an end, which is then given up and counts as failed. */
bool session_take_upstream(struct session *s, struct session_upstream *ret);

/* The process of @side runs: a lane's that was asked for, or the one that takes the place of the main one after
 * session_upstream_lost(). 0; -EINVAL when nobody waits for one; -ENOMEM as that of session_feed(). */
int session_upstream_started(struct session *s, enum side side, uint64_t now_ms, uint64_t mono_ms);

/* A lane could not be started: nothing runs there. @why is for the client and the record: a printable sentence without its end, and
 * without a secret. 0 or -ENOMEM. */
int session_upstream_failed(struct session *s, enum side side, struct str why, uint64_t now_ms, uint64_t mono_ms);

/* In place of session_end(SIDE_SERVER): another process will take its place, session_upstream_started(), or none, session_end().
 * Meanwhile requests wait. Only when session_upstream_replaceable(). 0 or -ENOMEM. */
int session_upstream_lost(struct session *s, enum side side, uint64_t now_ms, uint64_t mono_ms);

/* From now on nothing new is sent to @side (@rest), or again. 0 or -ENOMEM. */
int session_upstream_rest(struct session *s, enum side side, bool rest, uint64_t now_ms, uint64_t mono_ms);

/* Is nothing under way at @side? Streams that a client listens to do not count. */
bool session_upstream_idle(const struct session *s, enum side side);

/* Can another process take the main one's place without the client's noticing more than the calls that it had? */
bool session_upstream_replaceable(const struct session *s);

/* --- calls that wait for a person (docs/approvals.md) --- */

/* The card at or behind place *@at that can be answered or is a grant, with *@at behind it; NULL: there is none. Valid until the next
 * event. */
const struct card *session_card(const struct session *s, size_t *at);

/* What a form that the client shows asks for, where one may; "": nothing. Only for those who may approve: whoever has it can have the
 * call run. Valid until the next event. */
const char *session_card_code(const struct session *s, const struct card *card);

struct card_answer {
        struct str id;
        const uint8_t *digest; /* what was answered about; NULL: not said */
        bool approve;
        struct str because;   /* of the person; may be empty */
        struct str approver;  /* "local", or the name of a principal */
        bool trusted;         /* the owner has verified that this one may approve; anybody may deny */
        struct str signature; /* for the record; may be empty */
};

/* A person's answer. Like session_feed() an event of SIDE_CLIENT, to be made only when that side's last output has been released. 0; -ENOENT,
 * -EPERM or -ENOMEM with nothing changed and *ret_why a sentence for the person; -EIO: as -ENOMEM of session_feed(). *ret_why is
 * static. After 0 it is NULL, or says what the person should know (that others must approve as well). */
int session_answer_card(
        struct session *s, const struct card_answer *answer, uint64_t now_ms, uint64_t mono_ms, const char **ret_why);

struct card_event {
        enum card_change change;
        const struct card *card; /* valid until the next event */
};

/* What has happened to cards since the last call, one at a time; false: nothing more. */
bool session_take_card_event(struct session *s, struct card_event *ret);

/* When session_tick() is due, in monotonic milliseconds; UINT64_MAX: not at all. Any event may change it. */
uint64_t session_deadline(const struct session *s);

/* Answers calls that have taken too long, and cancels them; tells callers that their call still waits for a person, or that it does no
 * more. It counts as an event of @side, whose last output must have been
 * released. 0 or -ENOMEM, as above. */
int session_tick(struct session *s, enum side side, uint64_t now_ms, uint64_t mono_ms);

/* Adds a record of the owner's own (start, stop, ...); it is due at once. 0 or negative. */
int session_note(struct session *s, const struct audit_event *event);

/* Puts other policies and pins (NULL: none) in force, both as if they had been from the start, for every message from the next one on;
 * references are taken. What is under way stays so: requests that wait, tasks, what has been counted and what has been seen of tools that
 * are pinned as before. 0; -ENOMEM with the old ones still in force. */
int session_set_policy(struct session *s, struct policy_set *policy, struct pin_set *pins);

/* Tells the client of it, in the way that its era allows, and answers the calls that waited for a person under the old
 * policies, or were stopped meanwhile: they do not run. An event of SIDE_SERVER, to be made only when that side's last
 * has been released, and to be followed by the same three steps. False when nothing has to be said or done. */
bool session_announce(struct session *s, uint64_t now_ms, uint64_t mono_ms);

/* From the next message on, what @stops stops is refused (NULL: nothing is), and what waited for a person or had been
 * approved is so no more; session_announce() then answers the calls that waited. The list is borrowed until the next
 * call; this is called again whenever it changes. */
void session_set_stops(struct session *s, const struct stop_list *stops);

/* Must the pending records be written before the output may leave? If not, they may wait for the next due
 * ones, but for no longer than a quarter of a second. */
bool session_records_due(const struct session *s);

/* How writing went; @side is the event's. Also called, with true, when nothing was due. */
void session_commit(struct session *s, enum side side, bool written, uint64_t now_ms);

/* The output of the last event of @from that goes to @to: segments in order, valid until session_release(@from). */
size_t session_output(struct session *s, enum side from, enum side to, const struct iovec **ret);
void session_release(struct session *s, enum side from);

struct session_stats {
        uint64_t requests;        /* of the client */
        uint64_t allowed, denied; /* messages, of either side, that policy decided about */
        uint64_t refused;         /* malformed, unknown, out of turn: answered with an error */
        uint64_t dropped;         /* gone nowhere, nobody answered */
        uint64_t answers;         /* of the proxy's own */
        uint64_t junk_lines;      /* of the server that are no message */
        uint64_t lost_records;
};
const struct session_stats *session_stats_get(const struct session *s);

/* A message for the person at the proxy's stderr (a denial, junk on stdout): takes the oldest, one printable line without
 * its newline; false when there is none. What is said twice in a row is counted instead, and the count said later. */
bool session_take_notice(struct session *s, struct str *ret);
