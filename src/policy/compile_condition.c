/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cleanup.h"
#include "compile_condition.h"
#include "limit.h"
#include "linter.h"

/* A list of conditions that is being made. */
struct builder {
        struct str path; /* empty within other conditions */
        bool denies;
        bool lengths;    /* of numbers only, and the value is a count */
        unsigned depth;
        bool optional;
        bool ok;
        struct condition *first, **tail;
};

static struct condition *add(
        struct compile *c, struct builder *b, enum condition_kind kind, const struct yaml_node *at)
{
        struct condition *condition = compile_array(c, 1, sizeof(*condition));

        b->ok &= condition != NULL;
        if (!condition)
                return NULL;
        *condition = (struct condition){ .kind = (uint8_t)kind, .line = at->line, .column = at->column };
        *b->tail = condition;
        b->tail = &condition->next;
        return condition;
}

/* "perPage: at most 100"; the words are its end. */
static void set_words(struct compile *c, struct builder *b, struct condition *condition, const char *before, struct str what)
{
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_ARGUMENT_PATH_BYTES + 2 * LIMIT_CONDITION_WORDS);
        size_t path = b->path.len ? b->path.len + 2 : 0, cut = what.len;
        struct str copy = STR("");

        if (path) {
                buf_append_str(&text, b->path);
                buf_append_str(&text, STR(": "));
        }
        while (cut > LIMIT_CONDITION_WORDS || (cut < what.len && ((unsigned char)what.ptr[cut] & 0xC0) == 0x80))
                --cut;
        buf_append_str(&text, str_from(before));
        if (*before && what.len)
                buf_append_char(&text, ' ');
        buf_append(&text, what.ptr, cut);
        if (cut < what.len)
                buf_append_str(&text, STR("..."));
        if (text.failed || arena_str(c->arena, buf_str(&text), &copy) < 0)
                c->no_memory = true;
        else if (path)
                condition->text = copy;
        condition->words = str_skip(copy, path);
}

/* --- equality --- */

static unsigned type_bit(const struct json_doc *doc)
{
        return condition_type_of(doc, 0) & ~(unsigned)TYPE_INTEGER;
}

static void add_values(struct compile *c, struct builder *b, enum condition_kind kind, const struct yaml_node *at,
        const struct yaml_node *first, size_t count, const char *before)
{
        struct condition *condition = add(c, b, kind, at);
        struct json_doc *values = compile_array(c, count, sizeof(*values));
        AUTO_BUF struct buf words = BUF_INIT(LIMIT_POLICY_BYTES);

        b->ok &= condition && values;
        for (const struct yaml_node *item = first; b->ok && condition->count < count; item = item->next) {
                struct json_doc *value = &values[condition->count];

                if (!compile_value(c, item, value, &condition->never)) {
                        b->ok = false;
                        return;
                }
                if (kind == CONDITION_NONE_OF && (type_bit(value) & (TYPE_ARRAY | TYPE_OBJECT))) {
                        compile_error(c, P_BAD_CONDITION, item, "several values are ruled out by `none_of`",
                                "only a text, a number, true, false and null can be ruled out");
                        b->ok = false;
                }
                condition->types |= type_bit(value);
                buf_append_str(&words, condition->count ? STR(", ") : STR(""));
                buf_append_str(&words, value->text);
                condition->count++;
        }
        if (!b->ok)
                return;
        condition->values = values;
        set_words(c, b, condition, before, buf_str(&words));
}

static void add_is(struct compile *c, struct builder *b, enum condition_kind kind, const struct yaml_node *node)
{
        add_values(c, b, kind, node, node, 1, kind == CONDITION_ONE_OF ? "is" : "is not");
}

static void add_list(struct compile *c, struct builder *b, enum condition_kind kind, const struct yaml_node *node)
{
        if (!compile_wants(c, node, YAML_LIST, "this condition")) {
                b->ok = false;
                return;
        }
        if (node->count == 0) {
                compile_error(c, P_EMPTY_VALUE, node, NULL, "this list of values is empty");
                b->ok = false;
                return;
        }
        add_values(c, b, kind, node, node->first, node->count, kind == CONDITION_ONE_OF ? "one of" : "none of");
}

/* --- numbers --- */

