/* SPDX-License-Identifier: Apache-2.0
 *
 * Names that some reader takes for one another. Many decoders fold case, see a long s (U+017F) or the Kelvin sign (U+212A) as s
 * and k, or let underscores and hyphens be; they find in {"path":A,"Path":B} one member twice and keep one of the two, so that what
 * was decided about A would hold for B. Members of arguments are meant here; session/look_alike.c is about the protocol's own.
 */
#pragma once

#include "json.h"

/* Has @object a member that is not called @name but may be taken for it? */
bool json_has_alike(const struct json_doc *doc, uint32_t object, struct str name);
