/* SPDX-License-Identifier: Apache-2.0
 *
 * Audit first (law L6): nothing takes effect whose record cannot be written, and everything works again when it can.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rig.h"

static const char narrow[] =
        "leastwise: 1\nname: narrow\npurpose: Allow one tool.\n"
        "tools: { allow: [good] }\n";

static void session_is_recorded(void)
{
        static const char *const in_order[] = { "\"kind\":\"start\"", "\"command\":[", "\"digest\":\"sha256:", "\"name\":\"good\"",
                "\"verdict\":\"allow\"", "\"name\":\"bad\"", "\"verdict\":\"deny\"", "\"kind\":\"stop\"",
                "\"reason\":\"client-closed\"", "\"exit_status\":0" };
        struct rig rig;
        char *text, *at;

        rig_start(&rig, &(struct rig_options){ .policy = narrow, .arguments = STEPS("--agent", "tester") }, STEPS("serve"));
        rig_handshake(&rig);
        rig_send(&rig, CALL_GOOD(1));
        rig_expect(&rig, "\"id\":1");
        rig_send(&rig, CALL_BAD(2));
        rig_expect(&rig, "\"id\":2");
        rig_close_in(&rig);
        CHECK(exited_with(rig_wait(&rig, 5000), 0));
        text = at = rig_audit(&rig);
        CHECK(strstr(text, "\"agent\":\"tester\""));
        for (size_t i = 0; i < sizeof(in_order) / sizeof(in_order[0]); i++) {
                at = strstr(at, in_order[i]);
                if (!at)
                        FAIL("%s is not there, or not in its place:\n%s", in_order[i], text);
        }
        free(text);
        rig_finish(&rig);
}

/* The record of a call is in the file at the moment that the server sees the call. */
static void record_before_effect(void)
{
        struct rig rig;
        char *text;

        rig_start(&rig, &(struct rig_options){ .policy = narrow }, STEPS("receive", "close", "0", "kill", "19", "exit", "0"));
        rig_send(&rig, CALL_GOOD(1));
        /* The server stops itself (SIGSTOP) when it has the call; until then nothing can have been written after it. */
        for (text = rig_audit(&rig); !strstr(text, "\"name\":\"good\""); text = rig_audit(&rig))
                free(text);
        CHECK(strstr(text, "\"kind\":\"start\""));
        free(text);
        kill(rig.pid, SIGTERM);
        CHECK(WIFSIGNALED(rig_wait(&rig, 5000)));
        rig_finish(&rig);
}

/* One call after the other, from @id on, until the proxy lets one pass or refuses it, as @wanted; gives the next id. That
 * the file is there is looked at once a second. */
static int call_until(struct rig *rig, int id, bool wanted)
{
        const uint64_t deadline = rig_now_ms() + 5000;
        bool passed;

        do {
                char line[200], part[32];

                snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/call\",\"params\":{\"name\":\"good\"}}",
                        id);
                snprintf(part, sizeof(part), "\"id\":%d,", id++);
                rig_send(rig, line);
                passed = strstr(rig_expect(rig, part), "\"length ");
                if (rig_now_ms() > deadline)
                        FAIL("calls are still %s", passed ? "let through" : "refused");
        } while (passed != wanted);
        return id;
}

/* RLIMIT_FSIZE stands for a full disk: the file cannot grow past it. */
static void full_disk_refuses_and_recovers(void)
{
        struct rig rig;
        char *text;
        int id;

        rig_start(&rig, &(struct rig_options){ .policy = narrow, .file_limit = 8192 }, STEPS("serve"));
        rig_handshake(&rig);
        id = call_until(&rig, 1, false);
        /* Somebody makes room. */
        text = rig_audit_path(&rig);
        CHECK(unlink(text) == 0);
        free(text);
        call_until(&rig, id, true);
        rig_close_in(&rig);
        CHECK(exited_with(rig_wait(&rig, 5000), 0));
        text = rig_audit(&rig);
        CHECK(strstr(text, "\"kind\":\"gap\""));
        CHECK(text[strlen(text) - 1] == '\n');
        free(text);
        rig_finish(&rig);
}

/* Where a file stands instead of its directory no record can be written. */
static void directory_gone_refuses_and_recovers(void)
{
        char audit[256], *file;
        struct rig rig;
        int fd, id;

        rig_start(&rig, &(struct rig_options){ .policy = narrow }, STEPS("serve"));
        rig_handshake(&rig);
        id = call_until(&rig, 1, true);
        snprintf(audit, sizeof(audit), "%s/state/leastwise/audit", rig.dir);
        file = rig_audit_path(&rig);
        CHECK(unlink(file) == 0);
        CHECK(rmdir(audit) == 0);
        free(file);
        fd = open(audit, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        CHECK(fd >= 0);
        close(fd);
        id = call_until(&rig, id, false);
        CHECK(unlink(audit) == 0);
        call_until(&rig, id, true);
        rig_close_in(&rig);
        CHECK(exited_with(rig_wait(&rig, 5000), 0));
        rig_finish(&rig);
}

static void denied_calls_do_not_reach_the_server(void)
{
        char kept[64], *text;
        struct rig rig;

        snprintf(kept, sizeof(kept), "/tmp/leastwise-kept.%d", getpid());
        rig_start(&rig, &(struct rig_options){ .policy = narrow }, STEPS("answer", "answer", "keep", kept));
        rig_send(&rig, "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
                       "\"capabilities\":{},\"clientInfo\":{\"name\":\"rig\",\"version\":\"1\"}}}");
        rig_expect(&rig, "\"id\":0");
        rig_send(&rig, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
        CHECK(!strstr(rig_expect(&rig, "\"id\":1"), "\"bad\""));
        rig_send(&rig, CALL_BAD(2));
        rig_expect(&rig, "\"id\":2");
        rig_send(&rig, CALL_GOOD(3));
        rig_close_in(&rig);
        rig_expect(&rig, "\"id\":3");
        CHECK(exited_with(rig_wait(&rig, 5000), 0));
        text = rig_read_file(kept);
        unlink(kept);
        CHECK(strstr(text, "\"good\""));
        CHECK(!strstr(text, "\"bad\""));
        free(text);
        rig_finish(&rig);
}

static const struct rig_case cases[] = {
        { "start, decisions and stop are recorded", session_is_recorded },
        { "the record is there before its effect", record_before_effect },
        { "a full disk refuses calls until there is room", full_disk_refuses_and_recovers },
        { "a directory that has gone refuses calls until it is back", directory_gone_refuses_and_recovers },
        { "denied calls do not reach the server", denied_calls_do_not_reach_the_server },
};

int main(void)
{
        return rig_main(cases, sizeof(cases) / sizeof(cases[0]));
}
