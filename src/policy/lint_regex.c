/* SPDX-License-Identifier: Apache-2.0
 *
 * What is told of regular expressions: that they are no guard, where a rule allows by them, and that they give up on texts that
 * somebody could send.
 */
#include "cleanup.h"
#include "limit.h"
#include "linter.h"
#include "scratch.h"

/* --- anchors --- */

/* What the expression says at its outermost level. */
struct outline {
        bool starts, ends; /* at an anchor */
        bool alternates;   /* anchors are then those of one branch only */
};

static bool is_anchor_at_end(struct str s)
{
        size_t slashes = 0;

        if (s.len == 0)
                return false;
        if (s.ptr[s.len - 1] == '$') {
                while (slashes + 1 < s.len && s.ptr[s.len - 2 - slashes] == '\\')
                        ++slashes;
                return slashes % 2 == 0;
        }
        return str_ends_with(s, STR("\\z")) || str_ends_with(s, STR("\\Z"));
}

static struct outline outline_of(struct str s)
{
        struct outline o = { .ends = is_anchor_at_end(s) };
        bool multiline = s.len && memmem(s.ptr, s.len, "(?m", 3);
        size_t depth = 0;
        bool in_class = false;

        o.starts = !multiline && (str_starts_with(s, STR("^")) || str_starts_with(s, STR("\\A")));
        o.ends = o.ends && !multiline;
        for (size_t i = 0; i < s.len; ++i) {
                char c = s.ptr[i];

                if (c == '\\')
                        ++i;
                else if (in_class)
                        in_class = c != ']';
                else if (c == '[')
                        in_class = true;
                else if (c == '(')
                        ++depth;
                else if (c == ')' && depth)
                        --depth;
                else if (c == '|' && depth == 0)
                        o.alternates = true;
        }
        return o;
}

static void lint_anchors(struct compile *c, const struct yaml_node *node, bool whole)
{
        struct outline o = outline_of(node->text);
        struct str rest = str_skip(node->text, str_starts_with(node->text, STR("^")));

        if (!whole && (!o.starts || !o.ends || o.alternates))
                compile_warning(c, P_UNANCHORED, node,
                        "write `matches` for the whole value, or `contains` or `starts_with` if that is meant",
                        "`search` finds this in the midst of other text, which a call can put there");
        if (whole && str_starts_with(rest, STR(".*")))
                compile_warning(c, P_UNANCHORED, node, "say what may stand in front", "this takes any text in front of the rest");
}

/* --- samples --- */

#define UNITS_MAX 48U
/* With as many repetitions what is quadratic stays within LIMIT_REGEX_STEPS, and what grows faster does not. */
#define REPEATED 250U
#define PREFIX_BYTES 100U

struct samples {
        char units[UNITS_MAX][3];
        size_t count;
        char prefix[PREFIX_BYTES]; /* what the expression begins with */
        size_t prefix_length;
};

static void add_unit(struct samples *s, char first, char second)
{
        for (size_t i = 0; i < s->count; ++i) {
                if (s->units[i][0] == first && s->units[i][1] == second)
                        return;
        }
        if (s->count == UNITS_MAX)
                return;
        s->units[s->count][0] = first;
        s->units[s->count][1] = second;
        s->units[s->count++][2] = '\0';
}

static bool is_alnum(char c)
{
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void make_units(struct samples *s, struct str text)
{
        static const char usual[] = "a0A /-.";

        for (size_t i = 0; i + 1 < sizeof(usual); ++i)
                add_unit(s, usual[i], '\0');
        for (size_t i = 0; i < text.len; ++i) {
                char c = text.ptr[i];

                if (c < 0x20 || c == 0x7F)
                        continue;
                add_unit(s, c, '\0');
                if (!is_alnum(c) && !strchr("()[]*+?|^$\\{}", c)) {
                        add_unit(s, 'a', c);
                        add_unit(s, '0', c);
                }
        }
}

static void make_prefix(struct samples *s, struct str text)
{
        text = str_skip(text, str_starts_with(text, STR("^")));
        while (text.len && s->prefix_length < PREFIX_BYTES) {
                bool escaped = text.ptr[0] == '\\' && text.len > 1;
                char c = text.ptr[escaped];

                if (escaped ? is_alnum(c) : strchr("()[]*+?|^$\\{}.", c) != NULL)
                        break;
                s->prefix[s->prefix_length++] = c;
                text = str_skip(text, escaped ? 2 : 1);
        }
        if (s->prefix_length && text.len && strchr("*+?{", text.ptr[0]))
                s->prefix_length--;
}

static bool gives_up(const pcre2_code *regex, struct policy_scratch *scratch, struct str sample)
{
        int r = pcre2_match(regex, (PCRE2_SPTR)sample.ptr, sample.len, 0, 0, scratch->match, scratch->limits);

        return r == PCRE2_ERROR_MATCHLIMIT || r == PCRE2_ERROR_DEPTHLIMIT || r == PCRE2_ERROR_HEAPLIMIT;
}

static bool gives_up_on(const pcre2_code *regex, struct policy_scratch *scratch, const struct samples *s, size_t unit,
        bool with_prefix, char end)
{
        AUTO_BUF struct buf sample = BUF_INIT(PREFIX_BYTES + 2 * REPEATED + 1);

        if (with_prefix)
                buf_append(&sample, s->prefix, s->prefix_length);
        for (size_t i = 0; i < REPEATED; ++i)
                buf_append_str(&sample, str_from(s->units[unit]));
        /* The match fails at the very end. */
        buf_append_char(&sample, end);
        return !sample.failed && gives_up(regex, scratch, buf_str(&sample));
}

static void lint_samples(struct compile *c, const struct yaml_node *node, const pcre2_code *regex)
{
        struct policy_scratch *scratch = policy_scratch_new();
        struct samples s = { .count = 0 };

        if (!scratch) {
                c->no_memory = true;
                return;
        }
        make_units(&s, node->text);
        make_prefix(&s, node->text);
        for (size_t i = 0; i < s.count; ++i) {
                bool found = false;

                /* No dot takes the one, no \s and no \w the other. */
                for (unsigned way = 0; way < 4 && !found; ++way)
                        found = gives_up_on(regex, scratch, &s, i, way & 1, way & 2 ? '\n' : '\1');
                if (!found)
                        continue;
                compile_warning(c, P_SLOW_REGEX, node, "do not repeat what itself repeats, as in (a+)+",
                        "a text such as %u times `%s` takes more steps than are given; what cannot be read is refused", REPEATED,
                        show(str_from(s.units[i])).text);
                break;
        }
        policy_scratch_free(scratch);
}

void lint_regex(struct compile *c, const struct yaml_node *node, bool whole, bool denies, const struct condition *condition)
{
        if (!denies)
                lint_anchors(c, node, whole);
        lint_samples(c, node, condition->regex);
}
