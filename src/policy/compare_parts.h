/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of comparing, for the files of this layer only. Every part asks one question in one direction: is all that the
 * policy @less lets through let through by the policy @more? Asked once for each direction.
 */
#pragma once

#include "compare.h"
#include "set.h"

/* What a part could not show, in a list; the texts are for people. */
struct comparing {
        struct policy_comparison *result;
        const struct policy_set *old_set, *new_set;
        struct policy_scratch *scratch;
        /* The pair and direction at hand */
        const struct policy *less, *more;
        enum policy_change change; /* what it is when it cannot be shown: WIDER when @less is the new one */
        bool failed;               /* no memory */
        bool any[POLICY_SAME + 1]; /* was there any difference of this sort? */
};

/* "old" or "new": the policy that is @more (or @less). */
const char *compare_more_name(const struct comparing *c);
const char *compare_less_name(const struct comparing *c);

/* @where: the policy that says it, or NULL; @shown: plain from the text. */
void compare_differs(struct comparing *c, const char *part, bool shown, const struct policy *where, uint32_t line,
        uint32_t column, const char *format, ...) __attribute__((format(printf, 7, 8)));

/* Does @more's rule take every call that @less's rule takes, as far as arguments go? */
bool compare_terms_allow(const struct comparing *c, const struct terms *more, const struct terms *less);
bool compare_terms_deny(const struct terms *more, const struct terms *less);

/* Is a call that the narrowing of @narrows leaves alone, and which @keeps takes and leaves alone, one and the same? */
bool compare_narrowing_kept(const struct terms *narrows, const struct terms *keeps);
/* Do both narrow the same in the same way? */
bool compare_narrowings_same(const struct terms *a, const struct terms *b);
/* Can what two rules narrow be done together, whatever the arguments are? */
bool compare_narrowings_agree(const struct terms *a, const struct terms *b);

/* Is the top-level key compared by what it means, or does it let nothing through? Any other is compared by its print. */
bool compare_knows_key(struct str key);

/* Every subject's rules. */
void compare_rules(struct comparing *c);
/* Everything else that a policy says. */
void compare_rest(struct comparing *c);

/* Texts that are tried out. What does not fit is left out. */
#define SAMPLES 400U
struct samples {
        struct arena *arena;
        struct str at[SAMPLES];
        size_t count;
};

void samples_add(struct samples *s, struct str text);
/* Names that the rules of the policy speak of, and some that they just do not. */
void samples_add_names(struct samples *s, const struct policy *p, enum policy_subject subject);
/* Names of @p's patterns with the texts of @other's in the place of wildcards: some are of both. */
void samples_add_meetings(
        struct samples *s, const struct policy *p, const struct policy *other, enum policy_subject subject);
/* JSON values at, below and above what the conditions ask for. */
void samples_add_values(struct samples *s, const struct condition *list);

/* Looks for calls that @result's two policies decide differently, and puts them to the differences. */
void compare_witnesses(struct comparing *c, const struct policy *old_policy, const struct policy *new_policy);
