/* SPDX-License-Identifier: Apache-2.0 */
#include "trust.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "leaks.h"

static char folder[64], state[80], file[80];

static void begin(void)
{
        snprintf(folder, sizeof(folder), "/tmp/leastwise-trust.XXXXXX");
        cr_assert_not_null(mkdtemp(folder));
        snprintf(state, sizeof(state), "%s/state", folder);
        snprintf(file, sizeof(file), "%s/p.yaml", folder);
        close(open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static void end(void)
{
        char command[128];

        snprintf(command, sizeof(command), "rm -rf '%s'", folder);
        cr_assert_eq(system(command), 0);
}

TestSuite(trust, .init = begin, .fini = end);

static void trust(const char *contents)
{
        char digest[TRUST_DIGEST_BYTES];

        trust_digest_of(digest, str_from(contents));
        cr_assert_eq(trust_add(state, file, digest, NULL), 0);
}

Test(trust, what_a_crash_left_is_swept)
{
        const struct timespec then = { .tv_sec = time(NULL) - 4000 };
        char left[200];

        trust("a");
        snprintf(left, sizeof(left), "%s/trust/.~left.01234567", state);
        close(open(left, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        cr_assert_eq(utimensat(AT_FDCWD, left, (const struct timespec[2]){ then, then }, 0), 0);
        cr_expect(trust_holds(state, file, STR("a")));
        cr_expect_eq(access(left, F_OK), 0, "asking changes nothing");
        trust("b");
        cr_expect_eq(access(left, F_OK), -1);
        cr_expect(trust_holds(state, file, STR("b")));
}

Test(trust, is_about_one_path_and_one_contents)
{
        bool was = false;

        cr_expect_not(trust_holds(state, file, STR("a")));
        cr_expect_eq(access(state, F_OK), -1, "asking makes nothing");
        trust("a");
        cr_expect(trust_holds(state, file, STR("a")));
        cr_expect_not(trust_holds(state, file, STR("b")));
        cr_expect_not(trust_holds(state, "/other", STR("a")));
        trust("b");
        cr_expect(trust_holds(state, file, STR("b")) && !trust_holds(state, file, STR("a")));
        cr_expect_eq(trust_remove(state, file, &was, NULL), 0);
        cr_expect(was);
        cr_expect_not(trust_holds(state, file, STR("b")));
        cr_expect_eq(trust_remove(state, file, &was, NULL), 0);
        cr_expect_not(was);
        CHECK_NO_LEAKS();
}

Test(trust, entries_that_others_could_write_do_not_count)
{
        char command[512];

        trust("a");
        snprintf(command, sizeof(command), "chmod 0666 '%s'/trust/*", state);
        cr_assert_eq(system(command), 0);
        cr_expect_not(trust_holds(state, file, STR("a")));
        snprintf(command, sizeof(command), "chmod 0600 '%s'/trust/*; chmod 0777 '%s/trust'", state, state);
        cr_assert_eq(system(command), 0);
        cr_expect_not(trust_holds(state, file, STR("a")));
        snprintf(command, sizeof(command), "chmod 0700 '%s/trust'; cd '%s/trust' && for f in *; do mv $f ../x && ln -s ../x $f; done", state, state);
        cr_assert_eq(system(command), 0);
        cr_expect_not(trust_holds(state, file, STR("a")));
}

Test(trust, paths_are_whole_and_without_links)
{
        char link[96], *a, *b;

        snprintf(link, sizeof(link), "%s/link.yaml", folder);
        cr_assert_eq(symlink("p.yaml", link), 0);
        a = trust_path_of(file);
        b = trust_path_of(link);
        cr_expect_str_eq(a, b);
        cr_expect_null(trust_path_of("/nonexistent/p.yaml"));
        mem_free(a);
        mem_free(b);
        CHECK_NO_LEAKS();
}
