/* SPDX-License-Identifier: Apache-2.0 */
#include "statement.h"

#include <errno.h>
#include <sodium.h>

#include "hex.h"
#include "limit.h"
#include "printable.h"
#include "timestamp.h"

#define SHOWN_PREFIX "leastwise card 1"

static void add_number(crypto_hash_sha256_state *state, uint64_t number)
{
        unsigned char bytes[8];

        for (unsigned i = 0; i < sizeof(bytes); i++)
                bytes[i] = (unsigned char)(number >> (56 - 8 * i));
        crypto_hash_sha256_update(state, bytes, sizeof(bytes));
}

static void add_text(crypto_hash_sha256_state *state, struct str text)
{
        add_number(state, text.len);
        crypto_hash_sha256_update(state, (const unsigned char *)text.ptr, text.len);
}

/* What changes while a card waits (how often it was asked, who has answered, the session's marks) is no part of it. */
void statement_shown(uint8_t ret[32], const struct card *card)
{
        const struct str texts[] = { STR(SHOWN_PREFIX), card->server, card->method, card->tool, card->say, card->undo, card->reach,
                card->policy, card->rule, card->rule_file, card->because, card->arguments, card->lane, card->client, card->agent };
        crypto_hash_sha256_state state;

        crypto_hash_sha256_init(&state);
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                add_text(&state, texts[i]);
        add_number(&state, card->rule_line);
        add_number(&state, card->by);
        crypto_hash_sha256_final(&state, ret);
}

static void begin_line(struct buf *out, const char *name)
{
        buf_append_str(out, str_from(name));
        buf_append_str(out, STR(": "));
}

static void add_line(struct buf *out, const char *name, struct str value)
{
        begin_line(out, name);
        printable_append(out, value, 4U * LIMIT_NAME_BYTES);
        buf_append_char(out, '\n');
}

static void add_digest(struct buf *out, const char *name, const uint8_t digest[32])
{
        begin_line(out, name);
        buf_append_str(out, STR("sha256:"));
        hex_append(out, digest, 32);
        buf_append_char(out, '\n');
}

int statement_write(struct buf *out, const struct card *card, bool approve)
{
        struct timestamp_cache time = { .second = 0 };
        uint8_t shown[32];
        const size_t before = out->len;

        statement_shown(shown, card);
        buf_append_str(out, STR("leastwise approval 1\n"));
        add_line(out, "verdict", approve ? STR("approve") : STR("deny"));
        add_line(out, "id", str_from(card->id));
        add_line(out, "session", card->session);
        add_line(out, "tool", card->tool);
        add_digest(out, "call", card->digest);
        add_digest(out, "shown", shown);
        add_line(out, "expires", timestamp_text(&time, card->expires_ms));
        if (!out->failed)
                return 0;
        out->len = before;
        return -ENOMEM;
}
