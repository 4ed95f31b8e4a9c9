/* SPDX-License-Identifier: Apache-2.0 */
#include "card_text.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>

#include "foreign_lines.h"
#include "hex.h"
#include "writer.h"

static_assert(CARD_TEXT_LABEL == FOREIGN_LABEL_COLUMNS, "two names of one number");

/* Folded: lines of one text, and arguments. */
#define FOLD_SENTENCE 4U
#define FOLD_ARGUMENT 2U
#define FOLD_OTHER 2U
#define FOLD_ARGUMENTS 12U

struct page {
        struct lines lines;
        const struct card *card;
        const struct card_text_options *options;
        bool arguments_unread;
};

static size_t fold(const struct page *p, size_t lines)
{
        return p->options->unfolded ? 0 : lines;
}

int card_text_left(struct buf *out, uint64_t now_ms, uint64_t expires_ms)
{
        const uint64_t left = expires_ms > now_ms ? (expires_ms - now_ms) / 1000 : 0;

        if (left >= 3600)
                return buf_printf(
                        out, "%" PRIu64 ":%02u:%02u", left / 3600, (unsigned)(left / 60 % 60), (unsigned)(left % 60));
        return buf_printf(out, "%u:%02u", (unsigned)(left / 60), (unsigned)(left % 60));
}

/* A text of several lines that was cut says how much there is. */
static void foreign(struct page *p, const char *label, struct str text, enum inert_kind kind, size_t max)
{
        const size_t left_out = lines_foreign(&p->lines, label, text, kind, fold(p, max));

        if (left_out > 0)
                lines_own(&p->lines, "", "... and %zu more bytes, which are not shown", left_out);
}

static void foreign_or(
        struct page *p, const char *label, struct str text, enum inert_kind kind, size_t max, const char *unknown)
{
        if (text.len > 0)
                foreign(p, label, text, kind, max);
        else
                lines_own(&p->lines, label, "%s", unknown);
}

static void put_head(struct page *p)
{
        static const char *const heads[CARD_STATE_MAX_] = {
                [CARD_OPEN] = "APPROVE?",
                [CARD_APPROVED] = "APPROVED",
                [CARD_USED] = "USED",
                [CARD_DENIED] = "DENIED",
                [CARD_EXPIRED] = "EXPIRED",
                [CARD_WITHDRAWN] = "VOID",
        };
        const struct card *card = p->card;
        struct buf left = BUF_INIT(64);

        if (card_text_left(&left, p->options->now_ms, card->expires_ms) < 0)
                p->lines.out->failed = true;
        else if (card->state == CARD_OPEN)
                lines_own(&p->lines, heads[card->state], "%s, expires in %.*s", card->id, STR_FMT(buf_str(&left)));
        else if (card->state == CARD_APPROVED)
                lines_own(&p->lines, heads[card->state], "%s, once, for %.*s more; its call has not come yet", card->id,
                        STR_FMT(buf_str(&left)));
        else
                lines_own(&p->lines, (unsigned)card->state < CARD_STATE_MAX_ ? heads[card->state] : "UNKNOWN", "%s",
                        card->id);
        buf_deinit(&left);
}

static void put_effect(struct page *p)
{
        const struct card *card = p->card;

        foreign_or(p, "WHAT", card->say, INERT_VISIBLE, FOLD_SENTENCE,
                "UNKNOWN: the policy has no sentence for it; read the call");
        foreign_or(p, "REACH", card->reach, INERT_PLAIN, FOLD_OTHER, "UNKNOWN: the server says nothing about it");
        if (card->reach.len > 0)
                lines_own(&p->lines, "", "(by the server's own word)");
        foreign_or(p, "UNDO", card->undo, INERT_PLAIN, FOLD_SENTENCE, "UNKNOWN: the policy does not say");
}

static bool is_plain_name(struct str name)
{
        for (size_t i = 0; i < name.len; i++) {
                const char c = name.ptr[i];

                if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                            c == '-' || c == '.'))
                        return false;
        }
        return name.len > 0;
}

/* A name with anything in it that could pass for something else stands in quotes. */
static int put_name(struct buf *out, struct str name)
{
        return is_plain_name(name) ? buf_append_str(out, name) : json_string_append(out, name);
}

