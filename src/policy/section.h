/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules about one kind of thing (tools, prompts, resources, ...), laid out for deciding: patterns without
 * wildcards stand in a hash table, the others in a list. Which rules match does not depend on their order.
 */
#pragma once

#include "pattern.h"
#include "policy.h"
#include "terms.h"

/* What a rule says of the person who is asked, and of where the call goes. */
struct rule_call {
        struct str lane, say, undo;
        uint32_t by;      /* 0: does not say */
        uint32_t hold_ms; /* the same */
};

struct rule {
        struct rule *next;
        enum verdict verdict;
        uint32_t index; /* in its section: the first of equals is the one that is named */
        struct str id, because;
        struct pattern *patterns;     /* any of them */
        const struct terms *terms;    /* NULL: whatever the arguments are */
        const struct rule_call *call; /* NULL: nothing said */
        uint32_t pattern_count;
        uint32_t line, column;
        uint32_t id_line, id_column, id_length; /* of `id:`; 0 without */
};

struct section_entry {
        const struct rule *rule;
        const struct pattern *pattern;
        uint32_t hash; /* of an exact pattern's name */
        uint32_t next; /* number of the entry with the same name again, in the file's order; 0: none */
};

struct section {
        struct rule *first, **tail;
        size_t rule_count;
        const struct section_entry *exact; /* of the patterns without wildcards, numbered from 1 */
        uint32_t *slots;                   /* number of the first entry of a name, 0: empty; at most half full */
        size_t slot_count;                 /* a power of two */
        const struct section_entry *wild;
        uint32_t exact_count, wild_count; /* of the two */
        bool denies;      /* has a deny rule */
        bool approves;    /* has an approve rule */
        bool conditional; /* has a rule with terms */
        bool opens;       /* an allow rule has the pattern `**`, whatever the arguments are, and no lane */
};

void section_init(struct section *section);

/* @rule joins; its memory is the arena's. */
void section_add(struct section *section, struct rule *rule);

/* Builds the index when all rules are in: 0 or -ENOMEM. */
int section_index(struct section *section, struct arena *arena);

typedef void (*section_match_fn)(void *userdata, const struct rule *rule, const struct pattern *pattern);

/* Rules that name @name without a wildcard. */
void section_match_exact(const struct section *section, struct str name, section_match_fn match, void *userdata);

/* Rules with wildcards, where @wildcards says whether a wildcard of an allow pattern may be trusted with this name. The
 * pattern `**` always matches. A deny pattern that could not be settled counts as a match, an allow pattern does not.
 */
void section_match_wild(
        const struct section *section, struct str name, bool wildcards, section_match_fn match, void *userdata);
