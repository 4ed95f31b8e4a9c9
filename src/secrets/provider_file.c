/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "provider.h"

static int fail(struct buf *why, struct str path, int error, const char *reason)
{
        return provider_fail(why, "the file ", path, error, reason);
}

/* Others may know nothing of it. A group may read only what root owns: there is no other way to give a user such a file. */
static int check_file(int fd, struct str path, struct buf *why)
{
        struct stat st;
        mode_t forbidden = S_IRWXG | S_IRWXO;

        if (fstat(fd, &st) < 0)
                return fail(why, path, -errno, strerror(errno));
        if (!S_ISREG(st.st_mode))
                return fail(why, path, -EINVAL, "is not a regular file; name the file that holds the credential");
        if (st.st_uid != geteuid() && st.st_uid != 0) {
                int r = fail(why, path, -EPERM, "belongs to another user; mend it with: chown ");

                buf_printf(why, "%u ", geteuid());
                provider_show_word(why, path);
                return r;
        }
        if (st.st_uid == 0 && geteuid() != 0)
                forbidden = S_IWGRP | S_IXGRP | S_IRWXO;
        if (st.st_mode & forbidden) {
                int r = fail(why, path, -EPERM, "is open to others; mend it with: chmod go= ");

                provider_show_word(why, path);
                return r;
        }
        return 0;
}

static int read_path(struct str shown, const char *absent, char *space, size_t *ret_len, struct buf *why)
{
        AUTO_FREE char *path = str_dup(shown);
        AUTO_CLOSE int fd = -1;
        size_t len = 0;
        ssize_t n = 1;
        int r;

        if (!path)
                return -ENOMEM;
        if (path[0] != '/')
                return fail(why, shown, -EINVAL, "must be named by a path that begins with /");
        /* A pipe or device in its place must neither block nor become our terminal. */
        fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd < 0) {
                r = -errno;
                fail(why, shown, r, "cannot be opened: ");
                buf_printf(why, "%s; %s", strerror(-r), r == -ENOENT ? absent : "correct the path, or its permissions");
                return r;
        }
        r = check_file(fd, shown, why);
        if (r < 0)
                return r;
        while (n != 0 && len < PROVIDER_SPACE) {
                n = read(fd, space + len, PROVIDER_SPACE - len);
                if (n > 0)
                        len += (size_t)n;
                else if (n < 0 && errno != EINTR)
                        return fail(why, shown, -errno, "cannot be read");
        }
        if (len > 0 && space[len - 1] == '\n')
                len--;
        *ret_len = len;
        return 0;
}

int provider_file(const struct secret_source *source, char *space, size_t *ret_len, struct buf *why)
{
        return read_path(source->source, "create it with mode 600, or correct the path", space, ret_len, why);
}

/* systemd lays them out for a unit, in a directory of files that only it can read. */
int provider_systemd(const struct secret_source *source, char *space, size_t *ret_len, struct buf *why)
{
        AUTO_BUF struct buf path = BUF_INIT(8192);
        const char *dir = getenv("CREDENTIALS_DIRECTORY");

        if (!dir || dir[0] != '/') {
                buf_append_str(why, STR("there is no CREDENTIALS_DIRECTORY in our environment: systemd sets it for a unit with "
                                        "LoadCredential= or LoadCredentialEncrypted=, and the client must pass it on"));
                return -ENOENT;
        }
        buf_append_str(&path, str_from(dir));
        buf_append_char(&path, '/');
        buf_append_str(&path, source->source);
        if (path.failed || memchr(source->source.ptr, '/', source->source.len) || source->source.ptr[0] == '.') {
                buf_append_str(why, STR("systemd has no credential of such a name"));
                return -EINVAL;
        }
        return read_path(buf_str(&path), "name it in the unit: LoadCredential=ID:PATH, LoadCredentialEncrypted= or SetCredential=", space, ret_len, why);
}