static void put_cut_value(struct page *p, struct str value, size_t left_out)
{
        uint8_t digest[crypto_hash_sha256_BYTES];
        struct buf hex = BUF_INIT(2 * sizeof(digest) + 1);

        crypto_hash_sha256(digest, (const unsigned char *)value.ptr, value.len);
        if (hex_append(&hex, digest, 8) < 0)
                p->lines.out->failed = true;
        else
                lines_own(&p->lines, "", "... %zu of %zu bytes are not shown (SHA-256 %.*s...)", left_out, value.len,
                        STR_FMT(buf_str(&hex)));
        buf_deinit(&hex);
}

static void put_argument(struct page *p, const struct json_doc *doc, uint32_t name, uint32_t value, struct buf *line)
{
        const struct str text = json_text(doc, value);
        struct str raw_name = json_raw_string(doc, name);
        size_t left_out;

        buf_clear(line, SIZE_MAX);
        /* A name with an escape in it is no plain one; as JSON text it can stand as it is. */
        if (json_at(doc, name)->escaped || !is_plain_name(raw_name))
                raw_name = json_text(doc, name);
        buf_append_str(line, raw_name);
        buf_append_str(line, STR(" = "));
        buf_append_str(line, text);
        if (line->failed) {
                p->lines.out->failed = true;
                return;
        }
        left_out = lines_foreign(&p->lines, "", buf_str(line), INERT_JSON, fold(p, FOLD_ARGUMENT));
        if (left_out > 0)
                put_cut_value(p, text, left_out);
}

static void put_members(struct page *p, const struct json_doc *doc)
{
        struct buf line = BUF_INIT(2 * (size_t)p->card->arguments.len + 16);
        const size_t most = fold(p, FOLD_ARGUMENTS);
        size_t count = 0;

        json_each_member (doc, 0, name, value)
                count++;
        lines_own(&p->lines, "ARGS", "%zu, in %zu bytes, as the server would get them:", count, p->card->arguments.len);
        count = 0;
        json_each_member (doc, 0, name, value) {
                if (most == 0 || count < most)
                        put_argument(p, doc, name, value, &line);
                count++;
        }
        if (most && count > most) {
                p->lines.hidden++;
                lines_own(&p->lines, "", "... and %zu more arguments, which are not shown", count - most);
        }
        buf_deinit(&line);
}

static void put_arguments(struct page *p)
{
        const struct str text = p->card->arguments;
        struct json_doc doc;
        enum json_error error;

        if (text.len == 0) {
                lines_own(&p->lines, "ARGS", "none");
                return;
        }
        json_doc_init(&doc, p->options->seed);
        error = json_read(&doc, text);
        if (error == JSON_NO_MEMORY)
                p->lines.out->failed = true;
        else if (error == JSON_OK && json_type_of(&doc, 0) == JSON_OBJECT)
                put_members(p, &doc);
        else {
                lines_own(&p->lines, "ARGS", "unreadable; this is what came:");
                foreign(p, "", text, INERT_PLAIN, FOLD_ARGUMENT);
        }
        json_doc_deinit(&doc);
}

static void put_call(struct page *p)
{
        const struct card *card = p->card;
        struct buf name = BUF_INIT(6 * card->tool.len + 16);

        if (!str_eq(card->method, STR("tools/call")))
                foreign_or(p, "METHOD", card->method, INERT_PLAIN, FOLD_OTHER, "UNKNOWN");
        if (card->tool.len > 0 && put_name(&name, card->tool) < 0)
                p->lines.out->failed = true;
        else
                foreign_or(p, "TOOL", buf_str(&name), is_plain_name(card->tool) ? INERT_PLAIN : INERT_JSON, FOLD_OTHER,
                        "UNKNOWN");
        buf_deinit(&name);
        foreign_or(p, "SERVER", card->server, INERT_VISIBLE, FOLD_OTHER, "UNKNOWN");
        if (card->lane.len > 0)
                foreign(p, "LANE", card->lane, INERT_PLAIN, FOLD_OTHER);
        put_arguments(p);
}

