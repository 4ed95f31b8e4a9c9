/* SPDX-License-Identifier: Apache-2.0
 *
 * The tasks that this session's allowed requests made. Knowing a task's id is not an authorisation: only these may be
 * asked about (threat T43). At most LIMIT_TASKS, the oldest forgotten first.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

struct task_id {
        char *text; /* and behind it the tool's name */
        uint32_t len, tool_len;
        uint64_t hash;
};

struct task_table {
        struct task_id *ids; /* a ring */
        uint32_t count, cap, at;
};

void tasks_init(struct task_table *t);
void tasks_deinit(struct task_table *t);

/* @tool: what was called; empty: no tool. False when the id is longer than LIMIT_ID_BYTES or there is no memory: the task is then unknown. */
bool tasks_add(struct task_table *t, struct str id, struct str tool);
/* The tool whose result the task will have; empty: none that is known. Valid until the next tasks_add(). */
struct str tasks_tool(const struct task_table *t, struct str id);
bool tasks_know(const struct task_table *t, struct str id);
