/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages: descriptor -> session -> audit file -> descriptors. One function for both directions. Nobody is read while
 * what he caused is unsent, so that no queue stands anywhere but in the pipes.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "printable.h"
#include "proxy_state.h"

void proxy_say(struct proxy *p, const char *format, ...)
{
        AUTO_BUF struct buf line = BUF_INIT(LIMIT_STDERR_LINE), clean = BUF_INIT(2U * LIMIT_STDERR_LINE);
        va_list args;

        buf_append_str(&line, STR("leastwise: "));
        va_start(args, format);
        buf_vprintf(&line, format, args);
        va_end(args);
        buf_append_char(&line, '\n');
        /* What people and programs write may have a secret in it. */
        if (redactor_apply(p->redactor, buf_str(&line), &clean) < 0)
                return;
        stderr_gate_say(&p->gate, buf_str(&clean));
}

void proxy_append_told(struct proxy *p, struct buf *b, struct str text, size_t most)
{
        AUTO_BUF struct buf clean = BUF_INIT(LIMIT_STDERR_LINE);

        if (redactor_apply(p->redactor, text, &clean) == 0)
                (void)printable_append(b, buf_str(&clean), most);
}

static void say_notices(struct proxy *p)
{
        struct str notice;

        while (session_take_notice(p->session, &notice)) {
                proxy_say(p, "%.*s", STR_FMT(notice));
                proxy_control_notice(p, notice);
        }
        while (limit_files_take_notice(p->limit_files, &notice))
                proxy_say(p, "%.*s", STR_FMT(notice));
}

static void on_late(uv_timer_t *timer);
static void arm_call_timer(struct proxy *p);

/* Once when it begins, once when it is over: the person at the terminal can mend a full disk. */
static void say_audit_state(struct proxy *p)
{
        const bool failing = p->recorder.error != 0;

        if (failing == p->audit_failing)
                return;
        p->audit_failing = failing;
        if (failing)
                proxy_say(p, "cannot write the audit file %s: %s; calls are refused until it can be written",
                        audit_file_path(p->recorder.file), strerror(-p->recorder.error));
        else
                proxy_say(p, "the audit file can be written again; calls are decided as usual");
}

static bool write_records(struct proxy *p, uint64_t now_ms)
{
        const bool written = recorder_write(&p->recorder, now_ms);

        say_audit_state(p);
        return written;
}

bool proxy_flow_write_records(struct proxy *p)
{
        return write_records(p, clock_now_ms());
}

static void arm_late(struct proxy *p)
{
        if (p->late_armed || !recorder_has_pending(&p->recorder))
                return;
        p->late_armed = true;
        uv_timer_start(&p->late_timer, on_late, RECORDER_LATE_MS, 0);
}

static void on_late(uv_timer_t *timer)
{
        struct proxy *p = timer->data;

        p->late_armed = false;
        write_records(p, clock_now_ms());
        /* After a failure the gap record is pending; it goes with the next records, or at the stop. */
}

static void pause_peer(const struct peer *peer, bool watch)
{
        if (peer->in)
                inlet_pause(peer->in, watch);
}

static void send_output(struct peer *peer)
{
        struct proxy *p = peer->proxy;
        unsigned unsent = 0;

        for (unsigned to = 0; to < SIDE_MAX_; to++) {
                const struct iovec *segments;
                size_t count = session_output(p->session, peer->side, (enum side)to, &segments);

                /* To a server that has gone meanwhile: as good as sent. */
                if (count > 0 && p->peers[to].out && !outlet_send(p->peers[to].out, segments, count, peer->side))
                        unsent++;
        }
        peer->unsent = unsent;
        if (unsent == 0)
                session_release(p->session, peer->side);
        else
                pause_peer(peer, peer->side == SIDE_CLIENT);
}

/* After every event of @peer (session.h): records, then effects, then release. */
static void complete_event(struct peer *peer, uint64_t now_ms)
{
        struct proxy *p = peer->proxy;
        bool written = true;

        if (session_records_due(p->session))
                written = write_records(p, now_ms);
        session_commit(p->session, peer->side, written, now_ms);
        send_output(peer);
        proxy_control_events(p);
        proxy_upstreams_events(p);
        proxy_renew_look(p);
        say_notices(p);
        arm_late(p);
        arm_call_timer(p);
}

void proxy_flow_complete(struct proxy *p, enum side side, uint64_t now_ms)
{
        complete_event(&p->peers[side], now_ms);
}

void proxy_flow_fail(struct proxy *p)
{
        if (p->broken)
                return;
        p->broken = true;
        proxy_say(p, "out of memory: the session ends");
        for (unsigned side = 0; side < SIDE_MAX_; side++)
                pause_peer(&p->peers[side], false);
        proxy_life_event(p, LIFE_CLIENT_ENDED, "out-of-memory");
}

