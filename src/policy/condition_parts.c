/* SPDX-License-Identifier: Apache-2.0 */
#include "condition_parts.h"

#include <string.h>

#include "equal.h"
#include "limit.h"
#include "pattern_compare.h"

bool condition_values_include(const struct condition *wide, const struct condition *narrow)
{
        for (size_t i = 0; i < narrow->count; ++i) {
                bool found = false;

                for (size_t j = 0; j < wide->count && !found; ++j) {
                        uint64_t steps = LIMIT_CONDITION_STEPS;

                        found = json_equal(&narrow->values[i], 0, &wide->values[j], 0, &steps) == JSON_EQUAL;
                }
                if (!found)
                        return false;
        }
        return true;
}

/* --- numbers --- */

/* What holds of the narrow bound is within the wide one. */
bool condition_bound_implies(const struct condition *wide, const struct condition *narrow)
{
        int order;

        switch ((unsigned)wide->kind) {
        case CONDITION_AT_MOST:
        case CONDITION_BELOW:
                if (narrow->kind != CONDITION_AT_MOST && narrow->kind != CONDITION_BELOW)
                        return false;
                order = decimal_compare(&narrow->number, &wide->number);
                return order < 0 ||
                       (order == 0 && (wide->kind == CONDITION_AT_MOST || narrow->kind == CONDITION_BELOW));
        case CONDITION_AT_LEAST:
        case CONDITION_ABOVE:
                if (narrow->kind != CONDITION_AT_LEAST && narrow->kind != CONDITION_ABOVE)
                        return false;
                order = decimal_compare(&narrow->number, &wide->number);
                return order > 0 ||
                       (order == 0 && (wide->kind == CONDITION_AT_LEAST || narrow->kind == CONDITION_ABOVE));
        default:
                return false;
        }
}

bool condition_bounds_imply(const struct condition *wide, const struct condition *narrow)
{
        for (; wide; wide = wide->next) {
                const struct condition *n = narrow;

                while (n && !condition_bound_implies(wide, n))
                        n = n->next;
                if (!n)
                        return false;
        }
        return true;
}

/* --- texts --- */

static bool any_contains(const struct str *texts, size_t count, struct str text, enum condition_kind kind)
{
        for (size_t i = 0; i < count; ++i) {
                struct str part = texts[i];

                if (kind == CONDITION_STARTS_WITH ? str_starts_with(text, part)
                        : kind == CONDITION_ENDS_WITH
                        ? str_ends_with(text, part)
                        : text.len >= part.len && memmem(text.ptr, text.len, part.ptr, part.len) != NULL)
                        return true;
        }
        return false;
}

/* Has every text that the pattern matches what one of the wide texts asks for? */
static bool pattern_has(const struct condition *wide, const struct pattern *p)
{
        if (p->count == 0)
                return false;
        if (wide->kind == CONDITION_STARTS_WITH)
                return any_contains(wide->texts, wide->count, p->prefix, wide->kind);
        for (size_t i = wide->kind == CONDITION_ENDS_WITH ? p->count - 1 : 0; i < p->count; ++i) {
                struct pattern_op op = pattern_op(p, i);

                if (op.kind == OP_LITERAL && any_contains(wide->texts, wide->count, op.literal, wide->kind))
                        return true;
        }
        return false;
}

bool condition_text_implies(const struct condition *wide, const struct condition *narrow)
{
        bool same = narrow->kind == wide->kind, into = wide->kind == CONDITION_CONTAINS &&
                    (narrow->kind == CONDITION_STARTS_WITH || narrow->kind == CONDITION_ENDS_WITH);

        for (size_t i = 0; i < narrow->count; ++i) {
                if (narrow->kind == CONDITION_LIKE ? !pattern_has(wide, &narrow->patterns[i])
                                                   : !(same || into) || !any_contains(wide->texts, wide->count, narrow->texts[i], wide->kind))
                        return false;
        }
        return narrow->count > 0;
}

