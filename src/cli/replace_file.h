/* SPDX-License-Identifier: Apache-2.0
 *
 * Replaces a file as a whole: whoever reads it meets the old text or the new one, also after a crash. Or makes one that was
 * not there, never in another's place.
 */
#pragma once

#include <sys/types.h>

#include "str.h"

/* Writes @text beside @path and renames it there. A link at @path is followed, so that the file it leads to is replaced. 0 or -errno. */
int replace_file(const char *path, struct str text, mode_t mode);

/* The same for a file that is new: 0; -EEXIST when something of that name is there, be it a link to nothing; -errno. */
int create_file(const char *path, struct str text, mode_t mode);
