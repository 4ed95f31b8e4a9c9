/* SPDX-License-Identifier: Apache-2.0 */
#include "policy_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "codes.h"
#include "shown.h"

#define OTHERS_CAN_WRITE (S_IWGRP | S_IWOTH)
#define PRINTED_BYTES (1U << 20)

/* As many as the kernel follows. */
#define LINKS_FOLLOWED 40U

static int refuse(struct diagnostics *diags, const char *code, const char *path, const char *help, const char *what)
{
        struct diagnostic_place whole = { .path = str_from(path) };

        diagnostics_add(diags, SEVERITY_ERROR, code, whole, help, "%s", what);
        return -EINVAL;
}

/* A command to paste into a shell, with the path in single quotes; none for a path that a terminal would not show as
 * it is. */
static const char *command(char *out, size_t size, const char *what, const char *path)
{
        size_t n = (size_t)snprintf(out, size, "%s '", what);

        for (; *path; ++path) {
                if (n + 8 > size || (unsigned char)*path < 0x20 || (unsigned char)*path >= 0x7F)
                        return NULL;
                n += (size_t)snprintf(out + n, size - n, *path == '\'' ? "'\\''" : "%c", *path);
        }
        snprintf(out + n, size - n, "'");
        return out;
}

static bool owner_is_trusted(const struct stat *st)
{
        return st->st_uid == 0 || st->st_uid == geteuid();
}

/* One directory. In a sticky one (/tmp) others cannot replace our files. */
static int check_directory(struct diagnostics *diags, const char *path, const char *dir)
{
        char help[PATH_MAX + 32], what[256];
        struct stat st;

        if (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode)) {
                snprintf(what, sizeof(what), "its directory %s cannot be examined", show(str_from(dir)).text);
                return refuse(diags, P_FILE_UNREADABLE, path, NULL, what);
        }
        if (!owner_is_trusted(&st)) {
                snprintf(what, sizeof(what), "its directory %s belongs to another user, who could replace the file",
                        show(str_from(dir)).text);
                return refuse(diags, P_FILE_OWNER, path, "keep policies in a directory of your own", what);
        }
        if ((st.st_mode & OTHERS_CAN_WRITE) && !(st.st_mode & S_ISVTX)) {
                snprintf(what, sizeof(what), "its directory %s can be written by others, who could replace the file",
                        show(str_from(dir)).text);
                return refuse(diags, P_DIRECTORY_WRITABLE, path, command(help, sizeof(help), "chmod go-w", dir), what);
        }
        return 0;
}

/* The way that the kernel takes from the root to a file, one step after the other: who can change any directory or link on
 * it decides what the file's name means. */
struct way {
        char at[PATH_MAX];   /* how far we are, without links; "" is the root */
        char rest[PATH_MAX]; /* still to go */
        unsigned links;
};

static int way_begin(struct way *way, const char *path)
{
        char cwd[PATH_MAX] = "";

        *way = (struct way){ 0 };
        if (path[0] != '/' && !getcwd(cwd, sizeof(cwd)))
                return -errno;
        return (size_t)snprintf(way->rest, sizeof(way->rest), "%s/%s", cwd, path) < sizeof(way->rest) ? 0 : -ENAMETOOLONG;
}

/* Takes the next name off the rest: its length, 0 at the end. */
static size_t way_next(struct way *way, char name[static PATH_MAX])
{
        const char *start = way->rest + strspn(way->rest, "/");
        const size_t len = strcspn(start, "/");

        memcpy(name, start, len);
        name[len] = '\0';
        memmove(way->rest, start + len, strlen(start + len) + 1);
        return len;
}

/* Goes on with what the link at @link says. */
static int way_follow(struct way *way, const char *link)
{
        char target[PATH_MAX], rest[PATH_MAX];
        const ssize_t len = readlink(link, target, sizeof(target) - 1);
        int n;

        if (len < 0)
                return -errno;
        if (++way->links > LINKS_FOLLOWED)
                return -ELOOP;
        target[len] = '\0';
        n = snprintf(rest, sizeof(rest), "%s/%s", target, way->rest);
        if (n < 0 || (size_t)n >= sizeof(rest))
                return -ENAMETOOLONG;
        memcpy(way->rest, rest, (size_t)n + 1);
        if (target[0] == '/')
                way->at[0] = '\0';
        return 0;
}

