/* SPDX-License-Identifier: Apache-2.0 */
#include "check_credentials.h"

#include <errno.h>
#include <unistd.h>

#include "cleanup.h"
#include "printable.h"
#include "secrets.h"

#define PATH_BYTES 4096U

struct showing {
        size_t policy;
        struct buf *out;
};

/* Which program it is that would be run: PATH may be another one for the client. */
static void show_program(struct buf *out, struct str name)
{
        AUTO_BUF struct buf why = BUF_INIT(16384);
        AUTO_FREE char *file = NULL;
        const int r = secret_program(name, &file, &why);

        if (r == 0 && name.ptr[0] == '/' && access(file, X_OK) == 0)
                return;
        buf_append_str(out, STR("; "));
        printable_append(out, name, PATH_BYTES);
        if (r < 0 || name.ptr[0] == '/') {
                buf_append_str(out, r == 0          ? STR(" cannot be run here")
                                    : r == -ENOENT ? STR(" is not in PATH")
                                                   : STR(" must be named by a path that begins with /, or by a bare name"));
                return;
        }
        buf_append_str(out, STR(" is "));
        printable_append(out, str_from(file), PATH_BYTES);
}

static void show(void *userdata, size_t policy, struct str lane, const struct policy_credential *c)
{
        const struct showing *s = userdata;

        if (policy != s->policy)
                return;
        buf_append_str(s->out, STR("  "));
        printable_append(s->out, c->env_name, PATH_BYTES);
        if (lane.len) {
                buf_append_str(s->out, STR(" of the lane "));
                printable_append(s->out, lane, PATH_BYTES);
        }
        buf_append_str(s->out, STR(": "));
        policy_credential_describe(c, s->out);
        if (c->from == CREDENTIAL_EXEC && c->argc)
                show_program(s->out, c->argv[0]);
        else if (c->from == CREDENTIAL_KEYRING)
                show_program(s->out, STR("secret-tool"));
        buf_append_char(s->out, '\n');
}

void check_credentials(const struct policy_set *set, size_t policy, struct buf *out)
{
        struct showing s = { policy, out };

        policy_set_each_credential(set, show, &s);
}
