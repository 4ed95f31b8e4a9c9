/* SPDX-License-Identifier: Apache-2.0
 *
 * Every order in which things can happen to two calls that wait for a person, up to a length: answers of the person, cancellation, time,
 * reload, a changed definition, the ends of both sides, a restart, the same call again, the same id again, a full disk.
 *
 * A model beside the engine knows nothing but what a person has said yes to and what has made that void. After each step:
 *
 *   - a call that reaches the server uses up an approval that is fresh, of that call, and was not used before;
 *   - no request is answered twice, and one that was cancelled while it waited is not answered at all;
 *
 * and at the end, when all time is up and the server gone, every request that is not cancelled has its answer, unless its client has gone.
 *
 * With `forms` the client of the session shows forms (docs/approvals.md), and a person also answers there: with the code, with a wrong one,
 * declining, closing. Answers to forms that are not open any more must change nothing.
 *
 * usage: enumerate_approvals LENGTH [merge] [forms]   merge: of equal states (of engine and model) only one is gone on from
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "driver.h"
#include "visits.h"

#define HOLD_MS 20000U
#define LIFE_MS 600000U
#define REQUESTS 64U
#define CALLS 2U
#define DEPTH_MAX 8U

enum op {
        OP_CALL_A, /* made, or made again: a duplicate while one waits, else a retry */
        OP_CALL_B,
        OP_APPROVE_A,
        OP_APPROVE_B,
        OP_DENY_A,
        OP_DENY_B,
        OP_CANCEL_A, /* the last that was made */
        OP_CANCEL_B,
        OP_SAME_ID_A, /* another request under the id of the last call */
        OP_SAME_ID_B,
        OP_HOLD_OVER,
        OP_EXPIRE,
        OP_RELOAD,
        OP_DEFINITION,
        OP_DISCONNECT,
        OP_SERVER_END,
        OP_RESTART,
        OP_DISK,
        /* With `forms`: answers to the form that was shown last, open or not. */
        OP_CODE,
        OP_WRONG,
        OP_DECLINE,
        OP_CLOSE,
        OPS,
};
#define OPS_WITHOUT_FORMS OP_CODE

static const char *const names[OPS] = { "call A", "call B", "approve A", "approve B", "deny A", "deny B", "cancel A", "cancel B",
        "same id as A", "same id as B", "hold over", "expire", "reload", "definition", "disconnect", "server end", "restart", "disk", "code",
        "wrong code", "decline", "close form" };
/* The same about the other call. */
static const enum op mirrored[OPS] = { OP_CALL_B, OP_CALL_A, OP_APPROVE_B, OP_APPROVE_A, OP_DENY_B, OP_DENY_A, OP_CANCEL_B, OP_CANCEL_A,
        OP_SAME_ID_B, OP_SAME_ID_A, OP_HOLD_OVER, OP_EXPIRE, OP_RELOAD, OP_DEFINITION, OP_DISCONNECT, OP_SERVER_END, OP_RESTART, OP_DISK, OP_CODE,
        OP_WRONG, OP_DECLINE, OP_CLOSE };

struct request {
        unsigned answers;
        unsigned call;
        bool sent;      /* the server has it */
        bool cancelled; /* while it waited */
        bool lost;      /* its client has gone */
        unsigned twins; /* requests under the same id: their answers cannot be told apart */
};

struct world {
        struct driver d;
        struct request requests[REQUESTS];
        unsigned count;
        unsigned last[CALLS]; /* id of the last request; 0: none in this session */
        size_t seen[SIDE_MAX_];
        bool over, server_gone;
        unsigned policy, definition;
        bool changes; /* the next list has another definition */
        /* The model: what a person has approved and nothing has made void. */
        bool granted[CALLS];
        uint64_t granted_until[CALLS];
        bool denied[CALLS][2][2]; /* by policy and definition: what a denial is about */
        /* The form that the client shows: 0: none. */
        unsigned form, last_form;
        char form_card[CARD_ID_BYTES];
        unsigned wrong[CALLS];
};

static bool forms;
static struct policy_set *policies[2];
static const struct str argv[] = { STR_INIT("server") };
static const struct session_asking asking = { .session = STR_INIT("01TESTTESTTESTTESTTESTTEST"), .argv = argv, .argc = 1, .server = STR_INIT("server") };

