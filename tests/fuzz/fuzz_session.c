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
 *   - under a policy that asks, no more calls reach the server than people have approved, and none that they have not;
 *   - under one with lanes, a call reaches the server of its own lane and no other, at most as often as it was made; nothing goes to a process
 *     that is not there; the lane that needs an approval is not started before the first; what a server asks is answered once at the
 *     most, and not to the process after it; and what a lane asks comes to the client under an id of ours.
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

/* With three lanes; and the same without one of them, in another order. */
#define LANES                                                                                                        \
        "leastwise: 1\nname: fuzz\npurpose: p\nlanes: { a: { live: 5s }, b: { live: call }, c: { live: 2s } }\n"         \
        "tools: { allow: [echo, { tool: list_a, lane: a }, { tool: list_b, lane: b }], approve: [{ tool: list_held, lane: c, hold: 3s }] }\n" \
        "approval: { valid: 5s, expires: 9s }\nlimits: { call: { in_flight: 6, time: 8s } }\n"                           \
        "server_requests: { sampling: allow, elicitation: { form: allow }, roots: [\"/srv\"] }\n"
#define LANES_TOO                                                                                                    \
        "leastwise: 1\nname: fuzz\npurpose: p\nlanes: { b: { live: 1s } }\n"                                           \
        "tools: { allow: [echo, { tool: list_b, lane: b }] }\n"

static const struct str server_argv[] = { STR_INIT("server") };
static const struct session_asking asking = { .session = STR_INIT("01TESTTESTTESTTESTTESTTEST"), .argv = server_argv, .argc = 1 };

/* Of one peer's messages with that id. */
struct tally {
        enum side side;
        char id[64];
        int sent, answered, ran;
        enum side at; /* a call: where it runs; SIDE_CLIENT: nowhere */
};

struct watch {
        struct json_doc doc;
        struct tally tallies[512];
        size_t count;
        bool narrows, asks, lanes;
        unsigned approved; /* calls that people have said yes to, and that have not run yet */
        size_t seen[SIDE_MAX_]; /* bytes of the driver's collections looked at */
        size_t seen_asked;
        struct line_reader sent[SIDE_MAX_];
        bool wanted[SIDE_MAX_], runs[SIDE_MAX_]; /* processes of servers: asked for; there */
        bool may_be_sent[SIDE_MAX_]; /* one was there since we looked last */
        char lane[SIDE_MAX_];        /* whose process was asked for last */
        enum side speaks;            /* whose bytes were fed since we looked last; SIDE_CLIENT: no server's */
};

static struct tally *tally_of(struct watch *w, enum side side, struct str id)
{
        if (id.len >= sizeof(w->tallies[0].id))
                return NULL;
        for (size_t i = 0; i < w->count; i++)
                if (w->tallies[i].side == side && str_eq(str_from(w->tallies[i].id), id))
                        return &w->tallies[i];
        if (w->count == sizeof(w->tallies) / sizeof(w->tallies[0]))
                return NULL;
        w->tallies[w->count] = (struct tally){ .side = side };
        memcpy(w->tallies[w->count].id, id.ptr, id.len);
        return &w->tallies[w->count++];
}

