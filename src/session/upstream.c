/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of the session's upstreams: what the owner is asked to start and stop, and what he says of it.
 */
#include <errno.h>
#include <string.h>

#include "internal.h"

/* A start that takes longer comes to nothing: a program that fetches a credential may take five minutes. */
#define START_MS 330000U
/* The same of a handshake, and of the end of a process whose place is wanted: most clients give up a call after a minute. */
#define READY_MS 30000U
/* What is under way in a lane when other policies come into force, or everything is stopped. They may have no such lane, and its credential is not to be held because
 * a server does not answer. */
#define OUTDATED_MS 60000U

void upstreams_init(struct session *s)
{
        s->upstreams[SIDE_SERVER].state = UPSTREAM_READY;
        buf_init(&s->greeting.params, LIMIT_GREETING_BYTES);
        buf_init(&s->greeting.version, LIMIT_NAME_BYTES);
        buf_init(&s->greeting.level, LIMIT_NAME_BYTES);
        buf_init(&s->greeting.level_asked, LIMIT_NAME_BYTES);
}

void upstreams_deinit(struct session *s)
{
        buf_deinit(&s->greeting.params);
        buf_deinit(&s->greeting.version);
        buf_deinit(&s->greeting.level);
        buf_deinit(&s->greeting.level_asked);
}

struct str upstream_lane(const struct session *s, enum side side)
{
        return is_lane(side) ? str_from(s->upstreams[side].name) : STR("");
}

bool upstream_must_wait(const struct session *s, enum side side)
{
        const struct upstream *u = &s->upstreams[side];

        return u->state != UPSTREAM_READY || u->resting || u->outdated || u->first || (u->per_call && u->served);
}

bool upstream_takes(const struct session *s, enum side side)
{
        const enum upstream_state state = s->upstreams[side].state;

        return side == SIDE_CLIENT || (state != UPSTREAM_OFF && state != UPSTREAM_STARTING);
}

/* --- records --- */

static int record_upstream(struct session *s, enum side side, const char *reason, struct str detail, uint64_t refers_to)
{
        struct audit_event e = {
                .kind = AUDIT_UPSTREAM,
                .from = AUDIT_FROM_PROXY,
                .time_ms = s->now_ms,
                .reason = str_from(reason),
                .detail = detail,
                .lane = upstream_lane(s, side),
                .refers_to = refers_to,
        };
        uint64_t seq;
        int r = audit_log_add(s->audit, &e, &seq);

        s->due |= r == 0;
        return r;
}

/* What has happened happens on record or not. */
static void note_upstream(struct session *s, enum side side, const char *reason, struct str detail)
{
        if (record_upstream(s, side, reason, detail, 0) < 0)
                s->stats.lost_records++;
}

/* --- from state to state --- */

/* As the policies in force say. */
static void take_lane(struct session *s, enum side side)
{
        const struct policy_lane *lane = policy_set_lane(s->policy, (size_t)side - SIDE_LANE);
        struct upstream *u = &s->upstreams[side];
        size_t n = lane->name.len < LANE_NAME_BYTES ? lane->name.len : LANE_NAME_BYTES - 1;

        memcpy(u->name, lane->name.ptr, n);
        u->name[n] = '\0';
        u->per_call = lane->per_call;
        u->live_ms = lane->live_ms;
}

/* Nothing of a process that was there before stays. */
static void turn_off(struct session *s, enum side side)
{
        struct upstream *u = &s->upstreams[side];

        s->lanes_on -= is_lane(side) && u->state != UPSTREAM_OFF;
        u->state = UPSTREAM_OFF;
        u->start_due = u->stop_due = u->resting = u->served = false;
        u->outdated = NULL;
        u->in_flight = 0;
        u->deadline_ms = 0;
        u->greeting = u->own_first = u->own_last = 0;
        u->own_open = 0;
}

