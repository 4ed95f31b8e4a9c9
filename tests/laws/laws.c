/* SPDX-License-Identifier: Apache-2.0
 *
 * The laws of docs/architecture.md, one test each, on the engine that production runs.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "driver.h"
#include "limit.h"
#include "methods.h"

#define POLICY                                                                                                    \
        "leastwise: 1\nname: laws\npurpose: p\ntools: { allow: [echo], deny: [{ tool: \"delete_*\", because: never }] }\n"
#define NOTHING "leastwise: 1\nname: nothing\npurpose: p\ntools: { allow: [no_such_tool] }\n"
#define OPEN                                                                                                      \
        "leastwise: 1\nname: open\npurpose: p\ntools: { allow: [\"**\"] }\nresources: { allow: [\"**\"] }\n"           \
        "prompts: { allow: [\"**\"] }\nserver_requests: { sampling: allow, elicitation: allow, roots: allow }\n"      \
        "methods: { allow: [\"**\"] }\n"

static bool contains(const struct buf *b, const char *text)
{
        return b->len && memmem(b->data, b->len, text, strlen(text));
}

static void feed(struct driver *d, enum side side, const char *line)
{
        driver_feed(d, side, str_from(line));
        driver_feed(d, side, STR("\n"));
}

static struct str digest_of(const struct driver *d, const char *member)
{
        const char *at = memmem(d->records.data, d->records.len, member, strlen(member));

        cr_assert_not_null(at);
        return str_of(at + strlen(member), 8 + 64);
}

Test(laws, L1_one_value)
{
        /* However a call is spelled, its record's digest is that of the arguments that were forwarded. */
        static const char *const spellings[] = {
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"a\":\"x/\\n\",\"n\":1.50}}}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\": { \"a\" : \"x\\/\\n\" , \"n\" : 1.50 } }}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"ech\\u006f\",\"arguments\":{\"\\u0061\":\"\\u0078\\u002f\\u000a\",\"n\":1.50}}}",
        };
        struct driver first;

        driver_start(&first, STR(POLICY), NULL);
        feed(&first, SIDE_CLIENT, spellings[0]);
        for (size_t i = 1; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
                struct driver d;

                driver_start(&d, STR(POLICY), NULL);
                feed(&d, SIDE_CLIENT, spellings[i]);
                cr_expect(str_eq(buf_str(&d.to[SIDE_SERVER]), buf_str(&first.to[SIDE_SERVER])), "%s", spellings[i]);
                cr_expect(str_eq(digest_of(&d, "\"arguments_digest\":\""), digest_of(&first, "\"arguments_digest\":\"")), "%s", spellings[i]);
                driver_stop(&d);
        }
        driver_stop(&first);
}

/* What policy narrows is read again: the record's second digest is that of the arguments that were forwarded. */
Test(laws, L1_one_value_narrowed)
{
        static const char policy[] = "leastwise: 1\nname: narrow\npurpose: p\n"
                                     "tools: { allow: [{ tool: echo, narrow: { n: { at_most: 5 } }, free: [t] }] }\n";
        static const char *const spellings[] = {
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"t\":\"\\n\",\"n\":9}}}",
                " {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"t\":\"\\u000a\",\"\\u006e\":9}}}",
        };
        static const char sent[] =
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"t\":\"\\n\",\"n\":5}}}\n";
        struct str narrowed[2], came[2];
        struct driver d[2];

        for (size_t i = 0; i < 2; i++) {
                driver_start(&d[i], str_from(policy), NULL);
                feed(&d[i], SIDE_CLIENT, spellings[i]);
                cr_expect(str_eq(buf_str(&d[i].to[SIDE_SERVER]), str_from(sent)), "%.*s", STR_FMT(buf_str(&d[i].to[SIDE_SERVER])));
                narrowed[i] = digest_of(&d[i], "\"narrowed_digest\":\"");
                came[i] = digest_of(&d[i], "\"arguments_digest\":\"");
        }
        cr_expect(str_eq(narrowed[0], narrowed[1]));
        cr_expect(str_eq(came[0], came[1]), "of the arguments in canonical form, however they were spelled");
        cr_expect_not(str_eq(came[0], narrowed[0]));
        driver_stop(&d[0]);
        driver_stop(&d[1]);
}

