/* SPDX-License-Identifier: Apache-2.0
 *
 * Where things are kept. Clients hand servers little more than HOME and PATH, and some not even that.
 */
#pragma once

/* $XDG_STATE_HOME/leastwise, or ~/.local/state/leastwise with HOME or else the password file's home: absolute, from
 * mem_alloc(). NULL without memory or any home. A relative XDG_STATE_HOME counts as unset (XDG base directories). */
char *paths_state_dir(void);

/* The same for configuration: $XDG_CONFIG_HOME/leastwise, or ~/.config/leastwise. */
char *paths_config_dir(void);
