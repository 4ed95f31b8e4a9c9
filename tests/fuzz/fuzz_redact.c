/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text with any secrets: what comes out holds no form of a secret, text without one is left alone, and a
 * canonical JSON line is valid JSON afterwards.
 *
 * Input: a byte that says how long the first secret is, the secret, the same for a second one, and the text.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "json.h"
#include "limit.h"
#include "redact.h"

static struct str take_secret(const uint8_t **data, size_t *size, char space[264])
{
        static const char filler[] = "filler-0";
        size_t len = 0;

        if (*size) {
                len = **data < *size - 1 ? **data : *size - 1;
                memcpy(space, *data + 1, len);
                *data += len + 1;
                *size -= len + 1;
        }
        /* The marks themselves must not be taken for a piece of a secret. */
        for (size_t i = 0; i < len; i++) {
                if (space[i] == '[' || space[i] == ']')
                        space[i] = '(';
        }
        if (len < LIMIT_SECRET_MIN_BYTES) {
                memcpy(space + len, filler, sizeof(filler) - 1);
                len += sizeof(filler) - 1;
        }
        return str_of(space, len);
}

static void check_plain(const struct redactor *r, struct str text, const struct redact_secret secrets[2])
{
        struct buf out = BUF_INIT(64U << 20);
        bool found = redactor_finds(r, text);

        for (int i = 0; i < 2; i++) {
                if (memmem(text.ptr, text.len, secrets[i].value.ptr, secrets[i].value.len) && !found)
                        abort();
        }
        if (redactor_apply(r, text, &out) < 0)
                abort();
        if (redactor_finds(r, buf_str(&out)) || str_eq(text, buf_str(&out)) == found)
                abort();
        buf_deinit(&out);
}

static void check_json(const struct redactor *r, struct str text)
{
        struct buf line = BUF_INIT(64U << 20), out = BUF_INIT(64U << 20);
        struct json_doc doc;
        int result;

        json_doc_init(&doc, (const uint64_t[2]){ 1, 2 });
        if (json_read(&doc, text) == JSON_OK && json_write(&line, &doc, 0) == 0) {
                result = redactor_apply_json(r, buf_str(&line), &out);
                if (result < 0 && (result != -EBADMSG || out.len))
                        abort();
                if (result == 0) {
                        enum json_error error = json_read(&doc, buf_str(&out));

                        if (redactor_finds(r, buf_str(&out)))
                                abort();
                        if (error != JSON_DUPLICATE_MEMBER && (error != JSON_OK || !doc.canonical))
                                abort();
                }
        }
        json_doc_deinit(&doc);
        buf_deinit(&line);
        buf_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char first[264], second[264];
        struct redact_secret secrets[2];
        struct redactor *r;
        struct str text;

        secrets[0] = (struct redact_secret){ STR("A"), take_secret(&data, &size, first) };
        secrets[1] = (struct redact_secret){ STR("B"), take_secret(&data, &size, second) };
        text = str_of((const char *)data, size);
        if (redactor_new(&r, secrets, 2) < 0)
                abort();
        if (redactor_longest(r) < secrets[0].value.len)
                abort();
        check_plain(r, text, secrets);
        check_json(r, text);
        redactor_free(r);
        return 0;
}
