/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "command.h"
#include "environment.h"
#include "hidden.h"
#include "leaks.h"
#include "limit.h"
#include "session_id.h"

Test(session_id, is_a_ulid)
{
        static const uint8_t zeros[10] = { 0 };
        static const uint8_t ones[10] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };
        char id[SESSION_ID_LEN + 1], other[SESSION_ID_LEN + 1];

        session_id_encode(id, 0, zeros);
        cr_expect_str_eq(id, "00000000000000000000000000");
        session_id_encode(id, 0xFFFFFFFFFFFFULL, ones);
        cr_expect_str_eq(id, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
        session_id_encode(id, 1469918176385ULL, zeros);
        cr_expect_str_eq(id, "01ARYZ6S410000000000000000");
        cr_assert_eq(session_id_new(id, 5), 0);
        cr_assert_eq(session_id_new(other, 5), 0);
        cr_expect_str_neq(id, other);
}

static void make_file(const char *dir, const char *name, mode_t mode)
{
        char path[256];
        int fd;

        snprintf(path, sizeof(path), "%s/%s", dir, name);
        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, mode);
        cr_assert_geq(fd, 0);
        close(fd);
        cr_assert_eq(chmod(path, mode), 0);
}

static void remove_file(const char *directory, const char *name)
{
        char path[256];

        snprintf(path, sizeof(path), "%s/%s", directory, name);
        cr_expect_eq(unlink(path), 0);
}

Test(command, is_found_as_execvp_finds_it)
{
        char one[] = "/tmp/leastwise-path-one.XXXXXX", two[] = "/tmp/leastwise-path-two.XXXXXX";
        char path[256], found[256], *file = NULL;

        cr_assert(mkdtemp(one) && mkdtemp(two));
        make_file(one, "plain", 0600);
        make_file(two, "plain", 0700);
        make_file(one, "only-plain", 0600);
        snprintf(path, sizeof(path), "/nowhere::%s:%s", one, two);

        cr_assert_eq(command_resolve(&file, "plain", path), 0);
        snprintf(found, sizeof(found), "%s/plain", two);
        cr_expect_str_eq(file, found, "what cannot be executed is passed over");
        mem_free(file);
        cr_expect_eq(command_resolve(&file, "only-plain", path), -EACCES);
        cr_expect_eq(command_resolve(&file, "absent", path), -ENOENT);
        cr_expect_eq(command_resolve(&file, "", path), -ENOENT);
        cr_assert_eq(command_resolve(&file, "./absent", path), 0);
        cr_expect_str_eq(file, "./absent", "a name with a slash is left to execve()");
        mem_free(file);
        cr_assert_eq(command_resolve(&file, "sh", NULL), 0);
        mem_free(file);
        remove_file(one, "plain");
        remove_file(one, "only-plain");
        remove_file(two, "plain");
        cr_expect_eq(rmdir(one), 0);
        cr_expect_eq(rmdir(two), 0);
        CHECK_NO_LEAKS();
}

static size_t count(const struct environment *env)
{
        size_t n = 0;

        while (env->entries[n])
                n++;
        return n;
}

Test(environment, holds_what_it_must_and_nothing_else)
{
        const struct policy_pair plain[] = { { STR("LEVEL"), STR("warn") }, { STR("SHELL"), STR("/bin/other") } };
        const struct str inherit[] = { STR("LANG"), STR("NOT_SET"), STR("LEVEL") };
        const struct environment_secret secrets[] = { { STR("TOKEN"), STR("a=b c") } };
        const struct policy_launch policy = { .env = plain, .env_count = 2, .inherit = inherit, .inherit_count = 3 };
        struct buf why = BUF_INIT(1024);
        struct environment env;

        clearenv();
        setenv("HOME", "/home/h", 1);
        setenv("PATH", "/bin", 1);
        setenv("SHELL", "/bin/sh", 1);
        setenv("TERM", "() { :; }", 1);
        setenv("LANG", "C", 1);
        setenv("LEVEL", "debug", 1);
        setenv("AWS_SECRET_ACCESS_KEY", "x", 1);
        setenv("USER", "u", 1);
        cr_assert_eq(environment_build(&env, &policy, secrets, 1, &why), 0);
        cr_expect_str_eq(environment_get(&env, "HOME"), "/home/h");
        cr_expect_str_eq(environment_get(&env, "SHELL"), "/bin/other", "the policy's value wins");
        cr_expect_str_eq(environment_get(&env, "LEVEL"), "warn");
        cr_expect_str_eq(environment_get(&env, "LANG"), "C");
        cr_expect_str_eq(environment_get(&env, "TOKEN"), "a=b c");
        cr_expect_null(environment_get(&env, "TERM"), "a shell function");
        cr_expect_null(environment_get(&env, "AWS_SECRET_ACCESS_KEY"));
        cr_expect_null(environment_get(&env, "HOM"));
        cr_expect_not_null(environment_get(&env, "LOGNAME"), "from the password file");
        /* HOME PATH SHELL USER LOGNAME LANG LEVEL TOKEN */
        cr_expect_eq(count(&env), 8U);
        environment_wipe(&env);
        environment_wipe(&env);
        CHECK_NO_LEAKS();
}

