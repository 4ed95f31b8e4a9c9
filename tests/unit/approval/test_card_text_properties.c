/* SPDX-License-Identifier: Apache-2.0
 *
 * What holds of every card, however hostile: random ones are made of pieces that have fooled terminals and readers.
 */
#include <stdio.h>
#include <stdlib.h>

#include "card_text.h"
#include "leaks.h"
#include "utf8.h"

#define ROOM (16U << 20)
#define ROUNDS 4000U

static const uint64_t seed[2] = { 3, 4 };
static uint64_t state = 0x9E3779B97F4A7C15U;

static uint32_t below(uint32_t n)
{
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return (uint32_t)(state >> 11) % n;
}

/* Valid in JSON text between quotes. Own words have no tilde: where one stands, foreign text does. */
static const char *const pieces[] = {
        "~",
        "~",
        "~a",
        "~ ",
        "~APPROVE? 222222, expires in 9:00",
        "~WHAT     | nothing",
        "| ",
        ": ",
        "         ",
        "[a] approve",
        "\xE2\x80\xAE",
        "\xE2\x80\x8B",
        "\xEF\xBB\xBF",
        "\xC2\x9B",
        "\xC2\x85",
        "\xE2\x80\xA8",
        "\xF3\xA0\x81\x81",
        "\xCC\x81\xCC\x82\xCC\x83",
        "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E",
        "\xED\x95\x9C",
        "\xD0\xBE",
        "\xD0\xBE\xD0\xBD",
        "a\xD1\x81me",
        "\xCE\xB1",
        "\xD7\x90\xD7\x91",
        "\xD8\xA7",
        "\xF0\x9F\x98\x80",
        "\xEF\xBC\xA1",
        "\xC3\xBC",
        "\xC4\xB1",
        "\xE0\xB8\x81\xE0\xB8\xB4",
        "x",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "the quick brown fox jumps over the lazy dog",
};
/* Only outside JSON. */
static const char *const raw_pieces[] = { "\x1b[2J", "\x1b]0;t\x07", "\n", "\r", "\t", "\b", "\x7f", "\xff", "\xc3",
        "\\n", "\\", "\"", "\x1bP", "\x0e" };
static const char *const escaped_pieces[] = { "\\n", "\\u001b[31m", "\\\"", "\\\\", "\\u0000", "\\r", "\\u202e",
        "\\ud83d\\ude00" };

static void random_text(struct buf *b, bool json)
{
        const uint32_t n = below(8) == 0 ? below(200) : below(8);

        for (uint32_t i = 0; i < n; i++) {
                const char *piece = pieces[below(sizeof(pieces) / sizeof(pieces[0]))];

                if (below(4) == 0)
                        piece = json ? escaped_pieces[below(sizeof(escaped_pieces) / sizeof(escaped_pieces[0]))]
                                     : raw_pieces[below(sizeof(raw_pieces) / sizeof(raw_pieces[0]))];
                buf_append_str(b, str_from(piece));
        }
}

static void random_value(struct buf *b, unsigned depth)
{
        const uint32_t n = below(4);

        switch (depth ? below(6) : 2 + below(4)) {
        case 0:
                buf_append_char(b, '[');
                for (uint32_t i = 0; i < n; i++) {
                        if (i)
                                buf_append_char(b, ',');
                        random_value(b, depth - 1);
                }
                buf_append_char(b, ']');
                break;
        case 1:
                buf_append_char(b, '{');
                for (uint32_t i = 0; i < n; i++) {
                        buf_printf(b, "%s\"%u", i ? "," : "", i);
                        random_text(b, true);
                        buf_append_str(b, STR("\":"));
                        random_value(b, depth - 1);
                }
                buf_append_char(b, '}');
                break;
        case 2:
                buf_append_str(b, STR("-1.5e3"));
                break;
        case 3:
                buf_append_str(b, STR("null"));
                break;
        default:
                buf_append_char(b, '"');
                random_text(b, true);
                buf_append_char(b, '"');
                break;
        }
}

/* NUL may not stand in a member's name. */
static void without_nul(struct buf *b)
{
        char *at;

        while ((at = memmem(b->data, b->len, "\\u0000", 6)))
                at[5] = '1';
}

static void random_arguments(struct buf *b)
{
        const uint32_t n = below(20) == 0 ? 15 + below(20) : below(5);

        buf_append_char(b, '{');
        for (uint32_t i = 0; i < n; i++) {
                if (below(2))
                        buf_printf(b, "%s\"n%u\":", i ? "," : "", i);
                else {
                        buf_printf(b, "%s\"%u", i ? "," : "", i);
                        random_text(b, true);
                        buf_append_str(b, STR("\":"));
                }
                random_value(b, 3);
        }
        buf_append_char(b, '}');
        without_nul(b);
}

