/* SPDX-License-Identifier: Apache-2.0 */
#include "signing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "sign_text.h"
#include "verb.h"

#define WHY_BYTES 8192U

static void say_why(struct buf *why, const char *key, int r)
{
        if (r == -ENOENT)
                buf_append_str(why, STR("there is no ssh-keygen; install OpenSSH's client"));
        else if (r == -EPERM)
                buf_printf(why, "ssh-keygen did not sign by the key %s", key);
        else
                buf_append_str(why, str_from(strerror(-r)));
}

int signing_try(struct buf *signature, struct str text, const char *name_space, const char *key, struct buf *why)
{
        AUTO_FREE char *found_key = key ? NULL : sign_default_key();
        const char *by = key ? key : found_key;
        int r;

        if (!by) {
                buf_append_str(why, STR("neither ~/.ssh/id_ed25519_sk nor ~/.ssh/id_ed25519 is there; say --key FILE"));
                return -ENOENT;
        }
        r = sign_text(signature, text, name_space, by);
        if (r < 0)
                say_why(why, by, r);
        return r;
}

int signing_make(struct buf *signature, struct str text, const char *name_space, const char *key, const char *not_done)
{
        AUTO_BUF struct buf why = BUF_INIT(WHY_BYTES);

        if (signing_try(signature, text, name_space, key, &why) == 0)
                return 0;
        fprintf(stderr, "leastwise: %s: %.*s\n", not_done, STR_FMT(buf_str(&why)));
        return EXIT_INTERNAL;
}

int signing_read(struct buf *signature, const char *path)
{
        const bool is_stdin = strcmp(path, "-") == 0;
        AUTO_CLOSE int own = is_stdin ? -1 : open(path, O_RDONLY | O_CLOEXEC);
        const int fd = is_stdin ? STDIN_FILENO : own;
        ssize_t n = fd < 0 ? -1 : 1;

        while (n > 0) {
                char bytes[1024];

                n = read(fd, bytes, sizeof(bytes));
                if (n > 0 && buf_append(signature, bytes, (size_t)n) < 0) {
                        fprintf(stderr, "leastwise: %s is longer than any signature of ssh-keygen\n", path);
                        return EXIT_USAGE;
                }
        }
        if (n == 0 && signature->len > 0)
                return 0;
        fprintf(stderr, "leastwise: no signature in %s: %s\n", path, n < 0 ? strerror(errno) : "it is empty");
        return EXIT_USAGE;
}
