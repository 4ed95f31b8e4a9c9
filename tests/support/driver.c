/* SPDX-License-Identifier: Apache-2.0 */
#include "driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "limit.h"

#define COLLECTED_MAX (256U << 20)

static void fail(const char *what)
{
        fprintf(stderr, "driver: %s\n", what);
        abort();
}

struct policy_set *driver_policies(const struct str *texts, size_t count, size_t administrators)
{
        struct policy_input inputs[LIMIT_POLICIES];
        struct policy_options options = { .any_binding = true, .any_agent = true, .administrators = administrators };
        struct policy_set *set = NULL;
        struct diagnostics *diags = calloc(1, sizeof(*diags));

        for (size_t i = 0; i < count && i < LIMIT_POLICIES; i++)
                inputs[i] = (struct policy_input){ .path = STR_INIT("policy.yaml"), .text = texts[i] };
        if (!diags || policy_set_new(&set, inputs, count, &options, diags) < 0) {
                for (size_t i = 0; diags && i < diags->count; i++)
                        fprintf(stderr, "%u:%u %s\n", diags->items[i].line, diags->items[i].column, diags->items[i].message);
                fail("the policy is not valid");
        }
        diagnostics_deinit(diags);
        free(diags);
        return set;
}

struct policy_set *driver_policy(struct str text)
{
        return driver_policies(&text, 1, 0);
}

void driver_start(struct driver *d, struct str policy, const char *secret)
{
        struct policy_set *set = driver_policy(policy);

        driver_start_with(d, set, secret);
        policy_set_unref(set);
}

void driver_start_with(struct driver *d, struct policy_set *policy, const char *secret)
{
        driver_start_pinned(d, policy, NULL, false, secret);
}

void driver_start_pinned(struct driver *d, struct policy_set *policy, struct pin_set *pins, bool reloads, const char *secret)
{
        driver_start_asking(d, policy, pins, reloads, secret, NULL);
}

/* As the proxy's own records are. */
static int redact(void *userdata, struct str text, struct buf *out)
{
        return redactor_apply(userdata, text, out);
}

void driver_start_asking(struct driver *d, struct policy_set *policy, struct pin_set *pins, bool reloads, const char *secret,
        const struct session_asking *asking)
{
        struct audit_config audit = { .session = STR_INIT("01TESTTESTTESTTESTTESTTEST") };
        struct session_config config = { .seed = { 1, 2 } };

        *d = (struct driver){ .now_ms = 1795172400000, .records = BUF_INIT(COLLECTED_MAX), .asked = BUF_INIT(COLLECTED_MAX) };
        for (int side = 0; side < SIDE_MAX_; side++)
                buf_init(&d->to[side], COLLECTED_MAX);
        d->policy = policy_set_ref(policy);
        if (secret) {
                struct redact_secret s = { STR("TOKEN"), str_from(secret) };

                if (redactor_new(&d->redactor, &s, 1) < 0)
                        fail("no redactor");
                audit.redact = redact;
                audit.redact_userdata = d->redactor;
        }
        if (audit_log_new(&d->audit, &audit) < 0)
                fail("no audit log");
        config.policy = d->policy;
        config.pins = pins;
        config.reloads = reloads;
        config.asking = asking;
        config.audit = d->audit;
        config.redactor = d->redactor;
        d->limit_memory = limit_memory_new();
        if (!d->limit_memory)
                fail("no memory for limits");
        d->limits = limit_memory_store(d->limit_memory);
        config.limits = &d->limits;
        if (session_new(&d->session, &config) < 0)
                fail("no session");
}

void driver_stop(struct driver *d)
{
        session_free(d->session);
        limit_memory_free(d->limit_memory);
        audit_log_free(d->audit);
        policy_set_unref(d->policy);
        redactor_free(d->redactor);
        buf_deinit(&d->records);
        buf_deinit(&d->asked);
        for (int side = 0; side < SIDE_MAX_; side++)
                buf_deinit(&d->to[side]);
}

static void collect(struct driver *d, enum side from)
{
        for (int to = 0; to < SIDE_MAX_; to++) {
                const struct iovec *v;
                size_t n = session_output(d->session, from, (enum side)to, &v);

                for (size_t i = 0; i < n; i++)
                        if (buf_append(&d->to[to], v[i].iov_base, v[i].iov_len) < 0)
                                fail("too much output");
        }
}

static void collect_asked(struct driver *d)
{
        struct session_upstream upstream;

        while (session_take_upstream(d->session, &upstream))
                if (buf_printf(&d->asked, "%s %d %.*s\n", upstream.start ? "start" : "stop", upstream.side - SIDE_LANE, STR_FMT(upstream.lane)) < 0)
                        fail("too much is asked");
}

static void after_event(struct driver *d, enum side side)
{
        bool written = true;

        if (session_records_due(d->session)) {
                written = !d->disk_full;
                if (written) {
                        buf_append_str(&d->records, audit_log_pending(d->audit));
                        audit_log_written(d->audit);
                } else {
                        audit_log_discard(d->audit, d->now_ms);
                }
        }
        session_commit(d->session, side, written, d->now_ms);
        collect(d, side);
        collect_asked(d);
        session_release(d->session, side);
}

