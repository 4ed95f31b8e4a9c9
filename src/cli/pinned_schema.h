/* SPDX-License-Identifier: Apache-2.0
 *
 * A call's arguments against the schema of the tool, where a lock of pins has its definition: as a session would hold
 * them against the schema that the server lists, which must be the pinned one.
 */
#pragma once

#include "policy.h"
#include "schema.h"

struct pinned_schema {
        char *lock; /* where the definition is; NULL: none is at hand */
        struct schema_result result;
};

/* @token 0: there are no arguments. What cannot be read is not at hand. */
void pinned_schema_check(struct pinned_schema *ret, const struct policy_set *set, struct str tool,
        const struct json_doc *doc, uint32_t token);
void pinned_schema_deinit(struct pinned_schema *schema); /* idempotent */
