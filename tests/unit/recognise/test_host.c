/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <criterion/criterion.h>

static bool reads(struct str text)
{
        struct host host;

        return host_read(text, &host) == NULL;
}

static bool is_public(const char *text)
{
        struct host host;

        cr_assert_null(host_read(str_from(text), &host), "%s", text);
        return host_not_public(&host) == NULL;
}

static bool matches(const char *text, const char *pattern)
{
        struct host host;

        cr_assert_null(host_read(str_from(text), &host), "%s", text);
        cr_assert_null(host_pattern_problem(str_from(pattern)), "%s", pattern);
        return host_matches(&host, str_from(pattern));
}

Test(host, kinds)
{
        static const struct {
                struct str text;
                enum host_kind kind;
        } rows[] = {
                { STR_INIT("example.com"), HOST_NAME }, { STR_INIT("EXAMPLE.com"), HOST_NAME },
                { STR_INIT("localhost"), HOST_NAME }, { STR_INIT("1.2.3.com"), HOST_NAME },
                { STR_INIT("3com.net"), HOST_NAME }, { STR_INIT("xn--bcher-kva.example"), HOST_NAME },
                { STR_INIT("a-b--c.de"), HOST_NAME }, { STR_INIT("1.2.3.4"), HOST_IPV4 },
                { STR_INIT("255.255.255.255"), HOST_IPV4 }, { STR_INIT("0.0.0.0"), HOST_IPV4 },
                { STR_INIT("[::]"), HOST_IPV6 }, { STR_INIT("[::1]"), HOST_IPV6 },
                { STR_INIT("[2001:DB8::1]"), HOST_IPV6 },
                { STR_INIT("[2606:4700:4700:0:0:0:0:1111]"), HOST_IPV6 },
                { STR_INIT("[2606:4700:4700::1.2.3.4]"), HOST_IPV6 },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct host host;

                cr_assert_null(host_read(rows[i].text, &host), "%.*s", STR_FMT(rows[i].text));
                cr_expect_eq(host.kind, rows[i].kind, "%.*s", STR_FMT(rows[i].text));
        }
}

