/* SPDX-License-Identifier: Apache-2.0 */
#include "redact.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "leaks.h"

#define MARK "[redacted:TOKEN]"

static const struct row {
        const char *name;
        struct str secret, in, out; /* no @out: -EBADMSG */
} rows[] = {
        { "nothing to do", STR_INIT("secret-one"), STR_INIT("{\"a\":[1,\"x\"]}"), STR_INIT("{\"a\":[1,\"x\"]}") },
        { "value", STR_INIT("secret-one"), STR_INIT("{\"a\":\"is secret-one.\",\"b\":2}"),
                STR_INIT("{\"a\":\"is " MARK ".\",\"b\":2}") },
        { "member's name", STR_INIT("secret-one"), STR_INIT("{\"secret-one\":1}"), STR_INIT("{\"" MARK "\":1}") },
        { "number", STR_INIT("12345678"), STR_INIT("{\"a\":-912345678.5e1,\"b\":1234567}"),
                STR_INIT("{\"a\":0,\"b\":1234567}") },
        { "number at the end", STR_INIT("12345678"), STR_INIT("12345678"), STR_INIT("0") },
        { "escaped", STR_INIT("se\"cr\\et\n"), STR_INIT("[\"se\\\"cr\\\\et\\n\"]"), STR_INIT("[\"" MARK "\"]") },
        { "JSON in a string", STR_INIT("se\"cr\\et\n"), STR_INIT("[\"{\\\"a\\\":\\\"se\\\\\\\"cr\\\\\\\\et\\\\n\\\"}\"]"),
                STR_INIT("[\"{\\\"a\\\":\\\"" MARK "\\\"}\"]") },
        { "begins within an escape", STR_INIT("nsecret-one"), STR_INIT("[\"a\\nsecret-one\"]"),
                STR_INIT("[\"a" MARK "\"]") },
        { "begins within \\u", STR_INIT("1fsecret"), STR_INIT("[\"\\u001fsecret\"]"), STR_INIT("[\"" MARK "\"]") },
        { "ends within an escape", STR_INIT("secret-\\"), STR_INIT("[\"secret-\\\"b\"]"), STR_INIT("[\"" MARK "b\"]") },
        { "begins and ends within characters", STR_INIT("\xBC secret \xC3"),
                STR_INIT("[\"gr\xC3\xBC secret \xC3\x9F.\"]"), STR_INIT("[\"gr" MARK ".\"]") },
        { "two that share an escape", STR_INIT("\\secret-\\"), STR_INIT("[\"\\\\secret-\\\\secret-\\\\\"]"),
                STR_INIT("[\"" MARK "\"]") },
        { "across values", STR_INIT("one\",\"two"), STR_INIT("[\"one\",\"two\"]"), STR_INIT("") },
        { "a secret that is JSON", STR_INIT("{\"key\":\"value\"}"), STR_INIT("{\"a\":{\"key\":\"value\"}}"), STR_INIT("") },
        { "a secret that is JSON, in a string", STR_INIT("{\"key\":\"value\"}"),
                STR_INIT("{\"a\":\"{\\\"key\\\":\\\"value\\\"}\"}"), STR_INIT("{\"a\":\"" MARK "\"}") },
        { "JSON text with other escapes", STR_INIT("secret/one"), STR_INIT("[\"{\\\"a\\\":\\\"\\\\u0073ecret\\\\/one\\\"}\"]"),
                STR_INIT("[\"{\\\"a\\\":\\\"" MARK "\\\"}\"]") },
        { "percent-encoding that begins in a line's escape", STR_INIT("secret one"), STR_INIT("[\"a\\n%73ecret%20one%\"]"),
                STR_INIT("[\"a\\n" MARK "%\"]") },
        { "references", STR_INIT("<secret\"one>"), STR_INIT("[\"&lt;s&#101;cret&#x22;one&#0000062;\"]"), STR_INIT("[\"" MARK "\"]") },
        { "as other languages quote", STR_INIT("it's a secret"), STR_INIT("[\"['it\\\\'s \\\\x61 secret']\"]"), STR_INIT("[\"['" MARK "']\"]") },
        { "half of a reference", STR_INIT("<secret\"one>"), STR_INIT("[\"&lt;secret&#x22;one&gt\"]"),
                STR_INIT("[\"&lt;secret&#x22;one&gt\"]") },
        { "surrogates within JSON text", STR_INIT("key \xF0\x9F\x98\x80!"), STR_INIT("[\"\\\\u006bey \\\\uD83D\\\\uDE00!\"]"),
                STR_INIT("[\"" MARK "\"]") },
        { "once plain and once encoded", STR_INIT("secret-one"), STR_INIT("[\"secret-one, %73ecret-one\"]"),
                STR_INIT("[\"" MARK ", " MARK "\"]") },
        { "unfinished string", STR_INIT("secret-one"), STR_INIT("[\"secret-one\\"), STR_INIT("[\"" MARK "\\") },
};

Test(redact_json, the_line_stays_json)
{
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                const struct row *row = &rows[i];
                struct redact_secret secret = { STR("TOKEN"), row->secret };
                struct redactor *r = NULL;
                struct buf out = BUF_INIT(4096);

                cr_assert_eq(redactor_new(&r, &secret, 1), 0);
                buf_append_char(&out, '>');
                cr_expect_eq(redactor_apply_json(r, row->in, &out), row->out.len ? 0 : -EBADMSG, "row %s", row->name);
                cr_expect(str_eq(str_skip(buf_str(&out), 1), row->out), "row %s: %.*s", row->name, STR_FMT(buf_str(&out)));
                buf_deinit(&out);
                redactor_free(r);
        }
        CHECK_NO_LEAKS();
}

Test(redact_json, a_limit_leaves_the_output_as_it_was)
{
        struct redact_secret secret = { STR("TOKEN"), STR("secret-one") };
        struct redactor *r = NULL;

        cr_assert_eq(redactor_new(&r, &secret, 1), 0);
        for (size_t limit = 0; limit < 40; limit++) {
                struct str whole = STR("{\"a\":\"" MARK "\",\"b\":\"" MARK "\"}");
                struct buf out = BUF_INIT(limit);
                int result = redactor_apply_json(r, STR("{\"a\":\"secret-one\",\"b\":\"secret-one\"}"), &out);

                cr_expect_eq(result, limit < whole.len ? -EMSGSIZE : 0);
                cr_expect_eq(out.len, limit < whole.len ? 0 : whole.len);
                buf_deinit(&out);
        }
        redactor_free(r);
        CHECK_NO_LEAKS();
}
