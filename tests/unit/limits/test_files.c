/* SPDX-License-Identifier: Apache-2.0
 *
 * The store in files: shared, lasting, and never free of charge when something is wrong with it.
 */
#include "limits_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "alloc.h"
#include "audit/scratch.h"
#include "window_file.h"

#define NOW 1750000000000ULL
#define HOUR 3600000ULL
#define STATE "job.0123456789abcdef"

struct files {
        struct scratch at;
        char path[200];
        struct limit_files *files;
        struct limit_store store;
        struct limit_use use;
        struct buf problem;
};

static void open_store(struct files *f)
{
        cr_assert_eq(limit_files_new(&f->files, f->at.state, false), 0);
        f->store = limit_files_store(f->files);
}

static void begin(struct files *f)
{
        *f = (struct files){ .problem = BUF_INIT(10000) };
        scratch_make(&f->at);
        snprintf(f->path, sizeof(f->path), "%s/limits/" STATE, f->at.state);
        open_store(f);
}

static void end(struct files *f)
{
        limit_files_free(f->files);
        buf_deinit(&f->problem);
        scratch_remove(f->at.root);
}

static enum limit_store_result take(struct files *f, uint64_t most, uint64_t now_ms)
{
        size_t at;

        f->use = (struct limit_use){
                .state = STR(STATE), .title = STR("limits.tools[0].calls"), .span_ms = HOUR, .most = amount_of(most), .add = amount_of(1)
        };
        buf_clear(&f->problem, 10000);
        return f->store.reserve(f->store.userdata, &f->use, 1, now_ms, &at, &f->problem);
}

static bool says(const struct files *f, const char *words)
{
        return memmem(f->problem.data, f->problem.len, words, strlen(words)) != NULL;
}

static void leave(const char *path, time_t seconds)
{
        const struct timespec then = { .tv_sec = time(NULL) - seconds };

        close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        cr_assert_eq(utimensat(AT_FDCWD, path, (const struct timespec[2]){ then, then }, 0), 0);
}

Test(files, what_a_killed_proxy_left_is_swept)
{
        struct files f;
        char old[250], fresh[250];

        begin(&f);
        cr_assert_eq(take(&f, 5, NOW), LIMIT_STORE_RESERVED);
        limit_files_free(f.files);
        snprintf(old, sizeof(old), "%s/limits/.~" STATE ".0123456789abcdef", f.at.state);
        snprintf(fresh, sizeof(fresh), "%s/limits/.~" STATE ".fedcba9876543210", f.at.state);
        leave(old, 4000);
        leave(fresh, 60);
        open_store(&f);
        cr_assert_eq(take(&f, 2, NOW), LIMIT_STORE_RESERVED);
        cr_expect_eq(access(old, F_OK), -1);
        cr_expect_eq(access(fresh, F_OK), 0);
        cr_expect_eq(take(&f, 2, NOW), LIMIT_STORE_EXHAUSTED);
        end(&f);
}

Test(files, a_count_survives_and_is_shared)
{
        struct files f;
        struct limit_files *other;
        char *text;
        size_t len;

        begin(&f);
        cr_assert_eq(take(&f, 3, NOW), LIMIT_STORE_RESERVED);
        cr_expect_eq(scratch_mode(f.path), 0600);
        text = scratch_read(f.path, &len);
        cr_expect_eq(len, WINDOW_FILE_BYTES);
        cr_expect_eq(strncmp(text, "leastwise limit 1\n" STATE "\nlimits.tools[0].calls\n", 60), 0);
        free(text);
        other = f.files;
        open_store(&f);
        cr_expect_eq(take(&f, 3, NOW + 1), LIMIT_STORE_RESERVED);
        cr_expect_eq(take(&f, 3, NOW + 2), LIMIT_STORE_RESERVED);
        cr_expect_eq(take(&f, 3, NOW + 3), LIMIT_STORE_EXHAUSTED);
        cr_expect_eq(f.use.used.units, 3);
        cr_expect_eq(f.use.frees_at_ms, NOW / (HOUR / 60) * (HOUR / 60) + HOUR + HOUR / 60);
        limit_files_free(f.files);
        f.files = other;
        f.store = limit_files_store(other);
        cr_expect_eq(take(&f, 3, NOW + 4), LIMIT_STORE_EXHAUSTED);
        cr_expect_eq(take(&f, 4, NOW + 4), LIMIT_STORE_RESERVED, "the number may change");
        f.store.give_back(f.store.userdata, &f.use, 1);
        cr_expect_eq(take(&f, 4, NOW + 4), LIMIT_STORE_RESERVED);
        cr_expect_eq(take(&f, 4, NOW + 4), LIMIT_STORE_EXHAUSTED);
        cr_expect_eq(take(&f, 4, NOW - 1000 * HOUR), LIMIT_STORE_EXHAUSTED, "a clock set back");
        cr_expect_eq(take(&f, 4, NOW + 2 * HOUR), LIMIT_STORE_RESERVED);
        end(&f);
}

