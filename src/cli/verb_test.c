/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <unistd.h>

#include "cleanup.h"
#include "codes.h"
#include "colour.h"
#include "options.h"
#include "policy_files.h"
#include "shown.h"
#include "test_counts.h"
#include "test_report.h"
#include "verbs.h"

static const struct option_spec specs[] = {
        { "layer", true, true },
        { "bind", true, true },
        { "run", true, false },
        { "json", false, false },
        { "color", true, false },
        { NULL },
};

static const char usage[] =
        "Usage: leastwise test FILE... [OPTION]...\n\n"
        "Runs the tests that the policies hold under tests:. Each FILE is tested by itself, by its own rules and\n"
        "those of the layers given, on the day and as often as each test says; the administrator's layers, today's\n"
        "date and what has been used of limits are left aside, so that the outcome is the same everywhere.\n"
        "Nothing is started.\n\n"
        "Options:\n"
        "  --layer FILE         a policy that is in force besides each of them\n"
        "  --bind NAME=VALUE    a value for tests that do not bind the name themselves\n"
        "  --run PATTERN        only tests whose names match; * stands for any text\n"
        "  --json               print JSON\n"
        "  --color WHEN         auto, always or never\n\n"
        "Exit status: 0 all tests pass, 1 one does not or there is none, 2 bad usage, 3 a policy is not good.\n";

#define OUTPUT_MAX (64U << 20)

struct testing {
        const char *paths[LIMIT_POLICIES]; /* one policy, then the layers */
        size_t path_count;
        struct policy_pair bindings[OPTIONS_MAX];
        bool used[OPTIONS_MAX];
        size_t binding_count;
        const char *pattern; /* of --run; NULL: all */
        struct policy_scratch *scratch;
        struct test_report report;
        bool colour_errors;
        int status;
};

/* The policy at hand, compiled with the bindings of the test at hand. */
struct bound {
        struct policy_files files;
        struct policy_set *unbound; /* to look at; decides nothing where names have no value */
        struct policy_set *set;
        struct policy_pair pairs[OPTIONS_MAX];
        size_t pair_count;
        struct diagnostics diags;
};

static void bound_deinit(struct bound *b)
{
        policy_set_unref(b->set);
        policy_set_unref(b->unbound);
        policy_files_deinit(&b->files);
        diagnostics_deinit(&b->diags);
}

static void testing_deinit(struct testing *t)
{
        policy_scratch_free(t->scratch);
        buf_deinit(&t->report.out);
}

static const struct policy_pair *find_pair(const struct policy_pair *pairs, size_t count, struct str name, size_t *ret)
{
        for (size_t i = 0; i < count; i++) {
                if (!str_eq(pairs[i].name, name))
                        continue;
                *ret = i;
                return &pairs[i];
        }
        return NULL;
}

static bool is_bound_already(const struct policy_pair *pairs, size_t count, struct str name)
{
        size_t at;

        return find_pair(pairs, count, name, &at) != NULL;
}

/* One name's value: the test's own, else of the command line. */
static const struct policy_pair *value_of(struct testing *t, const struct policy_test *test, struct str name)
{
        const struct policy_pair *pair, *own;
        size_t at;

        pair = find_pair(t->bindings, t->binding_count, name, &at);
        if (pair)
                t->used[at] = true;
        own = find_pair(test->bind, test->bind_count, name, &at);
        return own ? own : pair;
}

/* The bindings that the test is decided with. False after reporting. */
static bool bindings_of(struct testing *t, struct bound *b, const struct policy_test *test, struct policy_pair *pairs,
        size_t *ret_count)
{
        const struct diagnostic_place at = { b->files.inputs[0].path, test->line, test->column, test->length };
        const size_t errors = b->diags.errors;

        *ret_count = 0;
        for (size_t i = 0; i < policy_set_count(b->unbound); i++) {
                for (size_t j = 0; j < policy_set_bind_count(b->unbound, i) && *ret_count < OPTIONS_MAX; j++) {
                        struct str name = policy_set_bind_name(b->unbound, i, j);
                        const struct policy_pair *pair = value_of(t, test, name);

                        if (is_bound_already(pairs, *ret_count, name))
                                continue;
                        if (pair)
                                pairs[(*ret_count)++] = *pair;
                        else
                                diagnostics_add(&b->diags, SEVERITY_ERROR, P_BIND_UNBOUND, at,
                                        "give the test `bind: { NAME: VALUE }`, or all tests --bind NAME=VALUE",
                                        "`%s` has no value in this test", show(name).text);
                }
        }
        return b->diags.errors == errors;
}

static bool same_pairs(const struct bound *b, const struct policy_pair *pairs, size_t count)
{
        if (!b->set || b->pair_count != count)
                return false;
        for (size_t i = 0; i < count; i++) {
                if (!str_eq(b->pairs[i].name, pairs[i].name) || !str_eq(b->pairs[i].value, pairs[i].value))
                        return false;
        }
        return true;
}

/* Compiles the policy for the test: 0, or negative with diagnostics. Tests in a row mostly bind alike. */
static int bind(struct testing *t, struct bound *b, const struct policy_test *test)
{
        struct policy_pair pairs[OPTIONS_MAX];
        struct policy_options how = { .any_agent = true };
        size_t count;

        if (!bindings_of(t, b, test, pairs, &count))
                return -EINVAL;
        if (same_pairs(b, pairs, count))
                return 0;
        b->set = policy_set_unref(b->set);
        memcpy(b->pairs, pairs, count * sizeof(*pairs));
        b->pair_count = how.binding_count = count;
        how.bindings = b->pairs;
        return policy_set_new(&b->set, b->files.inputs, b->files.count, &how, &b->diags);
}

