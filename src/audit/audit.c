/* SPDX-License-Identifier: Apache-2.0 */
#include "audit.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>

#include "alloc.h"
#include "cleanup.h"
#include "digest.h"
#include "json.h"
#include "limit.h"
#include "timestamp.h"
#include "utf8.h"
#include "writer.h"

/* Memory kept between records; a burst's memory beyond it is given back. */
#define PENDING_KEEP_BYTES (128U << 10)

/* Room that every record leaves for what later versions put behind its last member: the previous record's hash and a
 * seal, each a name and 64 hexadecimal digits. */
#define SEAL_RESERVE_BYTES 192U

/* bytes, refers_to, count, since, extra_cut and the closing brace, at their longest. */
#define TAIL_RESERVE_BYTES 256U

/* Where the time stands in a record's head. */
#define HEAD_TIME (sizeof(",\"time\":\"") - 1)

/* What is remembered of a rule; longer texts are encoded each time. */
#define RULE_TEXT_BYTES 4096U

/* The members that name the deciding rule, as the last record had them: calls of one tool follow one another. */
struct rule_members {
        struct buf policy, rule, file; /* whose they are */
        uint32_t line, column;
        struct buf encoded;
};

struct audit_log {
        struct buf session; /* the id */
        struct buf head;    /* ,"time":"...","session":"...","kind":" */
        uint64_t head_ms;   /* the time that it shows */
        uint8_t digest_key[32];
        bool redacted_arguments;
        audit_redactor redact;
        void *redact_userdata;

        struct buf pending;
        struct buf record; /* the one being encoded */
        struct buf text;   /* a redacted string on its way to the record */
        struct timestamp_cache time;
        struct rule_members rule;

        uint64_t next_seq;
        uint64_t pending_count;  /* records in `pending`, a gap's record not counted */
        uint64_t pending_first;  /* the number of the first line in `pending` */
        uint64_t lost;           /* not yet told by a gap in `pending` */
        uint64_t lost_in_gap;    /* told by gaps in `pending`, and lost again if those are */
        uint64_t lost_since_ms;  /* when the first of all these was */
};

static const struct str kinds[] = {
        [AUDIT_START] = STR_INIT("start"),
        [AUDIT_DECISION] = STR_INIT("decision"),
        [AUDIT_REFUSED] = STR_INIT("refused"),
        [AUDIT_DROPPED] = STR_INIT("dropped"),
        [AUDIT_PASSED] = STR_INIT("passed"),
        [AUDIT_ANSWER] = STR_INIT("answer"),
        [AUDIT_GAP] = STR_INIT("gap"),
        [AUDIT_STOP] = STR_INIT("stop"),
};
static_assert(sizeof(kinds) / sizeof(kinds[0]) == AUDIT_KIND_MAX_, "every kind has its name");

static const struct str froms[] = {
        [AUDIT_FROM_CLIENT] = STR_INIT("client"),
        [AUDIT_FROM_SERVER] = STR_INIT("server"),
        [AUDIT_FROM_PROXY] = STR_INIT("proxy"),
};

int audit_log_new(struct audit_log **ret, const struct audit_config *config)
{
        struct audit_log *log;

        /* Digests take what the processor offers, which libsodium finds out here. */
        if (sodium_init() < 0)
                return -EIO;
        log = mem_calloc(1, sizeof(*log));
        if (!log)
                return -ENOMEM;
        buf_init(&log->session, 64);
        buf_init(&log->head, 1024);
        buf_init(&log->pending, LIMIT_AUDIT_PENDING_BYTES);
        buf_init(&log->record, LIMIT_RECORD_BYTES);
        /* Redaction may lengthen a text: a mark can be longer than the secret. */
        buf_init(&log->text, 8UL * LIMIT_LINE_BYTES);
        memcpy(log->digest_key, config->digest_key, sizeof(log->digest_key));
        log->redacted_arguments = config->redacted_arguments;
        log->redact = config->redact;
        log->redact_userdata = config->redact_userdata;
        log->next_seq = log->pending_first = 1;
        buf_init(&log->rule.policy, RULE_TEXT_BYTES);
        buf_init(&log->rule.rule, RULE_TEXT_BYTES);
        buf_init(&log->rule.file, RULE_TEXT_BYTES);
        buf_init(&log->rule.encoded, LIMIT_RECORD_BYTES);

        buf_append_str(&log->session, config->session);
        buf_append_str(&log->head, STR(",\"time\":\""));
        buf_append_str(&log->head, timestamp_text(&log->time, 0));
        buf_append_str(&log->head, STR("\",\"session\":"));
        json_string_append(&log->head, config->session);
        buf_append_str(&log->head, STR(",\"kind\":\""));
        if (log->session.failed || log->head.failed) {
                audit_log_free(log);
                return -ENOMEM;
        }
        *ret = log;
        return 0;
}