Test(laws, L2_canonical_line)
{
        static const char *const texts[] = { "\\u0041", "\\/", "\xC2\x85", "\x7f", "\xE2\x80\xA8", "\xE2\x80\xA9", "\\uD83D\\uDE00", "\\u001F",
                "\\t", "plain", "\xC3\xA9" };
        static const char *const spaces[] = { "", " ", "\t", "\r" };
        static const uint64_t seed[2] = { 1, 2 };
        struct json_doc doc;

        json_doc_init(&doc, seed);
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) * 4; i++) {
                const char *text = texts[i / 4], *s = spaces[i % 4];
                char line[512];
                struct driver d;

                driver_start(&d, STR(OPEN), NULL);
                snprintf(line, sizeof(line), "%s{%s\"jsonrpc\":%s\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"t\":\"%s\",%s\"n\":-0.10E+2}}%s}%s",
                        s, s, s, text, s, s, s);
                feed(&d, SIDE_CLIENT, line);
                snprintf(line, sizeof(line), "%s{\"jsonrpc\":\"2.0\",%s\"id\":1,\"result\":{\"content\":[%s],\"x\":\"%s\"}}%s", s, s, s, text, s);
                feed(&d, SIDE_SERVER, line);
                for (int to = 0; to < SIDE_LANE; to++) {
                        struct str out = buf_str(&d.to[to]);

                        cr_assert_gt(out.len, 1U, "%s", line);
                        cr_expect_eq(out.ptr[out.len - 1], '\n');
                        cr_expect_eq(json_read(&doc, str_of(out.ptr, out.len - 1)), JSON_OK);
                        cr_expect(doc.canonical, "%.*s", STR_FMT(out));
                        for (size_t n = 0; n + 1 < out.len; n++)
                                cr_expect((unsigned char)out.ptr[n] >= 0x20 && out.ptr[n] != 0x7f, "byte %zu of %s", n, line);
                }
                cr_expect(contains(&d.to[SIDE_SERVER], "-0.10E+2"), "number texts stay");
                driver_stop(&d);
        }
        json_doc_deinit(&doc);
}

Test(laws, L3_strict_reading)
{
        static const char *const lines[] = {
                "\xEF\xBB\xBF{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"method\":\"ping\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"m\\u0065thod\":\"ping\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"_meta\":{\"a\":1,\"a\":1}}}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"_meta\":{\"a\\u0000\":1}}}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"_meta\":{\"a\":\"\\udc00\"}}}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"_meta\":{\"a\":\"\xC0\xAF\"}}}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"} {\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}",
                "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"Cursor\":1}}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"extra\":1}",
        };
        struct driver d;

        driver_start(&d, STR(OPEN), NULL);
        for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
                size_t records = d.records.len;

                feed(&d, SIDE_CLIENT, lines[i]);
                cr_expect_eq(d.to[SIDE_SERVER].len, 0U, "%s", lines[i]);
                cr_expect_gt(d.records.len, records, "a record of %s", lines[i]);
        }
        feed(&d, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
        cr_expect_gt(d.to[SIDE_SERVER].len, 0U, "the connection survives");
        driver_stop(&d);
}

/* Rows that carry no authority of their own: handshake, lists (cut), pings, notifications. */
static bool may_pass_unasked(const struct rpc_method *m)
{
        return m->policed == RPC_PASSES || m->policed == RPC_BY_INITIALIZE || m->policed == RPC_BY_REQUEST_ID ||
               (m->policed == RPC_BY_ROOTS && m->kind == RPC_NOTIFICATION) || m->policed == RPC_BY_LISTEN;
}

Test(laws, L4_complete_mediation)
{
        static const char params[] = "\"params\":{\"name\":\"x\",\"_meta\":{}}", uri[] = "\"params\":{\"uri\":\"file:///x\"}",
                          task[] = "\"params\":{\"taskId\":\"x\"}", ref[] = "\"params\":{\"ref\":{\"type\":\"ref/prompt\",\"name\":\"x\"}}",
                          none[] = "\"params\":{}";
        const struct rpc_method *m;

        for (size_t i = 0; (m = rpc_method_at(i)); i++) {
                const char *p = m->policed == RPC_BY_RESOURCE ? uri : m->policed == RPC_BY_TASK ? task :
                                m->policed == RPC_BY_COMPLETION ? ref :
                                m->policed == RPC_BY_TOOL || m->policed == RPC_BY_PROMPT ? params : none;

                for (int side = 0; side < SIDE_LANE; side++) {
                        enum rpc_from from = side == SIDE_CLIENT ? RPC_FROM_CLIENT : RPC_FROM_SERVER;
                        struct driver d;
                        char line[512];

                        if (m->from & from && may_pass_unasked(m))
                                continue;
                        driver_start(&d, STR(NOTHING), NULL);
                        snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",%s\"method\":\"%.*s\",%s}",
                                m->kind == RPC_REQUEST ? "\"id\":1," : "", STR_FMT(m->name), p);
                        feed(&d, (enum side)side, line);
                        cr_expect_eq(d.to[!side].len, 0U, "under a policy that allows nothing, this passed: %s", line);
                        driver_stop(&d);
                }
        }
        for (int side = 0; side < SIDE_LANE; side++) {
                struct driver d;

                driver_start(&d, STR(NOTHING), NULL);
                feed(&d, (enum side)side, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"vendor/anything\"}");
                feed(&d, (enum side)side, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/vendor\"}");
                feed(&d, (enum side)side, "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}");
                cr_expect_eq(d.to[!side].len, 0U);
                driver_stop(&d);
        }
}