static void way_up(struct way *way)
{
        char *slash = strrchr(way->at, '/');

        if (slash)
                *slash = '\0';
}

static int not_examined(struct diagnostics *diags, const char *path)
{
        return refuse(diags, P_FILE_UNREADABLE, path, NULL, "the way to the file cannot be examined");
}

/* One step to @name: *ret_file is what was found there, if it is no link. */
static int check_step(struct diagnostics *diags, const char *path, struct way *way, const char *name, struct stat *ret_file)
{
        char next[PATH_MAX], what[256];
        const int n = snprintf(next, sizeof(next), "%s/%s", way->at, name);
        int r = check_directory(diags, path, way->at[0] ? way->at : "/");

        if (r < 0)
                return r;
        if (n < 0 || (size_t)n >= sizeof(next) || lstat(next, ret_file) < 0)
                return not_examined(diags, path);
        if (!S_ISLNK(ret_file->st_mode)) {
                memcpy(way->at, next, (size_t)n + 1);
                return 0;
        }
        /* Even a sticky directory lets its owner replace it. */
        if (!owner_is_trusted(ret_file)) {
                snprintf(what, sizeof(what), "the link %s on its way belongs to another user, who could turn it",
                        show(str_from(next)).text);
                return refuse(diags, P_FILE_OWNER, path, "name the file itself, or make the link yourself", what);
        }
        return way_follow(way, next) < 0 ? not_examined(diags, path) : 0;
}

static int check_place(struct diagnostics *diags, const char *path, const struct stat *opened)
{
        struct stat found = { 0 };
        char name[PATH_MAX];
        struct way way;

        if (way_begin(&way, path) < 0)
                return not_examined(diags, path);
        while (way_next(&way, name) > 0) {
                int r = 0;

                if (strcmp(name, "..") == 0)
                        way_up(&way);
                else if (strcmp(name, ".") != 0)
                        r = check_step(diags, path, &way, name, &found);
                if (r < 0)
                        return r;
        }
        if (found.st_dev != opened->st_dev || found.st_ino != opened->st_ino)
                return refuse(diags, P_FILE_UNREADABLE, path, NULL, "the file was replaced while it was being opened");
        return 0;
}

static int check_file(struct diagnostics *diags, const char *path, const struct stat *st)
{
        char help[PATH_MAX + 32];

        if (!S_ISREG(st->st_mode))
                return refuse(diags, P_FILE_KIND, path, NULL,
                        S_ISDIR(st->st_mode) ? "this is a directory; a policy is a regular file"
                                             : "a policy must be a regular file");
        if (!owner_is_trusted(st))
                return refuse(diags, P_FILE_OWNER, path, command(help, sizeof(help), "sudo chown \"$(id -u)\"", path),
                        "the file belongs to another user");
        if (st->st_mode & OTHERS_CAN_WRITE)
                return refuse(diags, P_FILE_WRITABLE, path, command(help, sizeof(help), "chmod go-w", path),
                        "the file can be written by others");
        if (st->st_size == 0)
                return refuse(diags, P_EMPTY, path,
                        "the smallest policy has the keys `leastwise: 1`, `name:` and `purpose:`",
                        "the policy is empty");
        if (st->st_size > (off_t)LIMIT_POLICY_BYTES)
                return refuse(diags, P_TOO_LARGE, path, NULL, "the file has more than 1 MiB");
        return check_place(diags, path, st);
}

/* All bytes of the descriptor, at most one past the limit: the file may have grown. */
static int read_all(int fd, struct buf *out)
{
        for (;;) {
                ssize_t n;
                int r = buf_reserve(out, 1);

                if (r < 0)
                        return r;
                n = read(fd, out->data + out->len, out->cap - out->len);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : 0;
                out->len += (size_t)n;
        }
}

