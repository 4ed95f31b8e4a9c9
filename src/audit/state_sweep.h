/* SPDX-License-Identifier: Apache-2.0
 *
 * State files are put in place by writing another one beside them first. Who is killed in between leaves that one
 * behind: it is nobody's, and is removed here.
 */
#pragma once

/* How the names of such files begin, and of no others: no policy's name has a `~`. */
#define STATE_TEMPORARY ".~"

/* Removes the files of the directory whose names begin so: those that are regular files of the user, and were not
 * written to for an hour. Links are not followed. @dir_fd stays the caller's. Best effort: what cannot be removed
 * stays. The number removed. */
unsigned state_sweep(int dir_fd);
