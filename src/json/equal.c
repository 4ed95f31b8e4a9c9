/* SPDX-License-Identifier: Apache-2.0 */
#include "equal.h"

#include "decimal.h"
#include "pieces.h"

struct sides {
        const struct json_doc *a, *b;
        uint64_t *steps;
};

bool json_same_string(const struct json_doc *a_doc, uint32_t a, const struct json_doc *b_doc, uint32_t b)
{
        struct json_pieces left, right;

        if (!json_at(a_doc, a)->escaped && !json_at(b_doc, b)->escaped)
                return str_eq(json_text(a_doc, a), json_text(b_doc, b));
        json_pieces_init(&left, a_doc, a);
        json_pieces_init(&right, b_doc, b);
        return json_pieces_equal(&left, &right);
}

uint32_t json_member_like(const struct json_doc *doc, uint32_t object, const struct json_doc *name_doc, uint32_t name)
{
        json_each_member (doc, object, member, value)
                if (json_same_string(doc, member, name_doc, name))
                        return value;
        return 0;
}

static bool take_steps(struct sides *s, uint64_t steps)
{
        bool enough = *s->steps >= steps;

        *s->steps = enough ? *s->steps - steps : 0;
        return enough;
}

/* Comparing ends at the shorter one's end. */
static uint64_t cost_of_strings(const struct sides *s, uint32_t a, uint32_t b)
{
        uint32_t left = json_at(s->a, a)->length, right = json_at(s->b, b)->length;

        return 1 + (left < right ? left : right) / 64;
}

static enum json_equality numbers_equal(const struct sides *s, uint32_t a, uint32_t b)
{
        struct str left = json_text(s->a, a), right = json_text(s->b, b);
        struct decimal x, y;

        if (str_eq(left, right))
                return JSON_EQUAL;
        if (!decimal_read(left, &x) || !decimal_read(right, &y))
                return JSON_EQUALITY_UNSETTLED;
        return decimal_compare(&x, &y) == 0 ? JSON_EQUAL : JSON_DIFFERENT;
}

static enum json_equality values_equal(struct sides *s, uint32_t a, uint32_t b);

static enum json_equality arrays_equal(struct sides *s, uint32_t a, uint32_t b)
{
        enum json_equality all = JSON_EQUAL;
        uint32_t right = b + 1, right_end = json_at(s->b, b)->next;

        json_each_item (s->a, a, left) {
                enum json_equality one;

                if (right == right_end)
                        return JSON_DIFFERENT;
                one = values_equal(s, left, right);
                if (one == JSON_DIFFERENT)
                        return one;
                all = one == JSON_EQUALITY_UNSETTLED ? one : all;
                right = json_at(s->b, right)->next;
        }
        return right == right_end ? all : JSON_DIFFERENT;
}

static uint32_t count_members(const struct json_doc *doc, uint32_t object)
{
        uint32_t count = 0;

        json_each_member (doc, object, name, value)
                count++;
        return count;
}

/* 0: there is none; the steps may have run out on the way. */
static uint32_t find_member(struct sides *s, uint32_t name, uint32_t object)
{
        json_each_member (s->b, object, other, value) {
                if (!take_steps(s, cost_of_strings(s, name, other)))
                        return 0;
                if (json_same_string(s->a, name, s->b, other))
                        return value;
        }
        return 0;
}

static enum json_equality objects_equal(struct sides *s, uint32_t a, uint32_t b)
{
        enum json_equality all = JSON_EQUAL;

        if (count_members(s->a, a) != count_members(s->b, b))
                return JSON_DIFFERENT;
        json_each_member (s->a, a, name, value) {
                uint32_t other = find_member(s, name, b);
                enum json_equality one;

                if (!other)
                        return *s->steps ? JSON_DIFFERENT : JSON_EQUALITY_UNSETTLED;
                one = values_equal(s, value, other);
                if (one == JSON_DIFFERENT)
                        return one;
                all = one == JSON_EQUALITY_UNSETTLED ? one : all;
        }
        return all;
}

static enum json_equality values_equal(struct sides *s, uint32_t a, uint32_t b)
{
        enum json_type type = json_type_of(s->a, a);

        if (!take_steps(s, type == JSON_STRING ? cost_of_strings(s, a, b) : 1))
                return JSON_EQUALITY_UNSETTLED;
        if (type != json_type_of(s->b, b))
                return JSON_DIFFERENT;
        switch (type) {
        case JSON_NUMBER:
                return numbers_equal(s, a, b);
        case JSON_STRING:
                return json_same_string(s->a, a, s->b, b) ? JSON_EQUAL : JSON_DIFFERENT;
        case JSON_ARRAY:
                return arrays_equal(s, a, b);
        case JSON_OBJECT:
                return objects_equal(s, a, b);
        case JSON_NULL:
        case JSON_FALSE:
        case JSON_TRUE:
                break;
        }
        return JSON_EQUAL;
}

enum json_equality json_equal(const struct json_doc *a_doc, uint32_t a, const struct json_doc *b_doc, uint32_t b,
        uint64_t *steps)
{
        struct sides s = { a_doc, b_doc, steps };

        return values_equal(&s, a, b);
}
