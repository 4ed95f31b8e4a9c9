/* SPDX-License-Identifier: Apache-2.0
 *
 * With OpenSSH's own ssh-keygen, for keys in files and for a security key (tests/support/software_key.c): what it signs we verify,
 * and what we verify it verifies too, with the same list of signers.
 */
#include "approvers.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "leaks.h"
#include "limit.h"
#include "some_card.h"
#include "statement.h"

#define NOW 1763638500000ULL /* 2025-11-20T11:35:00Z, while some_card() is open */
#define NAMESPACE "leastwise-approval"

/* --- a directory with keys --- */

static char folder[64];

static void write_file(const char *name, struct str text)
{
        FILE *file = fopen(name, "w");

        cr_assert(file);
        cr_assert_eq(fwrite(text.ptr, 1, text.len, file), text.len);
        cr_assert_eq(fclose(file), 0);
}

static void read_into(const char *name, struct buf *out)
{
        FILE *file = fopen(name, "r");
        char bytes[4096];
        size_t len;

        cr_assert(file, "%s", name);
        while ((len = fread(bytes, 1, sizeof(bytes), file)) > 0)
                cr_assert_eq(buf_append(out, bytes, len), 0);
        fclose(file);
}

/* With @input as stdin and `out` as stdout: the exit status. */
static int run(const char *input, const char *const *argv)
{
        static const char *const environment[] = { "PATH=/usr/local/bin:/usr/bin:/bin", "SSH_SK_PROVIDER=" SOFTWARE_KEY, NULL };
        posix_spawn_file_actions_t actions;
        int status;
        pid_t pid;

        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 1, "out", O_WRONLY | O_CREAT | O_TRUNC, 0600);
        posix_spawn_file_actions_addopen(&actions, 2, "err", O_WRONLY | O_CREAT | O_TRUNC, 0600);
        cr_assert_eq(posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)environment), 0,
                "%s: install openssh-client", argv[0]);
        posix_spawn_file_actions_destroy(&actions);
        cr_assert_eq(waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
#define RUN(input, ...) run(input, (const char *const[]){ __VA_ARGS__, NULL })

static void make_key(const char *name)
{
        cr_assert_eq(RUN("/dev/null", "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", name), 0);
}

static void make_device_key(const char *name, const char *application)
{
        char option[128];

        snprintf(option, sizeof(option), "application=%s", application);
        cr_assert_eq(RUN("/dev/null", "ssh-keygen", "-q", "-t", "ed25519-sk", "-w", SOFTWARE_KEY, "-O", option, "-N", "", "-C", name, "-f", name), 0);
}

static void set_up(void)
{
        snprintf(folder, sizeof(folder), "/tmp/leastwise-keygen-XXXXXX");
        cr_assert(mkdtemp(folder));
        cr_assert_eq(chdir(folder), 0);
        make_key("alice");
        make_key("alice2");
        make_key("bob");
        make_key("mallory");
        make_device_key("carol", "ssh:");
}

static void tear_down(void)
{
        cr_assert_eq(chdir("/"), 0);
        cr_assert_eq(RUN("/dev/null", "rm", "-rf", folder), 0);
}

static void append_signer(struct buf *list, const char *person, const char *options, const char *key)
{
        char path[64];

        snprintf(path, sizeof(path), "%s.pub", key);
        buf_printf(list, "%s %s ", person, options);
        read_into(path, list);
}

static struct approvers *approvers_of(const struct buf *list, const struct buf *revoked)
{
        AUTO_BUF struct buf message = BUF_INIT(1024);
        struct approvers_source source;
        struct approvers *approvers;
        uint32_t line;

        cr_assert_eq(signers_read(&source.signers, buf_str(list), STR(NAMESPACE), &message, &line), 0, "%.*s", STR_FMT(buf_str(&message)));
        cr_assert_eq(revoked_keys_read(&source.revoked, revoked ? buf_str(revoked) : STR(""), &message, &line), 0);
        cr_assert_eq(approvers_new(&approvers, &source, 1), 0);
        return approvers;
}

static struct approvers *usual_approvers(struct buf *list)
{
        append_signer(list, "alice@example.com", "namespaces=\"" NAMESPACE "\"", "alice");
        append_signer(list, "alice@example.com", "", "alice2");
        append_signer(list, "bob@example.com", "valid-after=\"20250101Z\",valid-before=\"20260101Z\"", "bob");
        append_signer(list, "carol@example.com", "", "carol");
        return approvers_of(list, NULL);
}

/* Has ssh-keygen sign the card's statement, which is left in the file `statement`, the signature in `out`. */
static void sign(const struct card *card, bool approve, const char *key, const char *name_space, const char *hash, struct buf *out)
{
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_STATEMENT_BYTES);
        char option[32];

        cr_assert_eq(statement_write(&text, card, approve), 0);
        write_file("statement", buf_str(&text));
        snprintf(option, sizeof(option), "hashalg=%s", hash);
        cr_assert_eq(RUN("statement", "ssh-keygen", "-q", "-Y", "sign", "-n", name_space, "-O", option, "-f", key), 0);
        buf_clear(out, LIMIT_SSHSIG_BYTES);
        read_into("out", out);
}

