/* SPDX-License-Identifier: Apache-2.0
 *
 * Gets a credential's value from where a policy says it is. Values live in memory that is wiped; nothing here
 * prints, logs or puts one into an error message.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "str.h"

enum secret_from { SECRET_ENV, SECRET_FILE, SECRET_EXEC, SECRET_VAULT };

struct secret_source {
        struct str env_name; /* for messages */
        enum secret_from from;
        struct str source;      /* env: the variable's name; file: absolute path; vault: the entry's name */
        struct str vault;       /* vault: absolute path of its file; empty: the user's own */
        const struct str *argv; /* exec: the program (absolute, or looked up in PATH) and its arguments */
        size_t argc;
        uint32_t timeout_ms;
        int watcher_fd; /* exec: as helper_start() has it; 0: nobody watches */
        int cancel_fd;  /* exec: once it can be read, nobody wants the value any more (-ECANCELED); 0: none */
};

struct secret {
        char *value; /* NUL-terminated, in locked memory where the machine allows; never contains NUL or newline */
        size_t len;
};

/* 0; or negative with *ret_message (freed by mem_free): names the env name, the provider and what to do, never a value.
 * env: empty or unset is an error. file: regular, owned by the user or root, not readable by others; one trailing
 * newline is cut. exec: no shell, scrubbed environment (HOME PATH USER LOGNAME LANG), stdin /dev/null, first line of stdout,
 * stderr discarded, killed with its process group at the time limit; a non-zero exit is an error. vault: it must be unlocked. Values
 * shorter than 8 bytes or longer than LIMIT_CREDENTIAL_BYTES, or with control characters, are errors. May be called from any thread. */
int secret_get(struct secret *ret, const struct secret_source *source, char **ret_message);
void secret_wipe(struct secret *secret); /* idempotent */
