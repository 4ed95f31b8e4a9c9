/* SPDX-License-Identifier: Apache-2.0
 *
 * The cards of one session: those that a person may answer, grants that wait for their call, and the last ones that are over. Pure:
 * time comes in (monotonic for what counts), and every change is remembered until the owner has taken note of it.
 *
 * A digest has at most one card that is open or granted. What a person denied stays denied for the session.
 */
#pragma once

#include <stddef.h>

#include "card.h"
#include "limit.h"

enum card_change {
        CARD_OPENED = 1, /* there is something to answer */
        CARD_CHANGED,    /* asked again, approved by one of several, or a grant now */
        CARD_CLOSED,     /* used, denied, expired or withdrawn */
};

/* An approver's name. */
#define APPROVER_BYTES 256U

/* A place of the table. @card's texts lie in the two blocks of memory. */
struct card_slot {
        struct card card;
        bool taken;
        enum card_change told; /* what the owner has still to be told; 0: nothing */
        bool announced;        /* he has been told of its opening */
        bool unrecorded;       /* opened or approved since records were last written */
        uint64_t deadline_ms;  /* monotonic: when it expires, or the grant does */
        uint64_t order;        /* of opening; of closing once it is closed */
        uint64_t rule;         /* which rule asked, hashed */
        uint8_t definition[CARD_DIGEST_BYTES]; /* of the tool, when it was asked; only with has_definition */
        bool has_definition;
        struct str approvers[LIMIT_APPROVERS]; /* who has approved; in `names` */
        struct buf names;
        char code[CARD_CODE_BYTES]; /* that is to be typed into the client's form; empty: it shows none. Not in `card`: who shows it adds it */
        uint8_t wrong_codes;   /* typed so far */
        bool no_form;          /* none is shown any more */
        char *text, *arguments; /* memory of the card's texts, and of its arguments */
};

struct rule_count {
        uint64_t rule;
        uint32_t approvals, denials;
};

struct card_table {
        struct card_slot slots[2 * LIMIT_OPEN_CARDS];
        uint8_t denied[LIMIT_DENIED_CALLS][CARD_DIGEST_BYTES]; /* the latest; what is forgotten is asked about again */
        size_t denied_count, denied_at;
        struct rule_count counts[LIMIT_COUNTED_RULES];
        size_t count_count;
        uint64_t orders, ids, codes;
        uint64_t earliest_ms; /* no deadline is earlier; UINT64_MAX: there is none */
        size_t open;          /* open or granted */
        uint8_t key[32];      /* random: ids and codes cannot be told before */
};

void cards_init(struct card_table *t, const uint8_t key[32]);
void cards_deinit(struct card_table *t);

/* The card of that digest that is open or granted; NULL. */
struct card_slot *cards_find(struct card_table *t, const uint8_t digest[CARD_DIGEST_BYTES]);
/* The card of that id in whatever state, as long as it is remembered; NULL. */
struct card_slot *cards_by_id(struct card_table *t, struct str id);
/* Is it open or granted? */
bool card_is_alive(const struct card_slot *slot);

/* Has a person said no to exactly this? */
bool cards_denied(const struct card_table *t, const uint8_t digest[CARD_DIGEST_BYTES]);

enum cards_error {
        CARDS_OK = 0,
        CARDS_FULL,      /* LIMIT_OPEN_CARDS are open */
        CARDS_TOO_LARGE, /* its arguments: nobody would look at them */
        CARDS_UNSHOWABLE, /* of who opens them: a secret in the arguments cannot be hidden */
        CARDS_NO_MEMORY,
};

/* Opens a card: texts are copied, each cut to what a card has room for (never the arguments), the id and the counts of the rule filled
 * in. @deadline_ms: monotonic. */
enum cards_error cards_open(struct card_table *t, const struct card *card, uint64_t deadline_ms, struct card_slot **ret);

/* The same call came once more. */
void cards_asked_again(struct card_slot *slot);

/* The open card gets a code, unless it has one, or shall have none any more. */
void cards_give_code(struct card_table *t, struct card_slot *slot);
/* No form of the client's answers it any more. */
void cards_end_code(struct card_slot *slot);

/* @approver says yes: true when all who must have, and the card is a grant from now to @deadline_ms (real time: @expires_ms). One who
 * has said so before is not counted again. */
bool cards_approve(struct card_table *t, struct card_slot *slot, struct str approver, uint64_t deadline_ms, uint64_t expires_ms);
/* Its call has run. */
void cards_use(struct card_table *t, struct card_slot *slot);
void cards_deny(struct card_table *t, struct card_slot *slot);
void cards_withdraw(struct card_table *t, struct card_slot *slot);

/* The next one whose time is over, which is then expired; NULL: there is none. */
struct card_slot *cards_expire(struct card_table *t, uint64_t mono_ms);
/* Not later than when cards_expire() has something to do; UINT64_MAX: never. */
uint64_t cards_deadline(const struct card_table *t);

/* Who has approved, "a, b", appended. */
void cards_approvers(const struct card_slot *slot, struct buf *out);

/* The next change that the owner has not taken; false: none. *ret is valid until the table changes. */
bool cards_take_change(struct card_table *t, enum card_change *ret_change, const struct card **ret);