Test(laws, L5_one_gate)
{
        /* That only gate_forward() writes is checked on the source (tests/house); here: a denied call, however it is learnt of
         * and whenever it comes, leaves nothing on its way to the server. */
        static const char denied[] = "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/call\",\"params\":{\"name\":\"delete_all\"}}";
        struct driver d;

        driver_start(&d, STR(POLICY), NULL);
        feed(&d, SIDE_CLIENT, denied);
        feed(&d, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"tools/list\"}");
        feed(&d, SIDE_SERVER, "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"tools\":[{\"name\":\"delete_all\"},{\"name\":\"echo\"}]}}");
        feed(&d, SIDE_CLIENT, denied);
        cr_expect_not(contains(&d.to[SIDE_SERVER], "delete_all"));
        cr_expect_not(contains(&d.to[SIDE_CLIENT], "\"name\":\"delete_all\""));
        cr_expect(contains(&d.to[SIDE_CLIENT], "\"name\":\"echo\""));
        driver_stop(&d);
}

Test(laws, L6_audit_first)
{
        struct driver d;
        const struct iovec *v;
        char *at;
        size_t room;
        struct str line = STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\"}}\n");

        driver_start(&d, STR(POLICY), NULL);
        cr_assert_eq(session_input(d.session, SIDE_CLIENT, &at, &room), 0);
        memcpy(at, line.ptr, line.len);
        session_feed(d.session, SIDE_CLIENT, line.len, 1, 1);
        cr_expect(session_records_due(d.session), "the record comes with the event, before its output is asked for");
        cr_expect_not_null(memmem(audit_log_pending(d.audit).ptr, audit_log_pending(d.audit).len, "\"verdict\":\"allow\"", 17));
        audit_log_discard(d.audit, 1);
        session_commit(d.session, SIDE_CLIENT, false, 1);
        cr_expect_eq(session_output(d.session, SIDE_CLIENT, SIDE_SERVER, &v), 0U, "not written, not run");
        cr_expect_eq(session_output(d.session, SIDE_CLIENT, SIDE_CLIENT, &v), 1U, "and said so");
        session_release(d.session, SIDE_CLIENT);
        driver_stop(&d);
}

/* Fails the n-th request for memory, once. */
struct failing {
        long countdown;
};

static void *fail_nth(void *userdata, void *ptr, size_t size)
{
        struct failing *f = userdata;

        return --f->countdown == 0 ? NULL : realloc(ptr, size);
}

static void release(void *userdata, void *ptr)
{
        free(ptr);
}

/* Whatever the records say of arguments is @expected. */
static void expect_digests(const struct driver *d, struct str expected, long n)
{
        const char *at = d->records.data, *end = at + d->records.len;

        while (at < end && (at = memmem(at, (size_t)(end - at), "\"arguments_digest\":\"", 20))) {
                at += 20;
                cr_assert(str_eq(str_of(at, expected.len), expected), "request %ld for memory refused: %.80s", n, at);
        }
}

