/* SPDX-License-Identifier: Apache-2.0
 *
 * A pattern becomes a row of atoms, each for one character or (a star) for any number of them; a set of places in the row is
 * all that can be known while a text is read. Walking the texts of one pattern while keeping the set of places of the other
 * shows a text that only the first matches, or that there is none. Characters that no pattern names behave alike, so that a
 * few stand for all.
 */
#include "pattern_walk.h"

#include <string.h>

#include "cleanup.h"
#include "utf8.h"

/* More atoms than a name has bytes are rare (LIMIT_NAME_BYTES); longer patterns are compared as texts only. */
#define ATOMS 255U
#define PLACE_WORDS 4U
/* States of one walk. Two patterns with three stars each come to a few hundred. */
#define STATES 4096U
#define LETTERS 192U

struct atom {
        bool star;
        uint32_t literal; /* a character, when it is not 0 */
        uint64_t ascii[2];
        bool controls; /* U+0080 to U+009F */
        bool others;   /* what is above */
};

struct atoms {
        struct atom at[ATOMS];
        size_t count;
};

struct places {
        uint64_t bits[PLACE_WORDS];
};

/* --- atoms --- */

static const uint64_t every_ascii[2] = { UINT64_MAX, UINT64_MAX };
static const uint64_t printable[2] = { UINT64_C(0xFFFFFFFF00000000), UINT64_C(0x7FFFFFFFFFFFFFFF) };

static struct atom wild_atom(const struct pattern *p, struct pattern_op op)
{
        struct atom atom = { .star = op.kind >= OP_STAR };
        bool crosses = op.kind == OP_STAR_STAR || p->kind != PATTERN_URI;

        if (op.kind == OP_CLASS) {
                memcpy(atom.ascii, op.set->bits, sizeof(atom.ascii));
        } else {
                memcpy(atom.ascii, p->denies ? every_ascii : printable, sizeof(atom.ascii));
                if (!crosses)
                        atom.ascii['/' / 64] &= ~(UINT64_C(1) << ('/' % 64));
        }
        if (op.kind == OP_CLASS) {
                atom.others = op.set->bits[2] | op.set->bits[3];
                atom.controls = atom.others && p->denies;
        } else {
                atom.others = p->denies || p->kind == PATTERN_TEXT;
                atom.controls = p->denies || (atom.star && atom.others);
        }
        return atom;
}

static bool add_literal(struct atoms *atoms, struct str text)
{
        uint32_t cp;
        size_t n;

        for (; text.len; text = str_skip(text, n)) {
                n = utf8_decode(text, &cp);
                if (n == 0 || cp == 0 || atoms->count == ATOMS)
                        return false;
                atoms->at[atoms->count++] = (struct atom){ .literal = cp };
        }
        return true;
}

static bool atoms_of(const struct pattern *p, struct atoms *ret)
{
        const struct pattern_op everything = { .kind = OP_STAR_STAR };

        ret->count = 0;
        if (p->everything) {
                struct pattern all = { .denies = true };

                ret->at[ret->count++] = wild_atom(&all, everything);
                return true;
        }
        for (size_t i = 0; i < p->count; ++i) {
                struct pattern_op op = pattern_op(p, i);

                if (op.kind == OP_LITERAL) {
                        if (!add_literal(ret, op.literal))
                                return false;
                        continue;
                }
                if (ret->count == ATOMS)
                        return false;
                ret->at[ret->count++] = wild_atom(p, op);
        }
        return true;
}

static bool takes(const struct atom *a, uint32_t cp)
{
        if (a->literal)
                return a->literal == cp;
        if (cp < 128)
                return a->ascii[cp / 64] >> (cp % 64) & 1;
        return cp < 0xA0 ? a->controls : a->others;
}

/* --- letters: one of each sort that behaves alike --- */

struct letters {
        uint32_t at[LETTERS];
        size_t count;
};

static bool has_letter(const struct letters *l, uint32_t cp)
{
        for (size_t i = 0; i < l->count; ++i) {
                if (l->at[i] == cp)
                        return true;
        }
        return false;
}

static bool add_letters(struct letters *l, const struct atoms *atoms)
{
        for (size_t i = 0; i < atoms->count; ++i) {
                uint32_t cp = atoms->at[i].literal;

                if (cp < 128 || has_letter(l, cp))
                        continue;
                if (l->count == LETTERS - 2)
                        return false;
                l->at[l->count++] = cp;
        }
        return true;
}

struct ascii {
        uint64_t bits[2];
};

static struct ascii ascii_of(const struct atom *a)
{
        struct ascii set = { { a->ascii[0], a->ascii[1] } };

        if (a->literal && a->literal < 128)
                set.bits[a->literal / 64] |= UINT64_C(1) << (a->literal % 64);
        return set;
}

/* Characters that every atom so far takes, or that none does, stand in one class: each class falls into what this atom
 * takes and what it does not. */
static void split(struct ascii *classes, size_t *count, const struct atom *a)
{
        const struct ascii in = ascii_of(a);

        for (size_t i = 0, before = *count; i < before; ++i) {
                const struct ascii taken = { { classes[i].bits[0] & in.bits[0], classes[i].bits[1] & in.bits[1] } };
                const struct ascii left = { { classes[i].bits[0] & ~in.bits[0], classes[i].bits[1] & ~in.bits[1] } };

                if (!(taken.bits[0] | taken.bits[1]) || !(left.bits[0] | left.bits[1]))
                        continue;
                classes[i] = taken;
                classes[(*count)++] = left;
        }
}

