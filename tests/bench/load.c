/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "messages.h"
#include "now.h"
#include "protocol.h"
#include "series.h"

static void make_message(struct chain *c, const struct load *load, uint64_t id)
{
        buf_clear(&c->out, SIZE_MAX);
        switch (load->kind) {
        case LOAD_CALLS:
        case LOAD_PIPELINED:
                message_add_call(&c->out, STR("echo"), id);
                break;
        case LOAD_REFUSED:
                message_add_call(&c->out, c->polices ? STR("write_0001") : STR("echo"), id);
                break;
        case LOAD_LIST:
                message_add_list(&c->out, id);
                break;
        case LOAD_BLOB:
                message_add_blob_call(&c->out, load->bytes, id);
                break;
        case LOAD_ARGUMENT:
                message_add_argument_call(&c->out, load->bytes, id);
                break;
        }
}

/* Does the answer bear the id, and is it of the kind that the load asks for? */
static bool answers(struct str line, const struct chain *c, const struct load *load, uint64_t id)
{
        bool refused = load->kind == LOAD_REFUSED && c->polices;
        struct str tail = str_skip(line, line.len > 512 ? line.len - 512 : 0);
        uint64_t got;

        /* Whole, a large answer has already been searched for its end. */
        if (!protocol_integer_after(line.len <= 4096 ? line : tail, STR("\"id\":"), &got) || got != id)
                return false;
        if (load->kind == LOAD_BLOB && line.len < load->bytes)
                return false;
        return (memmem(tail.ptr, tail.len, "\"isError\":true", 14) != NULL) == refused &&
               memmem(tail.ptr, tail.len, "\"error\":{", 9) == NULL;
}

static int run_sequential(struct chain *c, const struct load *load, double *took)
{
        struct str line;

        for (unsigned i = 0; i < load->repeats; i++) {
                uint64_t id = c->next_id++, start;
                int r;

                make_message(c, load, id);
                if (c->out.failed)
                        return -ENOMEM;
                start = now_ns();
                r = chain_write(c, c->out.data, c->out.len);
                if (r == 0)
                        r = chain_read_line(c, &line);
                if (r < 0)
                        return r;
                took[i] = (double)(now_ns() - start);
                if (!answers(line, c, load, id))
                        return -EBADMSG;
        }
        return 0;
}

/* As answers() for LOAD_PIPELINED, at the price of a few comparisons: here looking is part of what is timed. */
static bool answers_in_order(struct str line, uint64_t id)
{
        struct str digits;
        uint64_t got;

        return str_starts_with(line, STR("{\"result\":{\"content\":")) && protocol_id(line, &digits) &&
               protocol_integer_after(digits, STR(""), &got) && got == id;
}

/* As many calls as answers came with one read leave in one write. */
static int run_pipelined(struct chain *c, const struct load *load)
{
        uint64_t expected = c->next_id, end = c->next_id + load->repeats;
        unsigned room = LOAD_WINDOW;

        while (expected < end) {
                struct str line;
                int r = 0;

                buf_clear(&c->out, SIZE_MAX);
                for (; room > 0 && c->next_id < end; room--)
                        message_add_call(&c->out, STR("echo"), c->next_id++);
                if (c->out.len > 0)
                        r = chain_write(c, c->out.data, c->out.len);
                do {
                        if (r == 0)
                                r = chain_read_line(c, &line);
                        if (r == 0 && !answers_in_order(line, expected))
                                r = -EBADMSG;
                        if (r < 0)
                                return r;
                        expected++;
                        room++;
                } while (chain_has_line(c));
        }
        return 0;
}

int load_run(struct chain *c, const struct load *load, struct load_result *ret)
{
        double *took = NULL;
        uint64_t start = now_ns();
        int r;

        alarm(CHAIN_PATIENCE_S);
        if (load->kind == LOAD_PIPELINED) {
                r = run_pipelined(c, load);
        } else {
                took = calloc(load->repeats, sizeof(*took));
                r = took ? run_sequential(c, load, took) : -ENOMEM;
        }
        if (r == 0) {
                ret->per_second = load->repeats * 1e9 / (double)(now_ns() - start);
                ret->p50 = took ? series_quantile(took, load->repeats, 0.50) : 0;
                ret->p99 = took ? series_quantile(took, load->repeats, 0.99) : 0;
        }
        free(took);
        return r;
}
