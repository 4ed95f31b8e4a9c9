/* SPDX-License-Identifier: Apache-2.0
 *
 * What two conditions of one kind say, held against each other: values, bounds, texts, domains, URLs, commands. For
 * condition_compare.c, which knows what else a condition asks for. Each answers "does the wide one take whatever the narrow one
 * takes?", and "no" may also mean that it could not be shown.
 */
#pragma once

#include "condition.h"

/* `one_of`, `none_of`: does each of the narrow values stand among the wide ones? */
bool condition_values_include(const struct condition *wide, const struct condition *narrow);

/* A number within the narrow bound is within the wide one; false when either is no bound. */
bool condition_bound_implies(const struct condition *wide, const struct condition *narrow);
/* The same of lists of bounds, all of which hold. */
bool condition_bounds_imply(const struct condition *wide, const struct condition *narrow);

/* @wide is `starts_with`, `ends_with` or `contains`, @narrow one of these or `like`. */
bool condition_text_implies(const struct condition *wide, const struct condition *narrow);

/* Does each of the narrow texts stand among the wide ones, letter for letter? */
bool condition_texts_include(const struct condition *wide, const struct condition *narrow);

bool condition_mail_includes(const struct condition *wide, const struct condition *narrow);
bool condition_url_includes(const struct url_rule *wide, const struct url_rule *narrow);
bool condition_commands_include(const struct condition *wide, const struct condition *narrow);
