/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "card_text.h"
#include "cleanup.h"
#include "clock.h"
#include "control_cards.h"
#include "limit.h"
#include "options.h"
#include "policy_edit.h"
#include "tty.h"
#include "verbs.h"

static const struct option_spec no_options[] = {
        { NULL },
};

static const char usage[] =
        "Usage: leastwise approve ID\n\n"
        "Shows the call that waits under ID, all of it, and asks on your terminal whether it may run, once. Only y\n"
        "approves; n denies; whatever else is typed leaves it waiting. What was typed before the question is "
        "forgotten.\n\n"
        "Exit status: 0 approved; 1 not approved, or there is no such call; 2 bad usage; 70 no terminal, or\n"
        "the session does not answer.\n";

/* All of it, whatever its length: who scrolls back finds the beginning. */
static int show(int tty, const struct card *card)
{
        AUTO_BUF struct buf text = BUF_INIT(64U << 20);
        struct card_text_options options = {
                .width = tty_width(tty),
                .letters = tty_letters(),
                .unfolded = true,
                .now_ms = clock_now_ms(),
        };
        size_t hidden = 0;
        int r;

        if (getrandom(options.seed, sizeof(options.seed), 0) != (ssize_t)sizeof(options.seed))
                return -EIO;
        r = card_text_write(&text, card, &options, &hidden);
        if (r == 0 && hidden > 0)
                r = -EPROTO;
        if (r == 0)
                r = policy_edit_write(&text, card, &options);
        return r < 0 ? r : tty_write(tty, buf_str(&text));
}

static int report(const struct control_outcome *outcome)
{
        if (outcome->state == CARD_OPEN)
                printf("approved by %lld of %lld people who must\n", (long long)outcome->given, (long long)outcome->by);
        else if (outcome->state == CARD_APPROVED)
                puts("approved: the call runs when it is made again, once");
        else if (outcome->state == CARD_USED)
                puts("approved: the call has been passed on");
        else if (outcome->state == CARD_DENIED)
                puts("denied");
        else
                printf("not run: the approval is %s\n", card_state_word(outcome->state));
        if (fflush(stdout) != 0)
                return EXIT_INTERNAL;
        return outcome->state == CARD_OPEN || outcome->state == CARD_APPROVED || outcome->state == CARD_USED
                       ? EXIT_OK
                       : EXIT_FINDINGS;
}

static int ask(int tty, const struct control_card *c)
{
        struct control_outcome outcome;
        char answer;
        int status;

        if (c->card.state != CARD_OPEN) {
                fprintf(stderr, "leastwise: %s is approved already\n", c->card.id);
                return EXIT_FINDINGS;
        }
        if (show(tty, &c->card) < 0) {
                fputs("leastwise: the call cannot be shown as a whole; nothing is approved\n", stderr);
                return EXIT_INTERNAL;
        }
        answer = tty_ask(tty, STR("\nMay it run? [y: once, n: no, Enter: not now] "));
        if (answer != 'y' && answer != 'n') {
                puts("not answered: the call still waits");
                return EXIT_FINDINGS;
        }
        status = control_card_answer(c, answer == 'y', (struct str){ 0 }, &outcome);
        return status ? status : report(&outcome);
}

static int approve(const char *id)
{
        CLEANUP(control_sessions_deinit) struct control_sessions sessions;
        CLEANUP(control_card_deinit) struct control_card card = { 0 };
        AUTO_CLOSE int tty = -1;
        int status;

        if (control_sessions_find(&sessions) < 0) {
                fputs("leastwise: not enough memory\n", stderr);
                return EXIT_INTERNAL;
        }
        status = control_card_find(&card, &sessions, "approve", id);
        if (status)
                return status;
        tty = tty_open();
        if (tty < 0) {
                fprintf(stderr, "leastwise: approving needs a terminal, where a person is: %s\n", strerror(-tty));
                tty = -1;
                return EXIT_INTERNAL;
        }
        return ask(tty, &card);
}

static int run(int argc, char **argv)
{
        AUTO_BUF struct buf message = BUF_INIT(4096);
        struct options options;

        if (options_parse(&options, no_options, OPTIONS_ANYWHERE, argc, argv, &message) < 0)
                return usage_error("approve", "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(&verb_approve);
        if (options.operand_count != 1)
                return usage_error("approve", "say which: leastwise pending lists them");
        return approve(options.operands[0]);
}

const struct verb verb_approve = {
        .name = "approve",
        .summary = "show a call that waits, and let it run once",
        .usage = usage,
        .run = run,
};
