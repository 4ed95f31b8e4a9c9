/* SPDX-License-Identifier: Apache-2.0 */
#include "library.h"

static void policy_free(struct leastwise_policy *policy)
{
        for (size_t i = 0; i < LIMIT_POLICIES; i++) {
                mem_free(policy->layers[i].name);
                mem_free(policy->layers[i].purpose);
                mem_free(policy->layers[i].digest);
        }
        policy_set_unref(policy->set);
        mem_free(policy);
}

struct leastwise_policy *leastwise_policy_ref(struct leastwise_policy *policy)
{
        if (policy)
                atomic_fetch_add_explicit(&policy->references, 1, memory_order_relaxed);
        return policy;
}

struct leastwise_policy *leastwise_policy_unref(struct leastwise_policy *policy)
{
        if (policy && atomic_fetch_sub_explicit(&policy->references, 1, memory_order_acq_rel) == 1)
                policy_free(policy);
        return NULL;
}

void leastwise_policy_unrefp(struct leastwise_policy **policy)
{
        *policy = leastwise_policy_unref(*policy);
}

size_t leastwise_policy_count(const struct leastwise_policy *policy)
{
        return policy ? policy_set_count(policy->set) : 0;
}

static const struct layer_texts *layer_at(const struct leastwise_policy *policy, size_t layer)
{
        static const struct layer_texts none = { 0 };

        return policy && layer < LIMIT_POLICIES ? &policy->layers[layer] : &none;
}

const char *leastwise_policy_name(const struct leastwise_policy *policy, size_t layer)
{
        return layer_at(policy, layer)->name;
}

const char *leastwise_policy_purpose(const struct leastwise_policy *policy, size_t layer)
{
        return layer_at(policy, layer)->purpose;
}

const char *leastwise_policy_digest(const struct leastwise_policy *policy, size_t layer)
{
        return layer_at(policy, layer)->digest;
}