static const char *const number_words[] = {
        [CONDITION_AT_LEAST] = "at least",
        [CONDITION_AT_MOST] = "at most",
        [CONDITION_ABOVE] = "above",
        [CONDITION_BELOW] = "below",
};

static void add_number(struct compile *c, struct builder *b, enum condition_kind kind, const struct yaml_node *node)
{
        struct condition *condition = add(c, b, kind, node);
        struct str text;

        if (!condition || !compile_number(c, node, &condition->number, &text, &condition->never))
                b->ok = false;
        else
                set_words(c, b, condition, number_words[kind], text);
}

/* --- texts --- */

static const char *text_words(enum condition_kind kind)
{
        return kind == CONDITION_LIKE          ? "like"
               : kind == CONDITION_STARTS_WITH ? "starts with"
               : kind == CONDITION_ENDS_WITH   ? "ends with"
                                               : "contains";
}

/* One text or a list of them. */
static void add_texts(struct compile *c, struct builder *b, enum condition_kind kind, const struct yaml_node *node)
{
        const struct yaml_node *item = node->kind == YAML_LIST ? node->first : node;
        size_t count = node->kind == YAML_LIST ? node->count : 1;
        struct condition *condition = add(c, b, kind, node);
        AUTO_BUF struct buf words = BUF_INIT(2 * LIMIT_POLICY_BYTES);
        struct pattern *patterns = kind == CONDITION_LIKE ? compile_array(c, count, sizeof(*patterns)) : NULL;
        struct str *texts = compile_array(c, count, sizeof(*texts));

        if (count == 0)
                compile_error(c, P_EMPTY_VALUE, node, NULL, "this list of texts is empty");
        b->ok &= condition && texts && (patterns || kind != CONDITION_LIKE) && count;
        for (size_t i = 0; b->ok && i < count; ++i, item = item->next) {
                b->ok &= compile_wants(c, item, YAML_TEXT, "this condition") &&
                         compile_bound_text(c, item, &texts[i], &condition->never);
                if (patterns)
                        b->ok = b->ok && compile_glob(c, item, PATTERN_TEXT, b->denies, &patterns[i], &condition->never);
                else if (b->ok && texts[i].len == 0) {
                        compile_error(c, P_EMPTY_VALUE, item, NULL, "every text %s nothing", text_words(kind));
                        b->ok = false;
                }
                buf_append_str(&words, i ? STR(" or ") : STR(""));
                if (b->ok)
                        json_string_append(&words, texts[i]);
        }
        if (!b->ok)
                return;
        condition->count = (uint32_t)count;
        if (patterns)
                condition->patterns = patterns;
        else
                condition->texts = texts;
        set_words(c, b, condition, text_words(kind), buf_str(&words));
}

/* --- conditions on what is within --- */

static bool build(struct compile *c, struct builder *b, const struct yaml_node *node);

static const struct condition *inner(
        struct compile *c, struct builder *b, const struct yaml_node *node, bool lengths, struct buf *words)
{
        struct builder within = { .denies = b->denies, .lengths = lengths, .depth = b->depth + 1, .ok = true };

        if (within.depth > LIMIT_CONDITION_DEPTH) {
                compile_error(c, P_TOO_DEEP, node, NULL, "conditions within conditions go %u deep", LIMIT_CONDITION_DEPTH);
                return NULL;
        }
        within.tail = &within.first;
        if (!build(c, &within, node))
                return NULL;
        condition_words(within.first, words);
        return within.first;
}

static void add_inner(struct compile *c, struct builder *b, enum condition_kind kind, const struct yaml_node *node)
{
        struct condition *condition = add(c, b, kind, node);
        AUTO_BUF struct buf words = BUF_INIT(LIMIT_POLICY_BYTES);

        if (!condition)
                return;
        condition->inner = inner(c, b, node, kind == CONDITION_LENGTH, &words);
        if (!condition->inner)
                b->ok = false;
        else
                set_words(c, b, condition,
                        kind == CONDITION_LENGTH ? "length"
                        : kind == CONDITION_EACH ? "each item"
                                                 : "any item",
                        buf_str(&words));
}

/* A count that is exactly so: both bounds. */
static void add_exact(struct compile *c, struct builder *b, const struct yaml_node *node)
{
        add_number(c, b, CONDITION_AT_LEAST, node);
        if (!b->ok)
                return;
        add_number(c, b, CONDITION_AT_MOST, node);
}