Test(files, a_slot_that_is_torn_leaves_the_other)
{
        struct files f;
        struct str notice;
        int fd;

        for (unsigned torn = 0; torn < 2; torn++) {
                begin(&f);
                cr_assert_eq(take(&f, 5, NOW), LIMIT_STORE_RESERVED);
                cr_assert_eq(take(&f, 5, NOW), LIMIT_STORE_RESERVED);
                cr_expect_not(limit_files_take_notice(f.files, &notice));
                limit_files_free(f.files);
                fd = open(f.path, O_WRONLY | O_CLOEXEC);
                cr_assert_eq(pwrite(fd, "xxxx", 4, WINDOW_FILE_SLOT_AT(torn) + 100), 4);
                close(fd);
                open_store(&f);
                /* At least what was counted before the last, torn, reservation. */
                cr_expect_eq(take(&f, 1, NOW), LIMIT_STORE_EXHAUSTED, "slot %u", torn);
                cr_expect_geq(f.use.used.units, 1);
                if (f.use.used.units == 1)
                        cr_expect(limit_files_take_notice(f.files, &notice));
                end(&f);
        }
}

static void spoil(struct files *f, unsigned how)
{
        int fd = open(f->path, O_WRONLY | O_CLOEXEC);

        switch (how) {
        case 0: /* both slots */
                cr_assert_eq(pwrite(fd, "x", 1, WINDOW_FILE_SLOT_AT(0) + 40), 1);
                cr_assert_eq(pwrite(fd, "x", 1, WINDOW_FILE_SLOT_AT(1) + 40), 1);
                break;
        case 1:
                cr_assert_eq(ftruncate(fd, 0), 0);
                break;
        case 2:
                cr_assert_eq(ftruncate(fd, WINDOW_FILE_BYTES - 1), 0);
                break;
        case 3: /* all zero, as some file systems leave what was not written out */
                cr_assert_eq(ftruncate(fd, 0), 0);
                cr_assert_eq(ftruncate(fd, WINDOW_FILE_BYTES), 0);
                break;
        case 4:
                cr_assert_eq(fchmod(fd, 0644), 0);
                break;
        case 5:
                cr_assert_eq(rename(f->path, f->at.root) != 0, 1);
                cr_assert_eq(unlink(f->path), 0);
                cr_assert_eq(symlink("/dev/null", f->path), 0);
                break;
        case 6:
                cr_assert_eq(unlink(f->path), 0);
                cr_assert_eq(mkfifo(f->path, 0600), 0);
                break;
        case 7:
                cr_assert_eq(unlink(f->path), 0);
                cr_assert_eq(mkdir(f->path, 0700), 0);
                break;
        default:
                if (geteuid() == 0)
                        cr_assert_eq(fchown(fd, 12345, 12345), 0);
                else
                        cr_assert_eq(fchmod(fd, 0660), 0);
                break;
        }
        close(fd);
}

