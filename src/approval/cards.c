/* SPDX-License-Identifier: Apache-2.0 */
#include "cards.h"

#include <sodium.h>
#include <string.h>

#include "alloc.h"
#include "card_code.h"

#define SLOTS (2U * LIMIT_OPEN_CARDS)

void cards_init(struct card_table *t, const uint8_t key[32])
{
        memset(t, 0, sizeof(*t));
        memcpy(t->key, key, sizeof(t->key));
        t->earliest_ms = UINT64_MAX;
        for (size_t i = 0; i < SLOTS; i++)
                buf_init(&t->slots[i].names, (size_t)LIMIT_APPROVERS * APPROVER_BYTES);
}

static void free_texts(struct card_slot *slot)
{
        mem_free(slot->text);
        mem_free(slot->arguments);
        slot->text = slot->arguments = NULL;
        buf_deinit(&slot->names);
}

void cards_deinit(struct card_table *t)
{
        for (size_t i = 0; i < SLOTS; i++)
                free_texts(&t->slots[i]);
}

/* --- finding --- */

bool card_is_alive(const struct card_slot *slot)
{
        return slot->taken && (slot->card.state == CARD_OPEN || slot->card.state == CARD_APPROVED);
}

struct card_slot *cards_find(struct card_table *t, const uint8_t digest[CARD_DIGEST_BYTES])
{
        for (size_t i = 0; i < SLOTS && t->open; i++)
                if (card_is_alive(&t->slots[i]) && memcmp(t->slots[i].card.digest, digest, CARD_DIGEST_BYTES) == 0)
                        return &t->slots[i];
        return NULL;
}

struct card_slot *cards_by_id(struct card_table *t, struct str id)
{
        for (size_t i = 0; i < SLOTS; i++)
                if (t->slots[i].taken && str_eq(str_from(t->slots[i].card.id), id))
                        return &t->slots[i];
        return NULL;
}

bool cards_denied(const struct card_table *t, const uint8_t digest[CARD_DIGEST_BYTES])
{
        for (size_t i = 0; i < t->denied_count; i++)
                if (memcmp(t->denied[i], digest, CARD_DIGEST_BYTES) == 0)
                        return true;
        return false;
}

/* --- counts --- */

static uint64_t rule_of(const struct card *card)
{
        return str_hash_add(str_hash_add(str_hash_add(STR_HASH_START, card->policy), STR("\n")), card->rule);
}

/* Rules past the limit are not counted: the numbers only inform. */
static struct rule_count *count_of(struct card_table *t, uint64_t rule)
{
        for (size_t i = 0; i < t->count_count; i++)
                if (t->counts[i].rule == rule)
                        return &t->counts[i];
        if (t->count_count == LIMIT_COUNTED_RULES)
                return NULL;
        t->counts[t->count_count] = (struct rule_count){ .rule = rule };
        return &t->counts[t->count_count++];
}

/* --- opening --- */

/* A free place, or the one whose card has been over for longest. There is one: at most half are alive. */
static struct card_slot *free_slot(struct card_table *t)
{
        struct card_slot *oldest = NULL;

        for (size_t i = 0; i < SLOTS; i++) {
                struct card_slot *slot = &t->slots[i];

                if (!slot->taken)
                        return slot;
                if (!card_is_alive(slot) && (!oldest || slot->order < oldest->order))
                        oldest = slot;
        }
        return oldest;
}

/* Six characters that nobody can foretell, and that no card has that is remembered. */
static void make_id(struct card_table *t, char ret[CARD_ID_BYTES])
{
        static const char alphabet[] = CARD_ID_ALPHABET;

        do {
                uint64_t number = ++t->ids;
                uint8_t hash[32];

                (void)crypto_generichash(hash, sizeof(hash), (const uint8_t *)&number, sizeof(number), t->key, sizeof(t->key));
                number = 0;
                for (unsigned i = 0; i < 8; i++)
                        number = number << 8 | hash[i];
                for (unsigned i = 0; i < CARD_ID_BYTES - 1; i++) {
                        ret[i] = alphabet[number % (sizeof(alphabet) - 1)];
                        number /= sizeof(alphabet) - 1;
                }
                ret[CARD_ID_BYTES - 1] = '\0';
        } while (cards_by_id(t, str_from(ret)));
}

struct text_field {
        size_t at, most;
};

