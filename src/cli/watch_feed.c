/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_feed.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "hex.h"
#include "limit.h"
#include "writer.h"

#define WATCH_START "{\"jsonrpc\":\"2.0\",\"id\":\"watch\",\"method\":\"watch/start\",\"params\":{}}\n"

/* Directories that come into being are noticed by then; so are sessions that could not be reached. */
#define SCANS_BLIND 10U

void watch_feed_init(struct watch_feed *f, const struct watch_listener *listener)
{
        *f = (struct watch_feed){ .listener = listener, .places = { .dirs = { -1, -1, -1 } }, .scans = SCANS_BLIND };
}

void watch_feed_deinit(struct watch_feed *f)
{
        for (size_t i = 0; i < f->count; i++)
                control_client_close(&f->peers[i].client);
        f->count = 0;
        control_sessions_deinit(&f->places);
}

static void drop(struct watch_feed *f, size_t index)
{
        const unsigned source = f->peers[index].source;

        control_client_close(&f->peers[index].client);
        f->peers[index] = f->peers[--f->count];
        f->listener->dropped(f->listener->userdata, source);
}

/* A socket takes so little at once, or nobody reads at the other end. */
static bool send_line(struct watch_peer *p, struct str line)
{
        return send(p->client.fd, line.ptr, line.len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)line.len;
}

/* --- finding --- */

static bool is_watched(const struct watch_feed *f, const char *name)
{
        for (size_t i = 0; i < f->count; i++)
                if (strcmp(f->peers[i].name, name) == 0)
                        return true;
        return false;
}

/* A session that cannot be reached is tried again with the next scan. */
static void add(struct watch_feed *f, const struct control_session *session)
{
        struct watch_peer *p = &f->peers[f->count];
        int r;

        *p = (struct watch_peer){ .source = f->next_source };
        r = control_client_open(&p->client, session);
        if (r < 0 || fcntl(p->client.fd, F_SETFL, O_NONBLOCK) < 0 || !send_line(p, STR(WATCH_START))) {
                control_client_close(&p->client);
                f->unreached += r != -ECONNREFUSED && r != -ENOENT;
                return;
        }
        memcpy(p->name, session->name, sizeof(p->name));
        f->next_source++;
        f->count++;
}

/* Has a directory changed since it was looked at? */
static bool have_changed(struct watch_feed *f)
{
        bool changed = false;

        for (size_t i = 0; i < CONTROL_PLACES; i++) {
                struct stat now;

                if (f->places.dirs[i] < 0 || fstat(f->places.dirs[i], &now) < 0)
                        continue;
                changed |= now.st_mtim.tv_sec != f->changed[i].tv_sec || now.st_mtim.tv_nsec != f->changed[i].tv_nsec;
                f->changed[i] = now.st_mtim;
        }
        return changed;
}

int watch_feed_scan(struct watch_feed *f)
{
        int r;

        if (!have_changed(f) && f->scans++ < SCANS_BLIND)
                return 0;
        f->scans = 0;
        control_sessions_deinit(&f->places);
        r = control_sessions_find(&f->places);
        if (r < 0)
                return r;
        f->full = false;
        f->unreached = 0;
        for (size_t i = 0; i < f->places.count; i++) {
                if (is_watched(f, f->places.list[i].name))
                        continue;
                if (f->count == WATCH_SESSIONS_MAX)
                        f->full = true;
                else
                        add(f, &f->places.list[i]);
        }
        return 0;
}

/* --- reading --- */

/* -EBADMSG is a card that is none. */
static int tell_card(struct watch_feed *f, struct watch_peer *p, uint32_t token)
{
        const struct json_doc *doc = &p->client.doc;
        struct buf memory = BUF_INIT(json_at(doc, token)->length + 1U);
        struct card card;
        int r = buf_reserve(&memory, json_at(doc, token)->length);

        if (r == 0)
                r = card_read_json(doc, token, &memory, &card);
        if (r == 0)
                r = f->listener->card(f->listener->userdata, p->source, &card);
        buf_deinit(&memory);
        return r;
}

static int tell_grant(struct watch_feed *f, struct watch_peer *p, uint32_t item, struct buf *memory)
{
        struct grant grant;
        const int r = grant_read_json(&p->client.doc, item, memory, &grant);

        if (r == 0)
                f->listener->grant(f->listener->userdata, p->source, &grant);
        return r;
}

static int tell_stop(struct watch_feed *f, struct watch_peer *p, uint32_t item, struct buf *memory)
{
        struct stop_told stop;
        const int r = stop_told_read_json(&p->client.doc, item, memory, &stop);

        if (r == 0)
                f->listener->stop(f->listener->userdata, p->source, &stop);
        return r;
}

static int tell_each(struct watch_feed *f, struct watch_peer *p, uint32_t list,
        int (*tell)(struct watch_feed *, struct watch_peer *, uint32_t, struct buf *))
{
        const struct json_doc *doc = &p->client.doc;

        if (json_type_of(doc, list) != JSON_ARRAY)
                return -EBADMSG;
        json_each_item (doc, list, item) {
                AUTO_BUF struct buf memory = BUF_INIT(LIMIT_CONTROL_LINE_BYTES);
                const int r = tell(f, p, item, &memory);

                if (r < 0)
                        return r == -ENOMEM ? r : -EBADMSG;
        }
        return 0;
}

