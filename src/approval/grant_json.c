/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "grant.h"
#include "writer.h"

static const struct {
        struct str name;
        size_t at; /* in struct grant */
} texts[] = {
        { STR_INIT("session"), offsetof(struct grant, session) },
        { STR_INIT("server"), offsetof(struct grant, server) },
        { STR_INIT("tool"), offsetof(struct grant, tool) },
        { STR_INIT("because"), offsetof(struct grant, because) },
        { STR_INIT("by"), offsetof(struct grant, by) },
        { STR_INIT("policy"), offsetof(struct grant, text) },
}, numbers[] = {
        { STR_INIT("created_ms"), offsetof(struct grant, created_ms) },
        { STR_INIT("expires_ms"), offsetof(struct grant, expires_ms) },
        { STR_INIT("uses"), offsetof(struct grant, uses) },
};
#define TEXTS (sizeof(texts) / sizeof(texts[0]))
#define NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

int grant_write_json(const struct grant *grant, struct buf *out)
{
        const size_t before = out->len;
        struct json_writer w;

        json_writer_init(&w, out);
        json_begin_object(&w);
        json_name(&w, STR("id"));
        json_string(&w, str_from(grant->id));
        for (size_t i = 0; i < TEXTS; i++) {
                json_name(&w, texts[i].name);
                json_string(&w, *(const struct str *)((const char *)grant + texts[i].at));
        }
        for (size_t i = 0; i < NUMBERS; i++) {
                json_name(&w, numbers[i].name);
                json_unsigned(&w, *(const uint64_t *)((const char *)grant + numbers[i].at));
        }
        json_end_object(&w);
        if (!out->failed)
                return 0;
        out->len = before;
        return -ENOMEM;
}

static int read_text(const struct json_doc *doc, uint32_t object, struct str name, struct buf *memory, struct str *ret)
{
        const uint32_t value = json_member(doc, object, name);
        const int e = value ? json_string_get(doc, value, memory, ret) : -EINVAL;

        return e == -EINVAL ? -EBADMSG : e;
}

static bool read_number(const struct json_doc *doc, uint32_t object, struct str name, uint64_t *ret)
{
        const uint32_t value = json_member(doc, object, name);
        int64_t number;

        if (!value || !json_integer_get(doc, value, &number) || number < 0)
                return false;
        *ret = (uint64_t)number;
        return true;
}

int grant_read_json(const struct json_doc *doc, uint32_t object, struct buf *memory, struct grant *ret)
{
        struct grant grant = { .uses = 0 };
        size_t count = 0;
        struct str id;
        int e;

        if (json_type_of(doc, object) != JSON_OBJECT)
                return -EBADMSG;
        json_each_member (doc, object, name, value)
                count++;
        if (count != 1 + TEXTS + NUMBERS)
                return -EBADMSG;
        /* Unescaping makes nothing longer, so that from here on nothing moves. */
        if (buf_reserve(memory, json_text(doc, object).len) < 0)
                return -ENOMEM;
        e = read_text(doc, object, STR("id"), memory, &id);
        if (e < 0)
                return e;
        if (!card_id_is_valid(id))
                return -EBADMSG;
        memcpy(grant.id, id.ptr, id.len);
        for (size_t i = 0; i < TEXTS; i++) {
                e = read_text(doc, object, texts[i].name, memory, (struct str *)(void *)((char *)&grant + texts[i].at));
                if (e < 0)
                        return e;
        }
        for (size_t i = 0; i < NUMBERS; i++) {
                if (!read_number(doc, object, numbers[i].name, (uint64_t *)(void *)((char *)&grant + numbers[i].at)))
                        return -EBADMSG;
        }
        *ret = grant;
        return 0;
}
