/* SPDX-License-Identifier: Apache-2.0
 *
 * What the verbs that handle a vault have in common: which vault, its key, and what a program does that has secrets in its memory.
 */
#pragma once

#include "options.h"
#include "secret_input.h"
#include "vault_open.h"

/* A vault cannot be opened: locked, another password, damaged, older than before. As `run` has it for credentials. */
#define EXIT_VAULT 6

struct vault_verb {
        const char *name; /* "secret set", for messages */
        const struct options *options;
        char *path, *state_dir;
        struct vault_opened opened;
        struct buf why; /* for messages; a fresh one for each that is printed */
};

#define VAULT_VERB_NONE { .opened = VAULT_OPENED_NONE, .why = BUF_INIT(16384) }

/* Options that vault_verb_begin() and the functions below look at; a verb's table lists those that it has. */
#define VAULT_OPTIONS { "vault", true, false }, { "system", false, false }, { "password-file", true, false }, { "key-file", true, false }

/* Leaves no way for other processes or a crash to read our memory, and finds out which vault it is about: --vault FILE, --system, or the
 * user's own. 0, or an exit status with the reason on stderr. */
int vault_verb_begin(struct vault_verb *v, const char *name, const struct options *options);
void vault_verb_end(struct vault_verb *v); /* idempotent */

/* Each: 0, or an exit status with the reason on stderr. */

/* Reads the vault, without its key. */
int vault_verb_look(struct vault_verb *v);
/* And verifies it with the key: --key-file or --password-file, else what `unlock` left (not with @anew), else the key file that the vault
 * names, else a password that is asked for. */
int vault_verb_open(struct vault_verb *v, bool anew);
/* Only the key, for a vault that has been looked at: 0, or -errno with the reason in v->why. */
int vault_verb_unlock(struct vault_verb *v, bool anew);
/* Changes the vault, which has been opened. */
int vault_verb_change(struct vault_verb *v, size_t more, vault_edit edit, void *userdata);

/* Prints what is in v->why; returns the exit status for the negative error @r. */
int vault_verb_fail(struct vault_verb *v, int r);

/* Milliseconds since 1970. */
uint64_t vault_verb_now(void);

/* A new key for a vault: fills the header's kind, salt, parameters and hint (borrowed from *ret_hint, which is from mem_alloc()), and returns
 * the key. By --systemd-credential, --key-file and --password-file, the latter two with "new-" in front for a vault that has a key already;
 * else a password that is asked for. NULL with the exit status at *ret_status. */
struct vault_secret *vault_verb_new_key(struct vault_verb *v, struct vault_header *header, bool has_one, char **ret_hint, int *ret_status);
