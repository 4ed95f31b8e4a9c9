/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may answer a card with a signature: everybody who is on the list of every policy that has one. Immutable once made, shared by
 * reference count.
 *
 * What counts is people, not keys and not names: lines of any of the lists that have a name or a key in common are one person, who
 * is called by the first name of the first of them. Two signatures by one person are one approval.
 */
#pragma once

#include "allowed_signers.h"
#include "card.h"

struct approvers;

/* The lists of one policy; both pass to whoever takes it. */
struct approvers_source {
        struct signers signers;
        struct revoked_keys revoked; /* all zero: no list */
};
void approvers_source_deinit(struct approvers_source *source); /* idempotent */

/* Takes the sources (and frees them when it fails). @count is 1 to LIMIT_POLICIES. 0 or -ENOMEM. */
int approvers_new(struct approvers **ret, const struct approvers_source *sources, size_t count);
struct approvers *approvers_ref(struct approvers *approvers);   /* NULL is fine */
struct approvers *approvers_unref(struct approvers *approvers); /* NULL is fine; returns NULL */

/* How many different people could answer something, were it within all their dates. */
size_t approvers_people(const struct approvers *approvers);

enum approvers_change {
        APPROVERS_SAME,
        APPROVERS_FEWER, /* keys were revoked; nothing else is different */
        APPROVERS_OTHER,
};
/* From @before to @after; NULL: anybody at this machine. Lists are the same when their bytes are. */
enum approvers_change approvers_compare(const struct approvers *before, const struct approvers *after);
/* Is it made of that very list, be it of signers or of revoked keys? @approvers may be NULL. */
bool approvers_know_list(const struct approvers *approvers, struct str text);

struct approver {
        struct str name; /* of the person; lives as long as the approvers */
        enum ssh_key_kind kind;
        uint8_t fingerprint[SSH_FINGERPRINT_BYTES];
};

/* Is @signature (the text of a file of `ssh-keygen -Y sign`) one by a person who may answer, at this time, over @text for the
 * namespace @name_space? 0 with *ret; -EPERM with a sentence for the person in *ret_why; -ENOMEM. */
int approvers_verify(const struct approvers *approvers, struct str name_space, struct str text, struct str signature, uint64_t now_ms,
        struct approver *ret, const char **ret_why);

/* The same for a card's statement (statement.h), and only before the card expires. */
int approver_check(const struct approvers *approvers, const struct card *card, bool approve, struct str signature, uint64_t now_ms,
        struct approver *ret, const char **ret_why);
