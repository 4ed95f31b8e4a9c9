/* SPDX-License-Identifier: Apache-2.0 */
#include "stderr_relay.h"

#include <errno.h>
#include <unistd.h>

#include "limit.h"

/* Room for what a redacted line may grow by: its mark may be longer than the secret. */
#define CLEAN_LIMIT (8U * LIMIT_STDERR_LINE)

/* The largest pipe, twice over. */
#define DRAIN_CHUNKS 128

static void on_ready(void *userdata);

/* As much as our stderr takes now; the rest is returned. */
static struct str push(struct str bytes)
{
        while (bytes.len > 0) {
                ssize_t n = write(STDERR_FILENO, bytes.ptr, bytes.len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN)
                        break;
                /* Our stderr has gone: as good as said. */
                if (n < 0)
                        return str_skip(bytes, bytes.len);
                bytes = str_skip(bytes, (size_t)n);
        }
        return bytes;
}

static void drop_held(struct stderr_relay *relay)
{
        relay->dropped += relay->held.len;
        relay->held = (struct str){ 0 };
}

static void on_grace_over(uv_timer_t *timer)
{
        struct stderr_relay *relay = timer->data;

        drop_held(relay);
        relay->dropping = true;
        inlet_resume(&relay->source);
}

static void on_writable(uv_poll_t *poll, int status, int events)
{
        struct stderr_relay *relay = poll->data;

        relay->held = push(relay->held);
        if (relay->held.len > 0 && status >= 0)
                return;
        uv_timer_stop(&relay->grace);
        uv_poll_stop(&relay->writable);
        relay->held = (struct str){ 0 };
        relay->dropping = false;
        inlet_resume(&relay->source);
}

static void pass_on(struct stderr_relay *relay, struct str bytes)
{
        if (!relay->dropping)
                bytes = push(bytes);
        if (bytes.len == 0)
                return;
        relay->held = bytes;
        if (relay->dropping || !relay->pollable || relay->ended) {
                drop_held(relay);
                return;
        }
        inlet_pause(&relay->source, false);
        uv_poll_start(&relay->writable, UV_WRITABLE, on_writable);
        uv_timer_start(&relay->grace, on_grace_over, STDERR_GRACE_MS, 0);
}

/* Replaces the secrets of the first @len bytes of the line buffer and passes them on. */
static void pass_clean(struct stderr_relay *relay, size_t len)
{
        buf_clear(&relay->clean, LIMIT_STDERR_LINE);
        if (redactor_apply(relay->redactor, str_of(relay->line.data, len), &relay->clean) < 0) {
                /* Rather nothing than a secret. */
                relay->dropped += len;
                buf_clear(&relay->clean, 0);
        }
        buf_consume(&relay->line, len);
        pass_on(relay, buf_str(&relay->clean));
}

/* Where an over-long line may be cut: no secret may lie across the place, nor begin within the part that is kept. 0 when
 * there is no such place. */
static size_t safe_cut(const struct stderr_relay *relay)
{
        const size_t keep = redactor_longest(relay->redactor);
        size_t cut = relay->line.len;

        for (int tries = 0; tries < 16 && cut > 2 * keep; tries++) {
                cut -= keep;
                if (!redactor_finds(relay->redactor, str_of(relay->line.data + cut - keep, 2 * keep)))
                        return cut;
        }
        return 0;
}

static void pass_lines(struct stderr_relay *relay)
{
        const char *end = relay->line.len ? memrchr(relay->line.data, '\n', relay->line.len) : NULL;
        size_t cut;

        if (end) {
                pass_clean(relay, (size_t)(end - relay->line.data) + 1);
                return;
        }
        if (relay->line.len < LIMIT_STDERR_LINE)
                return;
        cut = safe_cut(relay);
        if (cut > 0) {
                pass_clean(relay, cut);
                return;
        }
        relay->dropped += relay->line.len;
        relay->skipping = true;
        buf_clear(&relay->line, LIMIT_STDERR_LINE);
}

static void take(struct stderr_relay *relay, struct str bytes)
{
        if (!relay->redactor) {
                pass_on(relay, bytes);
                return;
        }
        if (relay->skipping) {
                const char *end = memchr(bytes.ptr, '\n', bytes.len);

                relay->dropped += end ? (size_t)(end - bytes.ptr) : bytes.len;
                if (!end)
                        return;
                relay->skipping = false;
                bytes = str_skip(bytes, (size_t)(end - bytes.ptr));
        }
        if (buf_append_str(&relay->line, bytes) < 0) {
                relay->dropped += relay->line.len + bytes.len;
                buf_clear(&relay->line, 0);
                relay->skipping = true;
                return;
        }
        pass_lines(relay);
}

static void finish(struct stderr_relay *relay)
{
        relay->ended = true;
        inlet_pause(&relay->source, false);
        if (relay->redactor && relay->line.len > 0)
                pass_clean(relay, relay->line.len);
}

static void on_ready(void *userdata)
{
        struct stderr_relay *relay = userdata;
        ssize_t n = inlet_read(&relay->source, relay->chunk, sizeof(relay->chunk));

        if (n == -EAGAIN)
                return;
        if (n > 0)
                take(relay, str_of(relay->chunk, (size_t)n));
        else
                finish(relay);
}

int stderr_relay_open(struct stderr_relay *relay, uv_loop_t *loop, int from, const struct redactor *redactor)
{
        const struct inlet_events events = { .ready = on_ready, .userdata = relay };
        int r;

        relay->redactor = redactor;
        buf_init(&relay->line, LIMIT_STDERR_LINE + STDERR_CHUNK);
        buf_init(&relay->clean, CLEAN_LIMIT);
        r = inlet_open(&relay->source, loop, from, events);
        if (r < 0)
                return r;
        uv_timer_init(loop, &relay->grace);
        relay->grace.data = relay;
        r = uv_poll_init(loop, &relay->writable, STDERR_FILENO);
        relay->pollable = r == 0;
        relay->writable.data = relay;
        relay->open = true;
        inlet_resume(&relay->source);
        return r == 0 || r == UV_EPERM ? 0 : r;
}

void stderr_relay_drain(struct stderr_relay *relay)
{
        ssize_t n;

        if (!relay->open || relay->ended)
                return;
        uv_timer_stop(&relay->grace);
        relay->held = push(relay->held);
        drop_held(relay);
        /* The group is dead: what is there is all there is, unless a process that left the group goes on talking. */
        for (int i = 0; i < DRAIN_CHUNKS; i++) {
                n = inlet_read(&relay->source, relay->chunk, sizeof(relay->chunk));
                if (n <= 0)
                        break;
                take(relay, str_of(relay->chunk, (size_t)n));
                drop_held(relay);
        }
        finish(relay);
}

void stderr_relay_say(struct stderr_relay *relay, struct str line)
{
        relay->dropped += relay->held.len > 0 ? line.len : push(line).len;
}

void stderr_relay_close(struct stderr_relay *relay)
{
        if (!relay->open)
                return;
        relay->open = false;
        inlet_close(&relay->source);
        uv_close((uv_handle_t *)&relay->grace, NULL);
        if (relay->pollable)
                uv_close((uv_handle_t *)&relay->writable, NULL);
        buf_wipe(&relay->line);
        buf_wipe(&relay->clean);
}
