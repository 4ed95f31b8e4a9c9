/* SPDX-License-Identifier: Apache-2.0 */
#include "outlet.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pipe_size.h"

/* Segments of one system call; the rest follows in the next. */
#define OUTLET_BATCH 64U

static void on_writable(uv_poll_t *poll, int status, int events);

int outlet_open(struct outlet *w, uv_loop_t *loop, int fd, struct outlet_events events)
{
        int e;

        *w = (struct outlet){ .fd = fd, .events = events };
        e = uv_poll_init(loop, &w->poll, fd);
        if (e == 0) {
                w->pollable = true;
                w->poll.data = w;
        } else if (e != UV_EPERM) {
                return e;
        }
        w->open = true;
        return 0;
}

static void stop_polling(struct outlet *w)
{
        if (w->polling)
                uv_poll_stop(&w->poll);
        w->polling = false;
}

/* Moves @s past @n written bytes. */
static void advance(struct outlet_send *s, size_t n)
{
        while (s->count > 0) {
                const size_t left = s->segments[0].iov_len - s->offset;

                if (n < left) {
                        s->offset += n;
                        return;
                }
                n -= left;
                s->segments++;
                s->count--;
                s->offset = 0;
        }
}

/* @s has at least one segment. */
static ssize_t write_batch(const struct outlet *w, const struct outlet_send *s)
{
        struct iovec batch[OUTLET_BATCH];
        const size_t count = s->count < OUTLET_BATCH ? s->count : OUTLET_BATCH;
        ssize_t n;

        batch[0].iov_base = (char *)s->segments[0].iov_base + s->offset;
        batch[0].iov_len = s->segments[0].iov_len - s->offset;
        for (size_t i = 1; i < count; i++)
                batch[i] = s->segments[i];
        do {
                n = count == 1 ? write(w->fd, batch[0].iov_base, batch[0].iov_len) : writev(w->fd, batch, (int)count);
        } while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : n;
}

/* 0 when @s has gone, -EAGAIN when the descriptor is full, another -errno when the receiver is gone. */
static int push(struct outlet *w, struct outlet_send *s)
{
        while (s->count > 0) {
                ssize_t n;

                if (s->segments[0].iov_len == s->offset) {
                        advance(s, 0);
                        continue;
                }
                n = write_batch(w, s);
                if (n == -EAGAIN && !w->enlarged) {
                        w->enlarged = true;
                        if (pipe_enlarge(w->fd))
                                continue;
                }
                if (n < 0)
                        return (int)n;
                advance(s, (size_t)n);
        }
        return 0;
}

static void receiver_gone(struct outlet *w)
{
        if (w->gone)
                return;
        w->gone = true;
        stop_polling(w);
        w->events.gone(w->events.userdata);
}

bool outlet_send(struct outlet *w, const struct iovec *segments, size_t count, unsigned tag)
{
        struct outlet_send s = { .segments = segments, .count = count, .tag = tag };
        int r = -EAGAIN;

        if (w->gone || w->fd < 0)
                return true;
        if (w->queued == 0)
                r = push(w, &s);
        if (r == 0)
                return true;
        if (r != -EAGAIN || !w->pollable) {
                receiver_gone(w);
                return true;
        }
        w->queue[w->queued++] = s;
        if (!w->polling) {
                w->polling = true;
                uv_poll_start(&w->poll, UV_WRITABLE, on_writable);
        }
        return false;
}

static unsigned take_first(struct outlet *w)
{
        const unsigned tag = w->queue[0].tag;

        w->queued--;
        memmove(w->queue, w->queue + 1, w->queued * sizeof(w->queue[0]));
        return tag;
}

static void on_writable(uv_poll_t *poll, int status, int events)
{
        struct outlet *w = poll->data;

        while (w->queued > 0) {
                int r = w->gone ? 0 : push(w, &w->queue[0]);

                if (r == -EAGAIN && status >= 0)
                        return;
                if (r < 0)
                        receiver_gone(w);
                if (w->queued > 0)
                        w->events.done(w->events.userdata, take_first(w));
        }
        stop_polling(w);
        if (w->closing)
                outlet_close(w);
}

static void on_closed(uv_handle_t *handle)
{
        struct outlet *w = handle->data;

        if (w->events.closed)
                w->events.closed(w->events.userdata);
}

void outlet_end(struct outlet *w)
{
        w->closing = true;
        if (w->queued == 0)
                outlet_close(w);
}

void outlet_close(struct outlet *w)
{
        if (!w->open)
                return;
        w->open = false;
        stop_polling(w);
        if (w->pollable)
                uv_close((uv_handle_t *)&w->poll, on_closed);
        close(w->fd);
        w->fd = -1;
        while (w->queued > 0)
                w->events.done(w->events.userdata, take_first(w));
        if (!w->pollable && w->events.closed)
                w->events.closed(w->events.userdata);
}
