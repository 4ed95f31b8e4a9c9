/* SPDX-License-Identifier: Apache-2.0
 *
 * The two loops of the reader are one reader: with a space before it a text is not canonical and goes through the
 * careful loop alone, and must come out the same.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "json.h"
#include "limit.h"

static const uint64_t seed[2] = { 1, 2 };

/* What stands behind the documents here, so that all of each has text enough behind it for the other loop. */
static const char padding[] = "01234567890123456789012345678901234567890123456789";
#define PADDINGS 9

struct pair {
        struct json_doc dense, careful;
        struct buf text; /* with the space */
};

static void pair_init(struct pair *p)
{
        json_doc_init(&p->dense, seed);
        json_doc_init(&p->careful, seed);
        p->text = (struct buf)BUF_INIT(1 << 20);
}

static void pair_deinit(struct pair *p)
{
        json_doc_deinit(&p->dense);
        json_doc_deinit(&p->careful);
        buf_deinit(&p->text);
}

/* Reads the text behind the first byte of p->text both ways, from memory that ends with it. */
static enum json_error read_both(struct pair *p)
{
        size_t len = p->text.len - 1;
        char *copy = malloc(len + !len);
        enum json_error dense, careful;

        cr_assert(copy);
        memcpy(copy, p->text.data + 1, len);
        dense = json_read(&p->dense, str_of(copy, len));
        careful = json_read(&p->careful, buf_str(&p->text));
        cr_assert_eq(dense, careful, "%s or %s: %.*s", json_error_text(dense), json_error_text(careful), (int)len,
                     copy);
        cr_assert_eq(p->dense.count, p->careful.count);
        if (dense != JSON_OK)
                cr_assert_eq(p->dense.error_offset + 1, p->careful.error_offset, "%s: %u of %.*s",
                             json_error_text(dense), p->dense.error_offset, (int)len, copy);
        for (uint32_t i = 0; i < p->dense.count; i++) {
                struct json_token token = p->careful.tokens[i];

                token.offset--;
                cr_assert_eq(memcmp(&token, &p->dense.tokens[i], sizeof(token)), 0, "token %u of %.*s", i, (int)len,
                             copy);
        }
        free(copy);
        return dense;
}

static void begin(struct pair *p)
{
        p->text.len = 0;
        cr_assert_eq(buf_append_str(&p->text, STR(" [")), 0);
}

static void end(struct pair *p)
{
        for (unsigned i = 0; i < PADDINGS; i++)
                cr_assert_eq(buf_printf(&p->text, ",\"%s\"", padding), 0);
        cr_assert_eq(buf_append_char(&p->text, ']'), 0);
}

