/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks a pattern's text, so that reading it anew for each command cannot fail.
 */
#include "command_glob.h"
#include "command_words.h"
#include "limit.h"
#include "plain_command.h"

static bool problem(struct command_problem *p, size_t from, size_t to, const char *what, const char *help)
{
        *p = (struct command_problem){ what, help, from, to - from };
        return false;
}

static bool check_class(const struct glob_element *e, size_t from, size_t to, struct command_problem *p)
{
        size_t at = 0;
        char first, last;

        if (e->members.len == 0)
                return problem(p, from, to, "this class is empty", "write `\\]` for the bracket itself");
        if (!e->inverted && e->members.ptr[0] == '^')
                return problem(p, from, to, "`[^` is not how this language says \"none of\"", "write `[!...]`");
        while (glob_class_next(e->members, &at, &first, &last)) {
                if ((unsigned char)first >= 0x80 || (unsigned char)last >= 0x80)
                        return problem(p, from, to, "a class holds ASCII characters only", NULL);
                if (last < first)
                        return problem(p, from, to, "this range runs backwards", NULL);
        }
        return true;
}

/* One element, which stands at @from and ends at @to. */
static bool check_element(const struct glob_element *e, bool broken, size_t from, size_t to, struct command_problem *p)
{
        if (broken && e->kind == GLOB_CLASS)
                return problem(p, from, from + 1, "this `[` has no `]`", "write `\\[` for the bracket itself");
        if (broken)
                return problem(p, from, to, "nothing stands behind this `\\`", NULL);
        if (e->kind == GLOB_CLASS)
                return check_class(e, from, to, p);
        if (e->kind == GLOB_LITERAL && !command_word_may_hold(e->literal))
                return problem(p, from, to, "no plain command holds this character, so the pattern never matches",
                        "a pattern names characters of printable ASCII without \" $ ` \\ ! % ^");
        return true;
}

/* The word at *at, which moves to its end. */
static bool check_word(const struct command_pattern *pattern, size_t *at, struct command_problem *p)
{
        struct glob_cursor c = { .at = *at };
        bool broken = false, first = *at == 0, wild = false;
        char name[LIMIT_COMMAND_PATTERN_BYTES];
        size_t start = *at, len = 0;

        for (;;) {
                size_t from = c.at;
                struct glob_element e = glob_next(pattern->words, &c, &broken);

                if (e.kind == GLOB_END)
                        break;
                if (!check_element(&e, broken, from, c.at, p))
                        return false;
                wild |= e.kind != GLOB_LITERAL;
                if (len < sizeof(name))
                        name[len++] = e.literal;
        }
        *at = c.at;
        if (c.quoted)
                return problem(p, start, c.at, "a double quote is not closed in this word", NULL);
        if (c.at == start)
                return problem(p, start, start + 1, "there is more than one space between two words", NULL);
        if (!first)
                return true;
        if (wild && !pattern->denies)
                return problem(p, start, c.at, "the first word has a wildcard: it names the program",
                        "write one pattern for each program");
        if (!wild && command_name_trouble(str_of(name, len)))
                return problem(p, start, c.at, "no plain command begins with this word, so the pattern never matches",
                        "name the program itself");
        return true;
}

/* Is the byte at @at taken as it is, for the backslashes before it? */
static bool is_escaped(struct str text, size_t at)
{
        size_t n = 0;

        while (n < at && text.ptr[at - n - 1] == '\\')
                ++n;
        return n % 2 != 0;
}

/* Takes a last word `**` or `-**` away, quoted or not. */
static void cut_rest(struct command_pattern *pattern)
{
        static const struct {
                struct str text;
                enum command_rest rest;
                bool quoted;
        } ends[] = {
                { STR_INIT(" **"), COMMAND_REST_PLAIN, false },
                { STR_INIT(" \"**\""), COMMAND_REST_PLAIN, true },
                { STR_INIT(" -**"), COMMAND_REST_ANY, false },
                { STR_INIT(" \"-**\""), COMMAND_REST_ANY, true },
        };

        for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); ++i) {
                if (str_ends_with(pattern->words, ends[i].text) &&
                        !is_escaped(pattern->words, pattern->words.len - ends[i].text.len)) {
                        pattern->words.len -= ends[i].text.len;
                        pattern->rest = ends[i].rest;
                        pattern->rest_quoted = ends[i].quoted;
                        return;
                }
        }
}

/* `**` elsewhere would be read as `*`, which is not what its writer meant. */
static bool check_stars(struct str words, struct command_problem *p)
{
        for (size_t i = 0; i + 1 < words.len; ++i) {
                if (words.ptr[i] == '\\')
                        ++i;
                else if (words.ptr[i] == '*' && words.ptr[i + 1] == '*')
                        return problem(p, i, i + 2, "`**` stands only as the last word",
                                "write `*` for any run of characters within a word");
        }
        return true;
}

bool command_pattern_compile(struct command_pattern *ret, struct str text, bool denies, struct command_problem *p)
{
        struct command_pattern pattern = { .words = text, .denies = denies };
        size_t at = 0;

        if (text.len == 0)
                return problem(p, 0, 0, "a pattern cannot be empty", NULL);
        if (text.len > LIMIT_COMMAND_PATTERN_BYTES)
                return problem(p, 0, 1, "this pattern is too long", NULL);
        if (text.ptr[0] == ' ' || (text.ptr[text.len - 1] == ' ' && !is_escaped(text, text.len - 1)))
                return problem(p, 0, text.len, "a pattern neither begins nor ends with a space", NULL);
        cut_rest(&pattern);
        if (!check_stars(pattern.words, p))
                return false;
        while (at < pattern.words.len) {
                if (!check_word(&pattern, &at, p))
                        return false;
                at += at < pattern.words.len; /* the space */
        }
        *ret = pattern;
        return true;
}

int command_pattern_quote(struct buf *b, struct str value)
{
        for (size_t i = 0; i < value.len; ++i) {
                char both[2] = { '\\', value.ptr[i] };
                int r = buf_append(b, both, sizeof(both));

                if (r < 0)
                        return r;
        }
        return 0;
}
