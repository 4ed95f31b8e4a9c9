/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/random.h>

#include "diagnose.h"
#include "versioned.h"

/* Values of --bind: what the command line takes, and far more than any policy lists. */
#define BINDINGS_MAX 64U

struct load {
        struct leastwise_load_options options;
        struct policy_input inputs[LIMIT_POLICIES];
        struct policy_pair bindings[BINDINGS_MAX];
        struct diagnostics diags;
};

int text_copy(char **ret, struct str text)
{
        *ret = text.len ? str_dup(text) : NULL;
        return text.len && !*ret ? -LEASTWISE_ERROR_MEMORY : 0;
}

/* Element number @index of an array of a caller, whose elements may be longer than ours. */
static const void *element(const void *array, size_t size, size_t index)
{
        return (const char *)array + index * size;
}

static bool read_sources(struct load *load, const struct leastwise_source *sources, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                const void *at = element(sources, sources->size, i);
                struct leastwise_source source;

                if (!versioned_read(&source, sizeof(source), sizeof(source), at) || source.size != sources->size)
                        return false;
                if (!source.name || !source.name[0] || (!source.text && source.length))
                        return false;
                load->inputs[i] = (struct policy_input){ str_from(source.name), str_of(source.text, source.length) };
        }
        return true;
}

static bool read_options(struct load *load, const struct leastwise_load_options *options)
{
        const uint32_t known = LEASTWISE_ENFORCES_LIMITS | LEASTWISE_ENFORCES_PINS | LEASTWISE_ENFORCES_LANES |
                               LEASTWISE_ENFORCES_RESULTS | LEASTWISE_ENFORCES_APPROVERS;
        const struct leastwise_binding *first;

        if (!options)
                return true;
        if (!versioned_read(&load->options, sizeof(load->options), sizeof(load->options), options))
                return false;
        first = load->options.bindings;
        if ((load->options.enforces & ~known) || load->options.binding_count > BINDINGS_MAX ||
                (load->options.binding_count && !first))
                return false;
        for (size_t i = 0; i < load->options.binding_count; i++) {
                struct leastwise_binding binding;

                if (!versioned_read(&binding, sizeof(binding), sizeof(binding), element(first, first->size, i)) ||
                        binding.size != first->size || !binding.name || !binding.value)
                        return false;
                load->bindings[i] = (struct policy_pair){ str_from(binding.name), str_from(binding.value) };
        }
        return true;
}

static int compile(struct load *load, size_t count, struct policy_set **ret)
{
        const struct policy_options options = { .bindings = load->bindings,
                .binding_count = load->options.binding_count,
                .agent = str_from(load->options.agent) };
        CLEANUP(policy_set_unrefp) struct policy_set *set = NULL;
        int r = policy_set_new(&set, load->inputs, count, &options, &load->diags);
        int told;

        if (r == -ENOMEM)
                return -LEASTWISE_ERROR_MEMORY;
        if (r < 0)
                r = -LEASTWISE_ERROR_POLICY;
        else if (diagnose_not_enforced(set, load->options.enforces, &load->diags))
                r = -LEASTWISE_ERROR_NOT_ENFORCED;
        told = diagnose_all(&load->diags, load->options.diagnose, load->options.userdata);
        if (r < 0 || told < 0)
                return r < 0 ? r : told;
        *ret = set;
        set = NULL;
        return 0;
}

static int fill_in(struct leastwise_policy *policy)
{
        for (size_t i = 0; i < policy_set_count(policy->set); i++) {
                struct layer_texts *texts = &policy->layers[i];

                if (text_copy(&texts->name, policy_set_name(policy->set, i)) < 0 ||
                        text_copy(&texts->purpose, policy_set_purpose(policy->set, i)) < 0 ||
                        text_copy(&texts->digest, policy_set_digest(policy->set, i)) < 0)
                        return -LEASTWISE_ERROR_MEMORY;
        }
        return 0;
}

static int load_policy(struct leastwise_policy **ret, struct load *load, size_t count)
{
        CLEANUP(leastwise_policy_unrefp) struct leastwise_policy *policy = mem_calloc(1, sizeof(*policy));
        int r;

        if (!policy)
                return -LEASTWISE_ERROR_MEMORY;
        atomic_init(&policy->references, 1);
        if (getrandom(policy->seed, sizeof(policy->seed), 0) != (ssize_t)sizeof(policy->seed))
                return -LEASTWISE_ERROR_RANDOM;
        r = compile(load, count, &policy->set);
        if (r == 0)
                r = fill_in(policy);
        if (r < 0)
                return r;
        *ret = policy;
        policy = NULL;
        return 0;
}

int leastwise_policy_load(struct leastwise_policy **ret, const struct leastwise_source *sources, size_t count,
        const struct leastwise_load_options *options)
{
        AUTO_FREE struct load *load = NULL;
        int r;

        if (!ret || !sources || count == 0 || count > LIMIT_POLICIES)
                return -LEASTWISE_ERROR_ARGUMENT;
        load = mem_calloc(1, sizeof(*load));
        if (!load)
                return -LEASTWISE_ERROR_MEMORY;
        if (!read_sources(load, sources, count) || !read_options(load, options))
                return -LEASTWISE_ERROR_ARGUMENT;
        r = load_policy(ret, load, count);
        diagnostics_deinit(&load->diags);
        return r;
}
