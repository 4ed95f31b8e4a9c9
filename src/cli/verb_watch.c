/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "cleanup.h"
#include "clock.h"
#include "colour.h"
#include "limit.h"
#include "options.h"
#include "signing.h"
#include "statement.h"
#include "terminal.h"
#include "tty.h"
#include "verbs.h"
#include "watch_feed.h"
#include "watch_list.h"
#include "watch_view.h"

static_assert(WATCH_STOPS_SESSIONS == WATCH_SESSIONS_MAX, "each has a place");

static const struct option_spec specs[] = {
        { "color", true, false },
        { "key", true, false },
        { NULL },
};

static const char usage[] =
        "Usage: leastwise watch [--color WHEN] [--key FILE]\n\n"
        "Shows the calls that wait for a person, of all running sessions, as they come. Enter opens one: a approves\n"
        "it, once; d denies it, and so does enter; v shows texts that are cut; u shows letters outside ASCII as "
        "codes;\n"
        "the arrows, space and b move; escape goes back; q ends. A call can be approved when all of it has been on "
        "the\n"
        "screen. For 0.7 seconds after a card or the list has changed by itself, no key answers.\n\n"
        "Where the policy names people who may approve, a has ssh-keygen sign the approval.\n\n"
        "Where there is no terminal, or a dumb one, what waits is printed once.\n\n"
        "Options:\n"
        "  --color WHEN  bold and reverse: auto, always or never\n"
        "  --key FILE    what approvals are signed by; else ~/.ssh/id_ed25519_sk or ~/.ssh/id_ed25519\n\n"
        "Exit status: 0; 2 bad usage; 70 an internal failure. Signals end it as they end other programs.\n";

/* How often it is looked for new sessions, and the longest that the screen stands still. */
#define SCAN_MS 1000U
#define TICK_MS 1000
/* An escape sequence comes at once; what comes later is another key. */
#define SEQUENCE_MS 60

struct watch {
        struct terminal terminal;
        struct terminal_keys keys;
        struct watch_view view;
        struct watch_feed feed;
        struct buf screen;
        const char *key; /* to sign by; NULL: the one that is there */
        uint64_t scanned_ms;
        int error; /* that ends it */
        bool quit;
};

/* --- what sessions tell --- */

static int on_card(void *userdata, unsigned source, const struct card *card)
{
        struct watch *w = userdata;
        const bool first = w->view.cards.count == 0;
        int r = watch_view_put(&w->view, source, card, clock_mono_ms());

        /* What was typed at an empty list was meant for nothing that is on it. */
        if (first)
                terminal_discard_input(&w->terminal);
        if (r != -ENOSPC)
                return r;
        return watch_view_note(&w->view, STR("more calls wait than are shown"));
}

static void on_closed(void *userdata, unsigned source, const char *id, enum card_state state)
{
        struct watch *w = userdata;

        watch_view_close(&w->view, source, id, state, clock_mono_ms());
}

static void on_dropped(void *userdata, unsigned source)
{
        struct watch *w = userdata;

        watch_view_drop(&w->view, source, clock_mono_ms());
}

static void on_grant(void *userdata, unsigned source, const struct grant *grant)
{
        struct watch *w = userdata;

        watch_view_grant(&w->view, source, grant, clock_mono_ms());
}

static void on_stop(void *userdata, unsigned source, const struct stop_told *stop)
{
        struct watch *w = userdata;

        watch_view_stop(&w->view, source, stop, clock_mono_ms());
}

static void on_notice(void *userdata, struct str text)
{
        struct watch *w = userdata;

        if (watch_view_note(&w->view, text) < 0)
                w->error = -ENOMEM;
}

static void on_answered(
        void *userdata, const char *id, struct str refusal, enum card_state state, int64_t given, int64_t by)
{
        struct watch *w = userdata;

        watch_view_answered(&w->view);
        if (refusal.len > 0)
                on_notice(w, refusal);
        else if (state == CARD_OPEN)
                watch_view_say(&w->view, "%s: %" PRId64 " of %" PRId64 " people have approved.", id, given, by);
        else if (state == CARD_APPROVED)
                watch_view_say(&w->view, "%s is approved: its call runs when it is made again, once.", id);
        else
                watch_view_say(&w->view, "%s is %s.", id, card_state_word(state));
}

