/* SPDX-License-Identifier: Apache-2.0 */
#include "approvers.h"

#include <errno.h>

#include "signing.h"
#include "some_card.h"
#include "statement.h"

#define NOW 1763638500000ULL /* while some_card() is open */

/* "NAME KEY-NUMBER[d] [OPTIONS]" a line, as a list; "d": a device's key. */
static void append_list(struct buf *out, const char *lines, bool with_names)
{
        while (*lines) {
                char line[256], name[64], options[128] = "";
                const size_t len = strcspn(lines, "\n");
                struct signing_key key;
                unsigned number;
                char device = 0;

                snprintf(line, sizeof(line), "%.*s", (int)len, lines);
                cr_assert(sscanf(line, "%63s %u%c%127[^\n]", name, &number, &device, options) >= 2);
                key = signing_key_of((uint8_t)number, device == 'd');
                if (with_names)
                        buf_printf(out, "%s %s ", name, options);
                signing_public_line(&key, out);
                buf_append_char(out, '\n');
                lines += len + (lines[len] == '\n');
        }
}

static struct approvers_source source_of(const char *people, const char *revoked)
{
        AUTO_BUF struct buf list = BUF_INIT(65536), gone = BUF_INIT(65536), message = BUF_INIT(1024);
        struct approvers_source source;
        uint32_t line;

        append_list(&list, people, true);
        append_list(&gone, revoked, false);
        cr_assert_eq(signers_read(&source.signers, buf_str(&list), STR(STATEMENT_NAMESPACE), &message, &line), 0, "%.*s",
                STR_FMT(buf_str(&message)));
        cr_assert_eq(revoked_keys_read(&source.revoked, buf_str(&gone), &message, &line), 0, "%.*s", STR_FMT(buf_str(&message)));
        return source;
}

static struct approvers *approvers_of(const char *people, const char *revoked)
{
        const struct approvers_source source = source_of(people, revoked);
        struct approvers *approvers;

        cr_assert_eq(approvers_new(&approvers, &source, 1), 0);
        return approvers;
}

static struct approvers *approvers_of_two(const char *first, const char *second)
{
        const struct approvers_source sources[] = { source_of(first, ""), source_of(second, "") };
        struct approvers *approvers;

        cr_assert_eq(approvers_new(&approvers, sources, 2), 0);
        return approvers;
}

/* Who the signature over the card's statement is by; else the reason why not. */
static struct str answer(const struct approvers *approvers, unsigned number, bool device, const struct card *signed_card,
        const struct card *card, uint64_t now_ms)
{
        const struct signing_key key = signing_key_of((uint8_t)number, device);
        const struct signing_how how = SIGNING_USUAL;
        AUTO_BUF struct buf text = BUF_INIT(4096), file = BUF_INIT(8192);
        struct approver approver;
        const char *why = NULL;
        int e;

        cr_assert_eq(statement_write(&text, signed_card, true), 0);
        signing_file(&key, &how, buf_str(&text), &file);
        e = approver_check(approvers, card, true, buf_str(&file), now_ms, &approver, &why);
        if (e == 0) {
                cr_expect_eq(approver.kind, device ? SSH_KEY_SK_ED25519 : SSH_KEY_ED25519);
                return approver.name;
        }
        cr_assert_eq(e, -EPERM);
        return str_from(why);
}

static bool says(struct str answer, const char *words)
{
        return memmem(answer.ptr, answer.len, words, strlen(words));
}

Test(approvers, who_it_is_by)
{
        struct approvers *approvers = approvers_of("alice 1\nbob 2d\ncarol 3\n", "dave 4\ncarol 3\n");
        const struct card card = some_card();

        cr_expect(str_eq(answer(approvers, 1, false, &card, &card, NOW), STR("alice")));
        cr_expect(str_eq(answer(approvers, 2, true, &card, &card, NOW), STR("bob")));
        cr_expect(says(answer(approvers, 2, false, &card, &card, NOW), "nobody on the list"));
        cr_expect(says(answer(approvers, 9, false, &card, &card, NOW), "nobody on the list"));
        cr_expect(says(answer(approvers, 3, false, &card, &card, NOW), "has been revoked"));
        cr_expect(says(answer(approvers, 1, false, &card, &card, card.expires_ms), "has expired"));
        cr_expect(str_eq(answer(approvers, 1, false, &card, &card, card.expires_ms - 1), STR("alice")));
        cr_expect_eq(approvers_people(approvers), 2);
        approvers_unref(approvers);
        CHECK_NO_LEAKS();
}

