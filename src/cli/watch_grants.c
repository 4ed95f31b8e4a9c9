/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_grants.h"

#include <stdio.h>
#include <string.h>

void watch_grants_clear(struct watch_grants *g, unsigned source)
{
        size_t kept = 0;

        for (size_t i = 0; i < g->count; i++) {
                if (g->list[i].source != source)
                        g->list[kept++] = g->list[i];
        }
        g->count = kept;
}

void watch_grants_add(struct watch_grants *g, unsigned source, const struct grant *grant)
{
        struct watch_grant *place;

        if (g->count == WATCH_GRANTS_MAX)
                return;
        place = &g->list[g->count++];
        *place = (struct watch_grant){ .source = source, .expires_ms = grant->expires_ms };
        memcpy(place->id, grant->id, sizeof(place->id));
        snprintf(place->tool, sizeof(place->tool), "%.*s", STR_FMT(grant->tool));
}
