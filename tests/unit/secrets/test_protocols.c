/* SPDX-License-Identifier: Apache-2.0
 *
 * What programs print, as it was recorded from them (with other values), and in all the ways in which it can be wrong.
 */
#include "protocol.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <sodium.h>

#include "leaks.h"
#include "limit.h"

#define NEVER (-1)

struct row {
        const char *name;
        struct str output;
        const char *field;
        const char *value; /* NULL: refused */
        const char *why;   /* part of the reason */
        int64_t expires_s;
};

#define TEXT(literal) STR_INIT(literal)

static void check_row(enum secret_protocol protocol, const struct row *row)
{
        struct buf scratch = BUF_INIT(LIMIT_CREDENTIAL_BYTES), why = BUF_INIT(4096);
        struct protocol_answer answer = { .expires_s = 4711 };
        int r;

        cr_assert_eq(buf_reserve(&scratch, row->output.len + 1), 0);
        r = protocol_read(protocol, row->output, str_from(row->field ? row->field : ""), &scratch, &answer, &why);
        cr_expect_eq(r == 0, row->value != NULL, "%s: %d %.*s", row->name, r, STR_FMT(buf_str(&why)));
        if (r == 0 && row->value) {
                cr_expect(str_eq(answer.value, str_from(row->value)), "%s: %.*s", row->name, STR_FMT(answer.value));
                cr_expect_eq(answer.expires, row->expires_s != NEVER, "%s", row->name);
                if (answer.expires)
                        cr_expect_eq(answer.expires_s, row->expires_s, "%s", row->name);
                cr_expect_eq(why.len, 0U, "%s", row->name);
        } else {
                cr_expect_eq(answer.expires_s, 4711, "%s: nothing is set", row->name);
                cr_expect_null(answer.value.ptr, "%s: nothing is set", row->name);
                buf_append_char(&why, '\0');
                cr_expect_not_null(strstr(why.data, row->why), "%s: %s", row->name, why.data);
                cr_expect_null(strstr(why.data, "s3cr3t"), "%s: no value in a reason: %s", row->name, why.data);
        }
        buf_deinit(&scratch);
        buf_deinit(&why);
}

static void check_rows(enum secret_protocol protocol, const struct row *rows, size_t count)
{
        cr_assert_geq(sodium_init(), 0);
        for (size_t i = 0; i < count; i++)
                check_row(protocol, &rows[i]);
        CHECK_NO_LEAKS();
}

/* Every proper prefix of what is good is refused: output that was cut short gives nothing. */
static void check_prefixes(enum secret_protocol protocol, struct str good, const char *field)
{
        size_t end = good.len;

        while (end && (good.ptr[end - 1] == '\n' || good.ptr[end - 1] == ' '))
                end--;
        for (size_t len = 0; len < end; len++) {
                struct buf scratch = BUF_INIT(LIMIT_CREDENTIAL_BYTES), why = BUF_INIT(4096);
                struct protocol_answer answer;

                cr_assert_eq(buf_reserve(&scratch, good.len + 1), 0);
                cr_expect_lt(protocol_read(protocol, str_of(good.ptr, len), str_from(field), &scratch, &answer, &why), 0,
                        "%s: %zu bytes", protocol_name(protocol), len);
                buf_deinit(&scratch);
                buf_deinit(&why);
        }
}

/* What any protocol that prints JSON refuses. */
static void check_no_json(enum secret_protocol protocol, const char *field)
{
        static const struct row rows[] = {
                { "nothing", TEXT(""), NULL, NULL, "it is no JSON", 0 },
                { "white space", TEXT(" \n"), NULL, NULL, "it is no JSON", 0 },
                { "a word", TEXT("s3cr3t\n"), NULL, NULL, "it is no JSON", 0 },
                { "a text", TEXT("\"s3cr3t\""), NULL, NULL, "it is no JSON object", 0 },
                { "a list", TEXT("[\"s3cr3t\"]"), NULL, NULL, "it is no JSON object", 0 },
                { "null", TEXT("null"), NULL, NULL, "it is no JSON object", 0 },
                { "a BOM", TEXT("\xEF\xBB\xBF{}"), NULL, NULL, "it is no JSON", 0 },
                { "two values", TEXT("{}{}"), NULL, NULL, "it is no JSON", 0 },
                { "a line in front", TEXT("Enter password:\n{}"), NULL, NULL, "it is no JSON", 0 },
                { "NUL behind", TEXT("{}\0"), NULL, NULL, "it is no JSON", 0 },
                { "a comment", TEXT("{} // s3cr3t"), NULL, NULL, "it is no JSON", 0 },
                { "single quotes", TEXT("{'s3cr3t': 1}"), NULL, NULL, "it is no JSON", 0 },
                { "latin-1", TEXT("{\"a\":\"\xE9\"}"), NULL, NULL, "it is no JSON", 0 },
                { "a lone surrogate", TEXT("{\"a\":\"\\ud800\"}"), NULL, NULL, "it is no JSON", 0 },
                { "a raw newline in a text", TEXT("{\"a\":\"b\nc\"}"), NULL, NULL, "it is no JSON", 0 },
                { "a member twice", TEXT("{\"a\":1,\"\\u0061\":2}"), NULL, NULL, "two members of the same name", 0 },
                { "an object with nothing", TEXT("{}"), NULL, NULL, "i", 0 },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct row row = rows[i];

                row.field = field;
                check_row(protocol, &row);
        }
}

