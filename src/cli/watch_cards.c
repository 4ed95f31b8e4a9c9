/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_cards.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "alloc.h"

static const size_t texts[] = {
        offsetof(struct card, session),
        offsetof(struct card, server),
        offsetof(struct card, method),
        offsetof(struct card, tool),
        offsetof(struct card, say),
        offsetof(struct card, undo),
        offsetof(struct card, reach),
        offsetof(struct card, policy),
        offsetof(struct card, rule),
        offsetof(struct card, rule_file),
        offsetof(struct card, because),
        offsetof(struct card, arguments),
        offsetof(struct card, lane),
        offsetof(struct card, client),
        offsetof(struct card, agent),
        offsetof(struct card, marks),
};
#define TEXTS (sizeof(texts) / sizeof(texts[0]))

static struct str *text_of(struct card *card, size_t index)
{
        return (struct str *)(void *)((char *)card + texts[index]);
}

/* All texts of a card in one block. */
static int copy_card(struct watch_card *ret, unsigned source, const struct card *card)
{
        struct watch_card copy = { .card = *card, .source = source };
        size_t length = 1, at = 0;

        for (size_t i = 0; i < TEXTS; i++)
                length += text_of(&copy.card, i)->len;
        copy.texts = mem_alloc(length);
        if (!copy.texts)
                return -ENOMEM;
        for (size_t i = 0; i < TEXTS; i++) {
                struct str *text = text_of(&copy.card, i);

                if (text->len > 0)
                        memcpy(copy.texts + at, text->ptr, text->len);
                text->ptr = copy.texts + at;
                at += text->len;
        }
        *ret = copy;
        return 0;
}

void watch_cards_deinit(struct watch_cards *list)
{
        for (size_t i = 0; i < list->count; i++)
                mem_free(list->cards[i].texts);
        mem_free(list->cards);
        *list = (struct watch_cards){ 0 };
}

size_t watch_cards_find(const struct watch_cards *list, unsigned source, const char *id)
{
        for (size_t i = 0; i < list->count; i++)
                if (list->cards[i].source == source && memcmp(list->cards[i].card.id, id, CARD_ID_BYTES) == 0)
                        return i;
        return SIZE_MAX;
}

static int grow(struct watch_cards *list)
{
        const size_t room = list->room ? 2 * list->room : 16;
        struct watch_card *cards;

        if (list->count < list->room)
                return 0;
        if (list->count >= WATCH_CARDS_MAX)
                return -ENOSPC;
        cards = mem_resize(list->cards, room * sizeof(*cards));
        if (!cards)
                return -ENOMEM;
        list->cards = cards;
        list->room = room;
        return 0;
}

int watch_cards_put(struct watch_cards *list, unsigned source, const struct card *card)
{
        size_t index = watch_cards_find(list, source, card->id);
        struct watch_card copy;
        int r;

        if (index == SIZE_MAX) {
                r = grow(list);
                if (r < 0)
                        return r;
        }
        r = copy_card(&copy, source, card);
        if (r < 0)
                return r;
        if (index != SIZE_MAX) {
                mem_free(list->cards[index].texts);
                list->cards[index] = copy;
                return 0;
        }
        for (index = list->count; index > 0 && list->cards[index - 1].card.created_ms > card->created_ms; index--)
                list->cards[index] = list->cards[index - 1];
        list->cards[index] = copy;
        list->count++;
        return 0;
}

void watch_cards_remove(struct watch_cards *list, size_t index)
{
        mem_free(list->cards[index].texts);
        list->count--;
        memmove(&list->cards[index], &list->cards[index + 1], (list->count - index) * sizeof(list->cards[0]));
}
