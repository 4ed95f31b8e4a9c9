/* SPDX-License-Identifier: Apache-2.0
 *
 * A program that prints a credential: its file and its environment.
 */
#pragma once

#include "provider.h"

/* HOME PATH USER LOGNAME LANG, the session's bus, what the protocol has, what the policy names. */
#define PROGRAM_ENVIRONMENT_MAX (5U + 2U + 4U + SECRET_INHERIT_MAX)

struct program_environment {
        char *entries[PROGRAM_ENVIRONMENT_MAX + 1]; /* borrowed from our own environment, or from here */
        size_t count;
        char bus[64], runtime[64];
};

/* The program's file, looked up in PATH's absolute directories. 0 with *ret_file (freed by mem_free), or negative with its reason. */
int program_find(struct str name, char **ret_file, struct buf *why);

/* What it is told of our environment: no more than it needs, other credentials least of all. */
void program_environment(struct program_environment *env, const struct secret_source *source);
