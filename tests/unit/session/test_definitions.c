/* SPDX-License-Identifier: Apache-2.0
 *
 * What is remembered of a server's tools, and the limits of it.
 */
#include "definitions.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "leaks.h"

static const uint64_t seed[2] = { 7, 8 };

static struct str name_of(char buffer[static 32], unsigned i)
{
        return str_of(buffer, (size_t)snprintf(buffer, 32, "tool_%u", i));
}

static bool is_known(struct definitions *d, const char *name, const char *schema)
{
        const struct json_doc *doc = definitions_find(d, str_from(name));

        return doc && str_eq(json_text(doc, 0), str_from(schema));
}

Test(definitions, found_by_name)
{
        struct definitions d;

        definitions_init(&d, seed);
        cr_expect_null(definitions_find(&d, STR("a")));
        definitions_add(&d, STR("a"), STR("{\"type\":\"object\"}"), NULL);
        definitions_add(&d, STR("b"), STR("true"), NULL);
        definitions_add(&d, STR("c"), STR(""), NULL);
        definitions_add(&d, STR(""), STR("{}"), NULL);
        cr_expect(is_known(&d, "a", "{\"type\":\"object\"}"));
        cr_expect(is_known(&d, "b", "true"));
        cr_expect(is_known(&d, "", "{}"));
        cr_expect_null(definitions_find(&d, STR("c")));
        cr_expect(definitions_has(&d, STR("c")));
        cr_expect_null(definitions_find(&d, STR("A")));
        cr_expect_not(definitions_has(&d, STR("A")));
        /* What had been read before stands no longer where it did; it is read again. */
        for (unsigned i = 0; i < 5000; i++) {
                char name[32];

                definitions_add(&d, name_of(name, i), STR("{\"title\":\"a text that makes the buffer move\"}"), NULL);
        }
        cr_expect(is_known(&d, "a", "{\"type\":\"object\"}"));
        cr_expect(is_known(&d, "tool_4999", "{\"title\":\"a text that makes the buffer move\"}"));
        definitions_forget(&d);
        cr_expect_null(definitions_find(&d, STR("a")));
        definitions_add(&d, STR("a"), STR("false"), NULL);
        cr_expect(is_known(&d, "a", "false"));
        definitions_deinit(&d);
        definitions_deinit(&d);
        CHECK_NO_LEAKS();
}

/* More than stand read at a time, in turns. */
Test(definitions, many_in_use)
{
        struct definitions d;

        definitions_init(&d, seed);
        for (unsigned i = 0; i < 3 * LIMIT_DEFINITIONS_READ; i++) {
                char name[32], schema[64];

                snprintf(schema, sizeof(schema), "{\"const\":%u}", i);
                definitions_add(&d, name_of(name, i), str_from(schema), NULL);
        }
        for (unsigned round = 0; round < 3; round++)
                for (unsigned i = 0; i < 3 * LIMIT_DEFINITIONS_READ; i++) {
                        char name[32], schema[64];

                        snprintf(schema, sizeof(schema), "{\"const\":%u}", i);
                        cr_expect(is_known(&d, name_of(name, i).ptr, schema), "%u", i);
                }
        definitions_deinit(&d);
        CHECK_NO_LEAKS();
}

Test(definitions, a_name_with_two_schemas_is_not_known)
{
        struct definitions d;

        definitions_init(&d, seed);
        definitions_add(&d, STR("same"), STR("{}"), NULL);
        definitions_add(&d, STR("same"), STR("{}"), NULL);
        definitions_add(&d, STR("other"), STR("{}"), NULL);
        definitions_add(&d, STR("other"), STR("true"), NULL);
        definitions_add(&d, STR("other"), STR("{}"), NULL);
        definitions_add(&d, STR("none first"), STR(""), NULL);
        definitions_add(&d, STR("none first"), STR("{}"), NULL);
        cr_expect(is_known(&d, "same", "{}"));
        cr_expect_null(definitions_find(&d, STR("other")));
        cr_expect_null(definitions_find(&d, STR("none first")));
        definitions_deinit(&d);
        CHECK_NO_LEAKS();
}

