/* SPDX-License-Identifier: Apache-2.0 */
#include "sorted.h"

#include <errno.h>
#include <stdlib.h>

#include "alloc.h"
#include "cleanup.h"

struct member {
        struct str name; /* unescaped */
        uint32_t token;  /* of the name */
};

static int write_value(struct buf *out, const struct json_doc *doc, uint32_t token);

static int by_name(const void *a, const void *b)
{
        const struct member *x = a, *y = b;

        return str_cmp(x->name, y->name);
}

/* Unescaped names go to @names, which has room for all of them, so that none moves. */
static int collect(const struct json_doc *doc, uint32_t object, struct member *members, struct buf *names)
{
        size_t count = 0;

        json_each_member (doc, object, name, value) {
                int r = json_string_get(doc, name, names, &members[count].name);

                if (r < 0)
                        return r;
                members[count++].token = name;
        }
        return 0;
}

static int write_members(struct buf *out, const struct json_doc *doc, const struct member *members, size_t count)
{
        int r = buf_append_char(out, '{');

        for (size_t i = 0; i < count && r == 0; i++) {
                if (i)
                        r = buf_append_char(out, ',');
                if (r == 0)
                        r = json_write(out, doc, members[i].token);
                if (r == 0)
                        r = buf_append_char(out, ':');
                if (r == 0)
                        r = write_value(out, doc, members[i].token + 1);
        }
        return r < 0 ? r : buf_append_char(out, '}');
}

static int write_object(struct buf *out, const struct json_doc *doc, uint32_t object)
{
        AUTO_FREE struct member *members = NULL;
        AUTO_BUF struct buf names = BUF_INIT(doc->text.len);
        size_t count = 0, bytes = 0;
        int r;

        json_each_member (doc, object, name, value) {
                count++;
                bytes += doc->tokens[name].escaped ? doc->tokens[name].length : 0;
        }
        members = mem_alloc((count + 1) * sizeof(*members));
        if (!members || (bytes && buf_reserve(&names, bytes) < 0))
                return -ENOMEM;
        r = collect(doc, object, members, &names);
        if (r < 0)
                return r;
        qsort(members, count, sizeof(*members), by_name);
        return write_members(out, doc, members, count);
}

static int write_array(struct buf *out, const struct json_doc *doc, uint32_t array)
{
        bool first = true;
        int r = buf_append_char(out, '[');

        json_each_item (doc, array, item) {
                if (r == 0 && !first)
                        r = buf_append_char(out, ',');
                if (r == 0)
                        r = write_value(out, doc, item);
                if (r < 0)
                        return r;
                first = false;
        }
        return r < 0 ? r : buf_append_char(out, ']');
}

/* Recursion is as deep as the document: at most LIMIT_JSON_DEPTH. */
static int write_value(struct buf *out, const struct json_doc *doc, uint32_t token)
{
        switch (json_type_of(doc, token)) {
        case JSON_OBJECT:
                return write_object(out, doc, token);
        case JSON_ARRAY:
                return write_array(out, doc, token);
        case JSON_NULL:
        case JSON_FALSE:
        case JSON_TRUE:
        case JSON_NUMBER:
        case JSON_STRING:
                break;
        }
        return json_write(out, doc, token);
}

int json_write_sorted(struct buf *out, const struct json_doc *doc, uint32_t token)
{
        const size_t before = out->len;
        const int r = write_value(out, doc, token);

        if (r < 0)
                out->len = before;
        return r;
}
