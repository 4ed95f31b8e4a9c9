/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text through a recogniser: no crash, a reason exactly when it does not hold, and what holds has none of what the
 * recogniser's header promises to refuse.
 *
 * Input: a letter for the recogniser and the text.
 */
#include <stdint.h>
#include <stdlib.h>

#include "mail.h"
#include "path.h"
#include "url.h"

#define REQUIRE(condition) ((condition) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool has(struct str text, const char *what)
{
        return memmem(text.ptr, text.len, what, strlen(what)) != NULL;
}

static enum recognised fuzz_path(struct str text, const char **ret_why)
{
        static const struct str dirs[] = { STR_INIT("/srv/work"), STR_INIT("/d") };
        static const struct path_rule rule = { .dirs = dirs, .dir_count = 2, .cwd = STR_INIT("/srv/work/here") };
        enum recognised r = path_within(&rule, text, ret_why);

        if (r == RECOGNISED_HOLDS) {
                REQUIRE(!has(text, "/../") && !has(text, "\\") && !has(text, "%2e") && !has(text, "\n"));
                REQUIRE(!memchr(text.ptr, '\0', text.len) && text.ptr[0] != '~');
                REQUIRE(text.ptr[0] != '/' || has(text, "srv") || has(text, "/d"));
        }
        /* A directory that can stand in a rule holds itself, whatever it is. */
        if (path_dir_is_normal(text)) {
                const struct path_rule itself = { .dirs = &text, .dir_count = 1 };
                const char *why;

                REQUIRE(path_within(&itself, text, &why) == RECOGNISED_HOLDS);
        }
        return r;
}

static bool any_path(const void *userdata, struct str path)
{
        (void)userdata;
        REQUIRE(path.len && path.ptr[0] == '/' && !has(path, "/../") && !has(path, "//") && !has(path, "%2f"));
        return true;
}

static enum recognised fuzz_url(struct str text, const char **ret_why)
{
        static const struct str hosts[] = { STR_INIT("example.com"), STR_INIT("*.example.org"), STR_INIT("[::1]") };
        static const struct url_rule rule = {
                .hosts = hosts, .host_count = 3, .host_public = true, .path_matches = any_path
        };
        enum recognised r = url_allowed(&rule, text, ret_why);
        struct url_parts url;

        if (r == RECOGNISED_HOLDS) {
                REQUIRE(url_read(text, &url) == NULL);
                REQUIRE(has(text, "://") && !has(text, "\\") && !memchr(text.ptr, '\0', text.len));
                REQUIRE(url.host.text.ptr > text.ptr && url.host.text.ptr + url.host.text.len <= text.ptr + text.len);
                REQUIRE(!has(url.host.text, "@") && !has(url.host.text, "%") && !host_is_idn(&url.host));
                REQUIRE(url.port == 80 || url.port == 443);
        }
        return r;
}

static enum recognised fuzz_mail(struct str text, const char **ret_why)
{
        static const struct str domains[] = { STR_INIT("example.com"), STR_INIT("*.example.org") };
        static const struct mail_rule rule = { domains, 2 };
        enum recognised r = mail_to(&rule, text, ret_why);
        size_t ats = 0, commas = 0;

        for (size_t i = 0; i < text.len; i++) {
                ats += text.ptr[i] == '@';
                commas += text.ptr[i] == ',';
                if (r == RECOGNISED_HOLDS)
                        REQUIRE(text.ptr[i] >= ' ' && text.ptr[i] < 0x7F);
        }
        REQUIRE(r != RECOGNISED_HOLDS || ats == commas + 1);
        return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const struct {
                char letter;
                enum recognised (*fuzz)(struct str text, const char **ret_why);
        } kinds[] = { { 'p', fuzz_path }, { 'u', fuzz_url }, { 'm', fuzz_mail } };
        struct str text = size ? str_of((const char *)data + 1, size - 1) : str_of(NULL, 0);

        for (size_t i = 0; size && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
                const char *why = "untouched";

                if ((char)data[0] == kinds[i].letter)
                        REQUIRE((kinds[i].fuzz(text, &why) == RECOGNISED_HOLDS) == (why == NULL));
        }
        return 0;
}
