/* SPDX-License-Identifier: Apache-2.0 */
#include "card_programs.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "card_program_launch.h"
#include "cleanup.h"
#include "guardian.h"
#include "limit.h"
#include "printable.h"

/* Between SIGTERM and SIGKILL: to take back a message. */
#define LAST_WORDS_MS 2000U

static_assert(LIMIT_CARD_PROGRAMS < GUARDIAN_GROUPS, "the guardian has a place for each");

struct program {
        struct card_programs *all;
        struct program *next;
        enum card_program_kind kind;
        size_t index;
        pid_t pid;  /* 0 once it has been reaped */
        int output; /* of one that is asked; -1 */
        uv_poll_t poll;
        uv_timer_t timer;
        unsigned handles;
        bool stopping; /* it is to end: nothing that it does counts */
        bool answered; /* its line has been read */
        bool approves; /* the line approves, which counts when it has ended well */
        bool waiting;  /* the answer cannot be carried out at the moment */
        bool approve;
        char card[CARD_ID_BYTES];
        uint8_t digest[CARD_DIGEST_BYTES];
        struct buf approver, line, because;
};

struct card_programs {
        uv_loop_t *loop;
        const struct child *guarded;
        struct card_programs_owner owner;
        struct program *list;
        size_t count;    /* in the list */
        size_t memories; /* programs whose memory is still there, and one for the list */
        uint64_t seed[2];
};

/* --- memory --- */

static void forget(struct card_programs *all)
{
        if (--all->memories == 0)
                mem_free(all);
}

static void program_free(struct program *p)
{
        buf_deinit(&p->approver);
        buf_deinit(&p->line);
        buf_deinit(&p->because);
        forget(p->all);
        mem_free(p);
}

static void on_closed(uv_handle_t *handle)
{
        struct program *p = handle->data;

        if (--p->handles == 0)
                program_free(p);
}

static void close_output(struct program *p)
{
        if (p->output < 0)
                return;
        uv_close((uv_handle_t *)&p->poll, on_closed);
        close(p->output);
        p->output = -1;
}

/* Kills what is left of it, and takes it from the list. */
static void end(struct program *p)
{
        struct program **at = &p->all->list;

        while (*at != p)
                at = &(*at)->next;
        *at = p->next;
        p->all->count--;
        child_end_also(p->all->guarded, p->pid);
        p->pid = 0;
        close_output(p);
        uv_close((uv_handle_t *)&p->timer, on_closed);
}

/* --- what is said --- */

static void say(const struct program *p, const char *what)
{
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_STDERR_LINE);

        buf_printf(&text, "the program %.*s, which was %s approval %s, %s", STR_FMT(str_skip(buf_str(&p->approver), 4)),
                p->kind == CARD_PROGRAM_ASK ? "asked about" : "told of", p->card, what);
        p->all->owner.say(p->all->owner.userdata, buf_str(&text));
}

static void say_not_started(
        struct card_programs *all, const struct card_program_spec *spec, const struct card *card, const char *why)
{
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_STDERR_LINE);

        buf_printf(&text, "nobody is %s approval %s by ", spec->kind == CARD_PROGRAM_ASK ? "asked about" : "told of",
                card->id);
        printable_append(&text, spec->argv[0], 200);
        buf_printf(&text, ": %s", why);
        all->owner.say(all->owner.userdata, buf_str(&text));
}

/* --- its end --- */

static void on_time(uv_timer_t *timer)
{
        struct program *p = timer->data;

        if (p->kind == CARD_PROGRAM_NOTIFY && !p->stopping)
                say(p, "took too long, and was ended");
        if (p->approves && !p->stopping)
                say(p, "approved and did not end, which does not count");
        p->stopping = true;
        /* Reaped when its end is reported: a process may take its time to die. */
        kill(-p->pid, SIGKILL);
}

static void stop(struct program *p)
{
        if (p->stopping)
                return;
        p->stopping = true;
        p->waiting = false;
        close_output(p);
        kill(-p->pid, SIGTERM);
        uv_timer_start(&p->timer, on_time, LAST_WORDS_MS, 0);
}

/* --- its answer --- */

