/* SPDX-License-Identifier: Apache-2.0
 *
 * Telling the client that its lists are no longer what they were: after another policy has come into force. How, and whether
 * at all, depends on the era.
 *
 *   legacy  `notifications/.../list_changed`, to a client that has finished the handshake and was told in it that such notices come.
 *           Clients look at that once, so that it is said from the start, in the server's place where the server does not.
 *   modern  the same, only on a stream that the client has opened (`subscriptions/listen`) and the server has acknowledged, with the
 *           stream's id. Without one nothing is lost: results that policy has cut may not be kept (lists.c).
 */
#include "internal.h"
#include "writer.h"

#define SUBSCRIPTION_KEY "io.modelcontextprotocol/subscriptionId"
/* Streams that are told. A client has one; what is past this is no client's need. */
#define STREAMS_TOLD 256U

static const struct announced {
        struct str capability, wish, method;
        enum policy_subject subject;
} announced[ANNOUNCED_KINDS] = {
        { STR_INIT("tools"), STR_INIT("toolsListChanged"), STR_INIT("notifications/tools/list_changed"), POLICY_TOOL },
        { STR_INIT("resources"), STR_INIT("resourcesListChanged"), STR_INIT("notifications/resources/list_changed"), POLICY_RESOURCE },
        { STR_INIT("prompts"), STR_INIT("promptsListChanged"), STR_INIT("notifications/prompts/list_changed"), POLICY_PROMPT },
};

static bool is_true(const struct session *s, uint32_t object, struct str name)
{
        uint32_t token = json_member(&s->doc, object, name);

        return token && json_type_of(&s->doc, token) == JSON_TRUE;
}

/* The object at @token with "NAME":true behind its members, in place of it. */
static void add_true(struct session *s, uint32_t token, const struct str *names, size_t count)
{
        AUTO_BUF struct buf text = BUF_INIT(65536);

        if (json_write(&text, &s->doc, token) < 0 || text.len < 2)
                return;
        text.len--;
        for (size_t i = 0; i < count; i++) {
                if (text.data[text.len - 1] != '{')
                        buf_append_char(&text, ',');
                json_string_append(&text, names[i]);
                buf_append_str(&text, STR(":true"));
        }
        if (buf_append_char(&text, '}') == 0 && !text.failed)
                edits_replace(&s->edits, token, buf_str(&text));
}

/* Under a policy that opens all of a kind, the server's word stands as it is (law L11). */
static bool may_advertise(const struct session *s, const struct announced *kind)
{
        return s->announcing.reloads && !policy_set_allows_all(s->policy, kind->subject);
}

/* A modern server that has no streams does not learn to have some because we say so. */
static bool has_streams(const struct session *s, uint32_t capabilities)
{
        for (unsigned i = 0; i < ANNOUNCED_KINDS; i++) {
                const uint32_t own = json_member(&s->doc, capabilities, announced[i].capability);

                if (own && (is_true(s, own, STR("listChanged")) || is_true(s, own, STR("subscribe"))))
                        return true;
        }
        return false;
}

void announce_advertise(struct session *s, uint32_t capabilities, bool modern)
{
        s->announcing.fresh = 0;
        if (modern && capabilities && !has_streams(s, capabilities))
                return;
        for (unsigned i = 0; capabilities && i < ANNOUNCED_KINDS; i++) {
                const uint32_t own = json_member(&s->doc, capabilities, announced[i].capability);
                const uint32_t said = own ? json_member(&s->doc, own, STR("listChanged")) : 0;

                if (!own || json_type_of(&s->doc, own) != JSON_OBJECT)
                        continue;
                if (said && json_type_of(&s->doc, said) == JSON_TRUE) {
                        s->announcing.fresh |= 1U << i;
                } else if (may_advertise(s, &announced[i])) {
                        if (said)
                                edits_replace(&s->edits, said, STR("true"));
                        else
                                add_true(s, own, &(const struct str)STR_INIT("listChanged"), 1);
                        s->announcing.fresh |= 1U << i;
                }
        }
}

static unsigned wishes_of(const struct session *s, uint32_t notifications)
{
        unsigned wishes = 0;

        for (unsigned i = 0; i < ANNOUNCED_KINDS; i++)
                wishes |= is_true(s, notifications, announced[i].wish) ? 1U << i : 0;
        return wishes;
}

/* The stream that a notification of the server belongs to. */
static struct pending_request *stream_of(struct session *s, const struct rpc_message *m)
{
        const uint32_t meta = m->params ? json_member(&s->doc, m->params, STR("_meta")) : 0;
        const uint32_t token = meta ? json_member(&s->doc, meta, STR(SUBSCRIPTION_KEY)) : 0;
        struct pending_request *request;
        struct rpc_id id;

        if (!token || !rpc_id_read(&id, &s->doc, token, &s->scratch))
                return NULL;
        request = pending_find(&s->pending[SIDE_CLIENT], &id);
        return request && request->method && request->method->policed == RPC_BY_LISTEN ? request : NULL;
}

static bool is_acknowledgement(enum side from, const struct rpc_message *m)
{
        return from == SIDE_SERVER && m->kind == RPC_NOTIFICATION &&
               str_eq(m->method, STR("notifications/subscriptions/acknowledged"));
}

