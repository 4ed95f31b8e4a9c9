/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks a started server for all its tools, and if wanted for what else it lists, as a client of either era would:
 * `initialize` first, and when the server refuses that, the stateless requests of 2026-07-28. What a hostile server can
 * make of it is bounded: time, pages, entries, line length.
 */
#pragma once

#include "buf.h"
#include "json.h"
#include "launch.h"

#define LISTING_TIME_MS 30000U

/* Called once a tool, in the server's order: its definition and its unescaped name, borrowed for the call. Not 0 ends the
 * listing with that; @message may be set before. */
typedef int (*listing_tool)(void *userdata, const struct json_doc *doc, uint32_t tool, struct str name);

/* 0; or negative with @message set to one line that says what the server did. */
int listing_run(struct launch *server, listing_tool tool, void *userdata, struct buf *message);

/* In the order in which they are asked for. */
enum listing_kind { LISTING_TOOL, LISTING_RESOURCE, LISTING_TEMPLATE, LISTING_PROMPT, LISTING_KIND_MAX_ };

/* The same for each entry; @name is a resource's URI, a template's URI template. */
typedef int (*listing_entry)(
        void *userdata, enum listing_kind kind, const struct json_doc *doc, uint32_t entry, struct str name);

/* Tools, and the resources, templates and prompts of a server that says that it has any. One that then refuses to list them has none. */
int listing_run_all(struct launch *server, listing_entry entry, void *userdata, struct buf *message);
