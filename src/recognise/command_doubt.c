/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands in a pattern and may never match: no plain command holds the character, or not where the pattern has it.
 */
#include "command_glob.h"
#include "command_words.h"
#include "plain_command.h"

/* Where a character may stand in a plain command. */
struct standing {
        bool bare, quoted;
};

static struct standing standing_of(char c)
{
        return (struct standing){ command_word_may_hold_bare(c), command_word_may_hold(c) };
}

/* Of a byte or range: what any of it may do. */
static struct standing standing_of_range(char first, char last)
{
        struct standing any = { false, false };

        for (unsigned c = (unsigned char)first; c <= (unsigned char)last; ++c) {
                const struct standing one = standing_of((char)c);

                any.bare |= one.bare;
                any.quoted |= one.quoted;
        }
        return any;
}

/* @ret_dead: a member that can never match. */
static struct standing standing_of_class(const struct glob_element *e, bool *ret_dead)
{
        struct standing any = { false, false };
        size_t at = 0;
        char first, last;

        while (glob_class_next(e->members, &at, &first, &last)) {
                const struct standing one = standing_of_range(first, last);

                *ret_dead |= !one.quoted;
                any.bare |= one.bare;
                any.quoted |= one.quoted;
        }
        return any;
}

static const char *doubt_about(const struct glob_element *e, bool first_word, const char **ret_help)
{
        struct standing may = { true, true };
        bool dead = false;

        if (e->kind == GLOB_LITERAL)
                may = standing_of(e->literal);
        else if (e->kind == GLOB_CLASS && !e->inverted)
                may = standing_of_class(e, &dead);
        if (dead) {
                *ret_help = "leave it out: a command that holds it is not read, so that allow rules refuse it and deny "
                            "rules deny it";
                return "no plain command holds a character of this class";
        }
        if (may.bare)
                return NULL;
        if (first_word) {
                *ret_help = "name the program itself";
                return "no plain command begins with a word that holds this, so the pattern never matches";
        }
        if (e->quoted || (e->kind == GLOB_LITERAL && e->literal == ' '))
                return NULL;
        *ret_help = "put the word in double quotes if that is meant; a command with it elsewhere is not read, so that "
                    "allow rules "
                    "refuse it and deny rules deny it";
        return "plain commands hold this only in double quotes";
}

bool command_pattern_doubt(const struct command_pattern *pattern, struct command_problem *problem)
{
        struct glob_cursor c = { .at = 0 };
        bool broken = false, first_word = true;

        while (c.at < pattern->words.len) {
                const size_t from = c.at;
                const struct glob_element e = glob_next(pattern->words, &c, &broken);
                const char *help = NULL, *what;

                if (broken)
                        return false;
                if (e.kind == GLOB_END) {
                        first_word = false;
                        c.at += c.at < pattern->words.len; /* the space */
                        continue;
                }
                what = doubt_about(&e, first_word, &help);
                if (!what)
                        continue;
                *problem = (struct command_problem){ what, help, from, c.at - from };
                return true;
        }
        return false;
}
