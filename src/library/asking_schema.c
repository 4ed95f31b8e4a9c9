/* SPDX-License-Identifier: Apache-2.0
 *
 * The arguments of a call against the schema of its tool, as src/session/arguments.c does it for a session: after
 * policy, as they came and once more as they are narrowed. Here the definition comes from the caller.
 */
#include <stdio.h>

#include "alike.h"
#include "asking.h"

struct fitting {
        struct asking *a;
        struct json_doc definition;
        uint32_t root;           /* of the schema in @definition */
        struct json_doc nothing; /* what a call without arguments has */
        struct schema_scratch *scratch;
};

static void fitting_init(struct fitting *f, struct asking *a)
{
        *f = (struct fitting){ .a = a };
        json_doc_init(&f->definition, a->policy->seed);
        json_doc_init(&f->nothing, a->policy->seed);
}

static void fitting_deinit(struct fitting *f)
{
        schema_scratch_free(f->scratch);
        json_doc_deinit(&f->definition);
        json_doc_deinit(&f->nothing);
}

/* No rule denies it: of the decision only the layer is left. The words are in a->refusal. */
static int deny(struct asking *a, enum leastwise_reason reason)
{
        a->refused = reason;
        a->decision = (struct policy_decision){ .verdict = VERDICT_DENY,
                .policy_name = a->decision.policy_name,
                .file = a->decision.file,
                .because = str_from(a->refusal) };
        return 0;
}

static int deny_definition(struct asking *a, const char *what, const char *why)
{
        snprintf(a->refusal, sizeof(a->refusal), "the tool's %s %s", what, why);
        return deny(a, LEASTWISE_REASON_DEFINITION);
}

static int deny_unreadable(struct fitting *f, const char *what, enum json_error error)
{
        char why[128];

        if (error == JSON_NO_MEMORY)
                return -LEASTWISE_ERROR_MEMORY;
        snprintf(why, sizeof(why), "cannot be read: %s at byte %u", json_error_text(error),
                f->definition.error_offset + 1);
        return deny_definition(f->a, what, why);
}

/* 0 with *ret: is there a schema to go by? What cannot be read is a denial, and then there is none. */
static int read_schema(struct fitting *f, const char *what, const char *text, size_t length, bool *ret)
{
        enum json_error error =
                length > LIMIT_LINE_BYTES ? JSON_TOO_LONG : json_read(&f->definition, str_of(text, length));

        *ret = error == JSON_OK;
        return *ret ? 0 : deny_unreadable(f, what, error);
}

/* Finds the schema in the definition. */
static int look_into(struct fitting *f, bool *ret)
{
        const struct str name = STR("name"), schema = STR("inputSchema");
        const struct json_doc *doc = &f->definition;
        const uint32_t named = json_member(doc, 0, name);

        *ret = false;
        if (json_type_of(doc, 0) != JSON_OBJECT)
                return deny_definition(f->a, "definition", "is not a JSON object");
        if (json_has_alike(doc, 0, name) || json_has_alike(doc, 0, schema))
                return deny_definition(f->a, "definition", "has members whose names differ only in case, `_` or `-`");
        if (!named)
                return deny_definition(f->a, "definition", "has no name");
        if (!json_string_is(doc, named, f->a->request.name))
                return deny_definition(f->a, "definition", "is that of another tool");
        f->root = json_member(doc, 0, schema);
        *ret = f->root != 0;
        return 0;
}

static int find_schema(struct fitting *f, bool *ret)
{
        const struct leastwise_request *given = &f->a->given;
        int r = 0;

        *ret = false;
        if (given->definition) {
                r = read_schema(f, "definition", given->definition, given->definition_length, ret);
                if (*ret)
                        r = look_into(f, ret);
        } else if (given->input_schema) {
                r = read_schema(f, "schema", given->input_schema, given->input_schema_length, ret);
        }
        if (r == 0 && *ret)
                *ret = json_text(&f->definition, f->root).len <= LIMIT_DEFINITION_BYTES;
        return r;
}

static int check(struct fitting *f, const struct json_doc *value, bool narrowed)
{
        const uint32_t token = value->count ? 1 : 0;
        struct asking *a = f->a;
        struct schema_result result;

        schema_check(&f->definition, f->root, token ? value : &f->nothing, token, f->scratch, &result);
        memcpy(a->schema_keyword, result.keyword, sizeof(a->schema_keyword));
        switch (result.verdict) {
        case SCHEMA_VALID:
                a->schema = LEASTWISE_SCHEMA_FITS;
                return 0;
        case SCHEMA_NOT_EVALUATED:
                a->schema = LEASTWISE_SCHEMA_NOT_EVALUATED;
                return 0;
        case SCHEMA_INVALID:
                break;
        }
        a->schema = LEASTWISE_SCHEMA_MISMATCH;
        schema_refusal(&result, narrowed, a->refusal);
        return deny(a, LEASTWISE_REASON_SCHEMA);
}

static int fit(struct fitting *f)
{
        struct asking *a = f->a;
        int r;

        if (json_read(&f->nothing, STR("{}")) != JSON_OK)
                return -LEASTWISE_ERROR_MEMORY;
        f->scratch = schema_scratch_new();
        if (!f->scratch)
                return -LEASTWISE_ERROR_MEMORY;
        r = check(f, &a->doc, false);
        if (r == 0 && a->is_narrowed && !a->refused)
                r = check(f, &a->narrowed_doc, true);
        return r;
}

int asking_fit(struct asking *a)
{
        CLEANUP(fitting_deinit) struct fitting f;
        bool any;
        int r;

        fitting_init(&f, a);
        if (a->request.subject != POLICY_TOOL || a->decision.verdict == VERDICT_DENY ||
                !policy_set_checks_schema(a->policy->set))
                return 0;
        r = find_schema(&f, &any);
        if (r < 0)
                return r;
        a->schema = a->refused ? LEASTWISE_SCHEMA_NOT_EVALUATED : LEASTWISE_SCHEMA_UNKNOWN;
        return any ? fit(&f) : 0;
}
