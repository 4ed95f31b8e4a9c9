/* SPDX-License-Identifier: Apache-2.0
 *
 * The cards of all running sessions, and the answer to one: for the verbs `pending`, `approve` and `deny`.
 */
#pragma once

#include "control_grants.h"

/* What is done with a card, whose texts are valid until it returns. 0 to go on. */
typedef int (*control_card_fn)(void *userdata, const struct control_session *session, const struct card *card);

/* Calls @fn for each card, session by session. 0, what @fn returned instead, or -ENOMEM. Sessions that end meanwhile
 * are passed over; those that do not answer are named on stderr and counted in *ret_silent. */
int control_cards_each(
        const struct control_sessions *sessions, control_card_fn fn, void *userdata, unsigned *ret_silent);
/* The same, and behind a session's cards @grant_fn for each of its grants. */
int control_cards_and_grants_each(const struct control_sessions *sessions, control_card_fn fn, control_grant_fn grant_fn,
        void *userdata, unsigned *ret_silent);

/* A card that is kept: its own memory. */
struct control_card {
        struct control_session session;
        struct card card;
        struct buf text; /* its JSON; the document points into it */
        struct buf memory;
        struct json_doc doc;
};

/* Finds the card of that id, which may be written in small letters, and keeps a copy. 0; or an exit status, with the
 * reason on stderr. */
int control_card_find(
        struct control_card *ret, const struct control_sessions *sessions, const char *verb, const char *id);
void control_card_deinit(struct control_card *c); /* idempotent */

/* Sends the answer to exactly this card. 0 with *ret_state, how many have approved and how many must; or an exit
 * status, with the reason on stderr. */
struct control_outcome {
        enum card_state state;
        int64_t given, by;
};
int control_card_answer(const struct control_card *c, bool approve, struct str because, struct control_outcome *ret);
/* The same with a signature over the card's statement (statement.h). */
int control_card_answer_signed(const struct control_card *c, bool approve, struct str because, struct str signature,
        struct control_outcome *ret);
