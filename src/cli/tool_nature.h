/* SPDX-License-Identifier: Apache-2.0
 *
 * What kind of tool is it, by what the server says of it? For `leastwise init` alone: annotations are the server's claim, and names
 * are names, so that nothing that is in force may rest on this. Where annotation and name do not agree, or neither
 * tells, the tool is unclear.
 */
#pragma once

#include "json.h"

enum tool_nature {
        TOOL_UNCLEAR = 0,
        TOOL_DESTROYS, /* or runs what it is told to */
        TOOL_WRITES,
        TOOL_READS,
};

/* @tool: its definition. *ret_reason becomes half a sentence, in lower case, that goes on from the tool's name. */
enum tool_nature tool_nature_of(const struct json_doc *doc, uint32_t tool, struct str name, const char **ret_reason);
