/* SPDX-License-Identifier: Apache-2.0 */
#include "definitions.h"

#include "alloc.h"
#include "siphash.h"

/* Memory that an ordinary list needs, kept from one list to the next. */
#define TEXTS_KEEP (256U << 10)
#define TOKENS_KEEP 4096U
#define SLOTS_MIN 64U

void definitions_init(struct definitions *d, const uint64_t seed[2])
{
        *d = (struct definitions){ .texts = BUF_INIT(LIMIT_DEFINITIONS_BYTES), .seed = { seed[0], seed[1] } };
        for (size_t i = 0; i < LIMIT_DEFINITIONS_READ; i++)
                json_doc_init(&d->read[i], seed);
}

void definitions_deinit(struct definitions *d)
{
        mem_free(d->list);
        mem_free(d->slots);
        d->list = NULL;
        d->slots = NULL;
        d->count = d->cap = d->slot_count = 0;
        buf_deinit(&d->texts);
        for (size_t i = 0; i < LIMIT_DEFINITIONS_READ; i++) {
                json_doc_deinit(&d->read[i]);
                d->read_of[i] = 0;
        }
}

/* What has been read points into texts that are about to move. */
static void forget_read(struct definitions *d)
{
        for (size_t i = 0; i < LIMIT_DEFINITIONS_READ; i++)
                d->read_of[i] = 0;
}

void definitions_forget(struct definitions *d)
{
        forget_read(d);
        d->count = 0;
        d->lost = false;
        if (d->slots)
                memset(d->slots, 0, d->slot_count * sizeof(*d->slots));
        buf_clear(&d->texts, TEXTS_KEEP);
}

static struct str text_at(const struct definitions *d, uint32_t at, uint32_t len)
{
        return str_of(d->texts.data + at, len);
}

/* The names are the server's: by a hash that it can foretell it could put them all behind one slot. */
static uint64_t hash_of(const struct definitions *d, struct str name)
{
        struct siphash h;

        siphash_init(&h, d->seed);
        siphash_update(&h, name);
        return siphash_end(&h);
}

/* The slot of that name, or the empty one where it belongs. There always is an empty one. */
static uint32_t *find_slot(const struct definitions *d, uint64_t hash, struct str name)
{
        uint32_t i = (uint32_t)hash & (d->slot_count - 1);

        for (; d->slots[i]; i = (i + 1) & (d->slot_count - 1)) {
                const struct definition *one = &d->list[d->slots[i] - 1];

                if (one->hash == hash && str_eq(text_at(d, one->name_at, one->name_len), name))
                        break;
        }
        return &d->slots[i];
}

static bool grow_slots(struct definitions *d)
{
        uint32_t count = d->slot_count ? d->slot_count * 2 : SLOTS_MIN;
        uint32_t *slots = mem_calloc(count, sizeof(*slots));

        if (!slots)
                return false;
        mem_free(d->slots);
        d->slots = slots;
        d->slot_count = count;
        for (uint32_t i = 0; i < d->count; i++) {
                const struct definition *one = &d->list[i];

                *find_slot(d, one->hash, text_at(d, one->name_at, one->name_len)) = i + 1;
        }
        return true;
}

/* Room for one more, with at least half of the slots empty. */
static bool make_room(struct definitions *d)
{
        if (d->count == d->cap) {
                uint32_t cap = d->cap ? d->cap * 2 : SLOTS_MIN;
                struct definition *list = mem_resize(d->list, cap * sizeof(*list));

                if (!list)
                        return false;
                d->list = list;
                d->cap = cap;
        }
        return (d->count + 1) * 2 <= d->slot_count || grow_slots(d);
}

static bool keep_text(struct definitions *d, struct str text, uint32_t *ret_at, uint32_t *ret_len)
{
        *ret_at = (uint32_t)d->texts.len;
        *ret_len = (uint32_t)text.len;
        return buf_append_str(&d->texts, text) == 0;
}

void definitions_add(struct definitions *d, struct str name, struct str schema, const struct definition_facts *facts)
{
        uint64_t hash = hash_of(d, name);
        uint32_t *slot;
        bool fits = schema.len > 0 && schema.len <= LIMIT_DEFINITION_BYTES;
        struct definition *one;

        forget_read(d);
        slot = d->slot_count ? find_slot(d, hash, name) : NULL;
        if (slot && *slot) {
                one = &d->list[*slot - 1];
                one->known &= fits && str_eq(text_at(d, one->schema_at, one->schema_len), schema);
                one->has_facts &= facts && definition_digest_eq(&one->facts.digest, &facts->digest);
                return;
        }
        if (d->count == LIMIT_DEFINITIONS || name.len > LIMIT_NAME_BYTES || !make_room(d)) {
                d->lost = true;
                return;
        }
        one = &d->list[d->count];
        *one = (struct definition){ .hash = hash, .has_facts = facts != NULL };
        if (facts)
                one->facts = *facts;
        if (!keep_text(d, name, &one->name_at, &one->name_len)) {
                d->lost = true;
                return;
        }
        one->known = fits && keep_text(d, schema, &one->schema_at, &one->schema_len);
        *find_slot(d, hash, name) = ++d->count;
}

bool definitions_has(const struct definitions *d, struct str name)
{
        return d->lost || (d->count && *find_slot(d, hash_of(d, name), name));
}

const struct json_doc *definitions_find(struct definitions *d, struct str name)
{
        enum json_error error;
        struct definition *one;
        uint32_t index, place;
        struct json_doc *doc;

        if (d->count == 0)
                return NULL;
        index = *find_slot(d, hash_of(d, name), name);
        if (!index || !d->list[index - 1].known)
                return NULL;
        one = &d->list[index - 1];
        place = index % LIMIT_DEFINITIONS_READ;
        doc = &d->read[place];
        if (d->read_of[place] == index)
                return doc;
        d->read_of[place] = 0;
        json_doc_shrink(doc, TOKENS_KEEP);
        error = json_read(doc, text_at(d, one->schema_at, one->schema_len));
        if (error != JSON_OK) {
                /* It would be read in vain each time. There may be memory again. */
                one->known = error == JSON_NO_MEMORY;
                return NULL;
        }
        d->read_of[place] = index;
        return doc;
}

const struct definition_facts *definitions_facts(const struct definitions *d, struct str name)
{
        uint32_t index = d->count ? *find_slot(d, hash_of(d, name), name) : 0;

        return index && d->list[index - 1].has_facts ? &d->list[index - 1].facts : NULL;
}
