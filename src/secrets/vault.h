/* SPDX-License-Identifier: Apache-2.0
 *
 * The vault's file format, byte by byte in docs/vault.md: a header, entries that are sealed one by one, and a code over the whole.
 * Pure: bytes in, bytes out; the time and the files are the caller's. Whoever wrote the bytes, reading them is bounded. What has not
 * been verified with the key is what some file says, and good for showing only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "limit.h"
#include "str.h"

#define VAULT_KEY_BYTES 32U
#define VAULT_ID_BYTES 16U
#define VAULT_SALT_BYTES 16U
#define VAULT_CHECK_BYTES 16U
#define VAULT_CODE_BYTES 32U

/* Where the key comes from. */
enum vault_kind {
        VAULT_PASSWORD = 1, /* Argon2id of a password */
        VAULT_KEY_FILE,     /* 32 bytes in a file; `hint` is its path */
        VAULT_SYSTEMD,      /* 32 bytes that systemd hands to a unit; `hint` is the credential's name */
};

struct vault_header {
        enum vault_kind kind;
        uint32_t passes, memory_kib; /* of Argon2id; 0 for other kinds */
        uint8_t salt[VAULT_SALT_BYTES];
        uint8_t id[VAULT_ID_BYTES]; /* random, for as long as the vault lives */
        struct str hint;            /* empty for passwords */
        uint64_t generation;        /* one more with each change */
        uint64_t written_ms;
};

struct vault_entry {
        struct str name, note;
        uint64_t created_ms, rotated_ms;
        uint64_t expires_ms; /* 0: never */
        size_t value_len;
        struct str bytes; /* all of the entry in the image */
};

/* What was read; it borrows from the image. */
struct vault {
        struct vault_header header;
        uint8_t check[VAULT_CHECK_BYTES];
        struct vault_entry *entries; /* in the order of their names, none twice */
        size_t count;
        struct str image;
};

/* Derived from the vault's key; to be kept in locked memory and wiped. */
struct vault_keys {
        uint8_t entries[VAULT_KEY_BYTES];
        uint8_t table[VAULT_KEY_BYTES];
        uint8_t check[VAULT_CHECK_BYTES];
};

/* Why a file is not read; also what functions below return beside 0 and -errno. */
enum vault_problem {
        VAULT_OK = 0,
        VAULT_NOT_ONE = 1, /* something else */
        VAULT_UNKNOWN,     /* of another version */
        VAULT_DAMAGED,     /* cut short, changed by accident, or not put together as a vault is */
        VAULT_DEMANDS,     /* wants more, or less, for a password than the limits allow */
        VAULT_WRONG_KEY,
        VAULT_FORGED, /* the key fits, the contents do not: somebody without the key has changed them */
};

/* Half a sentence behind the name of a file, with what to do; never NULL. */
const char *vault_problem_text(enum vault_problem problem);

/* 0 with *ret, which borrows from @image and is released by vault_deinit(); an enum vault_problem; -ENOMEM. Needs no key. */
int vault_read(struct vault *ret, struct str image);
void vault_deinit(struct vault *vault); /* idempotent */

/* The keys that @key has for a vault with this header: also those of another kind of header than the one written. */
void vault_derive(struct vault_keys *ret, const struct vault_header *header, const uint8_t key[VAULT_KEY_BYTES]);

/* Is all of it as who has the key wrote it? 0, VAULT_WRONG_KEY or VAULT_FORGED. */
int vault_verify(const struct vault *vault, const struct vault_keys *keys);

/* The entry of that name, or NULL. */
const struct vault_entry *vault_find(const struct vault *vault, struct str name);

/* Opens an entry's value: 0 with its value_len bytes at @space, or VAULT_FORGED with nothing there. */
int vault_open_value(const struct vault *vault, const struct vault_keys *keys, const struct vault_entry *entry, char *space);

/* An entry to be written: sealed anew, or, where @kept is not empty, taken as it stands in a vault of the same header and key. */
struct vault_draft {
        struct str name, note;
        uint64_t created_ms, rotated_ms, expires_ms;
        struct str value;
        struct str kept;
};

/* Appends the file of @drafts, which it sorts: 0; -EINVAL for a header, name, note or length that cannot be read back, or a name
 * twice; -EMSGSIZE past @out's limit; -ENOMEM. */
int vault_write(struct buf *out, const struct vault_header *header, const struct vault_keys *keys, struct vault_draft *drafts, size_t count);

/* Parts of letters, digits, `.`, `_` and `-`, the first neither `.` nor `-`, with `/` between them, within the limit. */
bool vault_name_is_valid(struct str name);

/* UTF-8 that can be seen, within the limit; may be empty. */
bool vault_note_is_valid(struct str note);

/* --- what reading and writing share --- */

#define VAULT_MAGIC STR("lwvault\n")
#define VAULT_VERSION 1U
#define VAULT_FIXED_BYTES 56U    /* of the header, before the hint */
#define VAULT_STATE_BYTES 40U    /* behind it: key check, generation, time, number of entries */
#define VAULT_ENTRY_BYTES 64U    /* of an entry, before its name */
#define VAULT_NONCE_AT 40U       /* in it */
#define VAULT_TAG_BYTES 16U
#define VAULT_CHECKSUM_BYTES 16U
#define VAULT_END_BYTES (VAULT_CODE_BYTES + VAULT_CHECKSUM_BYTES)
#define VAULT_STABLE_MAX (VAULT_FIXED_BYTES + LIMIT_VAULT_HINT_BYTES)
#define VAULT_PLAIN_MAX (VAULT_STABLE_MAX + VAULT_ENTRY_BYTES + LIMIT_VAULT_NAME_BYTES + LIMIT_VAULT_NOTE_BYTES)

/* The part of the header that no change of entries changes; its length. */
size_t vault_stable(uint8_t space[VAULT_STABLE_MAX], const struct vault_header *header);
/* Can such a header be written, and read back? */
enum vault_problem vault_header_check(const struct vault_header *header);
/* All that an entry is bound to: the stable header, and the entry up to its value. Its length. */
size_t vault_bound(uint8_t space[VAULT_PLAIN_MAX], const struct vault_header *header, const uint8_t *entry, size_t plain_len);
void vault_code(uint8_t ret[VAULT_CODE_BYTES], const struct vault_keys *keys, struct str covered);
void vault_checksum(uint8_t ret[VAULT_CHECKSUM_BYTES], struct str covered);
