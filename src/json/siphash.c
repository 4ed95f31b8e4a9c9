/* SPDX-License-Identifier: Apache-2.0 */
#include "siphash.h"

static inline uint64_t rotate(uint64_t x, unsigned n)
{
        return x << n | x >> (64 - n);
}

static inline void one_round(struct siphash *h)
{
        h->v0 += h->v1;
        h->v2 += h->v3;
        h->v1 = rotate(h->v1, 13) ^ h->v0;
        h->v3 = rotate(h->v3, 16) ^ h->v2;
        h->v0 = rotate(h->v0, 32);
        h->v2 += h->v1;
        h->v0 += h->v3;
        h->v1 = rotate(h->v1, 17) ^ h->v2;
        h->v3 = rotate(h->v3, 21) ^ h->v0;
        h->v2 = rotate(h->v2, 32);
}

static inline void absorb(struct siphash *h, uint64_t word)
{
        h->v3 ^= word;
        one_round(h);
        h->v0 ^= word;
}

static inline uint64_t load_word(const char *p)
{
        uint64_t word;

        memcpy(&word, p, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        word = __builtin_bswap64(word);
#endif
        return word;
}

void siphash_init(struct siphash *h, const uint64_t key[2])
{
        *h = (struct siphash){
                .v0 = key[0] ^ 0x736f6d6570736575ULL,
                .v1 = key[1] ^ 0x646f72616e646f6dULL,
                .v2 = key[0] ^ 0x6c7967656e657261ULL,
                .v3 = key[1] ^ 0x7465646279746573ULL,
        };
}

static void add_byte(struct siphash *h, char c)
{
        h->word |= (uint64_t)(unsigned char)c << (h->total % 8 * 8);
        if (++h->total % 8 == 0) {
                absorb(h, h->word);
                h->word = 0;
        }
}

void siphash_update(struct siphash *h, struct str s)
{
        size_t i = 0;

        while (i < s.len && h->total % 8 != 0)
                add_byte(h, s.ptr[i++]);
        for (; s.len - i >= 8; i += 8) {
                absorb(h, load_word(s.ptr + i));
                h->total += 8;
        }
        while (i < s.len)
                add_byte(h, s.ptr[i++]);
}

uint64_t siphash_end(struct siphash *h)
{
        absorb(h, h->word | (uint64_t)h->total << 56);
        h->v2 ^= 0xFF;
        one_round(h);
        one_round(h);
        one_round(h);
        return h->v0 ^ h->v1 ^ h->v2 ^ h->v3;
}
