/* SPDX-License-Identifier: Apache-2.0
 *
 * What policies say about asking a person (`approval:`), over all of them.
 */
#pragma once

#include "policy.h"

struct policy_program {
        const struct str *argv;
        size_t argc; /* at least 1 */
        struct str policy_name, file;
        uint32_t line, column;
};

/* Borrows from the policy set. Times in milliseconds; where several policies speak of one, the shortest. */
struct policy_approval {
        uint32_t hold_ms;    /* how long a call waits for its answer; a rule's own `hold:` goes before it */
        uint32_t valid_ms;   /* how long an approval can be used */
        uint32_t expires_ms; /* how long a card can be answered */
        const struct policy_program *notify; /* of each policy that names one */
        size_t notify_count;
        const struct policy_program *ask;
        size_t ask_count;
};

void policy_set_approval(const struct policy_set *set, struct policy_approval *ret);

/* Is there a rule, or a flow rule, by which some call needs a person's approval? */
bool policy_set_may_approve(const struct policy_set *set);

/* May the answer of @program, one of `ask`, let a call run? Only when every policy that may want an approval names the same program with the same
 * arguments: no policy hands over what another one wants a person for. */
bool policy_set_lets_answer(const struct policy_set *set, const struct policy_program *program);

/* May a person's answer come through a form that the client shows, if it carries the card's code? Only when every policy that may want an
 * approval says `elicit: true`, and no policy of the set names people who sign. */
bool policy_set_elicits(const struct policy_set *set);

/* And could a call of this tool? Whatever its arguments are and whatever the session has met. */
bool policy_set_could_approve(const struct policy_set *set, struct str tool, int64_t now_s);