/* Another process has asked nothing yet. */
static void forget_side(struct watch *w, enum side side)
{
        for (size_t i = w->count; i-- > 0;)
                if (w->tallies[i].side == side)
                        w->tallies[i] = w->tallies[--w->count];
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

static bool is_plain_result(const struct json_doc *doc)
{
        const uint32_t result = json_member(doc, 0, STR("result"));

        return result && !json_member(doc, result, STR("isError"));
}

/* What is answered to one who asked, once for each time. */
static void look_at_answer(struct watch *w, enum side to)
{
        struct json_doc *doc = &w->doc;
        uint32_t id = json_member(doc, 0, STR("id"));
        struct tally *t = id && !json_member(doc, 0, STR("method")) ? tally_of(w, to, json_text(doc, id)) : NULL;

        if (!t)
                return;
        if (++t->answered > t->sent)
                abort();
        /* A result of a call is that of the process that has it. */
        if (w->speaks && t->at && t->at != w->speaks && is_plain_result(doc))
                abort();
        t->at = SIDE_CLIENT;
}

/* A call is there where its tool's lane is, and as often as it was made. */
static void look_at_call(struct watch *w, enum side to, struct str tool)
{
        const char lane = str_eq(tool, STR("list_a")) ? 'a' : str_eq(tool, STR("list_b")) ? 'b' : str_eq(tool, STR("list_held")) ? 'c' : 0;
        struct tally *t = tally_of(w, SIDE_CLIENT, json_text(&w->doc, json_member(&w->doc, 0, STR("id"))));

        if (w->lane[to] != lane || (t && ++t->ran > t->sent) || (lane == 'c' && w->approved-- == 0))
                abort();
        if (t)
                t->at = to;
}

static void look_at_server_line(struct watch *w, enum side to)
{
        struct json_doc *doc = &w->doc;
        uint32_t params = json_member(doc, 0, STR("params"));
        uint32_t name = params ? json_member(doc, params, STR("name")) : 0;

        if (w->lanes)
                look_at_answer(w, to);
        if (!json_string_is(doc, json_member(doc, 0, STR("method")), STR("tools/call")))
                return;
        if (!name || !is_allowed_tool(json_raw_string(doc, name)))
                abort();
        if (w->lanes)
                look_at_call(w, to, json_raw_string(doc, name));
        if (w->asks && w->approved-- == 0)
                abort();
        if (w->narrows && json_string_is(doc, name, STR("echo")) && !is_narrow(doc, params))
                abort();
}

static void look_at_client_line(struct watch *w)
{
        struct json_doc *doc = &w->doc;
        uint32_t id = json_member(doc, 0, STR("id"));
        struct tally *t;
        bool own;

        look_at_answer(w, SIDE_CLIENT);
        if (!w->lanes || !id || !json_member(doc, 0, STR("method")))
                return;
        /* The main server's requests are its own; those of others are ours, and no two of them have one id. */
        own = str_starts_with(json_text(doc, id), STR("\"leastwise:"));
        t = tally_of(w, own ? SIDE_MAX_ : SIDE_SERVER, json_text(doc, id));
        if (t && ++t->ran > (own ? 1 : t->sent))
                abort();
}

/* What the session wants of its owner: "start 0 a". */
static void look_at_asked(struct watch *w, struct driver *d)
{
        while (w->seen_asked < d->asked.len) {
                const char *line = d->asked.data + w->seen_asked;
                const char *number = strchr(line, ' ') + 1;
                const enum side side = *number == '-' ? SIDE_SERVER : (enum side)(SIDE_LANE + (*number - '0'));

                w->seen_asked += (size_t)((const char *)memchr(line, '\n', d->asked.len - w->seen_asked) - line) + 1;
                /* One that is not wanted any more, and has not been started yet, is still heard of. */
                if (line[2] != 'a')
                        continue;
                if (w->wanted[side] || (number[2] == 'c' && !w->approved))
                        abort();
                w->wanted[side] = true;
                w->lane[side] = number[2];
        }
}

static void look(struct watch *w, struct driver *d)
{
        if (w->lanes)
                look_at_asked(w, d);
        for (int side = SIDE_LANE; side < SIDE_MAX_; side++) {
                if (w->seen[side] < d->to[side].len && !w->may_be_sent[side])
                        abort();
                w->may_be_sent[side] = w->runs[side];
        }
        for (int to = 0; to < SIDE_MAX_; to++) {
                struct str all = buf_str(&d->to[to]);

                while (w->seen[to] < all.len) {
                        const char *start = all.ptr + w->seen[to], *lf = memchr(start, '\n', all.len - w->seen[to]);

                        if (!lf || json_read(&w->doc, str_of(start, (size_t)(lf - start))) != JSON_OK || !w->doc.canonical)
                                abort();
                        if (to == SIDE_CLIENT)
                                look_at_client_line(w);
                        else
                                look_at_server_line(w, (enum side)to);
                        w->seen[to] = (size_t)(lf - all.ptr) + 1;
                }
        }
        w->speaks = SIDE_CLIENT;
}

/* Ids are counted at their most generous: every line with a root id, readable or not, may be answered once. */
static void count_sent(struct watch *w, enum side side, struct str bytes)
{
        struct line_reader *lines = &w->sent[side];
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
                                t = tally_of(w, side, buf_str(&text));
                        buf_deinit(&text);
                } else if (skim_id(&skim, &id) && json_read(&w->doc, id) == JSON_OK) {
                        struct buf text = BUF_INIT(4096);

                        if (json_write(&text, &w->doc, 0) == 0)
                                t = tally_of(w, side, buf_str(&text));
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

/* The same for sessions with lanes. */
static const char *const lane_phrases[] = {
        "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{}}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{\"tools\":{}}}}\n",
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"list_a\",\"_meta\":{\"progressToken\":1}}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"list_b\"}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tools/call\",\"params\":{\"name\":\"list_held\"}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\"}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/call\",\"params\":{\"name\":\"list_a\"}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"tools/call\",\"params\":{\"name\":\"list_b\",\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[]}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":-32602,\"message\":\"no\"}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"content\":[]}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"resultType\":\"task\",\"taskId\":\"t\"}}\n",
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}\n",
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":2}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"logging/setLevel\",\"params\":{\"level\":\"error\"}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}\n",
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/roots/list_changed\"}\n",
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":1,\"progress\":1}}\n",
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"data\":1}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"roots/list\"}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sampling/createMessage\",\"params\":{\"messages\":[],\"maxTokens\":1,\"_meta\":{\"progressToken\":1}}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":\"e\",\"method\":\"elicitation/create\",\"params\":{\"message\":\"m\"}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"ping\"}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"roots\":[]}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:1\",\"result\":{\"roots\":[{\"uri\":\"file:///\"}]}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:2\",\"error\":{\"code\":1,\"message\":\"m\"}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:3\",\"result\":{\"action\":\"accept\"}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:1\",\"result\":1}\n",
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

/* --- the owner of the lanes' processes, who does what he is asked to do, sooner or later --- */

static void feed(struct watch *w, struct driver *d, enum side side, struct str bytes)
{
        /* Nobody reads from a process that is not there. */
        if (w->lanes && side != SIDE_CLIENT && !w->runs[side])
                return;
        if (side == SIDE_CLIENT || w->lanes)
                count_sent(w, side, bytes);
        w->speaks = side;
        driver_feed(d, side, bytes);
}

static void start(struct watch *w, struct driver *d, enum side side)
{
        if (!w->wanted[side] || w->runs[side])
                return;
        forget_side(w, side);
        line_reader_deinit(&w->sent[side]);
        line_reader_init(&w->sent[side], LIMIT_LINE_BYTES);
        w->wanted[side] = false;
        w->runs[side] = w->may_be_sent[side] = driver_upstream_started(d, side) == 0;
        if (side == SIDE_SERVER && !w->runs[side])
                abort();
}

static void end(struct watch *w, struct driver *d, enum side side, bool replaced)
{
        if (!w->runs[side])
                return;
        w->runs[side] = false;
        if (side == SIDE_SERVER && replaced && session_upstream_replaceable(d->session)) {
                w->wanted[side] = true;
                driver_upstream_lost(d, side);
        } else {
                driver_end(d, side);
        }
}

/* The server answers the last request of ours that it got, mostly its handshake. */
static void answer_ours(struct watch *w, struct driver *d, enum side side, unsigned n)
{
        static const char own[] = "\"id\":\"leastwise:";
        const struct buf *to = &d->to[side];
        char line[256];

        for (size_t at = to->len; at-- > 0;) {
                if (to->len - at <= sizeof(own) || memcmp(to->data + at, own, sizeof(own) - 1) != 0)
                        continue;
                snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:%u\",\"result\":{\"protocolVersion\":\"2025-0%c-18\",\"capabilities\":{%s}}}\n",
                        (unsigned)strtoul(to->data + at + sizeof(own) - 1, NULL, 10), n & 16 ? '3' : '6', n & 32 ? "" : "\"tools\":{}");
                feed(w, d, side, str_from(line));
                return;
        }
}

static void fail(struct watch *w, struct driver *d, enum side side)
{
        if (!w->wanted[side] || w->runs[side])
                return;
        w->wanted[side] = false;
        if (side == SIDE_SERVER)
                driver_end(d, side);
        else
                driver_upstream_failed(d, side, "no");
}

/* An event of a session with lanes: its number, and another. */
static void lane_event(struct watch *w, struct driver *d, unsigned op, unsigned n, struct policy_set *const policies[2])
{
        const enum side side = (enum side)(SIDE_SERVER + n % 4);

        switch (op) {
        case 0:
                start(w, d, side);
                break;
        case 1:
                end(w, d, side, n & 32);
                break;
        case 2:
                answer_ours(w, d, side, n);
                break;
        case 3:
                fail(w, d, side);
                break;
        case 4:
                answer_card(w, d, n);
                break;
        case 5:
                driver_wait(d, n * 100U);
                break;
        case 6:
                driver_set_policy(d, policies[n & 1], NULL);
                break;
        default:
                driver_upstream_rest(d, side, n & 32);
                break;
        }
}

static enum side side_of(const struct watch *w, unsigned byte)
{
        if (!w->lanes)
                return byte & 8 ? SIDE_SERVER : SIDE_CLIENT;
        return byte & 8 ? (enum side)(SIDE_SERVER + (byte >> 6)) : SIDE_CLIENT;
}

static struct str phrase(const struct watch *w, unsigned n)
{
        return str_from(w->lanes ? lane_phrases[n % (sizeof(lane_phrases) / sizeof(lane_phrases[0]))]
                                 : phrases[n % (sizeof(phrases) / sizeof(phrases[0]))]);
}

static void begin_watch(struct watch *w, size_t which)
{
        *w = (struct watch){ .narrows = which == 1, .asks = which == 3, .lanes = which == 5 };
        json_doc_init(&w->doc, (const uint64_t[2]){ 9, 9 });
        w->runs[SIDE_SERVER] = true;
        for (int side = 0; side < SIDE_MAX_; side++)
                line_reader_init(&w->sent[side], LIMIT_LINE_BYTES);
}

static void end_watch(struct watch *w)
{
        for (int side = 0; side < SIDE_MAX_; side++)
                line_reader_deinit(&w->sent[side]);
        json_doc_deinit(&w->doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const texts[] = { POLICY, NARROWING, STRIPPING, ASKING, ASKING_TOO, LANES, LANES_TOO };
        static struct policy_set *policies[7]; /* kept for the life of the fuzzer */
        const unsigned last = size ? data[size - 1] : 0;
        size_t which = last >= 192 ? 3 : last >= 128 ? 5 : last % 3U;
        static struct watch w;
        struct driver d;

        if (size > 8192)
                return 0;
        begin_watch(&w, which);
        for (size_t i = which; i <= which + (w.asks || w.lanes); i++)
                if (!policies[i])
                        policies[i] = driver_policy(str_from(texts[i]));
        driver_start_asking(&d, policies[which], NULL, w.asks || w.lanes, NULL, w.asks || w.lanes ? &asking : NULL);
        for (size_t at = 0; at + 1 < size;) {
                unsigned op = data[at] & 7, n = data[at + 1];
                enum side side = side_of(&w, data[at]);
                struct str bytes = { (const char *)data + at + 2, n < size - at - 2 ? n : size - at - 2 };

                at += 2;
                if (w.lanes && data[at - 2] & 16) {
                        lane_event(&w, &d, op, n, &policies[5]);
                } else if (w.asks && op <= 2 && data[at - 2] & 16) {
                        if (op == 2)
                                driver_set_policy(&d, policies[which ^= 7], NULL);
                        else
                                answer_card(&w, &d, n);
                } else if (op == 0) {
                        if (w.lanes && side != SIDE_CLIENT)
                                end(&w, &d, side, false);
                        else
                                driver_end(&d, side);
                } else if (op == 2 && (w.asks || w.lanes)) {
                        driver_wait(&d, n * 100U);
                } else if (op == 1) {
                        d.disk_full = n & 1;
                } else if (op == 2) {
                        d.now_ms += n * 100U;
                } else {
                        if (op <= 4)
                                bytes = phrase(&w, n);
                        else
                                at += bytes.len;
                        feed(&w, &d, side, bytes);
                }
                look(&w, &d);
        }
        end_watch(&w);
        driver_stop(&d);
        return 0;
}
