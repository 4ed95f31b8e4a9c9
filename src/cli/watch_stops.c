/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_stops.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static_assert(WATCH_STOPS_SESSIONS <= 64, "a bit of one word each");

/* The session's place, taken for it if it has none; WATCH_STOPS_SESSIONS: there is none. */
static unsigned place_of(struct watch_stops *s, unsigned source)
{
        unsigned free = WATCH_STOPS_SESSIONS;

        for (unsigned i = 0; i < WATCH_STOPS_SESSIONS; i++) {
                if (s->sessions[i].taken && s->sessions[i].source == source)
                        return i;
                if (!s->sessions[i].taken)
                        free = i;
        }
        if (free < WATCH_STOPS_SESSIONS)
                s->sessions[free] = (struct watch_stops_session){ .source = source, .taken = true };
        return free;
}

void watch_stops_clear(struct watch_stops *s, unsigned source)
{
        const unsigned place = place_of(s, source);
        size_t kept = 0;

        if (place == WATCH_STOPS_SESSIONS)
                return;
        for (size_t i = 0; i < s->count; i++) {
                s->list[i].holders &= ~(UINT64_C(1) << place);
                if (s->list[i].holders)
                        s->list[kept++] = s->list[i];
        }
        s->count = kept;
        s->sessions[place].taken = false;
}

static bool is_same(const struct watch_stop *a, const struct watch_stop *b)
{
        return a->system == b->system && strcmp(a->id, b->id) == 0 && strcmp(a->text, b->text) == 0;
}

/* The one that is as @stop, or the free place where it would stand; NULL: it is not there, and nothing is free. */
static struct watch_stop *find(struct watch_stops *s, const struct watch_stop *stop)
{
        for (size_t i = 0; i < s->count; i++)
                if (is_same(&s->list[i], stop))
                        return &s->list[i];
        return s->count < WATCH_STOPS_MAX ? &s->list[s->count] : NULL;
}

void watch_stops_add(struct watch_stops *s, unsigned source, const struct stop_told *stop)
{
        const unsigned place = place_of(s, source);
        struct watch_stop new = { .system = stop->system }, *at;

        if (place == WATCH_STOPS_SESSIONS) {
                s->lost_elsewhere++;
                return;
        }
        memcpy(new.id, stop->id, sizeof(new.id));
        snprintf(new.text, sizeof(new.text), "%.*s: %.*s", STR_FMT(stop->what), STR_FMT(stop->because));
        at = find(s, &new);
        if (!at) {
                s->sessions[place].lost++;
                return;
        }
        if (at == &s->list[s->count]) {
                *at = new;
                s->count++;
        }
        at->holders |= UINT64_C(1) << place;
}

size_t watch_stops_lost(const struct watch_stops *s)
{
        size_t lost = s->lost_elsewhere;

        for (unsigned i = 0; i < WATCH_STOPS_SESSIONS; i++)
                lost += s->sessions[i].taken ? s->sessions[i].lost : 0;
        return lost;
}
