/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>

#include "command_words.h"
#include "limit.h"
#include "plain_command.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct command_pattern compiled(struct str text, bool denies)
{
        struct command_pattern p = { 0 };
        struct command_problem problem = { 0 };

        cr_assert(command_pattern_compile(&p, text, denies, &problem), "%.*s: %s", STR_FMT(text), problem.what);
        return p;
}

static enum recognised matched(struct str pattern, struct str text, bool denies)
{
        struct command_pattern p = compiled(pattern, denies);
        const char *why = "untouched";
        enum recognised r = command_recognise(text, &p, 1, &why);

        cr_expect_eq(r == RECOGNISED_HOLDS, why == NULL, "%.*s: %s", STR_FMT(text), why ? why : "no reason");
        return r;
}

static enum recognised read_alone(struct str text)
{
        const char *why;

        return command_recognise(text, NULL, 0, &why);
}

Test(command, what_every_shell_reads_alike)
{
        static const struct str texts[] = {
                STR_INIT("ls"),
                STR_INIT("ls -la"),
                STR_INIT("git log --oneline -n 20"),
                STR_INIT("git log HEAD..main -- src"),
                STR_INIT("git diff HEAD@1 README.md"),
                STR_INIT("npm run test:unit -- --reporter=dot"),
                STR_INIT("npm install left-pad@1.3.0"),
                STR_INIT("/usr/bin/env"),
                STR_INIT("./configure --prefix=/opt/x"),
                STR_INIT("git commit -m \"fix: a (small) thing; really\""),
                STR_INIT("grep -rn \"a b\" src"),
                STR_INIT("git log --author=\"A B\" --since=2026-01-01"),
                STR_INIT("echo \"\""),
                STR_INIT("echo \"it's #1 & only\""),
                STR_INIT("find . -name \"*.c\""),
                STR_INIT("python3 -m pytest tests/a.py::test_b"),
                STR_INIT("cargo +nightly test"),
                STR_INIT("make CC=clang"),
                STR_INIT("cut -d: -f1 x"),
                STR_INIT("sort -k\"1,2\""),
                STR_INIT("timeout 5 ls"),
                STR_INIT("iffy x"),
                STR_INIT("executable"),
                STR_INIT("ls if then"),
        };

        for (size_t i = 0; i < COUNT(texts); i++)
                cr_expect_eq(read_alone(texts[i]), RECOGNISED_DOES_NOT, "%.*s", STR_FMT(texts[i]));
}

