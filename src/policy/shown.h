/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "str.h"

/* What an author or a peer wrote, cut and escaped so that it can stand in a one-line message. */
struct shown {
        char text[100];
};

struct shown show(struct str s);
