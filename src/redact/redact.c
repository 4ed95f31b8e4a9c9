/* SPDX-License-Identifier: Apache-2.0 */
#include "redact.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>

#include "alloc.h"
#include "finder.h"
#include "forms.h"
#include "limit.h"

static_assert(LIMIT_SECRET_MIN_BYTES >= FINDER_MIN_BYTES, "every form of a secret is long enough to be searched for");

struct pattern_info {
        uint32_t mark; /* index of the secret's mark */
        uint8_t edge_before, edge_behind;
};

struct redactor {
        struct finder finder;
        struct str *patterns;
        struct pattern_info *info; /* one a pattern */
        size_t pattern_count;
        struct str *marks; /* "[redacted:NAME]", one a secret; in mark_space */
        char *mark_space;
        char *form_space; /* all forms, behind one another; wiped */
        size_t form_size;
        size_t longest;
};

struct redactor *redactor_free(struct redactor *r)
{
        if (!r)
                return NULL;
        finder_deinit(&r->finder);
        if (r->form_space)
                explicit_bzero(r->form_space, r->form_size);
        mem_free(r->form_space);
        mem_free(r->patterns);
        mem_free(r->info);
        mem_free(r->marks);
        mem_free(r->mark_space);
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

static int make_marks(struct redactor *r, const struct redact_secret *secrets, size_t count)
{
        size_t size = 0;
        char *at;

        for (size_t i = 0; i < count; i++)
                size += sizeof("[redacted:]") + secrets[i].name.len;
        r->marks = mem_calloc(count, sizeof(*r->marks));
        r->mark_space = mem_alloc(size);
        if (!r->marks || !r->mark_space)
                return -ENOMEM;
        at = r->mark_space;
        for (size_t i = 0; i < count; i++) {
                char *end = write_mark(at, secrets[i].name);

                r->marks[i] = str_of(at, (size_t)(end - at));
                at = end;
        }
        return 0;
}

static void add_patterns(struct redactor *r, struct str value, char *space, uint32_t mark)
{
        struct form forms[FORMS_MAX];
        size_t count = forms_make(value, space, forms);

        for (size_t i = 0; i < count; i++) {
                size_t length = forms[i].text.len + forms[i].edge_before + forms[i].edge_behind;

                r->patterns[r->pattern_count] = forms[i].text;
                r->info[r->pattern_count] =
                        (struct pattern_info){ mark, forms[i].edge_before, forms[i].edge_behind };
                r->pattern_count++;
                if (length > r->longest)
                        r->longest = length;
        }
}

static int make_patterns(struct redactor *r, const struct redact_secret *secrets, size_t count)
{
        size_t at = 0;

        for (size_t i = 0; i < count; i++)
                r->form_size += forms_size(secrets[i].value);
        r->form_space = mem_alloc(r->form_size);
        r->patterns = mem_calloc(count, FORMS_MAX * sizeof(*r->patterns));
        r->info = mem_calloc(count, FORMS_MAX * sizeof(*r->info));
        if (!r->form_space || !r->patterns || !r->info)
                return -ENOMEM;
        for (size_t i = 0; i < count; i++) {
                add_patterns(r, secrets[i].value, r->form_space + at, (uint32_t)i);
                at += forms_size(secrets[i].value);
        }
        return 0;
}

int redactor_new(struct redactor **ret, const struct redact_secret *secrets, size_t count)
{
        struct redactor *r;
        int result;

        for (size_t i = 0; i < count; i++) {
                if (secrets[i].value.len < LIMIT_SECRET_MIN_BYTES)
                        return -EINVAL;
        }
        if (count > UINT32_MAX / FORMS_MAX)
                return -EINVAL;
        r = mem_calloc(1, sizeof(*r));
        if (!r)
                return -ENOMEM;
        result = make_marks(r, secrets, count);
        if (result == 0)
                result = make_patterns(r, secrets, count);
        if (result == 0)
                result = finder_init(&r->finder, r->patterns, r->pattern_count);
        if (result < 0) {
                redactor_free(r);
                return result;
        }
        *ret = r;
        return 0;
}

bool redactor_finds(const struct redactor *r, struct str text)
{
        return finder_finds(&r->finder, text);
}

size_t redactor_longest(const struct redactor *r)
{
        return r->longest;
}

/* --- Replacing --- */

static bool is_base64(char c)
{
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' || c == '/' ||
               c == '-' || c == '_';
}

/* Widens a match by the characters beside it that hold bits of the secret. */
static void take_edges(const struct redactor *r, struct str text, struct finder_match *match)
{
        const struct pattern_info *info = &r->info[match->pattern];

        if (info->edge_before && match->begin > 0 && is_base64(text.ptr[match->begin - 1]))
                match->begin--;
        if (info->edge_behind && match->end < text.len && is_base64(text.ptr[match->end]))
                match->end++;
}

/* The next stretch to replace: a match with all that overlap it. @pending is a match found but not used yet. */
struct search {
        struct str text;
        struct finder_match pending;
        bool has_pending;
};

static void search_advance(struct search *s, const struct redactor *r, size_t from)
{
        s->has_pending = finder_next(&r->finder, s->text, from, &s->pending);
}

static bool search_next(struct search *s, const struct redactor *r, struct finder_match *ret)
{
        struct finder_match whole;

        if (!s->has_pending)
                return false;
        whole = s->pending;
        search_advance(s, r, whole.begin + 1);
        take_edges(r, s->text, &whole);
        while (s->has_pending && s->pending.begin < whole.end) {
                struct finder_match other = s->pending;

                search_advance(s, r, other.begin + 1);
                take_edges(r, s->text, &other);
                if (other.end > whole.end)
                        whole.end = other.end;
        }
        *ret = whole;
        return true;
}

/* Length of the unit at the start of @rest (the inside of a canonical JSON string) that may not be torn. */
static size_t string_unit(struct str rest)
{
        uint8_t first = (uint8_t)rest.ptr[0];
        size_t n = 1;

        if (first == '\\')
                n = rest.len > 1 && rest.ptr[1] == 'u' ? 6 : 2;
        else if (first >= 0xC0)
                n = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        return n < rest.len ? n : rest.len;
}

/* Moves @begin back and @end on to borders of units; @unit is a border at or before @begin, and moves on with it. */
static void take_units(struct str text, struct finder_match *match, size_t *unit)
{
        while (*unit < match->end) {
                size_t next = *unit + string_unit(str_skip(text, *unit));

                if (*unit <= match->begin && next > match->begin)
                        match->begin = *unit;
                *unit = next;
        }
        match->end = *unit;
}

static int replace(const struct redactor *r, struct str text, bool in_json_string, struct buf *out)
{
        struct search search = { .text = text };
        struct finder_match match;
        size_t copied = 0, unit = 0;

        search_advance(&search, r, 0);
        while (search_next(&search, r, &match)) {
                int result;

                if (in_json_string)
                        take_units(text, &match, &unit);
                if (match.begin < copied)
                        match.begin = copied;
                result = buf_append(out, text.ptr + copied, match.begin - copied);
                if (result == 0)
                        result = buf_append_str(out, r->marks[r->info[match.pattern].mark]);
                if (result < 0)
                        return result;
                copied = match.end;
        }
        return buf_append_str(out, str_skip(text, copied));
}

int redactor_apply(const struct redactor *r, struct str text, struct buf *out)
{
        size_t begin = out->len;
        int result;

        if (!redactor_finds(r, text))
                return buf_append_str(out, text);
        result = replace(r, text, false, out);
        if (result < 0)
                out->len = begin;
        return result;
}

/* Index behind the last byte of the string's inside that begins at @at. */
static size_t string_end(struct str line, size_t at)
{
        while (at < line.len && line.ptr[at] != '"')
                at += line.ptr[at] == '\\' ? 2 : 1;
        return at < line.len ? at : line.len;
}

static size_t number_end(struct str line, size_t at)
{
        while (at < line.len && line.ptr[at] && strchr("0123456789+-.eE", line.ptr[at]))
                at++;
        return at;
}

static int replace_number(const struct redactor *r, struct str number, struct buf *out)
{
        struct finder_match match;
        int result;

        if (!finder_next(&r->finder, number, 0, &match))
                return buf_append_str(out, number);
        result = buf_append_char(out, '"');
        if (result == 0)
                result = buf_append_str(out, r->marks[r->info[match.pattern].mark]);
        return result < 0 ? result : buf_append_char(out, '"');
}

static int replace_values(const struct redactor *r, struct str line, struct buf *out)
{
        size_t at = 0;

        while (at < line.len) {
                char c = line.ptr[at];
                size_t end;
                int result;

                if (c == '"') {
                        end = string_end(line, at + 1);
                        result = buf_append_char(out, '"');
                        if (result == 0)
                                result = replace(r, str_of(line.ptr + at + 1, end - at - 1), true, out);
                        if (result == 0 && end < line.len)
                                result = buf_append_char(out, line.ptr[end++]);
                } else if (c == '-' || (c >= '0' && c <= '9')) {
                        end = number_end(line, at);
                        result = replace_number(r, str_of(line.ptr + at, end - at), out);
                } else {
                        end = at + 1;
                        result = buf_append_char(out, c);
                }
                if (result < 0)
                        return result;
                at = end;
        }
        return 0;
}

int redactor_apply_json(const struct redactor *r, struct str line, struct buf *out)
{
        size_t begin = out->len;
        int result;

        if (!redactor_finds(r, line))
                return buf_append_str(out, line);
        result = replace_values(r, line, out);
        /* What is left is a secret that no single value holds. */
        if (result == 0 && redactor_finds(r, str_skip(buf_str(out), begin)))
                result = -EBADMSG;
        if (result < 0)
                out->len = begin;
        return result;
}
