/* SPDX-License-Identifier: Apache-2.0
 *
 * What a message costs in each layer, without processes and pipes: the reader, the policy, the audit record, and the
 * whole session engine as the event loop drives it. Prints nanoseconds a message, the best of several batches: here
 * nothing but the machine's other work makes one batch slower than the next.
 *
 *   bench_layers POLICY [ROW]
 *
 * measures the rows whose names begin with ROW, or all.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit.h"
#include "json.h"
#include "messages.h"
#include "now.h"
#include "policy.h"
#include "schema.h"
#include "session.h"

#define MIB ((size_t)1 << 20)
#define TEXT_MAX ((size_t)12 << 20)
#define BATCHES 15U

static const uint64_t seed[2] = { 0x243f6a8885a308d3U, 0x13198a2e03707344U };

struct layers {
        const char *only; /* start of a row's name; NULL = all rows */
        struct policy_set *policy;
        struct audit_log *audit;
        struct session *session;
        uint64_t next_id;
        struct buf line;
        struct buf body; /* of a large answer; its end is made for each */
        struct json_doc doc;
};

static struct str without_newline(const struct buf *b)
{
        return str_of(b->data, b->len - (b->len > 0 && b->data[b->len - 1] == '\n'));
}

static bool wants(const struct layers *l, const char *name)
{
        return str_starts_with(str_from(name), str_from(l->only));
}

static void print_row(const char *name, uint64_t best_ns, size_t bytes)
{
        printf("%-44s %10.0f ns", name, (double)best_ns);
        if (bytes > 4096)
                printf(" %8.2f GB/s", (double)bytes / (double)best_ns);
        putchar('\n');
}

/* --- The messages of the rows --- */

static void add_allowed(struct buf *out, uint64_t id)
{
        message_add_call(out, STR("echo"), id);
}

static void add_refused(struct buf *out, uint64_t id)
{
        message_add_call(out, STR("write_0001"), id);
}

static void add_argument(struct buf *out, uint64_t id)
{
        message_add_argument_call(out, MIB, id);
}

static void make_blob(struct buf *out)
{
        message_add_blob_result(out, MIB);
}

static void make_60(struct buf *out)
{
        message_add_list_result(out, 60, 30);
}

static void make_1000(struct buf *out)
{
        message_add_list_result(out, 1000, 500);
}

/* --- One layer at a time --- */

static int time_reader(struct layers *l, const char *name, const struct buf *text)
{
        unsigned repeats = (unsigned)((4 * MIB) / (text->len + 2000)) + 1;
        uint64_t best = UINT64_MAX;

        if (!wants(l, name))
                return 0;
        for (unsigned batch = 0; batch < BATCHES; batch++) {
                uint64_t start = now_ns(), took;

                for (unsigned i = 0; i < repeats; i++) {
                        if (json_read(&l->doc, without_newline(text)) != JSON_OK)
                                return -EBADMSG;
                }
                took = (now_ns() - start) / repeats;
                best = took < best ? took : best;
        }
        print_row(name, best, text->len);
        return 0;
}

static int time_readers(struct layers *l)
{
        static const struct {
                const char *name;
                void (*request)(struct buf *out, uint64_t id);
                void (*result)(struct buf *out);
        } rows[] = {
                { "reader: a small call", add_allowed, NULL },
                { "reader: a small result", NULL, message_add_call_result },
                { "reader: an argument of 1 MiB", add_argument, NULL },
                { "reader: a result of 1 MiB", NULL, make_blob },
                { "reader: a list of 1,000 tools", NULL, make_1000 },
        };
        int r = 0;

        for (size_t i = 0; r == 0 && i < sizeof(rows) / sizeof(rows[0]); i++) {
                buf_clear(&l->line, TEXT_MAX);
                if (rows[i].request) {
                        rows[i].request(&l->line, 1);
                } else {
                        rows[i].result(&l->line);
                        message_add_end(&l->line, STR("1"));
                }
                r = time_reader(l, rows[i].name, &l->line);
        }
        return r;
}

static void time_policy(const struct layers *l, const char *name, struct str tool)
{
        struct policy_request request = { .subject = POLICY_TOOL, .name = tool };
        struct policy_decision decision;
        uint64_t best = UINT64_MAX;

        if (!wants(l, name))
                return;
        for (unsigned batch = 0; batch < BATCHES; batch++) {
                uint64_t start = now_ns(), took;

                for (unsigned i = 0; i < 10000; i++)
                        policy_set_decide(l->policy, &request, &decision);
                took = (now_ns() - start) / 10000;
                best = took < best ? took : best;
        }
        print_row(name, best, 0);
}

