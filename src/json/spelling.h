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

/* Of the letters behind a backslash, those whose escape is canonical and two bytes long. */
extern const bool json_is_short_escape[256];

#define JSON_ONES 0x0101010101010101ULL
#define JSON_HIGH 0x8080808080808080ULL

/* Are all 8 bytes of a word plain? The borrow of a subtraction may mark a plain byte behind one that
 * is not: harmless, as only "any in the word" is asked. */
static inline bool json_word_is_plain(uint64_t v)
{
        uint64_t quote = v ^ ('"' * JSON_ONES);
        uint64_t slash = v ^ ('\\' * JSON_ONES);
        uint64_t del = v ^ (0x7F * JSON_ONES);

        v |= v - 0x20 * JSON_ONES;
        return ((v | (quote - JSON_ONES) | (slash - JSON_ONES) | (del - JSON_ONES)) & JSON_HIGH) == 0;
}

static inline uint64_t json_load_word(const void *p)
{
        uint64_t word;

        memcpy(&word, p, sizeof(word));
        return word;
}

/* What json_same_bytes() compares at the most. */
#define JSON_SAME_MAX 32U

#if JSON_SCAN_SSE2

/* All bits of each of the 16 bytes set that is not plain. Taken less 0x20, as bytes without a sign, the controls, 0x7F
 * and all bytes past it are 0x5F or more. */
static inline __m128i json_not_plain(__m128i bytes)
{
        __m128i limit = _mm_set1_epi8(0x5F);
        __m128i odd = _mm_cmpeq_epi8(_mm_min_epu8(_mm_sub_epi8(bytes, _mm_set1_epi8(0x20)), limit), limit);

        odd = _mm_or_si128(odd, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
        return _mm_or_si128(odd, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
}

static inline __m128i json_not_plain_16(const unsigned char *p)
{
        return json_not_plain(_mm_loadu_si128((const __m128i *)(const void *)p));
}

/* How many of the first 16 bytes are the same. */
static inline uint32_t json_same_16(const unsigned char *a, const unsigned char *b)
{
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)a);
        __m128i y = _mm_loadu_si128((const __m128i *)(const void *)b);

        return (uint32_t)__builtin_ctz(~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, y)));
}

/* Are the first @length bytes the same? At least JSON_SAME_MAX can be read of either; of more the answer is no. */
static inline bool json_same_bytes(const unsigned char *a, const unsigned char *b, uint32_t length)
{
        uint32_t same = json_same_16(a, b);

        if (same >= length)
                return true;
        return same == 16 && length <= JSON_SAME_MAX && json_same_16(a + 16, b + 16) + 16 >= length;
}

/* Like json_skip_plain() below, from the second block on: where a string proves to be long, four blocks at a time. */
const unsigned char *json_skip_plain_long(const unsigned char *p, const unsigned char *end);

/* The first byte from @p on that neither is plain nor belongs to a short escape; or sooner, where no whole block is
 * left. The next block's place does not hang on what is in this one, so that the processor need not wait for it. */
const unsigned char *json_skip_short_escapes(const unsigned char *p, const unsigned char *end);

/* Like json_skip_plain() where 16 bytes at least are left. */
static inline const unsigned char *json_skip_plain_roomy(const unsigned char *p, const unsigned char *end)
{
        unsigned found = (unsigned)_mm_movemask_epi8(json_not_plain_16(p));

        return found ? p + __builtin_ctz(found) : json_skip_plain_long(p + 16, end);
}

/* The first byte from @p on that is not plain, or @end. */
static inline const unsigned char *json_skip_plain(const unsigned char *p, const unsigned char *end)
{
        return end - p >= 16 ? json_skip_plain_roomy(p, end) : json_skip_plain_long(p, end);
}

#else

static inline bool json_same_bytes(const unsigned char *a, const unsigned char *b, uint32_t length)
{
        return length <= JSON_SAME_MAX && memcmp(a, b, length) == 0;
}

/* The first byte from @p on that is not plain, or @end. */
static inline const unsigned char *json_skip_plain(const unsigned char *p, const unsigned char *end)
{
        while (end - p >= 8 && json_word_is_plain(json_load_word(p)))
                p += 8;
        while (p < end && json_byte_is_plain(*p))
                p++;
        return p;
}

static inline const unsigned char *json_skip_plain_roomy(const unsigned char *p, const unsigned char *end)
{
        return json_skip_plain(p, end);
}

static inline const unsigned char *json_skip_short_escapes(const unsigned char *p, const unsigned char *end)
{
        (void)end;
        return p;
}

#endif