Test(laws, L7_fail_closed)
{
        bool ran_out = true;
        char digest[8 + 64];
        struct driver first;

        driver_start(&first, STR(POLICY), NULL);
        feed(&first, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"a\":1}}}");
        memcpy(digest, digest_of(&first, "\"arguments_digest\":\"").ptr, sizeof(digest));
        driver_stop(&first);
        for (long n = 1; ran_out && n < 5000; n++) {
                struct failing f = { 0 };
                struct allocator failing = { fail_nth, release, &f };
                struct driver d;

                driver_start(&d, STR(POLICY), NULL);
                /* The test's own memory is not what runs out. */
                for (int side = 0; side < SIDE_LANE; side++)
                        cr_assert_eq(buf_reserve(&d.to[side], 1U << 16), 0);
                cr_assert_eq(buf_reserve(&d.records, 1U << 16), 0);
                f.countdown = n;
                mem_set_allocator(&failing);
                feed(&d, SIDE_CLIENT, " {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"delete_all\",\"arguments\":{\"a\": 1}}}");
                feed(&d, SIDE_CLIENT, " {\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"a\": 1}}}");
                feed(&d, SIDE_CLIENT, " {\"jsonrpc\":\"2.0\",\"id\":\"a string id\",\"method\":\"tools/list\"}");
                feed(&d, SIDE_SERVER, " {\"jsonrpc\":\"2.0\",\"id\":\"a string id\",\"result\":{\"tools\":[{\"name\":\"delete_all\"},{\"name\":\"echo\"}]}}");
                mem_set_allocator(NULL);
                cr_assert_not(contains(&d.to[SIDE_SERVER], "delete_all"), "request %ld for memory refused", n);
                cr_assert_not(contains(&d.to[SIDE_CLIENT], "\"name\":\"delete_all\""), "request %ld for memory refused", n);
                expect_digests(&d, str_of(digest, sizeof(digest)), n);
                cr_assert(d.over || contains(&d.to[SIDE_CLIENT], "\"id\":1"), "the denied call waits for ever after %ld", n);
                cr_assert(d.over || contains(&d.to[SIDE_CLIENT], "\"id\":\"a string id\""), "the list waits for ever after %ld", n);
                ran_out = f.countdown <= 0;
                driver_stop(&d);
        }
        cr_expect_not(ran_out, "every request for memory was refused once");
}

/* The same of what changes messages: they leave changed, or not at all. */
Test(laws, L7_fail_closed_when_messages_change)
{
        static const char policy[] = "leastwise: 1\nname: change\npurpose: p\n"
                                     "tools: { allow: [{ tool: echo, narrow: { n: { at_most: 5 } }, free: [t] }] }\n"
                                     "results: { redact: [{ name: x, matches: secret }], strip: [invisible-characters] }\n";
        bool ran_out = true;

        for (long n = 1; ran_out && n < 5000; n++) {
                struct failing f = { 0 };
                struct allocator failing = { fail_nth, release, &f };
                struct driver d;

                driver_start(&d, str_from(policy), NULL);
                for (int side = 0; side < SIDE_LANE; side++)
                        cr_assert_eq(buf_reserve(&d.to[side], 1U << 16), 0);
                cr_assert_eq(buf_reserve(&d.records, 1U << 16), 0);
                f.countdown = n;
                mem_set_allocator(&failing);
                feed(&d, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"t\":1, \"n\":9}}}");
                feed(&d, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}");
                feed(&d, SIDE_SERVER, "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"tools\":[{\"name\":\"echo\",\"description\":\"se\\u200bcret\"}]}}");
                feed(&d, SIDE_SERVER, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"a se\\u200bcret \\u0073ecret\"}]}}");
                mem_set_allocator(NULL);
                cr_assert_not(contains(&d.to[SIDE_SERVER], "\"n\":9"), "request %ld for memory refused", n);
                cr_assert_not(contains(&d.to[SIDE_CLIENT], "\xE2\x80\x8B"), "request %ld for memory refused", n);
                cr_assert_not(contains(&d.to[SIDE_CLIENT], "\"a secret"), "request %ld for memory refused", n);
                cr_assert(d.over || contains(&d.to[SIDE_CLIENT], "\"id\":1"), "the call waits for ever after %ld", n);
                cr_assert(d.over || contains(&d.to[SIDE_CLIENT], "\"id\":2"), "the list waits for ever after %ld", n);
                ran_out = f.countdown <= 0;
                driver_stop(&d);
        }
        cr_expect_not(ran_out, "every request for memory was refused once");
}

