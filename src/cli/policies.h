/* SPDX-License-Identifier: Apache-2.0
 *
 * The policy options that several verbs share: --policy, --agent, --bind.
 */
#pragma once

#include "options.h"
#include "policy.h"

/* Rows for a verb's table of options. */
#define POLICIES_OPTIONS { "policy", true, true }, { "agent", true, false }, { "bind", true, true }

/* Loads what the options name, with diagnostics on stderr: 0 with *ret owned by the caller, or the exit status. */
int policies_load(struct policy_set **ret, const char *verb, const struct options *options, bool colour);
