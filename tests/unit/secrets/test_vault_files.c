/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "keyring.h"
#include "leaks.h"
#include "secrets.h"
#include "vault_file.h"
#include "vault_open.h"
#include "vault_seen.h"

/* A directory with a vault whose key is a file. */
struct place {
        char dir[64], vault[128], key[128], state[128];
        struct buf why;
};

static void put(const char *path, const void *bytes, size_t len, mode_t mode)
{
        int fd;

        unlink(path);
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
        cr_assert_geq(fd, 0, "%s", path);
        cr_assert_eq(write(fd, bytes, len), (ssize_t)len);
        cr_assert_eq(fchmod(fd, mode), 0);
        close(fd);
}

static const char *why(struct place *p)
{
        buf_append_char(&p->why, '\0');
        return p->why.data;
}

static void place_make(struct place *p)
{
        struct vault_header header = { .kind = VAULT_KEY_FILE, .generation = 1, .written_ms = 1 };
        struct vault_secret *secret;

        *p = (struct place){ .why = BUF_INIT(65536) };
        umask(077);
        strcpy(p->dir, "/tmp/vault-XXXXXX");
        cr_assert_not_null(mkdtemp(p->dir));
        snprintf(p->vault, sizeof(p->vault), "%s/vault", p->dir);
        snprintf(p->key, sizeof(p->key), "%s/key", p->dir);
        snprintf(p->state, sizeof(p->state), "%s/state", p->dir);
        cr_assert_eq(vault_key_file_make(p->key, &p->why), 0);
        secret = vault_secret_new();
        cr_assert_not_null(secret);
        cr_assert_eq(vault_key_of_file(secret, p->key, &p->why), 0, "%s", why(p));
        header.hint = str_from(p->key);
        randombytes_buf(header.id, sizeof(header.id));
        vault_derive(&secret->keys, &header, secret->key);
        cr_assert_eq(vault_create(p->vault, p->state, &header, secret, &p->why), 0, "%s", why(p));
        vault_secret_free(secret);
}

static void place_remove(struct place *p)
{
        char command[128];

        snprintf(command, sizeof(command), "rm -rf '%s'", p->dir);
        cr_expect_eq(system(command), 0);
        buf_deinit(&p->why);
}

static int settled(struct place *p, struct vault_opened *o)
{
        int r = vault_look(o, p->vault, &p->why);

        if (r == 0)
                r = vault_unlock_alone(o, &p->why);
        return r == 0 ? vault_settle(o, p->state, &p->why) : r;
}

static int add(void *userdata, struct vault_change *c, struct buf *reason)
{
        c->drafts[c->count++] = (struct vault_draft){ .name = str_from(userdata), .value = STR("value-of-it"), .created_ms = 5, .rotated_ms = 5 };
        return 0;
}

static int change(struct place *p, const char *name)
{
        struct vault_opened o = VAULT_OPENED_NONE;
        int r = settled(p, &o);

        if (r == 0)
                r = vault_change(&o, p->state, 1, add, (void *)(uintptr_t)name, 9, &p->why);
        vault_close(&o);
        return r;
}

static uint64_t generation(struct place *p)
{
        struct vault_opened o = VAULT_OPENED_NONE;
        uint64_t number;

        cr_assert_eq(settled(p, &o), 0, "%s", why(p));
        number = o.vault.header.generation;
        vault_close(&o);
        return number;
}

static void copy(const char *from, const char *to)
{
        char command[512];

        snprintf(command, sizeof(command), "cp -p '%s' '%s'", from, to);
        cr_assert_eq(system(command), 0);
}

static void expect_refused(struct place *p, int error, const char *reason)
{
        struct vault_opened o = VAULT_OPENED_NONE;

        buf_clear(&p->why, 65536);
        cr_expect_eq(settled(p, &o), error, "%s", reason);
        cr_expect_not_null(strstr(why(p), reason), "%s: %s", reason, p->why.data);
        cr_expect_not_null(strstr(p->why.data, p->dir), "it names the file: %s", p->why.data);
        vault_close(&o);
        buf_clear(&p->why, 65536);
}

