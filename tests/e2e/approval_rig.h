/* SPDX-License-Identifier: Apache-2.0
 *
 * A session whose calls of `bad` wait for a person, with a runtime directory of its own, and ways to reach its socket. One a
 * process: every case runs in its own.
 */
#pragma once

#include <stddef.h>

#include "outside.h"

#define APPROVAL_POLICY(approval) \
        "leastwise: 1\nname: asks\npurpose: Ask about bad.\ntools: { allow: [good], approve: [{ tool: bad, because: " \
        "It is bad. }] }\n" \
        "approval: { " approval " }\n"
#define APPROVAL_PATIENT APPROVAL_POLICY("hold: 60s")
#define APPROVAL_HASTY APPROVAL_POLICY("hold: 300ms")

/* The directory, the same as XDG_RUNTIME_DIR=..., and the file in it that the server writes what it got to. */
extern char approval_runtime[64], approval_variable[128], approval_kept[128];

void approval_make_runtime(void);
/* Fails when a socket is left behind. */
void approval_clear_runtime(void);

/* Both of the above, around a session that ends in order. */
void approval_start(struct rig *rig, const char *policy);
void approval_finish(struct rig *rig);

/* Sends a call of `bad` and waits until it is on the list; its id, in a static buffer. */
const char *approval_hold(struct rig *rig, int id, const char *arguments);
/* How many calls of the tool @name the server has got. */
size_t approval_calls_that_ran(const char *name);

/* Persons (outside.h). A missing @argument is NULL; what is @typed is what a person answers. */
struct outside_request approval_request(
        struct rig *rig, enum outside_kind kind, const char *verb, const char *argument);
const struct outside_reply *approval_outside(
        struct rig *rig, enum outside_kind kind, const char *verb, const char *argument);
const struct outside_reply *approval_approve(struct rig *rig, const char *id, const char *typed);

/* The session's socket, in a static buffer; empty when there is none. */
const char *approval_socket_path(void);
/* A connection to it, of this process: a descendant of the client. */
int approval_dial(void);
/* What comes until a newline or the end, in a static buffer. */
const char *approval_hear(int fd);
/* The same after sending @line. */
const char *approval_ask(int fd, const char *line);
/* News but notices, which stand between them. */
const char *approval_hear_news(int fd);
