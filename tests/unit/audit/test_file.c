/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_file.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <time.h>

#include "alloc.h"
#include "leaks.h"
#include "scratch.h"

#define SESSION STR("01JD4RXZ7Q8WYTCAVK2M3N5P6R")

static struct audit_file *file_of(const struct scratch *s, bool durable)
{
        struct audit_file *file = NULL;
        char *message = NULL;

        cr_assert_eq(audit_file_new(&file, s->state, SESSION, durable, &message), 0, "%s", message);
        cr_assert_null(message);
        return file;
}

static void expect_content(const char *path, const char *expected)
{
        size_t len;
        char *content = scratch_read(path, &len);

        cr_expect_str_eq(content, expected);
        cr_expect_eq(len, strlen(expected));
        free(content);
}

/* The presence of the file is looked at when the coarse second changes. */
static void wait_for_the_next_second(void)
{
        struct timespec now, pause = { 0, 2000000 };
        time_t first;

        clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
        for (first = now.tv_sec; now.tv_sec == first; clock_gettime(CLOCK_MONOTONIC_COARSE, &now))
                nanosleep(&pause, NULL);
}

static void set_file_size_limit(rlim_t bytes)
{
        struct rlimit limit = { bytes, RLIM_INFINITY };

        signal(SIGXFSZ, SIG_IGN);
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

Test(file, appears_with_its_first_record)
{
        struct audit_file *file;
        char dir[200];
        struct scratch s;

        scratch_make(&s);
        umask(0);
        file = file_of(&s, true);
        snprintf(dir, sizeof(dir), "%s/audit", s.state);
        cr_expect_eq(scratch_mode(dir), 0700U);
        cr_expect_eq(scratch_count(dir), 0U);
        cr_expect_eq(audit_file_write(file, STR("")), 0);
        cr_expect_eq(scratch_count(dir), 0U);

        cr_expect_eq(audit_file_write(file, STR("{\"seq\":1}\n")), 0);
        cr_expect_eq(audit_file_write(file, STR("{\"seq\":2}\n{\"seq\":3}\n")), 0);
        expect_content(audit_file_path(file), "{\"seq\":1}\n{\"seq\":2}\n{\"seq\":3}\n");
        cr_expect_eq(scratch_mode(audit_file_path(file)), 0600U);
        cr_expect_not_null(strstr(audit_file_path(file), "Z-01JD4RXZ7Q8WYTCAVK2M3N5P6R.jsonl"));
        cr_expect_eq(strncmp(audit_file_path(file), dir, strlen(dir)), 0);
        cr_expect_null(audit_file_free(file));
        scratch_remove(s.root);
        CHECK_NO_LEAKS();
}

Test(file, never_opens_what_is_there_already)
{
        struct audit_file *file;
        struct scratch s;
        char first[300], target[100];

        scratch_make(&s);
        file = file_of(&s, false);
        snprintf(first, sizeof(first), "%s", audit_file_path(file));
        snprintf(target, sizeof(target), "%s/target", s.root);
        cr_assert_eq(symlink(target, first), 0);
        cr_expect_eq(audit_file_write(file, STR("1\n")), 0);
        cr_expect_eq(access(target, F_OK), -1, "a planted link is not followed");
        cr_expect_not_null(strstr(audit_file_path(file), "-2.jsonl"));
        expect_content(audit_file_path(file), "1\n");
        audit_file_free(file);
        scratch_remove(s.root);
        CHECK_NO_LEAKS();
}

Test(file, a_write_that_fails_half_way_is_cut_off)
{
        struct audit_file *file;
        struct scratch s;

        scratch_make(&s);
        file = file_of(&s, false);
        cr_expect_eq(audit_file_write(file, STR("first\n")), 0);
        for (rlim_t limit = 6; limit < 13; limit++) {
                set_file_size_limit(limit);
                cr_expect_eq(audit_file_write(file, STR("second\n")), -EFBIG);
                expect_content(audit_file_path(file), "first\n");
        }
        set_file_size_limit(13);
        cr_expect_eq(audit_file_write(file, STR("second\n")), 0, "room again");
        expect_content(audit_file_path(file), "first\nsecond\n");
        cr_expect_null(strstr(audit_file_path(file), "-2.jsonl"));
        audit_file_free(file);
        scratch_remove(s.root);
        CHECK_NO_LEAKS();
}

Test(file, a_torn_record_is_a_line_of_its_own)
{
        struct audit_file *file;
        struct scratch s;
        FILE *other;

        scratch_make(&s);
        file = file_of(&s, false);
        cr_expect_eq(audit_file_write(file, STR("first\n")), 0);
        /* Somebody else's bytes are never cut off, so neither is what stands before them. */
        other = fopen(audit_file_path(file), "ae");
        fputs("other\n", other);
        fclose(other);
        set_file_size_limit(15);
        cr_expect_eq(audit_file_write(file, STR("second\n")), -EFBIG);
        expect_content(audit_file_path(file), "first\nother\nsec");
        cr_expect_eq(audit_file_write(file, STR("third\n")), -EFBIG);
        set_file_size_limit(RLIM_INFINITY);
        cr_expect_eq(audit_file_write(file, STR("fourth\n")), 0);
        cr_expect_eq(audit_file_write(file, STR("fifth\n")), 0);
        expect_content(audit_file_path(file), "first\nother\nsec\nfourth\nfifth\n");
        audit_file_free(file);
        scratch_remove(s.root);
        CHECK_NO_LEAKS();
}

Test(file, made_anew_when_it_has_gone)
{
        struct audit_file *file;
        char second[300];
        struct scratch s;

        scratch_make(&s);
        file = file_of(&s, true);
        cr_expect_eq(audit_file_write(file, STR("1\n")), 0);
        unlink(audit_file_path(file));
        wait_for_the_next_second();
        cr_expect_eq(audit_file_write(file, STR("2\n")), 0);
        snprintf(second, sizeof(second), "%s", audit_file_path(file));
        cr_expect_not_null(strstr(second, "-2.jsonl"));
        expect_content(second, "2\n");

        scratch_remove(s.root);
        wait_for_the_next_second();
        cr_expect_eq(audit_file_write(file, STR("3\n")), 0, "with all its directories");
        cr_expect_not_null(strstr(audit_file_path(file), "-3.jsonl"));
        expect_content(audit_file_path(file), "3\n");
        audit_file_free(file);
        scratch_remove(s.root);
        CHECK_NO_LEAKS();
}

Test(file, nothing_is_written_where_others_could_change_it)
{
        static const struct {
                const char *name;
                bool audit; /* the directory in the state directory */
                mode_t mode;
                const char *fails;
        } rows[] = {
                { "ours", true, 0700, NULL },
                { "readable by others", true, 0755, NULL },
                { "the audit directory, group", true, 0770, "chmod go-w" },
                { "the audit directory, others", true, 0702, "chmod go-w" },
                { "the state directory", false, 0777, "chmod go-w" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct audit_file *file = NULL;
                char *message = NULL, dir[200];
                struct scratch s;
                int r;

                scratch_make(&s);
                audit_file_free(file_of(&s, false));
                snprintf(dir, sizeof(dir), "%s%s", s.state, rows[i].audit ? "/audit" : "");
                cr_assert_eq(chmod(dir, rows[i].mode), 0);
                r = audit_file_new(&file, s.state, SESSION, false, &message);
                cr_expect_eq(r, rows[i].fails ? -EPERM : 0, "row %s", rows[i].name);
                cr_expect(!rows[i].fails || (strstr(message, rows[i].fails) && strstr(message, dir)), "row %s: %s",
                        rows[i].name, message);
                mem_free(message);
                audit_file_free(file);
                scratch_remove(s.root);
        }
        CHECK_NO_LEAKS();
}

Test(file, directories_that_cannot_be_used)
{
        static const struct str sessions[] = { STR_INIT(""), STR_INIT("a/b"), STR_INIT("a\0b") };
        struct audit_file *file = NULL;
        char path[200], *message = NULL;
        struct scratch s;

        scratch_make(&s);
        for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++)
                cr_expect_eq(audit_file_new(&file, s.state, sessions[i], false, &message), -EINVAL);
        cr_expect_eq(audit_file_new(&file, "state", SESSION, false, &message), -EINVAL);
        cr_expect(message && strstr(message, "must begin with /"), "%s", message);
        mem_free(message);

        snprintf(path, sizeof(path), "%s/state", s.root);
        scratch_write(path, "", 0600);
        cr_expect_eq(audit_file_new(&file, s.state, SESSION, false, &message), -ENOTDIR);
        cr_expect(message && strstr(message, s.state), "%s", message);
        mem_free(message);
        unlink(path);

        mkdir(path, 0700);
        mkdir(s.state, 0700);
        snprintf(path, sizeof(path), "%s/audit", s.state);
        cr_assert_eq(symlink("/tmp", path), 0);
        cr_expect_lt(audit_file_new(&file, s.state, SESSION, false, &message), 0, "a planted link is not followed");
        cr_expect(message && strstr(message, path), "%s", message);
        mem_free(message);
        cr_expect_null(file);
        scratch_remove(s.root);
        CHECK_NO_LEAKS();
}

Test(file, made_unsafe_while_running)
{
        struct audit_file *file;
        char dir[200];
        struct scratch s;

        scratch_make(&s);
        file = file_of(&s, false);
        snprintf(dir, sizeof(dir), "%s/audit", s.state);
        cr_assert_eq(chmod(dir, 0777), 0);
        cr_expect_eq(audit_file_write(file, STR("1\n")), -EPERM);
        cr_expect_eq(scratch_count(dir), 0U);
        cr_assert_eq(chmod(dir, 0700), 0);
        cr_expect_eq(audit_file_write(file, STR("1\n")), 0);
        audit_file_free(file);
        scratch_remove(s.root);
        CHECK_NO_LEAKS();
}

/* Root may write anywhere: as somebody else. */
Test(file, a_directory_that_became_read_only)
{
        struct audit_file *file;
        char dir[200];
        struct scratch s;

        if (geteuid() == 0) {
                cr_assert_eq(setegid(65534), 0);
                cr_assert_eq(seteuid(65534), 0);
        }
        scratch_make(&s);
        file = file_of(&s, false);
        snprintf(dir, sizeof(dir), "%s/audit", s.state);
        cr_assert_eq(chmod(dir, 0500), 0);
        cr_expect_eq(audit_file_write(file, STR("1\n")), -EACCES);
        cr_assert_eq(chmod(dir, 0700), 0);
        cr_expect_eq(audit_file_write(file, STR("1\n")), 0);
        expect_content(audit_file_path(file), "1\n");
        audit_file_free(file);
        scratch_remove(s.root);
        if (getuid() == 0)
                cr_assert_eq(seteuid(0), 0); /* the leak checker needs it */
        CHECK_NO_LEAKS();
}

struct failing {
        size_t asked, fail_at, live;
};

static void *failing_resize(void *userdata, void *ptr, size_t size)
{
        struct failing *f = userdata;

        if (++f->asked == f->fail_at)
                return NULL;
        f->live += !ptr;
        return realloc(ptr, size);
}

static void failing_release(void *userdata, void *ptr)
{
        ((struct failing *)userdata)->live--;
        free(ptr);
}

Test(file, without_memory_it_fails_and_works_again)
{
        size_t failures = 0;

        for (size_t n = 1; n < 50; n++) {
                struct failing f = { .fail_at = n };
                struct allocator allocator = { failing_resize, failing_release, &f };
                struct audit_file *file = NULL;
                char *message = NULL;
                struct scratch s;

                scratch_make(&s);
                mem_set_allocator(&allocator);
                if (audit_file_new(&file, s.state, SESSION, false, &message) == 0 &&
                        audit_file_write(file, STR("1\n")) < 0)
                        cr_expect_eq(audit_file_write(file, STR("1\n")), 0, "allocation %zu", n);
                failures += f.asked >= n;
                if (file)
                        expect_content(audit_file_path(file), "1\n");
                audit_file_free(file);
                mem_free(message);
                mem_set_allocator(NULL);
                cr_assert_eq(f.live, 0U, "allocation %zu", n);
                scratch_remove(s.root);
        }
        cr_expect_geq(failures, 5U);
        CHECK_NO_LEAKS();
}
