/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern.h"
#include "policy_limits.h"
#include "set.h"

size_t policy_set_limit_count(const struct policy_set *set)
{
        size_t count = 0;

        for (size_t i = 0; i < set->count; ++i)
                count += set->policies[i].limit_count;
        return count;
}

const struct policy_limit *policy_set_limit(const struct policy_set *set, size_t index)
{
        for (size_t i = 0; i < set->count; ++i) {
                if (index < set->policies[i].limit_count)
                        return &set->policies[i].limits[index];
                index -= set->policies[i].limit_count;
        }
        return NULL;
}

bool policy_limit_covers(const struct policy_limit *limit, struct str tool)
{
        for (size_t i = 0; i < limit->pattern_count; ++i) {
                if (pattern_match(&limit->patterns[i], tool) != MATCH_NO)
                        return true;
        }
        return false;
}