/* Together below LIMIT_CARD_BYTES, with what a cut adds. */
static const struct text_field fields[] = {
        { offsetof(struct card, session), 32 },
        { offsetof(struct card, server), 300 },
        { offsetof(struct card, method), 64 },
        { offsetof(struct card, tool), 256 },
        { offsetof(struct card, say), 1240 },
        { offsetof(struct card, undo), 300 },
        { offsetof(struct card, reach), 120 },
        { offsetof(struct card, policy), 64 },
        { offsetof(struct card, rule), 64 },
        { offsetof(struct card, rule_file), 300 },
        { offsetof(struct card, because), 500 },
        { offsetof(struct card, lane), 64 },
        { offsetof(struct card, client), 120 },
        { offsetof(struct card, agent), 64 },
        { offsetof(struct card, marks), 300 },
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static struct str *field_of(struct card *card, size_t i)
{
        return (struct str *)(void *)((char *)card + fields[i].at);
}

/* In whole characters. */
static size_t cut_length(struct str s, size_t most)
{
        size_t len = s.len < most ? s.len : most;

        while (len && len < s.len && ((unsigned char)s.ptr[len] & 0xC0) == 0x80)
                len--;
        return len;
}

static bool copy_texts(struct card_slot *slot, const struct card *card)
{
        static const struct str mark = STR_INIT("...");
        struct card *own = &slot->card;
        size_t total = 1;
        char *at;

        for (size_t i = 0; i < FIELDS; i++)
                total += cut_length(*field_of(own, i), fields[i].most) + mark.len;
        slot->text = at = mem_alloc(total);
        slot->arguments = mem_alloc(card->arguments.len + 1);
        if (!slot->text || !slot->arguments)
                return false;
        for (size_t i = 0; i < FIELDS; i++) {
                struct str *field = field_of(own, i);
                size_t len = cut_length(*field, fields[i].most);
                const bool is_cut = len < field->len;

                if (len)
                        memcpy(at, field->ptr, len);
                if (is_cut)
                        memcpy(at + len, mark.ptr, mark.len);
                len += is_cut ? mark.len : 0;
                *field = str_of(at, len);
                at += len;
        }
        if (card->arguments.len)
                memcpy(slot->arguments, card->arguments.ptr, card->arguments.len);
        own->arguments = str_of(slot->arguments, card->arguments.len);
        return true;
}

static void change(struct card_slot *slot, enum card_change what)
{
        if (what == CARD_CHANGED && slot->told)
                return;
        slot->told = what;
}

enum cards_error cards_open(struct card_table *t, const struct card *card, uint64_t deadline_ms, struct card_slot **ret)
{
        struct card_slot *slot;
        struct rule_count *count;

        if (card->arguments.len > LIMIT_CARD_ARGUMENTS)
                return CARDS_TOO_LARGE;
        if (t->open >= LIMIT_OPEN_CARDS)
                return CARDS_FULL;
        slot = free_slot(t);
        free_texts(slot);
        *slot = (struct card_slot){ .card = *card, .names = slot->names, .deadline_ms = deadline_ms, .order = ++t->orders };
        if (!copy_texts(slot, card)) {
                free_texts(slot);
                return CARDS_NO_MEMORY;
        }
        slot->rule = rule_of(card);
        count = count_of(t, slot->rule);
        slot->card.approvals_before = count ? count->approvals : 0;
        slot->card.denials_before = count ? count->denials : 0;
        slot->card.state = CARD_OPEN;
        slot->card.asked = 1;
        slot->card.given = 0;
        make_id(t, slot->card.id);
        slot->taken = slot->unrecorded = true;
        if (deadline_ms < t->earliest_ms)
                t->earliest_ms = deadline_ms;
        t->open++;
        change(slot, CARD_OPENED);
        *ret = slot;
        return CARDS_OK;
}

void cards_asked_again(struct card_slot *slot)
{
        if (slot->card.asked < UINT32_MAX)
                slot->card.asked++;
        change(slot, CARD_CHANGED);
}

void cards_give_code(struct card_table *t, struct card_slot *slot)
{
        if (slot->code[0] || slot->no_form || slot->card.state != CARD_OPEN)
                return;
        card_code_make(t->key, ++t->codes, slot->card.id, slot->code);
        change(slot, CARD_CHANGED);
}

void cards_end_code(struct card_slot *slot)
{
        slot->no_form = true;
        if (!slot->code[0])
                return;
        sodium_memzero(slot->code, sizeof(slot->code));
        change(slot, CARD_CHANGED);
}

/* --- answers --- */

static bool has_approved(const struct card_slot *slot, struct str approver)
{
        for (uint32_t i = 0; i < slot->card.given; i++)
                if (str_eq(slot->approvers[i], approver))
                        return true;
        return false;
}

static bool note_approver(struct card_slot *slot, struct str approver)
{
        const size_t at = slot->names.len;

        if (has_approved(slot, approver))
                return true;
        /* All the room at once: the names stay where they are. */
        if (slot->card.given == LIMIT_APPROVERS || approver.len > APPROVER_BYTES ||
                buf_reserve(&slot->names, slot->names.limit - at) < 0)
                return false;
        buf_append_str(&slot->names, approver);
        slot->approvers[slot->card.given++] = str_of(slot->names.data + at, approver.len);
        slot->unrecorded = true;
        return true;
}

bool cards_approve(struct card_table *t, struct card_slot *slot, struct str approver, uint64_t deadline_ms, uint64_t expires_ms)
{
        struct rule_count *count = count_of(t, slot->rule);

        if (slot->card.state != CARD_OPEN || !note_approver(slot, approver))
                return false;
        change(slot, CARD_CHANGED);
        if (slot->card.given < slot->card.by)
                return false;
        slot->card.state = CARD_APPROVED;
        cards_end_code(slot);
        slot->card.expires_ms = expires_ms;
        slot->deadline_ms = deadline_ms;
        if (deadline_ms < t->earliest_ms)
                t->earliest_ms = deadline_ms;
        if (count)
                count->approvals++;
        return true;
}

static void close_card(struct card_table *t, struct card_slot *slot, enum card_state state)
{
        cards_end_code(slot);
        slot->card.state = state;
        slot->order = ++t->orders;
        slot->card.arguments = STR("");
        mem_free(slot->arguments);
        slot->arguments = NULL;
        t->open--;
        slot->told = CARD_CLOSED;
}

void cards_use(struct card_table *t, struct card_slot *slot)
{
        close_card(t, slot, CARD_USED);
}

void cards_deny(struct card_table *t, struct card_slot *slot)
{
        struct rule_count *count = count_of(t, slot->rule);

        memcpy(t->denied[t->denied_at], slot->card.digest, CARD_DIGEST_BYTES);
        t->denied_at = (t->denied_at + 1) % LIMIT_DENIED_CALLS;
        if (t->denied_count < LIMIT_DENIED_CALLS)
                t->denied_count++;
        if (count)
                count->denials++;
        close_card(t, slot, CARD_DENIED);
}

void cards_withdraw(struct card_table *t, struct card_slot *slot)
{
        close_card(t, slot, CARD_WITHDRAWN);
}

/* --- time --- */

struct card_slot *cards_expire(struct card_table *t, uint64_t mono_ms)
{
        uint64_t earliest = UINT64_MAX;

        if (mono_ms < t->earliest_ms)
                return NULL;
        for (size_t i = 0; i < SLOTS; i++) {
                struct card_slot *slot = &t->slots[i];

                if (!card_is_alive(slot))
                        continue;
                if (slot->deadline_ms <= mono_ms) {
                        close_card(t, slot, CARD_EXPIRED);
                        return slot;
                }
                earliest = slot->deadline_ms < earliest ? slot->deadline_ms : earliest;
        }
        t->earliest_ms = earliest;
        return NULL;
}

uint64_t cards_deadline(const struct card_table *t)
{
        return t->open ? t->earliest_ms : UINT64_MAX;
}

/* --- telling --- */

void cards_approvers(const struct card_slot *slot, struct buf *out)
{
        for (uint32_t i = 0; i < slot->card.given; i++) {
                if (i)
                        buf_append_str(out, STR(", "));
                buf_append_str(out, slot->approvers[i]);
        }
}

bool cards_take_change(struct card_table *t, enum card_change *ret_change, const struct card **ret)
{
        for (size_t i = 0; i < SLOTS; i++) {
                struct card_slot *slot = &t->slots[i];

                if (!slot->taken || !slot->told)
                        continue;
                /* What opened and closed between two looks has not been there. */
                if (slot->told == CARD_CLOSED && !slot->announced) {
                        slot->told = (enum card_change)0;
                        continue;
                }
                *ret_change = slot->told;
                *ret = &slot->card;
                slot->announced = true;
                slot->told = (enum card_change)0;
                return true;
        }
        return false;
}
