/* SPDX-License-Identifier: Apache-2.0
 *
 * Secrets from a person or a pipe, never from a command line. What is read lies in locked memory where the machine allows.
 */
#pragma once

#include "buf.h"

struct secret_text {
        char *data; /* freed by secret_text_free(), which wipes it */
        size_t len, size;
};

/* Room for @size bytes: 0 or -ENOMEM. */
int secret_text_new(struct secret_text *ret, size_t size);
void secret_text_free(struct secret_text *text); /* idempotent */

/* Each: 0; or negative with the reason appended to @why. */

/* A line from the controlling terminal, not shown while it is typed. @question is shown; a signal that comes meanwhile takes effect once
 * the terminal is as it was. -ENOTTY: there is none. */
int secret_prompt(struct secret_text *text, const char *question, struct buf *why);

/* A credential's value: typed, if stdin is a terminal, else all of stdin without one newline at its end. Checked as far as it can be for
 * whatever it will be used for: between 8 bytes and 64 KiB, no control characters but those of several lines. */
int secret_read_value(struct secret_text *text, const char *question, struct buf *why);
int secret_check_value(struct str value, struct buf *why);

/* All of stdin, up to the text's size. */
int secret_read_stdin(struct secret_text *text, struct buf *why);

/* The first line of a file that nobody else can read. */
int secret_read_file(struct secret_text *text, const char *path, struct buf *why);

/* A new password, typed twice, or the first line of @path unless that is NULL. Not too short. */
int secret_new_password(struct secret_text *text, const char *path, const char *vault, struct buf *why);