/* --- shape --- */

static void add_presence(struct compile *c, struct builder *b, enum condition_kind kind, const struct yaml_node *node)
{
        struct condition *condition;
        bool wanted;

        if (!compile_bool(c, node, &wanted)) {
                b->ok = false;
                return;
        }
        if (!wanted)
                kind = kind == CONDITION_PRESENT ? CONDITION_ABSENT : CONDITION_PRESENT;
        condition = add(c, b, kind, node);
        if (condition)
                set_words(c, b, condition, kind == CONDITION_PRESENT ? "present" : "absent", STR(""));
}

static const char *const type_names[] = { "null", "boolean", "number", "integer", "string", "array", "object" };

static void add_type(struct compile *c, struct builder *b, enum condition_kind kind, const struct yaml_node *node)
{
        const struct yaml_node *item = node->kind == YAML_LIST ? node->first : node;
        struct condition *condition = add(c, b, kind, node);
        AUTO_BUF struct buf words = BUF_INIT(LIMIT_CONDITION_WORDS);

        for (; condition && item; item = node->kind == YAML_LIST ? item->next : NULL) {
                int word = compile_word(c, item, type_names, sizeof(type_names) / sizeof(type_names[0]));

                if (word < 0) {
                        b->ok = false;
                        return;
                }
                buf_printf(&words, "%s%s", condition->types ? " or " : "", type_names[word]);
                condition->types |= 1U << word;
        }
        if (condition && condition->types == 0) {
                compile_error(c, P_EMPTY_VALUE, node, NULL, "this list of types is empty");
                b->ok = false;
        } else if (condition)
                set_words(c, b, condition, "of type", buf_str(&words));
}

/* --- regular expressions, and what other layers read --- */

static bool read_own(struct compile *c, const struct builder *b, const struct yaml_node *node, bool whole,
        struct condition *condition, struct buf *words)
{
        static const char *const sql_words[] = { "read" };

        switch ((unsigned)condition->kind) {
        case CONDITION_REGEX:
                json_string_append(words, node->text);
                if (!compile_regex(c, node, whole, condition))
                        return false;
                if (c->options->lint)
                        lint_regex(c, node, whole, b->denies, condition);
                return true;
        case CONDITION_WITHIN:
                return compile_within(c, node, condition, words);
        case CONDITION_MAIL:
                return compile_mail(c, node, condition, words);
        case CONDITION_URL:
                return compile_url(c, node, b->denies, condition, words);
        case CONDITION_COMMAND:
                return compile_command(c, node, b->denies, condition, words);
        default:
                if (compile_word(c, node, sql_words, 1) < 0)
                        return false;
                if (c->options->lint && b->denies)
                        lint_denied_reads(c, node);
                return true;
        }
}

static void add_own(struct compile *c, struct builder *b, enum condition_kind kind, const struct yaml_node *node,
        bool whole, const char *before)
{
        struct condition *condition = add(c, b, kind, node);
        AUTO_BUF struct buf words = BUF_INIT(2 * LIMIT_POLICY_BYTES);

        if (!condition || !read_own(c, b, node, whole, condition, &words))
                b->ok = false;
        else
                set_words(c, b, condition, before, buf_str(&words));
}

static void add_matches(struct compile *c, struct builder *b, enum condition_kind kind, const struct yaml_node *node)
{
        add_own(c, b, kind, node, true, "matches");
}

static void add_search(struct compile *c, struct builder *b, enum condition_kind kind, const struct yaml_node *node)
{
        add_own(c, b, kind, node, false, "has somewhere");
}

static void add_recognised(struct compile *c, struct builder *b, enum condition_kind kind, const struct yaml_node *node)
{
        const char *before = kind == CONDITION_WITHIN    ? "a path within"
                             : kind == CONDITION_URL     ? "a URL of"
                             : kind == CONDITION_MAIL    ? "mail only to"
                             : kind == CONDITION_COMMAND ? "one plain command like"
                                                         : "SQL that only reads";

        add_own(c, b, kind, node, false, before);
}

/* --- the table --- */

