/* SPDX-License-Identifier: Apache-2.0 */
#include "secret_input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "cleanup.h"
#include "limit.h"
#include "printable.h"
#include "secrets.h"
#include "tty.h"

/* What a terminal hands over as one line; of a longer one it keeps the beginning only. */
#define TERMINAL_LINE 4095U

int secret_text_new(struct secret_text *ret, size_t size)
{
        *ret = (struct secret_text){ .size = size };
        ret->data = sodium_init() < 0 ? NULL : sodium_malloc(size);
        return ret->data ? 0 : -ENOMEM;
}

void secret_text_free(struct secret_text *text)
{
        sodium_free(text->data);
        *text = (struct secret_text){ 0 };
}

static int fail(struct buf *why, int error, const char *what)
{
        buf_append_str(why, str_from(what));
        return error;
}

static int fail_errno(struct buf *why, int error, const char *what)
{
        buf_printf(why, "%s: %s", what, strerror(-error));
        return error;
}

/* --- the terminal --- */

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
#define ENDING (sizeof(ending) / sizeof(ending[0]))

static volatile sig_atomic_t came;

static void note(int number)
{
        came = number;
}

struct held {
        struct sigaction before[ENDING];
        sigset_t mask; /* as it was */
};

/* Until the terminal is as it was, signals are only noted, and only while we wait: one that comes a moment earlier is not missed. */
static void hold_signals(struct held *held)
{
        const struct sigaction noting = { .sa_handler = note };
        sigset_t blocked;

        came = 0;
        sigemptyset(&blocked);
        for (size_t i = 0; i < ENDING; i++)
                sigaddset(&blocked, ending[i]);
        sigprocmask(SIG_BLOCK, &blocked, &held->mask);
        for (size_t i = 0; i < ENDING; i++) {
                sigaction(ending[i], NULL, &held->before[i]);
                if (held->before[i].sa_handler != SIG_IGN)
                        sigaction(ending[i], &noting, NULL);
        }
}

static void give_signals_back(const struct held *held)
{
        for (size_t i = 0; i < ENDING; i++)
                sigaction(ending[i], &held->before[i], NULL);
        sigprocmask(SIG_SETMASK, &held->mask, NULL);
        if (came)
                raise(came);
}

/* 0 when something can be read, -EINTR when a signal came. */
static int wait_for_line(int fd, const struct held *held)
{
        struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

        while (ppoll(&poll_fd, 1, NULL, &held->mask) < 0) {
                if (errno != EINTR)
                        return -errno;
                if (came)
                        return -EINTR;
        }
        return 0;
}

static int read_line(int fd, const struct held *held, struct secret_text *text, struct buf *why)
{
        ssize_t n = wait_for_line(fd, held);
        char *end;

        text->len = 0;
        if (n < 0)
                return fail_errno(why, (int)n, "nothing was typed");
        do {
                n = read(fd, text->data, text->size);
        } while (n < 0 && errno == EINTR);
        if (n < 0)
                return fail_errno(why, -errno, "nothing was typed");
        end = memchr(text->data, '\n', (size_t)n);
        if (n == 0)
                return fail(why, -ECANCELED, "nothing was typed");
        if (!end || (size_t)n >= TERMINAL_LINE)
                return fail(why, -EMSGSIZE, "that is longer than a terminal can take; give it on stdin, from a file or a program");
        text->len = (size_t)(end - text->data);
        return 0;
}

int secret_prompt(struct secret_text *text, const char *question, struct buf *why)
{
        AUTO_CLOSE int fd = tty_open();
        struct termios was, quiet;
        struct held held;
        int r;

        if (fd < 0 || tcgetattr(fd, &was) < 0)
                return fail(why, -ENOTTY, "there is no terminal to ask at");
        quiet = was;
        quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
        quiet.c_lflag |= ICANON | ISIG;
        hold_signals(&held);
        /* What was typed before the question is not meant for it. */
        r = tcsetattr(fd, TCSAFLUSH, &quiet) < 0 ? -errno : tty_write(fd, str_from(question));
        if (r == 0)
                r = read_line(fd, &held, text, why);
        else
                fail_errno(why, r, "the terminal cannot be used");
        tcsetattr(fd, TCSAFLUSH, &was);
        tty_write(fd, STR("\n"));
        give_signals_back(&held);
        return r;
}

/* --- stdin and files --- */

static int read_all(int fd, struct secret_text *text, struct buf *why)
{
        char beyond;
        ssize_t n = 1;

        for (text->len = 0; n != 0;) {
                n = text->len < text->size ? read(fd, text->data + text->len, text->size - text->len) : read(fd, &beyond, 1);
                if (n < 0 && errno != EINTR)
                        return fail_errno(why, -errno, "cannot be read");
                if (n > 0 && text->len == text->size)
                        return fail(why, -EMSGSIZE, "is longer than anything that belongs here");
                if (n > 0)
                        text->len += (size_t)n;
                else if (n < 0)
                        n = 1;
        }
        return 0;
}

