/* SPDX-License-Identifier: Apache-2.0 */
#include "credential_source.h"

#include <assert.h>

struct secret_source credential_source(const struct policy_credential *c, int watcher_fd)
{
        static const enum secret_from kinds[CREDENTIAL_FROM_MAX_] = {
                [CREDENTIAL_ENV] = SECRET_ENV,         [CREDENTIAL_FILE] = SECRET_FILE,   [CREDENTIAL_SYSTEMD] = SECRET_SYSTEMD,
                [CREDENTIAL_KEYRING] = SECRET_KEYRING, [CREDENTIAL_VAULT] = SECRET_VAULT, [CREDENTIAL_EXEC] = SECRET_EXEC,
        };
        static const enum secret_protocol protocols[CREDENTIAL_PROTOCOL_MAX_] = {
                [CREDENTIAL_PLAIN] = PROTOCOL_PLAIN,
                [CREDENTIAL_AWS] = PROTOCOL_AWS,
                [CREDENTIAL_EXEC_CREDENTIAL] = PROTOCOL_EXEC_CREDENTIAL,
                [CREDENTIAL_GIT] = PROTOCOL_GIT,
                [CREDENTIAL_DOCKER] = PROTOCOL_DOCKER,
                [CREDENTIAL_GOOGLE] = PROTOCOL_GOOGLE,
                [CREDENTIAL_BAZEL] = PROTOCOL_BAZEL,
        };
        static_assert((int)CREDENTIAL_PROTOCOL_MAX_ == (int)PROTOCOL_MAX_, "each protocol has its reader");

        return (struct secret_source){
                .env_name = c->env_name,
                .from = kinds[c->from],
                .source = c->source,
                .vault = c->vault,
                .argv = c->argv,
                .argc = c->argc,
                .inherit = c->inherit,
                .inherit_count = c->inherit_count,
                .protocol = protocols[c->protocol],
                .field = c->field,
                .url = c->url,
                .ttl_ms = c->ttl_ms,
                .timeout_ms = c->timeout_ms,
                .lines = c->as_file,
                .watcher_fd = watcher_fd,
        };
}