static enum op path[DEPTH_MAX];
static unsigned path_len;
static unsigned long sequences, steps;

static void fail(const char *what, unsigned id)
{
        fprintf(stderr, "%s (request %u) after:", what, id);
        for (unsigned i = 0; i < path_len; i++)
                fprintf(stderr, " %s%s", names[path[i]], i + 1 < path_len ? "," : "\n");
        abort();
}

static const char *path_of(unsigned call)
{
        return call ? "/b" : "/a";
}

/* --- what comes out --- */

static void settle(struct world *w);
static void void_grants(struct world *w);

static void feed(struct world *w, enum side side, const char *line)
{
        if (!w->over && !(side == SIDE_SERVER && w->server_gone))
                driver_feed(&w->d, side, str_from(line));
        settle(w);
}

static unsigned id_in(const char *line)
{
        const char *at = strstr(line, "\"id\":");

        return at ? (unsigned)strtoul(at + 5, NULL, 10) : 0;
}

static void list_answer(struct world *w, unsigned id)
{
        char line[256];

        snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%u,\"result\":{\"tools\":[{\"name\":\"write\",\"description\":\"%u\"}]}}\n", id,
                w->definition);
        feed(w, SIDE_SERVER, line);
}

static void at_server(struct world *w, const char *line)
{
        const unsigned id = id_in(line);
        const unsigned call = strstr(line, "\"/b\"") ? 1 : 0;
        char answer[128];

        if (strstr(line, "\"initialize\"")) {
                feed(w, SIDE_SERVER, "{\"jsonrpc\":\"2.0\",\"id\":999,\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},"
                                     "\"serverInfo\":{\"name\":\"s\",\"version\":\"1\"}}}\n");
                return;
        }
        if (strstr(line, "tools/list")) {
                /* Only what is listed is known to have changed. */
                if (w->changes) {
                        void_grants(w);
                        w->definition ^= 1;
                }
                w->changes = false;
                list_answer(w, id);
                return;
        }
        if (strstr(line, "notifications/cancelled")) {
                fail("the server hears of a call that it never got", id);
                return;
        }
        if (!strstr(line, "tools/call") || id >= REQUESTS)
                fail("something else reached the server", id);
        if (w->requests[id].sent)
                fail("a request was sent twice", id);
        if (w->requests[id].cancelled)
                fail("a cancelled call ran", id);
        if (!w->granted[call] || w->granted_until[call] <= w->d.now_ms)
                fail("a call ran without a fresh, unused approval", id);
        w->granted[call] = false;
        w->requests[id].sent = true;
        snprintf(answer, sizeof(answer), "{\"jsonrpc\":\"2.0\",\"id\":%u,\"result\":{\"content\":[]}}\n", id);
        feed(w, SIDE_SERVER, answer);
}

static void at_client(struct world *w, const char *line)
{
        const unsigned id = id_in(line);

        if (strstr(line, "\"method\":\"elicitation/create\"")) {
                const char *card = strstr(line, "leastwise approve ");

                if (w->form)
                        fail("two forms are open", w->form);
                w->form = w->last_form = (unsigned)strtoul(strstr(line, "leastwise:") + 10, NULL, 10);
                memcpy(w->form_card, card + 18, CARD_ID_BYTES - 1);
        } else if (strstr(line, "notifications/cancelled")) {
                if (!w->form || w->form != strtoul(strstr(line, "leastwise:") + 10, NULL, 10))
                        fail("a form is taken back that is not open", w->form);
                w->form = 0;
        }
        if (strstr(line, "\"method\":") || id >= REQUESTS || id == 0)
                return;
        w->requests[id].answers++;
        if (w->requests[id].answers > 1 + w->requests[id].twins)
                fail("a request was answered twice", id);
        if (w->requests[id].cancelled && !w->requests[id].twins)
                fail("a cancelled call was answered", id);
}

static void settle(struct world *w)
{
        for (int side = 0; side < SIDE_MAX_; side++) {
                while (w->seen[side] < w->d.to[side].len) {
                        const char *at = w->d.to[side].data + w->seen[side];
                        const size_t len = (size_t)((const char *)memchr(at, '\n', w->d.to[side].len - w->seen[side]) - at);
                        char line[2048];

                        if (len >= sizeof(line))
                                abort();
                        memcpy(line, at, len);
                        line[len] = '\0';
                        w->seen[side] += len + 1;
                        if (side == SIDE_SERVER)
                                at_server(w, line);
                        else
                                at_client(w, line);
                }
        }
}

