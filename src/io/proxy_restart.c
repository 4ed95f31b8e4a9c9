/* SPDX-License-Identifier: Apache-2.0
 *
 * Another main server in the place of one that has failed (`server: { restart: on-failure }`), after a pause that doubles
 * each time and no more than RESTART_MOST times within RESTART_WINDOW_MS. What the session makes of it is the session's: it is told that the
 * server is lost, or that it has ended. Until which of the two it is is known, it is told nothing.
 */
#include <stdio.h>

#include "clock.h"
#include "proxy_state.h"

#define RESTART_FIRST_MS 500U
#define RESTART_PAUSE_MOST_MS 30000U
#define RESTART_WINDOW_MS 600000U

bool proxy_restart_holds(const struct proxy *p)
{
        struct policy_launch policy;

        policy_set_launch(p->policy, &policy);
        return policy.restart == POLICY_RESTART_ON_FAILURE || p->restart.renewing;
}

/* How many there were within the window, this one included; those before are forgotten. */
static unsigned count_failure(struct restart *r, uint64_t now)
{
        unsigned kept = 0;

        for (unsigned i = 0; i < r->failures; i++) {
                if (r->times[i] + RESTART_WINDOW_MS > now)
                        r->times[kept++] = r->times[i];
        }
        r->failures = kept;
        if (r->failures < RESTART_MOST)
                r->times[r->failures++] = now;
        else
                return RESTART_MOST + 1;
        return r->failures;
}

static uint64_t pause_before(unsigned failure)
{
        const uint64_t pause = (uint64_t)RESTART_FIRST_MS << (failure - 1);

        return pause < RESTART_PAUSE_MOST_MS ? pause : RESTART_PAUSE_MOST_MS;
}

static void on_time(uv_timer_t *timer)
{
        struct proxy *p = timer->data;

        p->places[SIDE_SERVER].wanted = true;
        proxy_upstreams_advance(p, SIDE_SERVER);
}

/* False: no more of them. @what has happened, for a person. */
static bool plan(struct proxy *p, const char *what)
{
        const unsigned failure = count_failure(&p->restart, clock_mono_ms());

        if (failure > RESTART_MOST) {
                proxy_say(p, "%s; it is not started again: that was tried %u times within %u minutes", what, RESTART_MOST,
                        RESTART_WINDOW_MS / 60000U);
                return false;
        }
        p->restart.pause_ms = pause_before(failure);
        proxy_say(p, "%s; it is started again in %.1f s", what, (double)p->restart.pause_ms / 1000);
        return true;
}

static bool is_failure(const siginfo_t *ended)
{
        return ended->si_pid != 0 && (ended->si_code != CLD_EXITED || ended->si_status != 0);
}

static bool is_to_be_replaced(struct proxy *p, const struct upstream *u)
{
        struct policy_launch policy;
        char what[100];

        policy_set_launch(p->policy, &policy);
        if (p->broken || p->ending || !session_upstream_replaceable(p->session))
                return false;
        if (p->restart.renewing)
                return true;
        if (policy.restart != POLICY_RESTART_ON_FAILURE || !(is_failure(&u->exit) || u->unfit))
                return false;
        if (u->unfit)
                snprintf(what, sizeof(what), "the server that was started again did not take the client's handshake");
        else if (u->exit.si_code == CLD_EXITED)
                snprintf(what, sizeof(what), "the server has ended with exit status %d", u->exit.si_status);
        else
                snprintf(what, sizeof(what), "the server was ended by signal %d", u->exit.si_status);
        return plan(p, what);
}

void proxy_restart_tell(struct proxy *p, const struct upstream *u)
{
        const uint64_t now_ms = clock_now_ms();
        const bool another = is_to_be_replaced(p, u);
        int r;

        p->places[SIDE_SERVER].untold = false;
        p->restart.replacing = another;
        if (another) {
                /* That there was one is on record, whether a message comes or not. */
                r = proxy_flow_start_records(p, now_ms);
                if (r == 0)
                        r = session_upstream_lost(p->session, SIDE_SERVER, now_ms, clock_mono_ms());
        } else {
                r = session_end(p->session, SIDE_SERVER, now_ms, clock_mono_ms());
        }
        if (r < 0) {
                proxy_flow_fail(p);
                return;
        }
        proxy_flow_complete(p, SIDE_SERVER, now_ms);
        /* Lanes that were asked for while it was not known whether anything is started any more. */
        for (int side = SIDE_LANE; another && side < SIDE_MAX_; side++)
                proxy_upstreams_advance(p, (enum side)side);
}

bool proxy_restart_over(struct upstream *u)
{
        struct proxy *p = u->proxy;

        if (!p->restart.replacing || p->ending)
                return false;
        p->exit = u->exit;
        p->reason = NULL;
        proxy_flow_detach(p, u);
        uv_timer_start(&p->restart.timer, on_time, p->restart.renewing ? 0 : p->restart.pause_ms, 0);
        /* Those that were wanted between its end and now. */
        proxy_upstreams_advance_lanes(p);
        return true;
}

void proxy_restart_give_up(struct proxy *p)
{
        const uint64_t now_ms = clock_now_ms();

        if (!p->restart.replacing || p->broken)
                return;
        p->restart.replacing = false;
        p->restart.gave_up = true;
        if (session_end(p->session, SIDE_SERVER, now_ms, clock_mono_ms()) < 0)
                proxy_flow_fail(p);
        else
                proxy_flow_complete(p, SIDE_SERVER, now_ms);
}

void proxy_restart_failed(struct proxy *p, struct str why)
{
        char what[1200];

        snprintf(what, sizeof(what), "the server could not be started again: %.*s", STR_FMT(why));
        p->restart.renewing = false;
        if (p->ending || p->broken)
                return;
        if (plan(p, what)) {
                uv_timer_start(&p->restart.timer, on_time, p->restart.pause_ms, 0);
                return;
        }
        if (!p->reason)
                p->reason = "server-exited";
        proxy_restart_give_up(p);
        proxy_flow_check_flushed(p, SIDE_SERVER);
}

void proxy_restart_keep(struct proxy *p, const struct fetched *f)
{
        struct restart *r = &p->restart;

        proxy_restart_forget(p);
        r->secrets = *f->secrets;
        *f->secrets = (struct launch_secrets){ 0 };
        r->launch = *f->launch;
        r->policy = policy_set_ref(f->policy);
}

void proxy_restart_forget(struct proxy *p)
{
        launch_secrets_wipe(&p->restart.secrets);
        p->restart.policy = policy_set_unref(p->restart.policy);
}

void proxy_restart_done(struct proxy *p)
{
        proxy_restart_forget(p);
        p->restart.replacing = false;
        p->restart.renewing = false;
}

void proxy_restart_open(struct proxy *p)
{
        uv_timer_init(&p->loop, &p->restart.timer);
        p->restart.timer.data = p;
}

void proxy_restart_close(struct proxy *p)
{
        proxy_restart_forget(p);
        if (p->restart.timer.data)
                uv_close((uv_handle_t *)&p->restart.timer, NULL);
}