Test(environment, credentials_stand_where_their_names_do)
{
        static const struct {
                const char *value, *becomes; /* NULL: refused */
        } rows[] = {
                { "postgres://app:{{DB_PASSWORD}}@db/{{DB_PASSWORD}}", "postgres://app:p{{TOKEN}}w@db/p{{TOKEN}}w" },
                { "{{TOKEN}}{{DB_PASSWORD}}", "a=b cp{{TOKEN}}w" },
                { "\\{{TOKEN}} \\\\{{X}}", "{{TOKEN}} \\{{X}}" },
                { "{{ TOKEN }} {{}} {{1}} {{TOKEN", "{{ TOKEN }} {{}} {{1}} {{TOKEN" },
                { "{{EMPTY}}", "" },
                { "{{UNKNOWN}}", NULL },
                { "{{TOKEN}}{{TOKEN_2}}", NULL },
        };
        const struct environment_secret secrets[] = {
                { STR("TOKEN"), STR("a=b c") }, { STR("DB_PASSWORD"), STR("p{{TOKEN}}w") }, { STR("EMPTY"), STR("") }
        };
        const struct str inherit[] = { STR("FROM_CLIENT") };

        for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
                const char *value = rows[i / 2].value, *becomes = rows[i / 2].becomes;
                const struct policy_pair plain[] = { { STR("FROM_POLICY"), str_from(value) } };
                const bool own = i % 2;
                const struct policy_launch policy = {
                        .env = plain, .env_count = !own, .inherit = inherit, .inherit_count = own
                };
                struct buf why = BUF_INIT(1024);
                struct environment env;
                int r;

                setenv("FROM_CLIENT", value, 1);
                setenv("HOME", "{{TOKEN}}", 1);
                r = environment_build(&env, &policy, secrets, 3, &why);
                cr_expect_eq(r, becomes ? 0 : -ENOENT, "%s", value);
                if (becomes) {
                        cr_expect_str_eq(environment_get(&env, own ? "FROM_CLIENT" : "FROM_POLICY"), becomes, "%s", value);
                        cr_expect_str_eq(environment_get(&env, "DB_PASSWORD"), "p{{TOKEN}}w", "a value is not looked through");
                        cr_expect_str_eq(environment_get(&env, "HOME"), "{{TOKEN}}", "nor is what every server gets");
                } else {
                        cr_expect_not_null(memmem(why.data, why.len, own ? "FROM_CLIENT" : "FROM_POLICY", 11), "%s", value);
                        cr_expect_null(memmem(why.data, why.len, "a=b c", 5), "%s", value);
                }
                environment_wipe(&env);
                buf_deinit(&why);
        }
        CHECK_NO_LEAKS();
}

/* --- what is hidden of credentials --- */

static bool is_hidden(const struct hidden *h, const char *value)
{
        for (size_t i = 0; i < h->count; i++) {
                if (str_eq(h->list[i].value, str_from(value)))
                        return true;
        }
        return false;
}

