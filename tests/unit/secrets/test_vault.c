/* SPDX-License-Identifier: Apache-2.0 */
#include "vault.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

#include "alloc.h"
#include "leaks.h"
#include "little.h"
#include "vault_key.h"

static const uint8_t key[VAULT_KEY_BYTES] = "0123456789abcdefghijklmnopqrstuv";

/* A vault with two entries whose values have the same length, so that they could stand in each other's place. */
struct made {
        struct vault_header header;
        struct vault_keys keys;
        struct buf image;
};

static void make(struct made *m, const uint8_t *with, const char *second)
{
        struct vault_draft drafts[] = {
                { STR("github/write"), STR("for releases"), 1000, 2000, 0, STR("second-value") },
                { STR("github/read"), { 0 }, 1000, 1000, 99000, STR("first--value") },
        };

        cr_assert_geq(sodium_init(), 0);
        *m = (struct made){ .header = { .kind = VAULT_KEY_FILE, .hint = STR("/k/key"), .generation = 7, .written_ms = 2000 } };
        buf_init(&m->image, LIMIT_VAULT_BYTES);
        randombytes_buf(m->header.id, sizeof(m->header.id));
        vault_derive(&m->keys, &m->header, with);
        drafts[0].value = str_from(second);
        cr_assert_eq(vault_write(&m->image, &m->header, &m->keys, drafts, 2), 0);
}

static void unmake(struct made *m)
{
        buf_deinit(&m->image);
}

/* What somebody without the key can do to it. */
static void fix_checksum(struct buf *image)
{
        vault_checksum((uint8_t *)image->data + image->len - VAULT_CHECKSUM_BYTES, str_of(image->data, image->len - VAULT_CHECKSUM_BYTES));
}

/* What only somebody with the key can: what an entry is bound to must hold without the code over the whole. */
static void fix_code(struct buf *image, const struct vault_keys *keys)
{
        vault_code((uint8_t *)image->data + image->len - VAULT_END_BYTES, keys, str_of(image->data, image->len - VAULT_END_BYTES));
        fix_checksum(image);
}

/* The first thing that is found to be wrong with it, the values included. */
static int judge(const struct buf *image, const struct vault_keys *keys)
{
        /* In a block of its own size, so that a sanitizer sees a read past its end. */
        char *copy = malloc(image->len + !image->len), value[64];
        struct vault v = { 0 };
        int r;

        if (image->len)
                memcpy(copy, image->data, image->len);
        r = vault_read(&v, str_of(copy, image->len));
        if (r == 0)
                r = vault_verify(&v, keys);
        for (size_t i = 0; r == 0 && i < v.count; i++) {
                cr_assert_leq(v.entries[i].value_len, sizeof(value));
                r = vault_open_value(&v, keys, &v.entries[i], value);
        }
        vault_deinit(&v);
        free(copy);
        return r;
}

Test(vault, what_was_written_is_read)
{
        struct made m;
        struct vault v;
        char value[64];

        make(&m, key, "second-value");
        cr_assert_eq(vault_read(&v, buf_str(&m.image)), 0);
        cr_assert_eq(vault_verify(&v, &m.keys), 0);
        cr_expect_eq(v.count, 2);
        cr_expect(str_eq(v.entries[0].name, STR("github/read")), "in order");
        cr_expect(str_eq(v.entries[1].note, STR("for releases")));
        cr_expect_eq(v.entries[0].expires_ms, 99000);
        cr_expect_eq(v.entries[1].created_ms, 1000);
        cr_expect_eq(v.entries[1].rotated_ms, 2000);
        cr_expect_eq(v.header.generation, 7);
        cr_expect(str_eq(v.header.hint, STR("/k/key")));
        cr_assert_eq(vault_open_value(&v, &m.keys, vault_find(&v, STR("github/write")), value), 0);
        cr_expect_eq(memcmp(value, "second-value", 12), 0);
        cr_expect_null(vault_find(&v, STR("github")));
        cr_expect_null(memmem(m.image.data, m.image.len, "-value", 6), "no value stands there");
        vault_deinit(&v);
        vault_deinit(&v);
        unmake(&m);
        CHECK_NO_LEAKS();
}

