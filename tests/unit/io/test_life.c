/* SPDX-License-Identifier: Apache-2.0 */
#include "life.h"

#include <criterion/criterion.h>
#include <signal.h>

enum { STEPS = 8 };

struct step {
        enum life_event event;
        int signal; /* for LIFE_SIGNALLED */
        enum life_phase phase;
        unsigned actions;
        uint64_t timer_ms; /* compared when the step changes the timer */
};

struct story {
        const char *name;
        bool from_file;
        struct step steps[STEPS];
};

#define END_ALL (LIFE_DROP_STDIN | LIFE_KILL | LIFE_STOP)
#define FLUSH (LIFE_DROP_STDIN | LIFE_KILL | LIFE_DRAIN)

static const struct story stories[] = {
        { "the client closes, the server leaves",
                false,
                {
                        { LIFE_CLIENT_ENDED, 0, LIFE_CLOSING, LIFE_CLOSE_STDIN, 1500 },
                        { LIFE_SERVER_SILENT, 0, LIFE_CLOSING, 0, 0 },
                        { LIFE_EXITED, 0, LIFE_FLUSHING, FLUSH, 500 },
                        { LIFE_FLUSHED, 0, LIFE_OVER, END_ALL, 0 },
                } },
        { "the server ignores everything",
                false,
                {
                        { LIFE_CLIENT_ENDED, 0, LIFE_CLOSING, LIFE_CLOSE_STDIN, 1500 },
                        { LIFE_TIMEOUT, 0, LIFE_TERMINATING, LIFE_DROP_STDIN | LIFE_TERMINATE, 300 },
                        { LIFE_TIMEOUT, 0, LIFE_KILLING, LIFE_DROP_STDIN | LIFE_KILL, 2000 },
                        { LIFE_TIMEOUT, 0, LIFE_OVER, END_ALL, 0 },
                } },
        { "SIGTERM, then a second one",
                false,
                {
                        { LIFE_SIGNALLED, SIGTERM, LIFE_TERMINATING, LIFE_DROP_STDIN | LIFE_TERMINATE, 300 },
                        { LIFE_SIGNALLED, SIGTERM, LIFE_KILLING, LIFE_DROP_STDIN | LIFE_KILL, 2000 },
                        { LIFE_EXITED, 0, LIFE_LINGERING, LIFE_DROP_STDIN, 200 },
                        { LIFE_SERVER_SILENT, 0, LIFE_FLUSHING, FLUSH, 500 },
                } },
        { "SIGINT is forwarded first",
                false,
                {
                        { LIFE_SIGNALLED, SIGINT, LIFE_FORWARDING, LIFE_DROP_STDIN | LIFE_FORWARD, 200 },
                        { LIFE_TIMEOUT, 0, LIFE_TERMINATING, LIFE_DROP_STDIN | LIFE_TERMINATE, 300 },
                        { LIFE_TIMEOUT, 0, LIFE_KILLING, LIFE_DROP_STDIN | LIFE_KILL, 2000 },
                } },
        { "end of file and SIGTERM at once",
                false,
                {
                        { LIFE_CLIENT_ENDED, 0, LIFE_CLOSING, LIFE_CLOSE_STDIN, 1500 },
                        { LIFE_SIGNALLED, SIGTERM, LIFE_TERMINATING, LIFE_DROP_STDIN | LIFE_TERMINATE, 300 },
                } },
        { "our own SIGTERM is under way when the first signal comes",
                false,
                {
                        { LIFE_CLIENT_ENDED, 0, LIFE_CLOSING, LIFE_CLOSE_STDIN, 1500 },
                        { LIFE_TIMEOUT, 0, LIFE_TERMINATING, LIFE_DROP_STDIN | LIFE_TERMINATE, 300 },
                        { LIFE_SIGNALLED, SIGTERM, LIFE_TERMINATING, 0, 0 },
                        { LIFE_SIGNALLED, SIGTERM, LIFE_KILLING, LIFE_DROP_STDIN | LIFE_KILL, 2000 },
                } },
        { "the server leaves, a living client is slow",
                false,
                {
                        { LIFE_EXITED, 0, LIFE_LINGERING, LIFE_DROP_STDIN, 200 },
                        { LIFE_TIMEOUT, 0, LIFE_FLUSHING, FLUSH, 0 },
                        { LIFE_SERVER_SILENT, 0, LIFE_FLUSHING, 0, 0 },
                        { LIFE_CLIENT_ENDED, 0, LIFE_FLUSHING, 0, 500 },
                        { LIFE_TIMEOUT, 0, LIFE_OVER, END_ALL, 0 },
                } },
        { "a signal while the last output is on its way, then another",
                false,
                {
                        { LIFE_SERVER_SILENT, 0, LIFE_CLOSING, LIFE_CLOSE_STDIN, 1500 },
                        { LIFE_EXITED, 0, LIFE_FLUSHING, FLUSH, 0 },
                        { LIFE_SIGNALLED, SIGHUP, LIFE_FLUSHING, 0, 500 },
                        { LIFE_SIGNALLED, SIGHUP, LIFE_OVER, END_ALL, 0 },
                        { LIFE_FLUSHED, 0, LIFE_OVER, 0, 0 },
                        { LIFE_TIMEOUT, 0, LIFE_OVER, 0, 0 },
                } },
        { "a file's requests are given time, until nothing can come any more",
                true,
                {
                        { LIFE_CLIENT_ENDED, 0, LIFE_CLOSING, LIFE_CLOSE_STDIN, 30000 },
                        { LIFE_SERVER_SILENT, 0, LIFE_CLOSING, LIFE_CLOSE_STDIN, 1500 },
                } },
        { "the server stops reading",
                false,
                {
                        { LIFE_SERVER_DEAF, 0, LIFE_CLOSING, LIFE_CLOSE_STDIN, 1500 },
                        { LIFE_CLIENT_ENDED, 0, LIFE_CLOSING, 0, 0 },
                } },
        { "flushed says nothing before the server's end", false, { { LIFE_FLUSHED, 0, LIFE_RUNNING, 0, 0 } } },
};

