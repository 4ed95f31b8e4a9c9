/* SPDX-License-Identifier: Apache-2.0 */
#include "reload.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "approver_files.h"
#include "cleanup.h"
#include "compare.h"
#include "pin_files.h"
#include "policy_files.h"
#include "printable.h"
#include "trust.h"

/* --- what to watch --- */

static int add_directory(struct reload *r, const char *path)
{
        if (!path)
                return -ENOMEM;
        for (size_t i = 0; i < r->directory_count; i++) {
                if (strcmp(r->directories[i], path) == 0)
                        return 0;
        }
        r->directories[r->directory_count] = str_dup(str_from(path));
        return r->directories[r->directory_count] ? (r->directory_count++, 0) : -ENOMEM;
}

static int add_parent(struct reload *r, const char *file)
{
        char dir[PATH_MAX];
        const char *slash = strrchr(file, '/');
        const size_t len = !slash ? 1 : slash == file ? 1 : (size_t)(slash - file);

        if (len >= sizeof(dir))
                return 0;
        snprintf(dir, sizeof(dir), "%.*s", (int)len, slash ? file : ".");
        return add_directory(r, dir);
}

/* Where the name stands, and where the file is that it leads to. */
static int add_file(struct reload *r, const char *file)
{
        char target[PATH_MAX];
        int e = add_parent(r, file);

        return e == 0 && realpath(file, target) ? add_parent(r, target) : e;
}

static int add_locks(struct reload *r, const struct policy_set *policy)
{
        int e = 0;

        for (size_t i = 0; i < policy_set_count(policy) && e == 0; i++) {
                AUTO_FREE char *path = NULL;
                struct policy_pins pins;

                if (!policy_set_pins(policy, i, &pins))
                        continue;
                path = pin_file_path(policy, i);
                e = path ? add_file(r, path) : -ENOMEM;
        }
        return e;
}

static int add_beside(struct reload *r, const struct policy_set *policy, size_t index, struct str name)
{
        AUTO_FREE char *path = policy_file_beside(policy, index, name);

        return path ? add_file(r, path) : -ENOMEM;
}

static int add_lists(struct reload *r, const struct policy_set *policy)
{
        int e = 0;

        for (size_t i = 0; i < policy_set_count(policy) && e == 0; i++) {
                struct policy_approvers named;

                if (!policy_set_approvers(policy, i, &named))
                        continue;
                e = add_beside(r, policy, i, named.signers);
                if (e == 0 && named.revoked.len)
                        e = add_beside(r, policy, i, named.revoked);
        }
        return e;
}

/* The files that the policies of the set name. */
static int add_named(struct reload *r, const struct policy_set *policy)
{
        const int e = add_locks(r, policy);

        return e < 0 ? e : add_lists(r, policy);
}

static void release_directories(struct reload *r)
{
        for (size_t i = 0; i < r->directory_count; i++) {
                mem_free(r->directories[i]);
                r->directories[i] = NULL;
        }
        r->directory_count = 0;
}

/* A policy that is read anew may name files elsewhere; also one that does not come into force, for want of them
 * perhaps. True when the directories are others than before; without memory they stay. */
static bool follow_named(struct reload *r, const struct policy_set *in_force, const struct policy_set *fresh)
{
        struct reload next = { .directory_count = 0 };
        bool moved;
        int e = 0;

        for (size_t i = 0; i < r->fixed_count && e == 0; i++)
                e = add_directory(&next, r->directories[i]);
        if (e == 0)
                e = add_named(&next, in_force);
        if (e == 0)
                e = add_named(&next, fresh);
        moved = e == 0 && next.directory_count != r->directory_count;
        for (size_t i = 0; e == 0 && !moved && i < next.directory_count; i++)
                moved = strcmp(next.directories[i], r->directories[i]) != 0;
        if (moved) {
                release_directories(r);
                memcpy(r->directories, next.directories, sizeof(r->directories));
                r->directory_count = next.directory_count;
        } else {
                release_directories(&next);
        }
        return moved;
}

/* --- whether it may --- */

/* Its path if the text is new and nobody has said yes to it. */
static bool needs_trust(const struct reload *r, struct str path, struct str text)
{
        AUTO_FREE char *written = str_dup(path);
        AUTO_FREE char *whole = written ? trust_path_of(written) : NULL;

        return !whole || !trust_holds(r->state_dir, whole, text);
}

static bool policy_is_new(const struct policy_set *before, struct str path, struct str digest)
{
        for (size_t i = 0; i < policy_set_count(before); i++) {
                if (str_eq(policy_set_path(before, i), path) && str_eq(policy_set_digest(before, i), digest))
                        return false;
        }
        return true;
}

static bool lock_is_new(const struct pin_set *before, const struct pin_source *source)
{
        for (size_t i = 0; before && i < pin_set_count(before); i++) {
                const struct pin_source *old = pin_set_at(before, i);

                if (str_eq(old->path, source->path) && str_eq(pin_lock_text(old->lock), pin_lock_text(source->lock)))
                        return false;
        }
        return true;
}

struct change {
        const struct policy_set *before, *after;
        const struct pin_set *pins_before, *pins_after;
        const struct approvers *approvers_before;
        const struct approver_files *lists;
        const struct policy_files *files;
};

/* The first file that keeps the change from coming into force; empty when none does. The first of the files are the
 * administrator's, whom the user need not trust; a lock that they name is theirs as well. */
