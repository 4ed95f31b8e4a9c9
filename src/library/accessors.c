/* SPDX-License-Identifier: Apache-2.0
 *
 * What a decision tells. Of no decision the answer is always the strictest.
 */
#include "decision.h"

static const char *text_of(const struct leastwise_decision *decision, struct text_at text)
{
        return text.at ? decision->texts.data + text.at : NULL;
}

enum leastwise_verdict leastwise_decision_verdict(const struct leastwise_decision *decision)
{
        return decision ? decision->verdict : LEASTWISE_DENY;
}

enum leastwise_reason leastwise_decision_reason(const struct leastwise_decision *decision)
{
        return decision ? decision->reason : (enum leastwise_reason)0;
}

const char *leastwise_decision_text(const struct leastwise_decision *decision)
{
        return decision ? text_of(decision, decision->text) : "deny: nothing was decided";
}

const char *leastwise_decision_arguments(const struct leastwise_decision *decision, size_t *ret_length)
{
        if (ret_length)
                *ret_length = decision ? decision->arguments_length : 0;
        return decision ? text_of(decision, decision->arguments) : NULL;
}

int leastwise_decision_is_narrowed(const struct leastwise_decision *decision)
{
        return decision && decision->is_narrowed;
}

const char *leastwise_decision_policy(const struct leastwise_decision *decision)
{
        return decision ? text_of(decision, decision->policy) : NULL;
}

const char *leastwise_decision_source(const struct leastwise_decision *decision)
{
        return decision ? text_of(decision, decision->source) : NULL;
}

const char *leastwise_decision_rule(const struct leastwise_decision *decision)
{
        return decision ? text_of(decision, decision->rule) : NULL;
}

const char *leastwise_decision_because(const struct leastwise_decision *decision)
{
        return decision ? text_of(decision, decision->because) : NULL;
}

const char *leastwise_decision_condition(const struct leastwise_decision *decision)
{
        return decision ? text_of(decision, decision->condition) : NULL;
}

uint32_t leastwise_decision_line(const struct leastwise_decision *decision)
{
        return decision ? decision->line : 0;
}

uint32_t leastwise_decision_column(const struct leastwise_decision *decision)
{
        return decision ? decision->column : 0;
}

uint32_t leastwise_decision_approvers(const struct leastwise_decision *decision)
{
        return decision ? decision->by : 0;
}

const char *leastwise_decision_say(const struct leastwise_decision *decision)
{
        return decision ? text_of(decision, decision->say) : NULL;
}

const char *leastwise_decision_undo(const struct leastwise_decision *decision)
{
        return decision ? text_of(decision, decision->undo) : NULL;
}

const char *leastwise_decision_lane(const struct leastwise_decision *decision)
{
        return decision ? text_of(decision, decision->lane) : NULL;
}

enum leastwise_schema leastwise_decision_schema(const struct leastwise_decision *decision)
{
        return decision ? decision->schema : LEASTWISE_SCHEMA_NOT_EVALUATED;
}

const char *leastwise_decision_schema_keyword(const struct leastwise_decision *decision)
{
        return decision ? text_of(decision, decision->schema_keyword) : NULL;
}
