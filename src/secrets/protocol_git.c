/* SPDX-License-Identifier: Apache-2.0
 *
 * git's credential protocol: lines of key=value, ended by an empty one or by the end.
 */
#include <errno.h>

#include "protocol_json.h"

/* What may not be said twice; of other keys git takes the last, and so do we not care. */
static const char *const keys[] = { "username", "password", "password_expiry_utc", "quit", "protocol", "host", "path" };

#define KEYS (sizeof(keys) / sizeof(keys[0]))

enum key { KEY_USERNAME, KEY_PASSWORD, KEY_EXPIRY, KEY_QUIT };

struct lines {
        struct str values[KEYS];
        bool has[KEYS];
};

static int take_line(struct lines *lines, struct str line, struct buf *why)
{
        const char *equals = memchr(line.ptr, '=', line.len);
        struct str key;

        if (!equals || equals == line.ptr)
                return protocol_fail(why, -EBADMSG, "a line of it is no key=value");
        if (memchr(line.ptr, '\0', line.len) || memchr(line.ptr, '\r', line.len))
                return protocol_fail(why, -EBADMSG, "a line of it has a NUL or a carriage return");
        key = str_of(line.ptr, (size_t)(equals - line.ptr));
        for (size_t i = 0; i < KEYS; i++) {
                if (!str_eq(key, str_from(keys[i])))
                        continue;
                if (lines->has[i])
                        return protocol_fail(why, -EBADMSG, "it says \"%s\" twice", keys[i]);
                lines->has[i] = true;
                lines->values[i] = str_skip(line, key.len + 1);
        }
        return 0;
}

static int read_lines(struct lines *lines, struct str output, struct buf *why)
{
        while (output.len) {
                const char *newline = memchr(output.ptr, '\n', output.len);
                size_t len;
                int r;

                /* Half a password is one as well. */
                if (!newline)
                        return protocol_fail(why, -EBADMSG, "its last line is not ended");
                len = (size_t)(newline - output.ptr);
                if (len == 0)
                        return output.len == 1 ? 0 : protocol_fail(why, -EBADMSG, "it goes on behind its end");
                r = take_line(lines, str_of(output.ptr, len), why);
                if (r < 0)
                        return r;
                output = str_skip(output, len + 1);
        }
        return 0;
}

/* Decimal seconds since 1970. */
static bool read_expiry(struct str text, int64_t *ret)
{
        int64_t value = 0;

        if (text.len == 0 || text.len > 15)
                return false;
        for (size_t i = 0; i < text.len; i++) {
                if (text.ptr[i] < '0' || text.ptr[i] > '9')
                        return false;
                value = value * 10 + (text.ptr[i] - '0');
        }
        *ret = value;
        return true;
}

int protocol_read_git(struct str output, struct str field, struct protocol_answer *ret, struct buf *why)
{
        const bool user = str_eq(field, STR("username"));
        struct lines lines = { .has = { false } };
        int r = read_lines(&lines, output, why);

        if (r < 0)
                return r;
        if (lines.has[KEY_QUIT])
                return protocol_fail(why, -EBADMSG, "it says that there is none (quit)");
        if (!lines.has[KEY_PASSWORD])
                return protocol_fail(why, -EBADMSG, "it has no password");
        if (lines.has[KEY_EXPIRY]) {
                if (!read_expiry(lines.values[KEY_EXPIRY], &ret->expires_s))
                        return protocol_fail(why, -EBADMSG, "its \"password_expiry_utc\" is no number of seconds");
                ret->expires = true;
        }
        if ((user && !lines.has[KEY_USERNAME]) || (!user && !str_eq(field, STR("password"))))
                return protocol_fail(why, -ENOENT, "it has no \"%.*s\"", STR_FMT(field));
        ret->value = lines.values[user ? KEY_USERNAME : KEY_PASSWORD];
        return 0;
}
