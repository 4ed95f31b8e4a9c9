/* SPDX-License-Identifier: Apache-2.0 */
#include "path.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "character.h"
#include "limit.h"

static const struct str work[] = { STR_INIT("/srv/work"), STR_INIT("/data") };
static const struct path_rule rule = { .dirs = work, .dir_count = 2, .cwd = STR_INIT("/srv/work/here") };

static enum recognised within(struct str text)
{
        const char *why = "untouched";
        enum recognised r = path_within(&rule, text, &why);

        cr_expect_eq(r == RECOGNISED_HOLDS, why == NULL, "%.*s: %s", STR_FMT(text), why ? why : "no reason");
        return r;
}

static void expect_all(const struct str *texts, size_t count, enum recognised expected)
{
        for (size_t i = 0; i < count; i++)
                cr_expect_eq(within(texts[i]), expected, "row %zu: %.*s", i, STR_FMT(texts[i]));
}

#define EXPECT_ALL(texts, expected) expect_all(texts, sizeof(texts) / sizeof((texts)[0]), expected)

Test(path, ordinary_paths_hold)
{
        static const struct str texts[] = {
                STR_INIT("/srv/work"), STR_INIT("/srv/work/"), STR_INIT("/srv/work/a.txt"), STR_INIT("/srv/./work//a"),
                STR_INIT("/data/2026/report final.pdf"), STR_INIT("a"), STR_INIT("a/b"), STR_INIT("./a"),
                STR_INIT("."), STR_INIT("./"), STR_INIT(".git/config"), STR_INIT(".env.local"), STR_INIT("a..b/c"),
                STR_INIT("..a"), STR_INIT("src/[id].tsx"), STR_INIT("src/[...slug].tsx"), STR_INIT("routes/$user.tsx"),
                STR_INIT("(group)/page.tsx"), STR_INIT("file~"), STR_INIT("a+b,c;d&e=f@g!h#i"), STR_INIT("100%"),
                STR_INIT("100%-done"), STR_INIT("./-x"), STR_INIT("{{name}}/x"), STR_INIT("R\xC3\xA9sum\xC3\xA9.pdf"),
                STR_INIT("\xE6\x97\xA5\xE6\x9C\xAC.txt"), STR_INIT("12:30.log"), STR_INIT("./a:b"), STR_INIT("it's"),
                STR_INIT("a;b"), STR_INIT(".;/x"), STR_INIT(".\xC3\xA9/x"), STR_INIT("..a\xC3\xA9/x"),
        };

        EXPECT_ALL(texts, RECOGNISED_HOLDS);
}

Test(path, outside)
{
        static const struct str texts[] = {
                STR_INIT("/"), STR_INIT("/."), STR_INIT("/etc/passwd"), STR_INIT("/srv"), STR_INIT("/srv/worker"),
                STR_INIT("/srv/work2/a"), STR_INIT("/srv/work-old"), STR_INIT("/database"), STR_INIT("/SRV/work/a"),
                STR_INIT("/srv/Work/a"), STR_INIT("/./etc//passwd"), STR_INIT("/srv/wor"),
                STR_INIT("/proc/self/root/srv/work/a"), STR_INIT("/srv/work\xCC\x81/a"),
        };

        EXPECT_ALL(texts, RECOGNISED_DOES_NOT);
}

