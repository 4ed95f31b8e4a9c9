/* SPDX-License-Identifier: Apache-2.0
 *
 * Every order in which things can happen to calls of a lane, up to a length: calls that are allowed and one that needs a person, his yes, the
 * lane's start, handshake, answers and death, cancellation, time, other policies, the ends of both sides, a full disk; calls to the main
 * server, which another one takes the place of.
 *
 * A model beside the engine knows what processes there are, what each has been sent, and what a person has said yes to. After each step:
 *
 *   - the lane is asked for only while a call that is allowed, or approved, waits for it;
 *   - a call reaches its server once at the most, never the other one, never a process that has not greeted, and never when it was cancelled before;
 *   - no call is answered twice;
 *
 * and at the end every call that was not cancelled has its answer, unless its client has gone.
 *
 * usage: enumerate_lanes LENGTH [merge] [once]   merge: of equal states (of engine and model) only one is gone on from;
 *                                                once: the lane lives for one call
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "driver.h"
#include "internal.h"
#include "visits.h"

#define REQUESTS 64U
#define DEPTH_MAX 8U
#define LIVE_MS 60000U
#define START_MS 330000U

enum op {
        OP_CALL,  /* one that is allowed */
        OP_ASK,   /* one that needs a person */
        OP_APPROVE,
        OP_CANCEL, /* the last that was made */
        OP_STARTED,
        OP_FAILED,
        OP_GREET,  /* the lane answers the handshake */
        OP_ANSWER, /* the lane answers the oldest call that it has */
        OP_DIE,
        OP_WAIT_START,
        OP_WAIT_IDLE,
        OP_REST,   /* or again not */
        OP_RELOAD,
        OP_READ,     /* a call to the main server */
        OP_READ_ANSWER,
        OP_LOST,
        OP_REPLACED,
        OP_REPLACED_GREETS,
        OP_SERVER_END,
        OP_DISCONNECT,
        OP_DISK,
        OPS,
};

static const char *const names[OPS] = { "call", "ask", "approve", "cancel", "started", "failed", "greet", "answer", "die", "start time",
        "idle time", "rest", "reload", "read", "read answer", "lost", "replaced", "replaced greets", "server end", "disconnect", "disk" };

struct request {
        unsigned answers;
        bool asks, reads, approved, sent, cancelled, lost;
};

struct process {
        bool running;
        unsigned greeting; /* number of the handshake that it has got; 0: none, or answered */
        bool greeted;
        unsigned has[REQUESTS]; /* calls that it has, oldest first */
        unsigned has_count;
};

struct world {
        struct driver d;
        struct request requests[REQUESTS];
        unsigned count;
        size_t seen[SIDE_MAX_];
        bool over, server_gone, resting;
        bool wanted;  /* the owner is to start it */
        struct process lane, server;
        unsigned policy;
};

static struct policy_set *policies[2];
static const struct str argv[] = { STR_INIT("server") };
static const struct session_asking asking = { .session = STR_INIT("01TESTTESTTESTTESTTESTTEST"), .argv = argv, .argc = 1, .server = STR_INIT("server") };

static enum op path[DEPTH_MAX];
static unsigned path_len;
static unsigned long sequences, steps, sent, starts;

static void fail(const char *what, unsigned id)
{
        fprintf(stderr, "%s (request %u) after:", what, id);
        for (unsigned i = 0; i < path_len; i++)
                fprintf(stderr, " %s%s", names[path[i]], i + 1 < path_len ? "," : "\n");
        abort();
}

/* --- what comes out --- */

static unsigned number_behind(const char *line, const char *what)
{
        const char *at = strstr(line, what);

        return at ? (unsigned)strtoul(at + strlen(what), NULL, 10) : 0;
}

