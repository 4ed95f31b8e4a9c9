/* SPDX-License-Identifier: Apache-2.0
 *
 * A card: a call that waits for a person, as plain data. What a server, a client or a model wrote stands in it as it came, but for
 * `say` and `undo`; whoever shows a card makes the rest visible himself.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "json.h"

#define CARD_ID_BYTES 7U /* six characters of CARD_ID_ALPHABET and a NUL */
/* Digits and capitals without those that are read for another: 0 and O, 1, I and L, U and V. */
#define CARD_ID_ALPHABET "23456789ABCDEFGHJKMNPQRSTVWXYZ"
#define CARD_CODE_BYTES CARD_ID_BYTES /* the same of a code (card_code.h) */
#define CARD_DIGEST_BYTES 32U

enum card_state {
        CARD_OPEN,      /* nobody has answered, or not yet all who must */
        CARD_APPROVED,  /* a grant that waits for its call */
        CARD_USED,      /* the call has run by it */
        CARD_DENIED,
        CARD_EXPIRED,
        CARD_WITHDRAWN, /* what was asked is no more: other policies, another definition, nobody there to make the call */
        CARD_STATE_MAX_,
};

struct card {
        char id[CARD_ID_BYTES];
        uint8_t digest[CARD_DIGEST_BYTES]; /* approval_digest.h */
        enum card_state state;
        struct str session; /* its ULID */
        struct str server;  /* the command that was started, one printable line, all of it visible */
        struct str method, tool;
        struct str say;     /* the rule's sentence with the values in it, all of it visible; empty: it has none */
        struct str undo;    /* how it can be undone; empty: the policy does not say */
        struct str reach;   /* how far it reaches, by the server's own annotations; empty: not known */
        struct str policy, rule, rule_file;
        uint32_t rule_line;
        struct str because;   /* of the rule or of the flow rule */
        struct str arguments; /* canonical JSON of the arguments that the server would get, complete; empty: there are none */
        struct str lane;
        struct str client; /* what it calls itself, all of it visible */
        int64_t client_pid;
        struct str agent;
        struct str marks; /* of the session, comma separated */
        uint32_t approvals_before, denials_before; /* in this session, of this rule */
        uint32_t asked;   /* how often the identical call came */
        uint32_t waiting; /* calls of this card that are held */
        uint32_t by, given; /* how many different people must approve, and have */
        bool must_sign; /* an approval counts only with the signature of somebody whom the policy names */
        /* Only for the eyes of who may approve: what the client's form asks for; empty: it asks for none, or the reader may not know. */
        char code[CARD_CODE_BYTES];
        uint64_t created_ms, expires_ms; /* real time, for people; what counts is the monotonic clock of the session */
};

/* Is it six characters of the alphabet? */
bool card_id_is_valid(struct str id);

/* The state's word ("open", "approved", ...); never NULL. */
const char *card_state_word(enum card_state state);
/* The state of that word; false, and *ret as it was: it is none. */
bool card_state_read(struct str word, enum card_state *ret);

/* Appends the card as a canonical JSON object: each member is named as the field; the digest is in hexadecimal, the state a word, the
 * arguments a string that holds their JSON text, so that no nesting of theirs can make the card unreadable. An empty code and a false
 * must_sign are left out. 0, or -ENOMEM: it does not fit, or there is no memory; @out is then as long as it was. */
int card_write_json(const struct card *card, struct buf *out);

/* Reads such an object, which must have every member (but for those two) and no other. Texts point into the document or, when they had
 * escapes, into @memory, which grows: reserve as many bytes as the document has before reading several cards into one. 0; -EBADMSG;
 * -ENOMEM or -EMSGSIZE. */
int card_read_json(const struct json_doc *doc, uint32_t object, struct buf *memory, struct card *ret);