Test(vault_files, changes_are_kept_and_counted)
{
        struct vault_opened o = VAULT_OPENED_NONE;
        struct place p;
        struct stat st;

        place_make(&p);
        cr_assert_eq(change(&p, "a/b"), 0, "%s", why(&p));
        cr_assert_eq(change(&p, "c"), 0, "%s", why(&p));
        cr_assert_eq(settled(&p, &o), 0, "%s", why(&p));
        cr_expect_eq(o.vault.count, 2);
        cr_expect_eq(o.vault.header.generation, 3);
        cr_expect_eq(o.vault.header.written_ms, 9);
        cr_assert_eq(stat(p.vault, &st), 0);
        cr_expect_eq(st.st_mode & 07777, 0600);
        cr_expect_eq(change(&p, "c"), -EINVAL, "a name twice is not written");
        cr_expect_eq(generation(&p), 3);
        vault_close(&o);
        place_remove(&p);
        CHECK_NO_LEAKS();
}

Test(vault_files, an_older_copy_is_noticed)
{
        struct vault_opened o = VAULT_OPENED_NONE;
        char older[160], newer[160];
        struct place p;

        place_make(&p);
        snprintf(older, sizeof(older), "%s/older", p.dir);
        snprintf(newer, sizeof(newer), "%s/newer", p.dir);
        cr_assert_eq(change(&p, "a"), 0);
        copy(p.vault, older);
        cr_assert_eq(change(&p, "b"), 0);
        copy(p.vault, newer);
        copy(older, p.vault);
        expect_refused(&p, -ESTALE, "is an older copy of itself (2 changes, 3 were seen)");
        cr_expect_eq(change(&p, "c"), -ESTALE, "nor is it changed");
        copy(newer, p.vault);
        cr_expect_eq(generation(&p), 3);

        copy(older, p.vault);
        cr_assert_eq(vault_look(&o, p.vault, &p.why), 0);
        cr_assert_eq(vault_seen_accept(p.state, &o.vault, &p.why), 0);
        vault_close(&o);
        cr_expect_eq(generation(&p), 2);
        cr_assert_eq(change(&p, "other"), 0);
        /* Both have three changes. */
        copy(newer, p.vault);
        expect_refused(&p, -ESTALE, "copies of it were changed apart");
        place_remove(&p);
}

Test(vault_files, a_torn_memory_is_no_memory)
{
        struct place p;
        char command[256];

        place_make(&p);
        snprintf(command, sizeof(command), "for f in %s/vaults/*; do echo 1 > $f; done", p.state);
        cr_assert_eq(system(command), 0);
        expect_refused(&p, -EINVAL, "leastwise secret accept");
        place_remove(&p);
}

Test(vault_files, who_else_could_write_there)
{
        struct place p;
        char file[192];

        place_make(&p);
        cr_assert_eq(chmod(p.vault, 0620), 0);
        expect_refused(&p, -EPERM, "can be written by others; mend it with: chmod go-w ");
        cr_assert_eq(chmod(p.vault, 0644), 0);
        cr_expect_eq(generation(&p), 1, "a file of a team's can be read by all");
        cr_assert_eq(chmod(p.dir, 0770), 0);
        expect_refused(&p, -EPERM, "is in a directory that others can write to");
        cr_assert_eq(chmod(p.dir, 0755), 0);
        cr_assert_eq(chmod(p.key, 0640), 0);
        expect_refused(&p, -EPERM, "is open to others; mend it with: chmod go= ");
        cr_assert_eq(chmod(p.key, 0600), 0);
        put(p.key, "short", 5, 0600);
        expect_refused(&p, -EINVAL, "does not have exactly 32 bytes");
        put(p.key, "0123456789abcdef0123456789abcdef", 32, 0600);
        expect_refused(&p, -EACCES, "does not open with this password or key");
        unlink(p.key);
        expect_refused(&p, -ENOENT, "cannot be opened");
        put(p.vault, "something else", 14, 0600);
        expect_refused(&p, -EINVAL, "is not a vault");
        unlink(p.vault);
        expect_refused(&p, -ENOENT, "leastwise secret init");
        cr_assert_eq(mkfifo(p.vault, 0600), 0);
        expect_refused(&p, -EINVAL, "is not a regular file");
        unlink(p.vault);
        snprintf(file, sizeof(file), "%s/big", p.dir);
        put(p.vault, "", 0, 0600);
        cr_assert_eq(truncate(p.vault, LIMIT_VAULT_BYTES + 1), 0);
        expect_refused(&p, -EMSGSIZE, "larger than any vault");
        cr_assert_eq(truncate(p.vault, LIMIT_VAULT_BYTES), 0);
        expect_refused(&p, -EINVAL, "is not a vault");
        place_remove(&p);
        CHECK_NO_LEAKS();
}

