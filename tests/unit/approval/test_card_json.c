/* SPDX-License-Identifier: Apache-2.0 */
#include "card.h"

#include <errno.h>

#include "leaks.h"

static const uint64_t seed[2] = { 1, 2 };

#define BYTES 65536U

static struct card full_card(void)
{
        struct card card = {
                .id = "7F3K2Q",
                .state = CARD_APPROVED,
                .session = STR("01JD0000000000000000000000"),
                .server = STR("node server.js"),
                .method = STR("tools/call"),
                .tool = STR("write_file"),
                .say = STR("Write \"/tmp/a\""),
                .undo = STR("git checkout"),
                .reach = STR("may destroy"),
                .policy = STR("p"),
                .rule = STR("r"),
                .rule_file = STR("/etc/p.yaml"),
                .rule_line = 7,
                .because = STR("it writes"),
                .arguments = STR("{\"path\":\"/tmp/a\\u2028\\\"\"}"),
                .lane = STR("blue"),
                .client = STR("name \"1\"\n\xE2\x80\xAE"),
                .client_pid = 4321,
                .agent = STR("main"),
                .marks = STR("private, untrusted"),
                .approvals_before = 1,
                .denials_before = 2,
                .asked = 3,
                .waiting = 4,
                .by = 2,
                .given = 1,
                .created_ms = 1750000000000,
                .expires_ms = 1750000600000,
        };

        for (size_t i = 0; i < CARD_DIGEST_BYTES; i++)
                card.digest[i] = (uint8_t)(i * 37);
        return card;
}

static int read_text(struct str text, struct buf *memory, struct card *ret)
{
        struct json_doc doc;
        int e;

        json_doc_init(&doc, seed);
        cr_assert_eq(json_read(&doc, text), JSON_OK, "%.*s", STR_FMT(text));
        e = card_read_json(&doc, 0, memory, ret);
        json_doc_deinit(&doc);
        return e;
}

Test(card_json, what_is_written_is_read)
{
        AUTO_BUF struct buf text = BUF_INIT(BYTES), memory = BUF_INIT(BYTES), again = BUF_INIT(BYTES);
        const struct card card = full_card();
        struct card back;

        cr_assert_eq(card_write_json(&card, &text), 0);
        cr_assert_eq(read_text(buf_str(&text), &memory, &back), 0);
        cr_assert_str_eq(back.id, "7F3K2Q");
        cr_assert_eq(memcmp(back.digest, card.digest, CARD_DIGEST_BYTES), 0);
        cr_assert_eq(back.state, CARD_APPROVED);
        cr_assert(str_eq(back.arguments, card.arguments));
        cr_assert(str_eq(back.client, card.client));
        cr_assert_eq(back.client_pid, 4321);
        cr_assert_eq(back.expires_ms, card.expires_ms);
        cr_assert_eq(card_write_json(&back, &again), 0);
        cr_assert(str_eq(buf_str(&again), buf_str(&text)));
        buf_deinit(&text);
        buf_deinit(&memory);
        buf_deinit(&again);
        CHECK_NO_LEAKS();
}

Test(card_json, a_code_is_there_or_not)
{
        AUTO_BUF struct buf text = BUF_INIT(BYTES), memory = BUF_INIT(BYTES);
        struct card card = full_card(), back;

        cr_assert_eq(card_write_json(&card, &text), 0);
        cr_expect_null(memmem(text.data, text.len, "\"code\"", 6));
        cr_assert_eq(read_text(buf_str(&text), &memory, &back), 0);
        cr_expect_str_empty(back.code);
        buf_clear(&text, BYTES);
        memcpy(card.code, "ABCDEF", sizeof(card.code));
        cr_assert_eq(card_write_json(&card, &text), 0);
        cr_assert_eq(read_text(buf_str(&text), &memory, &back), 0);
        cr_expect_str_eq(back.code, "ABCDEF");
        *(char *)memmem(text.data, text.len, "ABCDEF", 6) = 'a';
        cr_expect_eq(read_text(buf_str(&text), &memory, &back), -EBADMSG);
}

Test(card_json, a_signature_is_needed_or_not)
{
        AUTO_BUF struct buf text = BUF_INIT(BYTES), memory = BUF_INIT(BYTES), broken = BUF_INIT(BYTES);
        struct card card = full_card(), back;
        char *at;

        cr_assert_eq(card_write_json(&card, &text), 0);
        cr_expect_null(memmem(text.data, text.len, "must_sign", 9));
        cr_assert_eq(read_text(buf_str(&text), &memory, &back), 0);
        cr_expect_not(back.must_sign);
        buf_clear(&text, BYTES);
        card.must_sign = true;
        cr_assert_eq(card_write_json(&card, &text), 0);
        cr_assert_eq(read_text(buf_str(&text), &memory, &back), 0);
        cr_expect(back.must_sign);
        at = memmem(text.data, text.len, "\"must_sign\":true", 16);
        cr_assert_not_null(at);
        buf_append(&broken, text.data, (size_t)(at - text.data));
        buf_append_str(&broken, STR("\"must_sign\":false}"));
        cr_expect_eq(read_text(buf_str(&broken), &memory, &back), -EBADMSG);
}

