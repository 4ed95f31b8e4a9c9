/* SPDX-License-Identifier: Apache-2.0 */
#include "terminal.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The alternate screen, no cursor, pasted text marked; and back. */
#define ENTER "\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[2J"
#define LEAVE "\x1b[?2004l\x1b[?25h\x1b[?1049l"

static volatile sig_atomic_t resized, stopped, ended;

static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
#define ENDS (sizeof(ends) / sizeof(ends[0]))

static void on_signal(int number)
{
        if (number == SIGWINCH || number == SIGCONT)
                resized = 1;
        else if (number == SIGTSTP)
                stopped = 1;
        else if (ended != SIGTERM && ended != SIGHUP) /* what is typed afterwards does not take that back */
                ended = number;
}

static void handle(int number)
{
        struct sigaction action = { .sa_handler = on_signal };

        sigemptyset(&action.sa_mask);
        sigaction(number, &action, NULL);
}

static void block_signals(struct terminal *t)
{
        static const int others[] = { SIGWINCH, SIGCONT, SIGTSTP };
        sigset_t ours;

        sigemptyset(&ours);
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
                sigaddset(&ours, others[i]);
        for (size_t i = 0; i < ENDS; i++)
                sigaddset(&ours, ends[i]);
        sigprocmask(SIG_BLOCK, &ours, &t->waiting);
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
                sigdelset(&t->waiting, others[i]);
                handle(others[i]);
        }
        for (size_t i = 0; i < ENDS; i++) {
                struct sigaction found;

                sigdelset(&t->waiting, ends[i]);
                /* Whoever started us with a signal ignored (nohup) wants it ignored. */
                if (sigaction(ends[i], NULL, &found) == 0 && found.sa_handler != SIG_IGN)
                        handle(ends[i]);
        }
}

/* A terminal that takes nothing for so long, when it is to be given back, is as good as gone. */
#define LAST_WORDS_MS 500
/* What a terminal that says it is ready takes at once. */
#define CHUNK 256U

/* Does the terminal take something? Signals come through meanwhile, so that one which stands still can be left. 0;
 * -EAGAIN: ask again; -ETIMEDOUT; another -errno. */
static int wait_writable(const struct terminal *t, int timeout_ms)
{
        const struct timespec timeout = { timeout_ms / 1000, (long)(timeout_ms % 1000) * 1000000 };
        struct pollfd out = { .fd = t->out, .events = POLLOUT };
        int r;

        /* What is drawn for nobody is not worth a wait; the last words have their time. */
        if (ended && timeout_ms < 0)
                return -EINTR;
        r = ppoll(&out, 1, timeout_ms < 0 ? NULL : &timeout, &t->waiting);
        if (r < 0)
                return errno == EINTR && !ended ? -EAGAIN : -errno;
        return r == 0 ? -ETIMEDOUT : 0;
}

static int write_all(const struct terminal *t, struct str s, int timeout_ms)
{
        while (s.len > 0) {
                const int r = wait_writable(t, timeout_ms);
                ssize_t n;

                if (r == -EAGAIN)
                        continue;
                if (r < 0)
                        return r;
                n = write(t->out, s.ptr, s.len < CHUNK ? s.len : CHUNK);
                if (n >= 0)
                        s = str_skip(s, (size_t)n);
                else if (errno != EINTR && errno != EAGAIN)
                        return -errno;
        }
        return 0;
}

static int take_over(struct terminal *t)
{
        struct termios raw = t->before;

        /* Who leaves a screen that he has not entered moves the cursor into what others have written. */
        if (ended)
                return -EINTR;
        raw.c_iflag &= ~(tcflag_t)(IXON | ICRNL | INLCR | IGNCR | ISTRIP | BRKINT | PARMRK);
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL | IEXTEN);
        raw.c_oflag &= ~(tcflag_t)OPOST;
        raw.c_cc[VMIN] = 0;
        raw.c_cc[VTIME] = 0;
        if (tcsetattr(t->in, TCSAFLUSH, &raw) < 0)
                return -errno;
        t->raw = true;
        return write_all(t, STR(ENTER), -1);
}

