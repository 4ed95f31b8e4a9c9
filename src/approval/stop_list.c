/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "limit.h"
#include "stops.h"
#include "wildcard.h"

void stop_list_deinit(struct stop_list *list)
{
        for (size_t i = 0; i < list->count; i++)
                stop_deinit(&list->stops[i]);
        mem_free(list->stops);
        *list = (struct stop_list)STOP_LIST_INIT;
}

static bool make_room(struct stop_list *list)
{
        const size_t room = list->room ? 2 * list->room : 8;
        struct stop *more;

        if (list->count < list->room)
                return true;
        more = mem_resize(list->stops, room * sizeof(*more));
        if (!more)
                return false;
        list->stops = more;
        list->room = room;
        return true;
}

void stop_list_take(struct stop_list *list, struct stop *stop)
{
        if (list->count >= LIMIT_STOPS)
                stop_list_fail(list, "there are more than %u stops", LIMIT_STOPS);
        else if (!make_room(list))
                stop_list_fail(list, "there is no memory for the list of stops");
        else
                list->stops[list->count++] = *stop;
        if (list->failed)
                stop_deinit(stop);
        *stop = (struct stop){ .scope = STOP_ALL };
}

void stop_list_fail(struct stop_list *list, const char *format, ...)
{
        va_list args;

        if (list->failed)
                return;
        list->failed = true;
        va_start(args, format);
        vsnprintf(list->why, sizeof(list->why), format, args);
        va_end(args);
}

static bool concerns(const struct stop *stop, const struct stop_facts *facts)
{
        switch (stop->scope) {
        case STOP_SERVER:
                for (size_t i = 0; i < facts->policy_count; i++) {
                        if (wildcard_matches(stop->pattern, facts->policies[i]))
                                return true;
                }
                return wildcard_matches(stop->pattern, facts->server);
        case STOP_AGENT:
                return str_eq(stop->pattern, facts->agent);
        case STOP_ALL:
        case STOP_TOOL:
        case STOP_SCOPE_MAX_:
        default:
                return true;
        }
}

void stop_list_keep(struct stop_list *list, const struct stop_facts *facts)
{
        size_t kept = 0;

        for (size_t i = 0; i < list->count; i++) {
                if (concerns(&list->stops[i], facts))
                        list->stops[kept++] = list->stops[i];
                else
                        stop_deinit(&list->stops[i]);
        }
        list->count = kept;
}

const struct stop *stop_list_find(const struct stop_list *list, const struct stop *like)
{
        for (size_t i = 0; i < list->count; i++) {
                const struct stop *stop = &list->stops[i];

                if (stop->system == like->system && strcmp(stop->id, like->id) == 0)
                        return stop;
        }
        return NULL;
}

const struct stop *stop_list_whole(const struct stop_list *list)
{
        /* A person's own words before ours. */
        for (size_t i = 0; i < list->count; i++) {
                if (list->stops[i].scope != STOP_TOOL)
                        return &list->stops[i];
        }
        return list->failed ? &list->failure : NULL;
}

const struct stop *stop_list_tool(const struct stop_list *list, struct str tool)
{
        const struct stop *whole = stop_list_whole(list);

        for (size_t i = 0; i < list->count && !whole; i++) {
                if (wildcard_matches(list->stops[i].pattern, tool))
                        return &list->stops[i];
        }
        return whole;
}

const struct stop *stop_list_any(const struct stop_list *list)
{
        const struct stop *whole = stop_list_whole(list);

        return whole || !list->count ? whole : &list->stops[0];
}
