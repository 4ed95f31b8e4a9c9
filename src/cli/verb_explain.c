/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "colour.h"
#include "options.h"
#include "policy_files.h"
#include "printable.h"
#include "reason.h"
#include "verbs.h"
#include "writer.h"

/* What can be asked about: the option, and whether it takes a name. */
static const struct subject {
        const char *option;
        enum policy_subject subject;
        bool has_name;
} subjects[] = {
        { "tool", POLICY_TOOL, true },
        { "resource", POLICY_RESOURCE, true },
        { "prompt", POLICY_PROMPT, true },
        { "method", POLICY_METHOD, true },
        { "root", POLICY_ROOTS, true },
        { "url", POLICY_ELICITATION_URL, true },
        { "form", POLICY_ELICITATION_FORM, false },
        { "sampling", POLICY_SAMPLING, false },
};
#define SUBJECT_COUNT (sizeof(subjects) / sizeof(subjects[0]))

static const struct option_spec specs[] = {
        { "tool", true, false },
        { "args", true, false },
        { "resource", true, false },
        { "prompt", true, false },
        { "method", true, false },
        { "root", true, false },
        { "url", true, false },
        { "form", false, false },
        { "sampling", false, false },
        { "agent", true, false },
        { "bind", true, true },
        { "json", false, false },
        { "color", true, false },
        { NULL },
};

static const char usage[] =
        "Usage: leastwise explain FILE... WHAT [OPTION]...\n\n"
        "Says what the policies decide about one thing, and by which rules. It is the decision that\n"
        "`leastwise run` would make now.\n\n"
        "What (one of these):\n"
        "  --tool NAME          a call of the tool; --args JSON gives its arguments\n"
        "  --resource URI       reading the resource\n"
        "  --prompt NAME        getting the prompt\n"
        "  --method NAME        a method or notification that leastwise does not know\n"
        "  --root URI           telling the server of the root\n"
        "  --url URL            the server's wish that the user open the URL\n"
        "  --form               the server's wish that the user fill in a form\n"
        "  --sampling           the server's wish to use the client's model\n\n"
        "Options:\n"
        "  --agent NAME         who the calls are made for (the policy's agents:)\n"
        "  --bind NAME=VALUE    a value for a name that the policy lists under bind:\n"
        "  --json               print JSON\n"
        "  --color WHEN         auto, always or never\n\n"
        "Exit status: 0 allowed, 1 denied, 2 bad usage, 3 a policy is not good.\n";

#define OUTPUT_MAX (4U << 20)
#define ARGUMENTS_MAX (16U << 20)

struct explanation {
        struct policy_set *policy;
        struct policy_request request;
        const char *subject;
        struct json_doc doc;  /* --args */
        struct buf arguments; /* its text */
        bool json, colour, colour_errors;
        struct buf out, walk;
        struct json_writer writer;
};

static void explanation_deinit(struct explanation *e)
{
        policy_set_unref(e->policy);
        policy_scratch_free(e->request.scratch);
        json_doc_deinit(&e->doc);
        buf_deinit(&e->arguments);
        buf_deinit(&e->out);
        buf_deinit(&e->walk);
}

/* --- for people --- */

static void write_step(void *userdata, const struct policy_step *step)
{
        struct explanation *e = userdata;
        struct buf *out = &e->walk;

        buf_append_str(out, step->decides ? STR("  * ") : STR("    "));
        if (step->rule_id.len)
                buf_printf(out, "%.*s: %s, ", STR_FMT(step->rule_id), verdict_name(step->verdict));
        else
                buf_printf(out, "policy %.*s: %s, ", STR_FMT(step->policy_name), verdict_name(step->verdict));
        place_append(out, step->file, step->line, step->column);
        if (!step->rule_id.len && step->reason != POLICY_BY_RULE)
                buf_printf(out, " (%s)", reason_text(step->reason));
        buf_append_char(out, '\n');
}

