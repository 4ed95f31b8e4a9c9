/* SPDX-License-Identifier: Apache-2.0
 *
 * Drives a session engine as its owner would, without IO: what goes to each peer is collected, records are "written" to memory
 * or, on demand, cannot be.
 */
#pragma once

#include <stdbool.h>

#include "grants.h"
#include "session.h"

struct driver {
        struct session *session;
        struct audit_log *audit;
        struct policy_set *policy;
        struct redactor *redactor;
        struct buf to[SIDE_MAX_]; /* everything sent to that side */
        struct buf records;
        struct buf asked; /* what the session wants done to upstreams: "start 0 NAME", a line each; 0 is the first lane */
        struct limit_memory *limit_memory;
        struct limit_store limits;
        bool disk_full;
        bool over; /* the session said that it cannot go on */
        uint64_t now_ms;
};

/* Starts a session under the policy text; aborts the test when that is not valid. @secret may be NULL. */
void driver_start(struct driver *d, struct str policy, const char *secret);
/* The same under a policy that is loaded once for many sessions. */
struct policy_set *driver_policy(struct str text);
void driver_start_with(struct driver *d, struct policy_set *policy, const char *secret);
/* And with tools pinned (@pins may be NULL), or to be put under another policy later. */
void driver_start_pinned(struct driver *d, struct policy_set *policy, struct pin_set *pins, bool reloads, const char *secret);
/* And with somebody who can be asked (@asking may be NULL; it must outlive the session). */
void driver_start_asking(struct driver *d, struct policy_set *policy, struct pin_set *pins, bool reloads, const char *secret,
        const struct session_asking *asking);
/* A person answers a card, and the steps that follow. */
int driver_answer(struct driver *d, const struct card_answer *answer, const char **ret_why);
/* Another policy comes into force, and the client is told. */
void driver_set_policy(struct driver *d, struct policy_set *policy, struct pin_set *pins);
/* A person has stopped something (docs/approvals.md), or resumed it (NULL), and the client is told. The list is
 * borrowed. */
void driver_set_stops(struct driver *d, const struct stop_list *stops);
/* A person grants something (as "local"): 0 with the grant's id; a negative number with *ret_why, or NULL, when it is not in force. */
int driver_grant(struct driver *d, const struct grant_terms *terms, char ret_id[static CARD_ID_BYTES], const char **ret_why);
/* And takes it back. */
int driver_revoke(struct driver *d, const char *id);
/* The administrator's policies, the first @administrators, and others behind them. */
struct policy_set *driver_policies(const struct str *texts, size_t count, size_t administrators);
void driver_stop(struct driver *d);

/* What the owner says of upstreams, and the steps that follow. */
int driver_upstream_started(struct driver *d, enum side side);
int driver_upstream_failed(struct driver *d, enum side side, const char *why);
int driver_upstream_lost(struct driver *d, enum side side);
int driver_upstream_rest(struct driver *d, enum side side, bool rest);

/* Bytes of one peer in one read, and the steps that follow. */
void driver_feed(struct driver *d, enum side side, struct str bytes);
/* So many milliseconds later. */
void driver_wait(struct driver *d, uint64_t ms);
void driver_end(struct driver *d, enum side side);

/* The contents of a file, NUL-terminated behind its length; aborts when it cannot be read. Freed by mem_free(). */
struct str driver_read_file(const char *path);
