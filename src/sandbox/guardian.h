/* SPDX-License-Identifier: Apache-2.0
 *
 * What the guardian does between its fork and its end; called by child_guard() only.
 */
#pragma once

#include <sys/types.h>

#include "limit.h"

/* What comes through the pipe: a pid alone, that of a program that we run, which is also its group (it sends that itself before its
 * exec, so that there is no moment at which it runs unguarded), or 0 when it is gone and there is none; or one of these, with the rest
 * of its structure in the same write. */
#define GUARDIAN_ALSO ((pid_t)-1)  /* struct guardian_group: a further program, beside that one */
#define GUARDIAN_ENDED ((pid_t)-2) /* struct guardian_group: it is gone */
#define GUARDIAN_FILE ((pid_t)-3)  /* struct guardian_file: to be removed at our end; the last one counts */
#define GUARDIAN_DIRECTORY ((pid_t)-4) /* the same of a directory and the files in it, beside others */
#define GUARDIAN_FORGET ((pid_t)-5)    /* the same: it is gone */

struct guardian_group {
        pid_t kind, pid;
};

#define GUARDIAN_PATH_BYTES 512U
/* Pipe writes of up to 4096 bytes are atomic. */
struct guardian_file {
        pid_t kind;
        char path[GUARDIAN_PATH_BYTES]; /* absolute, NUL-terminated */
};

/* Further programs at one time: those of cards, a proxy's servers, and one that fetches a credential. */
#define GUARDIAN_GROUPS (LIMIT_CARD_PROGRAMS + LIMIT_LANES + 2U)

/* Directories at one time: one for each server that takes files. */
#define GUARDIAN_DIRECTORIES 16U

/* Reads @fd, the pipe's end. At the end of file the groups are killed, and the file and the directories are removed. */
_Noreturn void guardian_main(int fd);