Test(vault_files, belongs_to_another_user)
{
        struct place p;

        if (geteuid() != 0) {
                fprintf(stderr, "skipped: only root can make files of other users\n");
                return;
        }
        place_make(&p);
        cr_assert_eq(chown(p.vault, 4242, 4242), 0);
        expect_refused(&p, -EPERM, "belongs to another user");
        cr_assert_eq(chown(p.vault, 0, 0), 0);
        cr_assert_eq(chown(p.key, 4242, 4242), 0);
        expect_refused(&p, -EPERM, "belongs to another user; a key must be yours or root's");
        place_remove(&p);
}

/* A link to a vault elsewhere, as people who keep their settings in a repository have: what it leads to is changed. */
Test(vault_files, links_are_followed)
{
        char other[160];
        struct place p;
        struct stat st;

        place_make(&p);
        snprintf(other, sizeof(other), "%s/repository", p.dir);
        cr_assert_eq(rename(p.vault, other), 0);
        cr_assert_eq(symlink(other, p.vault), 0);
        cr_assert_eq(change(&p, "a"), 0, "%s", why(&p));
        cr_assert_eq(lstat(p.vault, &st), 0);
        cr_expect(S_ISLNK(st.st_mode));
        cr_expect_eq(generation(&p), 2);
        place_remove(&p);
}

/* No byte more may be written than some number, whatever that is: the file is the old one or the new one, and never half. */
Test(vault_files, no_space_at_any_byte, .timeout = 100)
{
        struct place p;
        struct stat st;

        place_make(&p);
        cr_assert_eq(change(&p, "first"), 0);
        cr_assert_eq(stat(p.vault, &st), 0);
        for (rlim_t most = 0; most < (rlim_t)st.st_size; most += 7) {
                const struct rlimit limit = { most, most };
                pid_t pid = fork();
                int status;

                if (pid == 0) {
                        signal(SIGXFSZ, SIG_IGN);
                        setrlimit(RLIMIT_FSIZE, &limit);
                        _exit(change(&p, "second") == -EFBIG && strstr(why(&p), "could not be written, and is as it was") ? 0 : 1);
                }
                cr_assert_eq(waitpid(pid, &status, 0), pid);
                cr_expect_eq(status, 0, "%lu", (unsigned long)most);
                cr_expect_eq(generation(&p), 2);
        }
        cr_assert_eq(change(&p, "second"), 0, "%s", why(&p));
        place_remove(&p);
}

/* One that was killed while it wrote leaves a file behind, which is in nobody's way. */
Test(vault_files, what_a_killed_writer_left)
{
        struct place p;
        char left[160];

        place_make(&p);
        snprintf(left, sizeof(left), "%s/.vault.new", p.dir);
        put(left, "half", 4, 0600);
        cr_assert_eq(change(&p, "a"), 0, "%s", why(&p));
        cr_expect_lt(access(left, F_OK), 0);
        place_remove(&p);
}

Test(vault_files, password)
{
        struct vault_header header = { .kind = VAULT_PASSWORD, .passes = 2, .memory_kib = 65536 };
        struct vault_secret *one = vault_secret_new(), *again = vault_secret_new();
        struct buf reason = BUF_INIT(1024);

        cr_assert(one && again);
        cr_assert_eq(vault_key_of_password(one, &header, STR("correct horse"), &reason), 0);
        cr_assert_eq(vault_key_of_password(again, &header, STR("correct horse"), &reason), 0);
        cr_expect_eq(memcmp(one->key, again->key, VAULT_KEY_BYTES), 0);
        cr_assert_eq(vault_key_of_password(again, &header, STR("correct horsf"), &reason), 0);
        cr_expect_neq(memcmp(one->key, again->key, VAULT_KEY_BYTES), 0);
        header.memory_kib = 64U << 20;
        cr_expect_eq(vault_key_of_password(again, &header, STR("correct horse"), &reason), -EINVAL);
        vault_secret_free(one);
        vault_secret_free(again);
        vault_secret_free(NULL);
        buf_deinit(&reason);
}

Test(vault_files, systemd_credentials)
{
        struct vault_secret *secret = vault_secret_new();
        struct place p;

        place_make(&p);
        unsetenv("CREDENTIALS_DIRECTORY");
        cr_expect_eq(vault_key_of_systemd(secret, STR("key"), &p.why), -ENOKEY);
        cr_expect_not_null(strstr(why(&p), "LoadCredential="));
        buf_clear(&p.why, 65536);
        setenv("CREDENTIALS_DIRECTORY", p.dir, 1);
        cr_expect_eq(vault_key_of_systemd(secret, STR("key"), &p.why), 0, "%s", why(&p));
        buf_clear(&p.why, 65536);
        cr_expect_eq(vault_key_of_systemd(secret, STR("nokey"), &p.why), -ENOENT);
        vault_secret_free(secret);
        place_remove(&p);
}