struct audit_log *audit_log_free(struct audit_log *log)
{
        if (!log)
                return NULL;
        buf_deinit(&log->session);
        buf_deinit(&log->head);
        buf_deinit(&log->rule.policy);
        buf_deinit(&log->rule.rule);
        buf_deinit(&log->rule.file);
        buf_deinit(&log->rule.encoded);
        buf_deinit(&log->pending);
        buf_deinit(&log->record);
        buf_wipe(&log->text);
        explicit_bzero(log->digest_key, sizeof(log->digest_key));
        mem_free(log);
        return NULL;
}

/* --- Members --- */

static void put_count(struct buf *b, struct str name, uint64_t value)
{
        if (!value)
                return;
        buf_append_str(b, name);
        buf_append_unsigned(b, value);
}

/* What the character at the start of @s takes in a JSON string; @ret_len is what it takes in @s. */
static size_t written_length(struct str s, size_t *ret_len)
{
        uint8_t first = (uint8_t)s.ptr[0];
        uint32_t cp;

        *ret_len = 1;
        if (first >= 0x20 && first < 0x7F)
                return first == '"' || first == '\\' ? 2 : 1;
        if (first < 0x80)
                return 6;
        *ret_len = utf8_decode(s, &cp);
        if (!*ret_len) {
                *ret_len = 1;
                return 3; /* U+FFFD */
        }
        return cp <= 0x9F || cp == 0x2028 || cp == 0x2029 ? 6 : *ret_len;
}

/* The longest beginning of @s, in whole characters, that takes at most @max bytes in a JSON string. */
static struct str cut(struct str s, size_t max)
{
        size_t at = 0, written = 0;

        while (at < s.len) {
                size_t len, more = written_length(str_skip(s, at), &len);

                if (more > max - written)
                        break;
                written += more;
                at += len;
        }
        return str_of(s.ptr, at);
}

static void put_text(struct buf *b, struct str name, struct str value, size_t max)
{
        struct str shown;

        if (!value.len)
                return;
        shown = value.len <= max / 6 ? value : cut(value, max);
        buf_append_str(b, name);
        json_string_append(b, shown);
        if (shown.len < value.len && !b->failed) {
                b->len--; /* the closing quote */
                buf_append_str(b, STR("...[cut, "));
                buf_append_unsigned(b, value.len);
                buf_append_str(b, STR(" bytes]\""));
        }
}

/* @value as the redactor leaves it; valid until the next call. 0 or negative. */
static int redacted(struct audit_log *log, struct str value, struct str *ret)
{
        int r;

        if (!log->redact || !value.len) {
                *ret = value;
                return 0;
        }
        buf_clear(&log->text, LIMIT_RECORD_BYTES);
        r = log->redact(log->redact_userdata, value, &log->text);
        if (r < 0)
                return r;
        *ret = r > 0 ? value : buf_str(&log->text);
        return 0;
}

