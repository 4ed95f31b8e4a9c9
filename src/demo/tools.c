/* SPDX-License-Identifier: Apache-2.0
 *
 * The tools. Adding one is adding a row and a function; arguments are taken in by the table, so that a function sees
 * only arguments of the right type.
 */
#include "demo.h"

#include <errno.h>

#include "limit.h"

enum argument_type { ARGUMENT_NONE, ARGUMENT_STRING, ARGUMENT_INTEGER };

struct argument_spec {
        struct str name;
        enum argument_type type;
};

struct argument {
        struct buf scratch;
        struct str text;
        int64_t integer;
};

#define ARGUMENTS_MAX 2

/* Says what came of it in @text; true when it worked. */
typedef bool (*tool_function)(struct demo *demo, const struct argument *arguments, struct buf *text);

struct tool {
        struct str name;
        struct str definition; /* its entry in tools/list, canonical JSON */
        struct argument_spec arguments[ARGUMENTS_MAX];
        tool_function run;
};

static bool tool_add(struct demo *demo, const struct argument *arguments, struct buf *text)
{
        /* Both are within 2^53: the sum fits. */
        buf_printf(text, "%lld", (long long)(arguments[0].integer + arguments[1].integer));
        return true;
}

static bool tool_echo(struct demo *demo, const struct argument *arguments, struct buf *text)
{
        buf_append_str(text, arguments[0].text);
        return true;
}

static bool tool_list_notes(struct demo *demo, const struct argument *arguments, struct buf *text)
{
        for (size_t i = 0; i < demo->book.count; i++)
                buf_printf(text, "%s%s%s", i > 0 ? "\n" : "", demo->book.notes[i].name,
                        demo->book.notes[i].is_private ? " (private)" : "");
        return true;
}

static bool say_no_such_note(struct buf *text, struct str name)
{
        buf_append_str(text, STR("There is no note named "));
        buf_append_str(text, name);
        buf_append_char(text, '.');
        return false;
}

static bool tool_read_note(struct demo *demo, const struct argument *arguments, struct buf *text)
{
        const struct note *note = notebook_find(&demo->book, arguments[0].text);

        if (!note)
                return say_no_such_note(text, arguments[0].text);
        buf_append_str(text, str_from(note->text));
        return true;
}

static bool tool_delete_note(struct demo *demo, const struct argument *arguments, struct buf *text)
{
        if (!notebook_remove(&demo->book, arguments[0].text))
                return say_no_such_note(text, arguments[0].text);
        buf_append_str(text, STR("Deleted the note "));
        buf_append_str(text, arguments[0].text);
        buf_append_char(text, '.');
        return true;
}

/* There is nobody to send to: the note goes into the notebook, where a test can see that the call arrived. */
static bool tool_send_note(struct demo *demo, const struct argument *arguments, struct buf *text)
{
        struct buf name = BUF_INIT(LIMIT_NAME_BYTES);
        int r;

        buf_append_str(&name, STR("sent-to-"));
        buf_append_str(&name, arguments[0].text);
        r = name.failed ? -EMSGSIZE : notebook_add(&demo->book, buf_str(&name), arguments[1].text, true);
        buf_deinit(&name);
        buf_append_str(text, r == 0 ? STR("Put into the outbox for ") : STR("Could not be sent to "));
        buf_append_str(text, arguments[0].text);
        buf_append_char(text, '.');
        return r == 0;
}

/* FNV-1a folded to 16 bits: enough to tell two random tokens apart, far too little to find one. */
static unsigned fingerprint(const char *token)
{
        uint32_t hash = 2166136261U;

        for (const char *c = token; *c; c++)
                hash = (hash ^ (unsigned char)*c) * 16777619U;
        return (hash >> 16) ^ (hash & 0xffffU);
}

static bool tool_whoami(struct demo *demo, const struct argument *arguments, struct buf *text)
{
        if (demo->token)
                buf_printf(text, DEMO_TOKEN_VARIABLE " arrived: %zu characters, fingerprint %04x.", strlen(demo->token),
                        fingerprint(demo->token));
        else
                buf_append_str(text, STR(DEMO_TOKEN_VARIABLE " did not arrive."));
        return true;
}

#define OBJECT(properties, required)                                                                            \
        "\"inputSchema\":{\"type\":\"object\",\"properties\":{" properties "},\"required\":[" required "],"       \
        "\"additionalProperties\":false},"
#define READS "\"annotations\":{\"readOnlyHint\":true,\"openWorldHint\":false}"
#define DESTROYS "\"annotations\":{\"readOnlyHint\":false,\"destructiveHint\":true,\"openWorldHint\":false}"
#define SENDS "\"annotations\":{\"readOnlyHint\":false,\"destructiveHint\":false,\"openWorldHint\":true}"

/* The name stands once: in the row and in the definition that tools/list gives. */
#define TOOL(tool_name, about, schema, annotations)                                                            \
        .name = STR_INIT(tool_name),                                                                           \
        .definition = STR_INIT("{\"name\":\"" tool_name "\",\"description\":\"" about "\"," schema annotations "}")