Test(protocols, plain)
{
        static const struct row rows[] = {
                { "a line", TEXT("s3cr3t-value\n"), NULL, "s3cr3t-value", NULL, NEVER },
                { "no newline", TEXT("s3cr3t-value"), NULL, "s3cr3t-value", NULL, NEVER },
                { "the first of several", TEXT("s3cr3t-value\nuser: me\n"), NULL, "s3cr3t-value", NULL, NEVER },
                { "nothing", TEXT(""), NULL, "", NULL, NEVER },
        };

        check_rows(PROTOCOL_PLAIN, rows, sizeof(rows) / sizeof(rows[0]));
}

#define AWS_GOOD                                                                                                        \
        "{\"Version\": 1, \"AccessKeyId\": \"ASIAEXAMPLE1\", \"SecretAccessKey\": \"s3cr3t/key+1\", \"SessionToken\": " \
        "\"s3cr3t-token\", \"Expiration\": \"2026-11-20T14:00:00+00:00\"}\n"

Test(protocols, aws)
{
        static const struct row rows[] = {
                { "key id", TEXT(AWS_GOOD), "AccessKeyId", "ASIAEXAMPLE1", NULL, 1795183200 },
                { "secret", TEXT(AWS_GOOD), "SecretAccessKey", "s3cr3t/key+1", NULL, 1795183200 },
                { "token", TEXT(AWS_GOOD), "SessionToken", "s3cr3t-token", NULL, 1795183200 },
                { "for good", TEXT("{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s3cr3t\"}"), "SecretAccessKey",
                        "s3cr3t", NULL, NEVER },
                { "members that nobody knows", TEXT("{\"Version\":1,\"AccountId\":\"1\",\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\"}"),
                        "SecretAccessKey", "s", NULL, NEVER },
                { "escapes", TEXT("{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"a\\/b\\u0041\"}"), "SecretAccessKey", "a/bA",
                        NULL, NEVER },
                { "null where nothing must be", TEXT("{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\",\"SessionToken\":null,\"Expiration\":null}"),
                        "SecretAccessKey", "s", NULL, NEVER },
                { "no token there", TEXT("{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s3cr3t\"}"), "SessionToken", NULL,
                        "it has no \"SessionToken\"", 0 },
                { "version 2", TEXT("{\"Version\":2,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s3cr3t\"}"), "SecretAccessKey", NULL,
                        "\"Version\" is not 1", 0 },
                { "version as text", TEXT("{\"Version\":\"1\",\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s3cr3t\"}"), "SecretAccessKey",
                        NULL, "\"Version\" is not 1", 0 },
                { "version 1.0", TEXT("{\"Version\":1.0,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s3cr3t\"}"), "SecretAccessKey", NULL,
                        "\"Version\" is not 1", 0 },
                { "no version", TEXT("{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s3cr3t\"}"), "SecretAccessKey", NULL,
                        "\"Version\" is not 1", 0 },
                { "no key id", TEXT("{\"Version\":1,\"SecretAccessKey\":\"s3cr3t\"}"), "SecretAccessKey", NULL,
                        "it has no \"AccessKeyId\"", 0 },
                { "null as secret", TEXT("{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":null}"), "AccessKeyId", NULL,
                        "it has no \"SecretAccessKey\"", 0 },
                { "a number as secret", TEXT("{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":12345678}"), "SecretAccessKey",
                        NULL, "\"SecretAccessKey\" is no text", 0 },
                { "a list as token", TEXT("{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\",\"SessionToken\":[\"s3cr3t\"]}"),
                        "SecretAccessKey", NULL, "\"SessionToken\" is no text", 0 },
                { "another case", TEXT("{\"version\":1,\"accessKeyId\":\"A\",\"secretAccessKey\":\"s3cr3t\"}"), "SecretAccessKey", NULL,
                        "\"Version\" is not 1", 0 },
                { "secret twice", TEXT("{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s3cr3t\",\"SecretAccessKey\":\"t\"}"),
                        "SecretAccessKey", NULL, "two members", 0 },
                { "expiry as number", TEXT("{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\",\"Expiration\":1795183200}"),
                        "SecretAccessKey", NULL, "\"Expiration\" is no text", 0 },
                { "expiry garbage", TEXT("{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\",\"Expiration\":\"soon\"}"),
                        "SecretAccessKey", NULL, "no time as RFC 3339", 0 },
                { "a day that is not", TEXT("{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\",\"Expiration\":\"2026-02-29T00:00:00Z\"}"),
                        "SecretAccessKey", NULL, "no time as RFC 3339", 0 },
                { "a leap second", TEXT("{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\",\"Expiration\":\"2016-12-31T23:59:60Z\"}"),
                        "SecretAccessKey", "s", NULL, 1483228800 },
                { "no offset", TEXT("{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\",\"Expiration\":\"2026-11-20T14:00:00\"}"),
                        "SecretAccessKey", NULL, "no time as RFC 3339", 0 },
        };

        check_rows(PROTOCOL_AWS, rows, sizeof(rows) / sizeof(rows[0]));
        check_prefixes(PROTOCOL_AWS, STR(AWS_GOOD), "SecretAccessKey");
        check_no_json(PROTOCOL_AWS, "SecretAccessKey");
}

