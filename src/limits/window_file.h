/* SPDX-License-Identifier: Apache-2.0
 *
 * One window's file: opened and checked once, locked for each use, written into the older of two slots. Whoever dies while
 * writing leaves the other slot whole; a file without a whole slot is never taken for an empty one. docs/limits.md has the
 * format.
 */
#pragma once

#include "limit_slot.h"
#include "limit_store.h"

/* Where the slots stand, each in a block of its own; in front a text for people. */
#define WINDOW_FILE_TEXT_BYTES 4096U
#define WINDOW_FILE_SLOT_AT(n) (4096U * ((n) + 1U))
#define WINDOW_FILE_BYTES (WINDOW_FILE_SLOT_AT(1) + LIMIT_SLOT_BYTES)

/* How long another proxy may hold the lock, which takes microseconds unless it was stopped. The session stands meanwhile. */
#define WINDOW_FILE_WAIT_MS 250U

struct window_file {
        char *name;
        int fd;              /* -1: not open */
        struct window window; /* as last read or written */
        uint64_t sequence;    /* of it; 0: nothing known */
        unsigned slot;        /* that it stands in */
};

/* @name is copied; 0 or -ENOMEM. */
int window_file_init(struct window_file *f, struct str name);
void window_file_deinit(struct window_file *f);

/* Opens if need be, locks and reads: f->window is what all proxies have counted. 0, or -errno with what is wrong and what to do
 * in @problem, and no lock; -ESTALE without a text when the file was removed meanwhile: try again. @notice gets a line about what was mended. @dir is the path of @dir_fd. */
int window_file_lock(struct window_file *f, int dir_fd, const char *dir, const struct limit_use *use, struct buf *problem,
        struct buf *notice);

/* Writes f->window. 0 or -errno; the file then has the old one. */
int window_file_store(struct window_file *f, bool durable);

void window_file_unlock(struct window_file *f);
