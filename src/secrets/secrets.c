/* SPDX-License-Identifier: Apache-2.0 */
#include "secrets.h"

#include <errno.h>
#include <sodium.h>
#include <time.h>

#include "cleanup.h"
#include "printable.h"
#include "provider.h"

void provider_show(struct buf *why, struct str text)
{
        printable_append(why, text, 1024);
}

void provider_show_word(struct buf *why, struct str text)
{
        static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./@%+=:,-";
        AUTO_BUF struct buf shown = BUF_INIT(8192);
        bool quoted = text.len == 0;

        provider_show(&shown, text);
        for (size_t i = 0; i < shown.len; i++)
                quoted |= !memchr(plain, shown.data[i], sizeof(plain) - 1);
        if (!quoted) {
                buf_append_str(why, buf_str(&shown));
                return;
        }
        buf_append_char(why, '\'');
        for (size_t i = 0; i < shown.len; i++) {
                if (shown.data[i] == '\'')
                        buf_append_str(why, STR("'\\''"));
                else
                        buf_append_char(why, shown.data[i]);
        }
        buf_append_char(why, '\'');
}

int provider_fail(struct buf *why, const char *what, struct str path, int error, const char *reason)
{
        buf_append_str(why, str_from(what));
        provider_show(why, path);
        buf_printf(why, " %s", reason);
        return error;
}

int provider_fail_errno(struct buf *why, const char *what, struct str path, int error, const char *reason)
{
        provider_fail(why, what, path, error, reason);
        buf_printf(why, ": %s", strerror(-error));
        return error;
}

void secret_wipe(struct secret *secret)
{
        sodium_free(secret->value); /* wipes */
        *secret = (struct secret){ 0 };
}

struct str secret_bare(struct str value)
{
        static const struct str mark = STR_INIT("\xEF\xBB\xBF");

        return str_trim(str_starts_with(value, mark) ? str_skip(value, mark.len) : value);
}

bool secret_is_public(const struct secret_source *source)
{
        return source->from == SECRET_EXEC &&
               (str_eq(source->field, STR("username")) || str_eq(source->field, STR("Username")));
}

/* --- What is wrong with a value --- */

void provider_describe(struct buf *why, const struct secret_source *source)
{
        static const struct {
                struct str words;
        } kinds[] = {
                [SECRET_ENV] = { STR_INIT("the environment variable ") },
                [SECRET_FILE] = { STR_INIT("the file ") },
                [SECRET_SYSTEMD] = { STR_INIT("systemd's credential ") },
                [SECRET_KEYRING] = { STR_INIT("the keyring's entry with") },
                [SECRET_VAULT] = { STR_INIT("the vault's entry ") },
                [SECRET_EXEC] = { STR_INIT("the output of ") },
        };

        buf_append_str(why, kinds[source->from].words);
        if (source->from != SECRET_KEYRING)
                provider_show(why, source->from == SECRET_EXEC && source->argc ? source->argv[0] : source->source);
        for (size_t i = 0; source->from == SECRET_KEYRING && i + 1 < source->argc; i += 2) {
                buf_append_char(why, ' ');
                provider_show(why, source->argv[i]);
                buf_append_char(why, '=');
                provider_show(why, source->argv[i + 1]);
        }
}

static const char *about_character(const struct secret_source *source, unsigned char c)
{
        if (source->lines)
                return " holds a control character; give a file of plain text";
        if (c == '\n')
                return " holds a second line; give the bare value on one line, ended by a newline or by nothing, or, for a server that wants a "
                       "file of several lines, say `as: file` in the policy";
        if (c == '\r')
                return " holds a control character, a carriage return, as files from Windows have one at the end of each line; take it out";
        return " holds a control character; give the bare value on one line, ended by a newline or by nothing";
}

static void explain_short(const struct secret_source *source, bool is_empty, struct buf *why)
{
        if (!is_empty)
                buf_printf(why, " is shorter than %u bytes, not counting white space at its ends: it would be found by chance in what servers "
                                "say, and could not be hidden there; use a longer credential",
                        LIMIT_SECRET_MIN_BYTES);
        else if (source->from == SECRET_EXEC)
                buf_append_str(why, STR(" is empty; run it by hand to see why: here it gets no terminal to ask at"));
        else
                buf_printf(why, " is empty; put a value of at least %u bytes there", LIMIT_SECRET_MIN_BYTES);
}

