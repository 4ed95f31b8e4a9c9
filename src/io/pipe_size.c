/* SPDX-License-Identifier: Apache-2.0 */
#include "pipe_size.h"

#include <fcntl.h>

/* /proc/sys/fs/pipe-max-size as kernels ship it: what an ordinary user may ask for. */
#define PIPE_LARGE_BYTES (1 << 20)

bool pipe_enlarge(int fd)
{
        const int now = fcntl(fd, F_GETPIPE_SZ);

        return now > 0 && now < PIPE_LARGE_BYTES && fcntl(fd, F_SETPIPE_SZ, PIPE_LARGE_BYTES) > now;
}
