/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include <errno.h>
#include <string.h>

#include "alloc.h"

/* Between stretches that have nothing to do with each other; in no secret that an environment holds. */
#define GAP '\0'

int stage_init(struct stage *s, size_t size)
{
        *s = (struct stage){ .size = size };
        s->bytes = s->space = mem_alloc(size);
        return s->space ? 0 : -ENOMEM;
}

int stage_want_spans(struct stage *s)
{
        if (!s->spans)
                s->spans = mem_calloc(s->size, sizeof(*s->spans));
        return s->spans ? 0 : -ENOMEM;
}

void stage_deinit(struct stage *s)
{
        if (s->space)
                explicit_bzero(s->space, s->size);
        mem_free(s->space);
        mem_free(s->spans);
        *s = (struct stage){ 0 };
}

void stage_of_text(struct stage *s, struct str text)
{
        *s = (struct stage){ .bytes = text.ptr, .length = text.len, .ended = true };
}

void stage_begin(struct stage *s, struct stage *source, enum decoding decoding, unsigned alignment, bool json, bool spans_wanted)
{
        s->source = source;
        s->decoding = decoding;
        s->alignment = alignment;
        s->json = json;
        s->spans_wanted = spans_wanted;
        s->in_front = s->in_stretch = s->torn = s->ended = s->stuck = false;
        s->length = s->taken = s->stretch = s->work = 0;
}

static struct span span_of(const struct stage *s, size_t at)
{
        return s->spans ? s->spans[at] : (struct span){ at, at + 1 };
}

static size_t room(const struct stage *s)
{
        return s->size - s->length;
}

/* What may be read of the source now. */
static size_t unread(const struct stage *s)
{
        return s->source->length - s->source->taken;
}

/* @byte, made of the source's bytes @first to @last. */
static void give(struct stage *s, char byte, size_t first, size_t last)
{
        if (s->spans_wanted)
                s->spans[s->length] = (struct span){ span_of(s->source, first).begin, span_of(s->source, last).end };
        s->space[s->length++] = byte;
}

static void give_same(struct stage *s, size_t end)
{
        struct stage *from = s->source;
        const size_t count = end - from->taken;

        if (count == 0)
                return;
        memcpy(s->space + s->length, from->bytes + from->taken, count);
        for (size_t i = 0; s->spans_wanted && i < count; i++)
                s->spans[s->length + i] = span_of(from, from->taken + i);
        s->length += count;
        from->taken = end;
}

static bool gap(struct stage *s)
{
        if (room(s) == 0)
                return false;
        give(s, GAP, s->source->taken, s->source->taken);
        return true;
}

size_t stage_border(const struct stage *s, size_t at, bool json)
{
        size_t backslashes = 0;

        if (!json)
                return at;
        while (backslashes < at && s->bytes[at - 1 - backslashes] == '\\')
                backslashes++;
        return at - backslashes % 2;
}

/* Where the copying of @from up to @end may stop, with more to come: nothing that belongs together is torn. */
static size_t place_to_stop(const struct stage *s, size_t end)
{
        const struct stage *from = s->source;
        const struct stage rest = { .bytes = from->bytes + from->taken };
        const size_t width = s->json ? 2 : 1, begin = from->taken;

        end = begin + stage_border(&rest, end - begin, s->json);
        /* A carriage return goes with the newline behind it. In a line of JSON it is an r that a backslash makes one. */
        if (s->decoding == DECODE_WRAPS && end >= begin + width && from->bytes[end - 1] == (s->json ? 'r' : '\r') &&
                (!s->json || stage_border(&rest, end - begin - 1, true) < end - begin - 1))
                end -= width;
        return end;
}

/* --- the encodings of single characters --- */

