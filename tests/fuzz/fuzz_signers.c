/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text as a list of signers and as a list of revoked keys: what is read of it names people plainly and lies within the limits, a
 * line more can only add a line's worth, what is refused says why, and where.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "approvers.h"
#include "limit.h"

#define NAMESPACE STR("leastwise-approval")

static uint32_t lines_of(struct str text)
{
        uint32_t lines = 1;

        for (size_t i = 0; i < text.len; i++)
                lines += text.ptr[i] == '\n';
        return lines;
}

static void check_refused(int result, const struct buf *message, uint32_t line, struct str text)
{
        if (result != -EINVAL || !message->len || line < 1 || line > lines_of(text))
                abort();
}

static void check_signer(const struct signer *signer, struct str text)
{
        struct str names = signer->names, name;

        if (!signer_is_for(signer, NAMESPACE) || signer->line > lines_of(text) || !names.len)
                abort();
        while (signers_next_name(&names, &name)) {
                if (!name.len || name.len > LIMIT_SIGNER_NAME_BYTES)
                        abort();
                for (size_t i = 0; i < name.len; i++) {
                        if (name.ptr[i] <= ' ' || name.ptr[i] > '~' || name.ptr[i] == '*')
                                abort();
                }
        }
}

/* A list beside itself has the same people, however they are written. */
static void check_people(struct str text)
{
        struct approvers_source sources[2] = { 0 };
        struct approvers *once, *twice;
        struct buf message = BUF_INIT(4096);
        uint32_t line;

        for (int i = 0; i < 2; i++) {
                if (signers_read(&sources[i].signers, text, NAMESPACE, &message, &line) < 0)
                        abort();
        }
        if (approvers_new(&twice, sources, 2) < 0)
                abort();
        sources[0] = (struct approvers_source){ 0 };
        if (signers_read(&sources[0].signers, text, NAMESPACE, &message, &line) < 0 || approvers_new(&once, sources, 1) < 0)
                abort();
        if (approvers_people(once) != approvers_people(twice) || approvers_people(once) < 1)
                abort();
        approvers_unref(once);
        approvers_unref(twice);
        buf_deinit(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct str text = str_of((const char *)data, size);
        struct buf message = BUF_INIT(4096);
        struct revoked_keys revoked;
        struct signers signers;
        uint32_t line;
        int result = signers_read(&signers, text, NAMESPACE, &message, &line);

        if (result == 0) {
                if (!signers.count || signers.count > LIMIT_SIGNERS)
                        abort();
                for (size_t i = 0; i < signers.count; i++)
                        check_signer(&signers.list[i], text);
                check_people(text);
        } else {
                check_refused(result, &message, line, text);
        }
        signers_deinit(&signers);
        buf_clear(&message, 4096);
        result = revoked_keys_read(&revoked, text, &message, &line);
        if (result < 0)
                check_refused(result, &message, line, text);
        revoked_keys_deinit(&revoked);
        buf_deinit(&message);
        return 0;
}
