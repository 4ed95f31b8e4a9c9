/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts and reasons as the public headers number and name them.
 */
#include "decision.h"

enum leastwise_verdict public_verdict(enum verdict verdict)
{
        switch (verdict) {
        case VERDICT_ALLOW:
                return LEASTWISE_ALLOW;
        case VERDICT_APPROVE:
                return LEASTWISE_APPROVE;
        case VERDICT_DENY:
                break;
        }
        return LEASTWISE_DENY;
}

enum leastwise_reason public_reason(enum policy_reason reason)
{
        switch (reason) {
        case POLICY_BY_RULE:
                return LEASTWISE_REASON_RULE;
        case POLICY_NO_RULE:
                return LEASTWISE_REASON_NO_RULE;
        case POLICY_EXPIRED:
                return LEASTWISE_REASON_EXPIRED;
        case POLICY_BAD_NAME:
                return LEASTWISE_REASON_BAD_NAME;
        case POLICY_AMBIGUOUS_URI:
                return LEASTWISE_REASON_AMBIGUOUS_URI;
        case POLICY_CONDITION:
                return LEASTWISE_REASON_CONDITION;
        case POLICY_UNNAMED_ARGUMENT:
                return LEASTWISE_REASON_UNNAMED_ARGUMENT;
        case POLICY_NARROW_CONFLICT:
                return LEASTWISE_REASON_NARROW_CONFLICT;
        }
        return (enum leastwise_reason)0;
}

const char *leastwise_verdict_name(enum leastwise_verdict verdict)
{
        return verdict == LEASTWISE_ALLOW ? "allow" : verdict == LEASTWISE_APPROVE ? "approve" : "deny";
}

/* As src/session writes them into records; it has no definitions that cannot be read, for their list would not pass. */
const char *leastwise_reason_name(enum leastwise_reason reason)
{
        static const char *const words[] = {
                [LEASTWISE_REASON_RULE] = "rule",
                [LEASTWISE_REASON_NO_RULE] = "no-rule",
                [LEASTWISE_REASON_EXPIRED] = "policy-expired",
                [LEASTWISE_REASON_BAD_NAME] = "bad-name",
                [LEASTWISE_REASON_AMBIGUOUS_URI] = "ambiguous-uri",
                [LEASTWISE_REASON_CONDITION] = "condition",
                [LEASTWISE_REASON_UNNAMED_ARGUMENT] = "unnamed-argument",
                [LEASTWISE_REASON_NARROW_CONFLICT] = "narrow-conflict",
                [LEASTWISE_REASON_ARGUMENTS] = "bad-params",
                [LEASTWISE_REASON_SCHEMA] = "schema-mismatch",
                [LEASTWISE_REASON_DEFINITION] = "bad-definition",
        };
        const unsigned index = (unsigned)reason;

        return index >= 1 && index < sizeof(words) / sizeof(words[0]) ? words[index] : "unknown";
}

const char *leastwise_schema_name(enum leastwise_schema schema)
{
        static const char *const words[] = {
                [LEASTWISE_SCHEMA_NOT_EVALUATED] = "not-evaluated",
                [LEASTWISE_SCHEMA_MISMATCH] = "mismatch",
                [LEASTWISE_SCHEMA_FITS] = "fits",
                [LEASTWISE_SCHEMA_UNKNOWN] = "unknown",
                [LEASTWISE_SCHEMA_NOT_CHECKED] = "not-checked",
        };
        const unsigned index = (unsigned)schema;

        return words[index < sizeof(words) / sizeof(words[0]) ? index : LEASTWISE_SCHEMA_NOT_EVALUATED];
}
