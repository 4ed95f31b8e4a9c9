/* SPDX-License-Identifier: Apache-2.0 */
#include "policies.h"

#include "policy_files.h"
#include "verb.h"

static int collect_bindings(struct policy_pair *pairs, size_t *ret_count, const char *verb, const struct options *options)
{
        const char *arg;

        for (*ret_count = 0; (arg = options_get(options, "bind", *ret_count)); (*ret_count)++) {
                if (!policy_files_parse_bind(arg, &pairs[*ret_count]))
                        return usage_error(verb, "--bind takes NAME=VALUE, not \"%s\"", arg);
        }
        return 0;
}

int policies_name(struct policies_named *ret, const char *verb, const struct options *options)
{
        const size_t count = options_times(options, "policy");

        *ret = (struct policies_named){ .count = count };
        ret->how.bindings = ret->bindings;
        ret->how.agent = str_from(options_get(options, "agent", 0));
        if (count == 0)
                return usage_error(verb, "no --policy: nothing is allowed without one, so there is nothing to start");
        if (count > LIMIT_POLICIES)
                return usage_error(verb, "more than %u policies", LIMIT_POLICIES);
        for (size_t i = 0; i < count; i++)
                ret->paths[i] = options_get(options, "policy", i);
        return collect_bindings(ret->bindings, &ret->how.binding_count, verb, options);
}

int policies_load(struct policy_set **ret, const char *verb, const struct options *options, bool colour)
{
        struct policies_named named;
        int status = policies_name(&named, verb, options);

        return status ? status : policy_files_load(ret, named.paths, named.count, &named.how, colour);
}