/* A signature for one card, or one session, or one call, is good for no other: that is what a replay would be. */
Test(approvers, a_signature_is_for_one_card)
{
        struct approvers *approvers = approvers_of("alice 1\n", "");
        const struct card card = some_card();
        struct card others[6];

        for (size_t i = 0; i < 6; i++)
                others[i] = some_card();
        others[0].digest[31] ^= 1;
        others[1].session = STR("01JD0000000000000000000001");
        memcpy(others[2].id, "7F3K2R", 6);
        others[3].expires_ms++;
        others[4].arguments = STR("{}");
        others[5].tool = STR("delete_branch2");
        for (size_t i = 0; i < 6; i++)
                cr_expect(says(answer(approvers, 1, false, &others[i], &card, NOW), "not one of this text"), "row %zu", i);
        approvers_unref(approvers);
        CHECK_NO_LEAKS();
}

Test(approvers, a_denial_is_no_approval)
{
        struct approvers *approvers = approvers_of("alice 1\n", "");
        const struct signing_key key = signing_key_of(1, false);
        const struct signing_how how = SIGNING_USUAL;
        const struct card card = some_card();
        AUTO_BUF struct buf text = BUF_INIT(4096), file = BUF_INIT(8192);
        struct approver approver;
        const char *why = NULL;

        cr_assert_eq(statement_write(&text, &card, false), 0);
        signing_file(&key, &how, buf_str(&text), &file);
        cr_expect_eq(approver_check(approvers, &card, true, buf_str(&file), NOW, &approver, &why), -EPERM);
        cr_expect_eq(approver_check(approvers, &card, false, buf_str(&file), NOW, &approver, &why), 0);
        cr_expect_eq(approver_check(approvers, &card, true, STR(""), NOW, &approver, &why), -EPERM);
        approvers_unref(approvers);
        CHECK_NO_LEAKS();
}

Test(approvers, dates)
{
        struct approvers *approvers = approvers_of("alice 1 valid-before=\"202511201135Z\"\n"
                                                   "bob 2 valid-after=\"202511201135Z\"\n"
                                                   "alice 3 valid-before=\"20200101Z\"\n"
                                                   "alice 3 valid-after=\"202511201130Z\"\n"
                                                   "carol 4 namespaces=\"leastwise-*\"\n",
                "");
        const uint64_t change = 1763638500000; /* 11:35:00 */
        const struct card card = some_card();

        cr_expect(str_eq(answer(approvers, 1, false, &card, &card, change - 1), STR("alice")));
        cr_expect(says(answer(approvers, 1, false, &card, &card, change), "not sign any more"));
        cr_expect(says(answer(approvers, 2, false, &card, &card, change - 1), "not sign yet"));
        cr_expect(str_eq(answer(approvers, 2, false, &card, &card, change), STR("bob")));
        cr_expect(str_eq(answer(approvers, 3, false, &card, &card, change), STR("alice")));
        cr_expect(str_eq(answer(approvers, 4, false, &card, &card, change), STR("carol")));
        approvers_unref(approvers);
        CHECK_NO_LEAKS();
}

/* Two keys of one person, two names of one key: whoever counts by the name that comes out counts each person once. */
Test(approvers, people_and_not_keys)
{
        struct approvers *approvers = approvers_of("alice 1\nalice 2d\n"
                                                   "bob 3\nrobert,bob@example.com 3\n"
                                                   "bob@example.com 4\n"
                                                   "carol,carol@example.com 5\n",
                "");
        const struct card card = some_card();

        cr_expect(str_eq(answer(approvers, 1, false, &card, &card, NOW), STR("alice")));
        cr_expect(str_eq(answer(approvers, 2, true, &card, &card, NOW), STR("alice")));
        cr_expect(str_eq(answer(approvers, 3, false, &card, &card, NOW), STR("bob")));
        cr_expect(str_eq(answer(approvers, 4, false, &card, &card, NOW), STR("bob")));
        cr_expect(str_eq(answer(approvers, 5, false, &card, &card, NOW), STR("carol")));
        cr_expect_eq(approvers_people(approvers), 3);
        approvers_unref(approvers);
        CHECK_NO_LEAKS();
}

