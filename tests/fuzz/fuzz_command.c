/* SPDX-License-Identifier: Apache-2.0
 *
 * Any pattern over any command: a command that is read is exactly its words with spaces and quotes between, an allow
 * pattern takes nothing that the same pattern would not deny, and a pattern made of quoted words takes these words.
 *
 * Input: the pattern, a line end, the command.
 */
#include <stdint.h>
#include <stdlib.h>

#include "command_words.h"
#include "plain_command.h"

#define REQUIRE(condition) ((condition) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void append_word(struct buf *b, const struct command_word *w)
{
        buf_append_str(b, w->head);
        if (w->quoted) {
                buf_append_char(b, '"');
                buf_append_str(b, w->tail);
                buf_append_char(b, '"');
        }
}

static void check_words(struct str text)
{
        struct buf AUTO_BUF again = BUF_INIT(1U << 20);
        struct command_words words;
        const char *why = NULL;

        if (!command_words_read(&words, text, &why)) {
                REQUIRE(why != NULL);
                return;
        }
        for (size_t i = 0; i < words.count; i++) {
                if (i)
                        buf_append_char(&again, ' ');
                append_word(&again, &words.word[i]);
        }
        REQUIRE(!again.failed && str_eq(buf_str(&again), text));
}

/* The command's own words, quoted as a bound value is, make a pattern that takes it. */
static void check_quoting(struct str text)
{
        struct buf AUTO_BUF pattern = BUF_INIT(1U << 20);
        struct command_problem problem;
        struct command_pattern p;
        struct command_words words;
        const char *why;

        if (!command_words_read(&words, text, &why))
                return;
        for (size_t i = 0; i < words.count; i++) {
                if (i)
                        buf_append_char(&pattern, ' ');
                if (command_word_len(&words.word[i]) == 0)
                        buf_append_str(&pattern, STR("\"\""));
                REQUIRE(command_pattern_quote(&pattern, words.word[i].head) == 0);
                REQUIRE(command_pattern_quote(&pattern, words.word[i].tail) == 0);
        }
        if (pattern.len > LIMIT_COMMAND_PATTERN_BYTES)
                return;
        REQUIRE(command_pattern_compile(&p, buf_str(&pattern), false, &problem));
        REQUIRE(command_recognise(text, &p, 1, &why) == RECOGNISED_HOLDS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct str text = str_of((const char *)data, size), pattern = { text.ptr, 0 };
        const char *end = size ? memchr(data, '\n', size) : NULL;
        struct command_pattern allow, deny;
        struct command_problem problem = { 0 };
        enum recognised allowed, denied;
        const char *why = "untouched";

        if (end) {
                pattern.len = (size_t)(end - text.ptr);
                text = str_skip(text, pattern.len + 1);
        }
        check_words(text);
        check_quoting(text);
        if (!command_pattern_compile(&allow, pattern, false, &problem)) {
                REQUIRE(problem.what && problem.offset + problem.length <= pattern.len + (pattern.len == 0));
                return 0;
        }
        REQUIRE(command_pattern_compile(&deny, pattern, true, &problem));
        allowed = command_recognise(text, &allow, 1, &why);
        REQUIRE((allowed == RECOGNISED_HOLDS) == (why == NULL));
        denied = command_recognise(text, &deny, 1, &why);
        REQUIRE(allowed != RECOGNISED_HOLDS || denied != RECOGNISED_DOES_NOT);
        return 0;
}