static bool more_characters(struct stage *s)
{
        struct stage *from = s->source;
        const size_t here = from->taken;
        size_t view, limit, stop;
        struct decoded_place p;

        if (room(s) < DECODE_GIVES_MAX || unread(s) == 0 || (!from->ended && unread(s) <= DECODE_TAKES_MAX))
                return false;
        limit = from->ended ? from->length : from->length - DECODE_TAKES_MAX;
        view = unread(s) > room(s) + DECODE_TAKES_MAX ? here + room(s) + DECODE_TAKES_MAX : from->length;
        p = decode_next(s->decoding, s->json, str_of(from->bytes, view), here);
        stop = room(s) < limit - here ? here + room(s) : limit;
        if (p.at > stop || p.at == view) {
                /* Of what is left at the text's very end nothing belongs to more. */
                give_same(s, stop == from->length && from->ended ? stop : place_to_stop(s, stop));
                return from->taken > here;
        }
        give_same(s, p.at);
        if (p.at >= limit || room(s) < p.count)
                return from->taken > here;
        for (size_t i = 0; i < p.count; i++)
                give(s, p.bytes[i], p.at, p.at + p.taken - 1);
        from->taken = p.at + p.taken;
        return true;
}

/* --- base64 --- */

/* @count characters that are not followed by enough for a group. */
static void end_base64(struct stage *s, size_t count)
{
        const size_t at = s->source->taken;
        const char *chars = s->source->bytes + at;

        for (size_t i = 0; i + 1 < count; i++) {
                const int first = base64_value(chars[i]), second = base64_value(chars[i + 1]);

                if (first < 0 || second < 0)
                        return;
                give(s, (char)(first << (2 + 2 * i) | second >> (4 - 2 * i)), at + i, at + i + 1);
        }
}

static bool more_base64_groups(struct stage *s)
{
        struct stage *from = s->source;

        while (room(s) >= 3 && unread(s) >= BASE64_GROUP) {
                const size_t at = from->taken;
                const uint32_t group = base64_group(from->bytes + at);
                bool text = true;

                if (group == BASE64_NONE) {
                        end_base64(s, 3);
                        s->in_stretch = false;
                        return true;
                }
                for (size_t i = 0; i < 3; i++) {
                        const uint8_t byte = (uint8_t)(group >> (16 - 8 * i));

                        text = text && s->blobs->text[byte];
                        give(s, (char)byte, at + i, at + i + 1);
                }
                /* The next stretch may begin within the group that this one ends in: it is read again. */
                if (!text && !s->in_front) {
                        s->in_stretch = false;
                        return true;
                }
                s->in_front = false;
                from->taken = at + BASE64_GROUP;
        }
        if (room(s) < 3 || !from->ended)
                return false;
        end_base64(s, unread(s));
        from->taken = from->length;
        return false;
}

/* The group in front of a stretch may hold the first one or two bytes of an encoding. */
static bool begin_base64(struct stage *s)
{
        struct stage *from = s->source;
        const size_t keep = BASE64_GROUP * (s->blobs->groups + 1);
        const size_t at = blob_base64_next(s->blobs, str_of(from->bytes, from->length), from->taken);
        const size_t here = from->taken;

        if (at == SIZE_MAX && from->ended)
                from->taken = from->length;
        else if (at == SIZE_MAX && unread(s) > keep)
                from->taken += (unread(s) - keep) / BASE64_GROUP * BASE64_GROUP;
        if (at == SIZE_MAX)
                return from->taken > here;
        if (!gap(s))
                return false;
        from->taken = at >= here + BASE64_GROUP ? at - BASE64_GROUP : at;
        s->in_stretch = true;
        s->in_front = from->taken < at;
        /* It is none: what comes first is of the stretch. */
        if (s->in_front && base64_group(from->bytes + from->taken) == BASE64_NONE) {
                from->taken = at;
                s->in_front = false;
        }
        return true;
}

static bool more_base64(struct stage *s)
{
        if (s->alignment > 0) {
                if (unread(s) < s->alignment) {
                        s->source->taken += s->source->ended ? unread(s) : 0;
                        return false;
                }
                s->source->taken += s->alignment;
                s->alignment = 0;
        }
        return s->in_stretch ? more_base64_groups(s) : begin_base64(s);
}

/* --- hex --- */

/* What was given since the last byte that is of no encoding: too little is taken back. */
static void cut_stretch(struct stage *s)
{
        if (!s->torn && s->length - s->stretch < s->blobs->shortest)
                s->length = s->stretch;
        else
                gap(s);
        s->stretch = s->length;
        s->torn = false;
}

