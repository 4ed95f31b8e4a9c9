/* SPDX-License-Identifier: Apache-2.0 */
#include "messages.h"

static void end_request(struct buf *out, uint64_t id)
{
        (void)buf_printf(out, ",\"jsonrpc\":\"2.0\",\"id\":%llu}\n", (unsigned long long)id);
}

void message_add_initialize(struct buf *out)
{
        (void)buf_append_str(out,
                STR("{\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},"
                    "\"clientInfo\":{\"name\":\"bench\",\"version\":\"1.0.0\"}}"));
        end_request(out, 0);
}

void message_add_initialized(struct buf *out)
{
        (void)buf_append_str(out, STR("{\"method\":\"notifications/initialized\",\"jsonrpc\":\"2.0\"}\n"));
}

void message_add_list(struct buf *out, uint64_t id)
{
        (void)buf_append_str(out, STR("{\"method\":\"tools/list\""));
        end_request(out, id);
}

void message_add_call(struct buf *out, struct str tool, uint64_t id)
{
        (void)buf_append_str(out, STR("{\"method\":\"tools/call\",\"params\":{\"name\":\""));
        (void)buf_append_str(out, tool);
        (void)buf_append_str(out,
                STR("\",\"arguments\":{\"repository\":\"acme/handbook\","
                    "\"path\":\"chapters/07-review/what-a-reviewer-looks-at.md\",\"from\":120,\"to\":122,"
                    "\"numbered\":true,\"query\":\"who may \\\"approve\\\" a change that touches the release\","
                    "\"context\":null}}"));
        end_request(out, id);
}

void message_add_blob_call(struct buf *out, size_t bytes, uint64_t id)
{
        (void)buf_printf(out,
                "{\"method\":\"tools/call\",\"params\":{\"name\":\"blob\",\"arguments\":{\"bytes\":%zu}}", bytes);
        end_request(out, id);
}

void message_add_argument_call(struct buf *out, size_t bytes, uint64_t id)
{
        /* 64 bytes: text as a file has it, with the ends of its lines escaped. */
        static const struct str text = STR_INIT("A change is reviewed by one person who did not write any of it\\n");

        (void)buf_append_str(out,
                STR("{\"method\":\"tools/call\",\"params\":{\"name\":\"take\",\"arguments\":{\"text\":\""));
        for (size_t done = 0; done < bytes; done += text.len)
                (void)buf_append_str(out, text);
        (void)buf_append_str(out, STR("\"}}"));
        end_request(out, id);
}

void message_add_initialize_result(struct buf *out)
{
        (void)buf_append_str(out,
                STR("{\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
                    "\"serverInfo\":{\"name\":\"bench\",\"version\":\"1.0.0\"}}"));
}

void message_add_call_result(struct buf *out)
{
        (void)buf_append_str(out,
                STR("{\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"120: A change is reviewed by one person "
                    "who did not write it.\\n121: The reviewer runs the tests.\\n122: What the tests do not show is "
                    "said in the description of the change, \\\"by hand\\\" or not at all.\"}],\"isError\":false}"));
}

void message_add_taken_result(struct buf *out)
{
        (void)buf_append_str(out, STR("{\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"taken\"}]}"));
}

void message_add_unknown_method(struct buf *out)
{
        (void)buf_append_str(out, STR("{\"error\":{\"code\":-32601,\"message\":\"Method not found\"}"));
}

static void add_tool(struct buf *out, unsigned number, bool hidden)
{
        (void)buf_printf(out,
                "{\"name\":\"%s_%04u\",\"title\":\"Entry %u of the handbook\",\"description\":\"Works on entry %u of "
                "the handbook: takes a path below its root and a range of lines, and answers with the text as "
                "it stands there. Lines are counted from one; a range that passes the end is cut. Use the search first "
                "when you do not know the path.\",\"inputSchema\":{\"type\":\"object\",\"properties\":{\"path\":{"
                "\"type\":\"string\",\"description\":\"Path below the root\"},"
                "\"from\":{\"type\":\"integer\",\"minimum\":1},\"to\":{\"type\":\"integer\",\"minimum\":1}},"
                "\"required\":[\"path\"],\"additionalProperties\":false,"
                "\"$schema\":\"http://json-schema.org/draft-07/schema#\"},\"annotations\":{\"readOnlyHint\":%s}}",
                hidden ? "write" : "read", number, number, number, hidden ? "false" : "true");
}

void message_add_list_result(struct buf *out, unsigned tools, unsigned hidden)
{
        unsigned hidden_so_far = 0;

        (void)buf_append_str(out, STR("{\"result\":{\"tools\":["));
        for (unsigned i = 0; i < tools; i++) {
                bool hide = (uint64_t)(i + 1) * hidden / tools > hidden_so_far;

                hidden_so_far += hide;
                if (i > 0)
                        (void)buf_append_char(out, ',');
                add_tool(out, i, hide);
        }
        (void)buf_append_str(out, STR("]}"));
}

void message_add_blob_result(struct buf *out, size_t bytes)
{
        static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        uint32_t x = 2463534242U;

        (void)buf_append_str(out, STR("{\"result\":{\"content\":[{\"type\":\"image\",\"data\":\""));
        if (buf_reserve(out, bytes) == 0) {
                for (size_t i = 0; i < bytes; i++) {
                        x ^= x << 13;
                        x ^= x >> 17;
                        x ^= x << 5;
                        out->data[out->len++] = alphabet[x & 63];
                }
        }
        (void)buf_append_str(out, STR("\",\"mimeType\":\"image/png\"}]}"));
}

void message_add_end(struct buf *out, struct str id)
{
        (void)buf_append_str(out, STR(",\"jsonrpc\":\"2.0\",\"id\":"));
        (void)buf_append_str(out, id);
        (void)buf_append_str(out, STR("}\n"));
}