static void print_text(struct explanation *e)
{
        struct policy_decision d;
        struct buf *out = &e->out;

        policy_set_explain(e->policy, &e->request, write_step, e, &d);
        buf_printf(out, "%s%s%s: %s", e->colour ? d.verdict == VERDICT_ALLOW ? "\033[1;32m" : "\033[1;31m" : "",
                verdict_name(d.verdict), e->colour ? "\033[0m" : "", e->subject);
        if (e->request.name.len) {
                buf_append_str(out, STR(" \""));
                printable_append(out, e->request.name, OUTPUT_MAX);
                buf_append_char(out, '"');
        }
        buf_append_str(out, STR("\n"));
        if (d.reason == POLICY_BY_RULE) {
                buf_printf(out, "  rule:    %.*s, ", STR_FMT(d.rule_id));
                place_append(out, d.file, d.line, d.column);
                buf_append_char(out, '\n');
        } else {
                buf_printf(out, "  reason:  %s (policy %.*s)\n", reason_text(d.reason), STR_FMT(d.policy_name));
        }
        if (d.because.len) {
                buf_append_str(out, STR("  because: "));
                printable_append(out, d.because, OUTPUT_MAX);
                buf_append_char(out, '\n');
        }
        buf_append_str(out, STR("What matched (* decides):\n"));
        buf_append_str(out, buf_str(&e->walk));
}

/* --- for programs --- */

static void json_member_text(struct json_writer *w, struct str name, struct str value)
{
        if (value.len == 0)
                return;
        json_name(w, name);
        json_string(w, value);
}

static void json_member_number(struct json_writer *w, struct str name, uint32_t value)
{
        if (value == 0)
                return;
        json_name(w, name);
        json_unsigned(w, value);
}

/* The members that a decision and a step have in common. */
static void json_result(struct json_writer *w, const struct policy_step *step)
{
        json_member_text(w, STR("verdict"), str_from(verdict_name(step->verdict)));
        json_member_text(w, STR("reason"), str_from(reason_word(step->reason)));
        json_member_text(w, STR("policy"), step->policy_name);
        json_member_text(w, STR("file"), step->file);
        json_member_text(w, STR("rule"), step->rule_id);
        json_member_number(w, STR("line"), step->line);
        json_member_number(w, STR("col"), step->column);
        json_member_text(w, STR("because"), step->because);
}

static void json_step(void *userdata, const struct policy_step *step)
{
        struct json_writer *w = &((struct explanation *)userdata)->writer;

        json_begin_object(w);
        json_result(w, step);
        json_name(w, STR("decides"));
        json_bool(w, step->decides);
        json_end_object(w);
}

static void print_json(struct explanation *e)
{
        struct json_writer *w = &e->writer;
        struct policy_decision d;

        json_writer_init(w, &e->out);
        json_begin_object(w);
        json_name(w, STR("version"));
        json_unsigned(w, 1);
        json_member_text(w, STR("subject"), str_from(e->subject));
        json_member_text(w, STR("name"), e->request.name);
        json_name(w, STR("walk"));
        json_begin_array(w);
        policy_set_explain(e->policy, &e->request, json_step, e, &d);
        json_end_array(w);
        json_result(w, &(struct policy_step){ .verdict = d.verdict,
                               .reason = d.reason,
                               .policy_name = d.policy_name,
                               .file = d.file,
                               .rule_id = d.rule_id,
                               .line = d.line,
                               .column = d.column,
                               .because = d.because });
        json_end_object(w);
        buf_append_char(&e->out, '\n');
}

static int explain(struct explanation *e)
{
        struct policy_decision d;

        if (e->json)
                print_json(e);
        else
                print_text(e);
        if (e->out.failed || e->walk.failed)
                return EXIT_INTERNAL;
        fwrite(e->out.data, 1, e->out.len, stdout);
        if (fflush(stdout) != 0 || ferror(stdout))
                return EXIT_INTERNAL;
        policy_set_decide(e->policy, &e->request, &d);
        return d.verdict == VERDICT_ALLOW ? EXIT_OK : EXIT_FINDINGS;
}

/* --- arguments --- */

