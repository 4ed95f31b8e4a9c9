/* SPDX-License-Identifier: Apache-2.0 */
#include "methods.h"

#include <criterion/criterion.h>

Test(methods, who_may_send_what)
{
        static const struct {
                const char *name;
                bool client, server;
        } rows[] = {
                { "tools/call", true, false }, { "initialize", true, false }, { "ping", true, true },
                { "sampling/createMessage", false, true }, { "roots/list", false, true }, { "elicitation/create", false, true },
                { "notifications/cancelled", true, true }, { "notifications/message", false, true },
                { "server/discover", true, false }, { "subscriptions/listen", true, false }, { "tasks/get", true, true },
                { "tasks/update", true, false }, { "Tools/call", false, false }, { "tools/call ", false, false },
                { "tools/Call", false, false }, { "", false, false }, { "no/such/method", false, false },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                cr_expect_eq(rpc_method_find(str_from(rows[i].name), RPC_FROM_CLIENT) != NULL, rows[i].client, "%s", rows[i].name);
                cr_expect_eq(rpc_method_find(str_from(rows[i].name), RPC_FROM_SERVER) != NULL, rows[i].server, "%s", rows[i].name);
        }
        cr_expect_null(rpc_method_find(STR("tools/call\0x"), RPC_FROM_CLIENT));
}

Test(methods, every_row_says_who_decides_and_what_it_is)
{
        const struct rpc_method *m;
        size_t n = 0;

        for (; (m = rpc_method_at(n)); n++) {
                cr_expect(m->policed != 0, "%.*s", STR_FMT(m->name));
                cr_expect(m->kind == RPC_REQUEST || m->kind == RPC_NOTIFICATION, "%.*s", STR_FMT(m->name));
                cr_expect(m->from != 0, "%.*s", STR_FMT(m->name));
                cr_expect_eq(m->kind == RPC_NOTIFICATION, str_starts_with(m->name, STR("notifications/")), "%.*s", STR_FMT(m->name));
                cr_expect(rpc_method_knows_param(m, STR("_meta")), "%.*s", STR_FMT(m->name));
                cr_expect(!m->open_params || m->kind == RPC_NOTIFICATION, "only notifications may say more: %.*s", STR_FMT(m->name));
        }
        cr_expect_geq(n, 35U);
}

Test(methods, closed_params)
{
        const struct rpc_method *call = rpc_method_find(STR("tools/call"), RPC_FROM_CLIENT);

        cr_expect(rpc_method_knows_param(call, STR("name")));
        cr_expect(rpc_method_knows_param(call, STR("inputResponses")));
        cr_expect_not(rpc_method_knows_param(call, STR("Name")));
        cr_expect_not(rpc_method_knows_param(call, STR("name ")));
        cr_expect_not(rpc_method_knows_param(call, STR("")));
}

Test(methods, revisions)
{
        cr_expect(rpc_revision_is_known(STR("2024-11-05")));
        cr_expect(rpc_revision_is_known(STR("2025-11-25")));
        cr_expect(rpc_revision_is_known(STR("2026-07-28")));
        cr_expect(rpc_revision_is_modern(STR("2026-07-28")));
        cr_expect_not(rpc_revision_is_modern(STR("2025-11-25")));
        cr_expect_not(rpc_revision_is_known(STR("2099-01-01")));
}
