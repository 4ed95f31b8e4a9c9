/* SPDX-License-Identifier: Apache-2.0
 *
 * The protocols of credential helpers that print JSON: docker and bazel.
 */
#include <errno.h>

#include "protocol_json.h"

int protocol_read_docker(struct protocol_reading *r, struct str field, struct protocol_answer *ret)
{
        static const char *const names[] = { "ServerURL", "Username", "Secret" };
        bool found = false;
        int result = 0;

        for (size_t i = 0; i < 3 && result == 0; i++) {
                struct str text;

                result = protocol_text(r, 0, names[i], &text);
                if (result == -ENOENT)
                        result = i == 0 ? 0 : protocol_fail(r->why, -EBADMSG, "it has no \"%s\"", names[i]);
                else if (result == 0 && i > 0 && str_eq(field, str_from(names[i]))) {
                        ret->value = text;
                        found = true;
                }
        }
        if (result == 0 && !found)
                result = protocol_fail(r->why, -ENOENT, "it has no \"%.*s\"", STR_FMT(field));
        return result;
}

/* Names of headers do not go by the case of their letters. */
static bool is_header(struct str a, struct str b)
{
        bool same = a.len == b.len;

        for (size_t i = 0; same && i < a.len; i++) {
                const char x = a.ptr[i] >= 'A' && a.ptr[i] <= 'Z' ? (char)(a.ptr[i] + 32) : a.ptr[i];
                const char y = b.ptr[i] >= 'A' && b.ptr[i] <= 'Z' ? (char)(b.ptr[i] + 32) : b.ptr[i];

                same = x == y;
        }
        return same;
}

/* A list with exactly one text in it. */
static int read_header(struct protocol_reading *r, uint32_t list, struct str *ret)
{
        uint32_t only = 0, count = 0;

        json_each_item(&r->doc, list, item)
        {
                only = item;
                count++;
        }
        if (json_type_of(&r->doc, list) != JSON_ARRAY || count != 1 || json_type_of(&r->doc, only) != JSON_STRING)
                return protocol_fail(r->why, -EBADMSG, "the header that is wanted is no list of one text");
        return json_string_get(&r->doc, only, r->scratch, ret) < 0 ? -ENOMEM : 0;
}

/* "Bearer abc" is abc. */
static struct str behind_scheme(struct str header)
{
        const char *space = header.len ? memchr(header.ptr, ' ', header.len) : NULL;

        return space ? str_skip(header, (size_t)(space - header.ptr) + 1) : (struct str){ header.ptr, 0 };
}

int protocol_read_bazel(struct protocol_reading *r, struct str field, struct protocol_answer *ret)
{
        const uint32_t headers = protocol_member(r, 0, "headers");
        const bool token = str_eq(field, STR("token"));
        const struct str wanted = token ? STR("Authorization") : field;
        uint32_t found = 0;
        int result;

        if (!headers || json_type_of(&r->doc, headers) != JSON_OBJECT)
                return protocol_fail(r->why, -EBADMSG, "it has no \"headers\"");
        json_each_member(&r->doc, headers, name, value)
        {
                struct str text;

                result = json_string_get(&r->doc, name, r->scratch, &text) < 0 ? -ENOMEM : 0;
                if (result < 0)
                        return result;
                if (!is_header(text, wanted))
                        continue;
                if (found)
                        return protocol_fail(r->why, -EBADMSG, "it has the header \"%.*s\" twice", STR_FMT(wanted));
                found = value;
        }
        if (!found)
                return protocol_fail(r->why, -ENOENT, "it has no header \"%.*s\"", STR_FMT(wanted));
        result = read_header(r, found, &ret->value);
        if (result == 0 && token) {
                ret->value = behind_scheme(ret->value);
                if (!ret->value.len)
                        return protocol_fail(r->why, -EBADMSG, "its header Authorization has no token behind a scheme");
        }
        return result == 0 ? protocol_expiry(r, 0, "expires", ret) : result;
}
