/* SPDX-License-Identifier: Apache-2.0
 *
 * Keywords about any value, about numbers and about strings.
 */
#include "decimal.h"
#include "evaluation.h"
#include "pieces.h"

/* A bound as a message shows it. */
#define BOUND_BYTES 40

/* --- type --- */

static const struct {
        struct str name;
        const char *article;
        unsigned types;
} type_names[] = {
        { STR_INIT("string"), "a ", 1U << JSON_STRING },
        { STR_INIT("object"), "an ", 1U << JSON_OBJECT },
        { STR_INIT("number"), "a ", 1U << JSON_NUMBER },
        { STR_INIT("integer"), "an ", 1U << JSON_NUMBER },
        { STR_INIT("boolean"), "a ", 1U << JSON_TRUE | 1U << JSON_FALSE },
        { STR_INIT("array"), "an ", 1U << JSON_ARRAY },
        { STR_INIT("null"), "", 1U << JSON_NULL },
};
#define TYPE_NAMES (sizeof(type_names) / sizeof(type_names[0]))
#define TYPE_INTEGER 3U

static size_t type_by_name(struct evaluation *e, uint32_t name)
{
        size_t i = 0;

        while (i < TYPE_NAMES && !json_string_is(e->schema, name, type_names[i].name))
                i++;
        return i;
}

/* *@ret_type: its row. */
static enum outcome is_of_type(struct evaluation *e, uint32_t name, uint32_t value, size_t *ret_type)
{
        struct decimal number;

        *ret_type = type_by_name(e, name);
        if (*ret_type == TYPE_NAMES)
                return unsure_about(e, KEYWORD_TYPE, "is malformed: it names a type that there is not");
        if (!(type_names[*ret_type].types & 1U << json_type_of(e->value, value)))
                return OUTCOME_FAILS;
        if (*ret_type != TYPE_INTEGER)
                return OUTCOME_FITS;
        if (!decimal_read(json_text(e->value, value), &number))
                return unsure_about(e, KEYWORD_TYPE, "is about a number whose exponent is too long");
        return decimal_is_integer(&number) ? OUTCOME_FITS : OUTCOME_FAILS;
}

static enum outcome check_type_list(struct evaluation *e, uint32_t list, uint32_t value)
{
        struct note before = e->note;
        enum outcome outcome = OUTCOME_FAILS;
        size_t type;

        json_each_item (e->schema, list, name) {
                enum outcome one = is_of_type(e, name, value, &type);

                if (!spend(e, 1))
                        return OUTCOME_UNSURE;
                if (one == OUTCOME_FITS) {
                        e->note = before;
                        return one;
                }
                if (one == OUTCOME_UNSURE)
                        outcome = one;
        }
        /* An empty list is malformed. */
        if (json_at(e->schema, list)->next == list + 1)
                return unsure_about(e, KEYWORD_TYPE, "is malformed: it is an empty list");
        return outcome == OUTCOME_FAILS ? fails(e, KEYWORD_TYPE, "must be of one of the types that the schema lists") : outcome;
}

enum outcome check_type(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        uint32_t type = k->at[KEYWORD_TYPE];
        enum outcome outcome;
        size_t row;

        if (json_type_of(e->schema, type) == JSON_ARRAY)
                return check_type_list(e, type, value);
        outcome = is_of_type(e, type, value, &row);
        if (outcome == OUTCOME_FAILS)
                return fails(e, KEYWORD_TYPE, "must be %s%s", type_names[row].article, type_names[row].name.ptr);
        return outcome;
}

/* --- const, enum --- */

static enum outcome is_equal(struct evaluation *e, enum keyword keyword, uint32_t wanted, uint32_t value)
{
        switch (json_equal(e->schema, wanted, e->value, value, &e->steps)) {
        case JSON_EQUAL:
                return OUTCOME_FITS;
        case JSON_DIFFERENT:
                return OUTCOME_FAILS;
        case JSON_EQUALITY_UNSETTLED:
                break;
        }
        return unsure_about(e, keyword, "could not be compared");
}

enum outcome check_const(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        enum outcome outcome = is_equal(e, KEYWORD_CONST, k->at[KEYWORD_CONST], value);

        return outcome == OUTCOME_FAILS ? fails(e, KEYWORD_CONST, "must be the one value that the schema names") : outcome;
}

enum outcome check_enum(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        struct note before = e->note;
        enum outcome outcome = OUTCOME_FAILS;

        json_each_item (e->schema, k->at[KEYWORD_ENUM], wanted) {
                enum outcome one = is_equal(e, KEYWORD_ENUM, wanted, value);

                if (one == OUTCOME_FITS) {
                        e->note = before;
                        return one;
                }
                if (one == OUTCOME_UNSURE)
                        outcome = one;
        }
        return outcome == OUTCOME_FAILS ? fails(e, KEYWORD_ENUM, "must be one of the values that the schema lists") : outcome;
}

/* --- numbers --- */