int upstream_want(struct session *s, enum side side, uint64_t refers_to)
{
        struct upstream *u = &s->upstreams[side];

        if (u->state == UPSTREAM_ENDING && !u->deadline_ms)
                u->deadline_ms = s->mono_ms + READY_MS;
        if (u->state != UPSTREAM_OFF || !is_lane(side))
                return 0;
        take_lane(s, side);
        if (record_upstream(s, side, "start", STR(""), refers_to) < 0)
                return -EIO;
        u->state = UPSTREAM_STARTING;
        s->lanes_on++;
        u->start_due = true;
        u->deadline_ms = s->mono_ms + START_MS;
        return 0;
}

/* It is to end; or it need not even begin. */
void upstream_stop(struct session *s, enum side side, const char *why)
{
        struct upstream *u = &s->upstreams[side];
        const bool begun = !(u->state == UPSTREAM_STARTING && u->start_due);

        note_upstream(s, side, "stop", str_from(why));
        if (!begun) {
                turn_off(s, side);
                return;
        }
        u->state = UPSTREAM_ENDING;
        u->stop_due = true;
        u->deadline_ms = 0;
        u->greeting = 0;
        u->own_open = 0;
}

void upstream_fail(struct session *s, enum side event, enum side side, const char *reason, struct str why)
{
        struct upstream *u = &s->upstreams[side];
        const size_t at = s->text.len;
        struct str text;

        note_upstream(s, side, reason, why);
        if (is_lane(side))
                buf_printf(&s->text, "Not run: the server of the lane \"%s\", which this call goes to, could not be started: ", u->name);
        else
                buf_append_str(&s->text, STR("Not run: the server has ended, and no other could take its place: "));
        buf_append_str(&s->text, why);
        buf_append_str(&s->text, STR(". Tell the user; when it is mended, the same call can be made again."));
        text = s->text.failed ? STR("Not run: the server that this call goes to could not be started. Tell the user.")
                              : str_of(s->text.data + at, s->text.len - at);
        if (is_lane(side))
                waiting_refuse_all(s, event, side, "lane-failed", text);
        else
                waiting_refuse_all(s, event, side, "server-failed", text);
}

void upstream_greeted(struct session *s, enum side side)
{
        struct upstream *u = &s->upstreams[side];

        u->state = UPSTREAM_READY;
        u->deadline_ms = 0;
        note_upstream(s, side, "ready", STR(""));
        if (!is_lane(side))
                announce_replaced(s);
}

void upstream_sent(struct session *s, struct pending_request *request)
{
        struct call *call = request->kept;

        if (!is_lane((enum side)request->to))
                return;
        call->lane = (enum side)request->to;
        s->upstreams[call->lane].in_flight++;
        s->upstreams[call->lane].served = true;
        s->upstreams[call->lane].deadline_ms = 0;
}

void upstream_done(struct session *s, enum side side)
{
        s->upstreams[side].in_flight -= s->upstreams[side].in_flight > 0;
}

/* --- what is due --- */

static void settle_ready(struct session *s, enum side event, enum side side)
{
        struct upstream *u = &s->upstreams[side];
        const bool once = u->per_call;

        while (u->first && !u->resting && !u->outdated && !(once && u->served))
                waiting_send(s, event, u);
        if (!is_lane(side) || u->resting)
                return;
        if (u->in_flight && u->outdated)
                u->deadline_ms = u->deadline_ms ? u->deadline_ms : s->mono_ms + OUTDATED_MS;
        else if (u->in_flight || (u->first && !u->outdated && !once))
                u->deadline_ms = 0;
        else if (u->outdated)
                upstream_stop(s, side, u->outdated);
        else if (once)
                upstream_stop(s, side, "it has had its call");
        else if (!u->deadline_ms)
                u->deadline_ms = s->mono_ms + u->live_ms;
}

