/* SPDX-License-Identifier: Apache-2.0
 *
 * Short ways to a policy set and a verdict, for the tests of this layer.
 */
#pragma once

#include <criterion/criterion.h>
#include <stdio.h>

#include "codes.h"
#include "policy.h"

#define HEAD "leastwise: 1\nname: test\npurpose: a test\n"

struct world {
        struct policy_set *set;
        struct diagnostics diags;
        int r;
};

static inline struct world world_of(const char *const *texts, size_t count, const struct policy_options *options)
{
        static const char *const names[] = { "a.yaml", "b.yaml", "c.yaml" };
        struct policy_input inputs[3];
        struct world w = { 0 };

        for (size_t i = 0; i < count; ++i)
                inputs[i] = (struct policy_input){ str_from(names[i]), str_from(texts[i]) };
        w.r = policy_set_new(&w.set, inputs, count, options, &w.diags);
        return w;
}

static inline struct world world_one(const char *text)
{
        return world_of(&text, 1, NULL);
}

static inline void world_end(struct world *w)
{
        policy_set_unref(w->set);
        diagnostics_deinit(&w->diags);
}

/* A policy that must be good. */
static inline struct world world_good(const char *text)
{
        struct world w = world_one(text);

        cr_assert_eq(w.r, 0, "%s: %s", w.diags.count ? w.diags.items[0].message : "?", text);
        return w;
}

static inline struct policy_decision world_decide(
        const struct world *w, enum policy_subject subject, struct str name, int64_t now_s)
{
        struct policy_request request = { .subject = subject, .name = name, .now_s = now_s };
        struct policy_decision d;

        memset(&d, 0xA5, sizeof(d));
        policy_set_decide(w->set, &request, &d);
        return d;
}

static inline bool world_has_code(const struct world *w, const char *code)
{
        for (size_t i = 0; i < w->diags.count; ++i) {
                if (strcmp(w->diags.items[i].code, code) == 0)
                        return true;
        }
        return false;
}
