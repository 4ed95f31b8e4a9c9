/* SPDX-License-Identifier: Apache-2.0 */
#include "condition.h"
#include "path.h"
#include "sql.h"

static enum condition_outcome outcome_of(enum recognised r)
{
        switch (r) {
        case RECOGNISED_HOLDS:
                return CONDITION_HOLDS;
        case RECOGNISED_DOES_NOT:
                return CONDITION_FAILS;
        case RECOGNISED_UNREADABLE:
                break;
        }
        return CONDITION_UNREADABLE;
}

static enum recognised within(const struct condition *c, const struct condition_context *context, struct str text,
        const char **ret_why)
{
        const struct policy_host *host = context->host;
        const struct path_rule rule = { .dirs = c->texts,
                .dir_count = c->count,
                .cwd = context->cwd,
                .resolve = host ? host->resolve : NULL,
                .userdata = host ? host->userdata : NULL };

        return path_within(&rule, text, ret_why);
}

static enum recognised mail(const struct condition *c, struct str text, const char **ret_why)
{
        const struct mail_rule rule = { .domains = c->texts, .domain_count = c->count };

        return mail_to(&rule, text, ret_why);
}

enum condition_outcome condition_recognise(
        const struct condition *c, const struct condition_context *context, struct str text)
{
        const char *why = NULL;

        if (c->kind == CONDITION_WITHIN)
                return outcome_of(within(c, context, text, &why));
        if (c->kind == CONDITION_URL)
                return outcome_of(url_allowed(c->url, text, &why));
        if (c->kind == CONDITION_MAIL)
                return outcome_of(mail(c, text, &why));
        if (c->kind == CONDITION_COMMAND)
                return outcome_of(command_recognise(text, c->commands, c->count, &why));
        return c->kind == CONDITION_SQL ? outcome_of(sql_read(text, &why)) : CONDITION_UNREADABLE;
}
