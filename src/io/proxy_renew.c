/* SPDX-License-Identifier: Apache-2.0
 *
 * Credentials that run out: before they do, the server that holds them is replaced, between calls. For the main server the new ones are
 * fetched while it still runs, so that nothing is lost when they cannot be had; a lane's server just ends, and the next call of the lane
 * starts another. A main server that keeps state (`keeps_state`) is left alone.
 */
#include "clock.h"
#include "proxy_state.h"

/* The timer does not count while the machine sleeps, the credentials do. */
#define RENEW_LOOK_MS 30000U
/* When they could not be fetched, or the server cannot be replaced at the moment. */
#define RENEW_AGAIN_MS 30000U
/* What is under way then gets one error each. */
#define RENEW_PATIENCE_MS 60000U

static uint64_t boot_ms(void)
{
        return clock_ms(CLOCK_BOOTTIME);
}

static void on_time(uv_timer_t *timer);

static void arm(struct upstream *u, uint64_t ms)
{
        uv_timer_start(&u->renew_timer, on_time, ms < RENEW_LOOK_MS ? ms : RENEW_LOOK_MS, 0);
}

void proxy_renew_arm(struct upstream *u)
{
        const uint64_t now = boot_ms(), due = u->launch.renew_ms;

        if (due != 0)
                arm(u, due > now ? due - now : 0);
}

/* Nothing new is sent there; the rest is proxy_renew_look()'s. */
static void rest(struct upstream *u)
{
        struct proxy *p = u->proxy;
        const uint64_t now_ms = clock_now_ms();

        u->resting = true;
        u->rest_until = clock_mono_ms() + RENEW_PATIENCE_MS;
        if (session_upstream_rest(p->session, u->side, true, now_ms, clock_mono_ms()) < 0)
                proxy_flow_fail(p);
        else
                proxy_flow_complete(p, u->side, now_ms);
        arm(u, RENEW_PATIENCE_MS);
}

/* With what has been fetched it is not replaced: it runs on. */
static void run_on(struct upstream *u, uint64_t look_again_ms)
{
        struct proxy *p = u->proxy;
        const uint64_t now_ms = clock_now_ms();
        const bool was_resting = u->resting;

        u->rest_due = u->resting = false;
        proxy_restart_forget(p);
        arm(u, look_again_ms);
        if (!was_resting)
                return;
        if (session_upstream_rest(p->session, u->side, false, now_ms, clock_mono_ms()) < 0)
                proxy_flow_fail(p);
        else
                proxy_flow_complete(p, u->side, now_ms);
}

/* What has been true when the new credentials were asked for may not be so any more. True: it is not to end. */
static bool is_called_off(struct upstream *u)
{
        struct proxy *p = u->proxy;
        const bool replaceable = session_upstream_replaceable(p->session);

        if (u->side != SIDE_SERVER || !(u->rest_due || u->resting) || (replaceable && p->restart.policy == p->policy))
                return false;
        if (p->peers[u->side].unsent > 0)
                return true;
        /* The session knows what no other server could be told: better this one than none. */
        if (!replaceable)
                proxy_say(p, "the server's credentials run out; no other server could take up where it is, and so it is not replaced");
        /* Other policies may say that credentials come from elsewhere. */
        run_on(u, replaceable ? 0 : RENEW_AGAIN_MS);
        return true;
}

static void look(struct upstream *u)
{
        struct proxy *p = u->proxy;

        if (u->ended_for_renewal || is_called_off(u))
                return;
        if (u->rest_due && p->peers[u->side].unsent == 0) {
                u->rest_due = false;
                rest(u);
        }
        if (!u->resting || u->ended_for_renewal || (!session_upstream_idle(p->session, u->side) && clock_mono_ms() < u->rest_until))
                return;
        u->ended_for_renewal = true;
        if (u->side == SIDE_SERVER)
                p->restart.renewing = true;
        upstream_event(u, LIFE_CLIENT_ENDED, NULL);
}

void proxy_renew_look(struct proxy *p)
{
        for (unsigned side = SIDE_SERVER; side < SIDE_MAX_; side++) {
                struct upstream *u = p->peers[side].upstream;

                if (u && u->life.phase == LIFE_RUNNING && !p->peers[side].ended && !p->peers[SIDE_CLIENT].ended && !p->ending && !p->broken)
                        look(u);
        }
}

static void no_new_ones(struct proxy *p, struct upstream *u, struct str why)
{
        if (proxy_is_running(p))
                proxy_say(p, "the server's credentials run out, and there are no new ones yet: %.*s", STR_FMT(why));
        if (u)
                arm(u, RENEW_AGAIN_MS);
}

static void on_fetched(void *userdata, int status, const struct fetched *f)
{
        AUTO_BUF struct buf message = BUF_INIT(LIMIT_STDERR_LINE);
        struct place *place = userdata;
        struct proxy *p = place->proxy;
        struct upstream *u = p->peers[place->side].upstream;

        place->fetch = NULL;
        place->cancelled = false;
        if (status != 0) {
                no_new_ones(p, u, f->message);
        } else if (launch_hide(p->redactor, f->launch, f->secrets, &message) != 0) {
                /* The one that runs is better than one that could not be started. */
                no_new_ones(p, u, message.len ? buf_str(&message) : STR("out of memory"));
        } else {
                proxy_restart_keep(p, f);
                if (u)
                        u->rest_due = true;
        }
        proxy_renew_look(p);
        /* Should the server have failed meanwhile. */
        proxy_upstreams_advance(p, place->side);
}

static void renew_main(struct upstream *u)
{
        struct proxy *p = u->proxy;
        struct place *place = &p->places[SIDE_SERVER];
        const struct fetch_owner owner = { on_fetched, place };
        struct policy_launch policy;

        policy_set_launch(p->policy, &policy);
        if (policy.keeps_state) {
                proxy_say(p, "the server's credentials run out; it keeps state, and so is not replaced");
                return;
        }
        if (place->fetch || !session_upstream_replaceable(p->session) ||
                fetch_start(&place->fetch, &p->loop, p->policy, &policy, p->guard.guardian_fd, &owner) < 0)
                arm(u, RENEW_AGAIN_MS);
}

static void on_time(uv_timer_t *timer)
{
        struct upstream *u = timer->data;

        if (!proxy_is_running(u->proxy) || u->life.phase != LIFE_RUNNING)
                return;
        if (u->resting) {
                arm(u, RENEW_LOOK_MS);
                proxy_renew_look(u->proxy);
        } else if (u->launch.renew_ms > boot_ms()) {
                proxy_renew_arm(u);
        } else if (u->side == SIDE_SERVER) {
                renew_main(u);
        } else {
                u->rest_due = true;
                proxy_renew_look(u->proxy);
        }
}
