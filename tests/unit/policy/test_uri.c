/* SPDX-License-Identifier: Apache-2.0 */
#include "uri.h"

#include <criterion/criterion.h>

#include "limit.h"

static const struct {
        struct str uri;
        enum uri_form form;
} rows[] = {
        { STR_INIT("note://public/x"), URI_STRICT },
        { STR_INIT("note://public"), URI_STRICT },
        { STR_INIT("note://public/"), URI_STRICT },
        { STR_INIT("note:x"), URI_STRICT },
        { STR_INIT("note:"), URI_STRICT },
        { STR_INIT("file:///srv/a.md"), URI_STRICT },
        { STR_INIT("https://github.com/a?b=c/../d"), URI_STRICT },
        { STR_INIT("https://github.com:8443/a"), URI_STRICT },
        { STR_INIT("https://127.0.0.1/a"), URI_STRICT },
        { STR_INIT("note://x/a%20b"), URI_STRICT },
        { STR_INIT("note://x/%C3%A9"), URI_STRICT },
        { STR_INIT("note://x/%C0%AE%C0%AE/y"), URI_ODD }, /* dots to a lenient decoder */
        { STR_INIT("note://x/%E9"), URI_ODD },
        { STR_INIT("note://x/%ED%A0%80"), URI_ODD },
        { STR_INIT("note://x/%C3a%A9"), URI_ODD },
        { STR_INIT("note://x/a%3Fb"), URI_STRICT },
        /* Escapes of what could stand as it is: a second spelling, but not another resource. */
        { STR_INIT("note://x/a%3Ab"), URI_PLAIN },
        { STR_INIT("note://x/a%40b"), URI_PLAIN },
        /* Schemes */
        { STR_INIT(""), URI_ODD },
        { STR_INIT("x"), URI_ODD },
        { STR_INIT("//x/y"), URI_ODD },
        { STR_INIT(":x"), URI_ODD },
        { STR_INIT("Note://x"), URI_ODD },
        { STR_INIT("noTe://x"), URI_ODD },
        { STR_INIT("1note://x"), URI_ODD },
        { STR_INIT("no te://x"), URI_ODD },
        { STR_INIT("no%74e://x"), URI_ODD },
        /* Bytes */
        { STR_INIT("note://x/ y"), URI_ODD },
        { STR_INIT("note://x/\\y"), URI_ODD },
        { STR_INIT("note://x/\""), URI_ODD },
        { STR_INIT("note://x/<y>"), URI_ODD },
        { STR_INIT("note://x/^"), URI_ODD },
        { STR_INIT("note://x/`"), URI_ODD },
        { STR_INIT("note://x/{y}"), URI_ODD },
        { STR_INIT("note://x/|"), URI_ODD },
        { STR_INIT("note://x/\xC3\xA9"), URI_ODD },
        { STR_INIT("note://x/\x01"), URI_ODD },
        { STR_INIT("note://x/a\0b"), URI_ODD },
        { STR_INIT("note://x/a#b"), URI_ODD },
        { STR_INIT("note://x/a#"), URI_ODD },
        /* Escapes */
        { STR_INIT("note://x/%"), URI_ODD },
        { STR_INIT("note://x/%4"), URI_ODD },
        { STR_INIT("note://x/%zz"), URI_ODD },
        { STR_INIT("note://x/%c3%a9"), URI_ODD },
        { STR_INIT("note://x/%41"), URI_ODD },
        { STR_INIT("note://x/%2E%2E/y"), URI_ODD },
        { STR_INIT("note://x/%2e%2e/y"), URI_ODD },
        { STR_INIT("note://x/a%2Fb"), URI_ODD },
        { STR_INIT("note://x/a%5Cb"), URI_ODD },
        { STR_INIT("note://x/%252E"), URI_ODD },
        { STR_INIT("note://x/%00"), URI_ODD },
        { STR_INIT("note://x/%0A"), URI_ODD },
        { STR_INIT("note://x/%7F"), URI_ODD },
        /* Segments */
        { STR_INIT("note://x/./y"), URI_ODD },
        { STR_INIT("note://x/../y"), URI_ODD },
        { STR_INIT("note://x/y/.."), URI_ODD },
        { STR_INIT("note://x//y"), URI_ODD },
        { STR_INIT("note:../y"), URI_ODD },
        { STR_INIT("note:a//y"), URI_ODD },
        { STR_INIT("note://x/y//"), URI_ODD },
        { STR_INIT("note://x/..y"), URI_STRICT },
        /* Hosts */
        { STR_INIT("https://GitHub.com/x"), URI_ODD },
        { STR_INIT("https://user@github.com/x"), URI_ODD },
        { STR_INIT("https://github.com@evil.org/x"), URI_ODD },
        { STR_INIT("https://u:p@github.com/x"), URI_ODD },
        { STR_INIT("https://github.com./x"), URI_ODD },
        { STR_INIT("https://.github.com/x"), URI_ODD },
        { STR_INIT("https://git..com/x"), URI_ODD },
        { STR_INIT("https://git%68ub.com/x"), URI_ODD },
        { STR_INIT("https://[::1]/x"), URI_ODD },
        { STR_INIT("https://github.com:443/x"), URI_ODD },
        { STR_INIT("http://github.com:80/x"), URI_ODD },
        { STR_INIT("http://github.com:443/x"), URI_STRICT },
        { STR_INIT("https://github.com:/x"), URI_ODD },
        { STR_INIT("https://github.com:08443/x"), URI_ODD },
        { STR_INIT("https://github.com:8a/x"), URI_ODD },
        { STR_INIT("https://github.com:80:80/x"), URI_ODD },
        { STR_INIT("https://2130706433/x"), URI_ODD },
        { STR_INIT("https://0x7f.1/x"), URI_ODD },
        { STR_INIT("https://127.1/x"), URI_ODD },
        { STR_INIT("https://127.0.0.01/x"), URI_ODD },
        { STR_INIT("https://127.0.0.256/x"), URI_ODD },
        { STR_INIT("https://0177.0.0.1/x"), URI_ODD },
        { STR_INIT("https://1.2.3.4.5/x"), URI_ODD },
        { STR_INIT("https://4chan.org/x"), URI_STRICT },
        { STR_INIT("https:github.com/x"), URI_ODD },
        { STR_INIT("https:/github.com/x"), URI_ODD },
        { STR_INIT("https:///github.com/x"), URI_ODD },
        { STR_INIT("https://github.com"), URI_ODD },
        { STR_INIT("https://evil.org?.github.com/"), URI_ODD },
        { STR_INIT("repo://evil?.acme/x"), URI_ODD },
        { STR_INIT("repo://Acme/x"), URI_ODD },
        /* Files */
        { STR_INIT("file:/etc/passwd"), URI_ODD },
        { STR_INIT("file://localhost/etc/passwd"), URI_ODD },
        { STR_INIT("file:////etc/passwd"), URI_ODD },
        { STR_INIT("file:///etc/passwd?x"), URI_ODD },
        { STR_INIT("file://"), URI_ODD },
        { STR_INIT("file:etc"), URI_ODD },
};

