/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text as SQL: what holds has none of what no dialect may be asked to cut, still holds with white space around it and
 * a semicolon behind it, and no longer when anything stands behind that.
 */
#include <stdint.h>
#include <stdlib.h>

#include "buf.h"
#include "limit.h"
#include "sql.h"

#define REQUIRE(condition) ((condition) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool has(struct str text, struct str what)
{
        return memmem(text.ptr, text.len, what.ptr, what.len) != NULL;
}

static enum recognised with(struct str before, struct str text, struct str behind)
{
        struct buf AUTO_BUF b = BUF_INIT(1U << 20);
        const char *why;

        REQUIRE(buf_append_str(&b, before) == 0 && buf_append_str(&b, text) == 0 && buf_append_str(&b, behind) == 0);
        return sql_read(buf_str(&b), &why);
}

static void check_holding(struct str text)
{
        static const struct str nowhere[] = { STR_INIT("--"), STR_INIT("/*"), STR_INIT("*/"), STR_INIT("\\"), STR_INIT("\0") };
        const char *semicolon = memchr(text.ptr, ';', text.len);
        struct str statement = { text.ptr, semicolon ? (size_t)(semicolon - text.ptr) : text.len };

        for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++)
                REQUIRE(!has(text, nowhere[i]));
        if (text.len > LIMIT_SQL_BYTES - 16)
                return;
        REQUIRE(with(STR("\n "), statement, STR("\t ; \r\n")) == RECOGNISED_HOLDS);
        REQUIRE(with(STR(""), statement, STR("; SELECT 1")) == RECOGNISED_UNREADABLE);
        REQUIRE(with(STR(""), statement, STR(" DROP")) == RECOGNISED_UNREADABLE);
        REQUIRE(with(STR("DELETE "), statement, STR("")) == RECOGNISED_UNREADABLE);
        REQUIRE(with(STR(""), statement, STR(" INTO x")) == RECOGNISED_UNREADABLE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct str text = str_of((const char *)data, size);
        const char *why = "untouched";
        enum recognised r = sql_read(text, &why);

        REQUIRE(r != RECOGNISED_DOES_NOT && (r == RECOGNISED_HOLDS) == (why == NULL));
        if (r == RECOGNISED_HOLDS)
                check_holding(text);
        return 0;
}