Test(life, stories)
{
        for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
                struct life life = { .from_file = stories[i].from_file };

                for (size_t n = 0; n < STEPS; n++) {
                        const struct step *s = &stories[i].steps[n];
                        unsigned actions;

                        if (n > 0 && s->event == 0 && s->phase == 0 && s->actions == 0)
                                break;
                        if (s->signal && !life.signal)
                                life.signal = s->signal;
                        actions = life_step(&life, s->event);
                        cr_expect_eq(life.phase, s->phase, "%s, step %zu: %s", stories[i].name, n,
                                life_phase_name(life.phase));
                        cr_expect_eq(actions, s->actions, "%s, step %zu: actions %x", stories[i].name, n, actions);
                        cr_expect_eq(life.timer_changed ? life.timer_ms : 0, s->timer_ms, "%s, step %zu: timer %lu",
                                stories[i].name, n, (unsigned long)life.timer_ms);
                }
        }
}

/* Every state that can be reached, with every event: it never goes back, and timeouts alone always lead to the end. */
static void explore(struct life life, unsigned depth)
{
        struct life alone = life;

        for (int i = 0; i < LIFE_PHASE_MAX_ && alone.phase != LIFE_OVER && alone.timer_ms; i++)
                life_step(&alone, LIFE_TIMEOUT);
        cr_expect(alone.phase == LIFE_OVER || alone.phase == LIFE_RUNNING || alone.phase == LIFE_FLUSHING, "%s stays",
                life_phase_name(alone.phase));
        if (alone.phase == LIFE_FLUSHING)
                cr_expect(!alone.client_ended && !alone.signal, "waits for a client that has gone");
        if (depth == 0)
                return;
        for (unsigned e = 0; e < LIFE_EVENT_MAX_; e++) {
                struct life next = life;

                if (e == LIFE_SIGNALLED && !next.signal)
                        next.signal = depth % 2 ? SIGTERM : SIGINT;
                life_step(&next, (enum life_event)e);
                cr_assert_geq(next.phase, life.phase);
                explore(next, depth - 1);
        }
}

Test(life, every_order_of_events_comes_to_an_end)
{
        explore((struct life){ 0 }, 6);
}
