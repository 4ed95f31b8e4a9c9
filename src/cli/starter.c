/* SPDX-License-Identifier: Apache-2.0 */
#include "starter.h"

#include <errno.h>
#include <stdlib.h>

#include "alloc.h"
#include "limit.h"
#include "printable.h"
#include "uri.h"

#define NAME_MAX_BYTES 128U
#define ARGUMENT_MAX_BYTES 64U
/* Of a description, and of a name that cannot stand in a rule. */
#define ABOUT_SHOWN 90U
#define NAME_SHOWN 60U
/* A line of arguments that is longer is written as a list. */
#define LINE_BYTES 90U
/* More resources than that are a matter for a pattern. */
#define RESOURCES_SHOWN 50U
#define TESTS_SHOWN 5U

void starter_init(struct starter *s)
{
        *s = (struct starter){
                .resources = BUF_INIT(LIMIT_POLICY_BYTES),
                .templates = BUF_INIT(LIMIT_POLICY_BYTES),
                .prompts = BUF_INIT(LIMIT_POLICY_BYTES),
        };
}

void starter_deinit(struct starter *s)
{
        for (size_t i = 0; i < s->count; i++) {
                mem_free(s->tools[i].name);
                buf_deinit(&s->tools[i].about);
                buf_deinit(&s->tools[i].rule);
                buf_deinit(&s->tools[i].notes);
        }
        mem_free(s->tools);
        buf_deinit(&s->resources);
        buf_deinit(&s->templates);
        buf_deinit(&s->prompts);
        starter_init(s);
}

/* --- names --- */

static bool is_plain(char c, const char *others)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr(others, c));
}

/* Means nothing but itself to YAML, to patterns and to paths of arguments, and looks like nothing else. */
static bool name_is_plain(struct str name, const char *others, size_t max)
{
        if (name.len == 0 || name.len > max || !is_plain(name.ptr[0], "_"))
                return false;
        for (size_t i = 0; i < name.len; i++) {
                if (!is_plain(name.ptr[i], others))
                        return false;
        }
        return true;
}

static bool tool_name_is_plain(struct str name)
{
        return name_is_plain(name, "_-./", NAME_MAX_BYTES);
}

/* --- arguments --- */

struct hold {
        struct str word;
        const char *condition;
};

/* Arguments that say by their names what they are, and the condition that holds them. */
static const struct hold holds[] = {
        { STR_INIT("path"), "within: [/a/folder]" },
        { STR_INIT("file"), "within: [/a/folder]" },
        { STR_INIT("filename"), "within: [/a/folder]" },
        { STR_INIT("directory"), "within: [/a/folder]" },
        { STR_INIT("source"), "within: [/a/folder]" },
        { STR_INIT("destination"), "within: [/a/folder]" },
        { STR_INIT("repo_path"), "within: [/a/folder]" },
        { STR_INIT("url"), "url: { host: public }" },
        { STR_INIT("uri"), "url: { host: public }" },
        { STR_INIT("sql"), "sql: read" },
        { STR_INIT("command"), "command: [\"git log **\"]" },
        { STR_INIT("email"), "mail: [example.com]" },
        { STR_INIT("to"), "mail: [example.com]" },
};

static void note_hold(struct starter_tool *tool, struct str argument)
{
        for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++) {
                if (str_eq(holds[i].word, argument))
                        buf_printf(&tool->notes, "      # Hold it closer: out of free, and  when: { %.*s: { %s } }\n",
                                STR_FMT(argument), holds[i].condition);
        }
}

/* The names of an object's members, or of the `name` members of a list's items. */
static void append_argument(struct buf *names, struct str argument, size_t *count)
{
        buf_printf(names, "%s%.*s", (*count)++ ? ", " : "", STR_FMT(argument));
}

static void note_odd_argument(struct buf *notes, struct str argument)
{
        buf_append_str(notes, STR("      # Left out is an argument that is called \""));
        printable_append(notes, argument, NAME_SHOWN);
        buf_append_str(notes, STR("\"\n"));
}

