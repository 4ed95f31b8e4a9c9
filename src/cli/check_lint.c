/* SPDX-License-Identifier: Apache-2.0 */
#include "check_lint.h"

#include <errno.h>
#include <time.h>

#include "cleanup.h"

static bool hint(const struct json_doc *doc, uint32_t annotations, struct str name, bool otherwise)
{
        uint32_t token = json_member(doc, annotations, name);

        if (!token)
                return otherwise;
        return json_type_of(doc, token) == JSON_TRUE;
}

/* A server that annotates a tool, and says neither that it only reads nor that it destroys nothing, says by the protocol's defaults
 * that it may destroy. One that annotates nothing says nothing. */
static bool is_destructive(const struct json_doc *doc, uint32_t definition)
{
        uint32_t annotations = json_member(doc, definition, STR("annotations"));

        if (!annotations || json_type_of(doc, annotations) != JSON_OBJECT)
                return false;
        return !hint(doc, annotations, STR("readOnlyHint"), false) && hint(doc, annotations, STR("destructiveHint"), true);
}

/* From mem_alloc(); NULL without memory. */
static struct lint_tool *tools_of(const struct pin_lock *lock)
{
        size_t count = pin_lock_count(lock);
        struct lint_tool *tools = mem_calloc(count + 1, sizeof(*tools));

        for (size_t i = 0; tools && i < count; i++) {
                const struct pin *pin = pin_lock_at(lock, i);

                tools[i] = (struct lint_tool){ pin->name, is_destructive(pin_lock_doc(lock), pin->definition) };
        }
        return tools;
}

static void lint_pins_deinit(struct lint_pins (*pins)[LIMIT_POLICIES])
{
        for (size_t i = 0; i < LIMIT_POLICIES; i++)
                mem_free((void *)(uintptr_t)(*pins)[i].tools);
}

int check_lint(const struct policy_set *set, const struct pin_files *files, const struct approvers *approvers, size_t from,
        struct diagnostics *diags)
{
        CLEANUP(lint_pins_deinit) struct lint_pins pins[LIMIT_POLICIES] = { { 0 } };
        const struct lint lint = {
                .now_s = time(NULL), .from = from, .pins = pins, .people = approvers ? approvers_people(approvers) : 0
        };
        struct policy_pins where;

        /* The locks are those of the policies that pin, in their order. */
        for (size_t i = 0, lock = 0; i < policy_set_count(set); i++) {
                const struct pin_source *source;

                if (!policy_set_pins(set, i, &where))
                        continue;
                source = pin_set_at(files->set, lock++);
                pins[i] = (struct lint_pins){ tools_of(source->lock), pin_lock_count(source->lock), true };
                if (!pins[i].tools)
                        return -ENOMEM;
        }
        policy_set_lint(set, &lint, diags);
        return 0;
}
