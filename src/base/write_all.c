/* SPDX-License-Identifier: Apache-2.0 */
#include "write_all.h"

#include <errno.h>
#include <unistd.h>

int write_all(int fd, struct str text)
{
        while (text.len) {
                const ssize_t n = write(fd, text.ptr, text.len);

                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n > 0)
                        text = str_skip(text, (size_t)n);
        }
        return 0;
}
