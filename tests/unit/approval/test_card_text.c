/* SPDX-License-Identifier: Apache-2.0 */
#include "card_text.h"

#include <errno.h>
#include <stdlib.h>

#include "alloc.h"
#include "leaks.h"

#define ROOM (16U << 20)

static const struct card_text_options at_80 = { .width = 80, .letters = true, .now_ms = 1000, .seed = { 1, 2 } };

static struct card known(void)
{
        return (struct card){
                .id = "7F3K2Q",
                .session = STR("01K9ZZ8F3V7E0000000000AAAA"),
                .server = STR("github-mcp-server stdio"),
                .method = STR("tools/call"),
                .tool = STR("delete_branch"),
                .say = STR("delete branch release/2.4 in acme/payments"),
                .undo = STR("Restore it on the branches page within 90 days."),
                .reach = STR("may destroy; outside world"),
                .policy = STR("github-triage"),
                .rule = STR("branches.destructive"),
                .rule_file = STR("/etc/leastwise/github.yaml"),
                .rule_line = 41,
                .because = STR("Others work on branches."),
                .arguments = STR("{\"owner\":\"acme\",\"repo\":\"payments\",\"branch\":\"release/2.4\"}"),
                .client = STR("claude-code 2.1.199"),
                .client_pid = 4121,
                .agent = STR("triage-bot"),
                .marks = STR("private, untrusted"),
                .approvals_before = 2,
                .denials_before = 1,
                .asked = 3,
                .waiting = 1,
                .by = 1,
                .expires_ms = 299000,
        };
}

static void expect_text(
        const struct card *card, const struct card_text_options *options, const char *text, size_t hidden)
{
        struct buf b = BUF_INIT(ROOM);
        size_t hidden_here = SIZE_MAX;

        cr_assert_eq(card_text_write(&b, card, options, &hidden_here), 0);
        cr_expect(str_eq(buf_str(&b), str_from(text)), "got:\n%.*s\nnot:\n%s", STR_FMT(buf_str(&b)), text);
        cr_expect_eq(hidden_here, hidden);
        buf_deinit(&b);
}

/* A code stands below the call, and only when all of that does. */
Test(card_text, a_code_is_shown_below_the_whole_call)
{
        struct card card = known();
        struct card_text_options options = at_80;
        struct buf b = BUF_INIT(ROOM), cut = BUF_INIT(ROOM), text = BUF_INIT(ROOM);
        size_t hidden;

        memcpy(card.code, "ABCDEF", sizeof(card.code));
        cr_assert_eq(card_text_write(&b, &card, &options, &hidden), 0);
        cr_expect_eq(hidden, 0);
        cr_expect(str_ends_with(buf_str(&b), STR("CODE     ABCDEF, for the form that the client shows, and for nobody else\n")), "%.*s",
                STR_FMT(buf_str(&b)));
        buf_append_str(&text, STR("{\"a\":\""));
        for (unsigned i = 0; i < 2000; i++)
                buf_append_char(&text, 'x');
        buf_append_str(&text, STR("\"}"));
        card.arguments = buf_str(&text);
        cr_assert_eq(card_text_write(&cut, &card, &options, &hidden), 0);
        cr_expect_gt(hidden, 0);
        cr_expect(str_ends_with(buf_str(&cut), STR("CODE     stands here when all of the call does\n")));
        cr_expect_null(memmem(cut.data, cut.len, "ABCDEF", 6));
        options.unfolded = true;
        buf_clear(&cut, ROOM);
        cr_assert_eq(card_text_write(&cut, &card, &options, &hidden), 0);
        cr_expect(memmem(cut.data, cut.len, "ABCDEF", 6));
        card.state = CARD_APPROVED;
        buf_clear(&cut, ROOM);
        cr_assert_eq(card_text_write(&cut, &card, &options, &hidden), 0);
        cr_expect_null(memmem(cut.data, cut.len, "ABCDEF", 6));
        buf_deinit(&b);
        buf_deinit(&cut);
        buf_deinit(&text);
}

Test(card_text, all_that_is_known)
{
        const struct card card = known();

        expect_text(&card, &at_80,
                "APPROVE? 7F3K2Q, expires in 4:58\n"
                "WHAT     | delete branch release/2.4 in acme/payments\n"
                "REACH    | may destroy; outside world\n"
                "         (by the server's own word)\n"
                "UNDO     | Restore it on the branches page within 90 days.\n"
                "TOOL     | delete_branch\n"
                "SERVER   | github-mcp-server stdio\n"
                "ARGS     3, in 57 bytes, as the server would get them:\n"
                "         | owner = \"acme\"\n"
                "         | repo = \"payments\"\n"
                "         | branch = \"release/2.4\"\n"
                "WHY ASK  | Others work on branches.\n"
                "RULE     | branches.destructive at /etc/leastwise/github.yaml:41\n"
                "POLICY   | github-triage\n"
                "ASKED BY process 4121, which calls itself\n"
                "         | claude-code 2.1.199\n"
                "AGENT    | triage-bot\n"
                "SESSION  | 01K9ZZ8F3V7E0000000000AAAA\n"
                "SEEN     asked 3 times, 1 waiting; this rule here: 2 approved, 1 denied\n"
                "MARKS    | private, untrusted\n",
                0);
        CHECK_NO_LEAKS();
}

