/* SPDX-License-Identifier: Apache-2.0 */
#include "window_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "state_sweep.h"

#define SLOTS_BYTES (WINDOW_FILE_BYTES - WINDOW_FILE_SLOT_AT(0))

int window_file_init(struct window_file *f, struct str name)
{
        *f = (struct window_file){ .fd = -1, .name = str_dup(name) };
        return f->name ? 0 : -ENOMEM;
}

void window_file_deinit(struct window_file *f)
{
        fd_closep(&f->fd);
        mem_free(f->name);
        f->name = NULL;
}

static int say(struct buf *problem, const char *dir, const struct window_file *f, int error, const char *what)
{
        buf_printf(problem, "%s/%s: %s", dir, f->name, what);
        return error;
}

static int say_errno(struct buf *problem, const char *dir, const struct window_file *f, int error, const char *what)
{
        buf_printf(problem, "%s/%s: %s: %s", dir, f->name, what, strerror(-error));
        return error;
}

static void note(struct buf *notice, const char *dir, const struct window_file *f, const char *what)
{
        buf_printf(notice, "%s%s/%s %s", notice->len ? "; " : "", dir, f->name, what);
}

/* --- making --- */

static int write_at(int fd, const void *bytes, size_t len, off_t at)
{
        ssize_t n;

        do {
                n = pwrite(fd, bytes, len, at);
        } while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        return (size_t)n == len ? 0 : -ENOSPC;
}

/* All of a new file, so that its disk space is there before anything counts on it. */
static int write_new(int fd, const struct limit_use *use, const struct window *w, uint64_t sequence)
{
        unsigned char bytes[WINDOW_FILE_BYTES] = { 0 };
        int n = snprintf((char *)bytes, WINDOW_FILE_TEXT_BYTES,
                "leastwise limit 1\n%.*s\n%.*s\n\nWhat was used of this limit. Every proxy of yours that runs the policy counts "
                "here.\nTo begin anew, remove the file while none of them runs.\n",
                STR_FMT(use->state), STR_FMT(use->title));
        int r;

        memset(bytes + n, '\n', WINDOW_FILE_TEXT_BYTES - (size_t)n);
        limit_slot_write(bytes + WINDOW_FILE_SLOT_AT(0), w, sequence);
        limit_slot_write(bytes + WINDOW_FILE_SLOT_AT(1), w, sequence + 1);
        r = write_at(fd, bytes, sizeof(bytes), 0);
        if (r == 0 && fsync(fd) < 0)
                r = -errno;
        return r;
}

/* Puts a whole file in place unless there is one: 0, -EEXIST or another -errno. */
static int create(const struct window_file *f, int dir_fd, const struct limit_use *use)
{
        char temporary[160];
        AUTO_CLOSE int fd = -1;
        struct window fresh;
        int r;

        window_init(&fresh, use->span_ms);
        snprintf(temporary, sizeof(temporary), STATE_TEMPORARY "%.100s.%08x%08x", f->name, randombytes_random(),
                randombytes_random());
        fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        /* A file that was removed while we ran begins where we know that it stood. */
        r = write_new(fd, use, f->sequence ? &f->window : &fresh, f->sequence + 1);
        if (r == 0 && linkat(dir_fd, temporary, dir_fd, f->name, 0) < 0) {
                r = -errno;
                /* File systems without hard links. */
                if (r == -EPERM || r == -EOPNOTSUPP || r == -ENOSYS)
                        r = renameat2(dir_fd, temporary, dir_fd, f->name, RENAME_NOREPLACE) < 0 ? -errno : 0;
        }
        unlinkat(dir_fd, temporary, 0);
        if (r == 0 && fsync(dir_fd) < 0)
                r = -errno;
        return r;
}

/* --- opening --- */

static int check(const struct window_file *f, int fd, const char *dir, struct buf *problem)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return say_errno(problem, dir, f, -errno, "cannot be examined");
        if (!S_ISREG(st.st_mode))
                return say(problem, dir, f, -EPERM, "is not a regular file; remove it");
        if (st.st_uid != geteuid())
                return say(problem, dir, f, -EPERM, "belongs to another user; remove it");
        if (st.st_mode & (S_IRWXG | S_IRWXO))
                return say(problem, dir, f, -EPERM, "others have access to it; mend it with chmod 600, or remove it");
        if (st.st_size != WINDOW_FILE_BYTES)
                return say(problem, dir, f, -EBADMSG, "is damaged; remove it to begin counting anew");
        return 0;
}

