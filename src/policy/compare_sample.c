/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cleanup.h"
#include "compare_parts.h"
#include "limit.h"
#include "writer.h"

#define NAME_BYTES 512U
#define ITEMS_MOST 64U

void samples_add(struct samples *s, struct str text)
{
        for (size_t i = 0; i < s->count; ++i) {
                if (str_eq(s->at[i], text))
                        return;
        }
        if (s->count < SAMPLES && arena_str(s->arena, text, &s->at[s->count]) == 0)
                s->count++;
}

/* --- names --- */

static void add_pattern(struct samples *s, const struct pattern *p, enum policy_subject subject)
{
        static const struct {
                struct str one, many;
        } fillings[] = {
                { STR_INIT("a"), STR_INIT("a/a") },
                { STR_INIT("b"), STR_INIT("b") },
                { STR_INIT("1"), STR_INIT("1") },
                { STR_INIT(""), STR_INIT("") },
                { STR_INIT("all"), STR_INIT("all") },
                { STR_INIT("_x"), STR_INIT("x/y") },
        };
        char text[NAME_BYTES];

        if (p->everything || p->never)
                return;
        if (subject == POLICY_ROOTS) {
                snprintf(text, sizeof(text), "file://%.*s", STR_FMT(p->prefix));
                samples_add(s, str_from(text));
                snprintf(text, sizeof(text), "file://%.*s/x", STR_FMT(p->prefix));
                samples_add(s, str_from(text));
                return;
        }
        for (size_t i = 0; i < (p->exact ? 1 : sizeof(fillings) / sizeof(fillings[0])); ++i)
                samples_add(s, pattern_sample(p, fillings[i].one, fillings[i].many, text, sizeof(text)));
}

void samples_add_names(struct samples *s, const struct policy *p, enum policy_subject subject)
{
        bool has_scheme = subject == POLICY_RESOURCE || subject == POLICY_ELICITATION_URL;

        for (const struct rule *rule = p->sections[subject].first; rule; rule = rule->next) {
                for (size_t i = 0; i < rule->pattern_count; ++i)
                        add_pattern(s, &rule->patterns[i], subject);
        }
        samples_add(s, subject == POLICY_ROOTS ? STR("file:///any") : has_scheme ? STR("https://any.example/x") : STR("any"));
}

static void add_filled(struct samples *s, const struct pattern *p, const struct policy *from, enum policy_subject subject)
{
        char text[NAME_BYTES];

        for (const struct rule *rule = from->sections[subject].first; rule; rule = rule->next) {
                for (size_t i = 0; i < rule->pattern_count; ++i) {
                        const struct pattern *q = &rule->patterns[i];

                        for (size_t j = 0; j < q->count; ++j) {
                                struct pattern_op op = pattern_op(q, j);

                                if (op.kind == OP_LITERAL)
                                        samples_add(s, pattern_sample(p, op.literal, op.literal, text, sizeof(text)));
                        }
                }
        }
}

void samples_add_meetings(
        struct samples *s, const struct policy *p, const struct policy *other, enum policy_subject subject)
{
        for (const struct rule *rule = p->sections[subject].first; rule && subject != POLICY_ROOTS; rule = rule->next) {
                for (size_t i = 0; i < rule->pattern_count; ++i) {
                        const struct pattern *q = &rule->patterns[i];

                        if (!q->exact && !q->everything && !q->never) {
                                add_filled(s, q, other, subject);
                                add_filled(s, q, p, subject);
                        }
                }
        }
}

/* --- values --- */

static void add_format(struct samples *s, const char *before, struct str text, const char *after)
{
        AUTO_BUF struct buf out = BUF_INIT(LIMIT_POLICY_BYTES);

        buf_printf(&out, "%s%.*s%s", before, STR_FMT(text), after);
        if (!out.failed)
                samples_add(s, buf_str(&out));
}

static void add_string(struct samples *s, const char *before, struct str text, const char *after)
{
        AUTO_BUF struct buf out = BUF_INIT(LIMIT_POLICY_BYTES), quoted = BUF_INIT(LIMIT_POLICY_BYTES);

        buf_printf(&out, "%s%.*s%s", before, STR_FMT(text), after);
        if (!out.failed && json_string_append(&quoted, buf_str(&out)) == 0)
                samples_add(s, buf_str(&quoted));
}