/* Of an object that may have them: who cannot tell of grants or stops has none. */
static int tell_grants(struct watch_feed *f, struct watch_peer *p, uint32_t object)
{
        const uint32_t grants = json_member(&p->client.doc, object, STR("grants"));

        if (!grants)
                return 0;
        f->listener->grant(f->listener->userdata, p->source, NULL);
        return tell_each(f, p, grants, tell_grant);
}

static int tell_stops(struct watch_feed *f, struct watch_peer *p, uint32_t object)
{
        const uint32_t stops = json_member(&p->client.doc, object, STR("stops"));

        if (!stops)
                return 0;
        f->listener->stop(f->listener->userdata, p->source, NULL);
        return tell_each(f, p, stops, tell_stop);
}

static int tell_cards(struct watch_feed *f, struct watch_peer *p, uint32_t result)
{
        const struct json_doc *doc = &p->client.doc;
        const uint32_t cards = json_member(doc, result, STR("cards"));
        int r;

        if (!cards || json_type_of(doc, cards) != JSON_ARRAY)
                return -EBADMSG;
        json_each_item (doc, cards, item) {
                r = tell_card(f, p, item);
                if (r < 0)
                        return r;
        }
        r = tell_grants(f, p, result);
        return r < 0 ? r : tell_stops(f, p, result);
}

/* The plain text of a member: card ids and words of states have no escapes. */
static struct str word_of(const struct json_doc *doc, uint32_t object, struct str name)
{
        const uint32_t value = json_member(doc, object, name);

        if (!value || json_type_of(doc, value) != JSON_STRING || json_at(doc, value)->escaped)
                return STR("");
        return json_raw_string(doc, value);
}

static int tell_closed(struct watch_feed *f, struct watch_peer *p, uint32_t params)
{
        const struct json_doc *doc = &p->client.doc;
        const struct str id = word_of(doc, params, STR("id"));
        char copy[CARD_ID_BYTES] = "";
        enum card_state state;

        if (!card_id_is_valid(id) || !card_state_read(word_of(doc, params, STR("state")), &state))
                return -EBADMSG;
        memcpy(copy, id.ptr, id.len);
        f->listener->closed(f->listener->userdata, p->source, copy, state);
        return 0;
}

static int tell_text(struct watch_feed *f, struct watch_peer *p, uint32_t token)
{
        struct buf scratch = BUF_INIT(LIMIT_CONTROL_OUT_BYTES);
        struct str text;
        int r = token ? json_string_get(&p->client.doc, token, &scratch, &text) : -EINVAL;

        if (r == 0)
                f->listener->notice(f->listener->userdata, text);
        buf_deinit(&scratch);
        return r == -EINVAL ? -EBADMSG : r;
}

static int take_notification(struct watch_feed *f, struct watch_peer *p, uint32_t method, uint32_t params)
{
        const struct json_doc *doc = &p->client.doc;
        const uint32_t card = json_member(doc, params, STR("card"));

        if (json_string_is(doc, method, STR("approval/card")))
                return card ? tell_card(f, p, card) : -EBADMSG;
        if (json_string_is(doc, method, STR("approval/closed")))
                return tell_closed(f, p, params);
        if (json_string_is(doc, method, STR("session/notice")))
                return tell_text(f, p, json_member(doc, params, STR("text")));
        if (json_string_is(doc, method, STR("grant/list")))
                return tell_grants(f, p, params);
        if (json_string_is(doc, method, STR("stop/list")))
                return tell_stops(f, p, params);
        /* Of a newer proxy. */
        return 0;
}

static int64_t number_of(const struct json_doc *doc, uint32_t object, struct str name)
{
        const uint32_t value = json_member(doc, object, name);
        int64_t number = 0;

        if (!value || !json_integer_get(doc, value, &number))
                return 0;
        return number;
}

static int take_answer(struct watch_feed *f, struct watch_peer *p, uint32_t result, uint32_t error)
{
        const struct json_doc *doc = &p->client.doc;
        const uint32_t message = error ? json_member(doc, error, STR("message")) : 0;
        struct buf scratch = BUF_INIT(LIMIT_CONTROL_OUT_BYTES);
        enum card_state state = CARD_OPEN;
        struct str refusal = STR("");
        int r = 0;

        if (!result) {
                refusal = STR("the session refused, without a reason");
                r = message ? json_string_get(doc, message, &scratch, &refusal) : 0;
        } else if (!card_state_read(word_of(doc, result, STR("state")), &state))
                r = -EINVAL;
        if (r == 0) {
                f->listener->answered(f->listener->userdata, p->answering, refusal, state,
                        result ? number_of(doc, result, STR("given")) : 0,
                        result ? number_of(doc, result, STR("by")) : 0);
                p->answering[0] = '\0';
        }
        buf_deinit(&scratch);
        return r == -EINVAL ? -EBADMSG : r;
}

