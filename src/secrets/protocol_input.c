/* SPDX-License-Identifier: Apache-2.0
 *
 * What programs are asked with.
 */
#include <errno.h>

#include "protocol_json.h"
#include "writer.h"

/* One line of the git protocol, where there is something to say. */
static void put_line(struct buf *out, const char *key, struct str value)
{
        if (value.len)
                buf_printf(out, "%s=%.*s\n", key, STR_FMT(value));
}

/* `https://user@host:port/path`, or a host alone. */
static int ask_git(struct str url, struct buf *out, struct buf *why)
{
        const char *colon = memmem(url.ptr, url.len, "://", 3);
        struct str protocol = STR("https"), host = url, user = { 0 }, path = { 0 };
        const char *slash, *at;

        if (colon) {
                protocol = str_of(url.ptr, (size_t)(colon - url.ptr));
                host = str_skip(url, protocol.len + 3);
        }
        slash = memchr(host.ptr, '/', host.len);
        if (slash) {
                path = str_skip(host, (size_t)(slash - host.ptr) + 1);
                host = str_of(host.ptr, (size_t)(slash - host.ptr));
        }
        at = memchr(host.ptr, '@', host.len);
        if (at) {
                user = str_of(host.ptr, (size_t)(at - host.ptr));
                host = str_skip(host, user.len + 1);
        }
        if (!protocol.len || !host.len || (user.len && memchr(user.ptr, ':', user.len)) || memchr(host.ptr, '@', host.len))
                return protocol_fail(why, -EINVAL, "its \"url\" must be as in https://github.com");
        put_line(out, "protocol", protocol);
        put_line(out, "host", host);
        put_line(out, "path", path);
        put_line(out, "username", user);
        buf_append_char(out, '\n');
        return 0;
}

static void ask_bazel(struct str url, struct buf *out)
{
        struct json_writer w;

        json_writer_init(&w, out);
        json_begin_object(&w);
        json_name(&w, STR("uri"));
        json_string(&w, url);
        json_end_object(&w);
}

int protocol_input(enum secret_protocol protocol, struct str url, struct buf *out, struct buf *why)
{
        if (protocol != PROTOCOL_GIT && protocol != PROTOCOL_DOCKER && protocol != PROTOCOL_BAZEL)
                return 0;
        if (!url.len)
                return protocol_fail(why, -EINVAL, "it has no \"url\" to ask for");
        /* A line more would be another question. */
        for (size_t i = 0; i < url.len; i++) {
                if ((unsigned char)url.ptr[i] <= 0x20 || url.ptr[i] == 0x7F)
                        return protocol_fail(why, -EINVAL, "its \"url\" has a space or a control character");
        }
        if (protocol == PROTOCOL_GIT && ask_git(url, out, why) < 0)
                return -EINVAL;
        if (protocol == PROTOCOL_DOCKER) {
                buf_append_str(out, url);
                buf_append_char(out, '\n');
        }
        if (protocol == PROTOCOL_BAZEL)
                ask_bazel(url, out);
        return out->failed ? -ENOMEM : 0;
}
