/* SPDX-License-Identifier: Apache-2.0
 *
 * Other JSON readers behind one face, for the differential test. Each is in a file of its own, as their headers and
 * ours claim the same names. What a reader saw is written down as a tree in a plain notation, so that trees can be
 * compared as bytes: n t f, a number as a double, a string with its length, and brackets.
 */
#pragma once

#include <stdbool.h>

#include "buf.h"

enum oracle_answer {
        ORACLE_READS,
        ORACLE_REFUSES,
        ORACLE_CANNOT, /* well-formed, but past what this reader can represent */
};

/* @text has a NUL behind it. @tree is appended to when the text is read. */
enum oracle_answer oracle_jansson(struct str text, struct buf *tree);
enum oracle_answer oracle_jsonc(struct str text, struct buf *tree);
enum oracle_answer oracle_cjson(struct str text, struct buf *tree);

/* Integers past 64 bits are clamped by json-c: numbers of their magnitude are written alike when @clamped. */
void tree_number(struct buf *tree, double number, bool clamped);
void tree_string(struct buf *tree, const char *bytes, size_t length);
