/* SPDX-License-Identifier: Apache-2.0
 *
 * Members that some reader would take for another. A reader that folds case, or that sees a long s (U+017F) or the Kelvin
 * sign (U+212A) as s and k, finds in {"url":A,"URL":B} one member twice, and keeps the last (CVE-2026-27896): what was
 * decided about A would hold for B.
 */
#include "internal.h"

static char fold(struct str *rest)
{
        char c = rest->ptr[0];
        size_t used = 1;

        if (str_starts_with(*rest, STR("\xC5\xBF")))
                c = 's', used = 2;
        else if (str_starts_with(*rest, STR("\xE2\x84\xAA")))
                c = 'k', used = 3;
        *rest = str_skip(*rest, used);
        return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool folds_alike(struct str a, struct str b)
{
        while (a.len && b.len)
                if (fold(&a) != fold(&b))
                        return false;
        return a.len == 0 && b.len == 0;
}

static bool is_look_alike(struct str name, const struct names *of)
{
        for (size_t i = 0; i < of->count; i++)
                if (name.len >= of->names[i].len && !str_eq(name, of->names[i]) && folds_alike(name, of->names[i]))
                        return true;
        return false;
}

/* The everyday case, an ASCII name like no other of its length and first letter, is settled without folding. */
static bool has_namesake(struct str name, const struct names *of)
{
        if (name.len == 0)
                return false;
        for (size_t i = 0; i < name.len; i++)
                if (name.ptr[i] & 0x80)
                        return true;
        for (size_t i = 0; i < of->count; i++)
                if (name.len == of->names[i].len && ((name.ptr[0] ^ of->names[i].ptr[0]) & ~0x20) == 0 &&
                        !str_eq(name, of->names[i]))
                        return true;
        return false;
}

bool has_look_alike(struct session *s, uint32_t object, const struct names *of)
{
        json_each_member(&s->doc, object, name, value) {
                size_t mark = s->scratch.len;
                struct str text = json_raw_string(&s->doc, name);
                bool alike;

                if (!json_at(&s->doc, name)->escaped && !has_namesake(text, of))
                        continue;
                /* What there is no room to unescape is in doubt. */
                alike = json_string_get(&s->doc, name, &s->scratch, &text) < 0 || is_look_alike(text, of);
                s->scratch.len = mark;
                if (alike)
                        return true;
        }
        return false;
}
