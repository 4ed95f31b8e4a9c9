/* SPDX-License-Identifier: Apache-2.0 */
#include "stderr_print.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* More than a path and what is wrong with it. */
#define PRINTED_BYTES 8192

static int patience = -1; /* as poll() has it */

void stderr_print_patience(int ms)
{
        patience = ms;
        signal(SIGPIPE, SIG_IGN);
}

void stderr_print_str(struct str text)
{
        struct pollfd reader = { .fd = STDERR_FILENO, .events = POLLOUT };

        while (text.len > 0) {
                /* As much as a pipe takes at once that is not full. */
                const size_t piece = text.len < PIPE_BUF ? text.len : PIPE_BUF;
                ssize_t n = poll(&reader, 1, patience);

                if (n == 0) {
                        patience = 0;
                        return;
                }
                if (n > 0)
                        n = write(STDERR_FILENO, text.ptr, piece);
                if (n < 0 && errno != EINTR && errno != EAGAIN)
                        return;
                if (n > 0)
                        text = str_skip(text, (size_t)n);
        }
}

void stderr_print(const char *format, ...)
{
        char text[PRINTED_BYTES];
        va_list args;
        int n;

        va_start(args, format);
        n = vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        if (n > 0)
                stderr_print_str(str_of(text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1));
}
