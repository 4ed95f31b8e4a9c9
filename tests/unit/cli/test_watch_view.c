/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "leaks.h"

#define ROOM (WATCH_STOPS_SESSIONS << 20)
#define NOW_MS 1000U

static const uint64_t seed[2] = { 5, 6 };
static uint64_t mono_ms;

static struct card card_of(const char *id, unsigned created)
{
        struct card card = {
                .session = STR("01K9ZZ8F3V7E0000000000AAAA"),
                .server = STR("github-mcp-server"),
                .method = STR("tools/call"),
                .tool = STR("delete_branch"),
                .say = STR("delete branch b1"),
                .rule = STR("branches"),
                .arguments = STR("{\"branch\":\"b1\"}"),
                .asked = 1,
                .by = 1,
                .created_ms = created,
                .expires_ms = NOW_MS + 300000,
        };

        memcpy(card.id, id, CARD_ID_BYTES);
        memset(card.digest, id[0], sizeof(card.digest));
        return card;
}

static void put(struct watch_view *v, unsigned source, const char *id, unsigned created)
{
        const struct card card = card_of(id, created);

        cr_assert_eq(watch_view_put(v, source, &card, mono_ms), 0);
}

static struct watch_view viewing(unsigned height)
{
        struct watch_view v;

        mono_ms = 10000;
        watch_view_init(&v, seed);
        watch_view_resize(&v, 80, height, mono_ms);
        v.letters = true;
        v.sessions = 1;
        return v;
}

/* What is on the screen, with the newlines of a text file. */
static struct str screen(struct watch_view *v, struct buf *b)
{
        size_t kept = 0;

        b->len = 0;
        cr_assert_eq(watch_view_screen(v, b, NOW_MS, mono_ms), 0);
        for (size_t i = 0; i < b->len; i++)
                if (b->data[i] != '\r')
                        b->data[kept++] = b->data[i];
        b->len = kept;
        return buf_str(b);
}

static bool shows(struct watch_view *v, const char *part)
{
        struct buf b = BUF_INIT(ROOM);
        const struct str text = screen(v, &b);
        const bool found = memmem(text.ptr, text.len, part, strlen(part)) != NULL;

        if (!found)
                fprintf(stderr, "no \"%s\" in:\n%.*s\n", part, STR_FMT(text));
        buf_deinit(&b);
        return found;
}

/* A person looks at the screen, and presses a key when it has stood still. */
static struct watch_action press(struct watch_view *v, int key)
{
        struct buf b = BUF_INIT(ROOM);
        struct watch_action action;

        screen(v, &b);
        mono_ms += WATCH_HOLD_MS;
        action = watch_view_key(v, key, mono_ms);
        screen(v, &b);
        buf_deinit(&b);
        return action;
}

static struct watch_action press_at_once(struct watch_view *v, int key)
{
        struct buf b = BUF_INIT(ROOM);
        struct watch_action action;

        screen(v, &b);
        mono_ms += WATCH_HOLD_MS - 1;
        action = watch_view_key(v, key, mono_ms);
        screen(v, &b);
        buf_deinit(&b);
        return action;
}

Test(watch_view, an_empty_list)
{
        struct watch_view v = viewing(8);
        struct buf b = BUF_INIT(ROOM);

        cr_expect(str_eq(screen(&v, &b), STR("leastwise watch: 0 calls wait for a person, 1 session\n"
                                             "  ID         LEFT ASKED YES/NO  WHAT\n"
                                             "  Nothing waits.\n"
                                             "\n\n\n\n"
                                             "[enter] open  [up, down] choose  [d] deny  [q] quit")),
                "%.*s", STR_FMT(buf_str(&b)));
        cr_expect_eq(press(&v, 'd').verb, WATCH_NOTHING);
        cr_expect_eq(press(&v, KEY_ENTER).verb, WATCH_NOTHING);
        cr_expect_eq(v.mode, WATCH_LIST);
        cr_expect_eq(press(&v, 'q').verb, WATCH_QUIT);
        buf_deinit(&b);
        watch_view_deinit(&v);
        CHECK_NO_LEAKS();
}

