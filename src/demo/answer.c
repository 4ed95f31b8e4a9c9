/* SPDX-License-Identifier: Apache-2.0
 *
 * From a line to its answer: the envelope, the era, the table of methods.
 */
#include "demo.h"

#include <errno.h>

#include "limit.h"

#define MODERN_VERSION "2026-07-28"
#define SERVER_INFO "{\"name\":\"" DEMO_NAME "\",\"version\":\"" DEMO_VERSION "\"}"
#define META(key) "io.modelcontextprotocol/" key
#define CAPABILITIES "{\"tools\":{},\"resources\":{},\"prompts\":{}}"
#define INSTRUCTIONS "A notebook in memory, to try a policy on."

enum era { BOTH_ERAS, LEGACY_ONLY, MODERN_ONLY };

struct method {
        struct str name;
        enum era era;
        bool is_cacheable; /* modern results of this method carry ttlMs and cacheScope */
        int (*run)(struct demo_call *call);
};

uint32_t demo_member(const struct demo_call *call, uint32_t object, struct str name)
{
        return object == 0 ? 0 : json_member(call->doc, object, name);
}

bool demo_string(const struct demo_call *call, uint32_t object, struct str name, struct buf *scratch, struct str *ret)
{
        uint32_t value = demo_member(call, object, name);

        return value != 0 && json_type_of(call->doc, value) == JSON_STRING &&
               json_string_get(call->doc, value, scratch, ret) == 0;
}

static void member_string(struct json_writer *w, const char *name, struct str value)
{
        json_name(w, str_from(name));
        json_string(w, value);
}

static void member_raw(struct json_writer *w, const char *name, const char *json)
{
        json_name(w, str_from(name));
        json_raw(w, str_from(json));
}

static int fail(struct demo_call *call, enum demo_error code, const char *message)
{
        buf_append_str(call->message, str_from(message));
        return code;
}

static int run_initialize(struct demo_call *call)
{
        static const char *const versions[] = { "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05" };
        uint32_t asked = demo_member(call, call->params, STR("protocolVersion"));
        const char *version = versions[0];

        if (asked == 0)
                return fail(call, DEMO_INVALID_PARAMS, "initialize needs a protocolVersion");
        for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
                if (json_string_is(call->doc, asked, str_from(versions[i])))
                        version = versions[i];
        member_string(call->result, "protocolVersion", str_from(version));
        member_raw(call->result, "capabilities", CAPABILITIES);
        member_raw(call->result, "serverInfo", SERVER_INFO);
        member_string(call->result, "instructions", STR(INSTRUCTIONS));
        return 0;
}

static int run_discover(struct demo_call *call)
{
        member_raw(call->result, "supportedVersions", "[\"" MODERN_VERSION "\"]");
        member_raw(call->result, "capabilities", CAPABILITIES);
        member_string(call->result, "instructions", STR(INSTRUCTIONS));
        return 0;
}

static int run_ping(struct demo_call *call)
{
        return 0;
}

static void write_uri(struct json_writer *w, const struct note *note)
{
        AUTO_BUF struct buf uri = BUF_INIT(LIMIT_URI_BYTES);

        if (note_uri(&uri, note) < 0)
                w->out->failed = true;
        member_string(w, "uri", buf_str(&uri));
}

static int run_resources_list(struct demo_call *call)
{
        const struct notebook *book = &call->demo->book;
        struct json_writer *w = call->result;

        json_name(w, STR("resources"));
        json_begin_array(w);
        for (size_t i = 0; i < book->count; i++) {
                json_begin_object(w);
                write_uri(w, &book->notes[i]);
                member_string(w, "name", str_from(book->notes[i].name));
                member_string(w, "mimeType", STR("text/plain"));
                json_end_object(w);
        }
        json_end_array(w);
        return 0;
}

static int run_templates_list(struct demo_call *call)
{
        member_raw(call->result, "resourceTemplates",
                "[{\"uriTemplate\":\"note://public/{name}\",\"name\":\"public note\",\"mimeType\":\"text/plain\"},"
                "{\"uriTemplate\":\"note://private/{name}\",\"name\":\"private note\",\"mimeType\":\"text/plain\"}]");
        return 0;
}

