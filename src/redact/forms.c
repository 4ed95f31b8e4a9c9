/* SPDX-License-Identifier: Apache-2.0 */
#include "forms.h"

#include <assert.h>
#include <stdbool.h>

#include "utf8.h"

/* Counts, and with @data also writes: the same code says how much memory the forms need and fills it, so that the
 * memory never grows and no copy of a secret stays behind. */
struct sink {
        char *data;
        size_t len;
        bool escape_again; /* what is put gets the backslashes of one more JSON string around it */
};

static void put(struct sink *s, char c)
{
        if (s->data)
                s->data[s->len] = c;
        s->len++;
}

static void put_json(struct sink *s, char c)
{
        if (s->escape_again && (c == '"' || c == '\\'))
                put(s, '\\');
        put(s, c);
}

static void put_hex(struct sink *s, uint8_t byte, bool upper)
{
        const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

        put(s, digits[byte >> 4]);
        put(s, digits[byte & 15]);
}

/* How the JSON writers that servers use differ from the canonical form: it matters for JSON text within a string (the
 * text of most tool results) and for stderr, which nobody brings into the canonical form. */
struct json_style {
        const char *as_unicode; /* ASCII characters written as \uXXXX */
        bool upper;             /* the digits of \uXXXX */
        bool slash;             /* / as \/ */
        bool ascii;             /* everything past U+007F as \uXXXX */
};

static const struct json_style json_styles[] = {
        { "", false, false, false },      /* canonical, JSON.stringify(), serde */
        { "", false, false, true },       /* Python */
        { "", false, true, true },        /* PHP */
        { "", false, true, false },       /* PHP told to leave Unicode alone */
        { "<>&", false, false, false },   /* Go */
        { "<>&='", false, false, false }, /* Gson */
        { "\"&'+<>`", true, false, true }, /* .NET */
};

static void put_unicode_escape(struct sink *s, uint32_t unit, bool upper)
{
        put_json(s, '\\');
        put_json(s, 'u');
        put_hex(s, (uint8_t)(unit >> 8), upper);
        put_hex(s, (uint8_t)unit, upper);
}

static bool put_short_escape(struct sink *s, uint32_t cp, bool slash)
{
        static const char from[] = "\"\\\b\f\n\r\t/";
        static const char to[] = "\"\\bfnrt/";
        const char *found = cp && cp < 0x80 ? strchr(from, (int)cp) : NULL;

        if (!found || (*found == '/' && !slash))
                return false;
        put_json(s, '\\');
        put_json(s, to[found - from]);
        return true;
}

static void put_json_char(struct sink *s, struct str bytes, uint32_t cp, const struct json_style *style)
{
        bool control = cp < 0x20 || (cp >= 0x7F && cp <= 0x9F) || cp == 0x2028 || cp == 0x2029;

        if (cp < 0x80 && cp && strchr(style->as_unicode, (int)cp)) {
                put_unicode_escape(s, cp, style->upper);
        } else if (put_short_escape(s, cp, style->slash)) {
                return;
        } else if (cp > 0xFFFF && style->ascii) {
                put_unicode_escape(s, 0xD800 + ((cp - 0x10000) >> 10), style->upper);
                put_unicode_escape(s, 0xDC00 + ((cp - 0x10000) & 0x3FF), style->upper);
        } else if (control || (cp > 0x7F && style->ascii)) {
                put_unicode_escape(s, cp, style->upper);
        } else {
                for (size_t i = 0; i < bytes.len; i++)
                        put_json(s, bytes.ptr[i]);
        }
}

static void put_json_text(struct sink *s, struct str value, const struct json_style *style)
{
        while (value.len) {
                uint32_t cp;
                size_t n = utf8_decode(value, &cp);

                if (n)
                        put_json_char(s, str_of(value.ptr, n), cp, style);
                else
                        put(s, value.ptr[0]);
                value = str_skip(value, n ? n : 1);
        }
}

