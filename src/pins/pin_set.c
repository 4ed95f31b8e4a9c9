/* SPDX-License-Identifier: Apache-2.0 */
#include "pin_set.h"

#include <errno.h>
#include <stdatomic.h>

#include "alloc.h"

struct pin_set {
        atomic_uint references;
        struct pin_source sources[LIMIT_POLICIES];
        size_t count;
};

static void release(struct pin_source *source)
{
        mem_free((void *)(uintptr_t)source->policy.ptr);
        mem_free((void *)(uintptr_t)source->path.ptr);
        pin_lock_free(source->lock);
}

static bool copy(struct str *ret, struct str text)
{
        const char *copied = str_dup(text);

        *ret = str_of(copied, text.len);
        return copied;
}

int pin_set_new(struct pin_set **ret, const struct pin_source *sources, size_t count)
{
        struct pin_set *set = mem_calloc(1, sizeof(*set));
        bool ok = set;

        for (size_t i = 0; i < count; i++) {
                if (!set) {
                        pin_lock_free(sources[i].lock);
                        continue;
                }
                set->sources[i].lock = sources[i].lock;
                set->sources[i].administrators = sources[i].administrators;
                ok &= copy(&set->sources[i].policy, sources[i].policy);
                ok &= copy(&set->sources[i].path, sources[i].path);
                set->count++;
        }
        if (!set)
                return -ENOMEM;
        atomic_init(&set->references, 1);
        if (!ok) {
                pin_set_unref(set);
                return -ENOMEM;
        }
        *ret = set;
        return 0;
}

struct pin_set *pin_set_ref(struct pin_set *set)
{
        if (set)
                atomic_fetch_add_explicit(&set->references, 1, memory_order_relaxed);
        return set;
}

struct pin_set *pin_set_unref(struct pin_set *set)
{
        if (!set || atomic_fetch_sub_explicit(&set->references, 1, memory_order_acq_rel) != 1)
                return NULL;
        for (size_t i = 0; i < set->count; i++)
                release(&set->sources[i]);
        mem_free(set);
        return NULL;
}

size_t pin_set_count(const struct pin_set *set)
{
        return set->count;
}

const struct pin_source *pin_set_at(const struct pin_set *set, size_t index)
{
        return &set->sources[index];
}

static bool lock_eq(const struct pin_lock *a, const struct pin_lock *b)
{
        if (pin_lock_count(a) != pin_lock_count(b))
                return false;
        for (size_t i = 0; i < pin_lock_count(a); i++) {
                const struct pin *x = pin_lock_at(a, i), *y = pin_lock_at(b, i);

                if (!str_eq(x->name, y->name) || !definition_digest_eq(&x->digest, &y->digest))
                        return false;
        }
        return true;
}

bool pin_set_eq(const struct pin_set *a, const struct pin_set *b)
{
        if (!a || !b || a->count != b->count)
                return a == b;
        for (size_t i = 0; i < a->count; i++) {
                if (!str_eq(a->sources[i].policy, b->sources[i].policy) || !lock_eq(a->sources[i].lock, b->sources[i].lock))
                        return false;
        }
        return true;
}
