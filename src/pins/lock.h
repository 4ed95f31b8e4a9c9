/* SPDX-License-Identifier: Apache-2.0
 *
 * A lock: the definitions of a server's tools as a person accepted them (format: docs/pins.md). One tool a line, sorted by
 * name, so that a change shows as a changed line in review. Each line holds the definition itself beside its digest; reading a lock
 * computes every digest anew, and refuses a line whose digest is not that of its definition.
 *
 * Immutable once made.
 */
#pragma once

#include "definition.h"

struct pin {
        struct str name; /* unescaped */
        struct definition_digest digest;
        uint32_t definition; /* token in pin_lock_doc() */
};

struct pin_lock;

/* Reads a lock's text, which is copied: 0 with *ret owned by the caller; -EINVAL with one line in @message that says what is
 * wrong; -ENOMEM. @seed: random, for the reader of JSON. */
int pin_lock_read(struct pin_lock **ret, struct str text, const uint64_t seed[2], struct buf *message);
struct pin_lock *pin_lock_free(struct pin_lock *lock); /* NULL is fine; returns NULL */

size_t pin_lock_count(const struct pin_lock *lock);
const struct pin *pin_lock_at(const struct pin_lock *lock, size_t index); /* in the order of the names */
/* SIZE_MAX when the tool is not pinned. */
size_t pin_lock_find(const struct pin_lock *lock, struct str name);
const struct json_doc *pin_lock_doc(const struct pin_lock *lock);
struct str pin_lock_text(const struct pin_lock *lock); /* as it was read */

/* --- making one --- */

/* Tools in any order. */
struct pin_list {
        struct pin_draft *drafts;
        size_t count, cap;
};

struct pin_draft {
        char *name; /* owned; may hold any byte but NUL */
        struct buf text; /* the definition, sorted */
};

void pin_list_deinit(struct pin_list *list); /* idempotent */

/* 0; -EEXIST for a name that is there; -EINVAL for what is no definition; -ENOMEM. */
int pin_list_add(struct pin_list *list, const struct json_doc *doc, uint32_t tool, struct str name);

/* Sorts the list, and appends the lock's text. 0, -EMSGSIZE or -ENOMEM. */
int pin_list_write(struct pin_list *list, struct buf *out);