Test(files, what_is_not_our_whole_file_counts_nothing)
{
        static const char *const words[] = { "damaged", "damaged", "damaged", "damaged", "chmod 600", "symbolic link", "not a regular file",
                STATE, NULL };

        for (unsigned how = 0; how < 9; how++) {
                struct files f;

                begin(&f);
                cr_assert_eq(take(&f, 5, NOW), LIMIT_STORE_RESERVED);
                limit_files_free(f.files);
                spoil(&f, how);
                open_store(&f);
                for (int i = 0; i < 2; i++) {
                        cr_expect_eq(take(&f, 5, NOW), LIMIT_STORE_FAILED, "case %u", how);
                        cr_expect(!words[how] || says(&f, words[how]), "case %u: %s", how, f.problem.data);
                }
                /* Mended as the text says. */
                remove(f.path);
                cr_expect_eq(take(&f, 5, NOW), LIMIT_STORE_RESERVED, "case %u: %s", how, f.problem.data);
                end(&f);
        }
}

Test(files, a_file_removed_or_put_back_frees_nothing)
{
        struct files f;
        struct str notice;
        char *old;
        size_t len;
        int fd;

        begin(&f);
        cr_assert_eq(take(&f, 3, NOW), LIMIT_STORE_RESERVED);
        old = scratch_read(f.path, &len);
        cr_assert_eq(take(&f, 3, NOW), LIMIT_STORE_RESERVED);
        cr_assert_eq(unlink(f.path), 0);
        cr_expect_eq(take(&f, 3, NOW), LIMIT_STORE_RESERVED);
        cr_expect(limit_files_take_notice(f.files, &notice));
        cr_expect(memmem(notice.ptr, notice.len, "was removed", 11));
        cr_expect_eq(take(&f, 3, NOW), LIMIT_STORE_EXHAUSTED);
        fd = open(f.path, O_WRONLY | O_CLOEXEC);
        cr_assert_eq(pwrite(fd, old, len, 0), (ssize_t)len);
        close(fd);
        cr_expect_eq(take(&f, 3, NOW), LIMIT_STORE_EXHAUSTED);
        free(old);
        end(&f);
}

Test(files, the_directory_comes_back)
{
        struct files f;

        begin(&f);
        cr_assert_eq(take(&f, 3, NOW), LIMIT_STORE_RESERVED);
        scratch_remove(f.at.state);
        cr_expect_eq(take(&f, 3, NOW), LIMIT_STORE_RESERVED, "%s", f.problem.data);
        cr_expect_eq(take(&f, 3, NOW), LIMIT_STORE_RESERVED);
        cr_expect_eq(take(&f, 3, NOW), LIMIT_STORE_EXHAUSTED);
        end(&f);
}

Test(files, a_directory_that_others_can_write_is_refused)
{
        struct files f;
        char dir[200];

        begin(&f);
        snprintf(dir, sizeof(dir), "%s/limits", f.at.state);
        cr_expect_eq(access(dir, F_OK), -1, "nothing is made before it is needed");
        cr_assert_eq(take(&f, 3, NOW), LIMIT_STORE_RESERVED);
        limit_files_free(f.files);
        cr_assert_eq(chmod(dir, 0770), 0);
        open_store(&f);
        cr_expect_eq(take(&f, 3, NOW), LIMIT_STORE_FAILED);
        cr_expect(says(&f, "others may write"));
        cr_assert_eq(chmod(dir, 0500), 0);
        cr_assert_eq(unlink(f.path), geteuid() == 0 ? 0 : -1);
        /* The superuser may write anywhere; for others the directory is read-only now. */
        cr_expect_eq(take(&f, 3, NOW), LIMIT_STORE_RESERVED);
        end(&f);
}

Test(files, a_lock_held_for_too_long_refuses)
{
        struct files f;
        int fd;

        begin(&f);
        cr_assert_eq(take(&f, 3, NOW), LIMIT_STORE_RESERVED);
        fd = open(f.path, O_RDWR | O_CLOEXEC);
        cr_assert_eq(flock(fd, LOCK_EX), 0);
        cr_expect_eq(take(&f, 3, NOW), LIMIT_STORE_FAILED);
        cr_expect(says(&f, "another proxy has held its lock"));
        close(fd);
        cr_expect_eq(take(&f, 3, NOW), LIMIT_STORE_RESERVED);
        end(&f);
}