Test(path, spellings_of_traversal_are_unreadable)
{
        static const struct str texts[] = {
                STR_INIT(".."), STR_INIT("../"), STR_INIT("../x"), STR_INIT("/srv/work/.."),
                STR_INIT("/srv/work/../work"),
                STR_INIT("a/../b"), STR_INIT("a/./../b"), STR_INIT("a//..//b"), STR_INIT("..."), STR_INIT("...."),
                STR_INIT("..../"), STR_INIT("....//etc"), STR_INIT("..;/x"),
                STR_INIT("..;a=b/x"), STR_INIT("/srv/work/..'"),
                STR_INIT(".\".\"/x"), STR_INIT("a/'..'/b"), STR_INIT("a'"), STR_INIT(";/x"),
                STR_INIT(".\xC3\xA9./x"), STR_INIT("..\xCC\x81/x"), STR_INIT("\xCC\x81/x"),
                STR_INIT(".. /etc"), STR_INIT(" ../etc"),
                STR_INIT("a/.. "), STR_INIT("..\\etc"), STR_INIT("\\etc"), STR_INIT("a\\b"),
                STR_INIT("\\\\host\\share"),
                STR_INIT("%2e%2e/etc"), STR_INIT("%2E./etc"), STR_INIT(".%2e/etc"), STR_INIT("..%2fetc"),
                STR_INIT("%252e%252e%252fetc"), STR_INIT("..%c0%afetc"), STR_INIT("%c0%ae%c0%ae/"),
                STR_INIT("%u002e%u002e/etc"), STR_INIT("..%5cetc"), STR_INIT("a%00.txt"), STR_INIT("%2fetc"),
                STR_INIT("a\0b"), STR_INIT("/srv/work/a\0/../../etc"), STR_INIT("a\nb"), STR_INIT("a\r"),
                STR_INIT("\ta"),
                STR_INIT("a\x1B[2K"), STR_INIT("a\x7F"), STR_INIT("a\xC2\x85z"), STR_INIT("\xC0\xAE\xC0\xAE/etc"),
                STR_INIT("..\xC0\xAF"), STR_INIT("\xE0\x80\xAE"), STR_INIT("\xF0\x80\x80\xAE"), STR_INIT("a\xFF"),
                STR_INIT("\xED\xA0\x80"), STR_INIT("a\xE2\x82"),
                STR_INIT("\xEF\xBC\x8E\xEF\xBC\x8E/etc"),     /* fullwidth full stops */
                STR_INIT("..\xEF\xBC\x8F" "etc"),             /* fullwidth solidus */
                STR_INIT("..\xEF\xBC\xBC" "etc"),             /* fullwidth reverse solidus */
                STR_INIT("\xE2\x80\xA4\xE2\x80\xA4/etc"),     /* one dot leaders */
                STR_INIT("\xE2\x80\xA5/etc"),                 /* two dot leader */
                STR_INIT("\xE2\x80\xA6"),                     /* ellipsis */
                STR_INIT("\xEF\xB9\x92\xEF\xB9\x92/etc"),     /* small full stops */
                STR_INIT("\xE3\x80\x82\xE3\x80\x82/etc"),     /* ideographic full stops */
                STR_INIT("..\xE2\x88\x95" "etc"),             /* division slash */
                STR_INIT("..\xE2\x81\x84" "etc"),             /* fraction slash */
                STR_INIT("..\xC2\xA5" "etc"),                 /* yen */
                STR_INIT(".\xE2\x80\x8B./etc"),               /* zero width space */
                STR_INIT(".\xC2\xAD./etc"),                   /* soft hyphen */
                STR_INIT("\xE2\x80\xAEtxt.exe"),              /* right-to-left override */
                STR_INIT("\xEF\xBB\xBF/etc"),                 /* byte order mark */
                STR_INIT("a\xC2\xA0"),                        /* no-break space */
                STR_INIT("\xE3\x80\x80/etc"),                 /* ideographic space */
                STR_INIT("a\xEF\xB8\x8F"),                    /* variation selector */
                STR_INIT("\xF3\xA0\x81\xA1"),                 /* tag letter */
                STR_INIT("\xE3\x85\xA4"),                     /* Hangul filler */
        };

        EXPECT_ALL(texts, RECOGNISED_UNREADABLE);
}