/* --- steps --- */

static void start(struct world *w)
{
        w->over = w->server_gone = false;
        w->policy = 0;
        memset(w->denied, 0, sizeof(w->denied));
        for (int side = 0; side < SIDE_MAX_; side++)
                w->seen[side] = 0;
        driver_start_asking(&w->d, policies[0], NULL, true, NULL, &asking);
        w->d.now_ms = 1795172400000 + w->count;
        w->form = w->last_form = 0;
        if (forms) {
                feed(w, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":999,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
                                     "\"capabilities\":{\"elicitation\":{}},\"clientInfo\":{\"name\":\"c\",\"version\":\"1\"}}}\n");
        }
        feed(w, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":1000,\"method\":\"tools/list\"}\n");
}

static void make_call(struct world *w, unsigned call, unsigned id)
{
        char line[256];

        snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":\"tools/call\",\"params\":{\"name\":\"write\",\"arguments\":{\"path\":\"%s\"}}}\n",
                id, path_of(call));
        feed(w, SIDE_CLIENT, line);
}

static void new_call(struct world *w, unsigned call)
{
        if (w->over)
                return;
        w->last[call] = ++w->count;
        w->requests[w->count].call = call;
        make_call(w, call, w->count);
}

static const struct card *card_of(const struct world *w, unsigned call)
{
        const struct card *card;

        for (size_t at = 0; (card = session_card(w->d.session, &at));)
                if (memmem(card->arguments.ptr, card->arguments.len, path_of(call), 2))
                        return card;
        return NULL;
}

static void answer(struct world *w, unsigned call, bool approve)
{
        const struct card *card = w->over ? NULL : card_of(w, call);
        struct card_answer given = { .approve = approve, .trusted = true, .approver = STR("local") };
        const bool was_open = card && card->state == CARD_OPEN;
        char id[CARD_ID_BYTES];
        const char *why;
        int r;

        if (!card)
                return;
        memcpy(id, card->id, sizeof(id));
        given.id = str_from(id);
        given.digest = card->digest;
        /* The person's word counts when it is on record. */
        if (approve && was_open && !w->d.disk_full) {
                w->granted[call] = true;
                w->granted_until[call] = w->d.now_ms + LIFE_MS;
        } else if (!approve) {
                w->granted[call] = false;
                w->denied[call][w->policy][w->definition] = true;
        }
        r = driver_answer(&w->d, &given, &why);
        if ((r == 0) != (was_open || !approve))
                fail("an answer was taken wrongly", 0);
        settle(w);
}

static const struct card *card_of_form(const struct world *w)
{
        const struct card *card;

        for (size_t at = 0; w->form && (card = session_card(w->d.session, &at));)
                if (strcmp(card->id, w->form_card) == 0)
                        return card;
        return NULL;
}

/* To the last form. One that is not open any more does nothing, whatever is typed. */
static void answer_form(struct world *w, enum op op)
{
        const struct card *card = w->over ? NULL : card_of_form(w), *other;
        const unsigned call = card && memmem(card->arguments.ptr, card->arguments.len, "/b", 2) ? 1 : 0;
        char code[CARD_CODE_BYTES] = "AAAAAA", line[256];

        if (w->over || !w->last_form)
                return;
        if (w->form && (!card || card->state != CARD_OPEN || !session_card_code(w->d.session, card)[0]))
                fail("a form is open about nothing", w->form);
        /* The right one: of the form's card, and else of any. */
        for (size_t at = 0; op == OP_CODE && (other = card ? card : session_card(w->d.session, &at));) {
                snprintf(code, sizeof(code), "%s", session_card_code(w->d.session, other));
                if (card || code[0])
                        break;
        }
        if (card && op == OP_CODE && !w->d.disk_full) {
                w->granted[call] = true;
                w->granted_until[call] = w->d.now_ms + LIFE_MS;
        } else if (card && op == OP_DECLINE) {
                w->granted[call] = false;
                w->denied[call][w->policy][w->definition] = true;
        }
        w->wrong[call] += card && op == OP_WRONG;
        if (op == OP_CODE || op == OP_WRONG)
                snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:%u\",\"result\":{\"action\":\"accept\",\"content\":{\"code\":\"%s\"}}}\n",
                        w->last_form, code);
        else
                snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:%u\",\"result\":{\"action\":\"%s\"}}\n", w->last_form,
                        op == OP_DECLINE ? "decline" : "cancel");
        w->form = 0;
        feed(w, SIDE_CLIENT, line);
}

