/* SPDX-License-Identifier: Apache-2.0
 *
 * Borrowed strings: a pointer and a length, no NUL at the end, no ownership. Whoever hands one out says
 * in its header how long the bytes live.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
        const char *ptr;
        size_t len;
};

/* A string literal as a str, also usable in static tables. */
#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_INIT(literal) { "" literal, sizeof(literal) - 1 }

/* For printf's "%.*s". */
#define STR_FMT(s) (int)(s).len, (s).ptr

static inline struct str str_of(const char *ptr, size_t len)
{
        return (struct str){ ptr, len };
}

/* The bytes of @cstr without its NUL; NULL gives the empty str. */
static inline struct str str_from(const char *cstr)
{
        return (struct str){ cstr, cstr ? strlen(cstr) : 0 };
}

static inline bool str_eq(struct str a, struct str b)
{
        return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool str_starts_with(struct str s, struct str prefix)
{
        return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

static inline bool str_ends_with(struct str s, struct str suffix)
{
        return s.len >= suffix.len &&
               (suffix.len == 0 || memcmp(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len) == 0);
}

/* The part of @s from @from on; empty when @from is past its end. */
static inline struct str str_skip(struct str s, size_t from)
{
        return from >= s.len ? (struct str){ s.ptr + s.len, 0 } : (struct str){ s.ptr + from, s.len - from };
}

/* Without the ASCII white space (space, tab to carriage return) at both ends. */
struct str str_trim(struct str s);

/* Cuts the first line off @text and returns it without its end, LF or CR LF. The last line may have none. */
struct str str_take_line(struct str *text);

/* FNV-1a of 64 bits. It has no key: whoever chooses the strings can make them collide, so a table needs a limit besides. */
#define STR_HASH_START UINT64_C(0xCBF29CE484222325)

static inline uint64_t str_hash_add(uint64_t hash, struct str s)
{
        for (size_t i = 0; i < s.len; i++)
                hash = (hash ^ (unsigned char)s.ptr[i]) * UINT64_C(0x100000001B3);
        return hash;
}

static inline uint64_t str_hash(struct str s)
{
        return str_hash_add(STR_HASH_START, s);
}

/* Order of the bytes, shorter first among equals: <0, 0 or >0. */
int str_cmp(struct str a, struct str b);

/* A NUL-terminated copy from alloc.h's allocator, freed with mem_free(); NULL without memory, or when @s
 * holds a NUL. */
char *str_dup(struct str s);
