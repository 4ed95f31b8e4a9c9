/* SPDX-License-Identifier: Apache-2.0
 *
 * The demo server's notebook: a handful of notes in memory, gone when the server goes. A note is either public or
 * private; that decides its URI (note://public/NAME, note://private/NAME) and nothing else, because keeping the
 * private ones from a client is the policy's job, not the server's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "str.h"

#define NOTES_MAX 64

struct note {
        char *name; /* owned */
        char *text; /* owned */
        bool is_private;
};

struct notebook {
        struct note notes[NOTES_MAX];
        size_t count;
};

/* The notes that every start begins with. @token may be NULL; the one careless note repeats it. 0 or -ENOMEM. */
int notebook_init(struct notebook *book, const char *token);
void notebook_deinit(struct notebook *book);

const struct note *notebook_find(const struct notebook *book, struct str name);
/* By its whole URI; NULL when there is no such note. */
const struct note *notebook_find_uri(const struct notebook *book, struct str uri);

/* 0, -EEXIST, -ENOSPC, -ENOMEM, or -EINVAL when name or text holds a NUL. */
int notebook_add(struct notebook *book, struct str name, struct str text, bool is_private);
/* False when there is no such note. */
bool notebook_remove(struct notebook *book, struct str name);

/* Appends the note's URI. 0, -EMSGSIZE or -ENOMEM. */
int note_uri(struct buf *out, const struct note *note);