/* --- what the person does --- */

static void measure(struct watch *w)
{
        unsigned width, height;

        terminal_size(&w->terminal, &width, &height);
        watch_view_resize(&w->view, width, height, clock_mono_ms());
}

static void send_answer(struct watch *w, const struct watch_action *action, struct str signature)
{
        const int r = watch_feed_answer(
                &w->feed, action->source, action->id, action->digest, action->verb == WATCH_APPROVE, signature);

        if (r == 0)
                return;
        watch_view_answered(&w->view);
        watch_view_say(&w->view, "%s",
                r == -EBUSY ? "An answer to this session is on its way." : "The session is not there any more.");
}

/* ssh-keygen has the terminal meanwhile: it may ask for a passphrase, or for a touch. Nothing is read from sessions, so that what is
 * signed is the card that was on the screen. */
static int sign(struct watch *w, const struct card *card, struct buf *signature, struct buf *why)
{
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_STATEMENT_BYTES);
        int r;

        if (statement_write(&text, card, true) < 0) {
                buf_append_str(why, STR("not enough memory"));
                return -ENOMEM;
        }
        terminal_lend(&w->terminal);
        fprintf(stderr, "leastwise watch: to approve %s is to sign it\n", card->id);
        r = signing_try(signature, buf_str(&text), STATEMENT_NAMESPACE, w->key, why);
        w->error = terminal_take_back(&w->terminal);
        measure(w);
        watch_view_returned(&w->view, clock_mono_ms());
        return r;
}

static void approve_signed(struct watch *w, const struct watch_action *action, const struct card *card)
{
        AUTO_BUF struct buf signature = BUF_INIT(LIMIT_SSHSIG_BYTES), why = BUF_INIT(8192);

        buf_append_str(&why, STR("not approved: "));
        if (sign(w, card, &signature, &why) == 0) {
                send_answer(w, action, buf_str(&signature));
                return;
        }
        watch_view_answered(&w->view);
        on_notice(w, buf_str(&why));
}

static void answer(struct watch *w, const struct watch_action *action)
{
        const struct watch_card *selected = watch_view_selected(&w->view);

        if (action->verb == WATCH_APPROVE && selected && selected->card.must_sign)
                approve_signed(w, action, &selected->card);
        else
                send_answer(w, action, (struct str){ 0 });
}

static void show(struct watch *w)
{
        int r;

        buf_clear(&w->screen, 1U << 20);
        w->view.sessions = (unsigned)w->feed.count;
        if (w->feed.full && !w->view.message[0])
                watch_view_say(&w->view, "More than %u sessions run; the others are not shown.", WATCH_SESSIONS_MAX);
        else if (w->feed.unreached > 0 && !w->view.message[0])
                watch_view_say(&w->view, "%u session%s cannot be reached; see: leastwise pending", w->feed.unreached,
                        w->feed.unreached == 1 ? "" : "s");
        r = watch_view_screen(&w->view, &w->screen, clock_now_ms(), clock_mono_ms());
        if (r == 0)
                r = terminal_show(&w->terminal, buf_str(&w->screen));
        /* A signal that ends us may come while the terminal takes nothing. */
        if (r < 0 && !terminal_end_signal())
                w->error = r;
}

static void on_key(struct watch *w, int key)
{
        const struct watch_action action = watch_view_key(&w->view, key, clock_mono_ms());

        if (action.verb == WATCH_QUIT)
                w->quit = true;
        else if (action.verb == WATCH_APPROVE || action.verb == WATCH_DENY)
                answer(w, &action);
        /* What the key did is on the screen before the next one is looked at. */
        show(w);
}

