/* SPDX-License-Identifier: Apache-2.0
 *
 * Conditions held against conditions: whatever one list takes, does another take as well? Answers are proofs: "no" may also
 * mean that nothing could be shown. Files are not looked at, so that a directory within another one proves nothing: it may be
 * a link that leads out of it.
 */
#pragma once

#include "condition.h"

/* How a term of `when:` takes a value. */
struct taken {
        const struct condition *conditions;
        bool optional;
        struct str cwd;
};

/* In an allow or approve rule: is @wide true of every value (and of none) that @narrow is true of? */
bool conditions_allow_covers(const struct taken *wide, const struct taken *narrow, struct policy_scratch *scratch);

/* The same in a deny rule, where doubt is true. */
bool conditions_deny_covers(const struct taken *wide, const struct taken *narrow);

/* Is every number of at most so much, and so on, that @list takes not above (not below) @bound? For values that are there. */
bool conditions_keep_most(const struct condition *list, const struct decimal *bound);
bool conditions_keep_least(const struct condition *list, const struct decimal *bound);
