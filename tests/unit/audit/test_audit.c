/* SPDX-License-Identifier: Apache-2.0 */
#include "audit.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "alloc.h"
#include "leaks.h"
#include "json.h"
#include "limit.h"

#define SESSION "01JD4RXZ7Q8WYTCAVK2M3N5P6R"
#define TIME_MS 1763639082123ULL /* 2025-11-20T11:44:42.123Z */
#define HEAD(seq, kind, from)                                                                                     \
        "{\"v\":1,\"seq\":" seq ",\"time\":\"2025-11-20T11:44:42.123Z\",\"session\":\"" SESSION "\",\"kind\":\"" kind \
        "\",\"from\":\"" from "\""

static struct audit_log *log_of(bool redacted_arguments, audit_redactor redact)
{
        struct audit_config config = { .session = STR(SESSION), .redacted_arguments = redacted_arguments, .redact = redact };
        struct audit_log *log = NULL;

        cr_assert_eq(audit_log_new(&log, &config), 0);
        return log;
}

/* "hush" becomes "*". */
static int hide(void *userdata, struct str text, struct buf *out)
{
        for (size_t i = 0; i < text.len;) {
                bool found = str_starts_with(str_skip(text, i), STR("hush"));
                int r = buf_append(out, found ? "*" : text.ptr + i, 1);

                if (r < 0)
                        return r;
                i += found ? 4 : 1;
        }
        return 0;
}

static uint64_t add(struct audit_log *log, struct audit_event event)
{
        uint64_t seq = 0;

        if (!event.time_ms)
                event.time_ms = TIME_MS;
        if (!event.kind)
                event.kind = AUDIT_DECISION;
        cr_expect_eq(audit_log_add(log, &event, &seq), 0);
        return seq;
}

static void expect_pending(struct audit_log *log, struct str expected, const char *row)
{
        struct str pending = audit_log_pending(log);

        cr_expect(str_eq(pending, expected), "%s\n got      %.*s\n expected %.*s", row, STR_FMT(pending), STR_FMT(expected));
}

/* Every line is one JSON object in canonical form and within the limit; returns how many lines there are. */
static size_t check_lines(struct str lines)
{
        size_t count = 0;

        while (lines.len) {
                const char *newline = memchr(lines.ptr, '\n', lines.len);
                struct json_doc doc;
                struct str line;

                cr_assert_not_null(newline, "the last line is whole");
                line = str_of(lines.ptr, (size_t)(newline - lines.ptr));
                json_doc_init(&doc, (const uint64_t[2]){ 1, 2 });
                cr_assert_eq(json_read(&doc, line), JSON_OK, "%.*s", STR_FMT(line));
                cr_assert(doc.canonical, "%.*s", STR_FMT(line));
                cr_assert_eq(json_type_of(&doc, 0), JSON_OBJECT);
                cr_assert_leq(line.len + 1, LIMIT_RECORD_BYTES);
                json_doc_deinit(&doc);
                lines = str_skip(lines, line.len + 1);
                count++;
        }
        return count;
}

