/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "cleanup.h"
#include "colour.h"
#include "limit.h"
#include "listing.h"
#include "options.h"
#include "own_stdio.h"
#include "pin_compare.h"
#include "pin_files.h"
#include "policies.h"
#include "policy_files.h"
#include "replace_file.h"
#include "server_command.h"
#include "verbs.h"

static const struct option_spec specs[] = {
        POLICIES_OPTIONS,
        { "output", true, false },
        { "diff", false, false },
        { "accept", false, false },
        { "color", true, false },
        { NULL },
};

static const char usage[] =
        "Usage: leastwise pin --policy FILE... [OPTION]... [--] [COMMAND [ARGUMENT]...]\n\n"
        "Starts the server as `leastwise run` would, asks it for its tools, and writes their definitions into\n"
        "the lock that the policy names with pins:. From then on a tool that is new, or defined in other words,\n"
        "is hidden and denied. What is there already is not replaced unasked: the difference is shown.\n\n"
        "Options:\n"
        "  --policy FILE        a policy; of several, one names the lock\n"
        "  --output FILE        the lock, instead of the one that the policy names\n"
        "  --diff               show what changed since the tools were pinned, and write nothing\n"
        "  --accept             replace the lock with what the server lists now\n"
        "  --agent NAME         who the calls are made for (the policy's agents:)\n"
        "  --bind NAME=VALUE    a value for a name that the policy lists under bind:\n"
        "  --color WHEN         auto, always or never\n\n"
        "Exit status: 0 pinned, or nothing changed; 1 something did and was not accepted; or what `leastwise run`\n"
        "ends with when it cannot start the server; 125 also when the server does not list its tools.\n";

#define OUTPUT_MAX (128U << 20)
#define LOCK_MODE 0644U

struct pinning_verb {
        const struct redactor *redactor; /* NULL without credentials */
        bool diff, accept, colour, colour_errors;
        char *path;             /* of the lock; owned */
        struct pin_list list;   /* what the server lists */
        struct buf text;        /* the new lock's */
        struct buf out, message;
        struct pin_lock *before, *after;
        bool exists;
        mode_t mask;
};

static void verb_deinit(struct pinning_verb *v)
{
        mem_free(v->path);
        pin_list_deinit(&v->list);
        buf_deinit(&v->text);
        buf_deinit(&v->out);
        buf_deinit(&v->message);
        pin_lock_free(v->before);
        pin_lock_free(v->after);
}

static int no_memory(void)
{
        fputs("leastwise pin: not enough memory\n", stderr);
        return EXIT_INTERNAL;
}

/* --- where the lock is --- */

/* The one that the policies name; they may name it twice. */
static int find_path(struct pinning_verb *v, const struct policy_set *policy)
{
        for (size_t i = 0; i < policy_set_count(policy); i++) {
                AUTO_FREE char *path = NULL;
                struct policy_pins pins;

                if (!policy_set_pins(policy, i, &pins))
                        continue;
                path = pin_file_path(policy, i);
                if (!path)
                        return no_memory();
                if (v->path && strcmp(v->path, path) != 0)
                        return usage_error("pin", "the policies name two locks, %s and %s: say --output FILE", v->path, path);
                if (!v->path) {
                        v->path = path;
                        path = NULL;
                }
        }
        return v->path ? 0 : usage_error("pin", "no policy says pins: FILE; add it, or say --output FILE");
}

static int get_path(struct pinning_verb *v, const struct options *options, const struct policy_set *policy)
{
        const char *output = options_get(options, "output", 0);

        if (!output)
                return find_path(v, policy);
        if (output[0] == '\0')
                return usage_error("pin", "--output needs the name of a file");
        v->path = str_dup(str_from(output));
        return v->path ? 0 : no_memory();
}

/* What was pinned before; without a lock, nothing. */
static int read_before(struct pinning_verb *v)
{
        CLEANUP(diagnostics_deinit) struct diagnostics diags = { 0 };
        struct policy_files no_texts = { 0 };
        int r = pin_file_read(&v->before, v->path, false, &diags);

        policy_files_print(&diags, &no_texts, v->colour_errors);
        v->exists = r != -ENOENT;
        if (r == -ENOMEM)
                return no_memory();
        return r < 0 && r != -ENOENT ? EXIT_POLICY : 0;
}

/* --- what the server lists --- */

static int add_tool(void *userdata, const struct json_doc *doc, uint32_t tool, struct str name)
{
        struct pinning_verb *v = userdata;
        int r = pin_list_add(&v->list, doc, tool, name);

        if (r == -EEXIST)
                buf_printf(&v->message, "the server lists two tools of one name, so that nobody knows which is called");
        else if (r == -EINVAL)
                buf_printf(&v->message, "the server lists a tool with a name that no tool can have");
        else if (r == -ENOMEM)
                buf_printf(&v->message, "not enough memory");
        /* It would stand in a file that people commit. */
        if (r == 0 && v->redactor && redactor_finds(v->redactor, buf_str(&v->list.drafts[v->list.count - 1].text))) {
                buf_printf(&v->message, "the definition of one of the server's tools holds a credential; it is not pinned");
                r = -EPERM;
        }
        return r;
}

