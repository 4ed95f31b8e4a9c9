/* SPDX-License-Identifier: Apache-2.0 */
#include "path_resolver.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"

/* The length of the longest part of @path that exists, be it as a link to nothing; negative when that cannot be
 * seen. */
static ssize_t existing_length(char *path, size_t len)
{
        size_t found = 1;

        for (size_t end = 1; end < len;) {
                struct stat st;
                char after;
                int r;

                while (end < len && path[end] != '/')
                        ++end;
                after = path[end];
                path[end] = '\0';
                r = lstat(path, &st);
                path[end] = after;
                if (r < 0)
                        return errno == ENOENT ? (ssize_t)found : -errno;
                found = end++;
        }
        return (ssize_t)found;
}

/* Links such as /proc/self/cwd lead the server elsewhere than us. Kernels before 5.6, and some sandboxes, cannot
 * say. */
static int check_no_magic_links(const char *path)
{
        struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS };
        AUTO_CLOSE int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

        return fd >= 0 || errno == ENOSYS || errno == EPERM ? 0 : -errno;
}

int path_resolver_resolve(void *userdata, struct str path, struct buf *ret)
{
        char text[PATH_MAX], real[PATH_MAX];
        ssize_t existing;
        struct str rest;
        size_t len;
        int r;

        (void)userdata;
        if (path.len == 0 || path.ptr[0] != '/' || memchr(path.ptr, '\0', path.len))
                return -EINVAL;
        if (path.len >= sizeof(text))
                return -ENAMETOOLONG;
        memcpy(text, path.ptr, path.len);
        text[path.len] = '\0';
        existing = existing_length(text, path.len);
        if (existing < 0)
                return (int)existing;
        text[existing] = '\0';
        r = check_no_magic_links(text);
        if (r < 0)
                return r;
        if (!realpath(text, real))
                return -errno;
        rest = str_skip(path, (size_t)existing);
        if (rest.len && rest.ptr[0] == '/')
                rest = str_skip(rest, 1);
        len = strlen(real);
        r = buf_reserve(ret, len + rest.len + 1);
        if (r < 0)
                return r;
        buf_append(ret, real, len);
        if (rest.len && real[len - 1] != '/')
                buf_append_char(ret, '/');
        return buf_append_str(ret, rest);
}
