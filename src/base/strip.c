/* SPDX-License-Identifier: Apache-2.0 */
#include "strip.h"

#include <stddef.h>

#include "cleanup.h"
#include "utf8.h"

#define ESC 0x1BU
#define BEL 0x07U

struct code_points {
        uint32_t first, last;
};

/* Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt), to which all bidirectional controls belong, and the interlinear
 * annotation characters. */
static const struct code_points invisible[] = {
        { 0xAD, 0xAD },       { 0x34F, 0x34F },     { 0x61C, 0x61C },     { 0x115F, 0x1160 },
        { 0x17B4, 0x17B5 },   { 0x180B, 0x180F },   { 0x200B, 0x200F },   { 0x202A, 0x202E },
        { 0x2060, 0x206F },   { 0x3164, 0x3164 },   { 0xFE00, 0xFE0F },   { 0xFEFF, 0xFEFF },
        { 0xFFA0, 0xFFA0 },   { 0xFFF0, 0xFFFB },   { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A },
        { 0xE0000, 0xE0FFF },
};

static bool is_invisible(uint32_t cp)
{
        for (size_t i = 0; i < sizeof(invisible) / sizeof(invisible[0]) && invisible[i].first <= cp; ++i) {
                if (cp <= invisible[i].last)
                        return true;
        }
        return false;
}

static bool is_control(uint32_t cp)
{
        return (cp < 0x20 && cp != '\t' && cp != '\n' && cp != '\r') || (cp >= 0x7F && cp <= 0x9F);
}

/* The character at the start of @s; a byte that begins none counts as one. */
static size_t next(struct str s, uint32_t *ret)
{
        size_t n;

        *ret = (unsigned char)s.ptr[0];
        if (*ret < 0x80)
                return 1;
        n = utf8_decode(s, ret);
        return n ? n : 1;
}

bool strip_finds(struct str text, unsigned what)
{
        uint32_t cp;

        for (size_t n; text.len; text = str_skip(text, n)) {
                n = next(text, &cp);
                if ((what & STRIP_TERMINAL && is_control(cp)) || (what & STRIP_INVISIBLE && cp >= 0x80 && is_invisible(cp)))
                        return true;
        }
        return false;
}

/* --- sequences, by ECMA-48 --- */

static bool is_between(struct str s, size_t at, unsigned first, unsigned last)
{
        return at < s.len && (unsigned char)s.ptr[at] >= first && (unsigned char)s.ptr[at] <= last;
}

static size_t skip_run(struct str s, size_t at, unsigned first, unsigned last)
{
        while (is_between(s, at, first, last))
                ++at;
        return at;
}

/* Parameters, intermediate bytes, a final one; one that breaks off ends where it does. */
static size_t end_of_csi(struct str s, size_t at)
{
        at = skip_run(s, at, 0x30, 0x3F);
        at = skip_run(s, at, 0x20, 0x2F);
        return is_between(s, at, 0x40, 0x7E) ? at + 1 : at;
}

/* A string and its end, ST or (as in xterm) BEL. Without an end only what opened it goes: the rest is text. The next escape
 * or C1 character that is no end breaks it off, so that no byte is looked at for more than two of them. */
static size_t end_of_string(struct str s, size_t at)
{
        for (size_t i = at, n; i < s.len; i += n) {
                uint32_t cp;

                n = next(str_skip(s, i), &cp);
                if (cp == BEL || cp == 0x9C)
                        return i + n;
                if (cp == ESC && is_between(s, i + 1, '\\', '\\'))
                        return i + 2;
                if (cp == ESC || (cp >= 0x80 && cp <= 0x9F))
                        break;
        }
        return at;
}

static size_t end_of_escape(struct str s)
{
        size_t at = 1;

        if (is_between(s, at, '[', '['))
                return end_of_csi(s, at + 1);
        if (at < s.len && (s.ptr[at] == ']' || s.ptr[at] == 'P' || s.ptr[at] == 'X' || s.ptr[at] == '^' || s.ptr[at] == '_'))
                return end_of_string(s, at + 1);
        at = skip_run(s, at, 0x20, 0x2F);
        return is_between(s, at, 0x30, 0x7E) ? at + 1 : at;
}

/* Of the control character @cp at the start of @s, which takes @n bytes: where what it begins ends. */
static size_t end_of_control(struct str s, uint32_t cp, size_t n)
{
        if (cp == ESC)
                return end_of_escape(s);
        if (cp == 0x9B)
                return end_of_csi(s, n);
        if (cp == 0x90 || cp == 0x98 || (cp >= 0x9D && cp <= 0x9F))
                return end_of_string(s, n);
        return n;
}

/* --- --- */

static int strip_one_kind(struct buf *out, struct str text, bool terminal, uint64_t *count)
{
        struct str rest = text;
        const char *copied = text.ptr;
        uint32_t cp;
        int r;

        while (rest.len) {
                size_t n = next(rest, &cp);

                if (terminal ? !is_control(cp) : cp < 0x80 || !is_invisible(cp)) {
                        rest = str_skip(rest, n);
                        continue;
                }
                r = buf_append(out, copied, (size_t)(rest.ptr - copied));
                if (r < 0)
                        return r;
                rest = str_skip(rest, terminal ? end_of_control(rest, cp, n) : n);
                copied = rest.ptr;
                ++*count;
        }
        return buf_append(out, copied, (size_t)(rest.ptr - copied));
}

/* Invisible characters first: one within a sequence would hide it. No sequence is left over by taking out others, since no
 * character that begins one is. */
int strip_append(struct buf *out, struct str text, unsigned what, uint64_t *count)
{
        AUTO_BUF struct buf seen = BUF_INIT(text.len);

        if (what == (STRIP_TERMINAL | STRIP_INVISIBLE)) {
                int r = strip_one_kind(&seen, text, false, count);

                return r < 0 ? r : strip_one_kind(out, buf_str(&seen), true, count);
        }
        return what ? strip_one_kind(out, text, what == STRIP_TERMINAL, count) : buf_append_str(out, text);
}
