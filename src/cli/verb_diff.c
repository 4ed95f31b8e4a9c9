/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cleanup.h"
#include "colour.h"
#include "compare.h"
#include "json_member.h"
#include "options.h"
#include "policy_files.h"
#include "printable.h"
#include "verbs.h"
#include "writer.h"

static const struct option_spec specs[] = {
        { "bind", true, true },
        { "json", false, false },
        { "color", true, false },
        { NULL },
};

static const char usage[] =
        "Usage: leastwise diff OLD NEW [OPTION]...\n\n"
        "Says whether the policy NEW lets less reach the server than OLD, or more, or both, and shows calls that\n"
        "the two decide differently. \"Narrower\" and \"same\" are proved; what cannot be proved counts as wider.\n\n"
        "Options:\n"
        "  --bind NAME=VALUE    a value for a name that a policy lists under bind:\n"
        "  --json               print JSON\n"
        "  --color WHEN         auto, always or never\n\n"
        "Exit status: 0 the same or narrower, 1 wider or both, 2 bad usage, 3 a policy is broken.\n";

#define OUTPUT_MAX (4U << 20)

struct diff {
        const char *paths[2];
        struct policy_pair bindings[OPTIONS_MAX];
        struct policy_options how;
        bool json, colour, colour_errors;
        struct policy_set *sets[2];
        struct policy_comparison comparison;
        struct buf out;
};

static void diff_deinit(struct diff *d)
{
        policy_comparison_deinit(&d->comparison);
        policy_set_unref(d->sets[0]);
        policy_set_unref(d->sets[1]);
        buf_deinit(&d->out);
}

/* --- for people --- */

static const char *const subject_words[] = {
        [POLICY_TOOL] = "tool",
        [POLICY_RESOURCE] = "resource",
        [POLICY_RESOURCE_TEMPLATE] = "resource template",
        [POLICY_PROMPT] = "prompt",
        [POLICY_METHOD] = "method",
        [POLICY_SAMPLING] = "sampling",
        [POLICY_ELICITATION_FORM] = "elicitation (form)",
        [POLICY_ELICITATION_URL] = "elicitation (url)",
        [POLICY_ROOTS] = "root",
};

static void print_verdict(struct buf *out, enum verdict verdict, bool changes, uint32_t by)
{
        buf_append_str(out, str_from(verdict_name(verdict)));
        if (verdict == VERDICT_APPROVE && by > 1)
                buf_printf(out, " by %u", by);
        if (verdict != VERDICT_DENY && changes)
                buf_append_str(out, STR(" with other arguments"));
}

static void print_witness(struct buf *out, const struct policy_witness *w)
{
        buf_printf(out, "    %s ", subject_words[w->subject]);
        printable_append(out, w->name, OUTPUT_MAX);
        if (w->arguments.len) {
                buf_append_char(out, ' ');
                printable_append(out, w->arguments, OUTPUT_MAX);
        }
        buf_append_str(out, STR(": old "));
        print_verdict(out, w->old_verdict, w->old_changes, w->old_by);
        buf_append_str(out, STR(", new "));
        print_verdict(out, w->new_verdict, w->new_changes, w->new_by);
        buf_append_char(out, '\n');
}

static void print_difference(struct diff *d, const struct policy_difference *item)
{
        struct buf *out = &d->out;
        bool wider = item->change == POLICY_WIDER;

        if (d->colour)
                buf_append_str(out, wider ? STR("\033[1;31m") : STR("\033[1;32m"));
        buf_printf(out, "%s%s", item->shown ? "" : "maybe ", policy_change_name(item->change));
        if (d->colour)
                buf_append_str(out, STR("\033[0m"));
        buf_printf(out, ": %s: ", item->part);
        printable_append(out, item->text, OUTPUT_MAX);
        if (item->line) {
                buf_append_str(out, STR(", "));
                printable_append(out, item->file, OUTPUT_MAX);
                buf_printf(out, ":%u:%u", item->line, item->column);
        }
        buf_append_char(out, '\n');
        if (item->has_witness)
                print_witness(out, &item->witness);
        else if (!item->shown)
                buf_append_str(out, wider ? STR("    no call was found that shows it, and no proof that there is none\n")
                                          : STR("    no call was found that shows it\n"));
}

static void print_text(struct diff *d)
{
        static const char *const words[] = {
                [POLICY_BOTH] = "both wider and narrower than", [POLICY_WIDER] = "wider than",
                [POLICY_NARROWER] = "narrower than", [POLICY_SAME] = "the same as"
        };
        const struct policy_comparison *c = &d->comparison;

        printable_append(&d->out, str_from(d->paths[1]), OUTPUT_MAX);
        buf_printf(&d->out, " is %s ", words[c->change]);
        printable_append(&d->out, str_from(d->paths[0]), OUTPUT_MAX);
        buf_append_char(&d->out, '\n');
        for (size_t i = 0; i < c->count; ++i)
                print_difference(d, &c->items[i]);
        if (c->dropped)
                buf_printf(&d->out, "and %zu more\n", c->dropped);
}

/* --- for programs --- */

static void json_side(struct json_writer *w, struct str name, enum verdict verdict, bool changes, uint32_t by)
{
        json_name(w, name);
        json_begin_object(w);
        json_member_text(w, STR("verdict"), str_from(verdict_name(verdict)));
        json_name(w, STR("narrowed"));
        json_bool(w, changes);
        if (verdict == VERDICT_APPROVE) {
                json_name(w, STR("by"));
                json_unsigned(w, by);
        }
        json_end_object(w);
}

