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

static char *place(const char *variable, const char *below_home)
{
        AUTO_BUF struct buf path = BUF_INIT(PATHS_MAX);
        const char *base = absolute_env(variable), *dir;

        if (base) {
                buf_printf(&path, "%s/leastwise", base);
        } else {
                dir = home();
                if (!dir)
                        return NULL;
                buf_printf(&path, "%s/%s/leastwise", dir, below_home);
        }
        return path.failed ? NULL : str_dup(buf_str(&path));
}

char *paths_state_dir(void)
{
        return place("XDG_STATE_HOME", ".local/state");
}

char *paths_config_dir(void)
{
        return place("XDG_CONFIG_HOME", ".config");
}
