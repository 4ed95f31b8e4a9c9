/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>

#include "cleanup.h"
#include "limit.h"
#include "protocol_json.h"
#include "rfc3339.h"

typedef int (*json_protocol)(struct protocol_reading *r, struct str field, struct protocol_answer *ret);

static const char *const no_environment[] = { NULL };
/* Whoever is asked for a password here waits for ever: there is no terminal. */
static const char *const git_environment[] = { "GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never", NULL };
static const char *const exec_credential_environment[] = {
        "KUBERNETES_EXEC_INFO={\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\","
        "\"spec\":{\"interactive\":false}}",
        NULL
};
static const char *const google_environment[] = { "GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE=0", NULL };

static const struct {
        const char *name;
        json_protocol read; /* NULL: it prints no JSON */
        const char *const *environment;
} protocols[] = {
        [PROTOCOL_PLAIN] = { "plain", NULL, no_environment },
        [PROTOCOL_AWS] = { "aws", protocol_read_aws, no_environment },
        [PROTOCOL_EXEC_CREDENTIAL] = { "exec-credential", protocol_read_exec_credential, exec_credential_environment },
        [PROTOCOL_GIT] = { "git", NULL, git_environment },
        [PROTOCOL_DOCKER] = { "docker", protocol_read_docker, no_environment },
        [PROTOCOL_GOOGLE] = { "google", protocol_read_google, google_environment },
        [PROTOCOL_BAZEL] = { "bazel", protocol_read_bazel, no_environment },
};
static_assert(sizeof(protocols) / sizeof(protocols[0]) == PROTOCOL_MAX_, "a row for each protocol");

const char *protocol_name(enum secret_protocol protocol)
{
        return protocols[protocol].name;
}

const char *const *protocol_environment(enum secret_protocol protocol)
{
        return protocols[protocol].environment;
}

/* --- What JSON protocols share --- */

int protocol_fail(struct buf *why, int error, const char *format, ...)
{
        char text[300];
        va_list args;

        va_start(args, format);
        if (vsnprintf(text, sizeof(text), format, args) > 0)
                buf_append_str(why, str_from(text));
        va_end(args);
        return error;
}

uint32_t protocol_member(const struct protocol_reading *r, uint32_t object, const char *name)
{
        const uint32_t token = json_member(&r->doc, object, str_from(name));

        return token && json_type_of(&r->doc, token) == JSON_NULL ? 0 : token;
}

int protocol_text(struct protocol_reading *r, uint32_t object, const char *name, struct str *ret)
{
        const uint32_t token = protocol_member(r, object, name);

        if (!token)
                return -ENOENT;
        if (json_type_of(&r->doc, token) != JSON_STRING)
                return protocol_fail(r->why, -EBADMSG, "its \"%s\" is no text", name);
        return json_string_get(&r->doc, token, r->scratch, ret) < 0 ? -ENOMEM : 0;
}

int protocol_expect(struct protocol_reading *r, uint32_t object, const char *name, const char *text)
{
        const uint32_t token = protocol_member(r, object, name);

        return token && json_string_is(&r->doc, token, str_from(text))
                       ? 0
                       : protocol_fail(r->why, -EBADMSG, "its \"%s\" is not \"%s\"", name, text);
}

int protocol_expect_one(struct protocol_reading *r, uint32_t object, const char *name)
{
        const uint32_t token = protocol_member(r, object, name);
        int64_t number;

        return token && json_integer_get(&r->doc, token, &number) && number == 1
                       ? 0
                       : protocol_fail(r->why, -EBADMSG, "its \"%s\" is not 1", name);
}

int protocol_expiry(struct protocol_reading *r, uint32_t object, const char *name, struct protocol_answer *ret)
{
        struct str text;
        int result = protocol_text(r, object, name, &text);

        if (result < 0)
                return result == -ENOENT ? 0 : result;
        if (!rfc3339_read(text, &ret->expires_s))
                return protocol_fail(r->why, -EBADMSG, "its \"%s\" is no time as RFC 3339 writes it", name);
        ret->expires = true;
        return 0;
}

static int read_json(json_protocol read, struct str output, struct str field, struct buf *scratch,
        struct protocol_answer *ret, struct buf *why)
{
        struct protocol_reading r = { .scratch = scratch, .why = why };
        enum json_error error;
        uint64_t seed[2];
        int result;

        randombytes_buf(seed, sizeof(seed));
        json_doc_init(&r.doc, seed);
        error = json_read(&r.doc, output);
        if (error == JSON_NO_MEMORY)
                result = -ENOMEM;
        else if (error == JSON_SYNTAX)
                result = protocol_fail(why, -EBADMSG, "it is no JSON");
        else if (error != JSON_OK)
                result = protocol_fail(why, -EBADMSG, "it is no JSON: %s", json_error_text(error));
        else if (json_type_of(&r.doc, 0) != JSON_OBJECT)
                result = protocol_fail(why, -EBADMSG, "it is no JSON object");
        else
                result = read(&r, field, ret);
        json_doc_deinit(&r.doc);
        return result;
}

/* --- plain --- */

static void read_plain(struct str output, struct protocol_answer *ret)
{
        const char *newline = output.len ? memchr(output.ptr, '\n', output.len) : NULL;

        ret->value = newline ? str_of(output.ptr, (size_t)(newline - output.ptr)) : output;
}

int protocol_read(enum secret_protocol protocol, struct str output, struct str field, struct buf *scratch,
        struct protocol_answer *ret, struct buf *why)
{
        struct protocol_answer answer = { .expires = false };
        int r = 0;

        if (protocol == PROTOCOL_PLAIN)
                read_plain(output, &answer);
        else if (protocol == PROTOCOL_GIT)
                r = protocol_read_git(output, field, &answer, why);
        else
                r = read_json(protocols[protocol].read, output, field, scratch, &answer, why);
        if (r == 0)
                *ret = answer;
        return r;
}
