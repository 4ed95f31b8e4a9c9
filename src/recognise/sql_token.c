/* SPDX-License-Identifier: Apache-2.0 */
#include "sql_token.h"

#include <stdint.h>

#include "utf8.h"

#define NAME_BYTES 64U /* MySQL's limit; PostgreSQL cuts at 63 */

static bool is_space(char c)
{
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_word_start(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word(char c)
{
        return is_word_start(c) || is_digit(c);
}

static bool is_operator(char c)
{
        return c != '\0' && strchr("+-*/%<>=|!", c);
}

static char peek(const struct sql_reader *r, size_t ahead)
{
        return ahead < r->text.len - r->at ? r->text.ptr[r->at + ahead] : '\0';
}

bool sql_fail(struct sql_reader *r, const char *why)
{
        if (!r->why)
                r->why = why;
        return false;
}

/* Behind names, numbers and texts the four differ: N'x', 1a, "a""b", 'a' 'b' without a space. */
static bool ends_cleanly(struct sql_reader *r)
{
        char next = peek(r, 0);

        if (is_word(next) || next == '\'' || next == '"')
                return sql_fail(r, "two words, numbers or texts stand together without a space");
        return true;
}

/* Letters of scripts, which no code page turns into a quote or a backslash. */
static bool is_letter(uint32_t cp)
{
        static const struct {
                uint32_t first, last;
        } letters[] = {
                { 0x00C0, 0x024F },                     /* Latin */
                { 0x0391, 0x03FF },                     /* Greek */
                { 0x0400, 0x0481 },                     /* Cyrillic */
                { 0x048A, 0x052F }, { 0x05D0, 0x05EA }, /* Hebrew */
                { 0x0620, 0x064A },                     /* Arabic */
                { 0x0E01, 0x0E2E },                     /* Thai */
                { 0x1E00, 0x1EFF },                     /* Vietnamese, among others */
                { 0x3041, 0x3096 },                     /* Hiragana */
                { 0x30A1, 0x30FA },                     /* Katakana */
                { 0x3400, 0x4DBF },                     /* Han */
                { 0x4E00, 0x9FFF }, { 0xAC00, 0xD7A3 }, /* Hangul */
        };

        for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); ++i) {
                if (cp >= letters[i].first && cp <= letters[i].last)
                        return true;
        }
        return false;
}

/* The length of the character at the start of a text's @rest; NULL, or why it cannot stand there. Some servers look for
 * comments and for semicolons without looking for quotes first. */
static const char *text_trouble(struct str rest, size_t *ret_len)
{
        char c = rest.ptr[0], next = rest.len > 1 ? rest.ptr[1] : '\0';
        uint32_t cp = 0;

        *ret_len = 1;
        if (c == '\\')
                return "a text holds a backslash, which MySQL takes for an escape";
        if (c == ';' || (c == '-' && next == '-') || (c == '/' && next == '*') || (c == '*' && next == '/'))
                return "a text holds a ; or a sign of a comment, for which some servers look in texts too";
        if (c >= ' ' && c <= '~')
                return NULL;
        *ret_len = utf8_decode(rest, &cp);
        if (*ret_len == 0 || !is_letter(cp))
                return "a text holds a control character, or one that is neither ASCII nor a common letter";
        return NULL;
}

static bool read_string(struct sql_reader *r, struct sql_token *t)
{
        size_t start = ++r->at;

        while (r->at < r->text.len) {
                const char *trouble;
                size_t n = 2;

                if (peek(r, 0) != '\'') {
                        trouble = text_trouble(str_skip(r->text, r->at), &n);
                        if (trouble)
                                return sql_fail(r, trouble);
                } else if (peek(r, 1) != '\'') {
                        *t = (struct sql_token){ SQL_STRING, str_of(r->text.ptr + start, r->at - start), t->glued };
                        ++r->at;
                        return ends_cleanly(r);
                }
                r->at += n;
        }
        return sql_fail(r, "a text is not closed");
}

/* To MySQL "a name" is a text and to SQLite perhaps; all find its end at the same place when it holds word characters.
 */
static bool read_quoted(struct sql_reader *r, struct sql_token *t)
{
        size_t start = ++r->at;

        while (is_word(peek(r, 0)) || peek(r, 0) == ' ')
                ++r->at;
        if (peek(r, 0) != '"' || r->at == start || r->at - start > NAME_BYTES)
                return sql_fail(r, "a name in double quotes holds more than letters, digits, _ and spaces, or is empty "
                                   "or too long");
        *t = (struct sql_token){ SQL_QUOTED, str_of(r->text.ptr + start, r->at - start), t->glued };
        ++r->at;
        return ends_cleanly(r);
}

static bool read_number(struct sql_reader *r, struct sql_token *t)
{
        size_t start = r->at;

        while (is_digit(peek(r, 0)))
                ++r->at;
        if (peek(r, 0) == '.') {
                if (!is_digit(peek(r, 1)))
                        return sql_fail(r, "a number ends with a dot");
                do
                        ++r->at;
                while (is_digit(peek(r, 0)));
        }
        if (peek(r, 0) == 'e' || peek(r, 0) == 'E') {
                r->at += peek(r, 1) == '+' || peek(r, 1) == '-' ? 2 : 1;
                if (!is_digit(peek(r, 0)))
                        return sql_fail(r, "a number has no digits behind its e");
                while (is_digit(peek(r, 0)))
                        ++r->at;
        }
        *t = (struct sql_token){ SQL_NUMBER, str_of(r->text.ptr + start, r->at - start), t->glued };
        if (peek(r, 0) == '.')
                return sql_fail(r, "a number has two dots");
        return ends_cleanly(r);
}

