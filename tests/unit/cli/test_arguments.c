/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "colour.h"
#include "leaks.h"
#include "options.h"
#include "paths.h"
#include "size.h"
#include "verb.h"

static const struct option_spec specs[] = {
        { "policy", true, true },
        { "agent", true, false },
        { "json", false, false },
        { NULL },
};

/* Splits at spaces; "_" stands for an empty argument. */
static int parse(struct options *o, enum options_style style, const char *line, char *storage, char **argv, struct buf *message)
{
        char *save = NULL;
        int argc = 0;

        strcpy(storage, line);
        argv[argc++] = storage + strlen(storage);
        for (char *word = strtok_r(storage, " ", &save); word; word = strtok_r(NULL, " ", &save))
                argv[argc++] = strcmp(word, "_") == 0 ? storage + strlen(line) : word;
        argv[argc] = NULL;
        return options_parse(o, specs, style, argc, argv, message);
}

Test(options, mistakes)
{
        static const struct {
                const char *line, *message;
        } rows[] = {
                { "--polcy x", "there is no option --polcy; did you mean --policy?" },
                { "--zzzzzz", "there is no option --zzzzzz" },
                { "--policy", "--policy needs a value" },
                { "--json=yes", "--json takes no value" },
                { "--agent a --agent=b", "--agent is given twice" },
                { "--json --json", "--json is given twice" },
                { "-j", "there is no option -j" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                AUTO_BUF struct buf message = BUF_INIT(1024);
                char storage[256], *argv[32];
                struct options o;

                cr_expect_eq(parse(&o, OPTIONS_ANYWHERE, rows[i].line, storage, argv, &message), -EINVAL, "%s", rows[i].line);
                cr_expect(str_eq(buf_str(&message), str_from(rows[i].message)), "%s: %.*s", rows[i].line,
                        STR_FMT(buf_str(&message)));
        }
        CHECK_NO_LEAKS();
}

Test(options, values_and_operands)
{
        AUTO_BUF struct buf message = BUF_INIT(1024);
        char storage[256], *argv[32];
        struct options o;

        cr_assert_eq(parse(&o, OPTIONS_ANYWHERE, "a --policy=x=y b --policy z --agent _ --json - -- --json", storage, argv, &message), 0);
        cr_expect_eq(options_times(&o, "policy"), 2U);
        cr_expect_str_eq(options_get(&o, "policy", 0), "x=y");
        cr_expect_str_eq(options_get(&o, "policy", 1), "z");
        cr_expect_null(options_get(&o, "policy", 2));
        cr_expect_str_eq(options_get(&o, "agent", 0), "");
        cr_expect(options_has(&o, "json"));
        cr_assert_eq(o.operand_count, 4U);
        cr_expect_str_eq(o.operands[0], "a");
        cr_expect_str_eq(o.operands[1], "b");
        cr_expect_str_eq(o.operands[2], "-");
        cr_expect_str_eq(o.operands[3], "--json");
        cr_expect_null(o.operands[4]);
        cr_expect_not(o.wants_help);
        CHECK_NO_LEAKS();
}

Test(options, a_command_keeps_its_own_options)
{
        static const char *const lines[] = { "--policy p npx --json -y", "--policy p -- npx --json -y" };

        for (size_t i = 0; i < 2; i++) {
                AUTO_BUF struct buf message = BUF_INIT(1024);
                char storage[256], *argv[32];
                struct options o;

                cr_assert_eq(parse(&o, OPTIONS_BEFORE_COMMAND, lines[i], storage, argv, &message), 0);
                cr_expect_not(options_has(&o, "json"));
                cr_assert_eq(o.operand_count, 3U);
                cr_expect_str_eq(o.operands[0], "npx");
                cr_expect_str_eq(o.operands[2], "-y");
        }
}

Test(options, as_many_as_fit_and_one_more)
{
        char word[] = "--policy=x", *argv[OPTIONS_MAX + 3];
        AUTO_BUF struct buf message = BUF_INIT(1024);
        struct options o;

        for (int extra = 0; extra < 2; extra++) {
                const int argc = (int)OPTIONS_MAX + 1 + extra;

                for (int i = 0; i < argc; i++)
                        argv[i] = word;
                argv[argc] = NULL;
                cr_expect_eq(options_parse(&o, specs, OPTIONS_ANYWHERE, argc, argv, &message), extra ? -EINVAL : 0);
                cr_expect_eq(options_times(&o, "policy"), OPTIONS_MAX);
        }
}

Test(size, texts)
{
        static const struct {
                const char *text;
                bool ok;
                size_t value;
        } rows[] = {
                { "0", true, 0 },
                { "4096", true, 4096 },
                { "64KiB", true, 65536 },
                { "10MiB", true, 10U << 20 },
                { "1GiB", true, 1U << 30 },
                { "1073741824", true, 1U << 30 },
                { "1073741825", false, 0 },
                { "1025MiB", false, 0 },
                { "2GiB", false, 0 },
                { "99999999999999999999999999", false, 0 },
                { "", false, 0 },
                { "KiB", false, 0 },
                { "-1", false, 0 },
                { "+1", false, 0 },
                { " 1", false, 0 },
                { "1 ", false, 0 },
                { "1KB", false, 0 },
                { "0x10", false, 0 },
                { "1.5MiB", false, 0 },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                size_t value = 0;

                cr_expect_eq(size_parse(rows[i].text, 1U << 30, &value), rows[i].ok, "\"%s\"", rows[i].text);
                cr_expect_eq(value, rows[i].value, "\"%s\"", rows[i].text);
        }
}

Test(paths, state_directory)
{
        static const struct {
                const char *xdg, *home, *wanted;
        } rows[] = {
                { "/x", "/h", "/x/leastwise" },
                { NULL, "/h", "/h/.local/state/leastwise" },
                { "", "/h", "/h/.local/state/leastwise" },
                { "relative", "/h", "/h/.local/state/leastwise" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                char *dir;

                clearenv();
                if (rows[i].xdg)
                        setenv("XDG_STATE_HOME", rows[i].xdg, 1);
                setenv("HOME", rows[i].home, 1);
                dir = paths_state_dir();
                cr_expect_str_eq(dir, rows[i].wanted, "row %zu", i);
                mem_free(dir);
        }
        clearenv();
        setenv("HOME", "relative", 1);
        char *dir = paths_state_dir();
        cr_assert(dir, "from the password file");
        cr_expect_eq(dir[0], '/');
        mem_free(dir);
        CHECK_NO_LEAKS();
}

Test(colour, the_environment_decides)
{
        static const struct {
                const char *when, *no_color, *force, *term;
                bool ok, wanted;
        } rows[] = {
                { NULL, NULL, NULL, "xterm", true, false }, /* no terminal */
                { "auto", NULL, "1", "xterm", true, true },
                { NULL, NULL, "0", "xterm", true, false },
                { NULL, "1", "1", "xterm", true, false },
                { NULL, "", "1", "xterm", true, true }, /* empty counts as unset */
                { "always", "1", NULL, "dumb", true, true },
                { "never", NULL, "1", "xterm", true, false },
                { "sometimes", NULL, NULL, NULL, false, false },
        };
        int fds[2];

        cr_assert_eq(pipe(fds), 0);
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                bool wanted = false;

                clearenv();
                if (rows[i].no_color)
                        setenv("NO_COLOR", rows[i].no_color, 1);
                if (rows[i].force)
                        setenv("CLICOLOR_FORCE", rows[i].force, 1);
                if (rows[i].term)
                        setenv("TERM", rows[i].term, 1);
                cr_expect_eq(colour_wanted(rows[i].when, fds[1], &wanted), rows[i].ok, "row %zu", i);
                cr_expect_eq(wanted, rows[i].wanted, "row %zu", i);
        }
        close(fds[0]);
        close(fds[1]);
}

Test(verbs, every_row_is_complete)
{
        static const char *const names[] = { "run", "check", "diff", "explain", "fmt", "init", "pin", "test", "tools" };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                const struct verb *verb = verb_find(str_from(names[i]));

                cr_assert(verb, "%s", names[i]);
                cr_expect(verb->run && verb->summary[0], "%s", names[i]);
                cr_expect(strstr(verb->usage, names[i]), "%s", names[i]);
                cr_expect_eq(verb->usage[strlen(verb->usage) - 1], '\n', "%s", names[i]);
        }
        cr_expect_null(verb_find(STR("ru")));
        cr_expect_null(verb_find(STR("")));
}
