/* SPDX-License-Identifier: Apache-2.0 */
#include "vault_verb.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "cleanup.h"
#include "limit.h"
#include "paths.h"
#include "printable.h"
#include "verb.h"

#define SYSTEM_VAULT "/etc/leastwise/vault"

static int harden(void)
{
        const struct sigaction ignore = { .sa_handler = SIG_IGN };
        const struct rlimit no_core = { 0, 0 };

        umask(077);
        /* A limit or a pipe that is full is an error to tell, not an end in the middle. */
        sigaction(SIGXFSZ, &ignore, NULL);
        sigaction(SIGPIPE, &ignore, NULL);
        if (setrlimit(RLIMIT_CORE, &no_core) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0 || sodium_init() < 0)
                return -1;
        return 0;
}

static int no_memory(const struct vault_verb *v)
{
        fprintf(stderr, "leastwise %s: not enough memory\n", v->name);
        return EXIT_INTERNAL;
}

static char *absolute(const char *path)
{
        AUTO_BUF struct buf whole = BUF_INIT(8192);
        char here[4096];

        if (path[0] == '/')
                return str_dup(str_from(path));
        if (!getcwd(here, sizeof(here)))
                return NULL;
        buf_printf(&whole, "%s/%s", here, path);
        return whole.failed ? NULL : str_dup(buf_str(&whole));
}

int vault_verb_begin(struct vault_verb *v, const char *name, const struct options *options)
{
        const char *file = options_get(options, "vault", 0);
        const bool system = options_has(options, "system");

        v->name = name;
        v->options = options;
        if (file && system)
                return usage_error(name, "--system names the machine's vault, --vault another: say one of them");
        if (file && !*file)
                return usage_error(name, "--vault needs the name of a file");
        if (harden() < 0) {
                fprintf(stderr, "leastwise %s: the system does not let memory be kept from other processes\n", name);
                return EXIT_INTERNAL;
        }
        v->state_dir = paths_state_dir();
        v->path = system ? str_dup(STR(SYSTEM_VAULT)) : file ? absolute(file) : vault_own_path();
        if (v->path && v->state_dir)
                return 0;
        fprintf(stderr, "leastwise %s: no home directory to keep the vault in: set HOME, or XDG_CONFIG_HOME and XDG_STATE_HOME\n", name);
        return EXIT_INTERNAL;
}

void vault_verb_end(struct vault_verb *v)
{
        vault_close(&v->opened);
        mem_free(v->path);
        mem_free(v->state_dir);
        buf_deinit(&v->why);
        *v = (struct vault_verb)VAULT_VERB_NONE;
}

int vault_verb_fail(struct vault_verb *v, int r)
{
        fprintf(stderr, "leastwise %s: %.*s\n", v->name, STR_FMT(buf_str(&v->why)));
        buf_clear(&v->why, 16384);
        switch (r) {
        case -ENOSPC:
        case -EDQUOT:
        case -EFBIG:
        case -EIO:
        case -EROFS:
        case -ENOMEM:
        case -ETIMEDOUT:
                return EXIT_INTERNAL;
        case -EEXIST:
        case -ESRCH:
                return EXIT_FINDINGS;
        default:
                return EXIT_VAULT;
        }
}

uint64_t vault_verb_now(void)
{
        struct timespec now;

        clock_gettime(CLOCK_REALTIME, &now);
        return (uint64_t)now.tv_sec * 1000U + (uint64_t)now.tv_nsec / 1000000U;
}

int vault_verb_look(struct vault_verb *v)
{
        const int r = vault_look(&v->opened, v->path, &v->why);

        return r < 0 ? vault_verb_fail(v, r) : 0;
}

/* --- the key --- */

static int ask_password(struct vault_verb *v, bool anew, struct secret_text *password)
{
        AUTO_BUF struct buf question = BUF_INIT(2048);
        int r;

        buf_append_str(&question, STR("Password of the vault "));
        printable_append(&question, str_from(v->path), 1024);
        buf_append(&question, ": ", 3);
        if (question.failed)
                return -ENOMEM;
        r = secret_prompt(password, question.data, &v->why);
        if (r == -ENOTTY && anew)
                buf_append_str(&v->why, STR(" for its password; say --password-file FILE"));
        if (r == -ENOTTY && !anew) {
                buf_append_str(&v->why, STR(" for its password; unlock the vault in a terminal first, with:"));
                vault_command(&v->why, v->path, "unlock");
        }
        return r;
}

static int key_of_password(struct vault_verb *v, bool anew, struct vault_secret *secret)
{
        CLEANUP(secret_text_free) struct secret_text password = { 0 };
        const char *file = options_get(v->options, "password-file", 0);
        int r = secret_text_new(&password, 4096);

        if (r < 0) {
                buf_append_str(&v->why, STR("there is not enough memory"));
                return r;
        }
        r = file ? secret_read_file(&password, file, &v->why) : ask_password(v, anew, &password);
        return r < 0 ? r : vault_key_of_password(secret, &v->opened.vault.header, str_of(password.data, password.len), &v->why);
}

