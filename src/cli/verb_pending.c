/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "card_text.h"
#include "cleanup.h"
#include "clock.h"
#include "control_cards.h"
#include "grant_lines.h"
#include "limit.h"
#include "options.h"
#include "tty.h"
#include "verbs.h"

static const struct option_spec specs[] = {
        { "json", false, false },
        { NULL },
};

static const char usage[] = "Usage: leastwise pending [--json]\n\n"
                            "Lists the calls of all running sessions that wait for your approval, and those that you "
                            "have approved and that\n"
                            "have not been made again yet; and what is granted for a while (leastwise grant).\n\n"
                            "Options:\n"
                            "  --json  as one JSON array, with everything that is known of each (docs/approvals.md)\n\n"
                            "Exit status: 0; 70 when a session does not answer.\n";

struct list {
        bool json;
        unsigned count;
        uint64_t now_ms;
        struct buf out, grants; /* in text, what is granted stands behind all cards */
};

static void write_text(struct list *l, const struct card *card)
{
        const unsigned width = tty_width(STDOUT_FILENO);
        const bool letters = tty_letters();

        buf_printf(&l->out, "%s%-*s%s", l->count > 1 ? "\n" : "", (int)CARD_TEXT_LABEL, card->id,
                card->state == CARD_APPROVED ? "approved; its call may be made once within "
                                             : "waits; to be answered within ");
        card_text_left(&l->out, l->now_ms, card->expires_ms);
        buf_append_char(&l->out, '\n');
        card_text_foreign(&l->out, "TOOL", card->tool, INERT_PLAIN, width, letters);
        if (card->say.len > 0)
                card_text_foreign(&l->out, "WHAT", card->say, INERT_VISIBLE, width, letters);
        card_text_foreign(&l->out, "SERVER", card->server, INERT_VISIBLE, width, letters);
}

static int add(void *userdata, const struct control_session *session, const struct card *card)
{
        struct list *l = userdata;

        (void)session;
        l->count++;
        if (!l->json) {
                write_text(l, card);
        } else {
                buf_append_char(&l->out, l->count > 1 ? ',' : '[');
                if (card_write_json(card, &l->out) < 0)
                        l->out.failed = true;
        }
        return l->out.failed ? -ENOMEM : 0;
}

/* Of what is let through without waiting. */
static int add_grant(void *userdata, const struct control_session *session, const struct grant *grant)
{
        struct list *l = userdata;

        (void)session;
        buf_append_char(&l->grants, '\n');
        return grant_lines_write(&l->grants, grant, tty_width(STDOUT_FILENO), tty_letters(), l->now_ms);
}

static void end_cards(struct list *l)
{
        if (l->json)
                buf_append_str(&l->out, l->count > 0 ? STR("]\n") : STR("[]\n"));
        else if (l->count == 0)
                buf_append_str(&l->out, STR("No call waits for an approval.\n"));
        else
                buf_append_str(&l->out,
                        STR("\nTo see one and answer: leastwise approve ID, leastwise deny ID, or leastwise watch\n"));
        buf_append_str(&l->out, buf_str(&l->grants));
}

static int print(const struct list *l)
{
        if (l->out.failed)
                return -ENOMEM;
        return fwrite(l->out.data, 1, l->out.len, stdout) == l->out.len && fflush(stdout) == 0 ? 0 : -EIO;
}

static int list_all(bool json)
{
        CLEANUP(control_sessions_deinit) struct control_sessions sessions;
        struct list list = { .json = json, .now_ms = clock_now_ms(), .out = BUF_INIT(256U << 20), .grants = BUF_INIT(16U << 20) };
        unsigned silent = 0;
        int r = control_sessions_find(&sessions);

        if (r == 0)
                r = control_cards_and_grants_each(&sessions, add, json ? NULL : add_grant, &list, &silent);
        end_cards(&list);
        if (r == 0)
                r = print(&list);
        buf_deinit(&list.out);
        buf_deinit(&list.grants);
        if (r == -ENOMEM)
                fputs("leastwise: not enough memory\n", stderr);
        return r == 0 && silent == 0 ? EXIT_OK : EXIT_INTERNAL;
}

static int run(int argc, char **argv)
{
        AUTO_BUF struct buf message = BUF_INIT(4096);
        struct options options;

        if (options_parse(&options, specs, OPTIONS_ANYWHERE, argc, argv, &message) < 0)
                return usage_error("pending", "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(&verb_pending);
        if (options.operand_count > 0)
                return usage_error("pending", "it takes no arguments");
        return list_all(options_has(&options, "json"));
}

const struct verb verb_pending = {
        .name = "pending",
        .summary = "list the calls that wait for your approval",
        .usage = usage,
        .run = run,
};
