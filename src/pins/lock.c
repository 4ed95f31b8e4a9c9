/* SPDX-License-Identifier: Apache-2.0 */
#include "lock.h"

#include <errno.h>
#include <stdlib.h>

#include "alloc.h"
#include "cleanup.h"
#include "limit.h"
#include "printable.h"
#include "writer.h"

#define HEAD "{\"leastwise_pins\":1,\"tools\":["

struct pin_lock {
        struct buf text;  /* the doc's */
        struct buf names; /* unescaped ones; never moves once the pins point to it */
        struct json_doc doc;
        struct pin *pins;
        size_t count;
};

/* --- reading --- */

struct reading {
        struct pin_lock *lock;
        struct buf definition; /* of the tool at hand, sorted */
        struct buf *message;
};

static int wrong(const struct reading *r, size_t tool, const char *what)
{
        buf_printf(r->message, "tool %zu %s", tool + 1, what);
        return -EINVAL;
}

static int wrong_file(const struct reading *r, const char *what)
{
        buf_printf(r->message, "%s", what);
        return -EINVAL;
}

static bool is_text(const struct json_doc *doc, uint32_t token)
{
        return token && json_type_of(doc, token) == JSON_STRING;
}

static size_t members_of(const struct json_doc *doc, uint32_t object)
{
        size_t count = 0;

        json_each_member (doc, object, name, value)
                count++;
        return count;
}

/* A digest that is not its definition's: somebody edited the one and not the other. */
static int check_digest(struct reading *r, size_t at, const struct pin *pin)
{
        struct definition_digest real;
        int e = definition_text(&r->definition, &r->lock->doc, pin->definition);

        if (e == -ENOMEM)
                return e;
        if (e < 0)
                return wrong(r, at, "has a definition that is no object");
        definition_digest_of(&real, buf_str(&r->definition));
        return definition_digest_eq(&real, &pin->digest) ? 0 : wrong(r, at, "has a digest that is not its definition's");
}

static int read_tool(struct reading *r, uint32_t tool, size_t at)
{
        const struct json_doc *doc = &r->lock->doc;
        const uint32_t name = json_member(doc, tool, STR("name")), digest = json_member(doc, tool, STR("digest"));
        struct pin *pin = &r->lock->pins[at];
        uint32_t own_name;

        pin->definition = json_member(doc, tool, STR("definition"));
        if (!is_text(doc, name) || !is_text(doc, digest) || !pin->definition || members_of(doc, tool) != 3)
                return wrong(r, at, "must have a name, a digest and a definition, and nothing else");
        if (json_string_get(doc, name, &r->lock->names, &pin->name) < 0)
                return -ENOMEM;
        if (!definition_digest_read(&pin->digest, json_raw_string(doc, digest)))
                return wrong(r, at, "has a digest that is not \"sha256:\" and 64 hexadecimal digits");
        if (at && str_cmp(r->lock->pins[at - 1].name, pin->name) >= 0)
                return wrong(r, at, "stands in the wrong place: the names must be in order, and each only once");
        own_name = json_member(doc, pin->definition, STR("name"));
        if (!is_text(doc, own_name) || !json_string_is(doc, own_name, pin->name))
                return wrong(r, at, "has a definition that names another tool");
        return check_digest(r, at, pin);
}

static int read_tools(struct reading *r, uint32_t tools)
{
        struct pin_lock *lock = r->lock;
        size_t count = 0;

        json_each_item (&lock->doc, tools, item)
                count++;
        if (count > LIMIT_LISTED_TOOLS)
                return wrong_file(r, "it pins more tools than a server may list");
        lock->pins = mem_calloc(count + 1, sizeof(*lock->pins));
        if (!lock->pins)
                return -ENOMEM;
        json_each_item (&lock->doc, tools, tool) {
                int e = read_tool(r, tool, lock->count);

                if (e < 0)
                        return e;
                lock->count++;
        }
        return 0;
}

static int read_all(struct reading *r)
{
        struct json_doc *doc = &r->lock->doc;
        const enum json_error error = json_read(doc, buf_str(&r->lock->text));
        uint32_t version, tools;
        int64_t number;

        if (error == JSON_NO_MEMORY)
                return -ENOMEM;
        if (error != JSON_OK) {
                buf_printf(r->message, "it is not JSON: %s (at byte %u)", json_error_text(error), doc->error_offset + 1);
                return -EINVAL;
        }
        version = json_member(doc, 0, STR("leastwise_pins"));
        if (!version)
                return wrong_file(r, "it is no lock of pins");
        if (!json_integer_get(doc, version, &number) || number != 1)
                return wrong_file(r, "this version of leastwise reads version 1 of locks only");
        tools = json_member(doc, 0, STR("tools"));
        if (!tools || json_type_of(doc, tools) != JSON_ARRAY || members_of(doc, 0) != 2)
                return wrong_file(r, "it must have a list of tools, and nothing else");
        return read_tools(r, tools);
}

static void lock_freep(struct pin_lock **lock)
{
        pin_lock_free(*lock);
}

