/* SPDX-License-Identifier: Apache-2.0
 *
 * The clouds' protocols: aws, exec-credential, google.
 */
#include <errno.h>

#include "protocol_json.h"

int protocol_read_aws(struct protocol_reading *r, struct str field, struct protocol_answer *ret)
{
        static const char *const names[] = { "AccessKeyId", "SecretAccessKey", "SessionToken" };
        bool found = false;
        int result = protocol_expect_one(r, 0, "Version");

        for (size_t i = 0; i < 3 && result == 0; i++) {
                struct str text;

                result = protocol_text(r, 0, names[i], &text);
                if (result == -ENOENT && i == 2)
                        result = 0;
                else if (result == -ENOENT)
                        result = protocol_fail(r->why, -EBADMSG, "it has no \"%s\"", names[i]);
                else if (result == 0 && str_eq(field, str_from(names[i]))) {
                        ret->value = text;
                        found = true;
                }
        }
        if (result == 0)
                result = protocol_expiry(r, 0, "Expiration", ret);
        if (result == 0 && !found)
                result = protocol_fail(r->why, -ENOENT, "it has no \"%.*s\"", STR_FMT(field));
        return result;
}

int protocol_read_exec_credential(struct protocol_reading *r, struct str field, struct protocol_answer *ret)
{
        static const char *const names[] = { "token", "clientCertificateData", "clientKeyData" };
        const uint32_t version = protocol_member(r, 0, "apiVersion"), status = protocol_member(r, 0, "status");
        bool has[3] = { false }, found = false;
        int result = protocol_expect(r, 0, "kind", "ExecCredential");

        if (result == 0 && !(version && (json_string_is(&r->doc, version, STR("client.authentication.k8s.io/v1")) ||
                                                json_string_is(&r->doc, version, STR("client.authentication.k8s.io/v1beta1")))))
                return protocol_fail(r->why, -EBADMSG, "its \"apiVersion\" is not client.authentication.k8s.io/v1");
        if (result == 0 && (!status || json_type_of(&r->doc, status) != JSON_OBJECT))
                return protocol_fail(r->why, -EBADMSG, "it has no \"status\"");
        for (size_t i = 0; i < 3 && result == 0; i++) {
                struct str text;

                result = protocol_text(r, status, names[i], &text);
                has[i] = result == 0;
                if (result == 0 && str_eq(field, str_from(names[i]))) {
                        ret->value = text;
                        found = true;
                }
                if (result == -ENOENT)
                        result = 0;
        }
        if (result == 0 && has[1] != has[2])
                return protocol_fail(r->why, -EBADMSG, "it has a certificate or a key without the other");
        if (result == 0)
                result = protocol_expiry(r, status, "expirationTimestamp", ret);
        if (result == 0 && !found)
                result = protocol_fail(r->why, -ENOENT, "it has no \"%.*s\"", STR_FMT(field));
        return result;
}

/* Seconds since 1970, a number. */
static int read_google_expiry(struct protocol_reading *r, struct protocol_answer *ret)
{
        const uint32_t token = protocol_member(r, 0, "expiration_time");

        if (!token)
                return 0;
        if (!json_integer_get(&r->doc, token, &ret->expires_s) || ret->expires_s < 0)
                return protocol_fail(r->why, -EBADMSG, "its \"expiration_time\" is no number of seconds");
        ret->expires = true;
        return 0;
}

int protocol_read_google(struct protocol_reading *r, struct str field, struct protocol_answer *ret)
{
        const uint32_t success = protocol_member(r, 0, "success"), type = protocol_member(r, 0, "token_type");
        const char *name = "id_token";
        int result = protocol_expect_one(r, 0, "version");

        if (result < 0)
                return result;
        if (!str_eq(field, STR("token")))
                return protocol_fail(r->why, -ENOENT, "it has no \"%.*s\"", STR_FMT(field));
        if (success && json_type_of(&r->doc, success) == JSON_FALSE)
                return protocol_fail(r->why, -EBADMSG, "it says that it had no success");
        if (!success || json_type_of(&r->doc, success) != JSON_TRUE)
                return protocol_fail(r->why, -EBADMSG, "its \"success\" is neither true nor false");
        if (type && json_string_is(&r->doc, type, STR("urn:ietf:params:oauth:token-type:saml2")))
                name = "saml_response";
        else if (!type || !(json_string_is(&r->doc, type, STR("urn:ietf:params:oauth:token-type:id_token")) ||
                                  json_string_is(&r->doc, type, STR("urn:ietf:params:oauth:token-type:jwt"))))
                return protocol_fail(r->why, -EBADMSG, "its \"token_type\" is none that is known");
        result = read_google_expiry(r, ret);
        if (result == 0)
                result = protocol_text(r, 0, name, &ret->value);
        return result == -ENOENT ? protocol_fail(r->why, -EBADMSG, "it has no \"%s\"", name) : result;
}
