/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

#include "alloc.h"
#include "limit.h"

static void *allocate(size_t size, void *userdata)
{
        return mem_alloc(size);
}

static void release(void *ptr, void *userdata)
{
        mem_free(ptr);
}

struct policy_scratch *policy_scratch_new(void)
{
        struct policy_scratch *scratch = mem_calloc(1, sizeof(*scratch));

        if (!scratch)
                return NULL;
        buf_init(&scratch->text, LIMIT_LINE_BYTES);
        scratch->general = pcre2_general_context_create(allocate, release, NULL);
        if (scratch->general) {
                scratch->limits = pcre2_match_context_create(scratch->general);
                scratch->match = pcre2_match_data_create(1, scratch->general);
        }
        if (!scratch->limits || !scratch->match)
                return policy_scratch_free(scratch);
        pcre2_set_match_limit(scratch->limits, LIMIT_REGEX_STEPS);
        pcre2_set_depth_limit(scratch->limits, LIMIT_REGEX_DEPTH);
        pcre2_set_heap_limit(scratch->limits, LIMIT_REGEX_HEAP_KIB);
        return scratch;
}

struct policy_scratch *policy_scratch_free(struct policy_scratch *scratch)
{
        if (!scratch)
                return NULL;
        pcre2_match_data_free(scratch->match);
        pcre2_match_context_free(scratch->limits);
        pcre2_general_context_free(scratch->general);
        buf_deinit(&scratch->text);
        mem_free(scratch);
        return NULL;
}
