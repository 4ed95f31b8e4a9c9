/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_file.h"
#include "cleanup.h"
#include "state_dir.h"
#include "state_sweep.h"

#define KEY_NAME "audit.key"
#define KEY_BYTES 32U

static int check_key_file(int fd, const char *dir, char **ret_message)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode)) {
                state_dir_message(ret_message, "%s/" KEY_NAME ": is not a regular file; remove it, and a new key is made", dir);
                return -EPERM;
        }
        if (st.st_uid != geteuid()) {
                state_dir_message(ret_message, "%s/" KEY_NAME ": belongs to the user with id %u, not to you (%u); mend it with: chown %u %s/" KEY_NAME,
                        dir, st.st_uid, geteuid(), geteuid(), dir);
                return -EPERM;
        }
        if (st.st_mode & (S_IRWXG | S_IRWXO)) {
                state_dir_message(ret_message, "%s/" KEY_NAME ": others have access to it; mend it with: chmod 600 %s/" KEY_NAME,
                        dir, dir);
                return -EPERM;
        }
        if (st.st_size != KEY_BYTES) {
                state_dir_message(ret_message,
                        "%s/" KEY_NAME ": is not a key of 32 bytes; remove it, and a new key is made (digests in older "
                        "records can then no longer be compared with new ones)", dir);
                return -EINVAL;
        }
        return 0;
}

/* 0, -ENOENT while there is none, or another -errno with a message where one helps. */
static int read_key(int dir_fd, const char *dir, uint8_t ret_key[32], char **ret_message)
{
        uint8_t key[KEY_BYTES];
        size_t len = 0;
        AUTO_CLOSE int fd = openat(dir_fd, KEY_NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        int r;

        if (fd < 0) {
                r = -errno;
                if (r == -ELOOP)
                        state_dir_message(ret_message, "%s/" KEY_NAME ": is a symbolic link; remove it, and a new key is made", dir);
                return r;
        }
        r = check_key_file(fd, dir, ret_message);
        while (r == 0 && len < KEY_BYTES) {
                ssize_t n = read(fd, key + len, KEY_BYTES - len);

                if (n > 0)
                        len += (size_t)n;
                else if (n == 0 || errno != EINTR)
                        r = n == 0 ? -EIO : -errno;
        }
        if (r == 0)
                memcpy(ret_key, key, KEY_BYTES);
        explicit_bzero(key, sizeof(key));
        return r;
}

static int write_random_key(int fd)
{
        uint8_t key[KEY_BYTES];
        ssize_t n;
        int r = 0;

        randombytes_buf(key, sizeof(key));
        do {
                n = write(fd, key, sizeof(key));
        } while (n < 0 && errno == EINTR);
        if (n < 0 || fsync(fd) < 0)
                r = -errno;
        else if (n != (ssize_t)sizeof(key))
                r = -ENOSPC;
        explicit_bzero(key, sizeof(key));
        return r;
}

/* Puts a complete key in place, unless one is there: link() and RENAME_NOREPLACE do both at once. */
static int make_key(int dir_fd)
{
        char temporary[64];
        AUTO_CLOSE int fd = -1;
        int r;

        snprintf(temporary, sizeof(temporary), STATE_TEMPORARY KEY_NAME ".%08x%08x", randombytes_random(),
                randombytes_random());
        fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        r = write_random_key(fd);
        if (r == 0 && linkat(dir_fd, temporary, dir_fd, KEY_NAME, 0) < 0) {
                r = -errno;
                /* File systems without hard links. */
                if (r == -EPERM || r == -EOPNOTSUPP || r == -ENOSYS)
                        r = renameat2(dir_fd, temporary, dir_fd, KEY_NAME, RENAME_NOREPLACE) < 0 ? -errno : 0;
        }
        unlinkat(dir_fd, temporary, 0);
        if (r == -EEXIST)
                return 0;
        if (r == 0 && fsync(dir_fd) < 0)
                return -errno;
        return r;
}

int audit_file_key(const char *state_dir, uint8_t ret_key[32], char **ret_message)
{
        AUTO_CLOSE int dir_fd = -1;
        int r;

        *ret_message = NULL;
        if (sodium_init() < 0)
                return -EIO;
        dir_fd = state_dir_open(state_dir, ret_message);
        if (dir_fd < 0)
                return dir_fd;
        (void)state_sweep(dir_fd);
        r = read_key(dir_fd, state_dir, ret_key, ret_message);
        if (r == -ENOENT) {
                r = make_key(dir_fd);
                if (r == 0)
                        r = read_key(dir_fd, state_dir, ret_key, ret_message);
        }
        if (r < 0 && !*ret_message)
                state_dir_message(ret_message, "%s/" KEY_NAME ": cannot be read or made: %s", state_dir, strerror(-r));
        return r;
}
