/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "control_cards.h"
#include "limit.h"
#include "options.h"
#include "verbs.h"

static const struct option_spec specs[] = {
        { "because", true, false },
        { NULL },
};

static const char usage[] =
        "Usage: leastwise deny ID [--because TEXT]\n\n"
        "Refuses the call that waits under ID. The same call is refused for the rest of its session, without asking "
        "again.\n\n"
        "Options:\n"
        "  --because TEXT  why, for the model and the record\n\n"
        "Exit status: 0 denied; 1 there is no such call; 2 bad usage; 70 the session does not answer.\n";

static int deny(const char *id, struct str because)
{
        CLEANUP(control_sessions_deinit) struct control_sessions sessions;
        CLEANUP(control_card_deinit) struct control_card card = { 0 };
        struct control_outcome outcome;
        int status;

        if (control_sessions_find(&sessions) < 0) {
                fputs("leastwise: not enough memory\n", stderr);
                return EXIT_INTERNAL;
        }
        status = control_card_find(&card, &sessions, "deny", id);
        if (status == 0)
                status = control_card_answer(&card, false, because, &outcome);
        if (status)
                return status;
        if (outcome.state != CARD_DENIED) {
                fprintf(stderr, "leastwise: not denied: it is %s\n", card_state_word(outcome.state));
                return EXIT_FINDINGS;
        }
        puts("denied");
        return fflush(stdout) == 0 ? EXIT_OK : EXIT_INTERNAL;
}

static int run(int argc, char **argv)
{
        AUTO_BUF struct buf message = BUF_INIT(4096);
        struct options options;
        const char *because;

        if (options_parse(&options, specs, OPTIONS_ANYWHERE, argc, argv, &message) < 0)
                return usage_error("deny", "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(&verb_deny);
        if (options.operand_count != 1)
                return usage_error("deny", "say which: leastwise pending lists them");
        because = options_get(&options, "because", 0);
        if (because && strlen(because) > LIMIT_ANSWER_BECAUSE_BYTES)
                return usage_error("deny", "--because takes at most %u bytes", LIMIT_ANSWER_BECAUSE_BYTES);
        return deny(options.operands[0], str_from(because));
}

const struct verb verb_deny = {
        .name = "deny",
        .summary = "refuse a call that waits",
        .usage = usage,
        .run = run,
};
