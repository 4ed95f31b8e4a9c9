/* SPDX-License-Identifier: Apache-2.0 */
#include "compile.h"
#include "limit.h"
#include "strip.h"

static void read_pattern_name(struct compile *c, const struct yaml_node *value, void *into)
{
        struct result_pattern *pattern = into;

        if (compile_text(c, value, "`name`", 64, &pattern->name) && !compile_is_label(pattern->name))
                compile_error(c, P_BAD_NAME, value, "use letters, digits, `.`, `_` and `-`, as in `iban`",
                        "`%s` is not a name that can stand in a text's place", show(pattern->name).text);
}

/* `(*sr:...)` and its like go over all that they hold once more at their end, each time that it is tried. */
static bool has_script_runs(struct str source)
{
        return memmem(source.ptr, source.len, "(*sr:", 5) || memmem(source.ptr, source.len, "(*asr:", 6) ||
               memmem(source.ptr, source.len, "script_run:", 11);
}

/* An item that is repeated at least so many times may fail at the last of them, and one that stands for what was found
 * before, or for a letter with all its marks, at its end: no callout tells of that. Whatever looks like a number of
 * times is taken for one. */
static uint32_t blind_of(const pcre2_code *regex, struct str source)
{
        uint32_t references = 0, most = 0;

        pcre2_pattern_info(regex, PCRE2_INFO_BACKREFMAX, &references);
        if (references || memmem(source.ptr, source.len, "\\X", 2) || has_script_runs(source))
                return LIMIT_RESULT_MATCH_BYTES;
        for (size_t i = 0; i < source.len; ++i) {
                uint32_t times = 0;

                if (source.ptr[i] != '{')
                        continue;
                while (i + 1 < source.len && source.ptr[i + 1] >= '0' && source.ptr[i + 1] <= '9' &&
                        times < LIMIT_RESULT_MATCH_BYTES)
                        times = times * 10 + (uint32_t)(source.ptr[++i] - '0');
                most = times > most ? times : most;
        }
        return most < LIMIT_RESULT_MATCH_BYTES ? most : LIMIT_RESULT_MATCH_BYTES;
}

static void read_matches(struct compile *c, const struct yaml_node *value, void *into)
{
        struct result_pattern *pattern = into;
        struct condition condition = { .regex = NULL };
        uint32_t takes_nothing = 0;

        if (!compile_counted_regex(c, value, &condition))
                return;
        pcre2_pattern_info(condition.regex, PCRE2_INFO_MATCHEMPTY, &takes_nothing);
        if (takes_nothing)
                compile_error(c, P_BAD_REGEX, value, "what is found is replaced, so there must be something to find",
                        "this regular expression matches text of no length");
        pattern->regex = condition.regex;
        pattern->blind = blind_of(condition.regex, condition.source);
}

static void read_pattern(struct compile *c, const struct yaml_node *node)
{
        static const struct key_row rows[] = {
                { "name", KEY_REQUIRED, read_pattern_name },
                { "matches", KEY_REQUIRED, read_matches },
        };
        struct policy_results *results = &c->policy->results;

        if (results->pattern_count == LIMIT_RESULT_PATTERNS) {
                compile_error(c, P_TOO_MANY_REGEXES, node, "several can be one: `a|b`", "a policy redacts at most %u patterns",
                        LIMIT_RESULT_PATTERNS);
                return;
        }
        COMPILE_MAP(c, node, "a pattern to redact", rows, &results->patterns[results->pattern_count]);
        if (results->patterns[results->pattern_count].regex)
                results->pattern_count++;
}

static void read_redact(struct compile *c, const struct yaml_node *value, void *into)
{
        if (!compile_wants(c, value, YAML_LIST, "a list of patterns to redact"))
                return;
        if (value->count == 0)
                compile_error(c, P_EMPTY_VALUE, value, NULL, "this list of patterns is empty");
        c->policy->results.patterns = compile_array(c, LIMIT_RESULT_PATTERNS, sizeof(*c->policy->results.patterns));
        if (!c->policy->results.patterns)
                return;
        yaml_each (value, item)
                read_pattern(c, item);
}

static void read_strip(struct compile *c, const struct yaml_node *value, void *into)
{
        static const char *const words[] = { "terminal-escapes", "invisible-characters" };
        static const unsigned bits[] = { STRIP_TERMINAL, STRIP_INVISIBLE };

        if (!compile_wants(c, value, YAML_LIST, "a list of what to strip"))
                return;
        if (value->count == 0)
                compile_error(c, P_EMPTY_VALUE, value, NULL, "this list of what to strip is empty");
        yaml_each (value, item) {
                int word = compile_word(c, item, words, 2);

                if (word >= 0)
                        c->policy->results.strip |= bits[word];
        }
}

void compile_results(struct compile *c, const struct yaml_node *value, void *into)
{
        static const struct key_row rows[] = {
                { "redact", KEY_OPTIONAL, read_redact },
                { "strip", KEY_OPTIONAL, read_strip },
        };

        if (value->kind == YAML_MAP && value->count == 0)
                compile_error(c, P_EMPTY_VALUE, value, NULL, "`results` is empty");
        COMPILE_MAP(c, value, "results", rows, NULL);
}
