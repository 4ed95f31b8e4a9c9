/* SPDX-License-Identifier: Apache-2.0 */
#include "compile.h"

#include <stdarg.h>
#include <stdio.h>

#include "suggest.h"

__attribute__((format(printf, 6, 0))) static void report(struct compile *c, enum severity severity, const char *code,
        const struct yaml_node *at, const char *help, const char *format, va_list args)
{
        char text[512];

        vsnprintf(text, sizeof(text), format, args);
        diagnostics_add(c->diags, severity, code, yaml_place(at, c->path), help, "%s", text);
}

void compile_error(
        struct compile *c, const char *code, const struct yaml_node *at, const char *help, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        report(c, SEVERITY_ERROR, code, at, help, format, args);
        va_end(args);
}

void compile_warning(
        struct compile *c, const char *code, const struct yaml_node *at, const char *help, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        report(c, SEVERITY_WARNING, code, at, help, format, args);
        va_end(args);
}

void compile_later(struct compile *c, const struct yaml_node *at, struct str word)
{
        compile_error(c, P_NOT_ENFORCED, at, NULL,
                "`%s` is part of the policy language, but this version of leastwise does not enforce it; "
                "remove it or use a version that does",
                show(word).text);
}

void compile_unknown_key(
        struct compile *c, const struct yaml_node *key, const char *what, const struct key_row *rows, size_t count)
{
        struct suggestion near;
        char help[400];
        size_t n = 0;

        suggest_begin(&near, key->text);
        for (size_t i = 0; i < count; ++i)
                suggest_offer(&near, key->text, str_from(rows[i].key));
        if (near.best.len)
                n = (size_t)snprintf(help, sizeof(help), "did you mean `%.*s`?", STR_FMT(near.best));
        else {
                n = (size_t)snprintf(help, sizeof(help), "expected one of:");
                for (size_t i = 0; i < count && n < sizeof(help) - 40; ++i) {
                        if (rows[i].need != KEY_LATER)
                                n += (size_t)snprintf(help + n, sizeof(help) - n, " %s", rows[i].key);
                }
        }
        compile_error(c, P_UNKNOWN_KEY, key, help, "%s has no key `%s`", what, show(key->text).text);
}

static const struct key_row *row_of(const struct key_row *rows, size_t count, struct str key)
{
        for (size_t i = 0; i < count; ++i) {
                if (str_eq(key, str_from(rows[i].key)))
                        return &rows[i];
        }
        return NULL;
}

void compile_map(struct compile *c, const struct yaml_node *node, const char *what, const struct key_row *rows,
        size_t count, void *into)
{
        if (!compile_wants(c, node, YAML_MAP, what))
                return;
        yaml_each (node, key) {
                const struct key_row *row = row_of(rows, count, key->text);

                if (!row)
                        compile_unknown_key(c, key, what, rows, count);
                else if (row->need == KEY_LATER)
                        compile_later(c, key, key->text);
                else if (key->value->kind == YAML_TEXT && !key->value->quoted && key->value->text.len == 0)
                        compile_error(c, P_EMPTY_VALUE, key, NULL, "`%s` has no value", row->key);
                else if (key->value->kind != YAML_BROKEN)
                        row->read(c, key->value, into);
        }
        for (size_t i = 0; i < count; ++i) {
                if (rows[i].need == KEY_REQUIRED && !yaml_get(node, str_from(rows[i].key)))
                        compile_error(c, P_MISSING_KEY, node, NULL, "%s needs the key `%s`", what, rows[i].key);
        }
}

bool compile_wants(struct compile *c, const struct yaml_node *node, enum yaml_kind kind, const char *what)
{
        static const char *const kinds[] = { [YAML_TEXT] = "a text", [YAML_LIST] = "a list", [YAML_MAP] = "a map" };

        if (node->kind == kind)
                return true;
        if (node->kind != YAML_BROKEN)
                compile_error(c, P_WRONG_KIND, node, kind == YAML_LIST ? "write it in brackets: [ ... ]" : NULL,
                        "%s must be %s, not %s", what, kinds[kind], kinds[node->kind]);
        return false;
}

bool compile_text(struct compile *c, const struct yaml_node *node, const char *what, size_t max, struct str *ret)
{
        struct str s = node->text;

        if (!compile_wants(c, node, YAML_TEXT, what))
                return false;
        while (s.len && s.ptr[s.len - 1] == '\n')
                --s.len;
        if (s.len == 0) {
                compile_error(c, P_EMPTY_VALUE, node, NULL, "%s cannot be empty", what);
                return false;
        }
        if (s.len > max) {
                compile_error(c, P_TOO_LONG, node, NULL, "%s has at most %zu bytes", what, max);
                return false;
        }
        if (arena_str(c->arena, s, ret) < 0) {
                c->no_memory = true;
                return false;
        }
        return true;
}

int compile_word(struct compile *c, const struct yaml_node *node, const char *const *words, size_t count)
{
        struct suggestion near;
        char help[200];
        size_t n;

        if (!compile_wants(c, node, YAML_TEXT, "this value"))
                return -1;
        suggest_begin(&near, node->text);
        for (size_t i = 0; i < count; ++i) {
                if (str_eq(node->text, str_from(words[i])))
                        return (int)i;
                suggest_offer(&near, node->text, str_from(words[i]));
        }
        n = (size_t)snprintf(help, sizeof(help), "expected one of:");
        for (size_t i = 0; i < count && n < sizeof(help) - 40; ++i)
                n += (size_t)snprintf(help + n, sizeof(help) - n, " %s", words[i]);
        if (near.best.len)
                snprintf(help, sizeof(help), "did you mean `%.*s`?", STR_FMT(near.best));
        compile_error(c, P_UNKNOWN_WORD, node, help, "unknown word `%s`", show(node->text).text);
        return -1;
}

void *compile_array(struct compile *c, size_t count, size_t size)
{
        void *ptr = arena_array(c->arena, count, size);

        if (!ptr)
                c->no_memory = true;
        return ptr;
}

bool compile_is_label(struct str s)
{
        if (s.len == 0 || s.len > 64)
                return false;
        for (size_t i = 0; i < s.len; ++i) {
                char ch = s.ptr[i];
                bool alnum = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9');

                if (!alnum && (i == 0 || (ch != '.' && ch != '_' && ch != '-')))
                        return false;
        }
        return true;
}
