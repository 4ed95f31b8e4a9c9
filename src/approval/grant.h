/* SPDX-License-Identifier: Apache-2.0
 *
 * A grant as plain data: what a person lets through for a while, beyond the user's policies (docs/approvals.md). What is in
 * force is a policy of one rule; its text is written here, from the few words that the person has said, by the proxy itself as
 * well as by the program that shows it and has it signed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "card.h"
#include "limit.h"

#define GRANT_NAMESPACE "leastwise-grant" /* what ssh-keygen is given with -n */

/* What is asked for. */
struct grant_terms {
        struct str tool;
        struct str when[LIMIT_GRANT_CONDITIONS]; /* "path: condition", as in a policy; none: whatever the arguments are */
        size_t when_count;
        struct str because;
        uint64_t expires_ms; /* real time */
};

/* Why they cannot be a grant's; NULL: they can. Static. Conditions are not read here: the text is compiled. */
const char *grant_terms_refusal(const struct grant_terms *terms);

/* Appends the policy's text: 0; -EMSGSIZE when it is longer than LIMIT_GRANT_BYTES; -ENOMEM. The terms must be such that nothing refuses
 * them. */
int grant_text_write(struct buf *out, const struct grant_terms *terms);

/* Appends what a person signs: which session, which server, until when, and the policy's whole text. 0 or -ENOMEM. */
int grant_statement_write(
        struct buf *out, struct str session, struct str server, uint64_t expires_ms, struct str text);

/* A grant in force. */
struct grant {
        char id[CARD_ID_BYTES];
        struct str session, server; /* as on a card */
        struct str tool, text, because;
        struct str by; /* "local", or the name of who has signed */
        uint64_t created_ms, expires_ms; /* real time, for people; a session's clock counts as well */
        uint64_t uses; /* calls that it has let through */
};

/* The id of the @number-th grant of a session; @key is random. */
void grant_id_make(char ret[static CARD_ID_BYTES], const uint8_t key[32], uint64_t number);

/* As card_write_json() and card_read_json(). */
int grant_write_json(const struct grant *grant, struct buf *out);
int grant_read_json(const struct json_doc *doc, uint32_t object, struct buf *memory, struct grant *ret);
