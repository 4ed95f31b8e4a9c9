/* SPDX-License-Identifier: Apache-2.0
 *
 * On a tree of its own; $ stands for its folder.
 */
#include "path_resolver.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "path.h"

enum made { DIRECTORY, REGULAR, LINK };

/* In the order in which they are made; removed the other way round. */
static const struct {
        enum made kind;
        const char *path, *target;
} tree[] = {
        { DIRECTORY, "$/work" },
        { DIRECTORY, "$/work/sub" },
        { DIRECTORY, "$/outside" },
        { REGULAR, "$/work/file" },
        { REGULAR, "$/outside/secret" },
        { LINK, "$/work/in", "sub" },
        { LINK, "$/work/sub/up", "../file" },
        { LINK, "$/work/out", "../outside" },
        { LINK, "$/work/out-absolute", "$/outside/secret" },
        { LINK, "$/work/chain-1", "chain-2" },
        { LINK, "$/work/chain-2", "sub/../chain-3" },
        { LINK, "$/work/chain-3", "out/secret" },
        { LINK, "$/work/loop-1", "loop-2" },
        { LINK, "$/work/loop-2", "loop-1" },
        { LINK, "$/work/self", "self" },
        { LINK, "$/work/dangling", "sub/none" },
        { LINK, "$/work/dangling-out", "../outside/none" },
        { LINK, "$/work/cwd", "/proc/self/cwd" },
        { LINK, "$/work/root", "/" },
        { LINK, "$/home", "work" },
};

#define TREE_COUNT (sizeof(tree) / sizeof(tree[0]))

static char folder[PATH_MAX];

/* @template with the tree's folder for its leading $. */
static struct str in_tree(char space[static PATH_MAX], const char *template)
{
        int n = snprintf(space, PATH_MAX, "%s%s", template[0] == '$' ? folder : "", template + (template[0] == '$'));

        return str_of(space, (size_t)n);
}

static void make_tree(void)
{
        char made[] = "/tmp/leastwise-resolver.XXXXXX", path[PATH_MAX], target[PATH_MAX];

        cr_assert(mkdtemp(made) && realpath(made, folder));
        for (size_t i = 0; i < TREE_COUNT; i++) {
                FILE *file;

                in_tree(path, tree[i].path);
                if (tree[i].kind == DIRECTORY)
                        cr_assert_eq(mkdir(path, 0700), 0);
                else if (tree[i].kind == LINK) {
                        in_tree(target, tree[i].target);
                        cr_assert_eq(symlink(target, path), 0);
                } else {
                        file = fopen(path, "we");
                        cr_assert(file && fclose(file) == 0);
                }
        }
}

static void remove_tree(void)
{
        char path[PATH_MAX];

        for (size_t i = TREE_COUNT; i-- > 0;) {
                in_tree(path, tree[i].path);
                cr_expect_eq(remove(path), 0, "%s", path);
        }
        cr_expect_eq(rmdir(folder), 0);
}

TestSuite(path_resolver, .init = make_tree, .fini = remove_tree);

Test(path_resolver, where_paths_lead)
{
        static const struct {
                const char *path, *real; /* no @real: @error */
                int error;
        } rows[] = {
                { "/", "/" },
                { "/none-of-this/a", "/none-of-this/a" },
                { "$", "$" },
                { "$/work", "$/work" },
                { "$/work/file", "$/work/file" },
                { "$/work/none", "$/work/none" },
                { "$/work/none/a/b", "$/work/none/a/b" },
                { "$/work/in", "$/work/sub" },
                { "$/work/in/none", "$/work/sub/none" },
                { "$/work/in/up", "$/work/file" },
                { "$/work/out", "$/outside" },
                { "$/work/out/secret", "$/outside/secret" },
                { "$/work/out/none/a", "$/outside/none/a" },
                { "$/work/out-absolute", "$/outside/secret" },
                { "$/work/chain-1", "$/outside/secret" },
                { "$/work/root", "/" },
                { "$/work/root/none-of-this/a", "/none-of-this/a" },
                { "$/home/file", "$/work/file" },
                { "$/work/loop-1", NULL, -ELOOP },
                { "$/work/loop-1/a", NULL, -ELOOP },
                { "$/work/self", NULL, -ELOOP },
                { "$/work/dangling", NULL, -ENOENT },
                { "$/work/dangling/a", NULL, -ENOENT },
                { "$/work/dangling-out", NULL, -ENOENT },
                { "$/work/file/a", NULL, -ENOTDIR },
                { "$/work/out-absolute/a/b", NULL, -ENOTDIR },
                { "work", NULL, -EINVAL },
                { "", NULL, -EINVAL },
        };
        char path[PATH_MAX], real[PATH_MAX];

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                AUTO_BUF struct buf out = BUF_INIT(PATH_MAX);
                int r = path_resolver_resolve(NULL, in_tree(path, rows[i].path), &out);

                if (rows[i].real) {
                        cr_expect_eq(r, 0, "%s: %d", rows[i].path, r);
                        cr_expect(str_eq(buf_str(&out), in_tree(real, rows[i].real)), "%s: %.*s", rows[i].path,
                                STR_FMT(buf_str(&out)));
                } else {
                        cr_expect_eq(r, rows[i].error, "%s: %d", rows[i].path, r);
                        cr_expect_eq(out.len, 0);
                }
        }
}

