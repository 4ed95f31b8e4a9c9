/* SPDX-License-Identifier: Apache-2.0
 *
 * Watches the directories of the policies, and puts another policy in force between two messages. Directories and not files are
 * watched, because editors replace a file by renaming another one over it. What happens in a directory only says that it is time to
 * look; what counts is what the files then hold.
 */
#include <string.h>

#include "alloc.h"
#include "clock.h"
#include "proxy_state.h"

/* Editors and version control write in several steps; and a directory in which others are busy is not looked at more often. */
#define RELOAD_DELAY_MS 100U

void reloaded_deinit(struct reloaded *reloaded)
{
        reloaded->policy = policy_set_unref(reloaded->policy);
        reloaded->pins = pin_set_unref(reloaded->pins);
        reloaded->approvers = approvers_unref(reloaded->approvers);
        buf_deinit(&reloaded->message);
}

static void on_change(uv_fs_event_t *watch, const char *name, int events, int status);
static void arm(struct proxy *p, uint64_t delay_ms);

static int add_watch(struct proxy *p)
{
        uv_fs_event_t *watch = mem_calloc(1, sizeof(*watch));
        int r = watch ? uv_fs_event_init(&p->loop, watch) : UV_ENOMEM;

        if (r < 0) {
                mem_free(watch);
                return r;
        }
        watch->data = p;
        p->watches[p->watch_count++] = watch;
        return 0;
}

/* A directory that has been replaced is another one of the same name. Ones that are not there are not watched. 0, or
 * what libuv says when it has no more watches. */
static int watch_all(struct proxy *p)
{
        const char *const *dir = p->config->reload->directories;

        for (unsigned i = 0; i < p->watch_count; i++)
                uv_fs_event_stop(p->watches[i]);
        for (unsigned i = 0; *dir && i < PROXY_WATCHES; i++, dir++) {
                int r = i < p->watch_count ? 0 : add_watch(p);

                if (r < 0)
                        return r;
                (void)uv_fs_event_start(p->watches[i], on_change, *dir, 0);
        }
        return 0;
}

/* --- the change --- */

/* What is said again and again (each save of a file with a mistake) is said once, unless somebody asked. */
static void say_once(struct proxy *p, struct str message)
{
        if (!p->reload_asked && str_eq(message, buf_str(&p->reload_said)))
                return;
        buf_clear(&p->reload_said, LIMIT_STDERR_LINE);
        buf_append_str(&p->reload_said, message);
        proxy_say(p, "%.*s", STR_FMT(message));
}

static bool record(struct proxy *p, const struct policy_set *policy, const char *reason, struct str detail)
{
        const uint64_t now_ms = clock_now_ms();

        /* Before the first message there is no session to tell of: its start will name the policy. */
        if (!p->recorder.started)
                return true;
        if (recorder_policy(p->session, policy, reason, detail, now_ms) < 0)
                return false;
        return proxy_flow_write_records(p);
}

static void refuse(struct proxy *p, const struct reloaded *fresh)
{
        const struct str message = buf_str(&fresh->message);

        if (str_eq(message, buf_str(&p->reload_said)) && !p->reload_asked)
                return;
        if (fresh->untrusted)
                (void)record(p, p->policy, "reload-untrusted", message);
        else
                (void)record(p, p->policy, "reload-refused", message);
        say_once(p, message);
}

/* Less may be allowed unrecorded; more may not (law L6). */
static void apply(struct proxy *p, struct reloaded *fresh)
{
        const bool recorded = record(p, fresh->policy, "reloaded", buf_str(&fresh->message));
        const bool people = approvers_compare(p->approvers, fresh->approvers) != APPROVERS_SAME;

        if (!recorded && fresh->wider) {
                say_once(p, STR("the changed policy is not in force: the audit log cannot be written"));
                return;
        }
        if (session_set_policy(p->session, fresh->policy, fresh->pins) < 0) {
                say_once(p, STR("the changed policy is not in force: out of memory"));
                return;
        }
        policy_set_unref(p->policy);
        p->policy = policy_set_ref(fresh->policy);
        pin_set_unref(p->pins);
        p->pins = pin_set_ref(fresh->pins);
        approvers_unref(p->approvers);
        p->approvers = approvers_ref(fresh->approvers);
        p->recorder.facts.policy = p->policy;
        buf_clear(&p->reload_said, LIMIT_STDERR_LINE);
        proxy_say(p, "%.*s", STR_FMT(buf_str(&fresh->message)));
        proxy_stops_look(p);
        if (people)
                proxy_grants_people_changed(p);
        proxy_flow_announce(p);
        proxy_control_events(p);
}

static void reload(struct proxy *p)
{
        struct reloaded fresh = { .message = BUF_INIT(LIMIT_STDERR_LINE) };

        if (p->broken || !proxy_is_running(p))
                return;
        if (watch_all(p) < 0)
                say_once(p, STR("not all folders of policies can be watched; SIGHUP looks at them"));
        switch (p->config->reload->load(p->config->reload->userdata, p->policy, p->pins, p->approvers, &fresh)) {
        case RELOAD_READY:
                apply(p, &fresh);
                break;
        case RELOAD_SAME:
                if (p->reload_asked || p->reload_said.len)
                        proxy_say(p, "the policies are as they are in force");
                buf_clear(&p->reload_said, LIMIT_STDERR_LINE);
                break;
        case RELOAD_REFUSED:
                refuse(p, &fresh);
                break;
        }
        p->reload_asked = false;
        /* What has happened there until it is watched is found by looking once more. */
        if (fresh.moved) {
                (void)watch_all(p);
                arm(p, RELOAD_DELAY_MS);
        }
        reloaded_deinit(&fresh);
}

/* --- when --- */

static void on_time(uv_timer_t *timer)
{
        struct proxy *p = timer->data;

        p->reload_armed = false;
        reload(p);
}

static void arm(struct proxy *p, uint64_t delay_ms)
{
        if (p->reload_armed && delay_ms)
                return;
        p->reload_armed = true;
        uv_timer_start(&p->reload_timer, on_time, delay_ms, 0);
}

static void on_change(uv_fs_event_t *watch, const char *name, int events, int status)
{
        arm(watch->data, RELOAD_DELAY_MS);
}

bool proxy_reload_asked(struct proxy *p)
{
        if (!p->config->reload || !p->reload_timer.data)
                return false;
        p->reload_asked = true;
        arm(p, 0);
        return true;
}

int proxy_reload_open(struct proxy *p)
{
        if (!p->config->reload)
                return 0;
        buf_init(&p->reload_said, LIMIT_STDERR_LINE);
        uv_timer_init(&p->loop, &p->reload_timer);
        p->reload_timer.data = p;
        return watch_all(p);
}

static void on_watch_closed(uv_handle_t *watch)
{
        mem_free(watch);
}

void proxy_reload_close(struct proxy *p)
{
        if (p->reload_timer.data)
                uv_close((uv_handle_t *)&p->reload_timer, NULL);
        for (unsigned i = 0; i < p->watch_count; i++)
                uv_close((uv_handle_t *)p->watches[i], on_watch_closed);
        p->watch_count = 0;
        buf_deinit(&p->reload_said);
}
