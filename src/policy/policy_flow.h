/* SPDX-License-Identifier: Apache-2.0
 *
 * Marks: what a session has met so far, as far as a policy's `flow:` asks about it. The session gives the marks of a
 * tool, resource or prompt when an answer to it passes; deciding only reads them. A mark is never taken away, so that
 * flow rules only ever get stricter.
 */
#pragma once

#include "limit.h"
#include "policy.h"

/* One bit for each mark, one set of bits for each policy of the set. Zeroed: a session that has met nothing. */
struct policy_marks {
        uint64_t of[LIMIT_POLICIES];
};

/* Has any policy flow rules? Without them nobody need keep marks. */
bool policy_set_has_flow(const struct policy_set *set);

/* Calling a tool, reading a resource, getting a prompt: what flow rules are about, and what limits count. */
bool policy_is_call(enum policy_subject subject);

/* Adds the marks that something of the tool, resource or prompt, whatever it was, has reached the client. Of a template
 * the marks of all resources that it could be. What is of another kind has none. */
void policy_set_mark(
        const struct policy_set *set, enum policy_subject subject, struct str name, struct policy_marks *marks);

/* A flow rule about something, and what it wants. Borrows from the set and from the stack of who tells. */
struct policy_flow_rule {
        struct str policy_name, file, rule_id, because;
        uint32_t line, column;
        enum verdict verdict;
        struct str after[LIMIT_FLOW_MARKS]; /* the marks that the session must have; first those that it has not */
        size_t after_count, missing;        /* with none missing the rule is in force */
};

/* A mark that something bears. */
struct policy_flow_mark {
        struct str policy_name, file, name;
        uint32_t line, column;
        bool met; /* the session has it already */
};

struct policy_flow_observer {
        void (*rule)(void *userdata, const struct policy_flow_rule *rule);
        void (*mark)(void *userdata, const struct policy_flow_mark *mark);
        void *userdata;
};

/* Tells of every flow rule that a thing is held back by once the session has the rule's marks, and of every mark that
 * its answer brings; either function may be NULL. @marks: what the session has. */
void policy_set_tell_flow(const struct policy_set *set, enum policy_subject subject, struct str name,
        const struct policy_marks *marks, const struct policy_flow_observer *observer);

/* Adds marks to marks. */
void policy_marks_add(struct policy_marks *to, const struct policy_marks *from);

/* Appends the names of those of @more that are not among @met: "untrusted, private". */
void policy_marks_tell(
        const struct policy_set *set, const struct policy_marks *met, const struct policy_marks *more, struct buf *out);

/* The marks under another set, when policies are read anew: by policy's and mark's name. A policy whose name is new
 * gets the marks that any had. */
void policy_marks_move(struct policy_marks *marks, const struct policy_set *from, const struct policy_set *to);

/* Names of marks that a session has met and that were in no policy afterwards, at most LIMIT_LOST_MARKS_BYTES of them.
 * Zeroed and with its buffer made: none. Owned by the session. */
struct policy_lost_marks {
        struct buf names; /* each ends with NUL */
        bool all;         /* there were too many, or no memory: any may have been met */
};

/* Before another set comes into force: remembers the marks of @marks that it does not have. */
void policy_marks_lose(struct policy_lost_marks *lost, const struct policy_marks *marks, const struct policy_set *from,
        const struct policy_set *to);

/* After policy_marks_move(): gives back those that the set has again, and its policy had not in @from. */
void policy_marks_find(const struct policy_lost_marks *lost, struct policy_marks *marks, const struct policy_set *from,
        const struct policy_set *to);