void upstreams_settle(struct session *s, enum side event)
{
        if (!s->lanes_on && !s->waiting_count)
                return;
        /* What is over is not sent, though nobody may have looked at the clock since. */
        grants_tick(s);
        if (s->waiting_over)
                waiting_settle(s, event);
        for (int side = SIDE_SERVER; side < SIDE_MAX_; side++) {
                struct upstream *u = &s->upstreams[side];

                if (u->state == UPSTREAM_READY && (side != SIDE_SERVER || u->first))
                        settle_ready(s, event, (enum side)side);
                else if ((u->state == UPSTREAM_STARTING || u->state == UPSTREAM_GREETING) && is_lane((enum side)side) && (!u->first || u->outdated))
                        upstream_stop(s, (enum side)side, u->outdated ? u->outdated : "no call waits for it any more");
        }
}

void upstreams_tick(struct session *s, enum side event)
{
        for (int side = SIDE_SERVER; side < SIDE_MAX_; side++) {
                struct upstream *u = &s->upstreams[side];

                if (!u->deadline_ms || u->deadline_ms > s->mono_ms)
                        continue;
                u->deadline_ms = 0;
                s->text.len = 0;
                s->text.failed = false;
                if (u->state == UPSTREAM_READY) {
                        upstream_stop(s, (enum side)side, u->outdated ? u->outdated : "no call has come for its time");
                } else if (u->state == UPSTREAM_OFF) {
                        upstream_fail(s, event, (enum side)side, "not-replaced", STR("none was started in time"));
                } else if (u->state == UPSTREAM_ENDING) {
                        upstream_fail(s, event, (enum side)side, "not-ended", STR("the process before it has not ended yet"));
                } else {
                        upstream_fail(s, event, (enum side)side, "too-slow", STR("it was not ready in time"));
                        upstream_stop(s, (enum side)side, "it was not ready in time");
                }
        }
        upstreams_settle(s, event);
}

uint64_t upstreams_deadline(const struct session *s)
{
        uint64_t next = s->waiting_over ? 0 : UINT64_MAX;

        for (int side = SIDE_SERVER; side < SIDE_MAX_; side++) {
                const uint64_t own = s->upstreams[side].deadline_ms;

                next = own && own < next ? own : next;
        }
        return next;
}

static void end_lanes(struct session *s, const char *why)
{
        for (int side = SIDE_LANE; side < SIDE_MAX_; side++)
                if (s->upstreams[side].state != UPSTREAM_OFF)
                        s->upstreams[side].outdated = why;
}

void upstreams_set_policy(struct session *s)
{
        waiting_over_policy(s);
        end_lanes(s, "other policies are in force");
}

/* Where no call may come, no process keeps a lane's credentials for one. */
void upstreams_set_stops(struct session *s)
{
        waiting_over_stopped(s);
        if (s->stops && stop_list_whole(s->stops))
                end_lanes(s, "a person has stopped everything");
}

/* --- its end --- */

void upstream_ended(struct session *s, enum side side)
{
        struct upstream *u = &s->upstreams[side];
        const enum upstream_state state = u->state;

        if (s->waiting_over)
                waiting_settle(s, side);
        note_upstream(s, side, "end", STR(""));
        relayed_drop(s, side);
        upstream_fail_calls(s, side);
        s->text.len = 0;
        s->text.failed = false;
        if (state == UPSTREAM_GREETING || state == UPSTREAM_STARTING)
                upstream_fail(s, side, side, "not-ready", STR("it ended before it was ready"));
        turn_off(s, side);
        if (u->first && upstream_want(s, side, 0) < 0)
                upstream_fail(s, side, side, "unrecorded", STR("the start could not be recorded"));
}

/* --- for the owner --- */

bool session_take_upstream(struct session *s, struct session_upstream *ret)
{
        for (int side = SIDE_SERVER; side < SIDE_MAX_; side++) {
                struct upstream *u = &s->upstreams[side];

                if (!u->stop_due && !u->start_due)
                        continue;
                *ret = (struct session_upstream){ .side = (enum side)side, .start = u->start_due, .lane = str_from(u->name) };
                if (u->start_due && (!u->first || s->flows[SIDE_CLIENT].ended)) {
                        /* Whatever wanted it was taken back. */
                        turn_off(s, (enum side)side);
                        continue;
                }
                u->start_due = u->stop_due = false;
                return true;
        }
        return false;
}