static struct str untrusted_file(const struct reload *r, const struct change *c)
{
        for (size_t i = c->files->system_count; i < c->files->count; i++) {
                const struct policy_input *file = &c->files->inputs[i];

                if (policy_is_new(c->before, file->path, policy_set_digest(c->after, i)) && needs_trust(r, file->path, file->text))
                        return file->path;
        }
        for (size_t i = 0; c->pins_after && i < pin_set_count(c->pins_after); i++) {
                const struct pin_source *source = pin_set_at(c->pins_after, i);

                if (!source->administrators && lock_is_new(c->pins_before, source) &&
                        needs_trust(r, source->path, pin_lock_text(source->lock)))
                        return source->path;
        }
        for (size_t i = 0; i < c->lists->count; i++) {
                const struct approver_file *list = &c->lists->files[i];

                if (!list->administrators && !approvers_know_list(c->approvers_before, list->text) &&
                        needs_trust(r, str_from(list->path), list->text))
                        return str_from(list->path);
        }
        return STR("");
}

static void say_in_force(const struct change *c, struct buf *message)
{
        buf_append_str(message, STR("changed policies are in force:"));
        for (size_t i = 0; i < policy_set_count(c->after); i++)
                buf_printf(message, " %.*s", STR_FMT(policy_set_name(c->after, i)));
        if (!policy_set_starts_alike(c->before, c->after))
                buf_append_str(message, STR("; what they say of the server's start, its credentials and the audit log counts from the next start"));
}

static enum reload_outcome judge(const struct reload *r, const struct change *c, struct reloaded *ret)
{
        const enum policy_change change = policy_set_compare(c->before, c->after);
        const bool same_pins = pin_set_eq(c->pins_before, c->pins_after);
        const enum approvers_change people = approvers_compare(c->approvers_before, c->lists->approvers);
        struct str file = STR("");

        if (change == POLICY_SAME && same_pins && people == APPROVERS_SAME)
                return RELOAD_SAME;
        ret->wider = change < POLICY_NARROWER || !same_pins || people == APPROVERS_OTHER;
        if (ret->wider && !r->any)
                file = untrusted_file(r, c);
        if (file.len) {
                ret->untrusted = true;
                printable_append(&ret->message, file, PATH_MAX);
                buf_append_str(&ret->message, STR(" has changed and may allow more; what was in force stays until you say: leastwise trust "));
                printable_append(&ret->message, file, PATH_MAX);
                return RELOAD_REFUSED;
        }
        say_in_force(c, &ret->message);
        return RELOAD_READY;
}

/* --- loading --- */

static void set_unrefp(struct policy_set **set)
{
        policy_set_unref(*set);
}

/* The first mistake stands for all. */
static void say_mistake(const struct diagnostics *diags, struct buf *message)
{
        buf_append_str(message, STR("changed policies are not in force, what was stays: "));
        for (size_t i = 0; i < diags->count; i++) {
                const struct diagnostic *d = &diags->items[i];

                if (d->severity != SEVERITY_ERROR)
                        continue;
                printable_append(message, d->path, PATH_MAX);
                if (d->line)
                        buf_printf(message, ":%u:%u", d->line, d->column);
                buf_printf(message, ": error[%s]: %s", d->code, d->message ? d->message : "?");
                if (diags->errors > 1)
                        buf_printf(message, " (and %zu more; see leastwise check)", diags->errors - 1);
                return;
        }
        buf_append_str(message, STR("out of memory"));
}

static enum reload_outcome load(void *userdata, const struct policy_set *policy, const struct pin_set *pins,
        const struct approvers *approvers, struct reloaded *ret)
{
        struct reload *r = userdata;
        CLEANUP(diagnostics_deinit) struct diagnostics diags = { 0 };
        CLEANUP(policy_files_deinit) struct policy_files files = { 0 };
        CLEANUP(pin_files_deinit) struct pin_files locks = { 0 };
        CLEANUP(approver_files_deinit) struct approver_files lists = { .count = 0 };
        CLEANUP(set_unrefp) struct policy_set *fresh = NULL;
        struct change change = { .before = policy, .pins_before = pins, .approvers_before = approvers,
                .files = &files, .lists = &lists };
        struct policy_options how = r->named->how;
        enum reload_outcome outcome;
        int e = policy_files_read(&files, r->named->paths, r->named->count, &diags);

        how.administrators = files.system_count;
        if (e == 0)
                e = policy_set_new(&fresh, files.inputs, files.count, &how, &diags);
        if (e == 0) {
                ret->moved = follow_named(r, policy, fresh);
                e = pin_files_read(&locks, fresh, &diags);
        }
        if (e == 0)
                e = approver_files_read(&lists, fresh, &diags);
        if (e < 0) {
                diagnostics_sort(&diags);
                say_mistake(&diags, &ret->message);
                return RELOAD_REFUSED;
        }
        change.after = fresh;
        change.pins_after = locks.set;
        outcome = judge(r, &change, ret);
        if (outcome == RELOAD_READY) {
                ret->policy = policy_set_ref(fresh);
                ret->pins = pin_set_ref(locks.set);
                ret->approvers = approvers_ref(lists.approvers);
        }
        return outcome;
}

int reload_init(struct reload *r, const struct policies_named *named, const struct policy_set *policy, const char *state_dir, bool any)
{
        AUTO_FREE char *trust = trust_directory(state_dir);
        int e = 0;

        *r = (struct reload){ .named = named, .state_dir = state_dir, .any = any };
        r->source = (struct reload_source){ load, r, (const char *const *)r->directories };
        for (size_t i = 0; i < named->count && e == 0; i++)
                e = add_file(r, named->paths[i]);
        if (e == 0)
                e = add_directory(r, system_place()->path);
        /* The directory of trust may come only later, in that of our state. */
        if (e == 0 && !any)
                e = add_directory(r, state_dir);
        if (e == 0 && !any)
                e = add_directory(r, trust);
        r->fixed_count = r->directory_count;
        return e == 0 ? add_named(r, policy) : e;
}

void reload_deinit(struct reload *r)
{
        release_directories(r);
}
