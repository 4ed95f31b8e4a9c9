/* SPDX-License-Identifier: Apache-2.0 */
#include "cards.h"

#include "alloc.h"
#include "leaks.h"

static struct card_table *table(void)
{
        static const uint8_t key[32] = { 7 };
        struct card_table *t = mem_calloc(1, sizeof(*t));

        cr_assert(t);
        cards_init(t, key);
        return t;
}

static void drop(struct card_table *t)
{
        cards_deinit(t);
        mem_free(t);
        CHECK_NO_LEAKS();
}

static struct card card_of(uint8_t digest)
{
        struct card card = {
                .tool = STR("write"), .policy = STR("p"), .rule = STR("r"), .arguments = STR("{\"a\":1}"), .by = 1
        };

        card.digest[0] = digest;
        return card;
}

static struct card_slot *opened(struct card_table *t, uint8_t digest, uint32_t by)
{
        struct card card = card_of(digest);
        struct card_slot *slot = NULL;

        card.by = by;
        cr_assert_eq(cards_open(t, &card, 1000, &slot), CARDS_OK);
        return slot;
}

Test(cards, from_open_to_used)
{
        struct card_table *t = table();
        struct card_slot *slot = opened(t, 1, 1);
        const struct card *told;
        enum card_change change;
        char id[CARD_ID_BYTES];

        cr_expect(card_id_is_valid(str_from(slot->card.id)));
        memcpy(id, slot->card.id, sizeof(id));
        cr_expect_eq(cards_find(t, slot->card.digest), slot);
        cr_expect(cards_take_change(t, &change, &told));
        cr_expect_eq(change, CARD_OPENED);
        cr_expect_not(cards_take_change(t, &change, &told));
        cards_asked_again(slot);
        cr_expect_eq(slot->card.asked, 2);
        cr_expect(cards_approve(t, slot, STR("local"), 500, 77));
        cr_expect_eq(slot->card.state, CARD_APPROVED);
        cr_expect_eq(slot->card.expires_ms, 77);
        cr_expect(cards_take_change(t, &change, &told));
        cr_expect_eq(change, CARD_CHANGED);
        cards_use(t, slot);
        cr_expect_null(cards_find(t, slot->card.digest));
        cr_expect_eq(cards_by_id(t, str_from(id)), slot);
        cr_expect_eq(slot->card.state, CARD_USED);
        cr_expect(cards_take_change(t, &change, &told));
        cr_expect_eq(change, CARD_CLOSED);
        cr_expect_str_eq(told->id, id);
        /* Once used, it is no grant any more. */
        cr_expect_not(cards_approve(t, slot, STR("local"), 500, 77));
        drop(t);
}

Test(cards, a_code_lives_as_long_as_the_question)
{
        struct card_table *t = table();
        struct card_slot *slot = opened(t, 1, 1), *other = opened(t, 2, 1);
        const struct card *told;
        enum card_change change;
        char code[CARD_CODE_BYTES];

        cr_expect_str_empty(slot->code);
        while (cards_take_change(t, &change, &told))
                ;
        cards_give_code(t, slot);
        cr_expect(card_id_is_valid(str_from(slot->code)));
        cr_expect(cards_take_change(t, &change, &told));
        cr_expect_eq(change, CARD_CHANGED);
        cr_expect_str_empty(told->code);
        memcpy(code, slot->code, sizeof(code));
        cards_give_code(t, slot);
        cr_expect_str_eq(slot->code, code);
        cr_expect_not(cards_take_change(t, &change, &told));
        cards_give_code(t, other);
        cr_expect_str_neq(other->code, code);
        /* Taken back for good. */
        cards_end_code(other);
        cr_expect_str_empty(other->code);
        cards_give_code(t, other);
        cr_expect_str_empty(other->code);
        cr_expect(cards_approve(t, slot, STR("local"), 500, 77));
        cr_expect_str_empty(slot->code);
        cards_deny(t, other);
        cr_expect_str_empty(other->code);
        drop(t);
}

Test(cards, several_must_approve)
{
        struct card_table *t = table();
        struct card_slot *slot = opened(t, 1, 2);
        AUTO_BUF struct buf names = BUF_INIT(1000);

        cr_expect_not(cards_approve(t, slot, STR("ann"), 500, 1));
        cr_expect_not(cards_approve(t, slot, STR("ann"), 500, 1));
        cr_expect_eq(slot->card.given, 1);
        cr_expect_eq(slot->card.state, CARD_OPEN);
        cr_expect(cards_approve(t, slot, STR("bob"), 500, 1));
        cr_expect_eq(slot->card.state, CARD_APPROVED);
        cards_approvers(slot, &names);
        cr_expect(str_eq(buf_str(&names), STR("ann, bob")));
        buf_deinit(&names);
        drop(t);
}

