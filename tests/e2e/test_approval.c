/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls that wait for a person: what the person can do, and what the client cannot.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "approval_rig.h"

static void no_socket_until_a_call_waits(void)
{
        struct rig rig;

        approval_start(&rig, APPROVAL_PATIENT);
        rig_send(&rig, CALL_GOOD(1));
        rig_expect(&rig, "\"id\":1");
        CHECK(!*approval_socket_path());
        CHECK(strstr(approval_outside(&rig, OUTSIDE_PLAIN, "pending", NULL)->output, "No call waits"));
        (void)approval_hold(&rig, 2, "{}");
        CHECK(*approval_socket_path());
        approval_finish(&rig);
}

static void approved_while_it_waits(void)
{
        const struct outside_reply *reply;
        struct rig rig;
        char id[16], *audit;

        approval_start(&rig, APPROVAL_PATIENT);
        snprintf(id, sizeof(id), "%s", approval_hold(&rig, 5, "{\"path\":\"a\\u001b[2Jb\"}"));
        /* Others do not wait. */
        rig_send(&rig, CALL_GOOD(6));
        CHECK(strstr(rig_expect(&rig, "\"id\":6"), "length"));
        CHECK(approval_calls_that_ran("bad") == 0);
        reply = approval_outside(&rig, OUTSIDE_PLAIN, "pending", NULL);
        CHECK(strstr(reply->output, id) && strstr(reply->output, "| bad\n"));
        reply = approval_approve(&rig, id, "y\n");
        if (!exited_with(reply->status, 0) || !strstr(reply->output, "approved: the call has been passed on"))
                FAIL("%d %s", reply->status, reply->output);
        CHECK(strstr(reply->output, "It is bad.") && !strchr(reply->output, '\x1b'));
        CHECK(strstr(rig_expect(&rig, "\"id\":5"), "length"));
        CHECK(approval_calls_that_ran("bad") == 1);
        reply = approval_approve(&rig, id, "y\n");
        CHECK(exited_with(reply->status, 1) && strstr(reply->output, "no call waits"));
        audit = rig_audit(&rig);
        CHECK(strstr(audit, id) && strstr(audit, "\"local\""));
        free(audit);
        approval_finish(&rig);
}

/* What the proxy has made visible is not made so again. */
static void texts_are_escaped_once(void)
{
        const struct outside_reply *reply;
        struct rig rig;
        char id[16];

        approval_start(&rig, "leastwise: 1\nname: asks\npurpose: Ask about bad.\n"
                    "tools: { approve: [{ tool: bad, say: 'Do {x}', open: true }] }\napproval: { hold: 60s }\n");
        snprintf(id, sizeof(id), "%s", approval_hold(&rig, 5, "{\"x\":\"a\\u202e\\\\\"}"));
        reply = approval_outside(&rig, OUTSIDE_PLAIN, "pending", NULL);
        if (!strstr(reply->output, "WHAT     | Do \"a\\u{202E}\\\\\"\n"))
                FAIL("%s", reply->output);
        reply = approval_approve(&rig, id, "n\n");
        CHECK(strstr(reply->output, "WHAT     | Do \"a\\u{202E}\\\\\"\r\n"));
        approval_finish(&rig);
}

static void denied(void)
{
        const struct outside_reply *reply;
        struct outside_request q;
        struct rig rig;
        char id[16];
        const char *line;

        approval_start(&rig, APPROVAL_PATIENT);
        snprintf(id, sizeof(id), "%s", approval_hold(&rig, 5, "{}"));
        q = approval_request(&rig, OUTSIDE_PLAIN, "deny", id);
        /* In small letters, as people type. */
        for (char *c = q.argument; *c; c++)
                *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
        snprintf(q.option, sizeof(q.option), "Not on a Friday.");
        reply = outside_do(&q);
        CHECK(exited_with(reply->status, 0) && strstr(reply->output, "denied"));
        line = rig_expect(&rig, "\"id\":5");
        CHECK(strstr(line, "isError") && strstr(line, "Not on a Friday."));
        /* The same again is not asked about again. */
        rig_send(&rig, CALL_BAD(7));
        CHECK(strstr(rig_expect(&rig, "\"id\":7"), "isError"));
        CHECK(strcmp(approval_outside(&rig, OUTSIDE_PLAIN, "pending", "--json")->output, "[]\n") == 0);
        CHECK(approval_calls_that_ran("bad") == 0);
        approval_finish(&rig);
}

