/* SPDX-License-Identifier: Apache-2.0
 *
 * Both peers hostile at once. The input is a list of events: a byte that says which (side, whole line, partial, end of file, disk
 * full, time), a length byte, the bytes. What must hold, whatever happens:
 *
 *   - every line written to either peer is canonical JSON ending in one LF (L2, L3);
 *   - no tools/call of a denied tool reaches the server, in any line, however it was spelled (L4, L5);
 *   - under a policy that narrows, no call is forwarded that is not narrow;
 *   - no request of the client is answered more often than it was sent (exactly-once matching);
 *   - nothing goes to the server in an event whose records could not be written, but refusals (L6);
 *   - under a policy that asks, no more calls reach the server than people have approved, and none that they have not.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "driver.h"
#include "json.h"
#include "limit.h"
#include "line.h"
#include "skim.h"

#define POLICY                                                                                                       \
        "leastwise: 1\nname: fuzz\npurpose: p\ntools: { allow: [echo, \"list_*\"], deny: [{ tool: \"delete_*\", because: no }] }\n" \
        "resources: { allow: [\"file:///srv/**\"] }\nprompts: { allow: [greet] }\n"                                         \
        "server_requests: { sampling: allow, elicitation: { form: allow }, roots: [\"/srv\"] }\n"

/* The same tools, with all that changes messages and counts calls. */
#define NARROWING                                                                                                    \
        "leastwise: 1\nname: fuzz\npurpose: p\ntools:\n  allow:\n"                                                     \
        "    - { tool: echo, when: { q: { matches: '[a-z]+', optional: true } }, narrow: { n: { at_most: 5, default: 1 }, s: { set: x }, d: { remove: true } }, open: true }\n" \
        "    - \"list_*\"\n  approve: [{ tool: list_held, free: [a] }]\n"                                                \
        "  deny: [{ tool: \"delete_*\", because: no }, { tool: echo, when: { n: 3, optional: true } }]\n"                  \
        "resources: { allow: [\"file:///srv/**\"] }\nprompts: { allow: [{ prompt: greet, when: { a: b } }] }\n"           \
        "server_requests: { sampling: allow, elicitation: { form: allow }, roots: [\"/srv\"] }\n"                        \
        "limits: { session: { calls: 50, denials: 20 }, call: { in_flight: 3, time: 5s } }\n"                            \
        "flow: { marks: { m: [echo], l: [\"list_*\"] }, rules: [{ after: [m], on: l, then: deny }] }\n"                  \
        "results: { redact: [{ name: r, matches: 'se+cret|\\d{4}$' }], strip: [terminal-escapes, invisible-characters] }\n"
#define STRIPPING                                                                                                    \
        "leastwise: 1\nname: fuzz\npurpose: p\nhints: off\ntools: { allow: [echo, \"list_*\"] }\n"                     \
        "results: { strip: [terminal-escapes] }\n"

/* With somebody who can be asked; and the same again, to be put in its place. */
#define ASKING                                                                                                       \
        "leastwise: 1\nname: fuzz\npurpose: p\ntools: { approve: [{ tool: echo, say: \"{q} {n}\", hold: 3s, narrow: { n: { at_most: 5 } }, open: true }] }\n" \
        "approval: { valid: 5s, expires: 9s, elicit: true }\nlimits: { call: { in_flight: 3 } }\n"
#define ASKING_TOO ASKING "hints: off\n"

static const struct str server_argv[] = { STR_INIT("server") };
static const struct session_asking asking = { .session = STR_INIT("01TESTTESTTESTTESTTESTTEST"), .argv = server_argv, .argc = 1 };

struct tally {
        char id[64];
        int sent, answered;
};

struct watch {
        struct json_doc doc;
        struct tally tallies[512];
        size_t count;
        bool narrows, asks;
        unsigned approved; /* calls that people have said yes to, and that have not run yet */
        size_t seen[SIDE_MAX_]; /* bytes of the driver's collections looked at */
};