Test(audit, records_byte_for_byte)
{
        static const struct {
                const char *name;
                struct audit_event event;
                struct str expected;
        } rows[] = {
                { "everything at once",
                        { .kind = AUDIT_DECISION, .from = AUDIT_FROM_CLIENT, .method = STR_INIT("tools/call"),
                                .id = STR_INIT("7"), .subject = STR_INIT("tool"), .name = STR_INIT("read_file"),
                                .verdict = STR_INIT("deny"), .reason = STR_INIT("rule"), .detail = STR_INIT("not this one"),
                                .policy = STR_INIT("demo"), .rule = STR_INIT("tools.deny[0]"),
                                .rule_file = STR_INIT("/p/demo.yaml"), .rule_line = 12, .rule_column = 5,
                                .arguments = STR_INIT("{}"), .has_arguments = true, .bytes = 97, .refers_to = 3,
                                .count = 2, .extra = STR_INIT("{\"more\":[1,{\"a\":null}]}") },
                        STR_INIT(HEAD("1", "decision", "client") ",\"method\":\"tools/call\",\"id\":7,\"subject\":\"tool\","
                                "\"name\":\"read_file\",\"verdict\":\"deny\",\"reason\":\"rule\",\"detail\":\"not this one\","
                                "\"policy\":\"demo\",\"rule\":\"tools.deny[0]\",\"file\":\"/p/demo.yaml\",\"line\":12,"
                                "\"column\":5,\"arguments_digest\":\"blake2b:"
                                "2763b4156cbc39df4d4efce114d71bff2a7303549830793efd098864cd028b3c\","
                                "\"arguments\":\"{}\",\"bytes\":97,\"refers_to\":3,\"count\":2,\"more\":[1,{\"a\":null}]}\n") },
                { "nothing", { .kind = AUDIT_STOP, .from = AUDIT_FROM_PROXY }, STR_INIT(HEAD("1", "stop", "proxy") "}\n") },
                { "string id", { .kind = AUDIT_PASSED, .from = AUDIT_FROM_SERVER, .id = STR_INIT("\"a-1\"") },
                        STR_INIT(HEAD("1", "passed", "server") ",\"id\":\"a-1\"}\n") },
                { "negative id", { .kind = AUDIT_ANSWER, .from = AUDIT_FROM_SERVER, .id = STR_INIT("-5") },
                        STR_INIT(HEAD("1", "answer", "server") ",\"id\":-5}\n") },
                { "id with an escape", { .kind = AUDIT_REFUSED, .id = STR_INIT("\"a\\nb\"") },
                        STR_INIT(HEAD("1", "refused", "client") ",\"id\":\"a\\nb\"}\n") },
                { "id with a zero", { .kind = AUDIT_REFUSED, .id = STR_INIT("100") },
                        STR_INIT(HEAD("1", "refused", "client") ",\"id\":100}\n") },
                { "id that is not ASCII", { .kind = AUDIT_REFUSED, .id = STR_INIT("\"\xC3\xA9\"") },
                        STR_INIT(HEAD("1", "refused", "client") ",\"id\":\"\xC3\xA9\"}\n") },
                { "id spelled otherwise", { .kind = AUDIT_REFUSED, .id = STR_INIT("\"\\/\"") },
                        STR_INIT(HEAD("1", "refused", "client") ",\"id\":\"\\\"\\\\/\\\"\"}\n") },
                { "id that is an object", { .kind = AUDIT_REFUSED, .id = STR_INIT("{}") },
                        STR_INIT(HEAD("1", "refused", "client") ",\"id\":\"{}\"}\n") },
                { "id that ends early", { .kind = AUDIT_REFUSED, .id = STR_INIT("\"a\",\"v\":2,\"b\"") },
                        STR_INIT(HEAD("1", "refused", "client") ",\"id\":\"\\\"a\\\",\\\"v\\\":2,\\\"b\\\"\"}\n") },
                { "id that is no id", { .kind = AUDIT_DROPPED, .id = STR_INIT("01") },
                        STR_INIT(HEAD("1", "dropped", "client") ",\"id\":\"01\"}\n") },
                { "id of an open string", { .kind = AUDIT_DROPPED, .id = STR_INIT("\"") },
                        STR_INIT(HEAD("1", "dropped", "client") ",\"id\":\"\\\"\"}\n") },
                { "redacted",
                        { .kind = AUDIT_START, .method = STR_INIT("hush"), .id = STR_INIT("\"hush\""),
                                .name = STR_INIT("a hush b"), .detail = STR_INIT("hushhush"), .policy = STR_INIT("hush-hush"),
                                .extra = STR_INIT("{\"command\":[\"hush\"]}") },
                        STR_INIT(HEAD("1", "start", "client") ",\"method\":\"*\",\"id\":\"*\",\"name\":\"a * b\",\"detail\":\"**\","
                                "\"policy\":\"hush-hush\",\"command\":[\"*\"]}\n") },
                { "extra that is not an object", { .kind = AUDIT_START, .extra = STR_INIT("[1,2]") },
                        STR_INIT(HEAD("1", "start", "client") ",\"extra_cut\":true}\n") },
                { "extra with a member of ours", { .kind = AUDIT_START, .extra = STR_INIT("{\"kind\":\"stop\"}") },
                        STR_INIT(HEAD("1", "start", "client") ",\"extra_cut\":true}\n") },
                { "extra of two objects", { .kind = AUDIT_START, .extra = STR_INIT("{\"a\":1}\n{\"b\":1}") },
                        STR_INIT(HEAD("1", "start", "client") ",\"extra_cut\":true}\n") },
                { "empty extra", { .kind = AUDIT_START, .extra = STR_INIT("{}") }, STR_INIT(HEAD("1", "start", "client") "}\n") },
                { "controls and text that is not UTF-8",
                        { .kind = AUDIT_REFUSED, .method = STR_INIT("a\nb\r\x1b[2J\xC2\x85\xE2\x80\xA8\"\\"),
                                .name = STR_INIT("\xFFx\0y") },
                        STR_INIT(HEAD("1", "refused", "client") ",\"method\":\"a\\nb\\r\\u001b[2J\\u0085\\u2028\\\"\\\\\","
                                "\"name\":\"\xEF\xBF\xBDx\\u0000y\"}\n") },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct audit_log *log = log_of(true, hide);

                add(log, rows[i].event);
                expect_pending(log, rows[i].expected, rows[i].name);
                check_lines(audit_log_pending(log));
                audit_log_free(log);
        }
        CHECK_NO_LEAKS();
}

