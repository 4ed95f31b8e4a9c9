/* SPDX-License-Identifier: Apache-2.0 */
#include "control_peer.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"
#include "writer.h"

static void on_event(uv_poll_t *poll, int status, int events);
static void go_on(struct control_peer *peer);

/* --- end --- */

static void on_closed(uv_handle_t *handle)
{
        struct control_peer *peer = handle->data;
        struct control *c = peer->control;

        if (--peer->handles > 0)
                return;
        json_doc_deinit(&peer->doc);
        buf_deinit(&peer->in);
        buf_deinit(&peer->out);
        buf_deinit(&peer->memory);
        mem_free(peer);
        control_released(c);
}

void control_peer_cut(struct control_peer *peer)
{
        if (peer->fd < 0)
                return;
        control_left(peer->control, peer);
        uv_close((uv_handle_t *)&peer->poll, on_closed);
        uv_close((uv_handle_t *)&peer->timer, on_closed);
        close(peer->fd);
        peer->fd = -1;
        peer_process_close(&peer->process);
}

static void on_time(uv_timer_t *timer)
{
        control_peer_cut(timer->data);
}

/* What is waited for, and for how long. */
static void arm(struct control_peer *peer)
{
        int events = 0;

        if (peer->fd < 0)
                return;
        if (peer->out.len > 0)
                events |= UV_WRITABLE;
        else if (!peer->waiting && !peer->ended)
                events |= UV_READABLE;
        if (events)
                uv_poll_start(&peer->poll, events, on_event);
        else
                uv_poll_stop(&peer->poll);
        if (peer->out.len == 0 && (peer->waiting || peer->watching))
                uv_timer_stop(&peer->timer);
        else if (!uv_is_active((uv_handle_t *)&peer->timer))
                uv_timer_start(&peer->timer, on_time, peer->control->owner.patience_ms, 0);
}

/* --- out --- */

/* As much as goes. */
static void push(struct control_peer *peer)
{
        while (peer->fd >= 0 && peer->sent < peer->out.len) {
                const ssize_t n = send(peer->fd, peer->out.data + peer->sent, peer->out.len - peer->sent, MSG_NOSIGNAL);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN)
                        return;
                if (n < 0) {
                        control_peer_cut(peer);
                        return;
                }
                peer->sent += (size_t)n;
                uv_timer_stop(&peer->timer);
        }
        if (peer->fd < 0)
                return;
        peer->sent = 0;
        buf_clear(&peer->out, LIMIT_CONTROL_LINE_BYTES);
}

void control_peer_send(struct control_peer *peer, struct str line)
{
        if (peer->fd < 0)
                return;
        if (peer->sent > peer->out.len / 2) {
                buf_consume(&peer->out, peer->sent);
                peer->sent = 0;
        }
        if (line.len > control_room(peer->control) || buf_append_str(&peer->out, line) < 0) {
                control_peer_cut(peer);
                return;
        }
        push(peer);
        arm(peer);
}

static void answer_error(struct control_peer *peer, int code, const char *message)
{
        AUTO_BUF struct buf line = BUF_INIT(LIMIT_CONTROL_LINE_BYTES);
        struct json_writer w;

        json_writer_init(&w, &line);
        json_begin_object(&w);
        json_name(&w, STR("jsonrpc"));
        json_string(&w, STR("2.0"));
        json_name(&w, STR("id"));
        if (peer->request.id.len > 0)
                json_raw(&w, peer->request.id);
        else
                json_null(&w);
        json_name(&w, STR("error"));
        json_begin_object(&w);
        json_name(&w, STR("code"));
        json_integer(&w, code);
        json_name(&w, STR("message"));
        json_string(&w, str_from(message));
        json_end_object(&w);
        json_end_object(&w);
        buf_append_char(&line, '\n');
        if (line.failed)
                control_peer_cut(peer);
        else
                control_peer_send(peer, buf_str(&line));
}

/* --- requests --- */

static void begin_result(struct control_peer *peer, struct buf *line)
{
        buf_append_str(line, STR("{\"jsonrpc\":\"2.0\",\"id\":"));
        buf_append_str(line, peer->request.id);
        buf_append_str(line, STR(",\"result\":"));
}

