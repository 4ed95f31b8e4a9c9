/* SPDX-License-Identifier: Apache-2.0 */
#include "versioned.h"

#include <string.h>

/* No structure of a caller is longer: a size that was never set is found out, and not read past. */
#define VERSIONED_MAX 4096U

bool versioned_read(void *ret, size_t size, size_t least, const void *from)
{
        const unsigned char *bytes = from;
        size_t given;

        if (!from)
                return false;
        memcpy(&given, from, sizeof(given));
        if (given < least || given > VERSIONED_MAX)
                return false;
        for (size_t i = size; i < given; i++) {
                if (bytes[i])
                        return false;
        }
        memset(ret, 0, size);
        memcpy(ret, from, given < size ? given : size);
        return true;
}
