/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes of the program's sources one that can watch no directory, as where all of a user's watches are in use. Stands in front of
 * the C library's.
 */
#include <errno.h>
#include <sys/inotify.h>

__attribute__((visibility("default"))) int inotify_add_watch(int fd, const char *path, uint32_t mask)
{
        errno = ENOSPC;
        return -1;
}
