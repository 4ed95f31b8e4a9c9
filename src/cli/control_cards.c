/* SPDX-License-Identifier: Apache-2.0 */
#include "control_cards.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "hex.h"
#include "limit.h"
#include "verb.h"
#include "writer.h"

/* Somebody refused, and it has been said why. */
#define SAID (-ECANCELED)

/* Has the session ended since its socket was seen? */
static bool is_over(int error)
{
        return error == -ECONNREFUSED || error == -ENOENT || error == -ECONNRESET || error == -EPIPE;
}

static void say_silent(const struct control_session *session, const char *why)
{
        fprintf(stderr, "leastwise: session %.*s does not answer: %s\n", (int)SESSION_ID_LEN, session->name, why);
}

/* --- going over them --- */

/* What is done with what a session has. */
struct visitor {
        control_card_fn card;
        control_grant_fn grant; /* NULL: nothing */
        void *userdata;
};

static int visit(struct control_client *client, const struct control_session *session, const struct visitor *v)
{
        AUTO_BUF struct buf memory = BUF_INIT(LIMIT_CONTROL_OUT_BYTES);
        uint32_t result, cards;
        int r = control_client_call(client, STR("pending/list"), STR("{}"), &result);

        if (r == CONTROL_CLIENT_REFUSED) {
                fprintf(stderr, "leastwise: session %.*s does not answer: %.*s\n", (int)SESSION_ID_LEN, session->name,
                        STR_FMT(buf_str(&client->message)));
                return SAID;
        }
        if (r != 0)
                return r;
        cards = json_type_of(&client->doc, result) == JSON_OBJECT ? json_member(&client->doc, result, STR("cards")) : 0;
        if (!cards || json_type_of(&client->doc, cards) != JSON_ARRAY)
                return -EPROTO;
        json_each_item (&client->doc, cards, item) {
                struct card card;

                buf_clear(&memory, LIMIT_CONTROL_LINE_BYTES);
                r = card_read_json(&client->doc, item, &memory, &card);
                if (r < 0)
                        return r == -ENOMEM ? r : -EPROTO;
                r = v->card(v->userdata, session, &card);
                if (r != 0)
                        return r;
        }
        return v->grant ? control_grants_read(client, result, session, v->grant, v->userdata) : 0;
}

static int visit_once(const struct control_session *session, const struct visitor *v)
{
        struct control_client client;
        int r = control_client_open(&client, session);

        if (r == 0)
                r = visit(&client, session, v);
        control_client_close(&client);
        return r;
}

int control_cards_each(
        const struct control_sessions *sessions, control_card_fn fn, void *userdata, unsigned *ret_silent)
{
        return control_cards_and_grants_each(sessions, fn, NULL, userdata, ret_silent);
}

int control_cards_and_grants_each(const struct control_sessions *sessions, control_card_fn fn, control_grant_fn grant_fn,
        void *userdata, unsigned *ret_silent)
{
        const struct visitor visitor = { fn, grant_fn, userdata };

        *ret_silent = 0;
        for (size_t i = 0; i < sessions->count; i++) {
                int r = visit_once(&sessions->list[i], &visitor);

                /* One that has hung up has ended if nobody takes its place's connections any more. */
                if (r == -ECONNRESET || r == -EPIPE)
                        r = visit_once(&sessions->list[i], &visitor);
                if (r > 0 || r == -ENOMEM)
                        return r;
                if (r == 0 || r == -ECONNREFUSED || r == -ENOENT)
                        continue;
                if (r != SAID)
                        say_silent(&sessions->list[i], strerror(-r));
                ++*ret_silent;
        }
        return 0;
}

/* --- one of them --- */

struct search {
        char id[CARD_ID_BYTES];
        struct control_card *into;
        unsigned found;
};

static int keep(struct control_card *c, const struct control_session *session, const struct card *card)
{
        static const uint64_t seed[2] = { 0 };

        c->session = *session;
        buf_init(&c->text, LIMIT_CONTROL_OUT_BYTES);
        buf_init(&c->memory, LIMIT_CONTROL_OUT_BYTES);
        json_doc_init(&c->doc, seed);
        if (card_write_json(card, &c->text) < 0 || json_read(&c->doc, buf_str(&c->text)) != JSON_OK)
                return -ENOMEM;
        return card_read_json(&c->doc, 0, &c->memory, &c->card) < 0 ? -ENOMEM : 0;
}

static int look(void *userdata, const struct control_session *session, const struct card *card)
{
        struct search *s = userdata;

        if (strcmp(card->id, s->id) != 0)
                return 0;
        /* Ids are of their session only. */
        if (s->found++ > 0)
                return 0;
        return keep(s->into, session, card);
}