/* What a proxy that runs may take up at once, and what a person has to say yes to first. */
Test(approvers, changes)
{
        struct approvers *first = approvers_of("alice 1\nbob 2\n", "x 9\n"), *same = approvers_of("alice 1\nbob 2\n", "x 9\n"),
                         *fewer = approvers_of("alice 1\nbob 2\n", "x 2\nx 9\n"), *more = approvers_of("alice 1\nbob 2\n", "x 8\n"),
                         *others = approvers_of("alice 1\n", "x 9\n"), *two = approvers_of_two("alice 1\nbob 2\n", "alice 1\n");

        cr_expect_eq(approvers_compare(first, same), APPROVERS_SAME);
        cr_expect_eq(approvers_compare(first, fewer), APPROVERS_FEWER);
        cr_expect_eq(approvers_compare(fewer, first), APPROVERS_OTHER);
        cr_expect_eq(approvers_compare(first, more), APPROVERS_OTHER);
        cr_expect_eq(approvers_compare(first, others), APPROVERS_OTHER);
        cr_expect_eq(approvers_compare(first, two), APPROVERS_OTHER);
        cr_expect_eq(approvers_compare(first, NULL), APPROVERS_OTHER);
        cr_expect_eq(approvers_compare(NULL, first), APPROVERS_OTHER);
        cr_expect_eq(approvers_compare(NULL, NULL), APPROVERS_SAME);
        cr_expect_not(approvers_know_list(NULL, STR("")));
        cr_expect_not(approvers_know_list(first, STR("x")));
        approvers_unref(first);
        approvers_unref(same);
        approvers_unref(fewer);
        approvers_unref(more);
        approvers_unref(others);
        approvers_unref(two);
        CHECK_NO_LEAKS();
}

/* A further list can only take people away, and make of two people one. */
Test(approvers, on_every_list)
{
        struct approvers *approvers = approvers_of_two("alice 1\nbob 2\ncarol 3\n", "al 1\nbob 2 valid-before=\"20200101Z\"\ndave 4\n");
        const struct card card = some_card();

        cr_expect(str_eq(answer(approvers, 1, false, &card, &card, NOW), STR("alice")));
        cr_expect(says(answer(approvers, 2, false, &card, &card, NOW), "not sign any more"));
        cr_expect(says(answer(approvers, 3, false, &card, &card, NOW), "nobody on the list"));
        cr_expect(says(answer(approvers, 4, false, &card, &card, NOW), "nobody on the list"));
        cr_expect_eq(approvers_people(approvers), 2);
        approvers_unref(approvers);

        approvers = approvers_of_two("alice 1\nbob 2\n", "both 1\nboth 2\n");
        cr_expect(str_eq(answer(approvers, 1, false, &card, &card, NOW), STR("alice")));
        cr_expect(str_eq(answer(approvers, 2, false, &card, &card, NOW), STR("alice")));
        cr_expect_eq(approvers_people(approvers), 1);
        approvers_unref(approvers);
        CHECK_NO_LEAKS();
}

Test(approvers, revoked_on_one_list_is_revoked)
{
        const struct approvers_source sources[] = { source_of("alice 1\nbob 2\n", ""), source_of("alice 1\nbob 2\n", "x 2\n") };
        const struct card card = some_card();
        struct approvers *approvers;

        cr_assert_eq(approvers_new(&approvers, sources, 2), 0);
        cr_expect(str_eq(answer(approvers, 1, false, &card, &card, NOW), STR("alice")));
        cr_expect(says(answer(approvers, 2, false, &card, &card, NOW), "has been revoked"));
        cr_expect_eq(approvers_people(approvers), 1);
        cr_expect_eq(approvers_unref(approvers_ref(approvers)), NULL);
        approvers_unref(approvers);
        CHECK_NO_LEAKS();
}