Test(audit, arguments_are_a_digest_unless_configured)
{
        struct audit_log *log = log_of(false, NULL);

        add(log, (struct audit_event){ .arguments = STR("{\"a\":\"hush\"}"), .has_arguments = true });
        cr_expect_null(memmem(audit_log_pending(log).ptr, audit_log_pending(log).len, "hush", 4));
        cr_expect_not_null(memmem(audit_log_pending(log).ptr, audit_log_pending(log).len, "\"arguments_digest\":\"blake2b:", 28));
        audit_log_free(log);
        CHECK_NO_LEAKS();
}

static struct str member_of(const struct audit_log *log, const char *name)
{
        struct str pending = audit_log_pending(log);
        const char *at = memmem(pending.ptr, pending.len, name, strlen(name)), *end;

        cr_assert_not_null(at, "%s in %.*s", name, STR_FMT(pending));
        at += strlen(name);
        end = memchr(at, '"', pending.len - (size_t)(at - pending.ptr));
        return str_of(at, (size_t)(end - at));
}

/* A short text has one digest wherever it stands; two digests of one record that are codes of authentication must not share
 * their key. */
Test(audit, narrowed_arguments_have_a_digest_of_their_own)
{
        char *text = malloc(1 << 17);

        memset(text, 'x', 1 << 17);
        for (size_t len = 65536; len <= 65537; len++) {
                struct audit_log *log = log_of(false, NULL);

                add(log, (struct audit_event){ .arguments = { text, len }, .has_arguments = true, .narrowed = { text, len } });
                cr_expect_eq(str_eq(member_of(log, "\"arguments_digest\":\""), member_of(log, "\"narrowed_digest\":\"")), len == 65536);
                audit_log_free(log);
        }
        free(text);
        CHECK_NO_LEAKS();
}