static struct str check_at(const struct approvers *approvers, const struct card *card, const struct buf *signature, uint64_t now_ms)
{
        struct approver approver;
        const char *why = NULL;
        int e = approver_check(approvers, card, true, buf_str(signature), now_ms, &approver, &why);

        cr_assert(e == 0 || e == -EPERM);
        return e == 0 ? approver.name : str_from(why);
}

static struct str check(const struct approvers *approvers, const struct card *card, const struct buf *signature)
{
        return check_at(approvers, card, signature, NOW);
}

#define EXPECT_BY(answer, name) \
        do { \
                const struct str answer_ = (answer); \
                cr_expect(str_eq(answer_, STR(name)), "%.*s", STR_FMT(answer_)); \
        } while (0)
#define EXPECT_WHY(answer, words) \
        do { \
                const struct str answer_ = (answer); \
                cr_expect(memmem(answer_.ptr, answer_.len, words, sizeof(words) - 1), "%.*s", STR_FMT(answer_)); \
        } while (0)

/* --- tests --- */

Test(ssh_keygen, good_signatures, .init = set_up, .fini = tear_down, .timeout = 60)
{
        AUTO_BUF struct buf list = BUF_INIT(65536), signature = BUF_INIT(LIMIT_SSHSIG_BYTES);
        struct approvers *approvers = usual_approvers(&list);
        static const struct {
                const char *key, *hash, *person;
        } rows[] = {
                { "alice", "sha512", "alice@example.com" }, { "alice", "sha256", "alice@example.com" },
                { "alice2", "sha512", "alice@example.com" }, { "bob", "sha512", "bob@example.com" },
                { "carol", "sha512", "carol@example.com" }, { "carol", "sha256", "carol@example.com" },
        };
        const struct card card = some_card();

        write_file("signers", buf_str(&list));
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                sign(&card, true, rows[i].key, NAMESPACE, rows[i].hash, &signature);
                cr_expect(str_eq(check(approvers, &card, &signature), str_from(rows[i].person)), "row %zu", i);
                /* And the other way about: the record's signature needs no leastwise to be verified. */
                write_file("signature", buf_str(&signature));
                cr_expect_eq(RUN("statement", "ssh-keygen", "-Y", "verify", "-f", "signers", "-I", rows[i].person, "-n", NAMESPACE, "-s",
                                     "signature", "-O", "verify-time=20251120113500Z"), 0, "row %zu", i);
        }
        approvers_unref(approvers);
        CHECK_NO_LEAKS();
}

Test(ssh_keygen, wrong_key_and_wrong_namespace, .init = set_up, .fini = tear_down, .timeout = 60)
{
        AUTO_BUF struct buf list = BUF_INIT(65536), signature = BUF_INIT(LIMIT_SSHSIG_BYTES);
        struct approvers *approvers = usual_approvers(&list);
        const struct card card = some_card();

        sign(&card, true, "mallory", NAMESPACE, "sha512", &signature);
        EXPECT_WHY(check(approvers, &card, &signature), "nobody on the list of approvers has this key");
        sign(&card, true, "bob", "file", "sha512", &signature);
        EXPECT_WHY(check(approvers, &card, &signature), "another purpose");
        sign(&card, true, "bob", "git", "sha512", &signature);
        EXPECT_WHY(check(approvers, &card, &signature), "another purpose");
        approvers_unref(approvers);
        CHECK_NO_LEAKS();
}

