/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of sessions: ULIDs, 48 bits of milliseconds and 80 random bits in Crockford's base 32, so that files sort by time.
 */
#pragma once

#include <stdint.h>

#define SESSION_ID_LEN 26U

/* Writes the id and a NUL. */
void session_id_encode(char out[static SESSION_ID_LEN + 1], uint64_t time_ms, const uint8_t random[static 10]);

/* A new one, of now. 0 or -errno when the kernel has no random bytes. */
int session_id_new(char out[static SESSION_ID_LEN + 1], uint64_t time_ms);