static void at_process(struct world *w, struct process *p, const char *line)
{
        const unsigned id = number_behind(line, "\"id\":");
        struct request *r = &w->requests[id < REQUESTS ? id : 0];

        if (!p->running)
                fail("something is sent to a process that does not run", id);
        if (strstr(line, "\"initialize\"")) {
                if (p->greeting || p->greeted)
                        fail("a process is greeted twice", 0);
                p->greeting = number_behind(line, "\"id\":\"leastwise:");
                return;
        }
        if (strstr(line, "notifications/initialized"))
                return;
        if (strstr(line, "notifications/cancelled")) {
                if (!w->requests[number_behind(line, "\"requestId\":")].sent)
                        fail("a process hears of a call that it never got", 0);
                return;
        }
        if (!strstr(line, "tools/call") || id >= REQUESTS || id == 0)
                fail("something else reached a server", id);
        if (r->reads != (p == &w->server))
                fail("a call went to the wrong server", id);
        if (!p->greeted)
                fail("a call reached a process that has not greeted", id);
        if (r->sent)
                fail("a call was sent twice", id);
        if (r->cancelled || r->answers)
                fail("a call ran that was over", id);
        if (r->asks && !r->approved)
                fail("a call ran without an approval", id);
        r->sent = true;
        p->has[p->has_count++] = id;
        sent++;
}

static void at_client(struct world *w, const char *line)
{
        const unsigned id = number_behind(line, "\"id\":");

        if (strstr(line, "\"method\":") || id >= REQUESTS || id == 0)
                return;
        if (++w->requests[id].answers > 1)
                fail("a call was answered twice", id);
        if (w->requests[id].cancelled && !w->requests[id].sent)
                fail("a call that was cancelled while it waited was answered", id);
}

static void look_at(struct world *w, int side)
{
        while (w->seen[side] < w->d.to[side].len) {
                const char *at = w->d.to[side].data + w->seen[side];
                const size_t len = (size_t)((const char *)memchr(at, '\n', w->d.to[side].len - w->seen[side]) - at);
                char line[2048];

                if (len >= sizeof(line))
                        abort();
                memcpy(line, at, len);
                line[len] = '\0';
                w->seen[side] += len + 1;
                if (side == SIDE_LANE)
                        at_process(w, &w->lane, line);
                else if (side == SIDE_CLIENT)
                        at_client(w, line);
                else if (!w->server_gone && !strstr(line, "\"i\""))
                        at_process(w, &w->server, line);
        }
}

static bool somebody_waits(const struct world *w)
{
        for (unsigned id = 1; id <= w->count; id++) {
                const struct request *r = &w->requests[id];

                if (!r->answers && !r->cancelled && !r->sent && !r->reads && (!r->asks || r->approved))
                        return true;
        }
        return false;
}

static void settle(struct world *w)
{
        struct str asked = buf_str(&w->d.asked);

        /* Answers first: what is asked of the owner comes after the event. */
        look_at(w, SIDE_CLIENT);
        look_at(w, SIDE_SERVER);
        look_at(w, SIDE_LANE);
        while (asked.len) {
                const size_t n = (size_t)((const char *)memchr(asked.ptr, '\n', asked.len) - asked.ptr);

                if (str_starts_with(asked, STR("start "))) {
                        if (w->lane.running || w->wanted)
                                fail("a lane is started twice", 0);
                        if (!somebody_waits(w))
                                fail("a lane is started that no call wants", 0);
                        w->wanted = true;
                        starts++;
                } else if (str_starts_with(asked, STR("stop -1"))) {
                        /* It has not greeted in time. */
                        if (!w->server.running || w->server.greeted || w->server_gone)
                                fail("the main server is stopped", 0);
                        w->server = (struct process){ .running = false };
                        buf_clear(&w->d.asked, SIZE_MAX);
                        w->server_gone = !session_upstream_replaceable(w->d.session);
                        driver_upstream_lost(&w->d, SIDE_SERVER);
                        settle(w);
                        return;
                } else if (w->wanted) {
                        /* The owner gives the start up. */
                        w->wanted = false;
                        buf_clear(&w->d.asked, SIZE_MAX);
                        driver_upstream_failed(&w->d, SIDE_LANE, "given up");
                        settle(w);
                        return;
                } else if (!w->lane.running) {
                        fail("a lane is stopped that does not run", 0);
                }
                asked = str_skip(asked, n + 1);
        }
        buf_clear(&w->d.asked, SIZE_MAX);
}

