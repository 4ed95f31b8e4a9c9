/* SPDX-License-Identifier: Apache-2.0 */
#include "system_layers.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "alloc.h"
#include "buf.h"
#include "codes.h"
#include "shown.h"
#include "trusted_file.h"

#define PATH_BYTES 4096U

static struct trusted_kind kind_of(const struct system_place *place)
{
        return (struct trusted_kind){
                .noun = "policy",
                .limit = LIMIT_POLICY_BYTES,
                .limit_text = "1 MiB",
                .administrators = true,
                .owner = place->owner,
        };
}

/* Like the shell's *.yaml. */
static bool is_layer(const char *name)
{
        return name[0] != '.' && str_ends_with(str_from(name), STR(".yaml"));
}

/* Whoever wrote `org.yml` believes that it is in force. */
static bool looks_like_layer(const char *name)
{
        const char *dot = strrchr(name, '.');

        return name[0] != '.' && dot && (strcasecmp(dot, ".yaml") == 0 || strcasecmp(dot, ".yml") == 0);
}

static char *join(const char *dir, const char *name)
{
        AUTO_BUF struct buf path = BUF_INIT(PATH_BYTES);

        buf_printf(&path, "%s/%s", dir, name);
        return path.failed ? NULL : str_dup(buf_str(&path));
}

static int add(struct system_layers *ret, const struct system_place *place, const char *name, struct diagnostics *diags)
{
        const struct diagnostic_place whole = { .path = str_from(place->path) };
        char *path;

        if (ret->count == LIMIT_POLICIES) {
                diagnostics_add(diags, SEVERITY_ERROR, P_TOO_MANY_POLICIES, whole, NULL,
                        "at most %u policies can be in force, and the directory holds more", LIMIT_POLICIES);
                return -EINVAL;
        }
        path = join(place->path, name);
        if (!path)
                return -ENOMEM;
        ret->paths[ret->count++] = path;
        return 0;
}

/* A misspelt name is reported at the directory. */
static int refuse_name(const struct system_place *place, const char *name, struct diagnostics *diags)
{
        const struct diagnostic_place whole = { .path = str_from(place->path) };

        diagnostics_add(diags, SEVERITY_ERROR, P_LAYER_NAME, whole, "rename it, or take it out of the directory",
                "%s looks like a policy, but only names that end in .yaml are read", show(str_from(name)).text);
        return -EINVAL;
}

static int by_name(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static int collect(DIR *dir, struct system_layers *ret, const struct system_place *place, struct diagnostics *diags)
{
        const struct diagnostic_place whole = { .path = str_from(place->path) };
        const struct dirent *entry;
        int result = 0, r = 0;

        while (errno = 0, (entry = readdir(dir))) {
                if (is_layer(entry->d_name))
                        r = add(ret, place, entry->d_name, diags);
                else if (looks_like_layer(entry->d_name))
                        r = refuse_name(place, entry->d_name, diags);
                else
                        continue;
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        result = r;
                if (r < 0 && ret->count == LIMIT_POLICIES)
                        break;
        }
        if (!entry && errno) {
                diagnostics_add(diags, SEVERITY_ERROR, P_FILE_UNREADABLE, whole, NULL, "the directory cannot be read");
                result = -EINVAL;
        }
        qsort(ret->paths, ret->count, sizeof(ret->paths[0]), by_name);
        return result;
}

int system_layers_find(struct system_layers *ret, const struct system_place *place, struct diagnostics *diags)
{
        const struct trusted_kind kind = kind_of(place);
        DIR *dir;
        int fd, r;

        *ret = (struct system_layers){ .count = 0 };
        fd = trusted_directory_open(place->path, &kind, diags);
        if (fd < 0)
                return fd == -ENOENT ? 0 : fd;
        dir = fdopendir(fd);
        if (!dir) {
                close(fd);
                return -ENOMEM;
        }
        r = collect(dir, ret, place, diags);
        closedir(dir);
        return r;
}

void system_layers_deinit(struct system_layers *layers)
{
        for (size_t i = 0; i < layers->count; i++)
                mem_free(layers->paths[i]);
        layers->count = 0;
}

int system_layers_read(const char *path, const struct system_place *place, struct str *ret, struct diagnostics *diags)
{
        const struct trusted_kind kind = kind_of(place);

        return trusted_file_read(path, &kind, ret, diags);
}
