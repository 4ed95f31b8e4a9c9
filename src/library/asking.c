/* SPDX-License-Identifier: Apache-2.0 */
#include "asking.h"

#include "versioned.h"

static const struct subject {
        enum policy_subject subject;
        bool has_name, has_arguments, only_in_lists;
} subjects[] = {
        [LEASTWISE_TOOL] = { POLICY_TOOL, true, true, false },
        [LEASTWISE_RESOURCE] = { POLICY_RESOURCE, true, false, false },
        [LEASTWISE_PROMPT] = { POLICY_PROMPT, true, true, false },
        [LEASTWISE_METHOD] = { POLICY_METHOD, true, false, false },
        [LEASTWISE_SAMPLING] = { POLICY_SAMPLING, false, false, false },
        [LEASTWISE_ELICITATION_FORM] = { POLICY_ELICITATION_FORM, false, false, false },
        [LEASTWISE_ELICITATION_URL] = { POLICY_ELICITATION_URL, true, false, false },
        [LEASTWISE_ROOT] = { POLICY_ROOTS, true, false, false },
        [LEASTWISE_RESOURCE_TEMPLATE] = { POLICY_RESOURCE_TEMPLATE, true, false, true },
};
#define SUBJECT_COUNT (sizeof(subjects) / sizeof(subjects[0]))

static const struct subject *subject_of(enum leastwise_subject subject)
{
        const unsigned index = (unsigned)subject;

        return index >= LEASTWISE_TOOL && index < SUBJECT_COUNT ? &subjects[index] : NULL;
}

bool asking_subject(enum leastwise_subject subject, enum policy_subject *ret)
{
        const struct subject *found = subject_of(subject);

        if (!found)
                return false;
        *ret = found->subject;
        return true;
}

static int begin(struct asking *a, const struct leastwise_policy *policy, const struct leastwise_request *request,
        const struct subject **ret)
{
        const struct leastwise_request *given = &a->given;
        const struct subject *subject;

        *a = (struct asking){ .schema = LEASTWISE_SCHEMA_NOT_CHECKED, .call = BUF_INIT(LIMIT_LINE_BYTES),
                .narrowed = BUF_INIT(LIMIT_LINE_BYTES),
                .problem = BUF_INIT(LIMIT_PATH_BYTES) };
        if (!policy || !versioned_read(&a->given, sizeof(a->given), sizeof(a->given), request))
                return -LEASTWISE_ERROR_ARGUMENT;
        a->policy = policy;
        json_doc_init(&a->doc, policy->seed);
        json_doc_init(&a->narrowed_doc, policy->seed);
        subject = subject_of(given->subject);
        if (!subject || given->now_ms == 0 || given->now_ms > INT64_MAX || (!given->name && given->name_length) ||
                (given->name_length && !subject->has_name))
                return -LEASTWISE_ERROR_ARGUMENT;
        a->request = (struct policy_request){ .subject = subject->subject,
                .name = str_of(given->name ? given->name : "", given->name_length),
                .now_s = (int64_t)(given->now_ms / 1000) };
        *ret = subject;
        return 0;
}

int asking_begin_list(struct asking *a, const struct leastwise_policy *policy, const struct leastwise_request *request)
{
        const struct subject *subject;

        return begin(a, policy, request, &subject);
}

/* Flow rules need the marks of a session under this very policy. */
static int take_marks(struct asking *a)
{
        const struct leastwise_marks *marks = a->given.marks;

        if (marks && marks->policy != a->policy)
                return -LEASTWISE_ERROR_ARGUMENT;
        if (!marks && policy_is_call(a->request.subject) && policy_set_has_flow(a->policy->set))
                return -LEASTWISE_ERROR_NOT_ENFORCED;
        a->request.marks = marks ? &marks->marks : NULL;
        return 0;
}

static int refuse_arguments(struct asking *a, enum json_error error)
{
        if (error == JSON_NO_MEMORY)
                return -LEASTWISE_ERROR_MEMORY;
        if (error == JSON_OK)
                buf_append_str(&a->problem, STR("the arguments are not a JSON object"));
        else
                buf_printf(&a->problem, "the arguments cannot be read: %s at byte %u", json_error_text(error),
                        a->doc.error_offset + 1);
        return a->problem.failed ? -LEASTWISE_ERROR_MEMORY : 0;
}

/* By themselves first, so that nothing but one value gets into the list; then in the form that is sent. */
static int read_arguments(struct asking *a)
{
        const struct str text = str_of(a->given.arguments, a->given.arguments_length);
        enum json_error error;

        if (text.len > LIMIT_LINE_BYTES)
                return refuse_arguments(a, JSON_TOO_LONG);
        error = json_read(&a->doc, text);
        if (error != JSON_OK || json_type_of(&a->doc, 0) != JSON_OBJECT)
                return refuse_arguments(a, error);
        buf_append_char(&a->call, '[');
        json_write(&a->call, &a->doc, 0);
        buf_append_char(&a->call, ']');
        if (a->call.failed)
                return a->call.len + 2 > LIMIT_LINE_BYTES ? refuse_arguments(a, JSON_TOO_LONG) : -LEASTWISE_ERROR_MEMORY;
        error = json_read(&a->doc, buf_str(&a->call));
        if (error != JSON_OK)
                return refuse_arguments(a, error);
        a->request.doc = &a->doc;
        a->request.arguments = 1;
        return 0;
}

int asking_begin(struct asking *a, const struct leastwise_policy *policy, const struct leastwise_request *request)
{
        const struct subject *subject;
        int r = begin(a, policy, request, &subject);

        if (r < 0)
                return r;
        if (subject->only_in_lists || (a->given.arguments && !subject->has_arguments) ||
                ((a->given.definition || a->given.input_schema) && subject->subject != POLICY_TOOL) ||
                (a->given.definition && a->given.input_schema))
                return -LEASTWISE_ERROR_ARGUMENT;
        r = take_marks(a);
        if (r < 0)
                return r;
        a->scratch = policy_scratch_new();
        if (!a->scratch)
                return -LEASTWISE_ERROR_MEMORY;
        a->request.scratch = a->scratch;
        a->request.host = host_init(&a->host, a->given.resolve, a->given.userdata);
        return a->given.arguments ? read_arguments(a) : 0;
}

void asking_deinit(struct asking *a)
{
        policy_scratch_free(a->scratch);
        a->scratch = NULL;
        json_doc_deinit(&a->doc);
        json_doc_deinit(&a->narrowed_doc);
        buf_deinit(&a->call);
        buf_deinit(&a->narrowed);
        buf_deinit(&a->problem);
}

int asking_settle(struct asking *a)
{
        a->decision = (struct policy_decision){ .verdict = VERDICT_DENY };
        if (a->problem.len)
                return 0;
        /* Without a name these two ask whether any could be allowed, which settles nothing. */
        if (a->request.name.len == 0 &&
                (a->request.subject == POLICY_ROOTS || a->request.subject == POLICY_ELICITATION_URL)) {
                a->decision.reason = POLICY_BAD_NAME;
                return 0;
        }
        a->is_ruled = true;
        a->is_narrowed =
                policy_set_settle(a->policy->set, &a->request, &a->narrowed, &a->narrowed_doc, &a->decision);
        return asking_fit(a);
}
