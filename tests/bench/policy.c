/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_policy [--strict]: what deciding and loading cost: a small policy with conditions, a large one, and one as large as they
 * come. With --strict it fails when a figure is past what it must be.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yaml.h>

#include "alloc.h"
#include "cleanup.h"
#include "now.h"
#include "policy.h"

#define ROUNDS 2001U
#define DECISIONS_OF_A_ROUND 200U

struct figure {
        const char *title, *unit;
        double must;
        double value;
};

static bool missed;

static void report(const struct figure *f)
{
        bool ok = f->value <= f->must;

        missed |= !ok;
        printf("%-62s %9.2f %-4s must be <= %-6g %s\n", f->title, f->value, f->unit, f->must, ok ? "met" : "MISSED");
}

/* What has no limit of its own, and helps to judge the figure above it. */
static void note(const char *title, double value, const char *unit)
{
        printf("%-62s %9.2f %s\n", title, value, unit);
}

static int by_value(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return x < y ? -1 : x > y;
}

/* --- policies --- */

#define HEAD "leastwise: 1\nname: bench\npurpose: What deciding costs.\ntools:\n"

static void small_policy(struct buf *out)
{
        buf_append_str(out, STR(HEAD "  allow:\n    - get_issue\n    - \"list_*\"\n    - search_code\n"
                                     "    - tool: list_issues\n"
                                     "      when: { owner: acme, perPage: { at_most: 100 }, repo: { matches: '[a-z][a-z0-9-]*' } }\n"
                                     "      free: [labels, state, page]\n"
                                     "    - read_file\n    - get_me\n    - \"get_*_status\"\n  approve: [add_comment]\n"
                                     "  deny:\n    - \"delete_*\"\n    - \"*_secret\"\n"));
}

/* Rules by name and some globs; every third has conditions. */
static void large_policy(struct buf *out, unsigned rules, unsigned tools)
{
        buf_append_str(out, STR(HEAD "  allow:\n"));
        for (unsigned i = 0; i < rules; ++i) {
                if (i % 20 == 7)
                        buf_printf(out, "    - \"group%u_*\"\n", i);
                else if (i % 3 == 0)
                        buf_printf(out, "    - { tool: tool_%u, id: rule-%u, when: { owner: org%u, page: { at_most: %u } }, free: [q] }\n",
                                i % tools, i, i, i);
                else
                        buf_printf(out, "    - { tool: tool_%u, id: rule-%u }\n", i % tools, i);
        }
        buf_append_str(out, STR("  deny: [\"delete_*\"]\n"));
}

static void plain_policy(struct buf *out, unsigned rules)
{
        buf_append_str(out, STR(HEAD "  allow:\n"));
        for (unsigned i = 0; i < rules; ++i)
                buf_printf(out, "    - { tool: some_server_tool_%u, id: rule-%u, because: It is part of the job number %u. }\n", i, i, i);
}

static struct policy_set *compile(const struct buf *text)
{
        struct policy_input input = { STR("bench.yaml"), buf_str(text) };
        struct diagnostics diags = { 0 };
        struct policy_set *set = NULL;

        if (policy_set_new(&set, &input, 1, NULL, &diags) < 0) {
                fprintf(stderr, "bench_policy: %s\n", diags.count ? diags.items[0].message : "no memory");
                exit(2);
        }
        diagnostics_deinit(&diags);
        return set;
}

/* --- deciding --- */

struct asking {
        struct policy_set *set;
        struct json_doc doc;
        struct policy_scratch *scratch;
        struct policy_request request;
};

static struct asking *asking_new(const struct buf *policy, const char *message)
{
        struct asking *a = mem_calloc(1, sizeof(*a));

        if (!a)
                exit(2);
        a->set = compile(policy);
        json_doc_init(&a->doc, (const uint64_t[2]){ 1, 2 });
        if (json_read(&a->doc, str_from(message)) != JSON_OK)
                exit(2);
        a->scratch = policy_scratch_new();
        a->request = (struct policy_request){ .subject = POLICY_TOOL, .doc = &a->doc, .arguments = 1, .scratch = a->scratch };
        return a;
}

static void asking_free(struct asking *a)
{
        policy_set_unref(a->set);
        policy_scratch_free(a->scratch);
        json_doc_deinit(&a->doc);
        mem_free(a);
}

/* The median over rounds of what one decision takes, in microseconds. @names are asked about in turn. */
static double decide_us(struct asking *a, const struct str *names, size_t count)
{
        static double rounds[ROUNDS];
        struct policy_decision d = { 0 };
        size_t allowed = 0;

        for (unsigned r = 0; r < ROUNDS; ++r) {
                uint64_t start = now_ns();

                for (unsigned i = 0; i < DECISIONS_OF_A_ROUND; ++i) {
                        a->request.name = names[(r + i) % count];
                        policy_set_decide(a->set, &a->request, &d);
                        allowed += d.verdict == VERDICT_ALLOW;
                }
                rounds[r] = (double)(now_ns() - start) / DECISIONS_OF_A_ROUND / 1000.0;
        }
        qsort(rounds, ROUNDS, sizeof(rounds[0]), by_value);
        if (allowed == 0) {
                fputs("bench_policy: nothing was allowed\n", stderr);
                exit(2);
        }
        return rounds[ROUNDS / 2];
}

