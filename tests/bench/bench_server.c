/* SPDX-License-Identifier: Apache-2.0
 *
 * The server at the end of every measured chain: as little work a message as a server can do, so that what lies
 * between is seen. It answers as a TypeScript server writes ("result" before "jsonrpc" before "id") and reads what
 * a TypeScript client writes: it looks for members where that client puts them and is no JSON reader.
 *
 *   bench_server [--tools N] [--hidden M]
 *
 * lists N tools; M of them have names that bench.yaml refuses. Tools: `blob` answers as many bytes of base64 as its
 * argument "bytes" says, `take` a few bytes whatever it was given, any other about 300 bytes.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "buf.h"
#include "messages.h"
#include "numbers.h"
#include "protocol.h"

#define READ_BYTES ((size_t)1 << 18)
#define MESSAGE_MAX ((size_t)32 << 20)

struct server {
        struct buf in;
        struct buf out;  /* small answers: those to all requests of one read leave in one write */
        struct buf list; /* large results, made once */
        struct buf blob;
        uint64_t blob_bytes;
};

static int write_all(struct iovec *parts, int count)
{
        for (int i = 0; i < count;) {
                ssize_t n = writev(STDOUT_FILENO, parts + i, count - i);

                if (n < 0 && errno != EINTR)
                        return -errno;
                for (; n > 0 && (size_t)n >= parts[i].iov_len; i++)
                        n -= (ssize_t)parts[i].iov_len;
                if (n > 0) {
                        parts[i].iov_base = (char *)parts[i].iov_base + n;
                        parts[i].iov_len -= (size_t)n;
                }
        }
        return 0;
}

/* What is due, with @large before its last @tail bytes: a large result is sent from where it lies. */
static int send_due(struct server *s, const struct buf *large, size_t tail)
{
        size_t head = s->out.len - tail;
        struct iovec parts[3];
        int count = 0;

        if (s->out.failed)
                return -ENOMEM;
        if (head > 0)
                parts[count++] = (struct iovec){ s->out.data, head };
        if (large)
                parts[count++] = (struct iovec){ large->data, large->len };
        if (tail > 0)
                parts[count++] = (struct iovec){ s->out.data + head, tail };
        buf_clear(&s->out, MESSAGE_MAX);
        return write_all(parts, count);
}

static int answer_large(struct server *s, const struct buf *result, struct str id)
{
        size_t before = s->out.len;

        message_add_end(&s->out, id);
        return send_due(s, result, s->out.len - before);
}

static int answer_blob(struct server *s, struct str line, struct str id)
{
        uint64_t bytes = 0;

        (void)protocol_integer_after(line, STR("\"bytes\":"), &bytes);
        if (bytes != s->blob_bytes || s->blob.len == 0) {
                buf_clear(&s->blob, MESSAGE_MAX);
                message_add_blob_result(&s->blob, bytes);
                s->blob_bytes = bytes;
        }
        return s->blob.failed ? -ENOMEM : answer_large(s, &s->blob, id);
}

static int answer(struct server *s, struct str line)
{
        struct str id;

        if (!protocol_id(line, &id))
                return 0;
        if (protocol_is_call_of(line, STR("blob")))
                return answer_blob(s, line, id);
        if (protocol_is_method(line, STR("tools/list")))
                return answer_large(s, &s->list, id);
        if (protocol_is_call_of(line, STR("take")))
                message_add_taken_result(&s->out);
        else if (protocol_is_method(line, STR("tools/call")))
                message_add_call_result(&s->out);
        else if (protocol_is_method(line, STR("initialize")))
                message_add_initialize_result(&s->out);
        else
                message_add_unknown_method(&s->out);
        message_add_end(&s->out, id);
        return 0;
}

/* Answers every whole line among the bytes from @scanned on; what is behind the last one stays. */
static int answer_lines(struct server *s, size_t scanned)
{
        size_t start = 0;
        char *end;
        int r = 0;

        while (r == 0 && (end = memchr(s->in.data + scanned, '\n', s->in.len - scanned))) {
                size_t stop = (size_t)(end - s->in.data);

                r = answer(s, str_of(s->in.data + start, stop - start));
                start = scanned = stop + 1;
        }
        buf_consume(&s->in, start);
        return r < 0 ? r : send_due(s, NULL, 0);
}

static int serve(struct server *s)
{
        for (;;) {
                size_t scanned = s->in.len;
                ssize_t n;
                int r;

                r = buf_reserve(&s->in, READ_BYTES);
                if (r < 0)
                        return r;
                n = read(STDIN_FILENO, s->in.data + s->in.len, s->in.cap - s->in.len);
                if (n == 0)
                        return 0;
                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n > 0)
                        s->in.len += (size_t)n;
                r = answer_lines(s, scanned);
                if (r < 0)
                        return r;
        }
}

int main(int argc, char **argv)
{
        static const struct option options[] = {
                { "tools", required_argument, NULL, 't' },
                { "hidden", required_argument, NULL, 'h' },
                { NULL, 0, NULL, 0 },
        };
        struct server s = {
                .in = BUF_INIT(MESSAGE_MAX),
                .out = BUF_INIT(MESSAGE_MAX),
                .list = BUF_INIT(MESSAGE_MAX),
                .blob = BUF_INIT(MESSAGE_MAX),
        };
        unsigned tools = 0, hidden = 0;
        int c, r;

        while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
                if (c == '?' || !number_parse(optarg, 100000, c == 't' ? &tools : &hidden))
                        return EXIT_FAILURE;
        }
        message_add_list_result(&s.list, tools, hidden);
        r = s.list.failed ? -ENOMEM : serve(&s);
        if (r < 0)
                fprintf(stderr, "bench_server: %s\n", strerror(-r));
        buf_deinit(&s.in);
        buf_deinit(&s.out);
        buf_deinit(&s.list);
        buf_deinit(&s.blob);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
