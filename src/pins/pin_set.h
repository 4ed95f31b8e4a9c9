/* SPDX-License-Identifier: Apache-2.0
 *
 * The locks that the policies of one run name with `pins:`. A tool must be as every one of them says: a further lock can only
 * narrow. Immutable once made, shared by reference count.
 */
#pragma once

#include "limit.h"
#include "lock.h"

struct pin_set;

struct pin_source {
        struct str policy;     /* the policy's name */
        struct str path;       /* the lock's */
        struct pin_lock *lock; /* ownership passes to the set */
        bool administrators;   /* the policy is one of the administrator's layers */
};

/* Copies the texts, takes the locks (and frees them when it fails). @count is 1 to LIMIT_POLICIES. 0 or -ENOMEM. */
int pin_set_new(struct pin_set **ret, const struct pin_source *sources, size_t count);
struct pin_set *pin_set_ref(struct pin_set *set);   /* NULL is fine */
struct pin_set *pin_set_unref(struct pin_set *set); /* NULL is fine; returns NULL */

size_t pin_set_count(const struct pin_set *set);
const struct pin_source *pin_set_at(const struct pin_set *set, size_t index);

/* Do both hold the same locks, of the same policies in the same order? Either may be NULL. */
bool pin_set_eq(const struct pin_set *a, const struct pin_set *b);
