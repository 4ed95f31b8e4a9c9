/* SPDX-License-Identifier: Apache-2.0 */
#include "message.h"

#include <criterion/criterion.h>

Test(message, table)
{
        static const struct {
                const char *line;
                enum rpc_from from;
                enum rpc_refusal refusal;
                enum rpc_kind kind;
        } rows[] = {
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", RPC_FROM_CLIENT, RPC_WELL_FORMED, RPC_REQUEST },
                { "{\"method\":\"ping\",\"jsonrpc\":\"2.0\",\"id\":\"\"}", RPC_FROM_SERVER, RPC_WELL_FORMED, RPC_REQUEST },
                { "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}", RPC_FROM_CLIENT, RPC_WELL_FORMED, RPC_NOTIFICATION },
                { "{\"result\":{},\"jsonrpc\":\"2.0\",\"id\":1}", RPC_FROM_SERVER, RPC_WELL_FORMED, RPC_RESULT },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-1,\"message\":\"m\"}}", RPC_FROM_SERVER, RPC_WELL_FORMED, RPC_ERROR },
                { "[]", RPC_FROM_CLIENT, RPC_BATCH, 0 },
                { "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", RPC_FROM_CLIENT, RPC_BATCH, 0 },
                { "\"x\"", RPC_FROM_CLIENT, RPC_NOT_AN_OBJECT, 0 },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"x\":1}", RPC_FROM_CLIENT, RPC_UNKNOWN_MEMBER, RPC_REQUEST },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"Params\":{}}", RPC_FROM_CLIENT, RPC_UNKNOWN_MEMBER, RPC_REQUEST },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"param\xC5\xBF\":{}}", RPC_FROM_CLIENT, RPC_UNKNOWN_MEMBER, RPC_REQUEST },
                { "{\"id\":1,\"method\":\"ping\"}", RPC_FROM_CLIENT, RPC_BAD_VERSION, RPC_REQUEST },
                { "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}", RPC_FROM_CLIENT, RPC_BAD_VERSION, RPC_REQUEST },
                { "{\"jsonrpc\":2.0,\"id\":1,\"method\":\"ping\"}", RPC_FROM_CLIENT, RPC_BAD_VERSION, RPC_REQUEST },
                { "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", RPC_FROM_CLIENT, RPC_BAD_ID, RPC_REQUEST },
                { "{\"jsonrpc\":\"2.0\",\"id\":1.0,\"method\":\"ping\"}", RPC_FROM_CLIENT, RPC_BAD_ID, RPC_REQUEST },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}", RPC_FROM_CLIENT, RPC_BAD_METHOD, RPC_REQUEST },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"result\":{}}", RPC_FROM_CLIENT, RPC_MIXED, RPC_REQUEST },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{},\"error\":{\"code\":1,\"message\":\"\"}}", RPC_FROM_SERVER, RPC_MIXED, RPC_ERROR },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{},\"params\":{}}", RPC_FROM_SERVER, RPC_MIXED, RPC_RESULT },
                { "{\"jsonrpc\":\"2.0\",\"id\":1}", RPC_FROM_CLIENT, RPC_EMPTY, RPC_RESULT },
                { "{\"jsonrpc\":\"2.0\",\"result\":{}}", RPC_FROM_SERVER, RPC_NO_ID, RPC_RESULT },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":1.5,\"message\":\"\"}}", RPC_FROM_SERVER, RPC_BAD_ERROR, RPC_ERROR },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":\"no\"}", RPC_FROM_SERVER, RPC_BAD_ERROR, RPC_ERROR },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":[]}", RPC_FROM_CLIENT, RPC_BAD_PARAMS, RPC_REQUEST },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":null}", RPC_FROM_CLIENT, RPC_BAD_PARAMS, RPC_REQUEST },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"Name\":\"x\"}}", RPC_FROM_CLIENT, RPC_UNKNOWN_PARAM, RPC_REQUEST },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"x\",\"n\\u0061me2\":1}}", RPC_FROM_CLIENT, RPC_UNKNOWN_PARAM, RPC_REQUEST },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\\u0000\"}", RPC_FROM_CLIENT, RPC_UNKNOWN_METHOD, RPC_REQUEST },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"roots/list\"}", RPC_FROM_CLIENT, RPC_UNKNOWN_METHOD, RPC_REQUEST },
                { "{\"jsonrpc\":\"2.0\",\"method\":\"tools/call\",\"params\":{\"name\":\"x\"}}", RPC_FROM_CLIENT, RPC_NEEDS_ID, RPC_NOTIFICATION },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"notifications/initialized\"}", RPC_FROM_CLIENT, RPC_TAKES_NO_ID, RPC_REQUEST },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"m\\u0065thod\":\"tools/c\\u0061ll\",\"params\":{\"n\\u0061me\":\"x\"}}", RPC_FROM_CLIENT, RPC_WELL_FORMED, RPC_REQUEST },
        };
        static const uint64_t seed[2] = { 1, 2 };
        struct json_doc doc;
        bool seen[RPC_REFUSAL_MAX_] = { false };

        json_doc_init(&doc, seed);
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct buf scratch = BUF_INIT(4096);
                struct rpc_message m;
                enum rpc_refusal refusal;

                buf_reserve(&scratch, 4096);
                cr_assert_eq(json_read(&doc, str_from(rows[i].line)), JSON_OK, "row %s", rows[i].line);
                refusal = rpc_message_read(&m, &doc, rows[i].from, &scratch);
                cr_expect_eq(refusal, rows[i].refusal, "row %s: %s", rows[i].line, rpc_refusal_code(refusal));
                cr_expect_eq(m.kind, rows[i].kind, "row %s: kind %d", rows[i].line, m.kind);
                seen[refusal] = true;
                buf_deinit(&scratch);
        }
        for (int r = 0; r < RPC_REFUSAL_MAX_; r++)
                cr_expect(seen[r], "no row for %s", rpc_refusal_code((enum rpc_refusal)r));
        json_doc_deinit(&doc);
}

