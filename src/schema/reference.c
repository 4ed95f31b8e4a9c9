/* SPDX-License-Identifier: Apache-2.0
 *
 * `$ref` within the schema: `#` and JSON pointers. Nothing is ever fetched; a reference to elsewhere, by an anchor's name, or
 * inside a part that has an `$id` of its own is not evaluated.
 */
#include "evaluation.h"

/* A step of a pointer: longer than any name of a definition. */
#define STEP_BYTES 256

struct pointer {
        struct str rest; /* from a `/` on, or empty */
        char step[STEP_BYTES];
        size_t step_len;
};

static int hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        c |= 0x20;
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The next byte of the URI's fragment with its %XX undone; -1: malformed. */
static int take_byte(struct str *rest)
{
        char c = rest->ptr[0];
        int high, low;

        if (c != '%') {
                *rest = str_skip(*rest, 1);
                return (unsigned char)c;
        }
        if (rest->len < 3)
                return -1;
        high = hex_digit(rest->ptr[1]);
        low = hex_digit(rest->ptr[2]);
        *rest = str_skip(*rest, 3);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* Moves to the next step; false when it is malformed or too long. */
static bool next_step(struct pointer *p)
{
        p->step_len = 0;
        if (take_byte(&p->rest) != '/')
                return false;
        while (p->rest.len) {
                struct str before = p->rest;
                int c = take_byte(&p->rest);

                if (c == '/') {
                        p->rest = before;
                        return true;
                }
                if (c == '~') {
                        c = p->rest.len ? take_byte(&p->rest) : -1;
                        c = c == '0' ? '~' : c == '1' ? '/' : -1;
                }
                if (c < 0 || p->step_len == STEP_BYTES)
                        return false;
                p->step[p->step_len++] = (char)c;
        }
        return true;
}

static uint32_t member_of(struct evaluation *e, uint32_t object, struct str wanted)
{
        uint64_t looked = 0;
        uint32_t found = 0;

        json_each_member (e->schema, object, name, value) {
                looked++;
                if (json_string_is(e->schema, name, wanted)) {
                        found = value;
                        break;
                }
        }
        return spend(e, looked) ? found : 0;
}

static uint32_t item_of(struct evaluation *e, uint32_t array, struct str index)
{
        uint64_t wanted = 0, looked = 0;
        uint32_t found = 0;

        if (index.len == 0 || index.len > 6 || (index.ptr[0] == '0' && index.len > 1))
                return 0;
        for (size_t i = 0; i < index.len; i++) {
                if (index.ptr[i] < '0' || index.ptr[i] > '9')
                        return 0;
                wanted = wanted * 10 + (uint64_t)(index.ptr[i] - '0');
        }
        json_each_item (e->schema, array, item) {
                if (looked++ == wanted) {
                        found = item;
                        break;
                }
        }
        return spend(e, looked) ? found : 0;
}

/* A part with an `$id` of its own is another document that lies within this one. */
static bool is_embedded(struct evaluation *e, uint32_t token)
{
        uint32_t id = json_type_of(e->schema, token) == JSON_OBJECT && token != e->root ? member_of(e, token, STR("$id")) : 0;

        return id && !(json_type_of(e->schema, id) == JSON_STRING && str_starts_with(json_raw_string(e->schema, id), STR("#")));
}

/* Where the pointer leads; false when nowhere, or into another document. */
static bool follow(struct evaluation *e, struct str text, uint32_t *ret)
{
        struct pointer p = { .rest = text };
        uint32_t at = e->root;

        while (p.rest.len) {
                uint32_t next;

                if (!next_step(&p))
                        return false;
                next = json_type_of(e->schema, at) == JSON_ARRAY ? item_of(e, at, str_of(p.step, p.step_len)) :
                                                                   member_of(e, at, str_of(p.step, p.step_len));
                if (!next || is_embedded(e, next))
                        return false;
                at = next;
        }
        *ret = at;
        return true;
}

enum outcome check_ref(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        struct buf AUTO_BUF unescaped = BUF_INIT(SIZE_MAX);
        struct str text;
        uint32_t target;

        if (json_string_get(e->schema, k->at[KEYWORD_REF], &unescaped, &text) < 0)
                return unsure_about(e, KEYWORD_REF, "could not be read for want of memory");
        if (e->embedded || text.len == 0 || text.ptr[0] != '#' || (text.len > 1 && text.ptr[1] != '/' && text.ptr[1] != '%'))
                return unsure_about(e, KEYWORD_REF, "leads out of the schema, or to a place by name");
        if (!follow(e, str_skip(text, 1), &target))
                return unsure_about(e, KEYWORD_REF, "leads nowhere, or into a part with an `$id` of its own");
        return evaluate(e, target, value);
}
