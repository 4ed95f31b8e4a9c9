/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>

#include "approver_files.h"
#include "child.h"
#include "cleanup.h"
#include "colour.h"
#include "invoker.h"
#include "launch.h"
#include "limit.h"
#include "options.h"
#include "own_stdio.h"
#include "paths.h"
#include "pin_files.h"
#include "policies.h"
#include "policy_files.h"
#include "proxy.h"
#include "reload.h"
#include "server_command.h"
#include "size.h"
#include "start_error.h"
#include "stderr_print.h"
#include "stop_places.h"
#include "verbs.h"

/* A line must hold a handshake, and its offsets must fit 32 bits. */
#define LINE_LIMIT_MIN 4096U
#define LINE_LIMIT_MAX (1U << 30)

/* A start that fails is over soon, whether somebody reads why or not. */
#define PATIENCE_MS 1000

static const struct option_spec specs[] = {
        POLICIES_OPTIONS,
        { "line-limit", true, false },
        { "reload", true, false },
        { NULL },
};

static const char usage[] =
        "Usage: leastwise run --policy FILE... [OPTION]... [--] [COMMAND [ARGUMENT]...]\n\n"
        "Starts an MCP server and relays between it and the client on standard input and output what the\n"
        "policies allow. Without COMMAND the policy's server.command is started.\n\n"
        "Options:\n"
        "  --policy FILE        a policy; of several, the strictest verdict wins\n"
        "  --agent NAME         who the calls are made for (the policy's agents:)\n"
        "  --bind NAME=VALUE    a value for a name that the policy lists under bind:\n"
        "  --line-limit SIZE    the longest message, either way (default 10MiB)\n"
        "  --reload WHICH       which changed policies come into force while the server runs: trusted (those that\n"
        "                       allow less, and those that `leastwise trust` names; the default) or any\n\n"
        "Exit status: the server's. Its own: 2 usage, 3 policy, 6 credential, 125 failure,\n"
        "126 command not executable, 127 command not found.\n";

/* First of all, while there is little that a fork copies, and nothing that it should not. */
static int guard(struct child *ret)
{
        int r = own_stdio_fill_gaps();

        if (r == 0)
                r = child_guard(ret);
        if (r == 0)
                return 0;
        stderr_print("leastwise: cannot start: %s\n", start_error(-r));
        return EXIT_OWN_FAILURE;
}

static void policy_unref(struct policy_set **set)
{
        *set = policy_set_unref(*set);
}

static void approvers_unrefp(struct approvers **approvers)
{
        *approvers = approvers_unref(*approvers);
}

static void pins_unref(struct pin_set **set)
{
        *set = pin_set_unref(*set);
}

static int line_limit(const struct options *options, size_t *ret)
{
        const char *text = options_get(options, "line-limit", 0);

        if (!text)
                return 0;
        if (!size_parse(text, LINE_LIMIT_MAX, ret) || *ret < LINE_LIMIT_MIN)
                return usage_error("run", "--line-limit takes a size from 4KiB to 1GiB, not \"%s\"", text);
        return 0;
}

static int reload_mode(const struct options *options, bool *ret_any)
{
        const char *when = options_get(options, "reload", 0);

        *ret_any = when && strcmp(when, "any") == 0;
        if (!when || *ret_any || strcmp(when, "trusted") == 0)
                return 0;
        return usage_error("run", "--reload takes trusted or any, not \"%s\"", when);
}

/* Whoever started us as another user has chosen the directory that we are in: nothing is looked for there. */
static int leave_directory(const struct policies_named *named)
{
        int r;

        for (size_t i = 0; invoker_is_other() && i < named->count; i++) {
                if (named->paths[i][0] != '/')
                        return usage_error("run",
                                "another user started this: --policy takes a path that begins with /, not \"%s\"",
                                named->paths[i]);
        }
        r = invoker_leave_directory();
        if (r == 0)
                return 0;
        stderr_print("leastwise: neither the home directory nor / can be entered: %s\n", strerror(-r));
        return 125;
}

static int start(const struct options *options)
{
        CLEANUP(policy_unref) struct policy_set *policy = NULL;
        CLEANUP(pins_unref) struct pin_set *pins = NULL;
        CLEANUP(approvers_unrefp) struct approvers *approvers = NULL;
        CLEANUP(server_command_deinit) struct server_command command = { 0 };
        CLEANUP(reload_deinit) struct reload reload = { 0 };
        CLEANUP(child_release) struct child guardian = CHILD_NONE;
        AUTO_FREE char *state_dir = NULL;
        struct policies_named named;
        struct proxy_config config = { .agent = options_get(options, "agent", 0) };
        const struct stop_place system_stops = stop_place_system();
        bool colour = false, any = false;
        int status = line_limit(options, &config.line_limit);

        (void)colour_wanted(NULL, STDERR_FILENO, &colour);
        if (status == 0)
                status = reload_mode(options, &any);
        if (status == 0)
                status = guard(&guardian);
        if (status == 0)
                status = policies_name(&named, "run", options);
        if (status == 0)
                status = leave_directory(&named);
        if (status == 0)
                status = policy_files_load(&policy, named.paths, named.count, &named.how, colour);
        if (status == 0)
                status = pin_files_load(&pins, policy, colour);
        if (status == 0)
                status = approver_files_load(&approvers, policy, colour);
        if (status == 0)
                status = server_command_get(&command, "run", options, policy);
        if (status != 0)
                return status;
        state_dir = paths_state_dir();
        if (!state_dir) {
                stderr_print("leastwise: no home directory to keep audit records in: set HOME or XDG_STATE_HOME\n");
                return 125;
        }
        if (reload_init(&reload, &named, policy, state_dir, any) < 0) {
                stderr_print("leastwise: out of memory\n");
                return 125;
        }
        config.policy = policy;
        config.pins = pins;
        config.approvers = approvers;
        config.command = command.argv;
        config.state_dir = state_dir;
        config.system_stops = &system_stops;
        config.reload = &reload.source;
        config.guard = &guardian;
        return proxy_run(&config);
}

static int run(int argc, char **argv)
{
        AUTO_BUF struct buf message = BUF_INIT(4096);
        struct options options;

        stderr_print_patience(PATIENCE_MS);
        if (options_parse(&options, specs, OPTIONS_BEFORE_COMMAND, argc, argv, &message) < 0)
                return usage_error("run", "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(&verb_run);
        return start(&options);
}

const struct verb verb_run = {
        .name = "run",
        .summary = "start a server behind a policy",
        .usage = usage,
        .run = run,
};