static void put_reason(struct page *p)
{
        const struct card *card = p->card;
        struct buf place = BUF_INIT(card->rule_file.len + card->rule.len + 32);

        foreign_or(p, "WHY ASK", card->because, INERT_PLAIN, FOLD_SENTENCE,
                "the rule below wants a person to look; it gives no reason");
        buf_append_str(&place, card->rule);
        if (card->rule_file.len > 0) {
                buf_append_str(&place, STR(" at "));
                buf_append_str(&place, card->rule_file);
                buf_append_char(&place, ':');
                buf_append_unsigned(&place, card->rule_line);
        }
        p->lines.out->failed |= place.failed;
        foreign_or(p, "RULE", buf_str(&place), INERT_PLAIN, FOLD_OTHER, "UNKNOWN");
        foreign_or(p, "POLICY", card->policy, INERT_PLAIN, FOLD_OTHER, "UNKNOWN");
        buf_deinit(&place);
}

static void put_asker(struct page *p)
{
        const struct card *card = p->card;

        if (card->client_pid > 0)
                lines_own(&p->lines, "ASKED BY", "process %" PRId64 "%s", card->client_pid,
                        card->client.len > 0 ? ", which calls itself" : ", which gives no name");
        else
                lines_own(&p->lines, "ASKED BY", "%s",
                        card->client.len > 0 ? "a process UNKNOWN, which calls itself" : "UNKNOWN");
        foreign(p, "", card->client, INERT_VISIBLE, FOLD_OTHER);
        foreign(p, "AGENT", card->agent, INERT_PLAIN, FOLD_OTHER);
        foreign_or(p, "SESSION", card->session, INERT_PLAIN, FOLD_OTHER, "UNKNOWN");
}

static void put_history(struct page *p)
{
        const struct card *card = p->card;

        lines_own(&p->lines, "SEEN",
                "asked %" PRIu32 " time%s, %" PRIu32 " waiting; this rule here: %" PRIu32 " approved, %" PRIu32
                " denied",
                card->asked, card->asked == 1 ? "" : "s", card->waiting, card->approvals_before, card->denials_before);
        foreign_or(p, "MARKS", card->marks, INERT_PLAIN, FOLD_OTHER,
                "none: this session has met nothing that the policy marks");
        if (card->must_sign && card->by != 1)
                lines_own(&p->lines, "NEEDS", "%" PRIu32 " signatures, of people whom the policy names; %" PRIu32 " so far",
                        card->by, card->given);
        else if (card->must_sign)
                lines_own(&p->lines, "NEEDS", "the signature of somebody whom the policy names");
        else if (card->by != 1)
                lines_own(&p->lines, "NEEDS", "%" PRIu32 " people; %" PRIu32 " so far", card->by, card->given);
        if (p->lines.letters_shown > 0)
                lines_own(&p->lines, "LETTERS", "%zu above are not ASCII, and some may look like others",
                        p->lines.letters_shown);
}

/* Only below what has been shown as a whole: whoever can type it has been past the rest. */
static void put_code(struct page *p)
{
        if (!p->card->code[0] || p->card->state != CARD_OPEN)
                return;
        if (p->lines.hidden > 0)
                lines_own(&p->lines, "CODE", "stands here when all of the call does");
        else
                lines_own(&p->lines, "CODE", "%s, for the form that the client shows, and for nobody else", p->card->code);
}

int card_text_write(
        struct buf *out, const struct card *card, const struct card_text_options *options, size_t *ret_hidden)
{
        const size_t before = out->len;
        struct page p = {
                .lines = {
                        .out = out,
                        .width = options->width < CARD_TEXT_MIN_WIDTH ? CARD_TEXT_MIN_WIDTH : options->width,
                        .letters = options->letters,
                },
                .card = card,
                .options = options,
        };

        put_head(&p);
        put_effect(&p);
        put_call(&p);
        put_reason(&p);
        put_asker(&p);
        put_history(&p);
        put_code(&p);
        if (out->failed) {
                out->len = before;
                return -ENOMEM;
        }
        *ret_hidden = p.lines.hidden;
        return 0;
}

int card_text_foreign(
        struct buf *out, const char *label, struct str text, enum inert_kind kind, unsigned width, bool letters)
{
        const size_t before = out->len;
        struct lines l = {
                .out = out, .width = width < CARD_TEXT_MIN_WIDTH ? CARD_TEXT_MIN_WIDTH : width, .letters = letters
        };

        lines_foreign(&l, label, text, kind, 0);
        if (out->failed) {
                out->len = before;
                return -ENOMEM;
        }
        return 0;
}
