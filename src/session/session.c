/* SPDX-License-Identifier: Apache-2.0
 *
 * The session's life and its events: bytes become lines, lines become messages, each is ruled on (decide.c) and treated
 * as the ruling says (carry_out.c).
 */
#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "internal.h"
#include "limit.h"

/* What one event may send back in the proxy's own words and copies, at the most: the answers to a read full of the
 * smallest requests, and a message written anew. */
#define OUTPUT_SLACK (8U << 20)
#define TEXT_BYTES (SCRATCH_BYTES + (16U << 10))
/* A server's description of itself that is worth imitating. */
#define SERVER_INFO_BYTES 2048U
/* Pending records past this are written at once. */
#define RECORDS_MAY_WAIT (32U << 10)

/* --- life --- */

static void flow_init(struct flow *f, size_t line_limit)
{
        line_reader_init(&f->reader, line_limit);
        for (int to = 0; to < SIDE_MAX_; to++)
                output_init(&f->out[to], line_limit + OUTPUT_SLACK);
        buf_init(&f->unrecorded_ids, 1U << 20);
}

void flow_restart(struct flow *f)
{
        const size_t limit = f->reader.limit;

        line_reader_deinit(&f->reader);
        line_reader_init(&f->reader, limit);
        f->ended = false;
}

static void flow_deinit(struct flow *f)
{
        line_reader_deinit(&f->reader);
        for (int to = 0; to < SIDE_MAX_; to++)
                output_deinit(&f->out[to]);
        buf_deinit(&f->unrecorded_ids);
        mem_free(f->unrecorded);
}

static void note_what_is_open(struct session *s)
{
        s->filters_results = policy_set_filters_results(s->policy);
        s->strips = policy_set_strips(s->policy);
        s->gives_hints = policy_set_gives_hints(s->policy);
        s->open_tools = policy_set_allows_all(s->policy, POLICY_TOOL);
        s->open_resources = policy_set_allows_all(s->policy, POLICY_RESOURCE);
        s->open_prompts = policy_set_allows_all(s->policy, POLICY_PROMPT);
        s->open_protocol = policy_set_allows_all(s->policy, POLICY_METHOD);
}

int session_new(struct session **ret, const struct session_config *config)
{
        struct session *s = mem_calloc(1, sizeof(*s));

        if (!s)
                return -ENOMEM;
        s->line_limit = config->line_limit ? config->line_limit : LIMIT_LINE_BYTES;
        s->policy = policy_set_ref(config->policy);
        s->audit = config->audit;
        s->redactor = config->redactor;
        s->host = config->host;
        s->conditions = policy_scratch_new();
        json_doc_init(&s->doc, config->seed);
        json_doc_init(&s->checked, config->seed);
        buf_init(&s->scratch, SCRATCH_BYTES);
        buf_init(&s->text, TEXT_BYTES);
        buf_init(&s->line, s->line_limit + OUTPUT_SLACK);
        buf_init(&s->redacted, s->line_limit + OUTPUT_SLACK);
        buf_init(&s->notices, SESSION_NOTICE_BYTES);
        buf_init(&s->notice, SESSION_NOTICE_BYTES);
        buf_init(&s->voice.server_info, SERVER_INFO_BYTES);
        buf_init(&s->lost.names, LIMIT_LOST_MARKS_BYTES);
        buf_init(&s->hint, LIMIT_HINT_BYTES);
        buf_init(&s->plain, s->line_limit + OUTPUT_SLACK);
        edits_init(&s->edits);
        narrowed_init(&s->narrowed, s->line_limit + OUTPUT_SLACK);
        definitions_init(&s->definitions, config->seed);
        definitions_init(&s->outputs, config->seed);
        json_doc_init(&s->no_arguments, config->seed);
        s->schema_scratch = schema_scratch_new();
        for (int side = 0; side < SIDE_MAX_; side++) {
                flow_init(&s->flows[side], s->line_limit);
                pending_init(&s->pending[side], config->seed);
                tasks_init(&s->tasks[side]);
        }
        s->pending[SIDE_CLIENT].release = call_forgotten;
        s->pending[SIDE_CLIENT].userdata = s;
        rate_init(s);
        pinning_init(&s->pinning);
        upstreams_init(s);
        s->announcing.reloads = config->reloads;
        note_what_is_open(s);
        /* Strings of a message point into these two: they get all their memory now and never move. */
        if (!s->conditions || !s->schema_scratch || buf_reserve(&s->scratch, SCRATCH_BYTES) < 0 ||
                buf_reserve(&s->text, TEXT_BYTES) < 0 || pinning_replace(&s->pinning, config->pins) < 0 ||
                limits_new(&s->limits, s->policy, config->limits) < 0 || approvals_init(s, config) < 0 || json_read(&s->no_arguments, STR("{}")) != JSON_OK) {
                session_free(s);
                return -ENOMEM;
        }
        *ret = s;
        return 0;
}

