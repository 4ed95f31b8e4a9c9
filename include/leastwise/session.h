/* SPDX-License-Identifier: Apache-2.0
 *
 * The proxy's brain, for programs that bring their own event loop: bytes of either peer and time go in, records and bytes come
 * out. It counts `limits:`, follows `flow:`, filters lists and answers what it refuses, as `leastwise run` does.
 *
 * UNSTABLE: anything here may change with any version, and the symbols have a version of their own (LEASTWISE_UNSTABLE). Define
 * LEASTWISE_USE_UNSTABLE to say that you know.
 *
 * Every event (feed, end, tick) is followed by three steps, in this order:
 *
 *   1. leastwise_session_records_due(): when 1, write leastwise_session_records() to where records are kept;
 *      leastwise_session_commit() says how that went. What cannot be recorded is refused instead of done;
 *   2. send what leastwise_session_output() gives, to both sides;
 *   3. when all of it is sent, or its receiver is gone, leastwise_session_release().
 *
 * Between 1 and 3 the side that the event came from must not be fed again; the other may be. One session is for one thread at a
 * time; sessions of one policy may run in different threads.
 */
#ifndef LEASTWISE_SESSION_H
#define LEASTWISE_SESSION_H

#ifndef LEASTWISE_USE_UNSTABLE
#error "leastwise/session.h is not stable: define LEASTWISE_USE_UNSTABLE to use it all the same"
#endif

#include <stddef.h>
#include <stdint.h>

#include <leastwise/decision.h>
#include <leastwise/policy.h>

#ifdef __cplusplus
extern "C" {
#endif

enum leastwise_side {
        LEASTWISE_CLIENT = 0,
        LEASTWISE_SERVER = 1,
        _LEASTWISE_SIDE_FORCE_INT = 0x7fffffff
};

enum leastwise_records {
        LEASTWISE_RECORDS_LOST = 0,    /* they cannot be written: what they are about is refused */
        LEASTWISE_RECORDS_WRITTEN = 1, /* all that leastwise_session_records() gave */
        LEASTWISE_RECORDS_WAIT = 2,
        _LEASTWISE_RECORDS_FORCE_INT = 0x7fffffff
};

/* A text that must not leave: in what goes to the client and into records "[redacted:NAME]" stands in its place. */
struct leastwise_secret {
        size_t size; /* sizeof(struct leastwise_secret); the same in each of an array */
        const char *name;
        const char *value; /* at least 8 bytes; copied */
        size_t value_length;
};

struct leastwise_session_config {
        size_t size; /* sizeof(struct leastwise_session_config) */
        struct leastwise_policy *policy; /* a reference is taken */
        uint64_t now_ms; /* the time in milliseconds since 1970; never 0 */
        const struct leastwise_secret *secrets;
        size_t secret_count;
        const unsigned char *digest_key; /* 32 bytes that key the digests of arguments; NULL: chosen at random */
        leastwise_resolve_fn resolve;    /* as in a request */
        void *userdata;                  /* of @resolve */
};

struct leastwise_session;

/* A session of the policy. Limits that outlive a session are not kept here: calls that would draw on one are refused, and so are
 * calls that need approval, for nobody can be asked. 0 with
 * *ret owned by the caller; -LEASTWISE_ERROR_ARGUMENT, -LEASTWISE_ERROR_MEMORY, -LEASTWISE_ERROR_RANDOM;
 * -LEASTWISE_ERROR_NOT_ENFORCED when the policy has `pins:` or `lanes:`, which no session of the library follows. */
int leastwise_session_new(struct leastwise_session **ret, const struct leastwise_session_config *config);

/* Frees it; returns NULL. NULL is fine. */
struct leastwise_session *leastwise_session_free(struct leastwise_session *session);

/* Where the next bytes from @side go: *ret_length bytes (at least 1) at *ret, valid until the next call about this side. 0 or
 * negative. */
int leastwise_session_input(struct leastwise_session *session, enum leastwise_side side, char **ret, size_t *ret_length);

/* Events. @count bytes have been put there; end of file; a deadline is past. @now_ms is the time, @monotonic_ms a clock that is
 * never set. 0; negative: the session is over, but its output may still be sent. */
int leastwise_session_feed(struct leastwise_session *session, enum leastwise_side side, size_t count, uint64_t now_ms,
        uint64_t monotonic_ms);
int leastwise_session_end(
        struct leastwise_session *session, enum leastwise_side side, uint64_t now_ms, uint64_t monotonic_ms);
int leastwise_session_tick(
        struct leastwise_session *session, enum leastwise_side side, uint64_t now_ms, uint64_t monotonic_ms);

/* When leastwise_session_tick() is due, by the monotonic clock; UINT64_MAX: not at all. Any event may change it. */
uint64_t leastwise_session_deadline(const struct leastwise_session *session);

/* 1 when the records must be written before the output may leave; 0 when they may wait, a quarter of a second at the most. */
int leastwise_session_records_due(const struct leastwise_session *session);
/* The records that wait: whole lines (docs/audit.md), *ret_length bytes, valid until the next event or commit. */
const char *leastwise_session_records(const struct leastwise_session *session, size_t *ret_length);
/* How writing them went. Call it after every event: LEASTWISE_RECORDS_WAIT when none were due and none were written; said of
 * records that are due it counts as LEASTWISE_RECORDS_LOST. */
void leastwise_session_commit(
        struct leastwise_session *session, enum leastwise_side side, enum leastwise_records records, uint64_t now_ms);

/* Piece number @index (from 0) of what the last event of @from sends to @to: 1 with the piece, valid until the release; 0 past
 * the last. */
int leastwise_session_output(struct leastwise_session *session, enum leastwise_side from, enum leastwise_side to, size_t index,
        const char **ret, size_t *ret_length);
void leastwise_session_release(struct leastwise_session *session, enum leastwise_side from);

#ifdef __cplusplus
}
#endif

#endif
