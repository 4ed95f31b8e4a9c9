/* SPDX-License-Identifier: Apache-2.0 */
#include "allowed_signers.h"

#include <errno.h>
#include <sodium.h>

#include "alloc.h"
#include "limit.h"
#include "signer_options.h"

#define KRL_MAGIC "SSHKRL\n"

/* --- lines --- */

static bool is_blank(char c)
{
        return c == ' ' || c == '\t';
}

static struct str skip_blanks(struct str s)
{
        while (s.len && is_blank(s.ptr[0]))
                s = str_skip(s, 1);
        return s;
}

/* Up to the next blank outside quotes; empty at the line's end. */
static struct str take_word(struct str *line)
{
        bool quoted = false;
        struct str word;
        size_t len = 0;

        *line = skip_blanks(*line);
        for (; len < line->len && (quoted || !is_blank(line->ptr[len])); len++)
                quoted ^= line->ptr[len] == '"';
        word = str_of(line->ptr, len);
        *line = str_skip(*line, len);
        return word;
}

static bool has_control(struct str line)
{
        for (size_t i = 0; i < line.len; i++) {
                if (((unsigned char)line.ptr[i] < ' ' && line.ptr[i] != '\t') || line.ptr[i] == '\x7f')
                        return true;
        }
        return false;
}

/* Goes over the lines of @text that say something. 0, or what @one returns when that is not 0. */
static int each_line(struct str text, void *userdata, int (*one)(void *userdata, struct str line, uint32_t number), uint32_t *ret_line,
        struct buf *message)
{
        uint32_t number = 0;
        int e = 0;

        while (text.len && e == 0) {
                struct str line = str_take_line(&text);

                *ret_line = ++number;
                if (has_control(line)) {
                        buf_printf(message, "a control character stands in it: this is no text of one key a line");
                        return -EINVAL;
                }
                line = skip_blanks(line);
                if (line.len && line.ptr[0] != '#')
                        e = one(userdata, line, number);
        }
        return e;
}

/* @array with room for one more, which has room for the next power of two; NULL without memory, and it is as it was. */
static void *grown(void *array, size_t count, size_t size)
{
        return count & (count - 1) ? array : mem_resize(array, (count ? 2 * count : 1) * size);
}

/* --- signers --- */

bool signers_next_name(struct str *names, struct str *ret)
{
        const char *comma;

        if (!names->ptr)
                return false;
        comma = names->len ? memchr(names->ptr, ',', names->len) : NULL;
        *ret = str_of(names->ptr, comma ? (size_t)(comma - names->ptr) : names->len);
        *names = comma ? str_skip(*names, ret->len + 1) : (struct str){ NULL, 0 };
        return true;
}

bool signer_is_for(const struct signer *signer, struct str name_space)
{
        return !signer->namespaces.ptr || signer_patterns_match(signer->namespaces, name_space);
}

static const char *check_name(struct str name)
{
        if (!name.len)
                return "a name is missing in front of a comma, or behind it";
        if (name.len > LIMIT_SIGNER_NAME_BYTES)
                return "a name is longer than 128 bytes";
        for (size_t i = 0; i < name.len; i++) {
                if (strchr("*?!", name.ptr[i]))
                        return "a name has `*`, `?` or `!` in it: a pattern is no person, so write each one's name";
                if (name.ptr[i] <= ' ' || name.ptr[i] > '~' || strchr("\"\\", name.ptr[i]))
                        return "a name may have letters, digits and signs of ASCII in it, and no quotes";
        }
        return NULL;
}

static const char *check_names(struct str names)
{
        const char *why = NULL;
        struct str name;

        while (!why && signers_next_name(&names, &name))
                why = check_name(name);
        return why;
}

/* `ssh-rsa` and the like, as opposed to options. */
static bool is_key_type(struct str word)
{
        return !memchr(word.ptr, '=', word.len) && !memchr(word.ptr, ',', word.len) &&
               (str_starts_with(word, STR("ssh-")) || str_starts_with(word, STR("sk-")) || str_starts_with(word, STR("ecdsa-")) ||
                       str_starts_with(word, STR("rsa-")));
}

struct signers_reading {
        struct signers *signers;
        struct str name_space;
        struct buf *message;
        bool any; /* line for the namespace */
};

static int wrong(struct buf *message, const char *why)
{
        buf_printf(message, "%s", why);
        return -EINVAL;
}

