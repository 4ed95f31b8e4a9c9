/* SPDX-License-Identifier: Apache-2.0 */
#define LEASTWISE_USE_UNSTABLE
#include <leastwise/session.h>
#include <stdio.h>

#include "asker.h"

struct rig {
        struct leastwise_policy *policy;
        struct leastwise_session *session;
        char to[2][16384];
        char records[16384];
        bool disk_full;
};

static void after_event(struct rig *rig, enum leastwise_side side)
{
        enum leastwise_records how = LEASTWISE_RECORDS_WAIT;
        const char *piece;
        size_t length;

        if (leastwise_session_records_due(rig->session)) {
                how = rig->disk_full ? LEASTWISE_RECORDS_LOST : LEASTWISE_RECORDS_WRITTEN;
                piece = leastwise_session_records(rig->session, &length);
                if (!rig->disk_full)
                        strncat(rig->records, piece, length);
        }
        leastwise_session_commit(rig->session, side, how, NOW_MS);
        for (int to = 0; to < 2; to++) {
                for (size_t i = 0; leastwise_session_output(rig->session, side, (enum leastwise_side)to, i, &piece, &length); i++)
                        strncat(rig->to[to], piece, length);
        }
        leastwise_session_release(rig->session, side);
}

static void feed(struct rig *rig, enum leastwise_side side, const char *line)
{
        size_t room;
        char *at;

        cr_assert_eq(leastwise_session_input(rig->session, side, &at, &room), 0);
        cr_assert_leq(strlen(line), room);
        memcpy(at, line, strlen(line));
        cr_assert_eq(leastwise_session_feed(rig->session, side, strlen(line), NOW_MS, 1000), 0);
        after_event(rig, side);
}

static void rig_start(struct rig *rig, const char *text)
{
        const struct leastwise_secret secret = { .size = sizeof(secret), .name = "TOKEN", .value = "s3cret-value", .value_length = 12 };
        struct leastwise_session_config config = { .size = sizeof(config), .now_ms = NOW_MS, .secrets = &secret, .secret_count = 1 };

        *rig = (struct rig){ 0 };
        cr_assert_eq(try_load(&rig->policy, text, LEASTWISE_ENFORCES_LIMITS), 0);
        config.policy = rig->policy;
        cr_assert_eq(leastwise_session_new(&rig->session, &config), 0);
}

static void rig_stop(struct rig *rig)
{
        leastwise_session_free(rig->session);
        leastwise_policy_unref(rig->policy);
}

#define CALL(id, tool) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"tools/call\",\"params\":{\"name\":\"" tool "\",\"arguments\":{}}}\n"

Test(session, calls_are_decided_recorded_and_counted)
{
        struct rig rig;

        rig_start(&rig, HEAD "tools: { allow: [a] }\nlimits: { session: { calls: 1 } }\n");
        feed(&rig, LEASTWISE_CLIENT, CALL("1", "a"));
        cr_expect_str_eq(rig.to[LEASTWISE_SERVER], CALL("1", "a"));
        cr_expect(strstr(rig.records, "\"verdict\":\"allow\""), "%s", rig.records);
        feed(&rig, LEASTWISE_SERVER, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"s3cret-value\"}]}}\n");
        cr_expect(strstr(rig.to[LEASTWISE_CLIENT], "[redacted:TOKEN]"), "%s", rig.to[LEASTWISE_CLIENT]);
        feed(&rig, LEASTWISE_CLIENT, CALL("2", "b"));
        feed(&rig, LEASTWISE_CLIENT, CALL("3", "a"));
        cr_expect_str_eq(rig.to[LEASTWISE_SERVER], CALL("1", "a"), "neither a tool that no rule allows nor a second call");
        cr_expect(strstr(rig.to[LEASTWISE_CLIENT], "\"id\":2"));
        cr_expect(strstr(rig.to[LEASTWISE_CLIENT], "\"id\":3"));
        cr_expect_eq(leastwise_session_end(rig.session, LEASTWISE_SERVER, NOW_MS, 1000), 0);
        after_event(&rig, LEASTWISE_SERVER);
        rig_stop(&rig);
        CHECK_NO_LEAKS();
}