static bool read_verdict(struct program *p, const struct json_doc *doc)
{
        AUTO_BUF struct buf scratch = BUF_INIT(LIMIT_ASK_ANSWER_BYTES);
        bool has_verdict = false;

        if (json_type_of(doc, 0) != JSON_OBJECT)
                return false;
        json_each_member (doc, 0, name, value) {
                struct str because;

                if (json_string_is(doc, name, STR("verdict"))) {
                        p->approve = json_string_is(doc, value, STR("approve"));
                        has_verdict = p->approve || json_string_is(doc, value, STR("deny"));
                        if (!has_verdict)
                                return false;
                } else if (json_string_is(doc, name, STR("because"))) {
                        if (json_string_get(doc, value, &scratch, &because) < 0 ||
                                because.len > LIMIT_ANSWER_BECAUSE_BYTES)
                                return false;
                        if (buf_append_str(&p->because, because) < 0)
                                return false;
                } else {
                        return false;
                }
        }
        return has_verdict;
}

static bool read_answer(struct program *p, struct str line)
{
        struct json_doc doc;
        bool good;

        json_doc_init(&doc, p->all->seed);
        good = json_read(&doc, line) == JSON_OK && read_verdict(p, &doc);
        json_doc_deinit(&doc);
        return good;
}

static void give_answer(struct program *p)
{
        const struct card_programs_owner *owner = &p->all->owner;
        const struct card_program_answer answer = {
                .card = p->card,
                .digest = p->digest,
                .approver = buf_str(&p->approver),
                .approve = p->approve,
                .because = buf_str(&p->because),
                .index = p->index,
        };

        p->waiting = false;
        p->waiting = !owner->answer(owner->userdata, &answer);
        /* The answer may have closed the card, and with it this. */
        if (!p->waiting && !p->stopping)
                uv_timer_start(&p->timer, on_time, LIMIT_NOTIFY_MS, 0);
}

/* It has ended well, and has all the time there is: only its answer may have to wait. */
static void give_approval(struct program *p)
{
        p->approves = false;
        uv_timer_stop(&p->timer);
        give_answer(p);
}

/* All that it will say is in the line. */
static void conclude(struct program *p, struct str line)
{
        p->answered = true;
        close_output(p);
        if (!read_answer(p, line)) {
                say(p, "gave no answer that can be understood");
                stop(p);
        } else if (p->approve) {
                /* One that fails afterwards may have meant something else. */
                p->approves = true;
                uv_timer_start(&p->timer, on_time, LIMIT_NOTIFY_MS, 0);
        } else {
                give_answer(p);
        }
}

/* Reads what is there. */
static void receive(struct program *p)
{
        while (p->output >= 0) {
                const char *newline;
                ssize_t n;

                if (buf_reserve(&p->line, 1) < 0) {
                        conclude(p, (struct str){ 0 });
                        return;
                }
                n = read(p->output, p->line.data + p->line.len, p->line.cap - p->line.len);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN)
                        return;
                if (n > 0)
                        p->line.len += (size_t)n;
                newline = p->line.len > 0 ? memchr(p->line.data, '\n', p->line.len) : NULL;
                if (newline)
                        conclude(p, str_of(p->line.data, (size_t)(newline - p->line.data)));
                else if (n <= 0)
                        conclude(p, buf_str(&p->line));
        }
}

static void on_output(uv_poll_t *poll, int status, int events)
{
        (void)status;
        (void)events;
        receive(poll->data);
}

/* --- its start --- */

static struct program *program_new(
        struct card_programs *all, const struct card_program_spec *spec, const struct card *card)
{
        const char *slash = memrchr(spec->argv[0].ptr, '/', spec->argv[0].len);
        const struct str name =
                slash ? str_skip(spec->argv[0], (size_t)(slash - spec->argv[0].ptr) + 1) : spec->argv[0];
        struct program *p = mem_calloc(1, sizeof(*p));

        if (!p)
                return NULL;
        p->all = all;
        p->kind = spec->kind;
        p->index = spec->index;
        p->output = -1;
        memcpy(p->card, card->id, sizeof(p->card));
        memcpy(p->digest, card->digest, sizeof(p->digest));
        buf_init(&p->approver, LIMIT_NAME_BYTES);
        buf_init(&p->line, LIMIT_ASK_ANSWER_BYTES);
        buf_init(&p->because, LIMIT_ANSWER_BECAUSE_BYTES);
        buf_append_str(&p->approver, STR("ask:"));
        printable_append(&p->approver, name, 200);
        all->memories++;
        if (!p->approver.failed)
                return p;
        program_free(p);
        return NULL;
}

