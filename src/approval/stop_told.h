/* SPDX-License-Identifier: Apache-2.0
 *
 * A stop in force as those who watch a session are told of it: what a person should read, in words.
 */
#pragma once

#include "stops.h"

struct stop_told {
        char id[STOP_ID_BYTES]; /* empty: over what could not be read; nobody resumes that by an id */
        bool system;            /* of the machine's administrator */
        struct str what;        /* as stop_append_what() has it */
        struct str because;     /* the person's words, or what cannot be read */
};

/* Appends a canonical JSON array of all that is in force by the list. 0 or -ENOMEM. */
int stop_list_write_told(const struct stop_list *list, struct buf *out);

/* Reads one object of such an array. Texts point into the document or into @memory. 0, -EBADMSG or -ENOMEM. */
int stop_told_read_json(const struct json_doc *doc, uint32_t object, struct buf *memory, struct stop_told *ret);
