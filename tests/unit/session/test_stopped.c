/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "driver.h"
#include "leaks.h"

#define POLICY \
        "leastwise: 1\nname: open\npurpose: p\ntools: { allow: [\"**\", { tool: change, narrow: { a: { set: 1 } } " \
        "}], deny: [wrong] }\n" \
        "resources: { allow: [\"**\"] }\nprompts: { allow: [\"**\"] }\nmethods: { allow: [\"acme/*\"] }\n" \
        "server_requests: { sampling: allow, elicitation: allow, roots: allow }\n"
#define FAILED_TEXT "/state/stops/X.json cannot be read"

static struct stop a_stop(enum stop_scope scope, const char *pattern)
{
        return (struct stop){
                .id = "7F3K2Q", .scope = scope, .pattern = str_from(pattern), .because = STR("incident 42")
        };
}

static void feed(struct driver *d, enum side side, const char *line)
{
        char text[512];
        int n = snprintf(text, sizeof(text), "%s\n", line);

        for (int to = 0; to < SIDE_MAX_; to++)
                buf_clear(&d->to[to], 1U << 16);
        driver_feed(d, side, str_of(text, (size_t)n));
}

static bool has(const struct buf *b, const char *text)
{
        return b->len && memmem(b->data, b->len, text, strlen(text));
}

/* Does it get to the other side? If not, its sender is told of the stop, where he can be. */
static bool passes(struct driver *d, enum side from, const char *line)
{
        const enum side to = from == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;

        feed(d, from, line);
        if (d->to[to].len)
                return true;
        cr_expect(!strstr(line, "\"id\"") ||
                          has(&d->to[from], "stopped by a person (because: incident 42; stop 7F3K2Q)") ||
                          has(&d->to[from], "it cannot be read what a person has stopped"),
                "%s -> %.*s", line, STR_FMT(buf_str(&d->to[from])));
        return false;
}

#define REQUEST(id, method, params) \
        "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"method\":\"" method "\",\"params\":{" params "}}"
#define CALL(id, tool) REQUEST(id, "tools/call", "\"name\":\"" tool "\"")
#define NOTE(method) "{\"jsonrpc\":\"2.0\",\"method\":\"" method "\"}"

static const struct {
        enum side from;
        const char *line;
        bool stops; /* with the whole session */
} messages[] = {
        { SIDE_CLIENT, CALL(10, "delete_note"), true },
        { SIDE_CLIENT, REQUEST(11, "tools/call", "\"name\":\"change\",\"arguments\":{\"a\":2}"), true },
        { SIDE_CLIENT, REQUEST(12, "resources/read", "\"uri\":\"file:///a\""), true },
        { SIDE_CLIENT, REQUEST(13, "resources/subscribe", "\"uri\":\"file:///a\""), true },
        { SIDE_CLIENT, REQUEST(14, "resources/unsubscribe", "\"uri\":\"file:///a\""), false },
        { SIDE_CLIENT, REQUEST(15, "prompts/get", "\"name\":\"p\""), true },
        { SIDE_CLIENT,
                REQUEST(16, "completion/complete",
                        "\"ref\":{\"type\":\"ref/"
                        "prompt\",\"name\":\"p\"},\"argument\":{\"name\":\"n\",\"value\":\"v\"}"),
                true },
        { SIDE_CLIENT,
                REQUEST(17, "subscriptions/listen", "\"notifications\":{\"resourceSubscriptions\":[\"file:///a\"]}"),
                true },
        { SIDE_CLIENT, REQUEST(18, "tasks/get", "\"taskId\":\"t\""), true },
        { SIDE_CLIENT, REQUEST(19, "tasks/result", "\"taskId\":\"t\""), true },
        { SIDE_CLIENT, REQUEST(20, "tasks/update", "\"taskId\":\"t\""), true },
        { SIDE_CLIENT, REQUEST(21, "tasks/cancel", "\"taskId\":\"t\""), false },
        { SIDE_CLIENT, REQUEST(22, "acme/reset", ""), true },
        { SIDE_CLIENT, NOTE("acme/reset"), true },
        { SIDE_CLIENT, REQUEST(23, "ping", ""), false },
        { SIDE_CLIENT, REQUEST(24, "tools/list", ""), false },
        { SIDE_CLIENT, REQUEST(25, "resources/list", ""), false },
        { SIDE_CLIENT, REQUEST(26, "prompts/list", ""), false },
        { SIDE_CLIENT, REQUEST(27, "tasks/list", ""), false },
        { SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":23}}",
                false },
        { SIDE_SERVER, REQUEST(30, "sampling/createMessage", "\"messages\":[],\"maxTokens\":1"), true },
        { SIDE_SERVER, REQUEST(31, "elicitation/create", "\"message\":\"m\",\"requestedSchema\":{\"type\":\"object\"}"),
                true },
        { SIDE_SERVER, REQUEST(32, "roots/list", ""), true },
        { SIDE_SERVER, REQUEST(33, "ping", ""), false },
        { SIDE_SERVER, NOTE("notifications/tools/list_changed"), false },
};
#define MESSAGES (sizeof(messages) / sizeof(messages[0]))