/* Names have no control characters, texts may. */
static void add_ascii(struct letters *l, const struct atoms *const *rows, size_t row_count, bool controls)
{
        struct ascii classes[128];
        size_t count = 1;

        memcpy(classes[0].bits, controls ? every_ascii : printable, sizeof(classes[0].bits));
        for (size_t i = 0; i < row_count; ++i) {
                for (size_t j = 0; j < rows[i]->count; ++j)
                        split(classes, &count, &rows[i]->at[j]);
        }
        for (size_t i = 0; i < count; ++i) {
                const uint64_t *bits = classes[i].bits;

                l->at[l->count++] = (uint32_t)(bits[0] ? __builtin_ctzll(bits[0]) : 64 + __builtin_ctzll(bits[1]));
        }
}

static bool letters_of(const struct atoms *const *rows, size_t count, bool controls, struct letters *ret)
{
        uint32_t cp;

        ret->count = 0;
        add_ascii(ret, rows, count, controls);
        for (size_t i = 0; i < count; ++i) {
                if (!add_letters(ret, rows[i]))
                        return false;
        }
        for (cp = 0x80; cp < 0xA0 && has_letter(ret, cp); ++cp)
                ;
        if (cp < 0xA0)
                ret->at[ret->count++] = cp;
        for (cp = 0x100; has_letter(ret, cp); ++cp)
                ;
        ret->at[ret->count++] = cp;
        return true;
}

/* --- walking --- */

static void add_place(const struct atoms *row, struct places *set, size_t place)
{
        for (;; ++place) {
                set->bits[place / 64] |= UINT64_C(1) << (place % 64);
                if (place == row->count || !row->at[place].star)
                        return;
        }
}

static struct places step(const struct atoms *row, const struct places *from, uint32_t cp)
{
        struct places to = { 0 };

        for (size_t i = 0; i < row->count; ++i) {
                if (from->bits[i / 64] >> (i % 64) & 1 && takes(&row->at[i], cp))
                        add_place(row, &to, row->at[i].star ? i : i + 1);
        }
        return to;
}

static bool is_empty(const struct places *set)
{
        return !(set->bits[0] | set->bits[1] | set->bits[2] | set->bits[3]);
}

static bool is_end(const struct atoms *row, const struct places *set)
{
        return set->bits[row->count / 64] >> (row->count % 64) & 1;
}

/* What is known of all rows after some text. */
struct state {
        struct places a, b, wide;
};

struct walk {
        struct atoms a, b, wide;
        struct letters letters;
        struct state states[STATES];
        uint16_t slots[2 * STATES]; /* index + 1 of a state; 0: free */
        size_t count;
};

/* False when there is no room. */
static bool visit(struct walk *w, const struct state *s)
{
        size_t slot = (size_t)str_hash(str_of((const char *)s, sizeof(*s))) % (2 * STATES);

        for (; w->slots[slot]; slot = (slot + 1) % (2 * STATES)) {
                if (memcmp(&w->states[w->slots[slot] - 1], s, sizeof(*s)) == 0)
                        return true;
        }
        if (w->count == STATES)
                return false;
        w->states[w->count++] = *s;
        w->slots[slot] = (uint16_t)w->count;
        return true;
}

/* Is there a text that a and b match, and wide does not? Without @wide: that a and b match? */
static enum pattern_found search(struct walk *w, bool wide)
{
        struct state s = { 0 };

        add_place(&w->a, &s.a, 0);
        add_place(&w->b, &s.b, 0);
        if (wide)
                add_place(&w->wide, &s.wide, 0);
        if (!visit(w, &s))
                return PATTERN_FOUND_UNKNOWN;
        for (size_t i = 0; i < w->count; ++i) {
                struct state from = w->states[i];

                if (is_end(&w->a, &from.a) && is_end(&w->b, &from.b) && !(wide && is_end(&w->wide, &from.wide)))
                        return PATTERN_FOUND_ONE;
                for (size_t l = 0; l < w->letters.count; ++l) {
                        uint32_t cp = w->letters.at[l];
                        struct state to = { step(&w->a, &from.a, cp), step(&w->b, &from.b, cp), { { 0 } } };

                        if (is_empty(&to.a) || is_empty(&to.b))
                                continue;
                        if (wide)
                                to.wide = step(&w->wide, &from.wide, cp);
                        if (!visit(w, &to))
                                return PATTERN_FOUND_UNKNOWN;
                }
        }
        return PATTERN_FOUND_NONE;
}

enum pattern_found pattern_walk(const struct pattern *a, const struct pattern *b, const struct pattern *wide)
{
        AUTO_FREE struct walk *w = mem_alloc(sizeof(*w));
        const struct atoms *rows[3];

        if (!w || !atoms_of(a, &w->a) || !atoms_of(b, &w->b) || (wide && !atoms_of(wide, &w->wide)))
                return PATTERN_FOUND_UNKNOWN;
        /* Most walks see a handful of states: the others are written before they are read. */
        memset(w->slots, 0, sizeof(w->slots));
        w->count = 0;
        rows[0] = &w->a;
        rows[1] = &w->b;
        rows[2] = &w->wide;
        if (!letters_of(rows, wide ? 3 : 2, a->kind == PATTERN_TEXT, &w->letters))
                return PATTERN_FOUND_UNKNOWN;
        return search(w, wide != NULL);
}