/* People type small letters. */
static bool take_id(struct search *s, const char *id)
{
        const size_t len = strlen(id);

        if (len != CARD_ID_BYTES - 1)
                return false;
        for (size_t i = 0; i <= len; i++)
                s->id[i] = (char)(id[i] >= 'a' && id[i] <= 'z' ? id[i] - 'a' + 'A' : id[i]);
        return card_id_is_valid(str_of(s->id, len));
}

int control_card_find(
        struct control_card *ret, const struct control_sessions *sessions, const char *verb, const char *id)
{
        struct search search = { .into = ret };
        unsigned silent;
        int r;

        *ret = (struct control_card){ 0 };
        if (!take_id(&search, id))
                return usage_error(verb, "an approval is named by six letters and digits, as in 7F3K2Q");
        r = control_cards_each(sessions, look, &search, &silent);
        if (r < 0) {
                fputs("leastwise: not enough memory\n", stderr);
                return EXIT_INTERNAL;
        }
        if (search.found == 1)
                return 0;
        if (search.found > 1) {
                fprintf(stderr, "leastwise: approvals of two sessions are named %s; answer in: leastwise watch\n",
                        search.id);
                return EXIT_FINDINGS;
        }
        fprintf(stderr,
                "leastwise: no call waits that is named %s: it has been answered, has expired, or its session has "
                "ended; see: leastwise pending\n",
                search.id);
        return silent ? EXIT_INTERNAL : EXIT_FINDINGS;
}

void control_card_deinit(struct control_card *c)
{
        buf_deinit(&c->text);
        buf_deinit(&c->memory);
        json_doc_deinit(&c->doc);
}

/* --- the answer --- */

static int write_params(const struct control_card *c, bool approve, struct str because, struct str signature, struct buf *out)
{
        char digest_text[2 * CARD_DIGEST_BYTES + 1];
        AUTO_BUF struct buf digest = BUF_INIT(sizeof(digest_text));
        struct json_writer w;

        if (hex_append(&digest, c->card.digest, CARD_DIGEST_BYTES) < 0)
                return -ENOMEM;
        json_writer_init(&w, out);
        json_begin_object(&w);
        json_name(&w, STR("id"));
        json_string(&w, str_from(c->card.id));
        json_name(&w, STR("verdict"));
        json_string(&w, approve ? STR("approve") : STR("deny"));
        json_name(&w, STR("digest"));
        json_string(&w, buf_str(&digest));
        if (because.len > 0) {
                json_name(&w, STR("because"));
                json_string(&w, because);
        }
        if (signature.len > 0) {
                json_name(&w, STR("signature"));
                json_string(&w, signature);
        }
        json_end_object(&w);
        return out->failed ? -ENOMEM : 0;
}

static int read_outcome(const struct json_doc *doc, uint32_t result, struct control_outcome *ret)
{
        const bool is_object = json_type_of(doc, result) == JSON_OBJECT;
        const uint32_t state = is_object ? json_member(doc, result, STR("state")) : 0;
        const uint32_t given = is_object ? json_member(doc, result, STR("given")) : 0;
        const uint32_t by = is_object ? json_member(doc, result, STR("by")) : 0;

        if (!state || !given || !by || !json_integer_get(doc, given, &ret->given) ||
                !json_integer_get(doc, by, &ret->by))
                return -EPROTO;
        if (json_type_of(doc, state) == JSON_STRING && card_state_read(json_raw_string(doc, state), &ret->state))
                return 0;
        return -EPROTO;
}

int control_card_answer_signed(const struct control_card *c, bool approve, struct str because, struct str signature,
        struct control_outcome *ret)
{
        AUTO_BUF struct buf params = BUF_INIT(CONTROL_CLIENT_REQUEST_BYTES);
        struct control_client client;
        uint32_t result;
        int r = control_client_open(&client, &c->session);

        if (r == 0)
                r = write_params(c, approve, because, signature, &params);
        if (r == 0)
                r = control_client_call(&client, STR("approval/answer"), buf_str(&params), &result);
        if (r == 0)
                r = read_outcome(&client.doc, result, ret);
        if (r == CONTROL_CLIENT_REFUSED)
                fprintf(stderr, "leastwise: not %s: %.*s\n", approve ? "approved" : "denied",
                        STR_FMT(buf_str(&client.message)));
        else if (r < 0 && is_over(r))
                fprintf(stderr, "leastwise: not %s: the session has ended\n", approve ? "approved" : "denied");
        else if (r < 0)
                say_silent(&c->session, strerror(-r));
        control_client_close(&client);
        if (r == 0)
                return 0;
        return r == CONTROL_CLIENT_REFUSED || is_over(r) ? EXIT_FINDINGS : EXIT_INTERNAL;
}

int control_card_answer(const struct control_card *c, bool approve, struct str because, struct control_outcome *ret)
{
        return control_card_answer_signed(c, approve, because, (struct str){ 0 }, ret);
}