Test(cards, denied_once_is_denied)
{
        struct card_table *t = table();
        struct card_slot *slot = opened(t, 1, 1);
        uint8_t digest[CARD_DIGEST_BYTES];

        memcpy(digest, slot->card.digest, sizeof(digest));
        cr_expect_not(cards_denied(t, digest));
        cards_deny(t, slot);
        cr_expect(cards_denied(t, digest));
        cr_expect_null(cards_find(t, digest));
        slot = opened(t, 2, 1);
        cr_expect_eq(slot->card.denials_before, 1);
        /* The oldest denial is forgotten, and is asked about again. */
        cards_withdraw(t, slot);
        for (unsigned i = 0; i < LIMIT_DENIED_CALLS; i++) {
                struct card card = card_of(3);

                card.digest[1] = (uint8_t)i;
                card.digest[2] = 1;
                cr_assert_eq(cards_open(t, &card, 1000, &slot), CARDS_OK);
                cr_expect(cards_denied(t, digest));
                cards_deny(t, slot);
        }
        cr_expect_not(cards_denied(t, digest));
        drop(t);
}

Test(cards, time)
{
        struct card_table *t = table();
        struct card_slot *slot = opened(t, 1, 1), *granted = opened(t, 2, 1);

        cr_expect_eq(cards_deadline(t), 1000);
        cr_expect(cards_approve(t, granted, STR("local"), 1500, 1));
        cr_expect_null(cards_expire(t, 999));
        cr_expect_eq(cards_expire(t, 1000), slot);
        cr_expect_eq(slot->card.state, CARD_EXPIRED);
        cr_expect_null(cards_expire(t, 1000));
        cr_expect_eq(cards_deadline(t), 1500);
        cr_expect_eq(cards_expire(t, 9999), granted);
        cr_expect_null(cards_expire(t, 9999));
        cr_expect_eq(cards_deadline(t), UINT64_MAX);
        drop(t);
}

Test(cards, no_more_than_so_many)
{
        struct card_table *t = table();
        struct card_slot *slot = NULL;
        struct card card;

        for (unsigned i = 0; i < LIMIT_OPEN_CARDS; i++)
                slot = opened(t, (uint8_t)i, 1);
        card = card_of(200);
        cr_expect_eq(cards_open(t, &card, 1000, &slot), CARDS_FULL);
        cards_withdraw(t, cards_find(t, slot->card.digest));
        cr_expect_eq(cards_open(t, &card, 1000, &slot), CARDS_OK);
        /* Nobody takes note: what is over makes room all the same. */
        for (unsigned i = 0; i < 1000; i++) {
                cards_withdraw(t, slot);
                card.digest[3] = (uint8_t)i;
                cr_assert_eq(cards_open(t, &card, 1000, &slot), CARDS_OK);
        }
        drop(t);
}

Test(cards, ids_differ)
{
        struct card_table *t = table();
        struct card_slot *slot;
        char last[CARD_ID_BYTES] = "";

        for (unsigned i = 0; i < 2000; i++) {
                slot = opened(t, 1, 1);
                cr_expect_str_neq(slot->card.id, last);
                memcpy(last, slot->card.id, sizeof(last));
                cards_withdraw(t, slot);
        }
        drop(t);
}

Test(cards, texts_are_cut_and_arguments_never)
{
        AUTO_BUF struct buf text = BUF_INIT(1U << 20);
        struct card_table *t = table();
        struct card_slot *slot;
        struct card card = card_of(1);
        size_t total;

        for (unsigned i = 0; i <= LIMIT_CARD_ARGUMENTS; i++)
                buf_append_char(&text, 'x');
        card.arguments = buf_str(&text);
        cr_expect_eq(cards_open(t, &card, 1000, &slot), CARDS_TOO_LARGE);
        card.arguments.len--;
        card.session = card.server = card.method = card.tool = card.say = card.undo = card.reach = buf_str(&text);
        card.rule_file = card.because = card.lane = card.client = card.agent = card.marks = buf_str(&text);
        cr_assert_eq(cards_open(t, &card, 1000, &slot), CARDS_OK);
        cr_expect_eq(slot->card.arguments.len, LIMIT_CARD_ARGUMENTS);
        cr_expect(str_ends_with(slot->card.say, STR("xxx...")));
        total = slot->card.session.len + slot->card.server.len + slot->card.method.len + slot->card.tool.len + slot->card.say.len +
                slot->card.undo.len + slot->card.reach.len + slot->card.rule_file.len + slot->card.because.len + slot->card.lane.len +
                slot->card.client.len + slot->card.agent.len + slot->card.marks.len + 2 * 64;
        cr_expect_lt(total, LIMIT_CARD_BYTES);
        buf_deinit(&text);
        drop(t);
}

Test(cards, what_nobody_saw_is_not_told)
{
        struct card_table *t = table();
        const struct card *told;
        enum card_change change;

        cards_withdraw(t, opened(t, 1, 1));
        cr_expect_not(cards_take_change(t, &change, &told));
        drop(t);
}
