/* SPDX-License-Identifier: Apache-2.0
 *
 * The lanes of a set: those of all its policies. A name that several policies have must mean the same in each, since which of them
 * sends a call to it makes no difference to the server that gets it.
 */
#include <errno.h>
#include <stdio.h>

#include "codes.h"
#include "placeholder.h"
#include "set.h"
#include "shown.h"

static struct diagnostic_place place(const struct policy *p, const struct lane *lane)
{
        return (struct diagnostic_place){ p->input->path, lane->line, lane->column, lane->length };
}

static const struct policy_credential *credential_named(const struct policy_lane *lane, struct str name)
{
        for (size_t i = 0; i < lane->credential_count; ++i) {
                if (str_eq(lane->credentials[i].env_name, name))
                        return &lane->credentials[i];
        }
        return NULL;
}

static bool is_same(const struct policy_lane *lane, const struct lane *own)
{
        if (lane->per_call != own->per_call || (!lane->per_call && lane->live_ms != own->live_ms) ||
                lane->credential_count != own->credential_count)
                return false;
        for (size_t i = 0; i < own->credential_count; ++i) {
                const struct policy_credential *c = &own->credentials[i].credential;
                const struct policy_credential *other = credential_named(lane, c->env_name);

                if (!other || !policy_credential_eq(other, c))
                        return false;
        }
        return true;
}

static int add_lane(struct policy_set *set, const struct lane *own)
{
        struct policy_credential *credentials = arena_array(&set->arena, own->credential_count, sizeof(*credentials));

        if (!credentials)
                return -ENOMEM;
        for (size_t i = 0; i < own->credential_count; ++i)
                credentials[i] = own->credentials[i].credential;
        set->lanes[set->lane_count++] = (struct policy_lane){
                .name = own->name,
                .credentials = credentials,
                .credential_count = own->credential_count,
                .per_call = own->per_call,
                .live_ms = own->live_ms,
        };
        return 0;
}

/* Where a lane of the set was first said. */
struct origin {
        const struct policy *policy;
        const struct lane *lane;
};

static int merge_lane(struct policy_set *set, const struct policy *p, const struct lane *own, struct origin *from,
        struct diagnostics *diags)
{
        char help[256];

        for (size_t i = 0; i < set->lane_count; ++i) {
                if (!str_eq(set->lanes[i].name, own->name))
                        continue;
                if (is_same(&set->lanes[i], own))
                        return 0;
                snprintf(help, sizeof(help), "the other one: %s:%u:%u", show(from[i].policy->path).text, from[i].lane->line,
                        from[i].lane->column);
                diagnostics_add(diags, SEVERITY_ERROR, P_LANE_CONFLICT, place(p, own), help,
                        "two policies set up the lane `%s` differently", show(own->name).text);
                return 0;
        }
        if (set->lane_count == LIMIT_LANES) {
                diagnostics_add(diags, SEVERITY_ERROR, P_TOO_MANY_LANES, place(p, own), NULL, "there can be at most %u lanes",
                        LIMIT_LANES);
                return 0;
        }
        from[set->lane_count] = (struct origin){ p, own };
        return add_lane(set, own);
}

/* --- what would reach servers past their lanes --- */

static bool is_source(const struct policy_credential *credentials, size_t count, struct str name)
{
        for (size_t i = 0; i < count; ++i) {
                if (credentials[i].from == CREDENTIAL_ENV && str_eq(credentials[i].source, name))
                        return true;
        }
        return false;
}

static bool is_source_of_any(const struct policy_set *set, struct str name)
{
        bool is = is_source(set->launch.credentials, set->launch.credential_count, name);

        for (size_t i = 0; i < set->lane_count; ++i)
                is |= is_source(set->lanes[i].credentials, set->lanes[i].credential_count, name);
        return is;
}

/* What is inherited, all servers get: also the variable that only one lane's credential is in, and nobody would look for it in what
 * the others say. */
static void check_sources(const struct policy_set *set, struct diagnostics *diags)
{
        for (size_t i = 0; set->lane_count && i < set->count; ++i) {
                const struct policy *p = &set->policies[i];

                for (size_t n = 0; n < p->launch.inherit_count; ++n) {
                        const struct launch_pair *name = &p->launch.inherit[n];
                        const struct diagnostic_place at = { p->input->path, name->line, name->column, name->length };

                        if (is_source_of_any(set, name->name))
                                diagnostics_add(diags, SEVERITY_ERROR, P_SOURCE_PASSED_ON, at,
                                        "take it out of `inherit`; each server gets the credentials that are named for it",
                                        "a credential is taken from `%s`, which every server would get", show(name->name).text);
                }
        }
}

static bool is_named(const struct policy_credential *credentials, size_t count, struct str name)
{
        for (size_t i = 0; i < count; ++i) {
                if (str_eq(credentials[i].env_name, name))
                        return true;
        }
        return false;
}

static void check_value(const struct policy_set *set, const struct policy *p, const struct launch_pair *pair, struct diagnostics *diags)
{
        const struct diagnostic_place at = { p->input->path, pair->line, pair->column, pair->length };
        struct placeholder found;

        for (size_t from = 0; placeholder_next(pair->value, from, &found); from = found.end) {
                /* What is no credential at all has been told. */
                if (!is_named(set->launch.credentials, set->launch.credential_count, found.name))
                        continue;
                for (size_t i = 0; i < set->lane_count; ++i) {
                        if (!is_named(set->lanes[i].credentials, set->lanes[i].credential_count, found.name))
                                diagnostics_add(diags, SEVERITY_ERROR, P_PLACEHOLDER, at,
                                        "name it under the lane's `credentials:` too; its server gets the same variables",
                                        "`{{%s}}` in the value of `%s` is no credential of the lane `%s`", show(found.name).text,
                                        show(pair->name).text, show(set->lanes[i].name).text);
                }
        }
}

/* A lane's server gets the values of `server.env` with its own credentials in them: it could never be started without one of those. */
static void check_values(const struct policy_set *set, struct diagnostics *diags)
{
        for (size_t i = 0; i < set->count; ++i) {
                for (size_t n = 0; n < set->policies[i].launch.env_count; ++n)
                        check_value(set, &set->policies[i], &set->policies[i].launch.env[n], diags);
        }
}

int policy_lanes_merge(struct policy_set *set, struct diagnostics *diags)
{
        struct origin from[LIMIT_LANES];

        for (size_t i = 0; i < set->count; ++i) {
                const struct policy *p = &set->policies[i];

                for (size_t n = 0; n < p->lane_count; ++n) {
                        int r = merge_lane(set, p, &p->lanes[n], from, diags);

                        if (r < 0)
                                return r;
                }
        }
        check_sources(set, diags);
        check_values(set, diags);
        return 0;
}

size_t policy_set_lane_count(const struct policy_set *set)
{
        return set->lane_count;
}

const struct policy_lane *policy_set_lane(const struct policy_set *set, size_t index)
{
        return &set->lanes[index];
}

bool policy_set_has_lanes(const struct policy_set *set)
{
        return set->lane_count > 0;
}
