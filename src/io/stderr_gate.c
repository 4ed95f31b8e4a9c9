/* SPDX-License-Identifier: Apache-2.0 */
#include "stderr_gate.h"

#include <errno.h>
#include <unistd.h>

#include "stderr_relay.h"

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

static void free_first(struct stderr_gate *gate)
{
        struct stderr_relay *relay = gate->waiting;

        gate->waiting = relay->next;
        relay->next = NULL;
        stderr_relay_free_again(relay);
}

static void on_grace_over(uv_timer_t *timer)
{
        struct stderr_gate *gate = timer->data;

        gate->dropping = true;
        while (gate->waiting) {
                stderr_relay_drop(gate->waiting);
                free_first(gate);
        }
}

static void on_writable(uv_poll_t *poll, int status, int events)
{
        struct stderr_gate *gate = poll->data;

        (void)events;
        while (gate->waiting) {
                gate->waiting->held = push(gate->waiting->held);
                if (gate->waiting->held.len > 0 && status >= 0)
                        return;
                free_first(gate);
        }
        uv_timer_stop(&gate->grace);
        uv_poll_stop(&gate->writable);
        gate->dropping = false;
}

int stderr_gate_open(struct stderr_gate *gate, uv_loop_t *loop)
{
        int r = uv_poll_init(loop, &gate->writable, STDERR_FILENO);

        gate->pollable = r == 0;
        gate->writable.data = gate;
        uv_timer_init(loop, &gate->grace);
        gate->grace.data = gate;
        gate->open = true;
        return r == 0 || r == UV_EPERM ? 0 : r;
}

void stderr_gate_say(struct stderr_gate *gate, struct str line)
{
        gate->dropped += gate->waiting ? line.len : push(line).len;
}

struct str stderr_gate_pass(struct stderr_gate *gate, struct str bytes)
{
        return gate->dropping || gate->waiting ? bytes : push(bytes);
}

bool stderr_gate_can_wait(const struct stderr_gate *gate)
{
        return gate->open && gate->pollable && !gate->dropping;
}

void stderr_gate_wait(struct stderr_gate *gate, struct stderr_relay *relay)
{
        struct stderr_relay **at = &gate->waiting;

        if (!gate->waiting) {
                uv_poll_start(&gate->writable, UV_WRITABLE, on_writable);
                uv_timer_start(&gate->grace, on_grace_over, STDERR_GRACE_MS, 0);
        }
        while (*at)
                at = &(*at)->next;
        relay->next = NULL;
        *at = relay;
}

void stderr_gate_forget(struct stderr_gate *gate, struct stderr_relay *relay)
{
        for (struct stderr_relay **at = &gate->waiting; *at; at = &(*at)->next) {
                if (*at == relay) {
                        *at = relay->next;
                        relay->next = NULL;
                        return;
                }
        }
}

void stderr_gate_close(struct stderr_gate *gate)
{
        if (!gate->open)
                return;
        gate->open = false;
        uv_close((uv_handle_t *)&gate->grace, NULL);
        if (gate->pollable)
                uv_close((uv_handle_t *)&gate->writable, NULL);
}
