/* SPDX-License-Identifier: Apache-2.0 */
#include "stops.h"

#include <errno.h>
#include <string.h>

#include "limit.h"
#include "printable.h"
#include "writer.h"

#define NAME_SHOWN 100U

/* In the order of enum stop_scope. */
static const struct {
        struct str member; /* of `scope` */
        const char *what;  /* with the pattern behind it */
} scopes[STOP_SCOPE_MAX_] = {
        [STOP_ALL] = { STR_INIT("all"), "everything" },
        [STOP_TOOL] = { STR_INIT("tool"), "the tools" },
        [STOP_SERVER] = { STR_INIT("server"), "the servers" },
        [STOP_AGENT] = { STR_INIT("agent"), "the agent" },
};

/* --- patterns --- */

static bool is_printable(struct str s)
{
        for (size_t i = 0; i < s.len; i++) {
                if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7F)
                        return false;
        }
        return true;
}

const char *stop_pattern_refusal(enum stop_scope scope, struct str pattern)
{
        if (pattern.len == 0)
                return "is empty; --all stops everything";
        if (pattern.len > LIMIT_STOP_PATTERN_BYTES)
                return "is longer than 256 bytes";
        if (!is_printable(pattern))
                return "has control characters";
        if (scope == STOP_TOOL && (memchr(pattern.ptr, '[', pattern.len) || memchr(pattern.ptr, '{', pattern.len) ||
                                          memchr(pattern.ptr, '\\', pattern.len)))
                return "may have * and ? as wildcards, and no others";
        return NULL;
}

const char *stop_because_refusal(struct str because)
{
        if (because.len == 0)
                return "is empty";
        if (because.len > LIMIT_ANSWER_BECAUSE_BYTES)
                return "is longer than 1000 bytes";
        return is_printable(because) ? NULL : "has control characters";
}

/* --- one stop --- */

void stop_deinit(struct stop *stop)
{
        buf_deinit(&stop->memory);
}

int stop_append_what(const struct stop *stop, struct buf *out)
{
        buf_append_str(out, str_from(scopes[stop->scope].what));
        if (stop->scope != STOP_ALL) {
                buf_append_str(out, STR(" \""));
                (void)printable_append(out, stop->pattern, LIMIT_STOP_PATTERN_BYTES);
                buf_append_char(out, '"');
        }
        return out->failed ? -ENOMEM : 0;
}

int stop_append_by(const struct stop *stop, struct buf *out)
{
        if (stop->system || stop->by.len)
                buf_append_str(out, STR(" by"));
        if (stop->system)
                buf_append_str(out, STR(" the administrator"));
        if (stop->by.len) {
                buf_append_char(out, ' ');
                (void)printable_append(out, stop->by, NAME_SHOWN);
        }
        return out->failed ? -ENOMEM : 0;
}

/* The string's value, kept in the stop's memory, which does not move. */
static bool take_text(const struct json_doc *doc, uint32_t token, struct stop *stop, struct str *ret)
{
        struct buf *memory = &stop->memory;
        const size_t at = memory->len;
        struct str text;

        if (json_type_of(doc, token) != JSON_STRING || json_string_get(doc, token, memory, &text) < 0)
                return false;
        if (memory->len == at && buf_append_str(memory, text) < 0)
                return false;
        *ret = str_of(memory->data + at, memory->len - at);
        return true;
}

static bool read_one_scope(const struct json_doc *doc, uint32_t name, uint32_t value, struct stop *stop)
{
        for (int i = 0; i < STOP_SCOPE_MAX_; i++) {
                if (!json_string_is(doc, name, scopes[i].member))
                        continue;
                stop->scope = (enum stop_scope)i;
                if (i == STOP_ALL)
                        return json_type_of(doc, value) == JSON_TRUE;
                return take_text(doc, value, stop, &stop->pattern) && !stop_pattern_refusal(stop->scope, stop->pattern);
        }
        return false;
}

/* NULL, or what is wrong. */
static const char *read_scope(const struct json_doc *doc, uint32_t scope, struct stop *stop)
{
        size_t members = 0;

        json_each_member(doc, scope, name, value) {
                members++;
                if (!read_one_scope(doc, name, value, stop))
                        return "its scope is none that this version knows";
        }
        return members == 1 ? NULL : "it needs exactly one scope";
}

static const char *read_members(const struct json_doc *doc, struct stop *stop)
{
        const char *why = NULL;
        bool version = false, scope = false;
        int64_t number;

        if (json_type_of(doc, 0) != JSON_OBJECT)
                return "it is no object";
        json_each_member(doc, 0, name, value) {
                if (json_string_is(doc, name, STR("version"))) {
                        version = json_type_of(doc, value) == JSON_NUMBER && json_integer_get(doc, value, &number) &&
                                  number == 1;
                        why = version ? NULL : "its version is not 1";
                } else if (json_string_is(doc, name, STR("scope"))) {
                        scope = true;
                        why = read_scope(doc, value, stop);
                } else if (json_string_is(doc, name, STR("because"))) {
                        why = take_text(doc, value, stop, &stop->because) && !stop_because_refusal(stop->because)
                                      ? NULL
                                      : "its reason is none";
                } else if (json_string_is(doc, name, STR("by"))) {
                        why = take_text(doc, value, stop, &stop->by) ? NULL : "by: is no text";
                } else if (json_string_is(doc, name, STR("at"))) {
                        why = take_text(doc, value, stop, &stop->at) ? NULL : "at: is no text";
                } else {
                        why = "it has a member that this version does not know";
                }
                if (why)
                        return why;
        }
        if (!version || !scope || !stop->because.len)
                return "it needs version, scope and because";
        return NULL;
}

int stop_read_json(struct str text, struct str id, struct stop *ret, const char **ret_why)
{
        struct stop stop = { .memory = BUF_INIT(LIMIT_STOP_BYTES) };
        struct json_doc doc;
        enum json_error error;
        const char *why;

        if (!card_id_is_valid(id) || text.len > LIMIT_STOP_BYTES) {
                *ret_why = text.len > LIMIT_STOP_BYTES ? "it is too large" : "its name is none of a stop";
                return -EBADMSG;
        }
        /* No text grows when its escapes are taken out. */
        if (buf_reserve(&stop.memory, text.len) < 0)
                return -ENOMEM;
        json_doc_init(&doc, (const uint64_t[2]){ 0, 0 });
        error = json_read(&doc, text);
        why = error != JSON_OK ? json_error_text(error) : read_members(&doc, &stop);
        json_doc_deinit(&doc);
        if (why) {
                stop_deinit(&stop);
                *ret_why = why;
                return error == JSON_NO_MEMORY ? -ENOMEM : -EBADMSG;
        }
        memcpy(stop.id, id.ptr, id.len);
        *ret = stop;
        return 0;
}

int stop_write_json(const struct stop *stop, struct buf *out)
{
        struct json_writer w;

        json_writer_init(&w, out);
        json_begin_object(&w);
        json_name(&w, STR("version"));
        json_integer(&w, 1);
        json_name(&w, STR("scope"));
        json_begin_object(&w);
        json_name(&w, scopes[stop->scope].member);
        if (stop->scope == STOP_ALL)
                json_bool(&w, true);
        else
                json_string(&w, stop->pattern);
        json_end_object(&w);
        json_name(&w, STR("because"));
        json_string(&w, stop->because);
        json_name(&w, STR("by"));
        json_string(&w, stop->by);
        json_name(&w, STR("at"));
        json_string(&w, stop->at);
        json_end_object(&w);
        return out->failed ? -ENOMEM : 0;
}