/* A call has taken too long. That is an event of the side that is free to have one; when neither is, on_sent() tries again. */
static void on_call_time(uv_timer_t *timer)
{
        struct proxy *p = timer->data;
        struct peer *peer = &p->peers[p->peers[SIDE_SERVER].unsent > 0 ? SIDE_CLIENT : SIDE_SERVER];
        const uint64_t now_ms = clock_now_ms();

        if (peer->unsent > 0 || p->broken)
                return;
        if (session_tick(p->session, peer->side, now_ms, clock_mono_ms()) < 0) {
                proxy_flow_fail(p);
                return;
        }
        complete_event(peer, now_ms);
}

static void arm_call_timer(struct proxy *p)
{
        const uint64_t deadline = session_deadline(p->session), now = clock_mono_ms();

        if (deadline == UINT64_MAX) {
                uv_timer_stop(&p->call_timer);
                return;
        }
        uv_update_time(&p->loop);
        uv_timer_start(&p->call_timer, on_call_time, deadline > now ? deadline - now : 0, 0);
}

/* Behind what the client has sent last. */
static void end_stdins(struct proxy *p)
{
        for (unsigned side = SIDE_SERVER; side < SIDE_MAX_; side++) {
                if (p->peers[side].out)
                        outlet_end(p->peers[side].out);
        }
}

static void check_all_flushed(struct proxy *p)
{
        for (unsigned side = SIDE_SERVER; side < SIDE_MAX_; side++)
                proxy_flow_check_flushed(p, (enum side)side);
}

/* End of file, or an error that means the same. */
static void end_side(struct peer *peer)
{
        struct proxy *p = peer->proxy;
        const uint64_t now_ms = clock_now_ms();

        if (peer->ended || p->broken)
                return;
        peer->ended = true;
        pause_peer(peer, false);
        if (peer->side == SIDE_SERVER && proxy_restart_holds(p)) {
                p->places[SIDE_SERVER].untold = true;
        } else if (session_end(p->session, peer->side, now_ms, clock_mono_ms()) < 0) {
                proxy_flow_fail(p);
                return;
        } else {
                complete_event(peer, now_ms);
        }
        if (peer->side == SIDE_CLIENT) {
                end_stdins(p);
                proxy_life_event(p, LIFE_CLIENT_ENDED, "client-closed");
        } else if (peer->upstream) {
                upstream_event(peer->upstream, LIFE_SERVER_SILENT, "server-closed-stdout");
        }
        check_all_flushed(p);
}

int proxy_flow_start_records(struct proxy *p, uint64_t now_ms)
{
        const bool first = !p->recorder.started;
        const int r = recorder_start(&p->recorder, p->session, now_ms);

        if (r == 0 && first)
                proxy_stops_record(p);
        return r;
}

static void feed(struct peer *peer, size_t n)
{
        struct proxy *p = peer->proxy;
        const uint64_t now_ms = clock_now_ms();

        if (proxy_flow_start_records(p, now_ms) < 0 || session_feed(p->session, peer->side, n, now_ms, clock_mono_ms()) < 0) {
                proxy_flow_fail(p);
                return;
        }
        complete_event(peer, now_ms);
}

static void read_peer(struct peer *peer)
{
        char *space;
        size_t room;
        ssize_t n;

        if (session_input(peer->proxy->session, peer->side, &space, &room) < 0) {
                proxy_flow_fail(peer->proxy);
                return;
        }
        n = inlet_read(peer->in, space, room);
        if (n > 0 && peer->drain) {
                peer->drained += (size_t)n;
                if (peer->drained > PROXY_DRAIN_BYTES)
                        n = 0;
        }
        if (n > 0)
                feed(peer, (size_t)n);
        else if (n != -EAGAIN || peer->drain)
                end_side(peer);
}

static void on_ready(void *userdata)
{
        read_peer(userdata);
}

void proxy_flow_readable(struct proxy *p, enum side side)
{
        read_peer(&p->peers[side]);
}

/* The client's end of our stdin has closed while what it sent last cannot be delivered. Unless the upstream takes it
 * soon, nobody would ever end this: the client may be dead. */
static void on_hung_up(void *userdata)
{
        struct peer *peer = userdata;

        proxy_life_event(peer->proxy, LIFE_CLIENT_ENDED, "client-closed");
}

