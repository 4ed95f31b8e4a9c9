/* SPDX-License-Identifier: Apache-2.0
 *
 * What a rule wants of a call's arguments: conditions (`when:`), which arguments there may be (`when:`, `free:`, `narrow:`), and
 * what becomes of them (`narrow:`). A rule without any of these takes every call.
 *
 * Allow and approve rules match when all conditions hold and every argument is named; deny rules match unless a condition
 * is known to fail. Where a path goes over items (`a[].b`), an allow rule wants it of every item and a deny rule of any.
 */
#pragma once

#include "argument_path.h"
#include "condition.h"

/* One key of `when:`. */
struct term {
        struct argument_path path;
        const struct condition *conditions;
        bool optional; /* that the argument is missing says nothing */
};

/* The names that a rule accepts, as a tree. */
struct accepted {
        struct str name;
        bool items; /* `[]`; then there is no name */
        bool whole; /* with everything in it */
        struct accepted *first, *next;
};

struct narrowing {
        struct argument_path path;
        uint32_t line, column;
        bool removes;
        bool has_least, has_most;
        struct decimal least, most;
        struct str least_text, most_text;
        struct str value;    /* of `set`, canonical JSON; empty: none */
        struct str fallback; /* of `default`, canonical JSON; empty: none */
};

struct terms {
        struct term *terms;
        size_t count;
        const struct accepted *accepted; /* the arguments object itself; NULL: everything is */
        struct str accepts;              /* "owner, perPage": for people */
        struct narrowing *narrowings;
        size_t narrowing_count;
        struct str cwd;
};

struct terms_result {
        bool matches;
        enum policy_reason reason; /* when not: POLICY_CONDITION or POLICY_UNNAMED_ARGUMENT */
        const struct term *term;   /* whose condition did not hold; of a deny rule that matches, the one that decided */
        const struct condition *condition;
        uint32_t argument;         /* the name that is not accepted, where it has one */
};

void terms_check(
        const struct terms *terms, bool denies, const struct policy_request *request, struct terms_result *ret);
