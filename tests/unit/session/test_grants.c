/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "driver.h"
#include "leaks.h"

static const struct str argv[] = { STR_INIT("server") };
static const struct session_asking asking = {
        .session = STR_INIT("01TESTTESTTESTTESTTESTTEST"), .argv = argv, .argc = 1, .server = STR_INIT("server")
};

#define HEAD "leastwise: 1\nname: p\npurpose: p\n"
#define CALL(id, tool, arguments) \
        "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"method\":\"tools/call\",\"params\":{\"name\":\"" tool "\",\"arguments\":" arguments "}}\n"
#define MINUTES(n) ((n) * 60000U)

static void start(struct driver *d, const struct str *policies, size_t count, size_t administrators)
{
        struct policy_set *set = driver_policies(policies, count, administrators);

        driver_start_asking(d, set, NULL, true, NULL, &asking);
        policy_set_unref(set);
}

static void start_one(struct driver *d, const char *policy)
{
        const struct str text = str_from(policy);

        start(d, &text, 1, 0);
}

static void forget(struct driver *d)
{
        for (int to = 0; to < SIDE_MAX_; to++)
                buf_clear(&d->to[to], 1U << 16);
}

static bool has(const struct buf *b, const char *text)
{
        return b->len && memmem(b->data, b->len, text, strlen(text));
}

/* Does it reach the server? */
static bool runs(struct driver *d, const char *line)
{
        bool ran;

        forget(d);
        driver_feed(d, SIDE_CLIENT, str_from(line));
        ran = has(&d->to[SIDE_SERVER], "tools/call");
        cr_expect(ran || !has(&d->to[SIDE_SERVER], "\"name\""));
        return ran;
}

static struct grant_terms terms_of(const struct driver *d, const char *tool, const char *when)
{
        struct grant_terms terms = { .tool = str_from(tool), .because = STR("incident 42"), .expires_ms = d->now_ms + MINUTES(15) };

        if (when)
                terms.when[terms.when_count++] = str_from(when);
        return terms;
}

static char id[CARD_ID_BYTES];

static int grant(struct driver *d, const char *tool, const char *when, const char **ret_why)
{
        const struct grant_terms terms = terms_of(d, tool, when);

        return driver_grant(d, &terms, id, ret_why);
}

static bool is_granted(struct driver *d, const char *tool, const char *when)
{
        const char *why;
        const int r = grant(d, tool, when, &why);

        cr_expect(r == 0 || why, "%s: %d", tool, r);
        return r == 0;
}

static const char *refusal(struct driver *d, const char *tool)
{
        const char *why = NULL;

        cr_expect(grant(d, tool, NULL, &why) < 0);
        return why ? why : "?";
}

#define TWO_KINDS HEAD "tools: { allow: [read], approve: [write], deny: [drop, { tool: write, when: { path: /etc } }] }\n"