/* The characters that hold nothing but bits of @value when it stands @skip bytes behind a multiple of three. */
static void put_base64(struct sink *s, struct str value, unsigned skip, bool url, struct form *edges)
{
        static const char common[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        size_t begin = (skip * 8 + 5) / 6 * 6 - skip * 8; /* bits of the first byte that belong to the edge */
        size_t bits = value.len * 8;
        size_t at = begin;

        for (; at + 6 <= bits; at += 6) {
                unsigned pair = (unsigned)(uint8_t)value.ptr[at / 8] << 8;

                if (at / 8 + 1 < value.len)
                        pair |= (uint8_t)value.ptr[at / 8 + 1];
                pair = pair >> (10 - at % 8) & 63;
                put(s, pair < 62 ? common[pair] : pair == 62 ? (url ? '-' : '+') : (url ? '_' : '/'));
        }
        edges->edge_before = begin > 0;
        edges->edge_behind = at < bits;
}

static void put_hex_text(struct sink *s, struct str value, bool upper, char separator)
{
        for (size_t i = 0; i < value.len; i++) {
                if (i && separator)
                        put(s, separator);
                put_hex(s, (uint8_t)value.ptr[i], upper);
        }
}

/* What percent-encoders leave as it is, besides letters and digits; NULL: not even those. */
static const char *const percent_kept[] = {
        NULL,
        "-._~",                  /* RFC 3986 */
        "-._~/",                 /* Python's quote() */
        "-._~!'()*",             /* encodeURIComponent() */
        "-._~!'()*;,/?:@&=+$#", /* encodeURI() */
};

static void put_percent(struct sink *s, struct str value, const char *kept, bool upper, bool twice)
{
        for (size_t i = 0; i < value.len; i++) {
                char c = value.ptr[i];
                bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

                if (kept && (alnum || (c && strchr(kept, c)))) {
                        put(s, c);
                        continue;
                }
                put(s, '%');
                if (twice) {
                        put(s, '2');
                        put(s, '5');
                }
                put_hex(s, (uint8_t)c, upper);
        }
}

/* Forms of the web write a blank as a plus. Whatever else they write otherwise is undone where it stands. */
static void put_plus(struct sink *s, struct str value)
{
        for (size_t i = 0; i < value.len; i++)
                put_json(s, value.ptr[i] == ' ' ? '+' : value.ptr[i]);
}

/* Apostrophe and quote, as the common encoders write them. */
static const char *const html_entities[][2] = {
        { "&#39;", "&quot;" },
        { "&#x27;", "&quot;" },
        { "&#39;", "&#34;" },
};

static void put_html(struct sink *s, struct str value, const char *apostrophe, const char *quote)
{
        for (size_t i = 0; i < value.len; i++) {
                char c = value.ptr[i];
                const char *entity = c == '&'  ? "&amp;"
                                     : c == '<'  ? "&lt;"
                                     : c == '>'  ? "&gt;"
                                     : c == '"'  ? quote
                                     : c == '\'' ? apostrophe
                                                 : NULL;

                for (; entity && *entity; entity++)
                        put(s, *entity);
                if (!entity)
                        put_json(s, c);
        }
}

struct maker {
        struct sink sink;
        struct form *forms; /* NULL while counting */
        size_t count;
        size_t begin; /* of the form that is being written */
};

static void close_form(struct maker *m, struct form edges)
{
        struct str text;

        assert(m->count < FORMS_MAX);
        if (!m->forms) {
                m->count++;
                return;
        }
        text = str_of(m->sink.data + m->begin, m->sink.len - m->begin);
        for (size_t i = 0; i < m->count; i++) {
                if (str_eq(m->forms[i].text, text)) {
                        m->sink.len = m->begin;
                        return;
                }
        }
        edges.text = text;
        m->forms[m->count++] = edges;
        m->begin = m->sink.len;
}

static void make_json(struct maker *m, struct str value)
{
        for (size_t i = 0; i < sizeof(json_styles) / sizeof(json_styles[0]); i++) {
                for (int twice = 0; twice < 2; twice++) {
                        m->sink.escape_again = twice;
                        put_json_text(&m->sink, value, &json_styles[i]);
                        close_form(m, (struct form){ 0 });
                }
        }
}

static void make_base64_and_hex(struct maker *m, struct str value)
{
        static const char separators[] = { '\0', ':', ' ' };

        for (unsigned i = 0; i < 6; i++) {
                struct form edges = { 0 };

                put_base64(&m->sink, value, i % 3, i >= 3, &edges);
                close_form(m, edges);
        }
        for (unsigned i = 0; i < 6; i++) {
                put_hex_text(&m->sink, value, i >= 3, separators[i % 3]);
                close_form(m, (struct form){ 0 });
        }
}

static void make_percent_and_html(struct maker *m, struct str value)
{
        for (size_t i = 0; i < sizeof(percent_kept) / sizeof(percent_kept[0]); i++) {
                for (unsigned k = 0; k < 4; k++) {
                        put_percent(&m->sink, value, percent_kept[i], k & 1, k & 2);
                        close_form(m, (struct form){ 0 });
                }
        }
        for (int twice = 0; twice < 2; twice++) {
                m->sink.escape_again = twice;
                put_plus(&m->sink, value);
                close_form(m, (struct form){ 0 });
        }
        for (size_t i = 0; i < sizeof(html_entities) / sizeof(html_entities[0]); i++) {
                for (int twice = 0; twice < 2; twice++) {
                        m->sink.escape_again = twice; /* for HTML in a JSON string */
                        put_html(&m->sink, value, html_entities[i][0], html_entities[i][1]);
                        close_form(m, (struct form){ 0 });
                }
        }
}

static void make(struct maker *m, struct str value)
{
        for (size_t i = 0; i < value.len; i++)
                put(&m->sink, value.ptr[i]);
        close_form(m, (struct form){ 0 });
        make_json(m, value);
        make_base64_and_hex(m, value);
        make_percent_and_html(m, value);
}

size_t forms_size(struct str value)
{
        struct maker m = { 0 };

        make(&m, value);
        return m.sink.len;
}

size_t forms_make(struct str value, char *space, struct form ret[static FORMS_MAX])
{
        struct maker m = { .sink = { .data = space }, .forms = ret };

        make(&m, value);
        return m.count;
}
