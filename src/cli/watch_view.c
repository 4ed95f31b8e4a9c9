/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_view.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NOTE_BYTES 2048U
/* Forty times the largest card's arguments, escaped and cut in lines. */
#define TEXT_BYTES (256U << 20)

void watch_view_init(struct watch_view *v, const uint64_t seed[2])
{
        *v = (struct watch_view){ .seed = { seed[0], seed[1] }, .width = 80, .height = 24 };
        buf_init(&v->text, TEXT_BYTES);
        buf_init(&v->note, NOTE_BYTES);
}

void watch_view_deinit(struct watch_view *v)
{
        watch_cards_deinit(&v->cards);
        buf_deinit(&v->text);
        buf_deinit(&v->note);
        v->has_selection = false;
}

static void hold(struct watch_view *v, uint64_t mono_ms)
{
        v->hold_until_ms = mono_ms + WATCH_HOLD_MS;
}

void watch_view_say(struct watch_view *v, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        vsnprintf(v->message, sizeof(v->message), format, args);
        va_end(args);
}

static size_t selected_index(const struct watch_view *v)
{
        return v->has_selection ? watch_cards_find(&v->cards, v->source, v->id) : SIZE_MAX;
}

const struct watch_card *watch_view_selected(const struct watch_view *v)
{
        const size_t index = selected_index(v);

        return index == SIZE_MAX ? NULL : &v->cards.cards[index];
}

static size_t least(size_t a, size_t b)
{
        return a < b ? a : b;
}

/* What waits keeps a row of its own. */
static size_t room_above(const struct watch_view *v)
{
        return v->height > 6 ? v->height - 6 : 0;
}

size_t watch_view_stop_rows(const struct watch_view *v)
{
        return least(v->stops.count, least(WATCH_STOPS_SHOWN, room_above(v)));
}

size_t watch_view_grant_rows(const struct watch_view *v)
{
        return least(v->grants.count, least(WATCH_GRANTS_SHOWN, room_above(v) - watch_view_stop_rows(v)));
}

size_t watch_view_rows(const struct watch_view *v)
{
        /* A title or nothing, the rows, two lines for messages, one for keys. */
        return v->height - (v->mode == WATCH_LIST ? 5 + watch_view_stop_rows(v) + watch_view_grant_rows(v) : 3);
}

static void select_index(struct watch_view *v, size_t index)
{
        v->has_selection = v->cards.count > 0;
        v->answered = false;
        if (!v->has_selection)
                return;
        if (index >= v->cards.count)
                index = v->cards.count - 1;
        v->source = v->cards.cards[index].source;
        memcpy(v->id, v->cards.cards[index].card.id, CARD_ID_BYTES);
}

/* The card's lines are other ones: none of them has been seen. */
static void forget_lines(struct watch_view *v)
{
        v->top = 0;
        v->seen = 0;
        buf_clear(&v->text, 1U << 20);
        v->lines = 0;
}

void watch_view_resize(struct watch_view *v, unsigned width, unsigned height, uint64_t mono_ms)
{
        width = width > WATCH_MAX_WIDTH ? WATCH_MAX_WIDTH : width;
        height = height > WATCH_MAX_HEIGHT ? WATCH_MAX_HEIGHT : height;
        if (width == v->width && height == v->height)
                return;
        v->width = width;
        v->height = height;
        v->message[0] = '\0';
        forget_lines(v);
        hold(v, mono_ms);
}

/* Would a person who has read the one have read the other? Counts and times aside. */
static bool is_same_question(const struct card *a, const struct card *b)
{
        return memcmp(a->digest, b->digest, CARD_DIGEST_BYTES) == 0 && a->state == b->state && a->by == b->by &&
               str_eq(a->say, b->say) && str_eq(a->undo, b->undo) && str_eq(a->reach, b->reach) &&
               str_eq(a->because, b->because) && str_eq(a->tool, b->tool) && str_eq(a->method, b->method) &&
               str_eq(a->server, b->server) && str_eq(a->arguments, b->arguments) && str_eq(a->lane, b->lane) &&
               str_eq(a->rule, b->rule) && str_eq(a->client, b->client) && str_eq(a->agent, b->agent) &&
               str_eq(a->marks, b->marks) && a->must_sign == b->must_sign;
}

int watch_view_put(struct watch_view *v, unsigned source, const struct card *card, uint64_t mono_ms)
{
        const size_t index = watch_cards_find(&v->cards, source, card->id);
        const bool known = index != SIZE_MAX, in_view = known && index == selected_index(v);
        const bool same = in_view && is_same_question(&v->cards.cards[index].card, card);
        int r = watch_cards_put(&v->cards, source, card);

        if (r < 0)
                return r;
        if (!v->has_selection)
                select_index(v, 0);
        /* Counts alone are no change of what is asked: who calls again and again would keep the keys from working. */
        if ((v->mode == WATCH_LIST && !known) || (in_view && !same))
                hold(v, mono_ms);
        if (in_view && !same && v->mode == WATCH_CARD) {
                forget_lines(v);
                v->unfolded = false;
                v->gone = card->state != CARD_OPEN && card->state != CARD_APPROVED;
                watch_view_say(v, "This card has changed: read it again.");
        }
        return 0;
}