static void feed(struct world *w, enum side side, const char *line)
{
        driver_feed(&w->d, side, str_from(line));
        settle(w);
}

/* --- steps --- */

static void start(struct world *w)
{
        w->server = (struct process){ .running = true, .greeted = true };
        driver_start_asking(&w->d, policies[0], NULL, true, NULL, &asking);
        feed(w, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":\"i\",\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{}}}\n");
        feed(w, SIDE_SERVER, "{\"jsonrpc\":\"2.0\",\"id\":\"i\",\"result\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{\"tools\":{}}}}\n");
        feed(w, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n");
}

static void call(struct world *w, const char *tool)
{
        char line[256];

        if (w->over)
                return;
        w->requests[++w->count].asks = strcmp(tool, "ask") == 0;
        w->requests[w->count].reads = strcmp(tool, "read") == 0;
        /* When the main server has ended for good the session is over: the owner does not read on. */
        w->requests[w->count].lost = w->requests[w->count].reads && w->server_gone;
        snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\",\"arguments\":{\"n\":%u}}}\n", w->count,
                tool, w->count);
        feed(w, SIDE_CLIENT, line);
}

/* The newest card that is open. */
static void approve(struct world *w)
{
        const struct card *card, *found = NULL;
        struct card_answer given = { .approve = true, .trusted = true, .approver = STR("local") };
        char id[CARD_ID_BYTES];
        const char *why;
        unsigned n;

        if (w->over)
                return;
        for (size_t at = 0; (card = session_card(w->d.session, &at));)
                found = card->state == CARD_OPEN ? card : found;
        if (!found)
                return;
        n = number_behind(found->arguments.ptr, "\"n\":");
        memcpy(id, found->id, sizeof(id));
        given.id = str_from(id);
        given.digest = found->digest;
        w->requests[n].approved = !w->d.disk_full;
        driver_answer(&w->d, &given, &why);
        settle(w);
}

static void cancel(struct world *w)
{
        struct request *r = &w->requests[w->count];
        char line[128];

        if (w->over || !w->count)
                return;
        r->cancelled |= !r->answers;
        snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":%u}}\n", w->count);
        feed(w, SIDE_CLIENT, line);
}

static void forget_process(struct world *w)
{
        w->resting = false;
        w->lane = (struct process){ .running = false };
}

static void started(struct world *w, bool well)
{
        if (!w->wanted)
                return;
        w->wanted = false;
        if (well) {
                w->lane.running = true;
                if (driver_upstream_started(&w->d, SIDE_LANE) == -EINVAL)
                        fail("a start that was wanted is refused", 0);
        } else {
                driver_upstream_failed(&w->d, SIDE_LANE, "no credential");
        }
        settle(w);
}

static void greet(struct world *w, struct process *p)
{
        char line[256];

        if (!p->running || !p->greeting)
                return;
        snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:%u\",\"result\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{\"tools\":{}}}}\n",
                p->greeting);
        p->greeting = 0;
        p->greeted = true;
        feed(w, p == &w->server ? SIDE_SERVER : SIDE_LANE, line);
}

static void answer(struct world *w, struct process *p)
{
        char line[128];

        if (!p->has_count || !p->running)
                return;
        snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%u,\"result\":{\"content\":[]}}\n", p->has[0]);
        memmove(p->has, p->has + 1, --p->has_count * sizeof(p->has[0]));
        feed(w, p == &w->server ? SIDE_SERVER : SIDE_LANE, line);
}

