/* SPDX-License-Identifier: Apache-2.0
 *
 * The person's terminal.
 */
#pragma once

#include <stdbool.h>

#include "str.h"

/* Columns of the terminal @fd; 80 when it is none or does not say. */
unsigned tty_width(int fd);

/* Does the environment say that terminals show UTF-8? */
bool tty_letters(void);

/* Opens the controlling terminal: a descriptor, or -errno. */
int tty_open(void);

/* Writes all of @text: 0 or -errno. */
int tty_write(int fd, struct str text);

/* Writes @question, forgets what was typed before it could be read, and reads a line: its first character, or 0 for an
 * empty line, the end of file, or a line of more than one character. */
char tty_ask(int fd, struct str question);
