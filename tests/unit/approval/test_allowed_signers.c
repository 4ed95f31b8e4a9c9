/* SPDX-License-Identifier: Apache-2.0 */
#include "allowed_signers.h"

#include <errno.h>

#include "signing.h"

#define NAMESPACE STR("leastwise-approval")
#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICxs3XVuymeahKbcd0Aqcp3rZXdfEGOyHCV5myD57Lqg"

static int read_signers(struct signers *ret, struct str text, struct buf *message, uint32_t *ret_line)
{
        return signers_read(ret, text, NAMESPACE, message, ret_line);
}

Test(allowed_signers, a_list)
{
        static const char text[] = "# people\n"
                                   "\n"
                                   "alice@example.com " KEY " laptop of alice\n"
                                   "  \tbob,bob@example.com\tvalid-after=\"20260101Z\",valid-before=\"202703312359Z\"  " KEY "\r\n"
                                   "carol namespaces=\"git,leastwise-*\",valid-before=\"20280229010203Z\" " KEY "\n"
                                   "dave namespaces=\"git\" " KEY "\n"
                                   "erin namespaces=\"git\" ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ== old\n"
                                   "frank namespaces=\"leastwise-*,!leastwise-approval\" " KEY;
        static const struct {
                struct str names;
                uint64_t from_ms, until_ms;
                uint32_t line;
        } rows[] = {
                { STR_INIT("alice@example.com"), 0, SIGNERS_NO_END, 3 },
                { STR_INIT("bob,bob@example.com"), 1767225600000, 1806537540000, 4 },
                { STR_INIT("carol"), 0, 1835398923000, 5 },
        };
        AUTO_BUF struct buf message = BUF_INIT(1024);
        struct signers signers;
        uint32_t line;

        cr_assert_eq(read_signers(&signers, str_from(text), &message, &line), 0, "line %u: %.*s", line, STR_FMT(buf_str(&message)));
        cr_assert_eq(signers.count, sizeof(rows) / sizeof(rows[0]));
        for (size_t i = 0; i < signers.count; i++) {
                cr_expect(str_eq(signers.list[i].names, rows[i].names), "row %zu", i);
                cr_expect_eq(signers.list[i].from_ms, rows[i].from_ms, "row %zu", i);
                cr_expect_eq(signers.list[i].until_ms, rows[i].until_ms, "row %zu: %llu", i, (unsigned long long)signers.list[i].until_ms);
                cr_expect_eq(signers.list[i].line, rows[i].line, "row %zu", i);
        }
        cr_expect(signer_is_for(&signers.list[0], STR("anything")));
        cr_expect(signer_is_for(&signers.list[2], STR("leastwise-grant")));
        cr_expect_not(signer_is_for(&signers.list[2], STR("file")));
        signers_deinit(&signers);
        CHECK_NO_LEAKS();
}

Test(allowed_signers, what_is_wrong_says_what_to_do)
{
        static const struct {
                const char *text;
                uint32_t line;
                const char *message;
        } rows[] = {
                { "", 1, "lists nobody" },
                { "# only words\n\n", 2, "lists nobody" },
                { "alice namespaces=\"git\" " KEY "\n", 1, "lists nobody" },
                { "alice\n", 1, "a line is written" },
                { "alice " KEY "\nbob ssh-ed25519\n", 2, "damaged" },
                { "alice " KEY "\nbob ssh-ed25519 AAAA\n", 2, "damaged" },
                { "*@example.com " KEY "\n", 1, "a pattern is no person" },
                { "alice,!bob " KEY "\n", 1, "a pattern is no person" },
                { "alice,,bob " KEY "\n", 1, "a name is missing" },
                { "alice, " KEY "\n", 1, "a name is missing" },
                { "\"alice smith\" " KEY "\n", 1, "no quotes" },
                { "\xC3\xA4lice " KEY "\n", 1, "signs of ASCII" },
                { "alice cert-authority " KEY "\n", 1, "certificate authorities may not sign" },
                { "alice namespaces=\"*\",cert-authority " KEY "\n", 1, "certificate authorities may not sign" },
                { "alice namespaces=git " KEY "\n", 1, "name=\"value\"" },
                { "alice namespaces=\"\" " KEY "\n", 1, "names none" },
                { "alice namespaces=\"a\",namespaces=\"*\" " KEY "\n", 1, "twice" },
                { "alice namespaces=\"a\"valid-after=\"20260101Z\" " KEY "\n", 1, "comma" },
                { "alice namespaces=\"*\", " KEY "\n", 1, "comma" },
                { "alice namespaces=\"* " KEY "\n", 1, "no closing quote" },
                { "alice verify-required " KEY "\n", 1, "name=\"value\"" },
                { "alice no-such=\"x\" " KEY "\n", 1, "not known" },
                { "alice valid-before=\"20270331\" " KEY "\n", 1, "without the Z" },
                { "alice valid-before=\"2027033Z\" " KEY "\n", 1, "a date in UTC" },
                { "alice valid-before=\"20270229Z\" " KEY "\n", 1, "a date in UTC" },
                { "alice valid-before=\"20271301Z\" " KEY "\n", 1, "a date in UTC" },
                { "alice valid-before=\"20270100Z\" " KEY "\n", 1, "a date in UTC" },
                { "alice valid-before=\"2027010124Z\" " KEY "\n", 1, "a date in UTC" },
                { "alice valid-before=\"202701012460Z\" " KEY "\n", 1, "a date in UTC" },
                { "alice valid-after=\"19691231Z\" " KEY "\n", 1, "a date in UTC" },
                { "alice valid-after=\"20270101ZZ\" " KEY "\n", 1, "a date in UTC" },
                { "alice valid-after=\"\" " KEY "\n", 1, "a date in UTC" },
                { "alice ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==\n", 1, "ssh-keygen -t ed25519" },
                { "alice " KEY "\nbob \x1b[2J" KEY "\n", 2, "control character" },
                { "alice " KEY " a\rb\n", 1, "control character" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                AUTO_BUF struct buf message = BUF_INIT(1024);
                struct signers signers;
                uint32_t line = 0;

                cr_expect_eq(read_signers(&signers, str_from(rows[i].text), &message, &line), -EINVAL, "row %zu", i);
                signers_deinit(&signers);
                buf_append_char(&message, '\0');
                cr_expect(strstr(message.data, rows[i].message), "row %zu: %s", i, message.data);
                cr_expect_eq(line, rows[i].line, "row %zu: line %u", i, line);
        }
        CHECK_NO_LEAKS();
}

Test(allowed_signers, a_nul_ends_nothing)
{
        AUTO_BUF struct buf message = BUF_INIT(1024);
        struct signers signers;
        uint32_t line;

        cr_expect_eq(read_signers(&signers, STR("alice " KEY "\n\0bob " KEY "\n"), &message, &line), -EINVAL);
        cr_expect_eq(line, 2);
        signers_deinit(&signers);
        CHECK_NO_LEAKS();
}

static int read_many(struct str one, size_t lines, size_t name_bytes, size_t end, uint32_t *ret_line)
{
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_SIGNERS_BYTES + 4096), message = BUF_INIT(1024);
        struct signers signers;
        int e;

        for (size_t i = 0; i < name_bytes; i++)
                buf_append_char(&text, 'a');
        for (size_t i = 0; i < lines; i++)
                buf_append_str(&text, one);
        while (text.len < end)
                buf_append_char(&text, '\n');
        e = read_signers(&signers, buf_str(&text), &message, ret_line);
        signers_deinit(&signers);
        return e;
}

