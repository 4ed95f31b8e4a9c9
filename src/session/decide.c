/* SPDX-License-Identifier: Apache-2.0
 *
 * Rulings, their records, and the permits that follow from both. A permit exists only for a message whose ruling has been
 * recorded (laws L5, L6); it is good for one write.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "writer.h"

bool string_member(struct session *s, uint32_t object, struct str name, struct str *ret)
{
        uint32_t token = json_member(&s->doc, object, name);

        return token && json_type_of(&s->doc, token) == JSON_STRING &&
               json_string_get(&s->doc, token, &s->scratch, ret) == 0;
}

bool has_type(struct session *s, uint32_t token, enum json_type type)
{
        return token && json_type_of(&s->doc, token) == type;
}

bool optional_member(struct session *s, uint32_t object, struct str name, enum json_type type, uint32_t *ret)
{
        *ret = json_member(&s->doc, object, name);
        return !*ret || json_type_of(&s->doc, *ret) == type;
}

bool judge(struct session *s, struct ruling *r, enum policy_subject subject, const char *label, struct str name)
{
        struct policy_request request = {
                .subject = subject,
                .name = name,
                .doc = &s->doc,
                .arguments = r->arguments,
                .now_s = (int64_t)(s->now_ms / 1000),
                .scratch = s->conditions,
                .host = s->host,
                .marks = &s->heard,
        };

        r->subject = label;
        r->name = name;
        policy_set_decide(s->policy, &request, &r->decision);
        judge_grants(s, r, &request);
        judge_narrowing(s, r, &request);
        return r->decision.verdict == VERDICT_ALLOW;
}

void refuse(struct session *s, struct ruling *r, int code, const char *reason, const char *format, ...)
{
        char text[512];
        va_list args;
        size_t at = s->text.len;

        r->action = ACTION_REFUSE;
        r->by_policy = false;
        r->answer = STR("");
        r->code = code;
        r->reason = reason;
        va_start(args, format);
        vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        if (buf_append_str(&s->text, str_from(text)) == 0)
                r->detail = str_of(s->text.data + at, s->text.len - at);
        else
                r->detail = STR("refused");
}

static const char *reason_code(enum policy_reason reason)
{
        switch (reason) {
        case POLICY_BY_RULE:
                return "rule";
        case POLICY_NO_RULE:
                return "no-rule";
        case POLICY_EXPIRED:
                return "policy-expired";
        case POLICY_BAD_NAME:
                return "bad-name";
        case POLICY_AMBIGUOUS_URI:
                return "ambiguous-uri";
        case POLICY_CONDITION:
                return "condition";
        case POLICY_UNNAMED_ARGUMENT:
                return "unnamed-argument";
        case POLICY_NARROW_CONFLICT:
                return "narrow-conflict";
        default:
                return "undecided";
        }
}

void refuse_by_policy(struct session *s, struct ruling *r, int code)
{
        (void)s;
        r->action = ACTION_REFUSE;
        r->code = code;
        r->reason = reason_code(r->decision.reason);
        r->detail = r->answer = STR("");
        r->by_policy = true;
}

/* The error's data by the schema of 2026-07-28: what is supported, and what was asked for. */
static struct str supported_revisions(struct session *s, struct str requested)
{
        size_t at = s->text.len;

        if (requested.len > 64)
                requested.len = 0;
        buf_append_str(&s->text, STR("{\"supported\":[\"" RPC_LATEST_MODERN "\"],\"requested\":"));
        json_string_append(&s->text, requested);
        if (buf_append_char(&s->text, '}') < 0)
                return STR("");
        return str_of(s->text.data + at, s->text.len - at);
}

