/* SPDX-License-Identifier: Apache-2.0 */
#define LEASTWISE_USE_UNSTABLE
#include <leastwise/session.h>

#include <assert.h>
#include <sys/random.h>

#include "host.h"
#include "session.h"
#include "versioned.h"

/* Far more than a server is ever given. */
#define SECRETS_MAX 64U

static_assert((int)LEASTWISE_CLIENT == (int)SIDE_CLIENT && (int)LEASTWISE_SERVER == (int)SIDE_SERVER, "sides are passed on as they are");

struct leastwise_session {
        struct session *session;
        struct audit_log *audit;
        struct redactor *redactor;
        struct host host;
};

/* What a session must not have in common with another. */
struct chance {
        uint64_t seed[2];
        uint8_t digest_key[32];
        uint8_t id[10];
};

static void session_freep(struct leastwise_session **session)
{
        leastwise_session_free(*session);
}

static int redact(void *userdata, struct str text, struct buf *out)
{
        return userdata ? redactor_apply(userdata, text, out) : 1;
}

static int make_redactor(struct leastwise_session *s, const struct leastwise_session_config *config)
{
        AUTO_FREE struct redact_secret *secrets = NULL;
        const struct leastwise_secret *first = config->secrets;

        if (config->secret_count == 0)
                return 0;
        if (config->secret_count > SECRETS_MAX || !first)
                return -LEASTWISE_ERROR_ARGUMENT;
        secrets = mem_calloc(config->secret_count, sizeof(*secrets));
        if (!secrets)
                return -LEASTWISE_ERROR_MEMORY;
        for (size_t i = 0; i < config->secret_count; i++) {
                struct leastwise_secret secret;

                if (!versioned_read(&secret, sizeof(secret), sizeof(secret), (const char *)first + i * first->size) ||
                        secret.size != first->size || !secret.name || !secret.value)
                        return -LEASTWISE_ERROR_ARGUMENT;
                secrets[i] = (struct redact_secret){ str_from(secret.name), str_of(secret.value, secret.value_length) };
        }
        return public_error(redactor_new(&s->redactor, secrets, config->secret_count));
}

static int make_audit(struct leastwise_session *s, const struct leastwise_session_config *config, const struct chance *chance)
{
        struct audit_config audit = { .redact = redact, .redact_userdata = s->redactor };
        struct policy_launch launch;
        char id[27];

        audit_session_id(id, config->now_ms, chance->id);
        audit.session = str_from(id);
        memcpy(audit.digest_key, config->digest_key ? config->digest_key : chance->digest_key, sizeof(audit.digest_key));
        policy_set_launch(config->policy->set, &launch);
        audit.redacted_arguments = launch.audit_arguments == POLICY_AUDIT_REDACTED;
        return public_error(audit_log_new(&s->audit, &audit));
}

static int start(struct leastwise_session *s, const struct leastwise_session_config *config)
{
        struct chance chance;
        struct session_config inner = { .policy = config->policy->set };
        int r;

        if (getrandom(&chance, sizeof(chance), 0) != (ssize_t)sizeof(chance))
                return -LEASTWISE_ERROR_RANDOM;
        r = make_redactor(s, config);
        if (r == 0)
                r = make_audit(s, config, &chance);
        if (r < 0)
                return r;
        memcpy(inner.seed, chance.seed, sizeof(inner.seed));
        inner.audit = s->audit;
        inner.redactor = s->redactor;
        inner.host = host_init(&s->host, config->resolve, config->userdata);
        return public_error(session_new(&s->session, &inner));
}

/* A session of the library has no locks of pins and starts no servers. */
static bool follows_all(const struct policy_set *set)
{
        for (size_t i = 0; i < policy_set_count(set); i++) {
                struct policy_pins pins;

                if (policy_set_pins(set, i, &pins))
                        return false;
        }
        return !policy_set_has_lanes(set);
}