static void read_keys(struct watch *w)
{
        char bytes[256];
        const ssize_t n = read(w->terminal.in, bytes, sizeof(bytes));
        int key;

        for (ssize_t i = 0; i < n && !w->quit && !terminal_end_signal(); i++)
                if (terminal_keys_byte(&w->keys, bytes[i], &key))
                        on_key(w, key);
}

static void scan(struct watch *w)
{
        if (w->scanned_ms && clock_mono_ms() < w->scanned_ms + SCAN_MS)
                return;
        w->scanned_ms = clock_mono_ms();
        w->error = watch_feed_scan(&w->feed);
}

/* One wait and what came of it. */
static void turn(struct watch *w)
{
        struct pollfd fds[WATCH_SESSIONS_MAX + 1] = { { .fd = w->terminal.in, .events = POLLIN } };
        const nfds_t count = watch_feed_poll(&w->feed, fds + 1);
        const unsigned events =
                terminal_wait(&w->terminal, fds, count + 1, terminal_keys_wait(&w->keys) ? SEQUENCE_MS : TICK_MS);
        int key;

        if (events & TERMINAL_END)
                return;
        if (events & TERMINAL_STOP)
                w->error = terminal_suspend(&w->terminal);
        if (events & (TERMINAL_STOP | TERMINAL_RESIZED))
                measure(w);
        if (w->error == 0)
                w->error = watch_feed_read(&w->feed, fds + 1, count);
        if (fds[0].revents & POLLIN)
                read_keys(w);
        else if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
                w->error = -EIO;
        else if (terminal_keys_pause(&w->keys, &key))
                on_key(w, key);
        if (w->error == 0)
                scan(w);
        if (w->error == 0)
                show(w);
}

static int watch(bool styles, const char *key)
{
        struct watch w = { .screen = BUF_INIT(16U << 20), .key = key };
        const struct watch_listener listener = { on_card, on_closed, on_dropped, on_notice, on_answered, on_grant, on_stop, &w };
        uint64_t seed[2];
        int ended;

        if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
                return EXIT_INTERNAL;
        watch_view_init(&w.view, seed);
        watch_feed_init(&w.feed, &listener);
        w.view.styles = styles;
        w.view.letters = tty_letters();
        w.error = terminal_open(&w.terminal, STDIN_FILENO, STDOUT_FILENO);
        if (w.error == 0) {
                measure(&w);
                scan(&w);
                show(&w);
        }
        while (w.error == 0 && !w.quit && !terminal_end_signal())
                turn(&w);
        terminal_close(&w.terminal);
        watch_feed_deinit(&w.feed);
        watch_view_deinit(&w.view);
        buf_deinit(&w.screen);
        ended = terminal_end_signal();
        if (ended)
                terminal_end_by(ended);
        if (w.error < 0)
                fprintf(stderr, "leastwise watch: %s\n", strerror(-w.error));
        return w.error < 0 ? EXIT_INTERNAL : EXIT_OK;
}

static const char *why_no_screen(void)
{
        const char *term = getenv("TERM");

        if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
                return "there is no terminal to watch on";
        if (!term || !*term || strcmp(term, "dumb") == 0)
                return "this terminal shows no full screen (TERM is dumb or not set)";
        return NULL;
}

static int run(int argc, char **argv)
{
        struct options options;
        struct buf message = BUF_INIT(512);
        const char *why;
        bool styles;

        if (options_parse(&options, specs, OPTIONS_ANYWHERE, argc, argv, &message) < 0) {
                const int status = usage_error("watch", "%.*s", STR_FMT(buf_str(&message)));

                buf_deinit(&message);
                return status;
        }
        if (options.wants_help)
                return usage_print(&verb_watch);
        if (options.operand_count > 0)
                return usage_error("watch", "it takes no arguments");
        if (!colour_wanted(options_get(&options, "color", 0), STDOUT_FILENO, &styles))
                return usage_error("watch", "--color takes auto, always or never");
        why = why_no_screen();
        return why ? watch_list(why) : watch(styles, options_get(&options, "key", 0));
}

const struct verb verb_watch = { "watch", "show the calls that wait for a person, and answer them", usage, run };