Test(vault, kept_entries_stay_as_they_are)
{
        struct vault_draft drafts[2] = { 0 };
        struct buf again = BUF_INIT(LIMIT_VAULT_BYTES);
        struct made m;
        struct vault v;

        make(&m, key, "second-value");
        cr_assert_eq(vault_read(&v, buf_str(&m.image)), 0);
        for (size_t i = 0; i < 2; i++)
                drafts[i] = (struct vault_draft){ .name = v.entries[i].name, .kept = v.entries[i].bytes };
        cr_assert_eq(vault_write(&again, &m.header, &m.keys, drafts, 2), 0);
        cr_expect(str_eq(buf_str(&again), buf_str(&m.image)), "nothing changed, to the byte");
        vault_deinit(&v);
        buf_deinit(&again);
        unmake(&m);
}

Test(vault, another_key)
{
        const uint8_t other[VAULT_KEY_BYTES] = "x";
        struct vault_keys keys;
        struct made m;

        make(&m, key, "second-value");
        vault_derive(&keys, &m.header, other);
        cr_expect_eq(judge(&m.image, &keys), VAULT_WRONG_KEY);
        unmake(&m);
}

Test(vault, every_bit_flipped)
{
        struct made m;

        make(&m, key, "second-value");
        for (size_t i = 0; i < m.image.len; i++) {
                for (unsigned bit = 0; bit < 8; bit++) {
                        m.image.data[i] ^= (char)(1U << bit);
                        cr_expect_gt(judge(&m.image, &m.keys), 0, "byte %zu bit %u", i, bit);
                        m.image.data[i] ^= (char)(1U << bit);
                }
        }
        cr_expect_eq(judge(&m.image, &m.keys), 0);
        unmake(&m);
}

/* By somebody who knows the format, but not the key. */
Test(vault, every_bit_changed_on_purpose)
{
        struct made m;
        int found[VAULT_FORGED + 1] = { 0 };

        make(&m, key, "second-value");
        for (size_t i = 0; i < m.image.len - VAULT_CHECKSUM_BYTES; i++) {
                for (unsigned bit = 0; bit < 8; bit++) {
                        int r;

                        m.image.data[i] ^= (char)(1U << bit);
                        fix_checksum(&m.image);
                        r = judge(&m.image, &m.keys);
                        cr_assert_gt(r, 0, "byte %zu bit %u", i, bit);
                        found[r]++;
                        m.image.data[i] ^= (char)(1U << bit);
                }
        }
        for (int i = 1; i <= VAULT_FORGED; i++)
                cr_expect(found[i] > 0 || i == VAULT_DEMANDS, "%s", vault_problem_text(i));
        unmake(&m);
}

/* Everything in an entry is bound to its value, and so is the vault's header: without the code over the whole, too. */
Test(vault, every_bit_of_an_entry_is_bound)
{
        const size_t state = VAULT_FIXED_BYTES + 6;
        struct made m;

        make(&m, key, "second-value");
        for (size_t i = 10; i < m.image.len - VAULT_END_BYTES; i++) {
                /* The key check, the generation and the time belong to the vault as a whole. */
                if (i >= state && i < state + 32)
                        continue;
                for (unsigned bit = 0; bit < 8; bit++) {
                        m.image.data[i] ^= (char)(1U << bit);
                        fix_code(&m.image, &m.keys);
                        cr_assert_gt(judge(&m.image, &m.keys), 0, "byte %zu bit %u", i, bit);
                        m.image.data[i] ^= (char)(1U << bit);
                }
        }
        unmake(&m);
}

Test(vault, every_truncation_and_what_is_too_much)
{
        struct made m;

        make(&m, key, "second-value");
        for (size_t len = 0; len < m.image.len; len++) {
                struct buf cut = BUF_INIT(LIMIT_VAULT_BYTES);

                buf_append(&cut, m.image.data, len);
                cr_expect_gt(judge(&cut, &m.keys), 0, "%zu bytes", len);
                if (len > VAULT_CHECKSUM_BYTES) {
                        fix_checksum(&cut);
                        cr_expect_gt(judge(&cut, &m.keys), 0, "%zu bytes on purpose", len);
                }
                buf_deinit(&cut);
        }
        buf_append_char(&m.image, 'x');
        cr_expect_eq(judge(&m.image, &m.keys), VAULT_DAMAGED);
        unmake(&m);
}

