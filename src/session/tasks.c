/* SPDX-License-Identifier: Apache-2.0 */
#include "tasks.h"

#include <string.h>

#include "alloc.h"
#include "limit.h"

void tasks_init(struct task_table *t)
{
        *t = (struct task_table){ 0 };
}

void tasks_deinit(struct task_table *t)
{
        for (uint32_t i = 0; i < t->count; i++)
                mem_free(t->ids[i].text);
        mem_free(t->ids);
        tasks_init(t);
}

bool tasks_know(const struct task_table *t, struct str id)
{
        uint64_t hash = str_hash(id);

        for (uint32_t i = 0; i < t->count; i++)
                if (t->ids[i].hash == hash && str_eq(str_of(t->ids[i].text, t->ids[i].len), id))
                        return true;
        return false;
}

static struct task_id *next_place(struct task_table *t)
{
        struct task_id *place;

        if (t->count < t->cap)
                return &t->ids[t->count++];
        if (t->cap < LIMIT_TASKS) {
                uint32_t cap = t->cap ? t->cap * 2 : 16;
                struct task_id *bigger = mem_resize(t->ids, cap * sizeof(*bigger));

                if (!bigger)
                        return NULL;
                t->ids = bigger;
                t->cap = cap;
                return &t->ids[t->count++];
        }
        place = &t->ids[t->at];
        t->at = (t->at + 1) % t->cap;
        mem_free(place->text);
        return place;
}

bool tasks_add(struct task_table *t, struct str id)
{
        struct task_id *place;
        char *text;

        if (id.len == 0 || id.len > LIMIT_ID_BYTES)
                return false;
        if (tasks_know(t, id))
                return true;
        text = mem_alloc(id.len);
        if (!text)
                return false;
        memcpy(text, id.ptr, id.len);
        place = next_place(t);
        if (!place) {
                mem_free(text);
                return false;
        }
        *place = (struct task_id){ .text = text, .len = (uint32_t)id.len, .hash = str_hash(id) };
        return true;
}
