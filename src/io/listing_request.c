/* SPDX-License-Identifier: Apache-2.0 */
#include "listing_request.h"

#include <leastwise/version.h>

#include "writer.h"

static void write_client(struct json_writer *w)
{
        json_begin_object(w);
        json_name(w, STR("name"));
        json_string(w, STR("leastwise"));
        json_name(w, STR("version"));
        json_string(w, STR(LEASTWISE_VERSION));
        json_end_object(w);
}

static void write_meta(struct json_writer *w)
{
        json_name(w, STR("_meta"));
        json_begin_object(w);
        json_name(w, STR("io.modelcontextprotocol/protocolVersion"));
        json_string(w, STR("2026-07-28"));
        json_name(w, STR("io.modelcontextprotocol/clientInfo"));
        write_client(w);
        json_name(w, STR("io.modelcontextprotocol/clientCapabilities"));
        json_begin_object(w);
        json_end_object(w);
        json_end_object(w);
}

/* Up to within the params. */
static void begin_request(struct buf *out, struct json_writer *w, int64_t id, struct str method)
{
        json_writer_init(w, out);
        json_begin_object(w);
        json_name(w, STR("jsonrpc"));
        json_string(w, STR("2.0"));
        json_name(w, STR("id"));
        json_integer(w, id);
        json_name(w, STR("method"));
        json_string(w, method);
        json_name(w, STR("params"));
        json_begin_object(w);
}

static void end_request(struct buf *out, struct json_writer *w)
{
        json_end_object(w);
        json_end_object(w);
        buf_append_char(out, '\n');
}

void listing_request_initialize(struct buf *out, int64_t id)
{
        struct json_writer w;

        begin_request(out, &w, id, STR("initialize"));
        json_name(&w, STR("protocolVersion"));
        json_string(&w, STR("2025-11-25"));
        json_name(&w, STR("capabilities"));
        json_begin_object(&w);
        json_end_object(&w);
        json_name(&w, STR("clientInfo"));
        write_client(&w);
        end_request(out, &w);
}

void listing_request_discover(struct buf *out, int64_t id)
{
        struct json_writer w;

        begin_request(out, &w, id, STR("server/discover"));
        write_meta(&w);
        end_request(out, &w);
}

void listing_request_initialized(struct buf *out)
{
        buf_append_str(out, STR("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n"));
}

void listing_request_page(struct buf *out, int64_t id, struct str method, bool modern, const struct str *cursor)
{
        struct json_writer w;

        begin_request(out, &w, id, method);
        if (modern)
                write_meta(&w);
        if (cursor) {
                json_name(&w, STR("cursor"));
                json_string(&w, *cursor);
        }
        end_request(out, &w);
}