static int time_audit(struct layers *l, const char *name, size_t argument_bytes)
{
        struct audit_event event = {
                .kind = AUDIT_DECISION,
                .from = AUDIT_FROM_CLIENT,
                .time_ms = 1790000000000U,
                .method = STR("tools/call"),
                .id = STR("12345"),
                .subject = STR("tool"),
                .name = STR("echo"),
                .verdict = STR("allow"),
                .reason = STR("rule"),
                .policy = STR("bench"),
                .rule = STR("tools.allow[0]"),
                .rule_file = STR("bench.yaml"),
                .rule_line = 8,
                .rule_column = 7,
                .has_arguments = true,
                .bytes = 300,
        };
        unsigned repeats = argument_bytes > 4096 ? 5 : 1000;
        uint64_t best = UINT64_MAX, seq;

        if (!wants(l, name))
                return 0;
        buf_clear(&l->line, TEXT_MAX);
        message_add_argument_call(&l->line, argument_bytes, 1);
        event.arguments = without_newline(&l->line);
        for (unsigned batch = 0; batch < BATCHES; batch++) {
                uint64_t start = now_ns(), took;

                for (unsigned i = 0; i < repeats; i++) {
                        if (audit_log_add(l->audit, &event, &seq) < 0)
                                return -EBADMSG;
                        audit_log_written(l->audit);
                }
                took = (now_ns() - start) / repeats;
                best = took < best ? took : best;
        }
        print_row(name, best, argument_bytes);
        return 0;
}

/* A call as real servers have many: six arguments, with bounds, a choice and a list. */
static int time_schema(const char *name)
{
        static const char schema_text[] =
                "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"type\":\"object\",\"properties\":{"
                "\"owner\":{\"type\":\"string\",\"description\":\"Repository owner\"},"
                "\"repo\":{\"type\":\"string\",\"description\":\"Repository name\"},"
                "\"state\":{\"type\":\"string\",\"enum\":[\"open\",\"closed\",\"all\"]},"
                "\"labels\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
                "\"page\":{\"type\":\"number\",\"minimum\":1},"
                "\"perPage\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":100}},"
                "\"required\":[\"owner\",\"repo\"],\"additionalProperties\":false}";
        static const char value_text[] =
                "{\"owner\":\"acme\",\"repo\":\"site\",\"state\":\"all\",\"labels\":[\"bug\",\"ui\"],\"page\":2,\"perPage\":50}";
        struct schema_scratch *scratch = schema_scratch_new();
        struct json_doc schema, value;
        struct schema_result result = { 0 };
        uint64_t best = UINT64_MAX;

        json_doc_init(&schema, seed);
        json_doc_init(&value, seed);
        if (json_read(&schema, str_from(schema_text)) == JSON_OK && json_read(&value, str_from(value_text)) == JSON_OK)
                for (unsigned batch = 0; batch < 20 * BATCHES; batch++) {
                        uint64_t start = now_ns(), took;

                        for (unsigned i = 0; i < 500; i++)
                                schema_check(&schema, 0, &value, 0, scratch, &result);
                        took = (now_ns() - start) / 500;
                        best = took < best ? took : best;
                }
        print_row(name, best, 0);
        json_doc_deinit(&schema);
        json_doc_deinit(&value);
        schema_scratch_free(scratch);
        return result.verdict == SCHEMA_VALID ? 0 : -EBADMSG;
}

/* --- The session as the event loop drives it --- */

/* Bytes of @side arrive; whether they may pass is all the same, but the engine must take them. */
static int feed(struct layers *l, enum side side, struct str bytes)
{
        while (bytes.len > 0) {
                const struct iovec *out;
                size_t room;
                char *into;
                int r = session_input(l->session, side, &into, &room);

                if (r < 0)
                        return r;
                room = room < bytes.len ? room : bytes.len;
                memcpy(into, bytes.ptr, room);
                bytes = str_skip(bytes, room);
                r = session_feed(l->session, side, room, 1790000000000U, 1000);
                if (r < 0)
                        return r;
                if (session_records_due(l->session))
                        audit_log_written(l->audit);
                session_commit(l->session, side, true, 1790000000000U);
                (void)session_output(l->session, side, SIDE_CLIENT, &out);
                (void)session_output(l->session, side, SIDE_SERVER, &out);
                session_release(l->session, side);
        }
        return 0;
}

struct exchange {
        const char *name;
        void (*request)(struct buf *out, uint64_t id);
        void (*result)(struct buf *out); /* of the answer, without its end; NULL = nobody answers */
        bool large;
};

static int exchange_once(struct layers *l, const struct exchange *e, uint64_t *ret_ns)
{
        uint64_t id = l->next_id++, start;
        char digits[24];
        int r;

        buf_clear(&l->line, TEXT_MAX);
        e->request(&l->line, id);
        start = now_ns();
        r = feed(l, SIDE_CLIENT, buf_str(&l->line));
        *ret_ns = now_ns() - start;
        if (r < 0 || !e->result)
                return r;
        buf_clear(&l->line, TEXT_MAX);
        snprintf(digits, sizeof(digits), "%llu", (unsigned long long)id);
        (void)buf_append_str(&l->line, buf_str(&l->body));
        message_add_end(&l->line, str_from(digits));
        start = now_ns();
        r = feed(l, SIDE_SERVER, buf_str(&l->line));
        *ret_ns += now_ns() - start;
        return r;
}