static void too_late_is_for_the_next_time(void)
{
        struct rig rig;
        char id[16];
        const char *line;

        approval_start(&rig, APPROVAL_HASTY);
        rig_send(&rig, CALL_BAD(5));
        line = rig_expect(&rig, "\"id\":5");
        CHECK(strstr(line, "isError") && strstr(line, "leastwise approve "));
        snprintf(id, sizeof(id), "%.6s", strstr(line, "leastwise approve ") + strlen("leastwise approve "));
        CHECK(exited_with(approval_approve(&rig, id, "y\n")->status, 0));
        CHECK(approval_calls_that_ran("bad") == 0);
        CHECK(strstr(
                approval_outside(&rig, OUTSIDE_PLAIN, "pending", NULL)->output, "approved; its call may be made once within"));
        /* What differs is another call. */
        rig_send(&rig, "{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"tools/"
                       "call\",\"params\":{\"name\":\"bad\",\"arguments\":{\"a\":1}}}");
        CHECK(strstr(rig_expect(&rig, "\"id\":6"), "isError"));
        rig_send(&rig, CALL_BAD(7));
        CHECK(strstr(rig_expect(&rig, "\"id\":7"), "length"));
        rig_send(&rig, CALL_BAD(8));
        line = rig_expect(&rig, "\"id\":8");
        CHECK(strstr(line, "isError") && !strstr(line, id));
        CHECK(approval_calls_that_ran("bad") == 1);
        approval_finish(&rig);
}

static void only_y_approves(void)
{
        static const char *const typed[] = { "\n", "yes\n", "Y\n", "a\n", " y\n", "\x04" };
        struct rig rig;
        char id[16];

        approval_start(&rig, APPROVAL_PATIENT);
        snprintf(id, sizeof(id), "%s", approval_hold(&rig, 5, "{}"));
        for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
                const struct outside_reply *reply = approval_approve(&rig, id, typed[i]);

                if (!exited_with(reply->status, 1) || !strstr(reply->output, "not answered: the call still waits"))
                        FAIL("%s: %s", typed[i], reply->output);
        }
        CHECK(exited_with(approval_approve(&rig, id, "n\n")->status, 1));
        CHECK(strstr(rig_expect(&rig, "\"id\":5"), "isError"));
        CHECK(approval_calls_that_ran("bad") == 0);
        approval_finish(&rig);
}

/* The case is the proxy's client. */
static void the_client_cannot_approve_for_itself(void)
{
        static struct outside_reply reply;
        struct outside_request q;
        struct rig rig;
        char line[256], id[16];
        int fd;

        approval_start(&rig, APPROVAL_PATIENT);
        snprintf(id, sizeof(id), "%s", approval_hold(&rig, 5, "{}"));
        q = approval_request(&rig, OUTSIDE_TERMINAL, "approve", id);
        snprintf(q.typed, sizeof(q.typed), "y\n");
        outside_carry_out(&q, &reply);
        if (!exited_with(reply.status, 1) || !strstr(reply.output, "not approved: you were started by the client"))
                FAIL("%d %s", reply.status, reply.output);
        fd = approval_dial();
        snprintf(line, sizeof(line),
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"approval/"
                "answer\",\"params\":{\"id\":\"%s\",\"verdict\":\"approve\"}}",
                id);
        CHECK(strstr(approval_ask(fd, line), "started by the client"));
        close(fd);
        /* Nor somebody without a terminal. */
        q = approval_request(&rig, OUTSIDE_PLAIN, "approve", id);
        CHECK(strstr(outside_do(&q)->output, "approving needs a terminal"));
        CHECK(approval_calls_that_ran("bad") == 0);
        /* It may deny. */
        fd = approval_dial();
        snprintf(line, sizeof(line),
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"approval/"
                "answer\",\"params\":{\"id\":\"%s\",\"verdict\":\"deny\"}}",
                id);
        CHECK(strstr(approval_ask(fd, line), "\"state\":\"denied\""));
        close(fd);
        CHECK(strstr(rig_expect(&rig, "\"id\":5"), "isError"));
        approval_finish(&rig);
}

/* Of the first card that has one, in a static buffer. */
static const char *code_in(const char *text)
{
        static char code[16];
        const char *at = strstr(text, "\"code\":\"");

        if (!at)
                FAIL("no code in %s", text);
        snprintf(code, sizeof(code), "%.6s", at + 8);
        return code;
}