static void json_witness(struct json_writer *w, const struct policy_witness *witness)
{
        json_name(w, STR("witness"));
        json_begin_object(w);
        json_member_text(w, STR("subject"), str_from(subject_words[witness->subject]));
        json_member_text(w, STR("name"), witness->name);
        if (witness->arguments.len) {
                json_name(w, STR("arguments"));
                json_raw(w, witness->arguments);
        }
        json_side(w, STR("old"), witness->old_verdict, witness->old_changes, witness->old_by);
        json_side(w, STR("new"), witness->new_verdict, witness->new_changes, witness->new_by);
        json_end_object(w);
}

static void json_difference(struct json_writer *w, const struct policy_difference *item)
{
        json_begin_object(w);
        json_member_text(w, STR("change"), str_from(policy_change_name(item->change)));
        json_name(w, STR("shown"));
        json_bool(w, item->shown);
        json_member_text(w, STR("part"), str_from(item->part));
        json_member_text(w, STR("text"), item->text);
        if (item->line) {
                json_member_text(w, STR("file"), item->file);
                json_name(w, STR("line"));
                json_unsigned(w, item->line);
                json_name(w, STR("col"));
                json_unsigned(w, item->column);
        }
        if (item->has_witness)
                json_witness(w, &item->witness);
        json_end_object(w);
}

static void print_json(struct diff *d)
{
        const struct policy_comparison *c = &d->comparison;
        struct json_writer w;

        json_writer_init(&w, &d->out);
        json_begin_object(&w);
        json_name(&w, STR("version"));
        json_unsigned(&w, 1);
        json_member_text(&w, STR("change"), str_from(policy_change_name(c->change)));
        json_name(&w, STR("differences"));
        json_begin_array(&w);
        for (size_t i = 0; i < c->count; ++i)
                json_difference(&w, &c->items[i]);
        json_end_array(&w);
        json_name(&w, STR("dropped"));
        json_unsigned(&w, c->dropped);
        json_end_object(&w);
        buf_append_char(&d->out, '\n');
}

/* --- the whole --- */

/* The administrator's layers are in force with either of them, and change nothing here. */
static int load(struct diff *d, size_t which)
{
        CLEANUP(diagnostics_deinit) struct diagnostics diags = { 0 };
        CLEANUP(policy_files_deinit) struct policy_files files = { 0 };
        int r = policy_files_read_alone(&files, &d->paths[which], 1, &diags);

        if (r == 0)
                r = policy_set_new(&d->sets[which], files.inputs, files.count, &d->how, &diags);
        if (r == -EINVAL)
                policy_files_print(&diags, &files, d->colour_errors);
        return r == 0 ? EXIT_OK : r == -EINVAL ? EXIT_POLICY : EXIT_INTERNAL;
}

static int diff(struct diff *d)
{
        int status = load(d, 0), other = load(d, 1);

        if (status != EXIT_OK || other != EXIT_OK)
                return status > other ? status : other;
        if (policy_compare(&d->comparison, d->sets[0], d->sets[1], true) < 0)
                return EXIT_INTERNAL;
        if (d->json)
                print_json(d);
        else
                print_text(d);
        if (d->out.failed)
                return EXIT_INTERNAL;
        fwrite(d->out.data, 1, d->out.len, stdout);
        if (fflush(stdout) != 0 || ferror(stdout))
                return EXIT_INTERNAL;
        return d->comparison.change >= POLICY_NARROWER ? EXIT_OK : EXIT_FINDINGS;
}

static int collect(struct diff *d, const struct options *options)
{
        const char *when = options_get(options, "color", 0);
        const char *arg;

        if (options->operand_count != 2)
                return usage_error("diff", "say which two policies to compare: the old one, then the new one");
        d->paths[0] = options->operands[0];
        d->paths[1] = options->operands[1];
        for (; (arg = options_get(options, "bind", d->how.binding_count)); d->how.binding_count++) {
                if (!policy_files_parse_bind(arg, &d->bindings[d->how.binding_count]))
                        return usage_error("diff", "--bind takes NAME=VALUE, not \"%s\"", arg);
        }
        d->how.bindings = d->bindings;
        d->how.spare_bindings = true;
        d->how.any_agent = true;
        d->json = options_has(options, "json");
        if (!colour_wanted(when, STDOUT_FILENO, &d->colour) || !colour_wanted(when, STDERR_FILENO, &d->colour_errors))
                return usage_error("diff", "--color takes auto, always or never, not \"%s\"", when);
        return 0;
}

static int run(int argc, char **argv)
{
        CLEANUP(diff_deinit) struct diff d = { .out = BUF_INIT(OUTPUT_MAX) };
        AUTO_BUF struct buf message = BUF_INIT(4096);
        struct options options;
        int status;

        if (options_parse(&options, specs, OPTIONS_ANYWHERE, argc, argv, &message) < 0)
                return usage_error("diff", "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(&verb_diff);
        status = collect(&d, &options);
        return status ? status : diff(&d);
}

const struct verb verb_diff = {
        .name = "diff",
        .summary = "say whether a changed policy lets more through",
        .usage = usage,
        .run = run,
};