Test(watch_view, a_list_tells_how_often_and_what)
{
        struct watch_view v = viewing(24);
        struct card card = card_of("3AAAAA", 2);
        struct buf b = BUF_INIT(ROOM);

        put(&v, 0, "2AAAAA", 1);
        card.asked = 12;
        card.approvals_before = 5;
        card.denials_before = 1;
        card.say = STR("x\x1b[2J\n[a] approve ................................................................");
        cr_assert_eq(watch_view_put(&v, 1, &card, mono_ms), 0);
        cr_expect(str_starts_with(screen(&v, &b),
                          STR("leastwise watch: 2 calls wait for a person, 1 session\n"
                              "  ID         LEFT ASKED YES/NO  WHAT\n"
                              "> 2AAAAA     5:00    1x    0/0 | delete branch b1\n"
                              "  3AAAAA     5:00   12x    5/1 | x\\x1B[2J\\n[a] approve .........................\n")),
                "%.*s", STR_FMT(buf_str(&b)));
        cr_expect(!memchr(b.data, 0x1B, b.len));
        buf_deinit(&b);
        watch_view_deinit(&v);
        CHECK_NO_LEAKS();
}

Test(watch_view, approve_needs_the_card_in_view)
{
        struct watch_view v = viewing(40);
        struct watch_action action;

        put(&v, 7, "2AAAAA", 1);
        cr_expect_eq(press(&v, 'a').verb, WATCH_NOTHING);
        cr_expect(shows(&v, "Open the card first"));
        press(&v, KEY_ENTER);
        cr_expect(shows(&v, "APPROVE? 2AAAAA, expires in 5:00"));
        cr_expect(shows(&v, "All of it has been shown."));
        action = press(&v, 'a');
        cr_expect_eq(action.verb, WATCH_APPROVE);
        cr_expect_eq(action.source, 7);
        cr_expect_str_eq(action.id, "2AAAAA");
        cr_expect_eq(action.digest[31], '2');
        cr_expect_eq(press(&v, 'a').verb, WATCH_NOTHING);
        cr_expect(shows(&v, "An answer is on its way."));
        watch_view_answered(&v);
        cr_expect_eq(press(&v, 'd').verb, WATCH_DENY);
        watch_view_deinit(&v);
        CHECK_NO_LEAKS();
}

Test(watch_view, deny_is_what_enter_does_and_no_other_key_answers)
{
        struct watch_view v = viewing(40);

        put(&v, 0, "2AAAAA", 1);
        press(&v, KEY_ENTER);
        for (int key = 0; key < KEY_REDRAW + 5; key++) {
                struct watch_action action;

                if (v.mode == WATCH_LIST)
                        press(&v, KEY_ENTER);
                if (v.unfolded)
                        press(&v, 'v');
                action = press(&v, key);
                cr_expect_eq(action.verb == WATCH_APPROVE, key == 'a', "key %d", key);
                cr_expect_eq(action.verb == WATCH_DENY, key == 'd' || key == KEY_ENTER, "key %d", key);
                watch_view_answered(&v);
        }
        watch_view_deinit(&v);
}

Test(watch_view, keys_that_were_pressed_before_the_card_was_there_do_nothing)
{
        struct watch_view v = viewing(40);

        put(&v, 0, "2AAAAA", 1);
        press(&v, KEY_ENTER);
        for (int i = 0; i < 20; i++)
                cr_expect_eq(press_at_once(&v, i % 2 ? 'a' : 'd').verb, WATCH_NOTHING, "a key held down never answers");
        cr_expect(shows(&v, "has just changed"));
        cr_expect_eq(press(&v, 'a').verb, WATCH_APPROVE);
        watch_view_deinit(&v);
}

