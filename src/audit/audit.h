/* SPDX-License-Identifier: Apache-2.0
 *
 * Encodes what happened into JSON Lines records (docs/audit.md). Pure: records collect in memory, and
 * audit_file.h writes them. The session engine asks for a record *before* the effect it describes (law L6).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "str.h"

enum audit_kind {
        AUDIT_START = 1, /* the session: policies and digests, command, versions */
        AUDIT_DECISION,  /* of a policed message: verdict, rule, digest of the arguments */
        AUDIT_REFUSED,   /* a message that is malformed, unknown or out of turn; answered where it has an id */
        AUDIT_DROPPED,   /* a message that went nowhere and has no one to answer */
        AUDIT_PASSED,    /* a message that every policy lets through (handshake, ping, lists) */
        AUDIT_ANSWER,    /* of a decided request: ok, error, size */
        AUDIT_GAP,       /* records that could not be written: how many, since when */
        AUDIT_STOP,      /* why, counters */
        AUDIT_APPROVAL,  /* what has become of a card: who said yes or no, expired, withdrawn */
        AUDIT_POLICY,    /* the policy files have changed: which policies are in force, and why */
        AUDIT_STOPS,     /* a person has stopped something, or resumed it */
        AUDIT_GRANT,     /* a person lets something through beyond the policies, or does so no more */
        AUDIT_UPSTREAM,  /* what has become of a process behind the session: a lane's, or one that takes the main one's place */
        AUDIT_KIND_MAX_,
};

enum audit_from { AUDIT_FROM_CLIENT, AUDIT_FROM_SERVER, AUDIT_FROM_PROXY, AUDIT_FROM_PERSON };

/* Every str may be empty: an empty member is left out. Borrowed for the call only. */
struct audit_event {
        enum audit_kind kind;
        enum audit_from from;
        uint64_t time_ms;       /* real time, milliseconds since the epoch */
        struct str method;      /* unescaped; may hold anything a peer can write */
        struct str id;          /* the JSON text of the message's id */
        struct str subject;     /* "tool", "resource", "prompt", ... */
        struct str name;        /* tool name, URI, prompt name */
        struct str verdict;     /* "allow", "deny", "approve" */
        struct str reason;      /* stable code: "rule", "no-rule", "duplicate-member", ... */
        struct str detail;      /* text for a person */
        struct str policy;      /* the deciding policy's name */
        struct str rule;        /* the deciding rule's id */
        struct str rule_file;
        uint32_t rule_line, rule_column;
        struct str lane;        /* whose upstream it goes to or comes from; empty: the main one's */
        struct str marks;       /* that the session gets by this answer */
        struct str condition;   /* of the rule's conditions, the one that decided */
        struct str schema;      /* why the arguments were not held against the tool's schema */
        struct str arguments;   /* canonical JSON; recorded as a keyed digest, and as redacted text if so configured */
        bool has_arguments;     /* distinguishes {} from none */
        struct str narrowed;    /* what policy made of the arguments, canonical JSON; recorded in the same way */
        struct str approval;        /* id of the card */
        struct str approver;        /* who said yes or no */
        struct str approval_digest; /* of what was asked, in hexadecimal */
        struct str signature;       /* by which the approver said so ... */
        struct str statement;       /* ... and what it is a signature of */
        uint64_t bytes;         /* length of the message's line; 0 = left out */
        uint64_t refers_to;     /* seq of the record of the request that this answers; 0 = left out */
        uint64_t count;         /* AUDIT_GAP, AUDIT_DROPPED: how many; 0 = left out */
        uint64_t redacted, stripped; /* of an answer: what a policy's `results:` took out; 0 = left out */
        /* Canonical JSON object whose members are added behind all others (START, POLICY and STOP), under names of their own; may be
         * empty. What does not fit the record is left out, with "extra_cut":true in its place. */
        struct str extra;
};

/* Replaces secrets in @text, appending the result to @out: 0 or negative; 1 when there is nothing to replace, and nothing was
 * appended. NULL: there never is. */
typedef int (*audit_redactor)(void *userdata, struct str text, struct buf *out);

struct audit_config {
        struct str session;     /* the session's id, 26 characters (ULID) */
        uint8_t digest_key[32]; /* keys the digests of arguments */
        bool redacted_arguments;
        audit_redactor redact;
        void *redact_userdata;
};

struct audit_log;

int audit_log_new(struct audit_log **ret, const struct audit_config *config); /* 0, -ENOMEM, -EIO without libsodium */
struct audit_log *audit_log_free(struct audit_log *log);                     /* wipes the key; NULL is fine */

/* Encodes a record behind the pending ones and gives its sequence number (from 1, without holes in what is
 * written). 0; -EMSGSIZE (too much is pending), -ENOMEM or the redactor's error, with nothing added and no number used:
 * the event counts as lost. Every event is thus either in the file or in a gap's count. */
int audit_log_add(struct audit_log *log, const struct audit_event *event, uint64_t *ret_seq);

/* Whole lines not yet written; valid until the next add, written or discard. */
struct str audit_log_pending(const struct audit_log *log);
void audit_log_written(struct audit_log *log);
/* They could not be written: forgets them, counts them, and begins the next pending lines with an AUDIT_GAP record.
 * The numbers of what was forgotten are given again. */
void audit_log_discard(struct audit_log *log, uint64_t time_ms);

/* A new session's id (a ULID: 48 bits of time, 80 of chance, in Crockford's base 32) with a NUL behind it. */
void audit_session_id(char ret[27], uint64_t now_ms, const uint8_t random[10]);
