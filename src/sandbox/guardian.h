/* SPDX-License-Identifier: Apache-2.0
 *
 * What the guardian does between its fork and its end; called by child_guard() only.
 */
#pragma once

/* Reads @fd, the pipe's end: the pid of each program that we run, which is also its group (it sends that itself before its
 * exec, so that there is no moment at which it runs unguarded), or 0 when it is gone and there is none. At the end of
 * file the last one's group is killed. */
_Noreturn void guardian_main(int fd);