static char *entry(struct made *m, const char *name, size_t *ret_len)
{
        struct vault v;
        struct str bytes;

        cr_assert_eq(vault_read(&v, buf_str(&m->image)), 0);
        bytes = vault_find(&v, str_from(name))->bytes;
        vault_deinit(&v);
        *ret_len = bytes.len;
        return m->image.data + (bytes.ptr - m->image.data);
}

static void swap(char *a, char *b, size_t len)
{
        for (size_t i = 0; i < len; i++) {
                const char c = a[i];

                a[i] = b[i];
                b[i] = c;
        }
}

Test(vault, swapped_entries)
{
        const size_t sealed = 12 + VAULT_TAG_BYTES;
        size_t read_len, write_len;
        char *read, *write;
        struct made m;

        make(&m, key, "second-value");
        read = entry(&m, "github/read", &read_len);
        write = entry(&m, "github/write", &write_len);
        /* The sealed values, with their nonces: the value of `write` under the name of `read`. */
        swap(read + VAULT_NONCE_AT, write + VAULT_NONCE_AT, VAULT_ENTRY_BYTES - VAULT_NONCE_AT);
        swap(read + read_len - sealed, write + write_len - sealed, sealed);
        fix_checksum(&m.image);
        cr_expect_eq(judge(&m.image, &m.keys), VAULT_FORGED, "by somebody without the key");
        fix_code(&m.image, &m.keys);
        cr_expect_eq(judge(&m.image, &m.keys), VAULT_FORGED, "even were the whole in order");
        unmake(&m);
}

Test(vault, entries_removed_or_in_another_order)
{
        struct vault_draft drafts[2] = { 0 };
        struct buf fewer = BUF_INIT(LIMIT_VAULT_BYTES);
        size_t read_len, write_len;
        char *read, *write, *copy;
        struct made m;
        struct vault v;

        make(&m, key, "second-value");
        read = entry(&m, "github/read", &read_len);
        write = entry(&m, "github/write", &write_len);
        copy = malloc(read_len);
        memcpy(copy, read, read_len);
        memmove(read, write, write_len);
        memcpy(read + write_len, copy, read_len);
        free(copy);
        fix_code(&m.image, &m.keys);
        cr_expect_eq(judge(&m.image, &m.keys), VAULT_DAMAGED, "another order");
        unmake(&m);

        make(&m, key, "second-value");
        cr_assert_eq(vault_read(&v, buf_str(&m.image)), 0);
        drafts[0] = (struct vault_draft){ .name = v.entries[0].name, .kept = v.entries[0].bytes };
        cr_assert_eq(vault_write(&fewer, &m.header, &(struct vault_keys){ 0 }, drafts, 1), 0);
        /* All but the code, which takes the key. */
        memcpy(fewer.data + VAULT_FIXED_BYTES + 6, m.image.data + VAULT_FIXED_BYTES + 6, VAULT_CHECK_BYTES);
        fix_checksum(&fewer);
        cr_expect_eq(judge(&fewer, &m.keys), VAULT_FORGED, "one less");
        vault_deinit(&v);
        buf_deinit(&fewer);
        unmake(&m);
}

/* One key file can serve two vaults. */
Test(vault, entry_of_another_vault)
{
        struct vault_draft drafts[1] = { 0 };
        struct buf image = BUF_INIT(LIMIT_VAULT_BYTES);
        struct made m, other;
        struct vault v;

        make(&m, key, "second-value");
        make(&other, key, "another-one!");
        cr_assert_eq(vault_read(&v, buf_str(&other.image)), 0);
        drafts[0] = (struct vault_draft){ .name = v.entries[1].name, .kept = v.entries[1].bytes };
        cr_assert_eq(vault_write(&image, &m.header, &m.keys, drafts, 1), 0);
        cr_expect_eq(judge(&image, &m.keys), VAULT_FORGED);
        vault_deinit(&v);
        buf_deinit(&image);
        unmake(&other);
        unmake(&m);
}