Test(path, what_another_program_would_expand_is_unreadable)
{
        static const struct str texts[] = {
                STR_INIT(""), STR_INIT("~"), STR_INIT("~/x"), STR_INIT("~root/x"), STR_INIT("a/~/x"), STR_INIT("/~"),
                STR_INIT("$HOME/x"), STR_INIT("${HOME}/x"), STR_INIT("a/${x}"), STR_INIT("$(id)"), STR_INIT("a$(id)"),
                STR_INIT("`id`"), STR_INIT("a`id`"), STR_INIT("%USERPROFILE%/x"), STR_INIT("%TEMP%"), STR_INIT("*"),
                STR_INIT("a/*"), STR_INIT("**/x"), STR_INIT("a?"), STR_INIT(".?/etc"), STR_INIT(".[.]/etc"),
                STR_INIT("{.,a}./etc"), STR_INIT("{a,/etc/passwd}"), STR_INIT("{1..9}"), STR_INIT(".{.,x}/y"),
                STR_INIT("file:///etc/passwd"), STR_INIT("file:/etc/passwd"), STR_INIT("file://localhost/srv/work/a"),
                STR_INIT("FILE:x"), STR_INIT("http://x/"), STR_INIT("C:"), STR_INIT("c:/x"), STR_INIT("C:x"),
                STR_INIT("a.b+c-d:e"), STR_INIT("jar:file"), STR_INIT("//etc/passwd"), STR_INIT("//srv/work/a"),
                STR_INIT("///etc/passwd"),
                STR_INIT("-rf"), STR_INIT("--output=/etc/x"), STR_INIT("-"), STR_INIT("\"/etc/passwd\""),
                STR_INIT("'/etc'"),
                STR_INIT(" /etc/passwd"), STR_INIT("/srv/work/a "), STR_INIT(" "), STR_INIT("a/ /b"), STR_INIT("a."),
                STR_INIT("a./b"), STR_INIT("/srv/work/CON."), STR_INIT("/srv/ work"),
        };

        EXPECT_ALL(texts, RECOGNISED_UNREADABLE);
}

Test(path, relative_needs_a_directory)
{
        static const struct str dirs[] = { STR_INIT("/") };
        struct path_rule r = { .dirs = dirs, .dir_count = 1 };
        const char *why;

        cr_expect_eq(path_within(&r, STR("a"), &why), RECOGNISED_UNREADABLE);
        cr_expect_eq(path_within(&r, STR("/a"), &why), RECOGNISED_HOLDS);
        r.cwd = STR("srv");
        cr_expect_eq(path_within(&r, STR("a"), &why), RECOGNISED_UNREADABLE);
        r.cwd = STR("/srv/..");
        cr_expect_eq(path_within(&r, STR("a"), &why), RECOGNISED_UNREADABLE);
        r.cwd = STR("/");
        cr_expect_eq(path_within(&r, STR("a"), &why), RECOGNISED_HOLDS);
}

Test(path, a_rule_without_a_sound_directory_opens_nothing)
{
        static const struct str dirs[] = { STR_INIT(""), STR_INIT("srv"), STR_INIT("/srv/") };
        struct path_rule r = { .dirs = dirs, .dir_count = 3 };
        const char *why;

        cr_expect_eq(path_within(&r, STR("/srv/a"), &why), RECOGNISED_DOES_NOT);
        r.dir_count = 0;
        cr_expect_eq(path_within(&r, STR("/srv/a"), &why), RECOGNISED_DOES_NOT);
}

Test(path, normal_directories)
{
        static const struct {
                struct str dir;
                bool normal;
        } rows[] = {
                { STR_INIT("/"), true }, { STR_INIT("/srv"), true }, { STR_INIT("/srv/a b"), true },
                { STR_INIT(""), false }, { STR_INIT("srv"), false }, { STR_INIT("/srv/"), false },
                { STR_INIT("//"), false }, { STR_INIT("//srv"), false }, { STR_INIT("/srv//a"), false },
                { STR_INIT("/srv/./a"), false }, { STR_INIT("/srv/.."), false }, { STR_INIT("/srv\n"), false },
                { STR_INIT("/srv/*"), false }, { STR_INIT("/~/a"), false },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                cr_expect_eq(path_dir_is_normal(rows[i].dir), rows[i].normal, "%.*s", STR_FMT(rows[i].dir));
}

Test(path, length)
{
        static char text[LIMIT_PATH_BYTES + 1];
        const char *why;

        memset(text, 'a', sizeof(text));
        memcpy(text, "/data/", 6);
        cr_expect_eq(within(str_of(text, LIMIT_PATH_BYTES - 1)), RECOGNISED_HOLDS);
        cr_expect_eq(within(str_of(text, LIMIT_PATH_BYTES)), RECOGNISED_HOLDS);
        cr_expect_eq(within(str_of(text, LIMIT_PATH_BYTES + 1)), RECOGNISED_UNREADABLE);
        /* With its directory in front: /srv/work/here/ is 15 bytes. */
        cr_expect_eq(within(str_of(text + 6, LIMIT_PATH_BYTES - 15)), RECOGNISED_HOLDS);
        cr_expect_eq(within(str_of(text + 6, LIMIT_PATH_BYTES - 14)), RECOGNISED_UNREADABLE);
        cr_expect(path_dir_is_normal(str_of(text, LIMIT_PATH_BYTES)));
        cr_expect_not(path_dir_is_normal(str_of(text, LIMIT_PATH_BYTES + 1)));
        cr_expect_eq(path_within(&rule, STR(""), &why), RECOGNISED_UNREADABLE);
}

/* A file system of three links; everything else is where it says. */
static int resolve_table(void *userdata, struct str path, struct buf *ret)
{
        static const struct {
                struct str link, target;
        } links[] = {
                { STR_INIT("/srv/work/out"), STR_INIT("/etc") },
                { STR_INIT("/home/in"), STR_INIT("/srv/work/in") },
                { STR_INIT("/data"), STR_INIT("/mnt/disk") },
        };

        (void)userdata;
        if (str_starts_with(path, STR("/srv/work/loop")))
                return -ELOOP;
        for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
                if (!str_starts_with(path, links[i].link))
                        continue;
                buf_append_str(ret, links[i].target);
                return buf_append_str(ret, str_skip(path, links[i].link.len));
        }
        return buf_append_str(ret, path);
}