static bool read_word(struct sql_reader *r, struct sql_token *t)
{
        size_t start = r->at;

        while (is_word(peek(r, 0)))
                ++r->at;
        *t = (struct sql_token){ SQL_WORD, str_of(r->text.ptr + start, r->at - start), t->glued };
        if (t->text.len > NAME_BYTES)
                return sql_fail(r, "a name is too long");
        return ends_cleanly(r);
}

/* PostgreSQL takes as many operator characters as it can for one operator; the others cut them. */
static bool read_operator(struct sql_reader *r, struct sql_token *t)
{
        static const struct str operators[] = {
                STR_INIT("+"),
                STR_INIT("-"),
                STR_INIT("*"),
                STR_INIT("/"),
                STR_INIT("%"),
                STR_INIT("="),
                STR_INIT("<"),
                STR_INIT(">"),
                STR_INIT("<>"),
                STR_INIT("!="),
                STR_INIT("<="),
                STR_INIT(">="),
                STR_INIT("||"),
        };
        size_t start = r->at;
        struct str run;

        while (is_operator(peek(r, 0)))
                ++r->at;
        run = str_of(r->text.ptr + start, r->at - start);
        for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); ++i) {
                if (str_eq(run, operators[i])) {
                        *t = (struct sql_token){ SQL_SIGN, run, t->glued };
                        return true;
                }
        }
        if (memmem(run.ptr, run.len, "--", 2) || memmem(run.ptr, run.len, "/*", 2))
                return sql_fail(r, "it holds a comment");
        return sql_fail(r, "it holds an operator that not every dialect knows, or two without a space between");
}

static bool read_other(struct sql_reader *r, struct sql_token *t)
{
        char c = peek(r, 0);

        if (c && strchr("(),.;", c)) {
                *t = (struct sql_token){ SQL_SIGN, str_of(r->text.ptr + r->at++, 1), t->glued };
                return true;
        }
        if (c == '#')
                return sql_fail(r, "it holds a #, with which MySQL begins a comment");
        if (c && strchr("@:?$", c))
                return sql_fail(r, "it holds a variable or a place for one (one of @ : ? $): write the value");
        if (c && strchr("[]`", c))
                return sql_fail(
                        r, "it holds a name in brackets or backticks: quote names with double quotes, or not at all");
        if ((unsigned char)c >= 0x80)
                return sql_fail(r, "it holds a character that is not ASCII outside a text in single quotes");
        return sql_fail(r, "it holds a character that not every dialect knows outside a text");
}

static bool read_token(struct sql_reader *r, struct sql_token *t)
{
        char c = peek(r, 0);

        if (r->at == r->text.len) {
                t->kind = SQL_END;
                return true;
        }
        if (is_word_start(c))
                return read_word(r, t);
        if (is_digit(c))
                return read_number(r, t);
        if (is_operator(c))
                return read_operator(r, t);
        if (c == '\'')
                return read_string(r, t);
        if (c == '"')
                return read_quoted(r, t);
        return read_other(r, t);
}

void sql_advance(struct sql_reader *r)
{
        struct sql_token t = { .glued = true };

        if (r->token.kind == SQL_END || r->token.kind == SQL_BROKEN)
                return;
        while (is_space(peek(r, 0))) {
                ++r->at;
                t.glued = false;
        }
        if (!read_token(r, &t))
                t = (struct sql_token){ .kind = SQL_BROKEN };
        r->token = t;
}

void sql_begin(struct sql_reader *r, struct str text)
{
        *r = (struct sql_reader){ .text = text, .token = { .kind = SQL_SIGN } };
        sql_advance(r);
}

bool sql_is_word(const struct sql_reader *r, const char *word)
{
        struct str wanted = str_from(word);

        if (r->token.kind != SQL_WORD || r->token.text.len != wanted.len)
                return false;
        for (size_t i = 0; i < wanted.len; ++i) {
                char c = r->token.text.ptr[i];

                if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != wanted.ptr[i])
                        return false;
        }
        return true;
}

bool sql_is_sign(const struct sql_reader *r, const char *sign)
{
        return r->token.kind == SQL_SIGN && str_eq(r->token.text, str_from(sign));
}

bool sql_take_word(struct sql_reader *r, const char *word)
{
        bool is = sql_is_word(r, word);

        if (is)
                sql_advance(r);
        return is;
}

bool sql_take_sign(struct sql_reader *r, const char *sign)
{
        bool is = sql_is_sign(r, sign);

        if (is)
                sql_advance(r);
        return is;
}

bool sql_take_kind(struct sql_reader *r, enum sql_token_kind kind)
{
        bool is = r->token.kind == kind;

        if (is)
                sql_advance(r);
        return is;
}

bool sql_need_word(struct sql_reader *r, const char *word)
{
        return sql_take_word(r, word) ||
               sql_fail(r, "a word or sign stands where the grammar of a plain SELECT has another");
}

bool sql_need_sign(struct sql_reader *r, const char *sign)
{
        return sql_take_sign(r, sign) ||
               sql_fail(r, "a word or sign stands where the grammar of a plain SELECT has another");
}

bool sql_is_call(const struct sql_reader *r)
{
        return r->token.kind == SQL_WORD && peek(r, 0) == '(';
}
