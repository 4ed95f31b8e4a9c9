/* SPDX-License-Identifier: Apache-2.0
 *
 * A directory of its own for one test, and small file helpers.
 */
#pragma once

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct scratch {
        char root[64];
        char state[96]; /* root/state/leastwise, not made yet */
};

static inline void scratch_make(struct scratch *s)
{
        snprintf(s->root, sizeof(s->root), "/tmp/leastwise-test-XXXXXX");
        cr_assert_not_null(mkdtemp(s->root));
        snprintf(s->state, sizeof(s->state), "%s/state/leastwise", s->root);
}

static inline int scratch_remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
        return remove(path);
}

static inline void scratch_remove(const char *path)
{
        nftw(path, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The file's bytes, NUL behind them, at most 1 MiB; freed by the caller. */
static inline char *scratch_read(const char *path, size_t *ret_len)
{
        char *bytes = malloc((1U << 20) + 1);
        FILE *f = fopen(path, "re");

        *ret_len = 0;
        if (f) {
                *ret_len = fread(bytes, 1, 1U << 20, f);
                fclose(f);
        }
        bytes[*ret_len] = '\0';
        return bytes;
}

static inline void scratch_write(const char *path, const char *text, mode_t mode)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        cr_assert_geq(fd, 0, "%s", path);
        cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
        cr_assert_eq(fchmod(fd, mode), 0);
        close(fd);
}

static inline mode_t scratch_mode(const char *path)
{
        struct stat st = { 0 };

        cr_assert_eq(lstat(path, &st), 0, "%s", path);
        return st.st_mode & 07777;
}

static inline unsigned scratch_count(const char *dir)
{
        DIR *d = opendir(dir);
        unsigned count = 0;

        cr_assert_not_null(d);
        for (struct dirent *e; (e = readdir(d));)
                count += e->d_name[0] != '.';
        closedir(d);
        return count;
}
