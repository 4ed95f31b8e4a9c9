/* SPDX-License-Identifier: Apache-2.0 */
#include "blob.h"

#include "decode.h"

#define N 0xFFU

/* Six bits of a character of either alphabet. */
static const uint8_t values[256] = {
        N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
        N, N, N, N, N, N, N, N, N, N, N, 62, N, 62, N, 63, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, N, N, N, N, N, N,
        N, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, N, N, N, N, 63,
        N, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, N, N, N, N, N,
        N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
        N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
        N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
        N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
};

/* What the encodings themselves are made of: both alphabets of base64, hex with colons or blanks, %61, &#97;, \u0061, broken lines. */
static const char signs[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=-_: %&#;\\\"'\t\r\n";

/* Is there a byte of text whose bits of @mask are @bits? */
static bool has_bits(const struct blob_search *b, unsigned mask, unsigned bits)
{
        for (unsigned i = 0; i < 256; i++) {
                if (b->text[i] && (i & mask) == (bits & mask))
                        return true;
        }
        return false;
}

/* A group's characters have, in their order: six bits of the first byte; two of it and four of the second; four of it and two of the
 * third; six of it. */
static uint8_t never_at(const struct blob_search *b, uint8_t value)
{
        if (value == N)
                return 15;
        return (uint8_t)(!has_bits(b, 0xFC, value * 4U) << 3 | !has_bits(b, 0xF0, value * 16U) << 2 |
                         !has_bits(b, 0xC0, value * 64U) << 1 | !has_bits(b, 0x3F, value));
}

void blob_search_init(struct blob_search *b, const struct str *patterns, size_t count, size_t shortest)
{
        *b = (struct blob_search){ .shortest = shortest, .groups = (shortest - 2) / 3 };
        for (size_t i = 0; i + 1 < sizeof(signs); i++)
                b->text[(uint8_t)signs[i]] = true;
        for (size_t i = 0; i < count; i++) {
                for (size_t k = 0; k < patterns[i].len; k++)
                        b->text[(uint8_t)patterns[i].ptr[k]] = true;
        }
        for (size_t i = 0; i < 256; i++)
                b->never[i] = never_at(b, values[i]) | (hex_is_part((char)i) ? 0 : BLOB_NOT_HEX);
        for (size_t i = 0; i < 256; i++)
                b->hex[i] = hex_is_part((char)i);
}

int base64_value(char c)
{
        const uint8_t value = values[(uint8_t)c];

        return value == N ? -1 : value;
}

uint32_t base64_group(const char *chars)
{
        const uint32_t a = values[(uint8_t)chars[0]], b = values[(uint8_t)chars[1]], c = values[(uint8_t)chars[2]],
                       d = values[(uint8_t)chars[3]];

        return (a | b | c | d) == N ? BASE64_NONE : a << 18 | b << 12 | c << 6 | d;
}

static bool is_text_group(const struct blob_search *b, const char *chars)
{
        const uint32_t group = base64_group(chars);

        return group != BASE64_NONE && b->text[group >> 16] && b->text[group >> 8 & 0xFF] && b->text[group & 0xFF];
}

/* How far one looks behind two groups of which one is not text. */
static size_t stride(const struct blob_search *b)
{
        return BASE64_GROUP * (b->groups - 1);
}

/* Is the group at @at in a stretch that is long enough? *@ret is where that begins, at @from or behind it. */
static bool is_in_stretch(const struct blob_search *b, struct str text, size_t at, size_t from, size_t *ret)
{
        size_t begin = at, end = at;

        while (end + BASE64_GROUP <= text.len && end - at < stride(b) + BASE64_GROUP && is_text_group(b, text.ptr + end))
                end += BASE64_GROUP;
        if (end == at)
                return false;
        /* No further than the place that was looked at before this one. */
        while (begin >= from + BASE64_GROUP && at - begin <= stride(b) && is_text_group(b, text.ptr + begin - BASE64_GROUP))
                begin -= BASE64_GROUP;
        *ret = begin;
        return end - begin >= BASE64_GROUP * b->groups;
}

/* The characters' say in the alignment of the first one, and bits of others. */
#define NEVER(i) (b->never[(uint8_t)chars[i]] << (i))

/* Of the two groups in a row at @chars neither is known not to be text. */
static bool may_be_text(const struct blob_search *b, const char *chars)
{
        const uint32_t never = NEVER(0) | NEVER(1) | NEVER(2) | NEVER(3) | NEVER(4) | NEVER(5) | NEVER(6) | NEVER(7);

        return !((never >> 3 | never >> 7) & 1);
}

size_t blob_base64_next(const struct blob_search *b, struct str text, size_t from)
{
        size_t begin;

        for (size_t at = from + stride(b) - BASE64_GROUP; at + 2 * BASE64_GROUP <= text.len; at += stride(b)) {
                if (may_be_text(b, text.ptr + at) && is_in_stretch(b, text, at, from, &begin))
                        return begin;
        }
        return SIZE_MAX;
}

size_t blob_base64_end(const struct blob_search *b, struct str text, size_t from)
{
        while (from + BASE64_GROUP <= text.len && is_text_group(b, text.ptr + from))
                from += BASE64_GROUP;
        return from;
}

bool hex_is_part(char c)
{
        const char letter = (char)(c | 0x20);

        return (c >= '0' && c <= ':') || (letter >= 'a' && letter <= 'f') || c == ' ';
}

/* Is @at in a stretch that is long enough? *@ret is where that begins, at @from or behind it. */
static bool is_hex_stretch(const struct blob_search *b, struct str text, size_t at, size_t from, size_t *ret)
{
        const size_t window = 2 * b->shortest - 1;
        size_t begin = at, end = at;

        while (end < text.len && end - at < window && hex_is_part(text.ptr[end]))
                end++;
        while (begin > from && hex_is_part(text.ptr[begin - 1]))
                begin--;
        *ret = begin;
        return end - begin >= window;
}

size_t blob_hex_next(const struct blob_search *b, struct str text, size_t from)
{
        /* Four in a row that are all of hex are seldom: a processor foresees that they are not. */
        const size_t step = 2 * b->shortest - 1 - 3;
        size_t begin;

        for (size_t at = from + step - 1; at + 4 <= text.len; at += step) {
                const char *c = text.ptr + at;

                if ((b->hex[(uint8_t)c[0]] & b->hex[(uint8_t)c[1]] & b->hex[(uint8_t)c[2]] & b->hex[(uint8_t)c[3]]) &&
                        is_hex_stretch(b, text, at, from, &begin))
                        return begin;
        }
        return SIZE_MAX;
}

/* --- both at once --- */

#define SAMPLE 11U /* characters: two groups at each of the four alignments */

/* The byte in hex at @at; -1: there is none. */
static int hex_byte(struct str text, size_t at)
{
        const int high = at + 2 <= text.len ? decode_hex_digit(text.ptr[at]) : -1, low = high < 0 ? -1 : decode_hex_digit(text.ptr[at + 1]);

        return low < 0 ? -1 : high << 4 | low;
}

bool hex_is_between(char c)
{
        return c == ':' || c == ' ';
}

/* Are there as many bytes of text in hex as a stretch must have, one of which is at @at? */
static bool is_hex_text(const struct blob_search *b, struct str text, size_t at)
{
        size_t count = 0, ahead = at, behind = at;
        int byte;

        while (count < b->shortest && (byte = hex_byte(text, ahead)) >= 0 && b->text[byte]) {
                count++;
                ahead += 2;
                if (ahead + 1 < text.len && hex_is_between(text.ptr[ahead]))
                        ahead++;
        }
        while (ahead > at && count < b->shortest && behind >= 3) {
                const size_t before = behind - (hex_is_between(text.ptr[behind - 1]) ? 3 : 2);

                byte = hex_byte(text, before);
                if (byte < 0 || !b->text[byte])
                        break;
                count++;
                behind = before;
        }
        /* The first byte of a text has nothing in front of it to look at. */
        return count >= b->shortest || (behind < 3 && ahead > at && count + 1 >= b->shortest);
}

/* The stretch of base64 from @begin on, unless it has been judged. */
static void judge_base64(const struct blob_search *b, struct str text, size_t begin, const struct blob_judge *judge, struct blob_hints *hints)
{
        size_t *judged = &hints->judged[begin % BASE64_ALIGNMENTS];

        if (begin < *judged)
                return;
        *judged = blob_base64_end(b, text, begin);
        hints->base64 = !judge || judge->holds(judge->userdata, begin, *judged);
}

/* Is the sample where @hints has come to in a stretch? */
static void look_at(const struct blob_search *b, struct str text, const struct blob_judge *judge, struct blob_hints *hints)
{
        const char *chars = text.ptr + hints->at;
        const uint32_t never = NEVER(0) | NEVER(1) | NEVER(2) | NEVER(3) | NEVER(4) | NEVER(5) | NEVER(6) | NEVER(7) | NEVER(8) |
                               NEVER(9) | NEVER(10);
        const unsigned alignments = ~(never >> 3 | never >> 7) & 15;
        size_t begin;

        if (!alignments && never >= BLOB_NOT_HEX)
                return;
        for (unsigned k = 0; k < BASE64_ALIGNMENTS; k++) {
                const size_t at = hints->at + k;

                if (alignments & 1U << k && !hints->base64 && at >= hints->judged[at % BASE64_ALIGNMENTS] && is_in_stretch(b, text, at, 0, &begin))
                        judge_base64(b, text, begin, judge, hints);
        }
        /* Two digits and what is between them: one of three places is the first of a byte. */
        for (size_t k = 0; never < BLOB_NOT_HEX && k < 3 && !hints->hex; k++)
                hints->hex = is_hex_text(b, text, hints->at + k);
}

/* What the samples leave at a text's end. */
static void look_at_end(const struct blob_search *b, struct str text, size_t from, const struct blob_judge *judge, struct blob_hints *hints)
{
        for (size_t k = 0; k < BASE64_ALIGNMENTS; k++) {
                size_t at = from + k;

                while (!hints->base64 && (at = blob_base64_next(b, text, at)) != SIZE_MAX) {
                        judge_base64(b, text, at, judge, hints);
                        at = blob_base64_end(b, text, at);
                }
        }
}

void blob_look(const struct blob_search *b, struct str text, size_t end, const struct blob_judge *judge, struct blob_hints *hints)
{
        const size_t lead = stride(b) - BASE64_GROUP;

        if (hints->at < lead)
                hints->at = lead;
        for (; hints->at + SAMPLE <= end && !(hints->base64 && hints->hex); hints->at += stride(b))
                look_at(b, text, judge, hints);
        if (end == text.len)
                look_at_end(b, text, hints->at - lead, judge, hints);
}
