/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "leaks.h"
#include "limit.h"
#include "stop_told.h"
#include "stops.h"
#include "wildcard.h"

#define ID STR("7F3K2Q")

Test(stops, patterns)
{
        static const struct {
                const char *pattern, *text;
                bool matches;
        } cases[] = {
                { "delete_note", "delete_note", true },
                { "delete_note", "delete_notes", false },
                { "delete_note", "Delete_note", false },
                { "delete_*", "delete_", true },
                { "delete_*", "undelete_x", false },
                { "*delete*", "undelete_x", true },
                { "*", "", true },
                { "**", "anything", true },
                { "*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaa", false },
                { "*ab", "aab", true },
                { "a?c", "abc", true },
                { "a?c", "ac", false },
                { "a?c",
                        "a\xC3\xA4"
                        "c",
                        true },
                { "a?", "a", false },
                { "?*", "", false },
                { "[a]", "a", false },
                { "", "", true },
                { "", "a", false },
                { "* @acme/server *", "npx -y @acme/server /srv", true },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                cr_expect_eq(wildcard_matches(str_from(cases[i].pattern), str_from(cases[i].text)), cases[i].matches,
                        "%s, %s", cases[i].pattern, cases[i].text);
}

static char long_text[LIMIT_STOP_BYTES + 2];

static struct str of_length(size_t n)
{
        memset(long_text, 'x', n);
        return str_of(long_text, n);
}

Test(stops, what_people_can_give)
{
        cr_expect_null(stop_pattern_refusal(STOP_TOOL, STR("delete_*")));
        cr_expect_null(stop_pattern_refusal(STOP_TOOL, of_length(LIMIT_STOP_PATTERN_BYTES)));
        cr_expect(stop_pattern_refusal(STOP_TOOL, of_length(LIMIT_STOP_PATTERN_BYTES + 1)));
        cr_expect(stop_pattern_refusal(STOP_TOOL, STR("")));
        cr_expect(stop_pattern_refusal(STOP_TOOL, STR("a\nb")));
        /* The policy language has such classes, a stop has not: it must not look as if it stopped something. */
        cr_expect(stop_pattern_refusal(STOP_TOOL, STR("delete_[a-z]")));
        cr_expect(stop_pattern_refusal(STOP_TOOL, STR("{a,b}")));
        cr_expect(stop_pattern_refusal(STOP_TOOL, STR("a\\*")));
        cr_expect_null(stop_pattern_refusal(STOP_SERVER, STR("python -c 'print([1])'")));
        cr_expect_null(stop_because_refusal(of_length(LIMIT_ANSWER_BECAUSE_BYTES)));
        cr_expect(stop_because_refusal(of_length(LIMIT_ANSWER_BECAUSE_BYTES + 1)));
        cr_expect(stop_because_refusal(STR("")));
        cr_expect(stop_because_refusal(STR("\033[2J")));
}

static struct stop read_it(const char *text)
{
        const char *why = NULL;
        struct stop stop;

        cr_assert_eq(stop_read_json(str_from(text), ID, &stop, &why), 0, "%s: %s", text, why);
        return stop;
}

Test(stops, written_and_read)
{
        static const char *const texts[] = {
                "{\"version\":1,\"scope\":{\"all\":true},\"because\":\"incident "
                "42\",\"by\":\"alice\",\"at\":\"2026-11-21T17:00:00.000Z\"}",
                "{\"version\":1,\"scope\":{\"tool\":\"delete_*\"},\"because\":\"a \\\"quoted\\\" "
                "reason\",\"by\":\"\",\"at\":\"\"}",
                "{\"version\":1,\"scope\":{\"server\":\"npx *\"},\"because\":\"x\",\"by\":\"bob\",\"at\":\"\"}",
                "{\"version\":1,\"scope\":{\"agent\":\"nightly\"},\"because\":\"x\",\"by\":\"bob\",\"at\":\"\"}",
        };
        static const char *const what[] = { "everything", "the tools \"delete_*\"", "the servers \"npx *\"",
                "the agent \"nightly\"" };

        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
                struct stop stop = read_it(texts[i]);
                struct buf out = BUF_INIT(LIMIT_STOP_BYTES);

                cr_expect_eq(stop.scope, (enum stop_scope)i);
                cr_expect_str_eq(stop.id, "7F3K2Q");
                cr_expect_eq(stop_write_json(&stop, &out), 0);
                cr_expect(str_eq(buf_str(&out), str_from(texts[i])), "%.*s", STR_FMT(buf_str(&out)));
                buf_clear(&out, LIMIT_STOP_BYTES);
                cr_expect_eq(stop_append_what(&stop, &out), 0);
                cr_expect(str_eq(buf_str(&out), str_from(what[i])), "%.*s", STR_FMT(buf_str(&out)));
                buf_deinit(&out);
                stop_deinit(&stop);
        }
        CHECK_NO_LEAKS();
}

