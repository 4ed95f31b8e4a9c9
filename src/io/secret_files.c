/* SPDX-License-Identifier: Apache-2.0 */
#include "secret_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cleanup.h"
#include "control_place.h"
#include "hex.h"
#include "write_all.h"

#define PREFIX "files-"
#define PATH_BYTES 512U
#define PLACES 3U
/* A name of ours may be swept away before it is locked; not so often. */
#define ATTEMPTS 5

static void closedirp(DIR **dir)
{
        if (*dir)
                closedir(*dir);
}

/* --- places --- */

static bool place_path(size_t index, struct buf *out)
{
        const char *runtime = getenv("XDG_RUNTIME_DIR");
        const unsigned long user = (unsigned long)geteuid();

        buf_clear(out, PATH_BYTES);
        if (index == 0 && runtime && runtime[0] == '/')
                buf_printf(out, "%s/leastwise", runtime);
        else if (index == 1)
                buf_printf(out, "/run/user/%lu/leastwise", user);
        else if (index == 2)
                buf_printf(out, "/dev/shm/leastwise-%lu", user);
        buf_append_char(out, '\0');
        return !out->failed && out->len > 1;
}

/* What is written there is on no disk. */
static bool is_in_memory(int fd)
{
        struct statfs st;

        return fstatfs(fd, &st) == 0 && (st.f_type == TMPFS_MAGIC || st.f_type == RAMFS_MAGIC);
}

/* --- removing --- */

static void empty(int dir)
{
        CLEANUP(closedirp) DIR *list = NULL;
        const int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct dirent *entry;

        list = copy < 0 ? NULL : fdopendir(copy);
        if (!list && copy >= 0)
                close(copy);
        while (list && (entry = readdir(list))) {
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                        (void)unlinkat(dir, entry->d_name, 0);
        }
}

/* Those whose owner has died together with its guardian: nobody holds their lock. */
static void sweep(int base)
{
        CLEANUP(closedirp) DIR *list = NULL;
        const int copy = openat(base, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct dirent *entry;

        list = copy < 0 ? NULL : fdopendir(copy);
        if (!list && copy >= 0)
                close(copy);
        while (list && (entry = readdir(list))) {
                AUTO_CLOSE int dir = -1;

                if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0)
                        continue;
                dir = openat(base, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (dir < 0 || flock(dir, LOCK_EX | LOCK_NB) < 0)
                        continue;
                empty(dir);
                (void)unlinkat(base, entry->d_name, AT_REMOVEDIR);
        }
}

/* --- making --- */

/* A directory of ours in @base, locked: 0, -EAGAIN when it was swept away meanwhile, or -errno. */
static int make_in(struct secret_files *files, int base, struct buf *path)
{
        AUTO_CLOSE int dir = -1;
        uint8_t random[8];
        const char *name;
        struct stat st;

        if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
                return -EIO;
        path->len--;
        buf_append_str(path, STR("/"));
        name = path->data + path->len;
        buf_append_str(path, STR(PREFIX));
        hex_append(path, random, sizeof(random));
        buf_append_char(path, '\0');
        if (path->failed)
                return -ENAMETOOLONG;
        name = strrchr(path->data, '/') + 1;
        if (mkdirat(base, name, 0700) < 0)
                return -errno;
        dir = openat(base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (dir < 0 || flock(dir, LOCK_SH) < 0 || fstat(dir, &st) < 0)
                return -EAGAIN;
        if (st.st_nlink == 0 || st.st_uid != geteuid())
                return -EAGAIN;
        files->dir = dir;
        dir = -1;
        return 0;
}

static int make(struct secret_files *files, const struct child *child)
{
        AUTO_BUF struct buf path = BUF_INIT(PATH_BYTES);
        int r = -ENOTSUP;

        for (size_t i = 0; i < PLACES && files->dir < 0; i++) {
                AUTO_CLOSE int base = -1;

                if (!place_path(i, &path))
                        continue;
                base = control_place_open(path.data, true);
                if (base < 0 || !is_in_memory(base))
                        continue;
                sweep(base);
                for (int attempt = 0; attempt < ATTEMPTS && files->dir < 0; attempt++) {
                        (void)place_path(i, &path);
                        r = make_in(files, base, &path);
                        if (r < 0 && r != -EAGAIN)
                                break;
                }
                if (r == 0) {
                        files->base = base;
                        base = -1;
                }
        }
        if (files->dir < 0)
                return r == -EAGAIN ? -EIO : r;
        files->path = str_dup(str_from(path.data));
        /* Before there is something in it. */
        r = files->path ? child_guard_directory(child, files->path) : -ENOMEM;
        if (r < 0) {
                (void)unlinkat(files->base, strrchr(path.data, '/') + 1, AT_REMOVEDIR);
                secret_files_remove(files, child);
        }
        return r;
}

int secret_files_write(
        struct secret_files *files, const struct child *child, struct str name, struct str value, struct buf *out)
{
        AUTO_FREE char *file = str_dup(name);
        AUTO_CLOSE int fd = -1;
        const bool lines = value.len && memchr(value.ptr, '\n', value.len);
        int r = files->dir < 0 ? make(files, child) : 0;

        if (r < 0 || !file)
                return r < 0 ? r : -ENOMEM;
        fd = openat(files->dir, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        r = write_all(fd, value);
        if (r == 0 && lines && value.ptr[value.len - 1] != '\n')
                r = write_all(fd, STR("\n"));
        if (r < 0)
                return r;
        buf_append_str(out, str_from(files->path));
        buf_append_char(out, '/');
        return buf_append_str(out, name);
}

void secret_files_remove(struct secret_files *files, const struct child *child)
{
        if (files->dir >= 0)
                empty(files->dir);
        if (files->path && files->base >= 0)
                (void)unlinkat(files->base, strrchr(files->path, '/') + 1, AT_REMOVEDIR);
        if (files->path)
                (void)child_forget_directory(child, files->path);
        fd_closep(&files->dir);
        fd_closep(&files->base);
        mem_free(files->path);
        files->path = NULL;
}
