/* SPDX-License-Identifier: Apache-2.0 */
#include "condition.h"

#include <stdio.h>

#include "equal.h"
#include "limit.h"
#include "rounding.h"
#include "scratch.h"

/* Memory that unescaped strings leave behind. */
#define TEXT_KEEP (64U << 10)

/* Against LIMIT_CONDITION_STEPS: a regular expression, and so many bytes of text that are gone over. */
#define REGEX_STEPS 1000U
#define RECOGNISER_STEPS 100U
#define TEXT_BYTES_PER_STEP 64U
#define DIGITS_PER_STEP 8U

/* The value at hand; its text is unescaped once for all conditions. */
struct value {
        struct condition_context *context;
        uint32_t token; /* 0: none */
        enum { TEXT_NOT_READ, TEXT_READ, TEXT_UNREADABLE } state;
        struct str text;
};

static enum condition_outcome outcome_of(bool holds)
{
        return holds ? CONDITION_HOLDS : CONDITION_FAILS;
}

void condition_words(const struct condition *list, struct buf *out)
{
        for (const struct condition *c = list; c; c = c->next) {
                buf_append_str(out, c->words);
                if (c->next)
                        buf_append_str(out, STR(" and "));
        }
}

static bool spend(const struct value *v, uint64_t steps)
{
        uint64_t *left = &v->context->steps;

        *left -= steps < *left ? steps : *left;
        return *left > 0;
}

unsigned condition_type_of(const struct json_doc *doc, uint32_t token)
{
        struct decimal number;

        switch (json_type_of(doc, token)) {
        case JSON_NULL:
                return TYPE_NULL;
        case JSON_FALSE:
        case JSON_TRUE:
                return TYPE_BOOLEAN;
        case JSON_NUMBER:
                if (decimal_read(json_text(doc, token), &number) && decimal_is_integer(&number))
                        return TYPE_NUMBER | TYPE_INTEGER;
                return TYPE_NUMBER;
        case JSON_STRING:
                return TYPE_STRING;
        case JSON_ARRAY:
                return TYPE_ARRAY;
        case JSON_OBJECT:
                return TYPE_OBJECT;
        }
        return 0;
}

static bool read_text(struct value *v)
{
        struct condition_context *c = v->context;
        struct buf none = BUF_INIT(0);
        struct buf *room = c->scratch ? &c->scratch->text : &none;

        if (v->state == TEXT_NOT_READ) {
                buf_clear(room, TEXT_KEEP);
                v->state = json_string_get(c->doc, v->token, room, &v->text) == 0 ? TEXT_READ : TEXT_UNREADABLE;
        }
        return v->state == TEXT_READ;
}

/* Different numbers that are one to a server that rounds: whether they are equal nobody can tell. */
static bool may_be_one(const struct value *v, const struct json_doc *other_doc)
{
        const struct json_doc *doc = v->context->doc;
        struct decimal number, other;

        if (json_type_of(doc, v->token) != JSON_NUMBER || json_type_of(other_doc, 0) != JSON_NUMBER ||
                !decimal_read(json_text(doc, v->token), &number) || !decimal_read(json_text(other_doc, 0), &other))
                return false;
        return !spend(v, number.digits.len / DIGITS_PER_STEP) || decimals_round_alike(&number, &other);
}

/* A value of a type that none of the wanted ones has is not different, it is not understood: some server might take "5" for 5.
 * But whoever names null means it. */
static enum condition_outcome one_of(const struct condition *c, struct value *v)
{
        const struct json_doc *doc = v->context->doc;
        unsigned type = condition_type_of(doc, v->token) & ~TYPE_INTEGER;
        bool unsettled = false;

        if (!(type & c->types) && !(c->types == TYPE_NULL))
                return CONDITION_UNREADABLE;
        for (size_t i = 0; i < c->count; ++i) {
                enum json_equality equality = json_equal(doc, v->token, &c->values[i], 0, &v->context->steps);

                if (equality == JSON_EQUAL)
                        return CONDITION_HOLDS;
                unsettled |= equality == JSON_EQUALITY_UNSETTLED || may_be_one(v, &c->values[i]);
        }
        return unsettled ? CONDITION_UNREADABLE : CONDITION_FAILS;
}

static enum condition_outcome opposite(enum condition_outcome outcome)
{
        return outcome == CONDITION_HOLDS ? CONDITION_FAILS : outcome == CONDITION_FAILS ? CONDITION_HOLDS : outcome;
}