static int put_redacted(struct audit_log *log, struct str name, struct str value, size_t max)
{
        struct str shown;
        int r = redacted(log, value, &shown);

        if (r == 0)
                put_text(&log->record, name, shown, max);
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
static int put_id(struct audit_log *log, struct str id)
{
        struct str shown;
        int r = redacted(log, id, &shown);

        if (r < 0 || !shown.len)
                return r;
        if (shown.len <= LIMIT_RECORD_NAME_BYTES && is_id(shown)) {
                buf_append_str(&log->record, STR(",\"id\":"));
                buf_append_str(&log->record, shown);
        } else {
                put_text(&log->record, STR(",\"id\":"), shown, LIMIT_RECORD_NAME_BYTES);
        }
        return 0;
}

static int put_arguments(struct audit_log *log, const struct audit_event *event)
{
        size_t extra = event->extra.len <= LIMIT_RECORD_BYTES / 2 ? event->extra.len : 0;
        size_t taken = log->record.len + extra + TAIL_RESERVE_BYTES + SEAL_RESERVE_BYTES;
        struct str shown, fitting;
        int r;

        if (!event->has_arguments)
                return 0;
        buf_append_str(&log->record, STR(",\"arguments_digest\":\""));
        digest_append(&log->record, log->digest_key, buf_str(&log->session), log->next_seq, event->time_ms,
                event->arguments);
        buf_append_char(&log->record, '"');
        if (!log->redacted_arguments)
                return 0;
        r = redacted(log, event->arguments, &shown);
        if (r < 0)
                return r;
        taken += sizeof(",\"arguments_digest\":\"aes256-gmac:\",\"arguments\":\"\",\"arguments_cut\":true") + 64;
        fitting = cut(shown, taken < LIMIT_RECORD_BYTES ? LIMIT_RECORD_BYTES - taken : 0);
        buf_append_str(&log->record, STR(",\"arguments\":"));
        json_string_append(&log->record, fitting);
        if (fitting.len < shown.len)
                buf_append_str(&log->record, STR(",\"arguments_cut\":true"));
        return 0;
}

/* A redactor of plain text may have cut an escape in two, or made two names the same: the record is read again, as it is
 * JSON whatever happens. START and STOP alone have such members, so the reader's allocation does not matter. */
static int put_extra(struct audit_log *log, struct str extra)
{
        struct buf *b = &log->record;
        size_t begin = b->len;
        struct str shown;
        int r = redacted(log, extra, &shown);

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

static void put_head(struct audit_log *log, enum audit_kind kind, enum audit_from from, uint64_t time_ms)
{
        struct buf *b = &log->record;

        buf_append_str(b, STR("{\"v\":1,\"seq\":"));
        buf_append_unsigned(b, log->next_seq);
        if (log->head_ms != time_ms) {
                log->head_ms = time_ms;
                memcpy(log->head.data + HEAD_TIME, timestamp_text(&log->time, time_ms).ptr, TIMESTAMP_BYTES);
        }
        buf_append_str(b, buf_str(&log->head));
        buf_append_str(b, kinds[kind]);
        buf_append_str(b, STR("\",\"from\":\""));
        buf_append_str(b, froms[from]);
        buf_append_char(b, '"');
}

/* The members in their documented order (docs/audit.md). */
static void encode_rule(struct buf *b, const struct audit_event *event)
{
        put_text(b, STR(",\"policy\":"), event->policy, LIMIT_RECORD_NAME_BYTES);
        put_text(b, STR(",\"rule\":"), event->rule, LIMIT_RECORD_NAME_BYTES);
        put_text(b, STR(",\"file\":"), event->rule_file, LIMIT_RECORD_TEXT_BYTES);
        put_count(b, STR(",\"line\":"), event->rule_line);
        put_count(b, STR(",\"column\":"), event->rule_column);
}

static void remember(struct buf *b, struct str text)
{
        buf_clear(b, RULE_TEXT_BYTES);
        buf_append_str(b, text);
}

static void put_rule(struct audit_log *log, const struct audit_event *event)
{
        struct rule_members *last = &log->rule;

        if (!event->policy.len) {
                encode_rule(&log->record, event);
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
                encode_rule(&log->record, event);
                return;
        }
        buf_append_str(&log->record, buf_str(&last->encoded));
}

static int put_members(struct audit_log *log, const struct audit_event *event)
{
        struct buf *b = &log->record;
        int r;

        r = put_redacted(log, STR(",\"method\":"), event->method, LIMIT_RECORD_NAME_BYTES);
        if (r == 0)
                r = put_id(log, event->id);
        if (r < 0)
                return r;
        put_text(b, STR(",\"subject\":"), event->subject, LIMIT_RECORD_NAME_BYTES);
        r = put_redacted(log, STR(",\"name\":"), event->name, LIMIT_RECORD_NAME_BYTES);
        if (r < 0)
                return r;
        put_text(b, STR(",\"verdict\":"), event->verdict, LIMIT_RECORD_NAME_BYTES);
        put_text(b, STR(",\"reason\":"), event->reason, LIMIT_RECORD_NAME_BYTES);
        r = put_redacted(log, STR(",\"detail\":"), event->detail, LIMIT_RECORD_TEXT_BYTES);
        if (r < 0)
                return r;
        put_rule(log, event);
        r = put_arguments(log, event);
        if (r < 0)
                return r;
        put_count(b, STR(",\"bytes\":"), event->bytes);
        put_count(b, STR(",\"refers_to\":"), event->refers_to);
        put_count(b, STR(",\"count\":"), event->count);
        return put_extra(log, event->extra);
}

/* Puts the finished record behind the pending ones. */
static int close_record(struct audit_log *log)
{
        int r;

        buf_append_str(&log->record, STR("}\n"));
        if (log->record.failed)
                return -ENOMEM; /* the members' limits leave room: it can only be memory */
        r = buf_append_str(&log->pending, buf_str(&log->record));
        if (r < 0)
                return r;
        log->next_seq++;
        return 0;
}

static int add_gap(struct audit_log *log, uint64_t time_ms)
{
        struct buf *b = &log->record;
        int r;

        buf_clear(b, LIMIT_RECORD_BYTES);
        put_head(log, AUDIT_GAP, AUDIT_FROM_PROXY, time_ms);
        put_count(b, STR(",\"count\":"), log->lost);
        buf_append_str(b, STR(",\"since\":\""));
        buf_append_str(b, timestamp_text(&log->time, log->lost_since_ms));
        buf_append_char(b, '"');
        r = close_record(log);
        if (r < 0)
                return r;
        log->lost_in_gap += log->lost;
        log->lost = 0;
        return 0;
}

static int add_event(struct audit_log *log, const struct audit_event *event)
{
        int r;

        buf_clear(&log->record, LIMIT_RECORD_BYTES);
        put_head(log, event->kind, event->from, event->time_ms);
        r = put_members(log, event);
        return r < 0 ? r : close_record(log);
}

static void count_lost(struct audit_log *log, uint64_t count, uint64_t time_ms)
{
        if (log->lost + log->lost_in_gap == 0)
                log->lost_since_ms = time_ms;
        log->lost += count;
}

int audit_log_add(struct audit_log *log, const struct audit_event *event, uint64_t *ret_seq)
{
        uint64_t seq = log->next_seq, lost = log->lost, lost_in_gap = log->lost_in_gap;
        size_t len = log->pending.len;
        int r = lost ? add_gap(log, event->time_ms) : 0;

        if (r == 0)
                r = add_event(log, event);
        if (r < 0) {
                log->pending.len = len;
                log->pending.failed = false;
                log->next_seq = seq;
                log->lost = lost;
                log->lost_in_gap = lost_in_gap;
                count_lost(log, 1, event->time_ms);
                return r;
        }
        log->pending_count++;
        *ret_seq = log->next_seq - 1;
        return 0;
}

struct str audit_log_pending(const struct audit_log *log)
{
        return buf_str(&log->pending);
}

static void forget_pending(struct audit_log *log)
{
        buf_clear(&log->pending, PENDING_KEEP_BYTES);
        log->pending_count = 0;
        log->pending_first = log->next_seq;
        log->lost_in_gap = 0;
}

void audit_log_written(struct audit_log *log)
{
        forget_pending(log);
}

void audit_log_discard(struct audit_log *log, uint64_t time_ms)
{
        uint64_t again = log->lost_in_gap;

        if (log->pending.len == 0)
                return;
        count_lost(log, log->pending_count, time_ms);
        log->lost += again;
        log->next_seq = log->pending_first;
        forget_pending(log);
}

void audit_session_id(char ret[27], uint64_t now_ms, const uint8_t random[10])
{
        static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        uint8_t bits[17] = { 0 }; /* two zero bits, 48 of time, 80 of chance, as 26 digits of five */

        for (unsigned i = 0; i < 6; i++)
                bits[i] = (uint8_t)(now_ms >> (40 - 8 * i));
        memcpy(bits + 6, random, 10);
        for (unsigned i = 0; i < 26; i++) {
                /* Digit i holds the bits 5i-2 to 5i+2. */
                unsigned value = 0;

                for (unsigned k = 0; k < 5; k++) {
                        int bit = (int)(5 * i + k) - 2;

                        value = value << 1 | (bit < 0 ? 0 : bits[bit / 8] >> (7 - bit % 8) & 1U);
                }
                ret[i] = digits[value];
        }
        ret[26] = '\0';
}
