/* SPDX-License-Identifier: Apache-2.0
 *
 * What the guardian does between its fork and its end; called by child_guard() only.
 */
#pragma once

/* Reads @fd, the pipe's end: first the upstream's pid (the upstream itself sends it before its exec, so that there is
 * no moment at which it runs unguarded), then either a byte (leave quietly) or end of file (kill its group). */
_Noreturn void guardian_main(int fd);