Test(ssh_keygen, expired_and_revoked, .init = set_up, .fini = tear_down, .timeout = 60)
{
        AUTO_BUF struct buf list = BUF_INIT(65536), revoked = BUF_INIT(65536), signature = BUF_INIT(LIMIT_SSHSIG_BYTES);
        struct approvers *approvers;
        const struct card card = some_card();

        append_signer(&list, "alice", "valid-before=\"20251120113459Z\"", "alice");
        append_signer(&list, "bob", "valid-after=\"20251120113501Z\"", "bob");
        append_signer(&list, "carol", "", "carol");
        read_into("carol.pub", &revoked);
        approvers = approvers_of(&list, &revoked);
        sign(&card, true, "alice", NAMESPACE, "sha512", &signature);
        EXPECT_WHY(check(approvers, &card, &signature), "not sign any more");
        EXPECT_BY(check_at(approvers, &card, &signature, NOW - 1001), "alice");
        sign(&card, true, "bob", NAMESPACE, "sha512", &signature);
        EXPECT_WHY(check(approvers, &card, &signature), "not sign yet");
        EXPECT_BY(check_at(approvers, &card, &signature, NOW + 1000), "bob");
        sign(&card, true, "carol", NAMESPACE, "sha512", &signature);
        EXPECT_WHY(check(approvers, &card, &signature), "has been revoked");
        approvers_unref(approvers);
        CHECK_NO_LEAKS();
}

Test(ssh_keygen, altered_and_replayed, .init = set_up, .fini = tear_down, .timeout = 60)
{
        AUTO_BUF struct buf list = BUF_INIT(65536), signature = BUF_INIT(LIMIT_SSHSIG_BYTES);
        struct approvers *approvers = usual_approvers(&list);
        const struct card card = some_card();
        struct card other = some_card();

        sign(&card, true, "alice", NAMESPACE, "sha512", &signature);
        EXPECT_BY(check(approvers, &card, &signature), "alice@example.com");
        /* Another call on a card of the same id. */
        other.digest[0] ^= 1;
        EXPECT_WHY(check(approvers, &other, &signature), "not one of this text");
        /* The identical call on a later card, and in another session. */
        other = some_card();
        memcpy(other.id, "222222", 6);
        EXPECT_WHY(check(approvers, &other, &signature), "not one of this text");
        other = some_card();
        other.session = STR("01JD0000000000000000000001");
        EXPECT_WHY(check(approvers, &other, &signature), "not one of this text");
        /* A card that showed something else. */
        other = some_card();
        other.say = STR("Delete branch scratch in acme/playground");
        EXPECT_WHY(check(approvers, &other, &signature), "not one of this text");
        /* Late. */
        EXPECT_WHY(check_at(approvers, &card, &signature, card.expires_ms), "has expired");
        /* A no for a yes. */
        sign(&card, false, "alice", NAMESPACE, "sha512", &signature);
        EXPECT_WHY(check(approvers, &card, &signature), "not one of this text");
        approvers_unref(approvers);
        CHECK_NO_LEAKS();
}

/* What `by: 2` counts is the name that comes out. */
Test(ssh_keygen, two_keys_of_one_person_are_one, .init = set_up, .fini = tear_down, .timeout = 60)
{
        AUTO_BUF struct buf list = BUF_INIT(65536), signature = BUF_INIT(LIMIT_SSHSIG_BYTES);
        struct approvers *approvers = usual_approvers(&list);
        const struct card card = some_card();

        sign(&card, true, "alice", NAMESPACE, "sha512", &signature);
        EXPECT_BY(check(approvers, &card, &signature), "alice@example.com");
        sign(&card, true, "alice2", NAMESPACE, "sha512", &signature);
        EXPECT_BY(check(approvers, &card, &signature), "alice@example.com");
        sign(&card, true, "bob", NAMESPACE, "sha512", &signature);
        EXPECT_BY(check(approvers, &card, &signature), "bob@example.com");
        cr_expect_eq(approvers_people(approvers), 3);
        approvers_unref(approvers);
        CHECK_NO_LEAKS();
}

Test(ssh_keygen, a_device_that_nobody_touched, .init = set_up, .fini = tear_down, .timeout = 60)
{
        AUTO_BUF struct buf list = BUF_INIT(65536), signature = BUF_INIT(LIMIT_SSHSIG_BYTES);
        struct approvers *approvers;
        const struct card card = some_card();

        make_device_key("dave", "ssh:untouched");
        append_signer(&list, "dave", "", "dave");
        approvers = approvers_of(&list, NULL);
        sign(&card, true, "dave", NAMESPACE, "sha512", &signature);
        EXPECT_WHY(check(approvers, &card, &signature), "was not touched");
        approvers_unref(approvers);
        CHECK_NO_LEAKS();
}
