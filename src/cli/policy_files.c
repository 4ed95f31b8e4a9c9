/* SPDX-License-Identifier: Apache-2.0 */
#include "policy_files.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "codes.h"
#include "stderr_print.h"
#include "trusted_file.h"

#define PRINTED_BYTES (1U << 20)

static const struct trusted_kind own_policy = {
        .noun = "policy",
        .empty_help = "the smallest policy has the keys `leastwise: 1`, `name:` and `purpose:`",
        .limit = LIMIT_POLICY_BYTES,
        .limit_text = "1 MiB",
};

static int too_many(struct diagnostics *diags)
{
        const struct diagnostic_place options = { .path = STR("--policy") };

        diagnostics_add(diags, SEVERITY_ERROR, P_TOO_MANY_POLICIES, options, NULL,
                "at most %u policies can be in force, those of the administrator among them", LIMIT_POLICIES);
        return -EINVAL;
}

/* A file that is refused is left out; the others are read all the same. */
static int add(struct policy_files *files, const char *path, bool of_system, struct diagnostics *diags)
{
        struct policy_input *input = &files->inputs[files->count];
        int r = of_system ? system_layers_read(path, system_place(), &input->text, diags)
                          : trusted_file_read(path, &own_policy, &input->text, diags);

        if (r < 0)
                return r;
        input->path = str_from(path);
        files->count++;
        files->system_count += of_system;
        return 0;
}

static int add_all(struct policy_files *files, const char *const *paths, size_t count, bool of_system, struct diagnostics *diags)
{
        int result = 0;

        for (size_t i = 0; i < count; ++i) {
                int r = add(files, paths[i], of_system, diags);

                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        result = r;
        }
        return result;
}

int policy_files_read_alone(struct policy_files *files, const char *const *paths, size_t count, struct diagnostics *diags)
{
        *files = (struct policy_files){ 0 };
        return count > LIMIT_POLICIES ? too_many(diags) : add_all(files, paths, count, false, diags);
}

int policy_files_read(struct policy_files *files, const char *const *paths, size_t count, struct diagnostics *diags)
{
        int found, own;

        *files = (struct policy_files){ 0 };
        found = system_layers_find(&files->layers, system_place(), diags);
        if (found == -ENOMEM)
                return found;
        if (count + files->layers.count > LIMIT_POLICIES)
                return too_many(diags);
        if (add_all(files, (const char *const *)files->layers.paths, files->layers.count, true, diags) < 0)
                found = -EINVAL;
        own = add_all(files, paths, count, false, diags);
        return own < 0 ? own : found;
}

void policy_files_deinit(struct policy_files *files)
{
        for (size_t i = 0; i < files->count; ++i)
                mem_free((void *)(uintptr_t)files->inputs[i].text.ptr);
        files->count = files->system_count = 0;
        system_layers_deinit(&files->layers);
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

void policy_files_print(const struct diagnostics *diags, struct policy_files *files, bool colour)
{
        AUTO_BUF struct buf out = BUF_INIT(PRINTED_BYTES);

        diagnostics_print(diags, &out, colour, policy_files_text, files);
        stderr_print_str(buf_str(&out));
}

int policy_files_load(struct policy_set **ret, const char *const *paths, size_t count,
        const struct policy_options *options, bool colour)
{
        CLEANUP(diagnostics_deinit) struct diagnostics diags = { 0 };
        CLEANUP(policy_files_deinit) struct policy_files files = { 0 };
        struct policy_options how = options ? *options : (struct policy_options){ 0 };
        struct policy_set *set = NULL;
        int read = policy_files_read(&files, paths, count, &diags), r = read;

        how.administrators = files.system_count;
        /* One file that cannot be read does not hide what is wrong with the others. */
        if (read != -ENOMEM && files.count)
                r = policy_set_new(&set, files.inputs, files.count, &how, &diags);
        diagnostics_sort(&diags);
        policy_files_print(&diags, &files, colour);
        if (r == -ENOMEM) {
                stderr_print("leastwise: not enough memory to load the policy\n");
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

bool policy_is_administrators(struct str policy_path)
{
        const struct str place = str_from(system_place()->path);

        return str_starts_with(policy_path, place) && policy_path.len > place.len && policy_path.ptr[place.len] == '/';
}

char *policy_file_beside(const struct policy_set *set, size_t index, struct str name)
{
        const struct str policy = policy_set_path(set, index);
        AUTO_BUF struct buf path = BUF_INIT(8192);
        const char *slash = policy.len ? memrchr(policy.ptr, '/', policy.len) : NULL;

        if (name.ptr[0] != '/' && slash)
                buf_append(&path, policy.ptr, (size_t)(slash - policy.ptr) + 1);
        buf_append_str(&path, name);
        return path.failed ? NULL : str_dup(buf_str(&path));
}