Test(host, odd_spellings_are_not_read)
{
        static const struct str texts[] = {
                STR_INIT(""), STR_INIT("."), STR_INIT("example.com."), STR_INIT(".example.com"), STR_INIT("a..b"),
                STR_INIT("-a.com"), STR_INIT("a-.com"), STR_INIT("a_b.com"), STR_INIT("a b.com"), STR_INIT("a%2ecom"),
                STR_INIT("%6c%6fcalhost"), STR_INIT("ex\xC3\xA4mple.com"), STR_INIT("example\xE3\x80\x82" "com"),
                STR_INIT("a\0.com"), STR_INIT("*.com"), STR_INIT("a,b.com"), STR_INIT("(a).com"),
                /* IPv4 in every other spelling */
                STR_INIT("2130706433"), STR_INIT("0x7f000001"), STR_INIT("0x7f.1"), STR_INIT("0X7F.0.0.1"),
                STR_INIT("017700000001"), STR_INIT("0177.0.0.1"), STR_INIT("127.1"), STR_INIT("127.0.1"),
                STR_INIT("127.0.0.01"), STR_INIT("127.000.000.001"), STR_INIT("00.0.0.0"), STR_INIT("127.0.0.1."),
                STR_INIT("127.0.0.1.1"), STR_INIT("256.0.0.1"), STR_INIT("1.2.3.0x4"), STR_INIT("127.0.0.0x"),
                STR_INIT("0"), STR_INIT("1.1.1.1e1"), STR_INIT("a.0"), STR_INIT("a.0x"), STR_INIT("a.1b"),
                STR_INIT("4294967296"), STR_INIT("+127.0.0.1"), STR_INIT("127.0.0.-1"), STR_INIT("1.2.3.999999999999"),
                STR_INIT("\xE2\x91\xA0\xE2\x91\xA1\xE2\x91\xA6.0.0.1"),     /* enclosed digits */
                STR_INIT("\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x97.0.0.1"),     /* fullwidth digits */
                STR_INIT("127\xE3\x80\x82" "0\xE3\x80\x82" "0\xE3\x80\x82" "1"), /* ideographic full stops */
                /* IPv6 */
                STR_INIT("::1"), STR_INIT("[]"), STR_INIT("["), STR_INIT("]"), STR_INIT("[::1"), STR_INIT("[::1]]"),
                STR_INIT("[[::1]]"), STR_INIT("[1.2.3.4]"), STR_INIT("[::1%25eth0]"), STR_INIT("[fe80::1%eth0]"),
                STR_INIT("[fe80::1%1]"), STR_INIT("[1::2::3]"), STR_INIT("[1:2:3:4:5:6:7]"),
                STR_INIT("[1:2:3:4:5:6:7:8:9]"),
                STR_INIT("[12345::]"), STR_INIT("[g::]"), STR_INIT("[:::1]"), STR_INIT("[v1.a]"), STR_INIT("[::1 ]"),
                STR_INIT("[2606:4700::1.2.3.04]"), STR_INIT("[2606:4700::0x7f.1]"), STR_INIT("[::1\0]"),
                STR_INIT("[00000::1]"), STR_INIT("[0000:0000:0000:0000:0000:0000:0000:0000:0001]"),
                /* IPv4 within IPv6 */
                STR_INIT("[::ffff:127.0.0.1]"), STR_INIT("[::FFFF:7f00:1]"), STR_INIT("[0:0:0:0:0:ffff:7f00:0001]"),
                STR_INIT("[0000:0000:0000:0000:0000:FFFF:127.0.0.1]"), STR_INIT("[::127.0.0.1]"),
                STR_INIT("[::7f00:1]"),
                STR_INIT("[::2]"), STR_INIT("[::ffff:0:127.0.0.1]"), STR_INIT("[::ffff:0:7f00:1]"),
                STR_INIT("[64:ff9b::127.0.0.1]"), STR_INIT("[64:ff9b::7f00:1]"), STR_INIT("[64:ff9b:1::a00:1]"),
                STR_INIT("[2002:7f00:1::]"), STR_INIT("[2002:a9fe:a9fe::1]"), STR_INIT("[2001::1]"),
                STR_INIT("[2001:0:4136:e378:8000:63bf:3fff:fdd2]"), STR_INIT("[2606:4700::5efe:127.0.0.1]"),
                STR_INIT("[2606:4700::200:5efe:a00:1]"), STR_INIT("[fe80::5efe:a00:1]"),
        };

        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                cr_expect_not(reads(texts[i]), "row %zu: %.*s", i, STR_FMT(texts[i]));
}

Test(host, lengths)
{
        char name[260];

        memset(name, 'a', sizeof(name));
        cr_expect(reads(str_of(name, 63)));
        cr_expect_not(reads(str_of(name, 64)));
        for (size_t i = 50; i < sizeof(name); i += 51)
                name[i] = '.';
        cr_expect(reads(str_of(name, 252)));
        cr_expect(reads(str_of(name, 253)));
        cr_expect_not(reads(str_of(name, 254)));
}

