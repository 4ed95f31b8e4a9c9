/* SPDX-License-Identifier: Apache-2.0
 *
 * What the session keeps of approvals (docs/approvals.md): the cards, the calls that are held, and the states that modern clients come
 * back with. For the files of this folder only.
 */
#pragma once

#include "cards.h"
#include "policy_approval.h"

struct pending_request;

/* Why a held call does not wait any longer. */
enum held_over {
        HELD_WAITS = 0,
        HELD_TIME_OVER,  /* nobody has answered yet; the card stays */
        HELD_DENIED,
        HELD_EXPIRED,    /* the card did */
        HELD_USED,       /* an identical call ran by the approval */
        HELD_CHANGED,    /* it would not be the same call any more */
        HELD_POLICY,     /* other policies have come into force */
        HELD_DEFINITION, /* the server lists the tool otherwise */
        HELD_SERVER,     /* the server has ended */
        HELD_STOPPED,    /* a person has stopped it */
        HELD_UNRECORDED, /* its record could not be written */
        HELD_OVER_MAX_,
};

/* How the client of a call can show a form (elicit.c). */
enum form_way {
        FORM_NONE = 0,
        FORM_REQUEST, /* legacy: in a request of ours, while the call is held */
        FORM_RESULT,  /* modern: in the result that asks for input */
};

/* What a person has answered in one. */
enum elicited {
        ELICITED_NOTHING = 0,
        ELICITED_CODE,  /* the right one */
        ELICITED_WRONG,
        ELICITED_DECLINED,
        ELICITED_CANCELLED,
};

/* The form that is open, shown by a request of ours. */
struct form {
        uint64_t number; /* of its id; 0: none is open */
        char card[CARD_ID_BYTES];
        bool fresh; /* its record is not written yet, so that it has not left */
};

/* A call that is held. It belongs to its request's struct call, and ends with it at the latest. */
struct held {
        struct held *before, *after; /* in the order in which they came */
        char *line;  /* as it came, without its LF; decided about anew when a person says yes */
        size_t len;
        uint32_t slot; /* of its request in pending[SIDE_CLIENT] */
        struct card_slot *card; /* NULL once it is over */
        enum held_over over;
        bool fresh;      /* its record is not written yet */
        enum form_way way;
        uint8_t round;   /* modern: so many times it was called again */
        char id[CARD_ID_BYTES];
        uint8_t digest[CARD_DIGEST_BYTES];
        uint64_t until_ms, progress_ms; /* monotonic; of progress: when it is due next, UINT64_MAX: never */
        unsigned steps;  /* of progress told */
        char *token;     /* progress token, canonical JSON, NUL-terminated; NULL: none */
};

/* States given out and not come back. */
#define REQUEST_STATES 64U
/* How often a modern client may come back. */
#define REQUEST_ROUNDS 3U

struct request_state {
        uint64_t number; /* 0: none */
        uint8_t digest[CARD_DIGEST_BYTES];
        uint8_t round;
};

/* In a ruling: what is asked about. Zeroed: nothing. */
struct asked {
        bool wanted; /* a rule wants the call approved */
        bool known;  /* the digest has been made */
        bool has_definition;
        uint8_t digest[CARD_DIGEST_BYTES], definition[CARD_DIGEST_BYTES];
        struct card_slot *grant; /* that this call uses up */
        uint32_t state, responses; /* tokens: a requestState of ours, and what came with it; 0: none */
        uint32_t input_responses, request_state; /* tokens: of the server's own questions; 0: none */
        uint32_t place;  /* of the state, plus 1 */
        uint8_t round;
        enum elicited elicited; /* what came with the state */
};

struct approvals {
        const struct session_asking *asking; /* NULL: nobody can be asked */
        bool possible; /* and the policies may want it */
        bool elicits;  /* and let a person answer through the client, by a code */
        bool shows_forms; /* the client has said in the handshake that it can */
        bool marks;    /* tools that may be held are marked in lists */
        struct policy_approval how;
        struct card_table *cards; /* made when first possible */
        uint8_t key[32];
        struct buf client; /* what it calls itself */
        struct buf text;   /* sorted arguments, and what a card says */
        struct held *first, *last;
        size_t count, bytes; /* held calls and their lines */
        size_t over;         /* of them not answered yet */
        uint64_t next_ms;    /* no held call has anything due before */
        bool fresh;          /* something is not recorded yet */
        struct card_slot *releasing; /* the grant by which a held call is decided about anew */
        uint64_t released;   /* its record */
        struct str because;  /* of the person who denies, in that event */
        struct form form;
        unsigned wrong_codes; /* in this session */
        struct request_state states[REQUEST_STATES];
        size_t states_at;
        uint64_t states_made;
};
