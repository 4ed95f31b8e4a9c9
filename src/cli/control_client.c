/* SPDX-License-Identifier: Apache-2.0 */
#include "control_client.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "cleanup.h"
#include "clock.h"
#include "limit.h"
#include "paths.h"
#include "printable.h"
#include "writer.h"

#define SESSIONS_MAX 4096U

/* --- finding --- */

static int add(struct control_sessions *s, int dir, const char *name)
{
        struct control_session *more;

        if (s->count == SESSIONS_MAX)
                return 0;
        more = mem_resize(s->list, (s->count + 1) * sizeof(*more));
        if (!more)
                return -ENOMEM;
        s->list = more;
        more[s->count].dir = dir;
        memcpy(more[s->count++].name, name, CONTROL_NAME_BYTES);
        return 0;
}

static int list_place(struct control_sessions *s, int dir)
{
        const int own = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *list = own < 0 ? NULL : fdopendir(own);
        struct dirent *entry;
        int r = 0;

        if (!list) {
                if (own >= 0)
                        close(own);
                return 0;
        }
        while (r == 0 && (entry = readdir(list))) {
                if (control_place_is_name(entry->d_name))
                        r = add(s, dir, entry->d_name);
        }
        closedir(list);
        return r;
}

static int by_name(const void *a, const void *b)
{
        return strcmp(((const struct control_session *)a)->name, ((const struct control_session *)b)->name);
}

int control_sessions_find(struct control_sessions *ret)
{
        AUTO_FREE char *state_dir = paths_state_dir();
        int r = 0;

        *ret = (struct control_sessions){ .dirs = { -1, -1, -1 } };
        for (size_t i = 0; i < CONTROL_PLACES && r == 0; i++) {
                AUTO_FREE char *path = control_place_path(i, state_dir);

                /* $XDG_RUNTIME_DIR mostly is /run/user/UID. */
                if (path && i == 1) {
                        AUTO_FREE char *first = control_place_path(0, state_dir);

                        if (first && strcmp(first, path) == 0)
                                continue;
                }
                if (path)
                        ret->dirs[i] = control_place_open(path, false);
                if (!path || ret->dirs[i] < 0)
                        continue;
                control_place_sweep(ret->dirs[i]);
                r = list_place(ret, ret->dirs[i]);
        }
        if (r < 0)
                control_sessions_deinit(ret);
        else if (ret->count > 1)
                qsort(ret->list, ret->count, sizeof(*ret->list), by_name);
        return r;
}

void control_sessions_deinit(struct control_sessions *s)
{
        for (size_t i = 0; i < CONTROL_PLACES; i++) {
                if (s->dirs[i] >= 0)
                        close(s->dirs[i]);
                s->dirs[i] = -1;
        }
        mem_free(s->list);
        s->list = NULL;
        s->count = 0;
}

/* --- talking --- */

static bool is_of_our_user(int fd)
{
        struct ucred credentials;
        socklen_t size = sizeof(credentials);

        return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 && credentials.uid == geteuid();
}

int control_client_open(struct control_client *ret, const struct control_session *session)
{
        const struct timeval patience = { .tv_sec = CONTROL_CLIENT_SECONDS };
        uint64_t seed[2];
        int fd = control_place_connect(session->dir, session->name);

        *ret = (struct control_client){
                .fd = -1, .in = BUF_INIT(LIMIT_CONTROL_OUT_BYTES + 1U), .message = BUF_INIT(4096)
        };
        if (fd < 0)
                return fd;
        ret->fd = fd;
        if (!is_of_our_user(fd))
                return -EPERM;
        if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
                return -errno;
        if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
                return -EIO;
        json_doc_init(&ret->doc, seed);
        return 0;
}

void control_client_close(struct control_client *c)
{
        fd_closep(&c->fd);
        buf_deinit(&c->in);
        buf_deinit(&c->message);
        json_doc_deinit(&c->doc);
}

static int send_all(int fd, struct str bytes)
{
        while (bytes.len > 0) {
                const ssize_t n = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return errno == EAGAIN ? -ETIMEDOUT : -errno;
                bytes = str_skip(bytes, (size_t)n);
        }
        return 0;
}

static int send_request(struct control_client *c, struct str method, struct str params)
{
        AUTO_BUF struct buf line = BUF_INIT(CONTROL_CLIENT_REQUEST_BYTES);
        struct json_writer w;

        json_writer_init(&w, &line);
        json_begin_object(&w);
        json_name(&w, STR("jsonrpc"));
        json_string(&w, STR("2.0"));
        json_name(&w, STR("id"));
        json_integer(&w, 1);
        json_name(&w, STR("method"));
        json_string(&w, method);
        json_name(&w, STR("params"));
        json_raw(&w, params);
        json_end_object(&w);
        buf_append_char(&line, '\n');
        return line.failed ? -ENOMEM : send_all(c->fd, buf_str(&line));
}

/* A line, without its newline; the one before is forgotten. All of it comes within the time that one part may take: a
 * few bytes now and then are no answer. */
static int receive_line(struct control_client *c, struct str *ret)
{
        const uint64_t deadline_ms = clock_mono_ms() + CONTROL_CLIENT_SECONDS * 1000U;
        size_t looked = 0;

        buf_consume(&c->in, c->used);
        c->used = 0;
        for (;;) {
                const char *end = c->in.len > looked ? memchr(c->in.data + looked, '\n', c->in.len - looked) : NULL;
                ssize_t n;

                if (end) {
                        *ret = str_of(c->in.data, (size_t)(end - c->in.data));
                        c->used = ret->len + 1;
                        return 0;
                }
                looked = c->in.len;
                if (buf_reserve(&c->in, 1) < 0)
                        return -EPROTO;
                n = recv(c->fd, c->in.data + c->in.len, c->in.cap - c->in.len, 0);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n == 0 ? -ECONNRESET : errno == EAGAIN ? -ETIMEDOUT : -errno;
                if (clock_mono_ms() > deadline_ms)
                        return -ETIMEDOUT;
                c->in.len += (size_t)n;
        }
}

static int take_error(struct control_client *c, uint32_t error)
{
        AUTO_BUF struct buf scratch = BUF_INIT(LIMIT_CONTROL_LINE_BYTES);
        const uint32_t message =
                json_type_of(&c->doc, error) == JSON_OBJECT ? json_member(&c->doc, error, STR("message")) : 0;
        struct str text;

        if (!message || json_string_get(&c->doc, message, &scratch, &text) < 0)
                return -EPROTO;
        buf_clear(&c->message, 4096);
        return printable_append(&c->message, text, 1000) < 0 ? -ENOMEM : CONTROL_CLIENT_REFUSED;
}

int control_client_call(struct control_client *c, struct str method, struct str params, uint32_t *ret_result)
{
        struct str line;
        uint32_t result, error;
        const int sent = send_request(c, method, params);
        int r = sent;

        /* Who turns us away says why before he has read anything. */
        if (sent == 0 || sent == -EPIPE || sent == -ECONNRESET)
                r = receive_line(c, &line);
        if (r < 0)
                return sent < 0 ? sent : r;
        if (json_read(&c->doc, line) != JSON_OK || json_type_of(&c->doc, 0) != JSON_OBJECT)
                return -EPROTO;
        error = json_member(&c->doc, 0, STR("error"));
        if (error)
                return take_error(c, error);
        result = json_member(&c->doc, 0, STR("result"));
        if (!result)
                return -EPROTO;
        *ret_result = result;
        return 0;
}
