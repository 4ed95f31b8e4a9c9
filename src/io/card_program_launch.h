/* SPDX-License-Identifier: Apache-2.0
 *
 * How a program that is told of a card, or asked about it, comes to run: what it is given, and nothing else.
 */
#pragma once

#include "card_programs.h"

/* Starts it in a group of its own, with the card on its stdin in memory that nobody can change. 0 with *ret_pid and
 * *ret_output, which does not block and is the caller's (-1: its kind has none); or -errno, and nothing runs. */
int card_program_launch(const struct child *guarded, const struct card_program_spec *spec, const struct card *card,
        pid_t *ret_pid, int *ret_output);
