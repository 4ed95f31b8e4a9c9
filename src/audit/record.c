/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "digest.h"
#include "json.h"
#include "limit.h"
#include "record_text.h"
#include "writer.h"

/* Room that every record leaves for what later versions put behind its last member: the previous record's hash and a
 * seal, each a name and 64 hexadecimal digits. */
#define SEAL_RESERVE_BYTES 192U

/* bytes, refers_to, count, redacted, stripped, since, extra_cut and the closing brace, at their longest. */
#define TAIL_RESERVE_BYTES 256U

/* Where the time stands in a record's head. */
#define HEAD_TIME (sizeof(",\"time\":\"") - 1)

/* What is remembered of a rule; longer texts are encoded each time. */
#define RULE_TEXT_BYTES 4096U

static const struct str kinds[] = {
        [AUDIT_START] = STR_INIT("start"),
        [AUDIT_DECISION] = STR_INIT("decision"),
        [AUDIT_REFUSED] = STR_INIT("refused"),
        [AUDIT_DROPPED] = STR_INIT("dropped"),
        [AUDIT_PASSED] = STR_INIT("passed"),
        [AUDIT_ANSWER] = STR_INIT("answer"),
        [AUDIT_GAP] = STR_INIT("gap"),
        [AUDIT_STOP] = STR_INIT("stop"),
        [AUDIT_APPROVAL] = STR_INIT("approval"),
        [AUDIT_POLICY] = STR_INIT("policy"),
        [AUDIT_STOPS] = STR_INIT("stops"),
        [AUDIT_GRANT] = STR_INIT("grant"),
        [AUDIT_UPSTREAM] = STR_INIT("upstream"),
};
static_assert(sizeof(kinds) / sizeof(kinds[0]) == AUDIT_KIND_MAX_, "every kind has its name");

static const struct str froms[] = {
        [AUDIT_FROM_CLIENT] = STR_INIT("client"),
        [AUDIT_FROM_SERVER] = STR_INIT("server"),
        [AUDIT_FROM_PROXY] = STR_INIT("proxy"),
        [AUDIT_FROM_PERSON] = STR_INIT("person"),
};

int record_encoder_init(struct record_encoder *e, const struct audit_config *config)
{
        *e = (struct record_encoder){
                .session = BUF_INIT(64),
                .narrowed_session = BUF_INIT(80),
                .head = BUF_INIT(1024),
                .redacted_arguments = config->redacted_arguments,
                .redact = config->redact,
                .redact_userdata = config->redact_userdata,
                .line = BUF_INIT(LIMIT_RECORD_BYTES),
                /* Redaction may lengthen a text: a mark can be longer than the secret. */
                .text = BUF_INIT(8UL * LIMIT_LINE_BYTES),
                .rule = { .policy = BUF_INIT(RULE_TEXT_BYTES),
                        .rule = BUF_INIT(RULE_TEXT_BYTES),
                        .file = BUF_INIT(RULE_TEXT_BYTES),
                        .encoded = BUF_INIT(LIMIT_RECORD_BYTES) },
        };
        memcpy(e->digest_key, config->digest_key, sizeof(e->digest_key));
        buf_append_str(&e->session, config->session);
        buf_append_str(&e->narrowed_session, config->session);
        buf_append_str(&e->narrowed_session, STR(".narrowed"));
        buf_append_str(&e->head, STR(",\"time\":\""));
        buf_append_str(&e->head, timestamp_text(&e->time, 0));
        buf_append_str(&e->head, STR("\",\"session\":"));
        json_string_append(&e->head, config->session);
        buf_append_str(&e->head, STR(",\"kind\":\""));
        return e->session.failed || e->narrowed_session.failed || e->head.failed ? -ENOMEM : 0;
}

void record_encoder_deinit(struct record_encoder *e)
{
        buf_deinit(&e->session);
        buf_deinit(&e->narrowed_session);
        buf_deinit(&e->head);
        buf_deinit(&e->rule.policy);
        buf_deinit(&e->rule.rule);
        buf_deinit(&e->rule.file);
        buf_deinit(&e->rule.encoded);
        buf_deinit(&e->line);
        buf_wipe(&e->text);
        explicit_bzero(e->digest_key, sizeof(e->digest_key));
}

/* --- Members --- */

