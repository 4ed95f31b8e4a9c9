/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_file.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "alloc.h"
#include "leaks.h"
#include "scratch.h"

Test(key, made_once_and_then_read)
{
        uint8_t first[32] = { 0 }, second[32] = { 0 }, zeros[32] = { 0 };
        char path[200], *message = NULL;
        struct scratch s;

        scratch_make(&s);
        umask(0);
        cr_assert_eq(audit_file_key(s.state, first, &message), 0, "%s", message);
        cr_expect_null(message);
        cr_expect_eq(audit_file_key(s.state, second, &message), 0);
        cr_expect_eq(memcmp(first, second, 32), 0);
        cr_expect_neq(memcmp(first, zeros, 32), 0);
        snprintf(path, sizeof(path), "%s/audit.key", s.state);
        cr_expect_eq(scratch_mode(path), 0600U);
        cr_expect_eq(scratch_mode(s.state), 0700U);
        cr_expect_eq(scratch_count(s.state), 1U, "no temporary file stays behind");
        scratch_remove(s.root);
        CHECK_NO_LEAKS();
}

/* @fails: NULL, or part of the message. */
static void try_key(const struct scratch *s, const char *fails, const char *row)
{
        uint8_t key[32], untouched[32];
        char *message = NULL;
        int r;

        memset(key, 0x5A, sizeof(key));
        memset(untouched, 0x5A, sizeof(untouched));
        r = audit_file_key(s->state, key, &message);
        cr_expect_eq(r < 0, fails != NULL, "row %s: %d", row, r);
        if (fails) {
                cr_expect(message && strstr(message, fails), "row %s: %s", row, message);
                cr_expect(message && strstr(message, s->state), "row %s: %s", row, message);
                cr_expect_eq(memcmp(key, untouched, 32), 0, "row %s: the key is not touched on failure", row);
        }
        mem_free(message);
}

Test(key, refused_where_others_could_know_it)
{
        static const char key[] = "0123456789abcdef0123456789abcdef";
        static const struct {
                const char *name, *content;
                mode_t mode;
                const char *fails;
        } rows[] = {
                { "as we make it", key, 0600, NULL },
                { "read-only", key, 0400, NULL },
                { "readable by the group", key, 0640, "chmod 600" },
                { "readable by all", key, 0604, "chmod 600" },
                { "empty", "", 0600, "not a key of 32 bytes" },
                { "one byte short", key + 1, 0600, "not a key of 32 bytes" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct scratch s;
                char path[200];

                scratch_make(&s);
                snprintf(path, sizeof(path), "%s/state", s.root);
                mkdir(path, 0700);
                mkdir(s.state, 0700);
                snprintf(path, sizeof(path), "%s/audit.key", s.state);
                scratch_write(path, rows[i].content, rows[i].mode);
                try_key(&s, rows[i].fails, rows[i].name);
                scratch_remove(s.root);
        }
        CHECK_NO_LEAKS();
}

Test(key, planted_things_are_not_followed)
{
        struct scratch s;
        char path[200], target[200];

        scratch_make(&s);
        snprintf(path, sizeof(path), "%s/state", s.root);
        mkdir(path, 0700);
        mkdir(s.state, 0700);
        snprintf(path, sizeof(path), "%s/audit.key", s.state);
        snprintf(target, sizeof(target), "%s/target", s.root);

        scratch_write(target, "0123456789abcdef0123456789abcdef", 0600);
        cr_assert_eq(symlink(target, path), 0);
        try_key(&s, "symbolic link", "symlink to a good key");
        unlink(target);
        try_key(&s, "symbolic link", "dangling symlink");
        cr_expect_eq(access(target, F_OK), -1, "nothing was made where it points");
        unlink(path);

        cr_assert_eq(mkfifo(path, 0600), 0);
        try_key(&s, "regular file", "a pipe, which must not block either");
        unlink(path);
        cr_assert_eq(mkdir(path, 0700), 0);
        try_key(&s, "regular file", "a directory");
        rmdir(path);

        cr_assert_eq(chmod(s.state, 0770), 0);
        try_key(&s, "chmod go-w", "a directory that others may write to");
        cr_assert_eq(chmod(s.state, 0700), 0);
        if (geteuid() == 0) {
                cr_assert_eq(chown(s.state, 12345, 0), 0);
                try_key(&s, "chown 0", "somebody else's directory");
                cr_assert_eq(chown(s.state, 0, 0), 0);
                scratch_write(path, "0123456789abcdef0123456789abcdef", 0600);
                cr_assert_eq(chown(path, 12345, 0), 0);
                try_key(&s, "chown 0", "somebody else's key");
        }
        scratch_remove(s.root);
        CHECK_NO_LEAKS();
}

Test(key, the_same_for_all_who_make_it_at_once)
{
        enum { CHILDREN = 12 };
        struct scratch s;
        int start[2], keys[2];
        uint8_t first[32], other[32];

        scratch_make(&s);
        cr_assert_eq(pipe(start), 0);
        cr_assert_eq(pipe(keys), 0);
        for (int i = 0; i < CHILDREN; i++) {
                if (fork() == 0) {
                        uint8_t key[32] = { 0 };
                        char byte, *message;

                        close(start[1]);
                        while (read(start[0], &byte, 1) > 0)
                                continue;
                        if (audit_file_key(s.state, key, &message) < 0)
                                memset(key, i + 1, sizeof(key));
                        _exit(write(keys[1], key, 32) == 32 ? 0 : 1);
                }
        }
        close(start[0]);
        close(start[1]); /* all start now */
        for (int i = 0; i < CHILDREN; i++) {
                cr_assert_eq(read(keys[0], i ? other : first, 32), 32);
                cr_expect(i == 0 || memcmp(first, other, 32) == 0);
                wait(NULL);
        }
        cr_expect_eq(scratch_count(s.state), 1U);
        scratch_remove(s.root);
        CHECK_NO_LEAKS();
}

Test(key, a_full_disk_leaves_no_half_key)
{
        struct rlimit none = { 16, RLIM_INFINITY }, all = { RLIM_INFINITY, RLIM_INFINITY };
        struct scratch s;

        scratch_make(&s);
        signal(SIGXFSZ, SIG_IGN);
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
        try_key(&s, "cannot be read or made", "full");
        cr_expect_eq(scratch_count(s.state), 0U);
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &all), 0);
        try_key(&s, NULL, "room again");
        scratch_remove(s.root);
        CHECK_NO_LEAKS();
}
