/* SPDX-License-Identifier: Apache-2.0
 *
 * The stops in force in all sessions that `leastwise watch` knows. One stop mostly holds in several sessions, and is kept and shown once.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "stop_told.h"

/* What is shown at one time, and kept of it; the rest is counted. */
#define WATCH_STOPS_SHOWN 3U
#define WATCH_STOPS_MAX 256U
/* As many as are watched at a time. */
#define WATCH_STOPS_SESSIONS 64U
/* More of its words do not fit on a line. */
#define WATCH_STOP_TEXT_BYTES 512U

struct watch_stop {
        uint64_t holders; /* a bit for each session that has told of it, by its place */
        char id[STOP_ID_BYTES];
        bool system;
        char text[WATCH_STOP_TEXT_BYTES]; /* what is stopped, and why */
};

struct watch_stops_session {
        unsigned source; /* the connection */
        bool taken;
        size_t lost; /* that it told of and that are not kept */
};

struct watch_stops {
        struct watch_stop list[WATCH_STOPS_MAX]; /* different ones */
        size_t count;
        struct watch_stops_session sessions[WATCH_STOPS_SESSIONS];
        size_t lost_elsewhere; /* of sessions for which there was no place: nobody can say when they end */
};

/* The session's stops are told anew: what was known of it goes. */
void watch_stops_clear(struct watch_stops *s, unsigned source);
void watch_stops_add(struct watch_stops *s, unsigned source, const struct stop_told *stop);

/* How many are told of and not kept, for there was no room: each for itself, also where several sessions mean the same one. */
size_t watch_stops_lost(const struct watch_stops *s);
