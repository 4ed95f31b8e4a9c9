/* SPDX-License-Identifier: Apache-2.0 */
#include "control_grants.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "limit.h"
#include "printable.h"
#include "verb.h"
#include "writer.h"

#define SERVER_BYTES 65536U

static void say_silent(const char *session, const char *why)
{
        fprintf(stderr, "leastwise: session %.*s does not answer: %s\n", (int)SESSION_ID_LEN, session, why);
}

/* Has the session ended since its socket was seen? */
static bool is_over(int error)
{
        return error == -ECONNREFUSED || error == -ENOENT || error == -ECONNRESET || error == -EPIPE;
}

/* --- going over them --- */

int control_grants_read(struct control_client *client, uint32_t result, const struct control_session *session,
        control_grant_fn fn, void *userdata)
{
        AUTO_BUF struct buf memory = BUF_INIT(LIMIT_CONTROL_OUT_BYTES);
        const uint32_t grants = json_type_of(&client->doc, result) == JSON_OBJECT ? json_member(&client->doc, result, STR("grants")) : 0;

        if (!grants)
                return 0;
        if (json_type_of(&client->doc, grants) != JSON_ARRAY)
                return -EPROTO;
        json_each_item (&client->doc, grants, item) {
                struct grant grant;
                int r;

                buf_clear(&memory, LIMIT_CONTROL_LINE_BYTES);
                r = grant_read_json(&client->doc, item, &memory, &grant);
                if (r < 0)
                        return r == -ENOMEM ? r : -EPROTO;
                r = fn(userdata, session, &grant);
                if (r != 0)
                        return r;
        }
        return 0;
}

static int visit(struct control_client *client, const struct control_session *session, control_grant_fn fn, void *userdata)
{
        uint32_t result;
        const int r = control_client_call(client, STR("grant/list"), STR("{}"), &result);

        /* One of an earlier version has none. */
        if (r == CONTROL_CLIENT_REFUSED)
                return 0;
        return r != 0 ? r : control_grants_read(client, result, session, fn, userdata);
}

int control_grants_each(const struct control_sessions *sessions, control_grant_fn fn, void *userdata, unsigned *ret_silent)
{
        *ret_silent = 0;
        for (size_t i = 0; i < sessions->count; i++) {
                struct control_client client;
                int r = control_client_open(&client, &sessions->list[i]);

                if (r == 0)
                        r = visit(&client, &sessions->list[i], fn, userdata);
                control_client_close(&client);
                if (r > 0 || r == -ENOMEM)
                        return r;
                if (r == 0 || is_over(r))
                        continue;
                say_silent(sessions->list[i].name, strerror(-r));
                ++*ret_silent;
        }
        return 0;
}

/* --- which session --- */

void control_target_deinit(struct control_target *t)
{
        buf_deinit(&t->server);
        buf_deinit(&t->agent);
}

static int keep(struct control_client *client, uint32_t status, struct str name, struct buf *ret)
{
        AUTO_BUF struct buf scratch = BUF_INIT(LIMIT_CONTROL_OUT_BYTES);
        const uint32_t value = json_type_of(&client->doc, status) == JSON_OBJECT ? json_member(&client->doc, status, name) : 0;
        struct str text;

        if (!value || json_string_get(&client->doc, value, &scratch, &text) < 0)
                return -EPROTO;
        return buf_append_str(ret, text);
}

/* 0, -errno, or CONTROL_CLIENT_REFUSED. */
static int ask_status(struct control_target *ret)
{
        struct control_client client;
        uint32_t status;
        int r = control_client_open(&client, &ret->session);

        if (r == 0)
                r = control_client_call(&client, STR("session/status"), STR("{}"), &status);
        if (r == 0)
                r = keep(&client, status, STR("server"), &ret->server);
        if (r == 0)
                r = keep(&client, status, STR("agent"), &ret->agent);
        control_client_close(&client);
        return r;
}

static int list_sessions(const struct control_sessions *sessions)
{
        fputs("leastwise: several sessions run; say --session and which:\n", stderr);
        for (size_t i = 0; i < sessions->count; i++) {
                CLEANUP(control_target_deinit) struct control_target t = {
                        .session = sessions->list[i], .server = BUF_INIT(SERVER_BYTES), .agent = BUF_INIT(SERVER_BYTES)
                };
                AUTO_BUF struct buf shown = BUF_INIT(1024);

                if (ask_status(&t) != 0 || printable_append(&shown, buf_str(&t.server), 200) < 0)
                        continue;
                fprintf(stderr, "  %.*s  %.*s\n", (int)SESSION_ID_LEN, t.session.name, STR_FMT(buf_str(&shown)));
        }
        return EXIT_USAGE;
}

static const struct control_session *choose(const struct control_sessions *sessions, const char *id)
{
        for (size_t i = 0; i < sessions->count; i++) {
                if (!id || (strlen(id) == SESSION_ID_LEN && strncasecmp(sessions->list[i].name, id, SESSION_ID_LEN) == 0))
                        return &sessions->list[i];
        }
        return NULL;
}

