/* SPDX-License-Identifier: Apache-2.0 */
#include "id.h"

#include <errno.h>

#include "limit.h"
#include "siphash.h"
#include "writer.h"

#define INTEGER_LIMIT (INT64_C(1) << 53)

static int digit_value(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        c = (char)(c | 0x20);
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* Digits of @base with `_` between them; false past 2^53, too. */
static bool read_based(struct str s, int base, int64_t *ret)
{
        int64_t value = 0;
        bool any = false;

        for (size_t i = 0; i < s.len; i++) {
                int d = digit_value(s.ptr[i]);

                if (s.ptr[i] == '_' && any)
                        continue;
                if (d >= base)
                        return false;
                value = value * base + d;
                if (value > INTEGER_LIMIT)
                        return false;
                any = true;
        }
        *ret = value;
        return any;
}

/* A decimal number with an integral value: the digits are taken together with how far the point and the exponent
 * move them, so that "10e-1", "1.0" and "0.1e1" are all 1. */
static bool read_decimal(struct str s, int64_t *ret)
{
        int64_t value = 0, exponent = 0;
        bool any = false, point = false, negative_exponent = false;
        long shift = 0; /* by how many places the value must still be moved left (+) or right (-) */
        long zeros = 0; /* zeros seen but not yet multiplied in: they may be only the tail of a fraction */
        size_t i = 0;

        for (; i < s.len && (s.ptr[i] == '_' || s.ptr[i] == '.' || (s.ptr[i] >= '0' && s.ptr[i] <= '9')); i++) {
                if (s.ptr[i] == '_')
                        continue;
                if (s.ptr[i] == '.') {
                        if (point)
                                return false;
                        point = true;
                        continue;
                }
                any = true;
                shift -= point;
                if (s.ptr[i] == '0') {
                        zeros += value != 0;
                        continue;
                }
                for (zeros++; zeros > 0; zeros--) {
                        if (value > INTEGER_LIMIT / 10)
                                return false;
                        value *= 10;
                }
                value += s.ptr[i] - '0';
        }
        if (!any)
                return false;
        shift += zeros;
        if (i < s.len) {
                if ((s.ptr[i++] | 0x20) != 'e')
                        return false;
                if (i < s.len && (s.ptr[i] == '+' || s.ptr[i] == '-'))
                        negative_exponent = s.ptr[i++] == '-';
                if (!read_based(str_skip(s, i), 10, &exponent) || exponent > 100000)
                        return value == 0 && i < s.len ? (*ret = 0, true) : false;
                shift += negative_exponent ? -(long)exponent : (long)exponent;
        }
        if (value == 0)
                shift = 0;
        if (shift < 0)
                return false;
        for (; shift > 0; shift--) {
                if (value > INTEGER_LIMIT / 10)
                        return false;
                value *= 10;
        }
        *ret = value;
        return value <= INTEGER_LIMIT;
}

bool rpc_id_lenient_number(struct str s, int64_t *ret)
{
        bool negative = false, ok;
        int64_t value;

        s = str_trim(s);
        if (s.len == 0) {
                *ret = 0;
                return true;
        }
        if (s.ptr[0] == '+' || s.ptr[0] == '-') {
                negative = s.ptr[0] == '-';
                s = str_trim(str_skip(s, 1));
        }
        if (s.len > 2 && s.ptr[0] == '0' && (s.ptr[1] | 0x20) == 'x')
                ok = read_based(str_skip(s, 2), 16, &value);
        else if (s.len > 2 && s.ptr[0] == '0' && (s.ptr[1] | 0x20) == 'o')
                ok = read_based(str_skip(s, 2), 8, &value);
        else if (s.len > 2 && s.ptr[0] == '0' && (s.ptr[1] | 0x20) == 'b')
                ok = read_based(str_skip(s, 2), 2, &value);
        else
                ok = read_decimal(s, &value);
        if (ok)
                *ret = negative ? -value : value;
        return ok;
}

/* Python's int() takes the digits of every script, and more white space than JSON has, for a number. */
static bool is_printable(struct str s)
{
        for (size_t i = 0; i < s.len; i++)
                if (s.ptr[i] < 0x20 || s.ptr[i] > 0x7E)
                        return false;
        return true;
}

bool rpc_id_read(struct rpc_id *ret, const struct json_doc *doc, uint32_t token, struct buf *scratch)
{
        struct rpc_id id = { 0 };

        switch (json_type_of(doc, token)) {
        case JSON_NUMBER:
                if (!json_integer_get(doc, token, &id.number))
                        return false;
                id.kind = RPC_ID_INTEGER;
                id.is_numeric = true;
                break;
        case JSON_STRING:
                if (json_string_get(doc, token, scratch, &id.string) < 0)
                        return false;
                if (id.string.len > LIMIT_ID_BYTES || !is_printable(id.string) || str_starts_with(id.string, STR(RPC_OWN_ID_PREFIX)))
                        return false;
                id.kind = RPC_ID_STRING;
                id.is_numeric = rpc_id_lenient_number(id.string, &id.number);
                break;
        case JSON_NULL:
        case JSON_FALSE:
        case JSON_TRUE:
        case JSON_ARRAY:
        case JSON_OBJECT:
        default:
                return false;
        }
        *ret = id;
        return true;
}

bool rpc_own_id_read(uint64_t *ret, const struct json_doc *doc, uint32_t token)
{
        struct str digits;
        uint64_t number = 0;

        if (json_type_of(doc, token) != JSON_STRING || json_at(doc, token)->escaped)
                return false;
        digits = json_raw_string(doc, token);
        if (!str_starts_with(digits, STR(RPC_OWN_ID_PREFIX)))
                return false;
        digits = str_skip(digits, sizeof(RPC_OWN_ID_PREFIX) - 1);
        if (digits.len == 0 || digits.len > 18 || digits.ptr[0] == '0')
                return false;
        for (size_t i = 0; i < digits.len; i++) {
                if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
                        return false;
                number = 10 * number + (uint64_t)(digits.ptr[i] - '0');
        }
        *ret = number;
        return true;
}

bool rpc_id_equal(const struct rpc_id *a, const struct rpc_id *b)
{
        if (a->kind != b->kind)
                return false;
        return a->kind == RPC_ID_STRING ? str_eq(a->string, b->string) : a->number == b->number;
}

bool rpc_id_confusable(const struct rpc_id *a, const struct rpc_id *b)
{
        if (a->is_numeric && b->is_numeric)
                return a->number == b->number;
        return rpc_id_equal(a, b);
}

/* Few instructions, for nearly all ids are integers. One-to-one: no two of them collide in all 64 bits; which ones collide in some depends
 * on a factor that nobody knows. The upper bits, where alone round numbers differ, are folded down in between. The table takes bits from
 * 32 upwards. */
static uint64_t hash_number(uint64_t number, const uint64_t seed[2])
{
        const uint64_t h = (number + seed[0]) * (seed[1] | 1);

        return (h ^ (h >> 32)) * UINT64_C(0x9E3779B97F4A7C15);
}

uint64_t rpc_id_hash(const struct rpc_id *id, const uint64_t seed[2])
{
        struct siphash h;

        if (id->is_numeric)
                return hash_number((uint64_t)id->number, seed);
        siphash_init(&h, seed);
        siphash_update(&h, id->string);
        return siphash_end(&h);
}

int rpc_id_append(struct buf *out, const struct rpc_id *id)
{
        if (id->kind == RPC_ID_STRING)
                return json_string_append(out, id->string);
        return buf_append_integer(out, id->number);
}