/* "free: [a, b]", or one a line. */
static void append_free(struct buf *rule, const struct buf *names)
{
        struct str rest = buf_str(names);

        if (rest.len <= LINE_BYTES) {
                buf_printf(rule, "      free: [%.*s]\n", STR_FMT(rest));
                return;
        }
        buf_append_str(rule, STR("      free:\n"));
        while (rest.len > 0) {
                const char *comma = memchr(rest.ptr, ',', rest.len);
                const size_t length = comma ? (size_t)(comma - rest.ptr) : rest.len;

                buf_printf(rule, "        - %.*s\n", (int)length, rest.ptr);
                rest = str_skip(rest, comma ? length + 2 : length);
        }
}

/* A rule that names no argument takes none: what the schema does not tell stays out. */
static void add_arguments(struct starter_tool *tool, const struct json_doc *doc, uint32_t definition)
{
        AUTO_BUF struct buf names = BUF_INIT(LIMIT_POLICY_BYTES);
        const uint32_t schema = json_member(doc, definition, STR("inputSchema"));
        const uint32_t properties = schema ? json_member(doc, schema, STR("properties")) : 0;
        size_t count = 0;

        if (properties) {
                json_each_member(doc, properties, name, value)
                {
                        AUTO_BUF struct buf scratch = BUF_INIT(LIMIT_LINE_BYTES);
                        struct str text;

                        if (json_string_get(doc, name, &scratch, &text) < 0)
                                tool->notes.failed = true;
                        else if (!name_is_plain(text, "_-", ARGUMENT_MAX_BYTES))
                                note_odd_argument(&tool->notes, text);
                        else {
                                append_argument(&names, text, &count);
                                note_hold(tool, text);
                        }
                }
        }
        append_free(&tool->rule, &names);
        tool->rule.failed |= names.failed;
}

/* --- what is listed --- */

static void append_about(struct buf *out, const struct json_doc *doc, uint32_t entry)
{
        AUTO_BUF struct buf scratch = BUF_INIT(LIMIT_LINE_BYTES);
        const uint32_t description = json_member(doc, entry, STR("description"));
        struct str text;

        if (description && json_string_get(doc, description, &scratch, &text) == 0)
                printable_append(out, text, ABOUT_SHOWN);
}

static int add_tool(struct starter *s, const struct json_doc *doc, uint32_t entry, struct str name)
{
        struct starter_tool *tool;

        if (s->count == s->cap) {
                const size_t cap = s->cap ? s->cap * 2 : 64;
                struct starter_tool *tools = mem_resize(s->tools, cap * sizeof(*tools));

                if (!tools)
                        return -ENOMEM;
                s->tools = tools;
                s->cap = cap;
        }
        tool = &s->tools[s->count++];
        *tool = (struct starter_tool){
                .about = BUF_INIT(LIMIT_POLICY_BYTES), .rule = BUF_INIT(LIMIT_POLICY_BYTES), .notes = BUF_INIT(LIMIT_POLICY_BYTES)
        };
        /* A NUL is no part of any name that could be written, and str_dup() takes none. */
        tool->name = str_dup(memchr(name.ptr, '\0', name.len) ? STR("\x01") : name);
        tool->nature = tool_nature_of(doc, entry, name, &tool->reason);
        append_about(&tool->about, doc, entry);
        add_arguments(tool, doc, entry);
        return tool->name && !tool->about.failed && !tool->rule.failed && !tool->notes.failed ? 0 : -ENOMEM;
}

static int add_resource(struct starter *s, struct str uri)
{
        if (uri_form_of(uri) == URI_ODD || !name_is_plain(uri, "_-./:~", NAME_MAX_BYTES) || s->more_resources ||
                s->resources.len > (size_t)RESOURCES_SHOWN * NAME_MAX_BYTES) {
                s->more_resources++;
                return 0;
        }
        return buf_printf(&s->resources, "    - \"%.*s\"\n", STR_FMT(uri));
}

static int add_template(struct starter *s, struct str template)
{
        if (s->templates.len > (size_t)RESOURCES_SHOWN * NAME_SHOWN) {
                s->more_templates++;
                return 0;
        }
        buf_append_str(&s->templates, STR("#   "));
        printable_append(&s->templates, template, ABOUT_SHOWN);
        buf_append_char(&s->templates, '\n');
        return s->templates.failed ? -ENOMEM : 0;
}