int control_target_find(struct control_target *ret, const struct control_sessions *sessions, const char *id)
{
        const struct control_session *chosen = choose(sessions, id);
        int r;

        *ret = (struct control_target){ .server = BUF_INIT(SERVER_BYTES), .agent = BUF_INIT(SERVER_BYTES) };
        if (!id && sessions->count > 1)
                return list_sessions(sessions);
        if (!chosen) {
                fprintf(stderr, id ? "leastwise: no session %s runs that could be granted something\n" :
                                     "leastwise: no session runs that could be granted something: one can when its client has seen the list of "
                                     "tools, or a call has been refused%s\n",
                        id ? id : "");
                return EXIT_FINDINGS;
        }
        ret->session = *chosen;
        snprintf(ret->id, sizeof(ret->id), "%.*s", (int)SESSION_ID_LEN, chosen->name);
        r = ask_status(ret);
        if (r == 0)
                return 0;
        say_silent(ret->id, r < 0 ? strerror(-r) : "it refuses");
        return is_over(r) ? EXIT_FINDINGS : EXIT_INTERNAL;
}

/* --- asking --- */

static int write_terms(const struct grant_terms *terms, struct str signature, struct buf *out)
{
        struct json_writer w;

        json_writer_init(&w, out);
        json_begin_object(&w);
        json_name(&w, STR("tool"));
        json_string(&w, terms->tool);
        json_name(&w, STR("when"));
        json_begin_array(&w);
        for (size_t i = 0; i < terms->when_count; i++)
                json_string(&w, terms->when[i]);
        json_end_array(&w);
        json_name(&w, STR("because"));
        json_string(&w, terms->because);
        json_name(&w, STR("expires_ms"));
        json_unsigned(&w, terms->expires_ms);
        if (signature.len > 0) {
                json_name(&w, STR("signature"));
                json_string(&w, signature);
        }
        json_end_object(&w);
        return out->failed ? -ENOMEM : 0;
}

/* 0 with *ret_result and the connection open; or an exit status. */
static int call(struct control_client *client, const struct control_session *session, const char *not_done, struct str method,
        struct str params, uint32_t *ret_result)
{
        int r = control_client_open(client, session);

        if (r == 0)
                r = control_client_call(client, method, params, ret_result);
        if (r == 0)
                return 0;
        if (r == CONTROL_CLIENT_REFUSED)
                fprintf(stderr, "leastwise: not %s: %.*s\n", not_done, STR_FMT(buf_str(&client->message)));
        else if (is_over(r))
                fprintf(stderr, "leastwise: not %s: the session has ended\n", not_done);
        else
                say_silent(session->name, strerror(-r));
        return r == CONTROL_CLIENT_REFUSED || is_over(r) ? EXIT_FINDINGS : EXIT_INTERNAL;
}

static bool read_id(const struct json_doc *doc, uint32_t result, char ret_id[static CARD_ID_BYTES])
{
        const uint32_t grant = json_type_of(doc, result) == JSON_OBJECT ? json_member(doc, result, STR("grant")) : 0;
        const uint32_t id = grant && json_type_of(doc, grant) == JSON_OBJECT ? json_member(doc, grant, STR("id")) : 0;

        if (!id || json_type_of(doc, id) != JSON_STRING || !card_id_is_valid(json_raw_string(doc, id)))
                return false;
        snprintf(ret_id, CARD_ID_BYTES, "%.*s", STR_FMT(json_raw_string(doc, id)));
        return true;
}

int control_grant_add(const struct control_target *target, const struct grant_terms *terms, struct str signature,
        char ret_id[static CARD_ID_BYTES])
{
        AUTO_BUF struct buf params = BUF_INIT(CONTROL_CLIENT_REQUEST_BYTES);
        struct control_client client;
        uint32_t result;
        int status;

        if (write_terms(terms, signature, &params) < 0) {
                fputs("leastwise: not granted: it is longer than a grant may be\n", stderr);
                return EXIT_USAGE;
        }
        status = call(&client, &target->session, "granted", STR("grant/add"), buf_str(&params), &result);
        if (status == 0 && !read_id(&client.doc, result, ret_id)) {
                say_silent(target->id, strerror(EPROTO));
                status = EXIT_INTERNAL;
        }
        control_client_close(&client);
        return status;
}

int control_grant_revoke(const struct control_session *session, const char *id, struct str because)
{
        AUTO_BUF struct buf params = BUF_INIT(CONTROL_CLIENT_REQUEST_BYTES);
        struct control_client client;
        struct json_writer w;
        uint32_t result;
        int status;

        json_writer_init(&w, &params);
        json_begin_object(&w);
        json_name(&w, STR("id"));
        json_string(&w, str_from(id));
        if (because.len > 0) {
                json_name(&w, STR("because"));
                json_string(&w, because);
        }
        json_end_object(&w);
        status = call(&client, session, "revoked", STR("grant/revoke"), buf_str(&params), &result);
        control_client_close(&client);
        return status;
}
