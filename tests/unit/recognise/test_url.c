/* SPDX-License-Identifier: Apache-2.0 */
#include "url.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "limit.h"

static enum recognised allowed(const struct url_rule *rule, struct str text)
{
        const char *why = "untouched";
        enum recognised r = url_allowed(rule, text, &why);

        cr_expect_eq(r == RECOGNISED_HOLDS, why == NULL, "%.*s: %s", STR_FMT(text), why ? why : "no reason");
        return r;
}

static const struct url_rule anything = { .host_any = true };

Test(url, parts)
{
        static const struct {
                struct str text, scheme, host, path, query, fragment;
                uint16_t port;
        } rows[] = {
                { STR_INIT("https://a.com"), STR_INIT("https"), STR_INIT("a.com"), STR_INIT("/"), .port = 443 },
                { STR_INIT("HTTP://A.com:8080/"), STR_INIT("HTTP"), STR_INIT("A.com"), STR_INIT("/"), .port = 8080 },
                { STR_INIT("https://a.com/x/y?b=c#d"), STR_INIT("https"), STR_INIT("a.com"), STR_INIT("/x/y"),
                        STR_INIT("b=c"), STR_INIT("d"), 443 },
                { STR_INIT("ws://[::1]:65535/?#"), STR_INIT("ws"), STR_INIT("::1"), STR_INIT("/"), .port = 65535 },
                { STR_INIT("https://a.com/@u:p?x@y#?@"), STR_INIT("https"), STR_INIT("a.com"), STR_INIT("/@u:p"),
                        STR_INIT("x@y"), STR_INIT("?@"), 443 },
                { STR_INIT("s3+x://bucket/key"), STR_INIT("s3+x"), STR_INIT("bucket"), STR_INIT("/key"), .port = 0 },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct url_parts url;

                cr_assert_null(url_read(rows[i].text, &url), "row %zu", i);
                cr_expect(str_eq(url.scheme, rows[i].scheme), "row %zu", i);
                cr_expect(str_eq(url.host.text, rows[i].host), "row %zu", i);
                cr_expect(str_eq(url.path, rows[i].path), "row %zu", i);
                cr_expect(str_eq(url.query, rows[i].query), "row %zu", i);
                cr_expect(str_eq(url.fragment, rows[i].fragment), "row %zu", i);
                cr_expect_eq(url.port, rows[i].port, "row %zu", i);
        }
}

