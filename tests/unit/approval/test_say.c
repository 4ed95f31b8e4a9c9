/* SPDX-License-Identifier: Apache-2.0 */
#include "say.h"

#include <errno.h>

#include "leaks.h"

static const uint64_t seed[2] = { 1, 2 };

static void check(const char *say, const char *arguments, const char *expected)
{
        AUTO_BUF struct buf out = BUF_INIT(65536);
        struct json_doc doc;

        json_doc_init(&doc, seed);
        cr_assert_eq(json_read(&doc, str_from(arguments)), JSON_OK, "%s", arguments);
        cr_expect_eq(say_fill(&out, str_from(say), &doc, 1), 0);
        json_doc_deinit(&doc);
        cr_expect(str_eq(buf_str(&out), str_from(expected)), "%s with %s gave %.*s", say, arguments, STR_FMT(buf_str(&out)));
}

/* The arguments stand in a list, as token 1 is theirs then. */
Test(say, values)
{
        check("Plain.", "[{}]", "Plain.");
        check("Comment on {owner}/{repo}#{n}", "[{\"owner\":\"acme\",\"repo\":\"a\",\"n\":7}]", "Comment on \"acme\"/\"a\"#7");
        check("{a}", "[{\"b\":1}]", "(none)");
        check("{a}", "[{\"a\":null}]", "null");
        check("{a.b}", "[{\"a\":{\"b\":true}}]", "true");
        check("{a}", "[{\"a\":{\"b\":[1,2]}}]", "{\"b\":[1,2]}");
        check("{a[].b}!", "[{\"a\":[{\"b\":1},{\"c\":1},{\"b\":\"x\"}]}]", "1, \"x\"!");
        check("{a[]}", "[{\"a\":[]}]", "(none)");
        check("{a[][]}", "[{\"a\":[[1,2],[3]]}]", "1, 2, 3");
        check("{\"a.b\".c}", "[{\"a.b\":{\"c\":3}}]", "3");
        check("{\"a\\\"b\"}", "[{\"a\\\"b\":4}]", "4");
}

Test(say, what_is_hostile_is_seen)
{
        check("To {a}.", "[{\"a\":\"x\\u001b[2J\\u202e\\u200b\\n\\t\\u0007\\\\\\\"\"}]",
                "To \"x\\x1B[2J\\u{202E}\\u{200B}\\n\\t\\x07\\\\\\\"\".");
        check("{a}", "[{\"a\":\"caf\xC3\xA9 \xE6\x97\xA5\"}]", "\"caf\xC3\xA9 \xE6\x97\xA5\"");
        check("{a}", "[{\"a\":\"\\u0000\\u0085\\ufeff\"}]", "\"\\x00\\u{85}\\u{FEFF}\"");
        /* A value that looks like the end of the sentence and another placeholder stays a value. */
        check("Delete {a}?", "[{\"a\":\"x\\\"? No. {b}\",\"b\":\"secret\"}]", "Delete \"x\\\"? No. {b}\"?");
}

Test(say, what_is_long_is_cut)
{
        AUTO_BUF struct buf arguments = BUF_INIT(65536), out = BUF_INIT(65536), many = BUF_INIT(65536);
        struct json_doc doc;

        buf_append_str(&arguments, STR("[{\"a\":\""));
        for (int i = 0; i < 10000; i++)
                buf_append_char(&arguments, 'y');
        buf_append_str(&arguments, STR("\",\"l\":["));
        for (int i = 0; i < 100; i++)
                buf_printf(&arguments, "%s%d", i ? "," : "", i);
        buf_append_str(&arguments, STR("]}]"));
        json_doc_init(&doc, seed);
        cr_assert_eq(json_read(&doc, buf_str(&arguments)), JSON_OK);
        cr_expect_eq(say_fill(&out, STR("{a}|{l[]}"), &doc, 1), 0);
        buf_append_char(&out, '\0');
        cr_expect(strstr(out.data, "yyy...\" (10000 bytes)|0, 1, "), "%s", out.data);
        cr_expect(strstr(out.data, ", 19 and 80 more"), "%s", out.data);
        cr_expect_leq(out.len, SAY_BYTES);
        cr_expect_eq(say_fill(&many, STR("{a}{a}{a}{a}{a}{a}{a}{a}"), &doc, 1), 0);
        cr_expect_leq(many.len, SAY_BYTES);
        cr_expect(str_ends_with(buf_str(&many), STR("... (cut: look at the arguments)")));
        json_doc_deinit(&doc);
        buf_deinit(&arguments);
        buf_deinit(&out);
        buf_deinit(&many);
        CHECK_NO_LEAKS();
}

Test(say, no_room)
{
        AUTO_BUF struct buf out = BUF_INIT(10);
        struct json_doc doc;

        json_doc_init(&doc, seed);
        cr_assert_eq(json_read(&doc, STR("{}")), JSON_OK);
        cr_expect_eq(say_fill(&out, STR("longer than ten"), &doc, 0), -ENOMEM);
        cr_expect_eq(out.len, 0);
        json_doc_deinit(&doc);
}