static struct tally *tally_of(struct watch *w, struct str id)
{
        if (id.len >= sizeof(w->tallies[0].id))
                return NULL;
        for (size_t i = 0; i < w->count; i++)
                if (str_eq(str_from(w->tallies[i].id), id))
                        return &w->tallies[i];
        if (w->count == sizeof(w->tallies) / sizeof(w->tallies[0]))
                return NULL;
        w->tallies[w->count] = (struct tally){ 0 };
        memcpy(w->tallies[w->count].id, id.ptr, id.len);
        return &w->tallies[w->count++];
}

static bool is_allowed_tool(struct str name)
{
        return str_eq(name, STR("echo")) || str_starts_with(name, STR("list_"));
}

static bool is_narrow(const struct json_doc *doc, uint32_t params)
{
        uint32_t arguments = json_member(doc, params, STR("arguments"));
        uint32_t s = arguments ? json_member(doc, arguments, STR("s")) : 0;
        uint32_t n = arguments ? json_member(doc, arguments, STR("n")) : 0;
        int64_t number = 0;

        if (!s || !n || !json_string_is(doc, s, STR("x")) || json_member(doc, arguments, STR("d")))
                return false;
        return !json_integer_get(doc, n, &number) || number <= 5;
}

static void look_at_server_line(struct watch *w)
{
        struct json_doc *doc = &w->doc;
        uint32_t params = json_member(doc, 0, STR("params"));
        uint32_t name = params ? json_member(doc, params, STR("name")) : 0;

        if (!json_string_is(doc, json_member(doc, 0, STR("method")), STR("tools/call")))
                return;
        if (!name || !is_allowed_tool(json_raw_string(doc, name)))
                abort();
        if (w->asks && w->approved-- == 0)
                abort();
        if (w->narrows && json_string_is(doc, name, STR("echo")) && !is_narrow(doc, params))
                abort();
}

static void look_at_client_line(struct watch *w)
{
        struct json_doc *doc = &w->doc;
        uint32_t id = json_member(doc, 0, STR("id"));
        struct tally *t = id && !json_member(doc, 0, STR("method")) ? tally_of(w, json_text(doc, id)) : NULL;

        if (t && ++t->answered > t->sent)
                abort();
}

static void look(struct watch *w, struct driver *d)
{
        for (int to = 0; to < SIDE_MAX_; to++) {
                struct str all = buf_str(&d->to[to]);

                while (w->seen[to] < all.len) {
                        const char *start = all.ptr + w->seen[to], *lf = memchr(start, '\n', all.len - w->seen[to]);

                        if (!lf || json_read(&w->doc, str_of(start, (size_t)(lf - start))) != JSON_OK || !w->doc.canonical)
                                abort();
                        if (to == SIDE_SERVER)
                                look_at_server_line(w);
                        else
                                look_at_client_line(w);
                        w->seen[to] = (size_t)(lf - all.ptr) + 1;
                }
        }
}

/* Ids are counted at their most generous: every line with a root id, readable or not, may be answered once. */
static void count_sent(struct watch *w, struct line_reader *lines, struct str bytes)
{
        enum line_event event;
        struct str line, id;
        size_t room;
        char *at;

        if (line_reader_space(lines, &at, &room) < 0)
                abort();
        memcpy(at, bytes.ptr, bytes.len);
        line_reader_added(lines, bytes.len);
        while ((event = line_reader_next(lines, &line)) != LINE_NONE) {
                struct skim skim;
                struct tally *t = NULL;

                skim_init(&skim);
                skim_feed(&skim, line);
                if (json_read(&w->doc, line) == JSON_OK) {
                        uint32_t token = json_member(&w->doc, 0, STR("id"));
                        struct buf text = BUF_INIT(4096);

                        if (token && json_write(&text, &w->doc, token) == 0)
                                t = tally_of(w, buf_str(&text));
                        buf_deinit(&text);
                } else if (skim_id(&skim, &id) && json_read(&w->doc, id) == JSON_OK) {
                        struct buf text = BUF_INIT(4096);

                        if (json_write(&text, &w->doc, 0) == 0)
                                t = tally_of(w, buf_str(&text));
                        buf_deinit(&text);
                }
                if (t)
                        t->sent++;
        }
        line_reader_release(lines);
}

