/* SPDX-License-Identifier: Apache-2.0 */
#include "redact.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>

#include "alloc.h"
#include "forms.h"
#include "limit.h"
#include "looking.h"

static_assert(LIMIT_SECRET_MIN_BYTES >= FINDER_MIN_BYTES, "every form of a secret is long enough to be searched for");

/* For each byte of the longest form, which is five times as long as its secret: two rounds of character references of eight bytes,
 * &#x0061;, come to 64 a byte of the secret. */
#define ENCODED_CHAR_BYTES 16U

/* The memory of secrets that were added together; it never moves. */
struct batch {
        struct batch *next;
        char *marks; /* "[redacted:NAME]", behind one another */
        char *forms; /* the same; wiped */
        size_t form_size;
};

struct redactor {
        struct looking looking;
        struct batch *batches;
};

static void batch_free(struct batch *b)
{
        if (!b)
                return;
        if (b->forms)
                explicit_bzero(b->forms, b->form_size);
        mem_free(b->forms);
        mem_free(b->marks);
        mem_free(b);
}

static void looking_deinit(struct looking *l)
{
        if (l->finder)
                finder_deinit(l->finder);
        mem_free(l->finder);
        decoded_search_free(l->search);
        mem_free(l->patterns);
        mem_free(l->info);
}

struct redactor *redactor_free(struct redactor *r)
{
        struct batch *b = r ? r->batches : NULL;

        if (!r)
                return NULL;
        looking_deinit(&r->looking);
        while (b) {
                struct batch *next = b->next;

                batch_free(b);
                b = next;
        }
        mem_free(r);
        return NULL;
}

static char *write_mark(char *at, struct str name)
{
        static const char prefix[] = "[redacted:";

        memcpy(at, prefix, sizeof(prefix) - 1);
        at += sizeof(prefix) - 1;
        for (size_t i = 0; i < name.len; i++) {
                char c = name.ptr[i];
                bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
                             c == '-' || c == '.';

                /* The mark stands within JSON strings and on terminals: nothing in it may need an escape there. */
                *at++ = plain ? c : '_';
        }
        *at++ = ']';
        return at;
}

static struct batch *batch_new(const struct redact_secret *secrets, size_t count)
{
        struct batch *b = mem_calloc(1, sizeof(*b));
        size_t mark_size = 0;

        if (!b)
                return NULL;
        for (size_t i = 0; i < count; i++) {
                mark_size += sizeof("[redacted:]") + secrets[i].name.len;
                b->form_size += forms_size(secrets[i].value);
        }
        b->marks = mem_alloc(mark_size);
        b->forms = mem_alloc(b->form_size);
        if (b->marks && b->forms)
                return b;
        batch_free(b);
        return NULL;
}

static void add_forms(struct looking *l, struct str value, char *space, struct str mark)
{
        struct form forms[FORMS_MAX];
        size_t count = forms_make(value, space, forms);

        for (size_t i = 0; i < count; i++) {
                size_t length = forms[i].text.len + forms[i].edge_before + forms[i].edge_behind;

                l->patterns[l->count] = forms[i].text;
                l->info[l->count] = (struct pattern_info){ mark, forms[i].edge_before, forms[i].edge_behind, i == 0 };
                l->count++;
                if (length > l->longest)
                        l->longest = length;
        }
}

/* Is the value itself looked for? Then all its forms are. */
static bool knows(const struct looking *l, struct str value)
{
        for (size_t i = 0; i < l->count; i++) {
                if (l->info[i].plain && str_eq(l->patterns[i], value))
                        return true;
        }
        return false;
}

/* How many of them it does not know, at most. */
static size_t count_new(const struct looking *l, const struct redact_secret *secrets, size_t count)
{
        size_t fresh = 0;

        for (size_t i = 0; i < count; i++)
                fresh += !knows(l, secrets[i].value);
        return fresh;
}

static void fill_batch(struct looking *l, const struct batch *b, const struct redact_secret *secrets, size_t count)
{
        char *forms = b->forms, *marks = b->marks;

        for (size_t i = 0; i < count; i++) {
                char *end;

                if (knows(l, secrets[i].value))
                        continue;
                end = write_mark(marks, secrets[i].name);
                l->secrets++;
                add_forms(l, secrets[i].value, forms, str_of(marks, (size_t)(end - marks)));
                forms += forms_size(secrets[i].value);
                marks = end;
        }
}

/* What is looked for already, and the forms of @secrets, for which @b has the memory. */
static int looking_more(
        struct looking *ret, const struct looking *old, const struct batch *b, const struct redact_secret *secrets, size_t count)
{
        const size_t most = old->count + count * FORMS_MAX;
        struct looking l = { .count = old->count, .secrets = old->secrets, .longest = old->longest };
        int result = -ENOMEM;

        l.patterns = mem_calloc(most, sizeof(*l.patterns));
        l.info = mem_calloc(most, sizeof(*l.info));
        l.finder = mem_calloc(1, sizeof(*l.finder));
        if (l.patterns && l.info && l.finder) {
                if (old->count) {
                        memcpy(l.patterns, old->patterns, old->count * sizeof(*l.patterns));
                        memcpy(l.info, old->info, old->count * sizeof(*l.info));
                }
                fill_batch(&l, b, secrets, count);
                result = finder_init(l.finder, l.patterns, l.count);
        }
        if (result == 0) {
                l.search = decoded_search_new(l.finder, l.info, l.longest);
                result = l.search ? 0 : -ENOMEM;
        }
        if (result < 0)
                looking_deinit(&l);
        else
                *ret = l;
        return result;
}

int redactor_add(struct redactor *r, const struct redact_secret *secrets, size_t count)
{
        struct looking more;
        struct batch *b;
        int result;

        for (size_t i = 0; i < count; i++) {
                if (secrets[i].value.len < LIMIT_SECRET_MIN_BYTES)
                        return -EINVAL;
        }
        if (count_new(&r->looking, secrets, count) == 0)
                return 0;
        if (count_new(&r->looking, secrets, count) > LIMIT_REDACTED_SECRETS - r->looking.secrets)
                return -E2BIG;
        b = batch_new(secrets, count);
        if (!b)
                return -ENOMEM;
        result = looking_more(&more, &r->looking, b, secrets, count);
        if (result < 0) {
                batch_free(b);
                return result;
        }
        looking_deinit(&r->looking);
        r->looking = more;
        b->next = r->batches;
        r->batches = b;
        return 0;
}

int redactor_new(struct redactor **ret, const struct redact_secret *secrets, size_t count)
{
        struct redactor *r = mem_calloc(1, sizeof(*r));
        int result = r ? redactor_add(r, secrets, count) : -ENOMEM;

        if (result < 0)
                redactor_free(r);
        else
                *ret = r;
        return result;
}

bool redactor_is_empty(const struct redactor *r)
{
        return !r || r->looking.count == 0;
}

const struct looking *redactor_looking(const struct redactor *r)
{
        return &r->looking;
}

bool redactor_finds(const struct redactor *r, struct str text)
{
        return r && looking_finds(&r->looking, text, false);
}

bool redactor_finds_json(const struct redactor *r, struct str line)
{
        return r && looking_finds(&r->looking, line, true);
}

size_t redactor_longest(const struct redactor *r)
{
        return r->looking.longest * ENCODED_CHAR_BYTES;
}