Test(card_json, states)
{
        for (int state = 0; state < CARD_STATE_MAX_; state++) {
                AUTO_BUF struct buf text = BUF_INIT(BYTES), memory = BUF_INIT(BYTES);
                struct card card = full_card(), back;

                card.state = (enum card_state)state;
                cr_assert_eq(card_write_json(&card, &text), 0);
                cr_assert(strstr(text.data, card_state_word(card.state)));
                cr_assert_eq(read_text(buf_str(&text), &memory, &back), 0);
                cr_assert_eq(back.state, card.state);
        }
        cr_assert_str_eq(card_state_word(CARD_STATE_MAX_), "unknown");
}

/* Each time one piece of the text is replaced by another, of any length. */
Test(card_json, what_is_no_card)
{
        static const struct {
                const char *from, *to;
        } rows[] = {
                { "\"id\":\"7F3K2Q\"", "\"id\":\"7F3K2\"" },
                { "\"id\":\"7F3K2Q\"", "\"id\":\"7F3K2O\"" },
                { "\"id\":\"7F3K2Q\"", "\"id\":\"7f3k2q\"" },
                { "\"id\":\"7F3K2Q\"", "\"id\":\"7F3K2\\u0000\"" },
                { "\"id\":\"7F3K2Q\"", "\"id\":7" },
                { "\"id\":\"7F3K2Q\",", "" },
                { "\"id\":", "\"ID\":" },
                { "\"by\":2", "\"by\":2,\"more\":1" },
                { "\"by\":2", "\"by\":-2" },
                { "\"by\":2", "\"by\":4294967296" },
                { "\"by\":2", "\"by\":\"2\"" },
                { "\"by\":2", "\"by\":2.0" },
                { "\"state\":\"approved\"", "\"state\":\"APPROVED\"" },
                { "\"state\":\"approved\"", "\"state\":null" },
                { "\"digest\":\"00", "\"digest\":\"0" },
                { "\"digest\":\"00", "\"digest\":\"0G" },
                { "\"digest\":\"00", "\"digest\":\"000" },
                { "\"tool\":\"write_file\"", "\"tool\":[\"write_file\"]" },
                { "\"client_pid\":4321", "\"client_pid\":-1" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                AUTO_BUF struct buf text = BUF_INIT(BYTES), broken = BUF_INIT(BYTES), memory = BUF_INIT(BYTES);
                const struct card card = full_card();
                struct card back = { .by = 77 };
                const char *at;

                cr_assert_eq(card_write_json(&card, &text), 0);
                buf_append_char(&text, '\0');
                at = strstr(text.data, rows[i].from);
                cr_assert(at, "%s", rows[i].from);
                buf_append(&broken, text.data, (size_t)(at - text.data));
                buf_append_str(&broken, str_from(rows[i].to));
                buf_append_str(&broken, str_from(at + strlen(rows[i].from)));
                cr_expect_eq(read_text(buf_str(&broken), &memory, &back), -EBADMSG, "%s", rows[i].to);
                cr_expect_eq(back.by, 77);
        }
}

Test(card_json, no_room)
{
        const struct card card = full_card();
        AUTO_BUF struct buf whole = BUF_INIT(BYTES);

        cr_assert_eq(card_write_json(&card, &whole), 0);
        for (size_t room = 0; room < whole.len; room += 13) {
                AUTO_BUF struct buf small = BUF_INIT(room);

                cr_expect_eq(card_write_json(&card, &small), -ENOMEM);
                cr_expect_eq(small.len, 0);
        }
}

Test(card_json, ids)
{
        cr_expect(card_id_is_valid(STR("7F3K2Q")));
        cr_expect(card_id_is_valid(STR("222222")));
        cr_expect_not(card_id_is_valid(STR("")));
        cr_expect_not(card_id_is_valid(STR("7F3K2QQ")));
        cr_expect_not(card_id_is_valid(STR("7F3K2U")));
        cr_expect_not(card_id_is_valid(STR("7F3K 2")));
        cr_expect_not(card_id_is_valid(STR("1F3K2Q")));
}
