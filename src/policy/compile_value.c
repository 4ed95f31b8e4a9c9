/* SPDX-License-Identifier: Apache-2.0 */
#include "cleanup.h"
#include "compile.h"
#include "writer.h"

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

/* Words that some version of YAML takes for a boolean, for nothing or for a number. */
static bool is_odd_word(struct str s)
{
        static const struct str words[] = { STR_INIT("yes"), STR_INIT("no"), STR_INIT("on"), STR_INIT("off"), STR_INIT("y"),
                STR_INIT("n"), STR_INIT("true"), STR_INIT("false"), STR_INIT("null"), STR_INIT("~"), STR_INIT(".inf"),
                STR_INIT("-.inf"), STR_INIT("+.inf"), STR_INIT(".nan"), STR_INIT("nan"), STR_INIT("inf"),
                STR_INIT("infinity") };

        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); ++i) {
                if (s.len == words[i].len && strncasecmp(s.ptr, words[i].ptr, s.len) == 0)
                        return true;
        }
        return false;
}

/* 007, +5, .5, 5., 1_000, 0x10, 0o7, 12:30: a number to some readers. */
static bool looks_numeric(struct str s)
{
        size_t digits = 0, points = 0;

        s = str_skip(s, s.len && (s.ptr[0] == '-' || s.ptr[0] == '+'));
        if (s.len > 2 && s.ptr[0] == '0' && strchr("xXoObB", s.ptr[1]))
                return true;
        for (size_t i = 0; i < s.len; ++i) {
                char c = s.ptr[i];

                if (digits && (c == 'e' || c == 'E')) {
                        i += i + 1 < s.len && (s.ptr[i + 1] == '-' || s.ptr[i + 1] == '+');
                        continue;
                }
                digits += is_digit(c);
                points += c == '.';
                if (!is_digit(c) && c != '.' && c != '_' && c != ':')
                        return false;
        }
        return digits && points <= 1;
}

enum scalar { SCALAR_STRING, SCALAR_JSON, SCALAR_ODD };

static enum scalar scalar_of(const struct yaml_node *node)
{
        struct decimal number;

        if (node->quoted)
                return SCALAR_STRING;
        if (decimal_read(node->text, &number) || str_eq(node->text, STR("true")) || str_eq(node->text, STR("false")) ||
                str_eq(node->text, STR("null")))
                return SCALAR_JSON;
        return is_odd_word(node->text) || looks_numeric(node->text) ? SCALAR_ODD : SCALAR_STRING;
}

struct value_writer {
        struct compile *c;
        struct json_writer w;
        bool literal; /* `${name}` has no meaning */
        bool never;
};

static bool write_text(struct value_writer *v, const struct yaml_node *node)
{
        struct str text;

        switch (scalar_of(node)) {
        case SCALAR_JSON:
                json_raw(&v->w, node->text);
                return true;
        case SCALAR_ODD:
                compile_error(v->c, P_AMBIGUOUS_VALUE, node,
                        "quote it to mean the text; a number is written as in JSON, and so are true, false and null",
                        "`%s` is a text to some readers and not to others", show(node->text).text);
                return false;
        case SCALAR_STRING:
                break;
        }
        text = node->text;
        if (!v->literal && !compile_bound_text(v->c, node, &text, &v->never))
                return false;
        json_string(&v->w, text);
        return true;
}

static bool write_value(struct value_writer *v, const struct yaml_node *node)
{
        bool ok = true;

        switch (node->kind) {
        case YAML_TEXT:
                return write_text(v, node);
        case YAML_LIST:
                json_begin_array(&v->w);
                yaml_each (node, item)
                        ok &= write_value(v, item);
                json_end_array(&v->w);
                return ok;
        case YAML_MAP:
                json_begin_object(&v->w);
                yaml_each (node, key) {
                        json_name(&v->w, key->text);
                        ok &= write_value(v, key->value);
                }
                json_end_object(&v->w);
                return ok;
        case YAML_BROKEN:
                break;
        }
        return false;
}

/* The document's tape moves into the arena. */
static bool keep(struct compile *c, const struct yaml_node *node, struct str text, struct json_doc *ret)
{
        static const uint64_t seed[2] = { 0 };
        CLEANUP(json_doc_deinit) struct json_doc doc;
        enum json_error error;
        struct str copy;

        json_doc_init(&doc, seed);
        if (arena_str(c->arena, text, &copy) < 0)
                c->no_memory = true;
        else if ((error = json_read(&doc, copy)) == JSON_NO_MEMORY)
                c->no_memory = true;
        else if (error != JSON_OK)
                compile_error(c, P_BAD_CONDITION, node, NULL, "no JSON value is like this: %s", json_error_text(error));
        if (c->no_memory || doc.count == 0)
                return false;
        *ret = (struct json_doc){ .text = copy, .count = doc.count, .canonical = doc.canonical };
        ret->tokens = compile_array(c, doc.count, sizeof(*doc.tokens));
        if (!ret->tokens)
                return false;
        memcpy(ret->tokens, doc.tokens, doc.count * sizeof(*doc.tokens));
        return true;
}

bool compile_value(struct compile *c, const struct yaml_node *node, struct json_doc *ret, bool *ret_never)
{
        AUTO_BUF struct buf text = BUF_INIT(2 * LIMIT_POLICY_BYTES);
        struct value_writer v = { .c = c };

        json_writer_init(&v.w, &text);
        if (!write_value(&v, node))
                return false;
        *ret_never |= v.never;
        if (text.failed) {
                c->no_memory = true;
                return false;
        }
        return keep(c, node, buf_str(&text), ret);
}

bool compile_literal(struct compile *c, const struct yaml_node *node, struct str *ret)
{
        AUTO_BUF struct buf text = BUF_INIT(2 * LIMIT_POLICY_BYTES);
        struct value_writer v = { .c = c, .literal = true };

        json_writer_init(&v.w, &text);
        if (!write_value(&v, node))
                return false;
        if (text.failed || arena_str(c->arena, buf_str(&text), ret) < 0)
                c->no_memory = true;
        return !c->no_memory;
}

bool compile_number(
        struct compile *c, const struct yaml_node *node, struct decimal *ret, struct str *ret_text, bool *ret_never)
{
        bool never = false;

        if (!compile_wants(c, node, YAML_TEXT, "a number") || !compile_bound_text(c, node, ret_text, &never))
                return false;
        if (never) {
                *ret_never = true;
                *ret_text = STR("0");
        }
        if (decimal_read(*ret_text, ret))
                return true;
        compile_error(c, P_BAD_CONDITION, node, "write it as in JSON: `100`, `-2.5`, `1e6`", "`%s` is not a number",
                show(*ret_text).text);
        return false;
}

bool compile_bool(struct compile *c, const struct yaml_node *node, bool *ret)
{
        static const char *const words[] = { "false", "true" };
        int word = compile_word(c, node, words, 2);

        *ret = word == 1;
        return word >= 0;
}

bool compile_argument_path(struct compile *c, const struct yaml_node *node, struct argument_path *ret)
{
        struct path_problem problem = { 0 };
        int r;

        if (!compile_wants(c, node, YAML_TEXT, "a path to an argument"))
                return false;
        r = argument_path_compile(ret, c->arena, node->text, &problem);
        if (r < 0)
                c->no_memory = true;
        if (r > 0)
                compile_error(c, P_BAD_ARGUMENT_PATH, node,
                        "as in `owner`, `filter.state`, `items[].id`, `\"odd name\".x`", "%s", problem.what);
        return r == 0;
}
