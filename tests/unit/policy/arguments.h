/* SPDX-License-Identifier: Apache-2.0
 *
 * A call with arguments, decided about by one policy.
 */
#pragma once

#include "limit.h"
#include "world.h"

/* A copy of it has to be told where its document is. */
struct call {
        struct world w;
        struct json_doc doc;
        struct buf text;
        struct policy_scratch *scratch;
        struct policy_request request;
        struct policy_decision decision;
};

/* The arguments of another call; NULL: none. */
static inline void call_arguments(struct call *call, const char *arguments)
{
        buf_clear(&call->text, SIZE_MAX);
        call->request.doc = &call->doc;
        call->request.arguments = 0;
        if (arguments) {
                buf_printf(&call->text, "[%s]", arguments);
                cr_assert_eq(json_read(&call->doc, buf_str(&call->text)), JSON_OK, "%s", arguments);
                call->request.arguments = 1;
        }
        policy_set_decide(call->w.set, &call->request, &call->decision);
}

static inline struct call call_start(struct world w, const char *tool)
{
        struct call call = { .w = w,
                .text = BUF_INIT(2 * LIMIT_LINE_BYTES),
                .scratch = policy_scratch_new(),
                .request = { .subject = POLICY_TOOL, .name = str_from(tool) } };

        for (size_t i = 0; i < w.diags.count; ++i)
                cr_assert_eq(w.diags.items[i].severity, SEVERITY_WARNING, "%s", w.diags.items[i].message);
        json_doc_init(&call.doc, (const uint64_t[2]){ 1, 2 });
        call.request.scratch = call.scratch;
        return call;
}

static inline struct call call_with(
        const char *policy, const struct policy_options *options, const char *tool, const char *arguments)
{
        struct call call = call_start(world_of(&policy, 1, options), tool);

        call_arguments(&call, arguments);
        return call;
}

static inline struct call call_of(const char *policy, const char *tool, const char *arguments)
{
        return call_with(policy, NULL, tool, arguments);
}

static inline void call_end(struct call *call)
{
        policy_scratch_free(call->scratch);
        json_doc_deinit(&call->doc);
        buf_deinit(&call->text);
        world_end(&call->w);
}

static inline enum verdict arguments_verdict(const char *policy, const char *tool, const char *arguments)
{
        struct call call = call_of(policy, tool, arguments);
        enum verdict verdict = call.decision.verdict;

        call_end(&call);
        return verdict;
}
