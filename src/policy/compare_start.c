/* SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"

static bool texts_eq(const struct str *a, size_t a_count, const struct str *b, size_t b_count)
{
        bool eq = a_count == b_count;

        for (size_t i = 0; eq && i < a_count; i++)
                eq = str_eq(a[i], b[i]);
        return eq;
}

bool policy_set_starts_alike(const struct policy_set *before, const struct policy_set *after)
{
        struct policy_launch a, b;
        bool eq;

        policy_set_launch(before, &a);
        policy_set_launch(after, &b);
        eq = texts_eq(a.command, a.command_count, b.command, b.command_count) &&
             texts_eq(a.inherit, a.inherit_count, b.inherit, b.inherit_count) && a.env_count == b.env_count &&
             a.credential_count == b.credential_count && a.audit_arguments == b.audit_arguments &&
             a.audit_durable == b.audit_durable;
        for (size_t i = 0; eq && i < a.env_count; i++)
                eq = str_eq(a.env[i].name, b.env[i].name) && str_eq(a.env[i].value, b.env[i].value);
        for (size_t i = 0; eq && i < a.credential_count; i++)
                eq = str_eq(a.credentials[i].env_name, b.credentials[i].env_name) &&
                     policy_credential_eq(&a.credentials[i], &b.credentials[i]);
        return eq;
}
