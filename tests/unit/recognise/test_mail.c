/* SPDX-License-Identifier: Apache-2.0 */
#include "mail.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "limit.h"

static const struct str domains[] = { STR_INIT("example.com"), STR_INIT("*.example.org"),
        STR_INIT("xn--bcher-kva.de") };
static const struct mail_rule rule = { domains, 3 };

static enum recognised to(struct str text)
{
        const char *why = "untouched";
        enum recognised r = mail_to(&rule, text, &why);

        cr_expect_eq(r == RECOGNISED_HOLDS, why == NULL, "%.*s: %s", STR_FMT(text), why ? why : "no reason");
        return r;
}

static void expect_all(const struct str *texts, size_t count, enum recognised expected)
{
        for (size_t i = 0; i < count; i++)
                cr_expect_eq(to(texts[i]), expected, "row %zu: %.*s", i, STR_FMT(texts[i]));
}

#define EXPECT_ALL(texts, expected) expect_all(texts, sizeof(texts) / sizeof((texts)[0]), expected)

Test(mail, ordinary_addresses_hold)
{
        static const struct str texts[] = {
                STR_INIT("a@example.com"), STR_INIT("first.last+tag@example.com"), STR_INIT("A_b-c=d@EXAMPLE.COM"),
                STR_INIT("o'brien@example.com"), STR_INIT("1@example.com"), STR_INIT("_a@example.com"),
                STR_INIT("a@mail.example.org"), STR_INIT("a@b.c.example.org"), STR_INIT("a@xn--bcher-kva.de"),
                STR_INIT("a@example.com,b@example.com"), STR_INIT("a@example.com, b@example.com,  c@x.example.org"),
        };

        EXPECT_ALL(texts, RECOGNISED_HOLDS);
}

Test(mail, other_domains)
{
        static const struct str texts[] = {
                STR_INIT("a@example.org"), STR_INIT("a@example.net"), STR_INIT("a@sub.example.com"),
                STR_INIT("a@example.com.evil.net"), STR_INIT("a@evilexample.com"), STR_INIT("a@localhost"),
                STR_INIT("example.com@evil.net"), STR_INIT("a@evil.net, b@evil.org"),
        };

        EXPECT_ALL(texts, RECOGNISED_DOES_NOT);
}

Test(mail, what_may_be_read_otherwise_is_unreadable)
{
        static const struct str texts[] = {
                STR_INIT(""), STR_INIT(" "), STR_INIT(","), STR_INIT("a"), STR_INIT("@"), STR_INIT("a@"),
                STR_INIT("@example.com"),
                STR_INIT("example.com"), STR_INIT("a@b@example.com"), STR_INIT("a@evil.net@example.com"),
                STR_INIT("A <a@example.com>"), STR_INIT("<a@example.com>"), STR_INIT("a@example.com <b@evil.net>"),
                STR_INIT("\"a@example.com\" <b@evil.net>"), STR_INIT("\"a\"@example.com"),
                STR_INIT("\"a b\"@example.com"),
                STR_INIT("\"<b@evil.net>\"@example.com"), STR_INIT("a(b@evil.net)@example.com"),
                STR_INIT("(c)a@example.com"),
                STR_INIT("a@example.com(c)"), STR_INIT("a@(c)example.com"), STR_INIT("group:a@example.com;"),
                STR_INIT("undisclosed-recipients:;"), STR_INIT("@evil.net:a@example.com"),
                STR_INIT("<@evil.net,@b:a@example.com>"),
                STR_INIT("b%evil.net@example.com"), STR_INIT("evil.net!b@example.com"),
                STR_INIT("b@evil.net%example.com"),
                STR_INIT("a@[127.0.0.1]"), STR_INIT("a@127.0.0.1"), STR_INIT("a@[IPv6:::1]"),
                STR_INIT("a@[example.com]"),
                STR_INIT("a@2130706433"), STR_INIT("a@example.com."), STR_INIT("a@.example.com"),
                STR_INIT("a@example..com"),
                STR_INIT("a@exa_mple.com"), STR_INIT("a@-example.com"), STR_INIT("a@example.com:25"),
                STR_INIT("a@example.com/x"),
                STR_INIT(".a@example.com"), STR_INIT("a.@example.com"), STR_INIT("a..b@example.com"),
                STR_INIT("-f@example.com"),
                STR_INIT("--to=b@example.com"), STR_INIT("|id@example.com"), STR_INIT("/dev/null@example.com"),
                STR_INIT("+a@example.com"), STR_INIT("`id`@example.com"), STR_INIT("$(id)@example.com"),
                STR_INIT("a&b@example.com"),
                STR_INIT("mailto:a@example.com"), STR_INIT("a@example.com?bcc=b@evil.net"),
                STR_INIT("a\\@evil.net@example.com"),
                STR_INIT("a\\b@example.com"), STR_INIT("a*@example.com"),
                STR_INIT("=?utf-8?q?b=40evil.net=3e?=@example.com"),
                /* lists */
                STR_INIT("a@example.com,"), STR_INIT(",a@example.com"), STR_INIT("a@example.com,,b@example.com"),
                STR_INIT("a@example.com, "), STR_INIT("a@example.com ,b@example.com"),
                STR_INIT("a@example.com;b@example.com"),
                STR_INIT("a@example.com; b@evil.net"), STR_INIT("a@example.com b@evil.net"), STR_INIT(" a@example.com"),
                STR_INIT("a@example.com "), STR_INIT("a @example.com"), STR_INIT("a@ example.com"),
                STR_INIT("a@example.com,\tb@example.com"),
                STR_INIT("a@example.com, b@evil.net"), STR_INIT("b@evil.net,a@example.com"),
                STR_INIT("a@example.com, b"),
                /* lines and bytes */
                STR_INIT("a@example.com\nBcc: b@evil.net"), STR_INIT("a@example.com\r\nBcc: b@evil.net"),
                STR_INIT("a@example.com\n"),
                STR_INIT("a@example.com%0abcc:b@evil.net"), STR_INIT("a@example.com\0@evil.net"),
                STR_INIT("a\0@example.com"),
                STR_INIT("a@example.com\x7F"), STR_INIT("\xC3\xA4@example.com"), STR_INIT("a@ex\xC3\xA4mple.com"),
                STR_INIT("a\xEF\xBC\xA0" "evil.net@example.com"), STR_INIT("a@example\xE3\x80\x82" "com"),
                STR_INIT("a@example.com\xE2\x80\xA8"),
                STR_INIT("\xEF\xBB\xBF" "a@example.com"), STR_INIT("a@\xD0\xB5xample.com"),
                STR_INIT("a@example.com\xFF"),
                STR_INIT("a@example.com\xEF\xBC\x8C" "b@evil.net"), STR_INIT("a@xn--exmple-cua.com"),
                STR_INIT("a@xn--a.example.org"),
        };

        EXPECT_ALL(texts, RECOGNISED_UNREADABLE);
}

