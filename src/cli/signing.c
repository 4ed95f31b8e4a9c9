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

static int say_failure(const char *not_done, const char *key, int r)
{
        if (r == -ENOENT)
                fprintf(stderr, "leastwise: %s: there is no ssh-keygen; install OpenSSH's client\n", not_done);
        else if (r == -EPERM)
                fprintf(stderr, "leastwise: %s: ssh-keygen did not sign by the key %s\n", not_done, key);
        else
                fprintf(stderr, "leastwise: %s: %s\n", not_done, strerror(-r));
        return EXIT_INTERNAL;
}

int signing_make(struct buf *signature, struct str text, const char *name_space, const char *key, const char *not_done)
{
        AUTO_FREE char *found_key = key ? NULL : sign_default_key();
        const char *by = key ? key : found_key;
        int r;

        if (!by) {
                fprintf(stderr, "leastwise: %s: neither ~/.ssh/id_ed25519_sk nor ~/.ssh/id_ed25519 is there; say --key FILE\n", not_done);
                return EXIT_INTERNAL;
        }
        r = sign_text(signature, text, name_space, by);
        return r < 0 ? say_failure(not_done, by, r) : 0;
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