static bool is_wanted(const struct testing *t, const struct policy_test *test)
{
        AUTO_BUF struct buf label = BUF_INIT(64U << 10);

        if (!t->pattern)
                return true;
        test_label(&label, test);
        buf_append_char(&label, '\0');
        return !label.failed && fnmatch(t->pattern, label.data, 0) == 0;
}

static int run_tests(struct testing *t, struct bound *b)
{
        const struct str file = b->files.inputs[0].path;

        for (size_t i = 0; i < policy_set_test_count(b->unbound, 0); i++) {
                const struct policy_test *test = policy_set_test(b->unbound, 0, i);
                CLEANUP(policy_test_result_deinit) struct policy_test_result result = { .outcome = TEST_UNDECIDED };
                CLEANUP(test_counts_deinit) struct test_counts counts = { .limits = NULL };
                int r;

                if (!is_wanted(t, test))
                        continue;
                r = bind(t, b, test);
                if (r < 0)
                        return r;
                r = test_counts_init(&counts, b->set);
                if (r < 0)
                        return r;
                policy_test_run(b->set, test, &counts.counts, t->scratch, &result);
                test_report_add(&t->report, file, test, &result);
        }
        return 0;
}

static int read_policy(struct testing *t, struct bound *b)
{
        const struct policy_options look = { .any_binding = true, .any_agent = true, .tests = true };
        int read = policy_files_read_alone(&b->files, t->paths, t->path_count, &b->diags), r = 0;

        if (read != -ENOMEM && b->files.count)
                r = policy_set_new(&b->unbound, b->files.inputs, b->files.count, &look, &b->diags);
        return read < 0 ? read : r;
}

static void test_policy(struct testing *t, const char *path)
{
        CLEANUP(bound_deinit) struct bound b = { .pair_count = 0 };
        int r;

        t->paths[0] = path;
        r = read_policy(t, &b);
        if (r == 0 && policy_set_test_count(b.unbound, 0) == 0) {
                fprintf(stderr, "leastwise test: %s has no tests\n", path);
                t->status = t->status ? t->status : EXIT_FINDINGS;
        }
        r = r == 0 ? run_tests(t, &b) : r;
        if (b.diags.errors) {
                diagnostics_sort(&b.diags);
                policy_files_print(&b.diags, &b.files, t->colour_errors);
                t->status = EXIT_POLICY;
        } else if (r < 0) {
                fputs("leastwise test: not enough memory\n", stderr);
                t->status = EXIT_INTERNAL;
        }
}

static int print(struct testing *t)
{
        test_report_end(&t->report);
        if (t->report.out.failed)
                return EXIT_INTERNAL;
        fwrite(t->report.out.data, 1, t->report.out.len, stdout);
        if (fflush(stdout) != 0 || ferror(stdout))
                return EXIT_INTERNAL;
        if (t->status)
                return t->status;
        if (t->pattern && t->report.passed + t->report.failed == 0)
                fprintf(stderr, "leastwise test: no test's name matches \"%s\"\n", t->pattern);
        return t->report.failed || t->report.passed == 0 ? EXIT_FINDINGS : EXIT_OK;
}

static int test(struct testing *t, const struct options *options)
{
        t->scratch = policy_scratch_new();
        if (!t->scratch)
                return EXIT_INTERNAL;
        test_report_begin(&t->report);
        for (size_t i = 0; i < options->operand_count; i++)
                test_policy(t, options->operands[i]);
        for (size_t i = 0; i < t->binding_count && !t->status && !t->pattern; i++) {
                if (!t->used[i])
                        return usage_error("test", "--bind %.*s: no policy declares the name", STR_FMT(t->bindings[i].name));
        }
        return print(t);
}

/* 0 or EXIT_USAGE. */
static int collect(struct testing *t, const struct options *options)
{
        const char *when = options_get(options, "color", 0);
        const size_t layers = options_times(options, "layer");
        const char *arg;

        if (options->operand_count == 0)
                return usage_error("test", "say which policy to test");
        if (layers >= LIMIT_POLICIES)
                return usage_error("test", "more than %u policies", LIMIT_POLICIES);
        for (size_t i = 0; i < layers; i++)
                t->paths[i + 1] = options_get(options, "layer", i);
        t->path_count = layers + 1;
        for (; (arg = options_get(options, "bind", t->binding_count)); t->binding_count++) {
                if (!policy_files_parse_bind(arg, &t->bindings[t->binding_count]))
                        return usage_error("test", "--bind takes NAME=VALUE, not \"%s\"", arg);
        }
        t->pattern = options_get(options, "run", 0);
        t->report.json = options_has(options, "json");
        if (!colour_wanted(when, STDOUT_FILENO, &t->report.colour) || !colour_wanted(when, STDERR_FILENO, &t->colour_errors))
                return usage_error("test", "--color takes auto, always or never, not \"%s\"", when);
        return 0;
}

static int run(int argc, char **argv)
{
        CLEANUP(testing_deinit) struct testing t = { .report = { .out = BUF_INIT(OUTPUT_MAX) } };
        AUTO_BUF struct buf message = BUF_INIT(4096);
        struct options options;
        int status;

        if (options_parse(&options, specs, OPTIONS_ANYWHERE, argc, argv, &message) < 0)
                return usage_error("test", "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(&verb_test);
        status = collect(&t, &options);
        return status ? status : test(&t, &options);
}

const struct verb verb_test = {
        .name = "test",
        .summary = "run the tests that policies hold",
        .usage = usage,
        .run = run,
};
