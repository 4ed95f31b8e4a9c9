/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "client_kin.h"
#include "stop_places.h"
#include "tty.h"
#include "verbs.h"

static const struct option_spec specs[] = {
        { "all", false, false },
        { "system", false, false },
        { NULL },
};

static const char usage[] =
        "Usage: leastwise resume (ID | --all) [--system]\n\n"
        "Shows what was stopped, and asks on your terminal whether it may go on. Only y lets it. What has been started by\n"
        "the client of a running session is not asked.\n\n"
        "Options:\n"
        "  --all     all that you have stopped\n"
        "  --system  what is stopped for all users of the machine; root only\n\n"
        "Exit status: 0 resumed; 1 not resumed, or there is no such stop; 2 bad usage; 70 no terminal, or it could not\n"
        "be done.\n";

/* What is asked about: one id, or what @list holds. */
struct wanted {
        const struct stop_place *place;
        struct stop_list list;
        char id[STOP_ID_BYTES]; /* empty: all */
};

static bool is_wanted(const struct wanted *w, const struct stop *stop)
{
        return !w->id[0] || strcmp(w->id, stop->id) == 0;
}

static size_t count_wanted(const struct wanted *w)
{
        size_t count = 0;

        for (size_t i = 0; i < w->list.count; i++)
                count += is_wanted(w, &w->list.stops[i]);
        return count;
}

static int remove_one(const struct wanted *w, const char *id)
{
        AUTO_FREE char *message = NULL;
        const int r = stop_files_remove(w->place, id, &message);

        if (r == -ENOENT)
                fprintf(stderr, "leastwise: there is no stop %s\n", id);
        else if (r < 0)
                fprintf(stderr, "leastwise: %s\n", message ? message : strerror(-r));
        else
                printf("resumed %s\n", id);
        return r == 0 ? EXIT_OK : r == -ENOENT ? EXIT_FINDINGS : EXIT_INTERNAL;
}

static int remove_wanted(const struct wanted *w, bool unread)
{
        int status = EXIT_OK;

        if (unread)
                return remove_one(w, w->id);
        for (size_t i = 0; i < w->list.count; i++) {
                if (is_wanted(w, &w->list.stops[i])) {
                        const int one = remove_one(w, w->list.stops[i].id);

                        status = one > status ? one : status;
                }
        }
        return fflush(stdout) == 0 ? status : EXIT_INTERNAL;
}

/* Shows what is meant, and asks. @unread: it cannot be read what that stop is. */
static int ask(const struct wanted *w, bool unread)
{
        AUTO_BUF struct buf text = BUF_INIT(4U << 20);
        AUTO_CLOSE int tty = tty_open();

        if (tty < 0) {
                fputs("leastwise: there is no terminal to ask on; resume in a terminal, where a person is\n", stderr);
                return EXIT_INTERNAL;
        }
        for (size_t i = 0; i < w->list.count; i++) {
                if (is_wanted(w, &w->list.stops[i]))
                        stop_append_line(&w->list.stops[i], &text);
        }
        if (unread)
                buf_printf(&text, "%s  (%s)\n", w->id, w->list.why);
        if (text.failed || tty_write(tty, buf_str(&text)) < 0)
                return EXIT_INTERNAL;
        if (tty_ask(tty, STR("Let it go on? [y/N] ")) == 'y')
                return EXIT_OK;
        fputs("leastwise: not resumed\n", stderr);
        return EXIT_FINDINGS;
}

static int resume(struct wanted *w)
{
        const char *refusal = client_kin_refusal();
        bool unread;
        int status;

        if (refusal) {
                fprintf(stderr, "leastwise: not resumed: %s\n", refusal);
                return EXIT_FINDINGS;
        }
        stop_files_read(w->place, &w->list);
        unread = w->id[0] && count_wanted(w) == 0 && w->list.failed;
        if (!unread && count_wanted(w) == 0) {
                if (w->list.failed)
                        fprintf(stderr, "leastwise: everything is stopped: %s\n", w->list.why);
                else if (w->id[0])
                        fprintf(stderr, "leastwise: there is no stop %s\n", w->id);
                else
                        fputs("leastwise: nothing is stopped\n", stderr);
                return EXIT_FINDINGS;
        }
        status = ask(w, unread);
        return status == 0 ? remove_wanted(w, unread) : status;
}

/* An id as people type it. */
static bool read_id(const char *text, char id[static STOP_ID_BYTES])
{
        if (strlen(text) != STOP_ID_BYTES - 1)
                return false;
        for (size_t i = 0; i < STOP_ID_BYTES; i++)
                id[i] = (char)toupper((unsigned char)text[i]);
        return card_id_is_valid(str_from(id));
}

static int run(int argc, char **argv)
{
        AUTO_BUF struct buf message = BUF_INIT(4096);
        AUTO_FREE char *path = NULL;
        struct stop_place place;
        struct wanted wanted = { .place = &place };
        struct options options;
        int status;

        if (options_parse(&options, specs, OPTIONS_ANYWHERE, argc, argv, &message) < 0)
                return usage_error("resume", "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(&verb_resume);
        if (options.operand_count + (options_has(&options, "all") ? 1 : 0) != 1)
                return usage_error("resume", "say which, or --all: leastwise stop lists them");
        if (options.operand_count && !read_id(options.operands[0], wanted.id))
                return usage_error(
                        "resume", "\"%s\" is no id of a stop: leastwise stop lists them", options.operands[0]);
        status = stop_place_of(&options, "resume", true, &place, &path);
        if (status != 0)
                return status;
        status = resume(&wanted);
        stop_list_deinit(&wanted.list);
        return status;
}

const struct verb verb_resume = {
        .name = "resume",
        .summary = "let go on what was stopped",
        .usage = usage,
        .run = run,
};
