/* SPDX-License-Identifier: Apache-2.0 */
#include "stop_places.h"

#include <stdio.h>
#include <unistd.h>

#include "alloc.h"
#include "limit.h"
#include "paths.h"
#include "printable.h"
#include "system_layers.h"
#include "verb.h"

struct stop_place stop_place_system(void)
{
        return (struct stop_place){ .path = system_place()->stops, .owner = system_place()->owner, .system = true };
}

int stop_place_of(
        const struct options *options, const char *verb, bool changes, struct stop_place *ret, char **ret_path)
{
        char *state_dir;
        int r;

        *ret_path = NULL;
        if (options_has(options, "system")) {
                *ret = stop_place_system();
                if (!changes || geteuid() == ret->owner)
                        return 0;
                fprintf(stderr,
                        "leastwise: only the administrator can %s for the whole machine: sudo leastwise %s --system "
                        "...\n",
                        verb, verb);
                return EXIT_FINDINGS;
        }
        state_dir = paths_state_dir();
        if (!state_dir) {
                fputs("leastwise: no home directory to keep stops in: set HOME or XDG_STATE_HOME\n", stderr);
                return EXIT_INTERNAL;
        }
        r = stop_place_own(ret, state_dir, ret_path);
        mem_free(state_dir);
        if (r == 0)
                return 0;
        fputs("leastwise: not enough memory\n", stderr);
        return EXIT_INTERNAL;
}

void stop_append_line(const struct stop *stop, struct buf *out)
{
        buf_append_str(out, str_from(stop->id));
        buf_append_str(out, STR("  "));
        (void)stop_append_what(stop, out);
        buf_append_str(out, STR(", since "));
        (void)printable_append(out, stop->at, 40);
        (void)stop_append_by(stop, out);
        buf_append_str(out, STR(": "));
        (void)printable_append(out, stop->because, 4U * LIMIT_ANSWER_BECAUSE_BYTES);
        buf_append_char(out, '\n');
}
