/* SPDX-License-Identifier: Apache-2.0 */
#include "window.h"

/* Rounded up: sixty parts are never shorter than the span. */
static uint64_t part_ms(const struct window *w)
{
        return (w->span_ms + WINDOW_PARTS - 1) / WINDOW_PARTS;
}

void window_init(struct window *w, uint64_t span_ms)
{
        *w = (struct window){ .span_ms = span_ms };
}

void window_advance(struct window *w, uint64_t now_ms)
{
        const uint64_t part = now_ms / part_ms(w);

        if (part <= w->latest)
                return;
        for (uint64_t n = part - w->latest > WINDOW_RING ? part - WINDOW_RING : w->latest; n < part; n++)
                w->ring[(n + 1) % WINDOW_RING] = amount_of(0);
        w->latest = part;
}

struct amount window_used(const struct window *w)
{
        struct amount used = { 0 };

        for (unsigned i = 0; i < WINDOW_RING; i++) {
                if (!amount_add(&used, w->ring[i]))
                        return (struct amount){ AMOUNT_ONE - 1, AMOUNT_ONE - 1 };
        }
        return used;
}

bool window_has_room(const struct window *w, struct amount most, struct amount add)
{
        struct amount used = window_used(w);

        return amount_add(&used, add) && amount_cmp(used, most) <= 0;
}

bool window_add(struct window *w, struct amount add, uint64_t *ret_part)
{
        if (!amount_add(&w->ring[w->latest % WINDOW_RING], add))
                return false;
        *ret_part = w->latest;
        return true;
}

void window_give_back(struct window *w, uint64_t part, struct amount added)
{
        if (part <= w->latest && w->latest - part < WINDOW_RING)
                amount_subtract(&w->ring[part % WINDOW_RING], added);
}

uint64_t window_frees_at(const struct window *w, struct amount most, struct amount add)
{
        struct window later = *w;

        if (amount_cmp(add, most) > 0)
                return 0;
        while (!window_has_room(&later, most, add))
                window_advance(&later, (later.latest + 1) * part_ms(w));
        return later.latest * part_ms(w);
}
