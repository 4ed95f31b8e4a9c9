/* SPDX-License-Identifier: Apache-2.0
 *
 * json-c, strict. It clamps integers past 64 bits.
 */
#include <json-c/json.h>

#include "limit.h"
#include "oracle.h"

static void write_tree(struct buf *tree, struct json_object *value)
{
        switch (json_object_get_type(value)) {
        case json_type_null:
                buf_append_char(tree, 'n');
                break;
        case json_type_boolean:
                buf_append_char(tree, json_object_get_boolean(value) ? 't' : 'f');
                break;
        case json_type_int:
        case json_type_double:
                tree_number(tree, json_object_get_double(value), true);
                break;
        case json_type_string:
                tree_string(tree, json_object_get_string(value), (size_t)json_object_get_string_len(value));
                break;
        case json_type_array:
                buf_append_char(tree, '[');
                for (size_t i = 0; i < json_object_array_length(value); i++)
                        write_tree(tree, json_object_array_get_idx(value, i));
                buf_append_char(tree, ']');
                break;
        case json_type_object:
                buf_append_char(tree, '{');
                json_object_object_foreach(value, key, member)
                {
                        tree_string(tree, key, strlen(key));
                        write_tree(tree, member);
                }
                buf_append_char(tree, '}');
                break;
        }
}

enum oracle_answer oracle_jsonc(struct str text, struct buf *tree)
{
        struct json_tokener *tokener = json_tokener_new_ex(LIMIT_JSON_DEPTH + 2);
        struct json_object *root;
        bool fine;

        if (!tokener)
                return ORACLE_REFUSES;
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
        /* With the NUL: a number's end is not known without. */
        root = json_tokener_parse_ex(tokener, text.ptr, (int)text.len + 1);
        fine = json_tokener_get_error(tokener) == json_tokener_success;
        if (fine)
                write_tree(tree, root);
        json_object_put(root);
        json_tokener_free(tokener);
        return fine ? ORACLE_READS : ORACLE_REFUSES;
}
