/* SPDX-License-Identifier: Apache-2.0
 *
 * What a session has used of its policies' limits. A call is reserved before it is recorded and sent: then it is either
 * settled, when nothing more is to be expected of it, or given back, when it surely has not taken effect. No clock: time
 * is told. Whatever cannot be counted is refused.
 */
#pragma once

#include "json.h"
#include "limit_store.h"
#include "policy_limits.h"

struct limits;

/* @store: for what outlives the session; borrowed; NULL: such limits refuse every call. 0 or -ENOMEM. */
int limits_new(struct limits **ret, struct policy_set *set, const struct limit_store *store);
struct limits *limits_free(struct limits *l); /* NULL is fine; returns NULL */

/* The limits of another set from now on; what has been used stays used, also of limits that are gone for a while. 0, or
 * -ENOMEM with the old ones in force. */
int limits_set_policy(struct limits *l, struct policy_set *set);

/* How many counters there are: those in force, and at most LIMIT_COUNTERS_KEPT (and one for each use of a call on its
 * way) that are not. */
size_t limits_counters(const struct limits *l);

enum limit_refusal_reason {
        LIMIT_UNCOUNTED = 0, /* the count could not be kept: `problem` says why */
        LIMIT_EXHAUSTED,
        LIMIT_CIRCUIT_OPEN, /* too many denials: nothing passes until the client starts the server anew */
        LIMIT_SESSION_OVER, /* the session has lasted too long */
        LIMIT_BYTES_USED,   /* the session's answers were too many bytes */
        LIMIT_BUSY,         /* too many calls wait for their answer */
        LIMIT_BAD_AMOUNT,   /* an amount that a sum needs cannot be read: `problem` says how */
};

/* Borrows from the policy set and from the limits; good until the next reservation. */
struct limit_refusal {
        enum limit_refusal_reason reason;
        const struct policy_limit *limit; /* NULL only with LIMIT_UNCOUNTED */
        struct str problem;
        struct amount used, add; /* LIMIT_EXHAUSTED */
        uint64_t frees_at_ms;    /* LIMIT_EXHAUSTED: real time; 0: not in this session, or never for this amount */
};

struct limit_call {
        bool is_tool;
        struct str name; /* of a tool: limits of tools speak of it */
        const struct json_doc *doc;
        uint32_t arguments; /* token of the arguments object; 0 = none */
        uint64_t now_ms, mono_ms;
};

/* What a call has taken, to be settled or given back; NULL: nothing. */
struct limit_ticket;

/* Has any policy limits? */
bool limits_any(const struct limits *l);

/* Takes one call from every limit, or nothing. False with *refusal. The first call of all begins the session's time, unless
 * limits_begin() has. */
bool limits_reserve(
        struct limits *l, const struct limit_call *call, struct limit_ticket **ret, struct limit_refusal *refusal);

/* Both take the ticket; NULL is fine. */
void limits_settle(struct limits *l, struct limit_ticket *ticket);
void limits_give_back(struct limits *l, struct limit_ticket *ticket);

/* The session's first message. */
void limits_begin(struct limits *l, uint64_t mono_ms);

/* A call was denied, by whatever. */
void limits_denied(struct limits *l);

/* An answer of so many bytes is to pass. NULL: it may, and counts. Else the limit that it is too large for; it must not pass,
 * and if it was the session's, no call is reserved any more. */
const struct policy_limit *limits_result(struct limits *l, uint64_t bytes);

/* The shortest `call.time`, or NULL. */
const struct policy_limit *limits_call_time(const struct limits *l);

/* For who made the call, which may be a model: which limit, and whether asking again helps. Nothing of this machine,
 * and not how the count could be begun anew. */
void limits_answer(const struct limit_refusal *refusal, struct buf *out);

/* For a person, on standard error and in the audit log: the same, where it lies and what would mend it. */
void limits_report(const struct limit_refusal *refusal, struct buf *out);
