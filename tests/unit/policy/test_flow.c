/* SPDX-License-Identifier: Apache-2.0
 *
 * Flow rules: what has been met makes what comes stricter, and nothing looser.
 */
#include "leaks.h"
#include "policy_flow.h"
#include "world.h"

#define TRIANGLE                                                                                                        \
        HEAD "tools: { allow: [\"get_*\", read_private, \"send_*\"], deny: [send_fax] }\n"                              \
             "flow:\n"                                                                                                  \
             "  marks: { untrusted: \"get_*\", private: [read_private], leaves: \"send_*\" }\n"                         \
             "  rules:\n"                                                                                               \
             "    - { after: [untrusted, private], on: leaves, then: deny, because: Strangers and secrets met. }\n"       \
             "    - { after: private, on: [leaves], then: approve }\n"

static struct policy_decision decide_after(const struct world *w, const struct policy_marks *marks, const char *tool)
{
        struct policy_request request = { .subject = POLICY_TOOL, .name = str_from(tool), .marks = marks };
        struct policy_decision d;

        policy_set_decide(w->set, &request, &d);
        return d;
}

Test(flow, a_triangle_is_closed)
{
        struct world w = world_good(TRIANGLE);
        struct policy_marks marks = { 0 };
        struct policy_decision d;

        cr_assert(policy_set_has_flow(w.set));
        cr_expect_eq(decide_after(&w, NULL, "send_mail").verdict, VERDICT_ALLOW);
        cr_expect_eq(decide_after(&w, &marks, "send_mail").verdict, VERDICT_ALLOW);
        policy_set_mark(w.set, POLICY_TOOL, STR("get_issue"), &marks);
        cr_expect_eq(decide_after(&w, &marks, "send_mail").verdict, VERDICT_ALLOW);
        policy_set_mark(w.set, POLICY_TOOL, STR("read_private"), &marks);
        d = decide_after(&w, &marks, "send_mail");
        cr_expect_eq(d.verdict, VERDICT_DENY);
        cr_expect_eq(d.reason, POLICY_BY_RULE);
        cr_expect(str_eq(d.rule_id, STR("flow.rules[0]")));
        cr_expect(str_eq(d.because, STR("Strangers and secrets met.")));
        cr_expect_eq(d.line, 8);
        cr_expect_eq(decide_after(&w, &marks, "get_issue").verdict, VERDICT_ALLOW);
        world_end(&w);
        CHECK_NO_LEAKS();
}

Test(flow, the_strictest_rule_decides_and_none_allows)
{
        struct world w = world_good(TRIANGLE);
        struct policy_marks marks = { 0 };
        struct policy_decision d;

        policy_set_mark(w.set, POLICY_TOOL, STR("read_private"), &marks);
        d = decide_after(&w, &marks, "send_mail");
        cr_expect_eq(d.verdict, VERDICT_APPROVE);
        cr_expect(str_eq(d.rule_id, STR("flow.rules[1]")));
        /* What rules deny stays denied by them: an approval would be looser. */
        d = decide_after(&w, &marks, "send_fax");
        cr_expect_eq(d.verdict, VERDICT_DENY);
        cr_expect(str_eq(d.rule_id, STR("tools.deny[0]")));
        cr_expect_eq(decide_after(&w, &marks, "unknown").reason, POLICY_NO_RULE);
        world_end(&w);
}

Test(flow, a_mark_takes_anything)
{
        struct world w = world_good(TRIANGLE);
        struct policy_marks marks = { 0 };

        policy_set_mark(w.set, POLICY_TOOL, STR("get_\xc3\xa9"), &marks);
        cr_expect_eq(marks.of[0], 1);
        world_end(&w);
}

static size_t steps, deciding;
static struct str decided_by;

static void count_steps(void *userdata, const struct policy_step *step)
{
        ++steps;
        if (step->decides && step->rule_id.len) {
                ++deciding;
                decided_by = step->rule_id;
        }
}

