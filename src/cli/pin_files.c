/* SPDX-License-Identifier: Apache-2.0 */
#include "pin_files.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "cleanup.h"
#include "codes.h"
#include "policy_files.h"
#include "stderr_print.h"
#include "system_layers.h"
#include "trusted_file.h"

static void text_freep(struct str *text)
{
        mem_free((void *)(uintptr_t)text->ptr);
}

char *pin_file_path(const struct policy_set *set, size_t index)
{
        struct policy_pins pins;

        return policy_set_pins(set, index, &pins) ? policy_file_beside(set, index, pins.file) : NULL;
}

static int parse(struct pin_lock **ret, const char *path, struct str text, struct diagnostics *diags)
{
        const struct diagnostic_place whole = { .path = str_from(path) };
        AUTO_BUF struct buf message = BUF_INIT(1024);
        uint64_t seed[2];
        int r;

        if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
                return -ENOMEM;
        r = pin_lock_read(ret, text, seed, &message);
        if (r == -EINVAL)
                diagnostics_add(diags, SEVERITY_ERROR, P_PINS, whole,
                        "put back the file that `leastwise pin` wrote, or remove it and pin anew", "%.*s", STR_FMT(buf_str(&message)));
        return r;
}

int pin_file_read(struct pin_lock **ret, const char *path, bool administrators, struct diagnostics *diags)
{
        const struct trusted_kind kind = {
                .noun = "lock of pins",
                .empty_help = "remove it, and write it anew: leastwise pin --policy FILE -- COMMAND",
                .limit = LIMIT_PINS_BYTES,
                .limit_text = "16 MiB",
                .administrators = administrators,
                .owner = system_place()->owner,
        };
        CLEANUP(text_freep) struct str text = { 0 };
        int r;

        if (access(path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
                return -ENOENT;
        r = trusted_file_read(path, &kind, &text, diags);
        return r < 0 ? r : parse(ret, path, text, diags);
}

static int refuse_missing(const char *path, struct diagnostics *diags)
{
        const struct diagnostic_place whole = { .path = str_from(path) };

        diagnostics_add(diags, SEVERITY_ERROR, P_FILE_MISSING, whole,
                "look at the server's tools and pin them: leastwise pin --policy FILE -- COMMAND",
                "there is no such file, though a policy pins its server's tools with it");
        return -EINVAL;
}

static int read_one(struct pin_files *ret, struct pin_source *source, const struct policy_set *set, size_t index,
        struct diagnostics *diags)
{
        char *path = pin_file_path(set, index);
        int r;

        if (!path)
                return -ENOMEM;
        ret->paths[ret->count++] = path;
        *source = (struct pin_source){
                .policy = policy_set_name(set, index),
                .path = str_from(path),
                .administrators = policy_is_administrators(policy_set_path(set, index)),
        };
        r = pin_file_read(&source->lock, path, source->administrators, diags);
        return r == -ENOENT ? refuse_missing(path, diags) : r;
}

int pin_files_read(struct pin_files *ret, const struct policy_set *set, struct diagnostics *diags)
{
        struct pin_source sources[LIMIT_POLICIES] = { 0 };
        size_t count = 0;
        int result = 0;

        *ret = (struct pin_files){ .count = 0 };
        for (size_t i = 0; i < policy_set_count(set); i++) {
                struct policy_pins pins;
                int r = policy_set_pins(set, i, &pins) ? read_one(ret, &sources[count], set, i, diags) : 1;

                if (r == 0)
                        count++;
                if (r < 0 && result != -ENOMEM)
                        result = r;
        }
        if (result == 0)
                return count ? pin_set_new(&ret->set, sources, count) : 0;
        for (size_t i = 0; i < count; i++)
                pin_lock_free(sources[i].lock);
        return result;
}

void pin_files_deinit(struct pin_files *files)
{
        for (size_t i = 0; i < files->count; i++)
                mem_free(files->paths[i]);
        files->count = 0;
        files->set = pin_set_unref(files->set);
}

int pin_files_load(struct pin_set **ret, const struct policy_set *set, bool colour)
{
        CLEANUP(diagnostics_deinit) struct diagnostics diags = { 0 };
        CLEANUP(pin_files_deinit) struct pin_files files = { 0 };
        struct policy_files no_texts = { 0 };
        int r = pin_files_read(&files, set, &diags);

        policy_files_print(&diags, &no_texts, colour);
        if (r == -ENOMEM) {
                stderr_print("leastwise: not enough memory to load the pins\n");
                return POLICY_FILES_INTERNAL;
        }
        if (r < 0)
                return POLICY_FILES_INVALID;
        *ret = pin_set_ref(files.set);
        return 0;
}
