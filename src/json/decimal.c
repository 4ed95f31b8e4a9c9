/* SPDX-License-Identifier: Apache-2.0 */
#include "decimal.h"

#define EXPONENT_DIGITS 15U
/* A divisor of so many digits times ten fits 64 bits. */
#define DIVISOR_DIGITS 18U
/* Such a divisor has fewer factors 2, and fewer 5, than this: more powers of ten change nothing. */
#define DIVISOR_FACTORS 64

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

/* @text is what stands behind the `e`. *ret_far: it has too many digits to be told. */
static bool read_exponent(struct str text, int64_t *ret, bool *ret_far)
{
        bool negative = text.len && text.ptr[0] == '-';
        int64_t value = 0;
        size_t digits = 0;

        text = str_skip(text, text.len && (text.ptr[0] == '-' || text.ptr[0] == '+'));
        if (!text.len)
                return false;
        for (size_t i = 0; i < text.len; i++) {
                if (!is_digit(text.ptr[i]))
                        return false;
                digits += digits || text.ptr[i] != '0';
                if (digits <= EXPONENT_DIGITS)
                        value = value * 10 + (text.ptr[i] - '0');
        }
        *ret = negative ? -value : value;
        *ret_far = digits > EXPONENT_DIGITS;
        return true;
}

/* Where in @text the digits and the point end; 0 when they are not JSON's. */
static size_t mantissa_end(struct str text, size_t *ret_whole)
{
        size_t at = 0, whole;

        while (at < text.len && is_digit(text.ptr[at]))
                at++;
        whole = at;
        if (whole == 0 || (whole > 1 && text.ptr[0] == '0'))
                return 0;
        if (at < text.len && text.ptr[at] == '.') {
                at++;
                while (at < text.len && is_digit(text.ptr[at]))
                        at++;
                if (at == whole + 1)
                        return 0;
        }
        *ret_whole = whole;
        return at;
}

bool decimal_read(struct str text, struct decimal *ret)
{
        bool negative = text.len && text.ptr[0] == '-', far = false;
        size_t whole = 0, end, first = 0, last;
        int64_t exponent = 0;

        text = str_skip(text, negative);
        end = mantissa_end(text, &whole);
        if (end == 0)
                return false;
        if (end < text.len && ((text.ptr[end] | 0x20) != 'e' || !read_exponent(str_skip(text, end + 1), &exponent, &far)))
                return false;
        while (first < end && (text.ptr[first] == '0' || text.ptr[first] == '.'))
                first++;
        *ret = (struct decimal){ 0 };
        if (first == end)
                return true;
        if (far)
                return false;
        for (last = end - 1; text.ptr[last] == '0' || text.ptr[last] == '.';)
                last--;
        ret->negative = negative;
        ret->digits = str_of(text.ptr + first, last + 1 - first);
        ret->count = (uint32_t)(ret->digits.len - (first < whole && last > whole));
        /* Digits before the point, or (negative) zeros behind it before the first digit. */
        ret->exponent = exponent + (first < whole ? (int64_t)(whole - first) : -(int64_t)(first - whole - 1));
        return true;
}

/* The next digit of @d, 0 behind the last. */
static char next_digit(const struct decimal *d, size_t *at)
{
        if (*at < d->digits.len && d->digits.ptr[*at] == '.')
                ++*at;
        return *at < d->digits.len ? d->digits.ptr[(*at)++] : '0';
}

static int compare_size(const struct decimal *a, const struct decimal *b)
{
        uint32_t count = a->count > b->count ? a->count : b->count;
        size_t left = 0, right = 0;

        if (a->exponent != b->exponent)
                return a->exponent < b->exponent ? -1 : 1;
        for (uint32_t i = 0; i < count; i++) {
                int difference = next_digit(a, &left) - next_digit(b, &right);

                if (difference)
                        return difference;
        }
        return 0;
}

int decimal_compare(const struct decimal *a, const struct decimal *b)
{
        int sign_a = a->count == 0 ? 0 : a->negative ? -1 : 1;
        int sign_b = b->count == 0 ? 0 : b->negative ? -1 : 1;

        if (sign_a != sign_b)
                return sign_a - sign_b;
        return sign_a * compare_size(a, b);
}

bool decimal_is_integer(const struct decimal *d)
{
        return d->count == 0 || d->exponent >= (int64_t)d->count;
}

bool decimal_count(const struct decimal *d, uint64_t *ret)
{
        uint64_t value = 0;
        size_t at = 0;

        if (d->negative || !decimal_is_integer(d))
                return false;
        if (d->count && d->exponent > 19) {
                *ret = UINT64_MAX;
                return true;
        }
        for (int64_t i = 0; d->count && i < d->exponent; i++)
                value = value * 10 + (uint64_t)(next_digit(d, &at) - '0');
        *ret = value;
        return true;
}

enum decimal_division decimal_divide(const struct decimal *d, const struct decimal *by)
{
        uint64_t divisor = 0, rest = 0;
        int64_t power;
        size_t at = 0;

        if (by->count == 0 || by->count > DIVISOR_DIGITS)
                return DECIMAL_UNSETTLED;
        if (d->count == 0)
                return DECIMAL_DIVIDES;
        for (uint32_t i = 0; i < by->count; i++)
                divisor = divisor * 10 + (uint64_t)(next_digit(by, &at) - '0');
        /* As integers: @d is its digits times ten to the `power`, over the divisor. Its last digit is not 0, so that a
         * negative power leaves a rest. */
        power = (d->exponent - d->count) - (by->exponent - by->count);
        if (power < 0)
                return DECIMAL_LEAVES_REST;
        at = 0;
        for (uint32_t i = 0; i < d->count; i++)
                rest = (rest * 10 + (uint64_t)(next_digit(d, &at) - '0')) % divisor;
        for (int64_t i = 0; rest && i < power && i < DIVISOR_FACTORS; i++)
                rest = rest * 10 % divisor;
        return rest ? DECIMAL_LEAVES_REST : DECIMAL_DIVIDES;
}