static int run_resources_read(struct demo_call *call)
{
        AUTO_BUF struct buf scratch = BUF_INIT(LIMIT_LINE_BYTES);
        struct json_writer *w = call->result;
        const struct note *note;
        struct str uri;

        if (!demo_string(call, call->params, STR("uri"), &scratch, &uri))
                return fail(call, DEMO_INVALID_PARAMS, "resources/read needs a uri");
        note = notebook_find_uri(&call->demo->book, uri);
        if (!note) {
                fail(call, DEMO_INVALID_PARAMS, "Resource not found: ");
                buf_append_str(call->message, uri);
                return call->is_modern ? DEMO_INVALID_PARAMS : DEMO_RESOURCE_NOT_FOUND;
        }
        json_name(w, STR("contents"));
        json_begin_array(w);
        json_begin_object(w);
        member_string(w, "uri", uri);
        member_string(w, "mimeType", STR("text/plain"));
        member_string(w, "text", str_from(note->text));
        json_end_object(w);
        json_end_array(w);
        return 0;
}

static int run_prompts_list(struct demo_call *call)
{
        member_raw(call->result, "prompts",
                "[{\"name\":\"summarize_note\",\"description\":\"Asks for a note in one sentence.\","
                "\"arguments\":[{\"name\":\"name\",\"description\":\"The note's name.\",\"required\":true}]}]");
        return 0;
}

static int run_prompts_get(struct demo_call *call)
{
        AUTO_BUF struct buf scratch = BUF_INIT(LIMIT_LINE_BYTES);
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_LINE_BYTES);
        uint32_t arguments = demo_member(call, call->params, STR("arguments"));
        uint32_t prompt = demo_member(call, call->params, STR("name"));
        struct json_writer *w = call->result;
        struct str name;

        if (prompt == 0 || !json_string_is(call->doc, prompt, STR("summarize_note")))
                return fail(call, DEMO_INVALID_PARAMS, "Prompt not found");
        if (!demo_string(call, arguments, STR("name"), &scratch, &name))
                return fail(call, DEMO_INVALID_PARAMS, "summarize_note needs a name");
        buf_append_str(&text, STR("Say in one sentence what this note is about: "));
        buf_append_str(&text, name);
        json_name(w, STR("messages"));
        json_begin_array(w);
        json_begin_object(w);
        member_string(w, "role", STR("user"));
        json_name(w, STR("content"));
        json_begin_object(w);
        member_string(w, "type", STR("text"));
        member_string(w, "text", buf_str(&text));
        json_end_object(w);
        json_end_object(w);
        json_end_array(w);
        return text.failed ? fail(call, DEMO_INTERNAL, "Out of memory") : 0;
}

static const struct method methods[] = {
        { STR_INIT("initialize"), LEGACY_ONLY, false, run_initialize },
        { STR_INIT("ping"), LEGACY_ONLY, false, run_ping },
        { STR_INIT("prompts/get"), BOTH_ERAS, false, run_prompts_get },
        { STR_INIT("prompts/list"), BOTH_ERAS, true, run_prompts_list },
        { STR_INIT("resources/list"), BOTH_ERAS, true, run_resources_list },
        { STR_INIT("resources/read"), BOTH_ERAS, true, run_resources_read },
        { STR_INIT("resources/templates/list"), BOTH_ERAS, true, run_templates_list },
        { STR_INIT("server/discover"), MODERN_ONLY, true, run_discover },
        { STR_INIT("tools/call"), BOTH_ERAS, false, demo_tools_call },
        { STR_INIT("tools/list"), BOTH_ERAS, true, demo_tools_list },
};

/* The era is the request's: whoever names a version in _meta speaks the modern one. */
static int find_era(struct demo_call *call)
{
        uint32_t meta = demo_member(call, call->params, STR("_meta"));
        uint32_t version = demo_member(call, meta, STR(META("protocolVersion")));
        uint32_t capabilities = demo_member(call, meta, STR(META("clientCapabilities")));

        call->is_modern = version != 0;
        if (!call->is_modern)
                return 0;
        if (!json_string_is(call->doc, version, STR(MODERN_VERSION)))
                return fail(call, DEMO_UNSUPPORTED_VERSION, "Unsupported protocol version");
        if (capabilities == 0 || json_type_of(call->doc, capabilities) != JSON_OBJECT)
                return fail(call, DEMO_INVALID_PARAMS, "_meta needs " META("clientCapabilities"));
        return 0;
}

