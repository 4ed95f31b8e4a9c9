/* SPDX-License-Identifier: Apache-2.0 */
#include "vault_key.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "provider.h"

struct vault_secret *vault_secret_new(void)
{
        return sodium_init() < 0 ? NULL : sodium_malloc(sizeof(struct vault_secret));
}

void vault_secret_free(struct vault_secret *secret)
{
        sodium_free(secret); /* wipes */
}

static int fail(struct buf *why, const char *path, int error, const char *reason)
{
        return provider_fail(why, "the key file ", str_from(path), error, reason);
}

static int fail_errno(struct buf *why, const char *path, int error, const char *reason)
{
        return provider_fail_errno(why, "the key file ", str_from(path), error, reason);
}

int vault_key_of_password(struct vault_secret *secret, const struct vault_header *h, struct str password, struct buf *why)
{
        if (h->kind != VAULT_PASSWORD || vault_header_check(h) != VAULT_OK) {
                buf_append_str(why, STR("this vault has no password"));
                return -EINVAL;
        }
        if (crypto_pwhash(secret->key, sizeof(secret->key), password.ptr, password.len, h->salt, h->passes, (size_t)h->memory_kib << 10,
                    crypto_pwhash_ALG_ARGON2ID13) == 0)
                return 0;
        buf_printf(why, "there is no memory for the password's %u MiB; end something, or raise the limit", h->memory_kib >> 10);
        return -ENOMEM;
}

static int check_file(int fd, const char *path, struct buf *why)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return fail_errno(why, path, -errno, "cannot be examined");
        if (!S_ISREG(st.st_mode))
                return fail(why, path, -EINVAL, "is not a regular file");
        if (st.st_uid != geteuid() && st.st_uid != 0)
                return fail(why, path, -EPERM, "belongs to another user; a key must be yours or root's");
        if (st.st_mode & (st.st_uid == 0 && geteuid() != 0 ? S_IRWXO | S_IWGRP | S_IXGRP : S_IRWXG | S_IRWXO)) {
                fail(why, path, -EPERM, "is open to others; mend it with: chmod go= ");
                provider_show_word(why, str_from(path));
                return -EPERM;
        }
        if (st.st_size != VAULT_KEY_BYTES)
                return fail(why, path, -EINVAL, "does not have exactly 32 bytes; it is no key");
        return 0;
}

static int read_key(int fd, uint8_t key[VAULT_KEY_BYTES])
{
        for (size_t len = 0; len < VAULT_KEY_BYTES;) {
                const ssize_t n = read(fd, key + len, VAULT_KEY_BYTES - len);

                if (n == 0)
                        return -EIO;
                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n > 0)
                        len += (size_t)n;
        }
        return 0;
}

int vault_key_of_file(struct vault_secret *secret, const char *path, struct buf *why)
{
        /* A pipe or device in its place must neither block nor become our terminal. */
        AUTO_CLOSE int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        int r;

        if (fd < 0)
                return fail_errno(why, path, -errno, "cannot be opened");
        r = check_file(fd, path, why);
        if (r < 0)
                return r;
        r = read_key(fd, secret->key);
        return r < 0 ? fail_errno(why, path, r, "cannot be read") : 0;
}

int vault_key_of_systemd(struct vault_secret *secret, struct str name, struct buf *why)
{
        AUTO_BUF struct buf path = BUF_INIT(8192);
        const char *directory = getenv("CREDENTIALS_DIRECTORY");

        if (!directory || directory[0] != '/') {
                buf_append_str(why, STR("its key is the systemd credential "));
                provider_show(why, name);
                buf_append_str(why, STR(", and only a unit with LoadCredential= or LoadCredentialEncrypted= has that"));
                return -ENOKEY;
        }
        buf_printf(&path, "%s/", directory);
        buf_append_str(&path, name);
        if (buf_append_char(&path, '\0') < 0)
                return fail_errno(why, directory, -ENAMETOOLONG, "cannot be opened");
        return vault_key_of_file(secret, path.data, why);
}

static int fill(int fd)
{
        uint8_t key[VAULT_KEY_BYTES];
        ssize_t n;

        randombytes_buf(key, sizeof(key));
        do {
                n = write(fd, key, sizeof(key));
        } while (n < 0 && errno == EINTR);
        sodium_memzero(key, sizeof(key));
        if (n < 0 || fsync(fd) < 0)
                return -errno;
        return n == (ssize_t)sizeof(key) ? 0 : -ENOSPC;
}

int vault_key_file_make(const char *path, struct buf *why)
{
        AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        int r;

        if (fd < 0)
                return errno == EEXIST ? -EEXIST : fail_errno(why, path, -errno, "cannot be made");
        r = sodium_init() < 0 ? -EIO : fill(fd);
        if (r < 0) {
                unlink(path);
                return fail_errno(why, path, r, "cannot be made");
        }
        return 0;
}
