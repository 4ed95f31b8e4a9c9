/* SPDX-License-Identifier: Apache-2.0 */
#include "policy_files.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codes.h"
#include "leaks.h"

#define GOOD "leastwise: 1\nname: x\npurpose: y\n"

static char folder[64];

/* The administrator's directory of these tests. */
static char system_folder[80];

const struct system_place *system_place(void)
{
        static struct system_place place = { .path = system_folder };

        place.owner = geteuid();
        return &place;
}

static const char *path_of(const char *name)
{
        static char path[2][256];
        static unsigned next;
        char *out = path[next++ % 2];

        snprintf(out, 256, "%s/%s", folder, name);
        return out;
}

static void write_file(const char *name, const void *bytes, size_t len, mode_t mode)
{
        int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

        cr_assert_geq(fd, 0);
        cr_assert_eq(write(fd, bytes, len), (ssize_t)len);
        cr_assert_eq(fchmod(fd, mode), 0);
        close(fd);
}

static void begin(void)
{
        snprintf(folder, sizeof(folder), "/tmp/policy-files-XXXXXX");
        cr_assert_not_null(mkdtemp(folder));
        snprintf(system_folder, sizeof(system_folder), "%s/policy.d", folder);
        write_file("good.yaml", GOOD, strlen(GOOD), 0600);
}

static void end(void)
{
        char command[128];

        snprintf(command, sizeof(command), "rm -rf '%s'", folder);
        cr_assert_eq(system(command), 0);
}

/* The code of the only diagnostic, or "" for none; its help goes to @help. */
static const char *read_code(const char *path, char *help, size_t size)
{
        struct diagnostics diags = { 0 };
        struct policy_files files;
        const char *code = "";
        int r = policy_files_read(&files, &path, 1, &diags);

        cr_expect_eq(r, diags.count ? -EINVAL : 0);
        cr_expect_eq(files.count, diags.count ? 0 : 1);
        cr_expect_leq(diags.count, 1);
        if (diags.count) {
                code = diags.items[0].code;
                snprintf(help, size, "%s", diags.items[0].help ? diags.items[0].help : "");
        }
        policy_files_deinit(&files);
        diagnostics_deinit(&diags);
        return code;
}

TestSuite(policy_files, .init = begin, .fini = end);

Test(policy_files, a_file_of_ones_own_is_read)
{
        const char *path = path_of("good.yaml");
        struct diagnostics diags = { 0 };
        struct policy_files files;

        cr_assert_eq(policy_files_read(&files, &path, 1, &diags), 0);
        cr_expect_eq(files.count, 1);
        cr_expect(str_eq(files.inputs[0].text, STR(GOOD)));
        cr_expect(str_eq(policy_files_text(&files, str_from(path)), STR(GOOD)));
        cr_expect_eq(policy_files_text(&files, STR("other")).len, 0);
        policy_files_deinit(&files);
        policy_files_deinit(&files);
        CHECK_NO_LEAKS();
}

Test(policy_files, what_others_could_have_written_is_refused_with_the_command_that_mends_it)
{
        char help[512] = "", expected[512];

        write_file("group.yaml", GOOD, strlen(GOOD), 0620);
        write_file("world.yaml", GOOD, strlen(GOOD), 0602);
        write_file("read.yaml", GOOD, strlen(GOOD), 0644);
        cr_expect_str_eq(read_code(path_of("group.yaml"), help, sizeof(help)), P_FILE_WRITABLE);
        cr_expect_str_eq(read_code(path_of("world.yaml"), help, sizeof(help)), P_FILE_WRITABLE);
        snprintf(expected, sizeof(expected), "chmod go-w '%s/world.yaml'", folder);
        cr_expect_str_eq(help, expected);
        cr_expect_str_eq(read_code(path_of("read.yaml"), help, sizeof(help)), "");
}