struct session *session_free(struct session *s)
{
        if (!s)
                return NULL;
        for (int side = 0; side < SIDE_MAX_; side++) {
                flow_deinit(&s->flows[side]);
                pending_deinit(&s->pending[side]);
                tasks_deinit(&s->tasks[side]);
        }
        approvals_deinit(s);
        grants_deinit(s);
        upstreams_deinit(s);
        subscriptions_deinit(s);
        limits_free(s->limits);
        json_doc_deinit(&s->doc);
        json_doc_deinit(&s->checked);
        buf_deinit(&s->scratch);
        buf_deinit(&s->text);
        buf_deinit(&s->line);
        buf_deinit(&s->redacted);
        buf_deinit(&s->notices);
        buf_deinit(&s->notice);
        buf_deinit(&s->voice.server_info);
        buf_deinit(&s->lost.names);
        buf_deinit(&s->hint);
        buf_deinit(&s->plain);
        edits_deinit(&s->edits);
        narrowed_deinit(&s->narrowed);
        policy_scratch_free(s->conditions);
        pinning_deinit(&s->pinning);
        definitions_deinit(&s->definitions);
        definitions_deinit(&s->outputs);
        schema_scratch_free(s->schema_scratch);
        json_doc_deinit(&s->no_arguments);
        policy_set_unref(s->policy);
        mem_free(s);
        return NULL;
}

int session_set_policy(struct session *s, struct policy_set *policy, struct pin_set *pins)
{
        if (limits_set_policy(s->limits, policy) < 0)
                return -ENOMEM;
        if (pins != s->pinning.set && pinning_replace(&s->pinning, pins) < 0) {
                (void)limits_set_policy(s->limits, s->policy);
                return -ENOMEM;
        }
        calls_move_marks(s, policy);
        approvals_withdraw_all(s, HELD_POLICY);
        upstreams_set_policy(s);
        policy_set_ref(policy);
        policy_set_unref(s->policy);
        s->policy = policy;
        note_what_is_open(s);
        approvals_set_policy(s);
        s->announcing.due = true;
        return 0;
}

const struct session_stats *session_stats_get(const struct session *s)
{
        return &s->stats;
}

/* --- events --- */

static void handle_line(struct session *s, enum side from, struct str line)
{
        struct rpc_message m;
        struct ruling ruling;
        enum json_error error;
        enum rpc_refusal refusal;

        s->scratch.len = 0;
        s->text.len = 0;
        s->text.failed = s->scratch.failed = false;
        s->narrowed.done = false;
        error = json_read(&s->doc, line);
        if (error != JSON_OK) {
                refuse_unreadable(s, from, line, error);
                return;
        }
        refusal = rpc_message_read(&m, &s->doc, from_of(from), &s->scratch);
        s->stats.requests += from == SIDE_CLIENT && m.kind == RPC_REQUEST;
        if (refusal != RPC_WELL_FORMED && refusal != RPC_UNKNOWN_METHOD) {
                refuse_malformed(s, from, &m, refusal, line.len);
                return;
        }
        if (m.own && is_server(from) && greeting_answer(s, from, &m))
                return;
        decide(s, from, &m, &ruling);
        if (ruling.action == ACTION_NARROW)
                decide_narrowed(s, from, &m, &ruling);
        carry_out(s, from, &m, &ruling, line);
}