Test(uri, forms_are_as_the_table_says)
{
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i)
                cr_expect_eq(
                        uri_form_of(rows[i].uri), rows[i].form, "%s is %d", rows[i].uri.ptr, uri_form_of(rows[i].uri));
}

Test(uri, length_is_limited)
{
        static char uri[LIMIT_URI_BYTES + 1];

        memset(uri, 'a', sizeof(uri));
        uri[1] = ':';
        cr_expect_eq(uri_form_of(str_of(uri, LIMIT_URI_BYTES)), URI_STRICT);
        cr_expect_eq(uri_form_of(str_of(uri, sizeof(uri))), URI_ODD);
}

static const struct {
        const char *uri, *dir;
        enum root_match match;
} roots[] = {
        { "file:///srv/work", "/srv/work", ROOT_INSIDE },
        { "file:///srv/work/", "/srv/work", ROOT_INSIDE },
        { "file:///srv/work/a/b", "/srv/work", ROOT_INSIDE },
        { "file:///srv/workshop", "/srv/work", ROOT_OUTSIDE },
        { "file:///srv", "/srv/work", ROOT_OUTSIDE },
        { "file:///", "/srv/work", ROOT_OUTSIDE },
        { "file:///", "/", ROOT_INSIDE },
        { "file:///srv", "/", ROOT_INSIDE },
        { "file:///srv/wo%72k", "/srv/work", ROOT_INSIDE },
        { "file:///srv/my%20work/x", "/srv/my work", ROOT_INSIDE },
        { "file:///srv/%C3%A9/x", "/srv/\xC3\xA9", ROOT_INSIDE },
        { "file:///srv/work/../../etc", "/srv/work", ROOT_ODD },
        { "file:///srv/work/%2E%2E/etc", "/srv/work", ROOT_ODD },
        { "file:///srv/work%2F..", "/srv/work", ROOT_ODD },
        { "file:///srv/work/%2F", "/srv/work", ROOT_ODD },
        { "file:///srv/work/%5C", "/srv/work", ROOT_ODD },
        { "file:///srv/work/%25", "/srv/work", ROOT_ODD },
        { "file:///srv/work/%00", "/srv/work", ROOT_ODD },
        { "file:///srv/work/%0A", "/srv/work", ROOT_ODD },
        { "file:///srv/work/%FF", "/srv/work", ROOT_ODD },
        { "file:///srv/work/%2", "/srv/work", ROOT_ODD },
        { "file:///srv//work", "/srv/work", ROOT_ODD },
        { "file:///srv/./work", "/srv/work", ROOT_ODD },
        { "file:///srv/work?x", "/srv/work", ROOT_ODD },
        { "file:///srv/work#x", "/srv/work", ROOT_ODD },
        { "file:///srv/work\\x", "/srv/work", ROOT_ODD },
        { "file:///srv/work/\xC3\xA9", "/srv/work", ROOT_ODD },
        { "file:/srv/work", "/srv/work", ROOT_ODD },
        { "file://localhost/srv/work", "/srv/work", ROOT_ODD },
        { "FILE:///srv/work", "/srv/work", ROOT_ODD },
        { "https:///srv/work", "/srv/work", ROOT_ODD },
        { "/srv/work", "/srv/work", ROOT_ODD },
        { "", "/srv/work", ROOT_ODD },
};

Test(uri, roots_are_inside_by_whole_segments)
{
        for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); ++i)
                cr_expect_eq(root_uri_within(str_from(roots[i].uri), str_from(roots[i].dir)), roots[i].match,
                        "%s in %s", roots[i].uri, roots[i].dir);
}

Test(uri, root_directories_have_a_normal_form)
{
        static const char *const bad[] = { "", "srv", "/srv/", "//srv", "/srv//x", "/srv/.", "/srv/../x", "/srv/\n" };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); ++i)
                cr_expect(!root_dir_is_normal(str_from(bad[i])), "%s", bad[i]);
        cr_expect(root_dir_is_normal(STR("/")));
        cr_expect(root_dir_is_normal(STR("/srv/work.d/..x")));
}
