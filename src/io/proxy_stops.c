/* SPDX-License-Identifier: Apache-2.0
 *
 * What is stopped is in force some milliseconds after its file has been renamed into place. Where a directory is not
 * there yet, the one is watched that it would be made in; where nothing can be watched, the directories are looked at
 * again and again.
 */
#include "proxy_stops.h"

#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "cleanup.h"
#include "clock.h"
#include "printable.h"
#include "proxy_state.h"
#include "stop_told.h"

/* A directory in which somebody is busy is not read more often. */
#define LOOK_DELAY_MS 10U
/* Without notice from the kernel. */
#define POLL_MS 50U
/* Until the audit log can be written again. */
#define RETRY_MS 1000U
#define SERVER_BYTES 65536U

static void on_change(uv_fs_event_t *watch, const char *name, int events, int status);
static void on_time(uv_timer_t *timer);

static void arm(struct proxy *p, uint64_t delay_ms)
{
        /* What has happened does not wait for what is looked at in any case. */
        if (p->stops.soon)
                return;
        p->stops.soon = delay_ms == LOOK_DELAY_MS;
        uv_update_time(&p->loop);
        uv_timer_start(&p->stops.timer, on_time, delay_ms, 0);
}

/* --- watching --- */

/* The directory, or the nearest one above it that is there. False when it cannot be watched. */
static bool watch_one(uv_fs_event_t *watch, const char *path)
{
        char text[PATH_MAX], *at = text;
        int r;

        uv_fs_event_stop(watch);
        if (snprintf(text, sizeof(text), "%s", path) >= (int)sizeof(text))
                return false;
        while ((r = uv_fs_event_start(watch, on_change, at, 0)) == UV_ENOENT && strcmp(at, "/") != 0)
                at = dirname(at);
        return r == 0;
}

static bool watch_all(struct proxy *p)
{
        bool all = true;

        for (size_t i = 0; i < p->stops.count; i++)
                all = watch_one(&p->stops.watches[i], p->stops.places[i].path) && all;
        return all;
}

/* --- telling --- */

/* One stop has come into force or has gone. False when that cannot be put on record. */
static bool record(struct proxy *p, const struct stop *stop, const char *reason)
{
        AUTO_BUF struct buf detail = BUF_INIT(LIMIT_RECORD_TEXT_BYTES);
        struct audit_event event = {
                .kind = AUDIT_STOPS,
                .from = AUDIT_FROM_PROXY,
                .time_ms = clock_now_ms(),
                .reason = str_from(reason),
                .rule = str_from(stop->id),
        };

        /* Before the first message there is no session to tell of: proxy_stops_record() does it then. */
        if (!p->recorder.started)
                return true;
        if (stop == &p->stops.list.failure) {
                buf_append_str(&detail, str_from(p->stops.list.why));
        } else {
                (void)stop_append_what(stop, &detail);
                (void)stop_append_by(stop, &detail);
                buf_append_str(&detail, STR(": "));
                buf_append_str(&detail, stop->because);
        }
        event.detail = detail.failed ? STR("") : buf_str(&detail);
        return session_note(p->session, &event) == 0;
}

