/* SPDX-License-Identifier: Apache-2.0
 *
 * What programs that hand out credentials read and print. All of this is pure: bytes in, a view of bytes out. What is not exactly an
 * answer is none: a program whose output was cut short must not give half a token.
 *
 *   plain            the first line. No field.
 *   aws              credential_process: JSON with "Version": 1; fields AccessKeyId, SecretAccessKey, SessionToken.
 *   exec-credential  Kubernetes (client.authentication.k8s.io, v1 and v1beta1); fields token, clientCertificateData, clientKeyData.
 *   git              lines of key=value; fields password, username.
 *   docker           docker-credential-helpers; fields Secret, Username.
 *   google           executable-sourced credentials; field token: the id_token or saml_response.
 *   bazel            credential helpers that give headers; field token: Authorization's without its scheme; else a header's name.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "str.h"

enum secret_protocol {
        PROTOCOL_PLAIN,
        PROTOCOL_AWS,
        PROTOCOL_EXEC_CREDENTIAL,
        PROTOCOL_GIT,
        PROTOCOL_DOCKER,
        PROTOCOL_GOOGLE,
        PROTOCOL_BAZEL,
        PROTOCOL_MAX_,
};

const char *protocol_name(enum secret_protocol protocol);

struct protocol_answer {
        struct str value; /* of the field; borrows from the output or from @scratch */
        bool expires;
        int64_t expires_s; /* since 1970 */
};

/* Reads @field of what was printed. @scratch must have room for as many bytes as the output has, so that it never moves. 0; -EBADMSG, -ENOENT
 * (it has no such field) or -ENOMEM with a reason for a person at @why, which has no byte of the output. */
int protocol_read(enum secret_protocol protocol, struct str output, struct str field, struct buf *scratch,
        struct protocol_answer *ret, struct buf *why);

/* Appends what the program is to read: 0, -EINVAL with a reason (@url does not do), or -ENOMEM. Nothing for protocols that ask nothing. */
int protocol_input(enum secret_protocol protocol, struct str url, struct buf *out, struct buf *why);

/* "NAME=VALUE" that its environment has besides, ended by NULL. */
const char *const *protocol_environment(enum secret_protocol protocol);
