/* SPDX-License-Identifier: Apache-2.0
 *
 * The floor: what any proxy written with libuv costs that passes bytes and looks at none. It starts its command with
 * uv_spawn() over real pipes, reads into one buffer of 64 KiB a direction, writes at once with uv_try_write(), and
 * where the receiver is full queues what is left and reads no further until that has gone.
 *
 *   bench_relay COMMAND [ARG...]
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#define RELAY_BYTES 65536

struct direction {
        uv_pipe_t from;
        uv_pipe_t to;
        uv_write_t rest;
        char bytes[RELAY_BYTES];
};

struct relay {
        struct direction up;   /* client to server */
        struct direction down; /* server to client */
        uv_process_t process;
        int64_t status;
};

static void close_once(uv_handle_t *handle)
{
        if (!uv_is_closing(handle))
                uv_close(handle, NULL);
}

static void close_direction(struct direction *d)
{
        close_once((uv_handle_t *)&d->from);
        close_once((uv_handle_t *)&d->to);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
        struct direction *d = handle->data;

        *ret = uv_buf_init(d->bytes, sizeof(d->bytes));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);

static void on_written(uv_write_t *request, int status)
{
        struct direction *d = request->data;

        if (status < 0 || uv_read_start((uv_stream_t *)&d->from, on_alloc, on_read) < 0)
                close_direction(d);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
        struct direction *d = stream->data;
        uv_buf_t rest;
        int sent;

        if (n == 0)
                return;
        if (n < 0) {
                close_direction(d);
                return;
        }
        rest = uv_buf_init(buf->base, (unsigned)n);
        sent = uv_try_write((uv_stream_t *)&d->to, &rest, 1);
        if (sent == (int)n)
                return;
        if (sent < 0 && sent != UV_EAGAIN) {
                close_direction(d);
                return;
        }
        if (sent > 0) {
                rest.base += sent;
                rest.len -= (size_t)sent;
        }
        uv_read_stop(stream);
        d->rest.data = d;
        if (uv_write(&d->rest, (uv_stream_t *)&d->to, &rest, 1, on_written) < 0)
                close_direction(d);
}

static void on_exit_of_server(uv_process_t *process, int64_t status, int term_signal)
{
        struct relay *r = process->data;

        r->status = term_signal ? 128 + term_signal : status;
        close_direction(&r->up);
        close_once((uv_handle_t *)process);
}

static int open_direction(uv_loop_t *loop, struct direction *d, int from, int to)
{
        int r = uv_pipe_init(loop, &d->from, 0);

        if (r == 0)
                r = uv_pipe_init(loop, &d->to, 0);
        if (r == 0)
                r = uv_pipe_open(&d->from, from);
        if (r == 0)
                r = uv_pipe_open(&d->to, to);
        d->from.data = d;
        return r;
}

static int start(uv_loop_t *loop, struct relay *r, char **command)
{
        int up[2], down[2], error;
        uv_stdio_container_t stdio[3];
        uv_process_options_t options = { .file = command[0], .args = command, .exit_cb = on_exit_of_server };

        if (pipe2(up, O_CLOEXEC) < 0)
                return uv_translate_sys_error(errno);
        if (pipe2(down, O_CLOEXEC) < 0)
                return uv_translate_sys_error(errno);
        stdio[0] = (uv_stdio_container_t){ .flags = UV_INHERIT_FD, .data.fd = up[0] };
        stdio[1] = (uv_stdio_container_t){ .flags = UV_INHERIT_FD, .data.fd = down[1] };
        stdio[2] = (uv_stdio_container_t){ .flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO };
        options.stdio = stdio;
        options.stdio_count = 3;
        r->process.data = r;
        error = uv_spawn(loop, &r->process, &options);
        close(up[0]);
        close(down[1]);
        if (error == 0)
                error = open_direction(loop, &r->up, STDIN_FILENO, up[1]);
        if (error == 0)
                error = open_direction(loop, &r->down, down[0], STDOUT_FILENO);
        if (error == 0)
                error = uv_read_start((uv_stream_t *)&r->up.from, on_alloc, on_read);
        if (error == 0)
                error = uv_read_start((uv_stream_t *)&r->down.from, on_alloc, on_read);
        return error;
}

int main(int argc, char **argv)
{
        static struct relay relay;
        uv_loop_t *loop = uv_default_loop();
        int r;

        if (argc < 2 || !loop) {
                fputs("usage: bench_relay COMMAND [ARG...]\n", stderr);
                return 125;
        }
        signal(SIGPIPE, SIG_IGN);
        r = start(loop, &relay, argv + 1);
        if (r < 0) {
                fprintf(stderr, "bench_relay: %s: %s\n", argv[1], uv_strerror(r));
                return 125;
        }
        uv_run(loop, UV_RUN_DEFAULT);
        return (int)relay.status;
}