#define TEXTS 13U

struct random_card {
        struct card card;
        struct buf texts[TEXTS], arguments;
};

static void random_card(struct random_card *r)
{
        struct str *const fields[TEXTS] = { &r->card.session, &r->card.server, &r->card.method, &r->card.tool,
                &r->card.say, &r->card.undo, &r->card.reach, &r->card.policy, &r->card.rule, &r->card.rule_file,
                &r->card.because, &r->card.client, &r->card.marks };

        *r = (struct random_card){ .card = { .id = "7F3K2Q",
                                           .rule_line = below(3),
                                           .client_pid = below(2),
                                           .asked = below(5),
                                           .waiting = below(5),
                                           .by = below(3) } };
        r->card.state = (enum card_state)below(CARD_STATE_MAX_);
        r->card.expires_ms = below(10000000);
        for (size_t i = 0; i < TEXTS; i++) {
                buf_init(&r->texts[i], ROOM);
                random_text(&r->texts[i], false);
                *fields[i] = buf_str(&r->texts[i]);
        }
        r->card.agent = *fields[below(TEXTS)];
        r->card.lane = *fields[below(TEXTS)];
        if (below(8) == 0)
                r->card.method = STR("tools/call");
        buf_init(&r->arguments, ROOM);
        random_arguments(&r->arguments);
        r->card.arguments = buf_str(&r->arguments);
}

static void random_card_deinit(struct random_card *r)
{
        for (size_t i = 0; i < TEXTS; i++)
                buf_deinit(&r->texts[i]);
        buf_deinit(&r->arguments);
}

static const char *const labels[] = { "", "APPROVE?", "APPROVED", "USED", "DENIED", "EXPIRED", "VOID", "WHAT", "REACH",
        "UNDO", "METHOD", "TOOL", "SERVER", "LANE", "ARGS", "WHY ASK", "RULE", "POLICY", "ASKED BY", "AGENT", "SESSION",
        "SEEN", "MARKS", "NEEDS", "LETTERS" };

static bool is_label(struct str columns)
{
        for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
                char padded[CARD_TEXT_LABEL + 1];

                snprintf(padded, sizeof(padded), "%-9s", labels[i]);
                if (str_eq(columns, str_from(padded)))
                        return true;
        }
        return false;
}

/* Blocks of letters that stand one by one from left to right; written down here by another hand than in inert.c. */
static bool may_be_shown(uint32_t cp)
{
        return (cp >= 0xC0 && cp <= 0x17E && cp != 0xD7 && cp != 0xF7 && cp != 0x131 && cp != 0x138 && cp != 0x149) ||
               (cp >= 0x386 && cp <= 0x3CE) || (cp >= 0x400 && cp <= 0x481) || (cp >= 0x48A && cp <= 0x52F) ||
               (cp >= 0x531 && cp <= 0x586) || (cp >= 0x10D0 && cp <= 0x10FA) || (cp >= 0x3041 && cp <= 0x3096) ||
               (cp >= 0x30A1 && cp <= 0x30FA) || (cp >= 0x3400 && cp <= 0x9FEF) || (cp >= 0xAC00 && cp <= 0xD7A3);
}

static bool is_foreign(struct str line)
{
        return line.len > CARD_TEXT_LABEL && (line.ptr[CARD_TEXT_LABEL] == '|' || line.ptr[CARD_TEXT_LABEL] == ':');
}

static void check_line(struct str line, const struct card_text_options *options)
{
        const bool foreign = is_foreign(line);
        unsigned columns = 0;

        cr_assert_geq(line.len, CARD_TEXT_LABEL);
        cr_assert(is_label(str_of(line.ptr, CARD_TEXT_LABEL)), "%.*s", STR_FMT(line));
        if (foreign)
                cr_assert_eq(line.ptr[CARD_TEXT_LABEL + 1], ' ');
        for (struct str rest = line; rest.len > 0;) {
                uint32_t cp;
                const size_t used = utf8_decode(rest, &cp);

                cr_assert_gt(used, 0);
                if (cp < 0x80) {
                        cr_assert(cp >= 0x20 && cp < 0x7F, "%.*s", STR_FMT(line));
                        cr_assert(foreign || (cp != '~' && cp != '|'), "%.*s", STR_FMT(line));
                } else
                        cr_assert(foreign && options->letters && may_be_shown(cp), "U+%04X: %.*s", cp, STR_FMT(line));
                columns += cp < 0x80 ? 1 : 2;
                rest = str_skip(rest, used);
        }
        cr_assert_leq(columns, options->width, "%u: %.*s", columns, STR_FMT(line));
}

