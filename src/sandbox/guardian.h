/* SPDX-License-Identifier: Apache-2.0
 *
 * What the guardian does between its fork and its end; called by child_guard() only.
 */
#pragma once

/* Sent instead of a pid. */
#define GUARDIAN_LEAVE 0

/* Reads @fd, the pipe's end: first the upstream's pid (the upstream itself sends it before its exec, so that there is
 * no moment at which it runs unguarded), then either GUARDIAN_LEAVE or end of file (kill its group). */
_Noreturn void guardian_main(int fd);
