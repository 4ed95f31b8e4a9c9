/* SPDX-License-Identifier: Apache-2.0 */
#include "limits_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "limit.h"
#include "state_dir.h"
#include "state_sweep.h"
#include "window_file.h"

#define NOTICE_BYTES 8192U
/* Times that a file may vanish between opening and locking. */
#define OPENINGS 3U

struct limit_files {
        char *state_dir, *dir;
        int dir_fd;
        bool durable, swept;
        struct window_file *files[LIMIT_WINDOWS];
        size_t count;
        struct window_file *locked[LIMIT_WINDOWS]; /* of the use at hand, in the order of the uses */
        struct buf notice;
        bool notice_taken;
};

struct limit_files *limit_files_free(struct limit_files *files)
{
        if (!files)
                return NULL;
        for (size_t i = 0; i < files->count; i++) {
                window_file_deinit(files->files[i]);
                mem_free(files->files[i]);
        }
        fd_closep(&files->dir_fd);
        buf_deinit(&files->notice);
        mem_free(files->state_dir);
        mem_free(files->dir);
        mem_free(files);
        return NULL;
}

static int open_directories(struct limit_files *files, char **ret_message)
{
        AUTO_CLOSE int state_fd = state_dir_open(files->state_dir, ret_message);
        int fd = state_fd < 0 ? state_fd : state_dir_open_at(state_fd, "limits", files->dir, ret_message);

        if (fd < 0)
                return fd;
        fd_closep(&files->dir_fd);
        files->dir_fd = fd;
        if (!files->swept)
                (void)state_sweep(fd);
        files->swept = true;
        return 0;
}

int limit_files_new(struct limit_files **ret, const char *state_dir, bool durable)
{
        struct limit_files *files = mem_calloc(1, sizeof(*files));
        AUTO_BUF struct buf dir = BUF_INIT(8192);

        if (!files)
                return -ENOMEM;
        files->dir_fd = -1;
        files->durable = durable;
        buf_init(&files->notice, NOTICE_BYTES);
        buf_printf(&dir, "%s/limits", state_dir);
        files->state_dir = str_dup(str_from(state_dir));
        files->dir = dir.failed ? NULL : str_dup(buf_str(&dir));
        if (!files->state_dir || !files->dir) {
                limit_files_free(files);
                return -ENOMEM;
        }
        *ret = files;
        return 0;
}

bool limit_files_take_notice(struct limit_files *files, struct str *ret)
{
        if (files->notice_taken)
                buf_clear(&files->notice, NOTICE_BYTES);
        files->notice_taken = files->notice.len > 0;
        *ret = buf_str(&files->notice);
        return files->notice_taken;
}

/* Files past the table's room give way, unless they are locked for the call at hand: only their descriptor is lost. */
static struct window_file **place_for_one(struct limit_files *files, size_t locked)
{
        for (size_t i = 0; i < LIMIT_WINDOWS; i++) {
                bool in_use = false;

                if (i == files->count) {
                        files->count++;
                        return &files->files[i];
                }
                for (size_t j = 0; j < locked; j++)
                        in_use |= files->locked[j] == files->files[i];
                if (in_use || files->count < LIMIT_WINDOWS)
                        continue;
                window_file_deinit(files->files[i]);
                mem_free(files->files[i]);
                return &files->files[i];
        }
        return NULL;
}

static struct window_file *file_of(struct limit_files *files, struct str state, size_t locked)
{
        struct window_file *f, **place;

        for (size_t i = 0; i < files->count; i++) {
                if (str_eq(str_from(files->files[i]->name), state))
                        return files->files[i];
        }
        f = mem_calloc(1, sizeof(*f));
        if (!f || window_file_init(f, state) < 0) {
                mem_free(f);
                return NULL;
        }
        place = place_for_one(files, locked);
        if (place)
                return *place = f;
        window_file_deinit(f);
        mem_free(f);
        return NULL;
}

/* --- all of a call's files at once --- */

/* Every proxy locks in the order of names, so that no two wait for each other. */
static void sort_uses(struct limit_use *uses, size_t count)
{
        for (size_t i = 1; i < count; i++) {
                for (size_t j = i; j > 0 && str_cmp(uses[j].state, uses[j - 1].state) < 0; j--) {
                        struct limit_use use = uses[j];

                        uses[j] = uses[j - 1];
                        uses[j - 1] = use;
                }
        }
}