/* Does not wait for what is written to be taken, which may be never. */
static void give_back(struct terminal *t)
{
        if (!t->raw)
                return;
        write_all(t, STR(LEAVE), LAST_WORDS_MS);
        tcflush(t->in, TCIFLUSH);
        tcsetattr(t->in, TCSANOW, &t->before);
        t->raw = false;
}

int terminal_open(struct terminal *t, int in, int out)
{
        *t = (struct terminal){ .in = in, .out = out };
        if (!isatty(in) || !isatty(out))
                return -ENOTTY;
        if (tcgetattr(in, &t->before) < 0)
                return -errno;
        block_signals(t);
        return take_over(t);
}

void terminal_close(struct terminal *t)
{
        give_back(t);
}

unsigned terminal_wait(struct terminal *t, struct pollfd *fds, nfds_t count, int timeout_ms)
{
        const struct timespec timeout = { timeout_ms / 1000, (long)(timeout_ms % 1000) * 1000000 };
        unsigned events = TERMINAL_NOTHING;

        for (nfds_t i = 0; i < count; i++)
                fds[i].revents = 0;
        if (ppoll(fds, count, timeout_ms < 0 ? NULL : &timeout, &t->waiting) < 0)
                for (nfds_t i = 0; i < count; i++)
                        fds[i].revents = 0;
        if (resized)
                events |= TERMINAL_RESIZED;
        if (stopped)
                events |= TERMINAL_STOP;
        if (ended)
                events |= TERMINAL_END;
        resized = stopped = 0;
        return events;
}

int terminal_end_signal(void)
{
        return ended;
}

/* What the signal does to who does not handle it, now. */
static void do_default(int number)
{
        struct sigaction action = { .sa_handler = SIG_DFL };
        sigset_t one;

        sigemptyset(&action.sa_mask);
        sigaction(number, &action, NULL);
        sigemptyset(&one);
        sigaddset(&one, number);
        raise(number);
        /* It is delivered here. */
        sigprocmask(SIG_UNBLOCK, &one, NULL);
        sigprocmask(SIG_BLOCK, &one, NULL);
}

void terminal_end_by(int number)
{
        do_default(number);
}

int terminal_suspend(struct terminal *t)
{
        give_back(t);
        do_default(SIGTSTP);
        handle(SIGTSTP);
        return take_over(t);
}

void terminal_lend(struct terminal *t)
{
        struct sigaction action = { .sa_handler = SIG_DFL };

        give_back(t);
        sigemptyset(&action.sa_mask);
        sigaction(SIGTSTP, &action, NULL);
        /* The others only set a flag in us, and do in the other program what they do there. */
        sigprocmask(SIG_SETMASK, &t->waiting, NULL);
}

int terminal_take_back(struct terminal *t)
{
        block_signals(t);
        if (ended == SIGINT || ended == SIGQUIT)
                ended = 0;
        return take_over(t);
}

void terminal_size(const struct terminal *t, unsigned *ret_width, unsigned *ret_height)
{
        struct winsize size = { 0 };

        if (ioctl(t->out, TIOCGWINSZ, &size) < 0 || size.ws_col == 0 || size.ws_row == 0)
                size = (struct winsize){ .ws_col = 80, .ws_row = 24 };
        *ret_width = size.ws_col;
        *ret_height = size.ws_row;
}

void terminal_discard_input(const struct terminal *t)
{
        tcflush(t->in, TCIFLUSH);
}

int terminal_show(const struct terminal *t, struct str screen)
{
        struct buf frame = BUF_INIT(8U << 20);
        int r;

        buf_append_str(&frame, STR("\x1b[H"));
        while (screen.len > 0) {
                const char *end = memmem(screen.ptr, screen.len, "\r\n", 2);
                const size_t length = end ? (size_t)(end - screen.ptr) : screen.len;

                /* Cleared before it is written: behind a full line the cursor stands on its last column. */
                buf_append_str(&frame, STR("\x1b[2K"));
                buf_append(&frame, screen.ptr, length);
                if (end)
                        buf_append_str(&frame, STR("\r\n"));
                screen = str_skip(screen, length + (end ? 2 : 0));
        }
        r = frame.failed ? -ENOMEM : write_all(t, buf_str(&frame), -1);
        buf_deinit(&frame);
        return r;
}
