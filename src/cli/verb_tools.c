/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "colour.h"
#include "limit.h"
#include "listing.h"
#include "options.h"
#include "own_stdio.h"
#include "pin_files.h"
#include "pinning.h"
#include "policies.h"
#include "printable.h"
#include "server_command.h"
#include "verbs.h"
#include "writer.h"

static const struct option_spec specs[] = {
        POLICIES_OPTIONS,
        { "json", false, false },
        { "color", true, false },
        { NULL },
};

static const char usage[] =
        "Usage: leastwise tools --policy FILE... [OPTION]... [--] [COMMAND [ARGUMENT]...]\n\n"
        "Starts the server as `leastwise run` would, asks it for its tools, and prints each with the\n"
        "policies' verdict and the rule that it comes from.\n\n"
        "Options:\n"
        "  --policy FILE        a policy; of several, the strictest verdict wins\n"
        "  --agent NAME         who the calls are made for (the policy's agents:)\n"
        "  --bind NAME=VALUE    a value for a name that the policy lists under bind:\n"
        "  --json               print JSON\n"
        "  --color WHEN         auto, always or never\n\n"
        "Exit status: 0, or what `leastwise run` ends with when it cannot start the server; 125 also when the\n"
        "server does not list its tools.\n";

/* What is shown of a name. */
#define NAME_SHOWN 128U
#define OUTPUT_MAX (64U << 20)

struct table {
        const struct policy_set *policy;
        const struct redactor *redactor; /* NULL without credentials */
        struct pinning pinning;
        int64_t now_s;
        bool json, colour;
        struct buf out;
        struct json_writer writer;
        size_t allowed, total, width;
        struct row *rows;
        size_t room;
};

struct row {
        struct buf name; /* as the server has it, but for secrets */
        char *shown;     /* printable */
        struct policy_decision decision;
        bool not_as_pinned;
};

static void table_deinit(struct table *t)
{
        for (size_t i = 0; i < t->total; i++) {
                buf_deinit(&t->rows[i].name);
                mem_free(t->rows[i].shown);
        }
        mem_free(t->rows);
        pinning_deinit(&t->pinning);
        buf_deinit(&t->out);
}

static int grow(struct table *t)
{
        const size_t room = t->room ? t->room * 2 : 64;
        struct row *rows;

        if (t->total < t->room)
                return 0;
        rows = mem_resize(t->rows, room * sizeof(*rows));
        if (!rows)
                return -ENOMEM;
        t->rows = rows;
        t->room = room;
        return 0;
}

/* A server that puts its credential into a name does not get it onto a screen. */
static int set_name(const struct table *t, struct row *row, struct str name)
{
        AUTO_BUF struct buf shown = BUF_INIT(OUTPUT_MAX);

        *row = (struct row){ .name = BUF_INIT(OUTPUT_MAX) };
        if (t->redactor ? redactor_apply(t->redactor, name, &row->name) < 0 : buf_append_str(&row->name, name) < 0)
                return -ENOMEM;
        if (printable_append(&shown, buf_str(&row->name), NAME_SHOWN) < 0)
                return -ENOMEM;
        row->shown = str_dup(buf_str(&shown));
        return row->shown ? 0 : -ENOMEM;
}

static int add_tool(void *userdata, const struct json_doc *doc, uint32_t tool, struct str name)
{
        struct table *t = userdata;
        struct row *row;

        if (grow(t) < 0)
                return -ENOMEM;
        row = &t->rows[t->total];
        t->total++;
        if (set_name(t, row, name) < 0)
                return -ENOMEM;
        policy_set_could_allow(t->policy, POLICY_TOOL, name, t->now_s, &row->decision);
        /* As the session does it: policy first, and pins make it only stricter. */
        if (row->decision.verdict != VERDICT_DENY && !pinning_shows(&t->pinning, doc, tool, name)) {
                row->decision.verdict = VERDICT_DENY;
                row->not_as_pinned = true;
        }
        t->allowed += row->decision.verdict == VERDICT_ALLOW;
        if (strlen(row->shown) > t->width)
                t->width = strlen(row->shown);
        return 0;
}

/* "tools.deny[0] policy.yaml:12", or why there is no rule. */
static void print_rule(struct buf *out, const struct policy_decision *d)
{
        switch (d->reason) {
        case POLICY_BY_RULE:
                buf_printf(out, "%.*s %.*s:%u", STR_FMT(d->rule_id), STR_FMT(d->file), d->line);
                break;
        case POLICY_NO_RULE:
                buf_printf(out, "no rule of %.*s", STR_FMT(d->policy_name));
                break;
        case POLICY_EXPIRED:
                buf_printf(out, "%.*s has expired", STR_FMT(d->policy_name));
                break;
        case POLICY_BAD_NAME:
        case POLICY_AMBIGUOUS_URI:
        case POLICY_CONDITION:
        case POLICY_UNNAMED_ARGUMENT:
        case POLICY_NARROW_CONFLICT:
                buf_printf(out, "a name that cannot be allowed");
                break;
        }
}

static const char *verdict_colour(enum verdict verdict)
{
        return verdict == VERDICT_ALLOW ? "\033[32m" : verdict == VERDICT_DENY ? "\033[31m" : "\033[33m";
}

