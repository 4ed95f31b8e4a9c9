/* SPDX-License-Identifier: Apache-2.0 */
#include "inlet.h"

#include <errno.h>
#include <unistd.h>

#include "pipe_size.h"

static void on_poll(uv_poll_t *poll, int status, int events)
{
        struct inlet *r = poll->data;

        /* An error is left to read(), which tells it from data that came before it. */
        if (r->reading) {
                r->events.ready(r->events.userdata);
                return;
        }
        if (status < 0 || (events & UV_DISCONNECT)) {
                uv_poll_stop(&r->poll);
                if (!r->hung_up && r->events.hung_up) {
                        r->hung_up = true;
                        r->events.hung_up(r->events.userdata);
                }
        }
}

static void on_idle(uv_idle_t *idle)
{
        struct inlet *r = idle->data;

        r->events.ready(r->events.userdata);
}

int inlet_open(struct inlet *r, uv_loop_t *loop, int fd, struct inlet_events events)
{
        int e;

        *r = (struct inlet){ .fd = fd, .events = events };
        e = uv_poll_init(loop, &r->poll, fd);
        if (e == UV_EPERM) {
                e = uv_idle_init(loop, &r->idle);
                r->idle.data = r;
        } else if (e == 0) {
                r->pollable = true;
                r->poll.data = r;
        }
        r->open = e == 0;
        return e;
}

void inlet_resume(struct inlet *r)
{
        if (!r->open || r->reading)
                return;
        r->reading = true;
        if (r->pollable)
                uv_poll_start(&r->poll, UV_READABLE, on_poll);
        else
                uv_idle_start(&r->idle, on_idle);
}

void inlet_pause(struct inlet *r, bool watch)
{
        if (!r->open)
                return;
        r->reading = false;
        if (!r->pollable)
                uv_idle_stop(&r->idle);
        else if (watch && !r->hung_up)
                uv_poll_start(&r->poll, UV_DISCONNECT, on_poll);
        else
                uv_poll_stop(&r->poll);
}

ssize_t inlet_read(struct inlet *r, char *out, size_t len)
{
        ssize_t n;

        do {
                n = read(r->fd, out, len);
        } while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        if ((size_t)n >= PIPE_USUAL_BYTES && !r->enlarged) {
                r->enlarged = true;
                (void)pipe_enlarge(r->fd);
        }
        return n;
}

static void on_closed(uv_handle_t *handle)
{
        struct inlet *r = handle->data;

        if (r->events.closed)
                r->events.closed(r->events.userdata);
}

void inlet_close(struct inlet *r)
{
        if (!r->open)
                return;
        r->open = false;
        r->reading = false;
        uv_close(r->pollable ? (uv_handle_t *)&r->poll : (uv_handle_t *)&r->idle, on_closed);
}
