/* SPDX-License-Identifier: Apache-2.0
 *
 * The params of grant/add and grant/revoke; for control_request.c.
 */
#pragma once

#include "control_request.h"

/* Fills @q: 0, or a code of control_request.h with *ret_message, which is static. Texts lie in the document or in @memory, which has
 * room for them. @params: an object's token, or 0. */
int control_grant_read(struct control_request *q, const struct json_doc *doc, uint32_t params, struct buf *memory,
        const char **ret_message);