/* What the command line names, or else a password; whatever else there is has been tried. */
static int unlock_by_hand(struct vault_verb *v, bool anew)
{
        CLEANUP(vault_secret_freep) struct vault_secret *secret = vault_secret_new();
        const char *key_file = options_get(v->options, "key-file", 0);
        int r;

        if (!secret) {
                buf_append_str(&v->why, STR("there is not enough memory"));
                return -ENOMEM;
        }
        r = key_file ? vault_key_of_file(secret, key_file, &v->why) : key_of_password(v, anew, secret);
        if (r < 0)
                return r;
        r = vault_unlock_with(&v->opened, secret, &v->why);
        secret = NULL;
        return r;
}

int vault_verb_unlock(struct vault_verb *v, bool anew)
{
        const bool said = options_has(v->options, "key-file") || options_has(v->options, "password-file");
        const bool has_password = v->opened.vault.header.kind == VAULT_PASSWORD;
        int r = -ENOKEY;

        if (options_has(v->options, "password-file") && !has_password) {
                buf_append_str(&v->why, STR("this vault has a key file, and no password; say --key-file FILE"));
                return -EINVAL;
        }
        if (options_has(v->options, "key-file") && has_password) {
                buf_append_str(&v->why, STR("this vault has a password, and no key file"));
                return -EINVAL;
        }
        if (!said && !(anew && has_password))
                r = vault_unlock_alone(&v->opened, &v->why);
        if (r != -ENOKEY || (!said && !has_password))
                return r;
        buf_clear(&v->why, 16384);
        return unlock_by_hand(v, anew);
}

int vault_verb_open(struct vault_verb *v, bool anew)
{
        int r = vault_look(&v->opened, v->path, &v->why);

        if (r == 0)
                r = vault_verb_unlock(v, anew);
        if (r == 0)
                r = vault_settle(&v->opened, v->state_dir, &v->why);
        return r < 0 ? vault_verb_fail(v, r) : 0;
}

int vault_verb_change(struct vault_verb *v, size_t more, vault_edit edit, void *userdata)
{
        const int r = vault_change(&v->opened, v->state_dir, more, edit, userdata, vault_verb_now(), &v->why);

        if (r > 0)
                return r; /* an exit status that @edit has explained */
        return r < 0 ? vault_verb_fail(v, r) : 0;
}

/* --- a new key --- */

static int new_key_file(struct vault_verb *v, struct vault_secret *secret, const char *path)
{
        int r = vault_key_file_make(path, &v->why);

        if (r < 0 && r != -EEXIST)
                return r;
        if (r == 0)
                fprintf(stderr, "leastwise %s: made the key file %s; without it nobody opens this vault: keep a copy elsewhere\n", v->name, path);
        return vault_key_of_file(secret, path, &v->why);
}

/* Argon2id as libsodium calls it moderate: 256 MiB, some 0.4 s. */
static int new_password(struct vault_verb *v, struct vault_header *h, struct vault_secret *secret, bool has_one)
{
        CLEANUP(secret_text_free) struct secret_text password = { 0 };
        int r = secret_text_new(&password, 4096);

        h->passes = crypto_pwhash_OPSLIMIT_MODERATE;
        h->memory_kib = crypto_pwhash_MEMLIMIT_MODERATE >> 10;
        if (r < 0) {
                buf_append_str(&v->why, STR("there is not enough memory"));
                return r;
        }
        r = secret_new_password(&password, options_get(v->options, has_one ? "new-password-file" : "password-file", 0), v->path, &v->why);
        return r < 0 ? r : vault_key_of_password(secret, h, str_of(password.data, password.len), &v->why);
}

static int new_key(struct vault_verb *v, struct vault_header *h, struct vault_secret *secret, bool has_one, char **ret_hint)
{
        const char *key_file = options_get(v->options, has_one ? "new-key-file" : "key-file", 0);
        const char *credential = options_get(v->options, "systemd-credential", 0);

        randombytes_buf(h->salt, sizeof(h->salt));
        h->passes = h->memory_kib = 0;
        h->kind = credential ? VAULT_SYSTEMD : key_file ? VAULT_KEY_FILE : VAULT_PASSWORD;
        h->hint = (struct str){ 0 };
        if (h->kind == VAULT_PASSWORD)
                return new_password(v, h, secret, has_one);
        *ret_hint = credential ? str_dup(str_from(credential)) : absolute(key_file);
        if (!*ret_hint) {
                buf_append_str(&v->why, STR("there is not enough memory"));
                return -ENOMEM;
        }
        h->hint = str_from(*ret_hint);
        if (vault_header_check(h) != VAULT_OK) {
                buf_append_str(&v->why, STR("that is no name that a vault can keep for its key"));
                return -EINVAL;
        }
        return key_file ? new_key_file(v, secret, key_file) : vault_key_of_systemd(secret, h->hint, &v->why);
}

struct vault_secret *vault_verb_new_key(struct vault_verb *v, struct vault_header *header, bool has_one, char **ret_hint, int *ret_status)
{
        struct vault_secret *secret = vault_secret_new();
        int r;

        *ret_hint = NULL;
        if (!secret) {
                *ret_status = no_memory(v);
                return NULL;
        }
        r = new_key(v, header, secret, has_one, ret_hint);
        if (r == 0) {
                vault_derive(&secret->keys, header, secret->key);
                return secret;
        }
        vault_secret_free(secret);
        *ret_status = vault_verb_fail(v, r);
        return NULL;
}
