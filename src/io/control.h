/* SPDX-License-Identifier: Apache-2.0
 *
 * The control socket of a session: at most LIMIT_CONTROL_PEERS programs of the same user, each of which sends JSON-RPC
 * requests, one a line and one at a time (control_request.h), and gets the answers, and when it watches also
 * notifications. Whoever sends garbage, nothing, too much, or does not read, is cut off; nobody can make us hold more
 * than LIMIT_CONTROL_OUT_BYTES in all.
 *
 *   session/status   {}  -> what the owner writes
 *   pending/list     {}  -> {"cards":[card, ...]} (card.h)
 *   approval/answer  {"id","verdict":"approve"|"deny","digest"?,"because"?,"signature"?,"principal"?} ->
 * {"id","state","given","by"} watch/start      {}  -> {"cards":[...]}, then the notifications approval/card {"card"},
 * approval/closed {"id","state"} and session/notice {"text"}
 *
 *   grant/add        {"tool","because","expires_ms","when"?,"signature"?,"principal"?} -> {"grant":grant} (grant.h)
 *   grant/list       {} -> {"grants":[grant, ...]}
 *   grant/revoke     {"id","because"?} -> {"id","state":"revoked"}
 *
 * The stops in force stand in the results of pending/list and watch/start too, and in the notification stop/list {"stops"} when they change.
 * The grants in force stand in the results of pending/list and watch/start too, and in the notification grant/list {"grants"}
 * whenever they change.
 *
 * It knows of the session only what its owner's table tells, and decides nothing.
 */
#pragma once

#include <uv.h>

#include "buf.h"
#include "card.h"
#include "control_request.h"
#include "peer_process.h"

/* How an answer went. */
struct control_result {
        const char *why; /* NULL: it was taken; else why not, for the person; static */
        enum card_state state;
        uint32_t by, given;
};

struct control_owner {
        /* Appends the result of session/status, a canonical JSON object. 0 or negative. */
        int (*status)(void *userdata, struct buf *out);
        /* Appends a canonical JSON array of the cards that wait for an answer or are granted, as @from may see them. 0 or
         * negative. */
        int (*cards)(void *userdata, const struct peer_process *from, struct buf *out);
        /* May @from see the codes of cards? Only who may approve. */
        bool (*sees_codes)(void *userdata, const struct peer_process *from);
        /* Carries out the answer of @from, which has been neither believed nor checked but for its user. False: not at
         * the moment; it is asked again in control_resume(). */
        bool (*answer)(void *userdata, const struct control_request *answer, const struct peer_process *from,
                struct control_result *ret);
        void *userdata;
        unsigned patience_ms; /* with who neither asks nor watches, or does not read; 0: CONTROL_PATIENCE_MS */
        size_t out_bytes;     /* that all together may leave unread; 0: LIMIT_CONTROL_OUT_BYTES */
        /* Appends a canonical JSON array of the grants in force. 0 or negative. NULL: there are none, and none can be given. */
        int (*grants)(void *userdata, struct buf *out);
        /* Appends a canonical JSON array of the stops in force (stop_told.h). 0 or negative. NULL: nothing can be stopped. */
        int (*stops)(void *userdata, struct buf *out);
        /* Carries out grant/add, grant/list or grant/revoke of @from, as with `answer`: 0 with the result's JSON appended to @out; positive
         * with why not, for the person; or negative. */
        int (*grant)(void *userdata, const struct control_request *request, const struct peer_process *from, struct buf *out);
};

#define CONTROL_PATIENCE_MS 10000U

struct control;

/* Takes @listener, a socket that listens and does not block (closed also on failure). 0 or -errno. */
int control_new(struct control **ret, uv_loop_t *loop, int listener, const struct control_owner *owner);

/* Answers can be carried out again. */
void control_resume(struct control *c);

/* Tell those that watch: a card as it is now, whose code only those get that may see it; that one is closed; something a person should know (one printable line).
 */
void control_tell_card(struct control *c, const struct card *card);
void control_tell_closed(struct control *c, const char *id, enum card_state state);
void control_tell_notice(struct control *c, struct str text);
/* Which grants are in force now. */
void control_tell_grants(struct control *c);
/* What is stopped now. */
void control_tell_stops(struct control *c);

/* Closes everything; the memory goes with the loop's next turn. NULL is fine. Returns NULL. */
struct control *control_end(struct control *c);