Test(laws, L8_bounded)
{
        struct driver d;
        struct buf line = BUF_INIT(64U << 20);
        char text[160];

        driver_start(&d, STR(POLICY), NULL);
        for (unsigned i = 0; i < LIMIT_IN_FLIGHT + 5; i++) {
                snprintf(text, sizeof(text), "{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\"}}", i);
                feed(&d, SIDE_CLIENT, text);
        }
        snprintf(text, sizeof(text), "\"id\":%u,\"error\"", LIMIT_IN_FLIGHT);
        cr_expect(contains(&d.to[SIDE_CLIENT], text), "the request past the limit is refused");
        snprintf(text, sizeof(text), "\"id\":%u,\"error\"", LIMIT_IN_FLIGHT - 1);
        cr_expect_not(contains(&d.to[SIDE_CLIENT], text), "the one at the limit is not");

        d.to[SIDE_CLIENT].len = 0;
        for (unsigned i = 0; i < 100000; i++)
                feed(&d, SIDE_SERVER, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}");
        cr_expect_lt(d.to[SIDE_CLIENT].len, 25000U * 64, "a flood of notifications is cut");
        cr_expect_gt(d.to[SIDE_CLIENT].len, 15000U * 64, "a burst is not");

        d.to[SIDE_CLIENT].len = 0;
        buf_append_str(&line, STR("{\"jsonrpc\":\"2.0\",\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"x\":\""));
        for (unsigned i = 0; i < 11U << 16; i++)
                buf_append_str(&line, STR("0123456789abcdef"));
        buf_append_str(&line, STR("\"}},\"id\":\"too long\"}"));
        feed(&d, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":\"before\",\"method\":\"bad\"}");
        driver_feed(&d, SIDE_CLIENT, buf_str(&line));
        feed(&d, SIDE_CLIENT, "");
        cr_expect(contains(&d.to[SIDE_CLIENT], "\"id\":\"too long\",\"error\""), "an oversize line is answered");
        feed(&d, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":\"after\",\"method\":\"bad\"}");
        cr_expect(contains(&d.to[SIDE_CLIENT], "\"id\":\"after\",\"error\""), "and survived");
        buf_deinit(&line);
        driver_stop(&d);
}

/* However large a read could be after a long line, what it causes has room: each call is answered and recorded. */
Test(laws, L8_bounded_reads)
{
        struct buf flood = BUF_INIT(8U << 20);
        struct driver d;

        driver_start(&d, STR(POLICY), NULL);
        buf_append_str(&flood, STR("{\"jsonrpc\":\"2.0\",\"id\":\"long\",\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"x\":\""));
        for (unsigned i = 0; i < 5U << 16; i++)
                buf_append_str(&flood, STR("0123456789abcdef"));
        buf_append_str(&flood, STR("\"}}}\n"));
        driver_feed(&d, SIDE_CLIENT, buf_str(&flood));
        flood.len = 0;
        for (unsigned i = 0; i < 30000; i++)
                buf_printf(&flood, "{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":\"tools/call\",\"params\":{\"name\":\"delete_x\"}}\n", i);
        cr_assert_not(flood.failed);
        driver_feed(&d, SIDE_CLIENT, buf_str(&flood));
        cr_expect_eq(session_stats_get(d.session)->answers, 30000U);
        cr_expect_eq(session_stats_get(d.session)->lost_records, 0U);
        cr_expect_not(contains(&d.records, "\"kind\":\"gap\""));
        buf_deinit(&flood);
        driver_stop(&d);
}

/* A server's refused requests are answered, each one, but the log that they fill is bounded like all that it sends. */
Test(laws, L8_bounded_records)
{
        const struct str line = STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\"}\n");
        struct buf flood = BUF_INIT(4U << 20);
        struct driver d;
        size_t answers = 0;

        driver_start(&d, STR(POLICY), NULL);
        for (unsigned i = 0; i < 25000; i++)
                buf_append_str(&flood, line);
        driver_feed(&d, SIDE_SERVER, buf_str(&flood));
        for (size_t i = 0; i < d.to[SIDE_SERVER].len; i++)
                answers += d.to[SIDE_SERVER].data[i] == '\n';
        cr_expect_eq(answers, 25000U);
        answers = 0;
        for (size_t i = 0; i < d.records.len; i++)
                answers += d.records.data[i] == '\n';
        cr_expect_leq(answers, 20100U);
        cr_expect_geq(answers, 1000U);
        driver_stop(&d);

        /* Nor does a client fill the log with lines that go nowhere. */
        buf_clear(&flood, SIZE_MAX);
        for (unsigned i = 0; i < 100000; i++)
                buf_append_str(&flood, STR("{}\n"));
        driver_start(&d, STR(POLICY), NULL);
        driver_feed(&d, SIDE_CLIENT, buf_str(&flood));
        cr_expect_lt(d.records.len, 20100U * 300);
        driver_end(&d, SIDE_CLIENT);
        cr_expect(contains(&d.records, "\"reason\":\"rate-limited\""), "what was not recorded is counted");
        cr_expect(contains(&d.records, "\"count\":80000"), "all of it");
        driver_stop(&d);
        buf_deinit(&flood);
}

