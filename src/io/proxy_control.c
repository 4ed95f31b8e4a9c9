/* SPDX-License-Identifier: Apache-2.0
 *
 * Persons: connects the session's cards with the control socket, with the programs that a policy tells or asks, and
 * with who watches. An answer is an event of the client's side, and waits until that side's last output has left;
 * whoever gave it waits with it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "clock.h"
#include "grants.h"
#include "control_place.h"
#include "policy_approval.h"
#include "proxy_state.h"
#include "session_id.h"
#include "writer.h"

/* Who may not approve: the client and the shells and sudo that it may have used, we, the servers, the guardian. */
#define CLIENTS_MAX 8U
#define ORIGINS_MAX (CLIENTS_MAX + SIDE_MAX_ + 1U)

/* Between what could be granted and the socket. */
#define CONTROL_DELAY_MS 10U

/* --- what is told --- */

/* The time in a ULID's first ten digits. */
static uint64_t started_ms(const char *session)
{
        static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        uint64_t ms = 0;

        for (unsigned i = 0; i < 10; i++)
                ms = ms << 5 | (uint64_t)(strchr(digits, session[i]) - digits);
        return ms;
}

static void write_member(struct json_writer *w, struct str name, struct str value)
{
        json_name(w, name);
        json_string(w, value);
}

static size_t count_cards(const struct proxy *p)
{
        size_t at = 0, count = 0;

        while (session_card(p->session, &at))
                count++;
        return count;
}

static int write_status(void *userdata, struct buf *out)
{
        const struct proxy *p = userdata;
        const struct session_asking *asking = &p->asking.asking;
        struct json_writer w;

        json_writer_init(&w, out);
        json_begin_object(&w);
        write_member(&w, STR("session"), asking->session);
        json_name(&w, STR("pid"));
        json_integer(&w, getpid());
        json_name(&w, STR("started_ms"));
        json_unsigned(&w, started_ms(p->recorder.session));
        write_member(&w, STR("server"), asking->server);
        json_name(&w, STR("client_pid"));
        json_integer(&w, asking->client_pid);
        write_member(&w, STR("agent"), asking->agent);
        json_name(&w, STR("policies"));
        json_begin_array(&w);
        for (size_t i = 0; i < policy_set_count(p->policy); i++)
                json_string(&w, policy_set_name(p->policy, i));
        json_end_array(&w);
        json_name(&w, STR("cards"));
        json_unsigned(&w, count_cards(p));
        json_end_object(&w);
        return out->failed ? -ENOMEM : 0;
}

/* As it is told: with what an approval of it needs, and with its code, for those who may have the call run. */
static struct card to_tell(const struct proxy *p, const struct card *card)
{
        struct card copy = *card;

        copy.must_sign = p->approvers != NULL;
        snprintf(copy.code, sizeof(copy.code), "%s", session_card_code(p->session, card));
        return copy;
}

/* Why a process may not approve; NULL: it may. */
const char *proxy_control_local_refusal(const struct proxy *p, const struct peer_process *from)
{
        pid_t origins[ORIGINS_MAX];
        size_t count = peer_process_clients(p->asking.parent, origins, CLIENTS_MAX);

        origins[count++] = getpid();
        origins[count++] = p->guard.guardian;
        for (unsigned side = SIDE_SERVER; side < SIDE_MAX_; side++) {
                if (p->peers[side].upstream)
                        origins[count++] = p->peers[side].upstream->launch.child.pid;
        }
        return peer_process_refusal(from, origins, count);
}

static bool sees_codes(void *userdata, const struct peer_process *from)
{
        return !proxy_control_local_refusal(userdata, from);
}

static int write_cards(void *userdata, const struct peer_process *from, struct buf *out)
{
        const struct proxy *p = userdata;
        const struct card *card;
        size_t at = 0;
        bool first = true, asked = false, sees = false;

        buf_append_char(out, '[');
        while ((card = session_card(p->session, &at))) {
                struct card shown = to_tell(p, card);

                if (shown.code[0] && !asked)
                        sees = sees_codes(userdata, from);
                asked |= shown.code[0] != '\0';
                if (!sees)
                        shown.code[0] = '\0';
                if (!first)
                        buf_append_char(out, ',');
                first = false;
                if (card_write_json(&shown, out) < 0)
                        return -ENOMEM;
        }
        return buf_append_char(out, ']');
}

/* --- answers --- */

/* Of the card that is being answered, whatever becomes of it in that event. */
static void note_outcome(struct proxy *p, const struct card *card)
{
        struct control_result *result = &p->people.outcome;

        if (memcmp(card->id, p->people.answering, CARD_ID_BYTES) != 0)
                return;
        result->state = card->state;
        result->by = card->by;
        result->given = card->given;
}

bool proxy_control_is_over(const struct proxy *p)
{
        return p->broken || !proxy_is_running(p) || p->peers[SIDE_CLIENT].ended || p->peers[SIDE_SERVER].ended;
}

