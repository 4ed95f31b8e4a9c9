/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "keyring.h"
#include "secret_command.h"
#include "verbs.h"

static const struct option_spec specs[] = {
        { "vault", true, false },
        { "system", false, false },
        { NULL },
};

static const char usage[] =
        "Usage: leastwise lock [OPTION]...\n\n"
        "Takes back the key that `leastwise unlock` left with the kernel. Servers that run keep what they have.\n\n"
        "Options:\n"
        "  --vault FILE   this vault, not the user's own (~/.config/leastwise/vault)\n"
        "  --system       the machine's vault: /etc/leastwise/vault\n\n"
        "Exit status: 0 also when it was locked, 2 bad usage, 6 the vault cannot be read.\n";

static int run(int argc, char **argv)
{
        CLEANUP(vault_verb_end) struct vault_verb v = VAULT_VERB_NONE;
        AUTO_BUF struct buf message = BUF_INIT(4096);
        struct options options;
        int r;

        if (options_parse(&options, specs, OPTIONS_ANYWHERE, argc, argv, &message) < 0)
                return usage_error("lock", "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(&verb_lock);
        if (options.operand_count > 0)
                return usage_error("lock", "it takes no arguments; a vault is named with --vault");
        r = vault_verb_begin(&v, "lock", &options);
        if (r == 0)
                r = vault_verb_look(&v);
        if (r != 0)
                return r;
        r = keyring_remove(v.opened.vault.header.id);
        if (r < 0 && r != -ENOKEY) {
                buf_printf(&v.why, "the kernel does not take the key back: %s", strerror(-r));
                return vault_verb_fail(&v, -EACCES);
        }
        printf(r == 0 ? "locked %s\n" : "%s was locked already\n", v.path);
        return secret_said();
}

const struct verb verb_lock = {
        .name = "lock",
        .summary = "take back what unlock gave",
        .usage = usage,
        .run = run,
};