static void print_row(struct table *t, const struct row *row)
{
        const enum verdict verdict = row->decision.verdict;

        buf_printf(&t->out, "%-*s  %s%-7s%s  ", (int)t->width, row->shown, t->colour ? verdict_colour(verdict) : "",
                verdict_name(verdict), t->colour ? "\033[0m" : "");
        if (row->not_as_pinned)
                buf_append_str(&t->out, STR("its definition is not the pinned one: leastwise pin --diff"));
        else
                print_rule(&t->out, &row->decision);
        buf_append_char(&t->out, '\n');
}

static void print_text(struct table *t)
{
        for (size_t i = 0; i < t->total; i++)
                print_row(t, &t->rows[i]);
        buf_printf(&t->out, "%s%zu of %zu tools allowed\n", t->total ? "\n" : "", t->allowed, t->total);
}

static void json_member_str(struct json_writer *w, struct str name, struct str value)
{
        if (value.len == 0)
                return;
        json_name(w, name);
        json_string(w, value);
}

static void print_json(struct table *t)
{
        struct json_writer *w = &t->writer;

        json_writer_init(w, &t->out);
        json_begin_object(w);
        json_name(w, STR("tools"));
        json_begin_array(w);
        for (size_t i = 0; i < t->total; i++) {
                const struct policy_decision *d = &t->rows[i].decision;

                json_begin_object(w);
                json_member_str(w, STR("name"), buf_str(&t->rows[i].name));
                json_member_str(w, STR("verdict"), str_from(verdict_name(d->verdict)));
                json_member_str(w, STR("policy"), d->policy_name);
                json_member_str(w, STR("rule"), d->rule_id);
                json_member_str(w, STR("file"), d->file);
                if (d->line) {
                        json_name(w, STR("line"));
                        json_unsigned(w, d->line);
                }
                json_member_str(w, STR("because"), d->because);
                if (t->rows[i].not_as_pinned) {
                        json_name(w, STR("as_pinned"));
                        json_bool(w, false);
                }
                json_end_object(w);
        }
        json_end_array(w);
        json_name(w, STR("allowed"));
        json_unsigned(w, t->allowed);
        json_name(w, STR("total"));
        json_unsigned(w, t->total);
        json_end_object(w);
        buf_append_char(&t->out, '\n');
}

static int print(struct table *t)
{
        if (t->json)
                print_json(t);
        else
                print_text(t);
        if (t->out.failed)
                return EXIT_INTERNAL;
        fwrite(t->out.data, 1, t->out.len, stdout);
        return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_OK : EXIT_INTERNAL;
}

/* Exit statuses as `run` has them, so that the one tells of the other. */
static int ask_server(struct table *t, struct launch *server, const char *const *command)
{
        AUTO_BUF struct buf message = BUF_INIT(4096);
        struct policy_launch launch;
        mode_t mask;
        int status = EXIT_OWN_FAILURE;

        policy_set_launch(t->policy, &launch);
        if (own_stdio_fill_gaps() < 0 || launch_prepare(&server->child, &mask) < 0)
                buf_printf(&message, "cannot start: out of processes or descriptors");
        else
                status = launch_start(server, &launch, command, mask, &message);
        t->redactor = server->redactor;
        if (status == 0 && listing_run(server, add_tool, t, &message) < 0)
                status = EXIT_OWN_FAILURE;
        if (status != 0)
                fprintf(stderr, "leastwise: %.*s\n", STR_FMT(buf_str(&message)));
        return status;
}

static void policy_unref(struct policy_set **set)
{
        *set = policy_set_unref(*set);
}

/* 0 or the exit status. */
static int load_pins(struct table *t, bool colour)
{
        struct pin_set *pins = NULL;
        int status = pin_files_load(&pins, t->policy, colour);

        if (status == 0 && pinning_replace(&t->pinning, pins) < 0)
                status = EXIT_INTERNAL;
        pin_set_unref(pins);
        return status;
}

static int list(const struct options *options)
{
        CLEANUP(policy_unref) struct policy_set *policy = NULL;
        CLEANUP(server_command_deinit) struct server_command command = { 0 };
        CLEANUP(launch_end) struct launch server = LAUNCH_NONE;
        CLEANUP(table_deinit) struct table t = { .out = BUF_INIT(OUTPUT_MAX), .json = options_has(options, "json") };
        const char *when = options_get(options, "color", 0);
        bool colour_errors;
        int status;

        if (!colour_wanted(when, STDOUT_FILENO, &t.colour) || !colour_wanted(when, STDERR_FILENO, &colour_errors))
                return usage_error("tools", "--color takes auto, always or never, not \"%s\"", when);
        status = policies_load(&policy, "tools", options, colour_errors);
        if (status == 0)
                status = server_command_get(&command, "tools", options, policy);
        if (status != 0)
                return status;
        t.policy = policy;
        t.now_s = time(NULL);
        pinning_init(&t.pinning);
        status = load_pins(&t, colour_errors);
        if (status != 0)
                return status;
        status = ask_server(&t, &server, command.argv);
        return status ? status : print(&t);
}

static int run(int argc, char **argv)
{
        AUTO_BUF struct buf message = BUF_INIT(4096);
        struct options options;

        if (options_parse(&options, specs, OPTIONS_BEFORE_COMMAND, argc, argv, &message) < 0)
                return usage_error("tools", "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(&verb_tools);
        return list(&options);
}

const struct verb verb_tools = {
        .name = "tools",
        .summary = "list a server's tools with a policy's verdicts",
        .usage = usage,
        .run = run,
};
