/* SPDX-License-Identifier: Apache-2.0 */
#include "format.h"

#include <errno.h>

#include "arena.h"
#include "cleanup.h"
#include "format_print.h"
#include "format_tree.h"
#include "source_text.h"
#include "yaml_tree.h"

/* The same values, whatever the order of keys. */
static bool same(const struct yaml_node *a, const struct yaml_node *b)
{
        if (!a || !b)
                return a == b;
        if (a->kind != b->kind || a->quoted != b->quoted || a->count != b->count || !str_eq(a->text, b->text))
                return false;
        if (a->kind == YAML_LIST) {
                const struct yaml_node *other = b->first;

                for (const struct yaml_node *item = a->first; item; item = item->next, other = other->next) {
                        if (!same(item, other))
                                return false;
                }
        }
        for (const struct yaml_node *key = a->kind == YAML_MAP ? a->first : NULL; key; key = key->next) {
                const struct yaml_node *value = yaml_get(b, key->text);

                if (!value || !same(key->value, value))
                        return false;
        }
        return true;
}

static int layout_error(int r)
{
        return r == -EINVAL ? -ENOTSUP : r;
}

static int print(struct buf *out, struct arena *arena, struct format_source *source, struct str text)
{
        int r = format_tree_read(source, arena, text);

        return layout_error(r == 0 ? format_print(out, arena, source) : r);
}

/* What was printed is believed only when it holds up. */
static int prove(struct arena *arena, const struct yaml_node *before, const struct format_source *source, struct str printed)
{
        CLEANUP(diagnostics_deinit) struct diagnostics diags = { 0 };
        AUTO_BUF struct buf again = BUF_INIT(LIMIT_POLICY_BYTES);
        struct format_source second;
        struct yaml_node *after = NULL;
        int r = yaml_tree_read(&after, arena, STR(""), printed, &diags);

        if (r < 0 || diags.errors)
                return r == -ENOMEM ? r : -ENOTSUP;
        if (!same(before, after))
                return -ENOTSUP;
        r = print(&again, arena, &second, printed);
        if (r < 0)
                return r;
        return str_eq(buf_str(&again), printed) && second.comments == source->comments && second.comments_hash == source->comments_hash
                       ? 0
                       : -ENOTSUP;
}

int policy_format(struct buf *out, struct str path, struct str text, struct diagnostics *diags)
{
        CLEANUP(arena_deinit) struct arena arena = { 0 };
        AUTO_BUF struct buf whole = BUF_INIT(LIMIT_POLICY_BYTES + 1);
        struct format_source source;
        struct yaml_node *tree = NULL;
        int r;

        if (!source_text_check(path, text, diags))
                return -EINVAL;
        buf_append_str(&whole, text);
        if (!str_ends_with(text, STR("\n")))
                buf_append_char(&whole, '\n');
        if (whole.failed)
                return buf_error(&whole);
        r = yaml_tree_read(&tree, &arena, path, buf_str(&whole), diags);
        if (r == 0 && diags->errors)
                r = -EINVAL;
        if (r < 0)
                return r;
        r = print(out, &arena, &source, buf_str(&whole));
        return r < 0 ? r : prove(&arena, tree, &source, buf_str(out));
}
