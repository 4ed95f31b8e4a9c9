/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the user's own vault is, and what to type about one vault or another.
 */
#pragma once

#include "buf.h"

/* $XDG_CONFIG_HOME/leastwise/vault or ~/.config/leastwise/vault, from mem_alloc(); NULL without memory or a home. */
char *vault_own_path(void);

/* Appends " leastwise @command", and which vault it is about where that is not the user's own. */
void vault_command(struct buf *why, const char *path, const char *command);
