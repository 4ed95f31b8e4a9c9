/* SPDX-License-Identifier: Apache-2.0
 *
 * Persons for the tests: whoever approves may not descend from the client, and every case is the client of its proxy.
 * So the cases run in a child of a process that does what they ask it to, in a terminal or without one.
 */
#pragma once

#include <stdbool.h>

#include "rig.h"

enum outside_kind {
        OUTSIDE_TERMINAL, /* runs the program in a terminal, and types when it asks */
        OUTSIDE_PLAIN,    /* runs it without one */
};

struct outside_request {
        enum outside_kind kind;
        char verb[16], argument[64], option[128]; /* the last may be empty; then `--because` goes before it */
        char runtime[128], state[128];            /* XDG_RUNTIME_DIR, empty: none; XDG_STATE_HOME */
        char typed[64];
};

struct outside_reply {
        int status; /* as waitpid() has it */
        char output[32768];
};

/* As rig_main(), with somebody outside. */
int outside_main(const struct rig_case *cases, size_t count);

/* From within a case. The reply is in a static buffer. */
void outside_ask(const struct outside_request *request);
const struct outside_reply *outside_reply(void);
const struct outside_reply *outside_do(const struct outside_request *request);

/* What the one outside does; also of use in a case: then it descends from the client. */
void outside_carry_out(const struct outside_request *request, struct outside_reply *ret);
