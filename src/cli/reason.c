/* SPDX-License-Identifier: Apache-2.0 */
#include "reason.h"

#include "printable.h"

#define PATH_BYTES 4096U

static const struct {
        const char *word, *text;
} reasons[] = {
        [POLICY_BY_RULE] = { "rule", "by a rule" },
        [POLICY_NO_RULE] = { "no_rule", "no rule matches, and what no rule allows is denied" },
        [POLICY_EXPIRED] = { "expired", "the policy's `until` is past" },
        [POLICY_BAD_NAME] = { "bad_name", "the name is empty, too long or has control characters in it" },
        [POLICY_AMBIGUOUS_URI] = { "ambiguous_uri", "the URI can be read in more than one way" },
        [POLICY_CONDITION] = { "condition", "a condition on the arguments does not hold" },
        [POLICY_UNNAMED_ARGUMENT] = { "unnamed_argument", "it has an argument that the rule does not name" },
        [POLICY_NARROW_CONFLICT] = { "narrow_conflict", "rules that match force different values on one argument" },
};

static size_t known(enum policy_reason reason)
{
        return (size_t)reason < sizeof(reasons) / sizeof(reasons[0]) && reasons[reason].word ? reason : POLICY_NO_RULE;
}

const char *reason_word(enum policy_reason reason)
{
        return reasons[known(reason)].word;
}

const char *reason_text(enum policy_reason reason)
{
        return reasons[known(reason)].text;
}

void place_append(struct buf *out, struct str file, uint32_t line, uint32_t column)
{
        printable_append(out, file, PATH_BYTES);
        if (line)
                buf_printf(out, ":%u:%u", line, column);
}
