/* SPDX-License-Identifier: Apache-2.0
 *
 * Locks of lists of tools, for the tests of this layer.
 */
#pragma once

#include <criterion/criterion.h>

#include "limit.h"
#include "lock.h"

static const uint64_t lock_seed[2] = { 3, 4 };

/* The lock's text of a JSON array of tools. */
static inline void lock_text_of(struct buf *out, struct str tools)
{
        struct pin_list list = { 0 };
        struct json_doc doc;

        json_doc_init(&doc, lock_seed);
        cr_assert_eq(json_read(&doc, tools), JSON_OK, "%.*s", STR_FMT(tools));
        json_each_item (&doc, 0, tool) {
                AUTO_BUF struct buf scratch = BUF_INIT(1U << 16);
                struct str name;

                cr_assert_eq(json_string_get(&doc, json_member(&doc, tool, STR("name")), &scratch, &name), 0);
                cr_assert_eq(pin_list_add(&list, &doc, tool, name), 0);
        }
        cr_assert_eq(pin_list_write(&list, out), 0);
        pin_list_deinit(&list);
        json_doc_deinit(&doc);
}

static inline struct pin_lock *lock_of(struct str tools)
{
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_PINS_BYTES);
        AUTO_BUF struct buf message = BUF_INIT(1024);
        struct pin_lock *lock = NULL;

        lock_text_of(&text, tools);
        cr_assert_eq(pin_lock_read(&lock, buf_str(&text), lock_seed, &message), 0, "%.*s", STR_FMT(buf_str(&message)));
        return lock;
}