Test(policy_files, directories_count_up_to_the_root)
{
        char help[512] = "", expected[512];

        cr_assert_eq(mkdir(path_of("a'b"), 0700), 0);
        cr_assert_eq(mkdir(path_of("a'b/c"), 0700), 0);
        write_file("a'b/c/p.yaml", GOOD, strlen(GOOD), 0600);
        cr_expect_str_eq(read_code(path_of("a'b/c/p.yaml"), help, sizeof(help)), "");
        cr_assert_eq(chmod(path_of("a'b"), 0770), 0);
        cr_expect_str_eq(read_code(path_of("a'b/c/p.yaml"), help, sizeof(help)), P_DIRECTORY_WRITABLE);
        snprintf(expected, sizeof(expected), "chmod go-w '%s/a'\\''b'", folder);
        cr_expect_str_eq(help, expected);
        cr_assert_eq(chmod(path_of("a'b"), 01777), 0);
        cr_expect_str_eq(read_code(path_of("a'b/c/p.yaml"), help, sizeof(help)), "", "as /tmp is");
}

/* A link is as good as the directory that it is in and the file that it leads to. */
Test(policy_files, links_are_followed_and_both_ends_checked)
{
        char help[512] = "";

        cr_assert_eq(mkdir(path_of("open"), 0777), 0);
        cr_assert_eq(chmod(path_of("open"), 0777), 0);
        cr_assert_eq(symlink("../good.yaml", path_of("open/link.yaml")), 0);
        cr_assert_eq(symlink("good.yaml", path_of("link.yaml")), 0);
        write_file("open/p.yaml", GOOD, strlen(GOOD), 0600);
        cr_assert_eq(symlink("open/p.yaml", path_of("inward.yaml")), 0);
        cr_expect_str_eq(read_code(path_of("link.yaml"), help, sizeof(help)), "");
        cr_expect_str_eq(read_code(path_of("open/link.yaml"), help, sizeof(help)), P_DIRECTORY_WRITABLE);
        cr_expect_str_eq(read_code(path_of("inward.yaml"), help, sizeof(help)), P_DIRECTORY_WRITABLE);
        /* A link to that link, and a link to the folder that is good: both can be pointed at another file of ours. */
        cr_assert_eq(symlink("open/link.yaml", path_of("chain.yaml")), 0);
        cr_expect_str_eq(read_code(path_of("chain.yaml"), help, sizeof(help)), P_DIRECTORY_WRITABLE);
        cr_assert_eq(symlink("..", path_of("open/up")), 0);
        cr_expect_str_eq(read_code(path_of("open/up/good.yaml"), help, sizeof(help)), P_DIRECTORY_WRITABLE);
        cr_expect_str_eq(read_code(path_of("open/../good.yaml"), help, sizeof(help)), "", "its parent is not up to them");
        /* Others can make links in a sticky folder, but not replace ours. */
        cr_assert_eq(chmod(path_of("open"), 01777), 0);
        cr_expect_str_eq(read_code(path_of("open/link.yaml"), help, sizeof(help)), "");
        cr_expect_str_eq(read_code(path_of("open/up/good.yaml"), help, sizeof(help)), "");
        if (geteuid() == 0) {
                cr_assert_eq(lchown(path_of("open/up"), 65534, 65534), 0);
                cr_expect_str_eq(read_code(path_of("open/up/good.yaml"), help, sizeof(help)), P_FILE_OWNER);
                cr_expect_str_eq(read_code(path_of("chain.yaml"), help, sizeof(help)), "");
                cr_assert_eq(lchown(path_of("open/link.yaml"), 65534, 65534), 0);
                cr_expect_str_eq(read_code(path_of("chain.yaml"), help, sizeof(help)), P_FILE_OWNER);
        }
}

Test(policy_files, what_is_no_regular_file_is_refused, .timeout = 10)
{
        char help[512] = "";

        cr_assert_eq(mkfifo(path_of("fifo"), 0600), 0);
        write_file("empty.yaml", "", 0, 0600);
        cr_expect_str_eq(read_code(path_of("fifo"), help, sizeof(help)), P_FILE_KIND);
        cr_expect_str_eq(read_code(folder, help, sizeof(help)), P_FILE_KIND);
        cr_expect_str_eq(read_code("/dev/null", help, sizeof(help)), P_FILE_KIND);
        cr_expect_str_eq(read_code(path_of("empty.yaml"), help, sizeof(help)), P_EMPTY);
        cr_expect_str_eq(read_code(path_of("nope.yaml"), help, sizeof(help)), P_FILE_MISSING);
        cr_expect_str_eq(read_code(path_of("good.yaml/x"), help, sizeof(help)), P_FILE_MISSING);
        cr_expect_str_eq(read_code("", help, sizeof(help)), P_FILE_MISSING);
}

