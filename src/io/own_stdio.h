/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes descriptors 0, 1 and 2 our own. O_NONBLOCK belongs to an open file description, and whoever started us may
 * share theirs with others: pipes and terminals are therefore opened anew, so that nobody else ever meets EAGAIN because of
 * us. Sockets cannot be opened anew; there the flag is set and put back at the end. Files and devices that cannot be
 * polled stay as they are and block.
 */
#pragma once

#include <stdbool.h>

/* Opens /dev/null where one of the three is closed: our next pipe would be there. Idempotent; 0 or -errno. */
int own_stdio_fill_gaps(void);

struct own_stdio {
        int flags[3];
        bool changed[3]; /* flags[i] is to be restored */
};

/* Before PR_SET_DUMPABLE is cleared: /proc/self/fd is closed to us afterwards. 0 or -errno. */
int own_stdio_take(struct own_stdio *ret);

/* A descriptor that can be read once the other end of our stdin has closed, whatever there is still to be read; the caller's. -1
 * where that cannot be told, as of a file. */
int own_stdio_hang_up(void);

/* Idempotent. */
void own_stdio_give_back(struct own_stdio *s);
