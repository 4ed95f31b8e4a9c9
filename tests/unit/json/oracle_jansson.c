/* SPDX-License-Identifier: Apache-2.0
 *
 * jansson, with duplicates refused. It cannot do integers past 64 bits, nor a NUL in a name.
 */
#include <jansson.h>

#include "oracle.h"

static void write_tree(struct buf *tree, json_t *value)
{
        size_t i;
        json_t *item;

        switch (json_typeof(value)) {
        case JSON_NULL:
                buf_append_char(tree, 'n');
                break;
        case JSON_FALSE:
                buf_append_char(tree, 'f');
                break;
        case JSON_TRUE:
                buf_append_char(tree, 't');
                break;
        case JSON_INTEGER:
        case JSON_REAL:
                tree_number(tree, json_number_value(value), false);
                break;
        case JSON_STRING:
                tree_string(tree, json_string_value(value), json_string_length(value));
                break;
        case JSON_ARRAY:
                buf_append_char(tree, '[');
                json_array_foreach (value, i, item)
                        write_tree(tree, item);
                buf_append_char(tree, ']');
                break;
        case JSON_OBJECT:
                buf_append_char(tree, '{');
                for (void *entry = json_object_iter(value); entry; entry = json_object_iter_next(value, entry)) {
                        tree_string(tree, json_object_iter_key(entry), strlen(json_object_iter_key(entry)));
                        write_tree(tree, json_object_iter_value(entry));
                }
                buf_append_char(tree, '}');
                break;
        }
}

enum oracle_answer oracle_jansson(struct str text, struct buf *tree)
{
        json_error_t error;
        json_t *root = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);

        if (!root)
                return json_error_code(&error) == json_error_numeric_overflow ? ORACLE_CANNOT : ORACLE_REFUSES;
        write_tree(tree, root);
        json_decref(root);
        return ORACLE_READS;
}
