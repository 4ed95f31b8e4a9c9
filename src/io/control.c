/* SPDX-License-Identifier: Apache-2.0 */
#include "control.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"
#include "control_peer.h"
#include "limit.h"
#include "writer.h"

/* After which we look again whether there are descriptors to be had. */
#define RETRY_MS 1000U

static void on_connection(uv_poll_t *poll, int status, int events);

static void release(struct control *c)
{
        if (--c->handles == 0)
                mem_free(c);
}

static void on_closed(uv_handle_t *handle)
{
        release(handle->data);
}

void control_left(struct control *c, const struct control_peer *peer)
{
        for (size_t i = 0; i < LIMIT_CONTROL_PEERS; i++) {
                if (c->peers[i] == peer)
                        c->peers[i] = NULL;
        }
}

void control_released(struct control *c)
{
        release(c);
}

size_t control_room(const struct control *c)
{
        size_t used = 0;

        for (size_t i = 0; i < LIMIT_CONTROL_PEERS; i++)
                used += c->peers[i] ? c->peers[i]->out.len : 0;
        return used < c->owner.out_bytes ? c->owner.out_bytes - used : 0;
}

/* --- new ones --- */

static void turn_away(int fd)
{
        static const char line[] = "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32000,\"message\":"
                                   "\"too many programs are connected to this session\"}}\n";

        (void)send(fd, line, sizeof(line) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
        close(fd);
}

static struct control_peer **free_place(struct control *c)
{
        for (size_t i = 0; i < LIMIT_CONTROL_PEERS; i++) {
                if (!c->peers[i])
                        return &c->peers[i];
        }
        return NULL;
}

/* Those that have gone may not have been noticed yet. */
static void hurry_all(struct control *c)
{
        for (size_t i = 0; i < LIMIT_CONTROL_PEERS; i++) {
                if (c->peers[i])
                        control_peer_hurry(c->peers[i]);
        }
}

static void take(struct control *c, int fd)
{
        struct peer_process process;
        struct control_peer **place;

        /* The directory keeps others out already; root, who can go anywhere, is another user here (docs/decisions). */
        if (peer_process_open(&process, fd) < 0 || process.uid != geteuid()) {
                peer_process_close(&process);
                close(fd);
                return;
        }
        place = free_place(c);
        if (!place) {
                hurry_all(c);
                place = free_place(c);
        }
        if (!place) {
                peer_process_close(&process);
                turn_away(fd);
                return;
        }
        if (control_peer_new(place, c, fd, &process) == 0)
                c->handles++;
}

static void on_retry(uv_timer_t *timer)
{
        struct control *c = timer->data;

        uv_poll_start(&c->poll, UV_READABLE, on_connection);
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
        struct control *c = poll->data;

        for (unsigned i = 0; i < LIMIT_CONTROL_PEERS; i++) {
                int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

                if (fd >= 0) {
                        take(c, fd);
                        continue;
                }
                if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
                        return;
                /* No descriptors: the connection stays where it is, and would be reported again at once. */
                uv_poll_stop(&c->poll);
                uv_timer_start(&c->retry, on_retry, RETRY_MS, 0);
                return;
        }
}

/* --- to those that watch --- */

static void tell(struct control *c, struct str line)
{
        for (size_t i = 0; i < LIMIT_CONTROL_PEERS; i++) {
                if (c->peers[i] && c->peers[i]->watching)
                        control_peer_send(c->peers[i], line);
        }
}

static bool is_watched(const struct control *c)
{
        for (size_t i = 0; c && i < LIMIT_CONTROL_PEERS; i++) {
                if (c->peers[i] && c->peers[i]->watching)
                        return true;
        }
        return false;
}

#define NOTIFICATION_BEGIN(method) "{\"jsonrpc\":\"2.0\",\"method\":\"" method "\",\"params\":{"
#define NOTIFICATION(method) STR(NOTIFICATION_BEGIN(method))
#define NOTIFICATION_END STR("}}\n")

/* What cannot be told for want of memory would leave those that watch with a wrong picture: they are cut off, and look
 * anew. */
static void tell_or_cut(struct control *c, const struct buf *line)
{
        if (!line->failed) {
                tell(c, buf_str(line));
                return;
        }
        for (size_t i = 0; i < LIMIT_CONTROL_PEERS; i++) {
                if (c->peers[i] && c->peers[i]->watching)
                        control_peer_cut(c->peers[i]);
        }
}

static void write_card(const struct card *card, struct buf *line)
{
        buf_append_str(line, NOTIFICATION("approval/card"));
        buf_append_str(line, STR("\"card\":"));
        if (card_write_json(card, line) < 0)
                line->failed = true;
        buf_append_str(line, NOTIFICATION_END);
}

/* To those that watch, each what it may see. */
static void tell_coded(struct control *c, const struct buf *plain, const struct buf *coded)
{
        for (size_t i = 0; i < LIMIT_CONTROL_PEERS; i++) {
                struct control_peer *peer = c->peers[i];

                if (peer && peer->watching)
                        control_peer_send(
                                peer, buf_str(c->owner.sees_codes(c->owner.userdata, &peer->process) ? coded : plain));
        }
}

void control_tell_card(struct control *c, const struct card *card)
{
        AUTO_BUF struct buf line = BUF_INIT(LIMIT_CONTROL_OUT_BYTES), coded = BUF_INIT(LIMIT_CONTROL_OUT_BYTES);
        struct card plain = *card;

        if (!is_watched(c))
                return;
        plain.code[0] = '\0';
        write_card(&plain, &line);
        if (card->code[0])
                write_card(card, &coded);
        if (card->code[0] && !line.failed && !coded.failed) {
                tell_coded(c, &line, &coded);
                return;
        }
        line.failed |= coded.failed;
        tell_or_cut(c, &line);
}

void control_tell_closed(struct control *c, const char *id, enum card_state state)
{
        AUTO_BUF struct buf line = BUF_INIT(1024);

        if (!is_watched(c))
                return;
        buf_append_str(&line, NOTIFICATION("approval/closed"));
        buf_printf(&line, "\"id\":\"%s\",\"state\":\"%s\"", id, card_state_word(state));
        buf_append_str(&line, NOTIFICATION_END);
        tell_or_cut(c, &line);
}

void control_tell_notice(struct control *c, struct str text)
{
        AUTO_BUF struct buf line = BUF_INIT(8U * LIMIT_STDERR_LINE);

        if (!is_watched(c))
                return;
        buf_append_str(&line, NOTIFICATION("session/notice"));
        buf_append_str(&line, STR("\"text\":"));
        if (json_string_append(&line, text) < 0)
                line.failed = true;
        buf_append_str(&line, NOTIFICATION_END);
        tell_or_cut(c, &line);
}

/* All of what the owner's function writes, behind that beginning of a notification. */
static void tell_list(struct control *c, struct str begin, int (*write)(void *userdata, struct buf *out))
{
        AUTO_BUF struct buf line = BUF_INIT(LIMIT_CONTROL_OUT_BYTES);

        if (!is_watched(c) || !write)
                return;
        buf_append_str(&line, begin);
        if (write(c->owner.userdata, &line) < 0)
                line.failed = true;
        buf_append_str(&line, NOTIFICATION_END);
        tell_or_cut(c, &line);
}

void control_tell_grants(struct control *c)
{
        tell_list(c, STR(NOTIFICATION_BEGIN("grant/list") "\"grants\":"), c->owner.grants);
}

void control_tell_stops(struct control *c)
{
        tell_list(c, STR(NOTIFICATION_BEGIN("stop/list") "\"stops\":"), c->owner.stops);
}

void control_resume(struct control *c)
{
        for (size_t i = 0; c && i < LIMIT_CONTROL_PEERS; i++) {
                if (c->peers[i])
                        control_peer_resume(c->peers[i]);
        }
}

/* --- beginning and end --- */

int control_new(struct control **ret, uv_loop_t *loop, int listener, const struct control_owner *owner)
{
        struct control *c = mem_calloc(1, sizeof(*c));
        int r = c ? 0 : -ENOMEM;

        if (r == 0 && getrandom(c->seed, sizeof(c->seed), 0) != (ssize_t)sizeof(c->seed))
                r = -EIO;
        if (r == 0)
                r = uv_poll_init(loop, &c->poll, listener);
        if (r < 0) {
                close(listener);
                mem_free(c);
                return r;
        }
        uv_timer_init(loop, &c->retry);
        c->loop = loop;
        c->owner = *owner;
        if (c->owner.patience_ms == 0)
                c->owner.patience_ms = CONTROL_PATIENCE_MS;
        if (c->owner.out_bytes == 0)
                c->owner.out_bytes = LIMIT_CONTROL_OUT_BYTES;
        c->fd = listener;
        c->handles = 2;
        c->poll.data = c;
        c->retry.data = c;
        uv_poll_start(&c->poll, UV_READABLE, on_connection);
        *ret = c;
        return 0;
}

struct control *control_end(struct control *c)
{
        if (!c)
                return NULL;
        for (size_t i = 0; i < LIMIT_CONTROL_PEERS; i++) {
                if (c->peers[i])
                        control_peer_cut(c->peers[i]);
        }
        uv_close((uv_handle_t *)&c->poll, on_closed);
        uv_close((uv_handle_t *)&c->retry, on_closed);
        close(c->fd);
        return NULL;
}