Test(url, odd_spellings_are_unreadable)
{
        static const struct str texts[] = {
                STR_INIT(""), STR_INIT("a.com"), STR_INIT("//a.com/"), STR_INIT("/a"), STR_INIT("://a.com"),
                STR_INIT("http:"),
                STR_INIT("http:/a.com"), STR_INIT("http:a.com"), STR_INIT("http:///a.com"), STR_INIT("http:////a.com"),
                STR_INIT("http://"), STR_INIT("http:///"), STR_INIT("http://?a"), STR_INIT("http://#a"),
                STR_INIT("1http://a.com"),
                STR_INIT("ht tp://a.com"), STR_INIT("ht\ttp://a.com"), STR_INIT("jar:http://a.com!/"),
                STR_INIT("view-source:http://a"),
                STR_INIT("http:\\\\a.com"), STR_INIT("http:/\\a.com"), STR_INIT("http://a.com\\@b.com"),
                STR_INIT("http://a.com\\.b.com"), STR_INIT("http://a.com/\\x"), STR_INIT("\\\\a.com\\b"),
                STR_INIT("http://u@a.com/"), STR_INIT("http://u:p@a.com"), STR_INIT("http://@a.com"),
                STR_INIT("http://:@a.com"),
                STR_INIT("http://a.com@b.com"), STR_INIT("http://a.com:80@b.com"), STR_INIT("http://a.com%40b.com"),
                STR_INIT("http://a.com?@b.com/"), STR_INIT("http://a.com#@b.com/"), STR_INIT("http://a.com?x"),
                STR_INIT("http://a.com#x"), STR_INIT("http://a.com#@b.com:80"), STR_INIT("http://a.com;b.com"),
                STR_INIT(" http://a.com"), STR_INIT("http://a.com "), STR_INIT("http://a.com/a b"),
                STR_INIT("http://a.c\tom/"),
                STR_INIT("http://a.c\nom/"), STR_INIT("http://a.com/\r\nHost: b"), STR_INIT("http://a.com/\0"),
                STR_INIT("http://a.com\0.b.com/"), STR_INIT("http://a.com/\x7F"), STR_INIT("\x01http://a.com/"),
                STR_INIT("http://a.com/%"), STR_INIT("http://a.com/%4"), STR_INIT("http://a.com/%zz"),
                STR_INIT("http://a.com/?%u0041"),
                STR_INIT("http://a.com/\xC3\xA4"), STR_INIT("http://\xC3\xA4.com/"), STR_INIT("http://a.com/\xFF"),
                STR_INIT("http://a\xE3\x80\x82" "com/"), STR_INIT("http://a\xEF\xBC\x8E" "com/"),
                STR_INIT("http\xEF\xBC\x9A//a.com"),
                STR_INIT("http://\xE2\x93\x94xample.com/"), STR_INIT("http://a\xC2\xAD.com/"),
                STR_INIT("http://a\xE2\x80\x8B.com/"),
                STR_INIT("http://a.com:/"), STR_INIT("http://a.com:0/"), STR_INIT("http://a.com:080/"),
                STR_INIT("http://a.com:65536/"), STR_INIT("http://a.com:99999/"),
                STR_INIT("http://a.com:123456/"), STR_INIT("http://a.com:-1/"),
                STR_INIT("http://a.com:+80/"), STR_INIT("http://a.com:8 0/"), STR_INIT("http://a.com:80:80/"),
                STR_INIT("http://a.com:http/"), STR_INIT("http://a.com:%38%30/"), STR_INIT("http://:80/"),
                STR_INIT("http://a.com:4294967376/"),
                STR_INIT("http://a.com./"), STR_INIT("http://.a.com/"), STR_INIT("http://a..com/"),
                STR_INIT("http://a%00.com/"),
                STR_INIT("http://%61.com/"), STR_INIT("http://a_b.com/"), STR_INIT("http://*.a.com/"),
                STR_INIT("http://a,b/"),
                STR_INIT("http://2130706433/"), STR_INIT("http://0x7f000001/"),
                STR_INIT("http://0177.0.0.1/"), STR_INIT("http://127.1/"),
                STR_INIT("http://0/"), STR_INIT("http://0x7f.1/"), STR_INIT("http://127.0.0.1./"),
                STR_INIT("http://1.2.3.4.5/"),
                STR_INIT("http://[::1/"), STR_INIT("http://::1/"), STR_INIT("http://[::1]80/"),
                STR_INIT("http://[::1]:/"),
                STR_INIT("http://[fe80::1%25lo]/"), STR_INIT("http://[::ffff:127.0.0.1]/"),
                STR_INIT("http://[::ffff:a9fe:a9fe]/"),
                STR_INIT("http://[::127.0.0.1]/"), STR_INIT("http://[64:ff9b::7f00:1]/"),
                STR_INIT("http://[2002:7f00:1::]/"),
                STR_INIT("http://[a.com]/"), STR_INIT("http://a.com[::1]/"), STR_INIT("http://a.com/#a#b"),
                STR_INIT("http://a.com/<x>"),
                STR_INIT("http://a.com/{x}"), STR_INIT("http://a.com/\""), STR_INIT("http://a.com/`x`"),
                STR_INIT("http://a.com/|"),
                STR_INIT("http://a.com/^"), STR_INIT("<http://a.com/>"), STR_INIT("file:///etc/passwd"),
                STR_INIT("file://a.com/x"),
                STR_INIT("FILE://a.com/x"), STR_INIT("javascript:alert(1)"), STR_INIT("data:text/html,x"),
                STR_INIT("mailto:a@b.com"),
                STR_INIT("about:blank"), STR_INIT("blob:https://a.com/x"), STR_INIT("http://xn--pypal-4ve.com/"),
        };

        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                cr_expect_eq(allowed(&anything, texts[i]), RECOGNISED_UNREADABLE,
                        "row %zu: %.*s", i, STR_FMT(texts[i]));
}