int driver_upstream_started(struct driver *d, enum side side)
{
        const int r = session_upstream_started(d->session, side, d->now_ms, d->now_ms);

        d->over |= r == -ENOMEM;
        after_event(d, side);
        return r;
}

int driver_upstream_failed(struct driver *d, enum side side, const char *why)
{
        const int r = session_upstream_failed(d->session, side, str_from(why), d->now_ms, d->now_ms);

        d->over |= r == -ENOMEM;
        after_event(d, side);
        return r;
}

int driver_upstream_lost(struct driver *d, enum side side)
{
        const int r = session_upstream_lost(d->session, side, d->now_ms, d->now_ms);

        d->over |= r == -ENOMEM;
        after_event(d, side);
        return r;
}

int driver_upstream_rest(struct driver *d, enum side side, bool rest)
{
        const int r = session_upstream_rest(d->session, side, rest, d->now_ms, d->now_ms);

        d->over |= r == -ENOMEM;
        after_event(d, side);
        return r;
}

int driver_answer(struct driver *d, const struct card_answer *answer, const char **ret_why)
{
        const int r = session_answer_card(d->session, answer, d->now_ms, d->now_ms, ret_why);

        d->over |= r == -EIO;
        after_event(d, SIDE_CLIENT);
        return r;
}

void driver_set_policy(struct driver *d, struct policy_set *policy, struct pin_set *pins)
{
        if (session_set_policy(d->session, policy, pins) < 0)
                fail("no memory for a policy");
        if (session_announce(d->session, d->now_ms, d->now_ms))
                after_event(d, SIDE_SERVER);
}

void driver_set_stops(struct driver *d, const struct stop_list *stops)
{
        session_set_stops(d->session, stops);
        if (session_announce(d->session, d->now_ms, d->now_ms))
                after_event(d, SIDE_SERVER);
}

/* The lists may have changed. */
static void tell_grants(struct driver *d)
{
        const struct grant *grant;
        enum grant_change change;
        bool any = false;

        while (session_take_grant_change(d->session, &change, &grant))
                any = true;
        if (any && session_announce(d->session, d->now_ms, d->now_ms))
                after_event(d, SIDE_SERVER);
}

/* What is pending is written now, whosever event it comes from. */
static bool write_now(struct driver *d)
{
        if (d->disk_full) {
                audit_log_discard(d->audit, d->now_ms);
                return false;
        }
        buf_append_str(&d->records, audit_log_pending(d->audit));
        audit_log_written(d->audit);
        return true;
}

int driver_grant(struct driver *d, const struct grant_terms *terms, char ret_id[static CARD_ID_BYTES], const char **ret_why)
{
        AUTO_BUF struct buf text = BUF_INIT(1U << 20);
        struct grant_answer answer = { .terms = *terms, .by = STR("local"), .statement = STR("a statement") };
        struct policy_set *policy;
        const struct grant *grant;
        bool written;
        int r;

        *ret_why = grant_terms_refusal(terms);
        if (*ret_why || grant_text_write(&text, terms) < 0)
                return -EINVAL;
        policy = driver_policy(buf_str(&text));
        r = session_grant_add(d->session, &answer, policy, buf_str(&text), d->now_ms, d->now_ms, &grant, ret_why);
        policy_set_unref(policy);
        if (r < 0)
                return r;
        written = write_now(d);
        if (written)
                memcpy(ret_id, grant->id, CARD_ID_BYTES);
        session_grants_commit(d->session, written);
        tell_grants(d);
        return written ? 0 : -EIO;
}

int driver_revoke(struct driver *d, const char *id)
{
        const int r = session_grant_revoke(d->session, str_from(id), STR("local"), STR("enough"), d->now_ms);

        (void)write_now(d);
        tell_grants(d);
        return r;
}

void driver_feed(struct driver *d, enum side side, struct str bytes)
{
        while (bytes.len) {
                size_t room, n;
                char *at;

                if (session_input(d->session, side, &at, &room) < 0) {
                        d->over = true;
                        return;
                }
                n = bytes.len < room ? bytes.len : room;
                memcpy(at, bytes.ptr, n);
                d->over |= session_feed(d->session, side, n, d->now_ms, d->now_ms) < 0;
                after_event(d, side);
                bytes = str_skip(bytes, n);
        }
}

void driver_wait(struct driver *d, uint64_t ms)
{
        d->now_ms += ms;
        if (session_deadline(d->session) > d->now_ms)
                return;
        d->over |= session_tick(d->session, SIDE_SERVER, d->now_ms, d->now_ms) < 0;
        after_event(d, SIDE_SERVER);
        tell_grants(d);
}

void driver_end(struct driver *d, enum side side)
{
        d->over |= session_end(d->session, side, d->now_ms, d->now_ms) < 0;
        after_event(d, side);
        buf_append_str(&d->records, audit_log_pending(d->audit));
        audit_log_written(d->audit);
}

struct str driver_read_file(const char *path)
{
        FILE *f = fopen(path, "re");
        char *data = mem_alloc(COLLECTED_MAX / 16 + 1);
        size_t n;

        if (!f || !data)
                fail(path);
        n = fread(data, 1, COLLECTED_MAX / 16, f);
        data[n] = '\0';
        fclose(f);
        return str_of(data, n);
}
