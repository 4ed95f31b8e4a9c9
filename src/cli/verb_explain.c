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
#include "explanation.h"
#include "options.h"
#include "path_resolver.h"
#include "policy_files.h"
#include "verbs.h"

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
        { "after", true, true },
        { "after-resource", true, true },
        { "after-prompt", true, true },
        { "agent", true, false },
        { "bind", true, true },
        { "json", false, false },
        { "color", true, false },
        { NULL },
};

static const char usage[] =
        "Usage: leastwise explain FILE... WHAT [OPTION]...\n\n"
        "Says what the policies decide about one thing, and by which rules. It is the decision that\n"
        "`leastwise run` would make now. What has been used of limits, and the server's tools, it does not\n"
        "know: it names the limits, pins, flow rules and the schema by which a session may refuse what\n"
        "policies allow. Where a lock of pins has the tool's definition, it says whether the arguments fit.\n\n"
        "What (one of these):\n"
        "  --tool NAME          a call of the tool; --args gives its arguments: JSON, a file, or - for\n"
        "                       standard input\n"
        "  --resource URI       reading the resource\n"
        "  --prompt NAME        getting the prompt; --args as with --tool\n"
        "  --method NAME        a method or notification that leastwise does not know\n"
        "  --root URI           telling the server of the root\n"
        "  --url URL            the server's wish that the user open the URL\n"
        "  --form               the server's wish that the user fill in a form\n"
        "  --sampling           the server's wish to use the client's model\n\n"
        "Options:\n"
        "  --after TOOL         a tool that has answered in the session before (the policy's flow:)\n"
        "  --after-resource URI a resource that has been read before\n"
        "  --after-prompt NAME  a prompt that has been got before\n"
        "  --agent NAME         who the calls are made for (the policy's agents:)\n"
        "  --bind NAME=VALUE    a value for a name that the policy lists under bind:\n"
        "  --json               print JSON\n"
        "  --color WHEN         auto, always or never\n\n"
        "Exit status: 0 allowed, 1 denied or held for approval, 2 bad usage, 3 a policy is not good.\n";

static void explanation_deinit(struct explanation *e)
{
        pinned_schema_deinit(&e->schema);
        policy_set_unref(e->policy);
        policy_scratch_free(e->scratch);
        json_doc_deinit(&e->doc);
        json_doc_deinit(&e->sent);
        buf_deinit(&e->arguments);
        buf_deinit(&e->sent_text);
        buf_deinit(&e->out);
        buf_deinit(&e->walk);
}

/* --- narrowing: what is decided about in the end is the narrowed call --- */

static void narrow(struct explanation *e)
{
        struct policy_decision d;

        e->narrowing = NARROW_NONE;
        if (policy_set_settle(e->policy, &e->request, &e->sent_text, &e->sent, &d)) {
                e->narrowing = NARROW_DONE;
                e->narrowed = json_text(&e->sent, 1);
        } else if (d.reason == POLICY_NARROW_CONFLICT) {
                e->narrowing = NARROW_CONFLICT;
        }
}

/* As a session does: the arguments as they came, and once more as they would go on. */
static void check_schema(struct explanation *e, const struct policy_request *given)
{
        e->holds_schema = e->request.subject == POLICY_TOOL && policy_set_checks_schema(e->policy);
        if (!e->holds_schema)
                return;
        pinned_schema_check(&e->schema, e->policy, given->name, given->doc, given->arguments);
        if (e->narrowing != NARROW_DONE || (e->schema.lock && e->schema.result.verdict == SCHEMA_INVALID))
                return;
        pinned_schema_deinit(&e->schema);
        pinned_schema_check(&e->schema, e->policy, e->request.name, e->request.doc, e->request.arguments);
}

static int explain(struct explanation *e)
{
        const struct policy_request given = e->request;
        struct policy_decision d;

        narrow(e);
        check_schema(e, &given);
        if (e->json)
                explanation_print_json(e);
        else
                explanation_print_text(e);
        if (e->out.failed || e->walk.failed)
                return EXIT_INTERNAL;
        fwrite(e->out.data, 1, e->out.len, stdout);
        if (fflush(stdout) != 0 || ferror(stdout))
                return EXIT_INTERNAL;
        policy_set_decide(e->policy, &e->request, &d);
        explanation_note_conflict(e, &d);
        return d.verdict == VERDICT_ALLOW ? EXIT_OK : EXIT_FINDINGS;
}

/* --- arguments --- */

