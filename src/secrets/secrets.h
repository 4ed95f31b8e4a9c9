/* SPDX-License-Identifier: Apache-2.0
 *
 * Gets credentials' values from where a policy says they are. Values live in memory that is wiped; nothing here
 * prints, logs or puts one into an error message.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol.h"
#include "str.h"

enum secret_from { SECRET_ENV, SECRET_FILE, SECRET_SYSTEMD, SECRET_KEYRING, SECRET_VAULT, SECRET_EXEC };

struct secret_source {
        struct str env_name; /* for messages */
        enum secret_from from;
        struct str source;      /* env: the variable's name; file: absolute path; systemd, vault: the name there */
        struct str vault;       /* vault: its file; empty: the user's own */
        const struct str *argv; /* exec: the program (absolute, or looked up in PATH) and its arguments; keyring: attributes and their
                                 * values in turn */
        size_t argc;
        const struct str *inherit; /* exec: names of our environment that it gets besides */
        size_t inherit_count;      /* at most SECRET_INHERIT_MAX */
        enum secret_protocol protocol; /* exec */
        struct str field; /* exec: what of the answer is wanted (protocol.h) */
        struct str url;   /* exec: what for, where the protocol asks that */
        uint64_t ttl_ms;  /* from now on it is good for so long, unless the answer says; 0: for good */
        uint32_t timeout_ms; /* exec and keyring */
        bool lines;          /* it may have several lines: it is handed over in a file */
        int watcher_fd;      /* exec and keyring: as helper_start() has it; 0: nobody watches */
        int cancel_fd;       /* exec and keyring: once it can be read, nobody wants the value any more (-ECANCELED); 0: none */
        uint32_t cancel_ms;  /* what is left to a program then */
};

#define SECRET_INHERIT_MAX 16U

struct secret {
        char *value; /* NUL-terminated, in locked memory where the machine allows; contains no NUL, and no newline unless `lines` */
        size_t len;
        bool expires;
        int64_t expires_s; /* seconds since 1970, as it was said */
        /* The same, and when it is time for another one, in milliseconds of CLOCK_BOOTTIME: that clock is never set, and goes on while
         * the machine sleeps. */
        uint64_t expires_ms, renew_ms;
};

/* Gets them all in their order; sources that run the same program in the same way run it once. 0; or negative with nothing in @ret and
 * *ret_message (freed by mem_free): names the env name, the provider and what to do, never a value.
 *
 * env: empty or unset is an error. file: regular, owned by the user or root, not readable by others; one trailing
 * newline is cut. systemd: such a file in $CREDENTIALS_DIRECTORY. exec: no shell, scrubbed environment (HOME PATH USER LOGNAME LANG,
 * `inherit`, and what the protocol has), stdin what the protocol has or /dev/null, stdout as the protocol has it, stderr discarded, killed
 * with its process group at the time limit; a non-zero exit is an error. keyring: secret-tool, in the same way, with the session's bus. vault: it must be unlocked.
 * Values of which secret_bare() leaves less than 8 bytes, that are longer than LIMIT_CREDENTIAL_BYTES, with control characters, or past their time
 * are errors; a user's name may be short. May be called from any thread. */
int secrets_get(struct secret *ret, const struct secret_source *sources, size_t count, char **ret_message);
int secret_get(struct secret *ret, const struct secret_source *source, char **ret_message);
void secret_wipe(struct secret *secret); /* idempotent */

/* What is left of a value that somebody reads as most do: without a byte order mark in front, and white space at its ends. */
struct str secret_bare(struct str value);

/* Of what is not a secret in itself: it may be short, and then it is not hidden in what servers say. */
bool secret_is_public(const struct secret_source *source);

/* Sets when it expires and when it is to be renewed: at 80 % of its life or a minute before its end, whichever is first, but not in
 * the first half. False, with nothing set, when it has ended. */
bool secret_set_life(struct secret *secret, int64_t expires_s, int64_t now_s, uint64_t boot_ms);

/* The file that a program's name means. 0 with *ret_file (freed by mem_free), or negative with the reason appended to @why. */
struct buf;
int secret_program(struct str name, char **ret_file, struct buf *why);