static int add_prompt(struct starter *s, const struct json_doc *doc, uint32_t entry, struct str name)
{
        AUTO_BUF struct buf names = BUF_INIT(LIMIT_POLICY_BYTES);
        const uint32_t arguments = json_member(doc, entry, STR("arguments"));
        size_t count = 0;

        if (!tool_name_is_plain(name))
                return 0;
        if (arguments) {
                json_each_item(doc, arguments, item)
                {
                        AUTO_BUF struct buf scratch = BUF_INIT(LIMIT_LINE_BYTES);
                        const uint32_t token = json_member(doc, item, STR("name"));
                        struct str text;

                        if (token && json_string_get(doc, token, &scratch, &text) == 0 &&
                                name_is_plain(text, "_-", ARGUMENT_MAX_BYTES))
                                append_argument(&names, text, &count);
                }
        }
        buf_printf(&s->prompts, "    - prompt: %.*s\n", STR_FMT(name));
        append_free(&s->prompts, &names);
        return s->prompts.failed || names.failed ? -ENOMEM : 0;
}

int starter_add(struct starter *s, enum listing_kind kind, const struct json_doc *doc, uint32_t entry, struct str name)
{
        switch (kind) {
        case LISTING_TOOL:
                return add_tool(s, doc, entry, name);
        case LISTING_RESOURCE:
                return add_resource(s, name);
        case LISTING_TEMPLATE:
                return add_template(s, name);
        case LISTING_PROMPT:
                return add_prompt(s, doc, entry, name);
        case LISTING_KIND_MAX_:
                break;
        }
        return 0;
}

/* --- the text --- */

static int by_name(const void *a, const void *b)
{
        const struct starter_tool *const *x = a, *const *y = b;

        return strcmp((*x)->name, (*y)->name);
}

/* A rule is about a name: of two tools of one name it would allow the one for what the other is. */
static int leave_out_twins(struct starter *s)
{
        const struct starter_tool **sorted = mem_calloc(s->count + 1, sizeof(const struct starter_tool *));

        if (!sorted)
                return -ENOMEM;
        for (size_t i = 0; i < s->count; i++)
                sorted[i] = &s->tools[i];
        qsort(sorted, s->count, sizeof(const struct starter_tool *), by_name);
        for (size_t i = 0; i + 1 < s->count; i++) {
                if (strcmp(sorted[i]->name, sorted[i + 1]->name) != 0)
                        continue;
                for (size_t j = i; j <= i + 1; j++) {
                        struct starter_tool *tool = &s->tools[sorted[j] - s->tools];

                        tool->nature = TOOL_UNCLEAR;
                        tool->reason = "is listed twice, and nobody knows which of the two is called";
                }
        }
        mem_free(sorted);
        return 0;
}

static void leave_out_odd_names(struct starter *s)
{
        for (size_t i = 0; i < s->count; i++) {
                if (tool_name_is_plain(str_from(s->tools[i].name)))
                        continue;
                s->tools[i].nature = TOOL_UNCLEAR;
                s->tools[i].reason = "has a name that could be read in two ways";
        }
}

/* The list of one kind of rule; how many it has. */
static size_t append_rules(struct starter *s, enum tool_nature nature, const char *key, struct buf *out)
{
        size_t count = 0;

        for (size_t i = 0; i < s->count; i++) {
                const struct starter_tool *tool = &s->tools[i];

                if (tool->nature != nature)
                        continue;
                if (count++ == 0)
                        buf_printf(out, "  %s:\n", key);
                if (tool->about.len > 0)
                        buf_printf(out, "    # \"%.*s\"\n", STR_FMT(buf_str(&tool->about)));
                buf_printf(out, "    # It %s.\n    - tool: %s\n", tool->reason, tool->name);
                buf_append_str(out, buf_str(&tool->rule));
                buf_append_str(out, buf_str(&tool->notes));
        }
        return count;
}

