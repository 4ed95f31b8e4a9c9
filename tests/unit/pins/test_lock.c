/* SPDX-License-Identifier: Apache-2.0 */
#include "lock.h"

#include <errno.h>
#include <stdio.h>

#include "leaks.h"
#include "locks.h"
#include "pin_set.h"

#define DIGEST_A "sha256:f0cf6a2d1a8d0c0b2d0b5ab0e9e2f0b8d0a3c6b94a11f7be5fd2ab6a0cb5b6c1"

Test(lock, one_tool_a_line_by_name)
{
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_PINS_BYTES);
        struct pin_lock *lock;

        lock_text_of(&text, STR("[{\"name\":\"b\"},{\"description\":\"x\",\"name\":\"a\"}]"));
        cr_expect(str_starts_with(buf_str(&text), STR("{\"leastwise_pins\":1,\"tools\":[\n{\"name\":\"a\",\"digest\":\"sha256:")));
        cr_expect(strstr(text.data, ",\"definition\":{\"description\":\"x\",\"name\":\"a\"}},\n{\"name\":\"b\","));
        cr_expect(str_ends_with(buf_str(&text), STR(",\"definition\":{\"name\":\"b\"}}\n]}\n")));
        lock = lock_of(STR("[{\"name\":\"b\"},{\"description\":\"x\",\"name\":\"a\"}]"));
        cr_assert_eq(pin_lock_count(lock), 2);
        cr_expect_eq(pin_lock_find(lock, STR("a")), 0);
        cr_expect_eq(pin_lock_find(lock, STR("b")), 1);
        cr_expect_eq(pin_lock_find(lock, STR("")), SIZE_MAX);
        cr_expect_eq(pin_lock_find(lock, STR("ab")), SIZE_MAX);
        cr_expect_eq(pin_lock_find(lock, STR("c")), SIZE_MAX);
        pin_lock_free(lock);
        lock = lock_of(STR("[]"));
        cr_expect_eq(pin_lock_count(lock), 0);
        pin_lock_free(lock);
        buf_deinit(&text);
        CHECK_NO_LEAKS();
}

/* Neither white space nor the order of members is part of a definition; everything else is. */
Test(lock, what_a_digest_is_about)
{
        static const struct {
                struct str other;
                bool same;
        } rows[] = {
                { STR_INIT("[{\"name\":\"a\",\"description\":\"x\",\"inputSchema\":{\"type\":\"object\",\"required\":[\"p\",\"q\"]}}]"), true },
                { STR_INIT("[ {\"inputSchema\":{\"required\":[\"p\", \"q\"],\"type\":\"object\"}, \"description\":\"\\u0078\",\"name\":\"a\"}]"), true },
                { STR_INIT("[{\"name\":\"a\",\"description\":\"X\",\"inputSchema\":{\"type\":\"object\",\"required\":[\"p\",\"q\"]}}]"), false },
                { STR_INIT("[{\"name\":\"a\",\"description\":\"x \",\"inputSchema\":{\"type\":\"object\",\"required\":[\"p\",\"q\"]}}]"), false },
                { STR_INIT("[{\"name\":\"a\",\"description\":\"x\",\"inputSchema\":{\"type\":\"object\",\"required\":[\"q\",\"p\"]}}]"), false },
                { STR_INIT("[{\"name\":\"a\",\"description\":\"x\",\"inputSchema\":{\"type\":\"object\",\"required\":[\"p\"]}}]"), false },
                { STR_INIT("[{\"name\":\"a\",\"description\":\"x\",\"title\":\"t\",\"inputSchema\":{\"type\":\"object\",\"required\":[\"p\",\"q\"]}}]"), false },
                { STR_INIT("[{\"name\":\"a\",\"description\":\"x\",\"x-odd\":1,\"inputSchema\":{\"type\":\"object\",\"required\":[\"p\",\"q\"]}}]"), false },
        };
        struct pin_lock *first = lock_of(rows[0].other);

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct pin_lock *lock = lock_of(rows[i].other);

                cr_expect_eq(definition_digest_eq(&pin_lock_at(lock, 0)->digest, &pin_lock_at(first, 0)->digest), rows[i].same, "row %zu", i);
                pin_lock_free(lock);
        }
        pin_lock_free(first);
        CHECK_NO_LEAKS();
}