Test(flow, explain_shows_the_rule)
{
        struct world w = world_good(TRIANGLE);
        struct policy_marks marks = { 0 };
        struct policy_request request = { .subject = POLICY_TOOL, .name = STR("send_mail"), .marks = &marks };
        struct policy_decision d;

        policy_set_mark(w.set, POLICY_TOOL, STR("read_private"), &marks);
        policy_set_explain(w.set, &request, count_steps, NULL, &d);
        cr_expect_eq(d.verdict, VERDICT_APPROVE);
        cr_expect_eq(steps, 3, "the allow rule, the flow rule, the policy");
        cr_expect_eq(deciding, 1);
        cr_expect(str_eq(decided_by, STR("flow.rules[1]")));
        world_end(&w);
}

Test(flow, each_policy_has_marks_of_its_own)
{
        const char *texts[] = { HEAD "tools: { allow: [\"**\"] }\n", TRIANGLE };
        struct world w = world_of(texts, 2, NULL);
        struct policy_marks marks = { 0 };

        cr_assert_eq(w.r, 0);
        policy_set_mark(w.set, POLICY_TOOL, STR("read_private"), &marks);
        cr_expect_eq(marks.of[0], 0);
        cr_expect_eq(marks.of[1], 2);
        cr_expect_eq(decide_after(&w, &marks, "send_mail").verdict, VERDICT_APPROVE);
        world_end(&w);
}

Test(flow, marks_move_by_name)
{
        const char *after[] = { HEAD "flow: { marks: { private: x, new: y }, rules: [{ after: private, on: new, then: deny }] }\n" };
        const char *renamed[] = { "leastwise: 1\nname: of-another-name\npurpose: Try.\n"
                                  "flow: { marks: { private: x, new: y }, rules: [{ after: private, on: new, then: deny }] }\n" };
        struct world from = world_good(TRIANGLE), to = world_of(after, 1, NULL), other = world_of(renamed, 1, NULL);
        struct policy_marks marks = { 0 }, more = { 0 }, again;

        policy_set_mark(from.set, POLICY_TOOL, STR("get_issue"), &marks);
        policy_set_mark(from.set, POLICY_TOOL, STR("read_private"), &more);
        policy_marks_add(&marks, &more);
        cr_expect_eq(marks.of[0], 3);
        again = marks;
        policy_marks_move(&marks, from.set, to.set);
        cr_expect_eq(marks.of[0], 1);
        policy_marks_move(&again, from.set, other.set);
        cr_expect_eq(again.of[0], 1);
        world_end(&other);
        world_end(&from);
        world_end(&to);
}

/* More met is never less strict, whatever the policy says otherwise. */
Test(flow, marks_only_narrow)
{
        static const char *const tools[] = { "get_a", "read_private", "send_mail", "send_fax", "other" };
        struct world w = world_good(TRIANGLE);

        for (unsigned met = 0; met < 8; ++met) {
                for (unsigned more = 0; more < 8; ++more) {
                        struct policy_marks few = { .of = { met } }, many = { .of = { met | more } };

                        for (size_t i = 0; i < 5; ++i)
                                cr_expect_leq(decide_after(&w, &many, tools[i]).verdict, decide_after(&w, &few, tools[i]).verdict,
                                        "%u %u %s", met, more, tools[i]);
                }
        }
        world_end(&w);
}

#define TEXTS \
        HEAD "tools: { allow: [\"**\"] }\n" \
             "resources: { allow: [\"file:///**\", \"repo://a/**\"] }\n" \
             "prompts: { allow: [\"**\"] }\n" \
             "flow:\n" \
             "  marks:\n" \
             "    untrusted: [get_mail, { resource: [\"file:///inbox/**\", \"file:///drafts/x\", \"repo://q/x\"] }, " \
             "{ prompt: \"review_*\" }]\n" \
             "    leaves: { resource: \"repo://a/**\", prompt: post }\n" \
             "  rules: [{ after: untrusted, on: leaves, then: deny }]\n"

static uint64_t marked_by(const struct world *w, enum policy_subject subject, const char *name)
{
        struct policy_marks marks = { 0 };

        policy_set_mark(w->set, subject, str_from(name), &marks);
        return marks.of[0];
}

