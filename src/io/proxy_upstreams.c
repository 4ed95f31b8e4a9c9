/* SPDX-License-Identifier: Apache-2.0
 *
 * Servers that are started while others run: one for a lane when the session asks for it, with the credentials of that lane and no
 * others; another main one in the place of one that has gone. Credentials are fetched then and not before. One side has one
 * process at a time: the next one waits until the last is gone and what it said last has been sent.
 */
#include <errno.h>
#include <stdio.h>

#include "clock.h"
#include "proxy_state.h"

/* What is started at @side: as the main server, but with the credentials of this lane alone. False when the policies in force have no
 * such lane. */
static bool describe(const struct proxy *p, enum side side, struct policy_launch *ret)
{
        const size_t index = (size_t)side - SIDE_LANE;
        const struct policy_lane *lane;

        policy_set_launch(p->policy, ret);
        if (side == SIDE_SERVER)
                return true;
        if (index >= policy_set_lane_count(p->policy))
                return false;
        lane = policy_set_lane(p->policy, index);
        /* Policies may have changed since it was asked for. */
        if (!str_eq(lane->name, str_from(p->places[side].name)))
                return false;
        ret->credentials = lane->credentials;
        ret->credential_count = lane->credential_count;
        return true;
}

/* The session learns that nothing came of it. */
static void tell_failed(struct proxy *p, enum side side, struct str why)
{
        const uint64_t now_ms = clock_now_ms();

        if (session_upstream_failed(p->session, side, why, now_ms, clock_mono_ms()) < 0)
                proxy_flow_fail(p);
        else
                proxy_flow_complete(p, side, now_ms);
}

static void fail(struct place *place, struct str why)
{
        struct proxy *p = place->proxy;

        place->wanted = false;
        if (place->side == SIDE_SERVER) {
                proxy_restart_forget(p);
                proxy_restart_failed(p, why);
                return;
        }
        proxy_say(p, "the server of lane %s could not be started: %.*s", place->name, STR_FMT(why));
        tell_failed(p, place->side, why);
}

static int open_server(struct upstream *u, const struct policy_launch *policy, const struct launch_secrets *secrets, struct buf *message)
{
        struct proxy *p = u->proxy;
        const struct launch_program program = { p->config->command, p->mask };
        /* In this order: whatever it says is searched for what it knows. */
        int r = launch_hide(p->redactor, policy, secrets, message);

        if (r == 0)
                r = launch_run(&u->launch, policy, secrets, &program, message);
        if (r == 0 && upstream_open(u) < 0) {
                buf_printf(message, "its pipes cannot be watched");
                r = EXIT_OWN_FAILURE;
        }
        return r;
}

/* The credentials are there. */
static void launch(struct place *place, const struct policy_launch *policy, const struct launch_secrets *secrets)
{
        AUTO_BUF struct buf message = BUF_INIT(LIMIT_STDERR_LINE);
        struct proxy *p = place->proxy;
        const uint64_t now_ms = clock_now_ms();
        struct upstream *u = NULL;
        int r;

        if (upstream_new(&u, p, place->side) < 0 || open_server(u, policy, secrets, &message) != 0) {
                upstream_release(u);
                fail(place, message.len ? buf_str(&message) : STR("out of memory"));
                return;
        }
        place->wanted = false;
        proxy_flow_attach(p, u);
        if (place->side == SIDE_SERVER)
                proxy_restart_done(p);
        proxy_renew_arm(u);
        r = session_upstream_started(p->session, place->side, now_ms, clock_mono_ms());
        if (r == 0)
                proxy_flow_complete(p, place->side, now_ms);
        else if (r == -EINVAL)
                upstream_event(u, LIFE_CLIENT_ENDED, NULL);
        else
                proxy_flow_fail(p);
}

static void begin(struct place *place);

static void on_fetched(void *userdata, int status, const struct fetched *f)
{
        struct place *place = userdata;
        struct proxy *p = place->proxy;
        const bool cancelled = place->cancelled || p->ending || (place->side == SIDE_SERVER && !proxy_is_running(p));

        place->fetch = NULL;
        place->cancelled = false;
        /* The main server has ended, and whether another one takes its place is not known yet: they are fetched again then. */
        if (!cancelled && !proxy_is_running(p))
                return;
        if (cancelled) {
                place->wanted = false;
                if (place->side != SIDE_SERVER)
                        tell_failed(p, place->side, STR("the session does not need it any more"));
        } else if (status != 0) {
                fail(place, f->message);
        } else if (f->policy != p->policy && place->side != SIDE_SERVER) {
                /* The lane may be another one by now. */
                fail(place, STR("the policies have changed meanwhile"));
        } else if (f->policy != p->policy) {
                begin(place);
        } else {
                launch(place, f->launch, f->secrets);
        }
}