/* Exactly one subject must be given. */
static int get_subject(struct explanation *e, const struct options *options)
{
        const struct subject *found = NULL;

        for (size_t i = 0; i < SUBJECT_COUNT; ++i) {
                if (!options_has(options, subjects[i].option))
                        continue;
                if (found)
                        return usage_error("explain", "--%s and --%s: ask about one thing at a time", found->option,
                                subjects[i].option);
                found = &subjects[i];
        }
        if (!found)
                return usage_error("explain", "say what to explain, for example --tool NAME");
        if (options_has(options, "args") && found->subject != POLICY_TOOL)
                return usage_error("explain", "--args goes with --tool");
        e->subject = found->option;
        e->request.subject = found->subject;
        if (found->has_name) {
                e->request.name = str_from(options_get(options, found->option, 0));
                if (e->request.name.len == 0)
                        return usage_error("explain", "--%s needs a name that is not empty", found->option);
        }
        return 0;
}

/* By itself first, so that nothing but one value gets into the object that the decision sees it in. */
static int get_arguments(struct explanation *e, const char *text)
{
        uint64_t seed[2];
        enum json_error error;

        if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
                return EXIT_INTERNAL;
        json_doc_init(&e->doc, seed);
        if (!text)
                return 0;
        error = json_read(&e->doc, str_from(text));
        if (error != JSON_OK)
                return usage_error("explain", "--args is not JSON: %s at byte %u", json_error_text(error),
                        e->doc.error_offset + 1);
        if (json_type_of(&e->doc, 0) != JSON_OBJECT)
                return usage_error("explain", "--args must be a JSON object");
        buf_printf(&e->arguments, "{\"arguments\":%s}", text);
        if (e->arguments.failed || json_read(&e->doc, buf_str(&e->arguments)) != JSON_OK)
                return usage_error("explain", "--args is too long or too deep");
        e->request.doc = &e->doc;
        e->request.arguments = json_member(&e->doc, 0, STR("arguments"));
        return 0;
}

static int get_policy(struct explanation *e, const struct options *options)
{
        const char *paths[LIMIT_POLICIES];
        struct policy_pair bindings[OPTIONS_MAX];
        struct policy_options how = { .bindings = bindings, .agent = str_from(options_get(options, "agent", 0)) };
        const char *arg;

        if (options->operand_count == 0)
                return usage_error("explain", "say which policy decides");
        if (options->operand_count > LIMIT_POLICIES)
                return usage_error("explain", "more than %u policies", LIMIT_POLICIES);
        for (size_t i = 0; i < options->operand_count; ++i)
                paths[i] = options->operands[i];
        for (; (arg = options_get(options, "bind", how.binding_count)); how.binding_count++) {
                if (!policy_files_parse_bind(arg, &bindings[how.binding_count]))
                        return usage_error("explain", "--bind takes NAME=VALUE, not \"%s\"", arg);
        }
        return policy_files_load(&e->policy, paths, options->operand_count, &how, e->colour_errors);
}

static int prepare(struct explanation *e, const struct options *options)
{
        const char *when = options_get(options, "color", 0);
        int status;

        if (!colour_wanted(when, STDOUT_FILENO, &e->colour) || !colour_wanted(when, STDERR_FILENO, &e->colour_errors))
                return usage_error("explain", "--color takes auto, always or never, not \"%s\"", when);
        e->json = options_has(options, "json");
        e->request.now_s = time(NULL);
        e->request.scratch = policy_scratch_new();
        if (!e->request.scratch)
                return EXIT_INTERNAL;
        status = get_subject(e, options);
        if (status == 0)
                status = get_arguments(e, options_get(options, "args", 0));
        return status ? status : get_policy(e, options);
}

static int run(int argc, char **argv)
{
        CLEANUP(explanation_deinit)
        struct explanation e = {
                .out = BUF_INIT(OUTPUT_MAX), .walk = BUF_INIT(OUTPUT_MAX), .arguments = BUF_INIT(ARGUMENTS_MAX)
        };
        AUTO_BUF struct buf message = BUF_INIT(4096);
        struct options options;
        int status;

        if (options_parse(&options, specs, OPTIONS_ANYWHERE, argc, argv, &message) < 0)
                return usage_error("explain", "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(&verb_explain);
        status = prepare(&e, &options);
        return status ? status : explain(&e);
}

const struct verb verb_explain = {
        .name = "explain",
        .summary = "say what a policy decides, and by which rule",
        .usage = usage,
        .run = run,
};
