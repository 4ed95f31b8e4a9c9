/* SPDX-License-Identifier: Apache-2.0
 *
 * Patterns held against patterns: does one match every name that another matches? Answers are proofs: "no" may also mean that
 * nothing could be shown. A proof is about names and texts of valid UTF-8, which all that JSON brings are.
 */
#pragma once

#include "pattern.h"

/* Do the two match the same, because they are written alike? */
bool pattern_same(const struct pattern *a, const struct pattern *b);

/* Does @wide match whatever @narrow matches? Of URIs a wildcard that allows is trusted only with plain ones, which is looked at
 * here. */
bool pattern_includes(const struct pattern *wide, const struct pattern *narrow);

/* Does one of the wide ones match whatever one of the narrow ones matches, for each of these? */
bool patterns_include(const struct pattern *wide, size_t wide_count, const struct pattern *narrow, size_t count);

/* Does @wide match whatever both of the others match? */
bool pattern_includes_meeting(const struct pattern *wide, const struct pattern *a, const struct pattern *b);

/* May there be a name that both match? False only when there is none. */
bool pattern_may_meet(const struct pattern *a, const struct pattern *b);
