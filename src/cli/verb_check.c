/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <leastwise/version.h>

#include "approver_files.h"
#include "cleanup.h"
#include "check_credentials.h"
#include "check_lint.h"
#include "colour.h"
#include "options.h"
#include "pin_files.h"
#include "policy_files.h"
#include "printable.h"
#include "verbs.h"

static const struct option_spec specs[] = {
        { "bind", true, true },
        { "strict", false, false },
        { "json", false, false },
        { "sarif", false, false },
        { "color", true, false },
        { NULL },
};

static const char usage[] =
        "Usage: leastwise check FILE... [OPTION]...\n\n"
        "Reads policies as `leastwise run` would and tells everything that is wrong with them. Files given\n"
        "together are also checked for what they say against each other.\n\n"
        "Options:\n"
        "  --bind NAME=VALUE    a value for a name that the policy lists under bind:; without any, values are\n"
        "                       not checked\n"
        "  --strict             warnings fail, too\n"
        "  --json               print JSON\n"
        "  --sarif              print SARIF 2.1.0, for code scanning\n"
        "  --color WHEN         auto, always or never\n\n"
        "Exit status: 0 the policies are good, 1 there are warnings (with --strict), 2 bad usage, 3 a policy is not good.\n";

#define OUTPUT_MAX (4U << 20)

struct check {
        const char *paths[LIMIT_POLICIES];
        size_t count;
        struct policy_pair bindings[OPTIONS_MAX];
        struct policy_options how;
        bool strict, json, sarif, colour;
};

static int print_out(FILE *file, const struct buf *out)
{
        if (out->failed)
                return EXIT_INTERNAL;
        fwrite(out->data, 1, out->len, file);
        return fflush(file) == 0 && !ferror(file) ? EXIT_OK : EXIT_INTERNAL;
}

/* "policies/demo.yaml: ok: demo: Read notes and add numbers.", and where its credentials come from. */
static int print_good(const struct policy_set *set)
{
        AUTO_BUF struct buf out = BUF_INIT(OUTPUT_MAX);

        for (size_t i = 0; i < policy_set_count(set); ++i) {
                printable_append(&out, policy_set_path(set, i), OUTPUT_MAX);
                buf_append_str(&out, STR(": ok: "));
                buf_append_str(&out, policy_set_name(set, i));
                buf_append_str(&out, STR(": "));
                printable_append(&out, policy_set_purpose(set, i), OUTPUT_MAX);
                buf_append_char(&out, '\n');
                check_credentials(set, i, &out);
        }
        return print_out(stdout, &out);
}

static int print_result(const struct check *c, const struct diagnostics *diags, struct policy_files *files,
        const struct policy_set *set)
{
        AUTO_BUF struct buf out = BUF_INIT(OUTPUT_MAX);
        int status;

        if (c->json || c->sarif) {
                if (c->sarif)
                        diagnostics_print_sarif(diags, STR(LEASTWISE_VERSION), &out, policy_files_text, files);
                else
                        diagnostics_print_json(diags, &out);
                buf_append_char(&out, '\n');
                status = print_out(stdout, &out);
        } else {
                diagnostics_print(diags, &out, c->colour, policy_files_text, files);
                status = out.len || out.failed ? print_out(stderr, &out) : EXIT_OK;
                if (set && status == EXIT_OK)
                        status = print_good(set);
        }
        if (status != EXIT_OK || !set)
                return status != EXIT_OK ? status : EXIT_POLICY;
        return c->strict && diags->count ? EXIT_FINDINGS : EXIT_OK;
}

static void set_unrefp(struct policy_set **set)
{
        policy_set_unref(*set);
}

static int check(const struct check *c)
{
        CLEANUP(diagnostics_deinit) struct diagnostics diags = { 0 };
        CLEANUP(policy_files_deinit) struct policy_files files = { 0 };
        CLEANUP(pin_files_deinit) struct pin_files pins = { 0 };
        CLEANUP(approver_files_deinit) struct approver_files approvers = { .count = 0 };
        CLEANUP(set_unrefp) struct policy_set *set = NULL;
        int read = policy_files_read(&files, c->paths, c->count, &diags), r = 0;

        if (read != -ENOMEM && files.count)
                r = policy_set_new(&set, files.inputs, files.count, &c->how, &diags);
        if (set && r == 0)
                r = pin_files_read(&pins, set, &diags);
        if (set && r != -ENOMEM) {
                const int other = approver_files_read(&approvers, set, &diags);

                r = other < 0 ? other : r;
        }
        if (set && r == 0 && read == 0)
                r = check_lint(set, &pins, approvers.approvers, files.system_count, &diags);
        if (read == -ENOMEM || r == -ENOMEM) {
                fputs("leastwise check: not enough memory\n", stderr);
                return EXIT_INTERNAL;
        }
        diagnostics_sort(&diags);
        return print_result(c, &diags, &files, read == 0 && r == 0 ? set : NULL);
}

/* 0 or EXIT_USAGE. */
static int collect(struct check *c, const struct options *options)
{
        const char *when = options_get(options, "color", 0);
        const char *arg;

        if (options->operand_count == 0)
                return usage_error("check", "say which policy to check");
        if (options->operand_count > LIMIT_POLICIES)
                return usage_error("check", "more than %u policies", LIMIT_POLICIES);
        for (; c->count < options->operand_count; c->count++)
                c->paths[c->count] = options->operands[c->count];
        for (; (arg = options_get(options, "bind", c->how.binding_count)); c->how.binding_count++) {
                if (!policy_files_parse_bind(arg, &c->bindings[c->how.binding_count]))
                        return usage_error("check", "--bind takes NAME=VALUE, not \"%s\"", arg);
        }
        c->how.bindings = c->bindings;
        c->how.any_binding = c->how.binding_count == 0;
        c->how.any_agent = true;
        c->how.tests = true;
        c->how.lint = true;
        c->strict = options_has(options, "strict");
        c->json = options_has(options, "json");
        c->sarif = options_has(options, "sarif");
        if (c->json && c->sarif)
                return usage_error("check", "--json and --sarif: one at a time");
        if (!colour_wanted(when, STDERR_FILENO, &c->colour))
                return usage_error("check", "--color takes auto, always or never, not \"%s\"", when);
        return 0;
}

static int run(int argc, char **argv)
{
        AUTO_BUF struct buf message = BUF_INIT(4096);
        struct options options;
        struct check c = { .count = 0 };
        int status;

        if (options_parse(&options, specs, OPTIONS_ANYWHERE, argc, argv, &message) < 0)
                return usage_error("check", "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(&verb_check);
        status = collect(&c, &options);
        return status ? status : check(&c);
}

const struct verb verb_check = {
        .name = "check",
        .summary = "tell everything that is wrong with a policy",
        .usage = usage,
        .run = run,
};