Test(grants, what_has_no_rule_and_what_waits_pass)
{
        struct driver d;

        start_one(&d, TWO_KINDS);
        cr_expect(!runs(&d, CALL(1, "send", "{\"a\":1}")));
        cr_expect(!runs(&d, CALL(2, "write", "{\"path\":\"/a\"}")));
        cr_assert(is_granted(&d, "send", NULL) && is_granted(&d, "write", NULL));
        cr_expect(runs(&d, CALL(3, "send", "{\"a\":1}")));
        cr_expect(runs(&d, CALL(4, "write", "{\"path\":\"/b\"}")));
        /* The one that waited waits yet; the same made again passes. */
        cr_expect(!has(&d.to[SIDE_CLIENT], "\"id\":2"));
        cr_expect(runs(&d, CALL(5, "write", "{\"path\":\"/a\"}")));
        cr_expect(!runs(&d, CALL(6, "write", "{\"path\":\"/etc\"}")), "a deny rule stands");
        cr_expect(!runs(&d, CALL(7, "other", "{}")));
        cr_expect(has(&d.records, "\"kind\":\"grant\",\"from\":\"person\",\"subject\":\"tool\",\"name\":\"write\",\"reason\":\"grant-added\","
                                  "\"detail\":\"incident 42\",\"approval\":\""));
        cr_expect(has(&d.records, "\"name\":\"write\",\"verdict\":\"allow\",\"reason\":\"granted\",\"detail\":\"incident 42\",\"policy\":\"grant\","
                                  "\"rule\":\"grant\",\"schema\":\"unknown\",\"approval\":\""), "%.*s", STR_FMT(buf_str(&d.records)));
        cr_expect(has(&d.records, id));
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

Test(grants, conditions_name_all_arguments)
{
        struct driver d;

        start_one(&d, TWO_KINDS);
        cr_assert(is_granted(&d, "send", "to: { ends_with: \"@acme.example\" }"));
        cr_expect(runs(&d, CALL(1, "send", "{\"to\":\"a@acme.example\"}")));
        cr_expect(!runs(&d, CALL(2, "send", "{\"to\":\"a@evil.example\"}")));
        cr_expect(!runs(&d, CALL(3, "send", "{\"to\":\"a@acme.example\",\"bcc\":\"a@evil.example\"}")));
        cr_expect(!runs(&d, CALL(4, "send", "{}")));
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

Test(grants, end_with_their_time_or_when_revoked)
{
        struct driver d;

        start_one(&d, TWO_KINDS);
        cr_assert(is_granted(&d, "send", NULL));
        driver_wait(&d, MINUTES(15) - 1);
        cr_expect(runs(&d, CALL(1, "send", "{}")));
        driver_wait(&d, 1);
        cr_expect(!runs(&d, CALL(2, "send", "{}")));
        cr_expect(has(&d.records, "\"reason\":\"grant-expired\""));
        cr_assert(is_granted(&d, "send", NULL));
        cr_expect(runs(&d, CALL(3, "send", "{}")));
        cr_expect_eq(driver_revoke(&d, id), 0);
        cr_expect(!runs(&d, CALL(4, "send", "{}")));
        cr_expect_eq(driver_revoke(&d, id), -ENOENT);
        cr_expect(has(&d.records, "\"reason\":\"grant-revoked\",\"detail\":\"enough\""));
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

/* Nobody needs to have come round to it; and each of the two clocks ends it. */
Test(grants, end_without_a_tick_and_by_either_clock)
{
        static const struct {
                uint64_t now_ms, mono_ms;
        } rows[] = { { MINUTES(16), MINUTES(16) }, { MINUTES(16), 0 }, { 0, MINUTES(16) } };
        const char *line = CALL(1, "send", "{}");

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                const struct iovec *v;
                struct driver d;
                size_t room;
                char *at;

                start_one(&d, TWO_KINDS);
                cr_assert(is_granted(&d, "send", NULL));
                cr_assert_eq(session_input(d.session, SIDE_CLIENT, &at, &room), 0);
                memcpy(at, line, strlen(line));
                cr_assert_eq(session_feed(d.session, SIDE_CLIENT, strlen(line), d.now_ms + rows[i].now_ms, d.now_ms + rows[i].mono_ms), 0);
                session_commit(d.session, SIDE_CLIENT, true, d.now_ms);
                cr_expect_eq(session_output(d.session, SIDE_CLIENT, SIDE_SERVER, &v), 0, "row %zu", i);
                driver_stop(&d);
        }
        CHECK_NO_LEAKS();
}

Test(grants, are_never_wider_than_an_administrators_layer)
{
        static const struct str policies[] = {
                STR_INIT(HEAD "tools: { allow: [read, { tool: send, when: { n: { at_most: 5 } } }], approve: [write] }\n"),
                STR_INIT("leastwise: 1\nname: q\npurpose: q\ntools: { allow: [read] }\n"),
        };
        struct driver d;

        start(&d, policies, 2, 1);
        cr_expect(strstr(refusal(&d, "drop"), "administrator"));
        cr_assert(is_granted(&d, "send", NULL) && is_granted(&d, "write", NULL));
        cr_expect(runs(&d, CALL(1, "send", "{\"n\":5}")));
        cr_expect(!runs(&d, CALL(2, "send", "{\"n\":6}")));
        cr_expect(!runs(&d, CALL(3, "write", "{}")), "the administrator wants it approved");
        driver_stop(&d);
        /* Both of them the user's. */
        start(&d, policies, 2, 0);
        cr_assert(is_granted(&d, "send", NULL) && is_granted(&d, "write", NULL) && is_granted(&d, "drop", NULL));
        cr_expect(runs(&d, CALL(4, "send", "{\"n\":6}")) && runs(&d, CALL(5, "write", "{}")) && runs(&d, CALL(6, "drop", "{}")));
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

Test(grants, change_nothing_else)
{
        struct stop stop = { .id = "7F3K2Q", .scope = STOP_TOOL, .pattern = STR("send"), .because = STR("b") };
        struct stop_list list = { .stops = &stop, .count = 1 };
        struct driver d;

        start_one(&d, HEAD "tools:\n  approve: [{ tool: two, by: 2 }, { tool: narrow, narrow: { n: { at_most: 3 } } }]\n"
                           "limits: { tools: [{ tool: send, calls: 2 }] }\n");
        cr_expect(strstr(refusal(&d, "two"), "more than one person"));
        cr_assert(is_granted(&d, "send", NULL) && is_granted(&d, "narrow", NULL));
        cr_expect(runs(&d, CALL(1, "narrow", "{\"n\":9}")));
        cr_expect(has(&d.to[SIDE_SERVER], "{\"n\":3}"), "%.*s", STR_FMT(buf_str(&d.to[SIDE_SERVER])));
        session_set_stops(d.session, &list);
        cr_expect(!runs(&d, CALL(2, "send", "{}")));
        session_set_stops(d.session, NULL);
        cr_expect(runs(&d, CALL(3, "send", "{}")) && runs(&d, CALL(4, "send", "{}")));
        cr_expect(!runs(&d, CALL(5, "send", "{}")), "the limit stands");
        driver_stop(&d);
        start_one(&d, HEAD "until: 2020-01-01\ntools: { allow: [read] }\n");
        cr_expect(strstr(refusal(&d, "send"), "expired"));
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

#define ANSWER(id) "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"result\":{\"content\":[]}}\n"

/* A flow rule that would not make it stricter than it is does not show in the policy's own verdict. */
Test(grants, flow_rules_stand_whatever_else_the_policy_says)
{
        static const char *const then[] = { "deny", "approve" };
        char policy[512];

        for (size_t i = 0; i < 2; i++) {
                struct driver d;

                snprintf(policy, sizeof(policy),
                        HEAD "tools: { allow: [read], approve: [write] }\n"
                             "flow: { marks: { met: read, out: [send, write] }, rules: [{ after: met, on: out, then: %s }] }\n",
                        then[i]);
                start_one(&d, policy);
                cr_assert(is_granted(&d, "send", NULL) && is_granted(&d, "write", NULL));
                cr_expect(runs(&d, CALL(1, "send", "{}")) && runs(&d, CALL(2, "write", "{}")));
                cr_expect(runs(&d, CALL(3, "read", "{}")));
                driver_feed(&d, SIDE_SERVER, STR(ANSWER(3)));
                cr_expect(!runs(&d, CALL(4, "send", "{}")), "%s", then[i]);
                cr_expect(!runs(&d, CALL(5, "write", "{}")), "%s", then[i]);
                driver_stop(&d);
        }
        CHECK_NO_LEAKS();
}

Test(grants, what_a_person_has_denied_stays_denied)
{
        struct card_answer answer = { .approver = STR("local") };
        const struct card *card;
        const char *why;
        struct driver d;
        size_t at = 0;

        start_one(&d, TWO_KINDS);
        cr_expect(!runs(&d, CALL(1, "write", "{\"path\":\"/a\"}")));
        card = session_card(d.session, &at);
        cr_assert(card);
        answer.id = str_from(card->id);
        cr_assert_eq(driver_answer(&d, &answer, &why), 0);
        cr_assert(is_granted(&d, "write", NULL));
        cr_expect(!runs(&d, CALL(2, "write", "{\"path\":\"/a\"}")));
        cr_expect(has(&d.to[SIDE_CLIENT], "a person has said no to exactly this call"));
        cr_expect(runs(&d, CALL(3, "write", "{\"path\":\"/b\"}")));
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

/* Approving a call that waits works with a grant in force as it does without. */
Test(grants, leave_approvals_alone)
{
        struct card_answer answer = { .approver = STR("local"), .approve = true, .trusted = true };
        const char *why;
        struct driver d;
        size_t at = 0;

        start_one(&d, TWO_KINDS);
        cr_expect(!runs(&d, CALL(1, "write", "{\"path\":\"/a\"}")));
        answer.id = str_from(session_card(d.session, &at)->id);
        cr_assert(is_granted(&d, "write", NULL));
        forget(&d);
        cr_assert_eq(driver_answer(&d, &answer, &why), 0);
        cr_expect(has(&d.to[SIDE_SERVER], "\"id\":1"));
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

Test(grants, keep_meta_that_nobody_was_shown_from_the_server)
{
        struct driver d;

        start_one(&d, TWO_KINDS);
        cr_assert(is_granted(&d, "send", NULL));
        cr_expect(runs(&d, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"send\",\"_meta\":{\"progressToken\":1,\"bcc\":\"x\"}}}\n"));
        cr_expect(has(&d.to[SIDE_SERVER], "progressToken") && !has(&d.to[SIDE_SERVER], "bcc"));
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

Test(grants, list_the_tool_and_say_so)
{
        struct driver d;

        start_one(&d, TWO_KINDS);
        cr_expect(!session_may_be_granted(d.session));
        driver_feed(&d, SIDE_CLIENT,
                STR("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},"
                    "\"clientInfo\":{\"name\":\"c\",\"version\":\"1\"}}}\n"));
        driver_feed(&d, SIDE_SERVER,
                STR("{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},\"serverInfo\":"
                    "{\"name\":\"s\",\"version\":\"1\"}}}\n"));
        driver_feed(&d, SIDE_CLIENT, STR("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n"));
        for (int i = 0; i < 3; i++) {
                forget(&d);
                if (i == 1)
                        cr_assert(is_granted(&d, "send", NULL));
                if (i == 2)
                        cr_assert_eq(driver_revoke(&d, id), 0);
                cr_expect_eq(has(&d.to[SIDE_CLIENT], "notifications/tools/list_changed"), i > 0);
                driver_feed(&d, SIDE_CLIENT, STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}\n"));
                driver_feed(&d, SIDE_SERVER,
                        STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":\"read\"},{\"name\":\"send\"},{\"name\":\"drop\"}]}}\n"));
                cr_expect_eq(has(&d.to[SIDE_CLIENT], "\"send\""), i == 1, "%d", i);
                cr_expect(!has(&d.to[SIDE_CLIENT], "\"drop\""));
        }
        cr_expect(session_may_be_granted(d.session));
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

Test(grants, are_bounded)
{
        struct grant_terms terms;
        const char *why = NULL;
        struct driver d;

        start_one(&d, TWO_KINDS);
        terms = terms_of(&d, "send", NULL);
        terms.expires_ms = d.now_ms + LIMIT_GRANT_MS + 1;
        cr_expect(driver_grant(&d, &terms, id, &why) < 0 && strstr(why, "24 hours"));
        terms.expires_ms = d.now_ms;
        cr_expect(driver_grant(&d, &terms, id, &why) < 0 && strstr(why, "over already"));
        terms.expires_ms = d.now_ms + LIMIT_GRANT_MS;
        for (unsigned i = 0; i < LIMIT_GRANTS; i++)
                cr_assert_eq(driver_grant(&d, &terms, id, &why), 0);
        cr_expect(driver_grant(&d, &terms, id, &why) < 0 && strstr(why, "as many grants"));
        cr_assert_eq(driver_revoke(&d, id), 0);
        cr_expect_eq(driver_grant(&d, &terms, id, &why), 0);
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

/* Law L6. */
Test(grants, nothing_is_granted_unrecorded)
{
        const char *why;
        struct driver d;

        start_one(&d, TWO_KINDS);
        d.disk_full = true;
        cr_expect_eq(grant(&d, "send", NULL, &why), -EIO);
        d.disk_full = false;
        cr_expect(!runs(&d, CALL(1, "send", "{}")));
        cr_assert(is_granted(&d, "send", NULL));
        d.disk_full = true;
        cr_expect(!runs(&d, CALL(2, "send", "{}")));
        /* Less may be let through unrecorded. */
        cr_expect_eq(driver_revoke(&d, id), 0);
        d.disk_full = false;
        cr_expect(!runs(&d, CALL(3, "send", "{}")));
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

/* What an approval would have sent to a lane goes there by a grant as well. */
Test(grants, keep_a_call_in_its_lane)
{
        const struct str text = STR(HEAD "lanes: { w: {} }\ntools: { allow: [read], approve: [{ tool: write, lane: w }] }\n");
        struct policy_set *set = driver_policies(&text, 1, 0);
        struct policy_set *granted = driver_policy(STR(HEAD "tools: { allow: [write] }\n"));
        const struct policy_request request = { .subject = POLICY_TOOL, .name = STR("write") };
        struct policy_decision d;

        cr_assert(policy_set_decide_granted(set, granted, &request, &d));
        cr_expect_eq(d.verdict, VERDICT_ALLOW);
        cr_expect(str_eq(d.lane, STR("w")));
        policy_set_unref(set);
        policy_set_unref(granted);
        CHECK_NO_LEAKS();
}

/* What a person takes back, or time, is not sent by a lane that was still starting. */
Test(grants, end_for_a_call_that_waits_for_its_lane)
{
        for (int by_time = 0; by_time < 2; by_time++) {
                struct driver d;

                start_one(&d, HEAD "lanes: { w: {} }\ntools: { allow: [read], approve: [{ tool: write, lane: w }] }\n");
                cr_assert(is_granted(&d, "write", NULL));
                forget(&d);
                driver_feed(&d, SIDE_CLIENT, STR(CALL(1, "write", "{}")));
                cr_expect_eq(d.to[SIDE_CLIENT].len, 0U, "it waits");
                if (by_time)
                        d.now_ms += MINUTES(16);
                else
                        cr_assert_eq(driver_revoke(&d, id), 0);
                driver_upstream_started(&d, SIDE_LANE);
                cr_expect(!has(&d.to[SIDE_LANE], "tools/call"), "by time: %d", by_time);
                cr_expect(has(&d.to[SIDE_CLIENT], "what a person had granted ended"), "by time: %d: %.*s", by_time, STR_FMT(buf_str(&d.to[SIDE_CLIENT])));
                cr_expect(has(&d.records, "\"reason\":\"grant-ended\""));
                driver_stop(&d);
        }
        CHECK_NO_LEAKS();
}

/* What is no rule for one tool is no grant, whatever compiled it. */
Test(grants, only_one_rule_for_one_tool_is_a_grant)
{
        static const char *const texts[] = {
                HEAD "tools: { allow: [\"**\"] }\n",
                HEAD "tools: { allow: [\"se*\"] }\n",
                HEAD "tools: { allow: [send, read] }\n",
                HEAD "tools: { allow: [{ tool: [send, read] }] }\n",
                HEAD "tools: { approve: [send] }\n",
                HEAD "tools: { deny: [send] }\n",
                HEAD "tools: { allow: [{ tool: send, narrow: { n: { set: 1 } } }] }\n",
                HEAD "tools: { allow: [send] }\nresources: { allow: [\"a:b\"] }\n",
                HEAD "tools: { allow: [send] }\nmethods: { allow: [\"**\"] }\n",
                HEAD "until: 2030-01-01\ntools: { allow: [send] }\n",
                HEAD "tools: { allow: [send] }\nlimits: { session: { calls: 5 } }\n",
        };

        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
                struct policy_set *set = driver_policy(str_from(texts[i]));

                cr_expect(!policy_set_is_grant(set), "%s", texts[i]);
                policy_set_unref(set);
        }
        for (size_t i = 0; i < 2; i++) {
                struct policy_set *set = driver_policy(
                        i ? STR(HEAD "tools: { allow: [{ tool: send, when: { n: 1 } }] }\n") : STR(HEAD "tools: { allow: [send] }\n"));

                cr_expect(policy_set_is_grant(set));
                policy_set_unref(set);
        }
        CHECK_NO_LEAKS();
}