/* -EBADMSG: it makes no sense. */
static int take_line(struct watch_feed *f, struct watch_peer *p, struct str line)
{
        struct json_doc *doc = &p->client.doc;
        const enum json_error e = json_read(doc, line);
        uint32_t method, id, result, error, params;

        if (e != JSON_OK)
                return e == JSON_NO_MEMORY ? -ENOMEM : -EBADMSG;
        method = json_member(doc, 0, STR("method"));
        params = json_member(doc, 0, STR("params"));
        id = json_member(doc, 0, STR("id"));
        result = json_member(doc, 0, STR("result"));
        error = json_member(doc, 0, STR("error"));
        if (method)
                return params ? take_notification(f, p, method, params) : -EBADMSG;
        if (!id || (result != 0) == (error != 0))
                return -EBADMSG;
        if (json_string_is(doc, id, STR("watch")))
                return result ? tell_cards(f, p, result) : -EBADMSG;
        return p->answering[0] ? take_answer(f, p, result, error) : -EBADMSG;
}

static int take_lines(struct watch_feed *f, struct watch_peer *p)
{
        struct buf *in = &p->client.in;
        size_t used = 0;
        int r = 0;

        while (r == 0) {
                const struct str rest = str_skip(buf_str(in), used);
                const char *end = rest.len > 0 ? memchr(rest.ptr, '\n', rest.len) : NULL;

                if (!end)
                        break;
                r = take_line(f, p, str_of(rest.ptr, (size_t)(end - rest.ptr)));
                used += (size_t)(end - rest.ptr) + 1;
        }
        buf_consume(in, used);
        return r;
}

/* -EPIPE: it has ended. */
static int read_peer(struct watch_feed *f, struct watch_peer *p)
{
        struct buf *in = &p->client.in;

        for (int rounds = 0; rounds < 16; rounds++) {
                ssize_t n;
                int r = buf_reserve(in, 65536);

                if (r < 0)
                        return r == -EMSGSIZE ? -EBADMSG : r;
                n = recv(p->client.fd, in->data + in->len, in->cap - in->len, 0);
                if (n == 0)
                        return -EPIPE;
                if (n < 0)
                        return errno == EAGAIN || errno == EINTR ? 0 : -EPIPE;
                in->len += (size_t)n;
                r = take_lines(f, p);
                if (r < 0)
                        return r;
        }
        return 0;
}

nfds_t watch_feed_poll(const struct watch_feed *f, struct pollfd *fds)
{
        for (size_t i = 0; i < f->count; i++)
                fds[i] = (struct pollfd){ .fd = f->peers[i].client.fd, .events = POLLIN };
        return (nfds_t)f->count;
}

static size_t find_fd(const struct watch_feed *f, int fd)
{
        for (size_t i = 0; i < f->count; i++)
                if (f->peers[i].client.fd == fd)
                        return i;
        return SIZE_MAX;
}

int watch_feed_read(struct watch_feed *f, const struct pollfd *fds, nfds_t count)
{
        for (nfds_t i = 0; i < count; i++) {
                const size_t index = fds[i].revents ? find_fd(f, fds[i].fd) : SIZE_MAX;
                int r;

                if (index == SIZE_MAX)
                        continue;
                r = read_peer(f, &f->peers[index]);
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        drop(f, index);
                if (r == -EBADMSG)
                        f->listener->notice(f->listener->userdata,
                                STR("a session said something that is not understood; it is not watched any more"));
        }
        return 0;
}

/* --- answering --- */

static struct watch_peer *find_source(struct watch_feed *f, unsigned source)
{
        for (size_t i = 0; i < f->count; i++)
                if (f->peers[i].source == source)
                        return &f->peers[i];
        return NULL;
}

int watch_feed_answer(struct watch_feed *f, unsigned source, const char *id,
        const uint8_t digest[static CARD_DIGEST_BYTES], bool approve, struct str signature)
{
        struct watch_peer *p = find_source(f, source);
        struct buf line = BUF_INIT(CONTROL_CLIENT_REQUEST_BYTES);
        bool sent;

        if (!p)
                return -ENOENT;
        if (p->answering[0])
                return -EBUSY;
        buf_printf(&line,
                "{\"jsonrpc\":\"2.0\",\"id\":\"answer\",\"method\":\"approval/"
                "answer\",\"params\":{\"id\":\"%s\",\"digest\":\"",
                id);
        hex_append(&line, digest, CARD_DIGEST_BYTES);
        buf_printf(&line, "\",\"verdict\":\"%s\"", approve ? "approve" : "deny");
        if (signature.len > 0) {
                buf_append_str(&line, STR(",\"signature\":"));
                line.failed |= json_string_append(&line, signature) < 0;
        }
        buf_append_str(&line, STR("}}\n"));
        sent = !line.failed && send_line(p, buf_str(&line));
        if (sent)
                memcpy(p->answering, id, CARD_ID_BYTES);
        buf_deinit(&line);
        return sent ? 0 : -ENOENT;
}