Test(dense, names_like_a_siblings)
{
        static const struct {
                const char *items;
                enum json_error error;
        } rows[] = {
                { "{\"aa\":1,\"bb\":2},{\"aa\":1,\"bb\":2}", JSON_OK },
                { "{\"aa\":1,\"bb\":2},{\"bb\":1,\"aa\":2}", JSON_OK },
                { "{\"aa\":1,\"bb\":2},{\"aa\":1}", JSON_OK },
                { "{\"aa\":1},{\"aa\":1,\"bb\":2}", JSON_OK },
                { "{},{\"aa\":1},{},{\"aa\":1}", JSON_OK },
                { "{\"aa\":1,\"bb\":2},{\"aa\":1,\"aa\":2}", JSON_DUPLICATE_MEMBER },
                { "{\"aa\":1,\"bb\":2},{\"aa\":1,\"bb\":2,\"aa\":3}", JSON_DUPLICATE_MEMBER },
                { "{\"aa\":1,\"bb\":2},{\"aa\":1,\"bb\":2,\"cc\":3,\"bb\":3}", JSON_DUPLICATE_MEMBER },
                { "{\"aa\":1,\"bb\":2},{\"bb\":1,\"aa\":2,\"bb\":3}", JSON_DUPLICATE_MEMBER },
                { "{\"aa\":1},{\"aa\":1,\"aa\":2}", JSON_DUPLICATE_MEMBER },
                { "{\"a\":1,\"b\":2},{\"a\":1,\"b\":2,\"a\":3}", JSON_DUPLICATE_MEMBER },
                { "{\"\":1,\"b\":2},{\"\":1,\"b\":2,\"\":3}", JSON_DUPLICATE_MEMBER },
                /* The model of an inner object: the same member's value, or else the one before. */
                { "{\"oo\":{\"aa\":1,\"bb\":2}},{\"oo\":{\"aa\":1,\"bb\":1}}", JSON_OK },
                { "{\"oo\":{\"aa\":1,\"bb\":2}},{\"oo\":{\"aa\":1,\"bb\":1,\"bb\":2}}", JSON_DUPLICATE_MEMBER },
                { "{\"oo\":{\"aa\":1,\"bb\":2},\"pp\":{\"aa\":1,\"bb\":1,\"aa\":2}}", JSON_DUPLICATE_MEMBER },
                { "{\"oo\":{\"aa\":1,\"bb\":2},\"pp\":{\"aa\":1,\"bb\":1},\"oo\":2}", JSON_DUPLICATE_MEMBER },
                { "{\"oo\":{\"aa\":1},\"pp\":1},{\"oo\":{\"aa\":1},\"oo\":1}", JSON_DUPLICATE_MEMBER },
                { "{\"oo\":1,\"pp\":1},{\"oo\":{\"aa\":1,\"oo\":2},\"oo\":1}", JSON_DUPLICATE_MEMBER },
                /* The careful loop reads some of it. */
                { "{\"aa\":1,\"bb\":2},{\"aa\":\"\xC3\xA4\",\"bb\":1}", JSON_OK },
                { "{\"aa\":1,\"bb\":2},{\"aa\":\"\xC3\xA4\",\"aa\":1}", JSON_DUPLICATE_MEMBER },
                { "{\"aa\":1,\"bb\":2},{\"aa\":1.5,\"bb\":-1,\"aa\":1}", JSON_DUPLICATE_MEMBER },
                { "{\"aa\":1,\"bb\":2},{\"aa\":\"\\n\",\"bb\":{},\"bb\":1}", JSON_DUPLICATE_MEMBER },
                { "{\"aa\":1,\"bb\":2},{\"aa\":[1.5,{\"aa\":1.5,\"bb\":2}],\"bb\":2,\"bb\":3}", JSON_DUPLICATE_MEMBER },
                { "{\"aa\":1,\"bb\":2},{\"aa\":1, \"bb\":2,\"aa\":3}", JSON_DUPLICATE_MEMBER },
                { "{\"aa\":1,\"bb\":2},{\"aa\":1,\"\xC3\xA4\":2,\"aa\":3}", JSON_DUPLICATE_MEMBER },
                /* Escaped names. */
                { "{\"a\\n\":1,\"bb\":2},{\"a\\n\":1,\"bb\":2}", JSON_OK },
                { "{\"a\\n\":1,\"bb\":2},{\"a\\n\":1,\"bb\":2,\"a\\n\":1}", JSON_DUPLICATE_MEMBER },
                { "{\"a\\n\":1,\"bb\":2},{\"a\\n\":1,\"bb\":2,\"a\\u000a\":1}", JSON_DUPLICATE_MEMBER },
                { "{\"a\\n\":1,\"bb\":2},{\"a\\n\":1,\"cc\":2,\"a\\u000a\":1}", JSON_DUPLICATE_MEMBER },
                /* Names as long as are compared at once, and longer. */
                { "{\"abcdefghijklmn\":1},{\"abcdefghijklmn\":1}", JSON_OK },
                { "{\"abcdefghijklmn\":1},{\"abcdefghijklmN\":1}", JSON_OK },
                { "{\"abcdefghijklmno\":1},{\"abcdefghijklmno\" :1}", JSON_OK },
                { "{\"abcdefghijklmno\":1},{\"abcdefghijklmno\";1}", JSON_SYNTAX },
                { "{\"abcdefghijklmnopqrstuvwxyzABC\":1},{\"abcdefghijklmnopqrstuvwxyzABC\";1}", JSON_SYNTAX },
                { "{\"abcdefghijklmnopqrstuvwxyzABCD\":1},{\"abcdefghijklmnopqrstuvwxyzABCD\";1}", JSON_SYNTAX },
                { "{\"abcdefghijklmnopqrstuvwxyzABCD\":1},{\"abcdefghijklmnopqrstuvwxyzABCE\":1}", JSON_OK },
                { "{\"abcdefghijklmnopqrstuvwxyzABC\":1},{\"abcdefghijklmnopqrstuvwxyzABC\":1,"
                  "\"abcdefghijklmnopqrstuvwxyzABC\":1}",
                  JSON_DUPLICATE_MEMBER },
        };
        struct pair p;

        pair_init(&p);
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                enum json_error error;

                begin(&p);
                cr_assert_eq(buf_append_str(&p.text, str_from(rows[i].items)), 0);
                end(&p);
                error = read_both(&p);
                cr_expect_eq(error, rows[i].error, "row %zu: %s", i, json_error_text(error));
        }
        pair_deinit(&p);
}