static void expect(const struct url_rule *rule, const char *text, enum recognised expected)
{
        enum recognised r = allowed(rule, str_from(text));

        cr_expect_eq(r, expected, "%s: %s, not %s", text, recognised_name(r), recognised_name(expected));
}

Test(url, memory_of_zeros_holds_for_nothing)
{
        static const struct url_rule zeros;

        expect(&zeros, "https://example.com/", RECOGNISED_DOES_NOT);
        expect(&zeros, "http://127.0.0.1/", RECOGNISED_DOES_NOT);
}

Test(url, schemes)
{
        static const struct str listed[] = { STR_INIT("wss"), STR_INIT("s3"), STR_INIT("file") };
        static const struct url_rule some = { .schemes = listed, .scheme_count = 3, .host_any = true };

        expect(&anything, "http://a.com/", RECOGNISED_HOLDS);
        expect(&anything, "HTTPS://a.com/", RECOGNISED_HOLDS);
        expect(&anything, "ftp://a.com/", RECOGNISED_DOES_NOT);
        expect(&anything, "gopher://a.com/", RECOGNISED_DOES_NOT);
        expect(&anything, "javascript://a.com/%0aalert(1)", RECOGNISED_DOES_NOT);
        expect(&some, "wss://a.com/", RECOGNISED_HOLDS);
        expect(&some, "S3://bucket/key", RECOGNISED_HOLDS);
        expect(&some, "s3://bucket:80/key", RECOGNISED_DOES_NOT);
        expect(&some, "https://a.com/", RECOGNISED_DOES_NOT);
        expect(&some, "file://a.com/", RECOGNISED_UNREADABLE);
        cr_expect_null(url_scheme_problem(STR("git+ssh")));
        cr_expect_not_null(url_scheme_problem(STR("file")));
        cr_expect_not_null(url_scheme_problem(STR("HTTP")));
        cr_expect_not_null(url_scheme_problem(STR("")));
        cr_expect_not_null(url_scheme_problem(STR("http:")));
        cr_expect_not_null(url_scheme_problem(STR("1a")));
}

Test(url, hosts)
{
        static const struct str listed[] = { STR_INIT("example.com"), STR_INIT("*.example.org"), STR_INIT("127.0.0.1"),
                STR_INIT("xn--bcher-kva.de") };
        static const struct url_rule some = { .hosts = listed, .host_count = 4 };
        static const struct url_rule both = { .hosts = listed, .host_count = 4, .host_public = true };

        expect(&some, "https://example.com/", RECOGNISED_HOLDS);
        expect(&some, "https://EXAMPLE.COM/", RECOGNISED_HOLDS);
        expect(&some, "https://a.b.example.org/", RECOGNISED_HOLDS);
        expect(&some, "https://example.org/", RECOGNISED_DOES_NOT);
        expect(&some, "https://example.com.evil.net/", RECOGNISED_DOES_NOT);
        expect(&some, "https://evil.net/example.com", RECOGNISED_DOES_NOT);
        expect(&some, "https://evil.net/?https://example.com/", RECOGNISED_DOES_NOT);
        expect(&some, "https://evil.net/#@example.com/", RECOGNISED_DOES_NOT);
        expect(&some, "http://127.0.0.1/", RECOGNISED_HOLDS);
        expect(&some, "https://xn--bcher-kva.de/", RECOGNISED_HOLDS);
        expect(&some, "https://xn--bcher-kva.net/", RECOGNISED_UNREADABLE);
        expect(&both, "http://127.0.0.1/", RECOGNISED_HOLDS);
        expect(&both, "http://127.0.0.2/", RECOGNISED_DOES_NOT);
        expect(&both, "http://localhost/", RECOGNISED_DOES_NOT);
        expect(&both, "http://169.254.169.254/latest/meta-data/", RECOGNISED_DOES_NOT);
        expect(&both, "http://metadata.google.internal/", RECOGNISED_DOES_NOT);
        expect(&both, "http://[fd00:ec2::254]/", RECOGNISED_DOES_NOT);
        expect(&both, "https://one.one.one.one/", RECOGNISED_HOLDS);
        expect(&both, "https://xn--bcher-kva.net/", RECOGNISED_UNREADABLE);
        /* Names are not looked up: these lead to private addresses, and only a network boundary holds them. */
        expect(&both, "http://127.0.0.1.nip.io/", RECOGNISED_HOLDS);
        expect(&both, "http://localtest.me/", RECOGNISED_HOLDS);
}