Test(command, what_some_shell_reads_otherwise)
{
        static const struct str texts[] = {
                STR_INIT(""),
                STR_INIT(" "),
                STR_INIT(" ls"),
                STR_INIT("ls "),
                STR_INIT("ls  -l"),
                STR_INIT("ls\t-l"),
                STR_INIT("ls\n"),
                STR_INIT("ls\nid"),
                STR_INIT("ls\rid"),
                STR_INIT("ls\0id"),
                STR_INIT("ls \x1B[2J"),
                STR_INIT("ls \x7F"),
                STR_INIT("ls;id"),
                STR_INIT("ls ; id"),
                STR_INIT("ls;"),
                STR_INIT("ls & id"),
                STR_INIT("ls&"),
                STR_INIT("ls && id"),
                STR_INIT("ls || id"),
                STR_INIT("ls | sh"),
                STR_INIT("ls |& sh"),
                STR_INIT("ls > x"),
                STR_INIT("ls 2>x"),
                STR_INIT("ls >> x"),
                STR_INIT("ls < x"),
                STR_INIT("sh <<< id"),
                STR_INIT("sh <<E"),
                STR_INIT("diff <(id) x"),
                STR_INIT("(id)"),
                STR_INIT("{ id; }"),
                STR_INIT("f() id"),
                STR_INIT("ls $HOME"),
                STR_INIT("ls ${HOME}"),
                STR_INIT("ls $(id)"),
                STR_INIT("ls $((1))"),
                STR_INIT("ls `id`"),
                STR_INIT("ls $'\\n'"),
                STR_INIT("ls $\"x\""),
                STR_INIT("ls \"$HOME\""),
                STR_INIT("ls \"$(id)\""),
                STR_INIT("ls \"`id`\""),
                STR_INIT("ls \"a\\\"b\""),
                STR_INIT("ls \"!id\""),
                STR_INIT("ls \"%PATH%\""),
                STR_INIT("ls \"a^b\""),
                STR_INIT("ls a\\ b"),
                STR_INIT("ls \\"),
                STR_INIT("\\ls"),
                STR_INIT("ls *"),
                STR_INIT("ls a?"),
                STR_INIT("ls [a]"),
                STR_INIT("ls {a,b}"),
                STR_INIT("ls a,b"),
                STR_INIT("ls {1..3}"),
                STR_INIT("ls ~"),
                STR_INIT("ls ~root"),
                STR_INIT("ls a=~"),
                STR_INIT("ls !!"),
                STR_INIT("! ls"),
                STR_INIT("!ls"),
                STR_INIT("ls # x"),
                STR_INIT("ls a#b"),
                STR_INIT("#ls"),
                STR_INIT("A=b ls"),
                STR_INIT("A=b"),
                STR_INIT("PATH=/tmp ls"),
                STR_INIT("a/b=c ls"),
                STR_INIT("ls =id"),
                STR_INIT("ls @x"),
                STR_INIT("@ls"),
                STR_INIT("ls 'a b'"),
                STR_INIT("ls 'a'"),
                STR_INIT("l's'"),
                STR_INIT("\"ls\""),
                STR_INIT("l\"s\""),
                STR_INIT("ls \"a"),
                STR_INIT("ls a\""),
                STR_INIT("ls \"a\"b"),
                STR_INIT("ls \"a\"\"b\""),
                STR_INIT("ls \"a\nb\""),
                STR_INIT("ls \"a\tb\""),
                STR_INIT("ls %x"),
                STR_INIT("ls ^x"),
                STR_INIT("^a^b"),
                STR_INIT("--help"),
                STR_INIT("- ls"),
                STR_INIT("+x"),
                STR_INIT(". x"),
                STR_INIT(": x"),
                STR_INIT("if ls"),
                STR_INIT("IF ls"),
                STR_INIT("time ls"),
                STR_INIT("exec ls"),
                STR_INIT("eval ls"),
                STR_INIT("command ls"),
                STR_INIT("builtin ls"),
                STR_INIT("source x"),
                STR_INIT("trap x EXIT"),
                STR_INIT("alias ls=id"),
                STR_INIT("coproc ls"),
                STR_INIT("noglob ls"),
                STR_INIT("function f"),
                STR_INIT("export A=b"),
                STR_INIT("call x"),
                STR_INIT("not ls"),
                STR_INIT("[ a ]"),
                STR_INIT("[[ a ]]"),
                STR_INIT("ls\xC2\xA0-l"),
                STR_INIT("ls \xE3\x80\x80"),
                STR_INIT("ls \xE2\x80\x8B"),
                STR_INIT("ls \xEF\xBC\x9B"
                         "id"),
                STR_INIT("ls \xC3\xA9"),
                STR_INIT("ls \"\xC3\xA9\""),
                STR_INIT("ls \xFF"),
                STR_INIT("ls \xC0\xBB"
                         "id"),
                STR_INIT("ls \xE2\x80\x9C"
                         "a\xE2\x80\x9D"),
                STR_INIT("\xEF\xBB\xBFls"),
        };

        for (size_t i = 0; i < COUNT(texts); i++)
                cr_expect_eq(read_alone(texts[i]), RECOGNISED_UNREADABLE, "%.*s", STR_FMT(texts[i]));
}

/* Every byte, unquoted, in quotes and at the front: what is not on the list is refused. */
Test(command, bytes)
{
        static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:=+@";

        for (int c = 0; c < 256; c++) {
                char bare[] = { 'l', 's', ' ', 'a', (char)c, 'b' };
                char quoted[] = { 'l', 's', ' ', '"', (char)c, 'x', '"' };
                bool is_plain = c && strchr(plain, c);
                bool is_quotable = c >= 0x20 && c < 0x7F && !strchr("\"$`\\!%^", c);

                cr_expect_eq(
                        read_alone(str_of(bare, sizeof(bare))) != RECOGNISED_UNREADABLE, is_plain || c == ' ', "%d", c);
                cr_expect_eq(read_alone(str_of(quoted, sizeof(quoted))) != RECOGNISED_UNREADABLE, is_quotable, "%d", c);
        }
}

struct match_row {
        struct str pattern, text;
        bool holds;
};