Test(watch_view, all_of_it_must_have_been_on_the_screen)
{
        struct watch_view v = viewing(8);

        put(&v, 0, "2AAAAA", 1);
        press(&v, KEY_ENTER);
        cr_expect_eq(press(&v, 'a').verb, WATCH_NOTHING);
        cr_expect(shows(&v, "You have not seen all of it"));
        press(&v, KEY_END);
        cr_expect_eq(press(&v, 'a').verb, WATCH_NOTHING, "a jump to the end is no reading");
        press(&v, KEY_HOME);
        cr_expect(shows(&v, "Space shows more."));
        press(&v, ' ');
        cr_expect_eq(press(&v, 'a').verb, WATCH_NOTHING);
        press(&v, ' ');
        press(&v, ' ');
        cr_expect(shows(&v, "All of it has been shown."));
        cr_expect_eq(press(&v, 'a').verb, WATCH_APPROVE);
        watch_view_deinit(&v);
}

Test(watch_view, what_is_cut_must_be_unfolded)
{
        struct watch_view v = viewing(40);
        struct buf arguments = BUF_INIT(ROOM);
        struct card card = card_of("2AAAAA", 1);
        struct watch_action action = { WATCH_NOTHING };

        buf_append_str(&arguments, STR("{\"body\":\""));
        for (size_t i = 0; i < 10000; i++)
                buf_append_char(&arguments, 'x');
        buf_append_str(&arguments, STR("\"}"));
        card.arguments = buf_str(&arguments);
        cr_assert_eq(watch_view_put(&v, 0, &card, mono_ms), 0);
        press(&v, KEY_ENTER);
        cr_expect(shows(&v, "Some texts are cut: v shows all."));
        press(&v, ' ');
        cr_expect_eq(press(&v, 'a').verb, WATCH_NOTHING);
        cr_expect(shows(&v, "Not all of it is shown: press v"));
        press(&v, 'v');
        cr_expect_eq(press(&v, 'a').verb, WATCH_NOTHING);
        cr_expect(shows(&v, "You have not seen all of it"));
        for (int i = 0; i < 10 && action.verb == WATCH_NOTHING; i++) {
                press(&v, ' ');
                action = press(&v, 'a');
        }
        cr_expect_eq(action.verb, WATCH_APPROVE);
        buf_deinit(&arguments);
        watch_view_deinit(&v);
        CHECK_NO_LEAKS();
}

Test(watch_view, a_card_that_changes_in_view_must_be_read_again)
{
        struct watch_view v = viewing(40);
        struct card card = card_of("2AAAAA", 1);

        put(&v, 0, "2AAAAA", 1);
        press(&v, KEY_ENTER);
        card.arguments = STR("{\"branch\":\"main\"}");
        card.digest[0] = 'x';
        mono_ms += 5000;
        cr_assert_eq(watch_view_put(&v, 0, &card, mono_ms), 0);
        cr_expect_eq(press_at_once(&v, 'a').verb, WATCH_NOTHING);
        cr_expect_eq(press(&v, 'a').digest[0], 'x');
        watch_view_answered(&v);
        /* Counts are no other question. */
        card.asked = 9;
        cr_assert_eq(watch_view_put(&v, 0, &card, mono_ms), 0);
        cr_expect_eq(press_at_once(&v, 'a').verb, WATCH_APPROVE);
        watch_view_deinit(&v);
}

Test(watch_view, the_selection_stays_with_its_card)
{
        struct watch_view v = viewing(24);

        put(&v, 0, "3AAAAA", 5);
        put(&v, 0, "2AAAAA", 1);
        cr_expect(shows(&v, "\n  2AAAAA     5:00    1x    0/0 | delete branch b1\n> 3AAAAA "));
        put(&v, 1, "2AAAAA", 2);
        watch_view_close(&v, 0, "2AAAAA", CARD_EXPIRED, mono_ms);
        cr_expect(shows(&v, "\n  2AAAAA     5:00    1x    0/0 | delete branch b1\n> 3AAAAA "));
        /* Its own end hands the place to another, and no key in flight means that one. */
        mono_ms += 5000;
        watch_view_close(&v, 0, "3AAAAA", CARD_EXPIRED, mono_ms);
        cr_expect(shows(&v, "\n> 2AAAAA "));
        cr_expect_eq(press_at_once(&v, 'd').verb, WATCH_NOTHING);
        cr_expect_eq(press(&v, 'd').source, 1);
        watch_view_deinit(&v);
        CHECK_NO_LEAKS();
}

