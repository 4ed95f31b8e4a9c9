/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <time.h>

#include "cleanup.h"
#include "paths.h"
#include "provider.h"
#include "timestamp.h"
#include "vault_open.h"

static int refuse(const struct secret_source *source, const struct vault_opened *o, struct buf *why, int error, const char *what)
{
        provider_show(why, source->source);
        buf_append_str(why, STR(" in the vault "));
        provider_show(why, str_from(o->path));
        buf_printf(why, " %s", what);
        return error;
}

static void say_command(const struct secret_source *source, const struct vault_opened *o, const char *command, const char *options,
        struct buf *why)
{
        AUTO_BUF struct buf whole = BUF_INIT(2048);

        buf_append_str(&whole, str_from(command));
        provider_show(&whole, source->source);
        buf_append_str(&whole, str_from(options));
        if (buf_append_char(&whole, '\0') == 0)
                vault_command(why, o->path, whole.data);
}

static int refuse_missing(const struct secret_source *source, const struct vault_opened *o, struct buf *why)
{
        buf_append_str(why, STR("the vault "));
        provider_show(why, str_from(o->path));
        buf_append_str(why, STR(" has no "));
        provider_show(why, source->source);
        buf_append_str(why, STR("; put it there with:"));
        say_command(source, o, "secret set ", "", why);
        return -ENOENT;
}

static int copy_value(const struct secret_source *source, const struct vault_opened *o, char *space, size_t *ret_len, struct buf *why)
{
        const struct vault_entry *e = vault_find(&o->vault, source->source);
        struct timestamp_cache time = { 0 };
        struct timespec now;

        if (!e)
                return refuse_missing(source, o, why);
        clock_gettime(CLOCK_REALTIME, &now);
        if (e->expires_ms != 0 && e->expires_ms <= (uint64_t)now.tv_sec * 1000U) {
                int r = refuse(source, o, why, -EKEYEXPIRED, "has expired at ");

                buf_append_str(why, timestamp_text(&time, e->expires_ms));
                buf_append_str(why, STR("; put a new value there with:"));
                say_command(source, o, "secret rotate ", " --expires YYYY-MM-DD", why);
                return r;
        }
        if (vault_open_value(&o->vault, &o->secret->keys, e, space) != 0)
                return refuse(source, o, why, -EBADMSG, vault_problem_text(VAULT_FORGED));
        *ret_len = e->value_len;
        return 0;
}

int provider_vault(const struct secret_source *source, char *space, size_t *ret_len, struct buf *why)
{
        CLEANUP(vault_close) struct vault_opened o = VAULT_OPENED_NONE;
        AUTO_FREE char *path = source->vault.len ? str_dup(source->vault) : vault_own_path();
        AUTO_FREE char *state_dir = paths_state_dir();
        AUTO_BUF struct buf reason = BUF_INIT(8192);
        int r;

        if (!path || !state_dir)
                return -ENOMEM;
        r = vault_look(&o, path, &reason);
        if (r == 0)
                r = vault_unlock_alone(&o, &reason);
        if (r == 0)
                r = vault_settle(&o, state_dir, &reason);
        if (r == 0)
                r = copy_value(source, &o, space, ret_len, &reason);
        buf_append_str(why, buf_str(&reason));
        return r;
}
