/* SPDX-License-Identifier: Apache-2.0 */
#include "plain_command.h"

#include <stdint.h>

#include "command_glob.h"
#include "command_words.h"
#include "limit.h"

/* One pattern on its way over a command's words. */
struct matcher {
        const struct command_pattern *pattern;
        size_t steps; /* left */
        bool spent;   /* none were left */
};

/* Where to go on when what follows a `*` did not match: with one more character given to it. */
struct retry {
        bool set, quoted;
        struct glob_cursor cursor; /* behind the star */
        size_t at;
};

static bool wild_takes(const struct matcher *m, char c, bool quoted)
{
        return m->pattern->denies || quoted || c != ' ';
}

static bool class_has(const struct glob_element *e, char c)
{
        size_t at = 0;
        char first, last;

        while (glob_class_next(e->members, &at, &first, &last)) {
                if (c >= first && c <= last)
                        return true;
        }
        return false;
}

static bool element_takes(const struct matcher *m, const struct glob_element *e, char c)
{
        switch (e->kind) {
        case GLOB_LITERAL:
                return c == e->literal;
        case GLOB_ONE:
                return wild_takes(m, c, e->quoted);
        case GLOB_CLASS:
                return class_has(e, c) != e->inverted && wild_takes(m, c, e->quoted);
        case GLOB_STAR:
        case GLOB_END:
                return false;
        }
        return false;
}

/* The shortest run for each star, the last one lengthened first: what an earlier one could gain, the later reaches too,
 * for all take the same. *cursor moves to the end of the pattern's word. */
static bool glob_matches(struct matcher *m, struct glob_cursor *cursor, const struct command_word *w)
{
        struct retry star = { 0 };
        size_t at = 0, len = command_word_len(w);
        bool broken = false;

        for (; m->steps > 0; --m->steps) {
                struct glob_element e = glob_next(m->pattern->words, cursor, &broken);

                if (broken)
                        return false;
                if (e.kind == GLOB_END && at == len)
                        return true;
                if (e.kind == GLOB_STAR) {
                        star = (struct retry){ true, e.quoted, *cursor, at };
                        continue;
                }
                if (at < len && element_takes(m, &e, command_word_char(w, at))) {
                        ++at;
                        continue;
                }
                if (!star.set || star.at >= len || !wild_takes(m, command_word_char(w, star.at), star.quoted))
                        return false;
                at = ++star.at;
                *cursor = star.cursor;
        }
        m->spent = true;
        return false;
}

/* Is there a `..` in the word, alone between separators, from @from on? */
static bool has_parent(const struct command_word *w, size_t from)
{
        size_t start = from, len = command_word_len(w);

        for (size_t i = from; i <= len; ++i) {
                if (i < len && !strchr("/:=, ", command_word_char(w, i)))
                        continue;
                if (i - start == 2 && command_word_char(w, start) == '.' && command_word_char(w, start + 1) == '.')
                        return true;
                start = i + 1;
        }
        return false;
}

/* In an allow pattern: what the wildcards of the word at the cursor may not take (see the header). */
static bool wildcards_may_take(const struct matcher *m, struct glob_cursor c, const struct command_word *w)
{
        size_t literals = 0, last = 0;
        bool broken = false;

        for (;;) {
                struct glob_element e = glob_next(m->pattern->words, &c, &broken);

                if (broken)
                        return false;
                if (e.kind == GLOB_END)
                        return true;
                if (e.kind != GLOB_LITERAL)
                        break;
                ++literals;
                if (e.literal && strchr("/:=, ", e.literal))
                        last = literals;
        }
        if (literals == 0 && command_word_len(w) && command_word_char(w, 0) == '-')
                return false;
        return !has_parent(w, last);
}

static bool rest_takes(const struct command_pattern *p, const struct command_word *w)
{
        if (p->denies)
                return true;
        if (p->rest == COMMAND_REST_PLAIN && command_word_len(w) && command_word_char(w, 0) == '-')
                return false;
        if (!p->rest_quoted && w->quoted && w->tail.len && memchr(w->tail.ptr, ' ', w->tail.len))
                return false;
        return !has_parent(w, 0);
}

static bool pattern_takes(struct matcher *m, const struct command_words *words)
{
        const struct command_pattern *p = m->pattern;
        struct glob_cursor c = { 0 }, behind;
        size_t i = 0;

        for (; c.at < p->words.len; ++i) {
                if (i == words->count || (!p->denies && !wildcards_may_take(m, c, &words->word[i])))
                        return false;
                behind = c;
                if (!glob_matches(m, &behind, &words->word[i]))
                        return false;
                c = behind;
                c.at += c.at < p->words.len; /* the space */
        }
        if (p->rest == COMMAND_REST_NONE)
                return i == words->count;
        for (; i < words->count; ++i) {
                if (!rest_takes(p, &words->word[i]))
                        return false;
        }
        return true;
}

enum recognised command_recognise(
        struct str text, const struct command_pattern *patterns, size_t count, const char **ret_why)
{
        struct command_words words;
        bool spent = false;

        if (!command_words_read(&words, text, ret_why))
                return RECOGNISED_UNREADABLE;
        for (size_t i = 0; i < count; ++i) {
                struct matcher m = { &patterns[i], LIMIT_PATTERN_STEPS(text.len + patterns[i].words.len), false };

                if (pattern_takes(&m, &words)) {
                        *ret_why = NULL;
                        return RECOGNISED_HOLDS;
                }
                spent |= m.spent;
        }
        if (spent) {
                *ret_why = "comparing it with a pattern takes too long";
                return RECOGNISED_UNREADABLE;
        }
        *ret_why = "it is a plain command, but none that the policy names";
        return RECOGNISED_DOES_NOT;
}