static void end_result(struct control_peer *peer, struct buf *line)
{
        buf_append_str(line, STR("}\n"));
        if (line->failed)
                answer_error(peer, CONTROL_BUSY, "the answer would be too long, or there is no memory for it");
        else
                control_peer_send(peer, buf_str(line));
}

static void give_status(struct control_peer *peer)
{
        const struct control_owner *owner = &peer->control->owner;
        AUTO_BUF struct buf line = BUF_INIT(LIMIT_CONTROL_LINE_BYTES);

        begin_result(peer, &line);
        if (owner->status(owner->userdata, &line) < 0)
                line.failed = true;
        end_result(peer, &line);
}

/* Another member of the result, where the owner has such things. */
static void add_list(struct control_peer *peer, struct buf *line, struct str name, int (*write)(void *userdata, struct buf *out))
{
        if (!write)
                return;
        buf_append_str(line, name);
        if (write(peer->control->owner.userdata, line) < 0)
                line->failed = true;
}

static void give_cards(struct control_peer *peer)
{
        const struct control_owner *owner = &peer->control->owner;
        AUTO_BUF struct buf line = BUF_INIT(control_room(peer->control));

        begin_result(peer, &line);
        buf_append_str(&line, STR("{\"cards\":"));
        if (owner->cards(owner->userdata, &peer->process, &line) < 0)
                line.failed = true;
        add_list(peer, &line, STR(",\"grants\":"), owner->grants);
        add_list(peer, &line, STR(",\"stops\":"), owner->stops);
        buf_append_char(&line, '}');
        end_result(peer, &line);
}

static void give_grants(struct control_peer *peer)
{
        const struct control_owner *owner = &peer->control->owner;
        AUTO_BUF struct buf line = BUF_INIT(control_room(peer->control));
        AUTO_BUF struct buf out = BUF_INIT(LIMIT_CONTROL_OUT_BYTES);
        int r;

        if (!owner->grant) {
                answer_error(peer, CONTROL_REFUSED, "nothing can be granted here");
                return;
        }
        r = owner->grant(owner->userdata, &peer->request, &peer->process, &out);
        if (peer->fd < 0)
                return;
        if (r > 0 && buf_append_char(&out, '\0') == 0) {
                answer_error(peer, CONTROL_REFUSED, out.data);
                return;
        }
        begin_result(peer, &line);
        buf_append_str(&line, buf_str(&out));
        line.failed |= r != 0 || out.failed;
        end_result(peer, &line);
}

static void give_answer(struct control_peer *peer)
{
        const struct control_owner *owner = &peer->control->owner;
        AUTO_BUF struct buf line = BUF_INIT(LIMIT_CONTROL_LINE_BYTES);
        struct control_result result = { 0 };

        peer->waiting = !owner->answer(owner->userdata, &peer->request, &peer->process, &result);
        /* It may have been cut off meanwhile: it watches, and did not read what came of its answer. */
        if (peer->waiting || peer->fd < 0)
                return;
        if (result.why) {
                answer_error(peer, CONTROL_REFUSED, result.why);
                return;
        }
        begin_result(peer, &line);
        buf_printf(&line, "{\"id\":\"%.*s\",\"state\":\"%s\",\"given\":%u,\"by\":%u}", STR_FMT(peer->request.card),
                card_state_word(result.state), (unsigned)result.given, (unsigned)result.by);
        end_result(peer, &line);
}

static void carry_out(struct control_peer *peer)
{
        switch (peer->request.method) {
        case CONTROL_STATUS:
                give_status(peer);
                break;
        case CONTROL_WATCH:
                give_cards(peer);
                peer->watching = true;
                break;
        case CONTROL_CARDS:
                give_cards(peer);
                break;
        case CONTROL_ANSWER:
                give_answer(peer);
                break;
        case CONTROL_GRANT_ADD:
        case CONTROL_GRANT_LIST:
        case CONTROL_GRANT_REVOKE:
                give_grants(peer);
                break;
        case CONTROL_METHOD_MAX_:
        default:
                control_peer_cut(peer);
                break;
        }
}

/* Who does not speak the language is answered once. */
static void refuse(struct control_peer *peer, int code, const char *message)
{
        peer->last = code == CONTROL_PARSE_ERROR || code == CONTROL_INVALID_REQUEST;
        answer_error(peer, code, message);
}

