/* SPDX-License-Identifier: Apache-2.0 */
#include "proxy_grants.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "cleanup.h"
#include "clock.h"
#include "grants.h"
#include "printable.h"
#include "proxy_state.h"
#include "timestamp.h"
#include "writer.h"

/* Room for terms that are too long, so that it can be said that they are. */
#define TEXT_BYTES (2U * LIMIT_CONTROL_LINE_BYTES)
#define BECAUSE_SHOWN 300U

static void set_unrefp(struct policy_set **set)
{
        policy_set_unref(*set);
}

static int refuse(struct buf *out, const char *why)
{
        buf_append_str(out, str_from(why));
        return 1;
}

/* --- whether it may be --- */

static bool is_taken(const struct signed_grants *g, const uint8_t digest[static 32])
{
        for (size_t i = 0; i < g->count; i++) {
                if (memcmp(g->digests[i], digest, 32) == 0)
                        return true;
        }
        return false;
}

/* NULL with the name of who has signed, or why it does not count. */
static const char *signed_refusal(
        const struct proxy *p, const struct control_request *q, struct str statement, struct str *ret_by)
{
        struct approver approver;
        const char *why = NULL;
        uint8_t digest[32];
        int r;

        if (!p->approvers)
                return "no policy of this session names people who sign; grant without a signature";
        crypto_hash_sha256(digest, (const unsigned char *)statement.ptr, statement.len);
        if (is_taken(&p->people.grants, digest))
                return "this signature has been used: a grant is signed anew each time";
        if (p->people.grants.count == LIMIT_SIGNED_GRANTS)
                return "this session has taken as many signed grants as it remembers, and takes no more";
        r = approvers_verify(p->approvers, STR(GRANT_NAMESPACE), statement, q->signature, clock_now_ms(), &approver, &why);
        if (r < 0)
                return r == -EPERM && why ? why : "the signature cannot be verified: out of memory";
        if (q->principal.len > 0 && !str_eq(q->principal, approver.name))
                return "the signature is not by whom it is said to be by";
        /* Who may sign today only does not open a tool until tomorrow. */
        if (approvers_verify(p->approvers, STR(GRANT_NAMESPACE), statement, q->signature, q->terms.expires_ms - 1, &approver, &why) < 0)
                return "the list of approvers does not let this key sign for as long as that: let the grant end before";
        *ret_by = approver.name;
        return NULL;
}

static const char *person_refusal(const struct proxy *p, const struct control_request *q, const struct peer_process *from,
        struct str statement, struct str *ret_by)
{
        if (q->signature.len > 0)
                return signed_refusal(p, q, statement, ret_by);
        if (q->principal.len > 0)
                return "who grants under a name signs the grant";
        if (p->approvers)
                return "the policy names the people who may approve, and a grant is theirs to sign: see docs/approvals.md";
        *ret_by = STR("local");
        return proxy_control_local_refusal(p, from);
}

/* --- giving --- */

static void say_mistake(const struct diagnostics *diags, struct buf *out)
{
        buf_append_str(out, STR("a condition is not understood: "));
        for (size_t i = 0; i < diags->count; i++) {
                const struct diagnostic *d = &diags->items[i];

                if (d->severity != SEVERITY_ERROR)
                        continue;
                printable_append(out, str_from(d->message ? d->message : "?"), BECAUSE_SHOWN);
                if (d->help) {
                        buf_append_str(out, STR("; "));
                        printable_append(out, str_from(d->help), BECAUSE_SHOWN);
                }
                return;
        }
}

/* 0; 1 with why not in @out; -ENOMEM. */
static int compile(struct str text, struct policy_set **ret, struct buf *out)
{
        CLEANUP(diagnostics_deinit) struct diagnostics diags = { 0 };
        const struct policy_input input = { .path = STR("grant"), .text = text };
        const int r = policy_set_new(ret, &input, 1, NULL, &diags);

        if (r == 0)
                return policy_set_is_grant(*ret) ? 0 : refuse(out, "what the conditions make of the grant is none");
        if (r == -ENOMEM)
                return r;
        say_mistake(&diags, out);
        return 1;
}

static int write_text(const struct grant_terms *terms, struct buf *text, struct buf *out)
{
        const char *why = grant_terms_refusal(terms);
        int r;

        if (why)
                return refuse(out, why);
        r = grant_text_write(text, terms);
        return r == -EMSGSIZE ? refuse(out, "the reason and the conditions are longer than a grant may be") : r;
}

static int put_in_force(struct proxy *p, const struct grant_answer *answer, struct policy_set *policy, struct str text, struct buf *out)
{
        const struct grant *grant;
        const char *why = NULL;
        bool written;
        int r = session_grant_add(p->session, answer, policy, text, clock_now_ms(), clock_mono_ms(), &grant, &why);

        if (r < 0)
                return refuse(out, r == -EPERM && why ? why : "the grant or its record cannot be kept: out of memory");
        written = proxy_flow_write_records(p);
        if (!written) {
                session_grants_commit(p->session, false);
                return refuse(out, "the audit log cannot be written, and nothing is granted unrecorded");
        }
        if (answer->signature.len) {
                struct signed_grants *g = &p->people.grants;

                crypto_hash_sha256(g->digests[g->count++], (const unsigned char *)answer->statement.ptr, answer->statement.len);
        }
        session_grants_commit(p->session, true);
        buf_append_str(out, STR("{\"grant\":"));
        r = grant_write_json(grant, out);
        buf_append_char(out, '}');
        proxy_grants_events(p);
        return r;
}

