/* SPDX-License-Identifier: Apache-2.0
 *
 * What is wrong with a policy file, where, and what would mend it. Collected, not printed: printing
 * (with caret, as JSON, in colour) is diagnostic_print.c's and needs only this and the text.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "limit.h"
#include "str.h"

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

struct diagnostic {
        enum severity severity;
        const char *code;      /* "P101": stable, listed in docs/policy-diagnostics.md */
        struct str path;       /* borrowed from the input */
        uint32_t line, column; /* 1-based, column in bytes; 0 = the file as a whole */
        uint32_t length;       /* bytes to underline; at least 1 */
        char *message;         /* one line, printable; owned */
        char *help;            /* "did you mean ..." or a command that mends it; owned, may be NULL */
};

struct diagnostics {
        struct diagnostic items[LIMIT_DIAGNOSTICS];
        size_t count;
        size_t errors;  /* counted past the limit too */
        size_t dropped; /* past the limit */
};

void diagnostics_deinit(struct diagnostics *diags); /* idempotent */

struct diagnostic_place {
        struct str path;
        uint32_t line, column, length;
};

/* Adds one. @help may be NULL. Without memory the count of errors still grows, so that nothing broken passes. */
void diagnostics_add(struct diagnostics *diags, enum severity severity, const char *code, struct diagnostic_place at,
        const char *help, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Ordered by path, line, column. */
void diagnostics_sort(struct diagnostics *diags);

/* Human form, each with its line of @text and a caret; @text is looked up per path by the caller's function. */
typedef struct str (*diagnostic_text_fn)(void *userdata, struct str path);
int diagnostics_print(const struct diagnostics *diags, struct buf *out, bool colour, diagnostic_text_fn text, void *userdata);
/* SARIF 2.1.0, with columns in code points of the text; @version: the program's. */
int diagnostics_print_sarif(const struct diagnostics *diags, struct str version, struct buf *out, diagnostic_text_fn text,
        void *userdata);
/* {"version":1,"diagnostics":[...],"summary":{"errors":N,"warnings":N}} */
int diagnostics_print_json(const struct diagnostics *diags, struct buf *out);
