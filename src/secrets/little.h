/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers as files hold them: the lowest byte first, at any address.
 */
#pragma once

#include <stdint.h>

static inline uint16_t little_get16(const uint8_t *p)
{
        return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t little_get32(const uint8_t *p)
{
        return (uint32_t)little_get16(p) | (uint32_t)little_get16(p + 2) << 16;
}

static inline uint64_t little_get64(const uint8_t *p)
{
        return (uint64_t)little_get32(p) | (uint64_t)little_get32(p + 4) << 32;
}

static inline void little_put16(uint8_t *p, uint16_t value)
{
        p[0] = (uint8_t)value;
        p[1] = (uint8_t)(value >> 8);
}

static inline void little_put32(uint8_t *p, uint32_t value)
{
        little_put16(p, (uint16_t)value);
        little_put16(p + 2, (uint16_t)(value >> 16));
}

static inline void little_put64(uint8_t *p, uint64_t value)
{
        little_put32(p, (uint32_t)value);
        little_put32(p + 4, (uint32_t)(value >> 32));
}
