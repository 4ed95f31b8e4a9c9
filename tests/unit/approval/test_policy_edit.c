/* SPDX-License-Identifier: Apache-2.0 */
#include "policy_edit.h"

#include <errno.h>
#include <stdlib.h>

#include "alloc.h"
#include "leaks.h"

#define ROOM (1U << 20)

static const struct card_text_options options = { .width = 100, .letters = true, .seed = { 1, 2 } };

static struct card often(const char *arguments)
{
        return (struct card){
                .method = STR("tools/call"),
                .tool = STR("delete_branch"),
                .rule = STR("branches"),
                .rule_file = STR("/etc/leastwise/github.yaml"),
                .rule_line = 41,
                .arguments = str_from(arguments),
                .approvals_before = 5,
        };
}

#define HEAD \
        "OFTEN    5 calls were approved by this rule in this session:\n" \
        "         | branches at /etc/leastwise/github.yaml:41\n"
#define ALLOW \
        "         Calls like this one could be allowed by a rule under tools: allow:\n         | - tool: " \
        "\"delete_branch\"\n"
#define TAIL "         What neither of them takes is denied; `leastwise diff OLD NEW` shows what changes.\n"

static void expect_edit(const struct card *card, const char *expected)
{
        struct buf b = BUF_INIT(ROOM);

        cr_assert_eq(policy_edit_write(&b, card, &options), 0);
        cr_expect(str_eq(buf_str(&b), str_from(expected)), "got:\n%.*s\nnot:\n%s", STR_FMT(buf_str(&b)), expected);
        buf_deinit(&b);
}

Test(policy_edit, not_before_the_fifth_approval)
{
        struct card card = often("{}");

        card.approvals_before = 4;
        cr_expect(!policy_edit_is_due(&card));
        expect_edit(&card, "");
        card.approvals_before = 5;
        cr_expect(policy_edit_is_due(&card));
}

Test(policy_edit, plain_arguments_become_conditions)
{
        const struct card card = often("{\"owner\":\"acme\",\"count\":3,\"force\":false}");

        expect_edit(&card, HEAD ALLOW
                "         |   when:\n"
                "         |     \"owner\": \"acme\"\n"
                "         |     \"count\": 3\n"
                "         |     \"force\": false\n"
                "         Approve beats allow: the rule that asks must pass over them, for example in its when:\n"
                "         |     \"force\": { is_not: false }\n" TAIL);
        CHECK_NO_LEAKS();
}

Test(policy_edit, no_arguments)
{
        const struct card card = often("{}");

        expect_edit(&card, HEAD ALLOW "         |   free: []\n"
                                      "         Approve beats allow: the rule that asks must pass over them.\n" TAIL);
}

Test(policy_edit, what_cannot_be_a_plain_condition_is_left_to_the_person)
{
        static const char *const arguments[] = {
                "{\"a\":[1]}",
                "{\"a\":{}}",
                "{\"a\":\"${home}\"}",
                "{\"a\":\"\\u001b[2J\"}",
                "{\"a\":\"\xD0\xBE\"}",
                "{\"a\":"
                "\"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
                "\"}",
        };

        for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
                const struct card card = often(arguments[i]);

                expect_edit(&card, HEAD ALLOW
                        "         |   free: []\n"
                        "         It refuses what it does not name. Add conditions for these, or put them under free:\n"
                        "         | \"a\"\n"
                        "         Approve beats allow: the rule that asks must pass over them.\n" TAIL);
        }
        for (size_t i = 0; i < 3; i++) {
                static const char *const names[] = { "{\"a.b\":1}", "{\"a b\":1}", "{\"\\n\":1}" };
                const struct card card = often(names[i]);
                struct buf b = BUF_INIT(ROOM);

                cr_assert_eq(policy_edit_write(&b, &card, &options), 0);
                cr_expect(!memmem(b.data, b.len, "when:", 5), "row %zu", i);
                buf_deinit(&b);
        }
        CHECK_NO_LEAKS();
}

Test(policy_edit, a_name_that_would_be_a_pattern_gets_no_rule)
{
        struct card card = often("{}");

        card.tool = STR("delete_*");
        expect_edit(
                &card, HEAD "         If such calls need no person, let the policy allow them: leastwise-policy(5).\n");
        card.tool = STR("delete_branch");
        card.method = STR("prompts/get");
        expect_edit(
                &card, HEAD "         If such calls need no person, let the policy allow them: leastwise-policy(5).\n");
}

static size_t allocations_left;

static void *failing_resize(void *userdata, void *ptr, size_t size)
{
        if (allocations_left == 0)
                return NULL;
        allocations_left--;
        return realloc(ptr, size);
}

static void failing_release(void *userdata, void *ptr)
{
        free(ptr);
}

Test(policy_edit, without_memory_there_is_no_half_advice)
{
        static const struct allocator failing = { failing_resize, failing_release, NULL };
        const struct card card = often("{\"owner\":\"acme\",\"list\":[]}");
        int r = -ENOMEM;

        for (size_t n = 0; r != 0; n++) {
                struct buf b = BUF_INIT(ROOM);

                allocations_left = n;
                mem_set_allocator(&failing);
                r = policy_edit_write(&b, &card, &options);
                cr_expect(r == 0 || (r == -ENOMEM && b.len == 0));
                buf_deinit(&b);
                mem_set_allocator(NULL);
                cr_assert_lt(n, 1000);
        }
        CHECK_NO_LEAKS();
}
