/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls that wait for a person: limits, answers that do not count, lack of memory. What happens to them in a session is told by the
 * golden sessions (approval-*), in every order by enumerate_approvals.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "driver.h"
#include "leaks.h"

static const struct str argv[] = { STR_INIT("server") };
static const struct session_asking asking = { .session = STR_INIT("01TESTTESTTESTTESTTESTTEST"), .argv = argv, .argc = 1, .server = STR_INIT("server") };

#define POLICY "leastwise: 1\nname: p\npurpose: p\ntools: { approve: [{ tool: write, by: 2 }, once] }\n"

static void start(struct driver *d)
{
        struct policy_set *policy = driver_policy(STR(POLICY));

        driver_start_asking(d, policy, NULL, true, NULL, &asking);
        policy_set_unref(policy);
}

static void call(struct driver *d, const char *tool, unsigned id, unsigned which)
{
        char line[256];

        snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\",\"arguments\":{\"n\":%u}}}\n", id, tool,
                which);
        driver_feed(d, SIDE_CLIENT, str_from(line));
}

static unsigned count_of(struct str text, const char *what)
{
        unsigned count = 0;

        for (const char *at = text.ptr; text.len && (at = memmem(at, (size_t)(text.ptr + text.len - at), what, strlen(what))); at++)
                count++;
        return count;
}

static bool client_got(const struct driver *d, const char *what)
{
        return count_of(buf_str(&d->to[SIDE_CLIENT]), what) > 0;
}

static const struct card *first_card(const struct driver *d)
{
        size_t at = 0;

        return session_card(d->session, &at);
}

static int answer(struct driver *d, bool approve, const char *approver, const char **ret_why)
{
        const struct card *card = first_card(d);
        char id[CARD_ID_BYTES];
        struct card_answer given = { .approve = approve, .trusted = true, .approver = str_from(approver) };

        cr_assert(card);
        memcpy(id, card->id, sizeof(id));
        given.id = str_from(id);
        return driver_answer(d, &given, ret_why);
}

