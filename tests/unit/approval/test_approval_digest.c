/* SPDX-License-Identifier: Apache-2.0 */
#include "approval_digest.h"

#include "leaks.h"

static const struct str argv[] = { STR_INIT("node"), STR_INIT("server.js") };
static const struct str joined[] = { STR_INIT("node server.js") };
static const struct str moved[] = { STR_INIT("nodes"), STR_INIT("erver.js") };
static const struct str policies[] = { STR_INIT("sha256:aa"), STR_INIT("sha256:bb") };
static const struct str swapped[] = { STR_INIT("sha256:bb"), STR_INIT("sha256:aa") };
static const uint8_t definition[CARD_DIGEST_BYTES] = { 1 }, other_definition[CARD_DIGEST_BYTES] = { 2 };
static const uint8_t none[CARD_DIGEST_BYTES];

static struct approval_subject subject(void)
{
        return (struct approval_subject){
                .argv = argv,
                .argc = 2,
                .definition = definition,
                .method = STR("tools/call"),
                .name = STR("write"),
                .arguments = STR("{\"a\":1}"),
                .policies = policies,
                .policy_count = 2,
                .policy = STR("p"),
                .rule = STR("r"),
                .lane = STR("blue"),
        };
}

static void change(struct approval_subject *s, int what)
{
        switch (what) {
        case 1:
                s->argv = joined;
                s->argc = 1;
                break;
        case 2:
                s->argv = moved;
                break;
        case 3:
                s->argc = 1;
                break;
        case 4:
                s->definition = other_definition;
                break;
        case 5:
                s->definition = NULL;
                break;
        case 6:
                s->definition = none;
                break;
        case 7:
                s->method = STR("prompts/get");
                break;
        case 8:
                s->name = STR("writ");
                s->arguments = STR("e{\"a\":1}");
                break;
        case 9:
                s->arguments = STR("{\"a\":2}");
                break;
        case 10:
                s->arguments = STR("");
                break;
        case 11:
                s->arguments = STR("{}");
                break;
        case 12:
                s->arguments = STR("");
                s->input_responses = STR("{\"a\":1}");
                break;
        case 13:
                s->policies = swapped;
                break;
        case 14:
                s->policy_count = 1;
                break;
        case 15:
                s->policy = STR("q");
                break;
        case 16:
                s->rule = STR("flow.rules[0]");
                break;
        case 17:
                s->lane = STR("");
                break;
        case 18:
                s->request_state = STR("\"x\"");
                break;
        case 19:
                s->task = true;
                break;
        default:
                break;
        }
}
#define CHANGES 20

Test(approval_digest, every_part_counts)
{
        uint8_t digests[CHANGES][CARD_DIGEST_BYTES];

        for (int i = 0; i < CHANGES; i++) {
                struct approval_subject s = subject();

                change(&s, i);
                approval_digest(&s, digests[i]);
                for (int j = 0; j < i; j++)
                        cr_expect_neq(memcmp(digests[i], digests[j], CARD_DIGEST_BYTES), 0, "%d and %d", i, j);
        }
}

Test(approval_digest, is_the_same_again)
{
        const struct approval_subject a = subject(), b = subject();
        uint8_t first[CARD_DIGEST_BYTES], second[CARD_DIGEST_BYTES];

        approval_digest(&a, first);
        approval_digest(&b, second);
        cr_expect_eq(memcmp(first, second, CARD_DIGEST_BYTES), 0);
}
