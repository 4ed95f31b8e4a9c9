/* SPDX-License-Identifier: Apache-2.0 */
#include "control_place.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"

#define SESSION "01JABCDEFGHJKMNPQRSTVWXYZ0"

static char base[256];

static void make_base(void)
{
        snprintf(base, sizeof(base), "/tmp/leastwise-place.XXXXXX");
        cr_assert(mkdtemp(base));
}

static const char *in_base(const char *name)
{
        static char path[512];

        snprintf(path, sizeof(path), "%s/%s", base, name);
        return path;
}

static void remove_base(void)
{
        char command[512];

        snprintf(command, sizeof(command), "rm -rf '%s'", base);
        cr_assert_eq(system(command), 0);
}

static void expect_path(size_t index, const char *state_dir, const char *wanted)
{
        char *path = control_place_path(index, state_dir);

        if (wanted)
                cr_expect(path && strcmp(path, wanted) == 0, "%zu: %s", index, path);
        else
                cr_expect_null(path);
        mem_free(path);
}

Test(control_place, paths)
{
        char own[64];

        snprintf(own, sizeof(own), "/run/user/%lu/leastwise", (unsigned long)geteuid());
        setenv("XDG_RUNTIME_DIR", "/x/run", 1);
        expect_path(0, "/s", "/x/run/leastwise");
        expect_path(1, "/s", own);
        expect_path(2, "/s", "/s/control");
        expect_path(2, NULL, NULL);
        expect_path(3, "/s", NULL);
        setenv("XDG_RUNTIME_DIR", "relative", 1);
        expect_path(0, "/s", NULL);
        unsetenv("XDG_RUNTIME_DIR");
        expect_path(0, "/s", NULL);
}

Test(control_place, is_ours_alone, .init = make_base, .fini = remove_base)
{
        char target[512];
        struct stat st;
        int fd;

        cr_expect_eq(control_place_open(in_base("p"), false), -ENOENT);
        cr_expect_eq(control_place_open(in_base("missing/p"), true), -ENOENT, "what is above it is not made");
        umask(0);
        fd = control_place_open(in_base("p"), true);
        cr_assert(fd >= 0);
        cr_expect(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0700);
        close(fd);
        cr_assert_eq(chmod(in_base("p"), 0777), 0);
        fd = control_place_open(in_base("p"), true);
        cr_expect(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0700, "others are shut out");
        close(fd);
        snprintf(target, sizeof(target), "%s", in_base("p"));
        cr_assert_eq(symlink(target, in_base("link")), 0);
        cr_expect_lt(control_place_open(in_base("link"), true), 0);
        close(open(in_base("file"), O_CREAT | O_WRONLY, 0600));
        cr_expect_eq(control_place_open(in_base("file"), true), -ENOTDIR);
}

Test(control_place, of_another_user_is_refused, .init = make_base, .fini = remove_base)
{
        if (geteuid() != 0)
                cr_skip("only root can make what belongs to another user");
        cr_assert_eq(mkdir(in_base("p"), 0777), 0);
        cr_assert_eq(chown(in_base("p"), 65534, 65534), 0);
        cr_expect_eq(control_place_open(in_base("p"), true), -EPERM);
}

Test(control_place, names)
{
        char name[CONTROL_NAME_BYTES];

        control_place_name(name, SESSION);
        cr_expect_str_eq(name, SESSION ".sock");
        cr_expect(control_place_is_name(name));
        cr_expect_not(control_place_is_name(SESSION ".socl"));
        cr_expect_not(control_place_is_name("x" SESSION ".sock"));
        cr_expect_not(control_place_is_name("../" SESSION ".sock"));
        cr_expect_not(control_place_is_name(SESSION ".sock.new"));
        cr_expect_not(control_place_is_name(""));
}

/* Longer than the address of a socket can be. */
static int open_deep(void)
{
        for (int i = 0; i < 3; i++) {
                cr_assert_eq(mkdir(in_base("a-name-of-a-directory-that-is-rather-long-as-names-go"), 0700), 0);
                strcat(base, "/a-name-of-a-directory-that-is-rather-long-as-names-go");
        }
        cr_assert_gt(strlen(base), 108);
        return control_place_open(base, false);
}

Test(control_place, sockets_and_what_is_left_of_them, .init = make_base)
{
        char name[CONTROL_NAME_BYTES], top[256];
        int dir, listener, peer;
        struct stat st;

        snprintf(top, sizeof(top), "%s", base);
        dir = open_deep();
        control_place_name(name, SESSION);
        cr_expect_eq(control_place_connect(dir, name), -ENOENT);
        listener = control_place_listen(dir, name);
        cr_assert(listener >= 0);
        cr_expect(fstatat(dir, name, &st, 0) == 0 && S_ISSOCK(st.st_mode) && (st.st_mode & 0777) == 0600);
        cr_expect_eq(faccessat(dir, SESSION ".sock.new", F_OK, 0), -1);
        cr_expect_eq(fcntl(listener, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
        peer = control_place_connect(dir, name);
        cr_expect(peer >= 0);
        close(peer);
        control_place_sweep(dir);
        cr_expect_eq(faccessat(dir, name, F_OK, 0), 0, "somebody listens");
        /* What is none of ours stays. */
        close(openat(dir, "README", O_CREAT | O_WRONLY, 0600));
        close(listener);
        cr_expect_eq(control_place_connect(dir, name), -ECONNREFUSED);
        control_place_sweep(dir);
        cr_expect_eq(faccessat(dir, name, F_OK, 0), -1);
        cr_expect_eq(faccessat(dir, "README", F_OK, 0), 0);
        /* One that is killed before it has its name: swept after a minute, not while it may be at work. */
        listener = control_place_listen(dir, name);
        close(listener);
        cr_assert_eq(renameat(dir, name, dir, SESSION ".sock.new"), 0);
        control_place_sweep(dir);
        cr_expect_eq(faccessat(dir, SESSION ".sock.new", F_OK, 0), 0);
        cr_assert_eq(utimensat(dir, SESSION ".sock.new", (struct timespec[2]){ { 1, 0 }, { 1, 0 } }, 0), 0);
        control_place_sweep(dir);
        cr_expect_eq(faccessat(dir, SESSION ".sock.new", F_OK, 0), -1);
        close(dir);
        snprintf(base, sizeof(base), "%s", top);
        remove_base();
}
