/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows against a plain list of uses: no span of time, wherever it begins, has more than the limit, and nothing counts for
 * longer than a part past the span.
 */
#include <criterion/criterion.h>

#include "limit_slot.h"
#include "window.h"

#define HOUR 3600000ULL
#define START 1750000000000ULL

static uint64_t next(uint64_t *state)
{
        *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
        return *state >> 33;
}

Test(window, a_use_counts_for_the_span_and_a_part)
{
        struct window w;
        uint64_t part;

        window_init(&w, HOUR);
        window_advance(&w, START);
        cr_assert(window_add(&w, amount_of(1), &part));
        window_advance(&w, START + HOUR);
        cr_expect_eq(window_used(&w).units, 1);
        window_advance(&w, START + HOUR + HOUR / 60);
        cr_expect_eq(window_used(&w).units, 0);
}

Test(window, a_clock_set_back_frees_nothing)
{
        struct window w;
        uint64_t part;

        window_init(&w, HOUR);
        window_advance(&w, START);
        cr_assert(window_add(&w, amount_of(5), &part));
        window_advance(&w, START - 100 * HOUR);
        cr_expect_eq(window_used(&w).units, 5);
        window_advance(&w, 0);
        cr_expect_eq(window_used(&w).units, 5);
}

Test(window, room_comes_when_it_was_said)
{
        uint64_t state = 7;

        for (int round = 0; round < 2000; round++) {
                struct window w;
                struct amount most = amount_of(20), add = amount_of(1 + next(&state) % 20);
                uint64_t now = START, part, frees;

                window_init(&w, HOUR);
                for (int i = 0; i < 20; i++) {
                        now += next(&state) % (HOUR / 10);
                        window_advance(&w, now);
                        if (window_has_room(&w, most, amount_of(3)))
                                cr_assert(window_add(&w, amount_of(3), &part));
                }
                frees = window_frees_at(&w, most, add);
                cr_assert_neq(frees, 0);
                if (!window_has_room(&w, most, add)) {
                        struct window before = w;

                        window_advance(&before, frees - 1);
                        cr_assert_not(window_has_room(&before, most, add));
                        window_advance(&w, frees);
                }
                cr_assert(window_has_room(&w, most, add));
        }
}

Test(window, more_than_the_limit_never_fits)
{
        struct window w;

        window_init(&w, HOUR);
        cr_expect_eq(window_frees_at(&w, amount_of(5), amount_of(6)), 0);
}

/* The model: every use with its time. */
static void random_uses(uint64_t seed, uint64_t span)
{
        static struct use {
                uint64_t at, amount, part;
        } uses[3000];
        struct window w;
        const struct amount most = amount_of(25);
        uint64_t state = seed, now = START;
        size_t count = 0;

        window_init(&w, span);
        for (int i = 0; i < 3000; i++) {
                uint64_t amount = 1 + next(&state) % 5, within = 0, certain = 0;
                bool fits;

                now += next(&state) % 3 ? next(&state) % (span / 20) : 0;
                if (count && next(&state) % 10 == 0) {
                        struct use *u = &uses[next(&state) % count];

                        window_give_back(&w, u->part, amount_of(u->amount));
                        u->amount = 0;
                        continue;
                }
                window_advance(&w, now);
                fits = window_has_room(&w, most, amount_of(amount));
                for (size_t j = 0; j < count; j++) {
                        within += now - uses[j].at <= span ? uses[j].amount : 0;
                        certain += now - uses[j].at <= (span + 59) / 60 * 61 ? uses[j].amount : 0;
                }
                if (fits) {
                        cr_assert_leq(within + amount, 25, "over the limit at %d", i);
                        uses[count].at = now;
                        uses[count].amount = amount;
                        cr_assert(window_add(&w, amount_of(amount), &uses[count].part));
                        count++;
                } else {
                        cr_assert_gt(certain + amount, 25, "refused without need at %d", i);
                }
                /* Restart: through a file's bytes and back. */
                if (next(&state) % 50 == 0) {
                        unsigned char slot[LIMIT_SLOT_BYTES];

                        limit_slot_write(slot, &w, (uint64_t)i);
                        memset(&w, 0xA5, sizeof(w));
                        cr_assert(limit_slot_read(slot, &w));
                }
        }
}

Test(window, never_over_the_limit)
{
        for (uint64_t seed = 1; seed <= 10; seed++) {
                random_uses(seed, HOUR);
                random_uses(seed, 1000);
                random_uses(seed, 7 * 24 * HOUR);
        }
}

Test(slot, every_flipped_bit_is_seen)
{
        unsigned char slot[LIMIT_SLOT_BYTES];
        struct window w, read;

        window_init(&w, HOUR);
        w.latest = 12345;
        w.ring[7] = (struct amount){ 3, 500 };
        limit_slot_write(slot, &w, 9);
        cr_assert(limit_slot_read(slot, &read));
        cr_expect_eq(limit_slot_sequence(slot), 9);
        cr_expect_eq(memcmp(&w, &read, sizeof(w)), 0);
        for (size_t bit = 0; bit < sizeof(slot) * 8; bit++) {
                slot[bit / 8] ^= (unsigned char)(1U << (bit % 8));
                cr_assert_not(limit_slot_read(slot, &read), "bit %zu", bit);
                slot[bit / 8] ^= (unsigned char)(1U << (bit % 8));
        }
}
