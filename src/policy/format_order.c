/* SPDX-License-Identifier: Apache-2.0 */
#include "format_order.h"

#include "compile.h"

static bool among(struct str key, const char *const *words)
{
        for (; *words; ++words) {
                if (str_eq(key, str_from(*words)))
                        return true;
        }
        return false;
}

enum format_where format_where_below(enum format_where where, struct str key)
{
        static const char *const sections[] = { "tools", "resources", "prompts", NULL };
        static const char *const lists[] = { "allow", "approve", "deny", NULL };

        if (where == FORMAT_POLICY && among(key, sections))
                return FORMAT_SECTION;
        if (where == FORMAT_SECTION && among(key, lists))
                return FORMAT_RULES;
        return where == FORMAT_RULES ? FORMAT_RULE : FORMAT_OTHER;
}

struct str format_key(const struct format_source *s, const struct format_node *key)
{
        struct str text = format_slice(s, key->start, key->end);

        if (text.len >= 2 && (text.ptr[0] == '"' || text.ptr[0] == '\'') && text.ptr[text.len - 1] == text.ptr[0])
                return str_of(text.ptr + 1, text.len - 2);
        return text;
}

/* A key that is not known stands behind those that are. */
static size_t rank(enum format_where where, struct str key)
{
        static const char *const rule[] = { "tool", "uri", "prompt", "id", "when", "free", "optional", "open", "cwd", "narrow", "lane",
                "by", "say", "undo", "because" };
        const size_t count = sizeof(rule) / sizeof(rule[0]);

        if (where == FORMAT_POLICY)
                return compile_top_key_rank(key);
        for (size_t i = 0; where == FORMAT_RULE && i < count; ++i) {
                if (str_eq(key, str_from(rule[i])))
                        return i;
        }
        return count;
}

const struct format_node **format_order(struct arena *arena, const struct format_source *s, const struct format_node *map, enum format_where where)
{
        const struct format_node **keys = arena_array(arena, map->count + 1, sizeof(*keys));
        size_t n = 0;

        if (!keys)
                return NULL;
        for (const struct format_node *key = map->first; key; key = key->next) {
                const size_t mine = rank(where, format_key(s, key));
                size_t i = n++;

                for (; i > 0 && rank(where, format_key(s, keys[i - 1])) > mine; --i)
                        keys[i] = keys[i - 1];
                keys[i] = key;
        }
        return keys;
}