/* The lines' foreign text without labels and bars, texts apart by newlines; only what stands from "ARGS" to the next
 * label. */
static void gather_arguments(struct str text, struct buf *ret)
{
        bool in = false;

        while (text.len > 0) {
                const char *end = memchr(text.ptr, '\n', text.len);
                const struct str line = str_of(text.ptr, (size_t)(end - text.ptr));

                if (line.ptr[0] != ' ')
                        in = str_starts_with(line, STR("ARGS"));
                else if (in && is_foreign(line)) {
                        if (line.ptr[CARD_TEXT_LABEL] == '|' && ret->len > 0)
                                buf_append_char(ret, '\n');
                        buf_append_str(ret, str_skip(line, CARD_TEXT_LABEL + 2));
                }
                text = str_skip(text, line.len + 1);
        }
}

/* "name = value" lines as an object: quotes for names that have none, commas for newlines. */
static void as_object(struct str gathered, struct buf *ret)
{
        buf_append_char(ret, '{');
        while (gathered.len > 0) {
                const char *end = memchr(gathered.ptr, '\n', gathered.len);
                const struct str line = str_of(gathered.ptr, end ? (size_t)(end - gathered.ptr) : gathered.len);
                size_t name = 0;

                if (line.ptr[0] == '"')
                        for (name = 1; line.ptr[name] != '"'; name++)
                                name += line.ptr[name] == '\\';
                else
                        name = (size_t)((const char *)memchr(line.ptr, ' ', line.len) - line.ptr) - 1;
                name++;
                cr_assert(str_starts_with(str_skip(line, name), STR(" = ")), "%.*s", STR_FMT(line));
                if (ret->len > 1)
                        buf_append_char(ret, ',');
                if (line.ptr[0] == '"')
                        buf_append(ret, line.ptr, name);
                else
                        buf_printf(ret, "\"%.*s\"", (int)name, line.ptr);
                buf_append_char(ret, ':');
                buf_append_str(ret, str_skip(line, name + 3));
                gathered = str_skip(gathered, line.len + 1);
        }
        buf_append_char(ret, '}');
}

static void canonical(struct str text, struct buf *ret)
{
        struct json_doc doc;

        json_doc_init(&doc, seed);
        cr_assert_eq(json_read(&doc, text), JSON_OK, "%.*s", STR_FMT(text));
        cr_assert_eq(json_write(ret, &doc, 0), 0);
        json_doc_deinit(&doc);
}

/* From what is on the screen the arguments can be written down again, to the byte. */
static void check_completeness(const struct card *card, struct str text)
{
        struct buf gathered = BUF_INIT(ROOM), object = BUF_INIT(ROOM), shown = BUF_INIT(ROOM), sent = BUF_INIT(ROOM);

        gather_arguments(text, &gathered);
        as_object(buf_str(&gathered), &object);
        canonical(buf_str(&object), &shown);
        canonical(card->arguments, &sent);
        cr_assert(str_eq(buf_str(&shown), buf_str(&sent)), "shown:\n%.*s\nsent:\n%.*s", STR_FMT(buf_str(&shown)),
                STR_FMT(buf_str(&sent)));
        buf_deinit(&gathered);
        buf_deinit(&object);
        buf_deinit(&shown);
        buf_deinit(&sent);
}

static void check_card(const struct card *card)
{
        struct card_text_options options = { .width = CARD_TEXT_MIN_WIDTH + below(100),
                .letters = below(3) != 0,
                .unfolded = below(2),
                .now_ms = below(1000000) };
        struct buf b = BUF_INIT(ROOM);
        size_t hidden = SIZE_MAX;

        cr_assert_eq(card_text_write(&b, card, &options, &hidden), 0);
        cr_assert(b.len > 0 && b.data[b.len - 1] == '\n');
        for (struct str rest = buf_str(&b); rest.len > 0;) {
                const struct str line =
                        str_of(rest.ptr, (size_t)((const char *)memchr(rest.ptr, '\n', rest.len) - rest.ptr));

                check_line(line, &options);
                rest = str_skip(rest, line.len + 1);
        }
        if (options.unfolded)
                cr_assert_eq(hidden, 0);
        if (hidden == 0)
                check_completeness(card, buf_str(&b));
        buf_deinit(&b);
}

Test(card_text_properties, random_hostile_cards, .timeout = 600)
{
        for (unsigned i = 0; i < ROUNDS; i++) {
                struct random_card r;

                random_card(&r);
                check_card(&r.card);
                random_card_deinit(&r);
        }
        CHECK_NO_LEAKS();
}