/* Whole messages under a number, so that few bytes make a conversation. */
static const char *const phrases[] = {
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{}}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"delete_all\",\"arguments\":{}}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[]}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"tools\":[{\"name\":\"echo\"},{\"name\":\"delete_all\"}]}}\n",
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"roots/list\"}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"roots\":[{\"uri\":\"file:///\"}]}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"input_required\",\"inputRequests\":{\"k\":{\"method\":\"roots/list\"}}}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"method\":\"resources/read\",\"params\":{\"uri\":\"file:///srv/../etc\"}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"task\":{}}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"task\":{\"taskId\":\"t\"}}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"n\":9,\"d\":[1],\"q\":\"b\"}}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"a secret \\u001b[31m 1234\"}]}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"_meta\":{\"progressToken\":1,\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}}}\n",
};

/* A person answers one of the cards. */
static void answer_card(struct watch *w, struct driver *d, unsigned n)
{
        struct card_answer answer = { .approve = n & 1, .trusted = true, .approver = STR("local"), .because = STR("no") };
        const struct card *card;
        char id[CARD_ID_BYTES];
        const char *why;
        size_t at = (n >> 1) & 3;

        card = session_card(d->session, &at);
        if (!card)
                return;
        memcpy(id, card->id, sizeof(id));
        answer.id = str_from(id);
        if (answer.approve && card->state == CARD_OPEN)
                w->approved++;
        (void)driver_answer(d, &answer, &why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const texts[] = { POLICY, NARROWING, STRIPPING, ASKING, ASKING_TOO };
        static struct policy_set *policies[5]; /* kept for the life of the fuzzer */
        size_t which = !size ? 0 : data[size - 1] >= 192 ? 3 : data[size - 1] % 3U;
        static struct watch w;
        struct driver d;
        struct line_reader sent;

        if (size > 8192)
                return 0;
        w = (struct watch){ 0 };
        json_doc_init(&w.doc, (const uint64_t[2]){ 9, 9 });
        line_reader_init(&sent, LIMIT_LINE_BYTES);
        if (!policies[which])
                policies[which] = driver_policy(str_from(texts[which]));
        w.narrows = which == 1;
        w.asks = which == 3;
        if (w.asks && !policies[4])
                policies[4] = driver_policy(str_from(texts[4]));
        driver_start_asking(&d, policies[which], NULL, w.asks, NULL, w.asks ? &asking : NULL);
        for (size_t at = 0; at + 1 < size;) {
                unsigned op = data[at] & 7, n = data[at + 1];
                enum side side = data[at] & 8 ? SIDE_SERVER : SIDE_CLIENT;
                struct str bytes = { (const char *)data + at + 2, n < size - at - 2 ? n : size - at - 2 };

                at += 2;
                if (w.asks && op <= 2 && data[at - 2] & 16) {
                        if (op == 2)
                                driver_set_policy(&d, policies[which ^= 7], NULL);
                        else
                                answer_card(&w, &d, n);
                } else if (op == 0) {
                        driver_end(&d, side);
                } else if (op == 2 && w.asks) {
                        driver_wait(&d, n * 100U);
                } else if (op == 1) {
                        d.disk_full = n & 1;
                } else if (op == 2) {
                        d.now_ms += n * 100U;
                } else {
                        if (op <= 4)
                                bytes = str_from(phrases[n % (sizeof(phrases) / sizeof(phrases[0]))]);
                        else
                                at += bytes.len;
                        if (side == SIDE_CLIENT)
                                count_sent(&w, &sent, bytes);
                        driver_feed(&d, side, bytes);
                }
                look(&w, &d);
        }
        line_reader_deinit(&sent);
        json_doc_deinit(&w.doc);
        driver_stop(&d);
        return 0;
}