/* @value as the redactor leaves it; valid until the next call. 0 or negative. */
static int redacted(struct record_encoder *e, struct str value, struct str *ret)
{
        int r;

        if (!e->redact || !value.len) {
                *ret = value;
                return 0;
        }
        buf_clear(&e->text, LIMIT_RECORD_BYTES);
        r = e->redact(e->redact_userdata, value, &e->text);
        if (r < 0)
                return r;
        *ret = r > 0 ? value : buf_str(&e->text);
        return 0;
}

static int put_redacted(struct record_encoder *e, struct str name, struct str value, size_t max)
{
        struct str shown;
        int r = redacted(e, value, &shown);

        if (r == 0)
                record_put_text(&e->line, name, shown, max);
        return r;
}

/* The type of the canonical JSON value @text, or 0 when it is none. */
static unsigned canonical_type(struct str text)
{
        struct json_doc doc;
        unsigned type = 0;

        json_doc_init(&doc, (const uint64_t[2]){ 0, 0 });
        if (json_read(&doc, text) == JSON_OK && doc.canonical)
                type = json_type_of(&doc, 0);
        json_doc_deinit(&doc);
        return type;
}

static bool is_natural_number(struct str s)
{
        for (size_t i = 0; i < s.len; i++) {
                if (s.ptr[i] < '0' || s.ptr[i] > '9')
                        return false;
        }
        return s.len == 1 || (s.len > 1 && s.ptr[0] != '0');
}

/* A string in quotes, of printable ASCII that needs no escape. */
static bool is_plain_string(struct str s)
{
        if (s.len < 2 || s.ptr[0] != '"' || s.ptr[s.len - 1] != '"')
                return false;
        for (size_t i = 1; i < s.len - 1; i++) {
                if (s.ptr[i] < 0x20 || s.ptr[i] > 0x7E || s.ptr[i] == '"' || s.ptr[i] == '\\')
                        return false;
        }
        return true;
}

/* Is @text the JSON of an id? Nearly all are told without the reader, which allocates. */
static bool is_id(struct str text)
{
        unsigned type;

        if (is_natural_number(text) || is_plain_string(text))
                return true;
        type = canonical_type(text);
        return type == JSON_NUMBER || type == JSON_STRING;
}

/* The id as it is where it is JSON; else its text as a string. */
static int put_id(struct record_encoder *e, struct str id)
{
        struct str shown;
        int r = redacted(e, id, &shown);

        if (r < 0 || !shown.len)
                return r;
        if (shown.len <= LIMIT_RECORD_NAME_BYTES && is_id(shown)) {
                buf_append_str(&e->line, STR(",\"id\":"));
                buf_append_str(&e->line, shown);
        } else {
                record_put_text(&e->line, STR(",\"id\":"), shown, LIMIT_RECORD_NAME_BYTES);
        }
        return 0;
}

/* Names of the members that one form of a call's arguments has, each with its comma and colon. */
struct arguments_members {
        struct str digest, text, cut;
};

static const struct arguments_members as_received = {
        STR_INIT(",\"arguments_digest\":\""), STR_INIT(",\"arguments\":"), STR_INIT(",\"arguments_cut\":true")
};
static const struct arguments_members as_narrowed = {
        STR_INIT(",\"narrowed_digest\":\""), STR_INIT(",\"narrowed\":"), STR_INIT(",\"narrowed_cut\":true")
};

/* @reserve: what of the record is for others. */
static int put_arguments_text(struct record_encoder *e, const struct arguments_members *names, struct str text, size_t reserve)
{
        size_t taken = e->line.len + reserve + names->text.len + 2 + names->cut.len;
        struct str shown, fitting;
        int r;

        if (!e->redacted_arguments)
                return 0;
        r = redacted(e, text, &shown);
        if (r < 0)
                return r;
        fitting = record_cut(shown, taken < LIMIT_RECORD_BYTES ? LIMIT_RECORD_BYTES - taken : 0);
        buf_append_str(&e->line, names->text);
        json_string_append(&e->line, fitting);
        if (fitting.len < shown.len)
                buf_append_str(&e->line, names->cut);
        return 0;
}

static void put_digest(struct record_encoder *e, struct str name, struct str session, uint64_t seq, const struct audit_event *event,
        struct str text)
{
        buf_append_str(&e->line, name);
        digest_append(&e->line, e->digest_key, session, seq, event->time_ms, text);
        buf_append_char(&e->line, '"');
}