/* It runs. */
static int watch(struct program *p)
{
        const bool asked = p->output >= 0;

        p->next = p->all->list;
        p->all->list = p;
        p->all->count++;
        uv_timer_init(p->all->loop, &p->timer);
        p->timer.data = p;
        p->handles = 1;
        if (!asked) {
                uv_timer_start(&p->timer, on_time, LIMIT_NOTIFY_MS, 0);
                return 0;
        }
        if (uv_poll_init(p->all->loop, &p->poll, p->output) < 0) {
                fd_closep(&p->output);
                return -EIO;
        }
        p->poll.data = p;
        p->handles = 2;
        uv_poll_start(&p->poll, UV_READABLE, on_output);
        return 0;
}

void card_programs_start(struct card_programs *all, const struct card_program_spec *spec, const struct card *card)
{
        struct program *p;
        int r;

        if (all->count >= LIMIT_CARD_PROGRAMS) {
                say_not_started(all, spec, card, "too many such programs run already");
                return;
        }
        p = program_new(all, spec, card);
        r = p ? card_program_launch(all->guarded, spec, card, &p->pid, &p->output) : -ENOMEM;
        if (r < 0) {
                if (p)
                        program_free(p);
                say_not_started(all, spec, card, strerror(-r));
                return;
        }
        r = watch(p);
        if (r < 0) {
                say_not_started(all, spec, card, strerror(-r));
                stop(p);
        }
}

/* --- what happens to them --- */

void card_programs_card_closed(struct card_programs *all, const char *id)
{
        if (!all)
                return;
        for (struct program *p = all->list; p; p = p->next) {
                /* One that has answered may finish what it does. */
                if (p->kind == CARD_PROGRAM_ASK && strcmp(p->card, id) == 0 && (!p->answered || p->approves || p->waiting))
                        stop(p);
        }
}

static void finish(struct program *p, const siginfo_t *info)
{
        const bool well = info->si_code == CLD_EXITED && info->si_status == 0;

        /* What it wrote before it ended. */
        if (!p->stopping)
                receive(p);
        /* Something that it has started may still hold the pipe: that is nobody who was asked. */
        if (!p->stopping && p->output >= 0)
                conclude(p, (struct str){ 0 });
        if (!p->stopping && p->kind == CARD_PROGRAM_NOTIFY && !well)
                say(p, "failed");
        if (!p->stopping && p->approves && !well)
                say(p, "approved and then failed, which does not count");
        else if (!p->stopping && p->approves)
                give_approval(p);
        if (!p->waiting)
                end(p);
}

static bool has_ended(const struct program *p, siginfo_t *info)
{
        info->si_pid = 0;
        return waitid(P_PID, (id_t)p->pid, info, WEXITED | WNOHANG | WNOWAIT) == 0 && info->si_pid != 0;
}

void card_programs_reap(struct card_programs *all)
{
        struct program *p = all ? all->list : NULL;

        while (p) {
                struct program *next = p->next;
                siginfo_t info;

                if (has_ended(p, &info))
                        finish(p, &info);
                p = next;
        }
}

void card_programs_resume(struct card_programs *all)
{
        if (!all)
                return;
        for (struct program *p = all->list; p; p = p->next) {
                if (p->waiting)
                        give_answer(p);
        }
        /* One that ended while its answer waited. */
        card_programs_reap(all);
}

int card_programs_new(struct card_programs **ret, uv_loop_t *loop, const struct child *guarded,
        const struct card_programs_owner *owner)
{
        struct card_programs *all = mem_calloc(1, sizeof(*all));

        if (!all)
                return -ENOMEM;
        if (getrandom(all->seed, sizeof(all->seed), 0) != (ssize_t)sizeof(all->seed)) {
                mem_free(all);
                return -EIO;
        }
        all->loop = loop;
        all->guarded = guarded;
        all->owner = *owner;
        all->memories = 1;
        *ret = all;
        return 0;
}

struct card_programs *card_programs_end(struct card_programs *all)
{
        if (!all)
                return NULL;
        while (all->list) {
                all->list->stopping = true;
                end(all->list);
        }
        forget(all);
        return NULL;
}
