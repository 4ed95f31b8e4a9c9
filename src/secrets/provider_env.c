/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "cleanup.h"
#include "provider.h"

int provider_env(const struct secret_source *source, char *space, size_t *ret_len, struct buf *why)
{
        AUTO_FREE char *name = str_dup(source->source);
        struct str value;

        if (!name)
                return -ENOMEM;
        value = str_from(getenv(name));
        if (!value.ptr) {
                buf_append_str(why, STR("the environment variable "));
                provider_show(why, source->source);
                buf_append_str(why, STR(" is not set; set it in the \"env\" of this server in your MCP client's settings, "
                                        "or take the credential from a file or a program (from: file, from: exec)"));
                return -ENOENT;
        }
        *ret_len = value.len < PROVIDER_SPACE ? value.len : PROVIDER_SPACE;
        memcpy(space, value.ptr, *ret_len);
        return 0;
}