Test(vault_files, the_kernel_keeps_a_key_for_a_while)
{
        const uint8_t key[VAULT_KEY_BYTES] = "some key", other[VAULT_KEY_BYTES] = "another";
        uint8_t id[VAULT_ID_BYTES], got[VAULT_KEY_BYTES];
        int r;

        cr_assert_geq(sodium_init(), 0);
        randombytes_buf(id, sizeof(id));
        r = keyring_put(id, key, 60);
        if (r == -ENOSYS || r == -EPERM || r == -EACCES) {
                fprintf(stderr, "skipped: this system keeps no keys: %s\n", strerror(-r));
                return;
        }
        cr_assert_eq(r, 0, "%d", r);
        cr_expect_eq(keyring_get(id, got), 0);
        cr_expect_eq(memcmp(got, key, sizeof(got)), 0);
        cr_expect_eq(keyring_put(id, other, 60), 0, "in its place");
        cr_expect_eq(keyring_get(id, got), 0);
        cr_expect_eq(memcmp(got, other, sizeof(got)), 0);
        cr_expect_eq(keyring_remove(id), 0);
        cr_expect_eq(keyring_get(id, got), -ENOKEY);
        cr_expect_eq(keyring_remove(id), -ENOKEY);
        cr_expect_eq(keyring_put(id, key, 1), 0);
        for (int i = 0; i < 400 && (r = keyring_get(id, got)) == 0; i++)
                nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
        cr_expect_eq(r, -ENOKEY, "after its time: %d", r);
}

/* --- as credentials are had from it --- */

static void expect_message(const struct secret_source *source, const char *part)
{
        struct secret secret = { 0 };
        char *message = NULL;

        cr_expect_lt(secret_get(&secret, source, &message), 0, "%s", part);
        cr_assert_not_null(message);
        cr_expect_not_null(strstr(message, part), "%s: %s", part, message);
        cr_expect_not_null(strstr(message, "credential GH_TOKEN: "), "%s", message);
        cr_expect_null(strstr(message, "value-of-it"));
        mem_free(message);
}

static int add_expired(void *userdata, struct vault_change *c, struct buf *reason)
{
        add(userdata, c, reason);
        c->drafts[c->count - 1].expires_ms = 1000;
        return 0;
}

Test(vault_files, provider)
{
        struct secret_source source = { STR("GH_TOKEN"), SECRET_VAULT, STR("gh/read") };
        struct vault_opened o = VAULT_OPENED_NONE;
        struct secret secret = { 0 };
        char *message = NULL, away[160];
        struct place p;

        place_make(&p);
        setenv("XDG_STATE_HOME", p.dir, 1);
        setenv("XDG_CONFIG_HOME", p.dir, 1);
        snprintf(p.state, sizeof(p.state), "%s/leastwise", p.dir);
        cr_assert_eq(change(&p, "gh/read"), 0, "%s", why(&p));
        cr_assert_eq(settled(&p, &o), 0);
        cr_assert_eq(vault_change(&o, p.state, 1, add_expired, (void *)(uintptr_t)"gh/old", 9, &p.why), 0);
        vault_close(&o);
        source.vault = str_from(p.vault);
        cr_expect_eq(secret_get(&secret, &source, &message), 0, "%s", message);
        cr_expect_str_eq(secret.value, "value-of-it");
        secret_wipe(&secret);
        source.source = STR("gh/write");
        expect_message(&source, "has no gh/write; put it there with: leastwise secret set");
        source.source = STR("gh/old");
        expect_message(&source, "has expired at 1970-01-01T00:00:01.000Z; put a new value there with: leastwise secret rotate");
        /* The user's own, where there is none. */
        source.vault = (struct str){ 0 };
        expect_message(&source, "/leastwise/vault is not there; make a vault with: leastwise secret init");
        cr_assert_eq(rename(p.vault, strcat(strcpy(away, p.dir), "/leastwise/vault")), 0);
        source.source = STR("gh/read");
        cr_expect_eq(secret_get(&secret, &source, &message), 0, "%s", message);
        secret_wipe(&secret);
        place_remove(&p);
        CHECK_NO_LEAKS();
}
