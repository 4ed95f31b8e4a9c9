/* SPDX-License-Identifier: Apache-2.0
 *
 * The running sessions as `leastwise watch` is told of them: connections to their control sockets, new ones as they
 * start, and what they say. Nothing here waits.
 */
#pragma once

#include <poll.h>

#include "card.h"
#include "control_client.h"
#include "grant.h"
#include "stop_told.h"

/* More are not watched at once; what they hold back is told. */
#define WATCH_SESSIONS_MAX 64U

struct watch_listener {
        int (*card)(
                void *userdata, unsigned source, const struct card *card); /* opened, or changed; -ENOMEM ends it all */
        void (*closed)(void *userdata, unsigned source, const char *id, enum card_state state);
        void (*dropped)(void *userdata, unsigned source); /* the session has ended, or is not to be understood */
        void (*notice)(void *userdata, struct str text);
        /* The answer to an answer: @refusal is empty when it was taken. */
        void (*answered)(
                void *userdata, const char *id, struct str refusal, enum card_state state, int64_t given, int64_t by);
        /* All grants of the session are told anew: NULL comes first, then each. */
        void (*grant)(void *userdata, unsigned source, const struct grant *grant);
        void (*stop)(void *userdata, unsigned source, const struct stop_told *stop); /* in the same way */
        void *userdata;
};

struct watch_peer {
        struct control_client client;
        char name[CONTROL_NAME_BYTES];
        unsigned source;
        char answering[CARD_ID_BYTES]; /* empty: none */
};

struct watch_feed {
        struct watch_peer peers[WATCH_SESSIONS_MAX];
        size_t count;
        unsigned next_source;
        bool full;                      /* there are more sessions than are watched */
        unsigned unreached;             /* sessions that run, and took no connection at the last scan */
        struct control_sessions places; /* as they were found last; their directories stay open */
        struct timespec changed[CONTROL_PLACES];
        unsigned scans; /* that found nothing new */
        const struct watch_listener *listener;
};

void watch_feed_init(struct watch_feed *f, const struct watch_listener *listener);
void watch_feed_deinit(struct watch_feed *f); /* idempotent */

/* Connects to sessions that are not watched yet. Looks closer only when a directory has changed, or every tenth time. 0
 * or -ENOMEM. */
int watch_feed_scan(struct watch_feed *f);

/* What to wait for: fills @fds, which has room for WATCH_SESSIONS_MAX; returns how many. */
nfds_t watch_feed_poll(const struct watch_feed *f, struct pollfd *fds);

/* Reads what has come. 0 or -ENOMEM. */
int watch_feed_read(struct watch_feed *f, const struct pollfd *fds, nfds_t count);

/* Sends an answer, with its signature if it has one. 0; -ENOENT: the session is not there any more; -EBUSY: another answer to it is on its way; -ENOMEM.
 */
int watch_feed_answer(struct watch_feed *f, unsigned source, const char *id,
        const uint8_t digest[static CARD_DIGEST_BYTES], bool approve, struct str signature);
