/* SPDX-License-Identifier: Apache-2.0
 *
 * Grants: what a person lets through for a while although the user's policies would hold it, or name no rule for it
 * (docs/approvals.md). A grant is a policy set of its own with one allow rule. It takes the place of the rule that is
 * missing, and of those that want an approval; it changes nothing else about any policy.
 */
#pragma once

#include "policy.h"

/* Is it a policy that may be a grant: one, of a single allow rule for one tool by its plain name, which narrows nothing and
 * names no lane, and nothing else? */
bool policy_set_is_grant(const struct policy_set *grant);

/* The decision about a call of a tool that policy_set_decide() does not allow, under the grant. True with *ret an allow, whose
 * reason is the grant's rule, when
 *   - the grant allows the call;
 *   - each of the administrator's policies allows it by itself;
 *   - every other policy allows it, or names no rule that takes it, or wants the approval of one person by a rule under
 *     `tools`. A deny rule, a flow rule (to approve or to deny, whatever else the policy says), the approval of two
 *     people, an expired policy and a name that is none stay what they are.
 * The narrowing of all rules that match holds as ever (ret->narrows), and so does the lane that one of them names. Else false, with *ret as it was. */
bool policy_set_decide_granted(const struct policy_set *set, const struct policy_set *grant, const struct policy_request *request,
        struct policy_decision *ret);

/* For lists: could some call of the tool be allowed by the grant? */
bool policy_set_could_grant(const struct policy_set *set, const struct policy_set *grant, struct str tool, int64_t now_s);

/* Why no call of the tool can be allowed by any grant, for the person; NULL: it may be. Static. */
const char *policy_set_grant_refusal(const struct policy_set *set, struct str tool, int64_t now_s);
