/* SPDX-License-Identifier: Apache-2.0 */
#include "paths.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"

#define PATHS_MAX 4096U

static const char *absolute_env(const char *name)
{
        const char *value = getenv(name);

        return value && value[0] == '/' ? value : NULL;
}

static const char *home(void)
{
        const char *dir = absolute_env("HOME");
        const struct passwd *user;

        if (dir)
                return dir;
        user = getpwuid(getuid());
        return user && user->pw_dir && user->pw_dir[0] == '/' ? user->pw_dir : NULL;
}

char *paths_state_dir(void)
{
        AUTO_BUF struct buf path = BUF_INIT(PATHS_MAX);
        const char *state = absolute_env("XDG_STATE_HOME");

        if (state) {
                buf_printf(&path, "%s/leastwise", state);
        } else {
                const char *dir = home();

                if (!dir)
                        return NULL;
                buf_printf(&path, "%s/.local/state/leastwise", dir);
        }
        return path.failed ? NULL : str_dup(buf_str(&path));
}
