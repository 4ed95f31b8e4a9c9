/* SPDX-License-Identifier: Apache-2.0
 *
 * What exactly is approved, as 32 bytes: SHA-256 over everything that a call's effect depends on, each part with its length in
 * front, so that no two different calls have the same text.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "card.h"

struct approval_subject {
        const struct str *argv; /* the command that started the server */
        size_t argc;
        const uint8_t *definition; /* digest of the tool's definition, CARD_DIGEST_BYTES; NULL: the server has not listed it */
        struct str method, name;
        struct str arguments;       /* sorted canonical JSON of what the server would get; empty: none */
        struct str input_responses; /* the same of what goes with them in a call made again; empty: none */
        struct str request_state; /* and of the server's own state; empty: none */
        const struct str *policies; /* digests of the files in force, in their order */
        size_t policy_count;
        struct str policy, rule; /* the rule that asks: what is asked about for another reason is another question */
        struct str lane;
        bool task; /* to be run as a task, which goes on when its caller waits no more */
};

void approval_digest(const struct approval_subject *subject, uint8_t ret[CARD_DIGEST_BYTES]);