static int open_once(struct window_file *f, int dir_fd, const char *dir, const struct limit_use *use, struct buf *problem,
        struct buf *notice)
{
        AUTO_CLOSE int fd = openat(dir_fd, f->name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        int r;

        if (fd < 0 && errno == ENOENT) {
                r = create(f, dir_fd, use);
                if (r < 0 && r != -EEXIST)
                        return say_errno(problem, dir, f, r, "cannot be made");
                if (r == 0 && f->sequence)
                        note(notice, dir, f, "was removed; it was made anew with what was counted so far");
                fd = openat(dir_fd, f->name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        }
        if (fd < 0)
                return say_errno(problem, dir, f, -errno,
                        errno == ELOOP ? "is a symbolic link; remove it" : "cannot be opened for reading and writing");
        r = check(f, fd, dir, problem);
        if (r < 0)
                return r;
        f->fd = fd;
        fd = -1;
        return 0;
}

/* --- locking and reading --- */

static uint64_t mono_ms(void)
{
        struct timespec now = { 0 };

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* The lock belongs to the open file, and ends with its last holder. */
static int lock(int fd)
{
        struct timespec pause = { .tv_nsec = 20000 };
        uint64_t began = 0;

        while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
                if (errno == EINTR)
                        continue;
                if (errno != EWOULDBLOCK)
                        return -errno;
                if (!began)
                        began = mono_ms();
                else if (mono_ms() - began > WINDOW_FILE_WAIT_MS)
                        return -EAGAIN;
                nanosleep(&pause, NULL);
                if (pause.tv_nsec < 2000000)
                        pause.tv_nsec *= 2;
        }
        return 0;
}

/* Both slots and what is between them, by one call. */
static int read_slots(int fd, unsigned char bytes[SLOTS_BYTES])
{
        ssize_t got;

        do {
                got = pread(fd, bytes, SLOTS_BYTES, WINDOW_FILE_SLOT_AT(0));
        } while (got < 0 && errno == EINTR);
        if (got < 0)
                return -errno;
        return (size_t)got == SLOTS_BYTES ? 0 : -EBADMSG;
}

/* The newer of the whole slots. */
static int read_window(struct window_file *f, const char *dir, const struct limit_use *use, struct buf *problem, struct buf *notice)
{
        unsigned char bytes[SLOTS_BYTES] = { 0 };
        const unsigned char *const slots[2] = { bytes, bytes + (WINDOW_FILE_SLOT_AT(1) - WINDOW_FILE_SLOT_AT(0)) };
        struct window w;
        unsigned n;
        int r = read_slots(f->fd, bytes);

        if (r < 0 && r != -EBADMSG)
                return say_errno(problem, dir, f, r, "cannot be read");
        n = limit_slot_sequence(slots[1]) > limit_slot_sequence(slots[0]);
        if (r == 0 && !limit_slot_read(slots[n], &w)) {
                n = !n;
                r = limit_slot_read(slots[n], &w) ? 0 : -EBADMSG;
                if (r == 0)
                        note(notice, dir, f, "was only half written when a proxy or the machine stopped; what was counted before stands");
        }
        if (r < 0 || w.span_ms != use->span_ms)
                return say(problem, dir, f, -EBADMSG, "is damaged; remove it to begin counting anew");
        f->slot = n;
        if (limit_slot_sequence(slots[n]) >= f->sequence) {
                f->sequence = limit_slot_sequence(slots[n]);
                f->window = w;
        } else {
                /* Somebody has put an older file back. What we know is more. */
                note(notice, dir, f, "was put back to an older state; what was counted since stands");
        }
        return 0;
}

static bool is_in_place(int fd)
{
        struct stat st;

        return fstat(fd, &st) == 0 && st.st_nlink > 0;
}

int window_file_lock(struct window_file *f, int dir_fd, const char *dir, const struct limit_use *use, struct buf *problem,
        struct buf *notice)
{
        int r = f->fd >= 0 ? 0 : open_once(f, dir_fd, dir, use, problem, notice);

        if (r < 0)
                return r;
        r = lock(f->fd);
        if (r == -EAGAIN)
                return say(problem, dir, f, r, "another proxy has held its lock for too long; end the one that is stopped");
        if (r < 0)
                return say_errno(problem, dir, f, r, "cannot be locked");
        r = is_in_place(f->fd) ? read_window(f, dir, use, problem, notice) : -ESTALE;
        /* Opened anew the next time: somebody may have mended it. */
        if (r < 0)
                fd_closep(&f->fd);
        return r;
}

int window_file_store(struct window_file *f, bool durable)
{
        unsigned char slot[LIMIT_SLOT_BYTES];
        int r;

        limit_slot_write(slot, &f->window, f->sequence + 1);
        r = write_at(f->fd, slot, sizeof(slot), WINDOW_FILE_SLOT_AT(!f->slot));
        if (r == 0 && durable && fdatasync(f->fd) < 0)
                r = -errno;
        if (r < 0)
                return r;
        f->sequence++;
        f->slot = !f->slot;
        return 0;
}

void window_file_unlock(struct window_file *f)
{
        if (f->fd >= 0)
                (void)flock(f->fd, LOCK_UN);
}
