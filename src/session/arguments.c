/* SPDX-License-Identifier: Apache-2.0
 *
 * What the server's lists say of its tools, and the arguments of a call against the schema that its tool was listed with
 * (docs/schema.md). The schema can only make a verdict stricter: arguments that surely do not fit are refused; what could not be
 * told passes on and is recorded.
 */
#include "internal.h"

static unsigned hint(struct session *s, uint32_t annotations, struct str name, unsigned yes, unsigned no)
{
        uint32_t value = json_member(&s->doc, annotations, name);

        if (has_type(s, value, JSON_TRUE))
                return yes;
        return has_type(s, value, JSON_FALSE) ? no : 0;
}

/* The digest of the whole definition, and what the server says of the tool. */
static bool facts_of(struct session *s, uint32_t tool, struct definition_facts *ret)
{
        uint32_t annotations = json_member(&s->doc, tool, STR("annotations"));

        buf_clear(&s->plain, LINE_KEEP);
        if (definition_text(&s->plain, &s->doc, tool) < 0)
                return false;
        definition_digest_of(&ret->digest, buf_str(&s->plain));
        ret->hints = 0;
        if (!has_type(s, annotations, JSON_OBJECT))
                return true;
        ret->hints |= hint(s, annotations, STR("readOnlyHint"), HINT_READS_ONLY, 0);
        ret->hints |= hint(s, annotations, STR("destructiveHint"), HINT_DESTROYS, HINT_DESTROYS_NOT);
        ret->hints |= hint(s, annotations, STR("idempotentHint"), HINT_REPEATABLE, 0);
        ret->hints |= hint(s, annotations, STR("openWorldHint"), HINT_OUTSIDE, HINT_INSIDE);
        return true;
}

static void learn_input(struct session *s, uint32_t tool, struct str name)
{
        uint32_t schema = json_member(&s->doc, tool, STR("inputSchema"));
        struct definition_facts facts;

        definitions_add(&s->definitions, name, schema ? json_text(&s->doc, schema) : STR(""),
                s->approvals.possible && facts_of(s, tool, &facts) ? &facts : NULL);
}

/* As the client was given it. Policies that take something out of results may come into force later: these are kept in any case. */
static void learn_output(struct session *s, uint32_t tool, struct str name)
{
        uint32_t schema = json_member(&s->doc, tool, STR("outputSchema"));
        struct str text;

        if (!schema)
                return;
        buf_clear(&s->plain, LINE_KEEP);
        buf_clear(&s->redacted, LINE_KEEP);
        text = json_text(&s->doc, schema);
        if (s->redactor && !s->doc.canonical)
                text = json_write(&s->plain, &s->doc, schema) < 0 ? STR("") : buf_str(&s->plain);
        if (s->redactor && redactor_finds_json(s->redactor, text))
                text = redactor_apply_json(s->redactor, text, &s->redacted) < 0 ? STR("") : buf_str(&s->redacted);
        definitions_add(&s->outputs, name, text, NULL);
}

/* A page may be one of several: only a request without a cursor begins anew. */
void learn_definitions(struct session *s, const struct pending_request *request, uint32_t result)
{
        uint32_t list = json_member(&s->doc, result, STR("tools"));

        bool inputs = policy_set_checks_schema(s->policy) || s->approvals.possible;

        if (!list)
                return;
        if (!request->continues)
                definitions_forget(&s->outputs);
        if (!request->continues && inputs)
                definitions_forget(&s->definitions);
        json_each_item(&s->doc, list, item) {
                size_t mark = s->scratch.len;
                struct str name;

                if (string_member(s, item, STR("name"), &name)) {
                        if (inputs)
                                learn_input(s, item, name);
                        learn_output(s, item, name);
                }
                s->scratch.len = mark;
        }
        approvals_learn(s);
}

static struct str describe_unevaluated(struct session *s, const char *keyword)
{
        size_t at = s->text.len;

        buf_append_str(&s->text, STR("not-evaluated"));
        if (keyword[0]) {
                buf_append_str(&s->text, STR(": "));
                buf_append_str(&s->text, str_from(keyword));
        }
        return s->text.failed ? STR("not-evaluated") : str_of(s->text.data + at, s->text.len - at);
}

/* Names of both are told, cut and made printable; what is then left of a secret would not be found. */
static bool hold_secret(const struct session *s, const struct json_doc *schema, const struct json_doc *value, uint32_t arguments)
{
        return s->redactor && (redactor_finds(s->redactor, json_text(value, arguments)) || redactor_finds(s->redactor, json_text(schema, 0)));
}

bool arguments_fit(struct session *s, struct ruling *r, struct str tool)
{
        const struct json_doc *value = r->arguments ? &s->doc : &s->no_arguments, *schema;
        struct schema_result result;
        static const char untold[] =
                "The arguments do not fit the tool's schema. They or the schema hold a credential, so that it is not told where. It was not run.";
        char text[SCHEMA_REFUSAL_BYTES];

        if (!policy_set_checks_schema(s->policy))
                return true;
        schema = definitions_find(&s->definitions, tool);
        if (!schema) {
                r->schema = STR("unknown");
                return true;
        }
        schema_check(schema, 0, value, r->arguments, s->schema_scratch, &result);
        if (result.verdict == SCHEMA_VALID)
                return true;
        if (result.verdict == SCHEMA_NOT_EVALUATED) {
                r->schema = describe_unevaluated(s, hold_secret(s, schema, value, r->arguments) ? "" : result.keyword);
                return true;
        }
        schema_refusal(&result, r->narrowed, text);
        refuse(s, r, INVALID_PARAMS, "schema-mismatch", "%s", hold_secret(s, schema, value, r->arguments) ? untold : text);
        r->form = r->task ? ANSWER_ERROR : ANSWER_TOOL_RESULT;
        /* No rule denies it, and the record says what does. */
        r->decision = (struct policy_decision){ .policy_name = r->decision.policy_name, .because = r->detail };
        return false;
}