bool condition_texts_include(const struct condition *wide, const struct condition *narrow)
{
        for (size_t i = 0; i < narrow->count; ++i) {
                size_t j = 0;

                while (j < wide->count && !str_eq(wide->texts[j], narrow->texts[i]))
                        ++j;
                if (j == wide->count)
                        return false;
        }
        return true;
}

/* --- hosts, mail, URLs, commands --- */

/* `*.b.example` and `a.b.example` are within `*.b.example`; a label that `*` stands for has no xn--. */
static bool domain_within(struct str narrow, struct str wide)
{
        if (str_eq(narrow, wide))
                return true;
        if (!str_starts_with(wide, STR("*.")) || (narrow.len >= 4 && memmem(narrow.ptr, narrow.len, "xn--", 4)))
                return false;
        wide = str_skip(wide, 1);
        return narrow.len > wide.len && str_ends_with(narrow, wide);
}

static bool domains_include(const struct str *wide, size_t wide_count, const struct str *narrow, size_t count)
{
        for (size_t i = 0; i < count; ++i) {
                size_t j = 0;

                while (j < wide_count && !domain_within(narrow[i], wide[j]))
                        ++j;
                if (j == wide_count)
                        return false;
        }
        return true;
}

bool condition_mail_includes(const struct condition *wide, const struct condition *narrow)
{
        return domains_include(wide->texts, wide->count, narrow->texts, narrow->count);
}

static bool ports_include(const struct url_rule *wide, const struct url_rule *narrow)
{
        if (wide->port_count == 0 || narrow->port_count == 0)
                return wide->port_count == narrow->port_count;
        for (size_t i = 0; i < narrow->port_count; ++i) {
                size_t j = 0;

                while (j < wide->port_count && wide->ports[j] != narrow->ports[i])
                        ++j;
                if (j == wide->port_count)
                        return false;
        }
        return true;
}

static bool schemes_include(const struct url_rule *wide, const struct url_rule *narrow)
{
        if (narrow->scheme_count == 0)
                return wide->scheme_count == 0;
        for (size_t i = 0; i < narrow->scheme_count; ++i) {
                bool found = wide->scheme_count == 0 &&
                             (str_eq(narrow->schemes[i], STR("https")) || str_eq(narrow->schemes[i], STR("http")));

                for (size_t j = 0; j < wide->scheme_count; ++j)
                        found |= str_eq(narrow->schemes[i], wide->schemes[j]);
                if (!found)
                        return false;
        }
        return true;
}

/* `"*"` takes every host but those with an xn-- label, which must be listed; what `public` takes is not gone into. */
static bool hosts_include(const struct url_rule *wide, const struct url_rule *narrow)
{
        bool plain = true;

        for (size_t i = 0; i < narrow->host_count; ++i)
                plain &= !memmem(narrow->hosts[i].ptr, narrow->hosts[i].len, "xn--", 4);
        if (wide->host_any && plain)
                return true;
        return (!narrow->host_any || wide->host_any) &&
               (!narrow->host_public || wide->host_public || wide->host_any) &&
               domains_include(wide->hosts, wide->host_count, narrow->hosts, narrow->host_count);
}

bool condition_url_includes(const struct url_rule *wide, const struct url_rule *narrow)
{
        const struct url_paths *wide_paths = wide->path_userdata, *paths = narrow->path_userdata;

        if (!schemes_include(wide, narrow) || !hosts_include(wide, narrow) || !ports_include(wide, narrow))
                return false;
        if (!wide->path_matches)
                return true;
        return narrow->path_matches &&
               patterns_include(wide_paths->patterns, wide_paths->count, paths->patterns, paths->count);
}

static bool same_command(const struct command_pattern *a, const struct command_pattern *b)
{
        return str_eq(a->words, b->words) && a->rest == b->rest && a->rest_quoted == b->rest_quoted &&
               a->denies == b->denies;
}

bool condition_commands_include(const struct condition *wide, const struct condition *narrow)
{
        for (size_t i = 0; i < narrow->count; ++i) {
                size_t j = 0;

                while (j < wide->count && !same_command(&wide->commands[j], &narrow->commands[i]))
                        ++j;
                if (j == wide->count)
                        return false;
        }
        return true;
}
