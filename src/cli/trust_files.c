/* SPDX-License-Identifier: Apache-2.0 */
#include "trust_files.h"

#include <stdio.h>

#include "cleanup.h"
#include "options.h"
#include "paths.h"

static const struct option_spec no_options[] = {
        { NULL },
};

int trust_files_run(const struct verb *verb, trust_file one, int argc, char **argv)
{
        AUTO_BUF struct buf message = BUF_INIT(4096);
        AUTO_FREE char *state_dir = paths_state_dir();
        struct options options;
        int status = EXIT_OK;

        if (options_parse(&options, no_options, OPTIONS_ANYWHERE, argc, argv, &message) < 0)
                return usage_error(verb->name, "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(verb);
        if (options.operand_count == 0)
                return usage_error(verb->name, "say which file");
        if (!state_dir) {
                fputs("leastwise: no home directory to keep trust in: set HOME or XDG_STATE_HOME\n", stderr);
                return EXIT_INTERNAL;
        }
        for (size_t i = 0; i < options.operand_count; i++) {
                const int result = one(state_dir, options.operands[i]);

                status = result > status ? result : status;
        }
        return fflush(stdout) == 0 && !ferror(stdout) ? status : EXIT_INTERNAL;
}
