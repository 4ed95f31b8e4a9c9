/* SPDX-License-Identifier: Apache-2.0
 *
 * The server at the end of every measured chain: as little work a message as a server can do, so that what lies
 * between is seen. It answers as a TypeScript server writes ("result" before "jsonrpc" before "id") and reads what
 * a TypeScript client writes: it looks for members where that client puts them and is no JSON reader.
 *
 *   bench_server [--tools N] [--hidden M]
 *
 * lists N tools; M of them, spread evenly, have names that bench.yaml refuses. Tools: `echo` answers about 300
 * bytes, `blob` as many bytes of base64 as its argument "bytes" says, `take` a few bytes whatever it was given.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "numbers.h"
#include "protocol.h"

#define READ_BYTES ((size_t)1 << 18)
#define MESSAGE_MAX ((size_t)32 << 20)

struct server {
        struct buf in;
        struct buf out;  /* answers to all requests of one read leave in one write */
        struct buf list; /* the "tools" array, made once */
        struct buf blob; /* base64 text, as long as the longest asked for so far */
};

static int write_all(const char *ptr, size_t len)
{
        while (len > 0) {
                ssize_t n = write(STDOUT_FILENO, ptr, len);

                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n > 0) {
                        ptr += n;
                        len -= (size_t)n;
                }
        }
        return 0;
}

static int make_list(struct buf *list, unsigned tools, unsigned hidden)
{
        unsigned written = 0;

        for (unsigned i = 0; i < tools; i++) {
                /* Bresenham's way of spreading them: neither all at the front nor in one block. */
                bool hide = (uint64_t)(i + 1) * hidden / tools > written;

                written += hide;
                (void)buf_printf(list,
                        "%s{\"name\":\"%s_%04u\",\"title\":\"Entry %u of the handbook\","
                        "\"description\":\"Works on entry %u of the handbook: takes a path below its root and a range "
                        "of lines, and answers with the text as it stands there. Lines are counted from one; a range that passes "
                        "the end is cut. Use the search first when you do not know the path.\","
                        "\"inputSchema\":{\"type\":\"object\",\"properties\":{\"path\":{"
                        "\"type\":\"string\",\"description\":\"Path below the root\"},\"from\":{\"type\":\"integer\","
                        "\"minimum\":1},\"to\":{\"type\":\"integer\",\"minimum\":1}},\"required\":[\"path\"],"
                        "\"additionalProperties\":false,\"$schema\":\"http://json-schema.org/draft-07/schema#\"},"
                        "\"annotations\":{\"readOnlyHint\":%s}}",
                        i ? "," : "", hide ? "write" : "read", i, i, i, hide ? "false" : "true");
        }
        return list->failed ? -ENOMEM : 0;
}

static int grow_blob(struct buf *blob, size_t bytes)
{
        static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        uint32_t x = 2463534242U;
        int r = buf_reserve(blob, bytes > blob->len ? bytes - blob->len : 0);

        while (r == 0 && blob->len < bytes) {
                x ^= x << 13;
                x ^= x >> 17;
                x ^= x << 5;
                blob->data[blob->len++] = alphabet[x & 63];
        }
        return r;
}

/* Everything of an answer behind its result. */
static void end_answer(struct buf *out, struct str id)
{
        (void)buf_append_str(out, STR(",\"jsonrpc\":\"2.0\",\"id\":"));
        (void)buf_append_str(out, id);
        (void)buf_append_str(out, STR("}\n"));
}

static void answer_blob(struct server *s, struct str line)
{
        uint64_t bytes = 0;

        if (!protocol_integer_after(line, STR("\"bytes\":"), &bytes) || grow_blob(&s->blob, bytes) < 0)
                bytes = 0;
        (void)buf_append_str(&s->out, STR("{\"result\":{\"content\":[{\"type\":\"image\",\"data\":\""));
        (void)buf_append(&s->out, s->blob.data, bytes);
        (void)buf_append_str(&s->out, STR("\",\"mimeType\":\"image/png\"}]}"));
}

static void answer_call(struct server *s, struct str line)
{
        if (protocol_is_call_of(line, STR("blob")))
                answer_blob(s, line);
        else if (protocol_is_call_of(line, STR("take")))
                (void)buf_append_str(&s->out,
                        STR("{\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"taken\"}]}"));
        else
                (void)buf_append_str(&s->out,
                        STR("{\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"120: A change is reviewed by one "
                            "person who did not write it.\\n121: The reviewer runs the tests.\\n122: What the tests do "
                            "not show is said in the description of the change, \\\"by hand\\\" or not at all.\"}],"
                            "\"isError\":false}"));
}

static void answer(struct server *s, struct str line)
{
        struct str id;

        if (!protocol_id(line, &id))
                return;
        if (protocol_is_method(line, STR("tools/call"))) {
                answer_call(s, line);
        } else if (protocol_is_method(line, STR("tools/list"))) {
                (void)buf_append_str(&s->out, STR("{\"result\":{\"tools\":["));
                (void)buf_append_str(&s->out, buf_str(&s->list));
                (void)buf_append_str(&s->out, STR("]}"));
        } else if (protocol_is_method(line, STR("initialize"))) {
                (void)buf_append_str(&s->out,
                        STR("{\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
                            "\"serverInfo\":{\"name\":\"bench\",\"version\":\"1.0.0\"}}"));
        } else {
                (void)buf_append_str(&s->out, STR("{\"error\":{\"code\":-32601,\"message\":\"Method not found\"}"));
        }
        end_answer(&s->out, id);
}

/* Answers every whole line among the bytes from @scanned on; what is behind the last one stays. */
static int answer_lines(struct server *s, size_t scanned)
{
        size_t start = 0;
        char *end;

        while ((end = memchr(s->in.data + scanned, '\n', s->in.len - scanned))) {
                size_t stop = (size_t)(end - s->in.data);

                answer(s, str_of(s->in.data + start, stop - start));
                start = scanned = stop + 1;
        }
        buf_consume(&s->in, start);
        if (s->out.failed)
                return -ENOMEM;
        return write_all(s->out.data, s->out.len);
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
                buf_clear(&s->out, MESSAGE_MAX);
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
        r = make_list(&s.list, tools, hidden);
        if (r == 0)
                r = serve(&s);
        if (r < 0)
                fprintf(stderr, "bench_server: %s\n", strerror(-r));
        buf_deinit(&s.in);
        buf_deinit(&s.out);
        buf_deinit(&s.list);
        buf_deinit(&s.blob);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
