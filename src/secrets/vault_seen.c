/* SPDX-License-Identifier: Apache-2.0 */
#include "vault_seen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "hex.h"
#include "provider.h"
#include "state_dir.h"

/* "00000000000000000012 " and the code's 64 digits, and a newline: one write of one block. */
#define DIGITS 20U
#define LINE_BYTES (DIGITS + 1U + 2U * VAULT_CODE_BYTES + 1U)

struct memory {
        uint64_t generation;
        uint8_t code[VAULT_CODE_BYTES];
        bool is_new;
};

static const uint8_t *code_of(const struct vault *v)
{
        return (const uint8_t *)v->image.ptr + v->image.len - VAULT_END_BYTES;
}

static int fail_errno(struct buf *why, const char *state_dir, int error, const char *reason)
{
        buf_append_str(why, STR("what was last seen of the vault, in "));
        provider_show(why, str_from(state_dir));
        buf_printf(why, "/vaults, %s: %s", reason, strerror(-error));
        return error;
}

static int open_directory(const char *state_dir, struct buf *why)
{
        AUTO_FREE char *message = NULL;
        AUTO_BUF struct buf path = BUF_INIT(8192);
        AUTO_CLOSE int state_fd = state_dir_open(state_dir, &message);
        int fd = state_fd;

        if (state_fd >= 0) {
                buf_printf(&path, "%s/vaults", state_dir);
                buf_append_char(&path, '\0');
                fd = path.failed ? -ENAMETOOLONG : state_dir_open_at(state_fd, "vaults", path.data, &message);
        }
        if (fd < 0 && message)
                provider_show(why, str_from(message));
        else if (fd < 0)
                fail_errno(why, state_dir, fd, "cannot be opened");
        return fd;
}

/* The vault's file there, held by us alone until it is closed. */
static int open_memory(const char *state_dir, const struct vault *v, struct buf *why)
{
        AUTO_CLOSE int dir_fd = open_directory(state_dir, why);
        AUTO_BUF struct buf name = BUF_INIT(2 * VAULT_ID_BYTES + 1);
        int fd, r;

        if (dir_fd < 0)
                return dir_fd;
        hex_append(&name, v->header.id, VAULT_ID_BYTES);
        if (buf_append_char(&name, '\0') < 0)
                return fail_errno(why, state_dir, -ENOMEM, "cannot be opened");
        fd = openat(dir_fd, name.data, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
        if (fd < 0)
                return fail_errno(why, state_dir, -errno, "cannot be opened");
        do {
                r = flock(fd, LOCK_EX) < 0 ? -errno : 0;
        } while (r == -EINTR);
        if (r < 0) {
                close(fd);
                return fail_errno(why, state_dir, r, "cannot be locked");
        }
        return fd;
}

static bool parse(struct memory *m, const char line[static LINE_BYTES])
{
        uint64_t number = 0;

        for (size_t i = 0; i < DIGITS; i++) {
                const unsigned digit = (unsigned)((unsigned char)line[i] - '0');

                if (digit > 9 || number > (UINT64_MAX - digit) / 10)
                        return false;
                number = number * 10 + digit;
        }
        m->generation = number;
        return line[DIGITS] == ' ' && line[LINE_BYTES - 1] == '\n' &&
               hex_read(str_of(line + DIGITS + 1, (size_t)2 * VAULT_CODE_BYTES), m->code, VAULT_CODE_BYTES);
}

static int recall(int fd, struct memory *ret, const char *state_dir, struct buf *why)
{
        char line[LINE_BYTES + 1];
        const ssize_t n = pread(fd, line, sizeof(line), 0);

        if (n < 0)
                return fail_errno(why, state_dir, -errno, "cannot be read");
        ret->is_new = n == 0;
        if (n == 0 || (n == (ssize_t)LINE_BYTES && parse(ret, line)))
                return 0;
        return VAULT_SEEN_DAMAGED;
}

static int remember(int fd, const struct vault *v, const char *state_dir, struct buf *why)
{
        AUTO_BUF struct buf line = BUF_INIT(LINE_BYTES);
        ssize_t n;

        buf_printf(&line, "%020llu ", (unsigned long long)v->header.generation);
        hex_append(&line, code_of(v), VAULT_CODE_BYTES);
        if (buf_append_char(&line, '\n') < 0)
                return fail_errno(why, state_dir, -ENOMEM, "cannot be written");
        n = pwrite(fd, line.data, line.len, 0);
        if (n == (ssize_t)line.len && ftruncate(fd, n) == 0 && fsync(fd) == 0)
                return 0;
        return fail_errno(why, state_dir, n >= 0 && n != (ssize_t)line.len ? -ENOSPC : -errno, "cannot be written");
}

int vault_seen_check(const char *state_dir, const struct vault *v, uint64_t *ret_generation, struct buf *why)
{
        struct memory m = { 0 };
        AUTO_CLOSE int fd = open_memory(state_dir, v, why);
        int r = fd < 0 ? fd : recall(fd, &m, state_dir, why);

        if (r != 0)
                return r;
        *ret_generation = m.generation;
        if (m.is_new || v->header.generation > m.generation)
                return remember(fd, v, state_dir, why);
        if (v->header.generation < m.generation)
                return VAULT_SEEN_NEWER;
        return memcmp(m.code, code_of(v), VAULT_CODE_BYTES) == 0 ? VAULT_SEEN_OK : VAULT_SEEN_OTHER;
}

int vault_seen_accept(const char *state_dir, const struct vault *v, struct buf *why)
{
        AUTO_CLOSE int fd = open_memory(state_dir, v, why);

        return fd < 0 ? fd : remember(fd, v, state_dir, why);
}