static void take_line(struct control_peer *peer, size_t len)
{
        const char *message = NULL;
        int code;

        peer->line = len + 1;
        buf_clear(&peer->memory, LIMIT_CONTROL_LINE_BYTES);
        uv_timer_stop(&peer->timer);
        code = control_request_read(&peer->request, &peer->doc, str_of(peer->in.data, len), &peer->memory, &message);
        if (code)
                refuse(peer, code, message);
        else
                carry_out(peer);
}

/* The request's texts point into its line: only now it may go. */
static void drop_line(struct control_peer *peer)
{
        buf_consume(&peer->in, peer->line);
        peer->line = 0;
}

/* Takes requests as long as there are some, and nothing keeps us from it. */
static void go_on(struct control_peer *peer)
{
        while (peer->fd >= 0 && !peer->waiting && !peer->last && peer->out.len == 0) {
                const char *end = peer->in.len ? memchr(peer->in.data, '\n', peer->in.len) : NULL;

                if (end) {
                        take_line(peer, (size_t)(end - peer->in.data));
                        if (!peer->waiting)
                                drop_line(peer);
                } else if (peer->in.len > LIMIT_CONTROL_LINE_BYTES) {
                        peer->request = (struct control_request){ 0 };
                        refuse(peer, CONTROL_INVALID_REQUEST, "the line is too long");
                } else {
                        break;
                }
        }
        if (peer->fd < 0)
                return;
        if (peer->out.len == 0 && !peer->waiting && (peer->last || peer->ended))
                control_peer_cut(peer);
        else
                arm(peer);
}

void control_peer_resume(struct control_peer *peer)
{
        if (!peer->waiting)
                return;
        carry_out(peer);
        if (peer->waiting)
                return;
        drop_line(peer);
        go_on(peer);
}

/* --- in --- */

static void receive(struct control_peer *peer)
{
        ssize_t n;

        if (buf_reserve(&peer->in, 1) < 0) {
                control_peer_cut(peer);
                return;
        }
        n = recv(peer->fd, peer->in.data + peer->in.len, peer->in.cap - peer->in.len, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n < 0) {
                control_peer_cut(peer);
                return;
        }
        peer->ended = n == 0;
        peer->in.len += (size_t)n;
}

static void on_event(uv_poll_t *poll, int status, int events)
{
        struct control_peer *peer = poll->data;

        if (peer->out.len > 0)
                push(peer);
        else if (events & UV_READABLE || status < 0)
                receive(peer);
        if (peer->fd >= 0)
                go_on(peer);
}

void control_peer_hurry(struct control_peer *peer)
{
        struct pollfd p = { .fd = peer->fd };

        if (poll(&p, 1, 0) != 1 || !(p.revents & POLLHUP))
                return;
        /* A line takes two rounds at the most; more than a buffer full is not waited for. */
        for (int i = 0; i < 4 && peer->fd >= 0 && !peer->waiting; i++)
                on_event(&peer->poll, 0, UV_READABLE);
        if (peer->fd >= 0 && !peer->waiting)
                control_peer_cut(peer);
}

/* --- beginning --- */

int control_peer_new(struct control_peer **ret, struct control *c, int fd, const struct peer_process *process)
{
        struct control_peer *peer = mem_calloc(1, sizeof(*peer));
        int r = peer ? uv_poll_init(c->loop, &peer->poll, fd) : -ENOMEM;

        if (r < 0) {
                struct peer_process unused = *process;

                peer_process_close(&unused);
                close(fd);
                mem_free(peer);
                return r;
        }
        uv_timer_init(c->loop, &peer->timer);
        peer->control = c;
        peer->fd = fd;
        peer->handles = 2;
        peer->process = *process;
        /* With its newline; what fills it without one is too long. */
        buf_init(&peer->in, LIMIT_CONTROL_LINE_BYTES + 1);
        buf_init(&peer->out, LIMIT_CONTROL_OUT_BYTES);
        buf_init(&peer->memory, 2U * LIMIT_CONTROL_LINE_BYTES);
        json_doc_init(&peer->doc, c->seed);
        peer->poll.data = peer;
        peer->timer.data = peer;
        *ret = peer;
        arm(peer);
        return 0;
}