static int check_characters(const struct secret_source *source, struct str value, struct buf *why)
{
        for (size_t i = 0; i < value.len; i++) {
                const unsigned char c = (unsigned char)value.ptr[i];

                if ((c >= 0x20 && c != 0x7F) || (source->lines && (c == '\n' || c == '\t' || c == '\r')))
                        continue;
                provider_describe(why, source);
                buf_append_str(why, str_from(about_character(source, c)));
                return -EINVAL;
        }
        return 0;
}

static int check_value(const struct secret_source *source, struct str value, struct buf *why)
{
        const struct str bare = secret_bare(value);
        int r;

        if (value.len > LIMIT_CREDENTIAL_BYTES) {
                provider_describe(why, source);
                buf_printf(why, " is longer than %u bytes, which no environment can hold; check that it is the right one",
                        LIMIT_CREDENTIAL_BYTES);
                return -EMSGSIZE;
        }
        r = check_characters(source, value, why);
        if (r < 0)
                return r;
        if (str_starts_with(bare, STR("[redacted:")) && str_ends_with(bare, STR("]"))) {
                provider_describe(why, source);
                buf_append_str(why, STR(" is what leastwise puts in a credential's place; put the credential there"));
                return -EINVAL;
        }
        if (bare.len < LIMIT_SECRET_MIN_BYTES && !(bare.len && secret_is_public(source))) {
                provider_describe(why, source);
                explain_short(source, bare.len == 0, why);
                return -EINVAL;
        }
        return 0;
}

/* --- One value of what a provider gave --- */

static int64_t now_s(void)
{
        struct timespec now;

        clock_gettime(CLOCK_REALTIME, &now);
        return now.tv_sec;
}

static uint64_t boot_ms(void)
{
        struct timespec now;

        clock_gettime(CLOCK_BOOTTIME, &now);
        return (uint64_t)now.tv_sec * 1000U + (uint64_t)now.tv_nsec / 1000000U;
}

static int check_life(struct secret *ret, const struct secret_source *source, const struct protocol_answer *answer, struct buf *why)
{
        const int64_t now = now_s();

        if (!answer->expires && !source->ttl_ms)
                return 0;
        if (secret_set_life(ret, answer->expires ? answer->expires_s : now + (int64_t)((source->ttl_ms + 999) / 1000), now, boot_ms()))
                return 0;
        provider_describe(why, source);
        buf_append_str(why, STR(" has expired already; get a new one, or set the machine's clock"));
        return -EKEYEXPIRED;
}

/* What a protocol printed, as one value. */
static int read_answer(const struct secret_source *source, struct str raw, struct buf *scratch, struct protocol_answer *ret,
        struct buf *why)
{
        AUTO_BUF struct buf reason = BUF_INIT(4096);
        int r;

        if (source->from != SECRET_EXEC || (source->protocol == PROTOCOL_PLAIN && source->lines)) {
                if ((source->from == SECRET_KEYRING || source->from == SECRET_EXEC) && raw.len && raw.ptr[raw.len - 1] == '\n')
                        raw.len--;
                *ret = (struct protocol_answer){ .value = raw };
                return 0;
        }
        if (raw.len && buf_reserve(scratch, raw.len) < 0)
                return -ENOMEM;
        r = protocol_read(source->protocol, raw, source->field, scratch, ret, &reason);
        if (r == 0 || r == -ENOMEM)
                return r;
        provider_describe(why, source);
        buf_printf(why, " is not what the protocol %s has: ", protocol_name(source->protocol));
        buf_append_str(why, buf_str(&reason));
        buf_append_str(why, STR("; run it by hand to see what it prints"));
        return r;
}

static int read_value(struct secret *ret, const struct secret_source *source, struct str raw, struct buf *why)
{
        CLEANUP(buf_wipe) struct buf scratch = BUF_INIT(PROVIDER_SPACE);
        struct protocol_answer answer = { .expires = false };
        struct secret secret = { 0 };
        int r = read_answer(source, raw, &scratch, &answer, why);

        if (r == 0)
                r = check_value(source, answer.value, why);
        if (r == 0)
                r = check_life(&secret, source, &answer, why);
        if (r < 0)
                return r;
        secret.value = sodium_malloc(answer.value.len + 1);
        if (!secret.value)
                return -ENOMEM;
        memcpy(secret.value, answer.value.ptr, answer.value.len);
        secret.value[answer.value.len] = '\0';
        secret.len = answer.value.len;
        *ret = secret;
        return 0;
}

