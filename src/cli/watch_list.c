/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "clock.h"
#include "control_cards.h"
#include "policy_edit.h"
#include "tty.h"
#include "verb.h"

#define TEXT_BYTES (256U << 20)

struct list {
        struct card_text_options options;
        size_t count;
};

static int print_card(void *userdata, const struct control_session *session, const struct card *card)
{
        struct list *list = userdata;
        struct buf text = BUF_INIT(TEXT_BYTES);
        size_t hidden;
        int r;

        if (list->count++ > 0)
                buf_append_char(&text, '\n');
        r = card_text_write(&text, card, &list->options, &hidden);
        if (r == 0)
                r = policy_edit_write(&text, card, &list->options);
        if (r == 0)
                fwrite(text.data, 1, text.len, stdout);
        buf_deinit(&text);
        return r;
}

int watch_list(const char *why)
{
        struct list list = {
                .options = {
                        .width = tty_width(STDOUT_FILENO),
                        .letters = tty_letters(),
                        .unfolded = true,
                        .now_ms = clock_now_ms(),
                },
        };
        struct control_sessions sessions;
        unsigned silent = 0;
        int r;

        if (getrandom(list.options.seed, sizeof(list.options.seed), 0) != (ssize_t)sizeof(list.options.seed))
                return EXIT_INTERNAL;
        r = control_sessions_find(&sessions);
        if (r == 0) {
                r = control_cards_each(&sessions, print_card, &list, &silent);
                control_sessions_deinit(&sessions);
        }
        if (fflush(stdout) != 0 || r < 0) {
                fprintf(stderr, "leastwise watch: %s\n", strerror(r < 0 ? -r : errno));
                return EXIT_INTERNAL;
        }
        fprintf(stderr,
                "leastwise watch: %s; %zu call%s now. Answer with: leastwise approve ID, or leastwise deny ID\n", why,
                list.count, list.count == 1 ? " waits" : "s wait");
        return silent > 0 ? EXIT_INTERNAL : EXIT_OK;
}
