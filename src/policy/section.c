/* SPDX-License-Identifier: Apache-2.0 */
#include "section.h"

#include <errno.h>

static uint64_t hash_of(struct str s)
{
        uint64_t h = str_hash(s);

        return h ^ h >> 32;
}

void section_init(struct section *section)
{
        *section = (struct section){ 0 };
        section->tail = &section->first;
}

void section_add(struct section *section, struct rule *rule)
{
        rule->index = (uint32_t)section->rule_count++;
        rule->next = NULL;
        *section->tail = rule;
        section->tail = &rule->next;
        if (rule->verdict == VERDICT_DENY)
                section->denies = true;
        section->approves |= rule->verdict == VERDICT_APPROVE;
        section->conditional |= rule->terms != NULL;
        for (size_t i = 0; i < rule->pattern_count; ++i) {
                if (rule->verdict == VERDICT_ALLOW && rule->patterns[i].everything && !rule->terms && !rule->call)
                        section->opens = true;
        }
}

static struct section_slot *slot_of(const struct section *section, struct str name)
{
        uint64_t hash = hash_of(name);

        for (size_t i = hash & (section->slot_count - 1);; i = (i + 1) & (section->slot_count - 1)) {
                struct section_slot *slot = &section->slots[i];

                if (!slot->first || (slot->hash == hash && str_eq(slot->first->pattern->prefix, name)))
                        return slot;
        }
}

static void index_exact(struct section *section, struct section_entry *entry)
{
        struct section_slot *slot = slot_of(section, entry->pattern->prefix);

        slot->hash = hash_of(entry->pattern->prefix);
        if (slot->last)
                slot->last->next = entry;
        else
                slot->first = entry;
        slot->last = entry;
}

int section_index(struct section *section, struct arena *arena)
{
        size_t exact = 0, wild = 0, slots = 4;
        struct section_entry *exact_entries, *wild_entries;

        for (const struct rule *rule = section->first; rule; rule = rule->next) {
                for (size_t i = 0; i < rule->pattern_count; ++i) {
                        exact += rule->patterns[i].exact;
                        wild += !rule->patterns[i].exact;
                }
        }
        while (slots < 2 * exact)
                slots *= 2;
        section->slots = arena_array(arena, slots, sizeof(*section->slots));
        exact_entries = arena_array(arena, exact, sizeof(*exact_entries));
        wild_entries = arena_array(arena, wild, sizeof(*wild_entries));
        if (!section->slots || !exact_entries || !wild_entries)
                return -ENOMEM;
        section->slot_count = slots;
        section->wild = wild_entries;
        for (const struct rule *rule = section->first; rule; rule = rule->next) {
                for (size_t i = 0; i < rule->pattern_count; ++i) {
                        struct section_entry entry = { .rule = rule, .pattern = &rule->patterns[i] };

                        if (entry.pattern->exact) {
                                *exact_entries = entry;
                                index_exact(section, exact_entries++);
                        } else
                                wild_entries[section->wild_count++] = entry;
                }
        }
        return 0;
}

void section_match_exact(const struct section *section, struct str name, section_match_fn match, void *userdata)
{
        for (const struct section_entry *e = slot_of(section, name)->first; e; e = e->next) {
                if (!e->pattern->never)
                        match(userdata, e->rule, e->pattern);
        }
}

static bool wild_matches(const struct pattern *p, struct str name, bool wildcards)
{
        if (!p->denies && !p->everything && !wildcards)
                return false;
        switch (pattern_match(p, name)) {
        case MATCH_YES:
                return true;
        case MATCH_UNSETTLED:
                return p->denies;
        case MATCH_NO:
                break;
        }
        return false;
}

void section_match_wild(
        const struct section *section, struct str name, bool wildcards, section_match_fn match, void *userdata)
{
        for (size_t i = 0; i < section->wild_count; ++i) {
                const struct section_entry *e = &section->wild[i];

                if (wild_matches(e->pattern, name, wildcards))
                        match(userdata, e->rule, e->pattern);
        }
}
