/* SPDX-License-Identifier: Apache-2.0
 *
 * `leastwise tools`: both eras, every page, and servers that make it hard.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"

static const char narrow[] =
        "leastwise: 1\nname: narrow\npurpose: Allow some tools.\n"
        "tools:\n  allow: [good, \"page_*\"]\n  deny: [{ tool: page_two, because: Not that one. }]\n";

#define RESULT(id, text) "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"result\":" text "}"
#define INITIALIZED RESULT(1, "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"f\",\"version\":\"1\"}}")
#define REFUSED(id) "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}"

/* The last line of the output, and the status. */
static int list(const char *const *arguments, const char *const *server, const char *const *parts)
{
        struct rig rig;
        int status;

        rig_start(&rig, &(struct rig_options){ .verb = "tools", .policy = narrow, .arguments = arguments }, server);
        for (; parts && *parts; parts++)
                rig_expect(&rig, *parts);
        status = rig_wait(&rig, 10000);
        rig_finish(&rig);
        return status;
}

static void table(void)
{
        CHECK(exited_with(list(NULL, STEPS("serve"), STEPS("good  allow    tools.allow[0]", "bad   deny     no rule of narrow",
                "1 of 2 tools allowed")), 0));
}

static void as_json(void)
{
        CHECK(exited_with(list(STEPS("--json"), STEPS("serve"), STEPS("{\"name\":\"good\",\"verdict\":\"allow\",\"policy\":\"narrow\","
                "\"rule\":\"tools.allow[0]\"")), 0));
}

static void all_pages(void)
{
        CHECK(exited_with(list(NULL, STEPS("receive", "send", INITIALIZED, "receive", "receive", "send",
                RESULT(3, "{\"tools\":[{\"name\":\"page_one\"}],\"nextCursor\":\"\"}"), "receive", "send",
                RESULT(3, "{\"tools\":[],\"nextCursor\":\"b\"}"), "receive", "send",
                RESULT(3, "{\"tools\":[{\"name\":\"page_two\"}]}"), "eof"),
                STEPS("page_one  allow", "page_two  deny     tools.deny[0]", "1 of 2 tools allowed")), 0));
}

static void modern_server(void)
{
        CHECK(exited_with(list(NULL, STEPS("receive", "send", REFUSED(1), "receive", "send",
                RESULT(2, "{\"resultType\":\"complete\",\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{}}}"),
                "receive", "send", RESULT(3, "{\"resultType\":\"complete\",\"tools\":[{\"name\":\"good\"}]}"), "eof"),
                STEPS("1 of 1 tools allowed")), 0));
}

/* Noise, a ping, a request of its own: all before the answer. */
static void talkative_server(void)
{
        CHECK(exited_with(list(NULL, STEPS("send", "hello on stdout", "receive", "send",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", "receive", "send", INITIALIZED, "receive", "receive", "send",
                RESULT(3, "{\"tools\":[{\"name\":\"good\"}]}"), "eof"), STEPS("1 of 1 tools allowed")), 0));
}

static void names_are_escaped(void)
{
        CHECK(exited_with(list(NULL, STEPS("receive", "send", INITIALIZED, "receive", "receive", "send",
                RESULT(3, "{\"tools\":[{\"name\":\"\\u001b[2Jx\\u202e\"}]}"), "eof"),
                STEPS("\\x1B[2Jx\\u{202E}  deny", "0 of 1 tools allowed")), 0));
}

static void servers_that_do_not_list(void)
{
        const char *const *const rows[] = {
                STEPS("receive", "exit", "0"),
                STEPS("receive", "send", INITIALIZED, "receive", "receive", "send", REFUSED(3), "eof"),
                STEPS("receive", "send", INITIALIZED, "receive", "receive", "send", RESULT(3, "{\"tools\":{}}"), "eof"),
                STEPS("receive", "send", INITIALIZED, "receive", "receive", "send", RESULT(3, "{\"tools\":[{\"nam\":1}]}"), "eof"),
                STEPS("receive", "send", INITIALIZED, "receive", "receive", "send",
                        RESULT(3, "{\"tools\":[],\"nextCursor\":\"a\"}"), "receive", "send",
                        RESULT(3, "{\"tools\":[],\"nextCursor\":\"a\"}"), "eof"),
                STEPS("receive", "send", INITIALIZED, "receive", "receive", "send",
                        RESULT(3, "{\"tools\":[],\"nextCursor\":7}"), "eof"),
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                if (!exited_with(list(NULL, rows[i], NULL), 125))
                        FAIL("row %zu", i);
        }
}

static const struct rig_case cases[] = {
        { "a table with rules and a sum", table },
        { "JSON", as_json },
        { "every page, an empty cursor among them", all_pages },
        { "a server of the stateless era", modern_server },
        { "noise and requests before the answer", talkative_server },
        { "names cannot reach the terminal raw", names_are_escaped },
        { "servers that do not list their tools: 125", servers_that_do_not_list },
};

int main(void)
{
        return rig_main(cases, sizeof(cases) / sizeof(cases[0]));
}
