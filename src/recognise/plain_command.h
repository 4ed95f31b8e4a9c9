/* SPDX-License-Identifier: Apache-2.0
 *
 * `command`: is a text one plain command, and one of those that the patterns name?
 *
 * Plain is what every reader cuts into the same words, be it sh, bash, zsh, fish, a splitter such as shlex, or one that
 * cuts at spaces: words of A-Z a-z 0-9 _ - . / : = + @ with one space between them. A word, or its end behind such
 * characters, may stand in double quotes and then also hold spaces and the other printable ASCII characters but
 * " $ ` \ ! % ^ . Everything else is unreadable: all other quoting, every expansion, separator and redirection, control
 * characters, tabs and what is not ASCII, an `=` or `@` at the start of a word, and a first word that is quoted, begins
 * with `-` or `+`, holds `=`, is `.` or `:`, or to some shell is a word of its grammar or runs something else (`time`,
 * `exec`, `eval`).
 *
 * A pattern is written like a command. Each of its words is a glob over one word: `*` any run, also none, `?` one
 * character, [a-z] and [!a-z] one of a class, `\` takes the next character as it is. A last word `**` takes any further
 * words, also none, and a last word `-**` does so with options among them. In an allow pattern
 *  - the first word has no wildcards: the program is named;
 *  - no word that begins with `-` is taken by a word that begins with a wildcard, nor by `**`;
 *  - no wildcard takes a space, unless it stands in double quotes in the pattern ("*", "**");
 *  - no wildcard takes a `..` that stands alone between `/`, `:`, `=`, `,`, spaces and the word's ends.
 * In a deny pattern wildcards take anything, options too.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "recognise.h"
#include "str.h"

enum command_rest { COMMAND_REST_NONE, COMMAND_REST_PLAIN /* ** */, COMMAND_REST_ANY /* -** */ };

/* A checked pattern. It borrows its text, which is read anew for each command. */
struct command_pattern {
        struct str words; /* the text without the last word `**` or `-**` */
        enum command_rest rest;
        bool rest_quoted; /* "**": with spaces */
        bool denies;
};

/* What is wrong with a pattern, and where in its text. */
struct command_problem {
        const char *what;
        const char *help; /* or NULL */
        size_t offset, length;
};

/* Does @text stand as a pattern? False with *problem. @text must live as long as *ret. */
bool command_pattern_compile(
        struct command_pattern *ret, struct str text, bool denies, struct command_problem *problem);

/* May a pattern that stands not match what its writer has in mind? Then true, with the first doubt: a class with a character
 * that no plain command holds, one in the first word that only quoted words hold, or one outside of quotes that plain
 * commands hold only in them (but for a space, which says by itself that the word is quoted). */
bool command_pattern_doubt(const struct command_pattern *pattern, struct command_problem *problem);

/* Appends @value as it stands within a pattern where nothing in it is a wildcard, a space included: for bound values.
 * 0, -EMSGSIZE or -ENOMEM. */
int command_pattern_quote(struct buf *b, struct str value);

/* HOLDS when @text is a plain command and at least one of the patterns takes all of its words. @ret_why: what decided,
 * or NULL. */
enum recognised command_recognise(
        struct str text, const struct command_pattern *patterns, size_t count, const char **ret_why);