/* A schema of exactly @bytes bytes. */
static struct str schema_of(struct buf *b, size_t bytes)
{
        buf_clear(b, SIZE_MAX);
        buf_append_str(b, STR("{\"title\":\""));
        while (b->len < bytes - 2)
                buf_append_char(b, 'x');
        buf_append_str(b, STR("\"}"));
        return buf_str(b);
}

Test(definitions, limit_of_one_schema)
{
        struct buf AUTO_BUF text = BUF_INIT(SIZE_MAX);
        struct definitions d;

        definitions_init(&d, seed);
        definitions_add(&d, STR("below"), schema_of(&text, LIMIT_DEFINITION_BYTES - 1), NULL);
        definitions_add(&d, STR("at"), schema_of(&text, LIMIT_DEFINITION_BYTES), NULL);
        definitions_add(&d, STR("past"), schema_of(&text, LIMIT_DEFINITION_BYTES + 1), NULL);
        cr_expect_not_null(definitions_find(&d, STR("below")));
        cr_expect_not_null(definitions_find(&d, STR("at")));
        cr_expect_null(definitions_find(&d, STR("past")));
        definitions_deinit(&d);
        CHECK_NO_LEAKS();
}

Test(definitions, limit_of_all_schemas)
{
        struct buf AUTO_BUF text = BUF_INIT(SIZE_MAX);
        struct definitions d;
        unsigned fit = LIMIT_DEFINITIONS_BYTES / LIMIT_DEFINITION_BYTES - 1;
        size_t rest;

        definitions_init(&d, seed);
        for (unsigned i = 0; i < fit; i++) {
                char name[32];

                definitions_add(&d, name_of(name, i), schema_of(&text, LIMIT_DEFINITION_BYTES), NULL);
        }
        rest = LIMIT_DEFINITIONS_BYTES - d.texts.len;
        definitions_add(&d, STR("a"), schema_of(&text, rest - 2000 - 2), NULL);
        /* 999 bytes short, one byte past, and exactly full. */
        definitions_add(&d, STR("b"), schema_of(&text, 999), NULL);
        definitions_add(&d, STR("c"), schema_of(&text, 1001), NULL);
        cr_expect_not_null(definitions_find(&d, STR("a")));
        cr_expect_not_null(definitions_find(&d, STR("b")));
        cr_expect_null(definitions_find(&d, STR("c")));
        definitions_add(&d, STR("d"), schema_of(&text, 999), NULL);
        cr_expect_not_null(definitions_find(&d, STR("d")));
        cr_expect_eq(d.texts.len, LIMIT_DEFINITIONS_BYTES);
        /* Full: not even a name. */
        definitions_add(&d, STR("e"), STR("{}"), NULL);
        cr_expect_null(definitions_find(&d, STR("e")));
        definitions_forget(&d);
        definitions_add(&d, STR("e"), STR("{}"), NULL);
        cr_expect_not_null(definitions_find(&d, STR("e")));
        definitions_deinit(&d);
        CHECK_NO_LEAKS();
}

Test(definitions, limit_of_tools)
{
        struct definitions d;
        char name[32];

        definitions_init(&d, seed);
        for (unsigned i = 0; i <= LIMIT_DEFINITIONS; i++)
                definitions_add(&d, name_of(name, i), STR("{}"), NULL);
        cr_expect_not_null(definitions_find(&d, name_of(name, LIMIT_DEFINITIONS - 2)));
        cr_expect_not_null(definitions_find(&d, name_of(name, LIMIT_DEFINITIONS - 1)));
        cr_expect_null(definitions_find(&d, name_of(name, LIMIT_DEFINITIONS)));
        cr_expect(definitions_has(&d, STR("any")), "which ones were past the limit is not known");
        definitions_forget(&d);
        cr_expect_not(definitions_has(&d, STR("any")));
        definitions_deinit(&d);
        CHECK_NO_LEAKS();
}

/* --- without memory --- */

static unsigned left;