/* The card as it is, for an answer that changes nothing about it. */
static void note_present(struct proxy *p)
{
        const struct card *card;
        size_t at = 0;

        while ((card = session_card(p->session, &at)))
                note_outcome(p, card);
}

/* False: the client's side is not free. */
static bool carry_out(struct proxy *p, const struct card_answer *answer, struct control_result *ret)
{
        const uint64_t now_ms = clock_now_ms();
        const char *why = NULL;
        int r;

        *ret = (struct control_result){ .why = "the session is at its end" };
        if (proxy_control_is_over(p))
                return true;
        if (p->peers[SIDE_CLIENT].unsent > 0)
                return false;
        p->people.outcome = (struct control_result){ 0 };
        snprintf(p->people.answering, sizeof(p->people.answering), "%.*s", STR_FMT(answer->id));
        note_present(p);
        r = session_answer_card(p->session, answer, now_ms, clock_mono_ms(), &why);
        if (r == 0)
                proxy_flow_complete(p, SIDE_CLIENT, now_ms);
        else if (r == -EIO)
                proxy_flow_fail(p);
        p->people.answering[0] = '\0';
        *ret = p->people.outcome;
        if (r < 0)
                ret->why = why ? why : "out of memory";
        return true;
}

static const struct card *find_card(const struct proxy *p, struct str id)
{
        const struct card *card;
        size_t at = 0;

        while ((card = session_card(p->session, &at))) {
                if (str_eq(str_from(card->id), id))
                        return card;
        }
        return NULL;
}

/* Who has signed the answer: NULL with @answer completed, or why it does not count. */
static const char *signed_refusal(const struct proxy *p, const struct control_request *q, struct card_answer *answer)
{
        const struct card *card = find_card(p, q->card);
        struct approver approver;
        const char *why = NULL;
        int r;

        if (!p->approvers)
                return "no policy of this session names people who sign; answer without a signature";
        if (!card)
                return "no call waits for an answer under this id; it may be of another session, or long over";
        r = approver_check(p->approvers, card, q->approve, q->signature, clock_now_ms(), &approver, &why);
        if (r < 0)
                return r == -EPERM && why ? why : "the signature cannot be verified: out of memory";
        if (q->principal.len > 0 && !str_eq(q->principal, approver.name))
                return "the signature is not by whom it is said to be by";
        answer->approver = approver.name;
        answer->signature = q->signature;
        answer->trusted = true;
        return NULL;
}

static const char *refusal(const struct proxy *p, const struct control_request *q, const struct peer_process *from,
        struct card_answer *answer)
{
        if (q->signature.len > 0)
                return signed_refusal(p, q, answer);
        if (q->principal.len > 0)
                return "who answers under a name signs the answer";
        answer->approver = STR("local");
        if (!q->approve)
                return NULL;
        if (p->approvers)
                return "the policy names the people who may approve, and they sign: see docs/approvals.md";
        answer->trusted = true;
        return proxy_control_local_refusal(p, from);
}

static bool on_answer(
        void *userdata, const struct control_request *q, const struct peer_process *from, struct control_result *ret)
{
        struct proxy *p = userdata;
        struct card_answer answer = {
                .id = q->card,
                .digest = q->has_digest ? q->digest : NULL,
                .approve = q->approve,
                .because = q->because,
        };

        *ret = (struct control_result){ .why = refusal(p, q, from, &answer) };
        return ret->why ? true : carry_out(p, &answer, ret);
}

static bool on_program(void *userdata, const struct card_program_answer *a)
{
        struct proxy *p = userdata;
        struct policy_approval how;
        struct control_result result;
        struct card_answer answer = {
                .id = str_from(a->card),
                .digest = a->digest,
                .approve = a->approve,
                .because = a->because,
                .approver = a->approver,
        };

        policy_set_approval(p->policy, &how);
        answer.trusted =
                !p->approvers && a->index < how.ask_count && policy_set_lets_answer(p->policy, &how.ask[a->index]);
        if (!carry_out(p, &answer, &result))
                return false;
        if (result.why)
                proxy_say(p, "the answer of %.*s to approval %s does not count: %s", STR_FMT(a->approver), a->card,
                        result.why);
        return true;
}

static void on_said(void *userdata, struct str text)
{
        proxy_say(userdata, "%.*s", STR_FMT(text));
        proxy_control_notice(userdata, text);
}

/* --- beginning: when there is a first card, or something that could be granted --- */

static int listen_in(struct proxy *p, const char *dir)
{
        struct people *people = &p->people;
        const struct control_owner owner = {
                .status = write_status,
                .cards = write_cards,
                .sees_codes = sees_codes,
                .answer = on_answer,
                .userdata = p,
                .grants = proxy_grants_write,
                .grant = proxy_grants_ask,
                .stops = proxy_stops_write,
        };
        AUTO_BUF struct buf path = BUF_INIT(LIMIT_PATH_BYTES);
        int listener, r;

        people->dir = control_place_open(dir, true);
        if (people->dir < 0)
                return people->dir;
        control_place_name(people->name, p->recorder.session);
        /* Before there is something to remove. Where it is too long for the guardian, whoever looks for sessions
         * removes it. */
        buf_printf(&path, "%s/%s", dir, people->name);
        buf_append_char(&path, '\0');
        if (!path.failed)
                (void)child_guard_file(&p->guard, path.data);
        listener = control_place_listen(people->dir, people->name);
        r = listener < 0 ? listener : control_new(&people->control, &p->loop, listener, &owner);
        if (r < 0) {
                (void)unlinkat(people->dir, people->name, 0);
                fd_closep(&people->dir);
        }
        return r < 0 ? r : 0;
}

