/* SPDX-License-Identifier: Apache-2.0
 *
 * Tells a caller what is wrong with policies: the compiler's diagnostics, and those about what the caller does not see to.
 */
#pragma once

#include "library.h"

/* Adds an error for everything in the set that is not among @enforces. True when there was any. */
bool diagnose_not_enforced(const struct policy_set *set, uint32_t enforces, struct diagnostics *diags);

/* Calls the caller's function for each. 0 or -LEASTWISE_ERROR_MEMORY. */
int diagnose_all(const struct diagnostics *diags, leastwise_diagnostic_fn diagnose, void *userdata);
