/* SPDX-License-Identifier: Apache-2.0
 *
 * The policy that `leastwise init` writes: what a server lists, turned into the text of a policy for a person to go on from.
 * Reading tools are allowed, with the arguments that their schemas name and no others; writing ones are held for approval;
 * the rest is left out, each with the reason in a comment.
 *
 * Everything in the text that the server wrote is either a name of plain characters or, in comments, escaped to printable ASCII:
 * no server writes a line of the policy.
 */
#pragma once

#include "listing.h"
#include "tool_nature.h"

struct starter_tool {
        char *name; /* owned; may hold any byte but NUL */
        enum tool_nature nature;
        const char *reason; /* static */
        struct buf about;   /* its description, escaped */
        struct buf rule;    /* from `free:` on */
        struct buf notes;   /* comments on the rule */
};

struct starter {
        struct starter_tool *tools;
        size_t count, cap;
        struct buf resources, templates, prompts; /* lines */
        size_t more_resources, more_templates;    /* that were not written down */
        size_t allowed, held, left;               /* set by starter_write() */
};

void starter_init(struct starter *s);
void starter_deinit(struct starter *s); /* idempotent */

/* Takes one entry of the server's lists: 0 or -ENOMEM. */
int starter_add(struct starter *s, enum listing_kind kind, const struct json_doc *doc, uint32_t entry, struct str name);

/* Appends the policy's text. @name: of the policy, plain. @credentials: environment names that the server was given. 0, -EMSGSIZE or
 * -ENOMEM. */
int starter_write(
        struct starter *s, struct str name, const struct str *credentials, size_t credential_count, struct buf *out);
