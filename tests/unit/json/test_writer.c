/* SPDX-License-Identifier: Apache-2.0
 *
 * The builder.
 */
#include "writer.h"

#include <criterion/criterion.h>
#include <stdint.h>

#include "leaks.h"

Test(writer, a_nested_document)
{
        struct buf out = BUF_INIT(4096);
        struct json_writer w;

        json_writer_init(&w, &out);
        json_begin_object(&w);
        json_name(&w, STR("list"));
        json_begin_array(&w);
        json_integer(&w, INT64_MIN);
        json_unsigned(&w, UINT64_MAX);
        json_begin_array(&w);
        json_end_array(&w);
        json_begin_object(&w);
        json_end_object(&w);
        json_raw(&w, STR("{\"raw\":1.50}"));
        json_end_array(&w);
        json_name(&w, STR("quote\""));
        json_string(&w, STR("tab\t"));
        json_name(&w, STR("yes"));
        json_bool(&w, true);
        json_name(&w, STR("no"));
        json_bool(&w, false);
        json_name(&w, STR("nothing"));
        json_null(&w);
        json_end_object(&w);
        cr_expect(str_eq(buf_str(&out),
                         STR("{\"list\":[-9223372036854775808,18446744073709551615,[],{},{\"raw\":1.50}],"
                             "\"quote\\\"\":\"tab\\t\",\"yes\":true,\"no\":false,\"nothing\":null}")),
                  "%.*s", STR_FMT(buf_str(&out)));
        cr_expect_not(out.failed);
        buf_deinit(&out);
        CHECK_NO_LEAKS();
}
