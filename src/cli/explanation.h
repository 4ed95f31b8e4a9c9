/* SPDX-License-Identifier: Apache-2.0
 *
 * An explanation that `leastwise explain` is making, and how it is printed.
 */
#pragma once

#include "pinned_schema.h"
#include "policy.h"
#include "policy_flow.h"
#include "writer.h"

#define OUTPUT_MAX (4U << 20)
#define ARGUMENTS_MAX (16U << 20)

struct explanation {
        struct policy_set *policy;
        struct policy_request request;
        const char *subject;
        struct json_doc doc;  /* --args */
        struct buf arguments; /* its text */
        struct json_doc sent; /* the narrowed arguments */
        struct buf sent_text;
        struct policy_marks marks; /* --after and its like */
        struct pinned_schema schema;
        bool holds_schema; /* arguments of the call are held against the tool's schema */
        struct policy_scratch *scratch;
        enum policy_narrowing narrowing;
        struct str narrowed;  /* with NARROW_DONE: the arguments that are decided about in the end */
        bool json, colour, colour_errors;
        struct buf out, walk;
        struct json_writer writer;
        enum verdict verdict;     /* of the policies, once it is known */
        bool beyond, marks_title; /* was written */
};

/* Narrowing that came to no result denies. */
void explanation_note_conflict(const struct explanation *e, struct policy_decision *d);

/* Both walk the rules and append to e->out: for people, and for programs. */
void explanation_print_text(struct explanation *e);
void explanation_print_json(struct explanation *e);

/* What a session may yet do, though the policies do not deny; and all there is to know of that. */
void explanation_beyond_text(struct explanation *e, enum verdict verdict);
void explanation_beyond_json(struct explanation *e);
