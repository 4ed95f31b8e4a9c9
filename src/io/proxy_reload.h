/* SPDX-License-Identifier: Apache-2.0
 *
 * Another policy for a proxy that runs: who can load one, and when that is asked.
 */
#pragma once

#include <stdbool.h>

#include "approvers.h"
#include "pin_set.h"
#include "policy.h"

/* What has become of the files since the set in force was loaded. */
enum reload_outcome {
        RELOAD_REFUSED = 0, /* they have mistakes, or nobody has said that they are meant: the old set stays */
        RELOAD_SAME,
        RELOAD_READY,
};

struct reloaded {
        struct policy_set *policy; /* with RELOAD_READY: references, the receiver's */
        struct pin_set *pins;      /* may be NULL */
        struct approvers *approvers; /* the same */
        bool wider;                /* allows more than before, or might */
        bool untrusted;            /* with RELOAD_REFUSED: because nobody has said yes */
        bool moved;                /* reload_source.directories are others than before */
        struct buf message;        /* one line for a person; may be empty */
};

struct reload_source {
        /* Reads everything anew and compares it with what is in force. */
        enum reload_outcome (*load)(void *userdata, const struct policy_set *policy, const struct pin_set *pins,
                const struct approvers *approvers, struct reloaded *ret);
        void *userdata;
        /* Directories in which a change may mean that there is something to load; NULL-terminated. Loading may change
         * them. */
        const char *const *directories;
};

void reloaded_deinit(struct reloaded *reloaded); /* idempotent */