/* Whoever takes the id from the line must find there what would be written anew. */
Test(message, id_text_is_what_would_be_written)
{
        static const struct {
                const char *id;
                bool in_line;
        } rows[] = { { "0", true }, { "-7", true }, { "9007199254740992", true }, { "\"\"", true }, { "\"a b/'~\"", true },
                { "\"\\u0061\"", false }, { "\"\\/\"", false }, { "\"\\\"\"", false } };
        struct json_doc doc;

        json_doc_init(&doc, (const uint64_t[2]){ 1, 2 });
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct buf scratch = BUF_INIT(256), line = BUF_INIT(256), written = BUF_INIT(256);
                struct rpc_message m;

                buf_printf(&line, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"ping\"}", rows[i].id);
                cr_assert_eq(json_read(&doc, buf_str(&line)), JSON_OK);
                cr_assert_eq(rpc_message_read(&m, &doc, RPC_FROM_CLIENT, &scratch), RPC_WELL_FORMED, "%s", rows[i].id);
                cr_assert_eq(rpc_id_append(&written, &m.id), 0);
                if (rows[i].in_line)
                        cr_expect(str_eq(m.id_text, buf_str(&written)), "%s", rows[i].id);
                else
                        cr_expect_eq(m.id_text.len, 0U, "%s", rows[i].id);
                buf_deinit(&scratch);
                buf_deinit(&line);
                buf_deinit(&written);
        }
        json_doc_deinit(&doc);
}

/* Ids of our own requests stand in answers only, and in one spelling. */
Test(message, answers_to_our_own_requests)
{
        static const struct {
                const char *line;
                enum rpc_refusal refusal;
                uint64_t own;
        } rows[] = {
                { "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:7\",\"result\":{}}", RPC_WELL_FORMED, 7 },
                { "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:123456789012345678\",\"error\":{\"code\":1,\"message\":\"\"}}", RPC_WELL_FORMED, 123456789012345678 },
                { "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}", RPC_WELL_FORMED, 0 },
                { "{\"jsonrpc\":\"2.0\",\"id\":\"Leastwise:7\",\"result\":{}}", RPC_WELL_FORMED, 0 },
                { "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:07\",\"result\":{}}", RPC_BAD_ID, 0 },
                { "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:0\",\"result\":{}}", RPC_BAD_ID, 0 },
                { "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:\",\"result\":{}}", RPC_BAD_ID, 0 },
                { "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:7 \",\"result\":{}}", RPC_BAD_ID, 0 },
                { "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:-7\",\"result\":{}}", RPC_BAD_ID, 0 },
                { "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:18446744073709551617\",\"result\":{}}", RPC_BAD_ID, 0 },
                { "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise\\u003a7\",\"result\":{}}", RPC_BAD_ID, 0 },
                { "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:7\",\"method\":\"ping\"}", RPC_BAD_ID, 0 },
                { "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:7\",\"method\":\"ping\",\"result\":{}}", RPC_BAD_ID, 0 },
        };
        static const uint64_t seed[2] = { 1, 2 };
        struct json_doc doc;

        json_doc_init(&doc, seed);
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct buf scratch = BUF_INIT(4096);
                struct rpc_message m;

                buf_reserve(&scratch, 4096);
                cr_assert_eq(json_read(&doc, str_from(rows[i].line)), JSON_OK);
                cr_expect_eq(rpc_message_read(&m, &doc, RPC_FROM_CLIENT, &scratch), rows[i].refusal, "%s", rows[i].line);
                cr_expect_eq(m.own, rows[i].own, "%s", rows[i].line);
                buf_deinit(&scratch);
        }
        json_doc_deinit(&doc);
}
