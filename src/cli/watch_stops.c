/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_stops.h"

#include <stdio.h>
#include <string.h>

void watch_stops_clear(struct watch_stops *s, unsigned source)
{
        size_t kept = 0;

        for (size_t i = 0; i < s->count; i++) {
                if (s->list[i].source != source)
                        s->list[kept++] = s->list[i];
        }
        s->count = kept;
}

void watch_stops_add(struct watch_stops *s, unsigned source, const struct stop_told *stop)
{
        struct watch_stop *place;

        if (s->count == WATCH_STOPS_MAX)
                return;
        place = &s->list[s->count++];
        *place = (struct watch_stop){ .source = source, .system = stop->system };
        memcpy(place->id, stop->id, sizeof(place->id));
        snprintf(place->text, sizeof(place->text), "%.*s: %.*s", STR_FMT(stop->what), STR_FMT(stop->because));
}

static bool is_same(const struct watch_stop *a, const struct watch_stop *b)
{
        return a->system == b->system && strcmp(a->id, b->id) == 0 && strcmp(a->text, b->text) == 0;
}

/* Has it not been counted yet, of another session? */
static bool is_first(const struct watch_stops *s, size_t index)
{
        for (size_t i = 0; i < index; i++)
                if (is_same(&s->list[i], &s->list[index]))
                        return false;
        return true;
}

size_t watch_stops_count(const struct watch_stops *s)
{
        size_t count = 0;

        for (size_t i = 0; i < s->count; i++)
                count += is_first(s, i);
        return count;
}

const struct watch_stop *watch_stops_at(const struct watch_stops *s, size_t index)
{
        for (size_t i = 0; i < s->count; i++)
                if (is_first(s, i) && index-- == 0)
                        return &s->list[i];
        return NULL;
}
