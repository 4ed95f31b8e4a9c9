/* SPDX-License-Identifier: Apache-2.0
 *
 * The caller's function for real paths, as the layers below call it.
 */
#pragma once

#include "library.h"

struct host {
        leastwise_resolve_fn resolve;
        void *userdata;
        struct policy_host host; /* points back: the structure must stay where it is */
};

/* What a request or a session takes; NULL when the caller gave no function. */
const struct policy_host *host_init(struct host *host, leastwise_resolve_fn resolve, void *userdata);
