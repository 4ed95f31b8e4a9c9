/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "card.h"

/* A card that somebody could have been asked about. */
static inline struct card some_card(void)
{
        struct card card = {
                .id = "7F3K2Q",
                .state = CARD_OPEN,
                .session = STR("01JD0000000000000000000000"),
                .server = STR("npx -y @modelcontextprotocol/server-github"),
                .method = STR("tools/call"),
                .tool = STR("delete_branch"),
                .say = STR("Delete branch release/2.4 in acme/payments"),
                .undo = STR("Restore it on the branches page"),
                .reach = STR("may destroy"),
                .policy = STR("triage"),
                .rule = STR("branches"),
                .rule_file = STR("triage.yaml"),
                .rule_line = 12,
                .because = STR("it destroys"),
                .arguments = STR("{\"owner\":\"acme\",\"repo\":\"payments\",\"branch\":\"release/2.4\"}"),
                .client = STR("some-client"),
                .client_pid = 4121,
                .agent = STR("main"),
                .asked = 1,
                .waiting = 1,
                .by = 1,
                .created_ms = 1763638482123,
                .expires_ms = 1763639082123,
        };

        for (size_t i = 0; i < CARD_DIGEST_BYTES; i++)
                card.digest[i] = (uint8_t)i;
        return card;
}
