/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds secrets and their encodings in text and puts a mark in their place (law L9).
 *
 * Text is either a canonical JSON line (json.h): there a string has exactly one spelling, so that searching for the
 * canonical spelling of a secret finds it wherever it stands; or plain text such as stderr.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "str.h"

struct redactor;

struct redact_secret {
        /* The credential's env name: shown in its place as [redacted:NAME], with "_" for all but [A-Za-z0-9_.-]. */
        struct str name;
        struct str value; /* at least LIMIT_SECRET_MIN_BYTES; copied, wiped by redactor_free() */
};

/* 0, -EINVAL (a value too short), -ENOMEM. Forms: plain; JSON-escaped once and twice, as the common writers do it; base64
 * and base64url at the three alignments; hex of both cases, also with ':' or ' ' between bytes; percent-encoded once and
 * twice; HTML-escaped. All of these also where any of their characters is written as an escape of JSON text (within the text, or within
 * the line's strings), in percent-encoding or as a character reference, and broken into lines; and each of those within each of them once
 * more, also in base64 and hex. Not looked for: text that was split otherwise, reversed, compressed, encrypted or otherwise disguised, and three
 * levels of encodings; and an escape, a percent sign with its digits or a reference that a line's break goes through. */
int redactor_new(struct redactor **ret, const struct redact_secret *secrets, size_t count);
struct redactor *redactor_free(struct redactor *r);

/* Looks for these besides, from now on; as redactor_new(), nothing is changed unless it is 0. Whoever borrows the redactor sees it: not
 * while one of them is at work. Values that it knows are passed over. -E2BIG past LIMIT_REDACTED_SECRETS. */
int redactor_add(struct redactor *r, const struct redact_secret *secrets, size_t count);
/* It looks for nothing; NULL is fine. */
bool redactor_is_empty(const struct redactor *r);

/* Is any form of any secret in @text? No allocation; but a redactor is for one thread at a time. */
bool redactor_finds(const struct redactor *r, struct str text);
/* The same of a canonical JSON line. */
bool redactor_finds_json(const struct redactor *r, struct str line);

/* Appends @text to @out with every secret replaced. Of matches that overlap, the one that begins first, and of those the
 * longest, gives its name to the mark; the mark stands for all of them. 0; -EMSGSIZE, -ENOMEM or, when it cannot be looked at to its end or is
 * past LIMIT_REDACTED_MATCHES or LIMIT_REDACTED_WORK, -EBADMSG, with @out as it was (but marked failed). */
int redactor_apply(const struct redactor *r, struct str text, struct buf *out);

/* The same for a canonical JSON line, so that it stays one: only strings and numbers are changed, escapes are
 * replaced whole, a number with a secret in it becomes 0, so that types stay what they are. -EBADMSG also when a secret lies across several
 * values (a credential that is a JSON document, sent as one): the line must not be sent at all. The caller reads the result again, for two
 * members' names may have become the same. */
int redactor_apply_json(const struct redactor *r, struct str line, struct buf *out);

/* The most bytes in which a secret may stand: a stream must keep that many minus one for the next chunk. Of one that is broken into
 * lines with long indentation it may be more. */
size_t redactor_longest(const struct redactor *r);
