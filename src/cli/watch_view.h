/* SPDX-License-Identifier: Apache-2.0
 *
 * `leastwise watch` without a terminal, a socket or a clock: what is known, a key, and what follows from it; and the
 * screen as text.
 *
 * What keeps a person from approving what he has not read:
 *   - only the view of one card approves, and only when all of it has been on the screen, unfolded where texts were
 * cut;
 *   - for WATCH_HOLD_MS after the card or the list has changed by itself or another card has come into view, no key
 * answers, and a key that tries begins that time anew, so that neither type-ahead nor a key held down ever answers;
 *   - what is answered is the card that was on the screen: the action carries its session, id and digest;
 *   - the selection stays with a card, whatever its place in the list.
 */
#pragma once

#include "card_text.h"
#include "terminal_keys.h"
#include "watch_cards.h"
#include "watch_grants.h"
#include "watch_stops.h"

#define WATCH_HOLD_MS 700U
#define WATCH_MIN_WIDTH CARD_TEXT_MIN_WIDTH
#define WATCH_MIN_HEIGHT 8U
/* Wider and higher screens leave the rest blank. */
#define WATCH_MAX_WIDTH 500U
#define WATCH_MAX_HEIGHT 500U

enum watch_mode {
        WATCH_LIST,
        WATCH_CARD,
};

enum watch_verb {
        WATCH_NOTHING,
        WATCH_QUIT,
        WATCH_REDRAW,
        WATCH_APPROVE,
        WATCH_DENY,
};

struct watch_action {
        enum watch_verb verb;
        /* Of an answer: */
        unsigned source;
        char id[CARD_ID_BYTES];
        uint8_t digest[CARD_DIGEST_BYTES];
};

struct watch_view {
        struct watch_cards cards;
        struct watch_grants grants;
        struct watch_stops stops;
        enum watch_mode mode;
        bool has_selection;
        unsigned source; /* of the selected card */
        char id[CARD_ID_BYTES];
        bool gone;     /* the card in view is closed and stays on the screen until a key is pressed */
        bool answered; /* an answer to the card in view is on its way */

        /* The card in view. */
        struct buf text; /* its lines */
        size_t lines, top, hidden;
        size_t seen; /* so many lines from the first on have been on the screen */
        bool unfolded;

        unsigned width, height;
        bool letters; /* the terminal shows UTF-8 */
        bool codes;   /* the person wants codes all the same */
        bool styles;  /* bold and reverse may be used */
        uint64_t seed[2];
        size_t list_top;
        unsigned sessions;
        uint64_t hold_until_ms; /* monotonic */
        char message[192];      /* own words */
        struct buf note;        /* somebody else's: shown behind a bar */
};

void watch_view_init(struct watch_view *v, const uint64_t seed[2]);
void watch_view_deinit(struct watch_view *v); /* idempotent */

/* Times: @mono_ms is monotonic, @now_ms real. */
void watch_view_resize(struct watch_view *v, unsigned width, unsigned height, uint64_t mono_ms);
/* A card was opened, or has changed. 0, -ENOMEM, -ENOSPC. */
int watch_view_put(struct watch_view *v, unsigned source, const struct card *card, uint64_t mono_ms);
/* It is open no more. */
void watch_view_close(struct watch_view *v, unsigned source, const char *id, enum card_state state, uint64_t mono_ms);
/* A grant in force of the session; NULL: all are told anew. */
void watch_view_grant(struct watch_view *v, unsigned source, const struct grant *grant, uint64_t mono_ms);
/* A stop in force in the session; NULL: all are told anew. */
void watch_view_stop(struct watch_view *v, unsigned source, const struct stop_told *stop, uint64_t mono_ms);
/* The session is there no more, and neither are its cards, grants and stops. */
void watch_view_drop(struct watch_view *v, unsigned source, uint64_t mono_ms);
/* Shows a text that is not our own, until the next key: an error that a session answered with, or a notice. 0 or
 * -ENOMEM. */
int watch_view_note(struct watch_view *v, struct str text);

/* Shows own words, which are ASCII, until the next key. */
void watch_view_say(struct watch_view *v, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The screen has been away for something else: what is on it now has to be looked at again. */
void watch_view_returned(struct watch_view *v, uint64_t mono_ms);

/* The answer has arrived, or been refused: another may be given. */
void watch_view_answered(struct watch_view *v);

struct watch_action watch_view_key(struct watch_view *v, int key, uint64_t mono_ms);

/* Appends the screen: exactly `height` lines apart by "\r\n", none wider than `width`. What of a card is on it counts
 * as seen. 0 or -ENOMEM. */
int watch_view_screen(struct watch_view *v, struct buf *out, uint64_t now_ms, uint64_t mono_ms);

/* --- Between watch_view.c and watch_screen.c --- */

/* The selected card, or NULL. */
const struct watch_card *watch_view_selected(const struct watch_view *v);
/* Rows for the list, or for the lines of a card. */
size_t watch_view_rows(const struct watch_view *v);
/* Rows for stops and, below them, for grants above the list. */
size_t watch_view_stop_rows(const struct watch_view *v);
size_t watch_view_grant_rows(const struct watch_view *v);
