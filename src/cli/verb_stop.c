/* SPDX-License-Identifier: Apache-2.0 */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "cleanup.h"
#include "clock.h"
#include "limit.h"
#include "stop_places.h"
#include "timestamp.h"
#include "verbs.h"

static const struct option_spec specs[] = {
        { "tool", true, false },
        { "server", true, false },
        { "agent", true, false },
        { "all", false, false },
        { "because", true, false },
        { "system", false, false },
        { NULL },
};

static const char usage[] =
        "Usage: leastwise stop (--tool PATTERN | --server PATTERN | --agent NAME | --all) --because TEXT [--system]\n"
        "       leastwise stop\n\n"
        "Stops calls at once, in every session that runs and in those that are started later, whatever the policies\n"
        "allow, until a person says `leastwise resume`. Calls that wait for an approval do not run either; one that the\n"
        "server already has is not called back. Without a word, lists what is stopped.\n\n"
        "Options:\n"
        "  --tool PATTERN    tools of these names (* is any run of characters, ? any one)\n"
        "  --server PATTERN  everything of servers whose command, or one of whose policies' names, is like that\n"
        "  --agent NAME      everything of sessions with that --agent\n"
        "  --all             everything\n"
        "  --because TEXT    why, for the model, the record, and who resumes it\n"
        "  --system          for all users of the machine; root only\n\n"
        "Exit status: 0; 1 only root may; 2 bad usage; 70 it could not be stopped, or what is stopped cannot be read.\n";

/* --- listing --- */

static void print_all(const struct stop_list *list)
{
        for (size_t i = 0; i < list->count; i++) {
                AUTO_BUF struct buf line = BUF_INIT(16U << 10);

                stop_append_line(&list->stops[i], &line);
                printf("%.*s", STR_FMT(buf_str(&line)));
        }
}

static int list_all(const struct stop_place *own)
{
        CLEANUP(stop_list_deinit) struct stop_list list = STOP_LIST_INIT;
        const struct stop_place system = stop_place_system();

        stop_files_read(own, &list);
        if (!own->system)
                stop_files_read(&system, &list);
        print_all(&list);
        if (list.failed)
                fprintf(stderr, "leastwise: everything is stopped: %s\n", list.why);
        else if (list.count == 0)
                puts("nothing is stopped");
        if (fflush(stdout) != 0 || ferror(stdout))
                return EXIT_INTERNAL;
        return list.failed ? EXIT_INTERNAL : EXIT_OK;
}

/* --- stopping --- */

/* The one that is given: 0, or usage's status. *ret_any: is there one? */
static int read_scope(const struct options *options, struct stop *stop, bool *ret_any)
{
        static const char *const names[STOP_SCOPE_MAX_] = { "all", "tool", "server", "agent" };
        const char *refusal;

        *ret_any = false;
        for (int i = 0; i < STOP_SCOPE_MAX_; i++) {
                if (!options_has(options, names[i]))
                        continue;
                if (*ret_any)
                        return usage_error("stop", "give one of --tool, --server, --agent and --all");
                *ret_any = true;
                stop->scope = (enum stop_scope)i;
                stop->pattern = str_from(options_get(options, names[i], 0));
                refusal = i == STOP_ALL ? NULL : stop_pattern_refusal(stop->scope, stop->pattern);
                if (refusal)
                        return usage_error("stop", "what --%s is given %s", names[i], refusal);
        }
        return 0;
}

static bool new_id(char id[static STOP_ID_BYTES])
{
        static const char alphabet[] = CARD_ID_ALPHABET;
        const unsigned letters = sizeof(alphabet) - 1, fair = 256 - 256 % letters;

        for (size_t i = 0; i < STOP_ID_BYTES - 1;) {
                uint8_t byte;

                if (getrandom(&byte, 1, 0) != 1)
                        return false;
                if (byte < fair)
                        id[i++] = alphabet[byte % letters];
        }
        id[STOP_ID_BYTES - 1] = '\0';
        return true;
}

static struct str user_name(char *room, size_t size)
{
        const struct passwd *user = getpwuid(geteuid());

        if (user && user->pw_name)
                return str_from(user->pw_name);
        snprintf(room, size, "user %lu", (unsigned long)geteuid());
        return str_from(room);
}

static int put_in_force(const struct stop_place *place, struct stop *stop)
{
        AUTO_BUF struct buf what = BUF_INIT(4U * LIMIT_STOP_PATTERN_BYTES);
        AUTO_FREE char *message = NULL;
        struct timestamp_cache time = { .second = 0 };
        char user[32];

        if (!new_id(stop->id)) {
                fputs("leastwise: no random numbers can be had\n", stderr);
                return EXIT_INTERNAL;
        }
        stop->at = timestamp_text(&time, clock_now_ms());
        stop->by = user_name(user, sizeof(user));
        if (stop_files_add(place, stop, &message) < 0) {
                fprintf(stderr, "leastwise: NOTHING IS STOPPED: %s\n", message ? message : "not enough memory");
                return EXIT_INTERNAL;
        }
        (void)stop_append_what(stop, &what);
        printf("stopped %.*s; to let it go on: leastwise resume %s%s\n", STR_FMT(buf_str(&what)),
                place->system ? "--system " : "", stop->id);
        return fflush(stdout) == 0 ? EXIT_OK : EXIT_INTERNAL;
}

static int stop_or_list(const struct options *options)
{
        AUTO_FREE char *path = NULL;
        struct stop_place place;
        struct stop stop = { .because = str_from(options_get(options, "because", 0)) };
        const char *refusal;
        bool any;
        int status = read_scope(options, &stop, &any);

        if (status != 0)
                return status;
        if (!any && stop.because.len)
                return usage_error("stop", "say what: --tool, --server, --agent or --all");
        refusal = any ? stop_because_refusal(stop.because) : NULL;
        if (refusal && !options_has(options, "because"))
                return usage_error("stop", "say why: --because TEXT");
        if (refusal)
                return usage_error("stop", "what --because is given %s", refusal);
        status = stop_place_of(options, "stop", any, &place, &path);
        if (status != 0)
                return status;
        return any ? put_in_force(&place, &stop) : list_all(&place);
}

static int run(int argc, char **argv)
{
        AUTO_BUF struct buf message = BUF_INIT(4096);
        struct options options;

        if (options_parse(&options, specs, OPTIONS_ANYWHERE, argc, argv, &message) < 0)
                return usage_error("stop", "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(&verb_stop);
        if (options.operand_count)
                return usage_error("stop",
                        "\"%s\" is nothing that it takes; --tool, --server, --agent or --all say what to stop",
                        options.operands[0]);
        return stop_or_list(&options);
}

const struct verb verb_stop = {
        .name = "stop",
        .summary = "stop calls at once, until a person resumes them",
        .usage = usage,
        .run = run,
};