/* The number of a text of at most 15 digits. */
static bool small_integer(struct str text, long long *ret)
{
        bool negative = text.len && text.ptr[0] == '-';

        *ret = 0;
        text = str_skip(text, negative);
        if (text.len == 0 || text.len > 15)
                return false;
        for (size_t i = 0; i < text.len; ++i) {
                if (text.ptr[i] < '0' || text.ptr[i] > '9')
                        return false;
                *ret = *ret * 10 + (text.ptr[i] - '0');
        }
        *ret = negative ? -*ret : *ret;
        return true;
}

/* The text of the bound is the end of the condition's words: "at most 100". */
static struct str bound_text(const struct condition *c)
{
        struct str text = c->words;
        const char *space = text.len ? memrchr(text.ptr, ' ', text.len) : NULL;

        return space ? str_skip(text, (size_t)(space - text.ptr) + 1) : text;
}

static void add_around(struct samples *s, struct str bound)
{
        char text[32];
        long long n;

        if (!small_integer(bound, &n)) {
                samples_add(s, bound);
                return;
        }
        for (long long i = -1; i <= 1; ++i) {
                snprintf(text, sizeof(text), "%lld", n + i);
                samples_add(s, str_from(text));
        }
}

static void add_length(struct samples *s, size_t length)
{
        AUTO_BUF struct buf string = BUF_INIT(LIMIT_POLICY_BYTES), list = BUF_INIT(LIMIT_POLICY_BYTES);

        buf_append_char(&string, '"');
        for (size_t i = 0; i < length; ++i)
                buf_append_char(&string, 'a');
        buf_append_char(&string, '"');
        samples_add(s, buf_str(&string));
        if (length > ITEMS_MOST)
                return;
        buf_append_char(&list, '[');
        for (size_t i = 0; i < length; ++i)
                buf_append_str(&list, i ? STR(",\"a\"") : STR("\"a\""));
        buf_append_char(&list, ']');
        samples_add(s, buf_str(&list));
}

static void add_lengths(struct samples *s, const struct condition *bounds)
{
        long long n;

        for (; bounds; bounds = bounds->next) {
                if (!small_integer(bound_text(bounds), &n) || n > 20000)
                        continue;
                for (long long i = n ? -1 : 0; i <= 1; ++i)
                        add_length(s, (size_t)(n + i));
        }
}

/* A list of each value that the items' conditions are about, and of all of them. */
static void add_items(struct samples *s, const struct condition *inner)
{
        struct samples *items = arena_alloc(s->arena, sizeof(*items));
        size_t count;

        if (!items)
                return;
        items->arena = s->arena;
        samples_add_values(items, inner);
        count = items->count < ITEMS_MOST ? items->count : ITEMS_MOST;
        for (size_t i = 0; i < count; ++i) {
                add_format(s, "[", items->at[i], "]");
                if (i > 0) {
                        AUTO_BUF struct buf two = BUF_INIT(LIMIT_POLICY_BYTES);

                        buf_printf(&two, "[%.*s,%.*s]", STR_FMT(items->at[0]), STR_FMT(items->at[i]));
                        samples_add(s, buf_str(&two));
                }
        }
}

static void add_url(struct samples *s, const struct url_rule *rule)
{
        const struct url_paths *paths = rule->path_userdata;
        struct str scheme = rule->scheme_count ? rule->schemes[0] : STR("https");
        char path[NAME_BYTES] = "/", text[3 * NAME_BYTES];

        if (rule->path_matches && paths->count) {
                struct str sample = pattern_sample(&paths->patterns[0], STR("a"), STR("a/a"), path, sizeof(path) - 1);

                path[sample.len] = '\0';
        }
        for (size_t i = 0; i < rule->host_count + 3; ++i) {
                struct str host = i < rule->host_count      ? rule->hosts[i]
                                  : i == rule->host_count     ? STR("any.example")
                                  : i == rule->host_count + 1 ? STR("www.wikipedia.org")
                                                              : STR("127.0.0.1");
                const char *label = str_starts_with(host, STR("*.")) ? "a" : "";

                host = str_skip(host, *label ? 1 : 0);
                for (size_t p = 0; p <= rule->port_count; ++p) {
                        char port[8] = "";

                        if (p < rule->port_count)
                                snprintf(port, sizeof(port), ":%u", (unsigned)rule->ports[p]);
                        snprintf(text, sizeof(text), "%.*s://%s%.*s%s%s", STR_FMT(scheme), label, STR_FMT(host), port, path);
                        add_string(s, "", str_from(text), "");
                }
        }
        for (size_t i = 0; rule->host_count && i < rule->scheme_count; ++i) {
                snprintf(text, sizeof(text), "%.*s://%.*s%s", STR_FMT(rule->schemes[i]), STR_FMT(rule->hosts[0]), path);
                add_string(s, "", str_from(text), "");
        }
}

