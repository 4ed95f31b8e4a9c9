/* SPDX-License-Identifier: Apache-2.0
 *
 * Signals, and what ends the session: turns them into events of the upstreams' lives. The main server's life is the session's;
 * it is over when that is, and all others are.
 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "proxy_state.h"

static const int forwarded_signals[PROXY_SIGNALS] = { SIGTERM, SIGINT, SIGHUP };

bool proxy_is_running(const struct proxy *p)
{
        const struct upstream *server = p->peers[SIDE_SERVER].upstream;

        if (p->ending)
                return false;
        return p->restart.replacing || (server && server->life.phase == LIFE_RUNNING);
}

void proxy_life_event(struct proxy *p, enum life_event event, const char *reason)
{
        if (reason && !p->reason)
                p->reason = reason;
        p->ending = true;
        for (unsigned side = SIDE_SERVER; side < SIDE_MAX_; side++) {
                struct upstream *u = p->peers[side].upstream;

                if (!u)
                        continue;
                u->life.signal = p->signal;
                u->life.from_file = p->from_file;
                upstream_event(u, event, NULL);
        }
        if (!p->peers[SIDE_SERVER].upstream) {
                /* It is being replaced, and has been heard out. */
                if (p->peers[SIDE_SERVER].unsent == 0)
                        proxy_restart_give_up(p);
                proxy_life_end(p);
        }
}

void proxy_life_note(const struct upstream *u, const char *reason)
{
        if (u->side == SIDE_SERVER && !u->proxy->reason)
                u->proxy->reason = reason;
}

/* What lanes do last takes no longer than what a client's end leaves them. */
static void stop_when_over(struct proxy *p)
{
        for (unsigned side = SIDE_LANE; side < SIDE_MAX_; side++) {
                if (p->peers[side].upstream)
                        return;
        }
        if (p->over)
                uv_stop(&p->loop);
}

void proxy_life_over(struct upstream *u)
{
        struct proxy *p = u->proxy;

        if (u->side != SIDE_SERVER) {
                proxy_upstreams_over(u);
                stop_when_over(p);
                return;
        }
        upstream_end(u);
        if (p->places[SIDE_SERVER].untold && p->peers[SIDE_SERVER].unsent == 0)
                proxy_restart_tell(p, u);
        if (proxy_restart_over(u))
                return;
        p->exit = u->exit;
        proxy_life_end(p);
}

void proxy_life_end(struct proxy *p)
{
        if (p->over)
                return;
        p->over = true;
        for (unsigned side = SIDE_LANE; side < SIDE_MAX_; side++) {
                if (p->peers[side].upstream)
                        upstream_event(p->peers[side].upstream, LIFE_CLIENT_ENDED, NULL);
        }
        stop_when_over(p);
}

static void on_signal(uv_signal_t *handle, int number)
{
        struct proxy *p = handle->data;

        /* Daemons load anew on it. From a terminal it means that the terminal has gone, and we with it. A client that goes closes
         * our stdin, whatever it signals. */
        if (number == SIGHUP && !isatty(STDIN_FILENO) && proxy_is_running(p) && proxy_reload_asked(p))
                return;
        if (!p->signal)
                p->signal = number;
        proxy_life_event(p, LIFE_SIGNALLED, "signal");
}

void proxy_life_check_exits(struct proxy *p)
{
        for (unsigned side = SIDE_SERVER; side < SIDE_MAX_; side++) {
                if (p->peers[side].upstream)
                        upstream_check_exit(p->peers[side].upstream);
        }
}

static void on_child(uv_signal_t *handle, int number)
{
        proxy_life_check_exits(handle->data);
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
        int r = 0;

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
        for (unsigned i = 0; i < PROXY_SIGNALS; i++)
                uv_close((uv_handle_t *)&p->signals[i], NULL);
        uv_close((uv_handle_t *)&p->child_signal, NULL);
}