static void cancel(struct world *w, unsigned call)
{
        struct request *request = &w->requests[w->last[call]];
        char line[128];

        if (w->over || !w->last[call])
                return;
        request->cancelled |= !request->answers && !request->sent;
        snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":%u}}\n", w->last[call]);
        feed(w, SIDE_CLIENT, line);
}

/* Refused while the first is unanswered; after that it is a call like any other. */
static void same_id(struct world *w, unsigned call)
{
        struct request *request = &w->requests[w->last[call]];

        if (w->over || !w->last[call])
                return;
        request->twins++;
        request->sent = request->cancelled = false;
        make_call(w, call, w->last[call]);
}

static void wait_ms(struct world *w, uint64_t ms)
{
        if (w->over)
                w->d.now_ms += ms;
        else
                driver_wait(&w->d, ms);
        settle(w);
}

static void void_grants(struct world *w)
{
        w->granted[0] = w->granted[1] = false;
}

static void reload(struct world *w)
{
        if (w->over)
                return;
        void_grants(w);
        w->policy ^= 1;
        driver_set_policy(&w->d, policies[w->policy], NULL);
        settle(w);
}

static void change_definition(struct world *w)
{
        if (w->over || w->server_gone)
                return;
        w->changes = true;
        feed(w, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":1000,\"method\":\"tools/list\"}\n");
        w->changes = false;
}

static void forget_client(struct world *w)
{
        for (unsigned id = 1; id <= w->count; id++)
                w->requests[id].lost = true;
        w->last[0] = w->last[1] = 0;
        void_grants(w);
}

static void disconnect(struct world *w)
{
        if (w->over)
                return;
        driver_end(&w->d, SIDE_CLIENT);
        settle(w);
        forget_client(w);
        w->over = true;
}

static void end_server(struct world *w)
{
        if (w->over || w->server_gone)
                return;
        void_grants(w);
        driver_end(&w->d, SIDE_SERVER);
        w->server_gone = true;
        settle(w);
}

static void restart(struct world *w)
{
        const bool full = w->d.disk_full;

        forget_client(w);
        driver_stop(&w->d);
        start(w);
        w->d.disk_full = full;
}

static void step(struct world *w, enum op op)
{
        steps++;
        switch (op) {
        case OP_CALL_A:
        case OP_CALL_B:
                new_call(w, op - OP_CALL_A);
                break;
        case OP_APPROVE_A:
        case OP_APPROVE_B:
                answer(w, op - OP_APPROVE_A, true);
                break;
        case OP_DENY_A:
        case OP_DENY_B:
                answer(w, op - OP_DENY_A, false);
                break;
        case OP_CANCEL_A:
        case OP_CANCEL_B:
                cancel(w, op - OP_CANCEL_A);
                break;
        case OP_SAME_ID_A:
        case OP_SAME_ID_B:
                same_id(w, op - OP_SAME_ID_A);
                break;
        case OP_HOLD_OVER:
                wait_ms(w, HOLD_MS);
                break;
        case OP_EXPIRE:
                wait_ms(w, LIFE_MS);
                break;
        case OP_RELOAD:
                reload(w);
                break;
        case OP_DEFINITION:
                change_definition(w);
                break;
        case OP_DISCONNECT:
                disconnect(w);
                break;
        case OP_SERVER_END:
                end_server(w);
                break;
        case OP_RESTART:
                restart(w);
                break;
        case OP_DISK:
                w->d.disk_full = !w->d.disk_full;
                break;
        case OP_CODE:
        case OP_WRONG:
        case OP_DECLINE:
        case OP_CLOSE:
                answer_form(w, op);
                break;
        case OPS:
        default:
                abort();
        }
}

/* --- the end of a sequence --- */

static void finish(struct world *w)
{
        w->d.disk_full = false;
        wait_ms(w, 2 * LIFE_MS);
        end_server(w);
        for (unsigned id = 1; id <= w->count; id++) {
                const struct request *request = &w->requests[id];

                if (!request->lost && !request->cancelled && !request->twins && request->answers != 1)
                        fail("a request has no answer", id);
        }
        driver_stop(&w->d);
}

