/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

/* Is there anything of the kind that policy would allow? */
static bool may_ever(struct session *s, enum policy_subject subject)
{
        struct ruling ignored = { 0 };

        return judge(s, &ignored, subject, "capability", STR(""));
}

static void remove_member(struct session *s, uint32_t object, struct str name)
{
        uint32_t value = json_member(&s->doc, object, name);

        if (value)
                edits_remove(&s->edits, value);
}

/* Extensions whose messages the method table covers. */
static void restrict_extensions(struct session *s, uint32_t capabilities)
{
        static const struct str members[] = {
                STR_INIT("io.modelcontextprotocol/tasks"),
                STR_INIT("io.modelcontextprotocol/ui"),
        };
        static const struct names known = NAMES(members);
        uint32_t extensions = json_member(&s->doc, capabilities, STR("extensions"));

        if (extensions && json_type_of(&s->doc, extensions) != JSON_OBJECT)
                edits_remove(&s->edits, extensions);
        else if (extensions)
                keep_members(s, extensions, &known);
}

static void restrict_elicitation(struct session *s, uint32_t capabilities)
{
        bool form = may_ever(s, POLICY_ELICITATION_FORM), url = may_ever(s, POLICY_ELICITATION_URL);
        uint32_t elicitation = json_member(&s->doc, capabilities, STR("elicitation"));
        bool says_url = elicitation && json_member(&s->doc, elicitation, STR("url"));

        if (!elicitation)
                return;
        /* An empty object means the form mode alone. */
        if (!form && !(url && says_url)) {
                edits_remove(&s->edits, elicitation);
                return;
        }
        if (!form)
                remove_member(s, elicitation, STR("form"));
        if (!url)
                remove_member(s, elicitation, STR("url"));
}

/* Which of the server's requests the client would run as tasks. */
static void restrict_hosted_tasks(struct session *s, uint32_t capabilities)
{
        uint32_t tasks = json_member(&s->doc, capabilities, STR("tasks"));
        uint32_t requests = tasks ? json_member(&s->doc, tasks, STR("requests")) : 0;

        if (!requests)
                return;
        if (!may_ever(s, POLICY_SAMPLING))
                remove_member(s, requests, STR("sampling"));
        if (!may_ever(s, POLICY_ELICITATION_FORM) && !may_ever(s, POLICY_ELICITATION_URL))
                remove_member(s, requests, STR("elicitation"));
}

void restrict_client_capabilities(struct session *s, uint32_t capabilities)
{
        static const struct str members[] = {
                STR_INIT("roots"), STR_INIT("sampling"), STR_INIT("elicitation"), STR_INIT("tasks"), STR_INIT("extensions"),
        };
        static const struct names known = NAMES(members);

        if (!s->open_protocol) {
                keep_members(s, capabilities, &known);
                restrict_extensions(s, capabilities);
        }
        if (!may_ever(s, POLICY_SAMPLING))
                remove_member(s, capabilities, STR("sampling"));
        if (!may_ever(s, POLICY_ROOTS))
                remove_member(s, capabilities, STR("roots"));
        restrict_elicitation(s, capabilities);
        restrict_hosted_tasks(s, capabilities);
}

bool restrict_server_capabilities(struct session *s, uint32_t capabilities)
{
        static const struct str members[] = {
                STR_INIT("tools"), STR_INIT("prompts"), STR_INIT("resources"), STR_INIT("logging"), STR_INIT("completions"),
                STR_INIT("tasks"), STR_INIT("extensions"),
        };
        static const struct names known = NAMES(members);

        if (s->open_protocol || !capabilities)
                return true;
        if (json_type_of(&s->doc, capabilities) != JSON_OBJECT)
                return false;
        keep_members(s, capabilities, &known);
        restrict_extensions(s, capabilities);
        return true;
}

bool restrict_initialize_result(struct session *s, uint32_t result)
{
        struct str revision;

        if (!string_member(s, result, STR("protocolVersion"), &revision) ||
                !restrict_server_capabilities(s, json_member(&s->doc, result, STR("capabilities"))))
                return false;
        announce_advertise(s, json_member(&s->doc, result, STR("capabilities")), false);
        return s->open_protocol || (rpc_revision_is_known(revision) && !rpc_revision_is_modern(revision));
}

bool restrict_discover_result(struct session *s, uint32_t result)
{
        uint32_t revisions = json_member(&s->doc, result, STR("supportedVersions"));
        bool any = false;

        if (!restrict_server_capabilities(s, json_member(&s->doc, result, STR("capabilities"))))
                return false;
        announce_advertise(s, json_member(&s->doc, result, STR("capabilities")), true);
        if (s->open_protocol)
                return true;
        if (!revisions || json_type_of(&s->doc, revisions) != JSON_ARRAY)
                return false;
        json_each_item(&s->doc, revisions, item) {
                size_t mark = s->scratch.len;
                struct str text;

                if (json_type_of(&s->doc, item) == JSON_STRING && json_string_get(&s->doc, item, &s->scratch, &text) == 0 &&
                        rpc_revision_is_known(text))
                        any = true;
                else
                        edits_remove(&s->edits, item);
                s->scratch.len = mark;
        }
        return any;
}
