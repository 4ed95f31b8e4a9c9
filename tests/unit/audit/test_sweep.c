/* SPDX-License-Identifier: Apache-2.0 */
#include "state_sweep.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char folder[64];
static int dir_fd;

static void begin(void)
{
        snprintf(folder, sizeof(folder), "/tmp/leastwise-sweep.XXXXXX");
        cr_assert_not_null(mkdtemp(folder));
        dir_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        cr_assert_geq(dir_fd, 0);
}

static void end(void)
{
        char command[128];

        close(dir_fd);
        snprintf(command, sizeof(command), "rm -rf '%s'", folder);
        cr_assert_eq(system(command), 0);
}

TestSuite(sweep, .init = begin, .fini = end);

static void age(const char *name, time_t seconds)
{
        const time_t then = time(NULL) - seconds;
        const struct timespec times[2] = { { .tv_sec = then }, { .tv_sec = then } };

        cr_assert_eq(utimensat(dir_fd, name, times, AT_SYMLINK_NOFOLLOW), 0, "%s", name);
}

static void make(const char *name, time_t seconds)
{
        close(openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        age(name, seconds);
}

static bool is_there(const char *name)
{
        struct stat st;

        return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

Test(sweep, what_is_old_and_nobodys_goes)
{
        make(".~job.0123456789abcdef.0123456789abcdef", 4000);
        make(".~fresh", 3000);
        make(".~to-come", -100000);
        make("job.0123456789abcdef", 400000);
        make(".job.0123456789abcdef.0123456789abcdef", 400000);
        make("~", 400000);
        cr_assert_eq(mkdirat(dir_fd, ".~folder", 0700), 0);
        age(".~folder", 400000);
        cr_assert_eq(symlinkat("job.0123456789abcdef", dir_fd, ".~link"), 0);
        age(".~link", 400000);
        cr_expect_eq(state_sweep(dir_fd), 1U);
        cr_expect_not(is_there(".~job.0123456789abcdef.0123456789abcdef"));
        cr_expect(is_there(".~fresh") && is_there(".~to-come") && is_there("job.0123456789abcdef") && is_there("~"));
        cr_expect(is_there(".job.0123456789abcdef.0123456789abcdef") && is_there(".~folder") && is_there(".~link"));
        cr_expect_eq(state_sweep(dir_fd), 0U);
}

Test(sweep, of_a_name_with_two_links_one_goes)
{
        make("kept", 4000);
        cr_assert_eq(linkat(dir_fd, "kept", dir_fd, ".~kept", 0), 0);
        cr_expect_eq(state_sweep(dir_fd), 1U);
        cr_expect(is_there("kept"));
}

Test(sweep, what_is_no_directory_is_left_alone)
{
        cr_expect_eq(state_sweep(-1), 0U);
}