/* Wildcards become letters; what is quoted stays. */
static void add_commands(struct samples *s, const struct condition *c)
{
        for (size_t i = 0; i < c->count; ++i) {
                struct str words = c->commands[i].words;
                char text[NAME_BYTES];
                size_t n = 0;

                for (size_t j = 0; j < words.len && n < sizeof(text); ++j)
                        text[n++] = words.ptr[j] == '*' || words.ptr[j] == '?' ? 'a' : words.ptr[j];
                add_string(s, "", str_of(text, n), "");
                add_string(s, "", str_of(text, n), " a");
                add_string(s, "", str_of(text, n), " -a");
        }
}

static void add_patterns(struct samples *s, const struct condition *c)
{
        char text[NAME_BYTES];

        for (size_t i = 0; i < c->count; ++i) {
                add_string(s, "", pattern_sample(&c->patterns[i], STR("a"), STR("a"), text, sizeof(text)), "");
                add_string(s, "", pattern_sample(&c->patterns[i], STR(""), STR(""), text, sizeof(text)), "");
                add_string(s, "", pattern_sample(&c->patterns[i], STR("1"), STR("1"), text, sizeof(text)), "");
        }
}

static void add_texts(struct samples *s, const struct condition *c)
{
        for (size_t i = 0; i < c->count; ++i) {
                struct str text = c->texts[i];

                if (c->kind == CONDITION_WITHIN) {
                        add_string(s, "", text, "");
                        add_string(s, "", text, text.len > 1 ? "/x" : "x");
                        continue;
                }
                if (c->kind == CONDITION_MAIL) {
                        add_string(s, str_starts_with(text, STR("*.")) ? "a@a" : "a@", str_skip(text, str_starts_with(text, STR("*."))), "");
                        continue;
                }
                add_string(s, "", text, "");
                add_string(s, "a", text, "");
                add_string(s, "", text, "a");
        }
}

static void add_condition(struct samples *s, const struct condition *c)
{
        switch (c->kind) {
        case CONDITION_ONE_OF:
        case CONDITION_NONE_OF:
                for (size_t i = 0; i < c->count; ++i)
                        samples_add(s, c->values[i].text);
                break;
        case CONDITION_AT_LEAST:
        case CONDITION_AT_MOST:
        case CONDITION_ABOVE:
        case CONDITION_BELOW:
                add_around(s, bound_text(c));
                break;
        case CONDITION_LIKE:
                add_patterns(s, c);
                break;
        case CONDITION_STARTS_WITH:
        case CONDITION_ENDS_WITH:
        case CONDITION_CONTAINS:
        case CONDITION_WITHIN:
        case CONDITION_MAIL:
                add_texts(s, c);
                break;
        case CONDITION_URL:
                add_url(s, c->url);
                break;
        case CONDITION_COMMAND:
                add_commands(s, c);
                break;
        case CONDITION_SQL:
                samples_add(s, STR("\"SELECT 1\""));
                samples_add(s, STR("\"DELETE FROM t\""));
                break;
        case CONDITION_LENGTH:
                add_lengths(s, c->inner);
                break;
        case CONDITION_EACH:
        case CONDITION_ANY:
                add_items(s, c->inner);
                break;
        case CONDITION_REGEX:
        case CONDITION_PRESENT:
        case CONDITION_ABSENT:
        case CONDITION_TYPE:
                break;
        }
}

void samples_add_values(struct samples *s, const struct condition *list)
{
        static const char *const plain[] = { "\"any\"", "0", "1", "100000", "-1", "true", "null", "[]", "{}", "[\"a\"]", "\"\"",
                "1.5", "\"a\"", "\"1\"" };

        for (; list; list = list->next)
                add_condition(s, list);
        for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); ++i)
                samples_add(s, str_from(plain[i]));
}
