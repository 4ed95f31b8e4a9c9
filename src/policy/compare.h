/* SPDX-License-Identifier: Apache-2.0
 *
 * Does one set of policies allow more than another? Asked before a changed file comes into force: what only narrows may do so at
 * once, for anything else a person must have said that the file is meant.
 *
 * Sound, not complete: what is not known to be narrower counts as wider.
 */
#pragma once

#include "policy.h"

enum policy_change {
        POLICY_WIDER = 0, /* or not known not to be */
        POLICY_NARROWER,  /* whatever the new set allows, the old one allowed */
        POLICY_SAME,
};

/* Do both start the server in the same way, with the same credentials, and record alike? What they say about that counts when a
 * server is started, and at no other time. */
bool policy_set_starts_alike(const struct policy_set *before, const struct policy_set *after);

/* Both under the same bindings and for the same agent. */
enum policy_change policy_set_compare(const struct policy_set *before, const struct policy_set *after);