static bool read_numbers(
        struct evaluation *e, const struct keywords *k, enum keyword keyword, uint32_t value, struct decimal *a, struct decimal *b)
{
        if (decimal_read(json_text(e->value, value), a) && decimal_read(json_text(e->schema, k->at[keyword]), b))
                return true;
        unsure_about(e, keyword, "is about a number whose exponent is too long");
        return false;
}

/* The sign of the comparison with the bound must be @wanted, or 0 where @or_equal. */
static enum outcome check_bound(struct evaluation *e, const struct keywords *k, enum keyword keyword, uint32_t value, int wanted,
        bool or_equal, const char *words)
{
        struct str bound = json_text(e->schema, k->at[keyword]);
        struct decimal a, b;
        int order;

        if (!read_numbers(e, k, keyword, value, &a, &b))
                return OUTCOME_UNSURE;
        order = decimal_compare(&a, &b);
        if (order == 0 ? or_equal : (order > 0) == (wanted > 0))
                return OUTCOME_FITS;
        if (bound.len > BOUND_BYTES)
                return fails(e, keyword, "must be %s the bound in the schema", words);
        return fails(e, keyword, "must be %s %.*s", words, STR_FMT(bound));
}

enum outcome check_minimum(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        return check_bound(e, k, KEYWORD_MINIMUM, value, 1, true, "at least");
}

enum outcome check_maximum(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        return check_bound(e, k, KEYWORD_MAXIMUM, value, -1, true, "at most");
}

enum outcome check_exclusive_minimum(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        return check_bound(e, k, KEYWORD_EXCLUSIVE_MINIMUM, value, 1, false, "more than");
}

enum outcome check_exclusive_maximum(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        return check_bound(e, k, KEYWORD_EXCLUSIVE_MAXIMUM, value, -1, false, "less than");
}

enum outcome check_multiple_of(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        struct decimal a, b;

        if (!read_numbers(e, k, KEYWORD_MULTIPLE_OF, value, &a, &b))
                return OUTCOME_UNSURE;
        if (b.negative)
                return unsure_about(e, KEYWORD_MULTIPLE_OF, "is malformed: it must be more than 0");
        switch (decimal_divide(&a, &b)) {
        case DECIMAL_DIVIDES:
                return OUTCOME_FITS;
        case DECIMAL_LEAVES_REST:
                return fails(e, KEYWORD_MULTIPLE_OF, "must be a multiple of %.*s", STR_FMT(json_text(e->schema, k->at[KEYWORD_MULTIPLE_OF])));
        case DECIMAL_UNSETTLED:
                break;
        }
        return unsure_about(e, KEYWORD_MULTIPLE_OF, "is zero or has too many digits");
}

/* --- counts --- */

static bool read_count(struct evaluation *e, const struct keywords *k, enum keyword keyword, uint64_t *ret)
{
        struct decimal number;

        if (decimal_read(json_text(e->schema, k->at[keyword]), &number) && decimal_count(&number, ret))
                return true;
        unsure_about(e, keyword, "is malformed: it must be an integer from 0 on");
        return false;
}

static bool is_lower_bound(enum keyword keyword)
{
        return keyword == KEYWORD_MIN_LENGTH || keyword == KEYWORD_MIN_ITEMS || keyword == KEYWORD_MIN_PROPERTIES;
}

enum outcome check_count(
        struct evaluation *e, const struct keywords *k, enum keyword keyword, uint64_t count, const char *of_what)
{
        bool lower = is_lower_bound(keyword);
        uint64_t bound;

        if (!read_count(e, k, keyword, &bound))
                return OUTCOME_UNSURE;
        if (lower ? count >= bound : count <= bound)
                return OUTCOME_FITS;
        return fails(e, keyword, "must have %s %llu %s", lower ? "at least" : "at most", (unsigned long long)bound, of_what);
}

/* Characters of a string: its code points. */
static uint64_t count_characters(const struct json_doc *doc, uint32_t string)
{
        struct json_pieces pieces;
        struct str piece;
        uint64_t count = 0;

        json_pieces_init(&pieces, doc, string);
        while (json_pieces_next(&pieces, &piece))
                for (size_t i = 0; i < piece.len; i++)
                        count += ((unsigned char)piece.ptr[i] & 0xC0) != 0x80;
        return count;
}

static enum outcome check_length(struct evaluation *e, const struct keywords *k, enum keyword keyword, uint32_t value)
{
        if (!spend(e, 1 + json_at(e->value, value)->length / EVALUATION_BYTES_A_STEP))
                return OUTCOME_UNSURE;
        return check_count(e, k, keyword, count_characters(e->value, value), "characters");
}

enum outcome check_min_length(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        return check_length(e, k, KEYWORD_MIN_LENGTH, value);
}

enum outcome check_max_length(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        return check_length(e, k, KEYWORD_MAX_LENGTH, value);
}

enum outcome check_pattern(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        enum outcome outcome = pattern_is_found(e, k->at[KEYWORD_PATTERN], KEYWORD_PATTERN, value);

        return outcome == OUTCOME_FAILS ? fails(e, KEYWORD_PATTERN, "must match the schema's pattern") : outcome;
}
