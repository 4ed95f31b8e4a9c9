/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <leastwise/version.h>

#include "stderr_print.h"
#include "suggest.h"

/* Paths may be 4 KiB. */
#define USAGE_BYTES 6144

static const struct verb *const verbs[] = {
        &verb_approve,
        &verb_check,
        &verb_deny,
        &verb_diff,
        &verb_explain,
        &verb_fmt,
        &verb_grant,
        &verb_init,
        &verb_lock,
        &verb_pending,
        &verb_pin,
        &verb_resume,
        &verb_run,
        &verb_secret,
        &verb_stop,
        &verb_test,
        &verb_tools,
        &verb_trust,
        &verb_unlock,
        &verb_untrust,
        &verb_watch,
};
#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

const struct verb *verb_find(struct str name)
{
        for (size_t i = 0; i < VERB_COUNT; i++) {
                if (str_eq(str_from(verbs[i]->name), name))
                        return verbs[i];
        }
        return NULL;
}

/* A full disk or a closed pipe must not look like success. */
static int flush_stdout(void)
{
        return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_OK : EXIT_INTERNAL;
}

int usage_print(const struct verb *verb)
{
        fputs(verb->usage, stdout);
        return flush_stdout();
}

int usage_error(const char *verb, const char *format, ...)
{
        char message[USAGE_BYTES];
        va_list args;

        va_start(args, format);
        vsnprintf(message, sizeof(message), format, args);
        va_end(args);
        stderr_print("leastwise%s%s: %s\nTry: leastwise %s%s\n", verb ? " " : "", verb ? verb : "", message, verb ? "help " : "--help",
                verb ? verb : "");
        return EXIT_USAGE;
}

static int print_help(void)
{
        puts("leastwise - let an MCP client do with a server what a policy allows, and no more\n\n"
             "Usage: leastwise VERB [OPTION]... [ARGUMENT]...\n\nVerbs:");
        for (size_t i = 0; i < VERB_COUNT; i++)
                printf("  %-10s %s\n", verbs[i]->name, verbs[i]->summary);
        puts("  help       explain a verb\n\n"
             "Options:\n"
             "  --help     this text\n"
             "  --version  the program's version and the protocol revisions it knows\n\n"
             "Explain one: leastwise help VERB");
        return flush_stdout();
}

static int print_version(void)
{
        puts("leastwise " LEASTWISE_VERSION "\n"
             "MCP 2024-11-05 2025-03-26 2025-06-18 2025-11-25 2026-07-28");
        return flush_stdout();
}

static int unknown_verb(const char *name)
{
        struct suggestion s;

        suggest_begin(&s, str_from(name));
        for (size_t i = 0; i < VERB_COUNT; i++)
                suggest_offer(&s, str_from(name), str_from(verbs[i]->name));
        suggest_offer(&s, str_from(name), STR("help"));
        if (s.best.len > 0)
                return usage_error(NULL, "there is no verb \"%s\"; did you mean \"%.*s\"?", name, STR_FMT(s.best));
        return usage_error(NULL, "there is no verb \"%s\"", name);
}

static int help(int argc, char **argv)
{
        const struct verb *verb;

        if (argc < 2)
                return print_help();
        verb = verb_find(str_from(argv[1]));
        return verb ? usage_print(verb) : unknown_verb(argv[1]);
}

int verbs_main(int argc, char **argv)
{
        const struct verb *verb;

        if (argc < 2) {
                fputs("leastwise: say what to do\nTry: leastwise --help\n", stderr);
                return EXIT_USAGE;
        }
        if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
                return print_help();
        if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
                return print_version();
        if (strcmp(argv[1], "help") == 0)
                return help(argc - 1, argv + 1);
        verb = verb_find(str_from(argv[1]));
        if (!verb)
                return unknown_verb(argv[1]);
        return verb->run(argc - 1, argv + 1);
}
