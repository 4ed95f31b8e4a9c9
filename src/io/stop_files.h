/* SPDX-License-Identifier: Apache-2.0
 *
 * Stops as files, ID.json in one directory: `stops` in a user's state directory for his own sessions, and the machine's
 * for everybody's. A file comes whole, by a rename, and goes whole. What somebody else could have written, or what
 * cannot be read, makes the list fail.
 */
#pragma once

#include <sys/types.h>

#include "stops.h"

struct stop_place {
        const char *path; /* absolute */
        uid_t owner;      /* only he and root may be able to write there */
        bool system;      /* of the machine's administrator */
};

/* The user's own, in that state directory; *ret_path (mem_free) is what place.path borrows. 0 or -ENOMEM. */
int stop_place_own(struct stop_place *ret, const char *state_dir, char **ret_path);

/* Adds the stops of @place to the list, which fails when it cannot be told what is stopped. No directory: nothing is.
 */
void stop_files_read(const struct stop_place *place, struct stop_list *list);

/* Puts the stop in force, making the directory where there is none. 0, when it is on the disk; or -errno with
 * *ret_message (mem_free; may be NULL). */
int stop_files_add(const struct stop_place *place, const struct stop *stop, char **ret_message);

/* Removes the file of that id, whatever it holds. 0; -ENOENT; -errno with *ret_message as above. */
int stop_files_remove(const struct stop_place *place, const char *id, char **ret_message);
