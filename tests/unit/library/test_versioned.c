/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "versioned.h"

/* What the library knows; a caller's first version had only @a. */
struct known {
        size_t size;
        int a, b;
};
#define FIRST (offsetof(struct known, a) + sizeof(int))

Test(versioned, older_and_newer_callers)
{
        struct {
                struct known known;
                unsigned char more[8192];
        } given = { .known = { .a = 1, .b = 2 } };
        static const struct {
                size_t size;
                bool good;
                int b;
        } rows[] = {
                { 0, false, 0 },
                { FIRST - 1, false, 0 },
                { FIRST, true, 0 }, /* what it does not have is zero, whatever lies there */
                { sizeof(struct known), true, 2 },
                { sizeof(struct known) + 100, true, 2 },
                { 4096, true, 2 },
                { 4097, false, 0 },
                { SIZE_MAX, false, 0 },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct known got = { .a = -1, .b = -1 };

                given.known.size = rows[i].size;
                cr_expect_eq(versioned_read(&got, sizeof(got), FIRST, &given), rows[i].good, "row %zu", i);
                cr_expect(!rows[i].good || (got.a == 1 && got.b == rows[i].b), "row %zu", i);
                cr_expect(rows[i].good || got.a == -1, "row %zu", i);
        }
        cr_expect_not(versioned_read(&given.known, sizeof(given.known), FIRST, NULL));
}

Test(versioned, what_is_not_known_must_not_be_used)
{
        struct {
                struct known known;
                unsigned char more[8];
        } given = { .known = { .size = sizeof(given) } };
        struct known got;

        cr_expect(versioned_read(&got, sizeof(got), FIRST, &given));
        given.more[7] = 1;
        cr_expect_not(versioned_read(&got, sizeof(got), FIRST, &given));
}