static void unlock(struct limit_files *files, size_t count)
{
        while (count > 0)
                window_file_unlock(files->locked[--count]);
}

static int lock_one(struct limit_files *files, struct window_file *f, const struct limit_use *use, struct buf *problem)
{
        int r = -ESTALE;

        for (unsigned i = 0; i < OPENINGS && r == -ESTALE; i++) {
                AUTO_FREE char *message = NULL;

                /* The directories may have been removed, or made unsafe, since. */
                r = f->fd >= 0 ? 0 : open_directories(files, &message);
                if (r < 0 && message)
                        buf_append_str(problem, str_from(message));
                if (r == 0)
                        r = window_file_lock(f, files->dir_fd, files->dir, use, problem, &files->notice);
        }
        return r;
}

static int lock_all(struct limit_files *files, struct limit_use *uses, size_t count, struct buf *problem)
{
        if (files->notice_taken) {
                buf_clear(&files->notice, NOTICE_BYTES);
                files->notice_taken = false;
        }
        for (size_t i = 0; i < count; i++) {
                struct window_file *f = i < LIMIT_WINDOWS ? file_of(files, uses[i].state, i) : NULL;
                int r = f ? lock_one(files, f, &uses[i], problem) : -ENOMEM;

                if (r < 0) {
                        if (problem->len == 0)
                                buf_append_str(problem, str_from(strerror(-r)));
                        unlock(files, i);
                        return r;
                }
                files->locked[i] = f;
        }
        return 0;
}

static bool all_fit(struct limit_files *files, struct limit_use *uses, size_t count, uint64_t now_ms, size_t *ret_at)
{
        for (size_t i = 0; i < count; i++) {
                struct window *w = &files->locked[i]->window;

                window_advance(w, now_ms);
                if (window_has_room(w, uses[i].most, uses[i].add))
                        continue;
                uses[i].used = window_used(w);
                uses[i].frees_at_ms = window_frees_at(w, uses[i].most, uses[i].add);
                *ret_at = i;
                return false;
        }
        return true;
}

static int count_one(struct limit_files *files, size_t i, struct limit_use *use)
{
        struct window_file *f = files->locked[i];
        int r;

        if (!window_add(&f->window, use->add, &use->part))
                return -EOVERFLOW;
        r = window_file_store(f, files->durable);
        if (r < 0)
                window_give_back(&f->window, use->part, use->add);
        return r;
}

static enum limit_store_result reserve(void *userdata, struct limit_use *uses, size_t count, uint64_t now_ms, size_t *ret_at,
        struct buf *problem)
{
        struct limit_files *files = userdata;

        sort_uses(uses, count);
        if (lock_all(files, uses, count, problem) < 0)
                return LIMIT_STORE_FAILED;
        if (!all_fit(files, uses, count, now_ms, ret_at)) {
                unlock(files, count);
                return LIMIT_STORE_EXHAUSTED;
        }
        for (size_t i = 0; i < count; i++) {
                int r = count_one(files, i, &uses[i]);

                if (r == 0)
                        continue;
                buf_printf(problem, "%s/%s: cannot be written: %s", files->dir, files->locked[i]->name, strerror(-r));
                while (i-- > 0) {
                        window_give_back(&files->locked[i]->window, uses[i].part, uses[i].add);
                        (void)window_file_store(files->locked[i], files->durable);
                }
                unlock(files, count);
                return LIMIT_STORE_FAILED;
        }
        unlock(files, count);
        return LIMIT_STORE_RESERVED;
}

static void give_back(void *userdata, struct limit_use *uses, size_t count)
{
        struct limit_files *files = userdata;
        AUTO_BUF struct buf problem = BUF_INIT(8192);

        sort_uses(uses, count);
        if (lock_all(files, uses, count, &problem) < 0)
                return;
        for (size_t i = 0; i < count; i++) {
                window_give_back(&files->locked[i]->window, uses[i].part, uses[i].add);
                (void)window_file_store(files->locked[i], files->durable);
        }
        unlock(files, count);
}

struct limit_store limit_files_store(struct limit_files *files)
{
        return (struct limit_store){ .reserve = reserve, .give_back = give_back, .userdata = files };
}