static void extract_modern(struct session *s, struct ruling *r, uint32_t params)
{
        uint32_t meta = params ? json_member(&s->doc, params, STR("_meta")) : 0;
        uint32_t capabilities = meta ? json_member(&s->doc, meta, STR("io.modelcontextprotocol/clientCapabilities")) : 0;
        struct str revision;

        /* Cut whatever else is claimed or not: a server may look at nothing but them. */
        if (capabilities && json_type_of(&s->doc, capabilities) != JSON_OBJECT) {
                refuse(s, r, INVALID_PARAMS, "bad-params", "the client's capabilities must be an object");
                return;
        }
        if (capabilities)
                restrict_client_capabilities(s, capabilities);
        if (!meta || !string_member(s, meta, STR("io.modelcontextprotocol/protocolVersion"), &revision))
                return;
        r->modern = true;
        if (rpc_revision_is_known(revision) || s->open_protocol)
                return;
        refuse(s, r, UNSUPPORTED_PROTOCOL_VERSION, "unknown-revision", "Unsupported protocol version");
        r->data = supported_revisions(s, revision);
}

void decide(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r)
{
        *r = (struct ruling){ .action = ACTION_FORWARD, .narrowed = s->narrowed.done, .to = other_side(from) };
        edits_clear(&s->edits);
        if (m->kind == RPC_REQUEST || m->kind == RPC_NOTIFICATION) {
                if (from == SIDE_CLIENT)
                        extract_modern(s, r, m->params);
                if (is_lane(from))
                        decide_from_lane(s, from, m, r);
                else if (r->action == ACTION_FORWARD)
                        decide_call(s, from, m, r);
                if (r->action == ACTION_FORWARD && is_server(from)) {
                        filter_call(s, m, r);
                        structured_of_call(s, m, r);
                }
        } else {
                decide_answer(s, from, m, r);
        }
        if (s->edits.failed)
                refuse(s, r, INTERNAL_ERROR, "internal", "The proxy ran out of memory over this message.");
        if (r->action != ACTION_FORWARD && r->action != ACTION_NARROW && !r->reason)
                refuse(s, r, INTERNAL_ERROR, "undecided", "The proxy could not decide about this message.");
        if (r->action == ACTION_FORWARD && s->stops)
                decide_stops(s, from, m, r);
        if (r->action == ACTION_FORWARD)
                decide_granted(s, m, r);
        if (r->action == ACTION_FORWARD && from == SIDE_CLIENT && r->decision.lane.len)
                decide_lane(s, r);
        if (r->action == ACTION_FORWARD && from == SIDE_CLIENT)
                decide_approval(s, m, r);
        if (s->edits.failed && r->action == ACTION_FORWARD)
                refuse(s, r, INTERNAL_ERROR, "internal", "The proxy ran out of memory over this message.");
        if (r->action == ACTION_FORWARD && from == SIDE_CLIENT)
                decide_limits(s, m, r);
        if (r->action == ACTION_FORWARD && from == SIDE_CLIENT && (is_lane(r->to) || upstream_must_wait(s, r->to)))
                decide_waiting(s, m, r);
        if (r->action == ACTION_FORWARD && is_server(from))
                note_brought(s, m, r);
}

static struct permit permit_issue(struct session *s, enum side to, bool gated)
{
        s->permit_live = true;
        return (struct permit){ .number = ++s->permits, .to = to, .gated = gated };
}

bool permit_redeem(struct session *s, const struct permit *p)
{
        bool live = s->permit_live && p->number == s->permits && p->number != 0;

        s->permit_live = false;
        return live;
}

struct permit permit_for_answer(struct session *s, enum side to)
{
        return permit_issue(s, to, false);
}

struct permit permit_for_waiting(struct session *s, const struct pending_request *request)
{
        if (!request->waiting || request->cancelled)
                return (struct permit){ 0 };
        return permit_issue(s, (enum side)request->to, false);
}

static enum audit_kind record_kind(const struct rpc_message *m, const struct ruling *r)
{
        if (r->answered && r->action == ACTION_FORWARD)
                return AUDIT_ANSWER;
        if (r->subject)
                return AUDIT_DECISION;
        if (r->action == ACTION_DROP)
                return AUDIT_DROPPED;
        return r->action == ACTION_FORWARD ? AUDIT_PASSED : AUDIT_REFUSED;
}