static int add(struct proxy *p, const struct control_request *q, const struct peer_process *from, struct buf *out)
{
        CLEANUP(set_unrefp) struct policy_set *policy = NULL;
        AUTO_BUF struct buf text = BUF_INIT(TEXT_BYTES);
        AUTO_BUF struct buf statement = BUF_INIT(LIMIT_STATEMENT_BYTES);
        const struct session_asking *asking = &p->asking.asking;
        struct grant_answer answer = { .terms = q->terms, .signature = q->signature };
        const char *why;
        int r = write_text(&q->terms, &text, out);

        if (r != 0)
                return r;
        if (grant_statement_write(&statement, asking->session, asking->server, q->terms.expires_ms, buf_str(&text)) < 0)
                return -ENOMEM;
        answer.statement = buf_str(&statement);
        why = person_refusal(p, q, from, answer.statement, &answer.by);
        if (!why)
                why = session_grant_refusal(p->session, &q->terms, clock_now_ms());
        if (why)
                return refuse(out, why);
        r = compile(buf_str(&text), &policy, out);
        return r != 0 ? r : put_in_force(p, &answer, policy, buf_str(&text), out);
}

/* --- taking back: anybody may, as anybody may deny --- */

static int take_back(struct proxy *p, const struct control_request *q, struct buf *out)
{
        if (session_grant_revoke(p->session, q->card, STR("local"), q->because, clock_now_ms()) < 0)
                return refuse(out, "no grant of this id is in force");
        (void)proxy_flow_write_records(p);
        buf_printf(out, "{\"id\":\"%.*s\",\"state\":\"revoked\"}", STR_FMT(q->card));
        proxy_grants_events(p);
        return out->failed ? -ENOMEM : 0;
}

void proxy_grants_people_changed(struct proxy *p)
{
        if (!session_grants_revoke_all(p->session, STR("other people may approve than when this was granted"), clock_now_ms()))
                return;
        (void)proxy_flow_write_records(p);
        proxy_grants_events(p);
}

int proxy_grants_write(void *userdata, struct buf *out)
{
        const struct proxy *p = userdata;
        const struct grant *grant;
        bool first = true;

        buf_append_char(out, '[');
        for (size_t at = 0; (grant = session_grant(p->session, &at, clock_now_ms()));) {
                if (!first)
                        buf_append_char(out, ',');
                first = false;
                if (grant_write_json(grant, out) < 0)
                        return -ENOMEM;
        }
        return buf_append_char(out, ']');
}

int proxy_grants_ask(void *userdata, const struct control_request *q, const struct peer_process *from, struct buf *out)
{
        struct proxy *p = userdata;
        int r;

        if (q->method == CONTROL_GRANT_LIST) {
                buf_append_str(out, STR("{\"grants\":"));
                r = proxy_grants_write(p, out);
                return r < 0 ? r : buf_append_char(out, '}');
        }
        if (proxy_control_is_over(p))
                return refuse(out, "the session is at its end");
        return q->method == CONTROL_GRANT_ADD ? add(p, q, from, out) : take_back(p, q, out);
}

/* --- telling --- */

static void say(struct proxy *p, enum grant_change change, const struct grant *grant)
{
        AUTO_BUF struct buf line = BUF_INIT(LIMIT_STDERR_LINE);
        struct timestamp_cache time = { .second = 0 };

        if (change == GRANT_ADDED) {
                buf_append_str(&line, STR("GRANTED beyond the policies, until "));
                buf_append_str(&line, timestamp_text(&time, grant->expires_ms));
                buf_append_str(&line, STR(": the tool "));
        } else {
                buf_printf(&line, "grant %s %s: the tool ", grant->id, change == GRANT_EXPIRED ? "has expired" : "has been revoked");
        }
        printable_append(&line, grant->tool, LIMIT_NAME_BYTES);
        if (change == GRANT_ADDED) {
                buf_append_str(&line, STR(", by "));
                printable_append(&line, grant->by, LIMIT_NAME_BYTES);
                buf_append_str(&line, STR(": "));
                proxy_append_told(p, &line, grant->because, BECAUSE_SHOWN);
                buf_printf(&line, "; to end it: leastwise grant --revoke %s", grant->id);
        } else {
                buf_append_str(&line, STR(" is as the policies say again"));
        }
        if (line.failed)
                return;
        proxy_say(p, "%.*s", STR_FMT(buf_str(&line)));
        proxy_control_notice(p, buf_str(&line));
}

void proxy_grants_events(struct proxy *p)
{
        const struct grant *grant;
        enum grant_change change;
        bool any = false;

        while (session_take_grant_change(p->session, &change, &grant)) {
                say(p, change, grant);
                any = true;
        }
        if (!any)
                return;
        if (p->people.control)
                control_tell_grants(p->people.control);
        /* A tool that the list hid may be listed now, or hidden again. */
        proxy_flow_announce(p);
}
