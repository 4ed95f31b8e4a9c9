/* SPDX-License-Identifier: Apache-2.0
 *
 * What must not be seen of a server's credentials: their values; of those with several lines each line that is not known to everybody; what
 * is secret within them (hidden_parts.h); the values of variables that they are a part of.
 */
#pragma once

#include "environment.h"
#include "policy.h"
#include "redact.h"
#include "secrets.h"

struct hidden {
        struct redact_secret *list;
        size_t count, room;
        struct buf space; /* of values that were put together; wiped */
        struct buf parts; /* of what was written otherwise within values; wiped */
};

/* @secrets: of the policy's credentials, in their order. 0, -ENOMEM; -E2BIG when there are more lines than anybody's key has. */
int hidden_collect(struct hidden *ret, const struct policy_launch *policy, const struct secret *secrets);
void hidden_deinit(struct hidden *hidden); /* idempotent */