#define KUBE_HEAD "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/"
#define KUBE_GOOD                                                                                                           \
        KUBE_HEAD "v1beta1\",\"spec\":{\"interactive\":false},\"status\":{\"expirationTimestamp\":\"2026-11-20T14:00:00Z\"," \
                  "\"token\":\"k8s-aws-v1.s3cr3t\"}}\n"

Test(protocols, exec_credential)
{
        static const struct row rows[] = {
                { "token", TEXT(KUBE_GOOD), "token", "k8s-aws-v1.s3cr3t", NULL, 1795183200 },
                { "v1, for good", TEXT(KUBE_HEAD "v1\",\"status\":{\"token\":\"s3cr3t-1\"}}"), "token", "s3cr3t-1", NULL, NEVER },
                { "a certificate", TEXT(KUBE_HEAD "v1\",\"status\":{\"clientCertificateData\":\"-----BEGIN\\ncert\",\"clientKeyData\":\"-----BEGIN\\nkey\"}}"),
                        "clientKeyData", "-----BEGIN\nkey", NULL, NEVER },
                { "no token there", TEXT(KUBE_HEAD "v1\",\"status\":{\"clientCertificateData\":\"c\",\"clientKeyData\":\"s3cr3t\"}}"),
                        "token", NULL, "it has no \"token\"", 0 },
                { "a key without its certificate", TEXT(KUBE_HEAD "v1\",\"status\":{\"clientKeyData\":\"s3cr3t\",\"token\":\"t\"}}"), "token",
                        NULL, "without the other", 0 },
                { "v2", TEXT(KUBE_HEAD "v2\",\"status\":{\"token\":\"s3cr3t\"}}"), "token", NULL, "\"apiVersion\"", 0 },
                { "no version", TEXT("{\"kind\":\"ExecCredential\",\"status\":{\"token\":\"s3cr3t\"}}"), "token", NULL, "\"apiVersion\"", 0 },
                { "another kind", TEXT("{\"kind\":\"TokenReview\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"s3cr3t\"}}"),
                        "token", NULL, "\"kind\" is not", 0 },
                { "no status", TEXT(KUBE_HEAD "v1\"}"), "token", NULL, "no \"status\"", 0 },
                { "status null", TEXT(KUBE_HEAD "v1\",\"status\":null}"), "token", NULL, "no \"status\"", 0 },
                { "status a text", TEXT(KUBE_HEAD "v1\",\"status\":\"s3cr3t\"}"), "token", NULL, "no \"status\"", 0 },
                { "token a number", TEXT(KUBE_HEAD "v1\",\"status\":{\"token\":12345678}}"), "token", NULL, "\"token\" is no text", 0 },
                { "token beside the status", TEXT(KUBE_HEAD "v1\",\"token\":\"s3cr3t\",\"status\":{}}"), "token", NULL,
                        "it has no \"token\"", 0 },
                { "expiry garbage", TEXT(KUBE_HEAD "v1\",\"status\":{\"token\":\"s3cr3t\",\"expirationTimestamp\":\"\"}}"), "token", NULL,
                        "no time as RFC 3339", 0 },
                { "token twice", TEXT(KUBE_HEAD "v1\",\"status\":{\"token\":\"s3cr3t\",\"token\":\"t\"}}"), "token", NULL, "two members", 0 },
        };

        check_rows(PROTOCOL_EXEC_CREDENTIAL, rows, sizeof(rows) / sizeof(rows[0]));
        check_prefixes(PROTOCOL_EXEC_CREDENTIAL, STR(KUBE_GOOD), "token");
        check_no_json(PROTOCOL_EXEC_CREDENTIAL, "token");
}