Test(lock, what_is_not_exactly_a_lock_is_refused)
{
        static const struct {
                const char *text, *message;
        } rows[] = {
                { "", "it is not JSON" },
                { "[]", "it is no lock of pins" },
                { "{\"tools\":[]}", "it is no lock of pins" },
                { "{\"leastwise_pins\":2,\"tools\":[]}", "version 1 of locks only" },
                { "{\"leastwise_pins\":\"1\",\"tools\":[]}", "version 1 of locks only" },
                { "{\"leastwise_pins\":1}", "it must have a list of tools" },
                { "{\"leastwise_pins\":1,\"tools\":{}}", "it must have a list of tools" },
                { "{\"leastwise_pins\":1,\"tools\":[],\"more\":1}", "it must have a list of tools, and nothing else" },
                { "{\"leastwise_pins\":1,\"tools\":[],\"tools\":[]}", "it is not JSON: two members of the same name" },
                { "{\"leastwise_pins\":1,\"tools\":[7]}", "tool 1 must have a name" },
                { "{\"leastwise_pins\":1,\"tools\":[{\"name\":\"a\",\"digest\":\"" DIGEST_A "\"}]}", "tool 1 must have a name" },
                { "{\"leastwise_pins\":1,\"tools\":[{\"name\":\"a\",\"digest\":\"" DIGEST_A "\",\"definition\":{\"name\":\"a\"},\"x\":1}]}",
                        "and nothing else" },
                { "{\"leastwise_pins\":1,\"tools\":[{\"name\":\"a\",\"digest\":\"md5:0\",\"definition\":{\"name\":\"a\"}}]}", "64 hexadecimal digits" },
                { "{\"leastwise_pins\":1,\"tools\":[{\"name\":\"a\",\"digest\":\"" DIGEST_A "\",\"definition\":{\"name\":\"b\"}}]}",
                        "a definition that names another tool" },
                { "{\"leastwise_pins\":1,\"tools\":[{\"name\":\"a\",\"digest\":\"" DIGEST_A "\",\"definition\":[]}]}",
                        "a definition that names another tool" },
                { "{\"leastwise_pins\":1,\"tools\":[{\"name\":\"a\",\"digest\":\"" DIGEST_A "\",\"definition\":{\"name\":\"a\"}}]}",
                        "a digest that is not its definition's" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                AUTO_BUF struct buf message = BUF_INIT(1024);
                struct pin_lock *lock = NULL;

                cr_expect_eq(pin_lock_read(&lock, str_from(rows[i].text), lock_seed, &message), -EINVAL, "row %zu", i);
                buf_append_char(&message, '\0');
                cr_expect(strstr(message.data, rows[i].message), "row %zu: %s", i, message.data);
        }
        CHECK_NO_LEAKS();
}

/* Lines swapped or doubled by hand: a name stands twice, or not where it is looked for. */
Test(lock, order_matters)
{
        AUTO_BUF struct buf good = BUF_INIT(LIMIT_PINS_BYTES);
        AUTO_BUF struct buf bad = BUF_INIT(LIMIT_PINS_BYTES);
        AUTO_BUF struct buf message = BUF_INIT(1024);
        struct pin_lock *lock = NULL;
        char *a, *b;

        lock_text_of(&good, STR("[{\"name\":\"a\"},{\"name\":\"b\"}]"));
        buf_append_char(&good, '\0');
        a = strchr(good.data, '\n') + 1;
        b = strchr(a, '\n') + 1;
        for (unsigned i = 0; i < 2; i++) {
                const int a_len = (int)(b - a) - 2, b_len = (int)(strchr(b, '\n') - b);

                buf_clear(&bad, LIMIT_PINS_BYTES);
                buf_clear(&message, 1024);
                buf_printf(&bad, "{\"leastwise_pins\":1,\"tools\":[%.*s,%.*s]}", i ? a_len : b_len, i ? a : b, a_len, a);
                cr_expect_eq(pin_lock_read(&lock, buf_str(&bad), lock_seed, &message), -EINVAL);
                cr_expect(str_starts_with(buf_str(&message), STR("tool 2 stands in the wrong place")), "%.*s", STR_FMT(buf_str(&message)));
        }
}

Test(lock, a_name_is_pinned_once)
{
        struct pin_list list = { 0 };
        struct json_doc doc;

        json_doc_init(&doc, lock_seed);
        cr_assert_eq(json_read(&doc, STR("{\"name\":\"a\"}")), JSON_OK);
        cr_expect_eq(pin_list_add(&list, &doc, 0, STR("a")), 0);
        cr_expect_eq(pin_list_add(&list, &doc, 0, STR("a")), -EEXIST);
        cr_expect_eq(pin_list_add(&list, &doc, 0, str_of("a\0b", 3)), -EINVAL);
        cr_expect_eq(pin_list_add(&list, &doc, 2, STR("b")), -EINVAL);
        cr_expect_eq(list.count, 1);
        pin_list_deinit(&list);
        pin_list_deinit(&list);
        json_doc_deinit(&doc);
        CHECK_NO_LEAKS();
}

Test(lock, tools_are_limited)
{
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_PINS_BYTES);
        AUTO_BUF struct buf message = BUF_INIT(1024);
        struct pin_lock *lock = NULL;

        for (unsigned over = 0; over < 2; over++) {
                struct pin_list list = { 0 };
                struct json_doc doc;
                char tool[32];

                json_doc_init(&doc, lock_seed);
                for (unsigned i = 0; i < LIMIT_LISTED_TOOLS + over; i++) {
                        snprintf(tool, sizeof(tool), "{\"name\":\"%u\"}", i);
                        cr_assert_eq(json_read(&doc, str_from(tool)), JSON_OK);
                        cr_assert_eq(pin_list_add(&list, &doc, 0, json_raw_string(&doc, 2)), 0);
                }
                buf_clear(&text, LIMIT_PINS_BYTES);
                cr_assert_eq(pin_list_write(&list, &text), 0);
                cr_expect_eq(pin_lock_read(&lock, buf_str(&text), lock_seed, &message), over ? -EINVAL : 0);
                lock = over ? lock : pin_lock_free(lock);
                pin_list_deinit(&list);
                json_doc_deinit(&doc);
        }
        cr_expect(str_eq(buf_str(&message), STR("it pins more tools than a server may list")));
}

