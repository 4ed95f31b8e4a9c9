/* SPDX-License-Identifier: Apache-2.0 */
#include "section.h"

#include <errno.h>

static uint32_t hash_of(struct str s)
{
        uint64_t h = str_hash(s);

        return (uint32_t)(h ^ h >> 32);
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
                section->exact_count += rule->patterns[i].exact;
                section->wild_count += !rule->patterns[i].exact;
                if (rule->verdict == VERDICT_ALLOW && rule->patterns[i].everything && !rule->terms && !rule->call)
                        section->opens = true;
        }
}

/* The entry with that number, which counts from 1; NULL for 0. */
static const struct section_entry *entry_of(const struct section *section, uint32_t number)
{
        return number ? &section->exact[number - 1] : NULL;
}

static uint32_t *slot_of(const struct section *section, struct str name, uint32_t hash)
{
        for (size_t i = hash & (section->slot_count - 1);; i = (i + 1) & (section->slot_count - 1)) {
                const struct section_entry *e = entry_of(section, section->slots[i]);

                if (!e || (e->hash == hash && str_eq(e->pattern->prefix, name)))
                        return &section->slots[i];
        }
}

/* From the last to the first, so that entries of one name come out in the file's order. */
static void index_exact(struct section *section, struct section_entry *entries)
{
        section->exact = entries;
        for (uint32_t number = section->exact_count; number > 0; --number) {
                struct section_entry *entry = &entries[number - 1];
                uint32_t *slot;

                entry->hash = hash_of(entry->pattern->prefix);
                slot = slot_of(section, entry->pattern->prefix, entry->hash);
                entry->next = *slot;
                *slot = number;
        }
}

int section_index(struct section *section, struct arena *arena)
{
        size_t slots = 4;
        struct section_entry *exact = arena_array(arena, section->exact_count, sizeof(*exact));
        struct section_entry *wild = arena_array(arena, section->wild_count, sizeof(*wild));
        struct section_entry *next_exact = exact, *next_wild = wild;

        while (slots < 2 * (size_t)section->exact_count)
                slots *= 2;
        section->slots = arena_array(arena, slots, sizeof(*section->slots));
        if (!section->slots || !exact || !wild)
                return -ENOMEM;
        section->slot_count = slots;
        section->wild = wild;
        for (const struct rule *rule = section->first; rule; rule = rule->next) {
                for (size_t i = 0; i < rule->pattern_count; ++i) {
                        struct section_entry entry = { .rule = rule, .pattern = &rule->patterns[i] };

                        if (entry.pattern->exact)
                                *next_exact++ = entry;
                        else
                                *next_wild++ = entry;
                }
        }
        index_exact(section, exact);
        return 0;
}

void section_match_exact(const struct section *section, struct str name, section_match_fn match, void *userdata)
{
        uint32_t first = *slot_of(section, name, hash_of(name));

        for (const struct section_entry *e = entry_of(section, first); e; e = entry_of(section, e->next)) {
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
