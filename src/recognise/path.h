/* SPDX-License-Identifier: Apache-2.0
 *
 * `within`: is a text the path of something inside one of the given directories, whoever opens it?
 *
 * The text is brought into normal form without a look at any file (`.` and repeated slashes go; a `..` is refused,
 * for what it means depends on symbolic links), then, where there is a resolver, with symbolic links followed, and
 * must be inside both times. Lexically inside and really outside, or the other way round, is unreadable: neither a
 * rule that allows nor one that denies can be got round by a link.
 *
 * Refused as unreadable, because some program takes it for something else: anything but UTF-8 of visible
 * characters; backslashes, `*` and `?`; %41 and %u0041; ${, $( and backticks; a scheme or a drive at the start;
 * `//`, a quote, `$`, `%` or `-` at the start; a quote at the end; a part that is two dots but for quotes,
 * non-ASCII or what follows a `;`; a part that begins with `~`, `;`, a combining mark or a space, or ends in a
 * space or a dot; {a,b} and {a..b}; characters that Unicode or a code page folds into `.`, `/`, `\`, `:`, `~`, `$`
 * or `%`; and what is empty or too long.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "recognise.h"
#include "str.h"

/* Appends to @ret the absolute path that @path, absolute and in normal form, leads to: symbolic links followed in
 * the longest part of it that exists, the rest behind that. 0, or negative when there is doubt (a loop, a link to
 * nothing, a file for a directory, no right to look). Only appends to @ret, which has room for LIMIT_PATH_BYTES. */
typedef int (*path_resolve_fn)(void *userdata, struct str path, struct buf *ret);

struct path_rule {
        const struct str *dirs; /* each path_dir_is_normal() */
        size_t dir_count;
        struct str cwd;          /* path_dir_is_normal(), or empty: then relative paths are unreadable */
        path_resolve_fn resolve; /* NULL: links are not looked at */
        void *userdata;
};

/* Can @dir stand in a rule? An absolute path in the form that path_within() brings texts into. */
bool path_dir_is_normal(struct str dir);

/* HOLDS for a directory of the rule itself and all below it, by whole parts. @ret_why: what decided, or NULL. */
enum recognised path_within(const struct path_rule *rule, struct str text, const char **ret_why);
