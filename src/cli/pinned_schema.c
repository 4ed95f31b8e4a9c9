/* SPDX-License-Identifier: Apache-2.0 */
#include "pinned_schema.h"

#include "alloc.h"
#include "cleanup.h"
#include "pin_files.h"

static const uint64_t no_seed[2] = { 0 };

/* Arguments must fit by every lock: what does not fit says more than what cannot be told, and that more than what fits.
 */
static bool says_more(const struct pinned_schema *than, const struct schema_result *result)
{
        return !than->lock || (result->verdict != SCHEMA_VALID && than->result.verdict != SCHEMA_INVALID);
}

static void check_one(struct pinned_schema *ret, const struct pin_source *source, struct str tool,
        const struct json_doc *doc, uint32_t token, struct schema_scratch *scratch)
{
        const size_t index = pin_lock_find(source->lock, tool);
        const struct json_doc *lock = pin_lock_doc(source->lock);
        struct schema_result result;
        uint32_t schema;
        char *path;

        schema = index == SIZE_MAX
                         ? 0
                         : json_member(lock, pin_lock_at(source->lock, index)->definition, STR("inputSchema"));
        if (!schema)
                return;
        schema_check(lock, schema, doc, token, scratch, &result);
        if (!says_more(ret, &result))
                return;
        path = str_dup(source->path);
        if (!path)
                return;
        mem_free(ret->lock);
        ret->lock = path;
        ret->result = result;
}

void pinned_schema_check(struct pinned_schema *ret, const struct policy_set *set, struct str tool,
        const struct json_doc *doc, uint32_t token)
{
        CLEANUP(diagnostics_deinit) struct diagnostics diags = { 0 };
        CLEANUP(pin_files_deinit) struct pin_files files = { 0 };
        CLEANUP(json_doc_deinit) struct json_doc none;
        struct schema_scratch *scratch;

        *ret = (struct pinned_schema){ .lock = NULL };
        json_doc_init(&none, no_seed);
        if (pin_files_read(&files, set, &diags) < 0 || !files.set || (!token && json_read(&none, STR("{}")) != JSON_OK))
                return;
        scratch = schema_scratch_new();
        for (size_t i = 0; i < pin_set_count(files.set); ++i)
                check_one(ret, pin_set_at(files.set, i), tool, token ? doc : &none, token, scratch);
        schema_scratch_free(scratch);
}

void pinned_schema_deinit(struct pinned_schema *schema)
{
        mem_free(schema->lock);
        schema->lock = NULL;
}
