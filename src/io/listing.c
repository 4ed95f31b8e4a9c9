/* SPDX-License-Identifier: Apache-2.0 */
#include "listing.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <uv.h>

#include "cleanup.h"
#include "inlet.h"
#include "json.h"
#include "limit.h"
#include "listing_request.h"
#include "outlet.h"
#include "printable.h"
#include "stderr_relay.h"

/* Room for one request: a server's cursor is in it. */
#define REQUEST_BYTES (2U * LIMIT_LISTED_CURSOR)

enum listing_step {
        STEP_INITIALIZE = 1, /* numbers are the ids of the requests */
        STEP_DISCOVER,
        STEP_TOOLS, /* and one for each further kind */
        STEP_RESOURCES,
        STEP_TEMPLATES,
        STEP_PROMPTS,
};
static_assert(STEP_PROMPTS - STEP_TOOLS + 1 == LISTING_KIND_MAX_, "a step for each kind");

static const struct {
        struct str method, list, name, capability;
        const char *words; /* for messages */
} kinds[LISTING_KIND_MAX_] = {
        [LISTING_TOOL] = { STR_INIT("tools/list"), STR_INIT("tools"), STR_INIT("name"), STR_INIT("tools"), "tool" },
        [LISTING_RESOURCE] = { STR_INIT("resources/list"), STR_INIT("resources"), STR_INIT("uri"), STR_INIT("resources"),
                "resource" },
        [LISTING_TEMPLATE] = { STR_INIT("resources/templates/list"), STR_INIT("resourceTemplates"), STR_INIT("uriTemplate"),
                STR_INIT("resources"), "resource template" },
        [LISTING_PROMPT] = { STR_INIT("prompts/list"), STR_INIT("prompts"), STR_INIT("name"), STR_INIT("prompts"), "prompt" },
};

struct listing {
        uv_loop_t loop;
        uv_timer_t timer;
        struct inlet in;
        struct outlet out;
        struct stderr_gate gate;
        struct stderr_relay relay;
        struct json_doc doc;
        struct buf line;    /* received, up to a newline */
        struct buf request; /* on its way */
        struct iovec segment;
        struct buf cursor;  /* of the page asked for last */
        listing_tool tool;   /* or */
        listing_entry entry; /* for all kinds */
        void *userdata;
        struct buf *message;
        enum listing_step step;
        bool modern;
        bool greeted; /* the handshake is over */
        bool done;
        bool has[LISTING_KIND_MAX_]; /* by the server's capabilities */
        size_t pages, entries;
        int result;
};

static void finish(struct listing *l, int result)
{
        if (l->done)
                return;
        l->done = true;
        l->result = result;
        uv_stop(&l->loop);
}

static void complain(struct listing *l, const char *what)
{
        if (!l->done)
                buf_printf(l->message, "%s", what);
        finish(l, -EPROTO);
}

/* --- Requests --- */

/* Only one request is ever under way: each is sent when the answer to the last has come. */
static void send_request(struct listing *l)
{
        if (l->request.failed) {
                complain(l, "a request to the server does not fit");
                return;
        }
        if (!outlet_is_idle(&l->out)) {
                complain(l, "the server answers what it has not read");
                return;
        }
        l->segment = (struct iovec){ l->request.data, l->request.len };
        (void)outlet_send(&l->out, &l->segment, 1, 0);
}

static void ask_initialize(struct listing *l)
{
        l->step = STEP_INITIALIZE;
        buf_clear(&l->request, REQUEST_BYTES);
        listing_request_initialize(&l->request, (int64_t)l->step);
        send_request(l);
}

static void ask_discover(struct listing *l)
{
        l->modern = true;
        l->step = STEP_DISCOVER;
        buf_clear(&l->request, REQUEST_BYTES);
        listing_request_discover(&l->request, (int64_t)l->step);
        send_request(l);
}

static enum listing_kind kind_of(const struct listing *l)
{
        return (enum listing_kind)(l->step - STEP_TOOLS);
}

/* The notification that ends the handshake goes in front, in the same write. */
static void ask_page(struct listing *l, enum listing_step step, bool first)
{
        const struct str cursor = buf_str(&l->cursor);

        l->step = step;
        buf_clear(&l->request, REQUEST_BYTES);
        if (!l->greeted && !l->modern)
                listing_request_initialized(&l->request);
        l->greeted = true;
        listing_request_page(&l->request, (int64_t)step, kinds[kind_of(l)].method, l->modern, first ? NULL : &cursor);
        send_request(l);
}

/* --- Answers --- */

