/* SPDX-License-Identifier: Apache-2.0
 *
 * What `leastwise secret COMMAND` can be.
 */
#pragma once

#include "vault_verb.h"

struct secret_command {
        const char *name; /* "secret set" */
        const struct option_spec *options;
        size_t operands_min, operands_max;
        const char *operands; /* what they are, for who forgot one */
        /* With operands and options as they should be. Returns the exit status. */
        int (*run)(struct vault_verb *v);
};

extern const struct secret_command secret_init, secret_set, secret_rotate, secret_rm, secret_import, secret_list, secret_show_meta,
        secret_export, secret_passwd, secret_accept;

/* What has been said on stdout has arrived there: EXIT_OK, else EXIT_INTERNAL. */
int secret_said(void);

/* "github/read=ghp_...", --value ghp_...: the value is known to whoever could see the command line. It is not repeated. */
int secret_refuse_value(const char *command);

/* Is it a name that a vault can have? Says so if not. */
bool secret_check_name(const struct vault_verb *v, const char *name);

/* The day of --expires, at whose end it ends: 0 with *ret_ms (0 for "never"), or an exit status. *ret_given: was it said? */
int secret_expiry(const struct vault_verb *v, uint64_t *ret_ms, bool *ret_given);

/* NAME=VALUE lines (secret_lines.c), as they are imported and exported; in locked memory. */
struct secret_line {
        struct str name, value;
};

/* Reads the next line off *@text, in place; a value in quotes loses them. 1 with *ret; 0 at the end; -EINVAL with the reason at @why. */
int secret_line_next(char **text, char *end, struct secret_line *ret, struct buf *why);
/* Writes one; the number of bytes, at most 2 * (name + value) + 4. */
size_t secret_line_write(char *to, struct str name, struct str value);