Test(files, all_windows_of_a_call_or_none)
{
        struct files f;
        struct limit_use uses[3];
        size_t at = 9;

        begin(&f);
        for (int i = 0; i < 3; i++)
                uses[i] = (struct limit_use){ .state = i == 0   ? STR("z.0000000000000000")
                                                       : i == 1 ? STR("a.0000000000000000")
                                                                : STR("m.0000000000000000"),
                        .span_ms = HOUR,
                        .most = amount_of(i == 1 ? 1 : 5),
                        .add = amount_of(1) };
        cr_assert_eq(f.store.reserve(f.store.userdata, uses, 3, NOW, &at, &f.problem), LIMIT_STORE_RESERVED);
        for (int i = 0; i < 20; i++) {
                cr_assert_eq(f.store.reserve(f.store.userdata, uses, 3, NOW, &at, &f.problem), LIMIT_STORE_EXHAUSTED);
                cr_assert(str_starts_with(uses[at].state, STR("a.")));
        }
        for (int i = 0; i < 3; i++)
                uses[i].most = amount_of(2);
        cr_expect_eq(f.store.reserve(f.store.userdata, uses, 3, NOW, &at, &f.problem), LIMIT_STORE_RESERVED);
        cr_expect_eq(f.store.reserve(f.store.userdata, uses, 3, NOW, &at, &f.problem), LIMIT_STORE_EXHAUSTED);
        end(&f);
}

/* In a child: @times reservations; its exit status says nothing, the byte count in the pipe how many were given. */
static void reserve_many(struct files *f, int times, uint64_t most, int report)
{
        open_store(f);
        for (int i = 0; i < times; i++) {
                if (take(f, most, NOW + (uint64_t)i) == LIMIT_STORE_RESERVED && write(report, "r", 1) != 1)
                        _exit(1);
        }
        limit_files_free(f->files);
        _exit(0);
}

static uint64_t count_bytes(int fd)
{
        char bytes[4096];
        uint64_t count = 0;
        ssize_t n;

        while ((n = read(fd, bytes, sizeof(bytes))) > 0)
                count += (uint64_t)n;
        return count;
}

Test(files, eight_proxies_never_exceed_a_limit)
{
        struct files f;
        int report[2];
        uint64_t given;

        begin(&f);
        cr_assert_eq(pipe2(report, O_CLOEXEC), 0);
        for (int i = 0; i < 8; i++) {
                pid_t pid = fork();

                cr_assert_geq(pid, 0);
                if (pid == 0)
                        reserve_many(&f, 1000, 5000, report[1]);
        }
        close(report[1]);
        given = count_bytes(report[0]);
        for (int status, i = 0; i < 8; i++) {
                wait(&status);
                cr_expect_eq(status, 0);
        }
        close(report[0]);
        cr_expect_leq(given, 5000);
        cr_expect_geq(given, 4900, "few were refused for want of the lock: %lu", (unsigned long)given);
        cr_expect_eq(take(&f, given, NOW + 1000), LIMIT_STORE_EXHAUSTED, "everything given is counted");
        cr_expect_eq(f.use.used.units, given);
        end(&f);
}

/* Whoever is killed may have counted one that he did not live to use, and never used one that is not counted. */
Test(files, killed_in_the_middle)
{
        struct files f;

        begin(&f);
        for (int round = 0; round < 40; round++) {
                struct timespec pause = { .tv_nsec = 100000L + round * 50000L };
                uint64_t before, given;
                int report[2];
                pid_t pid;

                cr_expect_neq(take(&f, 0, NOW + 3000), LIMIT_STORE_FAILED);
                before = f.use.used.units;
                cr_assert_eq(pipe2(report, O_CLOEXEC), 0);
                pid = fork();
                if (pid == 0)
                        reserve_many(&f, 100000, UINT32_MAX, report[1]);
                close(report[1]);
                nanosleep(&pause, NULL);
                kill(pid, SIGKILL);
                waitpid(pid, NULL, 0);
                given = count_bytes(report[0]);
                close(report[0]);
                cr_expect_eq(take(&f, 0, NOW + 3000), LIMIT_STORE_EXHAUSTED, "%s", f.problem.data ? f.problem.data : "");
                cr_expect_geq(f.use.used.units, before + given, "round %d", round);
                cr_expect_leq(f.use.used.units, before + given + 1, "round %d", round);
        }
        end(&f);
}
