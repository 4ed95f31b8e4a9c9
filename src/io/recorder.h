/* SPDX-License-Identifier: Apache-2.0
 *
 * Brings the session's records to their file (law L6: before the effect), and writes the two records that are the
 * program's own: the start, just before the first message of a session is looked at (a server that is started and stopped
 * without a word leaves no trace), and the stop, if there was a start.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "audit.h"
#include "audit_file.h"
#include "session.h"

/* Records that nothing waits for are written within this time. */
#define RECORDER_LATE_MS 200U

/* What the start record tells. All borrowed, until the record is made. */
struct recorder_facts {
        const char *const *command; /* NULL-terminated */
        const char *agent;          /* NULL when not given */
        const struct policy_set *policy;
        const struct redactor *redactor; /* NULL when there are no secrets */
        size_t line_limit;
};

struct recorder {
        struct audit_file *file; /* owned */
        struct audit_log *log;   /* owned */
        bool started;
        int error; /* of the last write: 0 or -errno */
        struct recorder_facts facts;
        char session[27];
};

/* Opens everything: 0 or negative with *ret_message (mem_free) saying what to do. @facts but the redactor are complete. */
int recorder_open(struct recorder *r, const char *state_dir, const struct policy_launch *launch,
        const struct recorder_facts *facts, uint64_t now_ms, char **ret_message);

/* Adds the start record if it is due. 0 or negative. */
int recorder_start(struct recorder *r, struct session *s, uint64_t now_ms);

/* Adds a record that another policy is in force, or is not: @policy is the one that is. 0 or negative. */
int recorder_policy(struct session *s, const struct policy_set *policy, const char *reason, struct str detail, uint64_t now_ms);

struct recorder_end {
        const char *reason;
        int status;       /* as waitid() has it: code or signal; -1 when it was never known */
        bool by_signal;
        uint64_t dropped_stderr;
};
/* Adds and writes the stop record. */
void recorder_stop(struct recorder *r, struct session *s, const struct recorder_end *end, uint64_t now_ms);

/* Writes what is pending: true when it is in the file. A failure forgets the records and counts them (audit.h). */
bool recorder_write(struct recorder *r, uint64_t now_ms);

bool recorder_has_pending(const struct recorder *r);

void recorder_close(struct recorder *r); /* idempotent */