static void begin(struct world *w)
{
        *w = (struct world){ .count = 0 };
        start(w);
        new_call(w, 0);
        new_call(w, 1);
}

/* --- all sequences --- */

/* What the rest of a sequence can depend on, of engine and model. Ids and counters only name things. */
static uint64_t print_of(const struct world *w)
{
        const struct card *card;
        AUTO_BUF struct buf text = BUF_INIT(65536);

        buf_printf(&text, "%d%d%d%u%u|", w->over, w->server_gone, w->d.disk_full, w->policy, w->definition);
        for (unsigned call = 0; call < CALLS; call++) {
                const struct request *last = &w->requests[w->last[call]];

                buf_printf(&text, "%d:%llu:%d:%u:%d%d%d|", w->granted[call],
                        w->granted[call] ? (unsigned long long)(w->granted_until[call] - w->d.now_ms) : 0, w->last[call] != 0,
                        last->answers, last->sent, last->cancelled, last->twins != 0);
        }
        buf_append(&text, w->denied, sizeof(w->denied));
        /* All calls that are held came since time last passed, so that the next deadline is that of each. */
        for (size_t at = 0; !w->over && (card = session_card(w->d.session, &at));)
                buf_printf(&text, "%.*s:%d:%u:%llu:%d:%d|", STR_FMT(card->arguments), card->state, card->waiting,
                        (unsigned long long)(card->expires_ms - w->d.now_ms), session_card_code(w->d.session, card)[0] != '\0',
                        w->form && strcmp(card->id, w->form_card) == 0);
        buf_printf(&text, "%d:%u:%u|", w->last_form != 0, w->wrong[0], w->wrong[1]);
        buf_printf(&text, "%llu|", w->over ? 0ULL : (unsigned long long)(session_deadline(w->d.session) - w->d.now_ms));
        for (unsigned id = 1; id <= w->count; id++)
                if (!w->requests[id].lost && !w->requests[id].answers && !w->requests[id].cancelled)
                        buf_printf(&text, "%u,", w->requests[id].call);
        return str_hash(buf_str(&text));
}

static void run_path(uint64_t *ret_print)
{
        struct world *w = malloc(sizeof(*w));

        if (!w)
                abort();
        begin(w);
        for (unsigned i = 0; i < path_len; i++)
                step(w, path[i]);
        *ret_print = print_of(w);
        finish(w);
        free(w);
        sequences++;
}

/* @turned: the first step about one call was about A; sequences that differ in nothing but which call is called A are one. */
static void go_on(unsigned left, bool merge, bool turned)
{
        uint64_t print;

        if (path_len || merge)
                run_path(&print);
        if (left == 0 || (merge && visits_know(print ^ (turned ? 0 : 0x5555U), left)))
                return;
        for (int op = 0; op < (int)(forms ? OPS : OPS_WITHOUT_FORMS); op++) {
                const bool about_one = mirrored[op] != (enum op)op;

                if (about_one && !turned && mirrored[op] < (enum op)op)
                        continue;
                path[path_len++] = (enum op)op;
                go_on(left - 1, merge, turned || about_one);
                path_len--;
        }
}

int main(int argc, char **argv_)
{
        static const char text[] = "leastwise: 1\nname: p\npurpose: p\ntools: { approve: [write] }\nschema: off\napproval: { elicit: true }\n";
        static const char other[] = "leastwise: 1\nname: p\npurpose: q\ntools: { approve: [write] }\nschema: off\napproval: { elicit: true }\n";
        const unsigned length = argc > 1 ? (unsigned)strtoul(argv_[1], NULL, 10) : 3;
        const bool merge = argc > 2 && strcmp(argv_[2], "merge") == 0;

        forms = argc > 2 && strcmp(argv_[argc - 1], "forms") == 0;
        if (length > DEPTH_MAX)
                return 2;
        policies[0] = driver_policy(str_from(text));
        policies[1] = driver_policy(str_from(other));
        /* Which call is the older one matters to forms. */
        go_on(length, merge, forms);
        printf("ok: %lu sequences of up to %u steps run, %lu steps, %zu states\n", sequences, length, steps, visits_count());
        visits_free();
        policy_set_unref(policies[0]);
        policy_set_unref(policies[1]);
        return 0;
}
