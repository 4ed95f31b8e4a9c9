/* SPDX-License-Identifier: Apache-2.0
 *
 * What other processes can send us of their own accord: a line on the control socket, and, by the names that they give
 * themselves, a line of /proc/PID/stat. What is read holds to its limits; what is refused says why.
 */
#include "control_request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "limit.h"
#include "peer_process.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEMAND(condition) \
        do { \
                if (!(condition)) \
                        abort(); \
        } while (0)

static void check_text(struct str text, size_t limit)
{
        DEMAND(text.len <= limit);
        DEMAND(utf8_is_valid(text));
}

static void check_request(struct str line)
{
        static const uint64_t seed[2] = { 1, 2 };
        AUTO_BUF struct buf memory = BUF_INIT(2U * LIMIT_CONTROL_LINE_BYTES);
        struct control_request request;
        const char *message = NULL;
        struct json_doc doc;
        int code;

        json_doc_init(&doc, seed);
        code = control_request_read(&request, &doc, line, &memory, &message);
        DEMAND(code == 0 ? request.id.len > 0 : message && *message);
        if (code == 0 && request.method == CONTROL_ANSWER) {
                DEMAND(card_id_is_valid(request.card));
                check_text(request.because, LIMIT_ANSWER_BECAUSE_BYTES);
                check_text(request.signature, LIMIT_SSHSIG_BYTES);
                check_text(request.principal, LIMIT_NAME_BYTES);
        }
        json_doc_deinit(&doc);
}

static void check_stat(struct str line)
{
        struct process_stat stat;

        if (!process_stat_read(line, &stat))
                return;
        DEMAND(stat.parent >= 0 && stat.session >= 0);
        DEMAND(stat.name.ptr > line.ptr && stat.name.ptr + stat.name.len < line.ptr + line.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct str line = str_of((const char *)data, size);

        if (size == 0 || size > LIMIT_CONTROL_LINE_BYTES)
                return 0;
        check_request(line);
        check_stat(line);
        return 0;
}