static int time_exchange(struct layers *l, const struct exchange *e)
{
        unsigned repeats = e->large ? 20 : 2000;
        uint64_t best = UINT64_MAX;
        size_t request;

        if (!wants(l, e->name))
                return 0;
        buf_clear(&l->body, TEXT_MAX);
        if (e->result)
                e->result(&l->body);
        buf_clear(&l->line, TEXT_MAX);
        e->request(&l->line, 0);
        request = l->line.len;
        for (unsigned batch = 0; batch < BATCHES; batch++) {
                uint64_t sum = 0;

                for (unsigned i = 0; i < repeats; i++) {
                        uint64_t took;
                        int r = exchange_once(l, e, &took);

                        if (r < 0)
                                return r;
                        sum += took;
                }
                best = sum / repeats < best ? sum / repeats : best;
        }
        print_row(e->name, best, e->large ? request + l->body.len : 0);
        return 0;
}

static int handshake(struct layers *l)
{
        int r;

        buf_clear(&l->line, TEXT_MAX);
        message_add_initialize(&l->line);
        r = feed(l, SIDE_CLIENT, buf_str(&l->line));
        buf_clear(&l->line, TEXT_MAX);
        message_add_initialize_result(&l->line);
        message_add_end(&l->line, STR("0"));
        if (r == 0)
                r = feed(l, SIDE_SERVER, buf_str(&l->line));
        buf_clear(&l->line, TEXT_MAX);
        message_add_initialized(&l->line);
        return r < 0 ? r : feed(l, SIDE_CLIENT, buf_str(&l->line));
}

/* Two readings of the clock are in each figure: some 50 ns. */
static int time_session(struct layers *l)
{
        static const struct exchange rows[] = {
                { "session: a small call and its answer", add_allowed, message_add_call_result },
                { "session: a denied call", add_refused, NULL },
                { "session: an argument of 1 MiB", add_argument, message_add_call_result, true },
                { "session: a result of 1 MiB", add_allowed, make_blob, true },
                { "session: a list of 60 tools", message_add_list, make_60, true },
                { "session: a list of 1,000 tools", message_add_list, make_1000, true },
        };
        struct session_config config = { .policy = l->policy, .audit = l->audit, .seed = { seed[0], seed[1] } };
        int r = session_new(&l->session, &config);

        if (r == 0)
                r = handshake(l);
        for (size_t i = 0; r == 0 && i < sizeof(rows) / sizeof(rows[0]); i++)
                r = time_exchange(l, &rows[i]);
        return r;
}

static int read_policy(struct layers *l, const char *path)
{
        static struct diagnostics diags;
        struct policy_options options = { 0 };
        struct policy_input input;
        char text[65536];
        FILE *f = fopen(path, "re");
        size_t n;
        int r;

        if (!f)
                return -errno;
        n = fread(text, 1, sizeof(text), f);
        fclose(f);
        input = (struct policy_input){ str_from(path), str_of(text, n) };
        r = policy_set_new(&l->policy, &input, 1, &options, &diags);
        if (r < 0 && diags.count > 0)
                fprintf(stderr, "%s:%u: %s\n", path, diags.items[0].line, diags.items[0].message);
        diagnostics_deinit(&diags);
        return r;
}

static int time_all(struct layers *l, const char *policy)
{
        struct audit_config config = { .session = STR("01ARZ3NDEKTSV4RRFFQ69G5FAV"), .digest_key = { 1 } };
        int r = read_policy(l, policy);

        if (r == 0)
                r = audit_log_new(&l->audit, &config);
        if (r == 0)
                r = time_readers(l);
        if (r < 0)
                return r;
        time_policy(l, "policy: allowed by name", STR("echo"));
        time_policy(l, "policy: allowed by glob", STR("read_0000"));
        time_policy(l, "policy: denied by glob", STR("write_0000"));
        time_policy(l, "policy: denied for want of a rule", STR("unheard_of"));
        if (wants(l, "schema: a call of six arguments"))
                r = time_schema("schema: a call of six arguments");
        if (r == 0)
                r = time_audit(l, "audit: a decision, arguments of 200 bytes", 128);
        if (r == 0)
                r = time_audit(l, "audit: a decision, arguments of 1 MiB", MIB);
        return r < 0 ? r : time_session(l);
}

int main(int argc, char **argv)
{
        struct layers l = { .line = BUF_INIT(TEXT_MAX), .body = BUF_INIT(TEXT_MAX), .next_id = 1 };
        int r;

        if (argc != 2 && argc != 3) {
                fputs("usage: bench_layers POLICY [ROW]\n", stderr);
                return 64;
        }
        l.only = argv[2];
        json_doc_init(&l.doc, seed);
        r = sodium_init() < 0 ? -EIO : time_all(&l, argv[1]);
        if (r < 0)
                fprintf(stderr, "bench_layers: %s\n", strerror(-r));
        l.session = session_free(l.session);
        l.audit = audit_log_free(l.audit);
        l.policy = policy_set_unref(l.policy);
        json_doc_deinit(&l.doc);
        buf_deinit(&l.line);
        buf_deinit(&l.body);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
