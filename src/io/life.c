/* SPDX-License-Identifier: Apache-2.0 */
#include "life.h"

#include <assert.h>
#include <signal.h>

static const char *const phase_names[] = {
        [LIFE_RUNNING] = "running",
        [LIFE_CLOSING] = "closing",
        [LIFE_FORWARDING] = "forwarding",
        [LIFE_TERMINATING] = "terminating",
        [LIFE_KILLING] = "killing",
        [LIFE_LINGERING] = "lingering",
        [LIFE_FLUSHING] = "flushing",
        [LIFE_OVER] = "over",
};
static_assert(sizeof(phase_names) / sizeof(phase_names[0]) == LIFE_PHASE_MAX_, "a name for every phase");

const char *life_phase_name(enum life_phase phase)
{
        return phase_names[phase];
}

/* The one place where the phase changes. It only ever moves on. */
static void set_phase(struct life *life, enum life_phase phase, uint64_t timer_ms)
{
        assert(phase >= life->phase);
        life->phase = phase;
        life->timer_ms = timer_ms;
        life->timer_changed = true;
}

static uint64_t flushing_time(const struct life *life)
{
        /* A client that lives and is merely slow loses nothing: it would not without us. */
        return life->client_ended || life->signal ? LIFE_FLUSHING_MS : 0;
}

static unsigned enter_closing(struct life *life)
{
        /* Answers to a file's requests are still to come, unless nothing can come any more. */
        set_phase(life, LIFE_CLOSING, life->from_file && !life->silent ? LIFE_CLOSING_FILE_MS : LIFE_CLOSING_MS);
        return LIFE_CLOSE_STDIN;
}

static unsigned enter_terminating(struct life *life)
{
        set_phase(life, LIFE_TERMINATING, LIFE_TERMINATING_MS);
        return LIFE_DROP_STDIN | LIFE_TERMINATE;
}

static unsigned enter_killing(struct life *life)
{
        set_phase(life, LIFE_KILLING, LIFE_KILLING_MS);
        return LIFE_DROP_STDIN | LIFE_KILL;
}

static unsigned enter_flushing(struct life *life)
{
        set_phase(life, LIFE_FLUSHING, flushing_time(life));
        /* Whoever of the group is still there has lost its leader; its end also closes the pipe. */
        return LIFE_DROP_STDIN | LIFE_KILL | LIFE_DRAIN;
}

static unsigned enter_over(struct life *life)
{
        set_phase(life, LIFE_OVER, 0);
        return LIFE_DROP_STDIN | LIFE_KILL | LIFE_STOP;
}

static unsigned on_signal(struct life *life, bool first)
{
        switch (life->phase) {
        case LIFE_RUNNING:
        case LIFE_CLOSING:
                if (!first)
                        return enter_killing(life);
                if (life->signal == SIGTERM)
                        return enter_terminating(life);
                set_phase(life, LIFE_FORWARDING, LIFE_FORWARDING_MS);
                return LIFE_DROP_STDIN | LIFE_FORWARD;
        case LIFE_FORWARDING:
        case LIFE_TERMINATING:
                /* After the client's end the group is on its way out already: its first signal says no more. */
                return first ? 0 : enter_killing(life);
        case LIFE_FLUSHING:
                if (!first)
                        return enter_over(life);
                set_phase(life, LIFE_FLUSHING, LIFE_FLUSHING_MS);
                return 0;
        case LIFE_KILLING:
        case LIFE_LINGERING:
        case LIFE_OVER:
        case LIFE_PHASE_MAX_:
                return 0;
        }
        return 0;
}

static unsigned on_timeout(struct life *life)
{
        switch (life->phase) {
        case LIFE_CLOSING:
        case LIFE_FORWARDING:
                return enter_terminating(life);
        case LIFE_TERMINATING:
                return enter_killing(life);
        case LIFE_LINGERING:
                return enter_flushing(life);
        case LIFE_KILLING:
        case LIFE_FLUSHING:
                return enter_over(life);
        case LIFE_RUNNING:
        case LIFE_OVER:
        case LIFE_PHASE_MAX_:
                return 0;
        }
        return 0;
}

static unsigned on_client_ended(struct life *life)
{
        const bool first = !life->client_ended;

        life->client_ended = true;
        if (life->phase == LIFE_RUNNING)
                return enter_closing(life);
        if (life->phase == LIFE_FLUSHING && first)
                set_phase(life, LIFE_FLUSHING, LIFE_FLUSHING_MS);
        return 0;
}

static unsigned on_exit(struct life *life)
{
        life->exited = true;
        if (life->phase >= LIFE_LINGERING)
                return 0;
        if (life->silent)
                return enter_flushing(life);
        set_phase(life, LIFE_LINGERING, LIFE_LINGERING_MS);
        return LIFE_DROP_STDIN;
}

static unsigned on_silent(struct life *life)
{
        life->silent = true;
        if (life->phase == LIFE_RUNNING || (life->phase == LIFE_CLOSING && life->from_file))
                return enter_closing(life);
        return life->phase == LIFE_LINGERING ? enter_flushing(life) : 0;
}

unsigned life_step(struct life *life, enum life_event event)
{
        life->timer_changed = false;
        switch (event) {
        case LIFE_CLIENT_ENDED:
                return on_client_ended(life);
        case LIFE_SIGNALLED:
                return on_signal(life, life->signals++ == 0);
        case LIFE_SERVER_SILENT:
                return on_silent(life);
        case LIFE_SERVER_DEAF:
                return life->phase == LIFE_RUNNING ? enter_closing(life) : 0;
        case LIFE_EXITED:
                return on_exit(life);
        case LIFE_FLUSHED:
                return life->phase == LIFE_FLUSHING ? enter_over(life) : 0;
        case LIFE_TIMEOUT:
                return on_timeout(life);
        case LIFE_EVENT_MAX_:
                return 0;
        }
        return 0;
}
