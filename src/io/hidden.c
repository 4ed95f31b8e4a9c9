/* SPDX-License-Identifier: Apache-2.0 */
#include "hidden.h"

#include <errno.h>
#include <stdlib.h>

#include "cleanup.h"
#include "expand.h"
#include "hidden_parts.h"
#include "limit.h"
#include "placeholder.h"

/* A line of a key file has 64 signs, and one of a settings file is longer than its name. */
#define LINE_LEAST 16U

/* Room is made beforehand, and secrets are never copied. */
static int add(struct hidden *h, struct str name, struct str value)
{
        if (value.len < LIMIT_SECRET_MIN_BYTES)
                return 0;
        if (h->count == h->room)
                return -E2BIG;
        h->list[h->count++] = (struct redact_secret){ name, value };
        return 0;
}

/* A server may show a file line by line, and its messages are searched one by one. */
static int add_lines(struct hidden *h, struct str name, struct str value)
{
        int r = 0;

        while (value.len && r == 0) {
                const struct str line = str_take_line(&value), bare = str_trim(line);

                if (line.len >= LINE_LEAST && !str_starts_with(bare, STR("-----")))
                        r = add(h, name, bare.len >= LINE_LEAST ? bare : line);
        }
        return r;
}

/* Of "Bearer abc", abc is the secret as well. */
static struct str behind_scheme(struct str value)
{
        static const struct str schemes[] = { STR_INIT("Bearer "), STR_INIT("Basic "), STR_INIT("token ") };

        for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
                if (str_starts_with(value, schemes[i]))
                        return str_skip(value, schemes[i].len);
        }
        return (struct str){ value.ptr, 0 };
}

struct part_of {
        struct hidden *hidden;
        struct str name;
};

static int add_part(void *userdata, struct str part)
{
        const struct part_of *of = userdata;
        const struct str bare = str_trim(part);
        int r = add(of->hidden, of->name, part);

        if (r == 0 && bare.len < part.len)
                r = add(of->hidden, of->name, bare);
        return r == 0 && memchr(part.ptr, '\n', part.len) ? add_lines(of->hidden, of->name, part) : r;
}

static int add_value(struct hidden *h, struct str name, struct str value)
{
        struct part_of of = { h, name };
        int r;

        value = secret_bare(value);
        r = add(h, name, value);
        if (r == 0)
                r = add(h, name, behind_scheme(value));
        if (r == 0 && memchr(value.ptr, '\n', value.len))
                r = add_lines(h, name, value);
        return r == 0 ? hidden_parts(value, &h->parts, add_part, &of) : r;
}

/* A value that a credential was put into. */
static int add_composed(struct hidden *h, struct str name, struct str text, const struct environment_secret *secrets, size_t count)
{
        const size_t at = h->space.len;
        struct str unknown;
        size_t size;

        if (!placeholder_is_in(text) || expand_size(text, secrets, count, &size, &unknown) < 0)
                return 0;
        if (h->space.len + size > h->space.cap)
                return -ENOMEM;
        expand_into(&h->space, text, secrets, count);
        return add(h, name, str_of(h->space.data + at, h->space.len - at));
}

static const char *own_value(struct str name)
{
        AUTO_FREE char *text = str_dup(name);

        return text ? getenv(text) : NULL;
}

static int collect_composed(struct hidden *h, const struct policy_launch *policy, const struct environment_secret *secrets, size_t count)
{
        size_t total = 1;
        struct str unknown;
        int r;

        for (int pass = 0; pass < 2; pass++) {
                for (size_t i = 0; i < policy->env_count + policy->inherit_count; i++) {
                        const bool own = i >= policy->env_count;
                        const struct str name = own ? policy->inherit[i - policy->env_count] : policy->env[i].name;
                        const char *inherited = own ? own_value(name) : NULL;
                        const struct str text = own ? (inherited ? str_from(inherited) : STR("")) : policy->env[i].value;
                        size_t size = 0;

                        if (pass == 0 && expand_size(text, secrets, count, &size, &unknown) == 0)
                                total += size;
                        r = pass == 1 ? add_composed(h, name, text, secrets, count) : 0;
                        if (r < 0)
                                return r;
                }
                if (pass == 0 && buf_reserve(&h->space, total) < 0)
                        return -ENOMEM;
        }
        return 0;
}

int hidden_collect(struct hidden *ret, const struct policy_launch *policy, const struct secret *secrets)
{
        AUTO_FREE struct environment_secret *parts = mem_calloc(policy->credential_count + 1, sizeof(*parts));
        size_t count = 0, size = 1;
        int r = 0;

        *ret = (struct hidden){ .space = BUF_INIT(SIZE_MAX / 2), .parts = BUF_INIT(SIZE_MAX / 2), .room = LIMIT_HIDDEN_VALUES };
        ret->list = mem_calloc(ret->room, sizeof(*ret->list));
        /* Twice: a text of a JSON value, and the password of the address that it is. */
        for (size_t i = 0; i < policy->credential_count; i++)
                size += 2 * secrets[i].len + 4;
        if (!ret->list || !parts || buf_reserve(&ret->parts, size) < 0)
                r = -ENOMEM;
        for (size_t i = 0; i < policy->credential_count && r == 0; i++) {
                const struct policy_credential *c = &policy->credentials[i];
                const struct str value = str_of(secrets[i].value, secrets[i].len);

                r = add_value(ret, c->env_name, value);
                /* Of a file, its path is what stands in the environment. */
                if (!c->as_file)
                        parts[count++] = (struct environment_secret){ c->env_name, value };
        }
        if (r == 0)
                r = collect_composed(ret, policy, parts, count);
        if (r < 0)
                hidden_deinit(ret);
        return r;
}

void hidden_deinit(struct hidden *h)
{
        mem_free(h->list);
        buf_wipe(&h->space);
        buf_wipe(&h->parts);
        *h = (struct hidden){ 0 };
}
