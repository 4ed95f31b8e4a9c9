/* SPDX-License-Identifier: Apache-2.0
 *
 * What a peer may send that nobody asked for: notifications, junk, messages that go nowhere. Enough for any reader, not
 * enough to fill a disk or a model's context. What is past it goes nowhere either, and is counted in one record.
 */
#include "internal.h"

/* This many at once, then so many a second. */
#define RATE_BURST 20000U
#define RATE_PER_SECOND 2000U

void rate_init(struct session *s)
{
        for (int side = 0; side < SIDE_MAX_; side++)
                s->rate[side].tokens = RATE_BURST;
}

void record_rate_drops(struct session *s, enum side from)
{
        struct rate *rate = &s->rate[from];
        struct audit_event e = {
                .kind = AUDIT_DROPPED,
                .from = from == SIDE_CLIENT ? AUDIT_FROM_CLIENT : AUDIT_FROM_SERVER,
                .time_ms = s->now_ms,
                .reason = STR("rate-limited"),
                .detail = STR("more notifications, or lines that go nowhere, than a peer can be expected to read"),
                .count = rate->dropped,
        };
        uint64_t seq;

        if (rate->dropped && audit_log_add(s->audit, &e, &seq) == 0)
                rate->dropped = 0;
}

bool rate_allows(struct session *s, enum side from)
{
        struct rate *rate = &s->rate[from];
        uint64_t elapsed = s->mono_ms > rate->last_ms ? s->mono_ms - rate->last_ms : 0;
        uint64_t earned = elapsed > 60000 ? RATE_BURST : elapsed * RATE_PER_SECOND / 1000;

        if (earned) {
                rate->tokens = rate->tokens + earned > RATE_BURST ? RATE_BURST : rate->tokens + earned;
                rate->last_ms = s->mono_ms;
        }
        if (!rate->tokens) {
                rate->dropped++;
                return false;
        }
        record_rate_drops(s, from);
        rate->tokens--;
        return true;
}
