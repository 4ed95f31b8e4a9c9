/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "cleanup.h"

static int is_runnable(const char *file)
{
        struct stat st;

        if (stat(file, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EACCES;
        return access(file, X_OK) < 0 ? -errno : 0;
}

/* An empty entry of PATH means the working directory. */
static char *join(struct str dir, const char *name)
{
        AUTO_BUF struct buf b = BUF_INIT(PATH_MAX);

        buf_append_str(&b, dir.len ? dir : STR("."));
        buf_append_char(&b, '/');
        buf_append_str(&b, str_from(name));
        return b.failed ? NULL : str_dup(buf_str(&b));
}

int command_resolve(char **ret_file, const char *name, const char *path)
{
        struct str rest = str_from(path ? path : COMMAND_DEFAULT_PATH);
        int result = -ENOENT;

        if (*name == '\0')
                return -ENOENT;
        if (strchr(name, '/')) {
                *ret_file = str_dup(str_from(name));
                return *ret_file ? 0 : -ENOMEM;
        }
        for (;;) {
                const char *colon = rest.len ? memchr(rest.ptr, ':', rest.len) : NULL;
                const size_t len = colon ? (size_t)(colon - rest.ptr) : rest.len;
                AUTO_FREE char *file = join(str_of(rest.ptr, len), name);
                int r = file ? is_runnable(file) : -ENAMETOOLONG;

                if (r == 0) {
                        *ret_file = file;
                        file = NULL;
                        return 0;
                }
                /* Found but not executable: remembered, as a later directory may have a better one. */
                if (r == -EACCES)
                        result = r;
                if (!colon)
                        return result;
                rest = str_skip(rest, len + 1);
        }
}
