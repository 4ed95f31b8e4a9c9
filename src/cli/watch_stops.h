/* SPDX-License-Identifier: Apache-2.0
 *
 * The stops in force in all sessions that `leastwise watch` knows. One stop mostly holds in several sessions, and is shown once.
 */
#pragma once

#include "stop_told.h"

/* What is shown at one time, and kept of it; the rest is counted. */
#define WATCH_STOPS_SHOWN 3U
#define WATCH_STOPS_MAX 256U
/* More of its words do not fit on a line. */
#define WATCH_STOP_TEXT_BYTES 512U

struct watch_stop {
        unsigned source; /* the connection */
        char id[STOP_ID_BYTES];
        bool system;
        char text[WATCH_STOP_TEXT_BYTES]; /* what is stopped, and why */
};

struct watch_stops {
        struct watch_stop list[WATCH_STOPS_MAX];
        size_t count;
};

/* The session's stops are told anew: what was known of it goes. */
void watch_stops_clear(struct watch_stops *s, unsigned source);
void watch_stops_add(struct watch_stops *s, unsigned source, const struct stop_told *stop);

/* How many different ones there are, and one of those; @index is less than their number. */
size_t watch_stops_count(const struct watch_stops *s);
const struct watch_stop *watch_stops_at(const struct watch_stops *s, size_t index);
