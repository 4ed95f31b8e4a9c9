/* SPDX-License-Identifier: Apache-2.0
 *
 * A pipe of the usual 64 KiB makes a megabyte take sixteen turns of two processes; one of 1 MiB halves its time. It is
 * asked for only when a message has filled the pipe, so that a start and small traffic pay nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define PIPE_USUAL_BYTES 65536U

/* True when the pipe has become larger; false when it cannot (not a pipe, the user's quota, ...). */
bool pipe_enlarge(int fd);
