/* SPDX-License-Identifier: Apache-2.0 */
#include "start_error.h"

#include <errno.h>
#include <string.h>

const char *start_error(int error)
{
        switch (error) {
        case EAGAIN:
                return "no more processes may be started; end some, or raise the limit (ulimit -u, or that of the container or unit)";
        case EMFILE:
        case ENFILE:
                return "no more files may be opened; raise the limit (ulimit -n)";
        case EPIPE:
                return "its guardian, which would end it with leastwise, has been ended or stopped; start leastwise anew";
        default:
                return strerror(error);
        }
}