static void start(struct driver *d)
{
        driver_start(d, STR(POLICY), NULL);
        /* A task of this session's, and a request of the server's that waits. */
        feed(d, SIDE_CLIENT, REQUEST(1, "tools/call", "\"name\":\"slow\",\"task\":{}"));
        feed(d, SIDE_SERVER,
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"task\":{\"taskId\":\"t\",\"status\":\"working\"}}}");
        feed(d, SIDE_SERVER, REQUEST(2, "sampling/createMessage", "\"messages\":[],\"maxTokens\":1"));
}

static void check_all(const struct stop_list *list, bool whole)
{
        struct driver d;

        start(&d);
        session_set_stops(d.session, list);
        for (size_t i = 0; i < MESSAGES; i++)
                cr_expect_eq(passes(&d, messages[i].from, messages[i].line), !(whole && messages[i].stops), "%s",
                        messages[i].line);
        /* What the client has to tell the server waits for nobody; but the server is told that nothing comes. */
        feed(&d, SIDE_CLIENT,
                "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"role\":\"assistant\",\"content\":{\"type\":\"text\","
                "\"text\":\"x\"},\"model\":\"m\"}}");
        cr_expect_eq(has(&d.to[SIDE_SERVER], "\"role\""), !whole);
        cr_expect_eq(has(&d.to[SIDE_SERVER], "answer was withheld"), whole);
        driver_stop(&d);
}

Test(stopped, without_a_stop_everything_passes)
{
        const struct stop_list none = STOP_LIST_INIT;

        check_all(NULL, false);
        check_all(&none, false);
        CHECK_NO_LEAKS();
}

Test(stopped, the_whole_session)
{
        struct stop stop = a_stop(STOP_ALL, "");
        struct stop_list list = { .stops = &stop, .count = 1 };

        check_all(&list, true);
        stop = a_stop(STOP_SERVER, "*");
        check_all(&list, true);
        stop = a_stop(STOP_AGENT, "nightly");
        check_all(&list, true);
        CHECK_NO_LEAKS();
}