static int put_arguments(struct record_encoder *e, uint64_t seq, const struct audit_event *event)
{
        size_t reserve = TAIL_RESERVE_BYTES + SEAL_RESERVE_BYTES + (event->extra.len <= LIMIT_RECORD_BYTES / 2 ? event->extra.len : 0);
        size_t half = event->narrowed.len ? (LIMIT_RECORD_BYTES - e->line.len) / 2 : 0;
        int r = 0;

        if (event->has_arguments) {
                put_digest(e, as_received.digest, buf_str(&e->session), seq, event, event->arguments);
                r = put_arguments_text(e, &as_received, event->arguments, reserve + half);
        }
        if (r < 0 || !event->narrowed.len)
                return r;
        put_digest(e, as_narrowed.digest, buf_str(&e->narrowed_session), seq, event, event->narrowed);
        return put_arguments_text(e, &as_narrowed, event->narrowed, reserve);
}

/* A redactor of plain text may have cut an escape in two, or made two names the same: the record is read again, as it is
 * JSON whatever happens. START and STOP alone have such members, so the reader's allocation does not matter. */
static int put_extra(struct record_encoder *e, struct str extra)
{
        struct buf *b = &e->line;
        size_t begin = b->len;
        struct str shown;
        int r = redacted(e, extra, &shown);

        if (r < 0 || !shown.len || str_eq(shown, STR("{}")))
                return r;
        if (shown.len <= LIMIT_RECORD_BYTES && begin + shown.len + SEAL_RESERVE_BYTES <= LIMIT_RECORD_BYTES &&
                str_starts_with(shown, STR("{")) && str_ends_with(shown, STR("}"))) {
                buf_append_char(b, ',');
                buf_append_str(b, str_skip(shown, 1));
                if (b->failed)
                        return -ENOMEM;
                if (canonical_type(buf_str(b)) == JSON_OBJECT) {
                        b->len--; /* the brace, which the record's end will bring */
                        return 0;
                }
                b->len = begin;
        }
        buf_append_str(b, STR(",\"extra_cut\":true"));
        return 0;
}

/* --- Records --- */

static void put_head(struct record_encoder *e, uint64_t seq, enum audit_kind kind, enum audit_from from, uint64_t time_ms)
{
        struct buf *b = &e->line;

        buf_append_str(b, STR("{\"v\":1,\"seq\":"));
        buf_append_unsigned(b, seq);
        if (e->head_ms != time_ms) {
                e->head_ms = time_ms;
                memcpy(e->head.data + HEAD_TIME, timestamp_text(&e->time, time_ms).ptr, TIMESTAMP_BYTES);
        }
        buf_append_str(b, buf_str(&e->head));
        buf_append_str(b, kinds[kind]);
        buf_append_str(b, STR("\",\"from\":\""));
        buf_append_str(b, froms[from]);
        buf_append_char(b, '"');
}

/* The members in their documented order (docs/audit.md). */
static void encode_rule(struct buf *b, const struct audit_event *event)
{
        record_put_text(b, STR(",\"policy\":"), event->policy, LIMIT_RECORD_NAME_BYTES);
        record_put_text(b, STR(",\"rule\":"), event->rule, LIMIT_RECORD_NAME_BYTES);
        record_put_text(b, STR(",\"file\":"), event->rule_file, LIMIT_RECORD_TEXT_BYTES);
        record_put_count(b, STR(",\"line\":"), event->rule_line);
        record_put_count(b, STR(",\"column\":"), event->rule_column);
}

static void remember(struct buf *b, struct str text)
{
        buf_clear(b, RULE_TEXT_BYTES);
        buf_append_str(b, text);
}

static void put_rule(struct record_encoder *e, const struct audit_event *event)
{
        struct rule_members *last = &e->rule;

        if (!event->policy.len) {
                encode_rule(&e->line, event);
                return;
        }
        if (last->line != event->rule_line || last->column != event->rule_column ||
                !str_eq(buf_str(&last->rule), event->rule) || !str_eq(buf_str(&last->policy), event->policy) ||
                !str_eq(buf_str(&last->file), event->rule_file)) {
                remember(&last->policy, event->policy);
                remember(&last->rule, event->rule);
                remember(&last->file, event->rule_file);
                last->line = event->rule_line;
                last->column = event->rule_column;
                buf_clear(&last->encoded, RULE_TEXT_BYTES);
                encode_rule(&last->encoded, event);
        }
        if (last->policy.failed || last->rule.failed || last->file.failed || last->encoded.failed) {
                buf_clear(&last->policy, 0); /* nothing is remembered of it */
                encode_rule(&e->line, event);
                return;
        }
        buf_append_str(&e->line, buf_str(&last->encoded));
}

