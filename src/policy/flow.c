/* SPDX-License-Identifier: Apache-2.0 */
#include "flow.h"

#include "policy_flow.h"
#include "set.h"
#include "uri.h"

/* --- who bears a mark --- */

/* Marks are compiled like deny patterns: what cannot be settled counts as a match. */
static bool takes(const struct flow_bearers *b, struct str name)
{
        for (size_t i = 0; i < b->count; ++i) {
                if (pattern_match(&b->patterns[i], name) != MATCH_NO)
                        return true;
        }
        return false;
}

/* A URI that may be another spelling of one that the patterns mean bears the mark, as deny rules would take it. */
static bool takes_uri(const struct flow_bearers *b, struct str uri)
{
        struct uri_spellings near;

        if (b->count == 0)
                return false;
        if (uri.len > LIMIT_URI_BYTES || uri_form_of(uri) < URI_STRICT || takes(b, uri))
                return true;
        uri_near_spellings(uri, &near);
        for (size_t i = 0; i < near.count; ++i) {
                if (takes(b, near.uris[i]))
                        return true;
        }
        return false;
}

/* Could some URI of the template bear the mark? */
static bool takes_template(const struct flow_bearers *b, struct str template)
{
        const char *brace = template.len ? memchr(template.ptr, '{', template.len) : NULL;
        const struct str prefix = str_of(template.ptr, brace ? (size_t)(brace - template.ptr) : 0);
        char example[LIMIT_URI_BYTES];
        struct uri_spellings near;

        if (!brace || b->count == 0 || prefix.len >= sizeof(example))
                return takes_uri(b, template);
        memcpy(example, prefix.ptr, prefix.len);
        example[prefix.len] = 'x';
        if (uri_form_of(str_of(example, prefix.len + 1)) < URI_STRICT)
                return true;
        for (size_t i = 0; i < b->count; ++i) {
                const struct str fixed = b->patterns[i].prefix;

                if (str_starts_with(fixed, prefix) || str_starts_with(prefix, fixed))
                        return true;
        }
        /* With a query in the prefix all that stands in front of it is known. */
        if (!memchr(prefix.ptr, '?', prefix.len))
                return false;
        uri_near_spellings(prefix, &near);
        for (size_t i = 0; i < near.count; ++i) {
                if (takes(b, near.uris[i]))
                        return true;
        }
        return false;
}

static bool bears(const struct flow_mark *mark, enum policy_subject subject, struct str name)
{
        switch (subject) {
        case POLICY_TOOL:
                return takes(&mark->tools, name);
        case POLICY_PROMPT:
                return takes(&mark->prompts, name);
        case POLICY_RESOURCE:
                return takes_uri(&mark->resources, name);
        case POLICY_RESOURCE_TEMPLATE:
                return takes_template(&mark->resources, name);
        case POLICY_METHOD:
        case POLICY_SAMPLING:
        case POLICY_ELICITATION_FORM:
        case POLICY_ELICITATION_URL:
        case POLICY_ROOTS:
        case POLICY_SUBJECT_MAX_:
                break;
        }
        return false;
}

uint64_t flow_marks_of(const struct flow *flow, enum policy_subject subject, struct str name)
{
        uint64_t bits = 0;

        for (size_t i = 0; i < flow->mark_count; ++i)
                bits |= (uint64_t)bears(&flow->marks[i], subject, name) << i;
        return bits;
}

const struct rule *flow_stricter(
        const struct flow *flow, uint64_t met, enum policy_subject subject, struct str name, enum verdict verdict)
{
        const struct rule *strictest = NULL;
        uint64_t bears_now = 0;
        bool known = false;

        for (size_t i = 0; i < flow->rule_count; ++i) {
                const struct flow_rule *f = &flow->rules[i];

                if ((met & f->after) != f->after || f->rule.verdict >= verdict)
                        continue;
                if (!known) {
                        bears_now = flow_marks_of(flow, subject, name);
                        known = true;
                }
                if (bears_now & f->on) {
                        strictest = &f->rule;
                        verdict = f->rule.verdict;
                }
        }
        return strictest;
}

bool flow_could_approve(const struct flow *flow, struct str tool)
{
        uint64_t bears = flow->rule_count ? flow_marks_of(flow, POLICY_TOOL, tool) : 0;

        for (size_t i = 0; i < flow->rule_count; ++i) {
                if (flow->rules[i].rule.verdict == VERDICT_APPROVE && bears & flow->rules[i].on)
                        return true;
        }
        return false;
}

bool policy_set_has_flow(const struct policy_set *set)
{
        for (size_t i = 0; i < set->count; ++i) {
                if (set->policies[i].flow.rule_count)
                        return true;
        }
        return false;
}

