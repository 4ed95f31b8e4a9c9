/* SPDX-License-Identifier: Apache-2.0
 *
 * The lints of `leastwise check`, with what they need of the outside: the day, the tools that the policies' locks name, and
 * how many people may approve.
 */
#pragma once

#include "approvers.h"
#include "lint.h"
#include "pin_files.h"

/* @from: the first of the policies that are looked at. @approvers: NULL when no policy names any. 0 or -ENOMEM. */
int check_lint(const struct policy_set *set, const struct pin_files *pins, const struct approvers *approvers, size_t from,
        struct diagnostics *diags);