/* False when there is no memory for the arguments' canonical form: then the record can say nothing of them. */
static bool describe_decision(struct session *s, struct audit_event *e, const struct ruling *r)
{
        e->subject = str_from(r->subject);
        e->name = r->name;
        if (!r->subject)
                return true;
        e->verdict = r->action == ACTION_FORWARD ? STR("allow") : r->action == ACTION_HOLD ? STR("approve") : STR("deny");
        e->policy = r->decision.policy_name;
        e->rule = r->decision.rule_id;
        e->rule_file = r->decision.file;
        e->rule_line = r->decision.line;
        e->rule_column = r->decision.column;
        e->condition = r->decision.condition;
        e->schema = r->schema;
        /* The sentence that the client reads is made of what stands here already. */
        e->detail = r->decision.because;
        if (r->action == ACTION_FORWARD)
                e->reason = r->asked.grant ? STR("approved") : str_from(reason_code(r->decision.reason));
        if (r->action == ACTION_HOLD)
                e->reason = STR("held");
        if (r->asked.grant && (r->action == ACTION_FORWARD || r->action == ACTION_HOLD))
                e->approval = str_from(r->asked.grant->card.id);
        if (r->asked.grant && r->action == ACTION_FORWARD) {
                buf_clear(&s->plain, LINE_KEEP);
                cards_approvers(r->asked.grant, &s->plain);
                e->approver = buf_str(&s->plain);
                e->refers_to = s->approvals.released;
        }
        if (r->by_limit)
                e->detail = r->detail;
        if (!r->arguments)
                return true;
        if (r->narrowed) {
                e->has_arguments = s->narrowed.arguments.len != 0;
                e->arguments = s->narrowed.arguments;
                e->narrowed = json_text(&s->doc, r->arguments);
                return true;
        }
        e->has_arguments = true;
        if (s->doc.canonical) {
                e->arguments = json_text(&s->doc, r->arguments);
                return true;
        }
        buf_clear(&s->line, LINE_KEEP);
        e->has_arguments = json_write(&s->line, &s->doc, r->arguments) == 0;
        e->arguments = buf_str(&s->line);
        return e->has_arguments;
}

static struct str lane_of(const struct session *s, enum side from, const struct ruling *r)
{
        if (is_lane(from))
                return upstream_lane(s, from);
        if (r->answered)
                return upstream_lane(s, r->asker);
        return is_lane(r->to) ? policy_set_lane(s->policy, (size_t)r->to - SIDE_LANE)->name : STR("");
}

/* What a server answers or is not allowed to say grants nothing: its record may be written after its effect. What a client
 * answers may be authority (roots, sampling, elicitation). */
static bool may_wait(enum audit_kind kind, enum side from)
{
        return is_server(from) && (kind == AUDIT_ANSWER || kind == AUDIT_DROPPED);
}

bool permit_for_message(struct session *s, enum side from, const struct rpc_message *m, const struct ruling *r, size_t bytes,
        struct permit *ret, uint64_t *ret_seq)
{
        struct audit_event e = {
                .kind = record_kind(m, r),
                .from = from == SIDE_CLIENT ? AUDIT_FROM_CLIENT : AUDIT_FROM_SERVER,
                .time_ms = s->now_ms,
                .method = m->method,
                .bytes = bytes,
                .detail = r->detail,
                .reason = str_from(r->reason),
                .redacted = r->filtered.redacted,
                .stripped = r->filtered.stripped,
                .lane = lane_of(s, from, r),
        };

        *ret_seq = 0;
        if (!r->quiet) {
                if (m->id.kind != RPC_ID_NONE)
                        e.id = message_id_text(s, m);
                if (r->answered) {
                        e.refers_to = r->answered->record;
                        e.reason = r->reason ? str_from(r->reason) : m->error ? STR("error") : STR("result");
                }
                /* A call does not run unless its record says with which arguments; a refusal is recorded even so. */
                if (!describe_decision(s, &e, r) && (r->action == ACTION_FORWARD || r->action == ACTION_HOLD))
                        return false;
                limit_describe(r->limit, &e);
                call_describe(s, r, &e);
                stop_describe(r, &e);
                grant_describe(r, &e);
                if (audit_log_add(s->audit, &e, ret_seq) < 0)
                        return false;
                s->due |= !may_wait(e.kind, from);
        }
        *ret = permit_issue(s, r->action == ACTION_FORWARD ? r->to : from,
                r->action == ACTION_FORWARD && !r->quiet && !may_wait(e.kind, from));
        return true;
}