#define GIT_GOOD "protocol=https\nhost=github.com\nusername=alice\npassword=s3cr3t=with=equals\n"

Test(protocols, git)
{
        static const struct row rows[] = {
                { "password", TEXT(GIT_GOOD), "password", "s3cr3t=with=equals", NULL, NEVER },
                { "username", TEXT(GIT_GOOD), "username", "alice", NULL, NEVER },
                { "an empty line at the end", TEXT("username=a\npassword=s3cr3t\n\n"), "password", "s3cr3t", NULL, NEVER },
                { "what a manager says besides", TEXT("password=s3cr3t\npassword_expiry_utc=1795183200\noauth_refresh_token=r\nwwwauth[]=a\nwwwauth[]=b\n"),
                        "password", "s3cr3t", NULL, 1795183200 },
                { "an empty password", TEXT("password=\n"), "password", "", NULL, NEVER },
                { "nothing", TEXT(""), "password", NULL, "no password", 0 },
                { "only the end", TEXT("\n"), "password", NULL, "no password", 0 },
                { "no password", TEXT("protocol=https\nusername=alice\n"), "username", NULL, "no password", 0 },
                { "no user", TEXT("password=s3cr3t\n"), "username", NULL, "it has no \"username\"", 0 },
                { "not ended", TEXT("username=a\npassword=s3cr3t"), "password", NULL, "not ended", 0 },
                { "carriage returns", TEXT("password=s3cr3t\r\n"), "password", NULL, "carriage return", 0 },
                { "NUL", TEXT("password=s3cr3t\0more\n"), "password", NULL, "NUL", 0 },
                { "a BOM", TEXT("\xEF\xBB\xBFpassword=s3cr3t\n"), "password", NULL, "no password", 0 },
                { "a line that is none", TEXT("password=s3cr3t\ns3cr3t\n"), "password", NULL, "no key=value", 0 },
                { "no key", TEXT("=s3cr3t\n"), "password", NULL, "no key=value", 0 },
                { "a question", TEXT("Password for 'https://github.com': "), "password", NULL, "not ended", 0 },
                { "password twice", TEXT("password=s3cr3t\npassword=s3cr3t2\n"), "password", NULL, "\"password\" twice", 0 },
                { "behind the end", TEXT("password=s3cr3t\n\nusername=b\n"), "password", NULL, "goes on behind its end", 0 },
                { "quit", TEXT("password=s3cr3t\nquit=1\n"), "password", NULL, "quit", 0 },
                { "another case", TEXT("Password=s3cr3t\n"), "password", NULL, "no password", 0 },
                { "expiry garbage", TEXT("password=s3cr3t\npassword_expiry_utc=soon\n"), "password", NULL, "no number of seconds", 0 },
                { "expiry negative", TEXT("password=s3cr3t\npassword_expiry_utc=-1\n"), "password", NULL, "no number of seconds", 0 },
                { "expiry too large", TEXT("password=s3cr3t\npassword_expiry_utc=99999999999999999999\n"), "password", NULL,
                        "no number of seconds", 0 },
                { "expiry empty", TEXT("password=s3cr3t\npassword_expiry_utc=\n"), "password", NULL, "no number of seconds", 0 },
        };

        check_rows(PROTOCOL_GIT, rows, sizeof(rows) / sizeof(rows[0]));
        check_prefixes(PROTOCOL_GIT, STR(GIT_GOOD), "password");
}