Test(url, ports)
{
        static const uint16_t listed[] = { 443, 8443 };
        static const struct url_rule some = { .host_any = true, .ports = listed, .port_count = 2 };

        expect(&anything, "https://a.com:443/", RECOGNISED_HOLDS);
        expect(&anything, "http://a.com:80/", RECOGNISED_HOLDS);
        expect(&anything, "http://a.com:443/", RECOGNISED_DOES_NOT);
        expect(&anything, "https://a.com:22/", RECOGNISED_DOES_NOT);
        expect(&some, "https://a.com/", RECOGNISED_HOLDS);
        expect(&some, "http://a.com:8443/", RECOGNISED_HOLDS);
        expect(&some, "http://a.com/", RECOGNISED_DOES_NOT);
}

/* "/pub" and what begins with "/pub/", as a policy's pattern would have it. */
static bool is_pub(const void *userdata, struct str path)
{
        (void)userdata;
        return str_eq(path, STR("/pub")) || str_starts_with(path, STR("/pub/"));
}

Test(url, paths)
{
        static const struct url_rule pub = { .host_any = true, .path_matches = is_pub };
        static const char *const odd[] = { "/pub/..", "/pub/../x", "/pub/./x", "/pub/.", "/pub//x", "//pub/x",
                "/pub/%2e%2e/x",
                "/pub/%2E./x", "/pub/.%2e/x", "/pub/..%2fx", "/pub/%2f", "/pub/%5c..%5cx", "/pub/%252e%252e/x",
                "/pub/%25",
                "/pub/..;/x", "/pub/.;a/x", "/pub/;/x", "/pub/..;a=b/x", "/pub/%00", "/pub/%0d%0aX:", "/pub/%7f",
                "/p%75b/x",
                "/pub/%61", "/pub/%c0%ae%c0%ae/x", "/pub/%ff", "/pub/%EF%BC%8E%EF%BC%8E/x", "/pub/%E2%80%AE",
                "/pub/%C2%A0",
                "/pub/%7e" };
        char text[256];

        expect(&pub, "https://a.com/pub", RECOGNISED_HOLDS);
        expect(&pub, "https://a.com/pub/", RECOGNISED_HOLDS);
        expect(&pub, "https://a.com/pub/x;v=1/K%C3%B6ln%20a%3ab?q=../..#..", RECOGNISED_HOLDS);
        expect(&pub, "https://a.com", RECOGNISED_DOES_NOT);
        expect(&pub, "https://a.com/public", RECOGNISED_DOES_NOT);
        expect(&pub, "https://a.com/PUB/x", RECOGNISED_DOES_NOT);
        /* Perhaps "/pub" to a server: neither allowed nor beyond a deny rule. */
        expect(&pub, "https://a.com/pub;x=1", RECOGNISED_UNREADABLE);
        expect(&pub, "https://a.com/pub%21", RECOGNISED_UNREADABLE);
        for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
                snprintf(text, sizeof(text), "https://a.com%s", odd[i]);
                expect(&pub, text, RECOGNISED_UNREADABLE);
                /* Where any path will do, the request goes to the same host however its path is spelled. */
                expect(&anything, text, RECOGNISED_HOLDS);
        }
        /* A host that is surely another settles it. */
        expect(&(struct url_rule){ .path_matches = is_pub }, "https://a.com/pub/..", RECOGNISED_DOES_NOT);
}

Test(url, length)
{
        static char text[LIMIT_URI_BYTES + 1];

        memset(text, 'a', sizeof(text));
        memcpy(text, "https://a.com/", 14);
        cr_expect_eq(allowed(&anything, str_of(text, LIMIT_URI_BYTES - 1)), RECOGNISED_HOLDS);
        cr_expect_eq(allowed(&anything, str_of(text, LIMIT_URI_BYTES)), RECOGNISED_HOLDS);
        cr_expect_eq(allowed(&anything, str_of(text, LIMIT_URI_BYTES + 1)), RECOGNISED_UNREADABLE);
}
