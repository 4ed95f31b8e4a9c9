/* SPDX-License-Identifier: Apache-2.0
 *
 * Members that verbs leave out of their JSON when they have nothing to say.
 */
#pragma once

#include "writer.h"

static inline void json_member_text(struct json_writer *w, struct str name, struct str value)
{
        if (value.len == 0)
                return;
        json_name(w, name);
        json_string(w, value);
}

static inline void json_member_number(struct json_writer *w, struct str name, uint32_t value)
{
        if (value == 0)
                return;
        json_name(w, name);
        json_unsigned(w, value);
}