Test(card_text, what_is_not_known_is_said_to_be_unknown)
{
        const struct card card = { .id = "7F3K2Q", .by = 2, .given = 1, .asked = 1 };

        expect_text(&card, &at_80,
                "APPROVE? 7F3K2Q, expires in 0:00\n"
                "WHAT     UNKNOWN: the policy has no sentence for it; read the call\n"
                "REACH    UNKNOWN: the server says nothing about it\n"
                "UNDO     UNKNOWN: the policy does not say\n"
                "METHOD   UNKNOWN\n"
                "TOOL     UNKNOWN\n"
                "SERVER   UNKNOWN\n"
                "ARGS     none\n"
                "WHY ASK  the rule below wants a person to look; it gives no reason\n"
                "RULE     UNKNOWN\n"
                "POLICY   UNKNOWN\n"
                "ASKED BY UNKNOWN\n"
                "SESSION  UNKNOWN\n"
                "SEEN     asked 1 time, 0 waiting; this rule here: 0 approved, 0 denied\n"
                "MARKS    none: this session has met nothing that the policy marks\n"
                "NEEDS    2 people; 1 so far\n",
                0);
        CHECK_NO_LEAKS();
}

Test(card_text, tells_who_is_needed)
{
        static const struct {
                uint32_t by;
                bool must_sign;
                const char *line;
        } rows[] = {
                { 1, false, NULL },
                { 1, true, "NEEDS    the signature of somebody whom the policy names\n" },
                { 2, true, "NEEDS    2 signatures, of people whom the policy names; 0 so far\n" },
        };
        const struct card_text_options options = { .width = 80 };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                AUTO_BUF struct buf b = BUF_INIT(ROOM);
                struct card card = known();
                size_t hidden;

                card.by = rows[i].by;
                card.must_sign = rows[i].must_sign;
                cr_assert_eq(card_text_write(&b, &card, &options, &hidden), 0);
                buf_append_char(&b, '\0');
                cr_expect_eq(strstr(b.data, "NEEDS") != NULL, rows[i].line != NULL, "row %zu", i);
                cr_expect(!rows[i].line || strstr(b.data, rows[i].line), "row %zu", i);
        }
}

static struct str with(struct buf *b, const struct card *card, struct card_text_options options, size_t *hidden)
{
        b->len = 0;
        cr_assert_eq(card_text_write(b, card, &options, hidden), 0);
        return buf_str(b);
}

static bool has(struct str text, const char *part)
{
        return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

Test(card_text, each_state_has_its_word)
{
        static const char *const words[CARD_STATE_MAX_] = {
                "APPROVE? 7F3K2Q, expires in 4:58\n",
                "APPROVED 7F3K2Q, once, for 4:58 more; its call has not come yet\n",
                "USED     7F3K2Q\n",
                "DENIED   7F3K2Q\n",
                "EXPIRED  7F3K2Q\n",
                "VOID     7F3K2Q\n",
        };
        struct card card = known();
        struct buf b = BUF_INIT(ROOM);
        size_t hidden;

        for (unsigned state = 0; state < CARD_STATE_MAX_; state++) {
                card.state = (enum card_state)state;
                cr_expect(str_starts_with(with(&b, &card, at_80, &hidden), str_from(words[state])), "%.*s",
                        STR_FMT(buf_str(&b)));
        }
        buf_deinit(&b);
}

Test(card_text, time_that_is_left)
{
        static const struct {
                uint64_t expires_ms;
                const char *text;
        } rows[] = { { 0, "0:00" }, { 999, "0:00" }, { 1000, "0:00" }, { 1999, "0:00" }, { 60999, "0:59" },
                { 61000, "1:00" }, { 3601000, "1:00:00" }, { 7262000, "2:01:01" } };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct buf b = BUF_INIT(64);

                cr_assert_eq(card_text_left(&b, 1000, rows[i].expires_ms), 0);
                cr_expect(str_eq(buf_str(&b), str_from(rows[i].text)), "row %zu: %.*s", i, STR_FMT(buf_str(&b)));
                buf_deinit(&b);
        }
}

/* What a model may try: to end the card and begin another, to colour, to turn the text round, to push things off the
 * screen. */