Test(session, what_cannot_be_recorded_is_refused)
{
        struct rig rig;

        rig_start(&rig, HEAD "tools: { allow: [a] }\n");
        rig.disk_full = true;
        feed(&rig, LEASTWISE_CLIENT, CALL("1", "a"));
        cr_expect_str_eq(rig.to[LEASTWISE_SERVER], "");
        cr_expect(strstr(rig.to[LEASTWISE_CLIENT], "\"id\":1"), "%s", rig.to[LEASTWISE_CLIENT]);
        rig_stop(&rig);
}

/* Who says that there was nothing to write when there was has lost it. */
Test(session, records_that_are_due_cannot_wait)
{
        struct rig rig;
        const char *piece;
        size_t room;
        char *at;

        rig_start(&rig, HEAD "tools: { allow: [a] }\n");
        cr_assert_eq(leastwise_session_input(rig.session, LEASTWISE_CLIENT, &at, &room), 0);
        memcpy(at, CALL("1", "a"), strlen(CALL("1", "a")));
        cr_assert_eq(leastwise_session_feed(rig.session, LEASTWISE_CLIENT, strlen(CALL("1", "a")), NOW_MS, 1), 0);
        leastwise_session_commit(rig.session, LEASTWISE_CLIENT, LEASTWISE_RECORDS_WAIT, NOW_MS);
        cr_expect_eq(leastwise_session_output(rig.session, LEASTWISE_CLIENT, LEASTWISE_SERVER, 0, &piece, &room), 0);
        rig_stop(&rig);
}

Test(session, a_call_that_takes_too_long_is_answered)
{
        struct rig rig;

        rig_start(&rig, HEAD "tools: { allow: [a] }\nlimits: { call: { time: 2s } }\n");
        cr_expect_eq(leastwise_session_deadline(rig.session), UINT64_MAX);
        feed(&rig, LEASTWISE_CLIENT, CALL("1", "a"));
        cr_expect_eq(leastwise_session_deadline(rig.session), 3000);
        cr_expect_eq(leastwise_session_tick(rig.session, LEASTWISE_SERVER, NOW_MS + 2000, 3000), 0);
        after_event(&rig, LEASTWISE_SERVER);
        cr_expect(strstr(rig.to[LEASTWISE_CLIENT], "\"id\":1"), "%s", rig.to[LEASTWISE_CLIENT]);
        rig_stop(&rig);
}

Test(session, what_it_does_not_follow_it_does_not_start)
{
        static const char *const texts[] = {
                HEAD "tools: { allow: [a] }\npins: a.lock\n",
                HEAD "lanes: { w: { credentials: { T: { from: env, name: S } } } }\ntools: { allow: [{ tool: a, lane: w }] }\n",
        };
        struct leastwise_session *session = NULL;

        for (size_t i = 0; i < 2; i++) {
                struct leastwise_session_config config = { .size = sizeof(config), .now_ms = NOW_MS };
                struct leastwise_policy *policy = NULL;

                cr_assert_eq(try_load(&policy, texts[i], LEASTWISE_ENFORCES_PINS | LEASTWISE_ENFORCES_LANES), 0);
                config.policy = policy;
                cr_expect_eq(leastwise_session_new(&session, &config), -LEASTWISE_ERROR_NOT_ENFORCED, "row %zu", i);
                leastwise_policy_unref(policy);
        }
        cr_expect_eq(leastwise_session_new(&session, NULL), -LEASTWISE_ERROR_ARGUMENT);
        cr_expect_null(session);
        cr_expect_null(leastwise_session_free(NULL));
}

Test(session, a_secret_must_be_long_enough_to_be_found)
{
        const struct leastwise_secret secret = { .size = sizeof(secret), .name = "T", .value = "short", .value_length = 5 };
        struct leastwise_session_config config = { .size = sizeof(config), .now_ms = NOW_MS, .secrets = &secret, .secret_count = 1 };
        struct leastwise_session *session = NULL;

        config.policy = load(HEAD);
        cr_expect_eq(leastwise_session_new(&session, &config), -LEASTWISE_ERROR_ARGUMENT);
        cr_expect_null(session);
        leastwise_policy_unref(config.policy);
        CHECK_NO_LEAKS();
}