Test(stopped, what_cannot_be_read_stops_the_whole_session)
{
        struct stop_list list = STOP_LIST_INIT;
        struct driver d;
        struct str notice;

        stop_list_fail(&list, FAILED_TEXT);
        check_all(&list, true);
        driver_start(&d, STR(POLICY), NULL);
        session_set_stops(d.session, &list);
        feed(&d, SIDE_CLIENT, CALL(1, "a"));
        /* The person is told which file it is, and the record; the model is not. */
        cr_expect_not(has(&d.to[SIDE_CLIENT], "/state"));
        cr_expect(has(&d.records,
                "\"verdict\":\"deny\",\"reason\":\"stopped\",\"detail\":\"everything is stopped: " FAILED_TEXT "\""));
        cr_assert(session_take_notice(d.session, &notice));
        cr_expect(memmem(notice.ptr, notice.len, FAILED_TEXT, strlen(FAILED_TEXT)));
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

Test(stopped, one_tool)
{
        struct stop stop = a_stop(STOP_TOOL, "delete_*");
        struct stop_list list = { .stops = &stop, .count = 1 };
        struct driver d;

        start(&d);
        session_set_stops(d.session, &list);
        for (size_t i = 0; i < MESSAGES; i++) {
                const char *line = messages[i].line;
                /* Of which tool a task is, nobody knows. */
                const bool doubt = strstr(line, "\"t\"") && !strstr(line, "tasks/cancel");

                cr_expect_eq(passes(&d, messages[i].from, line), !strstr(line, "delete_note") && !doubt, "%s", line);
        }
        cr_expect(has(&d.records, "\"name\":\"delete_note\",\"verdict\":\"deny\",\"reason\":\"stopped\",\"detail\":"
                                  "\"Not run: stopped by a person (because: incident 42; stop "
                                  "7F3K2Q). Asking again will not help until a person resumes it, and nor will another "
                                  "way to the same end; tell the "
                                  "user.\",\"rule\":\"7F3K2Q\",\"bytes\":"));
        session_set_stops(d.session, NULL);
        cr_expect(passes(&d, SIDE_CLIENT, CALL(50, "delete_note")));
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

/* The caller of a task cannot read a tool's result; what policy denies is policy's. */
Test(stopped, forms)
{
        struct stop stop = a_stop(STOP_ALL, "");
        struct stop_list list = { .stops = &stop, .count = 1 };
        struct driver d;

        driver_start(&d, STR(POLICY), NULL);
        session_set_stops(d.session, &list);
        feed(&d, SIDE_CLIENT, CALL(1, "a"));
        cr_expect(has(&d.to[SIDE_CLIENT], "\"isError\":true"));
        feed(&d, SIDE_CLIENT, REQUEST(2, "tools/call", "\"name\":\"a\",\"task\":{}"));
        cr_expect(has(&d.to[SIDE_CLIENT], "\"error\":{\"code\":-32602"));
        feed(&d, SIDE_CLIENT, CALL(3, "wrong"));
        cr_expect(has(&d.to[SIDE_CLIENT], "Denied by policy"));
        feed(&d, SIDE_CLIENT,
                REQUEST(4, "tools/call",
                        "\"name\":\"a\",\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}"));
        cr_expect(has(&d.to[SIDE_CLIENT], "\"resultType\":\"complete\""));
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

static struct card_answer yes_to(struct driver *d, size_t place)
{
        const struct card *card = NULL;
        size_t at = 0;

        for (size_t i = 0; i <= place; i++)
                card = session_card(d->session, &at);
        cr_assert(card);
        return (struct card_answer){
                .id = str_from(card->id), .approve = true, .approver = STR("local"), .trusted = true
        };
}

/* Neither what waits for a person nor what a person has approved already outlives a stop. */
Test(stopped, calls_that_are_held)
{
        static const char policy_text[] =
                "leastwise: 1\nname: pay\npurpose: p\ntools: { approve: [\"pay*\", other] }\n";
        const struct session_asking asking = { .session = STR("01TESTTESTTESTTESTTESTTEST"), .server = STR("server") };
        struct stop stop = a_stop(STOP_TOOL, "pay*");
        struct stop_list list = { .stops = &stop, .count = 1 };
        struct policy_set *policy = driver_policy(str_from(policy_text));
        struct card_answer answer;
        char id[CARD_ID_BYTES];
        const char *why;
        struct driver d;
        size_t at = 0;

        driver_start_asking(&d, policy, NULL, false, NULL, &asking);
        policy_set_unref(policy);
        feed(&d, SIDE_CLIENT, CALL(1, "pay_later"));
        driver_wait(&d, 30000);
        answer = yes_to(&d, 0);
        cr_assert_eq(driver_answer(&d, &answer, &why), 0);
        feed(&d, SIDE_CLIENT, CALL(2, "pay_now"));
        answer = yes_to(&d, 1);
        memcpy(id, answer.id.ptr, sizeof(id));
        answer.id = str_from(id);
        feed(&d, SIDE_CLIENT, CALL(3, "other"));
        cr_expect_eq(d.to[SIDE_CLIENT].len, 0);
        driver_set_stops(&d, &list);
        cr_expect(has(&d.to[SIDE_CLIENT], "\"id\":2,") || has(&d.to[SIDE_CLIENT], "\"id\":2}"));
        cr_expect(has(&d.to[SIDE_CLIENT], "Not run: stopped by a person while it waited for an approval."));
        cr_expect_not(has(&d.to[SIDE_CLIENT], "\"id\":3"));
        cr_expect(has(&d.records, "\"kind\":\"approval\""));
        /* Its approval comes too late, and so does the one that was given before. */
        cr_expect_eq(driver_answer(&d, &answer, &why), -ENOENT);
        cr_expect(session_card(d.session, &at));
        cr_expect_null(session_card(d.session, &at), "but for the other tool's there is no card any more");
        cr_expect_not(passes(&d, SIDE_CLIENT, CALL(4, "pay_later")));
        driver_set_stops(&d, NULL);
        feed(&d, SIDE_CLIENT, CALL(5, "pay_later"));
        feed(&d, SIDE_CLIENT, CALL(6, "pay_now"));
        cr_expect_eq(d.to[SIDE_SERVER].len, 0, "they wait for a person again");
        cr_expect_eq(d.to[SIDE_CLIENT].len, 0);
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

/* A call that is stopped uses up nothing. */
Test(stopped, limits_are_not_touched)
{
        struct stop stop = a_stop(STOP_ALL, "");
        struct stop_list list = { .stops = &stop, .count = 1 };
        struct driver d;

        driver_start(&d,
                STR("leastwise: 1\nname: few\npurpose: p\ntools: { allow: [\"**\"] }\nlimits: { session: { calls: 1 } "
                    "}\n"),
                NULL);
        session_set_stops(d.session, &list);
        cr_expect_not(passes(&d, SIDE_CLIENT, CALL(1, "a")));
        session_set_stops(d.session, NULL);
        cr_expect(passes(&d, SIDE_CLIENT, CALL(2, "a")));
        driver_stop(&d);
        CHECK_NO_LEAKS();
}
