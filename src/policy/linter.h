/* SPDX-License-Identifier: Apache-2.0
 *
 * What the lints share; for the files of this layer only.
 */
#pragma once

#include "codes.h"
#include "compile.h"
#include "lint.h"
#include "set.h"

struct linter {
        const struct policy *policy;
        const struct lint *lint;
        struct diagnostics *diags;
};

struct diagnostic_place lint_place(const struct linter *l, uint32_t line, uint32_t column, uint32_t length);
struct diagnostic_place lint_pattern_place(const struct linter *l, const struct pattern *pattern);

/* A pattern as it could be written, for messages. */
struct shown lint_pattern(const struct pattern *pattern);

/* Rules that others leave nothing to, and rules about everything. */
void lint_rules(const struct linter *l);
/* Rules against what is pinned. */
void lint_pins(const struct linter *l);

/* A pattern of commands that may not match what is meant. */
void lint_command(struct compile *c, const struct yaml_node *node, const struct command_pattern *pattern);
/* `sql: read` in a deny rule. */
void lint_denied_reads(struct compile *c, const struct yaml_node *node);

/* A regular expression as it stands in a condition; @whole: it must match all of the text. */
void lint_regex(struct compile *c, const struct yaml_node *node, bool whole, bool denies, const struct condition *condition);
