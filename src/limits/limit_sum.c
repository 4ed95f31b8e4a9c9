/* SPDX-License-Identifier: Apache-2.0 */
#include "limit_sum.h"

#include "alike.h"

struct summing {
        const struct policy_limit *limit;
        const struct json_doc *doc;
        struct amount sum;
        const char *problem;
        bool any;
};

static bool fail(struct summing *s, const char *problem)
{
        s->problem = problem;
        return false;
}

static bool add_value(struct summing *s, uint32_t token)
{
        struct amount amount;
        enum amount_error error;

        if (json_type_of(s->doc, token) != JSON_NUMBER)
                return fail(s, amount_error_text(AMOUNT_NOT_A_NUMBER));
        error = amount_parse(json_text(s->doc, token), &amount);
        if (error != AMOUNT_OK)
                return fail(s, amount_error_text(error));
        s->any = true;
        return amount_add(&s->sum, amount) || fail(s, amount_error_text(AMOUNT_TOO_LARGE));
}

static bool walk(struct summing *s, uint32_t token, size_t step);

static bool walk_items(struct summing *s, uint32_t token, size_t step)
{
        if (json_type_of(s->doc, token) != JSON_ARRAY)
                return fail(s, "is not a list where one is expected");
        json_each_item (s->doc, token, item)
                if (!walk(s, item, step + 1))
                        return false;
        return true;
}

/* @step is at most LIMIT_ARGUMENT_STEPS: the depth is bounded. */
static bool walk(struct summing *s, uint32_t token, size_t step)
{
        const struct argument_path *path = &s->limit->path;
        uint32_t value;

        if (step == path->count)
                return add_value(s, token);
        if (path->steps[step].items)
                return walk_items(s, token, step);
        value = json_type_of(s->doc, token) == JSON_OBJECT ? json_member(s->doc, token, path->steps[step].name) : 0;
        if (!value)
                return fail(s, "is missing");
        if (json_has_alike(s->doc, token, path->steps[step].name))
                return fail(s, "stands beside one whose name differs only in case, `_` or `-`");
        return walk(s, value, step + 1);
}

bool limit_sum(const struct policy_limit *limit, const struct json_doc *doc, uint32_t arguments, struct amount *ret,
        const char **ret_problem)
{
        struct summing s = { .limit = limit, .doc = doc };

        if (!doc || !arguments)
                fail(&s, "is missing");
        else if (walk(&s, arguments, 0) && !s.any)
                fail(&s, "is missing");
        *ret = s.sum;
        *ret_problem = s.problem;
        return !s.problem;
}