static void begin(struct place *place)
{
        const struct fetch_owner owner = { on_fetched, place };
        const struct launch_secrets none = { 0 };
        struct proxy *p = place->proxy;
        struct policy_launch policy;

        /* Fetched before other policies came into force, they may be others. */
        if (p->restart.policy != p->policy)
                proxy_restart_forget(p);
        if (place->side == SIDE_SERVER && p->restart.policy)
                launch(place, &p->restart.launch, &p->restart.secrets);
        else if (!describe(p, place->side, &policy))
                fail(place, STR("the policies in force have no such lane"));
        else if (policy.credential_count == 0)
                launch(place, &policy, &none);
        else if (fetch_start(&place->fetch, &p->loop, p->policy, &policy, p->guard.guardian_fd, &owner) < 0)
                fail(place, STR("out of memory"));
}

/* An end of which the session has not been told: it did not show in the pipe. */
static void tell_end(struct place *place)
{
        struct proxy *p = place->proxy;
        const uint64_t now_ms = clock_now_ms();

        place->untold = false;
        p->peers[place->side].ended = true;
        if (session_end(p->session, place->side, now_ms, clock_mono_ms()) < 0)
                proxy_flow_fail(p);
        else
                proxy_flow_complete(p, place->side, now_ms);
}

void proxy_upstreams_advance(struct proxy *p, enum side side)
{
        struct place *place = &p->places[side];
        const struct peer *peer = &p->peers[side];

        if (side == SIDE_CLIENT || p->broken)
                return;
        if (side != SIDE_SERVER && place->untold && !peer->upstream && peer->unsent == 0)
                tell_end(place);
        if (place->unwanted && peer->unsent == 0) {
                place->unwanted = false;
                tell_failed(p, side, STR("the session does not need it any more"));
        }
        if (place->wanted && !place->fetch && !peer->upstream && peer->unsent == 0 && proxy_is_running(p))
                begin(place);
}

void proxy_upstreams_advance_lanes(struct proxy *p)
{
        for (unsigned side = SIDE_LANE; side < SIDE_MAX_; side++)
                proxy_upstreams_advance(p, (enum side)side);
}

void proxy_upstreams_over(struct upstream *u)
{
        struct proxy *p = u->proxy;
        struct peer *peer = &p->peers[u->side];

        p->places[u->side].untold = !peer->ended;
        proxy_flow_detach(p, u);
        proxy_upstreams_advance(p, peer->side);
}

static void stop(struct place *place)
{
        struct upstream *u = place->proxy->peers[place->side].upstream;

        if (place->side == SIDE_SERVER) {
                /* It runs, but has not taken up where the one before it was. */
                if (u) {
                        u->unfit = true;
                        upstream_event(u, LIFE_CLIENT_ENDED, NULL);
                }
        } else if (place->fetch) {
                place->cancelled = true;
                fetch_cancel(place->fetch);
        } else if (place->wanted) {
                place->wanted = false;
                place->unwanted = true;
        } else if (u) {
                upstream_event(u, LIFE_CLIENT_ENDED, NULL);
        }
}

void proxy_upstreams_events(struct proxy *p)
{
        struct session_upstream asked;

        while (session_take_upstream(p->session, &asked)) {
                struct place *place = &p->places[asked.side];

                snprintf(place->name, sizeof(place->name), "%.*s", STR_FMT(asked.lane));
                if (asked.start)
                        place->wanted = true;
                else
                        stop(place);
                proxy_upstreams_advance(p, asked.side);
        }
}

void proxy_upstreams_open(struct proxy *p)
{
        for (unsigned side = 0; side < SIDE_MAX_; side++) {
                p->places[side].proxy = p;
                p->places[side].side = (enum side)side;
        }
}

void proxy_upstreams_close(struct proxy *p)
{
        for (unsigned side = 0; side < SIDE_MAX_; side++)
                p->places[side].fetch = fetch_abandon(p->places[side].fetch);
}
