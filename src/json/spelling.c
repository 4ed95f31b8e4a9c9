/* SPDX-License-Identifier: Apache-2.0 */
#include "spelling.h"

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

#endif
