/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cleanup.h"
#include "trust.h"
#include "trust_files.h"
#include "verbs.h"

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
        return trust_files_run(&verb_untrust, untrust, argc, argv);
}

const struct verb verb_untrust = {
        .name = "untrust",
        .summary = "take that back",
        .usage = usage,
        .run = run,
};
