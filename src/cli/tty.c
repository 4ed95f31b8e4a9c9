/* SPDX-License-Identifier: Apache-2.0 */
#include "tty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define WIDTH_DEFAULT 80U

unsigned tty_width(int fd)
{
        struct winsize size;

        return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : WIDTH_DEFAULT;
}

bool tty_letters(void)
{
        /* In the order in which the C library looks. */
        static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                const char *value = getenv(names[i]), *set;

                if (!value || !*value)
                        continue;
                set = strrchr(value, '.');
                return set && (strncasecmp(set, ".UTF-8", 6) == 0 || strncasecmp(set, ".UTF8", 5) == 0);
        }
        return false;
}

int tty_open(void)
{
        const int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

int tty_write(int fd, struct str text)
{
        while (text.len > 0) {
                const ssize_t n = write(fd, text.ptr, text.len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                text = str_skip(text, (size_t)n);
        }
        return 0;
}

char tty_ask(int fd, struct str question)
{
        char line[256];
        ssize_t n;

        /* Once all that was to be read has left, and just before the question: what is typed from here on is meant for
         * it. */
        if (tcdrain(fd) < 0 || tcflush(fd, TCIFLUSH) < 0 || tty_write(fd, question) < 0)
                return 0;
        do {
                n = read(fd, line, sizeof(line));
        } while (n < 0 && errno == EINTR);
        return n == 2 && line[1] == '\n' ? line[0] : 0;
}