Test(audit, narrowed_arguments_are_shown_like_those_that_came)
{
        struct audit_log *log = log_of(true, hide);
        char *text = malloc(LIMIT_RECORD_BYTES);

        add(log, (struct audit_event){ .narrowed = STR("{\"a\":\"hush\"}") });
        cr_expect(str_ends_with(audit_log_pending(log), STR(",\"narrowed\":\"{\\\"a\\\":\\\"*\\\"}\"}\n")), "%.*s",
                STR_FMT(audit_log_pending(log)));
        audit_log_written(log);
        memset(text, 'x', LIMIT_RECORD_BYTES);
        add(log, (struct audit_event){
                         .arguments = { text, LIMIT_RECORD_BYTES }, .has_arguments = true, .narrowed = { text, LIMIT_RECORD_BYTES } });
        check_lines(audit_log_pending(log));
        member_of(log, "\"arguments_cut\":true,\"narrowed_digest\":\"");
        cr_expect(str_ends_with(audit_log_pending(log), STR("\"narrowed_cut\":true}\n")));
        free(text);
        audit_log_free(log);
        CHECK_NO_LEAKS();
}

Test(audit, long_texts_are_cut_and_say_so)
{
        static const struct {
                const char *name;
                size_t len;
                char byte;
                struct str end;
        } rows[] = {
                { "at the limit", 1024, 'a', STR_INIT("a\"}\n") },
                { "one past it", 1025, 'a', STR_INIT("a...[cut, 1025 bytes]\"}\n") },
                { "a megabyte", 1 << 20, 'a', STR_INIT("a...[cut, 1048576 bytes]\"}\n") },
                { "escapes at the limit", 1024 / 6, '\x01', STR_INIT("\\u0001\"}\n") },
                { "escapes past it", 1024 / 6 + 1, '\x01', STR_INIT("\\u0001...[cut, 171 bytes]\"}\n") },
                { "not UTF-8", 1 << 20, '\xFF', STR_INIT("\xEF\xBF\xBD...[cut, 1048576 bytes]\"}\n") },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct audit_log *log = log_of(false, NULL);
                char *text = malloc(rows[i].len);

                memset(text, rows[i].byte, rows[i].len);
                add(log, (struct audit_event){ .name = { text, rows[i].len } });
                cr_expect(str_ends_with(audit_log_pending(log), rows[i].end), "row %s: %.*s", rows[i].name,
                        STR_FMT(audit_log_pending(log)));
                cr_expect_lt(audit_log_pending(log).len, 1024U + 300U);
                check_lines(audit_log_pending(log));
                free(text);
                audit_log_free(log);
        }
        CHECK_NO_LEAKS();
}

Test(audit, explanations_may_be_longer_than_names)
{
        char *text = malloc(LIMIT_RECORD_TEXT_BYTES + 1);

        memset(text, 'a', LIMIT_RECORD_TEXT_BYTES + 1);
        for (size_t over = 0; over < 2; over++) {
                struct audit_log *log = log_of(false, NULL);
                struct str pending;

                add(log, (struct audit_event){ .detail = { text, LIMIT_RECORD_TEXT_BYTES + over } });
                pending = audit_log_pending(log);
                cr_expect_eq(str_ends_with(pending, STR("a...[cut, 4097 bytes]\"}\n")), over == 1);
                cr_expect_geq(pending.len, LIMIT_RECORD_TEXT_BYTES);
                audit_log_free(log);
        }
        free(text);
        CHECK_NO_LEAKS();
}