static enum condition_outcome outcome_of_order(const struct condition *c, int order)
{
        if (c->kind == CONDITION_AT_LEAST)
                return outcome_of(order >= 0);
        if (c->kind == CONDITION_AT_MOST)
                return outcome_of(order <= 0);
        if (c->kind == CONDITION_ABOVE)
                return outcome_of(order > 0);
        return c->kind == CONDITION_BELOW ? outcome_of(order < 0) : CONDITION_UNREADABLE;
}

static enum condition_outcome compare(const struct condition *c, const struct decimal *number)
{
        return outcome_of_order(c, decimal_compare(number, &c->number));
}

/* Exactly; but where a server that rounds would come to something else, nothing is known. */
static enum condition_outcome compare_number(const struct condition *c, const struct value *v)
{
        const struct json_doc *doc = v->context->doc;
        struct decimal number;

        if (json_type_of(doc, v->token) != JSON_NUMBER || !decimal_read(json_text(doc, v->token), &number))
                return CONDITION_UNREADABLE;
        if (compare(c, &number) != outcome_of_order(c, 0) && decimals_round_alike(&number, &c->number))
                return CONDITION_UNREADABLE;
        return compare(c, &number);
}

static enum condition_outcome like(const struct condition *c, struct str text)
{
        bool unsettled = false;

        for (size_t i = 0; i < c->count; ++i) {
                enum pattern_match match = pattern_match(&c->patterns[i], text);

                if (match == MATCH_YES)
                        return CONDITION_HOLDS;
                unsettled |= match == MATCH_UNSETTLED;
        }
        return unsettled ? CONDITION_UNREADABLE : CONDITION_FAILS;
}

static enum condition_outcome regex(const struct condition *c, const struct value *v)
{
        struct policy_scratch *scratch = v->context->scratch;
        int r;

        if (!scratch || v->text.len > LIMIT_REGEX_SUBJECT_BYTES || !spend(v, REGEX_STEPS))
                return CONDITION_UNREADABLE;
        r = pcre2_match(c->regex, (PCRE2_SPTR)(v->text.len ? v->text.ptr : ""), v->text.len, 0, PCRE2_NO_UTF_CHECK,
                scratch->match, scratch->limits);
        if (r == PCRE2_ERROR_NOMATCH)
                return CONDITION_FAILS;
        return r < 0 ? CONDITION_UNREADABLE : CONDITION_HOLDS;
}

static bool has_text(enum condition_kind kind, struct str s, struct str part)
{
        if (kind == CONDITION_STARTS_WITH)
                return str_starts_with(s, part);
        if (kind == CONDITION_ENDS_WITH)
                return str_ends_with(s, part);
        return part.len == 0 || (s.len >= part.len && memmem(s.ptr, s.len, part.ptr, part.len) != NULL);
}

static enum condition_outcome check_text(const struct condition *c, struct value *v)
{
        if (!read_text(v) || !spend(v, v->text.len / TEXT_BYTES_PER_STEP))
                return CONDITION_UNREADABLE;
        if (c->kind == CONDITION_LIKE)
                return like(c, v->text);
        if (c->kind == CONDITION_REGEX)
                return regex(c, v);
        for (size_t i = 0; i < c->count; ++i) {
                if (has_text(c->kind, v->text, c->texts[i]))
                        return CONDITION_HOLDS;
        }
        return CONDITION_FAILS;
}

/* Reading costs more than comparing, symbolic links most. */
static enum condition_outcome recognise(const struct condition *c, struct value *v)
{
        if (!read_text(v) || !spend(v, RECOGNISER_STEPS + v->text.len / TEXT_BYTES_PER_STEP))
                return CONDITION_UNREADABLE;
        return condition_recognise(c, v->context, v->text);
}

/* Recipients may stand in a list. Where some are in the domains and some are not, it is neither. */
static enum condition_outcome check_mail(const struct condition *c, struct value *v)
{
        const struct json_doc *doc = v->context->doc;
        enum condition_outcome all = CONDITION_MISSING;

        if (json_type_of(doc, v->token) != JSON_ARRAY)
                return recognise(c, v);
        json_each_item (doc, v->token, item) {
                struct value one = { .context = v->context, .token = item };
                enum condition_outcome outcome = recognise(c, &one);

                if (all != CONDITION_MISSING && outcome != all)
                        return CONDITION_UNREADABLE;
                all = outcome;
        }
        return all;
}