int secret_read_stdin(struct secret_text *text, struct buf *why)
{
        AUTO_BUF struct buf reason = BUF_INIT(1024);
        int r = read_all(STDIN_FILENO, text, &reason);

        if (r < 0)
                buf_printf(why, "stdin %.*s", STR_FMT(buf_str(&reason)));
        return r;
}

int secret_check_value(struct str value, struct buf *why)
{
        for (size_t i = 0; i < value.len; i++) {
                const unsigned char c = (unsigned char)value.ptr[i];

                if ((c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7F)
                        return fail(why, -EINVAL, "the value holds a control character; give the bare value");
        }
        if (value.len == 0)
                return fail(why, -EINVAL, "the value is empty");
        if (secret_bare(value).len < LIMIT_SECRET_MIN_BYTES) {
                buf_printf(why, "the value is shorter than %u bytes, not counting white space at its ends: it could not be hidden in what servers say",
                        LIMIT_SECRET_MIN_BYTES);
                return -EINVAL;
        }
        if (value.len > LIMIT_CREDENTIAL_BYTES) {
                buf_printf(why, "the value is longer than %u bytes, which no environment can hold", LIMIT_CREDENTIAL_BYTES);
                return -EMSGSIZE;
        }
        return 0;
}

int secret_read_value(struct secret_text *text, const char *question, struct buf *why)
{
        int r;

        if (isatty(STDIN_FILENO)) {
                r = secret_prompt(text, question, why);
        } else {
                r = secret_read_stdin(text, why);
                if (r == 0 && text->len > 0 && text->data[text->len - 1] == '\n')
                        text->len--;
        }
        return r < 0 ? r : secret_check_value(str_of(text->data, text->len), why);
}

static int open_private(const char *path, struct buf *why)
{
        AUTO_CLOSE int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        struct stat st;
        int owned;

        if (fd < 0 || fstat(fd, &st) < 0)
                return fail_errno(why, -errno, "cannot be opened");
        if (!S_ISREG(st.st_mode))
                return fail(why, -EINVAL, "is not a regular file");
        if ((st.st_uid != geteuid() && st.st_uid != 0) || (st.st_mode & (S_IRWXG | S_IRWXO)))
                return fail(why, -EPERM, "must be yours and open to nobody else; mend it with: chmod go= ");
        owned = fd;
        fd = -1;
        return owned;
}

int secret_read_file(struct secret_text *text, const char *path, struct buf *why)
{
        AUTO_BUF struct buf reason = BUF_INIT(1024);
        AUTO_CLOSE int fd = open_private(path, &reason);
        int r = fd < 0 ? fd : read_all(fd, text, &reason);
        char *end = r == 0 ? memchr(text->data, '\n', text->len) : NULL;

        if (end)
                text->len = (size_t)(end - text->data);
        if (r < 0) {
                buf_append_str(why, STR("the file "));
                printable_append(why, str_from(path), 1024);
                buf_printf(why, " %.*s", STR_FMT(buf_str(&reason)));
                if (r == -EPERM)
                        printable_append(why, str_from(path), 1024);
        }
        return r;
}

/* --- new passwords --- */

static int check_password(const struct secret_text *text, struct buf *why)
{
        if (text->len >= LIMIT_VAULT_PASSWORD_MIN_BYTES && text->len <= LIMIT_VAULT_PASSWORD_BYTES)
                return 0;
        buf_printf(why, "a password has %u to %u bytes; several words are easier to remember than signs", LIMIT_VAULT_PASSWORD_MIN_BYTES,
                LIMIT_VAULT_PASSWORD_BYTES);
        return -EINVAL;
}

int secret_new_password(struct secret_text *text, const char *path, const char *vault, struct buf *why)
{
        CLEANUP(secret_text_free) struct secret_text again = { 0 };
        AUTO_BUF struct buf question = BUF_INIT(2048);
        int r;

        if (path) {
                r = secret_read_file(text, path, why);
                return r < 0 ? r : check_password(text, why);
        }
        buf_append_str(&question, STR("New password for the vault "));
        printable_append(&question, str_from(vault), 1024);
        buf_append(&question, ": ", 3);
        if (question.failed || secret_text_new(&again, text->size) < 0)
                return fail(why, -ENOMEM, "there is not enough memory");
        r = secret_prompt(text, question.data, why);
        if (r == 0)
                r = check_password(text, why);
        if (r == 0)
                r = secret_prompt(&again, "The same again: ", why);
        if (r == 0 && (again.len != text->len || sodium_memcmp(again.data, text->data, text->len) != 0))
                return fail(why, -EINVAL, "the two are not the same; nothing was changed");
        return r;
}