static void expect_rows(const struct match_row *rows, size_t count, bool denies)
{
        for (size_t i = 0; i < count; i++)
                cr_expect_eq(matched(rows[i].pattern, rows[i].text, denies),
                        rows[i].holds ? RECOGNISED_HOLDS : RECOGNISED_DOES_NOT, "%.*s over %.*s",
                        STR_FMT(rows[i].pattern), STR_FMT(rows[i].text));
}

Test(command, allow_patterns)
{
        static const struct match_row rows[] = {
                { STR_INIT("ls"), STR_INIT("ls"), true },
                { STR_INIT("ls"), STR_INIT("ls -l"), false },
                { STR_INIT("ls"), STR_INIT("lsof"), false },
                { STR_INIT("ls -l"), STR_INIT("ls"), false },
                { STR_INIT("git log *"), STR_INIT("git log main"), true },
                { STR_INIT("git log *"), STR_INIT("git log"), false },
                { STR_INIT("git log *"), STR_INIT("git log a b"), false },
                { STR_INIT("git log *"), STR_INIT("git push main"), false },
                { STR_INIT("git log *"), STR_INIT("git log --output=x"), false },
                { STR_INIT("git log *"), STR_INIT("git log -p"), false },
                { STR_INIT("git log *"), STR_INIT("git log \"-p\""), false },
                { STR_INIT("git log *"), STR_INIT("git log -"), false },
                { STR_INIT("git log ?p"), STR_INIT("git log -p"), false },
                { STR_INIT("git log [!a]p"), STR_INIT("git log -p"), false },
                { STR_INIT("git log --*"), STR_INIT("git log --output=x"), true },
                { STR_INIT("git log -*"), STR_INIT("git log --output=x"), true },
                { STR_INIT("git log **"), STR_INIT("git log"), true },
                { STR_INIT("git log **"), STR_INIT("git log a b/c d"), true },
                { STR_INIT("git log **"), STR_INIT("git log a --output=x"), false },
                { STR_INIT("git log **"), STR_INIT("git log a \"b c\""), false },
                { STR_INIT("git log \"**\""), STR_INIT("git log a \"b c\""), true },
                { STR_INIT("git log \"**\""), STR_INIT("git log \"-x c\""), false },
                { STR_INIT("git log -**"), STR_INIT("git log"), true },
                { STR_INIT("git log -**"), STR_INIT("git log -p a --output=x"), true },
                { STR_INIT("git log -**"), STR_INIT("git log -p \"a b\""), false },
                { STR_INIT("git log \"-**\""), STR_INIT("git log -p \"a b\""), true },
                { STR_INIT("git log * **"), STR_INIT("git log"), false },
                { STR_INIT("git commit -m *"), STR_INIT("git commit -m fix"), true },
                { STR_INIT("git commit -m *"), STR_INIT("git commit -m \"fix\""), true },
                { STR_INIT("git commit -m *"), STR_INIT("git commit -m \"a fix\""), false },
                { STR_INIT("git commit -m \"*\""), STR_INIT("git commit -m \"a fix; quickly\""), true },
                { STR_INIT("git commit -m \"fix *\""), STR_INIT("git commit -m \"fix a thing\""), true },
                { STR_INIT("git commit -m \"fix *\""), STR_INIT("git commit -m \"add a thing\""), false },
                { STR_INIT("git commit -m \"*\""), STR_INIT("git commit -m \"a\" --amend"), false },
                { STR_INIT("git log --author=\"*\""), STR_INIT("git log --author=\"A B\""), true },
                { STR_INIT("git log --author=*"), STR_INIT("git log --author=\"A B\""), false },
                { STR_INIT("cat a\\ b"), STR_INIT("cat \"a b\""), true },
                { STR_INIT("cat src/*"), STR_INIT("cat src/a.c"), true },
                { STR_INIT("cat src/*"), STR_INIT("cat src/a/b.c"), true },
                { STR_INIT("cat src/*"), STR_INIT("cat src/../x"), false },
                { STR_INIT("cat src/*"), STR_INIT("cat src/a/.."), false },
                { STR_INIT("cat src/.*"), STR_INIT("cat src/../x"), false },
                { STR_INIT("cat src/*"), STR_INIT("cat src/a..b"), true },
                { STR_INIT("cat **"), STR_INIT("cat ../x"), false },
                { STR_INIT("cat -**"), STR_INIT("cat --file=../x"), false },
                { STR_INIT("cat ../lib/*"), STR_INIT("cat ../lib/x"), true },
                { STR_INIT("cat ../lib/*"), STR_INIT("cat ../lib/../x"), false },
                { STR_INIT("cat ../x"), STR_INIT("cat ../x"), true },
                { STR_INIT("git log HEAD..*"), STR_INIT("git log HEAD..main"), true },
                { STR_INIT("ls [a-c]?"), STR_INIT("ls bx"), true },
                { STR_INIT("ls [a-c]?"), STR_INIT("ls dx"), false },
                { STR_INIT("ls [!a-c]?"), STR_INIT("ls dx"), true },
                { STR_INIT("ls [\\]x]"), STR_INIT("ls \"]\""), true },
                { STR_INIT("ls \\*"), STR_INIT("ls \"*\""), true },
                { STR_INIT("ls \\*"), STR_INIT("ls a"), false },
                { STR_INIT("ls *a*b*c"), STR_INIT("ls xaxbxbxc"), true },
                { STR_INIT("ls *a*b*c"), STR_INIT("ls xaxcxbx"), false },
                { STR_INIT("ls \"\""), STR_INIT("ls \"\""), true },
                { STR_INIT("ls *"), STR_INIT("ls \"\""), true },
                { STR_INIT("git"), STR_INIT("GIT"), false },
                { STR_INIT("git"), STR_INIT("/tmp/git"), false },
                { STR_INIT("/usr/bin/git"), STR_INIT("/usr/bin/git"), true },
        };

        expect_rows(rows, COUNT(rows), false);
}