/* All texts as long and as hard to write as can be: one line, whole, within the limit. */
Test(audit, the_worst_event_fits_a_record)
{
        static const char fills[] = { 'a', '"', '\x01', '\xFF', '\x7F' };
        char *text = malloc(1 << 20);

        for (size_t i = 0; i < sizeof(fills); i++) {
                struct str t = { text, 1 << 20 };
                struct audit_log *log = log_of(true, NULL);
                struct str pending;

                memset(text, fills[i], 1 << 20);
                add(log, (struct audit_event){ AUDIT_DECISION, AUDIT_FROM_SERVER, UINT64_MAX, t, t, t, t, t, t, t, t, t, t,
                        UINT32_MAX, UINT32_MAX, t, t, t, t, t, true, t, t, t, t, t, t, UINT64_MAX, UINT64_MAX, UINT64_MAX,
                        UINT64_MAX, UINT64_MAX, t });
                pending = audit_log_pending(log);
                cr_expect_eq(check_lines(pending), 1U);
                cr_expect_not_null(memmem(pending.ptr, pending.len, "\"arguments_cut\":true", 20));
                cr_expect_not_null(memmem(pending.ptr, pending.len, "\"extra_cut\":true", 16));
                cr_expect_leq(pending.len + 192, LIMIT_RECORD_BYTES, "there is room left to seal the record");
                cr_expect_geq(pending.len + 1024, LIMIT_RECORD_BYTES, "and no more cut than needed");
                audit_log_free(log);
        }
        free(text);
        CHECK_NO_LEAKS();
}

Test(audit, arguments_are_cut_at_the_last_byte_that_fits)
{
        char *text = malloc(LIMIT_RECORD_BYTES);
        size_t whole = 0;

        memset(text, 'x', LIMIT_RECORD_BYTES);
        for (size_t len = LIMIT_RECORD_BYTES - 1500; len <= LIMIT_RECORD_BYTES; len++) {
                struct audit_log *log = log_of(true, NULL);
                struct str pending;
                bool is_cut;

                add(log, (struct audit_event){ .arguments = { text, len }, .has_arguments = true });
                pending = audit_log_pending(log);
                is_cut = memmem(pending.ptr, pending.len, "\"arguments_cut\":true", 20);
                cr_assert(is_cut || whole == len - 1 || whole == 0, "once cut, always cut");
                if (!is_cut)
                        whole = len;
                cr_assert_leq(pending.len + 192, LIMIT_RECORD_BYTES);
                audit_log_free(log);
        }
        cr_expect(whole > LIMIT_RECORD_BYTES - 1400 && whole < LIMIT_RECORD_BYTES - 400, "%zu", whole);
        free(text);
        CHECK_NO_LEAKS();
}

Test(audit, numbers_have_no_holes_when_writing_fails)
{
        struct audit_log *log = log_of(false, NULL);

        cr_expect_eq(add(log, (struct audit_event){ .kind = AUDIT_START }), 1U);
        cr_expect_eq(add(log, (struct audit_event){ .kind = AUDIT_PASSED }), 2U);
        audit_log_written(log);
        cr_expect_eq(audit_log_pending(log).len, 0U);
        cr_expect_eq(add(log, (struct audit_event){ .kind = AUDIT_PASSED }), 3U);
        cr_expect_eq(add(log, (struct audit_event){ .kind = AUDIT_PASSED }), 4U);
        audit_log_discard(log, TIME_MS + 1000);
        cr_expect_eq(audit_log_pending(log).len, 0U);

        /* The gap takes the number 3; it is lost again, and then told together with what went with it. */
        cr_expect_eq(add(log, (struct audit_event){ .kind = AUDIT_STOP }), 4U);
        expect_pending(log,
                STR(HEAD("3", "gap", "proxy") ",\"count\":2,\"since\":\"2025-11-20T11:44:43.123Z\"}\n"
                    HEAD("4", "stop", "client") "}\n"), "first");
        audit_log_discard(log, TIME_MS + 2000);
        audit_log_discard(log, TIME_MS + 3000);
        cr_expect_eq(add(log, (struct audit_event){ .kind = AUDIT_STOP }), 4U);
        expect_pending(log,
                STR(HEAD("3", "gap", "proxy") ",\"count\":3,\"since\":\"2025-11-20T11:44:43.123Z\"}\n"
                    HEAD("4", "stop", "client") "}\n"), "second");
        audit_log_written(log);
        cr_expect_eq(add(log, (struct audit_event){ .kind = AUDIT_STOP }), 5U);
        expect_pending(log, STR(HEAD("5", "stop", "client") "}\n"), "third");
        audit_log_discard(log, TIME_MS + 9000);
        cr_expect_eq(add(log, (struct audit_event){ .kind = AUDIT_STOP }), 6U);
        expect_pending(log,
                STR(HEAD("5", "gap", "proxy") ",\"count\":1,\"since\":\"2025-11-20T11:44:51.123Z\"}\n"
                    HEAD("6", "stop", "client") "}\n"), "fourth");
        audit_log_free(log);
        CHECK_NO_LEAKS();
}

