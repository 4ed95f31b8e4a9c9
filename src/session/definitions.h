/* SPDX-License-Identifier: Apache-2.0
 *
 * What the server's lists said of its tools: the text of a schema of each one, by name. Taken from the lists that pass by, page
 * by page, until a new list begins. Of a name that was listed with two different schemas nothing is known, nor of a schema
 * past a limit; memory is bounded by LIMIT_DEFINITIONS, LIMIT_DEFINITION_BYTES and LIMIT_DEFINITIONS_BYTES.
 */
#pragma once

#include "definition.h"
#include "json.h"
#include "limit.h"

/* What a server says of a tool's nature in its annotations; what it does not say is not there. */
enum tool_hint {
        HINT_READS_ONLY = 1 << 0,
        HINT_DESTROYS = 1 << 1,
        HINT_DESTROYS_NOT = 1 << 2,
        HINT_REPEATABLE = 1 << 3,
        HINT_OUTSIDE = 1 << 4,
        HINT_INSIDE = 1 << 5,
};

/* What approvals go by: the whole definition's digest, and the annotations. */
struct definition_facts {
        struct definition_digest digest;
        unsigned hints;
};

struct definition {
        uint64_t hash;
        uint32_t name_at, name_len, schema_at, schema_len; /* in `texts` */
        bool has_facts; /* of the only definition under that name */
        struct definition_facts facts;
        bool known; /* false: there is a tool of that name, but no one schema to go by */
};

struct definitions {
        struct definition *list;
        uint32_t count, cap;
        uint64_t seed[2];
        uint32_t *slots; /* index in `list` + 1 by hash; 0 = empty */
        uint32_t slot_count;
        struct buf texts;
        struct json_doc read[LIMIT_DEFINITIONS_READ]; /* schemas read from `texts`, each in the place of its index */
        uint32_t read_of[LIMIT_DEFINITIONS_READ];     /* index in `list` + 1; 0 = none */
        bool lost; /* a tool of the list is not kept */
};

void definitions_init(struct definitions *d, const uint64_t seed[2]);
void definitions_deinit(struct definitions *d); /* idempotent */

/* A new list begins: nothing is known. */
void definitions_forget(struct definitions *d);

/* @schema: its JSON text; empty: it has none. @facts may be NULL. Without memory the tool is not known. */
void definitions_add(struct definitions *d, struct str name, struct str schema, const struct definition_facts *facts);

/* NULL when they are not known. Valid as the schema is. */
const struct definition_facts *definitions_facts(const struct definitions *d, struct str name);

/* Was there a tool of that name? Also true when that cannot be told. */
bool definitions_has(const struct definitions *d, struct str name);

/* The tool's schema, read: its root is token 0. NULL when it is not known, or cannot be read; what is no JSON (two names in it that
 * became one when a secret was taken out of both) is read once. Valid until the next call of any of these. */
const struct json_doc *definitions_find(struct definitions *d, struct str name);
