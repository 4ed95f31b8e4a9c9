/* SPDX-License-Identifier: Apache-2.0 */
#include "spelling.h"

const bool json_is_short_escape[256] = {
        ['"'] = true, ['\\'] = true, ['b'] = true, ['f'] = true, ['n'] = true, ['r'] = true, ['t'] = true,
};

#if JSON_SCAN_SSE2

static inline uint64_t mask_of(__m128i bytes)
{
        return (uint64_t)(unsigned)_mm_movemask_epi8(bytes);
}

const unsigned char *json_skip_plain_long(const unsigned char *p, const unsigned char *end)
{
        for (; end - p >= 64; p += 64) {
                __m128i a = json_not_plain_16(p), b = json_not_plain_16(p + 16);
                __m128i c = json_not_plain_16(p + 32), d = json_not_plain_16(p + 48);

                if (mask_of(_mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d))))
                        return p + __builtin_ctzll(mask_of(a) | mask_of(b) << 16 | mask_of(c) << 32 | mask_of(d) << 48);
        }
        for (; end - p >= 16; p += 16) {
                unsigned found = (unsigned)_mm_movemask_epi8(json_not_plain_16(p));

                if (found)
                        return p + __builtin_ctz(found);
        }
        while (p < end && json_byte_is_plain(*p))
                p++;
        return p;
}

/* A bit for each of the 64 bytes that is not plain, the first one lowest. */
static inline uint64_t not_plain_64(const unsigned char *p)
{
        return mask_of(json_not_plain_16(p)) | mask_of(json_not_plain_16(p + 16)) << 16 |
               mask_of(json_not_plain_16(p + 32)) << 32 | mask_of(json_not_plain_16(p + 48)) << 48;
}

const unsigned char *json_skip_short_escapes(const unsigned char *p, const unsigned char *end)
{
        uint64_t done = 0; /* 1 when the block's first byte ends an escape */

        /* One byte behind the block is there: the letter of an escape whose backslash is the block's last byte. */
        for (; end - p > 64; p += 64) {
                uint64_t odd = not_plain_64(p) & ~done;

                done = 0;
                while (odd) {
                        unsigned i = (unsigned)__builtin_ctzll(odd);

                        if (p[i] != '\\' || !json_is_short_escape[p[i + 1]])
                                return p + i;
                        done = i == 63;
                        odd &= ~(3ULL << i);
                }
        }
        return p + done;
}

#endif
