/* SPDX-License-Identifier: Apache-2.0 */
#include "visits.h"

#include <stdlib.h>

#define VISITS_MAX ((size_t)1 << 20)

static struct visit {
        uint64_t print;
        unsigned left; /* steps that were gone on for, plus 1; 0: an empty place */
} *visits;
static size_t states;

bool visits_know(uint64_t print, unsigned left)
{
        size_t i = (size_t)print & (VISITS_MAX - 1);

        if (!visits)
                visits = calloc(VISITS_MAX, sizeof(*visits));
        if (!visits)
                abort();
        while (visits[i].left && visits[i].print != print)
                i = (i + 1) & (VISITS_MAX - 1);
        if (visits[i].left > left)
                return true;
        states += visits[i].left == 0;
        if (states > VISITS_MAX / 2)
                abort();
        visits[i] = (struct visit){ print, left + 1 };
        return false;
}

size_t visits_count(void)
{
        return states;
}

void visits_free(void)
{
        free(visits);
        visits = NULL;
}