bool policy_is_call(enum policy_subject subject)
{
        return subject == POLICY_TOOL || subject == POLICY_RESOURCE || subject == POLICY_PROMPT;
}

void policy_set_mark(
        const struct policy_set *set, enum policy_subject subject, struct str name, struct policy_marks *marks)
{
        for (size_t i = 0; i < set->count; ++i)
                marks->of[i] |= flow_marks_of(&set->policies[i].flow, subject, name);
}

void policy_marks_add(struct policy_marks *to, const struct policy_marks *from)
{
        for (size_t i = 0; i < LIMIT_POLICIES; ++i)
                to->of[i] |= from->of[i];
}

void policy_marks_tell(
        const struct policy_set *set, const struct policy_marks *met, const struct policy_marks *more, struct buf *out)
{
        for (size_t i = 0; i < set->count; ++i) {
                const struct flow *flow = &set->policies[i].flow;
                uint64_t bits = more->of[i] & ~met->of[i];

                for (size_t j = 0; j < flow->mark_count; ++j) {
                        if (!(bits >> j & 1))
                                continue;
                        if (out->len)
                                buf_append_str(out, STR(", "));
                        buf_append_str(out, flow->marks[j].name);
                }
        }
}

static uint64_t moved(const struct flow *from, uint64_t bits, const struct flow *to)
{
        uint64_t result = 0;

        for (size_t i = 0; i < to->mark_count; ++i) {
                for (size_t j = 0; j < from->mark_count; ++j) {
                        if (bits >> j & 1 && str_eq(from->marks[j].name, to->marks[i].name))
                                result |= 1ULL << i;
                }
        }
        return result;
}

static bool has_policy(const struct policy_set *set, struct str name)
{
        for (size_t i = 0; i < set->count; ++i) {
                if (str_eq(set->policies[i].name, name))
                        return true;
        }
        return false;
}

/* A policy of a new name may be an old one: it gets what any of the old ones had. */
void policy_marks_move(struct policy_marks *marks, const struct policy_set *from, const struct policy_set *to)
{
        struct policy_marks result = { 0 };

        for (size_t i = 0; i < to->count; ++i) {
                const bool renamed = !has_policy(from, to->policies[i].name);

                for (size_t j = 0; j < from->count; ++j) {
                        if (renamed || str_eq(from->policies[j].name, to->policies[i].name))
                                result.of[i] |= moved(&from->policies[j].flow, marks->of[j], &to->policies[i].flow);
                }
        }
        *marks = result;
}

/* --- marks that go and come back: who takes a mark out of a policy and puts it back must not begin it anew --- */

static bool knows_mark(const struct policy_set *set, struct str policy, struct str mark)
{
        for (size_t i = 0; i < set->count; ++i) {
                const struct flow *flow = &set->policies[i].flow;

                if (!str_eq(set->policies[i].name, policy))
                        continue;
                for (size_t j = 0; j < flow->mark_count; ++j) {
                        if (str_eq(flow->marks[j].name, mark))
                                return true;
                }
        }
        return false;
}

static bool is_lost(const struct policy_lost_marks *lost, struct str mark)
{
        struct str rest = buf_str(&lost->names);

        while (rest.len) {
                struct str name = str_from(rest.ptr);

                if (str_eq(name, mark))
                        return true;
                rest = str_skip(rest, name.len + 1);
        }
        return lost->all;
}

static void lose(struct policy_lost_marks *lost, struct str mark)
{
        const size_t before = lost->names.len;

        if (is_lost(lost, mark))
                return;
        buf_append_str(&lost->names, mark);
        buf_append_char(&lost->names, '\0');
        if (!lost->names.failed)
                return;
        lost->names.len = before;
        lost->names.failed = false;
        lost->all = true;
}

void policy_marks_lose(struct policy_lost_marks *lost, const struct policy_marks *marks, const struct policy_set *from,
        const struct policy_set *to)
{
        for (size_t i = 0; i < from->count; ++i) {
                const struct flow *flow = &from->policies[i].flow;

                for (size_t j = 0; j < flow->mark_count; ++j) {
                        if (marks->of[i] >> j & 1 && !knows_mark(to, from->policies[i].name, flow->marks[j].name))
                                lose(lost, flow->marks[j].name);
                }
        }
}

void policy_marks_find(const struct policy_lost_marks *lost, struct policy_marks *marks, const struct policy_set *from,
        const struct policy_set *to)
{
        for (size_t i = 0; i < to->count; ++i) {
                const struct flow *flow = &to->policies[i].flow;

                for (size_t j = 0; j < flow->mark_count; ++j) {
                        struct str mark = flow->marks[j].name;

                        if (!knows_mark(from, to->policies[i].name, mark) && is_lost(lost, mark))
                                marks->of[i] |= 1ULL << j;
                }
        }
}
