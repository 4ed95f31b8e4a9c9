/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream.h"

#include <errno.h>
#include <sys/wait.h>

#include "alloc.h"
#include "proxy_state.h"

static void forget_handle(struct upstream *u)
{
        if (--u->handles == 0)
                mem_free(u);
}

static void on_handle_closed(void *userdata)
{
        forget_handle(userdata);
}

static void on_timer_closed(uv_handle_t *handle)
{
        forget_handle(handle->data);
}

int upstream_new(struct upstream **ret, struct proxy *p, enum side side)
{
        struct upstream *u = mem_calloc(1, sizeof(*u));

        if (!u)
                return -ENOMEM;
        u->proxy = p;
        u->side = side;
        u->launch = (struct launch)LAUNCH_NONE;
        child_share(&u->launch.child, &p->guard);
        uv_timer_init(&p->loop, &u->life_timer);
        u->life_timer.data = u;
        uv_timer_init(&p->loop, &u->renew_timer);
        u->renew_timer.data = u;
        u->handles = 2;
        *ret = u;
        return 0;
}

static void on_ready(void *userdata)
{
        struct upstream *u = userdata;

        proxy_flow_readable(u->proxy, u->side);
}

static void on_sent(void *userdata, unsigned tag)
{
        struct upstream *u = userdata;

        proxy_flow_sent(u->proxy, (enum side)tag);
}

static void on_deaf(void *userdata)
{
        upstream_event(userdata, LIFE_SERVER_DEAF, "server-closed-stdin");
}

int upstream_open(struct upstream *u)
{
        const struct inlet_events in = { .ready = on_ready, .userdata = u, .closed = on_handle_closed };
        const struct outlet_events out = { .done = on_sent, .gone = on_deaf, .userdata = u, .closed = on_handle_closed };
        uv_loop_t *loop = &u->proxy->loop;
        int r = stderr_relay_open(&u->relay, &u->proxy->gate, loop, u->launch.errors, u->proxy->redactor);

        if (r < 0)
                return r;
        u->relay.closed = on_handle_closed;
        u->relay.userdata = u;
        u->handles++;
        r = inlet_open(&u->in, loop, u->launch.from_server, in);
        if (r < 0)
                return r;
        u->handles++;
        r = outlet_open(&u->out, loop, u->launch.to_server, out);
        if (r < 0)
                return r;
        u->handles++;
        u->launch.to_server = -1;
        return 0;
}

static void on_timer(uv_timer_t *timer)
{
        upstream_event(timer->data, LIFE_TIMEOUT, NULL);
}

/* Behind what the client has sent: where its last words are not yet delivered, closing waits for its end of file. */
static void close_stdin(struct upstream *u)
{
        const struct peer *client = &u->proxy->peers[SIDE_CLIENT];

        if (client->ended || !client->in->hung_up)
                outlet_end(&u->out);
}

static void act(struct upstream *u, unsigned actions)
{
        if (actions & LIFE_CLOSE_STDIN)
                close_stdin(u);
        if (actions & LIFE_FORWARD)
                (void)child_signal(&u->launch.child, u->life.signal);
        if (actions & LIFE_TERMINATE)
                (void)child_signal(&u->launch.child, SIGTERM);
        if (actions & LIFE_KILL)
                (void)child_signal(&u->launch.child, SIGKILL);
        if (actions & LIFE_DROP_STDIN)
                outlet_close(&u->out);
        if (actions & LIFE_DRAIN)
                proxy_flow_drain(u->proxy, u->side);
        if (actions & LIFE_STOP)
                proxy_life_over(u);
}

void upstream_event(struct upstream *u, enum life_event event, const char *reason)
{
        unsigned actions;

        if (reason)
                proxy_life_note(u, reason);
        actions = life_step(&u->life, event);
        if (u->life.timer_changed) {
                if (u->life.timer_ms)
                        uv_timer_start(&u->life_timer, on_timer, u->life.timer_ms, 0);
                else
                        uv_timer_stop(&u->life_timer);
        }
        act(u, actions);
        if (u->life.phase == LIFE_FLUSHING && event != LIFE_FLUSHED)
                proxy_flow_check_flushed(u->proxy, u->side);
}

void upstream_check_exit(struct upstream *u)
{
        siginfo_t info = { 0 };

        if (u->life.exited || u->launch.child.pid <= 1)
                return;
        /* Seen, not reaped: as long as the zombie stands, the group's number cannot become another's. */
        if (waitid(P_PID, (id_t)u->launch.child.pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
                return;
        u->exit = info;
        upstream_event(u, LIFE_EXITED, "server-exited");
}

void upstream_end(struct upstream *u)
{
        siginfo_t info;

        if (u->reaped)
                return;
        u->reaped = true;
        (void)child_signal(&u->launch.child, SIGKILL);
        if (u->life.phase != LIFE_OVER || u->life.exited) {
                child_end(&u->launch.child, &info);
                if (info.si_pid != 0)
                        u->exit = info;
        }
        secret_files_remove(&u->launch.files, &u->launch.child);
        stderr_relay_drain(&u->relay);
        u->proxy->dropped_stderr += u->relay.dropped;
        u->relay.dropped = 0;
}

void upstream_release(struct upstream *u)
{
        if (!u)
                return;
        upstream_end(u);
        inlet_close(&u->in);
        outlet_close(&u->out);
        stderr_relay_close(&u->relay);
        launch_close(&u->launch);
        uv_close((uv_handle_t *)&u->life_timer, on_timer_closed);
        uv_close((uv_handle_t *)&u->renew_timer, on_timer_closed);
}
