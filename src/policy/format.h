/* SPDX-License-Identifier: Apache-2.0
 *
 * The canonical layout of a policy: two spaces a level, keys in the language's order, one space where spaces stand, at most one blank
 * line. What stands in flow style stays in it, comments stay with what they stood above or behind. The text that comes out is
 * held against the one that went in: the same tree, the same comments, and formatting it again changes nothing.
 */
#pragma once

#include "diagnostic.h"

/* Columns that a flow collection over several lines may take when it is put on one. */
#define FORMAT_WIDTH 140U

/* 0; -EINVAL with @diags when the text is no YAML of a policy; -ENOTSUP when it is laid out in a way that cannot be formatted
 * and provably mean the same; -EMSGSIZE past @out's limit; -ENOMEM. */
int policy_format(struct buf *out, struct str path, struct str text, struct diagnostics *diags);
