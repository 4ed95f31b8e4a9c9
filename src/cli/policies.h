/* SPDX-License-Identifier: Apache-2.0
 *
 * The policy options that several verbs share: --policy, --agent, --bind.
 */
#pragma once

#include "options.h"
#include "policy.h"

/* Rows for a verb's table of options. */
#define POLICIES_OPTIONS { "policy", true, true }, { "agent", true, false }, { "bind", true, true }

/* What the options name, for loading it more than once. Borrows from the options. */
struct policies_named {
        const char *paths[LIMIT_POLICIES];
        size_t count;
        struct policy_pair bindings[OPTIONS_MAX];
        struct policy_options how; /* points into this: it must not be copied */
};

/* 0, or the exit status with the reason said. */
int policies_name(struct policies_named *ret, const char *verb, const struct options *options);

/* Loads what the options name, with diagnostics on stderr: 0 with *ret owned by the caller, or the exit status. */
int policies_load(struct policy_set **ret, const char *verb, const struct options *options, bool colour);
