/* SPDX-License-Identifier: Apache-2.0
 *
 * Against fatigue: who has approved the same rule again and again is told how the policy could say so. It is text for a
 * person; nothing here changes a policy.
 */
#pragma once

#include "card_text.h"

/* So many approvals of one rule in a session: whoever has given them was not asking himself anything any more. */
#define POLICY_EDIT_APPROVALS 5U

static inline bool policy_edit_is_due(const struct card *card)
{
        return card->approvals_before >= POLICY_EDIT_APPROVALS;
}

/* Appends lines as a card has them (card_text.h): which rule, where it stands, an `allow` rule that takes this call and
 * calls with the same arguments, and how the rule would pass over them. Arguments that cannot be written as one plain
 * condition (long, nested, not ASCII) are named, but not in the rule, which refuses the call until the person says
 * something about them. Of the options, the width, the letters and the seed count. Nothing when it is not due. 0 or
 * -ENOMEM, with @out as it was. */
int policy_edit_write(struct buf *out, const struct card *card, const struct card_text_options *options);
