/* SPDX-License-Identifier: Apache-2.0
 *
 * The code of a card. Whoever answers through a form of the client types it, and so shows that he has been where the card is
 * shown: the client can fill a form in by itself, but the code is nowhere on its way.
 */
#pragma once

#include "card.h"

/* The @number-th code under that key: six characters of CARD_ID_ALPHABET that nobody can foretell without it, other than @id. */
void card_code_make(const uint8_t key[32], uint64_t number, const char *id, char ret[CARD_CODE_BYTES]);

/* Is it what was typed? Small letters are taken for capitals. How long it takes says nothing of the code; an empty code is nothing
 * that can be typed. */
bool card_code_matches(const char code[CARD_CODE_BYTES], struct str typed);