/* The next one moves up to the place of a selected card that goes, which is a change of what a key would mean. */
static void remove_at(struct watch_view *v, size_t index, uint64_t mono_ms)
{
        const bool selected = index == selected_index(v);

        watch_cards_remove(&v->cards, index);
        if (selected)
                select_index(v, index);
        if (v->mode == WATCH_LIST)
                hold(v, mono_ms);
}

void watch_view_close(struct watch_view *v, unsigned source, const char *id, enum card_state state, uint64_t mono_ms)
{
        const size_t index = watch_cards_find(&v->cards, source, id);

        if (index == SIZE_MAX)
                return;
        if (v->mode != WATCH_CARD || index != selected_index(v)) {
                remove_at(v, index, mono_ms);
                return;
        }
        v->cards.cards[index].card.state = state;
        v->gone = true;
        v->answered = false;
        forget_lines(v);
        hold(v, mono_ms);
        watch_view_say(v, "This card is closed: %s.", card_state_word(state));
}

void watch_view_grant(struct watch_view *v, unsigned source, const struct grant *grant, uint64_t mono_ms)
{
        const size_t before = v->grants.count;

        if (grant)
                watch_grants_add(&v->grants, source, grant);
        else
                watch_grants_clear(&v->grants, source);
        /* The list moves. */
        if (v->mode == WATCH_LIST && v->grants.count != before)
                hold(v, mono_ms);
}

void watch_view_stop(struct watch_view *v, unsigned source, const struct stop_told *stop, uint64_t mono_ms)
{
        const size_t before = v->stops.count;

        if (stop)
                watch_stops_add(&v->stops, source, stop);
        else
                watch_stops_clear(&v->stops, source);
        if (v->mode == WATCH_LIST && v->stops.count != before)
                hold(v, mono_ms);
}

void watch_view_drop(struct watch_view *v, unsigned source, uint64_t mono_ms)
{
        watch_view_grant(v, source, NULL, mono_ms);
        watch_view_stop(v, source, NULL, mono_ms);
        for (size_t i = v->cards.count; i-- > 0;) {
                char id[CARD_ID_BYTES];

                if (v->cards.cards[i].source != source)
                        continue;
                memcpy(id, v->cards.cards[i].card.id, CARD_ID_BYTES);
                watch_view_close(v, source, id, CARD_WITHDRAWN, mono_ms);
        }
}

/* What a key means does not change by it: a client or server that makes its session say something all the time must not
 * keep the keys from working. */
int watch_view_note(struct watch_view *v, struct str text)
{
        buf_clear(&v->note, NOTE_BYTES);
        if (text.len > NOTE_BYTES / 2)
                text.len = NOTE_BYTES / 2;
        return buf_append_str(&v->note, text);
}

void watch_view_returned(struct watch_view *v, uint64_t mono_ms)
{
        hold(v, mono_ms);
}

void watch_view_answered(struct watch_view *v)
{
        v->answered = false;
}

static void leave_card(struct watch_view *v, uint64_t mono_ms)
{
        const size_t index = selected_index(v);

        v->mode = WATCH_LIST;
        if (v->gone && index != SIZE_MAX)
                remove_at(v, index, mono_ms);
        v->gone = false;
        v->answered = false;
        v->unfolded = false;
        forget_lines(v);
        hold(v, mono_ms);
}

static void enter_card(struct watch_view *v, uint64_t mono_ms)
{
        if (!watch_view_selected(v))
                return;
        v->mode = WATCH_CARD;
        v->gone = v->answered = v->unfolded = false;
        forget_lines(v);
        hold(v, mono_ms);
}

static struct watch_action answer(struct watch_view *v, enum watch_verb verb)
{
        const struct watch_card *selected = watch_view_selected(v);
        struct watch_action action = { .verb = verb, .source = selected->source };

        memcpy(action.id, selected->card.id, CARD_ID_BYTES);
        memcpy(action.digest, selected->card.digest, CARD_DIGEST_BYTES);
        v->answered = true;
        watch_view_say(v, "%s %s ...", verb == WATCH_APPROVE ? "Approving" : "Denying", action.id);
        return action;
}

