/* SPDX-License-Identifier: Apache-2.0 */
#include "stop_told.h"

#include <errno.h>
#include <string.h>

#include "limit.h"
#include "writer.h"

#define WHAT_BYTES (64U + 4U * LIMIT_STOP_PATTERN_BYTES)
#define MEMBERS 4U

static void write_one(struct json_writer *w, const struct stop *stop, struct str because)
{
        AUTO_BUF struct buf what = BUF_INIT(WHAT_BYTES);

        if (stop_append_what(stop, &what) < 0)
                w->out->failed = true;
        json_begin_object(w);
        json_name(w, STR("id"));
        json_string(w, str_from(stop->id));
        json_name(w, STR("system"));
        json_bool(w, stop->system);
        json_name(w, STR("what"));
        json_string(w, buf_str(&what));
        json_name(w, STR("because"));
        json_string(w, because);
        json_end_object(w);
}

int stop_list_write_told(const struct stop_list *list, struct buf *out)
{
        struct json_writer w;

        json_writer_init(&w, out);
        json_begin_array(&w);
        if (list->failed)
                write_one(&w, &list->failure, str_from(list->why));
        for (size_t i = 0; i < list->count; i++)
                write_one(&w, &list->stops[i], list->stops[i].because);
        json_end_array(&w);
        return out->failed ? -ENOMEM : 0;
}

static int read_text(const struct json_doc *doc, uint32_t object, struct str name, struct buf *memory, struct str *ret)
{
        const uint32_t value = json_member(doc, object, name);
        const int r = value ? json_string_get(doc, value, memory, ret) : -EINVAL;

        return r == -EINVAL ? -EBADMSG : r;
}

static int read_id(struct str id, char ret[static STOP_ID_BYTES])
{
        if (id.len > 0 && !card_id_is_valid(id))
                return -EBADMSG;
        memcpy(ret, id.ptr, id.len);
        ret[id.len] = '\0';
        return 0;
}

int stop_told_read_json(const struct json_doc *doc, uint32_t object, struct buf *memory, struct stop_told *ret)
{
        struct stop_told told = { .system = false };
        uint32_t system;
        size_t count = 0;
        struct str id;
        int r;

        if (json_type_of(doc, object) != JSON_OBJECT)
                return -EBADMSG;
        json_each_member (doc, object, name, value)
                count++;
        system = json_member(doc, object, STR("system"));
        if (count != MEMBERS || !system)
                return -EBADMSG;
        told.system = json_type_of(doc, system) == JSON_TRUE;
        if (!told.system && json_type_of(doc, system) != JSON_FALSE)
                return -EBADMSG;
        /* Unescaping makes nothing longer, so that from here on nothing moves. */
        if (buf_reserve(memory, json_text(doc, object).len) < 0)
                return -ENOMEM;
        r = read_text(doc, object, STR("id"), memory, &id);
        if (r == 0)
                r = read_id(id, told.id);
        if (r == 0)
                r = read_text(doc, object, STR("what"), memory, &told.what);
        if (r == 0)
                r = read_text(doc, object, STR("because"), memory, &told.because);
        if (r == 0)
                *ret = told;
        return r;
}