Test(laws, L9_no_secret_leaves)
{
        static const char secret[] = "hunter2-hunter2";
        static const char *const places[] = {
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"TOKEN=hunter2-hunter2\"}]}}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"hunter2-hunter2\":[],\"content\":[]}}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":1,\"message\":\"hunter2-hunter2\",\"data\":[\"aHVudGVyMi1odW50ZXIy\"]}}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"data\":{\"x\":\"68756e746572322d68756e74657232\"}}}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":1,\"progress\":1,\"message\":\"hunter2-hunter2\"}}",
                "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"tools\":[{\"name\":\"echo\",\"description\":\"hunter2-hunter2\"}]}}",
        };
        static const char *const forms[] = { "hunter2-hunter2", "aHVudGVyMi1odW50ZXIy", "68756e746572322d68756e74657232" };

        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
                struct driver d;

                driver_start(&d, STR(POLICY), secret);
                feed(&d, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\"}}");
                feed(&d, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}");
                feed(&d, SIDE_SERVER, places[i]);
                cr_expect(contains(&d.to[SIDE_CLIENT], "[redacted:TOKEN]"), "%s", places[i]);
                for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
                        cr_expect_not(contains(&d.to[SIDE_CLIENT], forms[f]), "%s in %s", forms[f], places[i]);
                        cr_expect_not(contains(&d.records, forms[f]), "%s in the records", forms[f]);
                }
                driver_stop(&d);
        }
}

Test(laws, L9_no_secret_is_told_to_people)
{
        static const char secret[] = "hunter2-hunter2";
        struct driver d;
        struct str notice;
        size_t told = 0;

        driver_start(&d, STR(POLICY), secret);
        feed(&d, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
        feed(&d, SIDE_SERVER,
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":\"echo\",\"inputSchema\":{\"required\":[\"hunter2-hunter2\"]}}]}}");
        feed(&d, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\"}}");
        feed(&d, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tools/call\",\"params\":{\"name\":\"hunter2-hunter2\"}}");
        for (; session_take_notice(d.session, &notice); told++)
                cr_expect_not(memmem(notice.ptr, notice.len, secret, sizeof(secret) - 1), "%.*s", STR_FMT(notice));
        cr_expect_eq(told, 2);
        driver_stop(&d);
}

Test(laws, L11_transparent_otherwise)
{
        /* Unknown methods, members, capabilities, revisions and extensions: under a policy that opens everything, what is sent is
         * what arrives, byte for byte. */
        static const struct {
                enum side from;
                const char *line;
        } lines[] = {
                { SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2099-01-01\",\"capabilities\":{\"x\":{},\"experimental\":{\"y\":{}}},\"clientInfo\":{}}}" },
                { SIDE_SERVER, "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"protocolVersion\":\"2099-01-01\",\"capabilities\":{\"z\":{}},\"serverInfo\":{},\"more\":[1.0,1e2,-0]}}" },
                { SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"vendor/method\",\"params\":{\"anything\":[]}}" },
                { SIDE_SERVER, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"anything\":\"\xC3\xA9\"}}" },
                { SIDE_SERVER, "{\"jsonrpc\":\"2.0\",\"id\":\"s-1\",\"method\":\"vendor/ask\"}" },
                { SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":\"s-1\",\"error\":{\"code\":-32601,\"message\":\"no\"}}" },
                { SIDE_SERVER, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/vendor\",\"params\":{}}" },
                { SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\",\"params\":{\"cursor\":\"\"}}" },
                { SIDE_SERVER, "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"tools\":[{\"name\":\"any \xC3\xA9\",\"x\":1},{\"name\":\"any\"},{\"name\":\"any\"}],\"ttlMs\":5,\"cacheScope\":\"public\"}}" },
        };

        struct driver d;

        driver_start(&d, STR(OPEN), NULL);
        for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
                struct buf *to = &d.to[!lines[i].from];

                to->len = 0;
                feed(&d, lines[i].from, lines[i].line);
                cr_expect(to->len > 0 && str_eq(str_of(to->data, to->len - 1), str_from(lines[i].line)), "%s: %.*s", lines[i].line,
                        STR_FMT(buf_str(to)));
        }
        driver_stop(&d);
}