static bool begin_hex(struct stage *s)
{
        struct stage *from = s->source;
        const size_t keep = 2 * s->blobs->shortest, here = from->taken;
        const size_t at = blob_hex_next(s->blobs, str_of(from->bytes, from->length), here);

        if (at == SIZE_MAX && from->ended)
                from->taken = from->length;
        else if (at == SIZE_MAX && unread(s) > keep)
                from->taken += unread(s) - keep;
        if (at == SIZE_MAX)
                return from->taken > here;
        if (!gap(s))
                return false;
        from->taken = at;
        s->skip = s->alignment > 0;
        s->stretch = s->length;
        s->torn = false;
        s->in_stretch = true;
        return true;
}

/* The digits at @chars are no byte of what is in front of them: there are so many that they can be a form by themselves, or others are glued
 * to the first byte of several that something stands between. */
static bool begins_anew(const struct stage *s, const char *chars, size_t count)
{
        const size_t most = 2 * s->blobs->shortest < count ? 2 * s->blobs->shortest : count;
        size_t digits = 0;

        while (digits < most && decode_hex_digit(chars[digits]) >= 0)
                digits++;
        return digits == 2 * s->blobs->shortest || (digits % 2 && digits < count && hex_is_between(chars[digits]));
}

/* Of @count characters: two digits, and what stands between them and those of the next byte. False: the stretch is at its end. */
static bool take_byte(struct stage *s, const char *chars, size_t count)
{
        struct stage *from = s->source;
        const int high = decode_hex_digit(chars[0]), low = count > 1 ? decode_hex_digit(chars[1]) : -1;

        if (!hex_is_part(chars[0]))
                return false;
        if (high < 0 || low < 0 || s->skip) {
                cut_stretch(s);
                /* What stands between no bytes begins a run of its own, to which a digit more may be glued as well. */
                s->skip = s->alignment && high < 0;
                from->taken++;
                return true;
        }
        if (s->blobs->text[high << 4 | low])
                give(s, (char)(high << 4 | low), from->taken, from->taken + 1);
        else
                cut_stretch(s);
        from->taken += 2;
        if (count > 3 && hex_is_between(chars[2]) && decode_hex_digit(chars[3]) >= 0 &&
                !(s->alignment && begins_anew(s, chars + 3, count - 3)))
                from->taken++;
        return true;
}

static bool more_hex(struct stage *s)
{
        struct stage *from = s->source;
        const size_t ahead = 3 + (s->alignment ? 2 * s->blobs->shortest : 1);

        if (!s->in_stretch)
                return begin_hex(s);
        while (room(s) > 0 && (unread(s) >= ahead || (from->ended && unread(s) > 0))) {
                if (take_byte(s, from->bytes + from->taken, unread(s)))
                        continue;
                cut_stretch(s);
                s->in_stretch = false;
                return true;
        }
        return false;
}

/* --- all of them --- */

static bool step(struct stage *s)
{
        switch (s->decoding) {
        case DECODE_BASE64:
                return more_base64(s);
        case DECODE_HEX:
                return more_hex(s);
        case DECODE_ESCAPES:
        case DECODE_PERCENT:
        case DECODE_ENTITIES:
        case DECODE_WRAPS:
                return more_characters(s);
        case DECODE_MAX_:
                break;
        }
        return false;
}

static void drop_taken(struct stage *s)
{
        const size_t left = s->length - s->taken;

        memmove(s->space, s->space + s->taken, left);
        if (s->spans_wanted)
                memmove(s->spans, s->spans + s->taken, left * sizeof(*s->spans));
        s->torn = s->torn || s->stretch < s->length;
        s->stretch = s->length = left;
        s->taken = 0;
}

bool stage_more(struct stage *s)
{
        size_t before;

        if (s->ended)
                return false;
        drop_taken(s);
        before = s->length;
        for (;;) {
                const bool all = s->source->ended;

                s->work++;
                if (step(s))
                        continue;
                if (room(s) < DECODE_GIVES_MAX)
                        break;
                /* It had all there is, or the source has no room for as much as is needed at once: never, by its size. */
                if (all || !stage_more(s->source)) {
                        s->ended = true;
                        s->stuck = unread(s) > 0 || s->source->stuck || !s->source->ended;
                        break;
                }
        }
        s->work += s->length > before ? s->length - before : 0;
        return s->length > before || s->ended;
}
