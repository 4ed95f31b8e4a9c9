/* SPDX-License-Identifier: Apache-2.0 */
#include "trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "cleanup.h"
#include "state_dir.h"
#include "state_sweep.h"

#define FOLDER "trust"
#define ENTRY_BYTES (TRUST_DIGEST_BYTES + PATH_MAX + 2U)

static void hash(char ret[2 * crypto_hash_sha256_BYTES + 1], struct str text)
{
        unsigned char bytes[crypto_hash_sha256_BYTES];

        crypto_hash_sha256(bytes, (const unsigned char *)text.ptr, text.len);
        sodium_bin2hex(ret, 2 * crypto_hash_sha256_BYTES + 1, bytes, sizeof(bytes));
}

void trust_digest_of(char ret[TRUST_DIGEST_BYTES], struct str contents)
{
        char digits[2 * crypto_hash_sha256_BYTES + 1];

        hash(digits, contents);
        snprintf(ret, TRUST_DIGEST_BYTES, "sha256:%s", digits);
}

char *trust_path_of(const char *path)
{
        char whole[PATH_MAX];

        return realpath(path, whole) ? str_dup(str_from(whole)) : NULL;
}

static int open_folder(const char *state_dir, char **ret_message)
{
        AUTO_CLOSE int parent = state_dir_open(state_dir, ret_message);
        char path[PATH_MAX];

        if (parent < 0)
                return parent;
        snprintf(path, sizeof(path), "%s/" FOLDER, state_dir);
        return state_dir_open_at(parent, FOLDER, path, ret_message);
}

char *trust_directory(const char *state_dir)
{
        AUTO_BUF struct buf path = BUF_INIT(PATH_MAX);

        buf_printf(&path, "%s/" FOLDER, state_dir);
        return path.failed ? NULL : str_dup(buf_str(&path));
}

/* "sha256:...\n/path\n": the path is there for people who look, and against a clash of names. */
static int entry_of(struct buf *entry, const char *path, const char *digest)
{
        return buf_printf(entry, "%s\n%s\n", digest, path);
}

static int write_entry(int folder, const char *name, struct str entry)
{
        char temporary[96];
        AUTO_CLOSE int fd = -1;
        int r = 0;

        (void)state_sweep(folder);
        snprintf(temporary, sizeof(temporary), STATE_TEMPORARY "%s.%08x", name, randombytes_random());
        fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        /* A write that is cut short says nothing; a disk that is full does it. */
        errno = ENOSPC;
        if (write(fd, entry.ptr, entry.len) != (ssize_t)entry.len || fsync(fd) < 0 || renameat(folder, temporary, folder, name) < 0)
                r = -errno;
        if (r < 0)
                unlinkat(folder, temporary, 0);
        return r;
}

int trust_add(const char *state_dir, const char *path, const char *digest, char **ret_message)
{
        char name[2 * crypto_hash_sha256_BYTES + 1];
        AUTO_BUF struct buf entry = BUF_INIT(ENTRY_BYTES);
        AUTO_CLOSE int folder = open_folder(state_dir, ret_message);
        int r;

        if (folder < 0)
                return folder;
        hash(name, str_from(path));
        r = entry_of(&entry, path, digest);
        if (r == 0)
                r = write_entry(folder, name, buf_str(&entry));
        if (r < 0)
                state_dir_message(ret_message, "%s/" FOLDER ": cannot be written: %s", state_dir, strerror(-r));
        return r;
}

int trust_remove(const char *state_dir, const char *path, bool *ret_was, char **ret_message)
{
        char name[2 * crypto_hash_sha256_BYTES + 1];
        AUTO_CLOSE int folder = open_folder(state_dir, ret_message);
        int r = 0;

        if (folder < 0)
                return folder;
        hash(name, str_from(path));
        if (unlinkat(folder, name, 0) < 0)
                r = -errno;
        *ret_was = r == 0;
        if (r == -ENOENT)
                return 0;
        if (r < 0)
                state_dir_message(ret_message, "%s/" FOLDER ": cannot be changed: %s", state_dir, strerror(-r));
        return r;
}

/* Whoever else could write the entry could trust in the user's name. */
static bool entry_is_safe(int fd)
{
        struct stat st;

        return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & (S_IWGRP | S_IWOTH)) &&
               st.st_size <= (off_t)ENTRY_BYTES;
}

/* Nothing is made here: who only asks leaves no trace. */
static int look_into_folder(const char *state_dir)
{
        char path[PATH_MAX];
        struct stat st;
        int n = snprintf(path, sizeof(path), "%s/" FOLDER, state_dir);

        if (n < 0 || (size_t)n >= sizeof(path) || lstat(path, &st) < 0)
                return -ENOENT;
        return open_folder(state_dir, NULL);
}

bool trust_holds(const char *state_dir, const char *path, struct str contents)
{
        char name[2 * crypto_hash_sha256_BYTES + 1], digest[TRUST_DIGEST_BYTES], read_back[ENTRY_BYTES];
        AUTO_BUF struct buf entry = BUF_INIT(ENTRY_BYTES);
        AUTO_CLOSE int folder = look_into_folder(state_dir);
        AUTO_CLOSE int fd = -1;
        ssize_t n;

        if (folder < 0)
                return false;
        hash(name, str_from(path));
        fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (fd < 0 || !entry_is_safe(fd))
                return false;
        n = read(fd, read_back, sizeof(read_back));
        trust_digest_of(digest, contents);
        return n > 0 && entry_of(&entry, path, digest) == 0 && str_eq(str_of(read_back, (size_t)n), buf_str(&entry));
}