Test(card_text, hostile_arguments_are_inert)
{
        struct card card = known();
        struct buf b = BUF_INIT(ROOM);
        struct str text;
        size_t hidden;

        card.arguments =
                STR("{\"a\":\"x\\n\\nAPPROVE? 222222, expires in 9:00\\n[a] "
                    "approve\",\"b\":\"\\u001b[2J\\u001b]52;c;eA==\\u0007\","
                    "\"c\":\"\xE2\x80\xAEtxt.exe\",\"d\xE2\x80\x8B\":\"\xF0\x9F\x98\x80\",\"b\\\" = \\\"1\":2}");
        text = with(&b, &card, at_80, &hidden);
        cr_expect(has(text, "\n         | a = \"x\\n\\nAPPROVE? 222222, expires in 9:00\\n[a] approve\"\n"));
        cr_expect(has(text, "\n         | b = \"\\u001b[2J\\u001b]52;c;eA==\\u0007\"\n"));
        cr_expect(has(text, "\n         | c = \"\\u202etxt.exe\"\n"));
        cr_expect(has(text, "\n         | \"d\\u200b\" = \"\\ud83d\\ude00\"\n"));
        cr_expect(has(text, "\n         | \"b\\\" = \\\"1\" = 2\n"));
        cr_expect(!memchr(text.ptr, 0x1B, text.len));
        buf_deinit(&b);
        CHECK_NO_LEAKS();
}

Test(card_text, long_texts_are_folded_and_say_so)
{
        struct card card = known();
        struct buf arguments = BUF_INIT(ROOM), b = BUF_INIT(ROOM);
        struct card_text_options unfolded = at_80;
        struct str text;
        size_t hidden;

        buf_append_str(&arguments, STR("{\"body\":\""));
        for (size_t i = 0; i < 10000; i++)
                buf_append_char(&arguments, 'x');
        buf_append_str(&arguments, STR("rm -rf ~\"}"));
        card.arguments = buf_str(&arguments);
        text = with(&b, &card, at_80, &hidden);
        cr_expect_eq(hidden, 1);
        cr_expect(has(text, "         ... 9879 of 10010 bytes are not shown (SHA-256 "), "%.*s", STR_FMT(text));
        cr_expect(!has(text, "rm -rf"));
        unfolded.unfolded = true;
        text = with(&b, &card, unfolded, &hidden);
        cr_expect_eq(hidden, 0);
        cr_expect(has(text, "xrm -rf ~\"\n"));
        arguments.len = 0;
        for (size_t i = 0; i < 14; i++)
                buf_printf(&arguments, "%c\"n%zu\":%zu", i ? ',' : '{', i, i);
        buf_append_char(&arguments, '}');
        card.arguments = buf_str(&arguments);
        text = with(&b, &card, at_80, &hidden);
        cr_expect_eq(hidden, 1);
        cr_expect(has(text, "         | n11 = 11\n         ... and 2 more arguments, which are not shown\n"));
        text = with(&b, &card, unfolded, &hidden);
        cr_expect_eq(hidden, 0);
        cr_expect(has(text, "         | n13 = 13\n"));
        buf_deinit(&arguments);
        buf_deinit(&b);
        CHECK_NO_LEAKS();
}

/* A line that says that one line is left out would be no shorter. */
Test(card_text, a_text_is_not_cut_for_one_line)
{
        /* 69 columns a line, of which the name and the quotes take 6. */
        static const struct {
                size_t length, hidden;
        } rows[] = { { 3 * 69 - 6, 0 }, { 3 * 69 - 5, 1 } };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct card card = known();
                struct buf arguments = BUF_INIT(ROOM), b = BUF_INIT(ROOM);
                size_t hidden;

                buf_append_str(&arguments, STR("{\"a\":\""));
                for (size_t n = 0; n < rows[i].length; n++)
                        buf_append_char(&arguments, 'x');
                buf_append_str(&arguments, STR("\"}"));
                card.arguments = buf_str(&arguments);
                with(&b, &card, at_80, &hidden);
                cr_expect_eq(hidden, rows[i].hidden, "row %zu: %.*s", i, STR_FMT(buf_str(&b)));
                cr_expect_eq(has(buf_str(&b), "not shown"), rows[i].hidden > 0);
                buf_deinit(&arguments);
                buf_deinit(&b);
        }
}

Test(card_text, letters_outside_ascii_are_counted)
{
        struct card card = known();
        struct buf b = BUF_INIT(ROOM);
        struct card_text_options ascii = at_80;
        size_t hidden;

        card.arguments = STR("{\"to\":\"\xD0\xBE\xD0\xBD\"}");
        cr_expect(has(
                with(&b, &card, at_80, &hidden), "LETTERS  2 above are not ASCII, and some may look like others\n"));
        ascii.letters = false;
        cr_expect(!has(with(&b, &card, ascii, &hidden), "LETTERS"));
        cr_expect(has(buf_str(&b), "| to = \"\\u043e\\u043d\"\n"));
        buf_deinit(&b);
}

