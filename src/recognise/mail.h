/* SPDX-License-Identifier: Apache-2.0
 *
 * `mail`: every recipient in a text is a plain address in one of the listed domains.
 *
 *     address [ "," spaces address ]...
 *     address = local "@" domain
 *
 * The local part is of letters, digits and . _ + - = ' ; it begins with a letter, a digit or `_`, has no dot at its
 * end and no two in a row, and at most 64 bytes. The domain is a name as host.h has it. Refused is what a mail
 * program may take for something else or for more: display names, <>, comments, quotes, groups, routes, `%`, `!`,
 * `;`, address literals, empty places in a list, white space but spaces behind a comma, and all but ASCII.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "recognise.h"
#include "str.h"

struct mail_rule {
        const struct str *domains; /* each without a mail_domain_problem() */
        size_t domain_count;
};

/* What is wrong with @domain as an entry, or NULL: a name in lower case, or `*.` and one, as in
 * host_pattern_problem(). */
const char *mail_domain_problem(struct str domain);

/* DOES_NOT only when no recipient is in the domains; when some are and some are not the text is unreadable, for a
 * rule that denies must not be got round by a further recipient. @ret_why: what decided, or NULL. */
enum recognised mail_to(const struct mail_rule *rule, struct str text, const char **ret_why);