Test(lock, bytes_are_limited)
{
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_PINS_BYTES + 1);
        AUTO_BUF struct buf message = BUF_INIT(1024);
        struct pin_lock *lock = NULL;

        lock_text_of(&text, STR("[]"));
        while (text.len < LIMIT_PINS_BYTES)
                buf_append_char(&text, ' ');
        cr_expect_eq(pin_lock_read(&lock, buf_str(&text), lock_seed, &message), 0);
        pin_lock_free(lock);
        buf_append_char(&text, ' ');
        cr_expect_eq(pin_lock_read(&lock, buf_str(&text), lock_seed, &message), -EINVAL);
        cr_expect(str_eq(buf_str(&message), STR("it is longer than 16 MiB")));
}

Test(lock, sets_are_equal_when_their_locks_are)
{
        const struct pin_source one = { STR("p"), STR("/x"), lock_of(STR("[{\"name\":\"a\"}]")) };
        const struct pin_source two = { STR("p"), STR("/y"), lock_of(STR("[{\"name\":\"a\"}]")) };
        const struct pin_source three = { STR("p"), STR("/x"), lock_of(STR("[{\"name\":\"b\"}]")) };
        struct pin_set *a, *b, *c;

        cr_assert_eq(pin_set_new(&a, &one, 1), 0);
        cr_assert_eq(pin_set_new(&b, &two, 1), 0);
        cr_assert_eq(pin_set_new(&c, &three, 1), 0);
        cr_expect(pin_set_eq(a, a) && pin_set_eq(a, b) && !pin_set_eq(a, c) && !pin_set_eq(a, NULL) && pin_set_eq(NULL, NULL));
        pin_set_unref(pin_set_ref(a));
        pin_set_unref(a);
        pin_set_unref(b);
        pin_set_unref(c);
        CHECK_NO_LEAKS();
}
