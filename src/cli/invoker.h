/* SPDX-License-Identifier: Apache-2.0
 *
 * When sudo(8) lets one user start us as another, the one who did so has chosen our environment and our working
 * directory, as far as sudo's settings left him. Nothing of either is believed then (docs/hardened.md).
 */
#pragma once

#include <stdbool.h>

/* To be called once, before anything reads the environment. When SUDO_UID names another user than ours, or nobody, it
 * makes the environment anew: HOME, USER, LOGNAME and SHELL of the password file, a PATH of the system's directories,
 * and what only concerns the looks of a terminal, as far as it is plain. SUDO_UID stays. 0, or the exit status with the
 * reason said. */
int invoker_settle(void);

/* Another user started us: what invoker_settle() found. */
bool invoker_is_other(void);

/* Goes where nobody but our user put things: the home directory, or the root when there is none. Does nothing unless
 * another user started us. 0 or -errno. */
int invoker_leave_directory(void);
