/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <criterion/criterion.h>

#include "redact.h"

#define MARK "[redacted:TOKEN]"

/* One that looks for @value, by the name TOKEN; to be freed. */
static inline struct redactor *redactor_of(struct str value)
{
        struct redact_secret secret = { STR("TOKEN"), value };
        struct redactor *r = NULL;

        cr_assert_eq(redactor_new(&r, &secret, 1), 0);
        return r;
}
