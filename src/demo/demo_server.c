/* SPDX-License-Identifier: Apache-2.0
 *
 * The loop: lines from standard input, answers to standard output, one word about itself to standard error. A line
 * that is no message is said so and skipped; a line past the limit is skipped to its end; a last line without its
 * newline is not a message.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "demo.h"
#include "limit.h"
#include "write_all.h"

#define READ_BYTES 65536U

static int answer_line(struct demo *demo, struct json_doc *doc, struct str line, struct buf *out)
{
        AUTO_BUF struct buf reason = BUF_INIT(256);
        int r;

        buf_clear(out, READ_BYTES);
        r = demo_answer(demo, doc, line, out, &reason);
        if (r == -EPROTO) {
                fprintf(stderr, DEMO_NAME ": skipped a line: %.*s\n", STR_FMT(buf_str(&reason)));
                return 0;
        }
        return r < 0 ? r : write_all(STDOUT_FILENO, buf_str(out));
}

/* Says so once for each line that is too long. */
static void skip_long(bool *skipping)
{
        if (!*skipping)
                fprintf(stderr, DEMO_NAME ": skipped a line: longer than %u bytes\n", LIMIT_LINE_BYTES);
        *skipping = true;
}

/* Answers every whole line of @in and keeps the rest. @skipping: within a line that was too long. */
static int answer_lines(struct demo *demo, struct json_doc *doc, struct buf *in, struct buf *out, bool *skipping)
{
        struct str rest = buf_str(in);
        const char *newline;
        int r = 0;

        while (r == 0 && rest.len > 0 && (newline = memchr(rest.ptr, '\n', rest.len))) {
                struct str line = { rest.ptr, (size_t)(newline - rest.ptr) };

                rest = str_skip(rest, line.len + 1);
                if (line.len > LIMIT_LINE_BYTES)
                        skip_long(skipping);
                if (!*skipping)
                        r = answer_line(demo, doc, line, out);
                *skipping = false;
        }
        buf_consume(in, in->len - rest.len);
        if (in->len > LIMIT_LINE_BYTES)
                skip_long(skipping);
        if (*skipping)
                buf_clear(in, READ_BYTES);
        return r;
}

static int serve(struct demo *demo, struct json_doc *doc)
{
        AUTO_BUF struct buf in = BUF_INIT(LIMIT_LINE_BYTES + READ_BYTES);
        AUTO_BUF struct buf out = BUF_INIT(LIMIT_LINE_BYTES);
        bool skipping = false;
        int r = 0;

        while (r == 0) {
                ssize_t n;

                r = buf_reserve(&in, READ_BYTES);
                if (r < 0)
                        break;
                n = read(STDIN_FILENO, in.data + in.len, READ_BYTES);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : 0;
                in.len += (size_t)n;
                r = answer_lines(demo, doc, &in, &out, &skipping);
        }
        return r;
}

int main(void)
{
        static const uint64_t seed[2] = { 0x6c65617374776973U, 0x652d64656d6f2121U };
        struct demo demo = { .token = getenv(DEMO_TOKEN_VARIABLE) };
        struct json_doc doc;
        int r = notebook_init(&demo.book, demo.token);

        if (r == 0) {
                fprintf(stderr, DEMO_NAME " " DEMO_VERSION ": started, " DEMO_TOKEN_VARIABLE " is %s\n",
                        demo.token ? "set" : "not set");
                json_doc_init(&doc, seed);
                r = serve(&demo, &doc);
                json_doc_deinit(&doc);
                notebook_deinit(&demo.book);
        }
        if (r < 0)
                fprintf(stderr, DEMO_NAME ": %s\n", strerror(-r));
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