static int read_one(const char *path, struct str *ret, struct diagnostics *diags)
{
        /* Not to wait for the writer of a FIFO. */
        AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_POLICY_BYTES + 1);
        struct stat st;
        int r;

        if (fd < 0) {
                char what[128];

                if (errno == ENOENT || errno == ENOTDIR)
                        return refuse(diags, P_FILE_MISSING, path, NULL, "there is no such file");
                snprintf(what, sizeof(what), "the file cannot be opened: %s", strerror(errno));
                return refuse(diags, P_FILE_UNREADABLE, path, NULL, what);
        }
        if (fstat(fd, &st) < 0)
                return refuse(diags, P_FILE_UNREADABLE, path, NULL, "the file cannot be examined");
        r = check_file(diags, path, &st);
        if (r < 0)
                return r;
        r = read_all(fd, &text);
        if (r == -ENOMEM)
                return r;
        if (r < 0 || text.len == 0)
                return refuse(diags, P_FILE_UNREADABLE, path, NULL, "the file cannot be read");
        *ret = buf_str(&text);
        text.data = NULL;
        return 0;
}

int policy_files_read(struct policy_files *files, const char *const *paths, size_t count, struct diagnostics *diags)
{
        int result = 0;

        *files = (struct policy_files){ 0 };
        if (count > LIMIT_POLICIES)
                return refuse(diags, P_TOO_MANY_POLICIES, "--policy", NULL, "at most 16 policies can be in force");
        for (size_t i = 0; i < count; ++i) {
                struct policy_input *input = &files->inputs[files->count];
                int r = read_one(paths[i], &input->text, diags);

                if (r == -ENOMEM)
                        return r;
                if (r < 0) {
                        result = r;
                        continue;
                }
                input->path = str_from(paths[i]);
                files->count++;
        }
        return result;
}

void policy_files_deinit(struct policy_files *files)
{
        for (size_t i = 0; i < files->count; ++i)
                mem_free((void *)(uintptr_t)files->inputs[i].text.ptr);
        files->count = 0;
}

struct str policy_files_text(void *userdata, struct str path)
{
        const struct policy_files *files = userdata;

        for (size_t i = 0; i < files->count; ++i) {
                if (str_eq(files->inputs[i].path, path))
                        return files->inputs[i].text;
        }
        return str_of(NULL, 0);
}

static void print(const struct diagnostics *diags, struct policy_files *files, bool colour)
{
        AUTO_BUF struct buf out = BUF_INIT(PRINTED_BYTES);

        diagnostics_print(diags, &out, colour, policy_files_text, files);
        if (out.len)
                fwrite(out.data, 1, out.len, stderr);
}

int policy_files_load(struct policy_set **ret, const char *const *paths, size_t count,
        const struct policy_options *options, bool colour)
{
        CLEANUP(diagnostics_deinit) struct diagnostics diags = { 0 };
        CLEANUP(policy_files_deinit) struct policy_files files = { 0 };
        struct policy_set *set = NULL;
        int read = policy_files_read(&files, paths, count, &diags), r = read;

        /* One file that cannot be read does not hide what is wrong with the others. */
        if (read != -ENOMEM && files.count)
                r = policy_set_new(&set, files.inputs, files.count, options, &diags);
        diagnostics_sort(&diags);
        print(&diags, &files, colour);
        if (r == -ENOMEM) {
                fprintf(stderr, "leastwise: not enough memory to load the policy\n");
                return POLICY_FILES_INTERNAL;
        }
        if (read < 0 || r < 0) {
                policy_set_unref(set);
                return POLICY_FILES_INVALID;
        }
        *ret = set;
        return 0;
}

bool policy_files_parse_bind(const char *arg, struct policy_pair *ret)
{
        const char *equals = strchr(arg, '=');

        if (!equals || equals == arg)
                return false;
        ret->name = str_of(arg, (size_t)(equals - arg));
        ret->value = str_from(equals + 1);
        return true;
}
