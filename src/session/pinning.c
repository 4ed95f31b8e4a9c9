/* SPDX-License-Identifier: Apache-2.0 */
#include "pinning.h"

#include <errno.h>

#include "alloc.h"

/* Names of hidden tools, for the records. */
#define HIDDEN_BYTES (PINNING_NAMED * (LIMIT_NAME_BYTES + sizeof(struct hidden_tool)))

void pinning_init(struct pinning *p)
{
        *p = (struct pinning){ .text = BUF_INIT(LIMIT_LINE_BYTES), .hidden = BUF_INIT(HIDDEN_BYTES) };
}

static void drop_set(struct pinning *p)
{
        for (size_t i = 0; i < LIMIT_POLICIES; i++) {
                mem_free(p->states[i]);
                mem_free(p->fresh[i]);
                p->states[i] = p->fresh[i] = NULL;
        }
        p->set = pin_set_unref(p->set);
}

void pinning_deinit(struct pinning *p)
{
        drop_set(p);
        buf_deinit(&p->text);
        buf_deinit(&p->hidden);
}

static int allocate(struct pinning *p, struct pin_set *set)
{
        for (size_t i = 0; set && i < pin_set_count(set); i++) {
                const size_t count = pin_lock_count(pin_set_at(set, i)->lock) + 1;

                p->states[i] = mem_calloc(count, 1);
                p->fresh[i] = mem_calloc(count, 1);
                if (!p->states[i] || !p->fresh[i])
                        return -ENOMEM;
        }
        return 0;
}

/* In one of the old locks the tool stood with the same definition, and that was seen: it still has been. */
static bool was_seen(const struct pinning *old, const struct pin *pin)
{
        for (size_t i = 0; old->set && i < pin_set_count(old->set); i++) {
                const struct pin_lock *lock = pin_set_at(old->set, i)->lock;
                const size_t at = pin_lock_find(lock, pin->name);

                if (at != SIZE_MAX && old->states[i][at] == PIN_SAME &&
                        definition_digest_eq(&pin_lock_at(lock, at)->digest, &pin->digest))
                        return true;
        }
        return false;
}

int pinning_replace(struct pinning *p, struct pin_set *set)
{
        struct pinning fresh = { 0 };

        if (allocate(&fresh, set) < 0) {
                drop_set(&fresh);
                return -ENOMEM;
        }
        for (size_t i = 0; set && i < pin_set_count(set); i++) {
                const struct pin_lock *lock = pin_set_at(set, i)->lock;

                for (size_t at = 0; at < pin_lock_count(lock); at++)
                        fresh.states[i][at] = was_seen(p, pin_lock_at(lock, at)) ? PIN_SAME : PIN_UNSEEN;
        }
        drop_set(p);
        p->set = pin_set_ref(set);
        memcpy(p->states, fresh.states, sizeof(p->states));
        memcpy(p->fresh, fresh.fresh, sizeof(p->fresh));
        return 0;
}

void pinning_begin_list(struct pinning *p)
{
        for (size_t i = 0; p->set && i < pin_set_count(p->set); i++)
                memset(p->fresh[i], PIN_UNSEEN, pin_lock_count(pin_set_at(p->set, i)->lock));
        buf_clear(&p->hidden, HIDDEN_BYTES);
        p->hidden_count = p->hidden_named = 0;
}

static void note_hidden(struct pinning *p, size_t lock, enum pin_state state, struct str name)
{
        struct hidden_tool hidden = { .lock = (uint16_t)lock, .state = (uint8_t)state };
        const size_t before = p->hidden.len;

        p->hidden_count++;
        if (p->hidden_named == PINNING_NAMED)
                return;
        hidden.name_len = (uint32_t)(name.len < LIMIT_NAME_BYTES ? name.len : LIMIT_NAME_BYTES);
        if (buf_append(&p->hidden, &hidden, sizeof(hidden)) < 0 || buf_append(&p->hidden, name.ptr, hidden.name_len) < 0)
                p->hidden.len = before;
        else
                p->hidden_named++;
}

/* By one lock. A name that a list holds twice counts as changed if one of the two is. */
static enum pin_state judge(struct pinning *p, size_t lock, const struct definition_digest *digest, struct str name)
{
        const struct pin_lock *pins = pin_set_at(p->set, lock)->lock;
        const size_t at = pin_lock_find(pins, name);

        if (at == SIZE_MAX)
                return PIN_MISSING;
        if (!definition_digest_eq(&pin_lock_at(pins, at)->digest, digest))
                p->fresh[lock][at] = PIN_CHANGED;
        else if (p->fresh[lock][at] == PIN_UNSEEN)
                p->fresh[lock][at] = PIN_SAME;
        return (enum pin_state)p->fresh[lock][at];
}

bool pinning_shows(struct pinning *p, const struct json_doc *doc, uint32_t tool, struct str name)
{
        struct definition_digest digest = { 0 };
        enum pin_state worst = PIN_SAME;
        size_t lock = 0;

        if (!p->set)
                return true;
        /* Without its text there is a digest that no definition has. */
        if (definition_text(&p->text, doc, tool) == 0)
                definition_digest_of(&digest, buf_str(&p->text));
        for (size_t i = 0; i < pin_set_count(p->set); i++) {
                const enum pin_state state = judge(p, i, &digest, name);

                if (state != PIN_SAME && worst == PIN_SAME) {
                        worst = state;
                        lock = i;
                }
        }
        if (worst != PIN_SAME)
                note_hidden(p, lock, worst, name);
        return worst == PIN_SAME;
}

void pinning_end_list(struct pinning *p)
{
        for (size_t i = 0; p->set && i < pin_set_count(p->set); i++) {
                for (size_t at = 0; at < pin_lock_count(pin_set_at(p->set, i)->lock); at++) {
                        if (p->fresh[i][at] != PIN_UNSEEN)
                                p->states[i][at] = p->fresh[i][at];
                }
        }
}

enum pin_state pinning_state_of(const struct pinning *p, struct str name, size_t *ret_lock)
{
        for (size_t i = 0; p->set && i < pin_set_count(p->set); i++) {
                const size_t at = pin_lock_find(pin_set_at(p->set, i)->lock, name);

                *ret_lock = i;
                if (at == SIZE_MAX)
                        return PIN_MISSING;
                if (p->states[i][at] != PIN_SAME)
                        return (enum pin_state)p->states[i][at];
        }
        return PIN_SAME;
}