/* Where the kernel can tell. */
Test(path_resolver, links_that_differ_between_processes)
{
        char path[PATH_MAX];
        AUTO_BUF struct buf out = BUF_INIT(PATH_MAX);
        int r = path_resolver_resolve(NULL, in_tree(path, "$/work/cwd"), &out);

        cr_expect(r == -ELOOP || r == 0, "%d", r);
        cr_expect_eq(path_resolver_resolve(NULL, STR("/proc/self/root/etc"), &out), r);
}

Test(path_resolver, length_and_nul)
{
        static char text[PATH_MAX + 1];
        AUTO_BUF struct buf out = BUF_INIT(3 * PATH_MAX);

        for (size_t i = 0; i < sizeof(text); i++)
                text[i] = i % 100 ? 'a' : '/';
        cr_expect_eq(path_resolver_resolve(NULL, str_of(text, PATH_MAX - 2), &out), 0);
        cr_expect_eq(path_resolver_resolve(NULL, str_of(text, PATH_MAX - 1), &out), 0);
        cr_expect_eq(path_resolver_resolve(NULL, str_of(text, PATH_MAX), &out), -ENAMETOOLONG);
        cr_expect_eq(path_resolver_resolve(NULL, STR("/a\0b"), &out), -EINVAL);
}

Test(path_resolver, a_full_buffer_is_left_alone)
{
        char path[PATH_MAX];
        struct str text = in_tree(path, "$/work/file");
        struct buf out = BUF_INIT(text.len - 1);

        cr_expect_eq(path_resolver_resolve(NULL, text, &out), -EMSGSIZE);
        cr_expect_eq(out.len, 0);
        buf_deinit(&out);
}

Test(path_resolver, within)
{
        static const struct {
                const char *path;
                enum recognised expected;
        } rows[] = {
                { "$/work", RECOGNISED_HOLDS },
                { "$/work/file", RECOGNISED_HOLDS },
                { "$/work/none", RECOGNISED_HOLDS },
                { "$/work/none/deep", RECOGNISED_HOLDS },
                { "$/work/in/up", RECOGNISED_HOLDS },
                { "file", RECOGNISED_HOLDS },
                { "$/outside/secret", RECOGNISED_DOES_NOT },
                { "$/outside/none", RECOGNISED_DOES_NOT },
                { "/etc/passwd", RECOGNISED_DOES_NOT },
                { "out/secret", RECOGNISED_UNREADABLE },
                { "$/work/out", RECOGNISED_UNREADABLE },
                { "$/work/out/secret", RECOGNISED_UNREADABLE },
                { "$/work/out/none", RECOGNISED_UNREADABLE },
                { "$/work/out-absolute", RECOGNISED_UNREADABLE },
                { "$/work/chain-1", RECOGNISED_UNREADABLE },
                { "$/work/loop-1", RECOGNISED_UNREADABLE },
                { "$/work/dangling", RECOGNISED_UNREADABLE },
                { "$/work/dangling-out", RECOGNISED_UNREADABLE },
                { "$/work/root/etc/passwd", RECOGNISED_UNREADABLE },
                { "$/work/file/x", RECOGNISED_UNREADABLE },
                /* Inside by links only. */
                { "$/home/file", RECOGNISED_UNREADABLE },
        };
        char work[PATH_MAX], home[PATH_MAX], path[PATH_MAX];
        struct str dir = in_tree(work, "$/work");
        struct path_rule rule = { .dirs = &dir, .dir_count = 1, .cwd = dir, .resolve = path_resolver_resolve };
        const char *why;

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                enum recognised r = path_within(&rule, in_tree(path, rows[i].path), &why);

                cr_expect_eq(r, rows[i].expected, "%s: %s, %s", rows[i].path, recognised_name(r), why ? why : "");
        }
        /* A directory of the rule that is itself a link. */
        dir = in_tree(home, "$/home");
        cr_expect_eq(path_within(&rule, in_tree(path, "$/home/file"), &why), RECOGNISED_HOLDS);
        cr_expect_eq(path_within(&rule, in_tree(path, "$/home/out/secret"), &why), RECOGNISED_UNREADABLE);
        cr_expect_eq(path_within(&rule, in_tree(path, "$/work/file"), &why), RECOGNISED_UNREADABLE);
}
