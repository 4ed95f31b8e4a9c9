/* SPDX-License-Identifier: Apache-2.0 */
#include "card_code.h"

#include <sodium.h>
#include <string.h>

/* Ids are made under the same key, of numbers alone. */
struct subject {
        char what[16];
        uint8_t number[8], turn[8];
};

static void write_code(const uint8_t key[32], const struct subject *subject, char ret[CARD_CODE_BYTES])
{
        static const char alphabet[] = CARD_ID_ALPHABET;
        uint8_t hash[32];
        uint64_t rest = 0;

        (void)crypto_generichash(hash, sizeof(hash), (const uint8_t *)subject, sizeof(*subject), key, 32);
        for (unsigned i = 0; i < 8; i++)
                rest = rest << 8 | hash[i];
        for (unsigned i = 0; i < CARD_CODE_BYTES - 1; i++) {
                ret[i] = alphabet[rest % (sizeof(alphabet) - 1)];
                rest /= sizeof(alphabet) - 1;
        }
        ret[CARD_CODE_BYTES - 1] = '\0';
        sodium_memzero(hash, sizeof(hash));
}

void card_code_make(const uint8_t key[32], uint64_t number, const char *id, char ret[CARD_CODE_BYTES])
{
        struct subject subject = { .what = "code of a card" };

        for (unsigned i = 0; i < sizeof(subject.number); i++)
                subject.number[i] = (uint8_t)(number >> (8 * i));
        do {
                write_code(key, &subject, ret);
                subject.turn[0]++;
        } while (strcmp(ret, id) == 0);
}

bool card_code_matches(const char code[CARD_CODE_BYTES], struct str typed)
{
        char text[CARD_CODE_BYTES - 1];

        if (!code[0] || typed.len != sizeof(text))
                return false;
        for (size_t i = 0; i < sizeof(text); i++) {
                const char c = typed.ptr[i];

                text[i] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        }
        return sodium_memcmp(code, text, sizeof(text)) == 0;
}
