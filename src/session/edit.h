/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes to a message before it is written: values replaced, members added, members and items left out. What has no edit is written
 * as it was read, so that a change touches nothing else (laws L1, L2).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "json.h"

struct edit {
        uint32_t token; /* of a value: a member's value, an item, or the root */
        bool remove;    /* the item, or the member with its name */
        bool add;       /* the text is a further item of the array, or a further member of the object, name and all */
        uint32_t text_at, text_len; /* of the replacement, in edits.texts */
};

struct edits {
        struct edit *items;
        size_t count, cap;
        struct buf texts;
        bool failed; /* one did not fit: what is written must not leave */
};

void edits_init(struct edits *e);
void edits_deinit(struct edits *e);
void edits_clear(struct edits *e);

/* In any order; a removed or replaced value hides the edits inside it, and of two edits of one value that which removes it
 * holds, or else the first. @text is canonical JSON. */
void edits_remove(struct edits *e, uint32_t token);
void edits_replace(struct edits *e, uint32_t token, struct str text);
/* Behind the object's own members, of which none may have that name. */
void edits_add_member(struct edits *e, uint32_t object, struct str name, struct str text);

/* Behind the array's own items. */
void edits_add_item(struct edits *e, uint32_t array, struct str text);

/* Appends the document with the edits in canonical form: 0, -EMSGSIZE or -ENOMEM. */
int edits_write(struct edits *e, const struct json_doc *doc, struct buf *out);
/* The same of one of its values. */
int edits_write_value(struct edits *e, const struct json_doc *doc, uint32_t token, struct buf *out);
