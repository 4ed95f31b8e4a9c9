/* SPDX-License-Identifier: Apache-2.0
 *
 * How verbs tell of decisions: a word for programs, half a sentence for people.
 */
#pragma once

#include "policy.h"

const char *reason_word(enum policy_reason reason); /* "no_rule" */
const char *reason_text(enum policy_reason reason); /* "no rule matches, and ..." */

/* "policies/demo.yaml:7:5"; without the numbers when there is no line. */
void place_append(struct buf *out, struct str file, uint32_t line, uint32_t column);
