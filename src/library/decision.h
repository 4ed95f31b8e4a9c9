/* SPDX-License-Identifier: Apache-2.0
 *
 * The decision that a caller keeps: everything copied, so that it outlives the policy. For the files of this layer only.
 */
#pragma once

#include "asking.h"

/* Where a text stands in the decision's; 0: there is none. */
struct text_at {
        uint32_t at;
};

struct leastwise_decision {
        enum leastwise_verdict verdict;
        enum leastwise_reason reason;
        uint32_t line, column, by;
        enum leastwise_schema schema;
        bool is_narrowed;
        struct buf texts; /* one behind the other, each with a NUL; the first byte is nobody's */
        struct text_at text, policy, source, rule, because, condition, say, undo, lane, schema_keyword;
        struct text_at arguments;
        size_t arguments_length;
};

/* Of a request that has been settled. 0, or -LEASTWISE_ERROR_MEMORY. */
int decision_new(struct leastwise_decision **ret, const struct asking *a);

enum leastwise_verdict public_verdict(enum verdict verdict);
enum leastwise_reason public_reason(enum policy_reason reason);
