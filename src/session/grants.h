/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person lets through for a while beyond the user's policies (docs/approvals.md), for the session's owner, who has made
 * sure that it is a person and has compiled what is granted (policy_grant.h). Grants are nowhere but here: with the session they end.
 *
 * None of this is an event: it causes no output but through session_announce(). What is to be in force is so only when its
 * record has been written (law L6).
 */
#pragma once

#include "grant.h"
#include "policy_grant.h"
#include "session.h"

/* Why a grant on these terms cannot be taken now, for the person; NULL: it can. Static. */
const char *session_grant_refusal(const struct session *s, const struct grant_terms *terms, uint64_t now_ms);

struct grant_answer {
        struct grant_terms terms; /* nothing refuses them (grant_terms_refusal()) */
        struct str by;            /* as `approver` of a card_answer */
        struct str statement;     /* for the record; what has been signed, if anything has */
        struct str signature;     /* may be empty */
};

/* Takes a grant: a reference to @policy, which policy_set_is_grant() and compiled from @text. Its record is made, and the owner writes it and says
 * at once how that went, with session_grants_commit(): only then it is in force. 0 with *ret, valid until it is over; -EPERM with
 * *ret_why, static; -ENOMEM or another negative number when there is no memory for it or its record. */
int session_grant_add(struct session *s, const struct grant_answer *answer, struct policy_set *policy, struct str text,
        uint64_t now_ms, uint64_t mono_ms, const struct grant **ret, const char **ret_why);
void session_grants_commit(struct session *s, bool written);

/* Ends one, whether or not that can be recorded. 0, or -ENOENT. */
int session_grant_revoke(struct session *s, struct str id, struct str by, struct str because, uint64_t now_ms);

/* Ends all of them in the same way. Were there any? */
bool session_grants_revoke_all(struct session *s, struct str because, uint64_t now_ms);

/* The grant in force at or behind place *@at, with *@at behind it; NULL: there is none. */
const struct grant *session_grant(const struct session *s, size_t *at, uint64_t now_ms);

enum grant_change {
        GRANT_ADDED = 1,
        GRANT_EXPIRED,
        GRANT_REVOKED,
};

/* What has happened to grants, one at a time; false: nothing more. *ret is valid until the next call about grants or the next
 * event. */
bool session_take_grant_change(struct session *s, enum grant_change *ret_change, const struct grant **ret);

/* Has there been anything that a grant could be wanted for: tools listed or refused by policies that do not allow all? */
bool session_may_be_granted(const struct session *s);

/* --- for the files of this folder only --- */

enum grant_state {
        GRANT_NONE = 0,   /* the place is free */
        GRANT_UNRECORDED, /* taken, and not in force until its record is written */
        GRANT_LIVE,
        GRANT_OVER,       /* remembered until the owner has been told */
};

struct grant_slot {
        enum grant_state state;
        enum grant_change told; /* what the owner has still to be told; 0: nothing */
        struct grant grant;     /* its texts lie in `memory` */
        struct policy_set *policy;
        char *memory;
        uint64_t deadline_ms; /* monotonic */
};

struct grants {
        struct grant_slot slots[LIMIT_GRANTS];
        size_t count;     /* live ones */
        uint64_t made;
        bool wanted;
        struct policy_decision replaced; /* of the call at hand: what the policies had said */
};
