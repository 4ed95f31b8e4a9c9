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

/* The user's home in the password file; may be asked for in any thread. */
static int home_of_user(struct buf *path)
{
        struct passwd user, *found = NULL;
        char space[16384];

        if (getpwuid_r(getuid(), &user, space, sizeof(space), &found) != 0 || !found || !user.pw_dir || user.pw_dir[0] != '/')
                return -1;
        return buf_append_str(path, str_from(user.pw_dir));
}

static char *place(const char *variable, const char *below_home)
{
        AUTO_BUF struct buf path = BUF_INIT(PATHS_MAX);
        const char *base = absolute_env(variable), *home = absolute_env("HOME");

        if (base) {
                buf_printf(&path, "%s/leastwise", base);
        } else {
                if (home)
                        buf_append_str(&path, str_from(home));
                else if (home_of_user(&path) < 0)
                        return NULL;
                buf_printf(&path, "/%s/leastwise", below_home);
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