/* Why the selected card cannot be answered yet, or NULL. */
static const char *obstacle(const struct watch_view *v, enum watch_verb verb, uint64_t mono_ms)
{
        const struct watch_card *selected = watch_view_selected(v);

        if (!selected)
                return "There is nothing to answer.";
        if (v->height < WATCH_MIN_HEIGHT || v->width < WATCH_MIN_WIDTH)
                return "The window is too small.";
        if (mono_ms < v->hold_until_ms)
                return "What is on the screen has just changed: read it, then press the key again.";
        if (v->gone || (selected->card.state != CARD_OPEN && verb == WATCH_APPROVE))
                return "This card is not open.";
        if (v->answered)
                return "An answer is on its way.";
        if (verb == WATCH_DENY)
                return NULL;
        if (v->hidden > 0)
                return "Not all of it is shown: press v, and read it to its end.";
        if (v->lines == 0 || v->seen < v->lines)
                return "You have not seen all of it: press the space bar until you have.";
        return NULL;
}

static struct watch_action try_answer(struct watch_view *v, enum watch_verb verb, uint64_t mono_ms)
{
        const char *why = obstacle(v, verb, mono_ms);

        if (!why)
                return answer(v, verb);
        watch_view_say(v, "%s", why);
        if (mono_ms < v->hold_until_ms)
                hold(v, mono_ms);
        return (struct watch_action){ WATCH_NOTHING };
}

static void scroll(struct watch_view *v, size_t from, long by)
{
        const size_t rows = watch_view_rows(v), last = v->lines > rows ? v->lines - rows : 0;

        if (by < 0)
                from = from > (size_t)-by ? from - (size_t)-by : 0;
        else
                from += (size_t)by;
        v->top = from > last ? last : from;
}

static struct watch_action card_key(struct watch_view *v, int key, uint64_t mono_ms)
{
        const long page = (long)watch_view_rows(v) - 1;

        if (v->gone && key != 'q' && mono_ms >= v->hold_until_ms && key != KEY_NONE) {
                leave_card(v, mono_ms);
                return (struct watch_action){ WATCH_NOTHING };
        }
        switch (key) {
        case 'a':
                return try_answer(v, WATCH_APPROVE, mono_ms);
        case 'd':
        case KEY_ENTER:
                return try_answer(v, WATCH_DENY, mono_ms);
        case 'v':
        case 'u':
                if (key == 'v')
                        v->unfolded = !v->unfolded;
                else
                        v->codes = !v->codes;
                forget_lines(v);
                hold(v, mono_ms);
                break;
        case KEY_UP:
        case 'k':
                scroll(v, v->top, -1);
                break;
        case KEY_DOWN:
        case 'j':
                scroll(v, v->top, 1);
                break;
        case ' ':
        case KEY_PAGE_DOWN:
                scroll(v, v->top, page);
                break;
        case KEY_PAGE_UP:
        case 'b':
                scroll(v, v->top, -page);
                break;
        case KEY_HOME:
                scroll(v, 0, 0);
                break;
        case KEY_END:
                scroll(v, v->lines, 0);
                break;
        case KEY_ESCAPE:
        case KEY_LEFT:
                leave_card(v, mono_ms);
                break;
        default:
                break;
        }
        return (struct watch_action){ WATCH_NOTHING };
}

static void move_selection(struct watch_view *v, long by, uint64_t mono_ms)
{
        const size_t index = selected_index(v);

        if (index == SIZE_MAX)
                select_index(v, 0);
        else if (by < 0)
                select_index(v, index > (size_t)-by ? index - (size_t)-by : 0);
        else
                select_index(v, index + (size_t)by);
        hold(v, mono_ms);
}

static struct watch_action list_key(struct watch_view *v, int key, uint64_t mono_ms)
{
        switch (key) {
        case KEY_UP:
        case 'k':
                move_selection(v, -1, mono_ms);
                break;
        case KEY_DOWN:
        case 'j':
                move_selection(v, 1, mono_ms);
                break;
        case KEY_PAGE_UP:
                move_selection(v, -(long)watch_view_rows(v), mono_ms);
                break;
        case KEY_PAGE_DOWN:
                move_selection(v, (long)watch_view_rows(v), mono_ms);
                break;
        case KEY_ENTER:
        case KEY_RIGHT:
        case 'v':
                enter_card(v, mono_ms);
                break;
        case 'd':
                return try_answer(v, WATCH_DENY, mono_ms);
        case 'a':
                watch_view_say(v, "Open the card first (enter): nothing is approved from the list.");
                break;
        default:
                break;
        }
        return (struct watch_action){ WATCH_NOTHING };
}

struct watch_action watch_view_key(struct watch_view *v, int key, uint64_t mono_ms)
{
        v->message[0] = '\0';
        buf_clear(&v->note, NOTE_BYTES);
        if (key == 'q')
                return (struct watch_action){ WATCH_QUIT };
        if (key == KEY_REDRAW)
                return (struct watch_action){ WATCH_REDRAW };
        return v->mode == WATCH_CARD ? card_key(v, key, mono_ms) : list_key(v, key, mono_ms);
}