/* Within eighty columns, with whatever is said in them. */
Test(watch_view, a_card_that_is_to_be_signed_says_so)
{
        struct watch_view v = viewing(40);
        struct card card = card_of("2AAAAA", 1);

        card.must_sign = true;
        cr_assert_eq(watch_view_put(&v, 0, &card, mono_ms), 0);
        press(&v, KEY_ENTER);
        cr_expect(shows(&v, "\n[a] sign, approve  [d, enter] DENY  [v] show all  [u] codes  [esc] list  [q] end"));
        cr_expect(shows(&v, "\nNEEDS    the signature of somebody whom the policy names\n"));
        cr_expect_eq(press(&v, 'a').verb, WATCH_APPROVE);
        /* ssh-keygen had the screen: what stands on it now is looked at anew. */
        watch_view_answered(&v);
        watch_view_returned(&v, mono_ms);
        cr_expect_eq(press_at_once(&v, 'a').verb, WATCH_NOTHING);
        cr_expect_eq(press(&v, 'a').verb, WATCH_APPROVE);
        watch_view_answered(&v);
        /* That it needs no signature any more is another question. */
        mono_ms += 5000;
        card.must_sign = false;
        cr_assert_eq(watch_view_put(&v, 0, &card, mono_ms), 0);
        cr_expect(shows(&v, "This card has changed: read it again."));
        cr_expect(shows(&v, "[a] approve once  "));
        watch_view_deinit(&v);
        CHECK_NO_LEAKS();
}

Test(watch_view, a_card_that_closes_in_view_stays_until_a_key)
{
        struct watch_view v = viewing(40);

        put(&v, 0, "2AAAAA", 1);
        put(&v, 0, "3AAAAA", 2);
        press(&v, KEY_ENTER);
        mono_ms += 5000;
        watch_view_close(&v, 0, "2AAAAA", CARD_EXPIRED, mono_ms);
        cr_expect(shows(&v, "EXPIRED  2AAAAA"));
        cr_expect(shows(&v, "This card is closed: expired."));
        cr_expect_eq(press_at_once(&v, 'a').verb, WATCH_NOTHING);
        cr_expect_eq(v.mode, WATCH_CARD);
        cr_expect_eq(press(&v, 'a').verb, WATCH_NOTHING);
        cr_expect_eq(v.mode, WATCH_LIST);
        cr_expect(shows(&v, "\n> 3AAAAA "));
        cr_expect_eq(v.cards.count, 1);
        watch_view_deinit(&v);
        CHECK_NO_LEAKS();
}

Test(watch_view, a_session_that_ends_takes_its_cards)
{
        struct watch_view v = viewing(40);

        put(&v, 0, "2AAAAA", 1);
        put(&v, 1, "3AAAAA", 2);
        put(&v, 0, "4AAAAA", 3);
        press(&v, KEY_ENTER);
        watch_view_drop(&v, 0, mono_ms);
        cr_expect(shows(&v, "VOID     2AAAAA"));
        press(&v, KEY_ESCAPE);
        cr_expect_eq(v.cards.count, 1);
        cr_expect(shows(&v, "\n> 3AAAAA "));
        watch_view_deinit(&v);
}

Test(watch_view, what_others_say_stands_behind_a_bar)
{
        struct watch_view v = viewing(24);

        put(&v, 0, "2AAAAA", 1);
        cr_assert_eq(watch_view_note(&v, STR("approved!\x1b[2J\r\n[a] approve")), 0);
        cr_expect(shows(&v, "\n| approved!\\x1B[2J\\x0D\\n[a] approve\n"));
        press(&v, 'z');
        cr_expect(!str_starts_with(buf_str(&v.note), STR("approved")));
        watch_view_deinit(&v);
        CHECK_NO_LEAKS();
}

