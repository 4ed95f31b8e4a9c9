/* SPDX-License-Identifier: Apache-2.0 */
#include "stderr_relay.h"

#include <errno.h>

#include "blob.h"
#include "limit.h"

/* Room for what a redacted line may grow by: its mark may be longer than the secret. */
#define CLEAN_LIMIT (8U * LIMIT_STDERR_LINE)

/* The largest pipe, twice over. */
#define DRAIN_CHUNKS 128

/* Of base64 and of hex in several lines each but the last one ends with at least so many of their characters. */
#define RUN_CHARS 16U

static void on_ready(void *userdata);

void stderr_relay_drop(struct stderr_relay *relay)
{
        relay->dropped += relay->held.len;
        relay->held = (struct str){ 0 };
}

void stderr_relay_free_again(struct stderr_relay *relay)
{
        relay->held = (struct str){ 0 };
        inlet_resume(&relay->source);
}

static void pass_on(struct stderr_relay *relay, struct str bytes)
{
        bytes = stderr_gate_pass(relay->gate, bytes);
        if (bytes.len == 0)
                return;
        relay->held = bytes;
        if (!stderr_gate_can_wait(relay->gate) || relay->ended) {
                stderr_relay_drop(relay);
                return;
        }
        inlet_pause(&relay->source, false);
        stderr_gate_wait(relay->gate, relay);
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

/* May the line that ends at @end be one of several of base64 or hex? */
static bool may_go_on(const char *begin, const char *end)
{
        size_t base64 = 0, hex = 0;

        while (end > begin && (end[-1] == '\r' || end[-1] == ' ' || end[-1] == '\t'))
                end--;
        while (base64 < RUN_CHARS && end - base64 > begin && base64_value(end[-1 - (ptrdiff_t)base64]) >= 0)
                base64++;
        while (hex < RUN_CHARS && end - hex > begin && hex_is_part(end[-1 - (ptrdiff_t)hex]))
                hex++;
        return base64 == RUN_CHARS || hex == RUN_CHARS;
}

/* How many bytes the lines have that are complete. */
static size_t lines_length(const struct stderr_relay *relay)
{
        const char *end = relay->line.len ? memrchr(relay->line.data, '\n', relay->line.len) : NULL;

        return end ? (size_t)(end - relay->line.data) + 1 : 0;
}

/* Where the lines begin that may go on in the one that comes next; @lines: nowhere. */
static size_t run_begin(const struct stderr_relay *relay, size_t lines)
{
        const char *text = relay->line.data;

        while (lines > 0) {
                const char *before = lines > 1 ? memrchr(text, '\n', lines - 1) : NULL;
                const size_t begin = before ? (size_t)(before - text) + 1 : 0;

                if (!may_go_on(text + begin, text + lines - 1))
                        break;
                lines = begin;
        }
        return lines;
}

static void on_no_more(uv_timer_t *timer)
{
        struct stderr_relay *relay = timer->data;

        if (relay->held.len > 0)
                uv_timer_start(timer, on_no_more, STDERR_RUN_MS, 0);
        else
                pass_clean(relay, lines_length(relay));
}

/* What is too long to be kept until its end is known. */
static void pass_overlong(struct stderr_relay *relay)
{
        const size_t cut = safe_cut(relay);

        if (cut > 0) {
                pass_clean(relay, cut);
                return;
        }
        relay->dropped += relay->line.len;
        relay->skipping = true;
        buf_clear(&relay->line, LIMIT_STDERR_LINE);
}

static void pass_lines(struct stderr_relay *relay)
{
        const size_t lines = lines_length(relay), run = run_begin(relay, lines);
        const uint64_t now = uv_now(relay->no_more.loop);
        const bool goes_on = run == 0 && uv_is_active((uv_handle_t *)&relay->no_more);

        uv_timer_stop(&relay->no_more);
        if (run > 0)
                pass_clean(relay, run);
        else if (relay->line.len >= LIMIT_STDERR_LINE)
                pass_overlong(relay);
        if (lines <= run)
                return;
        if (!goes_on)
                relay->run_since = now;
        /* Many a log has lines that all look like it. */
        uv_timer_start(&relay->no_more, on_no_more, now - relay->run_since < STDERR_RUN_MOST_MS ? STDERR_RUN_MS : 0, 0);
}

static void take(struct stderr_relay *relay, struct str bytes)
{
        if (redactor_is_empty(relay->redactor) && relay->line.len == 0) {
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
        uv_timer_stop(&relay->no_more);
        if (relay->line.len > 0)
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

static void on_timer_closed(uv_handle_t *handle)
{
        struct stderr_relay *relay = handle->data;

        if (relay->closed)
                relay->closed(relay->userdata);
}

static void on_closed(void *userdata)
{
        struct stderr_relay *relay = userdata;

        uv_close((uv_handle_t *)&relay->no_more, on_timer_closed);
}

int stderr_relay_open(struct stderr_relay *relay, struct stderr_gate *gate, uv_loop_t *loop, int from,
        const struct redactor *redactor)
{
        const struct inlet_events events = { .ready = on_ready, .userdata = relay, .closed = on_closed };
        int r;

        relay->gate = gate;
        relay->redactor = redactor;
        buf_init(&relay->line, LIMIT_STDERR_LINE + STDERR_CHUNK);
        buf_init(&relay->clean, CLEAN_LIMIT);
        r = inlet_open(&relay->source, loop, from, events);
        if (r < 0)
                return r;
        uv_timer_init(loop, &relay->no_more);
        relay->no_more.data = relay;
        uv_unref((uv_handle_t *)&relay->no_more);
        relay->open = true;
        inlet_resume(&relay->source);
        return 0;
}

void stderr_relay_drain(struct stderr_relay *relay)
{
        ssize_t n;

        if (!relay->open || relay->ended)
                return;
        /* What others hold is in front of it, unless it is the first. */
        if (relay->gate->waiting == relay)
                stderr_gate_forget(relay->gate, relay);
        if (relay->held.len > 0)
                relay->held = stderr_gate_pass(relay->gate, relay->held);
        stderr_gate_forget(relay->gate, relay);
        stderr_relay_drop(relay);
        /* The group is dead: what is there is all there is, unless a process that left the group goes on talking. */
        for (int i = 0; i < DRAIN_CHUNKS; i++) {
                n = inlet_read(&relay->source, relay->chunk, sizeof(relay->chunk));
                if (n <= 0)
                        break;
                take(relay, str_of(relay->chunk, (size_t)n));
                stderr_gate_forget(relay->gate, relay);
                stderr_relay_drop(relay);
        }
        finish(relay);
}

void stderr_relay_close(struct stderr_relay *relay)
{
        if (!relay->open)
                return;
        relay->open = false;
        stderr_gate_forget(relay->gate, relay);
        uv_timer_stop(&relay->no_more);
        inlet_close(&relay->source);
        buf_wipe(&relay->line);
        buf_wipe(&relay->clean);
}