/* On stderr, and to whoever watches. */
static void tell(struct proxy *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void tell(struct proxy *p, const char *format, ...)
{
        char text[1024];
        va_list args;

        va_start(args, format);
        vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        proxy_say(p, "%s", text);
        proxy_control_notice(p, str_from(text));
}

static void say_stop(struct proxy *p, const struct stop *stop)
{
        AUTO_BUF struct buf what = BUF_INIT(4U * LIMIT_STOP_PATTERN_BYTES), because = BUF_INIT(1024);

        (void)stop_append_what(stop, &what);
        (void)stop_append_by(stop, &what);
        proxy_append_told(p, &because, stop->because, 500);
        tell(p, "STOPPED %.*s: %.*s; this lasts until a person says: leastwise resume %s%s", STR_FMT(buf_str(&what)),
                STR_FMT(buf_str(&because)), stop->system ? "--system " : "", stop->id);
}

static void say_resumed(struct proxy *p, const struct stop *stop)
{
        AUTO_BUF struct buf what = BUF_INIT(4U * LIMIT_STOP_PATTERN_BYTES);

        (void)stop_append_what(stop, &what);
        tell(p, "resumed: stop %s of %.*s is no longer in force", stop->id, STR_FMT(buf_str(&what)));
}

/* --- what has changed --- */

/* Records the stops of @there that are not in @other. */
static bool record_new(
        struct proxy *p, const struct stop_list *there, const struct stop_list *other, const char *reason)
{
        bool recorded = true;

        for (size_t i = 0; i < there->count; i++) {
                if (!stop_list_find(other, &there->stops[i]))
                        recorded = record(p, &there->stops[i], reason) && recorded;
        }
        return recorded;
}

static void say_new(struct proxy *p, const struct stop_list *there, const struct stop_list *other,
        void (*say)(struct proxy *, const struct stop *))
{
        for (size_t i = 0; i < there->count; i++) {
                if (!stop_list_find(other, &there->stops[i]))
                        say(p, &there->stops[i]);
        }
}

static bool is_same(const struct stop_list *a, const struct stop_list *b)
{
        if (a->count != b->count || a->failed != b->failed || strcmp(a->why, b->why) != 0)
                return false;
        for (size_t i = 0; i < a->count; i++) {
                if (!stop_list_find(b, &a->stops[i]))
                        return false;
        }
        return true;
}

static void keep_own(struct proxy *p, struct stop_list *list)
{
        struct str names[LIMIT_POLICIES];
        struct stop_facts facts = {
                .server = buf_str(&p->stops.server),
                .agent = str_from(p->config->agent),
                .policies = names,
        };

        for (; facts.policy_count < policy_set_count(p->policy) && facts.policy_count < LIMIT_POLICIES;
                facts.policy_count++)
                names[facts.policy_count] = policy_set_name(p->policy, facts.policy_count);
        stop_list_keep(list, &facts);
}

/* Reads everything anew into @ret. */
static void read_all(struct proxy *p, struct stop_list *ret)
{
        *ret = (struct stop_list)STOP_LIST_INIT;
        for (size_t i = 0; i < p->stops.count; i++)
                stop_files_read(&p->stops.places[i], ret);
        keep_own(p, ret);
}

int proxy_stops_write(void *userdata, struct buf *out)
{
        const struct proxy *p = userdata;

        return stop_list_write_told(&p->stops.list, out);
}

/* Those who wait for a person hear of it now, and so does who would answer. */
static void end_what_waits(struct proxy *p)
{
        proxy_flow_announce(p);
        proxy_control_events(p);
        proxy_control_stops(p);
}

/* Is something in force that is not in @fresh? */
static bool lets_on(const struct stop_list *now, const struct stop_list *fresh)
{
        if (now->failed && !fresh->failed)
                return true;
        for (size_t i = 0; i < now->count; i++) {
                if (!stop_list_find(fresh, &now->stops[i]))
                        return true;
        }
        return false;
}

static bool record_resumed(struct proxy *p, const struct stop_list *fresh)
{
        const struct stop_list *now = &p->stops.list;
        bool recorded = record_new(p, now, fresh, "resumed");

        if (now->failed && !fresh->failed)
                recorded = record(p, &now->failure, "stops-readable") && recorded;
        return recorded && (!p->recorder.started || proxy_flow_write_records(p));
}

/* Nothing is let on unrecorded (law L6): what is in force stays so, and everything besides. */
static void stay_stopped(struct proxy *p)
{
        if (!p->stops.list.failed) {
                stop_list_fail(&p->stops.list, "the audit log cannot be written, and nothing is resumed unrecorded");
                tell(p, "STOPPED everything: %s", p->stops.list.why);
                session_set_stops(p->session, &p->stops.list);
                end_what_waits(p);
        }
        arm(p, RETRY_MS);
}

/* @fresh takes the place of the list in force, and leaves it the old one. */
static void put_in_force(struct proxy *p, struct stop_list *fresh)
{
        const struct stop_list old = p->stops.list;
        const bool other = fresh->failed && strcmp(old.why, fresh->why) != 0;

        p->stops.list = *fresh;
        *fresh = old;
        (void)record_new(p, &p->stops.list, &old, "stopped");
        if (other)
                (void)record(p, &p->stops.list.failure, "stops-unreadable");
        session_set_stops(p->session, &p->stops.list);
        /* What is stopped is so on record or not. */
        if (p->recorder.started)
                (void)proxy_flow_write_records(p);
        say_new(p, &p->stops.list, &old, say_stop);
        say_new(p, &old, &p->stops.list, say_resumed);
        if (other)
                tell(p, "STOPPED everything: %s", p->stops.list.why);
        else if (old.failed && !p->stops.list.failed)
                tell(p, "it can be read again what is stopped");
        end_what_waits(p);
}

static void follow(struct proxy *p)
{
        CLEANUP(stop_list_deinit) struct stop_list fresh = STOP_LIST_INIT;

        read_all(p, &fresh);
        if (is_same(&p->stops.list, &fresh))
                return;
        if (lets_on(&p->stops.list, &fresh) && !record_resumed(p, &fresh))
                stay_stopped(p);
        else
                put_in_force(p, &fresh);
}

void proxy_stops_look(struct proxy *p)
{
        bool watched;

        if (!p->stops.open || p->broken)
                return;
        /* In this order: what happens behind the reading is told. */
        watched = watch_all(p);
        follow(p);
        if (!watched)
                arm(p, POLL_MS);
}

void proxy_stops_record(struct proxy *p)
{
        static const struct stop_list none = STOP_LIST_INIT;

        (void)record_new(p, &p->stops.list, &none, "stopped");
        if (p->stops.list.failed)
                (void)record(p, &p->stops.list.failure, "stops-unreadable");
}

/* --- when --- */

static void on_time(uv_timer_t *timer)
{
        struct proxy *p = timer->data;

        p->stops.soon = false;
        proxy_stops_look(p);
}

static void on_change(uv_fs_event_t *watch, const char *name, int events, int status)
{
        arm(watch->data, LOOK_DELAY_MS);
}

static int name_places(struct proxy *p)
{
        struct stop_watch *s = &p->stops;
        int r = stop_place_own(&s->places[s->count++], p->config->state_dir, &s->own);

        if (r == 0 && p->config->system_stops)
                s->places[s->count++] = *p->config->system_stops;
        buf_init(&s->server, SERVER_BYTES);
        for (const char *const *arg = p->config->command; *arg && r == 0; arg++) {
                if (arg != p->config->command)
                        buf_append_char(&s->server, ' ');
                (void)printable_append(&s->server, str_from(*arg), SERVER_BYTES);
        }
        /* Of a longer one patterns see the beginning. */
        return r;
}

int proxy_stops_open(struct proxy *p)
{
        int r = name_places(p);

        if (r < 0)
                return r;
        r = uv_timer_init(&p->loop, &p->stops.timer);
        p->stops.timer.data = p;
        p->stops.open = r == 0;
        for (size_t i = 0; i < p->stops.count && r == 0; i++) {
                r = uv_fs_event_init(&p->loop, &p->stops.watches[i]);
                p->stops.watches[i].data = r == 0 ? p : NULL;
        }
        if (r < 0)
                return r;
        /* What is stopped already is so before the first message. To watch takes longer where a directory above has many entries, and
         * then all is read again: that does not hold up the start. */
        follow(p);
        arm(p, LOOK_DELAY_MS);
        return 0;
}

void proxy_stops_close(struct proxy *p)
{
        struct stop_watch *s = &p->stops;

        if (s->open)
                uv_close((uv_handle_t *)&s->timer, NULL);
        for (size_t i = 0; i < s->count; i++) {
                if (s->watches[i].data)
                        uv_close((uv_handle_t *)&s->watches[i], NULL);
        }
        s->open = false;
        s->count = 0;
}

void proxy_stops_release(struct proxy *p)
{
        stop_list_deinit(&p->stops.list);
        buf_deinit(&p->stops.server);
        mem_free(p->stops.own);
        p->stops.own = NULL;
}
