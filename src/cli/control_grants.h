/* SPDX-License-Identifier: Apache-2.0
 *
 * The grants of all running sessions, and what is asked of one session about them: for the verbs `grant` and `pending`.
 */
#pragma once

#include "control_client.h"
#include "grant.h"

/* What is done with a grant, whose texts are valid until it returns. 0 to go on. */
typedef int (*control_grant_fn)(void *userdata, const struct control_session *session, const struct grant *grant);

/* Calls @fn for each grant in the list that stands in @result, an object of client->doc; a session of an earlier version has none. 0, what
 * @fn returned instead, -EPROTO or -ENOMEM. */
int control_grants_read(struct control_client *client, uint32_t result, const struct control_session *session,
        control_grant_fn fn, void *userdata);

/* As control_cards_each(). */
int control_grants_each(
        const struct control_sessions *sessions, control_grant_fn fn, void *userdata, unsigned *ret_silent);

/* What a person must know of a session that is to grant something. */
struct control_target {
        struct control_session session;
        char id[SESSION_ID_LEN + 1];
        struct buf server, agent; /* as on a card; owned */
};
void control_target_deinit(struct control_target *t); /* idempotent */

/* The running session of that id, or, with NULL, the only one. 0; or an exit status, with the reason on stderr. */
int control_target_find(struct control_target *ret, const struct control_sessions *sessions, const char *id);

/* Sends grant/add, and gives the grant's id. 0; or an exit status, with the reason on stderr. */
int control_grant_add(const struct control_target *target, const struct grant_terms *terms, struct str signature,
        char ret_id[static CARD_ID_BYTES]);

/* Sends grant/revoke to the session. The same. */
int control_grant_revoke(const struct control_session *session, const char *id, struct str because);
