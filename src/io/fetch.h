/* SPDX-License-Identifier: Apache-2.0
 *
 * Fetches credentials while the session goes on: in a thread of its own, because a program that prints one may take minutes, and a
 * key that is derived from a password a second. The values stay in this process, in locked memory, and nothing
 * of ours is touched by the thread but what is in here.
 */
#pragma once

#include <uv.h>

#include "launch.h"

struct fetch;

struct fetched {
        struct policy_set *policy; /* of the start */
        const struct policy_launch *launch;
        struct launch_secrets *secrets; /* the receiver's if it takes them, else wiped */
        struct str message;             /* for a person, unless the status is 0 */
};

/* @status as launch_fetch() has it. Called once, from the loop; all of @f is gone afterwards. */
typedef void (*fetch_done)(void *userdata, int status, const struct fetched *f);

struct fetch_owner {
        fetch_done done;
        void *userdata;
};

/* @policy is what @launch borrows from; a reference is kept. 0 or -errno. */
int fetch_start(struct fetch **ret, uv_loop_t *loop, struct policy_set *policy, const struct policy_launch *launch, int watcher_fd,
        const struct fetch_owner *owner);

/* Nobody waits any more: programs are killed. done() is called all the same, soon. NULL is fine. */
void fetch_cancel(struct fetch *f);

/* For the end: done() is not called. When the thread does not end soon (a file system that hangs), it is left behind with all that
 * is its own, and ends with the process. NULL is fine; returns NULL. */
struct fetch *fetch_abandon(struct fetch *f);
