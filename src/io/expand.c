/* SPDX-License-Identifier: Apache-2.0 */
#include "expand.h"

#include <errno.h>

#include "placeholder.h"

static const struct environment_secret *named(const struct environment_secret *secrets, size_t count, struct str name)
{
        for (size_t i = 0; i < count; i++) {
                if (str_eq(secrets[i].name, name))
                        return &secrets[i];
        }
        return NULL;
}

static int expand(struct buf *out, struct str text, const struct environment_secret *secrets, size_t count, size_t *ret,
        struct str *ret_unknown)
{
        struct placeholder p = { .end = 0 };
        size_t from = 0, total = 0;

        for (; placeholder_next(text, from, &p); from = p.end) {
                const struct environment_secret *secret = p.name.len ? named(secrets, count, p.name) : NULL;
                const struct str before = str_of(text.ptr + from, p.begin - from);
                const struct str value = secret ? secret->value : STR("{{");

                if (p.name.len && !secret) {
                        *ret_unknown = p.name;
                        return -ENOENT;
                }
                total += before.len + value.len;
                if (out) {
                        buf_append_str(out, before);
                        buf_append_str(out, value);
                }
        }
        if (out)
                buf_append_str(out, str_skip(text, from));
        *ret = total + text.len - from;
        return 0;
}

int expand_size(struct str text, const struct environment_secret *secrets, size_t count, size_t *ret, struct str *ret_unknown)
{
        return expand(NULL, text, secrets, count, ret, ret_unknown);
}

void expand_into(struct buf *out, struct str text, const struct environment_secret *secrets, size_t count)
{
        struct str unknown;
        size_t size;

        (void)expand(out, text, secrets, count, &size, &unknown);
}