int session_input(struct session *s, enum side side, char **ret_ptr, size_t *ret_len)
{
        return line_reader_space(&s->flows[side].reader, ret_ptr, ret_len);
}

static void set_time(struct session *s, uint64_t now_ms, uint64_t mono_ms)
{
        s->now_ms = now_ms;
        s->mono_ms = mono_ms;
}

int session_feed(struct session *s, enum side side, size_t n, uint64_t now_ms, uint64_t mono_ms)
{
        struct line_reader *reader = &s->flows[side].reader;
        enum line_event event;
        struct str line;

        set_time(s, now_ms, mono_ms);
        if (side == SIDE_CLIENT)
                limits_begin(s->limits, mono_ms);
        line_reader_added(reader, n);
        while ((event = line_reader_next(reader, &line)) != LINE_NONE) {
                if (event == LINE_COMPLETE)
                        handle_line(s, side, line);
                else
                        refuse_oversize(s, side);
                elicit_settle(s, side);
                upstreams_settle(s, side);
        }
        held_settle(s, side);
        elicit_settle(s, side);
        return s->starved ? -ENOMEM : 0;
}

void refuse_unfinished(struct session *s, enum side side)
{
        struct rpc_message m = { .kind = RPC_NOTIFICATION };
        struct ruling r = { 0 };
        size_t bytes = line_reader_unfinished(&s->flows[side].reader);

        if (!bytes)
                return;
        s->text.len = 0;
        refuse(s, &r, 0, "unterminated", "the last line has no newline: it was cut off, and nothing of it passes");
        refuse_message(s, side, &m, &r, bytes);
}

int session_end(struct session *s, enum side side, uint64_t now_ms, uint64_t mono_ms)
{
        struct pending_table *waiting = &s->pending[other_side(side)];
        struct pending_request *request;

        set_time(s, now_ms, mono_ms);
        if (s->flows[side].ended)
                return 0;
        s->flows[side].ended = true;
        refuse_unfinished(s, side);
        record_rate_drops(s, side);
        if (is_lane(side)) {
                upstream_ended(s, side);
                upstreams_settle(s, side);
                return s->starved ? -ENOMEM : 0;
        }
        approvals_withdraw_all(s, HELD_SERVER);
        if (side == SIDE_CLIENT) {
                held_drop_all(s);
                waiting_drop_all(s);
        } else {
                held_settle(s, side);
                upstreams_main_ended(s);
        }
        elicit_settle(s, side);
        while (side == SIDE_SERVER && (request = pending_any(waiting))) {
                bool tool_call = is_tool_call(request), modern = request->modern;

                s->text.len = 0;
                s->text.failed = false;
                send_failure(s, side, SIDE_CLIENT, id_text_of(s, &request->id), tool_call, modern, INTERNAL_ERROR,
                        STR("The server ended before it answered; whether the call took effect is not known."));
                pending_remove(waiting, request);
        }
        return s->starved ? -ENOMEM : 0;
}

int session_note(struct session *s, const struct audit_event *event)
{
        uint64_t seq;
        int r = audit_log_add(s->audit, event, &seq);

        s->due |= r == 0;
        return r;
}

bool session_records_due(const struct session *s)
{
        return s->due || audit_log_pending(s->audit).len > RECORDS_MAY_WAIT;
}

void session_commit(struct session *s, enum side side, bool written, uint64_t now_ms)
{
        s->now_ms = now_ms;
        s->due = false;
        if (!written) {
                struct ruling told = { .detail = STR("the audit log cannot be written: calls are refused until it can") };

                s->text.len = 0;
                take_back(s, side);
                notify(s, STR(""), &told);
                s->stats.lost_records++;
        }
        forget_unrecorded(&s->flows[side]);
        approvals_commit(s, side, written);
}

size_t session_output(struct session *s, enum side from, enum side to, const struct iovec **ret)
{
        return output_vectors(&s->flows[from].out[to], ret);
}

void session_release(struct session *s, enum side from)
{
        for (int to = 0; to < SIDE_MAX_; to++)
                output_clear(&s->flows[from].out[to]);
        line_reader_release(&s->flows[from].reader);
}
