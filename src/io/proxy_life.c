/* SPDX-License-Identifier: Apache-2.0
 *
 * Signals, the one timer, and the upstream's end: turns them into events of life.h and carries out its actions.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proxy_state.h"

static const int forwarded_signals[PROXY_SIGNALS] = { SIGTERM, SIGINT, SIGHUP };

static void on_timer(uv_timer_t *timer)
{
        proxy_life_event(timer->data, LIFE_TIMEOUT, NULL);
}

/* Behind what the client has sent: where its last words are not yet delivered, closing waits for end_side(). */
static void close_stdin(struct proxy *p)
{
        const struct peer *client = &p->peers[SIDE_CLIENT];

        if (client->ended || !client->in.hung_up)
                outlet_end(&p->peers[SIDE_SERVER].out);
}

static void act(struct proxy *p, unsigned actions)
{
        if (actions & LIFE_CLOSE_STDIN)
                close_stdin(p);
        if (actions & LIFE_FORWARD)
                (void)child_signal(&p->launch.child, p->life.signal);
        if (actions & LIFE_TERMINATE)
                (void)child_signal(&p->launch.child, SIGTERM);
        if (actions & LIFE_KILL)
                (void)child_signal(&p->launch.child, SIGKILL);
        if (actions & LIFE_DROP_STDIN)
                outlet_close(&p->peers[SIDE_SERVER].out);
        if (actions & LIFE_DRAIN)
                proxy_flow_drain_server(p);
        if (actions & LIFE_STOP)
                uv_stop(&p->loop);
}

void proxy_life_event(struct proxy *p, enum life_event event, const char *reason)
{
        unsigned actions;

        if (reason && !p->reason)
                p->reason = reason;
        actions = life_step(&p->life, event);
        if (p->life.timer_changed) {
                if (p->life.timer_ms)
                        uv_timer_start(&p->life_timer, on_timer, p->life.timer_ms, 0);
                else
                        uv_timer_stop(&p->life_timer);
        }
        act(p, actions);
        if (p->life.phase == LIFE_FLUSHING && event != LIFE_FLUSHED)
                proxy_flow_check_flushed(p);
}

static void on_signal(uv_signal_t *handle, int number)
{
        struct proxy *p = handle->data;

        /* Daemons load anew on it. From a terminal it means that the terminal has gone, and we with it. A client that goes closes
         * our stdin, whatever it signals. */
        if (number == SIGHUP && !isatty(STDIN_FILENO) && p->life.phase == LIFE_RUNNING && proxy_reload_asked(p))
                return;
        if (!p->life.signal)
                p->life.signal = number;
        proxy_life_event(p, LIFE_SIGNALLED, "signal");
}

void proxy_life_check_exit(struct proxy *p)
{
        siginfo_t info = { 0 };

        if (p->life.exited)
                return;
        /* Seen, not reaped: as long as the zombie stands, the group's number cannot become another's. */
        if (waitid(P_PID, (id_t)p->launch.child.pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
                return;
        p->exit = info;
        proxy_life_event(p, LIFE_EXITED, "server-exited");
}

static void on_child(uv_signal_t *handle, int number)
{
        proxy_life_check_exit(handle->data);
        proxy_control_reap(handle->data);
}

/* A signal that our starter had us ignore (nohup) stays ignored. */
static bool is_ignored(int number)
{
        struct sigaction now;

        return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

int proxy_life_open(struct proxy *p)
{
        int r = uv_timer_init(&p->loop, &p->life_timer);

        p->life_timer.data = p;
        for (unsigned i = 0; i < PROXY_SIGNALS && r == 0; i++) {
                r = uv_signal_init(&p->loop, &p->signals[i]);
                p->signals[i].data = p;
        }
        if (r == 0)
                r = uv_signal_init(&p->loop, &p->child_signal);
        p->child_signal.data = p;
        return r;
}

int proxy_life_watch(struct proxy *p)
{
        int r = uv_signal_start(&p->child_signal, on_child, SIGCHLD);

        for (unsigned i = 0; i < PROXY_SIGNALS && r == 0; i++) {
                if (!is_ignored(forwarded_signals[i]))
                        r = uv_signal_start(&p->signals[i], on_signal, forwarded_signals[i]);
        }
        return r;
}

void proxy_life_close(struct proxy *p)
{
        uv_close((uv_handle_t *)&p->life_timer, NULL);
        for (unsigned i = 0; i < PROXY_SIGNALS; i++)
                uv_close((uv_handle_t *)&p->signals[i], NULL);
        uv_close((uv_handle_t *)&p->child_signal, NULL);
}