static void open_socket(struct proxy *p)
{
        int r = -ENOENT;

        if (p->people.control || p->people.tried)
                return;
        p->people.tried = true;
        for (size_t i = 0; i < CONTROL_PLACES && r < 0; i++) {
                AUTO_FREE char *dir = control_place_path(i, p->config->state_dir);

                if (dir)
                        r = listen_in(p, dir);
        }
        if (r < 0)
                proxy_say(p, "no control socket can be made, so that nobody can answer what waits: %s", strerror(-r));
}

static void on_control_time(uv_timer_t *timer)
{
        struct proxy *p = timer->data;

        if (!proxy_control_is_over(p))
                open_socket(p);
}

/* A person may want to let through what the policies hide or hold. No person is as fast as the client, whose list goes out first. */
static void open_socket_soon(struct proxy *p)
{
        uv_timer_t *timer = &p->people.control_timer;

        if (p->people.tried || timer->data)
                return;
        uv_timer_init(&p->loop, timer);
        timer->data = p;
        uv_update_time(&p->loop);
        uv_timer_start(timer, on_control_time, CONTROL_DELAY_MS, 0);
}

static void open_programs(struct proxy *p)
{
        const struct card_programs_owner owner = { .say = on_said, .answer = on_program, .userdata = p };

        if (!p->people.programs && card_programs_new(&p->people.programs, &p->loop, &p->guard, &owner) < 0)
                proxy_say(p, "no program can be told of calls that wait: out of memory");
}

static void start_programs(struct proxy *p, const struct card *card)
{
        const struct card told = to_tell(p, card);
        struct card asked = told;
        struct policy_approval how;

        policy_set_approval(p->policy, &how);
        if (how.notify_count + how.ask_count == 0)
                return;
        open_programs(p);
        if (!p->people.programs)
                return;
        for (size_t i = 0; i < how.notify_count; i++) {
                const struct card_program_spec spec = { CARD_PROGRAM_NOTIFY, how.notify[i].argv, how.notify[i].argc,
                        i };

                card_programs_start(p->people.programs, &spec, &told);
        }
        /* Those that are asked answer by themselves, and need no code. */
        asked.code[0] = '\0';
        for (size_t i = 0; i < how.ask_count; i++) {
                const struct card_program_spec spec = { CARD_PROGRAM_ASK, how.ask[i].argv, how.ask[i].argc, i };

                card_programs_start(p->people.programs, &spec, &asked);
        }
}

/* --- what happens --- */

static void take(struct proxy *p, const struct card_event *event)
{
        struct people *people = &p->people;

        note_outcome(p, event->card);
        if (event->change == CARD_CLOSED) {
                if (people->control)
                        control_tell_closed(people->control, event->card->id, event->card->state);
                card_programs_card_closed(people->programs, event->card->id);
                return;
        }
        if (event->change == CARD_OPENED) {
                open_socket(p);
                start_programs(p, event->card);
        } else if (event->card->state == CARD_APPROVED) {
                /* Nobody needs to be asked any more. */
                card_programs_card_closed(people->programs, event->card->id);
        }
        if (people->control) {
                const struct card told = to_tell(p, event->card);

                control_tell_card(people->control, &told);
        }
}

void proxy_control_events(struct proxy *p)
{
        struct card_event event;

        if (session_may_be_granted(p->session) && !proxy_control_is_over(p))
                open_socket_soon(p);
        while (session_take_card_event(p->session, &event))
                take(p, &event);
        proxy_grants_events(p);
}

void proxy_control_notice(struct proxy *p, struct str text)
{
        if (p->people.control)
                control_tell_notice(p->people.control, text);
}

void proxy_control_stops(struct proxy *p)
{
        if (p->people.control)
                control_tell_stops(p->people.control);
}

void proxy_control_released(struct proxy *p)
{
        control_resume(p->people.control);
        card_programs_resume(p->people.programs);
}

void proxy_control_reap(struct proxy *p)
{
        card_programs_reap(p->people.programs);
}

void proxy_control_close(struct proxy *p)
{
        struct people *people = &p->people;

        people->programs = card_programs_end(people->programs);
        if (people->control_timer.data)
                uv_close((uv_handle_t *)&people->control_timer, NULL);
        if (!people->control)
                return;
        people->control = control_end(people->control);
        (void)unlinkat(people->dir, people->name, 0);
        fd_closep(&people->dir);
}