Test(policy_files, size_is_limited)
{
        static char bytes[LIMIT_POLICY_BYTES + 1];
        char help[512] = "";

        memset(bytes, '#', sizeof(bytes));
        write_file("at.yaml", bytes, LIMIT_POLICY_BYTES, 0600);
        write_file("past.yaml", bytes, sizeof(bytes), 0600);
        cr_expect_str_eq(read_code(path_of("at.yaml"), help, sizeof(help)), "");
        cr_expect_str_eq(read_code(path_of("past.yaml"), help, sizeof(help)), P_TOO_LARGE);
}

Test(policy_files, files_of_others_are_refused)
{
        char help[512] = "";

        if (geteuid() != 0)
                cr_skip_test("only root can give files away");
        cr_assert_eq(chown(path_of("good.yaml"), 65534, 65534), 0);
        cr_expect_str_eq(read_code(path_of("good.yaml"), help, sizeof(help)), P_FILE_OWNER);
        cr_assert_eq(chown(path_of("good.yaml"), 0, 0), 0);
        cr_assert_eq(chown(folder, 65534, 65534), 0);
        cr_expect_str_eq(read_code(path_of("good.yaml"), help, sizeof(help)), P_FILE_OWNER);
}

Test(policy_files, one_that_cannot_be_read_does_not_hide_the_others)
{
        const char *paths[] = { path_of("nope.yaml"), path_of("good.yaml"), "/dev/null" };
        struct diagnostics diags = { 0 };
        struct policy_files files;

        cr_expect_eq(policy_files_read(&files, paths, 3, &diags), -EINVAL);
        cr_expect_eq(files.count, 1);
        cr_expect_eq(diags.errors, 2);
        policy_files_deinit(&files);
        diagnostics_deinit(&diags);
        CHECK_NO_LEAKS();
}

Test(policy_files, bindings_have_a_name_and_a_value)
{
        struct policy_pair pair;

        cr_expect(policy_files_parse_bind("a=b=c", &pair));
        cr_expect(str_eq(pair.name, STR("a")) && str_eq(pair.value, STR("b=c")));
        cr_expect(!policy_files_parse_bind("a", &pair));
        cr_expect(!policy_files_parse_bind("=b", &pair));
}

/* --- the administrator's layers --- */

static void write_layer(const char *name, mode_t mode)
{
        char path[128];

        mkdir(system_folder, 0755);
        snprintf(path, sizeof(path), "policy.d/%s", name);
        write_file(path, GOOD, strlen(GOOD), mode);
}

/* The codes of all diagnostics, with a blank behind each. */
static void read_layers(struct policy_files *files, char *codes, size_t size)
{
        const char *path = path_of("good.yaml");
        struct diagnostics diags = { 0 };
        int r = policy_files_read(files, &path, 1, &diags);

        codes[0] = '\0';
        cr_expect_eq(r, diags.errors ? -EINVAL : 0);
        for (size_t i = 0; i < diags.count; i++)
                snprintf(codes + strlen(codes), size - strlen(codes), "%s ", diags.items[i].code);
        diagnostics_deinit(&diags);
}

Test(policy_files, layers_come_first_and_by_name)
{
        struct policy_files files;
        char codes[64], path[128];

        write_layer("20-b.yaml", 0644);
        write_layer("10-a.yaml", 0644);
        write_layer("README", 0644);
        write_layer("old.yaml.save", 0644);
        write_layer(".10-a.yaml", 0666);
        read_layers(&files, codes, sizeof(codes));
        cr_expect_str_eq(codes, "");
        cr_assert_eq(files.count, 3);
        cr_expect_eq(files.system_count, 2);
        snprintf(path, sizeof(path), "%s/10-a.yaml", system_folder);
        cr_expect(str_eq(files.inputs[0].path, str_from(path)));
        cr_expect(str_ends_with(files.inputs[1].path, STR("20-b.yaml")));
        cr_expect(str_ends_with(files.inputs[2].path, STR("good.yaml")));
        policy_files_deinit(&files);
        CHECK_NO_LEAKS();
}

