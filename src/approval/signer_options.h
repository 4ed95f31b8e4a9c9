/* SPDX-License-Identifier: Apache-2.0
 *
 * The options of a line of allowed signers: namespaces="...", valid-after="...", valid-before="...". Private to the layer.
 */
#pragma once

#include "allowed_signers.h"

/* Reads @options into *ret: NULL, or a sentence that says what is wrong. */
const char *signer_options_read(struct signer *ret, struct str options);

/* Does the pattern list (commas; `*`, `?`; `!` takes back) match? */
bool signer_patterns_match(struct str patterns, struct str text);
