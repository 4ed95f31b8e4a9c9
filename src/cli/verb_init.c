/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "colour.h"
#include "limit.h"
#include "options.h"
#include "own_stdio.h"
#include "policy_files.h"
#include "replace_file.h"
#include "starter.h"
#include "verbs.h"

static const struct option_spec specs[] = {
        { "output", true, false },
        { "name", true, false },
        { "credential", true, true },
        { "color", true, false },
        { NULL },
};

static const char usage[] =
        "Usage: leastwise init [OPTION]... [--] COMMAND [ARGUMENT]...\n\n"
        "Starts the server, asks it for its tools, resources and prompts, and writes a policy to go on from: tools\n"
        "that only read are allowed, with the arguments that they tell of and no others; tools that write are held\n"
        "for approval; what destroys, and what does not say what it does, is left out with the reason in a comment.\n"
        "What a server says of itself is a claim: read the policy before it is used.\n\n"
        "Options:\n"
        "  --output FILE        write it there, unless something of that name exists; otherwise to stdout\n"
        "  --name NAME          the policy's name; unless given, that of the file\n"
        "  --credential NAME    hand the server this variable of the environment, and name it under credentials:\n"
        "  --color WHEN         auto, always or never\n\n"
        "Exit status: 0 written; 1 the file exists; 3 an administrator's policy has mistakes; or what `leastwise run`\n"
        "ends with when it cannot start the server; 125 also when the server does not list its tools.\n";

#define NAME_BYTES 64U
#define POLICY_MODE 0644U

struct init {
        const char *output; /* NULL: stdout */
        struct str name;
        struct str credentials[OPTIONS_MAX];
        size_t credential_count;
        bool colour;
        struct starter starter;
        struct buf text, message;
        mode_t mask;
};

static void init_deinit(struct init *in)
{
        starter_deinit(&in->starter);
        buf_deinit(&in->text);
        buf_deinit(&in->message);
}

static void policy_unref(struct policy_set **set)
{
        *set = policy_set_unref(*set);
}

static int no_memory(void)
{
        fputs("leastwise init: not enough memory\n", stderr);
        return EXIT_INTERNAL;
}

/* --- what it is called with --- */

static bool is_name(struct str name)
{
        for (size_t i = 0; i < name.len; i++) {
                const char c = name.ptr[i];

                if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("._-", c)))
                        return false;
        }
        return name.len > 0 && name.len <= NAME_BYTES;
}

/* "policies/files.yaml" is of the policy "files". */
static struct str stem(const char *path)
{
        const char *slash = strrchr(path, '/');
        struct str name = str_from(slash ? slash + 1 : path);

        if (str_ends_with(name, STR(".yaml")))
                name.len -= STR(".yaml").len;
        return is_name(name) ? name : STR("starter");
}

static int file_exists(const char *path)
{
        fprintf(stderr, "leastwise init: %s is there already, and is not overwritten: give another name, or move it away\n", path);
        return EXIT_FINDINGS;
}

static int collect(struct init *in, const struct options *options)
{
        const char *name = options_get(options, "name", 0);
        const char *credential;
        struct stat st;

        in->output = options_get(options, "output", 0);
        if (!colour_wanted(options_get(options, "color", 0), STDERR_FILENO, &in->colour))
                return usage_error("init", "--color takes auto, always or never");
        if (options->operand_count == 0)
                return usage_error("init", "say how the server is started: leastwise init -- COMMAND");
        if (in->output && in->output[0] == '\0')
                return usage_error("init", "--output needs the name of a file");
        if (name && !is_name(str_from(name)))
                return usage_error("init", "--name takes letters, digits, `.`, `_` and `-`, at most %u of them", NAME_BYTES);
        in->name = name ? str_from(name) : in->output ? stem(in->output) : STR("starter");
        for (; (credential = options_get(options, "credential", in->credential_count)); in->credential_count++) {
                if (!is_name(str_from(credential)))
                        return usage_error("init", "--credential takes the name of a variable, not its value");
                in->credentials[in->credential_count] = str_from(credential);
        }
        if (in->output && lstat(in->output, &st) == 0)
                return file_exists(in->output);
        return 0;
}

/* --- what the server is started with --- */

/* A policy that allows nothing and hands over the credentials, behind the administrator's layers: what is wrong with a name is
 * told as it would be of a policy. */
static int load_launch(struct init *in, struct policy_set **ret)
{
        CLEANUP(diagnostics_deinit) struct diagnostics diags = { 0 };
        CLEANUP(policy_files_deinit) struct policy_files files = { 0 };
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_POLICY_BYTES);
        const struct policy_options how = { .any_binding = true, .any_agent = true };
        int r = policy_files_read(&files, NULL, 0, &diags);

        buf_append_str(&text, STR("leastwise: 1\nname: init\npurpose: Ask a server what it has.\n"));
        for (size_t i = 0; i < in->credential_count; i++)
                buf_printf(&text, "%s  %.*s: { from: env, name: %.*s }\n", i == 0 ? "credentials:\n" : "",
                        STR_FMT(in->credentials[i]), STR_FMT(in->credentials[i]));
        if (r == 0 && files.count == LIMIT_POLICIES)
                return usage_error("init", "the administrator's policies leave no room for another");
        if (r == 0) {
                const char *copy = str_dup(buf_str(&text));

                if (!copy || text.failed)
                        return no_memory();
                files.inputs[files.count++] = (struct policy_input){ STR("--credential"), str_from(copy) };
                r = policy_set_new(ret, files.inputs, files.count, &how, &diags);
        }
        policy_files_print(&diags, &files, in->colour);
        return r == 0 ? 0 : r == -ENOMEM ? no_memory() : EXIT_POLICY;
}

