/* SPDX-License-Identifier: Apache-2.0
 *
 * Pins at run time (docs/pins.md): which of the pinned tools the server has listed, and whether as they were pinned. Holds one
 * byte for each pinned tool, so that a server cannot make it grow.
 *
 * A tool may be called only after a list has passed to the client in which its definition was the pinned one, and until one
 * passes in which it is not. What was never listed is denied: nobody knows what the server makes of the name. A tool that no lock names, or
 * that is listed otherwise than pinned, is left out of the list and denied. Of several locks, each must agree.
 */
#pragma once

#include "buf.h"
#include "json.h"
#include "pin_set.h"

enum pin_state {
        PIN_UNSEEN = 0,
        PIN_SAME,
        PIN_CHANGED,
        PIN_MISSING, /* the lock does not name the tool; never stored */
};

/* Hidden tools of one list that have a record each. */
#define PINNING_NAMED 32U

struct pinning {
        struct pin_set *set; /* NULL: nothing is pinned */
        uint8_t *states[LIMIT_POLICIES]; /* by lock, by pin */
        uint8_t *fresh[LIMIT_POLICIES];  /* of the list at hand: not yet passed; PIN_UNSEEN = not in it */
        struct buf text;    /* of the definition at hand */
        struct buf hidden;  /* of the list at hand: a struct hidden_tool each, then the name */
        size_t hidden_count, hidden_named;
};

struct hidden_tool {
        uint16_t lock;
        uint8_t state; /* why */
        uint32_t name_len;
};

void pinning_init(struct pinning *p);
void pinning_deinit(struct pinning *p); /* idempotent */

/* Puts another set in force; takes a reference. What has been seen of a tool that both sets pin alike is kept. 0, or -ENOMEM with
 * nothing changed. */
int pinning_replace(struct pinning *p, struct pin_set *set);

/* A list begins. */
void pinning_begin_list(struct pinning *p);
/* An item of it: may it be shown? What cannot be settled may not. */
bool pinning_shows(struct pinning *p, const struct json_doc *doc, uint32_t tool, struct str name);
/* The list has passed: from here on calls are judged by it. */
void pinning_end_list(struct pinning *p);

/* Of a tool that is called: PIN_SAME, or what is in its way, with the lock that says so. */
enum pin_state pinning_state_of(const struct pinning *p, struct str name, size_t *ret_lock);
