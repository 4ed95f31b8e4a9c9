/* SPDX-License-Identifier: Apache-2.0 */
#include "set.h"

#include <errno.h>
#include <sodium.h>

#include "cleanup.h"
#include "compile.h"
#include "hex.h"
#include "source_text.h"

static void set_free(struct policy_set *set)
{
        arena_deinit(&set->arena);
        mem_free(set);
}

struct policy_set *policy_set_ref(struct policy_set *set)
{
        if (set)
                atomic_fetch_add_explicit(&set->references, 1, memory_order_relaxed);
        return set;
}

struct policy_set *policy_set_unref(struct policy_set *set)
{
        if (set && atomic_fetch_sub_explicit(&set->references, 1, memory_order_acq_rel) == 1)
                set_free(set);
        return NULL;
}

static void set_unrefp(struct policy_set **set)
{
        policy_set_unref(*set);
}

static int digest(struct policy_set *set, struct str text, struct str *ret)
{
        unsigned char hash[crypto_hash_sha256_BYTES];
        AUTO_BUF struct buf out = BUF_INIT(128);

        crypto_hash_sha256(hash, (const unsigned char *)text.ptr, text.len);
        buf_append_str(&out, STR("sha256:"));
        hex_append(&out, hash, sizeof(hash));
        if (out.failed)
                return -ENOMEM;
        return arena_str(&set->arena, buf_str(&out), ret);
}

static void option_error(
        struct diagnostics *diags, const char *code, const char *help, struct str name, const char *what)
{
        diagnostics_add(diags, SEVERITY_ERROR, code, (struct diagnostic_place){ .path = STR("--bind") }, help,
                "`%s` %s", show(name).text, what);
}

static void check_options(const struct policy_options *options, struct diagnostics *diags)
{
        for (size_t i = 0; i < options->binding_count; ++i) {
                const struct policy_pair *pair = &options->bindings[i];

                if (!compile_is_label(pair->name))
                        option_error(diags, P_BAD_NAME, "use letters, digits, `.`, `_` and `-`", pair->name,
                                "is not a name to bind");
                if (!compile_is_bind_value(pair->value))
                        option_error(diags, P_BIND_VALUE,
                                "a value is 1 to 1024 bytes of UTF-8 without control characters", pair->name,
                                "is bound to what cannot be a value");
                for (size_t j = 0; j < i; ++j) {
                        if (str_eq(options->bindings[j].name, pair->name))
                                option_error(diags, P_BIND_TWICE, NULL, pair->name, "is bound twice");
                }
        }
}

/* One file: 0 or -ENOMEM; whatever is wrong with it becomes a diagnostic. */
static int add_policy(struct policy_set *set, const struct policy_input *input, const struct policy_options *options,
        bool *options_used, struct diagnostics *diags)
{
        struct policy *policy = &set->policies[set->count];
        struct diagnostic_place whole = { .path = input->path };
        CLEANUP(arena_deinit) struct arena tree = { 0 };
        struct compile c = { .arena = &set->arena,
                .diags = diags,
                .options = options,
                .options_used = options_used,
                .path = input->path,
                .policy = policy };
        struct yaml_node *root = NULL;
        int r;

        policy->input = input;
        policy->index = set->count;
        policy->administrators = set->count < options->administrators;
        if (arena_str(&set->arena, input->path, &policy->path) < 0 || digest(set, input->text, &policy->digest) < 0)
                return -ENOMEM;
        if (input->text.len > LIMIT_POLICY_BYTES) {
                diagnostics_add(diags, SEVERITY_ERROR, P_TOO_LARGE, whole, NULL, "the file has more than %u bytes",
                        LIMIT_POLICY_BYTES);
                return 0;
        }
        if (!source_text_check(input->path, input->text, diags))
                return 0;
        r = yaml_tree_read(&root, &tree, input->path, input->text, diags);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        compile_policy(&c, root);
        set->count++;
        return c.no_memory ? -ENOMEM : 0;
}

static int add_policies(struct policy_set *set, const struct policy_input *inputs, size_t count,
        const struct policy_options *options, struct diagnostics *diags)
{
        bool *used = arena_array(&set->arena, options->binding_count, sizeof(*used));
        int r;

        set->policies = arena_array(&set->arena, count, sizeof(*set->policies));
        if (!used || !set->policies)
                return -ENOMEM;
        for (size_t i = 0; i < count; ++i) {
                r = add_policy(set, &inputs[i], options, used, diags);
                if (r < 0)
                        return r;
        }
        /* A file that could not be read may have declared it. */
        for (size_t i = 0; i < options->binding_count && set->count == count && !options->spare_bindings; ++i) {
                if (!used[i])
                        option_error(diags, P_BIND_UNKNOWN, "declare it in the policy: `bind: [...]`",
                                options->bindings[i].name, "is not declared by any policy");
        }
        r = policy_launch_merge(set, diags);
        if (r == 0)
                r = policy_lanes_merge(set, diags);
        return r < 0 ? r : policy_approval_merge(set);
}

int policy_set_new(struct policy_set **ret, const struct policy_input *inputs, size_t count,
        const struct policy_options *options, struct diagnostics *diags)
{
        static const struct policy_options no_options = { 0 };
        CLEANUP(set_unrefp) struct policy_set *set = NULL;
        size_t errors_before = diags->errors;
        int r;

        if (!options)
                options = &no_options;
        if (count == 0 || count > LIMIT_POLICIES) {
                diagnostics_add(diags, SEVERITY_ERROR, P_TOO_MANY_POLICIES,
                        (struct diagnostic_place){ .path = STR("--policy") }, NULL,
                        "one to %u policies can be in force", LIMIT_POLICIES);
                return -EINVAL;
        }
        set = mem_calloc(1, sizeof(*set));
        if (!set)
                return -ENOMEM;
        atomic_init(&set->references, 1);
        check_options(options, diags);
        r = add_policies(set, inputs, count, options, diags);
        diagnostics_sort(diags);
        if (r < 0)
                return r;
        if (diags->errors > errors_before || set->count != count)
                return -EINVAL;
        *ret = set;
        set = NULL;
        return 0;
}

bool policy_set_checks_schema(const struct policy_set *set)
{
        for (size_t i = 0; i < set->count; ++i) {
                if (!set->policies[i].schema_off)
                        return true;
        }
        return false;
}

void policy_set_launch(const struct policy_set *set, struct policy_launch *ret)
{
        *ret = set->launch;
}

bool policy_set_pins(const struct policy_set *set, size_t index, struct policy_pins *ret)
{
        *ret = set->policies[index].pins;
        return ret->file.len > 0;
}

bool policy_set_approvers(const struct policy_set *set, size_t index, struct policy_approvers *ret)
{
        *ret = set->policies[index].approvers;
        return ret->signers.len > 0;
}

size_t policy_set_count(const struct policy_set *set)
{
        return set->count;
}

struct str policy_set_name(const struct policy_set *set, size_t index)
{
        return set->policies[index].name;
}

struct str policy_set_purpose(const struct policy_set *set, size_t index)
{
        return set->policies[index].purpose;
}

struct str policy_set_path(const struct policy_set *set, size_t index)
{
        return set->policies[index].path;
}

struct str policy_set_digest(const struct policy_set *set, size_t index)
{
        return set->policies[index].digest;
}