Test(hidden, values_lines_and_what_they_are_part_of)
{
        static char key[] = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\r\nshort\n-----END KEY-----\n";
        static char token[] = "Bearer t0ken-t0ken", user[] = "al";
        const struct secret secrets[] = {
                { .value = key, .len = sizeof(key) - 1 }, { .value = token, .len = sizeof(token) - 1 }, { .value = user, .len = 2 }
        };
        const struct policy_credential credentials[] = {
                { .env_name = STR("KEY"), .as_file = true }, { .env_name = STR("TOKEN") }, { .env_name = STR("NAME") }
        };
        const struct policy_pair plain[] = {
                { STR("HEADER"), STR("Authorization: {{TOKEN}}") }, { STR("PLAIN"), STR("no secret") },
                { STR("PATH_OF_KEY"), STR("{{KEY}}") }, { STR("USER_OF_IT"), STR("user {{NAME}}") },
        };
        const struct str inherit[] = { STR("FROM_CLIENT"), STR("UNSET") };
        const struct policy_launch policy = { .env = plain, .env_count = 4, .inherit = inherit, .inherit_count = 2,
                .credentials = credentials, .credential_count = 3 };
        struct hidden h;

        setenv("FROM_CLIENT", "x:{{TOKEN}}", 1);
        unsetenv("UNSET");
        cr_assert_eq(hidden_collect(&h, &policy, secrets), 0);
        cr_expect(is_hidden(&h, "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\r\nshort\n-----END KEY-----"));
        cr_expect(is_hidden(&h, "MIIEvQIBADANBgkqhkiG9w0B"));
        cr_expect(is_hidden(&h, "Bearer t0ken-t0ken"));
        cr_expect(is_hidden(&h, "t0ken-t0ken"));
        cr_expect(is_hidden(&h, "Authorization: Bearer t0ken-t0ken"));
        cr_expect(is_hidden(&h, "x:Bearer t0ken-t0ken"));
        cr_expect_not(is_hidden(&h, "-----BEGIN KEY-----"), "everybody knows that line");
        cr_expect_not(is_hidden(&h, "al"));
        cr_expect_not(is_hidden(&h, "no secret"));
        hidden_deinit(&h);
        hidden_deinit(&h);
        CHECK_NO_LEAKS();
}

#define VALUE_BYTES 400

/* Of one credential, which is kept in @value; to be deinitialised. */
static struct hidden hidden_of(const char *text, bool as_file, char value[VALUE_BYTES])
{
        const struct policy_credential credential = { .env_name = STR("T"), .as_file = as_file };
        const struct policy_launch policy = { .credentials = &credential, .credential_count = 1 };
        const struct secret secret = { .value = value, .len = strlen(text) };
        struct hidden h;

        cr_assert_leq(secret.len, VALUE_BYTES);
        memcpy(value, text, secret.len);
        cr_assert_eq(hidden_collect(&h, &policy, &secret), 0);
        return h;
}

