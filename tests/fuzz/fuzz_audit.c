/* SPDX-License-Identifier: Apache-2.0
 *
 * Records of whatever a peer can write: always whole canonical lines within the limit, numbered without holes,
 * whatever is discarded in between; and every event is either there or counted by a gap.
 */
#include <stdint.h>
#include <stdlib.h>

#include "audit.h"
#include "json.h"
#include "limit.h"

struct input {
        const uint8_t *data;
        size_t left;
};

static uint8_t take_byte(struct input *in)
{
        if (!in->left)
                return 0;
        in->left--;
        return *in->data++;
}

static struct str take_str(struct input *in)
{
        size_t len = take_byte(in);
        struct str s;

        len = len == 255 ? in->left : len < in->left ? len : in->left;
        s = str_of((const char *)in->data, len);
        in->data += len;
        in->left -= len;
        return s;
}

static struct audit_event take_event(struct input *in)
{
        uint8_t flags = take_byte(in);

        return (struct audit_event){
                .kind = (enum audit_kind)(1 + flags % 6),
                .from = (enum audit_from)(flags % 3),
                .time_ms = (uint64_t)take_byte(in) << (flags % 57),
                .method = take_str(in),
                .id = take_str(in),
                .name = take_str(in),
                .detail = take_str(in),
                .rule_file = take_str(in),
                .arguments = take_str(in),
                .has_arguments = flags & 64,
                .bytes = flags,
                .extra = take_str(in),
        };
}

/* Copies, but drops every 'x': like a redactor of plain text it may break escapes. */
static int drop_x(void *userdata, struct str text, struct buf *out)
{
        (void)userdata;
        for (size_t i = 0; i < text.len; i++) {
                int r = text.ptr[i] == 'x' ? 0 : buf_append_char(out, text.ptr[i]);

                if (r < 0)
                        return r;
        }
        return 0;
}

static uint64_t number_of(const struct json_doc *doc, struct str name)
{
        uint32_t token = json_member(doc, 0, name);
        int64_t value = 0;

        return token && json_integer_get(doc, token, &value) ? (uint64_t)value : 0;
}

/* Adds up what the lines tell of; @seq is the last number so far. */
static void check_lines(struct str lines, uint64_t *seq, uint64_t *told)
{
        while (lines.len) {
                const char *newline = memchr(lines.ptr, '\n', lines.len);
                struct json_doc doc;
                struct str line;

                if (!newline || newline - lines.ptr + 1 > LIMIT_RECORD_BYTES)
                        abort();
                line = str_of(lines.ptr, (size_t)(newline - lines.ptr));
                json_doc_init(&doc, (const uint64_t[2]){ 1, 2 });
                if (json_read(&doc, line) != JSON_OK || !doc.canonical || number_of(&doc, STR("seq")) != ++*seq)
                        abort();
                *told += json_string_is(&doc, json_member(&doc, 0, STR("kind")), STR("gap")) ?
                        number_of(&doc, STR("count")) : 1;
                json_doc_deinit(&doc);
                lines = str_skip(lines, line.len + 1);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct input in = { data, size };
        uint8_t options = take_byte(&in);
        struct audit_config config = { .session = STR("S"), .redacted_arguments = options & 1,
                .redact = options & 2 ? drop_x : NULL };
        uint64_t seq = 0, told = 0, added = 0, number;
        struct audit_log *log;

        if (audit_log_new(&log, &config) < 0)
                abort();
        while (in.left) {
                uint8_t what = take_byte(&in) % 8;
                struct audit_event event;

                if (what == 0) {
                        check_lines(audit_log_pending(log), &seq, &told);
                        audit_log_written(log);
                } else if (what == 1) {
                        audit_log_discard(log, added);
                } else {
                        event = take_event(&in);
                        if (audit_log_add(log, &event, &number) < 0)
                                abort();
                        added++;
                }
        }
        if (audit_log_add(log, &(struct audit_event){ .kind = AUDIT_STOP }, &number) < 0)
                abort();
        check_lines(audit_log_pending(log), &seq, &told);
        if (told != added + 1 || number != seq)
                abort();
        audit_log_free(log);
        return 0;
}
