/* SPDX-License-Identifier: Apache-2.0 */
#include "recorder.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <leastwise/version.h>

#include "alloc.h"
#include "cleanup.h"
#include "limit.h"
#include "session_id.h"
#include "writer.h"

static int redact(void *userdata, struct str text, struct buf *out)
{
        const struct recorder *r = userdata;

        return redactor_is_empty(r->facts.redactor) ? 1 : redactor_apply(r->facts.redactor, text, out);
}

int recorder_open(struct recorder *r, const char *state_dir, const struct policy_launch *launch,
        const struct recorder_facts *facts, uint64_t now_ms, char **ret_message)
{
        struct audit_config config = {
                .redacted_arguments = launch->audit_arguments == POLICY_AUDIT_REDACTED,
                .redact = redact,
                .redact_userdata = r,
        };
        int e;

        *r = (struct recorder){ .facts = *facts };
        *ret_message = NULL;
        e = session_id_new(r->session, now_ms);
        if (e < 0)
                return e;
        e = audit_file_new(&r->file, state_dir, str_from(r->session), launch->audit_durable, ret_message);
        if (e < 0)
                return e;
        e = audit_file_key(state_dir, config.digest_key, ret_message);
        if (e == 0) {
                config.session = str_from(r->session);
                e = audit_log_new(&r->log, &config);
        }
        explicit_bzero(config.digest_key, sizeof(config.digest_key));
        return e;
}

bool recorder_has_pending(const struct recorder *r)
{
        return audit_log_pending(r->log).len > 0;
}

bool recorder_write(struct recorder *r, uint64_t now_ms)
{
        const struct str lines = audit_log_pending(r->log);

        if (lines.len == 0)
                return true;
        r->error = audit_file_write(r->file, lines);
        if (r->error == 0)
                audit_log_written(r->log);
        else
                audit_log_discard(r->log, now_ms);
        return r->error == 0;
}

static void write_policies(struct json_writer *w, const struct policy_set *policy)
{
        json_name(w, STR("policies"));
        json_begin_array(w);
        for (size_t i = 0; i < policy_set_count(policy); i++) {
                json_begin_object(w);
                json_name(w, STR("name"));
                json_string(w, policy_set_name(policy, i));
                json_name(w, STR("path"));
                json_string(w, policy_set_path(policy, i));
                json_name(w, STR("digest"));
                json_string(w, policy_set_digest(policy, i));
                json_end_object(w);
        }
        json_end_array(w);
}

/* People paste secrets into command lines; the record goes through the redactor as a whole. */
static int start_facts(const struct recorder *r, struct buf *out)
{
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_RECORD_BYTES);
        struct json_writer w;

        json_writer_init(&w, &text);
        json_begin_object(&w);
        json_name(&w, STR("version"));
        json_string(&w, STR(LEASTWISE_VERSION));
        json_name(&w, STR("pid"));
        json_integer(&w, getpid());
        json_name(&w, STR("command"));
        json_begin_array(&w);
        for (const char *const *arg = r->facts.command; *arg; arg++)
                json_string(&w, str_from(*arg));
        json_end_array(&w);
        write_policies(&w, r->facts.policy);
        if (r->facts.agent) {
                json_name(&w, STR("agent"));
                json_string(&w, str_from(r->facts.agent));
        }
        json_name(&w, STR("line_limit"));
        json_unsigned(&w, r->facts.line_limit ? r->facts.line_limit : LIMIT_LINE_BYTES);
        json_end_object(&w);
        if (text.failed)
                return -EMSGSIZE;
        return r->facts.redactor ? redactor_apply(r->facts.redactor, buf_str(&text), out) :
                                   buf_append_str(out, buf_str(&text));
}

int recorder_start(struct recorder *r, struct session *s, uint64_t now_ms)
{
        AUTO_BUF struct buf facts = BUF_INIT(2U * LIMIT_RECORD_BYTES);
        struct audit_event event = { .kind = AUDIT_START, .from = AUDIT_FROM_PROXY, .time_ms = now_ms };
        int e;

        if (r->started)
                return 0;
        r->started = true;
        /* A command line too long for a record is left out; the session is not. */
        if (start_facts(r, &facts) == 0)
                event.extra = buf_str(&facts);
        e = session_note(s, &event);
        if (e == -EMSGSIZE) {
                event.extra = (struct str){ 0 };
                e = session_note(s, &event);
        }
        return e;
}

int recorder_policy(struct session *s, const struct policy_set *policy, const char *reason, struct str detail, uint64_t now_ms)
{
        AUTO_BUF struct buf facts = BUF_INIT(LIMIT_RECORD_BYTES);
        struct audit_event event = {
                .kind = AUDIT_POLICY,
                .from = AUDIT_FROM_PROXY,
                .time_ms = now_ms,
                .reason = str_from(reason),
                .detail = detail,
        };
        struct json_writer w;

        json_writer_init(&w, &facts);
        json_begin_object(&w);
        write_policies(&w, policy);
        json_end_object(&w);
        if (!facts.failed)
                event.extra = buf_str(&facts);
        return session_note(s, &event);
}

static int stop_facts(const struct session_stats *stats, const struct recorder_end *end, struct buf *out)
{
        const struct {
                struct str name;
                uint64_t value;
        } counters[] = {
                { STR("requests"), stats->requests },
                { STR("allowed"), stats->allowed },
                { STR("denied"), stats->denied },
                { STR("refused"), stats->refused },
                { STR("dropped"), stats->dropped },
                { STR("answers"), stats->answers },
                { STR("junk_lines"), stats->junk_lines },
                { STR("lost_records"), stats->lost_records },
                { STR("dropped_stderr_bytes"), end->dropped_stderr },
        };
        struct json_writer w;

        json_writer_init(&w, out);
        json_begin_object(&w);
        if (end->status >= 0) {
                json_name(&w, end->by_signal ? STR("signal") : STR("exit_status"));
                json_integer(&w, end->status);
        }
        json_name(&w, STR("counters"));
        json_begin_object(&w);
        for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
                json_name(&w, counters[i].name);
                json_unsigned(&w, counters[i].value);
        }
        json_end_object(&w);
        json_end_object(&w);
        return out->failed ? -ENOMEM : 0;
}

void recorder_stop(struct recorder *r, struct session *s, const struct recorder_end *end, uint64_t now_ms)
{
        AUTO_BUF struct buf facts = BUF_INIT(LIMIT_RECORD_BYTES);
        struct audit_event event = {
                .kind = AUDIT_STOP,
                .from = AUDIT_FROM_PROXY,
                .time_ms = now_ms,
                .reason = str_from(end->reason),
        };

        if (!r->started)
                return;
        if (stop_facts(session_stats_get(s), end, &facts) == 0)
                event.extra = buf_str(&facts);
        if (session_note(s, &event) == 0)
                (void)recorder_write(r, now_ms);
}

void recorder_close(struct recorder *r)
{
        r->log = audit_log_free(r->log);
        r->file = audit_file_free(r->file);
}
