/* SPDX-License-Identifier: Apache-2.0
 *
 * What is behind the public types, for the files of this layer only. The layer adds nothing to what the others decide: it reads
 * the caller's structures strictly, calls them, and copies what they say into texts that end in a NUL.
 */
#pragma once

#include <stdatomic.h>

#include <leastwise/decision.h>
#include <leastwise/error.h>
#include <leastwise/policy.h>

#include "cleanup.h"
#include "policy.h"
#include "policy_flow.h"

/* The texts of one layer. */
struct layer_texts {
        char *name, *purpose, *digest;
};

struct leastwise_policy {
        atomic_uint references;
        struct policy_set *set;
        struct layer_texts layers[LIMIT_POLICIES];
        uint64_t seed[2]; /* of the readers of arguments */
};

struct leastwise_marks {
        struct leastwise_policy *policy;
        struct policy_marks marks;
};

/* A copy that ends in a NUL, freed by mem_free(); 0 with NULL for an empty text; -LEASTWISE_ERROR_MEMORY. */
int text_copy(char **ret, struct str text);

/* The public error, negated, for a negative errno of the layers below; 0 for 0. */
int public_error(int negative_errno);

static inline void policy_set_unrefp(struct policy_set **set)
{
        policy_set_unref(*set);
}
