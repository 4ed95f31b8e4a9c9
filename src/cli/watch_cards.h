/* SPDX-License-Identifier: Apache-2.0
 *
 * The cards of all sessions that `leastwise watch` knows, oldest first. A card is named by its session's connection and
 * its id: ids are unique within a session only.
 */
#pragma once

#include "card.h"

/* Sixteen sessions with as many open cards as one may have; what comes on top of that is not shown until there is room.
 */
#define WATCH_CARDS_MAX 512U

struct watch_card {
        struct card card; /* its texts point into @texts */
        char *texts;
        unsigned source; /* the connection */
};

struct watch_cards {
        struct watch_card *cards;
        size_t count, room;
};

void watch_cards_deinit(struct watch_cards *list); /* idempotent */

/* Index of the card, or SIZE_MAX. */
size_t watch_cards_find(const struct watch_cards *list, unsigned source, const char *id);

/* Adds a copy of @card, or puts it in the place of the one of that id. 0, -ENOMEM; -ENOSPC when the list is full.
 * Pointers to cards are void after this. */
int watch_cards_put(struct watch_cards *list, unsigned source, const struct card *card);

void watch_cards_remove(struct watch_cards *list, size_t index);