/* Whoever ends leaves no call unanswered that it had. */
static void expect_answered(struct world *w, const struct process *p)
{
        for (unsigned i = 0; i < p->has_count; i++) {
                const struct request *r = &w->requests[p->has[i]];

                if (!r->answers && !r->cancelled && !r->lost)
                        fail("a call has no answer whose server has ended", p->has[i]);
        }
}

/* The main server has ended, and another is to take its place. */
static void lose(struct world *w)
{
        struct process before;

        if (!w->server.running || w->server_gone || !session_upstream_replaceable(w->d.session))
                return;
        before = w->server;
        w->server = (struct process){ .running = false };
        driver_upstream_lost(&w->d, SIDE_SERVER);
        settle(w);
        expect_answered(w, &before);
}

static void replace(struct world *w)
{
        if (w->server.running || w->server_gone)
                return;
        w->server.running = true;
        if (driver_upstream_started(&w->d, SIDE_SERVER) < 0)
                fail("a server that takes the place of another is refused", 0);
        settle(w);
}

static void die(struct world *w)
{
        const struct process before = w->lane;

        if (!w->lane.running)
                return;
        forget_process(w);
        driver_end(&w->d, SIDE_LANE);
        settle(w);
        expect_answered(w, &before);
}

static void wait_ms(struct world *w, uint64_t ms)
{
        driver_wait(&w->d, ms);
        settle(w);
}

static void rest(struct world *w)
{
        if (!w->lane.running)
                return;
        w->resting = !w->resting;
        driver_upstream_rest(&w->d, SIDE_LANE, w->resting);
        settle(w);
}

static void reload(struct world *w)
{
        if (w->over)
                return;
        w->policy ^= 1;
        driver_set_policy(&w->d, policies[w->policy], NULL);
        settle(w);
}

static void end_server(struct world *w)
{
        if (w->server_gone)
                return;
        w->server_gone = true;
        driver_end(&w->d, SIDE_SERVER);
        settle(w);
}

static void disconnect(struct world *w)
{
        if (w->over)
                return;
        w->over = true;
        for (unsigned id = 1; id <= w->count; id++)
                w->requests[id].lost = true;
        driver_end(&w->d, SIDE_CLIENT);
        settle(w);
}

static void step(struct world *w, enum op op)
{
        steps++;
        switch (op) {
        case OP_CALL:
        case OP_ASK:
        case OP_READ:
                call(w, op == OP_ASK ? "ask" : op == OP_READ ? "read" : "write");
                break;
        case OP_APPROVE:
                approve(w);
                break;
        case OP_CANCEL:
                cancel(w);
                break;
        case OP_STARTED:
        case OP_FAILED:
                started(w, op == OP_STARTED);
                break;
        case OP_GREET:
        case OP_REPLACED_GREETS:
                greet(w, op == OP_GREET ? &w->lane : &w->server);
                break;
        case OP_ANSWER:
        case OP_READ_ANSWER:
                answer(w, op == OP_ANSWER ? &w->lane : &w->server);
                break;
        case OP_LOST:
                lose(w);
                break;
        case OP_REPLACED:
                replace(w);
                break;
        case OP_DIE:
                die(w);
                break;
        case OP_WAIT_START:
                wait_ms(w, START_MS);
                break;
        case OP_WAIT_IDLE:
                wait_ms(w, LIVE_MS);
                break;
        case OP_REST:
                rest(w);
                break;
        case OP_RELOAD:
                reload(w);
                break;
        case OP_SERVER_END:
                end_server(w);
                break;
        case OP_DISCONNECT:
                disconnect(w);
                break;
        case OP_DISK:
                w->d.disk_full = !w->d.disk_full;
                break;
        case OPS:
        default:
                abort();
        }
}

static void finish(struct world *w)
{
        w->d.disk_full = false;
        started(w, false);
        die(w);
        started(w, false);
        /* What waits for a person, and cards. */
        wait_ms(w, 700000);
        end_server(w);
        for (unsigned id = 1; id <= w->count; id++) {
                const struct request *r = &w->requests[id];

                if (!r->lost && !r->cancelled && r->answers != 1)
                        fail("a call has no answer", id);
        }
        driver_stop(&w->d);
}

