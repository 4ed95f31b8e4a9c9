/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "cleanup.h"
#include "limit.h"
#include "policy_files.h"
#include "trust.h"
#include "trust_files.h"
#include "trusted_file.h"
#include "verbs.h"

static const char usage[] =
        "Usage: leastwise trust FILE...\n\n"
        "Says that the files, policies or locks of pins, are meant as they are now. A proxy that runs takes a\n"
        "changed policy that allows more only when its contents are trusted; the next change needs trust anew.\n"
        "A proxy that is started takes the policies that its command line names, trusted or not.\n\n"
        "Exit status: 0, 2 bad usage, 3 a file that is missing or open to others.\n";

/* Of a policy or of a lock, which may be longer. */
static const struct trusted_kind any_file = {
        .noun = "file to trust",
        .limit = LIMIT_PINS_BYTES,
        .limit_text = "16 MiB",
};

static void text_freep(struct str *text)
{
        mem_free((void *)(uintptr_t)text->ptr);
}

static int trust(const char *state_dir, const char *path)
{
        CLEANUP(diagnostics_deinit) struct diagnostics diags = { 0 };
        CLEANUP(text_freep) struct str text = { 0 };
        AUTO_FREE char *whole = NULL;
        AUTO_FREE char *message = NULL;
        struct policy_files no_texts = { 0 };
        char digest[TRUST_DIGEST_BYTES];
        int r = trusted_file_read(path, &any_file, &text, &diags);

        policy_files_print(&diags, &no_texts, false);
        if (r == -EINVAL)
                return EXIT_POLICY;
        whole = trust_path_of(path);
        if (r < 0 || !whole) {
                fputs("leastwise: not enough memory\n", stderr);
                return EXIT_INTERNAL;
        }
        trust_digest_of(digest, text);
        if (trust_add(state_dir, whole, digest, &message) < 0) {
                fprintf(stderr, "leastwise: %s\n", message ? message : "not enough memory");
                return EXIT_INTERNAL;
        }
        printf("trusted: %s %s\n", digest, path);
        return EXIT_OK;
}

static int run(int argc, char **argv)
{
        return trust_files_run(&verb_trust, trust, argc, argv);
}

const struct verb verb_trust = {
        .name = "trust",
        .summary = "say that a changed policy is meant, for proxies that run",
        .usage = usage,
        .run = run,
};
