/* SPDX-License-Identifier: Apache-2.0 */
#include "colour.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_set(const char *name)
{
        const char *value = getenv(name);

        return value && *value;
}

static bool automatic(int fd)
{
        const char *term = getenv("TERM");
        const char *force = getenv("CLICOLOR_FORCE");

        if (is_set("NO_COLOR"))
                return false;
        if (force && *force && strcmp(force, "0") != 0)
                return true;
        return isatty(fd) && term && strcmp(term, "dumb") != 0;
}

bool colour_wanted(const char *when, int fd, bool *ret)
{
        if (!when || strcmp(when, "auto") == 0)
                *ret = automatic(fd);
        else if (strcmp(when, "always") == 0 || strcmp(when, "never") == 0)
                *ret = strcmp(when, "always") == 0;
        else
                return false;
        return true;
}
