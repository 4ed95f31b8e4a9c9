/* SPDX-License-Identifier: Apache-2.0
 *
 * The envelope: whatever is called well-formed has the members it must have, and an id that survives being written.
 */
#include <stdint.h>
#include <stdlib.h>

#include "message.h"

static void check(const struct rpc_message *m, const struct json_doc *doc)
{
        struct buf out = BUF_INIT(4096), scratch = BUF_INIT(4096);
        static const uint64_t seed[2] = { 7, 8 };
        struct json_doc again;
        struct rpc_id id;

        if ((m->kind == RPC_REQUEST || m->kind == RPC_NOTIFICATION) != (m->method.len > 0 || (m->method.ptr && !m->result && !m->error)))
                abort();
        if (m->kind == RPC_REQUEST && m->id.kind == RPC_ID_NONE)
                abort();
        if ((m->kind == RPC_RESULT && (!m->result || m->error)) || (m->kind == RPC_ERROR && (!m->error || m->result)))
                abort();
        if (m->id.kind != RPC_ID_NONE) {
                json_doc_init(&again, seed);
                if (rpc_id_append(&out, &m->id) < 0 || json_read(&again, buf_str(&out)) != JSON_OK ||
                        !rpc_id_read(&id, &again, 0, &scratch) || !rpc_id_equal(&id, &m->id) || !rpc_id_confusable(&id, &m->id) ||
                        rpc_id_hash(&id, seed) != rpc_id_hash(&m->id, seed))
                        abort();
                json_doc_deinit(&again);
        }
        (void)doc;
        buf_deinit(&out);
        buf_deinit(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const uint64_t seed[2] = { 5, 6 };
        static const enum rpc_from froms[] = { RPC_FROM_CLIENT, RPC_FROM_SERVER };
        struct json_doc doc;

        json_doc_init(&doc, seed);
        if (json_read(&doc, str_of((const char *)data, size)) == JSON_OK) {
                for (int i = 0; i < 2; i++) {
                        struct buf scratch = BUF_INIT(65536);
                        struct rpc_message m;

                        if (buf_reserve(&scratch, 65536) < 0)
                                abort();
                        if (rpc_message_read(&m, &doc, froms[i], &scratch) == RPC_WELL_FORMED)
                                check(&m, &doc);
                        buf_deinit(&scratch);
                }
        }
        json_doc_deinit(&doc);
        return 0;
}
