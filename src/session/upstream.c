/* SPDX-License-Identifier: Apache-2.0
 *
 * The upstreams of a session. So far it has the main one only.
 */
#include <errno.h>

#include "internal.h"

bool session_take_upstream(struct session *s, struct session_upstream *ret)
{
        (void)s;
        (void)ret;
        return false;
}

int session_upstream_started(struct session *s, enum side side, uint64_t now_ms, uint64_t mono_ms)
{
        (void)s;
        (void)side;
        (void)now_ms;
        (void)mono_ms;
        return -EINVAL;
}

int session_upstream_failed(struct session *s, enum side side, struct str why, uint64_t now_ms, uint64_t mono_ms)
{
        (void)why;
        return session_upstream_started(s, side, now_ms, mono_ms);
}

int session_upstream_lost(struct session *s, enum side side, uint64_t now_ms, uint64_t mono_ms)
{
        return session_end(s, side, now_ms, mono_ms);
}

int session_upstream_rest(struct session *s, enum side side, bool rest, uint64_t now_ms, uint64_t mono_ms)
{
        (void)rest;
        return session_upstream_started(s, side, now_ms, mono_ms);
}

bool session_upstream_idle(const struct session *s, enum side side)
{
        (void)s;
        (void)side;
        return false;
}

bool session_upstream_replaceable(const struct session *s)
{
        (void)s;
        return false;
}