static int offer(struct listing *l, uint32_t entry)
{
        AUTO_BUF struct buf scratch = BUF_INIT(LIMIT_LINE_BYTES);
        const uint32_t name = json_member(&l->doc, entry, kinds[kind_of(l)].name);
        struct str text = { 0 };

        if (++l->entries > LIMIT_LISTED_TOOLS) {
                buf_printf(l->message, "the server lists more %ss than anyone could use", kinds[kind_of(l)].words);
                finish(l, -E2BIG);
                return -E2BIG;
        }
        if (!name || json_type_of(&l->doc, name) != JSON_STRING ||
                json_string_get(&l->doc, name, &scratch, &text) < 0) {
                buf_printf(l->message, "the server lists a %s without a name", kinds[kind_of(l)].words);
                finish(l, -EPROTO);
                return -EPROTO;
        }
        if (l->entry)
                return l->entry(l->userdata, kind_of(l), &l->doc, entry, text);
        return l->tool(l->userdata, &l->doc, entry, text);
}

/* On to the next kind that is wanted and there. */
static void next_kind(struct listing *l)
{
        for (int step = (int)l->step + 1; l->entry && step <= STEP_PROMPTS; step++) {
                if (!l->has[step - STEP_TOOLS])
                        continue;
                l->pages = 0;
                l->entries = 0;
                ask_page(l, (enum listing_step)step, true);
                return;
        }
        finish(l, 0);
}

/* Of the answer to `initialize` or `server/discover`. */
static void note_capabilities(struct listing *l, uint32_t result)
{
        const uint32_t capabilities = json_member(&l->doc, result, STR("capabilities"));

        for (size_t i = 0; capabilities && i < LISTING_KIND_MAX_; i++)
                l->has[i] = json_member(&l->doc, capabilities, kinds[i].capability) != 0;
}

/* True when another page is to be asked for, with its cursor kept. An empty cursor is a cursor; only none is the end. */
static bool next_page(struct listing *l, uint32_t result)
{
        AUTO_BUF struct buf scratch = BUF_INIT(LIMIT_LISTED_CURSOR);
        const uint32_t cursor = json_member(&l->doc, result, STR("nextCursor"));
        struct str text;

        if (!cursor || json_type_of(&l->doc, cursor) == JSON_NULL)
                return false;
        if (json_type_of(&l->doc, cursor) != JSON_STRING || json_string_get(&l->doc, cursor, &scratch, &text) < 0 ||
                text.len > LIMIT_LISTED_CURSOR / 2) {
                complain(l, "the server's page cursor is no usable string");
                return false;
        }
        if (++l->pages >= LIMIT_LISTED_PAGES || (l->pages > 1 && str_eq(text, buf_str(&l->cursor)))) {
                complain(l, "the server's pages never end");
                return false;
        }
        buf_clear(&l->cursor, LIMIT_LISTED_CURSOR);
        return buf_append_str(&l->cursor, text) == 0;
}

static void take_page(struct listing *l, uint32_t result)
{
        const uint32_t list = json_member(&l->doc, result, kinds[kind_of(l)].list);

        if (!list || json_type_of(&l->doc, list) != JSON_ARRAY) {
                buf_printf(l->message, "the server's answer to %.*s has no list of %ss", STR_FMT(kinds[kind_of(l)].method),
                        kinds[kind_of(l)].words);
                finish(l, -EPROTO);
                return;
        }
        json_each_item(&l->doc, list, entry)
        {
                int r = offer(l, entry);

                if (r < 0) {
                        finish(l, r);
                        return;
                }
        }
        if (next_page(l, result))
                ask_page(l, l->step, false);
        else if (!l->done)
                next_kind(l);
}

/* Redacted before it is made printable and cut: half a credential is too much as well. */
static void complain_quoting(struct listing *l, struct str text)
{
        AUTO_BUF struct buf clean = BUF_INIT(2U * LIMIT_LINE_BYTES);

        if (l->relay.redactor)
                text = redactor_apply(l->relay.redactor, text, &clean) < 0 ? STR("out of memory") : buf_str(&clean);
        buf_printf(l->message, "the server refuses tools/list: ");
        printable_append(l->message, text, 300);
        finish(l, -EPROTO);
}

static void take_error(struct listing *l, uint32_t error)
{
        AUTO_BUF struct buf scratch = BUF_INIT(LIMIT_LINE_BYTES);
        const uint32_t token = json_member(&l->doc, error, STR("message"));
        struct str text = STR("no message");

        if (l->step == STEP_INITIALIZE) {
                ask_discover(l);
                return;
        }
        /* A modern server may leave discovery out. */
        if (l->step == STEP_DISCOVER) {
                ask_page(l, STEP_TOOLS, true);
                return;
        }
        if (l->step > STEP_TOOLS) {
                next_kind(l);
                return;
        }
        if (token && json_type_of(&l->doc, token) == JSON_STRING)
                (void)json_string_get(&l->doc, token, &scratch, &text);
        complain_quoting(l, text);
}

/* A server's own requests get an answer, so that it does not wait for one before it goes on. */
static void refuse_request(struct listing *l, uint32_t id)
{
        AUTO_BUF struct buf line = BUF_INIT(REQUEST_BYTES);
        struct iovec segment;

        buf_append_str(&line, STR("{\"jsonrpc\":\"2.0\",\"id\":"));
        if (json_write(&line, &l->doc, id) < 0)
                return;
        buf_append_str(&line, STR(",\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}\n"));
        segment = (struct iovec){ line.data, line.len };
        /* What a pipe does not take at once is cut short: a server that floods us with requests is no server. */
        if (!outlet_is_idle(&l->out) || (!line.failed && !outlet_send(&l->out, &segment, 1, 1)))
                complain(l, "the server asks and does not read the answers");
}

