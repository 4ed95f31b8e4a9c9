/* SPDX-License-Identifier: Apache-2.0
 *
 * What must hold of a policy file's bytes before YAML is read from them: UTF-8, and nothing in it that a
 * reviewer would not see (controls, bidirectional marks, characters without width, line ends of other
 * systems), so that the file does what it looks like. It also makes the lines that libyaml counts the
 * lines that an editor shows.
 */
#pragma once

#include "diagnostic.h"

/* Can this code point stand in a policy file? Tab and line feed can; a carriage return cannot. */
bool source_character_is_plain(uint32_t cp);

/* Bytes at the start of @text that are printable ASCII, which can all stand there: nearly all of a policy. */
size_t source_text_plain_run(struct str text);

/* Reports the first 20 of what is wrong. True when nothing is. */
bool source_text_check(struct str path, struct str text, struct diagnostics *diags);
