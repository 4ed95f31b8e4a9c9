/* SPDX-License-Identifier: Apache-2.0 */
#include "vault_place.h"

#include "cleanup.h"
#include "paths.h"
#include "provider.h"

char *vault_own_path(void)
{
        AUTO_FREE char *dir = paths_config_dir();
        AUTO_BUF struct buf path = BUF_INIT(8192);

        if (!dir)
                return NULL;
        buf_printf(&path, "%s/vault", dir);
        return path.failed ? NULL : str_dup(buf_str(&path));
}

void vault_command(struct buf *why, const char *path, const char *command)
{
        AUTO_FREE char *own = vault_own_path();

        buf_printf(why, " leastwise %s", command);
        if (own && strcmp(own, path) == 0)
                return;
        buf_append_str(why, STR(" --vault "));
        provider_show_word(why, str_from(path));
}
