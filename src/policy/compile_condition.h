/* SPDX-License-Identifier: Apache-2.0
 *
 * Parts of compile_condition.c: conditions whose values are read in their own way. Each fills in the condition and appends what
 * it asks for to @words; false after reporting.
 */
#pragma once

#include "compile.h"
#include "writer.h"

bool compile_within(struct compile *c, const struct yaml_node *node, struct condition *ret, struct buf *words);
bool compile_mail(struct compile *c, const struct yaml_node *node, struct condition *ret, struct buf *words);
bool compile_command(
        struct compile *c, const struct yaml_node *node, bool denies, struct condition *ret, struct buf *words);
bool compile_url(struct compile *c, const struct yaml_node *node, bool denies, struct condition *ret, struct buf *words);