/* A client that makes refused calls, and the same call, over and over. */
Test(watch_view, who_makes_noise_does_not_keep_the_keys_from_working)
{
        struct watch_view v = viewing(40);
        struct card again = card_of("2AAAAA", 1);

        put(&v, 0, "2AAAAA", 1);
        mono_ms += 5000;
        for (int i = 0; i < 2; i++) {
                again.asked++;
                cr_assert_eq(watch_view_note(&v, STR("Denied by policy: it was not run.")), 0);
                cr_assert_eq(watch_view_put(&v, 0, &again, mono_ms), 0);
                cr_expect_eq(watch_view_key(&v, 'd', mono_ms).verb, WATCH_DENY);
                watch_view_answered(&v);
                press(&v, KEY_ENTER);
                mono_ms += 5000;
        }
        watch_view_deinit(&v);
}

Test(watch_view, a_list_longer_than_the_screen)
{
        struct watch_view v = viewing(10);

        for (unsigned i = 0; i < 30; i++) {
                char id[CARD_ID_BYTES];

                snprintf(id, sizeof(id), "%06u", i);
                put(&v, 0, id, i);
        }
        cr_expect(shows(&v, "\n> 000000 "));
        press(&v, KEY_PAGE_DOWN);
        cr_expect(shows(&v, "\n> 000005 "));
        for (int i = 0; i < 40; i++)
                press(&v, KEY_DOWN);
        cr_expect(shows(&v, "  000028     5:00    1x    0/0 | delete branch b1\n> 000029 "));
        press(&v, 'k');
        cr_expect(shows(&v, "> 000028 "));
        watch_view_deinit(&v);
}

Test(watch_view, a_window_that_is_too_small_approves_nothing)
{
        struct watch_view v = viewing(40);
        struct buf b = BUF_INIT(ROOM);

        put(&v, 0, "2AAAAA", 1);
        press(&v, KEY_ENTER);
        watch_view_resize(&v, 39, 40, mono_ms);
        cr_expect(shows(&v, "the window is too small"));
        cr_expect_eq(press(&v, 'a').verb, WATCH_NOTHING);
        watch_view_resize(&v, 80, 7, mono_ms);
        cr_expect_eq(press(&v, 'a').verb, WATCH_NOTHING);
        watch_view_resize(&v, 1, 1, mono_ms);
        cr_expect(str_eq(screen(&v, &b), STR("l")));
        watch_view_resize(&v, 80, 40, mono_ms);
        cr_expect_eq(press(&v, 'a').verb, WATCH_APPROVE);
        buf_deinit(&b);
        watch_view_deinit(&v);
        CHECK_NO_LEAKS();
}

Test(watch_view, styles_add_nothing_but_styles)
{
        struct watch_view v = viewing(40);
        struct buf plain = BUF_INIT(ROOM), styled = BUF_INIT(ROOM), stripped = BUF_INIT(ROOM);

        put(&v, 0, "2AAAAA", 1);
        for (int mode = 0; mode < 2; mode++) {
                v.styles = false;
                screen(&v, &plain);
                v.styles = true;
                screen(&v, &styled);
                stripped.len = 0;
                for (size_t i = 0; i < styled.len; i++) {
                        if (styled.data[i] == 0x1B)
                                while (styled.data[i] != 'm')
                                        i++;
                        else
                                buf_append_char(&stripped, styled.data[i]);
                }
                cr_expect_gt(styled.len, stripped.len);
                cr_expect(str_eq(buf_str(&plain), buf_str(&stripped)));
                cr_expect(!memchr(plain.data, 0x1B, plain.len));
                press(&v, KEY_ENTER);
        }
        buf_deinit(&plain);
        buf_deinit(&styled);
        buf_deinit(&stripped);
        watch_view_deinit(&v);
}

static size_t allocations_left;

static void *failing_resize(void *userdata, void *ptr, size_t size)
{
        if (allocations_left == 0)
                return NULL;
        allocations_left--;
        return realloc(ptr, size);
}

