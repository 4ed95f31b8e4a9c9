/* SPDX-License-Identifier: Apache-2.0 */
#include "skim.h"

#include <string.h>

enum {
        BEFORE_OBJECT = 0,
        BEFORE_KEY,
        IN_KEY,
        AFTER_KEY,
        IN_VALUE,
        AFTER_OBJECT,
};

void skim_init(struct skim *k)
{
        *k = (struct skim){ .state = BEFORE_OBJECT };
}

static bool is_space(char c)
{
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void take(struct skim *k, char c)
{
        if (!k->taking_id)
                return;
        if (k->id_len == sizeof(k->id)) {
                k->broken = true;
                return;
        }
        k->id[k->id_len++] = c;
}

static void end_of_key(struct skim *k)
{
        struct str key = { k->key, k->key_len };

        k->taking_id = str_eq(key, STR("id"));
        k->ids += k->taking_id;
        k->id_len = k->taking_id ? 0 : k->id_len;
        k->has_method |= str_eq(key, STR("method"));
        k->state = AFTER_KEY;
}

static void string_byte(struct skim *k, char c)
{
        if (k->state == IN_VALUE)
                take(k, c);
        if (k->after_backslash) {
                k->after_backslash = false;
        } else if (c == '\\') {
                k->after_backslash = true;
        } else if (c == '"') {
                k->in_string = false;
                if (k->state == IN_KEY)
                        end_of_key(k);
                return;
        }
        if (k->state == IN_KEY && k->key_len < sizeof(k->key))
                k->key[k->key_len++] = c;
}

static void value_byte(struct skim *k, char c)
{
        if (k->depth == 1 && c == ',') {
                k->state = BEFORE_KEY;
                k->taking_id = false;
                return;
        }
        if (c == '}' || c == ']') {
                if (--k->depth == 0) {
                        k->state = AFTER_OBJECT;
                        k->taking_id = false;
                        return;
                }
        } else if (c == '{' || c == '[') {
                k->depth++;
        } else if (c == '"') {
                k->in_string = true;
        }
        if (!is_space(c))
                take(k, c);
}

static void outside_byte(struct skim *k, char c)
{
        switch (k->state) {
        case BEFORE_OBJECT:
                if (c == '{') {
                        k->depth = 1;
                        k->state = BEFORE_KEY;
                } else if (!is_space(c)) {
                        k->broken = true;
                }
                break;
        case BEFORE_KEY:
                if (c == '"') {
                        k->in_string = true;
                        k->key_len = 0;
                        k->state = IN_KEY;
                } else if (c == '}') {
                        k->depth = 0;
                        k->state = AFTER_OBJECT;
                } else if (!is_space(c)) {
                        k->broken = true;
                }
                break;
        case AFTER_KEY:
                if (c == ':')
                        k->state = IN_VALUE;
                else if (!is_space(c))
                        k->broken = true;
                break;
        case IN_VALUE:
                value_byte(k, c);
                break;
        default:
                if (!is_space(c))
                        k->broken = true;
                break;
        }
}

void skim_feed(struct skim *k, struct str bytes)
{
        for (size_t i = 0; i < bytes.len && !k->broken; i++) {
                if (k->in_string)
                        string_byte(k, bytes.ptr[i]);
                else
                        outside_byte(k, bytes.ptr[i]);
        }
}

bool skim_id(const struct skim *k, struct str *ret)
{
        if (k->broken || k->state != AFTER_OBJECT || k->ids != 1 || k->id_len == 0)
                return false;
        *ret = str_of(k->id, k->id_len);
        return true;
}

bool skim_has_method(const struct skim *k)
{
        return k->has_method;
}
