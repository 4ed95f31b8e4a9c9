/* SPDX-License-Identifier: Apache-2.0 */
#include "spelling.h"

#if JSON_SCAN_SSE2

const unsigned char *json_skip_plain_long(const unsigned char *p, const unsigned char *end)
{
        while (end - p >= 64) {
                __m128i odd = _mm_or_si128(json_not_plain_16(p), json_not_plain_16(p + 16));

                odd = _mm_or_si128(odd, json_not_plain_16(p + 32));
                odd = _mm_or_si128(odd, json_not_plain_16(p + 48));
                if (_mm_movemask_epi8(odd))
                        break;
                p += 64;
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