void proxy_flow_sent(struct proxy *p, enum side side)
{
        struct peer *sender = &p->peers[side];

        if (--sender->unsent > 0)
                return;
        session_release(p->session, sender->side);
        arm_call_timer(p);
        if (p->announce_waits && sender->side == SIDE_SERVER)
                proxy_flow_announce(p);
        if (sender->side == SIDE_CLIENT)
                proxy_control_released(p);
        if (sender->unsent > 0)
                return;
        proxy_upstreams_advance(p, side);
        if (sender->unsent > 0)
                return;
        proxy_renew_look(p);
        if (sender->unsent > 0)
                return;
        if (sender->ended || p->broken)
                check_all_flushed(p);
        else if (sender->drain)
                proxy_flow_drain(p, side);
        else if (sender->in)
                inlet_resume(sender->in);
}

static void on_sent(void *userdata, unsigned tag)
{
        struct peer *client = userdata;

        proxy_flow_sent(client->proxy, (enum side)tag);
}

/* It goes where the server's messages go, and waits until the last of them has gone. */
void proxy_flow_announce(struct proxy *p)
{
        struct peer *server = &p->peers[SIDE_SERVER];
        const uint64_t now_ms = clock_now_ms();

        p->announce_waits = server->unsent > 0;
        if (p->announce_waits || p->broken || server->ended || server->drain || p->peers[SIDE_CLIENT].ended)
                return;
        if (session_announce(p->session, now_ms, clock_mono_ms()))
                complete_event(server, now_ms);
}

static void on_client_gone(void *userdata)
{
        struct peer *client = userdata;

        /* Called from within an event: the session is told nothing more of a client that hears nothing more. */
        client->ended = true;
        pause_peer(client, false);
        proxy_life_event(client->proxy, LIFE_CLIENT_ENDED, "client-closed");
}

void proxy_flow_check_flushed(struct proxy *p, enum side side)
{
        const struct peer *peer = &p->peers[side];
        const bool main = side == SIDE_SERVER, first = main && p->places[side].untold;

        if (first && peer->unsent == 0 && peer->upstream->life.phase == LIFE_FLUSHING)
                proxy_restart_tell(p, peer->upstream);
        if (!peer->ended || peer->unsent > 0 || !outlet_is_idle(&p->client_out))
                return;
        if (peer->upstream && !p->places[side].untold)
                upstream_event(peer->upstream, LIFE_FLUSHED, NULL);
        else if (main && p->restart.gave_up)
                proxy_life_end(p);
}

void proxy_flow_drain(struct proxy *p, enum side side)
{
        struct peer *peer = &p->peers[side];

        peer->drain = true;
        while (!peer->ended && peer->in && peer->unsent == 0 && !p->broken)
                read_peer(peer);
}

void proxy_flow_attach(struct proxy *p, struct upstream *u)
{
        struct peer *peer = &p->peers[u->side];

        *peer = (struct peer){ .proxy = p, .side = u->side, .upstream = u, .in = &u->in, .out = &u->out };
        u->life.from_file = p->from_file && u->side == SIDE_SERVER;
        inlet_resume(peer->in);
}

void proxy_flow_detach(struct proxy *p, struct upstream *u)
{
        struct peer *peer = &p->peers[u->side];

        upstream_release(u);
        peer->upstream = NULL;
        peer->in = NULL;
        peer->out = NULL;
}

static int open_peers(struct proxy *p)
{
        struct peer *peer = &p->peers[SIDE_CLIENT];
        const struct inlet_events in = { .ready = on_ready, .hung_up = on_hung_up, .userdata = peer };
        const struct outlet_events out = { .done = on_sent, .gone = on_client_gone, .userdata = peer };
        int r;

        *peer = (struct peer){ .proxy = p, .side = SIDE_CLIENT, .in = &p->client_in, .out = &p->client_out };
        for (unsigned side = SIDE_SERVER; side < SIDE_MAX_; side++) {
                p->peers[side].proxy = p;
                p->peers[side].side = (enum side)side;
        }
        proxy_upstreams_open(p);
        proxy_restart_open(p);
        r = inlet_open(&p->client_in, &p->loop, STDIN_FILENO, in);
        return r < 0 ? r : outlet_open(&p->client_out, &p->loop, STDOUT_FILENO, out);
}

int proxy_flow_open(struct proxy *p)
{
        struct stat st;
        int r = open_peers(p);

        if (r < 0)
                return r;
        p->from_file = fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode);
        uv_timer_init(&p->loop, &p->late_timer);
        p->late_timer.data = p;
        uv_timer_init(&p->loop, &p->call_timer);
        p->call_timer.data = p;
        inlet_resume(&p->client_in);
        return 0;
}

void proxy_flow_close(struct proxy *p)
{
        proxy_restart_close(p);
        inlet_close(&p->client_in);
        outlet_close(&p->client_out);
        if (p->late_timer.data)
                uv_close((uv_handle_t *)&p->late_timer, NULL);
        if (p->call_timer.data)
                uv_close((uv_handle_t *)&p->call_timer, NULL);
}
