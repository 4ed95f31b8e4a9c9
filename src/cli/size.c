/* SPDX-License-Identifier: Apache-2.0 */
#include "size.h"

#include <string.h>

bool size_parse(const char *text, size_t max, size_t *ret)
{
        static const struct {
                const char *name;
                unsigned shift;
        } units[] = { { "", 0 }, { "KiB", 10 }, { "MiB", 20 }, { "GiB", 30 } };
        size_t value = 0;
        const char *p = text;

        for (; *p >= '0' && *p <= '9'; p++) {
                if (value > max / 10)
                        return false;
                value = value * 10 + (size_t)(*p - '0');
        }
        if (p == text)
                return false;
        for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
                if (strcmp(p, units[i].name) == 0) {
                        if (value > max >> units[i].shift)
                                return false;
                        *ret = value << units[i].shift;
                        return true;
                }
        }
        return false;
}
