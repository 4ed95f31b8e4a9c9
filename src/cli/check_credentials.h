/* SPDX-License-Identifier: Apache-2.0
 *
 * What `leastwise check` says of a policy's credentials: where each comes from, never what it is. Nothing is fetched.
 */
#pragma once

#include "policy.h"

/* Appends a line for each credential of the policy with that index. */
void check_credentials(const struct policy_set *set, size_t policy, struct buf *out);