Test(stops, whatever_else_there_is_is_not_understood)
{
        static const char *const texts[] = {
                "",
                "{}",
                "[]",
                "null",
                "{\"version\":1}",
                "{\"version\":1,\"scope\":{\"all\":true}}",
                "{\"version\":1,\"scope\":{\"all\":true},\"because\":\"\"}",
                "{\"version\":1,\"scope\":{\"all\":true},\"because\":7}",
                "{\"version\":1,\"scope\":{\"all\":false},\"because\":\"x\"}",
                "{\"version\":1,\"scope\":{\"all\":true,\"tool\":\"x\"},\"because\":\"x\"}",
                "{\"version\":1,\"scope\":{},\"because\":\"x\"}",
                "{\"version\":1,\"scope\":\"all\",\"because\":\"x\"}",
                "{\"version\":1,\"scope\":{\"everyone\":true},\"because\":\"x\"}",
                "{\"version\":1,\"scope\":{\"tool\":\"\"},\"because\":\"x\"}",
                "{\"version\":1,\"scope\":{\"tool\":\"[a]\"},\"because\":\"x\"}",
                "{\"version\":1,\"scope\":{\"tool\":true},\"because\":\"x\"}",
                "{\"version\":2,\"scope\":{\"all\":true},\"because\":\"x\"}",
                "{\"version\":1.0,\"scope\":{\"all\":true},\"because\":\"x\"}",
                "{\"version\":1,\"scope\":{\"all\":true},\"because\":\"x\",\"until\":\"tomorrow\"}",
                "{\"version\":1,\"version\":1,\"scope\":{\"all\":true},\"because\":\"x\"}",
                "{\"version\":1,\"scope\":{\"all\":true},\"because\":\"x\",\"by\":1}",
                "{\"version\":1,\"scope\":{\"all\":true},\"because\":\"x\"",
                "{\"version\":1,\"scope\":{\"all\":true},\"because\":\"x\"} {}",
        };
        const struct str good = STR("{\"version\":1,\"scope\":{\"all\":true},\"because\":\"x\"}");
        const char *why;
        struct stop stop;

        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
                why = NULL;
                cr_expect_eq(stop_read_json(str_from(texts[i]), ID, &stop, &why), -EBADMSG, "%s", texts[i]);
                cr_expect(why && *why, "%s", texts[i]);
        }
        cr_expect_eq(stop_read_json(good, STR("../../x"), &stop, &why), -EBADMSG);
        cr_expect_eq(stop_read_json(good, STR("7f3k2q"), &stop, &why), -EBADMSG);
        cr_expect_eq(stop_read_json(of_length(LIMIT_STOP_BYTES + 1), ID, &stop, &why), -EBADMSG);
        cr_expect_str_eq(why, "it is too large");
        cr_assert_eq(stop_read_json(good, ID, &stop, &why), 0);
        stop_deinit(&stop);
        CHECK_NO_LEAKS();
}

static void add(struct stop_list *list, const char *scope)
{
        char text[512];
        struct stop stop;

        snprintf(text, sizeof(text), "{\"version\":1,\"scope\":{%s},\"because\":\"x\"}", scope);
        stop = read_it(text);
        stop_list_take(list, &stop);
}

/* What a session goes by, of all stops that there are. */
static bool concerns(const char *scope, const struct stop_facts *facts)
{
        struct stop_list list = STOP_LIST_INIT;
        bool left;

        add(&list, scope);
        stop_list_keep(&list, facts);
        left = list.count == 1;
        stop_list_deinit(&list);
        return left;
}

Test(stops, whose_they_are)
{
        const struct str policies[] = { STR("company"), STR("notes") };
        const struct stop_facts facts = { .server = STR("npx -y notes-server /srv"),
                .agent = STR("nightly"),
                .policies = policies,
                .policy_count = 2 };
        const struct stop_facts nobody = { .server = STR("python server.py") };

        cr_expect(concerns("\"all\":true", &facts));
        cr_expect(concerns("\"tool\":\"x\"", &facts));
        cr_expect(concerns("\"server\":\"npx *\"", &facts));
        cr_expect(concerns("\"server\":\"notes\"", &facts));
        cr_expect(concerns("\"server\":\"company\"", &facts));
        cr_expect_not(concerns("\"server\":\"notes-server\"", &facts));
        cr_expect_not(concerns("\"server\":\"npx *\"", &nobody));
        cr_expect(concerns("\"agent\":\"nightly\"", &facts));
        cr_expect_not(concerns("\"agent\":\"night*\"", &facts));
        cr_expect_not(concerns("\"agent\":\"nightly\"", &nobody));
        CHECK_NO_LEAKS();
}

