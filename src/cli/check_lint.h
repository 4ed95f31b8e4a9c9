/* SPDX-License-Identifier: Apache-2.0
 *
 * The lints of `leastwise check`, with what they need of the outside: the day, and the tools that the policies' locks name.
 */
#pragma once

#include "lint.h"
#include "pin_files.h"

/* @from: the first of the policies that are looked at. 0 or -ENOMEM. */
int check_lint(const struct policy_set *set, const struct pin_files *pins, size_t from, struct diagnostics *diags);
