/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "card_text.h"
#include "cleanup.h"
#include "clock.h"
#include "control_cards.h"
#include "limit.h"
#include "options.h"
#include "policy_edit.h"
#include "signing.h"
#include "statement.h"
#include "tty.h"
#include "verbs.h"

static const struct option_spec specs[] = {
        { "sign", false, false },
        { "key", true, false },
        { "statement", false, false },
        { "signature", true, false },
        { NULL },
};

static const char usage[] =
        "Usage: leastwise approve ID [--sign [--key FILE]]\n"
        "       leastwise approve ID --statement\n"
        "       leastwise approve ID --signature FILE\n\n"
        "Shows the call that waits under ID, all of it, and asks on your terminal whether it may run, once. Only y\n"
        "approves; n denies; whatever else is typed leaves it waiting. What was typed before the question is "
        "forgotten.\n\n"
        "  --sign            where the policy names people who may approve: sign the answer, with ssh-keygen\n"
        "  --key FILE        by this key; else ~/.ssh/id_ed25519_sk or ~/.ssh/id_ed25519. The public key of one\n"
        "                    that an agent holds will do\n"
        "  --statement       print the text that is to be signed, and answer nothing\n"
        "  --signature FILE  send a signature of that text, made elsewhere with\n"
        "                    ssh-keygen -Y sign -n leastwise-approval -f KEY; - is standard input\n\n"
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

/* --- signing --- */

static int sign(const struct card *card, const char *key, struct buf *signature)
{
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_STATEMENT_BYTES);

        if (statement_write(&text, card, true) < 0) {
                fputs("leastwise: not enough memory\n", stderr);
                return EXIT_INTERNAL;
        }
        return signing_make(signature, buf_str(&text), STATEMENT_NAMESPACE, key, "not approved");
}

static int print_statement(const struct card *card)
{
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_STATEMENT_BYTES);

        if (statement_write(&text, card, true) < 0) {
                fputs("leastwise: not enough memory\n", stderr);
                return EXIT_INTERNAL;
        }
        fwrite(text.data, 1, text.len, stdout);
        return fflush(stdout) == 0 ? EXIT_OK : EXIT_INTERNAL;
}

/* --- answering --- */

struct approving {
        bool sign, statement;
        const char *key, *signature_file; /* NULL: not said */
};

static int answer_with(const struct control_card *c, bool approve, struct str signature)
{
        struct control_outcome outcome;
        const int status = control_card_answer_signed(c, approve, (struct str){ 0 }, signature, &outcome);

        return status ? status : report(&outcome);
}

static int ask(int tty, const struct control_card *c, const struct approving *how)
{
        AUTO_BUF struct buf signature = BUF_INIT(LIMIT_SSHSIG_BYTES);
        char answer;
        int status = 0;

        if (show(tty, &c->card) < 0) {
                fputs("leastwise: the call cannot be shown as a whole; nothing is approved\n", stderr);
                return EXIT_INTERNAL;
        }
        answer = tty_ask(tty, STR("\nMay it run? [y: once, n: no, Enter: not now] "));
        if (answer != 'y' && answer != 'n') {
                puts("not answered: the call still waits");
                return EXIT_FINDINGS;
        }
        if (answer == 'y' && how->sign)
                status = sign(&c->card, how->key, &signature);
        return status ? status : answer_with(c, answer == 'y', buf_str(&signature));
}

static int ask_on_terminal(const struct control_card *c, const struct approving *how)
{
        AUTO_CLOSE int tty = tty_open();

        if (tty >= 0)
                return ask(tty, c, how);
        fprintf(stderr, "leastwise: approving needs a terminal, where a person is: %s\n", strerror(-tty));
        tty = -1;
        return EXIT_INTERNAL;
}

/* Whoever signed elsewhere has said what he means; nobody needs to be asked here. */
static int send_signature(const struct control_card *c, const char *path)
{
        AUTO_BUF struct buf signature = BUF_INIT(LIMIT_SSHSIG_BYTES);
        const int status = signing_read(&signature, path);

        return status ? status : answer_with(c, true, buf_str(&signature));
}

static int approve(const char *id, const struct approving *how)
{
        CLEANUP(control_sessions_deinit) struct control_sessions sessions;
        CLEANUP(control_card_deinit) struct control_card card = { 0 };
        int status;

        if (control_sessions_find(&sessions) < 0) {
                fputs("leastwise: not enough memory\n", stderr);
                return EXIT_INTERNAL;
        }
        status = control_card_find(&card, &sessions, "approve", id);
        if (status)
                return status;
        if (card.card.state != CARD_OPEN) {
                fprintf(stderr, "leastwise: %s is approved already\n", card.card.id);
                return EXIT_FINDINGS;
        }
        if (how->statement)
                return print_statement(&card.card);
        return how->signature_file ? send_signature(&card, how->signature_file) : ask_on_terminal(&card, how);
}

static int run(int argc, char **argv)
{
        AUTO_BUF struct buf message = BUF_INIT(4096);
        struct approving how;
        struct options options;

        if (options_parse(&options, specs, OPTIONS_ANYWHERE, argc, argv, &message) < 0)
                return usage_error("approve", "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(&verb_approve);
        if (options.operand_count != 1)
                return usage_error("approve", "say which: leastwise pending lists them");
        how = (struct approving){
                .sign = options_has(&options, "sign"),
                .statement = options_has(&options, "statement"),
                .key = options_get(&options, "key", 0),
                .signature_file = options_get(&options, "signature", 0),
        };
        if (how.sign + how.statement + (how.signature_file != NULL) > 1)
                return usage_error("approve", "--sign, --statement and --signature are three ways: choose one");
        if (how.key && !how.sign)
                return usage_error("approve", "--key says what --sign signs by");
        return approve(options.operands[0], &how);
}

const struct verb verb_approve = {
        .name = "approve",
        .summary = "show a call that waits, and let it run once",
        .usage = usage,
        .run = run,
};