Test(mail, no_domain_no_recipient)
{
        static const struct mail_rule zeros;
        const char *why;

        cr_expect_eq(mail_to(&zeros, STR("a@example.com"), &why), RECOGNISED_DOES_NOT);
}

Test(mail, lengths)
{
        char text[400];

        memset(text, 'a', sizeof(text));
        memcpy(text + 64, "@example.com", 12);
        cr_expect_eq(to(str_of(text, 76)), RECOGNISED_HOLDS);
        cr_expect_eq(to(str_of(text + 1, 75)), RECOGNISED_HOLDS);
        memcpy(text + 65, "@example.com", 12);
        cr_expect_eq(to(str_of(text, 77)), RECOGNISED_UNREADABLE);
        /* 254 in all: a@, 240 characters of labels, .example.org */
        memset(text, 'a', sizeof(text));
        text[1] = '@';
        for (size_t i = 50; i < 240; i += 50)
                text[i] = '.';
        memcpy(text + 242, ".example.org", 12);
        cr_expect_eq(to(str_of(text, 254)), RECOGNISED_HOLDS);
        memmove(text + 1, text, 254);
        cr_expect_eq(to(str_of(text, 255)), RECOGNISED_UNREADABLE);
}

Test(mail, recipients)
{
        static char text[14 * (LIMIT_MAIL_RECIPIENTS + 1)];
        size_t len = 0;

        for (size_t i = 0; i < LIMIT_MAIL_RECIPIENTS + 1; i++) {
                memcpy(text + len, "a@example.com,", 14);
                len += 14;
                if (i + 1 >= LIMIT_MAIL_RECIPIENTS - 1)
                        cr_expect_eq(to(str_of(text, len - 1)),
                                i + 1 <= LIMIT_MAIL_RECIPIENTS ? RECOGNISED_HOLDS : RECOGNISED_UNREADABLE,
                                        "%zu", i + 1);
        }
}

Test(mail, domains)
{
        static const struct {
                struct str domain;
                bool good;
        } rows[] = {
                { STR_INIT("example.com"), true }, { STR_INIT("*.example.com"), true }, { STR_INIT("localhost"), true },
                { STR_INIT(""), false }, { STR_INIT("*"), false }, { STR_INIT("*.com"), false },
                { STR_INIT("Example.com"), false },
                { STR_INIT("127.0.0.1"), false }, { STR_INIT("[::1]"), false }, { STR_INIT("@example.com"), false },
                { STR_INIT("example.com."), false }, { STR_INIT("a@example.com"), false },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                cr_expect_eq(mail_domain_problem(rows[i].domain) == NULL, rows[i].good,
                        "%.*s", STR_FMT(rows[i].domain));
}
