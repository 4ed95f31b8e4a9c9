/* SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>

#include "compare_parts.h"
#include "compile.h"

/* Kinds and lengths go in, so that no two trees are one text. */
static void add_text(crypto_hash_sha256_state *hash, char kind, struct str text)
{
        const unsigned char head[9] = { (unsigned char)kind, (unsigned char)text.len, (unsigned char)(text.len >> 8),
                (unsigned char)(text.len >> 16), (unsigned char)(text.len >> 24) };

        crypto_hash_sha256_update(hash, head, sizeof(head));
        if (text.len)
                crypto_hash_sha256_update(hash, (const unsigned char *)text.ptr, text.len);
}

static void add_node(crypto_hash_sha256_state *hash, const struct yaml_node *node)
{
        add_text(hash, node->kind == YAML_MAP ? 'm' : node->kind == YAML_LIST ? 'l' : node->quoted ? 'q' : 't', node->text);
        yaml_each (node, item) {
                add_text(hash, 'i', item->text);
                add_node(hash, node->kind == YAML_MAP ? item->value : item);
        }
        add_text(hash, 'e', STR(""));
}

static void add_print(struct compile *c, const struct yaml_node *key)
{
        struct key_print *print = &c->policy->prints[c->policy->print_count++];
        crypto_hash_sha256_state hash;

        *print = (struct key_print){ .line = key->line, .column = key->column };
        if (arena_str(c->arena, key->text, &print->key) < 0)
                c->no_memory = true;
        crypto_hash_sha256_init(&hash);
        if (key->value)
                add_node(&hash, key->value);
        crypto_hash_sha256_final(&hash, print->digest);
}

void compile_prints(struct compile *c, const struct yaml_node *root)
{
        size_t count = 0;

        if (root->kind != YAML_MAP)
                return;
        yaml_each (root, key)
                count += !compare_knows_key(key->text);
        c->policy->prints = compile_array(c, count, sizeof(*c->policy->prints));
        if (!c->policy->prints)
                return;
        yaml_each (root, key) {
                if (!compare_knows_key(key->text))
                        add_print(c, key);
        }
}
