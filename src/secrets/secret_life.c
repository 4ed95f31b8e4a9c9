/* SPDX-License-Identifier: Apache-2.0 */
#include "secrets.h"

#define MINUTE_MS 60000U
/* What is said to be good for longer is good for ever, as far as a session goes: no sum below overflows. */
#define LIFE_MOST_S INT64_C(253402300799)

bool secret_set_life(struct secret *secret, int64_t expires_s, int64_t now_s, uint64_t boot_ms)
{
        uint64_t left_ms, renew_ms;

        if (expires_s > LIFE_MOST_S)
                expires_s = LIFE_MOST_S;
        if (now_s < 0 || expires_s <= now_s)
                return false;
        left_ms = (uint64_t)(expires_s - now_s) * 1000;
        renew_ms = left_ms / 5 * 4;
        if (left_ms > MINUTE_MS && left_ms - MINUTE_MS < renew_ms)
                renew_ms = left_ms - MINUTE_MS;
        if (renew_ms < left_ms / 2)
                renew_ms = left_ms / 2;
        secret->expires = true;
        secret->expires_s = expires_s;
        secret->expires_ms = boot_ms + left_ms;
        secret->renew_ms = boot_ms + renew_ms;
        return true;
}
