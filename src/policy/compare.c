/* SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"

static bool is_same(const struct policy_set *a, size_t i, const struct policy_set *b, size_t j)
{
        return str_eq(policy_set_digest(a, i), policy_set_digest(b, j)) && str_eq(policy_set_path(a, i), policy_set_path(b, j));
}

/* A set narrows another when it holds all of its policies, in their order, and further ones: each policy decides alone, and
 * the strictest verdict wins. */
enum policy_change policy_set_compare(const struct policy_set *before, const struct policy_set *after)
{
        size_t found = 0;

        for (size_t j = 0; j < policy_set_count(after) && found < policy_set_count(before); j++)
                found += is_same(before, found, after, j);
        if (found < policy_set_count(before))
                return POLICY_WIDER;
        return policy_set_count(after) == found ? POLICY_SAME : POLICY_NARROWER;
}