Test(vault, names)
{
        static const struct {
                const char *name;
                bool good;
        } rows[] = {
                { "github/read", true },
                { "GITHUB_TOKEN", true },
                { "_a.b-c/0/z", true },
                { "a", true },
                { "", false },
                { "/a", false },
                { "a/", false },
                { "a//b", false },
                { "..", false },
                { "a/../b", false },
                { "a/.b", false },
                { "-a", false },
                { "a b", false },
                { "a\n", false },
                { "a=b", false },
                { "\xC3\xA4", false },
        };
        char longest[LIMIT_VAULT_NAME_BYTES + 2];

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                cr_expect_eq(vault_name_is_valid(str_from(rows[i].name)), rows[i].good, "%s", rows[i].name);
        memset(longest, 'n', sizeof(longest));
        cr_expect(vault_name_is_valid(str_of(longest, LIMIT_VAULT_NAME_BYTES)));
        cr_expect_not(vault_name_is_valid(str_of(longest, LIMIT_VAULT_NAME_BYTES + 1)));
        cr_expect(vault_note_is_valid(STR("f\xC3\xBCr den Bau \\ C:")));
        cr_expect(vault_note_is_valid(str_of(NULL, 0)));
        cr_expect_not(vault_note_is_valid(STR("a\x1B[2J")));
        cr_expect_not(vault_note_is_valid(STR("a\xE2\x80\xAE""b")));
        cr_expect_not(vault_note_is_valid(STR("\xFF")));
        memset(longest, 'n', sizeof(longest));
}

Test(vault, limits_of_entries_and_values)
{
        static char names[LIMIT_VAULT_ENTRIES + 1][8], big[LIMIT_CREDENTIAL_BYTES + 1];
        static struct vault_draft drafts[LIMIT_VAULT_ENTRIES + 1];
        struct buf image = BUF_INIT(LIMIT_VAULT_BYTES);
        struct made m;

        make(&m, key, "second-value");
        for (size_t i = 0; i <= LIMIT_VAULT_ENTRIES; i++) {
                snprintf(names[i], sizeof(names[i]), "n%zu", i);
                drafts[i] = (struct vault_draft){ .name = str_from(names[i]), .value = STR("12345678") };
        }
        cr_expect_eq(vault_write(&image, &m.header, &m.keys, drafts, LIMIT_VAULT_ENTRIES), 0);
        cr_expect_eq(judge(&image, &m.keys), 0);
        buf_clear(&image, LIMIT_VAULT_BYTES);
        cr_expect_eq(vault_write(&image, &m.header, &m.keys, drafts, LIMIT_VAULT_ENTRIES + 1), -EINVAL);
        drafts[0].value = str_of(big, LIMIT_CREDENTIAL_BYTES);
        cr_expect_eq(vault_write(&image, &m.header, &m.keys, drafts, 1), 0);
        buf_clear(&image, LIMIT_VAULT_BYTES);
        drafts[0].value.len++;
        cr_expect_eq(vault_write(&image, &m.header, &m.keys, drafts, 1), -EINVAL);
        for (size_t i = 0; i < LIMIT_VAULT_BYTES / LIMIT_CREDENTIAL_BYTES; i++)
                drafts[i].value = str_of(big, LIMIT_CREDENTIAL_BYTES);
        cr_expect_eq(vault_write(&image, &m.header, &m.keys, drafts, LIMIT_VAULT_BYTES / LIMIT_CREDENTIAL_BYTES), -EMSGSIZE);
        drafts[1].name = drafts[0].name;
        drafts[0].value.len = 8;
        drafts[1].value.len = 8;
        buf_clear(&image, LIMIT_VAULT_BYTES);
        cr_expect_eq(vault_write(&image, &m.header, &m.keys, drafts, 2), -EINVAL, "a name twice");
        buf_deinit(&image);
        unmake(&m);
}

