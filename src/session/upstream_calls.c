/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls whose upstream has ended: what it had is answered once and never sent again, and what was still waiting is not run.
 */
#include "internal.h"

static struct str end_text(struct session *s, enum side side)
{
        const size_t at = s->text.len;

        buf_append_str(&s->text, STR("The server "));
        if (is_lane(side))
                buf_printf(&s->text, "of the lane \"%s\" ", s->upstreams[side].name);
        buf_append_str(&s->text, STR("ended before it answered; whether the call took effect is not known, and it is not run again. Find that out "
                                     "before you repeat it."));
        return s->text.failed ? STR("The server ended before it answered; whether the call took effect is not known.")
                              : str_of(s->text.data + at, s->text.len - at);
}

void upstream_fail_calls(struct session *s, enum side side)
{
        struct pending_table *table = &s->pending[SIDE_CLIENT];

        for (uint32_t i = 0; i < table->slot_count; i++) {
                struct pending_request *request = &table->slots[i];
                struct audit_event e = {
                        .kind = AUDIT_ANSWER,
                        .from = AUDIT_FROM_PROXY,
                        .time_ms = s->now_ms,
                        .reason = is_lane(side) ? STR("lane-ended") : STR("server-lost"),
                        .lane = upstream_lane(s, side),
                };
                uint64_t seq;

                if (!request->used || request->to != side || request->waiting || request->held)
                        continue;
                s->text.len = 0;
                s->text.failed = false;
                e.id = id_text_of(s, &request->id);
                e.refers_to = request->record;
                if (!request->cancelled) {
                        if (audit_log_add(s->audit, &e, &seq) < 0)
                                s->stats.lost_records++;
                        s->due = true;
                        send_failure(s, side, SIDE_CLIENT, e.id, is_tool_call(request), request->modern, INTERNAL_ERROR, end_text(s, side));
                }
                pending_remove(table, request);
        }
}

void upstreams_main_ended(struct session *s)
{
        /* What is for it goes nowhere from here on, as it does for any peer that has gone. */
        s->upstreams[SIDE_SERVER].state = UPSTREAM_READY;
        s->upstreams[SIDE_SERVER].resting = false;
        s->upstreams[SIDE_SERVER].deadline_ms = 0;
        for (int side = SIDE_SERVER; side < SIDE_MAX_; side++) {
                s->text.len = 0;
                s->text.failed = false;
                waiting_refuse_all(s, SIDE_SERVER, (enum side)side, "server-ended", STR("Not run: the server has ended."));
        }
}