/* Exit statuses as `run` has them. */
static int ask_server(struct pinning_verb *v, struct launch *server, const struct policy_set *policy, const char *const *command)
{
        struct policy_launch launch;
        int status = EXIT_OWN_FAILURE;

        policy_set_launch(policy, &launch);
        if (own_stdio_fill_gaps() < 0 || launch_prepare(&server->child, &v->mask) < 0)
                buf_printf(&v->message, "cannot start: out of processes or descriptors");
        else
                status = launch_start(server, &launch, command, v->mask, &v->message);
        v->redactor = server->redactor;
        if (status == 0 && listing_run(server, add_tool, v, &v->message) < 0)
                status = EXIT_OWN_FAILURE;
        v->redactor = NULL;
        if (status != 0)
                fprintf(stderr, "leastwise: %.*s\n", STR_FMT(buf_str(&v->message)));
        return status;
}

/* --- what is done about it --- */

static int read_lock(struct pin_lock **ret, struct str text)
{
        AUTO_BUF struct buf message = BUF_INIT(1024);
        uint64_t seed[2];

        if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
                return EXIT_INTERNAL;
        if (pin_lock_read(ret, text, seed, &message) == 0)
                return 0;
        fprintf(stderr, "leastwise: these tools cannot be pinned: %.*s\n", STR_FMT(buf_str(&message)));
        return EXIT_OWN_FAILURE;
}

static int write_lock(struct pinning_verb *v)
{
        int r = replace_file(v->path, buf_str(&v->text), LOCK_MODE & ~v->mask);

        if (r < 0) {
                fprintf(stderr, "leastwise: %s cannot be written: %s\n", v->path, strerror(-r));
                return EXIT_INTERNAL;
        }
        buf_printf(&v->out, "pinned %zu tools in %s\n", v->list.count, v->path);
        return 0;
}

static int print_out(const struct buf *out)
{
        if (out->failed)
                return no_memory();
        fwrite(out->data, 1, out->len, stdout);
        return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_OK : EXIT_INTERNAL;
}

static int compare(struct pinning_verb *v, struct pin_counts *ret)
{
        struct buf empty = { 0 };
        int status = 0;

        buf_init(&empty, 64);
        if (!v->before) {
                buf_append_str(&empty, STR("{\"leastwise_pins\":1,\"tools\":[]}"));
                status = read_lock(&v->before, buf_str(&empty));
                buf_deinit(&empty);
        }
        if (status == 0)
                status = read_lock(&v->after, buf_str(&v->text));
        if (status == 0 && pin_lock_compare(v->before, v->after, v->colour, &v->out, ret) < 0)
                status = no_memory();
        return status;
}

static int conclude(struct pinning_verb *v)
{
        struct pin_counts counts;
        int status, printed;

        if (pin_list_write(&v->list, &v->text) < 0) {
                fputs("leastwise: these tools cannot be pinned: they take more than 16 MiB\n", stderr);
                return EXIT_OWN_FAILURE;
        }
        status = compare(v, &counts);
        if (status != 0)
                return status;
        if (v->exists && !pin_counts_any(&counts)) {
                buf_printf(&v->out, "all %zu tools are as they were pinned in %s\n", v->list.count, v->path);
        } else if (v->diff) {
                status = EXIT_FINDINGS;
        } else if (!v->exists) {
                buf_clear(&v->out, OUTPUT_MAX);
                status = write_lock(v);
        } else if (v->accept) {
                status = write_lock(v);
        } else {
                buf_printf(&v->out, "\n%s is left as it was; to accept all of this, add --accept\n", v->path);
                status = EXIT_FINDINGS;
        }
        printed = print_out(&v->out);
        return status ? status : printed;
}

static void policy_unref(struct policy_set **set)
{
        *set = policy_set_unref(*set);
}

static int pin(const struct options *options)
{
        CLEANUP(policy_unref) struct policy_set *policy = NULL;
        CLEANUP(server_command_deinit) struct server_command command = { 0 };
        CLEANUP(verb_deinit)
        struct pinning_verb v = {
                .diff = options_has(options, "diff"),
                .accept = options_has(options, "accept"),
                .text = BUF_INIT(LIMIT_PINS_BYTES),
                .out = BUF_INIT(OUTPUT_MAX),
                .message = BUF_INIT(4096),
        };
        CLEANUP(launch_end) struct launch server = LAUNCH_NONE;
        const char *when = options_get(options, "color", 0);
        int status;

        if (!colour_wanted(when, STDOUT_FILENO, &v.colour) || !colour_wanted(when, STDERR_FILENO, &v.colour_errors))
                return usage_error("pin", "--color takes auto, always or never, not \"%s\"", when);
        if (v.diff && v.accept)
                return usage_error("pin", "--diff only looks, and --accept writes: say one of them");
        status = policies_load(&policy, "pin", options, v.colour_errors);
        if (status == 0)
                status = server_command_get(&command, "pin", options, policy);
        if (status == 0)
                status = get_path(&v, options, policy);
        if (status == 0)
                status = read_before(&v);
        if (status == 0)
                status = ask_server(&v, &server, policy, command.argv);
        return status ? status : conclude(&v);
}

static int run(int argc, char **argv)
{
        AUTO_BUF struct buf message = BUF_INIT(4096);
        struct options options;

        if (options_parse(&options, specs, OPTIONS_BEFORE_COMMAND, argc, argv, &message) < 0)
                return usage_error("pin", "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(&verb_pin);
        return pin(&options);
}

const struct verb verb_pin = {
        .name = "pin",
        .summary = "accept a server's tools as they are now",
        .usage = usage,
        .run = run,
};
