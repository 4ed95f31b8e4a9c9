/* SPDX-License-Identifier: Apache-2.0
 *
 * How a string is spelt canonically, for the reader (is this spelling it?) and the writer (spell it so), and
 * the fast way over the bytes that both leave alone. Private to the layer.
 *
 * A byte is plain when it stands for itself within a canonical string whatever its neighbours are:
 * printable ASCII but the quote and the backslash.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* JSON_PORTABLE_SCAN lets the tests run the other half on a machine that has SSE2. */
#if defined(__SSE2__) && !defined(JSON_PORTABLE_SCAN)
#define JSON_SCAN_SSE2 1
#include <emmintrin.h>
#else
#define JSON_SCAN_SSE2 0
#endif

static inline bool json_byte_is_plain(unsigned char c)
{
        return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* The letter of the two-byte escape that is @cp's canonical spelling, or 0. */
static inline char json_short_escape(uint32_t cp)
{
        switch (cp) {
        case '"':
        case '\\':
                return (char)cp;
        case '\b':
                return 'b';
        case '\f':
                return 'f';
        case '\n':
                return 'n';
        case '\r':
                return 'r';
        case '\t':
                return 't';
        default:
                return 0;
        }
}

/* Is \uXXXX @cp's canonical spelling? Besides JSON's controls: whatever some reader takes for the end of a line. */
static inline bool json_is_long_escape(uint32_t cp)
{
        return (cp < 0x20 && !json_short_escape(cp)) || (cp >= 0x7F && cp <= 0x9F) || cp == 0x2028 || cp == 0x2029;
}

#if JSON_SCAN_SSE2

/* A bit set for each of the 16 bytes that is not plain. Adding one moves 0x7F and all bytes past it (but 0xFF, which
 * becomes 0) below zero, so that one signed comparison finds them and the controls. */
static inline __m128i json_not_plain_16(const unsigned char *p)
{
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i moved = _mm_add_epi8(bytes, _mm_set1_epi8(1));
        __m128i odd = _mm_cmplt_epi8(moved, _mm_set1_epi8(0x21));

        odd = _mm_or_si128(odd, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
        return _mm_or_si128(odd, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
}

static inline const unsigned char *json_skip_plain_blocks(const unsigned char *p, const unsigned char *end)
{
        for (; end - p >= 16; p += 16) {
                unsigned found = (unsigned)_mm_movemask_epi8(json_not_plain_16(p));

                if (found)
                        return p + __builtin_ctz(found);
                /* Past the first block the string is long: four at a time. */
                while (end - p >= 80) {
                        __m128i odd = _mm_or_si128(json_not_plain_16(p + 16), json_not_plain_16(p + 32));

                        odd = _mm_or_si128(odd, json_not_plain_16(p + 48));
                        odd = _mm_or_si128(odd, json_not_plain_16(p + 64));
                        if (_mm_movemask_epi8(odd))
                                break;
                        p += 64;
                }
        }
        return p;
}

#else

#define JSON_ONES 0x0101010101010101ULL
#define JSON_HIGH 0x8080808080808080ULL

/* Stops at the block of 8 that has a byte which is not plain; the caller finds it. The borrow of a subtraction may
 * mark a plain byte behind one that is not: harmless, as only "any in the block" is asked. */
static inline const unsigned char *json_skip_plain_blocks(const unsigned char *p, const unsigned char *end)
{
        for (; end - p >= 8; p += 8) {
                uint64_t v, quote, slash, del, odd;

                memcpy(&v, p, sizeof(v));
                quote = v ^ ('"' * JSON_ONES);
                slash = v ^ ('\\' * JSON_ONES);
                del = v ^ (0x7F * JSON_ONES);
                odd = v | (v - 0x20 * JSON_ONES) | (quote - JSON_ONES) | (slash - JSON_ONES) | (del - JSON_ONES);
                if (odd & JSON_HIGH)
                        break;
        }
        return p;
}

#endif

/* The first byte from @p on that is not plain, or @end. */
static inline const unsigned char *json_skip_plain(const unsigned char *p, const unsigned char *end)
{
        p = json_skip_plain_blocks(p, end);
        while (p < end && json_byte_is_plain(*p))
                p++;
        return p;
}