Test(command, deny_patterns_are_as_wide_as_can_be)
{
        static const struct match_row rows[] = {
                { STR_INIT("rm *"), STR_INIT("rm -rf"), true },
                { STR_INIT("rm *"), STR_INIT("rm \"a b\""), true },
                { STR_INIT("rm *"), STR_INIT("rm ../x"), true },
                { STR_INIT("rm *"), STR_INIT("rm -r x"), false },
                { STR_INIT("rm **"), STR_INIT("rm -rf \"a b\" ../x"), true },
                { STR_INIT("rm -**"), STR_INIT("rm"), true },
                { STR_INIT("*/rm **"), STR_INIT("/bin/rm x"), true },
                { STR_INIT("* **"), STR_INIT("ls"), true },
        };

        expect_rows(rows, COUNT(rows), true);
        cr_expect_eq(matched(STR("rm **"), STR("rm x;id"), true), RECOGNISED_UNREADABLE);
}

Test(command, any_of_several_patterns)
{
        struct command_pattern p[] = { compiled(STR("git log **"), false), compiled(STR("ls -l"), false) };
        const char *why;

        cr_expect_eq(command_recognise(STR("ls -l"), p, 2, &why), RECOGNISED_HOLDS);
        cr_expect_eq(command_recognise(STR("git log x"), p, 2, &why), RECOGNISED_HOLDS);
        cr_expect_eq(command_recognise(STR("ls"), p, 2, &why), RECOGNISED_DOES_NOT);
}

Test(command, what_is_no_pattern)
{
        static const struct {
                struct str text;
                size_t offset;
        } rows[] = {
                { STR_INIT(""), 0 },
                { STR_INIT(" ls"), 0 },
                { STR_INIT("ls "), 0 },
                { STR_INIT("ls  x"), 3 },
                { STR_INIT("ls ** x"), 3 },
                { STR_INIT("ls a** x"), 4 },
                { STR_INIT("**"), 0 },
                { STR_INIT("* x"), 0 },
                { STR_INIT("l? x"), 0 },
                { STR_INIT("ls [a"), 3 },
                { STR_INIT("ls []"), 3 },
                { STR_INIT("ls [^a]"), 3 },
                { STR_INIT("ls [b-a]"), 3 },
                { STR_INIT("ls [\xC3\xA9]"), 3 },
                { STR_INIT("ls \\"), 3 },
                { STR_INIT("ls $HOME"), 3 },
                { STR_INIT("ls %h"), 3 },
                { STR_INIT("ls \xC3\xA9"), 3 },
                { STR_INIT("ls a\\\\"), 4 },
                { STR_INIT("ls a!"), 4 },
                { STR_INIT("ls \"a"), 3 },
                { STR_INIT("if x"), 0 },
                { STR_INIT("A=b ls"), 0 },
                { STR_INIT("-x"), 0 },
                { STR_INIT("ls\ty"), 2 },
                { STR_INIT("time **"), 0 },
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                struct command_pattern p;
                struct command_problem problem = { 0 };

                cr_expect_not(
                        command_pattern_compile(&p, rows[i].text, false, &problem), "%.*s", STR_FMT(rows[i].text));
                cr_expect_eq(problem.offset, rows[i].offset, "%.*s: %zu", STR_FMT(rows[i].text), problem.offset);
                cr_expect_not_null(problem.what);
        }
}