Test(path, both_the_text_and_what_it_leads_to_must_be_inside)
{
        static const struct {
                struct str text;
                enum recognised expected;
        } rows[] = {
                { STR_INIT("/srv/work/a"), RECOGNISED_HOLDS },
                { STR_INIT("a"), RECOGNISED_HOLDS },
                { STR_INIT("/data/a"), RECOGNISED_HOLDS },
                { STR_INIT("/etc/passwd"), RECOGNISED_DOES_NOT },
                { STR_INIT("/srv/work/out/passwd"), RECOGNISED_UNREADABLE },
                { STR_INIT("/srv/work/loop"), RECOGNISED_UNREADABLE },
                { STR_INIT("/home/in/a"), RECOGNISED_UNREADABLE },
                { STR_INIT("/mnt/disk/a"), RECOGNISED_UNREADABLE },
        };
        struct path_rule r = rule;
        const char *why;

        r.resolve = resolve_table;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                cr_expect_eq(path_within(&r, rows[i].text, &why), rows[i].expected, "%.*s", STR_FMT(rows[i].text));
}

static int resolve_badly(void *userdata, struct str path, struct buf *ret)
{
        const struct str *answer = userdata;

        (void)path;
        buf_append_str(ret, *answer);
        return 0;
}

Test(path, a_resolver_that_answers_nonsense_opens_nothing)
{
        static char long_text[LIMIT_PATH_BYTES + 1];
        struct str answers[] = { STR(""), STR("srv/work/a"), STR("/srv/work/../../etc"), STR("/srv/work/."),
                STR("/srv/work/a\0"), { long_text, sizeof(long_text) } };
        struct path_rule r = rule;
        const char *why;

        memset(long_text, 'a', sizeof(long_text));
        memcpy(long_text, "/srv/work/", 10);
        r.resolve = resolve_badly;
        for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
                r.userdata = &answers[i];
                cr_expect_eq(path_within(&r, STR("/srv/work/a"), &why), RECOGNISED_UNREADABLE, "row %zu", i);
        }
}

Test(path, characters_that_are_clear)
{
        static const struct {
                uint32_t cp;
                bool clear;
        } rows[] = { { ' ', true }, { '~', true }, { 0x7F, false }, { 0xA0, false }, { 0xA1, true }, { 0xE9, true },
                { 0x2023, true }, { 0x2024, false }, { 0x2026, false }, { 0x4E00, true }, { 0xD7FF, true },
                { 0xE000, false }, { 0xFF0E, false }, { 0xFF21, true }, { 0x1F600, true }, { 0x1FFFE, false },
                { 0x1FFFF, false }, { 0xE0100, false }, { 0x10FFFF, false } };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                cr_expect_eq(character_is_clear(rows[i].cp), rows[i].clear, "U+%04X", rows[i].cp);
}
