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

static const struct task_id *find(const struct task_table *t, struct str id)
{
        uint64_t hash = str_hash(id);

        for (uint32_t i = 0; i < t->count; i++)
                if (t->ids[i].hash == hash && str_eq(str_of(t->ids[i].text, t->ids[i].len), id))
                        return &t->ids[i];
        return NULL;
}

bool tasks_know(const struct task_table *t, struct str id)
{
        return find(t, id) != NULL;
}

struct str tasks_tool(const struct task_table *t, struct str id)
{
        const struct task_id *task = find(t, id);

        return task ? str_of(task->text + task->len, task->tool_len) : STR("");
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

bool tasks_add(struct task_table *t, struct str id, struct str tool)
{
        struct task_id *place;
        char *text;

        if (id.len == 0 || id.len > LIMIT_ID_BYTES)
                return false;
        if (tasks_know(t, id))
                return true;
        text = mem_alloc(id.len + tool.len);
        if (!text)
                return false;
        memcpy(text, id.ptr, id.len);
        if (tool.len)
                memcpy(text + id.len, tool.ptr, tool.len);
        place = next_place(t);
        if (!place) {
                mem_free(text);
                return false;
        }
        *place = (struct task_id){ .text = text, .len = (uint32_t)id.len, .tool_len = (uint32_t)tool.len, .hash = str_hash(id) };
        return true;
}
