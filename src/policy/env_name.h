/* SPDX-License-Identifier: Apache-2.0
 *
 * What is known about names and values of environment variables.
 */
#pragma once

#include <stdbool.h>

#include "str.h"

bool env_name_is_valid(struct str name); /* [A-Za-z_][A-Za-z0-9_]* */

/* Read by the dynamic loader or the C library of every program: LD_PRELOAD and its like. */
bool env_name_steers_loader(struct str name);

/* Makes a language's run time load files or options of somebody's choice: NODE_OPTIONS, PYTHONPATH, ... */
bool env_name_loads_code(struct str name);

/* Begins (also behind a `=`) as the tokens of well-known services do. */
bool env_value_looks_secret(struct str value);

/* One long word of capital and small letters and digits without an order that a person would give it. */
bool env_value_looks_random(struct str value);