static const struct condition_row {
        const char *key;
        void (*add)(struct compile *c, struct builder *b, enum condition_kind kind, const struct yaml_node *node);
        enum condition_kind kind;
} condition_rows[] = {
        { "at_least", add_number, CONDITION_AT_LEAST },
        { "at_most", add_number, CONDITION_AT_MOST },
        { "above", add_number, CONDITION_ABOVE },
        { "below", add_number, CONDITION_BELOW },
        { "is", add_is, CONDITION_ONE_OF },
        { "is_not", add_is, CONDITION_NONE_OF },
        { "one_of", add_list, CONDITION_ONE_OF },
        { "none_of", add_list, CONDITION_NONE_OF },
        { "like", add_texts, CONDITION_LIKE },
        { "matches", add_matches, CONDITION_REGEX },
        { "search", add_search, CONDITION_REGEX },
        { "starts_with", add_texts, CONDITION_STARTS_WITH },
        { "ends_with", add_texts, CONDITION_ENDS_WITH },
        { "contains", add_texts, CONDITION_CONTAINS },
        { "within", add_recognised, CONDITION_WITHIN },
        { "url", add_recognised, CONDITION_URL },
        { "mail", add_recognised, CONDITION_MAIL },
        { "command", add_recognised, CONDITION_COMMAND },
        { "sql", add_recognised, CONDITION_SQL },
        { "length", add_inner, CONDITION_LENGTH },
        { "each", add_inner, CONDITION_EACH },
        { "any", add_inner, CONDITION_ANY },
        { "present", add_presence, CONDITION_PRESENT },
        { "absent", add_presence, CONDITION_ABSENT },
        { "type", add_type, CONDITION_TYPE },
};
#define ROW_COUNT (sizeof(condition_rows) / sizeof(condition_rows[0]))
/* The first rows, which are about numbers, are all that `length` takes. */
#define NUMBER_ROWS 4U

static void add_key(struct compile *c, struct builder *b, const struct yaml_node *key)
{
        size_t count = b->lengths ? NUMBER_ROWS : ROW_COUNT;
        struct key_row names[ROW_COUNT + 1];

        if (b->depth == 0 && str_eq(key->text, STR("optional"))) {
                b->ok &= compile_bool(c, key->value, &b->optional);
                return;
        }
        for (size_t i = 0; i < count; ++i) {
                const struct condition_row *row = &condition_rows[i];

                names[i] = (struct key_row){ row->key, KEY_OPTIONAL, NULL };
                if (!str_eq(key->text, str_from(row->key)))
                        continue;
                if (key->value->kind == YAML_TEXT && !key->value->quoted && key->value->text.len == 0) {
                        compile_error(c, P_EMPTY_VALUE, key, NULL, "`%s` has no value", row->key);
                        b->ok = false;
                } else if (key->value->kind == YAML_BROKEN)
                        b->ok = false;
                else
                        row->add(c, b, row->kind, key->value);
                return;
        }
        names[count] = (struct key_row){ "optional", KEY_OPTIONAL, NULL };
        compile_unknown_key(c, key, b->lengths ? "`length`" : "a condition", names, count + (b->depth == 0));
        b->ok = false;
}

static bool build(struct compile *c, struct builder *b, const struct yaml_node *node)
{
        switch (node->kind) {
        case YAML_TEXT:
                if (b->lengths)
                        add_exact(c, b, node);
                else
                        add_is(c, b, CONDITION_ONE_OF, node);
                break;
        case YAML_LIST:
                if (b->lengths)
                        b->ok = compile_wants(c, node, YAML_TEXT, "`length`");
                else
                        add_list(c, b, CONDITION_ONE_OF, node);
                break;
        case YAML_MAP:
                yaml_each (node, key)
                        add_key(c, b, key);
                if (b->ok && !b->first) {
                        compile_error(c, P_EMPTY_VALUE, node, "put arguments that may be anything under `free`",
                                "no condition stands here");
                        b->ok = false;
                }
                break;
        case YAML_BROKEN:
                b->ok = false;
        }
        return b->ok;
}

bool compile_conditions(struct compile *c, const struct yaml_node *node, struct str path, bool denies,
        const struct condition **ret, bool *ret_optional)
{
        struct builder b = { .path = path, .denies = denies, .ok = true };

        b.tail = &b.first;
        if (!build(c, &b, node))
                return false;
        *ret = b.first;
        *ret_optional |= b.optional;
        return true;
}