/* Each byte of a list in turn is another one, is missing, or is the last. */
Test(dense, every_byte_otherwise)
{
        static const char list[] =
                "{\"name\":\"one\",\"title\":\"some words\",\"inputSchema\":{\"type\":\"object\",\"properties\":{"
                "\"path\":{\"type\":\"string\"},\"from\":{\"type\":\"integer\",\"minimum\":1}},\"required\":[\"a\"],"
                "\"additionalProperties\":false},\"empty\":[{},[]],\"no\":null},"
                "{\"name\":\"two\",\"title\":\"some more words than before\",\"inputSchema\":{\"type\":\"object\","
                "\"properties\":{\"from\":{\"type\":\"integer\",\"minimum\":20}},\"additionalProperties\":true},"
                "\"empty\":[[],{}],\"no\":0},"
                "{\"name\":\"three\",\"title\":\"\",\"inputSchema\":{\"type\":\"object\"}}";
        static const char others[] = "\"\\{}[]:,0a -.\x7F\x80\xC3\x1F\n";
        struct pair p;
        size_t len;

        pair_init(&p);
        begin(&p);
        cr_assert_eq(buf_append(&p.text, list, sizeof(list) - 1), 0);
        end(&p);
        cr_assert_eq(read_both(&p), JSON_OK);
        len = p.text.len;
        for (size_t at = 1; at < sizeof(list) + 8; at++) {
                char byte = p.text.data[at];

                for (size_t i = 0; i < sizeof(others); i++) {
                        p.text.data[at] = others[i];
                        read_both(&p);
                }
                p.text.data[at] = byte;
        }
        for (size_t at = 2; at < sizeof(list) + 8; at++) {
                char byte = p.text.data[at];

                memmove(p.text.data + at, p.text.data + at + 1, len - at - 1);
                p.text.len--;
                read_both(&p);
                memmove(p.text.data + at + 1, p.text.data + at, len - at - 1);
                p.text.data[at] = byte;
                p.text.len++;
        }
        for (; p.text.len > 1; p.text.len--)
                read_both(&p);
        pair_deinit(&p);
}

static unsigned next_random(uint64_t *state, unsigned below)
{
        *state = *state * 6364136223846793005U + 1442695040888963407U;
        return (unsigned)((*state >> 33) % below);
}

static void add_value(struct buf *out, uint64_t *state, unsigned depth)
{
        static const char *const names[] = { "aa", "bb", "type", "description", "a", "", "additionalProperties", "x\\t",
                "\xC3\xA9", "abcdefghijklmnopqrstuvwxyzABCDEF" };
        static const char *const scalars[] = { "1", "-2", "3.5e1", "true", "false", "null", "\"\"", "\"word\"",
                "\"\\\"\"", "\"\xE2\x82\xAC\"", "\"more words than fit into one register\"", "12345678901234567" };
        unsigned kind = next_random(state, 4), members = next_random(state, 4), first = next_random(state, 10);

        if (depth == 0 || kind == 0) {
                (void)buf_append_str(out, str_from(scalars[next_random(state, 12)]));
                return;
        }
        (void)buf_append_char(out, kind == 1 ? '[' : '{');
        for (unsigned i = 0; i < members; i++) {
                /* Mostly no name twice. */
                unsigned name = next_random(state, 30) ? (first + i * 3) % 10 : next_random(state, 10);

                if (i)
                        (void)buf_append_char(out, ',');
                if (kind != 1)
                        (void)buf_printf(out, "\"%s\":", names[name]);
                add_value(out, state, depth - 1);
        }
        (void)buf_append_char(out, kind == 1 ? ']' : '}');
}

Test(dense, random_documents)
{
        unsigned accepted = 0, refused = 0;
        uint64_t state = 1;
        struct pair p;

        pair_init(&p);
        for (unsigned round = 0; round < 20000; round++) {
                unsigned items = 1 + next_random(&state, 12);

                begin(&p);
                for (unsigned i = 0; i < items; i++) {
                        if (i)
                                (void)buf_append_char(&p.text, ',');
                        add_value(&p.text, &state, 4);
                }
                end(&p);
                cr_assert_not(p.text.failed);
                if (read_both(&p) == JSON_OK)
                        accepted++;
                else
                        refused++;
        }
        cr_expect_gt(accepted, 5000);
        cr_expect_gt(refused, 1000);
        pair_deinit(&p);
}

/* At the limits, whether the object has a model or not. */
Test(dense, limits)
{
        struct pair p;

        pair_init(&p);
        for (unsigned members = LIMIT_JSON_MEMBERS - 1; members <= LIMIT_JSON_MEMBERS + 1; members++) {
                begin(&p);
                for (unsigned object = 0; object < 2; object++) {
                        /* The second one has what the first may have, and more. */
                        unsigned count = object ? members : members - 1;

                        (void)buf_append_str(&p.text, object ? STR(",{") : STR("{"));
                        for (unsigned i = 0; i < count; i++)
                                (void)buf_printf(&p.text, "%s\"name%u\":%u", i ? "," : "", i, i);
                        (void)buf_append_char(&p.text, '}');
                }
                end(&p);
                cr_assert_not(p.text.failed);
                cr_expect_eq(read_both(&p), members > LIMIT_JSON_MEMBERS ? JSON_TOO_MANY_MEMBERS : JSON_OK, "%u",
                             members);
        }
        for (unsigned depth = LIMIT_JSON_DEPTH - 1; depth <= LIMIT_JSON_DEPTH + 1; depth++) {
                begin(&p);
                for (unsigned i = 1; i < depth; i++)
                        (void)buf_append_str(&p.text, i % 2 ? STR("{\"aa\":") : STR("["));
                (void)buf_append_char(&p.text, '1');
                for (unsigned i = depth; i-- > 1;)
                        (void)buf_append_char(&p.text, i % 2 ? '}' : ']');
                end(&p);
                cr_expect_eq(read_both(&p), depth > LIMIT_JSON_DEPTH ? JSON_TOO_DEEP : JSON_OK, "%u", depth);
        }
        pair_deinit(&p);
}