static size_t append_left_out(struct starter *s, struct buf *out)
{
        size_t count = 0;

        for (size_t i = 0; i < s->count; i++) {
                const struct starter_tool *tool = &s->tools[i];

                if (tool->nature == TOOL_READS || tool->nature == TOOL_WRITES)
                        continue;
                if (count++ == 0)
                        buf_append_str(out, STR("  # Left out, and so denied and hidden:\n"));
                buf_append_str(out, STR("  #   \""));
                printable_append(out, str_from(tool->name), NAME_SHOWN);
                buf_printf(out, "\" %s.\n", tool->reason);
                if (tool->about.len > 0)
                        buf_printf(out, "  #       \"%.*s\"\n", STR_FMT(buf_str(&tool->about)));
        }
        return count;
}

static void append_others(struct starter *s, struct buf *out)
{
        if (s->resources.len)
                buf_printf(out, "resources:\n  allow:\n%.*s", STR_FMT(buf_str(&s->resources)));
        if (s->more_resources)
                buf_printf(out, "# Left out: %zu resources whose names have other characters than these, or are too many.\n", s->more_resources);
        if (s->templates.len)
                buf_printf(out, "# Left out are the resources of these templates; a pattern such as \"notes://**\" allows them:\n%.*s",
                        STR_FMT(buf_str(&s->templates)));
        if (s->more_templates)
                buf_printf(out, "# And of %zu more.\n", s->more_templates);
        if (s->prompts.len)
                buf_printf(out, "prompts:\n  allow:\n%.*s", STR_FMT(buf_str(&s->prompts)));
}

/* Some of each kind, for a person to go on from as well: a test of every tool would say it all twice. */
static size_t append_tests(const struct starter *s, enum tool_nature nature, const char *expect, size_t written, struct buf *out)
{
        size_t count = 0;

        for (size_t i = 0; i < s->count && count < TESTS_SHOWN; i++) {
                const struct starter_tool *tool = &s->tools[i];

                if (tool->nature != nature || !tool_name_is_plain(str_from(tool->name)))
                        continue;
                buf_printf(out, "%s  - { call: %s, expect: %s }\n", written + count == 0 ? "tests:\n" : "", tool->name, expect);
                count++;
        }
        return count;
}

static const char head[] =
        "# Written by `leastwise init` from what the server says of itself, which is a claim: read it, and take out what the job\n"
        "# does not need. Then, with this file as FILE and the server's command as COMMAND:\n"
        "#   leastwise check FILE                          tells what is wrong with it\n"
        "#   leastwise tools --policy FILE -- COMMAND      shows what the agent will see\n"
        "#   leastwise run --policy FILE -- COMMAND        is what the client starts\n"
        "leastwise: 1\n";

int starter_write(
        struct starter *s, struct str name, const struct str *credentials, size_t credential_count, struct buf *out)
{
        size_t tests;

        if (leave_out_twins(s) < 0)
                return -ENOMEM;
        leave_out_odd_names(s);
        buf_append_str(out, str_from(head));
        buf_printf(out, "name: %.*s\npurpose: Say here in one sentence what the job is.\n", STR_FMT(name));
        buf_printf(out, "# A server can change its tools from one day to the next. With this line they are hidden when they are not as you\n"
                        "# read them; `leastwise pin --policy FILE -- COMMAND` writes the file, and shows later what has changed.\n"
                        "# pins: %.*s.lock\n", STR_FMT(name));
        for (size_t i = 0; i < credential_count; i++)
                buf_printf(out, "%s  %.*s: { from: env, name: %.*s }\n", i == 0 ? "credentials:\n" : "", STR_FMT(credentials[i]),
                        STR_FMT(credentials[i]));
        buf_append_str(out, STR("tools:\n"));
        s->allowed = append_rules(s, TOOL_READS, "allow", out);
        if (s->allowed == 0)
                buf_append_str(out, STR("  allow: []\n"));
        s->held = append_rules(s, TOOL_WRITES, "approve", out);
        s->left = append_left_out(s, out);
        append_others(s, out);
        tests = append_tests(s, TOOL_READS, "allow", 0, out);
        tests += append_tests(s, TOOL_WRITES, "approve", tests, out);
        tests += append_tests(s, TOOL_DESTROYS, "deny", tests, out);
        append_tests(s, TOOL_UNCLEAR, "deny", tests, out);
        return out->failed ? -EMSGSIZE : 0;
}
