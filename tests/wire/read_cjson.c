/* SPDX-License-Identifier: Apache-2.0
 *
 * What cJSON sees in each chunk, line by line, by both of its lookups: with and without regard to case. Chunks come as
 * a length in a line and so many bytes; a line of facts, separated by U+001F, goes out for each.
 * Usage: read_cjson sensitive|insensitive
 */
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool insensitive;

static const cJSON *member(const cJSON *object, const char *name)
{
        return insensitive ? cJSON_GetObjectItem(object, name) : cJSON_GetObjectItemCaseSensitive(object, name);
}

static void fact(const char *kind, const cJSON *value)
{
        const char *text = cJSON_GetStringValue(value);

        printf("%s ", kind);
        for (; text && *text; text++)
                putchar((unsigned char)*text < 0x20 ? '?' : *text);
        putchar('\x1f');
}

static void look(const cJSON *value)
{
        const cJSON *method = member(value, "method"), *params = member(value, "params");
        const cJSON *result = member(value, "result"), *each;
        const char *name = cJSON_GetStringValue(method);

        if (cJSON_IsArray(value)) {
                cJSON_ArrayForEach(each, value) look(each);
                return;
        }
        if (name)
                fact("method", method);
        if (name && strcmp(name, "tools/call") == 0)
                fact("call", member(params, "name"));
        cJSON_ArrayForEach(each, member(params, "inputRequests")) fact("asks", member(each, "method"));
        cJSON_ArrayForEach(each, member(result, "inputRequests")) fact("asks", member(each, "method"));
        cJSON_ArrayForEach(each, member(result, "tools")) fact("tool", member(each, "name"));
}

static void look_at_lines(char *bytes, size_t len)
{
        char *end = bytes + len;

        while (bytes < end) {
                char *lf = memchr(bytes, '\n', (size_t)(end - bytes));
                cJSON *value;

                if (lf)
                        *lf = '\0';
                value = cJSON_Parse(bytes);
                if (value)
                        look(value);
                cJSON_Delete(value);
                bytes = lf ? lf + 1 : end;
        }
        putchar('\n');
}

int main(int argc, char **argv)
{
        size_t len;

        insensitive = argc > 1 && strcmp(argv[1], "insensitive") == 0;
        while (scanf("%zu", &len) == 1 && getchar() == '\n') {
                char *bytes = calloc(1, len + 1);

                if (!bytes || fread(bytes, 1, len, stdin) != len)
                        return 1;
                look_at_lines(bytes, len);
                free(bytes);
        }
        return 0;
}
