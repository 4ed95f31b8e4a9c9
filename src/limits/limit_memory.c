/* SPDX-License-Identifier: Apache-2.0 */
#include "alloc.h"
#include "limit_store.h"
#include "window.h"

struct kept {
        struct kept *next;
        char *state;
        struct window window;
};

struct limit_memory {
        struct kept *first;
};

struct limit_memory *limit_memory_new(void)
{
        return mem_calloc(1, sizeof(struct limit_memory));
}

struct limit_memory *limit_memory_free(struct limit_memory *memory)
{
        while (memory && memory->first) {
                struct kept *next = memory->first->next;

                mem_free(memory->first->state);
                mem_free(memory->first);
                memory->first = next;
        }
        mem_free(memory);
        return NULL;
}

static struct kept *find(struct limit_memory *memory, struct str state)
{
        for (struct kept *k = memory->first; k; k = k->next) {
                if (str_eq(str_from(k->state), state))
                        return k;
        }
        return NULL;
}

static struct kept *find_or_add(struct limit_memory *memory, const struct limit_use *use)
{
        struct kept *k = find(memory, use->state);

        if (k)
                return k->window.span_ms == use->span_ms ? k : NULL;
        k = mem_calloc(1, sizeof(*k));
        if (!k)
                return NULL;
        k->state = str_dup(use->state);
        if (!k->state) {
                mem_free(k);
                return NULL;
        }
        window_init(&k->window, use->span_ms);
        k->next = memory->first;
        memory->first = k;
        return k;
}

static enum limit_store_result reserve(void *userdata, struct limit_use *uses, size_t count, uint64_t now_ms, size_t *ret_at,
        struct buf *problem)
{
        struct limit_memory *memory = userdata;

        for (size_t i = 0; i < count; i++) {
                struct kept *k = find_or_add(memory, &uses[i]);

                if (!k) {
                        buf_append_str(problem, STR("out of memory"));
                        return LIMIT_STORE_FAILED;
                }
                window_advance(&k->window, now_ms);
                if (!window_has_room(&k->window, uses[i].most, uses[i].add)) {
                        uses[i].used = window_used(&k->window);
                        uses[i].frees_at_ms = window_frees_at(&k->window, uses[i].most, uses[i].add);
                        *ret_at = i;
                        return LIMIT_STORE_EXHAUSTED;
                }
        }
        /* Room there is, and a sum that fits can be counted. */
        for (size_t i = 0; i < count; i++)
                (void)window_add(&find(memory, uses[i].state)->window, uses[i].add, &uses[i].part);
        return LIMIT_STORE_RESERVED;
}

static void give_back(void *userdata, struct limit_use *uses, size_t count)
{
        struct limit_memory *memory = userdata;

        for (size_t i = 0; i < count; i++) {
                struct kept *k = find(memory, uses[i].state);

                if (k)
                        window_give_back(&k->window, uses[i].part, uses[i].add);
        }
}

struct limit_store limit_memory_store(struct limit_memory *memory)
{
        return (struct limit_store){ .reserve = reserve, .give_back = give_back, .userdata = memory };
}
