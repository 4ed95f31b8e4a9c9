/* SPDX-License-Identifier: Apache-2.0
 *
 * A refusal in policy's words, for the model that made the call: what was refused, by which rule, why, what would be taken, and
 * whether asking again can help. Names and values of the policy are told, those of the call only as far as they are its own.
 */
#include <string.h>

#include "internal.h"
#include "limit.h"
#include "printable.h"

#define NAME_SHOWN 200U

static struct str file_name(struct str path)
{
        const char *slash = path.len ? memrchr(path.ptr, '/', path.len) : NULL;

        return slash ? str_skip(path, (size_t)(slash - path.ptr) + 1) : path;
}

static void append_rule(struct buf *b, const struct policy_decision *d)
{
        buf_append_str(b, STR("rule "));
        buf_append_str(b, d->rule_id);
        buf_append_str(b, STR(" ("));
        buf_append_str(b, file_name(d->file));
        buf_append_char(b, ':');
        buf_append_integer(b, d->line);
        buf_append_char(b, ')');
}

static void append_by_rule(struct buf *b, const struct policy_decision *d)
{
        append_rule(b, d);
        if (d->verdict == VERDICT_APPROVE) {
                buf_append_str(b, STR(" wants a person's approval, and nobody can be asked here"));
                return;
        }
        buf_append_str(b, STR(" denies it"));
        if (d->condition.len) {
                buf_append_str(b, STR(" where this holds ("));
                buf_append_str(b, d->condition);
                buf_append_char(b, ')');
        }
}

static void append_unnamed(struct session *s, struct buf *b, const struct policy_decision *d)
{
        append_rule(b, d);
        if (d->argument && json_type_of(&s->doc, d->argument) == JSON_STRING) {
                buf_append_str(b, STR(" does not take the argument \""));
                printable_append(b, told(s, json_raw_string(&s->doc, d->argument)), NAME_SHOWN);
                buf_append_str(b, STR("\", only these: "));
        } else {
                buf_append_str(b, STR(" takes no other arguments than these: "));
        }
        buf_append_str(b, d->condition.len ? d->condition : STR("none"));
}

static void append_reason(struct session *s, struct buf *b, const struct policy_decision *d)
{
        switch (d->reason) {
        case POLICY_BY_RULE:
                append_by_rule(b, d);
                break;
        case POLICY_EXPIRED:
                buf_append_str(b, STR("the policy has expired"));
                break;
        case POLICY_BAD_NAME:
                buf_append_str(b, STR("the name is empty, too long or has control characters"));
                break;
        case POLICY_AMBIGUOUS_URI:
                buf_append_str(b, STR("the URI is spelled in a way that could mean something else; write it plainly"));
                break;
        case POLICY_CONDITION:
                append_rule(b, d);
                buf_append_str(b, STR(" permits it only where this holds: "));
                buf_append_str(b, d->condition);
                break;
        case POLICY_UNNAMED_ARGUMENT:
                append_unnamed(s, b, d);
                break;
        case POLICY_NARROW_CONFLICT:
                buf_append_str(b, STR("its arguments would have to be changed, and what the rules want of them does not go together (the first is "));
                append_rule(b, d);
                buf_append_char(b, ')');
                break;
        case POLICY_NO_RULE:
        default:
                buf_append_str(b, STR("no rule allows it"));
                break;
        }
        buf_append_str(b, d->because.len ? STR(": ") : STR("."));
        buf_append_str(b, d->because);
}

/* Is it the arguments that were wrong? */
static bool is_about_arguments(const struct policy_decision *d)
{
        return d->reason == POLICY_CONDITION || d->reason == POLICY_UNNAMED_ARGUMENT || d->reason == POLICY_NARROW_CONFLICT ||
               (d->reason == POLICY_BY_RULE && d->verdict == VERDICT_DENY && d->condition.len);
}

static void append_advice(struct session *s, struct buf *b, const struct ruling *r)
{
        if (!is_about_arguments(&r->decision)) {
                buf_append_str(b, STR(" Asking again will not help; a person would have to change the policy."));
                return;
        }
        buf_append_str(b, STR(" The same call will be refused again; one with other arguments may be permitted."));
        buf_clear(&s->hint, LIMIT_HINT_BYTES);
        if (str_eq(str_from(r->subject), STR("tool")))
                policy_set_hint(s->policy, r->name, &s->hint);
        if (s->hint.len) {
                buf_append_str(b, STR(" What the policy says of this tool: "));
                buf_append_str(b, buf_str(&s->hint));
        }
}

struct str detail_of(struct session *s, struct ruling *r)
{
        struct buf *b = &s->text;
        size_t at = b->len;

        if (!r->by_policy || r->detail.len)
                return r->detail;
        buf_append_str(b, STR("Denied by policy \""));
        buf_append_str(b, r->decision.policy_name);
        buf_append_str(b, STR("\": "));
        buf_append_str(b, str_from(r->subject));
        if (r->name.len) {
                buf_append_str(b, STR(" \""));
                printable_append(b, told(s, r->name), NAME_SHOWN);
                buf_append_char(b, '"');
        }
        buf_append_str(b, is_about_arguments(&r->decision) ? STR(" is not permitted with these arguments; ") : STR(" is not permitted; "));
        append_reason(s, b, &r->decision);
        if (!r->answered)
                buf_append_str(b, STR(" It was not run."));
        append_advice(s, b, r);
        r->detail = b->failed ? STR("Denied by policy.") : str_of(b->data + at, b->len - at);
        return r->detail;
}

struct str answer_of(struct session *s, struct ruling *r)
{
        return r->answer.len ? r->answer : detail_of(s, r);
}