static void *scarce_resize(void *userdata, void *ptr, size_t size)
{
        (void)userdata;
        return left && left-- ? realloc(ptr, size) : NULL;
}

static void scarce_release(void *userdata, void *ptr)
{
        (void)userdata;
        free(ptr);
}

/* Whichever request fails, what is found is right. */
Test(definitions, without_memory)
{
        static const struct allocator scarce = { .resize = scarce_resize, .release = scarce_release };

        for (unsigned enough = 0; enough < 40; enough++) {
                struct definitions d;

                mem_set_allocator(&scarce);
                left = enough;
                definitions_init(&d, seed);
                for (unsigned i = 0; i < 200; i++) {
                        char name[32], schema[32];
                        const struct json_doc *doc;

                        snprintf(schema, sizeof(schema), "{\"const\":%u}", i);
                        definitions_add(&d, name_of(name, i), str_from(schema), NULL);
                        doc = definitions_find(&d, name_of(name, i));
                        cr_assert(!doc || str_eq(json_text(doc, 0), str_from(schema)));
                }
                definitions_deinit(&d);
                mem_set_allocator(NULL);
        }
        CHECK_NO_LEAKS();
}

Test(definitions, facts_of_the_only_one)
{
        struct definition_facts facts = { .hints = HINT_DESTROYS }, other = { .hints = 0 };
        struct definitions d;

        definitions_init(&d, seed);
        other.digest.bytes[0] = 1;
        cr_expect_null(definitions_facts(&d, STR("a")));
        definitions_add(&d, STR("a"), STR("{}"), &facts);
        definitions_add(&d, STR("b"), STR("{}"), NULL);
        definitions_add(&d, STR("c"), STR("{}"), &facts);
        definitions_add(&d, STR("c"), STR("{}"), &facts);
        cr_assert_not_null(definitions_facts(&d, STR("a")));
        cr_expect_eq(definitions_facts(&d, STR("a"))->hints, HINT_DESTROYS);
        cr_expect_null(definitions_facts(&d, STR("b")));
        cr_expect_not_null(definitions_facts(&d, STR("c")));
        /* Two that differ: nothing is known of either. */
        definitions_add(&d, STR("c"), STR("{}"), &other);
        cr_expect_null(definitions_facts(&d, STR("c")));
        definitions_forget(&d);
        cr_expect_null(definitions_facts(&d, STR("a")));
        definitions_deinit(&d);
        CHECK_NO_LEAKS();
}

/* Each of a server's notifications could have it read anew. */
Test(definitions, what_cannot_be_read_is_read_once)
{
        struct definitions d;
        char *text;

        definitions_init(&d, seed);
        definitions_add(&d, STR("a"), STR("{\"k\":1,\"k\":2}"), NULL);
        cr_expect_null(definitions_find(&d, STR("a")));
        text = memmem(d.texts.data, d.texts.len, "\"k\":2", 5);
        cr_assert_not_null(text);
        text[1] = 'l';
        cr_expect_null(definitions_find(&d, STR("a")), "nobody looks again");
        cr_expect(definitions_has(&d, STR("a")));
        definitions_deinit(&d);
        CHECK_NO_LEAKS();
}

/* A server can choose names that a hash without a key puts behind one slot: each look-up would go past all of them. */
Test(definitions, names_cannot_be_made_to_collide)
{
        enum { NAMES = 200, SLOTS = 512 };
        struct definitions d;
        unsigned kept = 0, row = 0, longest = 0;

        definitions_init(&d, seed);
        for (unsigned i = 0; kept < NAMES; i++) {
                char buffer[32];
                struct str name = name_of(buffer, i);

                if (str_hash(name) % SLOTS != 7)
                        continue;
                definitions_add(&d, name, STR("{}"), NULL);
                kept++;
        }
        cr_assert_eq(d.slot_count, SLOTS);
        for (unsigned i = 0; i < SLOTS; i++) {
                row = d.slots[i] ? row + 1 : 0;
                longest = row > longest ? row : longest;
        }
        cr_expect_lt(longest, 40U, "%u beside each other", longest);
        definitions_deinit(&d);
}
