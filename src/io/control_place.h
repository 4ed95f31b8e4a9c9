/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the control sockets of running sessions stand: `leastwise` in $XDG_RUNTIME_DIR, or in /run/user/UID, or
 * `control` in the state directory. A proxy takes the first that can be had; who looks for sessions looks in all,
 * because clients start servers with little of the person's environment. Each is a directory of ours alone (0700), the
 * sockets in it too (0600).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "session_id.h"

#define CONTROL_PLACES 3U
#define CONTROL_NAME_BYTES (SESSION_ID_LEN + sizeof(".sock"))

/* Of the place number @index: its absolute path (mem_free), which need not be there; NULL when there is no such place,
 * or no memory.
 * @state_dir may be NULL. */
char *control_place_path(size_t index, const char *state_dir);

/* Opens the directory, with @make making it where its parent is there: a descriptor, or -errno. Refused with -EPERM is
 * what belongs to somebody else; what others may look into is closed to them. */
int control_place_open(const char *path, bool make);

/* The socket's file name of a session. */
void control_place_name(char out[static CONTROL_NAME_BYTES], const char *session);
/* Is it such a name? */
bool control_place_is_name(const char *name);

/* A socket that listens in @dir under that name: a descriptor that does not block, or -errno. Nobody ever sees the name
 * before it listens. */
int control_place_listen(int dir, const char *name);

/* Connects: a descriptor that blocks, or -errno; -ECONNREFUSED when nobody listens there any more. */
int control_place_connect(int dir, const char *name);

/* Removes sockets in @dir that nobody listens at, which proxies have left that were killed together with their
 * guardian. */
void control_place_sweep(int dir);
