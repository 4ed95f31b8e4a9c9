/* SPDX-License-Identifier: Apache-2.0 */
#include "approvers.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

#include "alloc.h"
#include "limit.h"
#include "sshsig.h"
#include "statement.h"

struct approvers {
        unsigned refs;
        struct approvers_source sources[LIMIT_POLICIES];
        size_t count;
        size_t firsts[LIMIT_POLICIES]; /* index, among all lines of all lists, of a list's first */
        size_t *people; /* of each such line, the first line of the same person */
        size_t lines;
};

void approvers_source_deinit(struct approvers_source *source)
{
        signers_deinit(&source->signers);
        revoked_keys_deinit(&source->revoked);
}

/* --- people --- */

/* A name or a key, and a line that has it. */
struct mark {
        struct str text;
        bool is_key;
        size_t line;
};

static int by_text(const void *a, const void *b)
{
        const struct mark *x = a, *y = b;

        return x->is_key != y->is_key ? (int)x->is_key - (int)y->is_key : str_cmp(x->text, y->text);
}

static size_t person_of(size_t *people, size_t line)
{
        while (people[line] != line)
                line = people[line] = people[people[line]];
        return line;
}

static void join(size_t *people, size_t a, size_t b)
{
        a = person_of(people, a);
        b = person_of(people, b);
        if (a < b)
                people[b] = a;
        else
                people[a] = b;
}

static const struct signer *line_at(const struct approvers *approvers, size_t line)
{
        size_t source = approvers->count - 1;

        while (approvers->firsts[source] > line)
                source--;
        return &approvers->sources[source].signers.list[line - approvers->firsts[source]];
}

static size_t marks_of(const struct approvers *approvers, struct mark *into)
{
        size_t count = 0;

        for (size_t line = 0; line < approvers->lines; line++) {
                const struct signer *signer = line_at(approvers, line);
                struct str names = signer->names, name;

                while (signers_next_name(&names, &name)) {
                        if (into)
                                into[count] = (struct mark){ name, false, line };
                        count++;
                }
                if (into)
                        into[count] = (struct mark){ str_of((const char *)signer->key.fingerprint, SSH_FINGERPRINT_BYTES), true, line };
                count++;
        }
        return count;
}

static int find_people(struct approvers *approvers)
{
        const size_t count = marks_of(approvers, NULL);
        struct mark *marks = mem_calloc(count + 1, sizeof(*marks));

        approvers->people = mem_calloc(approvers->lines + 1, sizeof(*approvers->people));
        if (!marks || !approvers->people) {
                mem_free(marks);
                return -ENOMEM;
        }
        for (size_t line = 0; line < approvers->lines; line++)
                approvers->people[line] = line;
        marks_of(approvers, marks);
        qsort(marks, count, sizeof(*marks), by_text);
        for (size_t i = 1; i < count; i++) {
                if (by_text(&marks[i - 1], &marks[i]) == 0)
                        join(approvers->people, marks[i - 1].line, marks[i].line);
        }
        mem_free(marks);
        for (size_t line = 0; line < approvers->lines; line++)
                approvers->people[line] = person_of(approvers->people, line);
        return 0;
}

int approvers_new(struct approvers **ret, const struct approvers_source *sources, size_t count)
{
        struct approvers *approvers = mem_calloc(1, sizeof(*approvers));

        if (!approvers) {
                for (size_t i = 0; i < count; i++)
                        approvers_source_deinit(&(struct approvers_source){ sources[i].signers, sources[i].revoked });
                return -ENOMEM;
        }
        approvers->refs = 1;
        for (size_t i = 0; i < count; i++) {
                approvers->sources[i] = sources[i];
                approvers->firsts[i] = approvers->lines;
                approvers->lines += sources[i].signers.count;
        }
        approvers->count = count;
        if (find_people(approvers) < 0) {
                approvers_unref(approvers);
                return -ENOMEM;
        }
        *ret = approvers;
        return 0;
}

struct approvers *approvers_ref(struct approvers *approvers)
{
        if (approvers)
                approvers->refs++;
        return approvers;
}

struct approvers *approvers_unref(struct approvers *approvers)
{
        if (!approvers || --approvers->refs)
                return NULL;
        for (size_t i = 0; i < approvers->count; i++)
                approvers_source_deinit(&approvers->sources[i]);
        mem_free(approvers->people);
        mem_free(approvers);
        return NULL;
}

/* --- comparing --- */

static bool revokes_all_of(const struct revoked_keys *after, const struct revoked_keys *before)
{
        for (size_t i = 0; i < before->count; i++) {
                if (!revoked_keys_has(after, before->fingerprints[i]))
                        return false;
        }
        return true;
}

static bool same_revoked(const struct revoked_keys *a, const struct revoked_keys *b)
{
        return memcmp(a->digest, b->digest, sizeof(a->digest)) == 0;
}

enum approvers_change approvers_compare(const struct approvers *before, const struct approvers *after)
{
        enum approvers_change change = APPROVERS_SAME;

        if (!before || !after)
                return before == after ? APPROVERS_SAME : APPROVERS_OTHER;
        if (before->count != after->count)
                return APPROVERS_OTHER;
        for (size_t i = 0; i < before->count; i++) {
                const struct approvers_source *a = &before->sources[i], *b = &after->sources[i];

                if (!str_eq(buf_str(&a->signers.text), buf_str(&b->signers.text)) || !revokes_all_of(&b->revoked, &a->revoked))
                        return APPROVERS_OTHER;
                if (!same_revoked(&a->revoked, &b->revoked))
                        change = APPROVERS_FEWER;
        }
        return change;
}