/* What we promise in the server's place, in its acknowledgement. */
static unsigned promises_of(const struct session *s, uint32_t notifications)
{
        unsigned promises = 0;

        for (unsigned i = 0; i < ANNOUNCED_KINDS; i++)
                if (may_advertise(s, &announced[i]) && !json_member(&s->doc, notifications, announced[i].wish))
                        promises |= 1U << i;
        return promises;
}

void announce_acknowledgement(struct session *s, enum side from, const struct rpc_message *m)
{
        const uint32_t wanted = m->params ? json_member(&s->doc, m->params, STR("notifications")) : 0;
        struct str names[ANNOUNCED_KINDS];
        const struct pending_request *stream;
        unsigned count = 0;

        if (!is_acknowledgement(from, m) || !wanted || json_type_of(&s->doc, wanted) != JSON_OBJECT)
                return;
        stream = stream_of(s, m);
        if (!stream)
                return;
        for (unsigned i = 0; i < ANNOUNCED_KINDS; i++)
                if (stream->listens & promises_of(s, wanted) & 1U << i)
                        names[count++] = announced[i].wish;
        if (count)
                add_true(s, wanted, names, count);
}

void announce_hear(struct session *s, enum side from, const struct rpc_message *m, struct pending_request *request)
{
        struct pending_request *stream;
        uint32_t wanted;

        if (from == SIDE_CLIENT && request && request->method && request->method->policed == RPC_BY_LISTEN) {
                wanted = m->params ? json_member(&s->doc, m->params, STR("notifications")) : 0;
                request->listens = (uint8_t)(wanted ? wishes_of(s, wanted) : 0);
        } else if (from == SIDE_CLIENT && m->kind == RPC_NOTIFICATION && str_eq(m->method, STR("notifications/initialized"))) {
                s->announcing.ready = true;
        } else if (is_acknowledgement(from, m)) {
                stream = stream_of(s, m);
                wanted = m->params ? json_member(&s->doc, m->params, STR("notifications")) : 0;
                if (stream && wanted) {
                        stream->acknowledged = true;
                        stream->listens &= (uint8_t)(wishes_of(s, wanted) | promises_of(s, wanted));
                }
        }
}

void announce_learn(struct session *s, const struct pending_request *request)
{
        if (request->method && request->method->result == RPC_RESULT_INITIALIZE) {
                s->announcing.advertised = s->announcing.fresh;
                s->announcing.ready = false;
        }
}

/* --- saying it --- */

/* One that cannot be sent is left out: the client learns of the new lists when it asks. */
static bool send_notice(struct session *s, const struct announced *kind, const struct rpc_id *stream)
{
        struct permit permit = permit_for_answer(s, SIDE_CLIENT);
        struct json_writer w;

        s->text.len = 0;
        s->text.failed = false;
        begin_notification(s, &w, kind->method);
        if (stream) {
                json_name(&w, STR("params"));
                json_begin_object(&w);
                json_name(&w, STR("_meta"));
                json_begin_object(&w);
                json_name(&w, STR(SUBSCRIPTION_KEY));
                json_raw(&w, id_text_of(s, stream));
                json_end_object(&w);
                json_end_object(&w);
        }
        json_end_object(&w);
        return buf_append_char(&s->line, '\n') == 0 && !s->line.failed &&
               gate_forward(s, SIDE_SERVER, &permit, buf_str(&s->line), false) == 0;
}

static unsigned tell_legacy(struct session *s)
{
        unsigned told = 0;

        for (unsigned i = 0; s->announcing.ready && i < ANNOUNCED_KINDS; i++)
                if (s->announcing.advertised & 1U << i)
                        told += send_notice(s, &announced[i], NULL);
        return told;
}

static unsigned tell_streams(struct session *s)
{
        const struct pending_table *table = &s->pending[SIDE_CLIENT];
        unsigned told = 0, streams = 0;

        for (uint32_t at = 0; at < table->slot_count && streams < STREAMS_TOLD; at++) {
                const struct pending_request *stream = &table->slots[at];

                if (!stream->used || stream->cancelled || !stream->acknowledged || !stream->listens)
                        continue;
                streams++;
                for (unsigned i = 0; i < ANNOUNCED_KINDS; i++)
                        if (stream->listens & 1U << i)
                                told += send_notice(s, &announced[i], &stream->id);
        }
        return told;
}

void announce_replaced(struct session *s)
{
        tell_legacy(s);
        tell_streams(s);
}

bool session_announce(struct session *s, uint64_t now_ms, uint64_t mono_ms)
{
        /* What lanes are to do, and by when, has changed too. */
        bool held = s->approvals.over > 0 || s->waiting_over > 0 || s->lanes_on > 0;

        s->now_ms = now_ms;
        s->mono_ms = mono_ms;
        if (s->flows[SIDE_CLIENT].ended || s->starved)
                return false;
        held_settle(s, SIDE_SERVER);
        held |= elicit_settle(s, SIDE_SERVER);
        upstreams_settle(s, SIDE_SERVER);
        if (!s->announcing.due)
                return held;
        s->announcing.due = false;
        return tell_legacy(s) + tell_streams(s) > 0 || held;
}
