/* SPDX-License-Identifier: Apache-2.0 */
#include "pending.h"

#include <string.h>

#include "alloc.h"

#define FIRST_SLOTS 64U

void pending_init(struct pending_table *t, const uint64_t seed[2])
{
        *t = (struct pending_table){ .seed = { seed[0], seed[1] } };
}

static void release(struct pending_table *t, struct pending_request *e)
{
        if (e->kept)
                t->release(t->userdata, e->kept);
        e->kept = NULL;
}

void pending_deinit(struct pending_table *t)
{
        for (uint32_t i = 0; i < t->slot_count; i++) {
                if (t->slots[i].used)
                        release(t, &t->slots[i]);
                mem_free(t->slots[i].string);
        }
        mem_free(t->slots);
        mem_free(t->buckets);
        *t = (struct pending_table){ .seed = { t->seed[0], t->seed[1] } };
}

static uint32_t *bucket_of(const struct pending_table *t, const struct rpc_id *id)
{
        return &t->buckets[(rpc_id_hash(id, t->seed) >> 32) & (t->bucket_count - 1)];
}

static bool grow(struct pending_table *t)
{
        uint32_t cap = t->slot_cap ? t->slot_cap * 2 : FIRST_SLOTS;
        struct pending_request *slots = mem_resize(t->slots, cap * sizeof(*slots));
        uint32_t *buckets;

        if (!slots)
                return false;
        t->slots = slots;
        /* String ids point to their slot's own heap memory, so moving the slots does not move them. */
        buckets = mem_calloc(cap, sizeof(*buckets));
        if (!buckets)
                return false;
        mem_free(t->buckets);
        t->buckets = buckets;
        t->bucket_count = cap;
        t->slot_cap = cap;
        for (uint32_t i = 0; i < t->slot_count; i++) {
                uint32_t *bucket;

                if (!t->slots[i].used)
                        continue;
                bucket = bucket_of(t, &t->slots[i].id);
                t->slots[i].next = *bucket;
                *bucket = i + 1;
        }
        return true;
}

static struct pending_request *find(const struct pending_table *t, const struct rpc_id *id,
        bool (*same)(const struct rpc_id *, const struct rpc_id *))
{
        if (!t->bucket_count)
                return NULL;
        for (uint32_t i = *bucket_of(t, id); i; i = t->slots[i - 1].next)
                if (same(&t->slots[i - 1].id, id))
                        return &t->slots[i - 1];
        return NULL;
}

static bool make_room(struct pending_request *e, size_t len)
{
        char *bigger;

        if (e->string_cap >= len)
                return true;
        bigger = mem_resize(e->string, len);
        if (!bigger)
                return false;
        e->string = bigger;
        e->string_cap = (uint32_t)len;
        return true;
}

static bool keep_string(struct pending_request *e, const struct rpc_id *id)
{
        if (id->kind != RPC_ID_STRING)
                return true;
        if (!make_room(e, id->string.len))
                return false;
        if (id->string.len)
                memcpy(e->string, id->string.ptr, id->string.len);
        e->id.string = str_of(e->string, id->string.len);
        return true;
}

static struct pending_request *take_slot(struct pending_table *t)
{
        struct pending_request *e;

        if (t->free) {
                e = &t->slots[t->free - 1];
                t->free = e->next;
                return e;
        }
        if (t->slot_count == t->slot_cap && !grow(t))
                return NULL;
        e = &t->slots[t->slot_count++];
        *e = (struct pending_request){ 0 };
        return e;
}

static void give_slot(struct pending_table *t, struct pending_request *e)
{
        release(t, e);
        e->used = false;
        e->next = t->free;
        t->free = (uint32_t)(e - t->slots) + 1;
}

enum pending_error pending_add(struct pending_table *t, const struct rpc_id *id, struct pending_request **ret)
{
        struct pending_request *e;
        uint32_t *bucket;

        if (find(t, id, rpc_id_confusable))
                return PENDING_CONFUSABLE;
        if (t->in_flight >= LIMIT_IN_FLIGHT)
                return PENDING_FULL;
        e = take_slot(t);
        if (!e)
                return PENDING_NO_MEMORY;
        *e = (struct pending_request){ .string = e->string, .string_cap = e->string_cap, .id = *id };
        if (!keep_string(e, id)) {
                give_slot(t, e);
                return PENDING_NO_MEMORY;
        }
        e->used = true;
        bucket = bucket_of(t, &e->id);
        e->next = *bucket;
        *bucket = (uint32_t)(e - t->slots) + 1;
        t->in_flight++;
        *ret = e;
        return PENDING_OK;
}

static size_t id_len(const struct pending_request *e)
{
        return e->id.kind == RPC_ID_STRING ? e->id.string.len : 0;
}

bool pending_keep_tool(struct pending_request *entry, struct str tool)
{
        size_t at = id_len(entry);

        if (!make_room(entry, at + tool.len))
                return false;
        if (entry->id.kind == RPC_ID_STRING)
                entry->id.string = str_of(entry->string, at);
        if (tool.len)
                memcpy(entry->string + at, tool.ptr, tool.len);
        entry->tool_len = (uint32_t)tool.len;
        return true;
}

struct str pending_tool(const struct pending_request *entry)
{
        return entry->tool_len ? str_of(entry->string + id_len(entry), entry->tool_len) : STR("");
}

struct pending_request *pending_find(const struct pending_table *t, const struct rpc_id *id)
{
        return find(t, id, rpc_id_equal);
}

void pending_remove(struct pending_table *t, struct pending_request *entry)
{
        uint32_t index = (uint32_t)(entry - t->slots) + 1;
        uint32_t *link = bucket_of(t, &entry->id);

        while (*link != index)
                link = &t->slots[*link - 1].next;
        *link = entry->next;
        if (entry->cancelled) {
                for (uint32_t i = 0; i < LIMIT_CANCELLED; i++)
                        if (t->cancelled_ring[i] == index)
                                t->cancelled_ring[i] = 0;
        } else {
                t->in_flight--;
        }
        give_slot(t, entry);
}

void pending_cancel(struct pending_table *t, struct pending_request *entry)
{
        uint32_t *place = &t->cancelled_ring[t->cancelled_at];

        if (entry->cancelled)
                return;
        if (*place)
                pending_remove(t, &t->slots[*place - 1]);
        t->cancelled_at = (t->cancelled_at + 1) % LIMIT_CANCELLED;
        *place = (uint32_t)(entry - t->slots) + 1;
        entry->cancelled = true;
        t->in_flight--;
}

struct pending_request *pending_any(const struct pending_table *t)
{
        for (uint32_t i = 0; i < t->slot_count; i++)
                if (t->slots[i].used && !t->slots[i].cancelled)
                        return &t->slots[i];
        return NULL;
}
