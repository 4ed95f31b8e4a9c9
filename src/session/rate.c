/* SPDX-License-Identifier: Apache-2.0
 *
 * What a server may send unasked: enough for any client to read, not enough to fill a disk or a model's context.
 */
#include "internal.h"

/* Notifications and junk of a server: this many at once, then so many a second. */
#define RATE_BURST 20000U
#define RATE_PER_SECOND 2000U

void rate_init(struct session *s)
{
        s->rate.tokens = RATE_BURST;
}

void record_rate_drops(struct session *s)
{
        struct audit_event e = {
                .kind = AUDIT_DROPPED,
                .from = AUDIT_FROM_SERVER,
                .time_ms = s->now_ms,
                .reason = STR("rate-limited"),
                .detail = STR("the server sent more notifications or junk than a client can be expected to read"),
                .count = s->rate.dropped,
        };
        uint64_t seq;

        if (s->rate.dropped && audit_log_add(s->audit, &e, &seq) == 0)
                s->rate.dropped = 0;
}

bool rate_allows(struct session *s)
{
        struct rate *rate = &s->rate;
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
        record_rate_drops(s);
        rate->tokens--;
        return true;
}