/* --- All of them --- */

/* What a provider gave, kept for others that ask the same. Locked where the limit for locked memory allows, and between guard
 * pages. */
struct raw {
        char *space;
        size_t len;
};

static int fetch(struct raw *ret, const struct secret_source *source, struct buf *why)
{
        ret->space = sodium_malloc(PROVIDER_SPACE);
        if (!ret->space)
                return -ENOMEM;
        switch (source->from) {
        case SECRET_ENV:
                return provider_env(source, ret->space, &ret->len, why);
        case SECRET_FILE:
                return provider_file(source, ret->space, &ret->len, why);
        case SECRET_SYSTEMD:
                return provider_systemd(source, ret->space, &ret->len, why);
        case SECRET_KEYRING:
        case SECRET_EXEC:
                return provider_exec(source, ret->space, &ret->len, why);
        case SECRET_VAULT:
                return provider_vault(source, ret->space, &ret->len, why);
        }
        return -EINVAL;
}

static bool texts_eq(const struct str *a, size_t a_count, const struct str *b, size_t b_count)
{
        bool eq = a_count == b_count;

        for (size_t i = 0; eq && i < a_count; i++)
                eq = str_eq(a[i], b[i]);
        return eq;
}

/* Would both run the same program, with the same question? */
static bool is_same_run(const struct secret_source *a, const struct secret_source *b)
{
        return a->from == SECRET_EXEC && b->from == SECRET_EXEC && a->protocol == b->protocol &&
               a->timeout_ms == b->timeout_ms && str_eq(a->url, b->url) && texts_eq(a->argv, a->argc, b->argv, b->argc) &&
               texts_eq(a->inherit, a->inherit_count, b->inherit, b->inherit_count);
}

static int get(struct secret *ret, const struct secret_source *sources, struct raw *raws, size_t i, struct buf *why)
{
        int r;

        for (size_t j = 0; j < i; j++) {
                if (is_same_run(&sources[j], &sources[i]))
                        return read_value(ret, &sources[i], str_of(raws[j].space, raws[j].len), why);
        }
        r = fetch(&raws[i], &sources[i], why);
        return r < 0 ? r : read_value(ret, &sources[i], str_of(raws[i].space, raws[i].len), why);
}

static int get_all(struct secret *ret, const struct secret_source *sources, size_t count, struct buf *why, size_t *ret_at)
{
        AUTO_FREE struct raw *raws = mem_calloc(count, sizeof(*raws));
        int r = 0;

        *ret_at = 0;
        if (!raws)
                return -ENOMEM;
        if (sodium_init() < 0)
                r = -EIO;
        for (size_t i = 0; i < count && r == 0; i++) {
                *ret_at = i;
                buf_clear(why, 0);
                r = get(&ret[i], sources, raws, i, why);
        }
        for (size_t i = 0; i < count; i++)
                sodium_free(raws[i].space);
        return r;
}

int secrets_get(struct secret *ret, const struct secret_source *sources, size_t count, char **ret_message)
{
        AUTO_BUF struct buf why = BUF_INIT(16384);
        AUTO_BUF struct buf message = BUF_INIT(16384);
        size_t at;
        int r;

        *ret_message = NULL;
        memset(ret, 0, count * sizeof(*ret));
        if (count == 0)
                return 0;
        r = get_all(ret, sources, count, &why, &at);
        if (r == 0)
                return 0;
        for (size_t i = 0; i < count; i++)
                secret_wipe(&ret[i]);
        buf_append_str(&message, STR("credential "));
        provider_show(&message, sources[at].env_name);
        buf_append_str(&message, STR(": "));
        buf_append_str(&message, r == -ENOMEM ? STR("there is no memory for it") : buf_str(&why));
        *ret_message = str_dup(buf_str(&message));
        return r;
}

int secret_get(struct secret *ret, const struct secret_source *source, char **ret_message)
{
        return secrets_get(ret, source, 1, ret_message);
}