#define DOCKER_GOOD "{\"ServerURL\":\"https://index.docker.io/v1/\",\"Username\":\"david\",\"Secret\":\"s3cr3t-1\"}\n"

Test(protocols, docker)
{
        static const struct row rows[] = {
                { "secret", TEXT(DOCKER_GOOD), "Secret", "s3cr3t-1", NULL, NEVER },
                { "user", TEXT(DOCKER_GOOD), "Username", "david", NULL, NEVER },
                { "an identity token", TEXT("{\"Username\":\"<token>\",\"Secret\":\"s3cr3t-2\"}"), "Secret", "s3cr3t-2", NULL, NEVER },
                { "not found", TEXT("credentials not found in native keychain\n"), "Secret", NULL, "it is no JSON", 0 },
                { "no user", TEXT("{\"Secret\":\"s3cr3t\"}"), "Secret", NULL, "it has no \"Username\"", 0 },
                { "no secret", TEXT("{\"Username\":\"david\"}"), "Username", NULL, "it has no \"Secret\"", 0 },
                { "small letters", TEXT("{\"username\":\"david\",\"secret\":\"s3cr3t\"}"), "Secret", NULL, "it has no \"Username\"", 0 },
                { "a number", TEXT("{\"Username\":\"david\",\"Secret\":12345678}"), "Secret", NULL, "\"Secret\" is no text", 0 },
                { "an object", TEXT("{\"Username\":{},\"Secret\":\"s3cr3t\"}"), "Secret", NULL, "\"Username\" is no text", 0 },
                { "URL a number", TEXT("{\"ServerURL\":1,\"Username\":\"d\",\"Secret\":\"s3cr3t\"}"), "Secret", NULL,
                        "\"ServerURL\" is no text", 0 },
                { "the URL is not for the taking", TEXT(DOCKER_GOOD), "ServerURL", NULL, "it has no \"ServerURL\"", 0 },
        };

        check_rows(PROTOCOL_DOCKER, rows, sizeof(rows) / sizeof(rows[0]));
        check_prefixes(PROTOCOL_DOCKER, STR(DOCKER_GOOD), "Secret");
        check_no_json(PROTOCOL_DOCKER, "Secret");
}

#define GOOGLE_HEAD "{\"version\":1,\"success\":true,\"token_type\":\"urn:ietf:params:oauth:token-type:"
#define GOOGLE_GOOD GOOGLE_HEAD "id_token\",\"id_token\":\"eyJ.s3cr3t.x\",\"expiration_time\":1795183200}\n"

Test(protocols, google)
{
        static const struct row rows[] = {
                { "id_token", TEXT(GOOGLE_GOOD), "token", "eyJ.s3cr3t.x", NULL, 1795183200 },
                { "jwt", TEXT(GOOGLE_HEAD "jwt\",\"id_token\":\"s3cr3t-j\"}"), "token", "s3cr3t-j", NULL, NEVER },
                { "saml", TEXT(GOOGLE_HEAD "saml2\",\"saml_response\":\"s3cr3t-s\",\"expiration_time\":1}"), "token", "s3cr3t-s", NULL, 1 },
                { "refused", TEXT("{\"version\":1,\"success\":false,\"code\":\"401\",\"message\":\"s3cr3t is not authorized\"}"), "token", NULL,
                        "no success", 0 },
                { "version 2", TEXT("{\"version\":2,\"success\":true}"), "token", NULL, "\"version\" is not 1", 0 },
                { "success as text", TEXT("{\"version\":1,\"success\":\"true\"}"), "token", NULL, "neither true nor false", 0 },
                { "no success", TEXT("{\"version\":1,\"token_type\":\"urn:ietf:params:oauth:token-type:jwt\",\"id_token\":\"s3cr3t\"}"), "token",
                        NULL, "neither true nor false", 0 },
                { "no type", TEXT("{\"version\":1,\"success\":true,\"id_token\":\"s3cr3t\"}"), "token", NULL, "\"token_type\"", 0 },
                { "another type", TEXT(GOOGLE_HEAD "access_token\",\"access_token\":\"s3cr3t\"}"), "token", NULL, "\"token_type\"", 0 },
                { "the other token", TEXT(GOOGLE_HEAD "saml2\",\"id_token\":\"s3cr3t\"}"), "token", NULL, "no \"saml_response\"", 0 },
                { "a number", TEXT(GOOGLE_HEAD "jwt\",\"id_token\":12345678}"), "token", NULL, "\"id_token\" is no text", 0 },
                { "expiry as text", TEXT(GOOGLE_HEAD "jwt\",\"id_token\":\"s3cr3t\",\"expiration_time\":\"1795183200\"}"), "token", NULL,
                        "no number of seconds", 0 },
                { "expiry with a fraction", TEXT(GOOGLE_HEAD "jwt\",\"id_token\":\"s3cr3t\",\"expiration_time\":1795183200.5}"), "token", NULL,
                        "no number of seconds", 0 },
                { "expiry negative", TEXT(GOOGLE_HEAD "jwt\",\"id_token\":\"s3cr3t\",\"expiration_time\":-1}"), "token", NULL,
                        "no number of seconds", 0 },
                { "expiry huge", TEXT(GOOGLE_HEAD "jwt\",\"id_token\":\"s3cr3t\",\"expiration_time\":1e300}"), "token", NULL,
                        "no number of seconds", 0 },
                { "another field", TEXT(GOOGLE_GOOD), "id_token", NULL, "it has no \"id_token\"", 0 },
        };

        check_rows(PROTOCOL_GOOGLE, rows, sizeof(rows) / sizeof(rows[0]));
        check_prefixes(PROTOCOL_GOOGLE, STR(GOOGLE_GOOD), "token");
        check_no_json(PROTOCOL_GOOGLE, "token");
}

