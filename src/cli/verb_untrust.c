/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cleanup.h"
#include "options.h"
#include "paths.h"
#include "trust.h"
#include "verbs.h"

static const struct option_spec specs[] = {
        { NULL },
};

static const char usage[] =
        "Usage: leastwise untrust FILE...\n\n"
        "Takes back what `leastwise trust` said about the files, whatever their contents.\n\n"
        "Exit status: 0; 1 when one of them was not trusted; 2 bad usage.\n";

/* By the path as it leads now, or as it is written when the file has gone. */
static int untrust(const char *state_dir, const char *path)
{
        AUTO_FREE char *whole = trust_path_of(path);
        AUTO_FREE char *message = NULL;
        bool was = false;

        if (trust_remove(state_dir, whole ? whole : path, &was, &message) < 0) {
                fprintf(stderr, "leastwise: %s\n", message ? message : "not enough memory");
                return EXIT_INTERNAL;
        }
        printf(was ? "no longer trusted: %s\n" : "was not trusted: %s\n", path);
        return was ? EXIT_OK : EXIT_FINDINGS;
}

static int run(int argc, char **argv)
{
        AUTO_BUF struct buf message = BUF_INIT(4096);
        AUTO_FREE char *state_dir = paths_state_dir();
        struct options options;
        int status = EXIT_OK;

        if (options_parse(&options, specs, OPTIONS_ANYWHERE, argc, argv, &message) < 0)
                return usage_error("untrust", "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(&verb_untrust);
        if (options.operand_count == 0)
                return usage_error("untrust", "say which file");
        if (!state_dir) {
                fputs("leastwise: no home directory to keep trust in: set HOME or XDG_STATE_HOME\n", stderr);
                return EXIT_INTERNAL;
        }
        for (size_t i = 0; i < options.operand_count; i++) {
                const int one = untrust(state_dir, options.operands[i]);

                status = one > status ? one : status;
        }
        return fflush(stdout) == 0 && !ferror(stdout) ? status : EXIT_INTERNAL;
}

const struct verb verb_untrust = {
        .name = "untrust",
        .summary = "take that back",
        .usage = usage,
        .run = run,
};