static int run_method(struct demo_call *call, uint32_t name)
{
        int r = find_era(call);

        if (r != 0)
                return r;
        for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
                if (!json_string_is(call->doc, name, methods[i].name))
                        continue;
                if (methods[i].era != BOTH_ERAS && (methods[i].era == MODERN_ONLY) != call->is_modern)
                        break;
                if (call->is_modern) {
                        member_string(call->result, "resultType", STR("complete"));
                        member_raw(call->result, "_meta", "{\"" META("serverInfo") "\":" SERVER_INFO "}");
                }
                if (call->is_modern && methods[i].is_cacheable) {
                        member_raw(call->result, "ttlMs", "0");
                        member_string(call->result, "cacheScope", STR("private"));
                }
                return methods[i].run(call);
        }
        return fail(call, DEMO_METHOD_NOT_FOUND, "Method not found");
}

static void write_error(struct json_writer *w, int code, struct str message)
{
        json_name(w, STR("error"));
        json_begin_object(w);
        json_name(w, STR("code"));
        json_integer(w, code);
        member_string(w, "message", message);
        if (code == DEMO_UNSUPPORTED_VERSION)
                member_raw(w, "data", "{\"supported\":[\"" MODERN_VERSION "\"]}");
        json_end_object(w);
}

/* Everything up to the result or error, which is the last member. */
static void begin_answer(struct json_writer *w, struct buf *out, struct str id)
{
        json_writer_init(w, out);
        json_begin_object(w);
        member_string(w, "jsonrpc", STR("2.0"));
        json_name(w, STR("id"));
        json_raw(w, id);
}

static int answer_request(struct demo *demo, const struct json_doc *doc, uint32_t method, uint32_t id, struct buf *out)
{
        AUTO_BUF struct buf message = BUF_INIT(LIMIT_LINE_BYTES);
        AUTO_BUF struct buf id_text = BUF_INIT(LIMIT_LINE_BYTES);
        struct json_writer w;
        struct demo_call call = { demo, doc, json_member(doc, 0, STR("params")), false, &w, &message };
        int code;

        if (json_write(&id_text, doc, id) < 0)
                return -ENOMEM;
        begin_answer(&w, out, buf_str(&id_text));
        json_name(&w, STR("result"));
        json_begin_object(&w);
        code = run_method(&call, method);
        json_end_object(&w);
        if (code == 0 && out->failed)
                code = fail(&call, DEMO_INTERNAL, "The result does not fit into one line");
        if (code != 0) {
                buf_clear(out, LIMIT_LINE_BYTES);
                begin_answer(&w, out, buf_str(&id_text));
                write_error(&w, code, buf_str(&message));
        }
        json_end_object(&w);
        buf_append_char(out, '\n');
        return out->failed || message.failed ? -ENOMEM : 0;
}

int demo_answer(struct demo *demo, struct json_doc *doc, struct str line, struct buf *out, struct buf *reason)
{
        enum json_error error = json_read(doc, line);
        uint32_t version, method, id;

        if (error != JSON_OK) {
                buf_append_str(reason, str_from(json_error_text(error)));
                return -EPROTO;
        }
        version = json_member(doc, 0, STR("jsonrpc"));
        method = json_member(doc, 0, STR("method"));
        id = json_member(doc, 0, STR("id"));
        if (version == 0 || !json_string_is(doc, version, STR("2.0")) || method == 0 ||
                (id != 0 && json_type_of(doc, id) != JSON_STRING && json_type_of(doc, id) != JSON_NUMBER)) {
                buf_append_str(reason, STR("neither a request nor a notification"));
                return -EPROTO;
        }
        /* A notification asks for nothing, and there is none that changes anything here. */
        return id == 0 ? 0 : answer_request(demo, doc, method, id, out);
}
