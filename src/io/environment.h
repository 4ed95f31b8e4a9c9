/* SPDX-License-Identifier: Apache-2.0
 *
 * The upstream's environment, exactly (threat: a server that is handed our whole environment has every token in it):
 * HOME PATH USER LOGNAME SHELL TERM as far as they are set (HOME, USER and LOGNAME are made up from the password
 * file), the names a policy inherits, the policy's plain values, the credentials. Later ones win.
 */
#pragma once

#include <stddef.h>

#include "buf.h"
#include "policy.h"

struct environment {
        struct buf block;  /* NAME=VALUE with their NULs; wiped */
        char **entries;    /* into block; NULL-terminated */
        size_t count;
};

/* A credential's name and value. */
struct environment_secret {
        struct str name, value;
};

/* `{{NAME}}` in the policy's values and in those that are inherited becomes the credential of that name. 0; -ENOMEM; -ENOENT when there is
 * none, with a sentence about it at @why. What the environment held before is gone. */
int environment_build(struct environment *ret, const struct policy_launch *policy,
        const struct environment_secret *secrets, size_t count, struct buf *why);

/* The value of @name in it, or NULL. */
const char *environment_get(const struct environment *env, const char *name);

void environment_wipe(struct environment *env); /* idempotent */