static void begin_event(struct session *s, uint64_t now_ms, uint64_t mono_ms)
{
        s->now_ms = now_ms;
        s->mono_ms = mono_ms;
        s->text.len = 0;
        s->text.failed = false;
}

int session_upstream_started(struct session *s, enum side side, uint64_t now_ms, uint64_t mono_ms)
{
        struct upstream *u = &s->upstreams[side];

        begin_event(s, now_ms, mono_ms);
        if (!is_lane(side) && u->state == UPSTREAM_OFF)
                u->state = UPSTREAM_STARTING;
        if ((u->state != UPSTREAM_STARTING && u->state != UPSTREAM_ENDING) || u->start_due)
                return -EINVAL;
        flow_restart(&s->flows[side]);
        if (u->state == UPSTREAM_STARTING) {
                note_upstream(s, side, "started", STR(""));
                u->state = UPSTREAM_GREETING;
                u->deadline_ms = s->mono_ms + READY_MS;
                if (!greeting_send(s, side))
                        upstream_greeted(s, side);
        }
        upstreams_settle(s, side);
        return s->starved ? -ENOMEM : 0;
}

int session_upstream_failed(struct session *s, enum side side, struct str why, uint64_t now_ms, uint64_t mono_ms)
{
        struct upstream *u = &s->upstreams[side];

        begin_event(s, now_ms, mono_ms);
        if (!is_lane(side))
                return 0;
        if (s->waiting_over)
                waiting_settle(s, side);
        s->text.len = 0;
        s->text.failed = false;
        if (u->state == UPSTREAM_STARTING)
                upstream_fail(s, side, side, "failed", why);
        turn_off(s, side);
        if (u->first && upstream_want(s, side, 0) < 0)
                upstream_fail(s, side, side, "unrecorded", STR("the start could not be recorded"));
        upstreams_settle(s, side);
        return s->starved ? -ENOMEM : 0;
}

int session_upstream_lost(struct session *s, enum side side, uint64_t now_ms, uint64_t mono_ms)
{
        if (side != SIDE_SERVER || !session_upstream_replaceable(s))
                return session_end(s, side, now_ms, mono_ms);
        begin_event(s, now_ms, mono_ms);
        refuse_unfinished(s, side);
        record_rate_drops(s, side);
        note_upstream(s, side, "lost", STR(""));
        approvals_withdraw_all(s, HELD_SERVER);
        held_settle(s, side);
        elicit_settle(s, side);
        turn_off(s, side);
        upstream_fail_calls(s, side);
        main_lost(s);
        /* What comes from here on waits, but not for ever. */
        s->upstreams[side].deadline_ms = s->mono_ms + START_MS;
        upstreams_settle(s, side);
        return s->starved ? -ENOMEM : 0;
}

int session_upstream_rest(struct session *s, enum side side, bool rest, uint64_t now_ms, uint64_t mono_ms)
{
        begin_event(s, now_ms, mono_ms);
        s->upstreams[side].resting = rest && s->upstreams[side].state != UPSTREAM_OFF;
        if (s->upstreams[side].state == UPSTREAM_READY)
                s->upstreams[side].deadline_ms = 0;
        upstreams_settle(s, side);
        return s->starved ? -ENOMEM : 0;
}

bool session_upstream_idle(const struct session *s, enum side side)
{
        const struct pending_table *table = &s->pending[SIDE_CLIENT];

        if (is_lane(side))
                return s->upstreams[side].in_flight == 0;
        if (s->pending[side].in_flight)
                return false;
        for (uint32_t i = 0; i < table->slot_count; i++) {
                const struct pending_request *request = &table->slots[i];

                if (request->used && request->to == side && !request->cancelled && !request->held && !request->waiting &&
                        !(request->method && request->method->policed == RPC_BY_LISTEN))
                        return false;
        }
        return true;
}