/* A file that wants 64 GiB, or a minute, or next to nothing. */
Test(vault, what_a_file_may_demand)
{
        static const struct {
                uint32_t passes, kib;
                enum vault_problem problem;
        } rows[] = {
                { LIMIT_VAULT_KDF_PASSES_MIN, LIMIT_VAULT_KDF_KIB_MIN, VAULT_OK },
                { LIMIT_VAULT_KDF_PASSES, LIMIT_VAULT_KDF_KIB, VAULT_OK },
                { 3, 64U << 20, VAULT_DEMANDS },
                { 3, LIMIT_VAULT_KDF_KIB + 1, VAULT_DEMANDS },
                { LIMIT_VAULT_KDF_PASSES + 1, 262144, VAULT_DEMANDS },
                { UINT32_MAX, UINT32_MAX, VAULT_DEMANDS },
                { 3, LIMIT_VAULT_KDF_KIB_MIN - 1, VAULT_DEMANDS },
                { LIMIT_VAULT_KDF_PASSES_MIN - 1, 262144, VAULT_DEMANDS },
                { 0, 0, VAULT_DEMANDS },
        };
        struct vault_header header = { .kind = VAULT_PASSWORD };
        struct vault_draft none = { 0 };
        struct vault_keys keys = { 0 };

        cr_assert_geq(sodium_init(), 0);
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct buf image = BUF_INIT(LIMIT_VAULT_BYTES);
                struct vault v = { 0 };

                header.passes = 3;
                header.memory_kib = 262144;
                cr_assert_eq(vault_write(&image, &header, &keys, &none, 0), 0);
                little_put32((uint8_t *)image.data + 12, rows[i].passes);
                little_put32((uint8_t *)image.data + 16, rows[i].kib);
                fix_code(&image, &keys);
                cr_expect_eq(vault_read(&v, buf_str(&image)), (int)rows[i].problem, "row %zu", i);
                vault_deinit(&v);
                header.passes = rows[i].passes;
                header.memory_kib = rows[i].kib;
                buf_clear(&image, LIMIT_VAULT_BYTES);
                cr_expect_eq(vault_write(&image, &header, &keys, &none, 0), rows[i].problem ? -EINVAL : 0);
                buf_deinit(&image);
        }
}

static void *no_memory(void *userdata, void *ptr, size_t size)
{
        return NULL;
}

static void no_release(void *userdata, void *ptr)
{
}

Test(vault, without_memory)
{
        static const struct allocator failing = { no_memory, no_release, NULL };
        struct buf image = BUF_INIT(LIMIT_VAULT_BYTES);
        struct vault v = { 0 };
        struct vault_draft none = { 0 };
        struct made m;

        make(&m, key, "second-value");
        mem_set_allocator(&failing);
        cr_expect_eq(vault_read(&v, buf_str(&m.image)), -ENOMEM);
        cr_expect_eq(vault_write(&image, &m.header, &m.keys, &none, 0), -ENOMEM);
        mem_set_allocator(NULL);
        unmake(&m);
        CHECK_NO_LEAKS();
}

/* Written by another program, tests/support/vault_format.py, which does not use libsodium. */
static void read_fixture(const char *name, struct buf *image)
{
        char path[4096];
        FILE *file;
        size_t n;

        snprintf(path, sizeof(path), "%s/vaults/%s", getenv("VAULT_FIXTURES"), name);
        file = fopen(path, "rb");
        cr_assert_not_null(file, "%s", path);
        cr_assert_eq(buf_reserve(image, 65536), 0);
        n = fread(image->data, 1, image->cap, file);
        cr_assert_gt(n, 0);
        image->len = n;
        fclose(file);
}

Test(vault, written_by_another_program)
{
        struct buf image = BUF_INIT(LIMIT_VAULT_BYTES), reason = BUF_INIT(1024);
        struct vault_secret *secret = vault_secret_new();
        char value[64];
        struct vault v;

        read_fixture("key_file.vault", &image);
        cr_assert_eq(vault_read(&v, buf_str(&image)), 0);
        for (uint8_t i = 0; i < VAULT_KEY_BYTES; i++)
                secret->key[i] = i;
        vault_derive(&secret->keys, &v.header, secret->key);
        cr_assert_eq(vault_verify(&v, &secret->keys), 0);
        cr_assert_eq(v.count, 2);
        cr_assert_eq(vault_open_value(&v, &secret->keys, &v.entries[1], value), 0);
        cr_expect_eq(memcmp(value, "not-a-real-token-2", 18), 0);
        cr_expect(str_eq(v.entries[1].note, STR("for releases")));
        cr_expect_eq(v.entries[1].expires_ms, UINT64_C(1767225600000) + 86400000);
        vault_deinit(&v);

        read_fixture("password.vault", &image);
        cr_assert_eq(vault_read(&v, buf_str(&image)), 0);
        cr_assert_eq(vault_key_of_password(secret, &v.header, STR("correct horse"), &reason), 0);
        vault_derive(&secret->keys, &v.header, secret->key);
        cr_assert_eq(vault_verify(&v, &secret->keys), 0);
        cr_assert_eq(vault_open_value(&v, &secret->keys, &v.entries[0], value), 0);
        cr_expect_eq(memcmp(value, "not-a-real-token-1", 18), 0);
        vault_deinit(&v);
        vault_secret_free(secret);
        buf_deinit(&image);
        buf_deinit(&reason);
        CHECK_NO_LEAKS();
}