static int add_entry(void *userdata, enum listing_kind kind, const struct json_doc *doc, uint32_t entry, struct str name)
{
        struct init *in = userdata;
        int r = starter_add(&in->starter, kind, doc, entry, name);

        if (r < 0)
                buf_printf(&in->message, "what the server lists is too much for one policy");
        return r;
}

/* Exit statuses as `run` has them. */
static int ask_server(struct init *in, struct launch *server, const struct policy_set *policy, const char *const *command)
{
        struct policy_launch launch;
        int status = EXIT_OWN_FAILURE;

        policy_set_launch(policy, &launch);
        if (own_stdio_fill_gaps() < 0 || launch_prepare(&server->child, &in->mask) < 0)
                buf_printf(&in->message, "cannot start: out of processes or descriptors");
        else
                status = launch_start(server, &launch, command, in->mask, &in->message);
        if (status == 0 && listing_run_all(server, add_entry, in, &in->message) < 0)
                status = EXIT_OWN_FAILURE;
        if (status != 0)
                fprintf(stderr, "leastwise: %.*s\n", STR_FMT(buf_str(&in->message)));
        return status;
}

/* --- what comes of it --- */

/* What is handed to a person must be a policy. */
static int check(struct init *in)
{
        CLEANUP(diagnostics_deinit) struct diagnostics diags = { 0 };
        CLEANUP(policy_unref) struct policy_set *set = NULL;
        struct policy_files shown = { .count = 0 };
        const struct policy_input input = { str_from(in->output ? in->output : "stdout"), buf_str(&in->text) };
        const struct policy_options how = { .any_binding = true, .any_agent = true };
        int r = policy_set_new(&set, &input, 1, &how, &diags);

        if (r == 0)
                return 0;
        policy_files_print(&diags, &shown, in->colour);
        fputs("leastwise init: what the server lists does not fit into one policy; nothing was written\n", stderr);
        return r == -ENOMEM ? EXIT_INTERNAL : EXIT_OWN_FAILURE;
}

static int put(const struct init *in)
{
        int r;

        if (!in->output) {
                fwrite(in->text.data, 1, in->text.len, stdout);
                return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_OK : EXIT_INTERNAL;
        }
        r = create_file(in->output, buf_str(&in->text), POLICY_MODE & ~in->mask);
        if (r == -EEXIST)
                return file_exists(in->output);
        if (r < 0) {
                fprintf(stderr, "leastwise init: %s cannot be written: %s\n", in->output, strerror(-r));
                return EXIT_INTERNAL;
        }
        return EXIT_OK;
}

static int conclude(struct init *in, const struct launch *server)
{
        struct starter *s = &in->starter;
        int status;

        if (starter_write(s, in->name, in->credentials, in->credential_count, &in->text) < 0) {
                fputs("leastwise init: what the server lists does not fit into one policy; nothing was written\n", stderr);
                return EXIT_OWN_FAILURE;
        }
        /* It would stand in a file that people commit. */
        if (server->redactor && redactor_finds(server->redactor, buf_str(&in->text))) {
                fputs("leastwise init: what the server lists holds a credential; nothing was written\n", stderr);
                return EXIT_OWN_FAILURE;
        }
        status = check(in);
        if (status == 0)
                status = put(in);
        if (status == 0)
                fprintf(stderr, "leastwise init: of %zu tools %zu allowed, %zu held for approval, %zu left out; read it before you use it\n",
                        s->count, s->allowed, s->held, s->left);
        return status;
}

static int run(int argc, char **argv)
{
        CLEANUP(policy_unref) struct policy_set *policy = NULL;
        CLEANUP(launch_end) struct launch server = LAUNCH_NONE;
        CLEANUP(init_deinit)
        struct init in = { .text = BUF_INIT(LIMIT_POLICY_BYTES), .message = BUF_INIT(4096) };
        struct options options;
        int status;

        starter_init(&in.starter);
        if (options_parse(&options, specs, OPTIONS_BEFORE_COMMAND, argc, argv, &in.message) < 0)
                return usage_error("init", "%.*s", STR_FMT(buf_str(&in.message)));
        if (options.wants_help)
                return usage_print(&verb_init);
        status = collect(&in, &options);
        if (status == 0)
                status = load_launch(&in, &policy);
        if (status == 0)
                status = ask_server(&in, &server, policy, (const char *const *)options.operands);
        return status ? status : conclude(&in, &server);
}

const struct verb verb_init = {
        .name = "init",
        .summary = "write a policy to go on from, for a server",
        .usage = usage,
        .run = run,
};