#define BAZEL_GOOD "{\"headers\":{\"Authorization\":[\"Bearer s3cr3t-b\"],\"X-Other\":[\"s3cr3t-o\"]},\"expires\":\"2026-11-20T14:00:00Z\"}\n"

Test(protocols, bazel)
{
        static const struct row rows[] = {
                { "token", TEXT(BAZEL_GOOD), "token", "s3cr3t-b", NULL, 1795183200 },
                { "the whole header", TEXT(BAZEL_GOOD), "authorization", "Bearer s3cr3t-b", NULL, 1795183200 },
                { "another header", TEXT(BAZEL_GOOD), "x-other", "s3cr3t-o", NULL, 1795183200 },
                { "for good", TEXT("{\"headers\":{\"authorization\":[\"Basic s3cr3t\"]}}"), "token", "s3cr3t", NULL, NEVER },
                { "no headers", TEXT("{\"expires\":\"2026-11-20T14:00:00Z\"}"), "token", NULL, "no \"headers\"", 0 },
                { "headers a list", TEXT("{\"headers\":[\"Authorization: s3cr3t\"]}"), "token", NULL, "no \"headers\"", 0 },
                { "none of that name", TEXT("{\"headers\":{}}"), "token", NULL, "no header \"Authorization\"", 0 },
                { "a text for a list", TEXT("{\"headers\":{\"Authorization\":\"Bearer s3cr3t\"}}"), "token", NULL, "no list of one text", 0 },
                { "an empty list", TEXT("{\"headers\":{\"Authorization\":[]}}"), "token", NULL, "no list of one text", 0 },
                { "two values", TEXT("{\"headers\":{\"Authorization\":[\"Bearer s3cr3t\",\"Basic s3cr3t\"]}}"), "token", NULL,
                        "no list of one text", 0 },
                { "a number", TEXT("{\"headers\":{\"Authorization\":[12345678]}}"), "token", NULL, "no list of one text", 0 },
                { "the same header twice", TEXT("{\"headers\":{\"Authorization\":[\"Bearer s3cr3t\"],\"authorization\":[\"Bearer t\"]}}"), "token",
                        NULL, "twice", 0 },
                { "no scheme", TEXT("{\"headers\":{\"Authorization\":[\"s3cr3t\"]}}"), "token", NULL, "no token behind a scheme", 0 },
                { "nothing behind it", TEXT("{\"headers\":{\"Authorization\":[\"Bearer \"]}}"), "token", NULL, "no token behind a scheme", 0 },
                { "expiry garbage", TEXT("{\"headers\":{\"Authorization\":[\"Bearer s3cr3t\"]},\"expires\":\"1h\"}"), "token", NULL,
                        "no time as RFC 3339", 0 },
        };

        check_rows(PROTOCOL_BAZEL, rows, sizeof(rows) / sizeof(rows[0]));
        check_prefixes(PROTOCOL_BAZEL, STR(BAZEL_GOOD), "token");
        check_no_json(PROTOCOL_BAZEL, "token");
}