/* What a server could take for a resource that bears the mark, bears it. */
Test(flow, resources_and_prompts_bear_marks)
{
        static const struct {
                enum policy_subject subject;
                const char *name;
                uint64_t marks;
        } rows[] = {
                { POLICY_TOOL, "get_mail", 1 },
                { POLICY_TOOL, "review_it", 0 },
                { POLICY_TOOL, "file:///inbox/1", 0 },
                { POLICY_PROMPT, "review_it", 1 },
                { POLICY_PROMPT, "get_mail", 0 },
                { POLICY_PROMPT, "post", 2 },
                { POLICY_RESOURCE, "file:///inbox/1", 1 },
                { POLICY_RESOURCE, "file:///inbox/a/b", 1 },
                { POLICY_RESOURCE, "file:///notes/1", 0 },
                { POLICY_RESOURCE, "file:///drafts/x", 1 },
                { POLICY_RESOURCE, "file:///drafts/x?y", 3 },
                { POLICY_RESOURCE, "repo://q/x?y", 1 },
                { POLICY_RESOURCE, "repo://q/y?x", 0 },
                { POLICY_RESOURCE, "file:///drafts/x/", 1 },
                { POLICY_RESOURCE, "file:///drafts/xy", 0 },
                { POLICY_RESOURCE, "repo://a/b", 2 },
                { POLICY_RESOURCE, "file:///notes/../inbox/1", 3 },
                { POLICY_RESOURCE, "file:///%69nbox/1", 3 },
                { POLICY_RESOURCE_TEMPLATE, "file:///{path}", 1 },
                { POLICY_RESOURCE_TEMPLATE, "file:///inbox/{id}/x", 1 },
                { POLICY_RESOURCE_TEMPLATE, "file:///notes/{id}", 0 },
                { POLICY_RESOURCE_TEMPLATE, "file:///inbox/1", 1 },
                { POLICY_RESOURCE_TEMPLATE, "repo://{owner}/b", 3 },
                { POLICY_RESOURCE_TEMPLATE, "FILE:///{path}", 3 },
                { POLICY_RESOURCE_TEMPLATE, "{+uri}", 3 },
                { POLICY_RESOURCE_TEMPLATE, "repo://q/x?{q}", 1 },
                { POLICY_RESOURCE_TEMPLATE, "repo://q/x/?{q}", 1 },
                { POLICY_RESOURCE_TEMPLATE, "repo://a?{q}", 3 },
                { POLICY_RESOURCE_TEMPLATE, "repo://q/y?{q}", 0 },
                { POLICY_METHOD, "get_mail", 0 },
        };
        struct world w = world_good(TEXTS);

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i)
                cr_expect_eq(marked_by(&w, rows[i].subject, rows[i].name), rows[i].marks, "row %s", rows[i].name);
        world_end(&w);
}

Test(flow, rules_hold_back_resources_and_prompts)
{
        static const struct {
                enum policy_subject subject;
                struct str name;
                enum verdict verdict;
        } rows[] = {
                { POLICY_RESOURCE, STR_INIT("repo://a/b"), VERDICT_DENY },
                { POLICY_RESOURCE, STR_INIT("file:///notes/1"), VERDICT_ALLOW },
                { POLICY_RESOURCE_TEMPLATE, STR_INIT("repo://{owner}/b"), VERDICT_DENY },
                { POLICY_RESOURCE_TEMPLATE, STR_INIT("file:///notes/{id}"), VERDICT_ALLOW },
                { POLICY_PROMPT, STR_INIT("post"), VERDICT_DENY },
                { POLICY_PROMPT, STR_INIT("review_it"), VERDICT_ALLOW },
                { POLICY_TOOL, STR_INIT("post"), VERDICT_ALLOW },
        };
        struct world w = world_good(TEXTS);
        struct policy_marks none = { 0 }, marks = { 0 };

        policy_set_mark(w.set, POLICY_RESOURCE, STR("file:///inbox/1"), &marks);
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                struct policy_request request = { .subject = rows[i].subject, .name = rows[i].name, .marks = &none };
                struct policy_decision d;

                policy_set_decide(w.set, &request, &d);
                cr_expect_eq(d.verdict, VERDICT_ALLOW, "row %s", rows[i].name.ptr);
                request.marks = &marks;
                policy_set_decide(w.set, &request, &d);
                cr_expect_eq(d.verdict, rows[i].verdict, "row %s", rows[i].name.ptr);
        }
        world_end(&w);
}
