/* SPDX-License-Identifier: Apache-2.0 */
#include "limit_counters.h"

#include <errno.h>

#include "alloc.h"
#include "limit.h"

static bool is_free(const struct limit_counter *counter)
{
        return !counter->state;
}

static void free_counter(struct limit_counter *counter)
{
        mem_free(counter->state);
        mem_free(counter->title);
        *counter = (struct limit_counter){ .state = NULL };
}

void limit_counters_deinit(struct limit_counters *c)
{
        for (size_t i = 0; i < c->count; i++)
                free_counter(&c->list[i]);
        mem_free(c->list);
        *c = (struct limit_counters){ .list = NULL };
}

/* Where one more can stand; NULL without memory. */
static struct limit_counter *place_for_one(struct limit_counters *c)
{
        struct limit_counter *bigger;

        for (size_t i = 0; i < c->count; i++) {
                if (is_free(&c->list[i]))
                        return &c->list[i];
        }
        bigger = mem_resize(c->list, (c->count + 1) * sizeof(*bigger));
        if (!bigger)
                return NULL;
        c->list = bigger;
        bigger[c->count] = (struct limit_counter){ .state = NULL };
        return &bigger[c->count++];
}

/* Its index, or the number of all. */
static size_t look_for(const struct limit_counters *c, struct str state)
{
        size_t i = 0;

        while (i < c->count && (is_free(&c->list[i]) || !str_eq(str_from(c->list[i].state), state)))
                i++;
        return i;
}

int limit_counters_get(struct limit_counters *c, const struct policy_limit *limit, size_t *ret)
{
        struct limit_counter fresh = { .span_ms = limit->window_ms, .used = c->forgotten }, *place;
        const size_t found = look_for(c, limit->state);

        if (found < c->count) {
                *ret = found;
                return 0;
        }
        place = place_for_one(c);
        fresh.state = str_dup(limit->state);
        fresh.title = str_dup(limit->id);
        if (!place || !fresh.state || !fresh.title) {
                free_counter(&fresh);
                return -ENOMEM;
        }
        *place = fresh;
        *ret = (size_t)(place - c->list);
        return 0;
}

size_t limit_counters_find(const struct limit_counters *c, struct str state)
{
        const size_t found = look_for(c, state);

        return found < c->count ? found : c->count - 1;
}

void limit_counters_drop(struct limit_counters *c, bool (*is_named)(const void *userdata, size_t counter), const void *userdata)
{
        size_t kept = 0;

        for (size_t i = 0; i < c->count; i++) {
                struct limit_counter *counter = &c->list[i];

                if (is_free(counter) || counter->tickets || is_named(userdata, i))
                        continue;
                if (!counter->span_ms && amount_cmp(counter->used, c->forgotten) > 0) {
                        if (kept++ < LIMIT_COUNTERS_KEPT)
                                continue;
                        c->forgotten = counter->used;
                }
                free_counter(counter);
        }
}

size_t limit_counters_number(const struct limit_counters *c)
{
        size_t count = 0;

        for (size_t i = 0; i < c->count; i++)
                count += !is_free(&c->list[i]);
        return count;
}
