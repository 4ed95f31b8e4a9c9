/* SPDX-License-Identifier: Apache-2.0 */
#include "limit_slot.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define MAGIC "lwlimit1"
#define SEQUENCE_AT 8U
#define SPAN_AT 16U
#define LATEST_AT 24U
#define RING_AT 32U
#define CHECKSUM_AT (RING_AT + WINDOW_RING * 16U)
#define CHECKSUM_BYTES 16U

static_assert(CHECKSUM_AT + CHECKSUM_BYTES == LIMIT_SLOT_BYTES, "a slot is filled");

static void put(unsigned char *at, uint64_t value)
{
        for (unsigned i = 0; i < 8; i++)
                at[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get(const unsigned char *at)
{
        uint64_t value = 0;

        for (unsigned i = 0; i < 8; i++)
                value |= (uint64_t)at[i] << (8 * i);
        return value;
}

static void checksum(const unsigned char *slot, unsigned char ret[CHECKSUM_BYTES])
{
        crypto_generichash(ret, CHECKSUM_BYTES, slot, CHECKSUM_AT, NULL, 0);
}

void limit_slot_write(unsigned char slot[LIMIT_SLOT_BYTES], const struct window *w, uint64_t sequence)
{
        memcpy(slot, MAGIC, 8);
        put(slot + SEQUENCE_AT, sequence);
        put(slot + SPAN_AT, w->span_ms);
        put(slot + LATEST_AT, w->latest);
        for (unsigned i = 0; i < WINDOW_RING; i++) {
                put(slot + RING_AT + (size_t)16 * i, w->ring[i].units);
                put(slot + RING_AT + (size_t)16 * i + 8, w->ring[i].fraction);
        }
        checksum(slot, slot + CHECKSUM_AT);
}

uint64_t limit_slot_sequence(const unsigned char slot[LIMIT_SLOT_BYTES])
{
        return get(slot + SEQUENCE_AT);
}

bool limit_slot_read(const unsigned char slot[LIMIT_SLOT_BYTES], struct window *ret)
{
        unsigned char sum[CHECKSUM_BYTES];
        struct window w = { .span_ms = get(slot + SPAN_AT), .latest = get(slot + LATEST_AT) };

        checksum(slot, sum);
        if (memcmp(slot, MAGIC, 8) != 0 || memcmp(sum, slot + CHECKSUM_AT, CHECKSUM_BYTES) != 0)
                return false;
        for (unsigned i = 0; i < WINDOW_RING; i++) {
                w.ring[i].units = get(slot + RING_AT + (size_t)16 * i);
                w.ring[i].fraction = get(slot + RING_AT + (size_t)16 * i + 8);
                if (w.ring[i].units >= AMOUNT_ONE || w.ring[i].fraction >= AMOUNT_ONE)
                        return false;
        }
        *ret = w;
        return true;
}