#define ELICITING APPROVAL_POLICY("hold: 60s, elicit: true, notify: [/bin/sh, -c, \"cat > $0.new; mv $0.new $0\", %s]")

/* As start(), by a client that shows forms; a program puts what it is told into the file @told. */
static void start_with_forms(struct rig *rig, const char *told)
{
        char policy[1024];

        snprintf(policy, sizeof(policy), ELICITING, told);
        rig_start(rig, &(struct rig_options){ .policy = policy, .env = STEPS(approval_variable), .own_stderr = true },
                STEPS("serve-into", approval_kept));
        rig_send(rig, "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
                      "\"capabilities\":{\"elicitation\":{\"form\":{}}},\"clientInfo\":{\"name\":\"rig\",\"version\":\"1\"}}}");
        rig_expect(rig, "\"protocolVersion\"");
        rig_send(rig, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
}

/* Who cannot approve cannot see what approves. */
static void codes_are_for_who_may_approve(void)
{
        static struct outside_reply reply;
        const uint64_t deadline = rig_now_ms() + RIG_WAIT_MS;
        struct outside_request q;
        char told[128], id[16], code[16], line[256], *text;
        struct rig rig;
        int fd;

        approval_make_runtime();
        snprintf(told, sizeof(told), "%s/told", approval_runtime);
        start_with_forms(&rig, told);
        snprintf(id, sizeof(id), "%s", approval_hold(&rig, 5, "{}"));
        CHECK(strstr(rig_expect(&rig, "\"method\":\"elicitation/create\""), "\"id\":\"leastwise:1\""));
        /* The person: on a terminal, by the program, and not by the list that shows no whole calls. */
        q = approval_request(&rig, OUTSIDE_TERMINAL, "pending", "--json");
        snprintf(code, sizeof(code), "%s", code_in(outside_do(&q)->output));
        CHECK(strlen(code) == 6 && strcmp(code, id) != 0);
        while (access(told, F_OK) < 0) {
                CHECK(rig_now_ms() < deadline);
                usleep(1000);
        }
        text = rig_read_file(told);
        CHECK(strcmp(code_in(text), code) == 0);
        free(text);
        CHECK(unlink(told) == 0);
        CHECK(strstr(approval_approve(&rig, id, "\n")->output, code));
        CHECK(!strstr(approval_outside(&rig, OUTSIDE_TERMINAL, "pending", NULL)->output, code));
        /* Who has no terminal, and who was started by the client. */
        CHECK(!strstr(approval_outside(&rig, OUTSIDE_PLAIN, "pending", "--json")->output, code));
        outside_carry_out(&q, &reply);
        CHECK(strstr(reply.output, id) && !strstr(reply.output, code));
        fd = approval_dial();
        CHECK(!strstr(approval_ask(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"watch/start\",\"params\":{}}"), code));
        /* Called again, the card is news. */
        rig_send(&rig, CALL_BAD(6));
        CHECK(!strstr(approval_hear_news(fd), code));
        close(fd);
        /* What it is good for. */
        snprintf(line, sizeof(line),
                "{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:1\",\"result\":{\"action\":\"accept\",\"content\":{\"code\":\"%s\"}}}", code);
        CHECK(approval_calls_that_ran("bad") == 0);
        rig_send(&rig, line);
        CHECK(strstr(rig_expect(&rig, "\"id\":5"), "length"));
        CHECK(approval_calls_that_ran("bad") == 1);
        text = rig_audit(&rig);
        CHECK(strstr(text, "\"elicitation\"") && strstr(text, "asked-through-client") && !strstr(text, code));
        free(text);
        approval_finish(&rig);
}

static const struct rig_case cases[] = {
        { "no socket until a call waits", no_socket_until_a_call_waits },
        { "approved while it waits: it runs, once", approved_while_it_waits },
        { "what a card says is escaped once", texts_are_escaped_once },
        { "denied, with a reason, and not asked about again", denied },
        { "what is approved too late runs the next time", too_late_is_for_the_next_time },
        { "only y approves", only_y_approves },
        { "the client cannot approve for itself", the_client_cannot_approve_for_itself },
        { "codes are for who may approve", codes_are_for_who_may_approve },
};

int main(void)
{
        return outside_main(cases, sizeof(cases) / sizeof(cases[0]));
}