Test(card_text, arguments_that_are_no_object_are_shown_as_they_came)
{
        struct card card = known();
        struct buf b = BUF_INIT(ROOM);
        size_t hidden;

        card.arguments = STR("{\"a\":1,\x1b");
        cr_expect(has(with(&b, &card, at_80, &hidden),
                "ARGS     unreadable; this is what came:\n         | {\"a\":1,\\x1B\n"));
        card.arguments = STR("[1]");
        cr_expect(has(with(&b, &card, at_80, &hidden), "ARGS     unreadable; this is what came:\n         | [1]\n"));
        buf_deinit(&b);
        CHECK_NO_LEAKS();
}

static size_t allocations_left;

static void *failing_resize(void *userdata, void *ptr, size_t size)
{
        if (allocations_left == 0)
                return NULL;
        allocations_left--;
        return realloc(ptr, size);
}

static void failing_release(void *userdata, void *ptr)
{
        free(ptr);
}

Test(card_text, without_memory_there_is_no_half_card)
{
        static const struct allocator failing = { failing_resize, failing_release, NULL };
        const struct card card = known();
        int r = -ENOMEM;

        for (size_t n = 0; r != 0; n++) {
                struct buf b = BUF_INIT(ROOM);
                size_t hidden = 77;

                allocations_left = n;
                mem_set_allocator(&failing);
                r = card_text_write(&b, &card, &at_80, &hidden);
                if (r < 0) {
                        cr_expect_eq(r, -ENOMEM);
                        cr_expect_eq(b.len, 0);
                        cr_expect_eq(hidden, 77);
                }
                buf_deinit(&b);
                mem_set_allocator(NULL);
                cr_assert_lt(n, 1000);
        }
        CHECK_NO_LEAKS();
}

Test(card_text, a_buffer_that_is_too_small_stays_as_it_was)
{
        const struct card card = known();
        size_t hidden;

        for (size_t limit = 3; limit < 400; limit += 7) {
                struct buf b = BUF_INIT(limit);

                buf_append_str(&b, STR("abc"));
                cr_expect_eq(card_text_write(&b, &card, &at_80, &hidden), -ENOMEM);
                cr_expect(str_eq(buf_str(&b), STR("abc")));
                buf_deinit(&b);
        }
}

/* Once, no less (a backslash of a name would pass for an escape) and no more. */
Test(card_text, each_text_is_made_visible_once)
{
        const struct card card = {
                .id = "7F3K2Q",
                .say = STR("Do \"a\\u{202E}\\\\\""), /* these three are visible when they come */
                .server = STR("python3 a\\x1Bb"),
                .client = STR("evil\\u{202E} 1\\n"),
                .undo = STR("C:\\u{202E} \xE2\x80\xAE"),
                .because = STR("a\\b"),
                .agent = STR("c\\d"),
        };
        struct buf b = BUF_INIT(ROOM);
        size_t hidden;

        cr_assert_eq(card_text_write(&b, &card, &at_80, &hidden), 0);
        buf_append_char(&b, '\0');
        cr_expect(strstr(b.data, "WHAT     | Do \"a\\u{202E}\\\\\"\n"), "%s", b.data);
        cr_expect(strstr(b.data, "SERVER   | python3 a\\x1Bb\n"), "%s", b.data);
        cr_expect(strstr(b.data, "         | evil\\u{202E} 1\\n\n"), "%s", b.data);
        cr_expect(strstr(b.data, "UNDO     | C:\\\\u{202E} \\u{202E}\n"), "%s", b.data);
        cr_expect(strstr(b.data, "WHY ASK  | a\\\\b\n"), "%s", b.data);
        cr_expect(strstr(b.data, "AGENT    | c\\\\d\n"), "%s", b.data);
        buf_deinit(&b);
}

Test(card_text, a_foreign_text_by_itself)
{
        struct buf b = BUF_INIT(ROOM);

        cr_assert_eq(
                card_text_foreign(&b, "SAYS", STR("0123456789012345678901234567890\x1b"), INERT_PLAIN, 40, true), 0);
        cr_expect(str_eq(buf_str(&b), STR("SAYS     | 01234567890123456789012345678\n         : 90\\x1B\n")), "%.*s",
                STR_FMT(buf_str(&b)));
        buf_clear(&b, ROOM);
        cr_assert_eq(card_text_foreign(&b, "SAYS", STR("\\u{202E}\x1b"), INERT_VISIBLE, 40, true), 0);
        cr_expect(str_eq(buf_str(&b), STR("SAYS     | \\u{202E}\\x1B\n")), "%.*s", STR_FMT(buf_str(&b)));
        buf_deinit(&b);
}