Test(audit, pending_records_are_bounded)
{
        struct audit_log *log = log_of(false, NULL);
        struct audit_event event = { .kind = AUDIT_PASSED, .time_ms = TIME_MS };
        uint64_t seq = 0, last = 0;
        size_t len;
        int r;

        while ((r = audit_log_add(log, &event, &seq)) == 0)
                last = seq;
        cr_expect_eq(r, -EMSGSIZE);
        cr_expect_eq(seq, last, "a failure gives no number");
        len = audit_log_pending(log).len;
        cr_expect_leq(len, LIMIT_AUDIT_PENDING_BYTES);
        cr_expect_gt(len + 200, LIMIT_AUDIT_PENDING_BYTES);
        cr_expect_eq(audit_log_add(log, &event, &seq), -EMSGSIZE);
        cr_expect_eq(audit_log_pending(log).len, len);
        audit_log_written(log);
        cr_expect_eq(add(log, event), last + 2, "behind the gap's own number");
        cr_expect_not_null(memmem(audit_log_pending(log).ptr, audit_log_pending(log).len, "\"count\":2,", 10));
        audit_log_free(log);
        CHECK_NO_LEAKS();
}

static int find_nothing(void *userdata, struct str text, struct buf *out)
{
        return 1;
}

Test(audit, what_has_nothing_to_redact_is_recorded_as_it_is)
{
        struct audit_log *log = log_of(true, find_nothing);

        add(log, (struct audit_event){ AUDIT_DECISION, .method = STR("m\n"), .id = STR("1"), .name = STR("n"), .detail = STR("d"),
                .arguments = STR("{}"), .has_arguments = true, .extra = STR("{\"a\":1}") });
        for (const char *const *member = (const char *const[]){ "\"method\":\"m\\n\"", "\"id\":1,", "\"name\":\"n\"", "\"detail\":\"d\"",
                     "\"arguments\":\"{}\"", "\"a\":1}", NULL };
             *member; member++)
                cr_expect_not_null(memmem(audit_log_pending(log).ptr, audit_log_pending(log).len, *member, strlen(*member)), "%s",
                        *member);
        audit_log_free(log);
        CHECK_NO_LEAKS();
}

static int fail_to_redact(void *userdata, struct str text, struct buf *out)
{
        buf_append_str(out, text);
        return -EIO;
}

Test(audit, what_cannot_be_redacted_is_not_recorded)
{
        struct audit_log *log = log_of(true, fail_to_redact);
        static const struct audit_event events[] = {
                { AUDIT_DECISION, .method = STR_INIT("m") },
                { AUDIT_DECISION, .id = STR_INIT("1") },
                { AUDIT_DECISION, .name = STR_INIT("m") },
                { AUDIT_DECISION, .detail = STR_INIT("m") },
                { AUDIT_DECISION, .arguments = STR_INIT("{}"), .has_arguments = true },
                { AUDIT_DECISION, .extra = STR_INIT("{\"a\":1}") },
        };
        uint64_t seq = 77;

        for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
                cr_expect_eq(audit_log_add(log, &events[i], &seq), -EIO, "event %zu", i);
                cr_expect_eq(audit_log_pending(log).len, 0U);
                cr_expect_eq(seq, 77U);
        }
        cr_expect_eq(add(log, (struct audit_event){ .kind = AUDIT_STOP }), 2U);
        cr_expect_not_null(memmem(audit_log_pending(log).ptr, audit_log_pending(log).len, "\"count\":6", 9), "all are counted");
        audit_log_free(log);
        CHECK_NO_LEAKS();
}

