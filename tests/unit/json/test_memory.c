/* SPDX-License-Identifier: Apache-2.0
 *
 * Where memory is refused, an error comes back and nothing leaks; and a stream of messages asks for none.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "json.h"
#include "leaks.h"
#include "writer.h"

static const uint64_t seed[2] = { 0x1234, 0x5678 };

/* Refuses request number @fail_at (from 0), counts all, and what was not given back. */
struct counting {
        size_t fail_at;
        size_t asked;
        long living;
};

static void *counted_resize(void *userdata, void *ptr, size_t size)
{
        struct counting *c = userdata;
        void *result;

        if (c->asked++ == c->fail_at)
                return NULL;
        result = realloc(ptr, size);
        c->living += !ptr && result;
        return result;
}

static void counted_release(void *userdata, void *ptr)
{
        ((struct counting *)userdata)->living--;
        free(ptr);
}

/* Large enough that the tape grows several times and the duplicate check takes a table. */
static char text[4096];

static size_t make_text(void)
{
        size_t n = 0;

        n += (size_t)snprintf(text + n, sizeof(text) - n, "{ \"\\u0061\":\"\\u0062\\/\"");
        for (int i = 0; i < 200; i++)
                n += (size_t)snprintf(text + n, sizeof(text) - n, ",\"n%d\":%d", i, i);
        n += (size_t)snprintf(text + n, sizeof(text) - n, "}");
        return n;
}

/* True when everything went well; each step may fail, cleanly. */
static bool run_all(size_t length)
{
        struct buf out = BUF_INIT(65536), scratch = BUF_INIT(4096);
        struct json_doc doc;
        struct json_writer w;
        bool fine = false;
        struct str s;

        json_doc_init(&doc, seed);
        enum json_error error = json_read(&doc, str_of(text, length));

        if (error) {
                cr_expect_eq(error, JSON_NO_MEMORY);
                cr_expect_eq(doc.count, 0U);
        } else {
                const uint32_t names[] = { 1, 2, 3 };
                int r = json_string_get(&doc, 2, &scratch, &s);
                long duplicate = json_find_duplicate(&doc, names, 3);

                cr_expect(r == 0 || r == -ENOMEM);
                cr_expect(duplicate == -1 || duplicate == -2);
                fine = r == 0 && duplicate == -1;
                r = json_write(&out, &doc, 0);
                cr_expect(r == 0 || (r == -ENOMEM && out.len == 0 && out.failed));
                fine = fine && r == 0;
        }
        buf_clear(&out, 0);
        json_writer_init(&w, &out);
        json_begin_object(&w);
        json_name(&w, STR("a"));
        json_string(&w, str_of(text, 300));
        json_end_object(&w);
        fine = fine && !out.failed;
        json_doc_deinit(&doc);
        buf_deinit(&out);
        buf_deinit(&scratch);
        return fine;
}

Test(memory, each_allocation_refused_in_turn)
{
        size_t length = make_text();
        bool fine = false;
        size_t n;

        for (n = 0; !fine && n < 100; n++) {
                struct counting counting = { .fail_at = n };
                struct allocator allocator = { counted_resize, counted_release, &counting };

                mem_set_allocator(&allocator);
                fine = run_all(length);
                mem_set_allocator(NULL);
                cr_expect_eq(counting.living, 0, "allocation %zu refused: %ld blocks leaked", n, counting.living);
                cr_expect_eq(fine, counting.asked <= n, "allocation %zu refused", n);
        }
        cr_expect(fine);
        cr_expect_gt(n, 6U, "the text is to make several allocations");
}

Test(memory, a_stream_of_messages_allocates_nothing)
{
        struct counting counting = { .fail_at = SIZE_MAX };
        struct allocator allocator = { counted_resize, counted_release, &counting };
        struct buf out = BUF_INIT(65536);
        size_t length = make_text(), after_first = 0;
        struct json_doc doc;

        mem_set_allocator(&allocator);
        json_doc_init(&doc, seed);
        for (int i = 0; i < 1000; i++) {
                cr_assert_eq(json_read(&doc, str_of(text, length)), JSON_OK);
                buf_clear(&out, SIZE_MAX);
                cr_assert_eq(json_write(&out, &doc, 0), 0);
                cr_assert_eq(json_read(&doc, STR("{\"a\":[1,{\"b\\n\":2}]}")), JSON_OK);
                if (i == 0)
                        after_first = counting.asked;
        }
        cr_expect_gt(after_first, 0U);
        cr_expect_eq(counting.asked, after_first);
        json_doc_deinit(&doc);
        buf_deinit(&out);
        cr_expect_eq(counting.living, 0);
        mem_set_allocator(NULL);
}
