/* SPDX-License-Identifier: Apache-2.0 */
#include "approver_files.h"

#include <errno.h>
#include <unistd.h>

#include "cleanup.h"
#include "codes.h"
#include "pin_files.h"
#include "policy_files.h"
#include "statement.h"
#include "stderr_print.h"
#include "system_layers.h"
#include "trusted_file.h"

static int refuse(const char *path, uint32_t line, const struct buf *message, struct diagnostics *diags)
{
        const struct diagnostic_place place = { .path = str_from(path), .line = line, .column = line ? 1 : 0, .length = line ? 1 : 0 };

        diagnostics_add(diags, SEVERITY_ERROR, P_APPROVERS, place, NULL, "%.*s", STR_FMT(buf_str(message)));
        return -EINVAL;
}

/* Opens the file as the next of @ret. */
static int read_file(struct approver_files *ret, const struct policy_set *set, size_t index, struct str name, struct trusted_kind kind,
        struct diagnostics *diags)
{
        struct approver_file *file = &ret->files[ret->count];

        kind.administrators = policy_is_administrators(policy_set_path(set, index));
        kind.owner = system_place()->owner;
        file->path = policy_file_beside(set, index, name);
        if (!file->path)
                return -ENOMEM;
        file->administrators = kind.administrators;
        ret->count++;
        return trusted_file_read(file->path, &kind, &file->text, diags);
}

static int read_signers(struct approver_files *ret, const struct policy_set *set, size_t index, struct str name, struct signers *signers,
        struct diagnostics *diags)
{
        const struct approver_file *file = &ret->files[ret->count];
        const struct trusted_kind kind = { .noun = "list of signers", .empty_help = "a line in it is: alice@example.com ssh-ed25519 AAAA...",
                .limit = LIMIT_SIGNERS_BYTES, .limit_text = "256 KiB" };
        AUTO_BUF struct buf message = BUF_INIT(1024);
        uint32_t line = 0;
        int e = read_file(ret, set, index, name, kind, diags);

        if (e == 0)
                e = signers_read(signers, file->text, STR(STATEMENT_NAMESPACE), &message, &line);
        return e == -EINVAL && message.len ? refuse(file->path, line, &message, diags) : e;
}

static int read_revoked(struct approver_files *ret, const struct policy_set *set, size_t index, struct str name, struct revoked_keys *revoked,
        struct diagnostics *diags)
{
        const struct approver_file *file = &ret->files[ret->count];
        const struct trusted_kind kind = { .noun = "list of revoked keys", .empty_help = "as long as no key is revoked, write a comment: # none",
                .limit = LIMIT_REVOKED_BYTES, .limit_text = "1 MiB" };
        AUTO_BUF struct buf message = BUF_INIT(1024);
        uint32_t line = 0;
        int e = read_file(ret, set, index, name, kind, diags);

        if (e == 0)
                e = revoked_keys_read(revoked, file->text, &message, &line);
        return e == -EINVAL && message.len ? refuse(file->path, line, &message, diags) : e;
}

static int read_policy(struct approver_files *ret, const struct policy_set *set, size_t index, const struct policy_approvers *named,
        struct approvers_source *source, struct diagnostics *diags)
{
        int e = read_signers(ret, set, index, named->signers, &source->signers, diags), other = 0;

        if (named->revoked.len && e != -ENOMEM)
                other = read_revoked(ret, set, index, named->revoked, &source->revoked, diags);
        return e == 0 || other == -ENOMEM ? other : e;
}

int approver_files_read(struct approver_files *ret, const struct policy_set *set, struct diagnostics *diags)
{
        struct approvers_source sources[LIMIT_POLICIES] = { 0 };
        size_t count = 0;
        int result = 0;

        *ret = (struct approver_files){ .count = 0 };
        for (size_t i = 0; i < policy_set_count(set) && result != -ENOMEM; i++) {
                struct policy_approvers named;
                int e;

                if (!policy_set_approvers(set, i, &named))
                        continue;
                e = read_policy(ret, set, i, &named, &sources[count++], diags);
                result = e < 0 ? e : result;
        }
        if (result == 0)
                return count ? approvers_new(&ret->approvers, sources, count) : 0;
        for (size_t i = 0; i < count; i++)
                approvers_source_deinit(&sources[i]);
        return result;
}

void approver_files_deinit(struct approver_files *files)
{
        for (size_t i = 0; i < files->count; i++) {
                mem_free(files->files[i].path);
                mem_free((void *)(uintptr_t)files->files[i].text.ptr);
        }
        files->count = 0;
        files->approvers = approvers_unref(files->approvers);
}

int approver_files_load(struct approvers **ret, const struct policy_set *set, bool colour)
{
        CLEANUP(diagnostics_deinit) struct diagnostics diags = { 0 };
        CLEANUP(approver_files_deinit) struct approver_files files = { .count = 0 };
        struct policy_files no_texts = { 0 };
        int e = approver_files_read(&files, set, &diags);

        policy_files_print(&diags, &no_texts, colour);
        if (e == -ENOMEM) {
                stderr_print("leastwise: not enough memory to load the approvers\n");
                return POLICY_FILES_INTERNAL;
        }
        if (e < 0)
                return POLICY_FILES_INVALID;
        *ret = approvers_ref(files.approvers);
        return 0;
}