Test(approvals, so_many_calls_wait)
{
        struct driver d;

        start(&d);
        for (unsigned i = 0; i < LIMIT_HELD_CALLS; i++)
                call(&d, "write", i, 0);
        cr_expect_eq(d.to[SIDE_CLIENT].len, 0);
        cr_expect_eq(first_card(&d)->waiting, LIMIT_HELD_CALLS);
        call(&d, "write", LIMIT_HELD_CALLS, 0);
        cr_expect(client_got(&d, "too many calls wait for one already"));
        cr_expect_eq(count_of(buf_str(&d.to[SIDE_CLIENT]), "\n"), 1);
        cr_expect_eq(d.to[SIDE_SERVER].len, 0);
        driver_wait(&d, 20000);
        cr_expect_eq(count_of(buf_str(&d.to[SIDE_CLIENT]), "Not run yet"), LIMIT_HELD_CALLS);
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

/* @more: bytes that the line has besides; the argument takes the rest. */
static void long_call(struct driver *d, unsigned id, size_t bytes)
{
        AUTO_BUF struct buf line = BUF_INIT(64U << 20);
        size_t head;

        buf_printf(&line, "{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":\"tools/call\",\"params\":{\"name\":\"once\",\"arguments\":{},\"_meta\":{\"x\":\"", id);
        head = line.len;
        while (line.len < head + bytes)
                buf_append_char(&line, 'x');
        buf_append_str(&line, STR("\"}}}\n"));
        driver_feed(d, SIDE_CLIENT, buf_str(&line));
}

Test(approvals, so_many_bytes_wait)
{
        struct driver d;

        start(&d);
        long_call(&d, 1, LIMIT_HELD_BYTES / 2);
        long_call(&d, 2, LIMIT_HELD_BYTES / 2 - 1000);
        cr_expect_eq(d.to[SIDE_CLIENT].len, 0);
        long_call(&d, 3, 2000);
        cr_expect(client_got(&d, "too many calls wait for one already"));
        /* There is room again when they have gone. */
        driver_wait(&d, 20000);
        buf_clear(&d.to[SIDE_CLIENT], SIZE_MAX);
        long_call(&d, 4, 2000);
        cr_expect_eq(d.to[SIDE_CLIENT].len, 0);
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

Test(approvals, so_many_cards)
{
        struct driver d;

        start(&d);
        for (unsigned i = 0; i < LIMIT_OPEN_CARDS; i++)
                call(&d, "write", i, i);
        cr_expect_eq(d.to[SIDE_CLIENT].len, 0);
        call(&d, "write", 100, 100);
        cr_expect(client_got(&d, "as many other calls wait for one as a session may have"));
        /* A call that waits already has its card. */
        buf_clear(&d.to[SIDE_CLIENT], SIZE_MAX);
        call(&d, "write", 101, 0);
        cr_expect_eq(d.to[SIDE_CLIENT].len, 0);
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

Test(approvals, arguments_that_nobody_would_look_through)
{
        AUTO_BUF struct buf line = BUF_INIT(64U << 20);
        struct driver d;

        for (unsigned more = 0; more < 2; more++) {
                start(&d);
                buf_clear(&line, SIZE_MAX);
                buf_append_str(&line, STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"once\",\"arguments\":{\"a\":\""));
                for (size_t i = 0; i < LIMIT_CARD_ARGUMENTS - sizeof("{\"a\":\"\"}") + 1 + more; i++)
                        buf_append_char(&line, 'x');
                buf_append_str(&line, STR("\"}}}\n"));
                driver_feed(&d, SIDE_CLIENT, buf_str(&line));
                cr_expect_eq(client_got(&d, "more than anybody could look through"), more == 1);
                cr_expect_eq(first_card(&d) != NULL, more == 0);
                driver_stop(&d);
        }
        buf_deinit(&line);
        CHECK_NO_LEAKS();
}

/* Marks are longer than the secrets in whose place they stand: what came as a line may be too long for one. */
Test(approvals, arguments_that_nobody_could_be_shown)
{
        AUTO_BUF struct buf line = BUF_INIT(64U << 20);
        struct policy_set *policy = driver_policy(STR(POLICY));
        struct driver d;

        driver_start_asking(&d, policy, NULL, true, "pass-512", &asking);
        buf_append_str(&line, STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"once\",\"arguments\":{\"a\":\""));
        for (unsigned i = 0; i < LIMIT_REDACTED_MATCHES / 2; i++)
                buf_append_str(&line, STR("pass-512 "));
        while (line.len < LIMIT_LINE_BYTES - 1000)
                buf_append_char(&line, 'x');
        buf_append_str(&line, STR("\"}}}\n"));
        driver_feed(&d, SIDE_CLIENT, buf_str(&line));
        cr_expect(client_got(&d, "more than anybody could look through"), "%.*s", STR_FMT(buf_str(&d.to[SIDE_CLIENT])));
        cr_expect_null(first_card(&d));
        driver_stop(&d);
        policy_set_unref(policy);
        buf_deinit(&line);
        CHECK_NO_LEAKS();
}

Test(approvals, answers_that_do_not_count)
{
        struct card_answer given = { .approve = true, .trusted = true, .approver = STR("local") };
        const uint8_t other[CARD_DIGEST_BYTES] = { 1 };
        char long_name[APPROVER_BYTES + 1], id[CARD_ID_BYTES];
        const char *why;
        struct driver d;

        start(&d);
        cr_expect_eq(driver_answer(&d, &given, &why), -ENOENT);
        call(&d, "once", 1, 1);
        memcpy(id, first_card(&d)->id, sizeof(id));
        given.id = str_from(id);
        given.digest = other;
        cr_expect_eq(driver_answer(&d, &given, &why), -EPERM);
        given.digest = NULL;
        given.trusted = false;
        cr_expect_eq(driver_answer(&d, &given, &why), -EPERM);
        cr_expect(why && *why);
        given.trusted = true;
        given.approver = STR("");
        cr_expect_eq(driver_answer(&d, &given, &why), -EPERM);
        memset(long_name, 'n', sizeof(long_name));
        given.approver = str_of(long_name, sizeof(long_name));
        cr_expect_eq(driver_answer(&d, &given, &why), -EPERM);
        cr_expect_eq(d.to[SIDE_SERVER].len, 0);
        given.approver = str_of(long_name, sizeof(long_name) - 1);
        given.digest = first_card(&d)->digest;
        cr_expect_eq(driver_answer(&d, &given, &why), 0);
        cr_expect_gt(d.to[SIDE_SERVER].len, 0);
        /* Whoever may not approve may deny. */
        call(&d, "once", 2, 2);
        memcpy(id, first_card(&d)->id, sizeof(id));
        given = (struct card_answer){ .id = str_from(id), .because = STR("no") };
        cr_expect_eq(driver_answer(&d, &given, &why), 0);
        cr_expect(client_got(&d, "said no to it: no."));
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

/* A card whose time is over is none, also when nobody has been told of the time. */
Test(approvals, time_is_over_when_it_is)
{
        char id[CARD_ID_BYTES];
        const char *why;
        struct driver d;

        for (unsigned granted = 0; granted < 2; granted++) {
                start(&d);
                call(&d, "once", 1, 1);
                driver_wait(&d, 20000);
                memcpy(id, first_card(&d)->id, sizeof(id));
                if (granted)
                        cr_expect_eq(answer(&d, true, "local", &why), 0);
                d.now_ms += granted ? 600000 : 580000;
                call(&d, "once", 2, 1);
                cr_expect_eq(d.to[SIDE_SERVER].len, 0);
                cr_assert(first_card(&d));
                cr_expect_str_neq(first_card(&d)->id, id);
                cr_expect_eq(first_card(&d)->state, CARD_OPEN);
                cr_expect_eq(first_card(&d)->waiting, 1);
                cr_expect_eq(count_of(buf_str(&d.to[SIDE_CLIENT]), "\n"), 1);
                driver_stop(&d);
        }
        CHECK_NO_LEAKS();
}

#define MODERN "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{\"elicitation\":{\"form\":{}}}}"

/* The call of `once` by a client that shows forms, with what was typed into one (@code), if anything was. */
static void modern_call(struct driver *d, unsigned id, struct str state, const char *code)
{
        AUTO_BUF struct buf line = BUF_INIT(4096);

        buf_printf(&line, "{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":\"tools/call\",\"params\":{\"name\":\"once\",\"arguments\":{\"n\":1}," MODERN, id);
        if (code)
                buf_printf(&line, ",\"requestState\":\"%.*s\",\"inputResponses\":{\"leastwise-approval\":{\"action\":\"accept\",\"content\":{\"code\":\"%s\"}}}",
                        STR_FMT(state), code);
        buf_append_str(&line, STR("}}\n"));
        driver_feed(d, SIDE_CLIENT, buf_str(&line));
}

/* The requestState that the client was given last. */
static struct str given_state(const struct driver *d)
{
        static const char name[] = "\"requestState\":\"";
        const struct buf *out = &d->to[SIDE_CLIENT];
        const char *at = out->len ? memmem(out->data, out->len, name, sizeof(name) - 1) : NULL;
        const char *end = at ? memchr(at + sizeof(name) - 1, '"', out->len - (size_t)(at - out->data) - sizeof(name) + 1) : NULL;

        cr_assert(end);
        return str_of(at + sizeof(name) - 1, (size_t)(end - at) - sizeof(name) + 1);
}

/* The right code of a card whose time is over approves nothing, least of all the card that takes its place. */
Test(approvals, codes_end_with_the_time_of_their_cards)
{
        struct policy_set *policy = driver_policy(STR("leastwise: 1\nname: p\npurpose: p\ntools: { approve: [once] }\napproval: { elicit: true }\n"));
        char code[CARD_CODE_BYTES], id[CARD_ID_BYTES];

        for (unsigned late = 0; late < 2; late++) {
                struct driver d;

                driver_start_asking(&d, policy, NULL, true, NULL, &asking);
                modern_call(&d, 1, STR(""), NULL);
                driver_wait(&d, 0);
                memcpy(id, first_card(&d)->id, sizeof(id));
                memcpy(code, session_card_code(d.session, first_card(&d)), sizeof(code));
                cr_assert(code[0]);
                d.now_ms += late ? 600000 : 599999;
                modern_call(&d, 2, given_state(&d), code);
                cr_expect_eq(count_of(buf_str(&d.to[SIDE_SERVER]), "tools/call"), late ? 0 : 1);
                if (late) {
                        cr_assert(first_card(&d));
                        cr_expect_str_neq(first_card(&d)->id, id);
                        cr_expect_eq(first_card(&d)->state, CARD_OPEN);
                        cr_expect_str_neq(session_card_code(d.session, first_card(&d)), code);
                }
                driver_stop(&d);
        }
        policy_set_unref(policy);
        CHECK_NO_LEAKS();
}

/* One that cannot be recorded does not wait, and its card does not count it. */
Test(approvals, unrecorded_calls_do_not_wait)
{
        struct driver d;

        start(&d);
        call(&d, "once", 1, 1);
        d.disk_full = true;
        call(&d, "once", 2, 1);
        cr_expect(client_got(&d, "could not be written"));
        cr_assert(first_card(&d));
        cr_expect_eq(first_card(&d)->waiting, 1);
        d.disk_full = false;
        driver_wait(&d, 20000);
        cr_expect_eq(count_of(buf_str(&d.to[SIDE_CLIENT]), "Not run yet"), 1);
        cr_expect_eq(first_card(&d)->waiting, 0);
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

Test(approvals, nobody_to_ask)
{
        struct policy_set *policy = driver_policy(STR(POLICY));
        const char *why;
        struct driver d;
        size_t at = 0;

        driver_start_with(&d, policy, NULL);
        policy_set_unref(policy);
        call(&d, "once", 1, 1);
        cr_expect(client_got(&d, "isError"));
        cr_expect_null(session_card(d.session, &at));
        cr_expect_eq(driver_answer(&d, &(struct card_answer){ .id = STR("222222"), .approve = true, .trusted = true }, &why), -ENOENT);
        cr_expect_eq(d.to[SIDE_SERVER].len, 0);
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

/* --- without memory --- */

static unsigned long countdown;
static bool failed;

static void *resize(void *userdata, void *ptr, size_t size)
{
        (void)userdata;
        if (countdown && --countdown == 0) {
                failed = true;
                return NULL;
        }
        return realloc(ptr, size);
}

static void release(void *userdata, void *ptr)
{
        (void)userdata;
        free(ptr);
}

static const struct allocator failing = { resize, release, NULL };

/* Whatever request for memory is refused, nothing runs unasked, and whoever made a call is answered, or the session is over. */
Test(approvals, without_memory)
{
        unsigned long n = 1;

        mem_set_allocator(&failing);
        do {
                const char *why = NULL;
                unsigned answers;
                struct driver d;

                countdown = 0;
                failed = false;
                start(&d);
                for (int side = 0; side < SIDE_MAX_; side++)
                        buf_reserve(&d.to[side], 1U << 20);
                buf_reserve(&d.records, 1U << 20);
                countdown = n++;
                call(&d, "once", 1, 1);
                if (!d.over && first_card(&d))
                        (void)answer(&d, true, "local", &why);
                else
                        cr_expect_eq(d.to[SIDE_SERVER].len, 0);
                if (!d.over)
                        driver_wait(&d, 700000);
                countdown = 0;
                answers = count_of(buf_str(&d.to[SIDE_CLIENT]), "\n");
                cr_expect_leq(count_of(buf_str(&d.to[SIDE_SERVER]), "tools/call"), 1);
                cr_expect(d.over || answers + count_of(buf_str(&d.to[SIDE_SERVER]), "tools/call") == 1, "request %lu: %u answers", n - 1, answers);
                driver_stop(&d);
        } while (failed);
        cr_expect_gt(n, 10);
        mem_set_allocator(NULL);
        CHECK_NO_LEAKS();
}