/* What has answered before: the option, and what it names. */
static const struct {
        const char *option;
        enum policy_subject subject;
} befores[] = { { "after", POLICY_TOOL }, { "after-resource", POLICY_RESOURCE }, { "after-prompt", POLICY_PROMPT } };

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
        if (options_has(options, "args") && found->subject != POLICY_TOOL && found->subject != POLICY_PROMPT)
                return usage_error("explain", "--args goes with --tool and --prompt");
        for (size_t i = 0; i < sizeof(befores) / sizeof(befores[0]); ++i) {
                if (options_has(options, befores[i].option) && !policy_is_call(found->subject))
                        return usage_error(
                                "explain", "--%s goes with --tool, --resource and --prompt", befores[i].option);
        }
        e->subject = found->option;
        e->request.subject = found->subject;
        if (found->has_name) {
                e->request.name = str_from(options_get(options, found->option, 0));
                if (e->request.name.len == 0)
                        return usage_error("explain", "--%s needs a name that is not empty", found->option);
        }
        return 0;
}

/* The text of --args: JSON as it stands, a file's, or what standard input has. 0 or negative. */
static int read_arguments(const char *given, struct buf *ret)
{
        bool is_input = strcmp(given, "-") == 0;
        AUTO_CLOSE int fd = -1;
        char piece[65536];
        ssize_t n;

        if (given[0] == '\0' || strchr("{[\" \t\n", given[0]))
                return buf_append_str(ret, str_from(given));
        fd = is_input ? dup(STDIN_FILENO) : open(given, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return -errno;
        while ((n = read(fd, piece, sizeof(piece))) > 0) {
                if (buf_append(ret, piece, (size_t)n) < 0)
                        return -EFBIG;
        }
        return n < 0 ? -errno : 0;
}

/* By itself first, so that nothing but one value gets into the list that the decision sees it in. */
static int get_arguments(struct explanation *e, const char *given)
{
        AUTO_BUF struct buf text = BUF_INIT(ARGUMENTS_MAX);
        uint64_t seed[2];
        enum json_error error;
        int r;

        if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
                return EXIT_INTERNAL;
        json_doc_init(&e->doc, seed);
        json_doc_init(&e->sent, seed);
        if (!given)
                return 0;
        r = read_arguments(given, &text);
        if (r < 0)
                return usage_error("explain", "--args takes JSON, a file or -, and \"%s\" cannot be read: %s", given, strerror(-r));
        error = json_read(&e->doc, buf_str(&text));
        if (error != JSON_OK)
                return usage_error("explain", "--args is not JSON: %s at byte %u", json_error_text(error),
                        e->doc.error_offset + 1);
        if (json_type_of(&e->doc, 0) != JSON_OBJECT)
                return usage_error("explain", "--args must be a JSON object");
        buf_append_char(&e->arguments, '[');
        buf_append_str(&e->arguments, buf_str(&text));
        buf_append_char(&e->arguments, ']');
        if (e->arguments.failed || json_read(&e->doc, buf_str(&e->arguments)) != JSON_OK)
                return usage_error("explain", "--args is too long or too deep");
        e->request.doc = &e->doc;
        e->request.arguments = 1;
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

/* What a session would have met by then. */
static void get_marks(struct explanation *e, const struct options *options)
{
        const char *name;

        for (size_t i = 0; i < sizeof(befores) / sizeof(befores[0]); ++i) {
                for (size_t j = 0; (name = options_get(options, befores[i].option, j)); ++j)
                        policy_set_mark(e->policy, befores[i].subject, str_from(name), &e->marks);
        }
        e->request.marks = &e->marks;
}

static int prepare(struct explanation *e, const struct options *options)
{
        static const struct policy_host host = { .resolve = path_resolver_resolve };
        const char *when = options_get(options, "color", 0);
        int status;

        if (!colour_wanted(when, STDOUT_FILENO, &e->colour) || !colour_wanted(when, STDERR_FILENO, &e->colour_errors))
                return usage_error("explain", "--color takes auto, always or never, not \"%s\"", when);
        e->json = options_has(options, "json");
        e->request.now_s = time(NULL);
        e->request.host = &host;
        e->scratch = e->request.scratch = policy_scratch_new();
        if (!e->scratch)
                return EXIT_INTERNAL;
        status = get_subject(e, options);
        if (status == 0)
                status = get_arguments(e, options_get(options, "args", 0));
        if (status == 0)
                status = get_policy(e, options);
        if (status == 0)
                get_marks(e, options);
        return status;
}

static int run(int argc, char **argv)
{
        CLEANUP(explanation_deinit)
        struct explanation e = {
                .out = BUF_INIT(OUTPUT_MAX), .walk = BUF_INIT(OUTPUT_MAX), .arguments = BUF_INIT(ARGUMENTS_MAX),
                .sent_text = BUF_INIT(2 * ARGUMENTS_MAX)
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
