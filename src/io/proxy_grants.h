/* SPDX-License-Identifier: Apache-2.0
 *
 * Grants in a proxy that runs: who may give one, what is compiled of it, and who is told. The session keeps them (grants.h).
 */
#pragma once

#include "control.h"
#include "grant.h"

/* Signed statements that have been taken: each is good once. */
struct signed_grants {
        uint8_t digests[LIMIT_SIGNED_GRANTS][32];
        size_t count;
};

struct proxy;

/* As control_owner has them. */
int proxy_grants_write(void *userdata, struct buf *out);
int proxy_grants_ask(void *userdata, const struct control_request *q, const struct peer_process *from, struct buf *out);

/* Others may approve from now on: what those before them have granted ends. */
void proxy_grants_people_changed(struct proxy *p);

/* Passes on what has happened to grants. */
void proxy_grants_events(struct proxy *p);
