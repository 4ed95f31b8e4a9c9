/* SPDX-License-Identifier: Apache-2.0
 *
 * What to start: the command line's operands, or the policy's `server.command`.
 */
#pragma once

#include "options.h"
#include "policy.h"

struct server_command {
        const char **argv; /* NULL-terminated; owned */
        char **copies;     /* of the policy's words; owned, NULL when the operands are used */
};

/* 0, or the exit status with the reason said. */
int server_command_get(struct server_command *ret, const char *verb, const struct options *options,
        const struct policy_set *policy);
void server_command_deinit(struct server_command *command); /* idempotent */
