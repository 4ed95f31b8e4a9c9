/* SPDX-License-Identifier: Apache-2.0
 *
 * The programs of a policy that are told of a call that waits, or answer for a person.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "approval_rig.h"

static void a_program_is_told(void)
{
        struct rig rig;
        char policy[1024], told[128], *text;
        const uint64_t deadline = rig_now_ms() + RIG_WAIT_MS;

        approval_make_runtime();
        snprintf(told, sizeof(told), "%s/told", approval_runtime);
        snprintf(policy, sizeof(policy),
                APPROVAL_POLICY("hold: 60s, notify: [/bin/sh, -c, \"cat > $0.new; env > $0.env; mv $0.new $0\", %s]"), told);
        rig_start(&rig,
                &(struct rig_options){
                        .policy = policy, .env = STEPS(approval_variable, "TOKEN=hunter2hunter2"), .own_stderr = true },
                STEPS("serve-into", approval_kept));
        rig_handshake(&rig);
        rig_send(&rig, CALL_BAD(5));
        while (access(told, F_OK) < 0) {
                CHECK(rig_now_ms() < deadline);
                usleep(1000);
        }
        text = rig_read_file(told);
        CHECK(strstr(text, "\"tool\":\"bad\"") && strstr(text, "\"state\":\"open\""));
        free(text);
        snprintf(policy, sizeof(policy), "%s.env", told);
        text = rig_read_file(policy);
        CHECK(strstr(text, "PATH=") && !strstr(text, "hunter2"));
        free(text);
        CHECK(unlink(told) == 0 && unlink(policy) == 0);
        approval_finish(&rig);
}

static void a_program_answers(void)
{
        struct rig rig;
        char policy[1024], *audit;

        approval_make_runtime();
        snprintf(policy, sizeof(policy), "%s",
                APPROVAL_POLICY("hold: 60s, ask: [/bin/sh, -c, 'read card; case $card in *yes*) echo "
                       "\"{\\\"verdict\\\":\\\"approve\\\"}\" ;; "
                       "*no*) echo \"{\\\"verdict\\\":\\\"deny\\\",\\\"because\\\":\\\"The bot says no.\\\"}\" ;; *) "
                       "exit 1 ;; esac']"));
        rig_start(&rig, &(struct rig_options){ .policy = policy, .env = STEPS(approval_variable), .own_stderr = true },
                STEPS("serve-into", approval_kept));
        rig_handshake(&rig);
        rig_send(&rig, "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/"
                       "call\",\"params\":{\"name\":\"bad\",\"arguments\":{\"say\":\"yes\"}}}");
        CHECK(strstr(rig_expect(&rig, "\"id\":5"), "length"));
        rig_send(&rig, "{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"tools/"
                       "call\",\"params\":{\"name\":\"bad\",\"arguments\":{\"say\":\"no\"}}}");
        CHECK(strstr(rig_expect(&rig, "\"id\":6"), "The bot says no."));
        /* No answer: it waits for somebody else. */
        (void)approval_hold(&rig, 7, "{}");
        rig_expect_said(&rig, "gave no answer that can be understood");
        CHECK(approval_calls_that_ran("bad") == 1);
        audit = rig_audit(&rig);
        CHECK(strstr(audit, "ask:sh"));
        free(audit);
        approval_finish(&rig);
}

static void programs_end_with_the_proxy(void)
{
        struct rig rig;
        char policy[1024], started[128];
        const uint64_t deadline = rig_now_ms() + RIG_WAIT_MS;

        approval_make_runtime();
        snprintf(started, sizeof(started), "%s/started", approval_runtime);
        snprintf(policy, sizeof(policy),
                APPROVAL_POLICY("hold: 60s, ask: [/bin/sh, -c, \"trap '' TERM; sleep 600 & : > $0; wait\", %s]"), started);
        rig_start(&rig, &(struct rig_options){ .policy = policy, .env = STEPS(approval_variable), .own_stderr = true },
                STEPS("serve-into", approval_kept));
        rig_handshake(&rig);
        rig_send(&rig, CALL_BAD(5));
        while (access(started, F_OK) < 0) {
                CHECK(rig_now_ms() < deadline);
                usleep(1000);
        }
        CHECK(unlink(started) == 0);
        kill(rig.pid, SIGKILL);
        CHECK(died_of(rig_wait(&rig, 5000), SIGKILL));
        /* rig_finish() finds who is left. */
        rig_finish(&rig);
        approval_clear_runtime();
}

static const struct rig_case cases[] = {
        { "a program is told", a_program_is_told },
        { "a program answers", a_program_answers },
        { "programs end with the proxy", programs_end_with_the_proxy },
};

int main(void)
{
        return outside_main(cases, sizeof(cases) / sizeof(cases[0]));
}
