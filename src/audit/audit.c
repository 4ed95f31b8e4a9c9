/* SPDX-License-Identifier: Apache-2.0 */
#include "audit.h"

#include <errno.h>
#include <sodium.h>

#include "alloc.h"
#include "limit.h"
#include "record.h"

/* Memory kept between records; a burst's memory beyond it is given back. */
#define PENDING_KEEP_BYTES (128U << 10)

struct audit_log {
        struct record_encoder encoder;
        struct buf pending;
        uint64_t next_seq;
        uint64_t pending_count;  /* records in `pending`, a gap's record not counted */
        uint64_t pending_first;  /* the number of the first line in `pending` */
        uint64_t lost;           /* not yet told by a gap in `pending` */
        uint64_t lost_in_gap;    /* told by gaps in `pending`, and lost again if those are */
        uint64_t lost_since_ms;  /* when the first of all these was */
};

int audit_log_new(struct audit_log **ret, const struct audit_config *config)
{
        struct audit_log *log;
        int r;

        /* Digests take what the processor offers, which libsodium finds out here. */
        if (sodium_init() < 0)
                return -EIO;
        log = mem_calloc(1, sizeof(*log));
        if (!log)
                return -ENOMEM;
        buf_init(&log->pending, LIMIT_AUDIT_PENDING_BYTES);
        log->next_seq = log->pending_first = 1;
        r = record_encoder_init(&log->encoder, config);
        if (r < 0) {
                audit_log_free(log);
                return r;
        }
        *ret = log;
        return 0;
}

struct audit_log *audit_log_free(struct audit_log *log)
{
        if (!log)
                return NULL;
        record_encoder_deinit(&log->encoder);
        buf_deinit(&log->pending);
        mem_free(log);
        return NULL;
}

/* Puts the finished record behind the pending ones. */
static int add_line(struct audit_log *log, struct str line)
{
        int r = buf_append_str(&log->pending, line);

        if (r == 0)
                log->next_seq++;
        return r;
}

static int add_gap(struct audit_log *log, uint64_t time_ms)
{
        struct str line;
        int r = record_encode_gap(&log->encoder, log->next_seq, time_ms, log->lost, log->lost_since_ms, &line);

        if (r == 0)
                r = add_line(log, line);
        if (r < 0)
                return r;
        log->lost_in_gap += log->lost;
        log->lost = 0;
        return 0;
}

static int add_event(struct audit_log *log, const struct audit_event *event)
{
        struct str line;
        int r = record_encode(&log->encoder, log->next_seq, event, &line);

        return r < 0 ? r : add_line(log, line);
}

static void count_lost(struct audit_log *log, uint64_t count, uint64_t time_ms)
{
        if (log->lost + log->lost_in_gap == 0)
                log->lost_since_ms = time_ms;
        log->lost += count;
}

int audit_log_add(struct audit_log *log, const struct audit_event *event, uint64_t *ret_seq)
{
        uint64_t seq = log->next_seq, lost = log->lost, lost_in_gap = log->lost_in_gap;
        size_t len = log->pending.len;
        int r = lost ? add_gap(log, event->time_ms) : 0;

        if (r == 0)
                r = add_event(log, event);
        if (r < 0) {
                log->pending.len = len;
                log->pending.failed = false;
                log->next_seq = seq;
                log->lost = lost;
                log->lost_in_gap = lost_in_gap;
                count_lost(log, 1, event->time_ms);
                return r;
        }
        log->pending_count++;
        *ret_seq = log->next_seq - 1;
        return 0;
}

struct str audit_log_pending(const struct audit_log *log)
{
        return buf_str(&log->pending);
}

static void forget_pending(struct audit_log *log)
{
        buf_clear(&log->pending, PENDING_KEEP_BYTES);
        log->pending_count = 0;
        log->pending_first = log->next_seq;
        log->lost_in_gap = 0;
}

void audit_log_written(struct audit_log *log)
{
        forget_pending(log);
}

void audit_log_discard(struct audit_log *log, uint64_t time_ms)
{
        uint64_t again = log->lost_in_gap;

        if (log->pending.len == 0)
                return;
        count_lost(log, log->pending_count, time_ms);
        log->lost += again;
        log->next_seq = log->pending_first;
        forget_pending(log);
}

void audit_session_id(char ret[27], uint64_t now_ms, const uint8_t random[10])
{
        static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        uint8_t bits[17] = { 0 }; /* two zero bits, 48 of time, 80 of chance, as 26 digits of five */

        for (unsigned i = 0; i < 6; i++)
                bits[i] = (uint8_t)(now_ms >> (40 - 8 * i));
        memcpy(bits + 6, random, 10);
        for (unsigned i = 0; i < 26; i++) {
                /* Digit i holds the bits 5i-2 to 5i+2. */
                unsigned value = 0;

                for (unsigned k = 0; k < 5; k++) {
                        int bit = (int)(5 * i + k) - 2;

                        value = value << 1 | (bit < 0 ? 0 : bits[bit / 8] >> (7 - bit % 8) & 1U);
                }
                ret[i] = digits[value];
        }
        ret[26] = '\0';
}
