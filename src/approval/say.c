/* SPDX-License-Identifier: Apache-2.0 */
#include "say.h"

#include <errno.h>
#include <string.h>

#include "visible.h"

/* Items of one path that are told; the rest is counted. */
#define ITEMS_TOLD 20U
/* Room for a value's JSON text before it is cut. */
#define RAW_BYTES 4096U

/* --- values --- */

struct filling {
        struct buf *out;
        const struct json_doc *doc;
        size_t told, left_out; /* of the path at hand */
};

static void put_value(struct filling *f, uint32_t token)
{
        AUTO_BUF struct buf raw = BUF_INIT(64U << 20);
        struct str text;
        const bool is_string = json_type_of(f->doc, token) == JSON_STRING;

        if (f->told == ITEMS_TOLD) {
                f->left_out++;
                return;
        }
        if (f->told++)
                buf_append_str(f->out, STR(", "));
        if (is_string ? json_string_get(f->doc, token, &raw, &text) < 0 : json_write(&raw, f->doc, token) < 0) {
                f->out->failed = true;
                return;
        }
        if (!is_string)
                text = buf_str(&raw);
        if (is_string)
                buf_append_char(f->out, '"');
        (void)visible_append(f->out, text, SAY_VALUE_BYTES, is_string);
        if (is_string)
                buf_append_char(f->out, '"');
        if (text.len > SAY_VALUE_BYTES)
                buf_printf(f->out, " (%zu bytes)", text.len);
}

/* The name at the start of @path, unescaped into @name; what is left of the path. */
static struct str take_name(struct str path, char *name, size_t room, size_t *ret_len)
{
        const bool quoted = path.len && path.ptr[0] == '"';
        size_t at = quoted, len = 0;

        while (at < path.len && (quoted ? path.ptr[at] != '"' : path.ptr[at] != '.' && path.ptr[at] != '[')) {
                at += quoted && path.ptr[at] == '\\';
                if (at < path.len && len < room)
                        name[len++] = path.ptr[at++];
                else
                        at++;
        }
        *ret_len = len;
        return str_skip(path, at + quoted);
}

/* Policies are compiled before they come here, so that the path is one. */
static void put_path(struct filling *f, uint32_t value, struct str path)
{
        char name[RAW_BYTES];
        size_t len;

        if (!path.len) {
                put_value(f, value);
                return;
        }
        if (str_starts_with(path, STR("[]"))) {
                json_each_item(f->doc, value, item)
                        put_path(f, item, str_skip(path, 2));
                return;
        }
        if (path.ptr[0] == '.')
                path = str_skip(path, 1);
        path = take_name(path, name, sizeof(name), &len);
        value = json_member(f->doc, value, str_of(name, len));
        if (value)
                put_path(f, value, path);
}

static void put_placeholder(struct filling *f, uint32_t arguments, struct str path)
{
        f->told = f->left_out = 0;
        if (arguments)
                put_path(f, arguments, path);
        if (!f->told)
                buf_append_str(f->out, STR("(none)"));
        if (f->left_out)
                buf_printf(f->out, " and %zu more", f->left_out);
}

/* The sentence without its last part where it is too long. */
static void cut(struct buf *out, size_t begin)
{
        size_t len = SAY_BYTES - 40;

        if (out->failed || out->len - begin <= SAY_BYTES)
                return;
        while (len && ((unsigned char)out->data[begin + len] & 0xC0) == 0x80)
                len--;
        out->len = begin + len;
        buf_append_str(out, STR("... (cut: look at the arguments)"));
}

int say_fill(struct buf *out, struct str say, const struct json_doc *doc, uint32_t arguments)
{
        struct filling f = { .out = out, .doc = doc };
        const size_t begin = out->len;

        while (say.len) {
                const char *open = memchr(say.ptr, '{', say.len);
                const char *close = open ? memchr(open, '}', say.len - (size_t)(open - say.ptr)) : NULL;
                const size_t literal = open && close ? (size_t)(open - say.ptr) : say.len;

                (void)visible_append(out, str_of(say.ptr, literal), SAY_BYTES, false);
                if (open && close)
                        put_placeholder(&f, arguments, str_of(open + 1, (size_t)(close - open) - 1));
                say = str_skip(say, open && close ? (size_t)(close - say.ptr) + 1 : say.len);
        }
        cut(out, begin);
        if (!out->failed)
                return 0;
        out->len = begin;
        return -ENOMEM;
}
