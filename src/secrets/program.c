/* SPDX-License-Identifier: Apache-2.0 */
#include "program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"

static const char default_path[] = "/usr/local/bin:/usr/bin:/bin";

/* --- environment --- */

static bool is_named(const char *entry, struct str name)
{
        return strncmp(entry, name.ptr, name.len) == 0 && entry[name.len] == '=';
}

static char *own_entry(struct str name)
{
        for (char **entry = environ; entry && *entry; entry++) {
                if (is_named(*entry, name))
                        return *entry;
        }
        return NULL;
}

/* The first of a name stays. */
static void add(struct program_environment *env, struct str name, char *entry)
{
        for (size_t i = 0; i < env->count; i++) {
                if (is_named(env->entries[i], name))
                        return;
        }
        if (entry && env->count < PROGRAM_ENVIRONMENT_MAX)
                env->entries[env->count++] = entry;
}

/* Clients strip the environment, and then nobody says where the session's bus is: it is where systemd has it. */
static void add_bus(struct program_environment *env)
{
        struct stat st;

        snprintf(env->runtime, sizeof(env->runtime), "XDG_RUNTIME_DIR=/run/user/%lu", (unsigned long)geteuid());
        add(env, STR("DBUS_SESSION_BUS_ADDRESS"), own_entry(STR("DBUS_SESSION_BUS_ADDRESS")));
        add(env, STR("XDG_RUNTIME_DIR"), own_entry(STR("XDG_RUNTIME_DIR")));
        if (stat(strchr(env->runtime, '/'), &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
                return;
        add(env, STR("XDG_RUNTIME_DIR"), env->runtime);
        snprintf(env->bus, sizeof(env->bus), "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/%lu/bus", (unsigned long)geteuid());
        add(env, STR("DBUS_SESSION_BUS_ADDRESS"), env->bus);
}

/* What execve() takes as pointers to char, and does not change. */
static char *unconst(const char *entry)
{
        union {
                const char *from;
                char *to;
        } u = { .from = entry };

        return u.to;
}

void program_environment(struct program_environment *env, const struct secret_source *source)
{
        /* What a password manager's command line needs to find its user's files. */
        static const struct str passed_on[] = {
                STR_INIT("HOME"),
                STR_INIT("PATH"),
                STR_INIT("USER"),
                STR_INIT("LOGNAME"),
                STR_INIT("LANG"),
        };
        const char *const *more = protocol_environment(source->protocol);

        env->count = 0;
        for (; *more; more++)
                add(env, str_of(*more, strcspn(*more, "=")), unconst(*more));
        for (size_t i = 0; i < sizeof(passed_on) / sizeof(passed_on[0]); i++)
                add(env, passed_on[i], own_entry(passed_on[i]));
        if (source->from == SECRET_KEYRING)
                add_bus(env);
        for (size_t i = 0; i < source->inherit_count; i++)
                add(env, source->inherit[i], own_entry(source->inherit[i]));
        env->entries[env->count] = NULL;
}

/* --- file --- */

static bool is_executable(const char *path)
{
        struct stat st;

        return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* The first program of that name in PATH's absolute directories: a relative one would mean whatever directory the client
 * happened to start us in. 0 with *ret_file (freed by the caller), -ENOENT or -ENOMEM. */
static int search_path(struct str name, const char *path, char **ret_file)
{
        while (*path) {
                const char *end = strchrnul(path, ':');
                AUTO_BUF struct buf file = BUF_INIT(8192);

                buf_append(&file, path, (size_t)(end - path));
                buf_append_char(&file, '/');
                buf_append_str(&file, name);
                if (buf_append_char(&file, '\0') == -ENOMEM)
                        return -ENOMEM;
                if (!file.failed && path[0] == '/' && is_executable(file.data)) {
                        *ret_file = str_dup(str_from(file.data));
                        return *ret_file ? 0 : -ENOMEM;
                }
                path = *end ? end + 1 : end;
        }
        return -ENOENT;
}

int program_find(struct str name, char **ret_file, struct buf *why)
{
        const char *path = getenv("PATH");
        int r;

        if (!path || !*path)
                path = default_path;
        if (!name.len || memchr(name.ptr, '\0', name.len)) {
                buf_append_str(why, STR("its \"command\" names no program"));
                return -EINVAL;
        }
        if (name.ptr[0] == '/') {
                *ret_file = str_dup(name);
                return *ret_file ? 0 : -ENOMEM;
        }
        if (memchr(name.ptr, '/', name.len)) {
                buf_append_str(why, STR("the program "));
                provider_show(why, name);
                buf_append_str(why, STR(" must be named by a path that begins with /, or by a bare name"));
                return -EINVAL;
        }
        r = search_path(name, path, ret_file);
        if (r == -ENOENT) {
                buf_append_str(why, STR("the program "));
                provider_show(why, name);
                buf_append_str(why, STR(" is not in PATH ("));
                provider_show(why, str_from(path));
                buf_append_str(why, memchr(name.ptr, ' ', name.len)
                                            ? STR("); a program and each of its arguments are items of their own: command: [gh, auth, token]")
                                            : STR("); install it, or name it by its whole path"));
        }
        return r;
}

int secret_program(struct str name, char **ret_file, struct buf *why)
{
        return program_find(name, ret_file, why);
}