/* --- Memory --- */

struct failing {
        size_t asked, fail_at, live;
};

static void *failing_resize(void *userdata, void *ptr, size_t size)
{
        struct failing *f = userdata;

        if (++f->asked == f->fail_at)
                return NULL;
        f->live += !ptr;
        return realloc(ptr, size);
}

static void failing_release(void *userdata, void *ptr)
{
        ((struct failing *)userdata)->live--;
        free(ptr);
}

static void run_without_memory(struct failing *f)
{
        struct audit_config config = { .session = STR(SESSION), .redacted_arguments = true, .redact = hide };
        struct audit_event event = { AUDIT_DECISION, .time_ms = TIME_MS, .name = STR("n"), .arguments = STR("{\"a\":1}"),
                .has_arguments = true, .extra = STR("{\"b\":2}") };
        uint64_t seq = 0, added = 0;
        struct audit_log *log = NULL;
        struct buf expected = BUF_INIT(100);
        size_t lines;

        if (audit_log_new(&log, &config) < 0)
                return;
        for (int i = 0; i < 30; i++)
                added += audit_log_add(log, &event, &seq) == 0;
        f->fail_at = 0;
        lines = check_lines(audit_log_pending(log));
        cr_expect_eq(lines, added + (added < 30), "%zu lines of %zu records at %zu", lines, (size_t)added, f->fail_at);
        cr_expect_eq(seq, lines, "numbers have no holes");
        buf_printf(&expected, "\"count\":%d,", 30 - (int)added);
        cr_expect_eq(added == 30, !memmem(audit_log_pending(log).ptr, audit_log_pending(log).len, expected.data, expected.len));
        buf_deinit(&expected);
        audit_log_free(log);
}

Test(audit, without_memory_nothing_is_half_recorded)
{
        size_t n;

        for (n = 1; n < 200; n++) {
                struct failing f = { .fail_at = n };
                struct allocator allocator = { failing_resize, failing_release, &f };

                mem_set_allocator(&allocator);
                run_without_memory(&f);
                mem_set_allocator(NULL);
                cr_assert_eq(f.live, 0U, "leak when allocation %zu fails", n);
                if (f.asked < n)
                        break;
        }
        cr_expect(n > 8 && n < 200, "%zu", n);
        CHECK_NO_LEAKS();
}

Test(audit, the_steady_state_allocates_nothing)
{
        struct failing f = { 0 };
        struct allocator allocator = { failing_resize, failing_release, &f };
        struct audit_log *log;
        size_t warm = 0;

        mem_set_allocator(&allocator);
        log = log_of(true, hide);
        for (int i = 0; i < 1000; i++) {
                add(log, (struct audit_event){ .name = STR("n"), .arguments = STR("{\"a\":1}"), .has_arguments = true });
                audit_log_written(log);
                if (i == 10)
                        warm = f.asked;
        }
        cr_expect_eq(f.asked, warm);
        audit_log_free(log);
        mem_set_allocator(NULL);
        CHECK_NO_LEAKS();
}

Test(audit, session_ids)
{
        uint8_t zeros[10] = { 0 }, ones[10], one[10] = { 0 };
        char id[27];

        memset(ones, 0xFF, sizeof(ones));
        one[9] = 1;
        audit_session_id(id, 0, zeros);
        cr_expect_str_eq(id, "00000000000000000000000000");
        audit_session_id(id, (1ULL << 48) - 1, ones);
        cr_expect_str_eq(id, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
        audit_session_id(id, 1469918176385, one);
        cr_expect_str_eq(id, "01ARYZ6S410000000000000001", "the ULID specification's example of a time");
        CHECK_NO_LEAKS();
}
