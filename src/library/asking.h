/* SPDX-License-Identifier: Apache-2.0
 *
 * A request of a caller on its way to a decision: read strictly, then settled (decided, narrowed, decided again, and held against
 * the tool's schema). Nothing is decided about that is not also what is sent: the arguments are the canonical form of what was given.
 */
#pragma once

#include "host.h"
#include "schema.h"

struct asking {
        const struct leastwise_policy *policy;
        struct leastwise_request given;
        struct policy_request request; /* once settled: of what would be sent */
        struct host host;
        struct policy_scratch *scratch;
        struct buf call;     /* the canonical arguments in a list, so that no token of theirs is the root */
        struct buf narrowed; /* the same, narrowed */
        struct json_doc doc, narrowed_doc;
        struct buf problem; /* why the arguments cannot be read: a denial */
        bool is_narrowed;
        bool is_ruled; /* the rules were asked; false: what was asked cannot be read */
        struct policy_decision decision;
        /* asking_schema.c: */
        enum leastwise_schema schema;
        char schema_keyword[SCHEMA_KEYWORD_BYTES];
        enum leastwise_reason refused; /* by the schema, in spite of the rules: LEASTWISE_REASON_SCHEMA or _DEFINITION; else 0 */
        char refusal[SCHEMA_REFUSAL_BYTES];
};

/* What the engine calls it; false when there is no such subject. */
bool asking_subject(enum leastwise_subject subject, enum policy_subject *ret);

/* Reads the request; @a is to be deinitialised in either case. 0 or a public error. */
int asking_begin(struct asking *a, const struct leastwise_policy *policy, const struct leastwise_request *request);
/* The same of its subject, name and time alone, for lists. */
int asking_begin_list(struct asking *a, const struct leastwise_policy *policy, const struct leastwise_request *request);
void asking_deinit(struct asking *a);

/* Decides. 0 or a public error. */
int asking_settle(struct asking *a);

/* --- asking_schema.c --- */

/* Holds the arguments, as they came and as they would be sent, against the tool's schema: a->decision can only become a denial. 0 or
 * -LEASTWISE_ERROR_MEMORY. */
int asking_fit(struct asking *a);
