/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <errno.h>

/* Any failure, and whatever is not an absolute path of a length that there is, makes the path unreadable. */
static int resolve(void *userdata, struct str path, struct buf *ret)
{
        const struct host *host = userdata;
        char given[LIMIT_PATH_BYTES + 1], real[LIMIT_PATH_BYTES + 1] = "";
        size_t len;

        if (path.len > LIMIT_PATH_BYTES || memchr(path.ptr, '\0', path.len))
                return -ENAMETOOLONG;
        memcpy(given, path.ptr, path.len);
        given[path.len] = '\0';
        if (host->resolve(given, real, sizeof(real), host->userdata) != 0)
                return -ENOENT;
        len = strnlen(real, sizeof(real));
        if (len == sizeof(real) || real[0] != '/')
                return -EINVAL;
        return buf_append(ret, real, len);
}

const struct policy_host *host_init(struct host *host, leastwise_resolve_fn resolve_fn, void *userdata)
{
        *host = (struct host){ resolve_fn, userdata, { resolve, host } };
        return resolve_fn ? &host->host : NULL;
}