bool approvers_know_list(const struct approvers *approvers, struct str text)
{
        uint8_t digest[32];

        crypto_hash_sha256(digest, (const unsigned char *)text.ptr, text.len);
        for (size_t i = 0; approvers && i < approvers->count; i++) {
                if (str_eq(buf_str(&approvers->sources[i].signers.text), text) ||
                        memcmp(approvers->sources[i].revoked.digest, digest, sizeof(digest)) == 0)
                        return true;
        }
        return false;
}

/* --- verifying --- */

/* Of all reasons against a key, the one that says most to who holds it. */
enum standing { UNKNOWN_KEY, OTHER_NAMESPACE, TOO_EARLY, TOO_LATE, GOOD };

static const char *const standing_words[] = {
        [UNKNOWN_KEY] = "nobody on the list of approvers has this key: sign with a key that stands there",
        [OTHER_NAMESPACE] = "the list of approvers has this key for other namespaces only",
        [TOO_EARLY] = "this key may not sign yet: the list of approvers says from when on",
        [TOO_LATE] = "this key may not sign any more: the list of approvers says until when it could",
};

static enum standing standing_of(const struct signer *signer, struct str name_space, uint64_t now_ms)
{
        if (!signer_is_for(signer, name_space))
                return OTHER_NAMESPACE;
        if (now_ms < signer->from_ms)
                return TOO_EARLY;
        return now_ms < signer->until_ms ? GOOD : TOO_LATE;
}

static enum standing find_key(const struct signers *signers, const uint8_t *fingerprint, struct str name_space, uint64_t now_ms,
        size_t *ret_index)
{
        enum standing best = UNKNOWN_KEY;

        for (size_t i = 0; i < signers->count; i++) {
                enum standing here;

                if (!ssh_fingerprint_eq(signers->list[i].key.fingerprint, fingerprint))
                        continue;
                here = standing_of(&signers->list[i], name_space, now_ms);
                if (here > best) {
                        best = here;
                        *ret_index = i;
                }
        }
        return best;
}

/* On every list, and revoked by none. NULL with the line's number in *ret_line, or what is against it. */
static const char *find_line(const struct approvers *approvers, const uint8_t *fingerprint, struct str name_space, uint64_t now_ms,
        size_t *ret_line)
{
        for (size_t i = 0; i < approvers->count; i++) {
                size_t index = 0;
                const enum standing standing = find_key(&approvers->sources[i].signers, fingerprint, name_space, now_ms, &index);

                if (revoked_keys_has(&approvers->sources[i].revoked, fingerprint))
                        return "this key has been revoked: sign with another one";
                if (standing != GOOD)
                        return standing_words[standing];
                if (i == 0)
                        *ret_line = index;
        }
        return NULL;
}

static bool is_on_every_list(const struct approvers *approvers, const uint8_t *fingerprint)
{
        for (size_t i = 0; i < approvers->count; i++) {
                const struct signers *signers = &approvers->sources[i].signers;
                bool here = false;

                for (size_t k = 0; k < signers->count && !here; k++)
                        here = ssh_fingerprint_eq(signers->list[k].key.fingerprint, fingerprint);
                if (!here || revoked_keys_has(&approvers->sources[i].revoked, fingerprint))
                        return false;
        }
        return true;
}

/* Lines of the first list whose key stands on the others too, by person. */
size_t approvers_people(const struct approvers *approvers)
{
        const struct signers *first = &approvers->sources[0].signers;
        size_t people = 0;

        for (size_t i = 0; i < first->count; i++) {
                bool counted = !is_on_every_list(approvers, first->list[i].key.fingerprint);

                for (size_t k = 0; k < i && !counted; k++)
                        counted = approvers->people[k] == approvers->people[i] &&
                                  is_on_every_list(approvers, first->list[k].key.fingerprint);
                people += !counted;
        }
        return people;
}

int approvers_verify(const struct approvers *approvers, struct str name_space, struct str text, struct str signature, uint64_t now_ms,
        struct approver *ret, const char **ret_why)
{
        AUTO_BUF struct buf blob = BUF_INIT(LIMIT_SSHSIG_BYTES);
        struct str names;
        struct sshsig sig;
        size_t line = 0;
        int e = sshsig_read(&sig, signature, &blob, ret_why);

        if (e < 0)
                return e == -ENOMEM ? e : -EPERM;
        *ret_why = find_line(approvers, sig.key.fingerprint, name_space, now_ms, &line);
        if (*ret_why)
                return -EPERM;
        e = sshsig_verify(&sig, name_space, text, ret_why);
        if (e < 0)
                return e;
        *ret = (struct approver){ .kind = sig.key.kind };
        memcpy(ret->fingerprint, sig.key.fingerprint, sizeof(ret->fingerprint));
        names = line_at(approvers, approvers->people[line])->names;
        signers_next_name(&names, &ret->name);
        return 0;
}

int approver_check(const struct approvers *approvers, const struct card *card, bool approve, struct str signature, uint64_t now_ms,
        struct approver *ret, const char **ret_why)
{
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_STATEMENT_BYTES);

        if (now_ms >= card->expires_ms) {
                *ret_why = "the approval has expired: let the call be made again";
                return -EPERM;
        }
        if (statement_write(&text, card, approve) < 0)
                return -ENOMEM;
        return approvers_verify(approvers, STR(STATEMENT_NAMESPACE), buf_str(&text), signature, now_ms, ret, ret_why);
}