Test(policy_files, no_directory_is_no_layer)
{
        struct policy_files files;
        char codes[64];

        read_layers(&files, codes, sizeof(codes));
        cr_expect_str_eq(codes, "");
        cr_expect_eq(files.count, 1);
        cr_expect_eq(files.system_count, 0);
        policy_files_deinit(&files);
}

Test(policy_files, a_layer_that_is_not_the_administrators_is_refused)
{
        static const struct {
                const char *name;
                mode_t file, directory;
                const char *codes;
        } rows[] = {
                { "a.yaml", 0644, 0755, "" },
                { "a.yaml", 0664, 0755, P_FILE_WRITABLE " " },
                { "a.yaml", 0646, 0755, P_FILE_WRITABLE " " },
                { "a.yaml", 0644, 0775, P_DIRECTORY_WRITABLE " " },
                { "a.yaml", 0644, 01777, P_DIRECTORY_WRITABLE " " }, /* others could add to it */
                { "a.yml", 0644, 0755, P_LAYER_NAME " " },
                { "a.YAML", 0644, 0755, P_LAYER_NAME " " },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct policy_files files;
                char codes[64], path[128];

                write_layer(rows[i].name, rows[i].file);
                cr_assert_eq(chmod(system_folder, rows[i].directory), 0);
                read_layers(&files, codes, sizeof(codes));
                cr_expect_str_eq(codes, rows[i].codes, "row %zu: %s", i, codes);
                policy_files_deinit(&files);
                cr_assert_eq(chmod(system_folder, 0755), 0);
                snprintf(path, sizeof(path), "%s/%s", system_folder, rows[i].name);
                cr_assert_eq(unlink(path), 0);
        }
        CHECK_NO_LEAKS();
}

Test(policy_files, a_layers_owner_is_the_administrator_not_the_user)
{
        struct policy_files files;
        char codes[64], path[128];

        if (geteuid() != 0)
                cr_skip_test("only root can give files away");
        write_layer("a.yaml", 0644);
        snprintf(path, sizeof(path), "%s/a.yaml", system_folder);
        cr_assert_eq(chown(path, 65534, 65534), 0);
        read_layers(&files, codes, sizeof(codes));
        cr_expect_str_eq(codes, P_FILE_OWNER " ");
        policy_files_deinit(&files);
        cr_assert_eq(chown(path, 0, 0), 0);
        cr_assert_eq(chown(system_folder, 65534, 65534), 0);
        read_layers(&files, codes, sizeof(codes));
        cr_expect_str_eq(codes, P_FILE_OWNER " ");
        policy_files_deinit(&files);
}

Test(policy_files, a_directory_of_layers_that_is_none_is_refused)
{
        struct policy_files files;
        char codes[64];

        cr_assert_eq(symlink("nowhere", system_folder), 0);
        read_layers(&files, codes, sizeof(codes));
        cr_expect_str_eq(codes, P_FILE_MISSING " ");
        policy_files_deinit(&files);
        cr_assert_eq(unlink(system_folder), 0);
        write_file("policy.d", "x", 1, 0644);
        read_layers(&files, codes, sizeof(codes));
        cr_expect_str_eq(codes, P_FILE_KIND " ");
        policy_files_deinit(&files);
        CHECK_NO_LEAKS();
}

Test(policy_files, layers_count_towards_the_limit)
{
        struct policy_files files;
        char codes[64], name[16];

        for (unsigned i = 0; i < LIMIT_POLICIES - 1; i++) {
                snprintf(name, sizeof(name), "%02u.yaml", i);
                write_layer(name, 0644);
        }
        read_layers(&files, codes, sizeof(codes));
        cr_expect_str_eq(codes, "");
        cr_expect_eq(files.count, LIMIT_POLICIES);
        policy_files_deinit(&files);
        write_layer("15.yaml", 0644);
        read_layers(&files, codes, sizeof(codes));
        cr_expect_str_eq(codes, P_TOO_MANY_POLICIES " ");
        policy_files_deinit(&files);
        write_layer("16.yaml", 0644);
        read_layers(&files, codes, sizeof(codes));
        cr_expect_str_eq(codes, P_TOO_MANY_POLICIES " " P_TOO_MANY_POLICIES " ");
        policy_files_deinit(&files);
        CHECK_NO_LEAKS();
}
