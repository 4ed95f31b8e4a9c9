/* SPDX-License-Identifier: Apache-2.0 */
#include "secrets.h"

#include <errno.h>
#include <sodium.h>

#include "alloc.h"
#include "printable.h"
#include "provider.h"

void provider_show(struct buf *why, struct str text)
{
        printable_append(why, text, 1024);
}

void secret_wipe(struct secret *secret)
{
        sodium_free(secret->value); /* wipes */
        *secret = (struct secret){ 0 };
}

static void describe(struct buf *why, const struct secret_source *source)
{
        switch (source->from) {
        case SECRET_ENV:
                buf_append_str(why, STR("the environment variable "));
                break;
        case SECRET_FILE:
                buf_append_str(why, STR("the file "));
                break;
        case SECRET_EXEC:
                buf_append_str(why, STR("the output of "));
                break;
        case SECRET_VAULT:
                buf_append_str(why, STR("the vault's "));
                break;
        }
        provider_show(why, source->from == SECRET_EXEC && source->argc ? source->argv[0] : source->source);
}

static int check_value(const struct secret_source *source, struct str value, struct buf *why)
{
        if (value.len > LIMIT_CREDENTIAL_BYTES) {
                describe(why, source);
                buf_printf(why, " is longer than %u bytes, which no environment can hold; check that it is the right one",
                        LIMIT_CREDENTIAL_BYTES);
                return -EMSGSIZE;
        }
        for (size_t i = 0; i < value.len; i++) {
                unsigned char c = (unsigned char)value.ptr[i];

                if (c < 0x20 || c == 0x7F) {
                        describe(why, source);
                        buf_append_str(why, STR(" holds a control character or a second line; give the bare value on one "
                                                "line, ended by a newline or by nothing"));
                        return -EINVAL;
                }
        }
        if (value.len < LIMIT_SECRET_MIN_BYTES) {
                describe(why, source);
                buf_printf(why,
                        value.len ? " is shorter than %u bytes: it would be found by chance in what servers say, and "
                                    "could not be hidden there; use a longer credential"
                                  : " is empty; put a value of at least %u bytes there",
                        LIMIT_SECRET_MIN_BYTES);
                return -EINVAL;
        }
        return 0;
}

static int get(struct secret *ret, const struct secret_source *source, struct buf *why)
{
        char *space = NULL, *value = NULL;
        size_t len = 0;
        int r = -ENOMEM;

        if (sodium_init() < 0)
                return -EIO;
        /* Locked where the limit for locked memory allows, and between guard pages. */
        space = sodium_malloc(PROVIDER_SPACE);
        if (!space)
                return -ENOMEM;
        switch (source->from) {
        case SECRET_ENV:
                r = provider_env(source, space, &len, why);
                break;
        case SECRET_FILE:
                r = provider_file(source, space, &len, why);
                break;
        case SECRET_EXEC:
                r = provider_exec(source, space, &len, why);
                break;
        case SECRET_VAULT:
                r = provider_vault(source, space, &len, why);
                break;
        default:
                r = -EINVAL;
                break;
        }
        if (r == 0)
                r = check_value(source, str_of(space, len), why);
        if (r == 0) {
                value = sodium_malloc(len + 1);
                r = value ? 0 : -ENOMEM;
        }
        if (r == 0) {
                memcpy(value, space, len);
                value[len] = '\0';
                *ret = (struct secret){ value, len };
        }
        sodium_free(space);
        return r;
}

int secret_get(struct secret *ret, const struct secret_source *source, char **ret_message)
{
        AUTO_BUF struct buf why = BUF_INIT(16384);
        int r;

        *ret_message = NULL;
        buf_append_str(&why, STR("credential "));
        provider_show(&why, source->env_name);
        buf_append_str(&why, STR(": "));
        r = get(ret, source, &why);
        if (r == -ENOMEM)
                buf_append_str(&why, STR("there is no memory for it"));
        if (r < 0)
                *ret_message = str_dup(buf_str(&why));
        return r;
}
