/* SPDX-License-Identifier: Apache-2.0 */
#include "inert.h"

#include <stdio.h>

#include "printable.h"
#include "utf8.h"
#include "visible.h"

/* Bits: a word's scripts are collected in one number. */
enum script {
        SCRIPT_NONE = 0, /* no letter, or one that is escaped in any case */
        SCRIPT_LATIN = 1,
        SCRIPT_GREEK = 2,
        SCRIPT_CYRILLIC = 4,
        SCRIPT_ARMENIAN = 8,
        SCRIPT_GEORGIAN = 16,
        SCRIPT_EAST_ASIAN = 32, /* stands beside Latin letters in honest text, and is taken for none of them */
};

/* Assigned letters of general category L, none of them with a width of its own below or above another. Left out of the
 * Latin ones are those that are read for ASCII: the dotless i, the kra, the long s. */
static const struct letter_range {
        uint32_t first, last;
        uint8_t script;
} letters[] = {
        { 0xC0, 0xD6, SCRIPT_LATIN },
        { 0xD8, 0xF6, SCRIPT_LATIN },
        { 0xF8, 0x130, SCRIPT_LATIN },
        { 0x132, 0x137, SCRIPT_LATIN },
        { 0x139, 0x148, SCRIPT_LATIN },
        { 0x14A, 0x17E, SCRIPT_LATIN },
        { 0x386, 0x386, SCRIPT_GREEK },
        { 0x388, 0x38A, SCRIPT_GREEK },
        { 0x38C, 0x38C, SCRIPT_GREEK },
        { 0x38E, 0x3A1, SCRIPT_GREEK },
        { 0x3A3, 0x3CE, SCRIPT_GREEK },
        { 0x400, 0x481, SCRIPT_CYRILLIC },
        { 0x48A, 0x52F, SCRIPT_CYRILLIC },
        { 0x531, 0x556, SCRIPT_ARMENIAN },
        { 0x561, 0x586, SCRIPT_ARMENIAN },
        { 0x10D0, 0x10FA, SCRIPT_GEORGIAN },
        { 0x3041, 0x3096, SCRIPT_EAST_ASIAN },
        { 0x30A1, 0x30FA, SCRIPT_EAST_ASIAN },
        { 0x3400, 0x4DBF, SCRIPT_EAST_ASIAN },
        { 0x4E00, 0x9FEF, SCRIPT_EAST_ASIAN },
        { 0xAC00, 0xD7A3, SCRIPT_EAST_ASIAN },
};

static enum script script_of(uint32_t cp)
{
        if (cp < 0x80)
                return (cp | 0x20) >= 'a' && (cp | 0x20) <= 'z' ? SCRIPT_LATIN : SCRIPT_NONE;
        if (!code_point_is_visible(cp))
                return SCRIPT_NONE;
        for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
                if (cp >= letters[i].first && cp <= letters[i].last)
                        return (enum script)letters[i].script;
        return SCRIPT_NONE;
}

/* What makes one name of several words, as in mail addresses and names of files. */
static bool joins(uint32_t cp)
{
        return (cp >= '0' && cp <= '9') || cp == '_' || cp == '-' || cp == '.' || cp == '@';
}

/* How many bytes of letters and joints @s begins with; @ret_mixed: two alphabets among them. */
static size_t word_of(struct str s, bool *ret_mixed)
{
        unsigned alphabets = 0;
        size_t length = 0, used;
        uint32_t cp;

        while ((used = utf8_decode(str_skip(s, length), &cp)) > 0 && (script_of(cp) != SCRIPT_NONE || joins(cp))) {
                alphabets |= (unsigned)script_of(cp) & ~(unsigned)SCRIPT_EAST_ASIAN;
                length += used;
        }
        *ret_mixed = (alphabets & (alphabets - 1)) != 0;
        return length;
}

void inert_init(struct inert *t, struct str s, enum inert_kind kind, bool letters_wanted)
{
        *t = (struct inert){ .rest = s, .kind = kind, .letters = letters_wanted };
}

static bool is_shown(const struct inert *t, uint32_t cp)
{
        const enum script script = script_of(cp);

        if (cp < 0x80)
                return cp >= 0x20 && cp < 0x7F;
        if (!t->letters || script == SCRIPT_NONE)
                return false;
        return !t->mixed || script == SCRIPT_LATIN || script == SCRIPT_EAST_ASIAN;
}

static size_t escape_json(uint32_t cp, char out[static 16])
{
        if (cp < 0x10000)
                return (size_t)snprintf(out, 16, "\\u%04x", cp);
        cp -= 0x10000;
        return (size_t)snprintf(out, 16, "\\u%04x\\u%04x", 0xD800 + (cp >> 10), 0xDC00 + (cp & 0x3FF));
}

/* How much of @s, which begins with a backslash, is one JSON escape; 1 when it is none. */
static size_t json_escape_length(struct str s)
{
        const size_t length = s.len > 1 && s.ptr[1] == 'u' ? 6 : 2;

        if (length > s.len)
                return 1;
        for (size_t i = 1; i < length; i++)
                if (s.ptr[i] <= ' ' || s.ptr[i] >= 0x7F)
                        return 1;
        return length;
}

static size_t take_backslash(const struct inert *t, struct inert_piece *ret)
{
        const size_t used = t->kind == INERT_JSON ? json_escape_length(t->rest) : 1;

        memcpy(ret->text, t->rest.ptr, used);
        ret->length = (uint8_t)used;
        if (t->kind == INERT_PLAIN)
                ret->text[ret->length++] = '\\';
        return used;
}

/* Bytes that are no UTF-8 cannot stand in JSON text; they are told all the same. */
static size_t take_other(const struct inert *t, struct inert_piece *ret)
{
        uint32_t cp;
        size_t used = utf8_decode(t->rest, &cp);

        if (used && is_shown(t, cp)) {
                memcpy(ret->text, t->rest.ptr, used);
                ret->length = (uint8_t)used;
                ret->columns = cp < 0x80 ? 1 : 2;
        } else if (used && t->kind == INERT_JSON) {
                ret->length = (uint8_t)escape_json(cp, ret->text);
        } else {
                ret->length = (uint8_t)printable_escape(t->rest, ret->text, &used);
        }
        return used;
}

bool inert_next(struct inert *t, struct inert_piece *ret)
{
        size_t used;

        if (t->rest.len == 0)
                return false;
        if (t->in_word == 0)
                t->in_word = word_of(t->rest, &t->mixed);
        *ret = (struct inert_piece){ .columns = 0 };
        used = t->rest.ptr[0] == '\\' ? take_backslash(t, ret) : take_other(t, ret);
        if (ret->columns == 0)
                ret->columns = ret->length;
        t->in_word -= used < t->in_word ? used : t->in_word;
        t->rest = str_skip(t->rest, used);
        return true;
}