Test(hidden, what_a_server_reads_from_within_a_credential)
{
        static const struct {
                const char *value, *hidden, *shown; /* hidden, or not, alone */
        } rows[] = {
                { "{\"type\":\"service_account\",\"private_key\":\"-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0B\\n-----END PRIVATE "
                  "KEY-----\\n\",\"token_uri\":\"https://oauth2.example/token\"}",
                        "MIIEvQIBADANBgkqhkiG9w0B", "https://oauth2.example/token" },
                { "{\"type\":\"service_account\",\"private_key\":\"-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0B\\n-----END PRIVATE "
                  "KEY-----\\n\"}",
                        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END PRIVATE KEY-----\n", "service_account" },
                { "{\n  \"client_secret\" : \"a\\/b\\u0041\\\"cdefgh\",\n \"user\": \"somebody\"\n}", "a/bA\"cdefgh", "somebody" },
                { "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY\n",
                        "wJalrXUtnFEMI/K7MDENG/bPxRfiCY", "aws_secret_access_key" },
                { "machine git.example login somebody password hunterhunter\n", "hunterhunter", "somebody" },
                { "users:\n- name: me\n  user:\n    token: \"eyJhbGciOi.J9\"\n", "eyJhbGciOi.J9", "users:" },
                { "//registry.example/:_authToken=npm_0123456789abcdef\nx=1\n", "npm_0123456789abcdef", "//registry.example/" },
                { "somebody:ghp_0123456789abcdefghij", "ghp_0123456789abcdefghij", "somebody" },
                { "Server=db1.example;User Id=app;Password=hunterhunter;", "hunterhunter", "db1.example" },
                { "postgres://app:hunterhunter@db1.prod.example/app", "hunterhunter", "db1.prod.example/app" },
                { "postgres://app:hunter%40%2Fhunter@db/app?sslmode=require", "hunter@/hunter", "sslmode" },
                { "{\"url\":\"redis://:hunter%40hunter@cache/0\"}", "hunter@hunter", "redis://" },
                { "<server><password>hunterhunter</password></server>", "hunterhunter", "</server>" },
                /* Cut off, or none of these after all. */
                { "{\"password\":\"hunterhunter\\", "hunterhunter\\", "password" },
                { "{\"password\":\"hunterhunter\\u00", "{\"password\":\"hunterhunter\\u00", "password" },
                { "x://abcdefgh", "x://abcdefgh", "abcdefgh" },
                { "x://@abcdefgh", "x://@abcdefgh", "abcdefgh" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                char value[VALUE_BYTES];
                struct hidden h = hidden_of(rows[i].value, false, value);

                cr_expect(is_hidden(&h, rows[i].hidden), "row %zu: %s", i, rows[i].hidden);
                cr_expect_not(is_hidden(&h, rows[i].shown), "row %zu: %s", i, rows[i].shown);
                hidden_deinit(&h);
        }
        CHECK_NO_LEAKS();
}

/* Who reads a file or a variable, drops these. */
Test(hidden, without_what_stands_around_it)
{
        static const struct {
                const char *value, *hidden;
        } rows[] = {
                { "hunter21\r\n\r\n", "hunter21" },
                { "hunter21\r", "hunter21" },
                { " \thunter21 ", "hunter21" },
                { "\xEF\xBB\xBFhunter21\n", "hunter21" },
                { "\xEF\xBB\xBF{\"private_key\":\"-----BEGIN KEY-----\\nMIIEvQIBADANBgkqhkiG9w0B\\n\"}", "MIIEvQIBADANBgkqhkiG9w0B" },
                { "{\"password\":\"hunter21\\n\"}", "hunter21" },
                { "somewhere:\n    the-password-of-a-kind \n", "the-password-of-a-kind" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                char value[VALUE_BYTES];
                struct hidden h = hidden_of(rows[i].value, true, value);

                cr_expect(is_hidden(&h, rows[i].hidden), "row %zu: %s", i, rows[i].hidden);
                hidden_deinit(&h);
        }
        CHECK_NO_LEAKS();
}

Test(hidden, more_lines_than_any_key_has)
{
        const struct policy_credential credential = { .env_name = STR("KEY"), .as_file = true };
        const struct policy_launch policy = { .credentials = &credential, .credential_count = 1 };

        for (size_t over = 0; over < 2; over++) {
                /* The whole is one, too. */
                const size_t lines = LIMIT_HIDDEN_VALUES - 1 + over;
                char *text = calloc(lines, 17);
                struct secret secret = { .value = text, .len = lines * 17 };
                struct hidden h;

                for (size_t i = 0; i < lines; i++)
                        memcpy(text + 17 * i, "0123456789abcdef\n", 17);
                cr_expect_eq(hidden_collect(&h, &policy, &secret), over ? -E2BIG : 0);
                hidden_deinit(&h);
                free(text);
        }
        CHECK_NO_LEAKS();
}

static void *failing_resize(void *userdata, void *ptr, size_t size)
{
        int *left = userdata;

        return (*left)-- > 0 ? realloc(ptr, size) : NULL;
}

static void plain_release(void *userdata, void *ptr)
{
        free(ptr);
}

Test(environment, failing_allocations_are_survived)
{
        const struct str inherit[] = { STR("PATH") };
        const struct policy_launch policy = { .inherit = inherit, .inherit_count = 1 };
        int r = -ENOMEM;

        for (int n = 0; r != 0; n++) {
                int left = n;
                const struct allocator failing = { failing_resize, plain_release, &left };
                struct environment env;

                cr_assert_lt(n, 50);
                mem_set_allocator(&failing);
                r = environment_build(&env, &policy, NULL, 0, NULL);
                environment_wipe(&env);
                mem_set_allocator(NULL);
        }
        CHECK_NO_LEAKS();
}
