/* SPDX-License-Identifier: Apache-2.0
 *
 * cJSON. It cannot do NUL in strings, whose end it takes it for; the test looks for that beforehand.
 */
#include <cjson/cJSON.h>

#include "oracle.h"

static void write_tree(struct buf *tree, const cJSON *value)
{
        const cJSON *child;

        if (cJSON_IsNull(value))
                buf_append_char(tree, 'n');
        else if (cJSON_IsBool(value))
                buf_append_char(tree, cJSON_IsTrue(value) ? 't' : 'f');
        else if (cJSON_IsNumber(value))
                tree_number(tree, value->valuedouble, false);
        else if (cJSON_IsString(value))
                tree_string(tree, value->valuestring, strlen(value->valuestring));
        if (!cJSON_IsArray(value) && !cJSON_IsObject(value))
                return;
        buf_append_char(tree, cJSON_IsArray(value) ? '[' : '{');
        cJSON_ArrayForEach(child, value)
        {
                if (cJSON_IsObject(value))
                        tree_string(tree, child->string, strlen(child->string));
                write_tree(tree, child);
        }
        buf_append_char(tree, cJSON_IsArray(value) ? ']' : '}');
}

enum oracle_answer oracle_cjson(struct str text, struct buf *tree)
{
        cJSON *root = cJSON_ParseWithLengthOpts(text.ptr, text.len + 1, NULL, 1);

        if (!root)
                return ORACLE_REFUSES;
        write_tree(tree, root);
        cJSON_Delete(root);
        return ORACLE_READS;
}
