/* SPDX-License-Identifier: Apache-2.0
 *
 * One record's line: which members, in which order, cut to which length, redacted (docs/audit.md). audit.c numbers the
 * lines and keeps them until they are written. Private to the layer.
 */
#pragma once

#include "audit.h"
#include "timestamp.h"

/* The members that name the deciding rule, as the last record had them: calls of one tool follow one another. */
struct rule_members {
        struct buf policy, rule, file; /* whose they are */
        uint32_t line, column;
        struct buf encoded;
};

struct record_encoder {
        struct buf session; /* the id */
        struct buf narrowed_session; /* with ".narrowed" behind it: a record's two digests never share a key */
        struct buf head;    /* ,"time":"...","session":"...","kind":" */
        uint64_t head_ms;   /* the time that it shows */
        uint8_t digest_key[32];
        bool redacted_arguments;
        audit_redactor redact;
        void *redact_userdata;

        struct buf line;    /* of the record at hand */
        struct buf text;    /* a redacted string on its way to the line */
        struct timestamp_cache time;
        struct rule_members rule;
};

/* 0 or -ENOMEM; to be deinitialised in either case. */
int record_encoder_init(struct record_encoder *e, const struct audit_config *config);
void record_encoder_deinit(struct record_encoder *e); /* wipes the key */

/* The line of the event, with its LF, under the number @seq; valid until the next. 0, -ENOMEM or the redactor's error. */
int record_encode(struct record_encoder *e, uint64_t seq, const struct audit_event *event, struct str *ret_line);
/* The same of the record that says how many were lost, since when. */
int record_encode_gap(struct record_encoder *e, uint64_t seq, uint64_t time_ms, uint64_t count, uint64_t since_ms,
        struct str *ret_line);