static int put_members(struct record_encoder *e, uint64_t seq, const struct audit_event *event)
{
        struct buf *b = &e->line;
        int r;

        r = put_redacted(e, STR(",\"method\":"), event->method, LIMIT_RECORD_NAME_BYTES);
        if (r == 0)
                r = put_id(e, event->id);
        if (r < 0)
                return r;
        record_put_text(b, STR(",\"subject\":"), event->subject, LIMIT_RECORD_NAME_BYTES);
        r = put_redacted(e, STR(",\"name\":"), event->name, LIMIT_RECORD_NAME_BYTES);
        if (r < 0)
                return r;
        record_put_text(b, STR(",\"verdict\":"), event->verdict, LIMIT_RECORD_NAME_BYTES);
        record_put_text(b, STR(",\"reason\":"), event->reason, LIMIT_RECORD_NAME_BYTES);
        r = put_redacted(e, STR(",\"detail\":"), event->detail, LIMIT_RECORD_TEXT_BYTES);
        if (r < 0)
                return r;
        put_rule(e, event);
        record_put_text(b, STR(",\"lane\":"), event->lane, LIMIT_NAME_BYTES);
        record_put_text(b, STR(",\"marks\":"), event->marks, LIMIT_RECORD_NAME_BYTES);
        r = put_redacted(e, STR(",\"condition\":"), event->condition, LIMIT_RECORD_NAME_BYTES);
        if (r == 0)
                r = put_redacted(e, STR(",\"schema\":"), event->schema, LIMIT_RECORD_NAME_BYTES);
        if (r < 0)
                return r;
        record_put_text(b, STR(",\"approval\":"), event->approval, LIMIT_RECORD_NAME_BYTES);
        record_put_text(b, STR(",\"approver\":"), event->approver, LIMIT_RECORD_NAME_BYTES);
        record_put_text(b, STR(",\"approval_digest\":"), event->approval_digest, LIMIT_RECORD_NAME_BYTES);
        record_put_text(b, STR(",\"signature\":"), event->signature, LIMIT_RECORD_TEXT_BYTES);
        r = put_redacted(e, STR(",\"statement\":"), event->statement, LIMIT_RECORD_TEXT_BYTES);
        if (r == 0)
                r = put_arguments(e, seq, event);
        if (r < 0)
                return r;
        record_put_count(b, STR(",\"bytes\":"), event->bytes);
        record_put_count(b, STR(",\"refers_to\":"), event->refers_to);
        record_put_count(b, STR(",\"count\":"), event->count);
        record_put_count(b, STR(",\"redacted\":"), event->redacted);
        record_put_count(b, STR(",\"stripped\":"), event->stripped);
        return put_extra(e, event->extra);
}

static int finish(struct record_encoder *e, struct str *ret_line)
{
        buf_append_str(&e->line, STR("}\n"));
        if (e->line.failed)
                return -ENOMEM; /* the members' limits leave room: it can only be memory */
        *ret_line = buf_str(&e->line);
        return 0;
}

int record_encode(struct record_encoder *e, uint64_t seq, const struct audit_event *event, struct str *ret_line)
{
        int r;

        buf_clear(&e->line, LIMIT_RECORD_BYTES);
        put_head(e, seq, event->kind, event->from, event->time_ms);
        r = put_members(e, seq, event);
        return r < 0 ? r : finish(e, ret_line);
}

int record_encode_gap(struct record_encoder *e, uint64_t seq, uint64_t time_ms, uint64_t count, uint64_t since_ms, struct str *ret_line)
{
        struct buf *b = &e->line;

        buf_clear(b, LIMIT_RECORD_BYTES);
        put_head(e, seq, AUDIT_GAP, AUDIT_FROM_PROXY, time_ms);
        record_put_count(b, STR(",\"count\":"), count);
        buf_append_str(b, STR(",\"since\":\""));
        buf_append_str(b, timestamp_text(&e->time, since_ms));
        buf_append_char(b, '"');
        return finish(e, ret_line);
}
