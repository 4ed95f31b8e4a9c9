/* SPDX-License-Identifier: Apache-2.0 */
#include "approval_digest.h"

#include <sodium.h>

static void add_number(crypto_hash_sha256_state *h, uint64_t number)
{
        uint8_t bytes[8];

        for (unsigned i = 0; i < sizeof(bytes); i++)
                bytes[i] = (uint8_t)(number >> (8 * i));
        (void)crypto_hash_sha256_update(h, bytes, sizeof(bytes));
}

static void add(crypto_hash_sha256_state *h, struct str text)
{
        add_number(h, text.len);
        if (text.len)
                (void)crypto_hash_sha256_update(h, (const unsigned char *)text.ptr, text.len);
}

static void add_all(crypto_hash_sha256_state *h, const struct str *texts, size_t count)
{
        add_number(h, count);
        for (size_t i = 0; i < count; i++)
                add(h, texts[i]);
}

void approval_digest(const struct approval_subject *s, uint8_t ret[CARD_DIGEST_BYTES])
{
        crypto_hash_sha256_state h;

        (void)crypto_hash_sha256_init(&h);
        add(&h, STR("leastwise approval 1"));
        add_all(&h, s->argv, s->argc);
        add(&h, s->definition ? str_of((const char *)s->definition, CARD_DIGEST_BYTES) : STR(""));
        add(&h, s->method);
        add(&h, s->name);
        add(&h, s->arguments);
        add(&h, s->input_responses);
        add(&h, s->request_state);
        add_all(&h, s->policies, s->policy_count);
        add(&h, s->policy);
        add(&h, s->rule);
        add(&h, s->lane);
        add_number(&h, s->task);
        (void)crypto_hash_sha256_final(&h, ret);
}
