/* SPDX-License-Identifier: Apache-2.0 */
#include "inert.h"

#include <criterion/criterion.h>

#include "buf.h"

static unsigned columns;

static struct str shown(struct buf *b, struct str text, enum inert_kind kind, bool letters)
{
        struct inert t;
        struct inert_piece piece;

        b->len = 0;
        columns = 0;
        inert_init(&t, text, kind, letters);
        while (inert_next(&t, &piece)) {
                buf_append(b, piece.text, piece.length);
                columns += piece.columns;
        }
        cr_assert(!b->failed);
        return buf_str(b);
}

Test(inert, what_becomes_of_a_text)
{
        static const struct {
                const char *name;
                enum inert_kind kind;
                struct str in, out;
                unsigned columns;
        } rows[] = {
                { "plain", INERT_PLAIN, STR_INIT("drop_all"), STR_INIT("drop_all"), 8 },
                { "escape sequence", INERT_PLAIN, STR_INIT("\x1b[2J"), STR_INIT("\\x1B[2J"), 7 },
                { "newline and tab", INERT_PLAIN, STR_INIT("a\nb\t"), STR_INIT("a\\nb\\t"), 6 },
                { "carriage return", INERT_PLAIN, STR_INIT("a\rb"), STR_INIT("a\\x0Db"), 6 },
                { "backslash", INERT_PLAIN, STR_INIT("a\\n"), STR_INIT("a\\\\n"), 4 },
                { "backslash of escaped text", INERT_VISIBLE, STR_INIT("a\\n"), STR_INIT("a\\n"), 3 },
                { "control in escaped text", INERT_VISIBLE, STR_INIT("\x1b]8;;"), STR_INIT("\\x1B]8;;"), 8 },
                { "C1 control", INERT_PLAIN, STR_INIT("\xC2\x9B"), STR_INIT("\\u{9B}"), 6 },
                { "right-to-left override", INERT_PLAIN, STR_INIT("\xE2\x80\xAE"), STR_INIT("\\u{202E}"), 8 },
                { "not UTF-8", INERT_PLAIN, STR_INIT("\xFF\xC3"), STR_INIT("\\xFF\\xC3"), 8 },
                { "NUL", INERT_PLAIN, STR_INIT("a\0b"), STR_INIT("a\\x00b"), 6 },
                { "Hebrew", INERT_PLAIN, STR_INIT("\xD7\x90"), STR_INIT("\\u{5D0}"), 7 },
                { "a tower of marks", INERT_PLAIN, STR_INIT("a\xCC\x81\xCC\x82"), STR_INIT("a\\u{301}\\u{302}"), 15 },
                { "Latin", INERT_PLAIN, STR_INIT("M\xC3\xBCller"), STR_INIT("M\xC3\xBCller"), 7 },
                { "Han counts double", INERT_PLAIN, STR_INIT("\xE6\x97\xA5\xE6\x9C\xAC"),
                        STR_INIT("\xE6\x97\xA5\xE6\x9C\xAC"), 4 },
                { "a Cyrillic word", INERT_PLAIN, STR_INIT("\xD0\xBE\xD0\xBD"), STR_INIT("\xD0\xBE\xD0\xBD"), 4 },
                { "a Cyrillic letter among Latin ones", INERT_PLAIN, STR_INIT("a\xD1\x81me"), STR_INIT("a\\u{441}me"),
                        10 },
                { "at the end of the word", INERT_PLAIN, STR_INIT("\xD1\x81_ab"), STR_INIT("\\u{441}_ab"), 10 },
                { "in a word of its own", INERT_PLAIN, STR_INIT("\xD1\x81 ab"), STR_INIT("\xD1\x81 ab"), 5 },
                { "Greek among Cyrillic", INERT_PLAIN, STR_INIT("\xD1\x81\xCE\xBF"), STR_INIT("\\u{441}\\u{3BF}"), 14 },
                { "Han among Latin", INERT_PLAIN, STR_INIT("a\xE6\x97\xA5"), STR_INIT("a\xE6\x97\xA5"), 3 },
                { "a dotless i", INERT_PLAIN, STR_INIT("\xC4\xB1"), STR_INIT("\\u{131}"), 7 },
                { "JSON's escapes", INERT_JSON, STR_INIT("\"\\n\\u001b\\\\\""), STR_INIT("\"\\n\\u001b\\\\\""), 12 },
                { "JSON: unseen", INERT_JSON, STR_INIT("\"\xE2\x80\xAE\""), STR_INIT("\"\\u202e\""), 8 },
                { "JSON: beyond the first plane", INERT_JSON, STR_INIT("\"\xF0\x9F\x98\x80\""),
                        STR_INIT("\"\\ud83d\\ude00\""), 14 },
                { "JSON: a backslash alone", INERT_JSON, STR_INIT("\\"), STR_INIT("\\"), 1 },
                { "JSON: a backslash before a control", INERT_JSON, STR_INIT("\\\x1b"), STR_INIT("\\\\u001b"), 7 },
                { "JSON: half an escape", INERT_JSON, STR_INIT("\\u12\n4"), STR_INIT("\\u12\\u000a4"), 11 },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct buf b = BUF_INIT(256);
                const struct str out = shown(&b, rows[i].in, rows[i].kind, true);

                cr_expect(str_eq(out, rows[i].out), "row %s: %.*s", rows[i].name, STR_FMT(out));
                cr_expect_eq(columns, rows[i].columns, "row %s: %u columns", rows[i].name, columns);
                buf_deinit(&b);
        }
}

Test(inert, without_letters_all_is_ascii)
{
        struct buf b = BUF_INIT(256);

        cr_expect(str_eq(
                shown(&b, STR("M\xC3\xBCller \xE6\x97\xA5"), INERT_PLAIN, false), STR("M\\u{FC}ller \\u{65E5}")));
        buf_deinit(&b);
}