static void failing_release(void *userdata, void *ptr)
{
        free(ptr);
}

/* Up to the n-th allocation and from there on: the list stays whole, and what was not shown does not count as seen. */
Test(watch_view, without_memory)
{
        static const struct allocator failing = { failing_resize, failing_release, NULL };
        bool done = false;

        for (size_t n = 0; !done; n++) {
                struct watch_view v = viewing(40);
                struct buf b = BUF_INIT(ROOM);
                const struct card first = card_of("2AAAAA", 1);
                struct card changed = first;
                int r;

                changed.digest[0] = 'x';
                cr_assert_eq(watch_view_put(&v, 0, &first, mono_ms), 0);
                mem_set_allocator(&failing);
                allocations_left = n;
                r = watch_view_put(&v, 0, &changed, mono_ms);
                cr_expect(r == 0 || r == -ENOMEM);
                cr_expect_eq(v.cards.count, 1);
                cr_expect_eq(watch_view_selected(&v)->card.digest[0], r == 0 ? 'x' : '2');
                watch_view_key(&v, KEY_ENTER, mono_ms);
                r = watch_view_screen(&v, &b, NOW_MS, mono_ms);
                if (r < 0) {
                        cr_expect_eq(r, -ENOMEM);
                        cr_expect_eq(b.len, 0);
                        cr_expect_eq(watch_view_key(&v, 'a', mono_ms + WATCH_HOLD_MS).verb, WATCH_NOTHING);
                }
                done = r == 0;
                watch_view_deinit(&v);
                buf_deinit(&b);
                mem_set_allocator(NULL);
                cr_assert_lt(n, 1000);
        }
        CHECK_NO_LEAKS();
}

static uint64_t state = 88172645463325252U;

static uint32_t below(uint32_t n)
{
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return (uint32_t)(state >> 11) % n;
}

static void random_event(struct watch_view *v)
{
        static const char *const ids[] = { "2AAAAA", "3AAAAA", "4AAAAA", "5AAAAA" };
        static const char long_one[] =
                "{\"a\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}";
        static const char *const arguments[] = { "{}", "{\"a\":1}", long_one };
        struct card card = card_of(ids[below(4)], below(100));
        const uint32_t which = below(3);

        switch (below(8)) {
        case 0:
                watch_view_close(v, below(2), card.id, CARD_EXPIRED, mono_ms);
                break;
        case 1:
                watch_view_resize(v, 30 + below(100), 6 + below(40), mono_ms);
                break;
        case 2:
                watch_view_drop(v, below(20) ? 9 : below(2), mono_ms);
                break;
        default:
                card.arguments = str_from(arguments[which]);
                card.digest[0] = (uint8_t)which;
                card.state = below(5) ? CARD_OPEN : CARD_APPROVED;
                cr_assert_eq(watch_view_put(v, below(2), &card, mono_ms), 0);
                break;
        }
}

