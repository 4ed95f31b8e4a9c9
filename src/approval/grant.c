/* SPDX-License-Identifier: Apache-2.0 */
#include "grant.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "printable.h"
#include "timestamp.h"
#include "utf8.h"
#include "writer.h"

/* As much of the server's command as a person needs to know it again. */
#define SERVER_SHOWN 200U
/* With the policy's text and what escaping adds, a record has room for it. */
static_assert(2 * (LIMIT_GRANT_BYTES + SERVER_SHOWN + 200U) <= LIMIT_RECORD_TEXT_BYTES, "a statement is recorded whole");
static_assert(LIMIT_GRANT_BYTES + SERVER_SHOWN + 200U <= LIMIT_STATEMENT_BYTES, "a statement is a statement");

/* A name in which no pattern and no YAML has a meaning: a grant is for one tool. */
static bool is_plain_name(struct str name)
{
        for (size_t i = 0; i < name.len; i++) {
                const char c = name.ptr[i];
                const bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

                if (!alnum && !memchr("._-/:@", c, 6))
                        return false;
        }
        return name.len > 0 && name.len <= LIMIT_NAME_BYTES;
}

/* No control character, and no other that ends a line to some reader. */
static bool is_one_line(struct str text)
{
        if (!utf8_is_valid(text))
                return false;
        while (text.len) {
                uint32_t cp;
                const size_t n = utf8_decode(text, &cp);

                if (n == 0 || cp < 0x20 || (cp >= 0x7F && cp <= 0x9F) || cp == 0x2028 || cp == 0x2029 || cp == 0xFEFF)
                        return false;
                text = str_skip(text, n);
        }
        return true;
}

const char *grant_terms_refusal(const struct grant_terms *terms)
{
        if (!is_plain_name(terms->tool))
                return "a grant is for one tool, by its name: letters, digits and ._-/:@, no pattern";
        if (terms->because.len == 0 || terms->because.len > LIMIT_ANSWER_BECAUSE_BYTES || !is_one_line(terms->because))
                return "a grant needs a reason, on one line of text";
        if (terms->when_count > LIMIT_GRANT_CONDITIONS)
                return "a grant has at most eight conditions";
        for (size_t i = 0; i < terms->when_count; i++) {
                if (terms->when[i].len == 0 || !is_one_line(terms->when[i]))
                        return "a condition is one line, as in a policy: 'path: condition'";
        }
        return NULL;
}

int grant_text_write(struct buf *out, const struct grant_terms *terms)
{
        const size_t before = out->len;

        buf_append_str(out, STR("leastwise: 1\nname: grant\npurpose: "));
        json_string_append(out, terms->because);
        buf_append_str(out, STR("\ntools:\n  allow:\n    - tool: "));
        json_string_append(out, terms->tool);
        buf_append_str(out, STR("\n      id: grant\n"));
        /* Last: whatever a condition's line leaves open stays within it, or is a mistake. */
        if (terms->when_count)
                buf_append_str(out, STR("      when:\n"));
        for (size_t i = 0; i < terms->when_count; i++) {
                buf_append_str(out, STR("        "));
                buf_append_str(out, terms->when[i]);
                buf_append_char(out, '\n');
        }
        if (!out->failed && out->len - before <= LIMIT_GRANT_BYTES)
                return 0;
        if (out->failed)
                return -ENOMEM;
        out->len = before;
        return -EMSGSIZE;
}

int grant_statement_write(struct buf *out, struct str session, struct str server, uint64_t expires_ms, struct str text)
{
        struct timestamp_cache time = { .second = 0 };

        buf_append_str(out, STR("leastwise grant 1\nsession: "));
        printable_append(out, session, LIMIT_NAME_BYTES);
        buf_append_str(out, STR("\nserver: "));
        printable_append(out, server, SERVER_SHOWN);
        buf_append_str(out, STR("\nexpires: "));
        buf_append_str(out, timestamp_text(&time, expires_ms));
        buf_append_str(out, STR("\npolicy:\n"));
        buf_append_str(out, text);
        return out->failed ? -ENOMEM : 0;
}

void grant_id_make(char ret[static CARD_ID_BYTES], const uint8_t key[32], uint64_t number)
{
        static const char alphabet[] = CARD_ID_ALPHABET, domain[] = "leastwise grant";
        uint8_t hash[32];
        crypto_generichash_state state;

        crypto_generichash_init(&state, key, 32, sizeof(hash));
        crypto_generichash_update(&state, (const unsigned char *)domain, sizeof(domain));
        crypto_generichash_update(&state, (const unsigned char *)&number, sizeof(number));
        crypto_generichash_final(&state, hash, sizeof(hash));
        for (unsigned i = 0; i < CARD_ID_BYTES - 1; i++) {
                /* Of two bytes: no character is noticeably likelier than another. */
                const unsigned value = (unsigned)hash[2 * i] << 8 | hash[2 * i + 1];

                ret[i] = alphabet[value % (sizeof(alphabet) - 1)];
        }
        ret[CARD_ID_BYTES - 1] = '\0';
}
