/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "compile.h"
#include "keyring.h"
#include "limit.h"
#include "secret_command.h"
#include "verbs.h"

#define DEFAULT_FOR "8h"

static const struct option_spec specs[] = {
        VAULT_OPTIONS,
        { "for", true, false },
        { NULL },
};

static const char usage[] =
        "Usage: leastwise unlock [OPTION]...\n\n"
        "Asks for the vault's password and leaves its key with the kernel for a while, so that servers whose policies\n"
        "name credentials `from: vault` can be started by clients, which have no terminal to ask at. Any program of\n"
        "the same user can get the key meanwhile; `leastwise lock` takes it back.\n\n"
        "Options:\n"
        "  --for TIME             how long: 30m, 8h (the default), at most 168h\n"
        "  --vault FILE           this vault, not the user's own (~/.config/leastwise/vault)\n"
        "  --system               the machine's vault: /etc/leastwise/vault\n"
        "  --password-file FILE   take the password from a file, and ask nobody\n"
        "  --key-file FILE        the key of a vault that has no password\n\n"
        "Exit status: 0, 2 bad usage, 6 the vault cannot be opened, or the system keeps no keys.\n";

static int keep_key(struct vault_verb *v, uint32_t seconds)
{
        const uint8_t *id = v->opened.vault.header.id;
        const char *text = options_get(v->options, "for", 0);
        int r = keyring_put(id, v->opened.secret->key, seconds);

        if (r < 0) {
                buf_printf(&v->why,
                        "the kernel does not keep the key: %s; in a container, its settings must allow add_key and keyctl. Without, use a "
                        "vault with a key file (leastwise secret passwd --new-key-file FILE)",
                        strerror(-r));
                return vault_verb_fail(v, -EACCES);
        }
        printf("unlocked %s for %s\n", v->path, text ? text : DEFAULT_FOR);
        return secret_said();
}

static int run(int argc, char **argv)
{
        CLEANUP(vault_verb_end) struct vault_verb v = VAULT_VERB_NONE;
        AUTO_BUF struct buf message = BUF_INIT(4096);
        struct options options;
        const char *text;
        uint32_t span;
        int r;

        if (options_parse(&options, specs, OPTIONS_ANYWHERE, argc, argv, &message) < 0)
                return usage_error("unlock", "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(&verb_unlock);
        if (options.operand_count > 0)
                return usage_error("unlock", "it takes no arguments; a vault is named with --vault");
        text = options_get(&options, "for", 0);
        if (!time_span_ms(str_from(text ? text : DEFAULT_FOR), LIMIT_UNLOCK_SECONDS * 1000U, &span) || span < 1000U)
                return usage_error("unlock", "--for takes a time from 1s to 168h: 30m, 8h");
        r = vault_verb_begin(&v, "unlock", &options);
        if (r == 0)
                r = vault_verb_open(&v, true);
        return r != 0 ? r : keep_key(&v, span / 1000U);
}

const struct verb verb_unlock = {
        .name = "unlock",
        .summary = "let servers have the vault's credentials for a while",
        .usage = usage,
        .run = run,
};
