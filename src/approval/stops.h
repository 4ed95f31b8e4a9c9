/* SPDX-License-Identifier: Apache-2.0
 *
 * Stops: what a person has said is not to run until a person resumes it, whatever the policies allow. A stop is a small
 * JSON object, one file each; a list of them is what a session goes by. What cannot be read or understood stops
 * everything: a list that failed has a stop of its own over all that there is.
 */
#pragma once

#include <stddef.h>

#include "card.h"

#define STOP_ID_BYTES CARD_ID_BYTES /* spelled as the ids of cards */

/* Zeroed memory stops everything. */
enum stop_scope {
        STOP_ALL,
        STOP_TOOL,   /* the tools that the pattern matches */
        STOP_SERVER, /* the sessions whose server's command or one of whose policies' names it matches */
        STOP_AGENT,  /* the sessions of that agent */
        STOP_SCOPE_MAX_,
};

struct stop {
        char id[STOP_ID_BYTES]; /* of the file's name, not its text; empty: the list's own, over what could not be read
                                 */
        enum stop_scope scope;
        struct str pattern; /* of tools or servers (`*` any run of characters, `?` any one), or the agent's name; of
                               STOP_ALL empty */
        struct str because; /* the person's own words */
        struct str by;      /* who it was, by his own word */
        struct str at;      /* when: RFC 3339 in UTC */
        bool system;        /* of the machine's administrator */
        struct buf memory;  /* of the texts, when it was read; owned */
};

void stop_deinit(struct stop *stop); /* idempotent */

/* Reads the text of a stop into @ret, which becomes the caller's to deinit. @id: of the file. 0; -EBADMSG, when it is
 * not such an object to the letter, with *ret_why a static phrase that says what is wrong; -ENOMEM. */
int stop_read_json(struct str text, struct str id, struct stop *ret, const char **ret_why);

/* Appends its canonical JSON: 0 or -ENOMEM. */
int stop_write_json(const struct stop *stop, struct buf *out);

/* NULL when people can give that text as the pattern of such a stop, or its reason; else a phrase that says why not. */
const char *stop_pattern_refusal(enum stop_scope scope, struct str pattern);
const char *stop_because_refusal(struct str because);

/* What is stopped, for a person: `the tools "delete_*"`, `everything`. Printable. 0 or -ENOMEM. */
int stop_append_what(const struct stop *stop, struct buf *out);

/* By whom: ` by alice`, ` by the administrator`; nothing, when nobody says. Printable. 0 or -ENOMEM. */
int stop_append_by(const struct stop *stop, struct buf *out);

/* --- lists --- */

struct stop_list {
        struct stop *stops; /* owned, in the order of their ids within each place */
        size_t count, room;
        bool failed; /* then everything is stopped, by `failure` */
        struct stop failure;
        char why[512]; /* for the person who can mend it; one printable line */
};

#define STOP_LIST_INIT \
        { \
                .count = 0 \
        }

void stop_list_deinit(struct stop_list *list); /* idempotent */

/* Takes the stop over in any case. Without memory, or with more than LIMIT_STOPS, the list fails. */
void stop_list_take(struct stop_list *list, struct stop *stop);

/* Something cannot be read or understood: the list stops everything. The first reason is kept. */
void stop_list_fail(struct stop_list *list, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Of a session. */
struct stop_facts {
        struct str server;          /* its command, one printable line */
        struct str agent;           /* empty: it has none */
        const struct str *policies; /* their names */
        size_t policy_count;
};

/* Drops the stops that are none of such a session's. */
void stop_list_keep(struct stop_list *list, const struct stop_facts *facts);

/* The stop of the same place and id, or NULL. */
const struct stop *stop_list_find(const struct stop_list *list, const struct stop *like);

/* What stops the whole session, or NULL. The list is that session's (stop_list_keep). */
const struct stop *stop_list_whole(const struct stop_list *list);
/* What stops the tool: the whole session's, or its own; NULL. */
const struct stop *stop_list_tool(const struct stop_list *list, struct str tool);
/* What stops at least something; NULL: nothing is. */
const struct stop *stop_list_any(const struct stop_list *list);