/* As long as an answer may be, nested as deep as may be and deeper. */
Test(protocols, huge_answers)
{
        static const char *const fields[PROTOCOL_MAX_] = { "", "SecretAccessKey", "token", "password", "Secret", "token", "token" };

        cr_assert_geq(sodium_init(), 0);
        for (int protocol = 0; protocol < PROTOCOL_MAX_; protocol++) {
                for (int filling = 0; filling < 4; filling++) {
                        static char text[LIMIT_CREDENTIAL_BYTES];
                        struct buf scratch = BUF_INIT(LIMIT_CREDENTIAL_BYTES), why = BUF_INIT(4096);
                        struct protocol_answer answer = { .expires = false };
                        int r;

                        memset(text, "[{a\n"[filling], sizeof(text));
                        cr_assert_eq(buf_reserve(&scratch, sizeof(text)), 0);
                        r = protocol_read((enum secret_protocol)protocol, str_of(text, sizeof(text)), str_from(fields[protocol]), &scratch,
                                &answer, &why);
                        cr_expect_eq(r == 0, protocol == PROTOCOL_PLAIN, "%s", protocol_name((enum secret_protocol)protocol));
                        buf_deinit(&scratch);
                        buf_deinit(&why);
                }
        }
        CHECK_NO_LEAKS();
}

Test(protocols, what_they_are_asked)
{
        static const struct {
                enum secret_protocol protocol;
                const char *url, *input; /* NULL: refused */
        } rows[] = {
                { PROTOCOL_PLAIN, "", "" },
                { PROTOCOL_AWS, "", "" },
                { PROTOCOL_EXEC_CREDENTIAL, "", "" },
                { PROTOCOL_GOOGLE, "", "" },
                { PROTOCOL_GIT, "https://github.com", "protocol=https\nhost=github.com\n\n" },
                { PROTOCOL_GIT, "github.com", "protocol=https\nhost=github.com\n\n" },
                { PROTOCOL_GIT, "https://alice@git.example.org:8443/team/repo.git",
                        "protocol=https\nhost=git.example.org:8443\npath=team/repo.git\nusername=alice\n\n" },
                { PROTOCOL_GIT, "", NULL },
                { PROTOCOL_GIT, "https://", NULL },
                { PROTOCOL_GIT, "https:///path", NULL },
                { PROTOCOL_GIT, "://github.com", NULL },
                { PROTOCOL_GIT, "https://alice:s3cr3t@github.com", NULL },
                { PROTOCOL_GIT, "https://a@b@github.com", NULL },
                { PROTOCOL_GIT, "https://github.com\nhost=evil.example", NULL },
                { PROTOCOL_GIT, "https://github.com\r", NULL },
                { PROTOCOL_GIT, "https://git hub.com", NULL },
                { PROTOCOL_DOCKER, "https://index.docker.io/v1/", "https://index.docker.io/v1/\n" },
                { PROTOCOL_DOCKER, "ghcr.io", "ghcr.io\n" },
                { PROTOCOL_DOCKER, "", NULL },
                { PROTOCOL_DOCKER, "ghcr.io\nquay.io", NULL },
                { PROTOCOL_BAZEL, "https://cache.example.org/x?y=\"z\"", "{\"uri\":\"https://cache.example.org/x?y=\\\"z\\\"\"}" },
                { PROTOCOL_BAZEL, "", NULL },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct buf out = BUF_INIT(4096), why = BUF_INIT(4096);
                int r = protocol_input(rows[i].protocol, str_from(rows[i].url), &out, &why);

                cr_expect_eq(r == 0, rows[i].input != NULL, "row %zu: %d", i, r);
                if (rows[i].input)
                        cr_expect(str_eq(buf_str(&out), str_from(rows[i].input)), "row %zu: %.*s", i, STR_FMT(buf_str(&out)));
                else
                        cr_expect_gt(why.len, 0U, "row %zu", i);
                buf_append_char(&why, '\0');
                cr_expect_null(strstr(why.data, "s3cr3t"), "row %zu", i);
                buf_deinit(&out);
                buf_deinit(&why);
        }
        CHECK_NO_LEAKS();
}