static void bench_small(void)
{
        AUTO_BUF struct buf policy = BUF_INIT(1U << 20);
        const struct str names[] = { STR("list_issues") };
        struct figure f = { .title = "deciding, 10 rules, 3 conditions (text, number, regex), p50", .unit = "us", .must = 1.0 };
        struct asking *a;

        small_policy(&policy);
        a = asking_new(&policy, "[{\"owner\":\"acme\",\"repo\":\"handbook\",\"perPage\":50,\"state\":\"open\"}]");
        f.value = decide_us(a, names, 1);
        report(&f);
        asking_free(a);
}

static void bench_large(void)
{
        enum { TOOLS = 300 };
        AUTO_BUF struct buf policy = BUF_INIT(1U << 20);
        static char texts[TOOLS][16];
        static struct str names[TOOLS];
        struct figure f = { .title = "deciding, 1,000 rules over 300 tools, p50", .unit = "us", .must = 5.0 };
        struct asking *a;

        large_policy(&policy, 1000, TOOLS);
        for (unsigned i = 0; i < TOOLS; ++i) {
                snprintf(texts[i], sizeof(texts[i]), "tool_%u", i);
                names[i] = str_from(texts[i]);
        }
        a = asking_new(&policy, "[{\"owner\":\"org3\",\"q\":\"text\",\"page\":1}]");
        f.value = decide_us(a, names, TOOLS);
        report(&f);
        asking_free(a);
}

/* --- loading --- */

/* Counts what is held, and the most that ever was, with a header before each block. */
static size_t held, held_most;

static void *counting_resize(void *userdata, void *ptr, size_t size)
{
        size_t *block = ptr ? (size_t *)ptr - 2 : NULL;
        size_t before = block ? block[0] : 0;

        (void)userdata;
        block = realloc(block, size + 2 * sizeof(size_t));
        if (!block)
                return NULL;
        held += size - before;
        held_most = held > held_most ? held : held_most;
        block[0] = size;
        return block + 2;
}

static void counting_release(void *userdata, void *ptr)
{
        size_t *block = (size_t *)ptr - 2;

        (void)userdata;
        held -= block[0];
        free(block);
}

/* libyaml by itself over the same text: no loading is faster, and other work on the machine shows in both alike. */
static void parse_only(const struct buf *policy)
{
        yaml_parser_t parser;
        yaml_event_t event;
        bool more = true;

        if (!yaml_parser_initialize(&parser))
                exit(2);
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&parser, (const unsigned char *)policy->data, policy->len);
        while (more) {
                if (!yaml_parser_parse(&parser, &event))
                        exit(2);
                more = event.type != YAML_STREAM_END_EVENT;
                yaml_event_delete(&event);
        }
        yaml_parser_delete(&parser);
}

static double ms_since(clock_t start)
{
        return (double)(clock() - start) * 1000.0 / CLOCKS_PER_SEC;
}

/* In processor time: a load is long enough to be interrupted. */
static void bench_loading(const char *what, const struct buf *policy, double kib)
{
        enum { LOADS = 21 };
        const struct allocator counting = { counting_resize, counting_release, NULL };
        char titles[2][80];
        struct figure time = { .title = titles[0], .unit = "ms", .must = 10.0 };
        struct figure memory = { .title = titles[1], .unit = "KiB", .must = kib };
        double rounds[LOADS], floors[LOADS];
        struct policy_set *set;

        snprintf(titles[0], sizeof(titles[0]), "loading 2,000 rules, %s (%zu KiB of text)", what, policy->len / 1024);
        snprintf(titles[1], sizeof(titles[1]), "the memory of these");
        for (unsigned i = 0; i < LOADS; ++i) {
                clock_t start = clock();

                set = compile(policy);
                rounds[i] = ms_since(start);
                policy_set_unref(set);
                start = clock();
                parse_only(policy);
                floors[i] = ms_since(start);
        }
        qsort(rounds, LOADS, sizeof(rounds[0]), by_value);
        qsort(floors, LOADS, sizeof(floors[0]), by_value);
        time.value = rounds[LOADS / 2];
        report(&time);
        note("  of which libyaml", floors[LOADS / 2], "ms");
        note("  the fastest of these loads", rounds[0], "ms");
        mem_set_allocator(&counting);
        held_most = 0;
        set = compile(policy);
        memory.value = (double)held / 1024.0;
        policy_set_unref(set);
        mem_set_allocator(NULL);
        report(&memory);
        note("  the most while loading, with the file's tree", (double)held_most / 1024.0, "KiB");
}

int main(int argc, char **argv)
{
        AUTO_BUF struct buf plain = BUF_INIT(1U << 20);
        AUTO_BUF struct buf conditions = BUF_INIT(1U << 20);

        plain_policy(&plain, 2000);
        large_policy(&conditions, 2000, 600);
        bench_small();
        bench_large();
        bench_loading("by name", &plain, 1024);
        bench_loading("a third with conditions", &conditions, 1024);
        return argc > 1 && strcmp(argv[1], "--strict") == 0 && missed;
}