static void take_message(struct listing *l, struct str text)
{
        uint32_t id, error, result;
        int64_t number;

        /* What is no message is noise; real servers print it. */
        if (json_read(&l->doc, text) != JSON_OK || json_type_of(&l->doc, 0) != JSON_OBJECT)
                return;
        id = json_member(&l->doc, 0, STR("id"));
        if (!id)
                return;
        if (json_member(&l->doc, 0, STR("method"))) {
                refuse_request(l, id);
                return;
        }
        if (!json_integer_get(&l->doc, id, &number) || number != (int64_t)l->step)
                return;
        error = json_member(&l->doc, 0, STR("error"));
        result = json_member(&l->doc, 0, STR("result"));
        if (error)
                take_error(l, error);
        else if (l->step >= STEP_TOOLS)
                take_page(l, result);
        else {
                note_capabilities(l, result);
                ask_page(l, STEP_TOOLS, true);
        }
}

static void take_bytes(struct listing *l)
{
        while (!l->done && l->line.len > 0) {
                const char *end = memchr(l->line.data, '\n', l->line.len);
                size_t len;

                if (!end)
                        return;
                len = (size_t)(end - l->line.data);
                take_message(l, str_of(l->line.data, len));
                buf_consume(&l->line, len + 1);
        }
}

static void on_ready(void *userdata)
{
        struct listing *l = userdata;
        char chunk[65536];
        ssize_t n = inlet_read(&l->in, chunk, sizeof(chunk));

        if (n == -EAGAIN)
                return;
        if (n <= 0)
                complain(l, "the server ended without an answer");
        else if (buf_append(&l->line, chunk, (size_t)n) < 0)
                complain(l, "the server's answer is longer than a message may be");
        else
                take_bytes(l);
}

static void on_time(uv_timer_t *timer)
{
        complain(timer->data, "the server did not answer within 30 seconds");
}

static void on_sent(void *userdata, unsigned tag)
{
}

/* Its answer may still come, or its end. */
static void on_deaf(void *userdata)
{
}

static int open_all(struct listing *l, struct launch *server)
{
        uint64_t seed[2] = { 0 };
        int r;

        if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
                return -EIO;
        json_doc_init(&l->doc, seed);
        buf_init(&l->line, LIMIT_LINE_BYTES + 65536);
        buf_init(&l->request, REQUEST_BYTES);
        buf_init(&l->cursor, LIMIT_LISTED_CURSOR);
        uv_timer_init(&l->loop, &l->timer);
        l->timer.data = l;
        uv_timer_start(&l->timer, on_time, LISTING_TIME_MS, 0);
        r = inlet_open(&l->in, &l->loop, server->from_server, (struct inlet_events){ on_ready, NULL, l });
        if (r == 0)
                r = outlet_open(&l->out, &l->loop, server->to_server, (struct outlet_events){ on_sent, on_deaf, l });
        if (r == 0) {
                server->to_server = -1;
                r = stderr_gate_open(&l->gate, &l->loop);
        }
        if (r == 0)
                r = stderr_relay_open(&l->relay, &l->gate, &l->loop, server->errors, server->redactor);
        return r;
}

static void close_all(struct listing *l)
{
        inlet_close(&l->in);
        outlet_close(&l->out);
        stderr_relay_close(&l->relay);
        stderr_gate_close(&l->gate);
        if (l->timer.data)
                uv_close((uv_handle_t *)&l->timer, NULL);
        uv_run(&l->loop, UV_RUN_DEFAULT);
        uv_loop_close(&l->loop);
        json_doc_deinit(&l->doc);
        buf_deinit(&l->line);
        buf_deinit(&l->request);
        buf_deinit(&l->cursor);
}

static int run(struct launch *server, listing_tool tool, listing_entry entry, void *userdata, struct buf *message)
{
        AUTO_FREE struct listing *l = mem_calloc(1, sizeof(*l));
        int r;

        if (!l || uv_loop_init(&l->loop) < 0)
                return -ENOMEM;
        l->tool = tool;
        l->entry = entry;
        l->userdata = userdata;
        l->message = message;
        l->result = -EPROTO;
        r = open_all(l, server);
        if (r == 0) {
                inlet_resume(&l->in);
                ask_initialize(l);
                uv_run(&l->loop, UV_RUN_DEFAULT);
                stderr_relay_drain(&l->relay);
                r = l->result;
        }
        close_all(l);
        return r;
}

int listing_run(struct launch *server, listing_tool tool, void *userdata, struct buf *message)
{
        return run(server, tool, NULL, userdata, message);
}

int listing_run_all(struct launch *server, listing_entry entry, void *userdata, struct buf *message)
{
        return run(server, NULL, entry, userdata, message);
}
