/* SPDX-License-Identifier: Apache-2.0 */
#include "recognise.h"

const char *recognised_name(enum recognised r)
{
        switch (r) {
        case RECOGNISED_UNREADABLE:
                return "unreadable";
        case RECOGNISED_DOES_NOT:
                return "does-not";
        case RECOGNISED_HOLDS:
                return "holds";
        }
        return "unreadable";
}