static int read_signer(void *userdata, struct str line, uint32_t number)
{
        struct signers_reading *r = userdata;
        struct signer *list;
        struct signer signer = { .names = take_word(&line), .until_ms = SIGNERS_NO_END, .line = number };
        struct str word = take_word(&line);
        const char *why = check_names(signer.names);
        int e;

        if (!why && !word.len)
                why = "a line is written: name, options where there are any, type of key, key";
        if (!why && !is_key_type(word)) {
                why = signer_options_read(&signer, word);
                word = take_word(&line);
        }
        if (why)
                return wrong(r->message, why);
        /* For git or for files: ours neither to use nor to judge. */
        if (!signer_is_for(&signer, r->name_space))
                return 0;
        e = ssh_key_read_text(&signer.key, word, take_word(&line), &why);
        if (e < 0)
                return e == -ENOMEM ? e : wrong(r->message, why);
        if (r->signers->count == LIMIT_SIGNERS)
                return wrong(r->message, "there are more than 1000 keys in the list");
        list = grown(r->signers->list, r->signers->count, sizeof(signer));
        if (!list)
                return -ENOMEM;
        r->signers->list = list;
        list[r->signers->count++] = signer;
        return 0;
}

int signers_read(struct signers *ret, struct str text, struct str name_space, struct buf *message, uint32_t *ret_line)
{
        struct signers_reading r = { .signers = ret, .name_space = name_space, .message = message };
        int e;

        *ret = (struct signers){ .text = BUF_INIT(LIMIT_SIGNERS_BYTES) };
        *ret_line = 1;
        if (text.len > LIMIT_SIGNERS_BYTES)
                return wrong(message, "it is longer than 256 KiB");
        if (buf_append_str(&ret->text, text) < 0)
                return -ENOMEM;
        e = each_line(buf_str(&ret->text), &r, read_signer, ret_line, message);
        if (e == 0 && !ret->count) {
                buf_printf(message, "it lists nobody whose signature would count: write a line with a name and a public key");
                e = -EINVAL;
        }
        return e;
}

void signers_deinit(struct signers *signers)
{
        buf_deinit(&signers->text);
        mem_free(signers->list);
        signers->list = NULL;
        signers->count = 0;
}

/* --- revoked keys --- */

struct revoked_reading {
        struct revoked_keys *revoked;
        struct buf *message;
};

static int read_revoked(void *userdata, struct str line, uint32_t number)
{
        struct revoked_reading *r = userdata;
        struct revoked_keys *revoked = r->revoked;
        const struct str type = take_word(&line), key = take_word(&line);
        uint8_t fingerprint[SSH_FINGERPRINT_BYTES];
        int e = ssh_fingerprint_read(fingerprint, type, key);
        void *list;

        (void)number;
        if (e < 0)
                return e == -ENOMEM ? e : wrong(r->message, "this is no public key: a line holds what is in the .pub file");
        if (revoked->count == LIMIT_REVOKED_KEYS)
                return wrong(r->message, "there are more than 10000 keys in the list");
        list = grown(revoked->fingerprints, revoked->count, sizeof(fingerprint));
        if (!list)
                return -ENOMEM;
        revoked->fingerprints = list;
        memcpy(revoked->fingerprints[revoked->count++], fingerprint, sizeof(fingerprint));
        return 0;
}

int revoked_keys_read(struct revoked_keys *ret, struct str text, struct buf *message, uint32_t *ret_line)
{
        struct revoked_reading r = { ret, message };

        *ret = (struct revoked_keys){ .count = 0 };
        *ret_line = 1;
        if (text.len > LIMIT_REVOKED_BYTES)
                return wrong(message, "it is longer than 1 MiB");
        if (str_starts_with(text, STR(KRL_MAGIC)))
                return wrong(message, "it is a key revocation list of OpenSSH: write the revoked public keys as text, one a line");
        crypto_hash_sha256(ret->digest, (const unsigned char *)text.ptr, text.len);
        return each_line(text, &r, read_revoked, ret_line, message);
}

void revoked_keys_deinit(struct revoked_keys *revoked)
{
        mem_free(revoked->fingerprints);
        revoked->fingerprints = NULL;
        revoked->count = 0;
}

bool revoked_keys_has(const struct revoked_keys *revoked, const uint8_t fingerprint[SSH_FINGERPRINT_BYTES])
{
        for (size_t i = 0; i < revoked->count; i++) {
                if (ssh_fingerprint_eq(revoked->fingerprints[i], fingerprint))
                        return true;
        }
        return false;
}