/* --- all sequences --- */

/* What the rest of a sequence can depend on, of engine and model. Ids and counters only name things. */
static uint64_t print_of(const struct world *w)
{
        const struct upstream *u = &w->d.session->upstreams[SIDE_LANE];
        AUTO_BUF struct buf text = BUF_INIT(65536);

        buf_printf(&text, "%d%d%d%d%d%d%d%u|", w->over, w->server_gone, w->resting, w->wanted, w->lane.running, w->lane.greeting != 0, w->lane.greeted,
                w->policy);
        buf_printf(&text, "%d%d%d%u|", w->server.running, w->server.greeting != 0, w->server.greeted, w->server.has_count);
        buf_printf(&text, "%d%d%d%d%d%u:%u|", u->state, u->resting, u->served, u->outdated != NULL, w->d.disk_full, u->in_flight, w->lane.has_count);
        buf_printf(&text, "%d%llu|", w->d.session->upstreams[SIDE_SERVER].state,
                w->d.session->upstreams[SIDE_SERVER].deadline_ms
                        ? (unsigned long long)(w->d.session->upstreams[SIDE_SERVER].deadline_ms - w->d.now_ms)
                        : 0ULL);
        buf_printf(&text, "%llu|", (unsigned long long)(session_deadline(w->d.session) - w->d.now_ms));
        buf_printf(&text, "%llu|", u->deadline_ms ? (unsigned long long)(u->deadline_ms - w->d.now_ms) : 0ULL);
        for (unsigned id = 1; id <= w->count; id++) {
                const struct request *r = &w->requests[id];

                if (!r->answers)
                        buf_printf(&text, "%d%d%d%d%d%d,", r->asks, r->reads, r->approved, r->sent, r->cancelled, id == w->count);
        }
        return str_hash(buf_str(&text));
}

static void run_path(uint64_t *ret_print)
{
        struct world *w = calloc(1, sizeof(*w));

        if (!w)
                abort();
        start(w);
        call(w, "write");
        call(w, "ask");
        for (unsigned i = 0; i < path_len; i++)
                step(w, path[i]);
        *ret_print = print_of(w);
        finish(w);
        free(w);
        sequences++;
}

static void go_on(unsigned left, bool merge)
{
        uint64_t print;

        run_path(&print);
        if (left == 0 || (merge && visits_know(print, left)))
                return;
        for (int op = 0; op < OPS; op++) {
                path[path_len++] = (enum op)op;
                go_on(left - 1, merge);
                path_len--;
        }
}

int main(int argc, char **argv_)
{
        static const char text[] = "leastwise: 1\nname: p\npurpose: %c\nschema: off\nlanes: { w: { live: %s } }\n"
                                   "tools: { allow: [read, { tool: write, lane: w }], approve: [{ tool: ask, lane: w, hold: 2m }] }\n";
        const unsigned length = argc > 1 ? (unsigned)strtoul(argv_[1], NULL, 10) : 3;
        bool merge = false, once = false;

        for (int i = 2; i < argc; i++) {
                merge |= strcmp(argv_[i], "merge") == 0;
                once |= strcmp(argv_[i], "once") == 0;
        }
        if (length > DEPTH_MAX)
                return 2;
        for (int i = 0; i < 2; i++) {
                char policy[512];

                snprintf(policy, sizeof(policy), text, 'p' + i, once ? "call" : "1m");
                policies[i] = driver_policy(str_from(policy));
        }
        go_on(length, merge);
        if (!sent || !starts)
                abort(); /* nothing was shown */
        printf("ok: %lu sequences of up to %u steps run, %lu steps, %zu states; %lu starts, %lu calls sent\n", sequences, length, steps, visits_count(), starts,
                sent);
        visits_free();
        policy_set_unref(policies[0]);
        policy_set_unref(policies[1]);
        return 0;
}
