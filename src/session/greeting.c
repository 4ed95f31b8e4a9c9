/* SPDX-License-Identifier: Apache-2.0
 *
 * The client's handshake, remembered and repeated to further upstreams: `initialize` with exactly the params that the main server got,
 * `notifications/initialized`, and the log level that the client set last. The answers are for the proxy; the client never sees them.
 * A level that the client sets later is repeated to the lanes that run by then. It counts when the main server has accepted it: what one
 * process of the command refuses is not what the others are asked for.
 *
 *   legacy  an upstream is greeted when the client and the main server have greeted each other
 *   modern  there is no handshake: each request says who sends it
 */
#include <stdio.h>

#include "internal.h"
#include "writer.h"

/* --- heard --- */

/* The params of that line in canonical form; false when there are none, or it has no room for them. */
static bool keep_params(struct session *s, struct buf *out, struct str line)
{
        uint32_t params;

        buf_clear(out, 0);
        if (json_read(&s->checked, str_of(line.ptr, line.len - 1)) != JSON_OK)
                return false;
        params = json_member(&s->checked, 0, STR("params"));
        if (!params || json_write(out, &s->checked, params) < 0) {
                buf_clear(out, 0);
                return false;
        }
        return true;
}

void greeting_hear(struct session *s, const struct rpc_message *m, const struct pending_request *request, struct str line)
{
        struct greeting *g = &s->greeting;

        if (m->kind != RPC_REQUEST || !m->row || !request)
                return;
        if (m->row->policed == RPC_BY_INITIALIZE) {
                g->asked = true;
                g->answered = false;
                g->too_long = !keep_params(s, &g->params, line);
        } else if (m->row->policed == RPC_PASSES && str_eq(m->row->name, STR("logging/setLevel"))) {
                (void)keep_params(s, &g->level_asked, line);
                g->level_slot = (uint32_t)(request - s->pending[SIDE_CLIENT].slots);
        }
}

static bool has_tools(struct session *s, uint32_t result)
{
        uint32_t capabilities = json_member(&s->doc, result, STR("capabilities"));

        return has_type(s, capabilities, JSON_OBJECT) && has_type(s, json_member(&s->doc, capabilities, STR("tools")), JSON_OBJECT);
}

/* Lanes that are still being greeted are told at the end of it. */
static void level_accepted(struct session *s)
{
        struct greeting *g = &s->greeting;

        buf_clear(&g->level, 0);
        if (buf_append_str(&g->level, buf_str(&g->level_asked)) < 0)
                buf_clear(&g->level, 0);
        for (int side = SIDE_LANE; g->level.len && side < SIDE_MAX_; side++)
                if (s->upstreams[side].state == UPSTREAM_READY)
                        greeting_request(s, SIDE_SERVER, (enum side)side, STR("logging/setLevel"), buf_str(&g->level));
}

static void greeted(struct session *s, const struct rpc_message *m)
{
        struct greeting *g = &s->greeting;
        struct str version;

        buf_clear(&g->version, 0);
        g->answered = string_member(s, m->result, STR("protocolVersion"), &version) && buf_append_str(&g->version, version) == 0;
        g->has_tools = has_tools(s, m->result);
}

void greeting_learn(struct session *s, const struct rpc_message *m, const struct pending_request *request)
{
        struct greeting *g = &s->greeting;
        const bool level = g->level_asked.len && request->method && str_eq(request->method->name, STR("logging/setLevel")) &&
                           (uint32_t)(request - s->pending[SIDE_CLIENT].slots) == g->level_slot;

        if (m->result && request->method && request->method->result == RPC_RESULT_INITIALIZE)
                greeted(s, m);
        if (m->result && level)
                level_accepted(s);
        if (level)
                buf_clear(&g->level_asked, 0);
}

/* --- said --- */

static uint64_t begin_request(struct session *s, struct json_writer *w, struct str method)
{
        char id[40];

        snprintf(id, sizeof(id), RPC_OWN_ID_PREFIX "%llu", (unsigned long long)++s->own_requests);
        buf_clear(&s->line, LINE_KEEP);
        json_writer_init(w, &s->line);
        json_begin_object(w);
        json_name(w, STR("jsonrpc"));
        json_string(w, STR("2.0"));
        json_name(w, STR("id"));
        json_string(w, str_from(id));
        json_name(w, STR("method"));
        json_string(w, method);
        return s->own_requests;
}

/* 0 is no request's number. */
static uint64_t send_request(struct session *s, enum side event, enum side side, struct str method, struct str params)
{
        struct json_writer w;
        const uint64_t number = begin_request(s, &w, method);

        json_name(&w, STR("params"));
        json_raw(&w, params);
        json_end_object(&w);
        send_own(s, event, side);
        s->upstreams[side].own_open++;
        return number;
}

bool greeting_send(struct session *s, enum side side)
{
        if (!s->greeting.params.len)
                return false;
        s->upstreams[side].greeting = send_request(s, side, side, STR("initialize"), buf_str(&s->greeting.params));
        return true;
}

void greeting_request(struct session *s, enum side event, enum side side, struct str method, struct str params)
{
        struct upstream *u = &s->upstreams[side];

        u->own_last = send_request(s, event, side, method, params);
        u->own_first = u->own_first ? u->own_first : u->own_last;
}

static void send_rest(struct session *s, enum side side)
{
        struct json_writer w;

        begin_notification(s, &w, STR("notifications/initialized"));
        json_end_object(&w);
        send_own(s, side, side);
        if (s->greeting.level.len)
                greeting_request(s, side, side, STR("logging/setLevel"), buf_str(&s->greeting.level));
        if (!is_lane(side))
                subscriptions_replay(s, side);
}

/* --- answered --- */

/* What is wrong with it; NULL: nothing. */
static const char *objection(struct session *s, const struct rpc_message *m)
{
        struct str version;

        if (m->error)
                return "it refuses the client's handshake";
        if (json_type_of(&s->doc, m->result) != JSON_OBJECT || !string_member(s, m->result, STR("protocolVersion"), &version))
                return "its answer to the client's handshake is none";
        if (!str_eq(version, buf_str(&s->greeting.version)))
                return "it speaks another version of the protocol than the main one";
        if (s->greeting.has_tools && !has_tools(s, m->result))
                return "it has no tools";
        return NULL;
}

bool greeting_answer(struct session *s, enum side from, const struct rpc_message *m)
{
        struct upstream *u = &s->upstreams[from];
        const char *why;

        if (!u->own_open || (m->own != u->greeting && (m->own < u->own_first || m->own > u->own_last)))
                return false;
        u->own_open--;
        if (m->own != u->greeting)
                return true;
        u->greeting = 0;
        if (u->state != UPSTREAM_GREETING)
                return true;
        why = objection(s, m);
        if (why) {
                upstream_fail(s, from, from, "not-ready", str_from(why));
                upstream_stop(s, from, why);
                return true;
        }
        send_rest(s, from);
        upstream_greeted(s, from);
        return true;
}