/* Whatever is bound, it is taken as it is: wildcards, spaces and brackets mean nothing in it. */
Test(command, bound_values_are_quoted)
{
        struct buf AUTO_BUF b = BUF_INIT(100);
        struct buf AUTO_BUF small = BUF_INIT(1);
        struct command_pattern p;
        struct command_problem problem;

        cr_assert_eq(buf_append_str(&b, STR("cat ")), 0);
        cr_assert_eq(command_pattern_quote(&b, STR("a *[x] **")), 0);
        cr_assert(command_pattern_compile(&p, buf_str(&b), false, &problem));
        cr_expect_eq(command_recognise(STR("cat \"a *[x] **\""), &p, 1, &(const char *){ 0 }), RECOGNISED_HOLDS);
        cr_expect_eq(command_recognise(STR("cat \"a bx **\""), &p, 1, &(const char *){ 0 }), RECOGNISED_DOES_NOT);
        cr_expect_eq(command_recognise(STR("cat a"), &p, 1, &(const char *){ 0 }), RECOGNISED_DOES_NOT);
        cr_expect_eq(command_pattern_quote(&small, STR("x")), -EMSGSIZE);
        cr_expect_eq(matched(STR("cat \\a\\ "), STR("cat \"a \""), false), RECOGNISED_HOLDS);
        cr_expect_eq(matched(STR("cat \\a\\ *"), STR("cat \"a x\""), false), RECOGNISED_HOLDS);
}

Test(command, limits)
{
        static char text[LIMIT_COMMAND_BYTES + 1];
        static char pattern[LIMIT_COMMAND_PATTERN_BYTES + 1];
        struct command_problem problem;
        struct command_pattern p;

        memset(text, 'a', sizeof(text));
        cr_expect_eq(read_alone(str_of(text, LIMIT_COMMAND_BYTES - 1)), RECOGNISED_DOES_NOT);
        cr_expect_eq(read_alone(str_of(text, LIMIT_COMMAND_BYTES)), RECOGNISED_DOES_NOT);
        cr_expect_eq(read_alone(str_of(text, LIMIT_COMMAND_BYTES + 1)), RECOGNISED_UNREADABLE);
        for (size_t i = 1; i < sizeof(text); i += 2)
                text[i] = ' ';
        cr_expect_eq(read_alone(str_of(text, 2 * LIMIT_COMMAND_WORDS - 3)), RECOGNISED_DOES_NOT);
        cr_expect_eq(read_alone(str_of(text, 2 * LIMIT_COMMAND_WORDS - 1)), RECOGNISED_DOES_NOT);
        cr_expect_eq(read_alone(str_of(text, 2 * LIMIT_COMMAND_WORDS + 1)), RECOGNISED_UNREADABLE);
        memset(pattern, 'a', sizeof(pattern));
        cr_expect(command_pattern_compile(&p, str_of(pattern, LIMIT_COMMAND_PATTERN_BYTES), false, &problem));
        cr_expect_not(command_pattern_compile(&p, str_of(pattern, LIMIT_COMMAND_PATTERN_BYTES + 1), false, &problem));
}

/* A comparison that would take long is not settled, and then neither allows nor lets a deny rule pass. */
Test(command, patterns_made_to_take_long)
{
        static char text[LIMIT_COMMAND_BYTES];

        memset(text, 'a', sizeof(text));
        memcpy(text, "ls ", 3);
        cr_expect_eq(matched(STR("ls *aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), str_of(text, sizeof(text)), false),
                RECOGNISED_UNREADABLE);
        cr_expect_eq(matched(STR("ls *b"), str_of(text, sizeof(text)), true), RECOGNISED_DOES_NOT);
}
