/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "str.h"

/* Writes all of @text to a descriptor that blocks, however many system calls that takes. 0 or -errno. */
int write_all(int fd, struct str text);
