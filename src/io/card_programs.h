/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs that a policy has started for a card: those that tell somebody of it (`approval: notify:`), and those that
 * answer it
 * (`approval: ask:`). Each gets the card on its stdin as one line of JSON (card.h), the directory that we are in, the
 * environment that a server would get from a policy without `env:` and what a desktop's programs need to find the
 * desktop, and nothing else: stderr goes nowhere. Each has a process group of its own, which does not outlive us.
 * Nothing here ever waits for them.
 *
 * One that answers writes one line: {"verdict":"approve"} or {"verdict":"deny"}, with "because" if it likes. Whatever
 * else it writes is no answer. A denial counts at once, an approval when the program has ended by itself with status 0, for which it
 * has LIMIT_NOTIFY_MS. It may run for as long as its card is open; one that tells has LIMIT_NOTIFY_MS.
 */
#pragma once

#include <uv.h>

#include "card.h"
#include "child.h"
#include "str.h"

enum card_program_kind {
        CARD_PROGRAM_NOTIFY,
        CARD_PROGRAM_ASK,
};

struct card_program_spec {
        enum card_program_kind kind;
        const struct str *argv;
        size_t argc;  /* at least 1 */
        size_t index; /* whose it is, for the owner; comes back with the answer */
};

struct card_program_answer {
        const char *card; /* its id */
        const uint8_t *digest;
        struct str approver; /* "ask:" and the program's name */
        bool approve;
        struct str because;
        size_t index;
};

struct card_programs_owner {
        /* What a person should know, one printable line. */
        void (*say)(void *userdata, struct str text);
        /* A program has answered. False: not at the moment; it is asked again in card_programs_resume(). */
        bool (*answer)(void *userdata, const struct card_program_answer *answer);
        void *userdata;
};

struct card_programs;

/* @guarded is whose guardian ends the programs should we be killed; borrowed. 0 or -errno. */
int card_programs_new(struct card_programs **ret, uv_loop_t *loop, const struct child *guarded,
        const struct card_programs_owner *owner);

/* Starts one; what goes wrong is said. */
void card_programs_start(struct card_programs *p, const struct card_program_spec *spec, const struct card *card);

/* The card has been answered or is over: who was asked need not answer any more. SIGTERM, and after a moment SIGKILL.
 */
void card_programs_card_closed(struct card_programs *p, const char *id);

/* A child of ours has ended: perhaps one of these. */
void card_programs_reap(struct card_programs *p);

/* Answers can be carried out again. */
void card_programs_resume(struct card_programs *p);

/* Kills all; the memory goes with the loop's next turn. NULL is fine. Returns NULL. */
struct card_programs *card_programs_end(struct card_programs *p);
