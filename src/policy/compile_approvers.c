/* SPDX-License-Identifier: Apache-2.0
 *
 * `approvers:`: who may answer. The files that it names are read by whoever puts the policy in force.
 */
#include "compile.h"

/* As long as a path may be. */
#define PATH_BYTES 4095U

#define HELP "approvers: local, or approvers: { signers: FILE } with an allowed-signers file of ssh-keygen(1)"

static void read_path(struct compile *c, const struct yaml_node *value, const char *what, struct str *ret)
{
        if (!compile_text(c, value, what, PATH_BYTES, ret))
                return;
        if (ret->ptr[ret->len - 1] == '/')
                compile_error(c, P_APPROVERS, value, HELP, "`%s` is not the name of a file", show(*ret).text);
}

static void read_signers(struct compile *c, const struct yaml_node *value, void *into)
{
        struct policy_approvers *approvers = into;

        read_path(c, value, "`signers`", &approvers->signers);
        approvers->line = value->line;
        approvers->column = value->column;
}

static void read_revoked(struct compile *c, const struct yaml_node *value, void *into)
{
        struct policy_approvers *approvers = into;

        read_path(c, value, "`revoked`", &approvers->revoked);
}

void compile_approvers(struct compile *c, const struct yaml_node *value, void *into)
{
        static const struct key_row rows[] = {
                { "signers", KEY_REQUIRED, read_signers },
                { "revoked", KEY_OPTIONAL, read_revoked },
        };

        (void)into;
        if (value->kind == YAML_MAP)
                COMPILE_MAP(c, value, "approvers", rows, &c->policy->approvers);
        else if (value->kind != YAML_TEXT || !str_eq(value->text, STR("local")))
                compile_error(c, P_APPROVERS, value, HELP, "`approvers` says who may answer: `local`, or a file of signers");
}