int pin_lock_read(struct pin_lock **ret, struct str text, const uint64_t seed[2], struct buf *message)
{
        CLEANUP(lock_freep) struct pin_lock *lock = mem_calloc(1, sizeof(*lock));
        struct reading r = { .lock = lock, .definition = BUF_INIT(LIMIT_PINS_BYTES), .message = message };
        int e;

        if (!lock)
                return -ENOMEM;
        json_doc_init(&lock->doc, seed);
        buf_init(&lock->text, LIMIT_PINS_BYTES);
        buf_init(&lock->names, LIMIT_PINS_BYTES);
        if (text.len > LIMIT_PINS_BYTES)
                return wrong_file(&r, "it is longer than 16 MiB");
        /* Unescaping makes nothing longer. */
        if (buf_append_str(&lock->text, text) < 0 || buf_reserve(&lock->names, text.len) < 0)
                return -ENOMEM;
        e = read_all(&r);
        buf_deinit(&r.definition);
        if (e < 0)
                return e;
        *ret = lock;
        lock = NULL;
        return 0;
}

struct pin_lock *pin_lock_free(struct pin_lock *lock)
{
        if (!lock)
                return NULL;
        json_doc_deinit(&lock->doc);
        buf_deinit(&lock->text);
        buf_deinit(&lock->names);
        mem_free(lock->pins);
        mem_free(lock);
        return NULL;
}

size_t pin_lock_count(const struct pin_lock *lock)
{
        return lock->count;
}

const struct pin *pin_lock_at(const struct pin_lock *lock, size_t index)
{
        return &lock->pins[index];
}

size_t pin_lock_find(const struct pin_lock *lock, struct str name)
{
        size_t low = 0, high = lock->count;

        while (low < high) {
                const size_t middle = low + (high - low) / 2;
                const int order = str_cmp(lock->pins[middle].name, name);

                if (order == 0)
                        return middle;
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return SIZE_MAX;
}

const struct json_doc *pin_lock_doc(const struct pin_lock *lock)
{
        return &lock->doc;
}

struct str pin_lock_text(const struct pin_lock *lock)
{
        return buf_str(&lock->text);
}

/* --- making one --- */

void pin_list_deinit(struct pin_list *list)
{
        for (size_t i = 0; i < list->count; i++) {
                mem_free(list->drafts[i].name);
                buf_deinit(&list->drafts[i].text);
        }
        mem_free(list->drafts);
        *list = (struct pin_list){ 0 };
}

static int grow(struct pin_list *list)
{
        const size_t cap = list->cap ? list->cap * 2 : 64;
        struct pin_draft *drafts;

        if (list->count < list->cap)
                return 0;
        drafts = mem_resize(list->drafts, cap * sizeof(*drafts));
        if (!drafts)
                return -ENOMEM;
        list->drafts = drafts;
        list->cap = cap;
        return 0;
}

int pin_list_add(struct pin_list *list, const struct json_doc *doc, uint32_t tool, struct str name)
{
        struct pin_draft draft = { .text = BUF_INIT(LIMIT_LINE_BYTES) };
        int r;

        /* A server lists a few hundred; ten thousand are searched once, by a person's command. */
        for (size_t i = 0; i < list->count; i++) {
                if (str_eq(str_from(list->drafts[i].name), name))
                        return -EEXIST;
        }
        if (name.len && memchr(name.ptr, '\0', name.len))
                return -EINVAL;
        if (grow(list) < 0)
                return -ENOMEM;
        r = definition_text(&draft.text, doc, tool);
        if (r == 0) {
                draft.name = str_dup(name);
                r = draft.name ? 0 : -ENOMEM;
        }
        if (r < 0) {
                buf_deinit(&draft.text);
                return r;
        }
        list->drafts[list->count++] = draft;
        return 0;
}

static int by_name(const void *a, const void *b)
{
        const struct pin_draft *x = a, *y = b;

        return str_cmp(str_from(x->name), str_from(y->name));
}

static void write_draft(struct buf *out, const struct pin_draft *draft)
{
        struct definition_digest digest;
        AUTO_BUF struct buf text = BUF_INIT(DEFINITION_DIGEST_TEXT);
        struct json_writer w;

        definition_digest_of(&digest, buf_str(&draft->text));
        definition_digest_append(&text, &digest);
        json_writer_init(&w, out);
        json_begin_object(&w);
        json_name(&w, STR("name"));
        json_string(&w, str_from(draft->name));
        json_name(&w, STR("digest"));
        json_string(&w, buf_str(&text));
        json_name(&w, STR("definition"));
        json_raw(&w, buf_str(&draft->text));
        json_end_object(&w);
        if (text.failed)
                out->failed = true;
}

int pin_list_write(struct pin_list *list, struct buf *out)
{
        if (list->count)
                qsort(list->drafts, list->count, sizeof(*list->drafts), by_name);
        buf_append_str(out, STR(HEAD "\n"));
        for (size_t i = 0; i < list->count; i++) {
                write_draft(out, &list->drafts[i]);
                buf_append_str(out, i + 1 < list->count ? STR(",\n") : STR("\n"));
        }
        buf_append_str(out, STR("]}\n"));
        return out->failed ? -EMSGSIZE : 0;
}
