/* SPDX-License-Identifier: Apache-2.0 */
#include "siphash.h"

#include <criterion/criterion.h>

static uint64_t hash(const uint64_t key[2], struct str s, size_t cut)
{
        struct siphash h;

        siphash_init(&h, key);
        siphash_update(&h, str_of(s.ptr, cut));
        siphash_update(&h, str_skip(s, cut));
        return siphash_end(&h);
}

/* The values that CPython 3.11, whose string hash is SipHash-1-3, gives with its key switched off. */
Test(siphash, agrees_with_another_implementation_wherever_it_is_cut)
{
        static const struct {
                size_t length;
                uint64_t hash;
        } rows[] = {
                { 15, 0xf30eb725bb91c9eaULL },
                { 64, 0x75e05fd5bbc870c6ULL },
        };
        static const uint64_t no_key[2] = { 0, 0 };
        char bytes[64];

        for (size_t i = 0; i < sizeof(bytes); i++)
                bytes[i] = (char)i;
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                for (size_t cut = 0; cut <= rows[i].length; cut++)
                        cr_expect_eq(hash(no_key, str_of(bytes, rows[i].length), cut), rows[i].hash, "%zu %zu", i, cut);
        }
        cr_expect_eq(hash(no_key, STR("a"), 0), 0x407448d2b89b1813ULL);
        cr_expect_eq(hash(no_key, STR("abcdefg"), 3), 0x6db12aae9070f506ULL);
        cr_expect_eq(hash(no_key, STR("abcdefgh"), 8), 0x3f7b849c0b8e35eaULL);
}

Test(siphash, depends_on_both_halves_of_the_key)
{
        static const uint64_t a[2] = { 1, 0 }, b[2] = { 0, 1 };

        cr_expect_neq(hash(a, STR("name"), 0), hash(b, STR("name"), 0));
}