Test(stops, what_they_stop)
{
        const struct stop_facts facts = { .server = STR("s") };
        struct stop_list list = STOP_LIST_INIT;

        cr_expect_null(stop_list_any(&list));
        cr_expect_null(stop_list_tool(&list, STR("delete")));
        add(&list, "\"tool\":\"delete*\"");
        stop_list_keep(&list, &facts);
        cr_expect_null(stop_list_whole(&list));
        cr_expect_eq(stop_list_tool(&list, STR("delete_all")), &list.stops[0]);
        cr_expect_null(stop_list_tool(&list, STR("read")));
        cr_expect_eq(stop_list_any(&list), &list.stops[0]);
        add(&list, "\"server\":\"s\"");
        stop_list_keep(&list, &facts);
        cr_expect_eq(stop_list_whole(&list), &list.stops[1]);
        cr_expect_eq(stop_list_tool(&list, STR("read")), &list.stops[1]);
        cr_expect_eq(stop_list_find(&list, &list.stops[0]), &list.stops[0]);
        list.stops[1].system = true;
        cr_expect_eq(stop_list_find(&list, &list.stops[1]), &list.stops[1]);
        stop_list_deinit(&list);
        CHECK_NO_LEAKS();
}

static int read_told(struct str text, struct buf *memory, struct stop_told *ret)
{
        static const uint64_t seed[2] = { 1, 2 };
        struct json_doc doc;
        int r;

        json_doc_init(&doc, seed);
        cr_assert_eq(json_read(&doc, text), JSON_OK, "%.*s", STR_FMT(text));
        r = stop_told_read_json(&doc, json_type_of(&doc, 0) == JSON_ARRAY ? 1 : 0, memory, ret);
        json_doc_deinit(&doc);
        return r;
}

Test(stops, what_is_told_is_read)
{
        struct stop_list list = STOP_LIST_INIT;
        struct buf text = BUF_INIT(4096), memory = BUF_INIT(4096);
        struct stop_told told;

        cr_assert_eq(stop_list_write_told(&list, &text), 0);
        cr_expect(str_eq(buf_str(&text), STR("[]")));
        add(&list, "\"tool\":\"delete*\"");
        list.stops[0].system = true;
        buf_clear(&text, 4096);
        cr_assert_eq(stop_list_write_told(&list, &text), 0);
        cr_assert_eq(read_told(buf_str(&text), &memory, &told), 0, "%.*s", STR_FMT(buf_str(&text)));
        cr_expect_str_eq(told.id, list.stops[0].id);
        cr_expect(told.system);
        cr_expect(str_eq(told.what, STR("the tools \"delete*\"")), "%.*s", STR_FMT(told.what));
        cr_expect(str_eq(told.because, list.stops[0].because));
        /* What cannot be read comes first, under no id. */
        stop_list_fail(&list, "no such \"luck\"");
        buf_clear(&text, 4096);
        buf_clear(&memory, 4096);
        cr_assert_eq(stop_list_write_told(&list, &text), 0);
        cr_assert_eq(read_told(buf_str(&text), &memory, &told), 0);
        cr_expect_str_empty(told.id);
        cr_expect(str_eq(told.what, STR("everything")) && str_eq(told.because, STR("no such \"luck\"")));
        stop_list_deinit(&list);
        buf_deinit(&text);
        buf_deinit(&memory);
        CHECK_NO_LEAKS();
}

Test(stops, what_nobody_is_told)
{
        static const char *const rows[] = {
                "{}", "7", "{\"id\":\"7F3K2Q\",\"system\":false,\"what\":\"x\"}",
                "{\"id\":\"7F3K2\",\"system\":false,\"what\":\"x\",\"because\":\"y\"}",
                "{\"id\":7,\"system\":false,\"what\":\"x\",\"because\":\"y\"}",
                "{\"id\":\"\",\"system\":0,\"what\":\"x\",\"because\":\"y\"}",
                "{\"id\":\"\",\"system\":false,\"what\":null,\"because\":\"y\"}",
                "{\"id\":\"\",\"system\":false,\"what\":\"x\",\"because\":\"y\",\"more\":1}",
                "{\"id\":\"\",\"system\":false,\"what\":\"x\",\"more\":1}",
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct buf memory = BUF_INIT(4096);
                struct stop_told told = { .system = true };

                cr_expect_eq(read_told(str_from(rows[i]), &memory, &told), -EBADMSG, "%s", rows[i]);
                cr_expect(told.system);
                buf_deinit(&memory);
        }
        CHECK_NO_LEAKS();
}

Test(stops, a_list_that_failed_stops_everything)
{
        struct stop_list list = STOP_LIST_INIT;

        stop_list_fail(&list, "first %s", "reason");
        stop_list_fail(&list, "second");
        cr_expect_str_eq(list.why, "first reason");
        cr_expect_eq(stop_list_whole(&list), &list.failure);
        cr_expect_eq(list.failure.scope, STOP_ALL);
        cr_expect_eq(stop_list_tool(&list, STR("x")), &list.failure);
        stop_list_deinit(&list);
        cr_expect_null(stop_list_any(&list));
        for (unsigned i = 0; i < LIMIT_STOPS; i++)
                add(&list, "\"tool\":\"x\"");
        cr_expect_not(list.failed);
        add(&list, "\"tool\":\"x\"");
        cr_expect(list.failed);
        cr_expect_str_eq(list.why, "there are more than 256 stops");
        stop_list_deinit(&list);
        CHECK_NO_LEAKS();
}
