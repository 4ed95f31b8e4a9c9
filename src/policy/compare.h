/* SPDX-License-Identifier: Apache-2.0
 *
 * Two policies held against each other: does the new one let less reach the server than the old one, more, both, or the same?
 *
 * "Narrower" and "same" are proofs: whatever the new policy lets reach the server, the old one would have let reach it as it
 * is, and asked at least as little for it. What cannot be proved counts as wider, and says so. A change of the server's command,
 * environment or credentials is always wider: nobody can say what another server does. Both sets must have been made with the
 * same bindings, and without `any_binding`.
 */
#pragma once

#include "arena.h"
#include "policy.h"

/* Memory of zeros claims nothing. */
enum policy_change {
        POLICY_BOTH = 0, /* more of one thing, less of another, or not comparable */
        POLICY_WIDER,
        POLICY_NARROWER,
        POLICY_SAME,
};

const char *policy_change_name(enum policy_change change); /* "both", "wider", "narrower", "same" */

/* A call that the two policies decide differently, found by asking the evaluator. */
struct policy_witness {
        enum policy_subject subject;
        struct str name;
        struct str arguments; /* JSON; empty: none */
        enum verdict old_verdict, new_verdict;
        bool old_changes, new_changes; /* the arguments would be narrowed further */
        uint32_t old_by, new_by;       /* so many people are asked; 0: nobody */
};

struct policy_difference {
        enum policy_change change; /* WIDER or NARROWER */
        bool shown;                /* a witness, or plain from the text; else it only could not be shown otherwise */
        const char *part;          /* the top-level key: "tools" */
        struct str text;           /* for people: what it is that differs */
        struct str file;           /* where it is said, in the policy that says it */
        uint32_t line, column;     /* 0: nowhere, it is missing */
        bool has_witness;
        struct policy_witness witness;
};

struct policy_comparison {
        enum policy_change change;
        struct policy_difference *items; /* wider ones first */
        size_t count;
        size_t dropped; /* past LIMIT_DIFFERENCES; counted in `change` all the same */
        struct arena arena; /* of the texts; what else they borrow is the two sets' */
};

/* Compares policy by policy, those of one path (with a single one each: those two). @witnesses: look for them as well, which
 * takes longer. 0 or -ENOMEM; in both cases deinit. */
int policy_compare(struct policy_comparison *ret, const struct policy_set *old_set, const struct policy_set *new_set,
        bool witnesses);
void policy_comparison_deinit(struct policy_comparison *comparison); /* idempotent */

/* For who wants to know whether @after may be put in force without asking; both for the same agent. SAME only for the same
 * bytes: what differs in words alone is NARROWER. Lack of memory is BOTH. */
enum policy_change policy_set_compare(const struct policy_set *before, const struct policy_set *after);

/* Do both start the server in the same way, with the same credentials, and record alike? What they say about that counts when a
 * server is started, and at no other time. */
bool policy_set_starts_alike(const struct policy_set *before, const struct policy_set *after);