static const struct tool tools[] = {
        { TOOL("add", "Adds two whole numbers.",
                  OBJECT("\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"integer\"}", "\"a\",\"b\""), READS),
                { { STR_INIT("a"), ARGUMENT_INTEGER }, { STR_INIT("b"), ARGUMENT_INTEGER } }, tool_add },
        { TOOL("echo", "Gives back its text.", OBJECT("\"text\":{\"type\":\"string\"}", "\"text\""), READS),
                { { STR_INIT("text"), ARGUMENT_STRING } }, tool_echo },
        { TOOL("list_notes", "Names every note.", OBJECT("", ""), READS), { { .type = ARGUMENT_NONE } },
                tool_list_notes },
        { TOOL("read_note", "Gives a note's text.", OBJECT("\"name\":{\"type\":\"string\"}", "\"name\""), READS),
                { { STR_INIT("name"), ARGUMENT_STRING } }, tool_read_note },
        { TOOL("delete_note", "Deletes a note for good.",
                  OBJECT("\"name\":{\"type\":\"string\"}", "\"name\""), DESTROYS),
                { { STR_INIT("name"), ARGUMENT_STRING } }, tool_delete_note },
        { TOOL("send_note", "Sends a text to somebody.",
                  OBJECT("\"to\":{\"type\":\"string\"},\"text\":{\"type\":\"string\"}", "\"to\",\"text\""), SENDS),
                { { STR_INIT("to"), ARGUMENT_STRING }, { STR_INIT("text"), ARGUMENT_STRING } }, tool_send_note },
        { TOOL("whoami", "Says whether a credential reached the server, without saying which.", OBJECT("", ""), READS),
                { { .type = ARGUMENT_NONE } }, tool_whoami },
};

#define TOOL_COUNT (sizeof(tools) / sizeof(tools[0]))

int demo_tools_list(struct demo_call *call)
{
        struct json_writer *w = call->result;

        json_name(w, STR("tools"));
        json_begin_array(w);
        for (size_t i = 0; i < TOOL_COUNT; i++)
                json_raw(w, tools[i].definition);
        json_end_array(w);
        return 0;
}

/* False, with @text saying what is wrong, unless the arguments are those that the tool takes. */
static bool take_arguments(const struct demo_call *call, const struct tool *tool, uint32_t object,
        struct argument *arguments, struct buf *text)
{
        for (size_t i = 0; i < ARGUMENTS_MAX && tool->arguments[i].type != ARGUMENT_NONE; i++) {
                const struct argument_spec *spec = &tool->arguments[i];
                uint32_t value = demo_member(call, object, spec->name);
                bool ok = value != 0 && (spec->type == ARGUMENT_INTEGER ?
                        json_integer_get(call->doc, value, &arguments[i].integer) :
                        demo_string(call, object, spec->name, &arguments[i].scratch, &arguments[i].text));

                if (!ok) {
                        buf_printf(text, "Input validation error: %.*s must be %s.", STR_FMT(spec->name),
                                spec->type == ARGUMENT_INTEGER ? "a whole number" : "a string");
                        return false;
                }
        }
        return true;
}

static void write_tool_result(struct json_writer *w, struct str text, bool is_error)
{
        json_name(w, STR("content"));
        json_begin_array(w);
        json_begin_object(w);
        json_name(w, STR("type"));
        json_string(w, STR("text"));
        json_name(w, STR("text"));
        json_string(w, text);
        json_end_object(w);
        json_end_array(w);
        if (is_error) {
                json_name(w, STR("isError"));
                json_bool(w, true);
        }
}

static int run_tool(struct demo_call *call, const struct tool *tool, uint32_t object)
{
        struct argument arguments[ARGUMENTS_MAX] = { 0 };
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_LINE_BYTES);
        bool ok;

        for (size_t i = 0; i < ARGUMENTS_MAX; i++)
                buf_init(&arguments[i].scratch, LIMIT_LINE_BYTES);
        ok = take_arguments(call, tool, object, arguments, &text) && tool->run(call->demo, arguments, &text);
        write_tool_result(call->result, buf_str(&text), !ok);
        for (size_t i = 0; i < ARGUMENTS_MAX; i++)
                buf_deinit(&arguments[i].scratch);
        if (!text.failed)
                return 0;
        buf_append_str(call->message, STR("Out of memory"));
        return DEMO_INTERNAL;
}

int demo_tools_call(struct demo_call *call)
{
        AUTO_BUF struct buf scratch = BUF_INIT(LIMIT_LINE_BYTES);
        uint32_t arguments = demo_member(call, call->params, STR("arguments"));
        struct str name;

        if (!demo_string(call, call->params, STR("name"), &scratch, &name)) {
                buf_append_str(call->message, STR("tools/call needs a name"));
                return DEMO_INVALID_PARAMS;
        }
        for (size_t i = 0; i < TOOL_COUNT; i++)
                if (str_eq(tools[i].name, name))
                        return run_tool(call, &tools[i], arguments);
        buf_append_str(call->message, STR("Tool "));
        buf_append_str(call->message, name);
        buf_append_str(call->message, STR(" not found"));
        return DEMO_INVALID_PARAMS;
}