Test(allowed_signers, limits)
{
        uint32_t line;

        cr_expect_eq(read_many(STR("a " KEY "\n"), LIMIT_SIGNERS, 0, 0, &line), 0);
        cr_expect_eq(read_many(STR("a " KEY "\n"), LIMIT_SIGNERS + 1, 0, 0, &line), -EINVAL);
        cr_expect_eq(line, LIMIT_SIGNERS + 1);
        cr_expect_eq(read_many(STR(" " KEY "\n"), 1, LIMIT_SIGNER_NAME_BYTES, 0, &line), 0);
        cr_expect_eq(read_many(STR(" " KEY "\n"), 1, LIMIT_SIGNER_NAME_BYTES + 1, 0, &line), -EINVAL);
        cr_expect_eq(read_many(STR("a " KEY "\n"), 1, 0, LIMIT_SIGNERS_BYTES, &line), 0);
        cr_expect_eq(read_many(STR("a " KEY "\n"), 1, 0, LIMIT_SIGNERS_BYTES + 1, &line), -EINVAL);
        CHECK_NO_LEAKS();
}

Test(allowed_signers, revoked_keys_of_any_kind)
{
        AUTO_BUF struct buf message = BUF_INIT(1024);
        struct revoked_keys revoked;
        const char *why;
        struct ssh_key key;
        uint32_t line;

        cr_assert_eq(ssh_key_read_text(&key, STR("ssh-ed25519"), STR("AAAAC3NzaC1lZDI1NTE5AAAAICxs3XVuymeahKbcd0Aqcp3rZXdfEGOyHCV5myD57Lqg"), &why), 0);
        cr_assert_eq(revoked_keys_read(&revoked, STR("# gone\nssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ== old\n\n" KEY " lost\n"), &message, &line), 0);
        cr_expect_eq(revoked.count, 2);
        cr_expect(revoked_keys_has(&revoked, key.fingerprint));
        key.fingerprint[0] ^= 1;
        cr_expect_not(revoked_keys_has(&revoked, key.fingerprint));
        revoked_keys_deinit(&revoked);
        cr_assert_eq(revoked_keys_read(&revoked, STR(""), &message, &line), 0);
        cr_expect_not(revoked_keys_has(&revoked, key.fingerprint));
        revoked_keys_deinit(&revoked);
        CHECK_NO_LEAKS();
}

Test(allowed_signers, a_list_of_revoked_keys_that_cannot_be_read_revokes_nothing_in_silence)
{
        static const struct {
                struct str text;
                uint32_t line;
                const char *message;
        } rows[] = {
                { STR_INIT("SSHKRL\n\0\x00\x00\x00\x01"), 1, "key revocation list" },
                { STR_INIT("\nalice " KEY "\n"), 2, "no public key" },
                { STR_INIT("serial: 7\n"), 1, "no public key" },
                { STR_INIT("SHA256:NdKNgu9URwOy7BfTflRAikNL10ZK99f70JsSZE14Lp0\n"), 1, "no public key" },
                { STR_INIT(KEY "\nssh-ed25519 AAAA\n"), 2, "no public key" },
                { STR_INIT("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAICxs3XVuymeahKbcd0Aqcp3rZXdfEGOyHCV5myD57Lqg\n"), 1, "no public key" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                AUTO_BUF struct buf message = BUF_INIT(1024);
                struct revoked_keys revoked;
                uint32_t line = 0;

                cr_expect_eq(revoked_keys_read(&revoked, rows[i].text, &message, &line), -EINVAL, "row %zu", i);
                revoked_keys_deinit(&revoked);
                buf_append_char(&message, '\0');
                cr_expect(strstr(message.data, rows[i].message), "row %zu: %s", i, message.data);
                cr_expect_eq(line, rows[i].line, "row %zu: line %u", i, line);
        }
        CHECK_NO_LEAKS();
}
