/* SPDX-License-Identifier: Apache-2.0
 *
 * The few things that the benchmark's two ends need to see in a line. They know where the TypeScript SDK puts
 * members and how it spells them; the proxy, which must not rely on that, has a reader.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

/* Is it {"method":"<method>", ...? */
bool protocol_is_method(struct str line, struct str method);

/* Is it {"method":"tools/call","params":{"name":"<tool>", ...? */
bool protocol_is_call_of(struct str line, struct str tool);

/* The text of the last member, if that is "id". */
bool protocol_id(struct str line, struct str *ret);

/* The decimal number behind the first @marker. */
bool protocol_integer_after(struct str line, struct str marker, uint64_t *ret);