/* Characters are code points; the text is valid UTF-8. */
static bool count_of(struct value *v, size_t *ret)
{
        const struct json_doc *doc = v->context->doc;

        *ret = 0;
        if (json_type_of(doc, v->token) == JSON_ARRAY) {
                json_each_item (doc, v->token, item)
                        ++*ret;
                return true;
        }
        if (!read_text(v))
                return false;
        for (size_t i = 0; i < v->text.len; ++i)
                *ret += ((unsigned char)v->text.ptr[i] & 0xC0) != 0x80;
        return true;
}

static enum condition_outcome check_length(const struct condition *c, struct value *v)
{
        enum condition_outcome all = CONDITION_HOLDS;
        struct decimal number;
        char text[24];
        size_t count;

        if (!count_of(v, &count))
                return CONDITION_UNREADABLE;
        snprintf(text, sizeof(text), "%zu", count);
        decimal_read(str_from(text), &number);
        for (const struct condition *inner = c->inner; inner; inner = inner->next) {
                if (compare(inner, &number) != CONDITION_HOLDS)
                        all = CONDITION_FAILS;
        }
        return all;
}

/* Of an array without items `each` says nothing: as if it were missing. */
static enum condition_outcome check_items(const struct condition *c, const struct value *v)
{
        const struct json_doc *doc = v->context->doc;
        bool each = c->kind == CONDITION_EACH, unreadable = false, empty = true;

        if (json_type_of(doc, v->token) != JSON_ARRAY)
                return CONDITION_UNREADABLE;
        json_each_item (doc, v->token, item) {
                enum condition_outcome one = condition_check(c->inner, v->context, item, NULL);

                if (one == (each ? CONDITION_FAILS : CONDITION_HOLDS))
                        return one;
                unreadable |= one == CONDITION_UNREADABLE || one == CONDITION_MISSING;
                empty = false;
        }
        if (unreadable)
                return CONDITION_UNREADABLE;
        return each ? empty ? CONDITION_MISSING : CONDITION_HOLDS : CONDITION_FAILS;
}

static enum condition_outcome check_one(const struct condition *c, struct value *v)
{
        if (c->never || !spend(v, 1))
                return CONDITION_UNREADABLE;
        if (c->kind == CONDITION_PRESENT || c->kind == CONDITION_ABSENT)
                return outcome_of((v->token != 0) == (c->kind == CONDITION_PRESENT));
        if (v->token == 0)
                return CONDITION_MISSING;
        switch (c->kind) {
        case CONDITION_ONE_OF:
                return one_of(c, v);
        case CONDITION_NONE_OF:
                return opposite(one_of(c, v));
        case CONDITION_AT_LEAST:
        case CONDITION_AT_MOST:
        case CONDITION_ABOVE:
        case CONDITION_BELOW:
                return compare_number(c, v);
        case CONDITION_LIKE:
        case CONDITION_REGEX:
        case CONDITION_STARTS_WITH:
        case CONDITION_ENDS_WITH:
        case CONDITION_CONTAINS:
                return check_text(c, v);
        case CONDITION_WITHIN:
        case CONDITION_URL:
        case CONDITION_COMMAND:
        case CONDITION_SQL:
                return recognise(c, v);
        case CONDITION_MAIL:
                return check_mail(c, v);
        case CONDITION_LENGTH:
                return check_length(c, v);
        case CONDITION_EACH:
        case CONDITION_ANY:
                return check_items(c, v);
        case CONDITION_TYPE:
                return outcome_of((condition_type_of(v->context->doc, v->token) & c->types) != 0);
        case CONDITION_PRESENT:
        case CONDITION_ABSENT:
                break;
        }
        return CONDITION_UNREADABLE;
}

/* What is known to fail outweighs what is not known. */
enum condition_outcome condition_check(const struct condition *list, struct condition_context *context, uint32_t token,
        const struct condition **ret_which)
{
        enum condition_outcome all = CONDITION_HOLDS;
        const struct condition *which = list;
        struct value v = { .context = context, .token = token };

        for (const struct condition *c = list; c && all != CONDITION_FAILS; c = c->next) {
                enum condition_outcome one = check_one(c, &v);

                if (one == CONDITION_HOLDS || (one != CONDITION_FAILS && one >= all))
                        continue;
                all = one;
                which = c;
        }
        if (ret_which)
                *ret_which = which;
        return all;
}
