/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks what it is told: for each line {"schema": ..., "data": ...} of its input a line of its output, the verdict, the keyword,
 * the path and the reason, with tabs between. For the tests in Python.
 */
#include <stdio.h>
#include <stdlib.h>

#include "schema.h"

static const char *const verdicts[] = {
        [SCHEMA_NOT_EVALUATED] = "not-evaluated", [SCHEMA_INVALID] = "invalid", [SCHEMA_VALID] = "valid"
};

int main(void)
{
        static const uint64_t seed[2] = { 1, 2 };
        struct schema_scratch *scratch = schema_scratch_new();
        struct json_doc doc;
        char *line = NULL;
        size_t cap = 0;
        ssize_t n;

        json_doc_init(&doc, seed);
        while ((n = getline(&line, &cap, stdin)) > 0) {
                struct schema_result result;
                enum json_error error = json_read(&doc, str_of(line, (size_t)n));
                uint32_t schema = error == JSON_OK ? json_member(&doc, 0, STR("schema")) : 0;
                uint32_t data = error == JSON_OK ? json_member(&doc, 0, STR("data")) : 0;

                if (!schema || !data) {
                        printf("unreadable\t\t\t%s\n", json_error_text(error));
                        continue;
                }
                schema_check(&doc, schema, &doc, data, scratch, &result);
                printf("%s\t%s\t%s\t%s\n", verdicts[result.verdict], result.keyword, result.path, result.reason);
        }
        free(line);
        json_doc_deinit(&doc);
        schema_scratch_free(scratch);
        return 0;
}
