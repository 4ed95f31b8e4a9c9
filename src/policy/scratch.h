/* SPDX-License-Identifier: Apache-2.0
 *
 * Working memory of conditions, for the files of this layer only.
 */
#pragma once

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "policy.h"

struct policy_scratch {
        struct buf text; /* unescaped strings of the value at hand */
        pcre2_general_context *general;
        pcre2_match_context *limits;
        pcre2_match_data *match;
};
