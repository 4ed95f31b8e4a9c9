/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person signs to answer a card: a short text that says which call of which session he means, what he was shown of it, and
 * what he says to it. Whoever verifies writes the text from his own card; it is never taken from the one who signed. Format:
 * docs/approvals.md.
 */
#pragma once

#include "card.h"

#define STATEMENT_NAMESPACE "leastwise-approval" /* what ssh-keygen is given with -n */

/* Appends the text, which fits into LIMIT_STATEMENT_BYTES: 0 or -ENOMEM. */
int statement_write(struct buf *out, const struct card *card, bool approve);

/* SHA-256 over what a card shows of the call, each text with its length: who shows one card and has the answer to another signed
 * gets a signature that is good for neither. */
void statement_shown(uint8_t ret[32], const struct card *card);
