/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person is told while a verb starts. It may find stderr full, and nobody who reads it.
 */
#pragma once

#include "str.h"

/* From here on, what nobody takes within @ms is left unsaid, what comes behind that at once, and a reader that has gone does not end us.
 * Without this call, whoever reads may take all the time in the world. */
void stderr_print_patience(int ms);

void stderr_print_str(struct str text);

/* Up to 8 KiB. */
void stderr_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
