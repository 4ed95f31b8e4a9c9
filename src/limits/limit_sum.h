/* SPDX-License-Identifier: Apache-2.0
 *
 * The amount that a call adds to a sum. Nothing lowers a sum: whatever is not plainly an amount is refused.
 */
#pragma once

#include "json.h"
#include "policy_limits.h"

/* The amounts at the limit's path, added up. False with *ret_problem ("is missing") when there is none, or one cannot be read. */
bool limit_sum(const struct policy_limit *limit, const struct json_doc *doc, uint32_t arguments, struct amount *ret,
        const char **ret_problem);
