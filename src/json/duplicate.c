/* SPDX-License-Identifier: Apache-2.0 */
#include "duplicate.h"

#include "alloc.h"
#include "pieces.h"
#include "siphash.h"

/* Up to here comparing each with each is cheaper than hashing. */
#define PAIRWISE_MEMBERS 16U

/* A row of the hash table, half of it full at the most. */
struct slot {
        uint32_t name; /* index of its token; 0 (no name has it) means empty */
        uint32_t hash;
};

struct table {
        struct slot *slots;
        uint32_t mask;
};

/* The table in the document's scratch memory, empty, for @count names. */
static bool table_init(struct table *table, struct json_doc *doc, size_t count)
{
        const size_t per_slot = sizeof(struct slot) / sizeof(*doc->scratch);
        size_t slots = 2 * PAIRWISE_MEMBERS;

        while (slots < 2 * count)
                slots *= 2;
        if (slots > UINT32_MAX / per_slot)
                return false;
        if (doc->scratch_capacity < slots * per_slot) {
                uint32_t *grown = mem_resize(doc->scratch, slots * sizeof(struct slot));

                if (!grown)
                        return false;
                doc->scratch = grown;
                doc->scratch_capacity = (uint32_t)(slots * per_slot);
        }
        memset(doc->scratch, 0, slots * sizeof(struct slot));
        table->slots = (struct slot *)(void *)doc->scratch;
        table->mask = (uint32_t)slots - 1;
        return true;
}

static uint32_t hash_of(const struct json_doc *doc, uint32_t name)
{
        struct json_pieces pieces;
        struct siphash hash;
        struct str piece;

        siphash_init(&hash, doc->seed);
        if (!doc->tokens[name].escaped) {
                siphash_update(&hash, json_raw_string(doc, name));
        } else {
                json_pieces_init(&pieces, doc, name);
                while (json_pieces_next(&pieces, &piece))
                        siphash_update(&hash, piece);
        }
        return (uint32_t)siphash_end(&hash);
}

/* False when a name of the same value is in the table already. */
static bool table_add(const struct table *table, const struct json_doc *doc, uint32_t name)
{
        uint32_t hash = hash_of(doc, name);

        for (uint32_t i = hash & table->mask;; i = (i + 1) & table->mask) {
                struct slot *slot = &table->slots[i];

                if (slot->name == 0) {
                        *slot = (struct slot){ name, hash };
                        return true;
                }
                if (slot->hash == hash && json_strings_equal(doc, slot->name, name))
                        return false;
        }
}

static enum json_error check_hashed(struct json_doc *doc, uint32_t object, uint32_t members, uint32_t *ret_name)
{
        struct table table;

        if (!table_init(&table, doc, members))
                return JSON_NO_MEMORY;
        for (uint32_t name = object + 1; name < doc->count; name = doc->tokens[name + 1].next) {
                if (!table_add(&table, doc, name)) {
                        *ret_name = name;
                        return JSON_DUPLICATE_MEMBER;
                }
        }
        return JSON_OK;
}

enum json_error json_check_members(struct json_doc *doc, uint32_t object, uint32_t members, uint32_t *ret_name)
{
        const struct json_token *tokens = doc->tokens;
        struct str names[PAIRWISE_MEMBERS] UNINITIALIZED;
        uint32_t n = 0;

        if (members > PAIRWISE_MEMBERS)
                return check_hashed(doc, object, members, ret_name);
        for (uint32_t name = object + 1; name < doc->count; name = tokens[name + 1].next) {
                struct str s = json_raw_string(doc, name);

                /* Comparing long escaped names each with each would be slow. */
                if (tokens[name].escaped)
                        return check_hashed(doc, object, members, ret_name);
                for (uint32_t i = 0; i < n; i++) {
                        /* The first byte (a quote, if empty) spares most calls. */
                        if (names[i].len == s.len && *names[i].ptr == *s.ptr &&
                            memcmp(names[i].ptr, s.ptr, s.len) == 0) {
                                *ret_name = name;
                                return JSON_DUPLICATE_MEMBER;
                        }
                }
                names[n++] = s;
        }
        return JSON_OK;
}

long json_find_duplicate(struct json_doc *doc, const uint32_t *names, size_t count)
{
        struct table table;

        if (count < 2)
                return -1;
        if (!table_init(&table, doc, count))
                return -2;
        for (size_t i = 0; i < count; i++) {
                if (!table_add(&table, doc, names[i]))
                        return (long)i;
        }
        return -1;
}