Test(host, what_is_not_public)
{
        static const char *const texts[] = {
                "0.0.0.0", "0.1.2.3", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.100.100.200", "100.127.255.255",
                "127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.0.0", "169.254.169.254", "169.254.170.2",
                "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.192", "192.0.2.1",
                "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.7",
                "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
                "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[fd00:ec2::254]", "[fd20:ce::254]", "[fc00::1]", "[fdff::1]",
                "[fe80::1]",
                "[FE80::A9FE:A9FE]", "[febf::1]", "[fec0::1]", "[ff02::1]", "[100::1]", "[2001:2::1]", "[2001:10::1]",
                "[2001:20::1]", "[2001:1ff::1]", "[2001:db8::1]", "[2001:db8:ffff::]", "[3ffe::1]", "[3fff::1]",
                "[3fff:fff::1]", "[5f00::1]", "[4000::1]", "[1fff::1]",
                "localhost", "LOCALHOST", "intranet", "metadata", "kubernetes", "a.localhost", "A.LocalHost",
                "metadata.google.internal", "METADATA.GOOGLE.INTERNAL", "instance-data.ec2.internal", "printer.local",
                "host.docker.internal", "router.lan", "nas.home", "router.home.arpa", "1.0.0.127.in-addr.arpa",
                "a.test", "b.example", "c.invalid", "d.onion", "db.corp", "x.localdomain", "vault.default.svc",
                "vault.svc.cluster.local",
        };

        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                cr_expect_not(is_public(texts[i]), "%s", texts[i]);
}

Test(host, what_is_public)
{
        static const char *const texts[] = {
                "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
                "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
                "192.167.255.255",
                "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "168.63.129.17",
                "[2606:4700:4700::1111]",
                "[2001:4860:4860::8888]", "[2001:200::1]", "[3ffd::1]", "[2a00:1450::1]", "example.com",
                "a.b.c.co.uk", "EXAMPLE.org",
                "internal.example.com", "notlocal.de", "localhost.com", "mylocalhost.net", "10.0.0.1.nip.io",
        };

        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                cr_expect(is_public(texts[i]), "%s", texts[i]);
}

Test(host, patterns)
{
        static const struct {
                const char *host, *pattern;
                bool match;
        } rows[] = {
                { "example.com", "example.com", true }, { "EXAMPLE.Com", "example.com", true },
                { "example.com", "*.example.com", false }, { "a.example.com", "*.example.com", true },
                { "a.b.example.com", "*.example.com", true }, { "A.EXAMPLE.com", "*.example.com", true },
                { "aexample.com", "*.example.com", false }, { "a-example.com", "*.example.com", false },
                { "example.com.evil.org", "*.example.com", false }, { "example.com.evil.org", "example.com", false },
                { "a.example.com.evil.org", "*.example.com", false }, { "example.co", "example.com", false },
                { "wwwexample.com", "example.com", false }, { "a.example.com", "example.com", false },
                { "xn--a.example.com", "*.example.com", false }, { "b.XN--a.c.example.com", "*.example.com", false },
                { "xn--a.example.com", "xn--a.example.com", true }, { "b.xn--a.com", "*.xn--a.com", true },
                { "127.0.0.1", "127.0.0.1", true }, { "127.0.0.2", "127.0.0.1", false }, { "[::1]", "[::1]", true },
                { "[0:0::0:1]", "[::1]", true }, { "[::]", "[::1]", false }, { "localhost", "localhost", true },
                { "[2606:4700:0::1]", "[2606:4700::1]", true }, { "0.0.0.0", "[::]", false },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                cr_expect_eq(matches(rows[i].host, rows[i].pattern), rows[i].match,
                        "%s %s", rows[i].host, rows[i].pattern);
}

Test(host, patterns_that_are_none)
{
        static const char *const texts[] = { "", "*", "*.", "*.com", "*.localhost", "*.1.2.3.4", "*.[::1]",
                "**.example.com",
                "a.*.example.com", "*example.com", "*.*.example.com", "Example.com", "example.com.", "example.com:443",
                "https://example.com", "example.com/", "*.example.com.", ".example.com", "user@example.com", "127.1",
                "[::ffff:1.2.3.4]", "::1", "a_b.com" };
        struct host host;

        cr_assert_null(host_read(STR("a.example.com"), &host));
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
                cr_expect_not_null(host_pattern_problem(str_from(texts[i])), "%s", texts[i]);
                cr_expect_not(host_matches(&host, str_from(texts[i])), "%s", texts[i]);
        }
}