/* An approval names the card that the last screen showed, and comes only when that screen had stood for long enough. */
Test(watch_view, random_events_and_keys, .timeout = 300)
{
        static const int keys[] = { 'a', 'a', 'a', 'd', 'v', 'u', ' ', ' ', ' ', KEY_ENTER, KEY_ENTER, KEY_DOWN, KEY_UP,
                KEY_END, KEY_ESCAPE, KEY_NONE };
        struct watch_view v = viewing(24);
        struct buf shown = BUF_INIT(ROOM);
        uint64_t changed_ms = 0;
        unsigned approvals = 0;

        for (unsigned i = 0; i < 60000; i++) {
                mono_ms += below(900);
                if (below(12) == 0) {
                        struct buf before = BUF_INIT(ROOM);

                        screen(&v, &before);
                        random_event(&v);
                        screen(&v, &shown);
                        if (!str_eq(buf_str(&before), buf_str(&shown)))
                                changed_ms = mono_ms;
                        buf_deinit(&before);
                } else {
                        const enum watch_mode mode = v.mode;
                        const struct watch_action action =
                                watch_view_key(&v, keys[below(sizeof(keys) / sizeof(keys[0]))], mono_ms);

                        if (action.verb == WATCH_APPROVE) {
                                char head[32];

                                approvals++;
                                snprintf(head, sizeof(head), "APPROVE? %s", action.id);
                                cr_assert_eq(mode, WATCH_CARD);
                                cr_assert_geq(mono_ms, changed_ms + WATCH_HOLD_MS);
                                cr_assert(v.seen == v.lines && v.hidden == 0);
                                cr_assert(v.top > 0 || str_starts_with(buf_str(&shown), str_from(head)), "%.*s",
                                        STR_FMT(buf_str(&shown)));
                                cr_assert_eq(watch_view_selected(&v)->card.digest[0], action.digest[0]);
                        }
                        if (below(3) == 0)
                                watch_view_answered(&v);
                        screen(&v, &shown);
                }
        }
        cr_expect_gt(approvals, 100, "%u", approvals);
        buf_deinit(&shown);
        watch_view_deinit(&v);
        CHECK_NO_LEAKS();
}

static void stop(struct watch_view *v, unsigned source, unsigned which)
{
        char what[32];
        struct stop_told told = { .what = str_of(what, (size_t)snprintf(what, sizeof(what), "the tool \"t%u\"", which)), .because = STR("incident 42") };

        snprintf(told.id, sizeof(told.id), "%06u", which);
        watch_view_stop(v, source, &told, mono_ms);
}

/* A stop that holds in several sessions takes one place, and goes with the last of them. */
Test(watch_view, stops_of_several_sessions)
{
        struct watch_view v = viewing(20);

        for (unsigned source = 1; source <= 2; source++)
                for (unsigned i = 0; i < 200; i++)
                        stop(&v, source, i);
        cr_expect(shows(&v, ", 200 STOPS\n"));
        stop(&v, 3, 999);
        cr_expect(shows(&v, ", 201 STOPS\n"));
        watch_view_stop(&v, 1, NULL, mono_ms);
        cr_expect(shows(&v, ", 201 STOPS\n"));
        watch_view_drop(&v, 2, mono_ms);
        cr_expect(shows(&v, ", 1 STOP\n"));
        cr_expect(shows(&v, "  000999          STOPPED      | the tool \"t999\": incident 42"));
        /* Sessions come and go, each with a number of its own. */
        for (unsigned source = 4; source < 4 + 2 * WATCH_STOPS_SESSIONS; source++) {
                stop(&v, source, 7);
                cr_expect(shows(&v, ", 2 STOPS\n"));
                watch_view_drop(&v, source, mono_ms);
        }
        watch_view_deinit(&v);
        CHECK_NO_LEAKS();
}

Test(watch_view, stops_past_those_that_are_kept)
{
        struct watch_view v = viewing(20);

        for (unsigned i = 0; i < WATCH_STOPS_MAX; i++)
                stop(&v, 1, i);
        cr_expect(shows(&v, ", 256 STOPS\n"));
        stop(&v, 2, WATCH_STOPS_MAX - 1);
        cr_expect(shows(&v, ", 256 STOPS\n"), "it is among them");
        for (unsigned i = 0; i < 3; i++)
                stop(&v, 2, WATCH_STOPS_MAX + i);
        cr_expect(shows(&v, ", 256 TO 259 STOPS\n"));
        watch_view_drop(&v, 2, mono_ms);
        cr_expect(shows(&v, ", 256 STOPS\n"));
        watch_view_drop(&v, 1, mono_ms);
        for (unsigned source = 0; source < WATCH_STOPS_SESSIONS; source++)
                stop(&v, source, 1);
        cr_expect(shows(&v, ", 1 STOP\n"));
        stop(&v, WATCH_STOPS_SESSIONS, 2);
        cr_expect(shows(&v, ", 1 TO 2 STOPS\n"), "more sessions than are watched at a time");
        watch_view_deinit(&v);
        CHECK_NO_LEAKS();
}
