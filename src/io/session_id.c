/* SPDX-License-Identifier: Apache-2.0 */
#include "session_id.h"

#include <errno.h>
#include <sys/random.h>

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void session_id_encode(char out[static SESSION_ID_LEN + 1], uint64_t time_ms, const uint8_t random[static 10])
{
        uint32_t bits = 0;
        unsigned held = 0, used = 0;

        for (int i = 9; i >= 0; i--) {
                out[i] = digits[time_ms & 31U];
                time_ms >>= 5;
        }
        for (unsigned i = 10; i < SESSION_ID_LEN; i++) {
                if (held < 5) {
                        bits = bits << 8 | random[used++];
                        held += 8;
                }
                held -= 5;
                out[i] = digits[bits >> held & 31U];
        }
        out[SESSION_ID_LEN] = '\0';
}

int session_id_new(char out[static SESSION_ID_LEN + 1], uint64_t time_ms)
{
        uint8_t random[10];

        if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
                return -EIO;
        session_id_encode(out, time_ms, random);
        return 0;
}