int leastwise_session_new(struct leastwise_session **ret, const struct leastwise_session_config *config)
{
        CLEANUP(session_freep) struct leastwise_session *s = NULL;
        struct leastwise_session_config given;
        int r;

        if (!ret || !versioned_read(&given, sizeof(given), sizeof(given), config) || !given.policy || given.now_ms == 0)
                return -LEASTWISE_ERROR_ARGUMENT;
        if (!follows_all(given.policy->set))
                return -LEASTWISE_ERROR_NOT_ENFORCED;
        s = mem_calloc(1, sizeof(*s));
        if (!s)
                return -LEASTWISE_ERROR_MEMORY;
        r = start(s, &given);
        if (r < 0)
                return r;
        *ret = s;
        s = NULL;
        return 0;
}

struct leastwise_session *leastwise_session_free(struct leastwise_session *session)
{
        if (!session)
                return NULL;
        session_free(session->session);
        audit_log_free(session->audit);
        redactor_free(session->redactor);
        mem_free(session);
        return NULL;
}

static bool is_side(enum leastwise_side side)
{
        return side == LEASTWISE_CLIENT || side == LEASTWISE_SERVER;
}

int leastwise_session_input(struct leastwise_session *session, enum leastwise_side side, char **ret, size_t *ret_length)
{
        if (!session || !is_side(side) || !ret || !ret_length)
                return -LEASTWISE_ERROR_ARGUMENT;
        return public_error(session_input(session->session, (enum side)side, ret, ret_length));
}

int leastwise_session_feed(struct leastwise_session *session, enum leastwise_side side, size_t count, uint64_t now_ms,
        uint64_t monotonic_ms)
{
        if (!session || !is_side(side))
                return -LEASTWISE_ERROR_ARGUMENT;
        return public_error(session_feed(session->session, (enum side)side, count, now_ms, monotonic_ms));
}

int leastwise_session_end(
        struct leastwise_session *session, enum leastwise_side side, uint64_t now_ms, uint64_t monotonic_ms)
{
        if (!session || !is_side(side))
                return -LEASTWISE_ERROR_ARGUMENT;
        return public_error(session_end(session->session, (enum side)side, now_ms, monotonic_ms));
}

int leastwise_session_tick(
        struct leastwise_session *session, enum leastwise_side side, uint64_t now_ms, uint64_t monotonic_ms)
{
        if (!session || !is_side(side))
                return -LEASTWISE_ERROR_ARGUMENT;
        return public_error(session_tick(session->session, (enum side)side, now_ms, monotonic_ms));
}

uint64_t leastwise_session_deadline(const struct leastwise_session *session)
{
        return session ? session_deadline(session->session) : UINT64_MAX;
}

int leastwise_session_records_due(const struct leastwise_session *session)
{
        return session && session_records_due(session->session);
}

const char *leastwise_session_records(const struct leastwise_session *session, size_t *ret_length)
{
        const struct str records = session ? audit_log_pending(session->audit) : STR("");

        if (ret_length)
                *ret_length = records.len;
        return records.ptr;
}

void leastwise_session_commit(
        struct leastwise_session *session, enum leastwise_side side, enum leastwise_records records, uint64_t now_ms)
{
        if (!session || !is_side(side))
                return;
        if (records == LEASTWISE_RECORDS_WRITTEN)
                audit_log_written(session->audit);
        else if (records != LEASTWISE_RECORDS_WAIT || session_records_due(session->session))
                audit_log_discard(session->audit, now_ms);
        session_commit(session->session, (enum side)side,
                records == LEASTWISE_RECORDS_WRITTEN ||
                        (records == LEASTWISE_RECORDS_WAIT && !session_records_due(session->session)),
                now_ms);
}

int leastwise_session_output(struct leastwise_session *session, enum leastwise_side from, enum leastwise_side to, size_t index,
        const char **ret, size_t *ret_length)
{
        const struct iovec *pieces;

        if (!session || !is_side(from) || !is_side(to) || !ret || !ret_length ||
                index >= session_output(session->session, (enum side)from, (enum side)to, &pieces))
                return 0;
        *ret = pieces[index].iov_base;
        *ret_length = pieces[index].iov_len;
        return 1;
}

void leastwise_session_release(struct leastwise_session *session, enum leastwise_side from)
{
        if (session && is_side(from))
                session_release(session->session, (enum side)from);
}
