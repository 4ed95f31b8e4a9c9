/* SPDX-License-Identifier: Apache-2.0
 *
 * A card as lines for a terminal: what a person must know before answering, in the order of the questions.
 *
 *     APPROVE? 7F3K2Q, expires in 4:58
 *     WHAT     | delete branch release/2.4 in acme/payments
 *     UNDO     UNKNOWN: the policy does not say
 *
 * The first CARD_TEXT_LABEL columns are the card's own: a label, or blank. Behind them stand either the card's own
 * words, which are printable ASCII without a bar or a tilde, or "| " and foreign text, or ": " and the rest of it when
 * it did not fit the line. Nothing that a server, a client, a model or a policy wrote stands anywhere else, and inert.h
 * says what becomes of it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "card.h"
#include "inert.h"

#define CARD_TEXT_LABEL 9U
/* Label, bar, blank, and room for the longest piece and then some. */
#define CARD_TEXT_MIN_WIDTH 40U

struct card_text_options {
        unsigned width;   /* columns; fewer than the least are taken as the least */
        bool letters;     /* the terminal shows UTF-8; else all is ASCII */
        bool unfolded;    /* everything; else long texts are cut, and say so */
        uint64_t now_ms;  /* real time */
        uint64_t seed[2]; /* for reading the arguments: json.h */
};

/* Appends the lines, each with a newline. @ret_hidden: how many texts are not shown as a whole; 0 when unfolded.
 * 0; -ENOMEM: there is no memory, or they do not fit (or @out had failed before); @out then has its former length. */
int card_text_write(
        struct buf *out, const struct card *card, const struct card_text_options *options, size_t *ret_hidden);

/* Appends foreign text under a label ("" continues the one above) as lines of that width, as a card has them: 0 or
 * -ENOMEM, as above. A card's `say`, `server` and `client` are INERT_VISIBLE, its other texts INERT_PLAIN. */
int card_text_foreign(
        struct buf *out, const char *label, struct str text, enum inert_kind kind, unsigned width, bool letters);

/* Appends time left as people write it: "4:58", "1:00:07"; "0:00" when it is past. */
int card_text_left(struct buf *out, uint64_t now_ms, uint64_t expires_ms);
