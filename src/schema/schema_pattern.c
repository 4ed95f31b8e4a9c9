/* SPDX-License-Identifier: Apache-2.0
 *
 * Patterns of schemas: compiled once and kept for the next calls, run under PCRE2's limits. The pattern and the text are the
 * peers': a pattern that PCRE2 gives up on is not evaluated.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "alloc.h"
#include "common_regex.h"
#include "evaluation.h"
#include "limit.h"

/* Most patterns need a few dozen; those that need more are tried again with as many as take half a millisecond. */
#define FEW_MATCHES 1000U
#define MOST_MATCHES 50000U
#define MATCH_DEPTH 1000U
/* In KiB. */
#define MATCH_HEAP 1024U

/* In steps: about what each takes in the time that a step takes. */
#define COST_OF_COMPILING 10000U
#define COST_OF_MATCHING 200U
#define COST_OF_HARD_MATCHING 20000U

struct kept_pattern {
        struct buf text; /* of the schema, unescaped; its owner's */
        bool used, usable;
        struct common_regex regex;
        pcre2_code *code; /* NULL unless usable */
};

struct schema_scratch {
        struct kept_pattern kept[LIMIT_SCHEMA_PATTERNS];
        unsigned next; /* whose place the next new one takes */
        struct buf pattern, text; /* unescaped, of the match at hand */
        pcre2_general_context *general;
        pcre2_compile_context *compiling;
        pcre2_match_context *matching;
        pcre2_match_data *match;
};

static void *take_memory(PCRE2_SIZE size, void *userdata)
{
        (void)userdata;
        return size <= LIMIT_SCHEMA_PATTERN_MEMORY ? mem_alloc(size) : NULL;
}

static void give_memory(void *ptr, void *userdata)
{
        (void)userdata;
        mem_free(ptr);
}

struct schema_scratch *schema_scratch_new(void)
{
        struct schema_scratch *s = mem_calloc(1, sizeof(*s));

        if (!s)
                return NULL;
        for (size_t i = 0; i < LIMIT_SCHEMA_PATTERNS; i++)
                buf_init(&s->kept[i].text, LIMIT_SCHEMA_PATTERN_BYTES);
        buf_init(&s->pattern, LIMIT_SCHEMA_PATTERN_BYTES);
        buf_init(&s->text, LIMIT_SCHEMA_PATTERN_TEXT);
        s->general = pcre2_general_context_create(take_memory, give_memory, NULL);
        s->compiling = s->general ? pcre2_compile_context_create(s->general) : NULL;
        s->matching = s->general ? pcre2_match_context_create(s->general) : NULL;
        s->match = s->general ? pcre2_match_data_create(1, s->general) : NULL;
        if (!s->compiling || !s->matching || !s->match)
                return schema_scratch_free(s);
        pcre2_set_newline(s->compiling, PCRE2_NEWLINE_LF);
        pcre2_set_depth_limit(s->matching, MATCH_DEPTH);
        pcre2_set_heap_limit(s->matching, MATCH_HEAP);
        return s;
}

struct schema_scratch *schema_scratch_free(struct schema_scratch *s)
{
        if (!s)
                return NULL;
        for (size_t i = 0; i < LIMIT_SCHEMA_PATTERNS; i++) {
                buf_deinit(&s->kept[i].text);
                pcre2_code_free(s->kept[i].code);
        }
        buf_deinit(&s->pattern);
        buf_deinit(&s->text);
        pcre2_match_data_free(s->match);
        pcre2_match_context_free(s->matching);
        pcre2_compile_context_free(s->compiling);
        pcre2_general_context_free(s->general);
        mem_free(s);
        return NULL;
}

static pcre2_code *compile(struct schema_scratch *s, struct str text)
{
        PCRE2_SIZE at;
        int error;

        return pcre2_compile((PCRE2_SPTR)text.ptr, text.len,
                PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX |
                        PCRE2_NO_AUTO_CAPTURE,
                &error, &at, s->compiling);
}

/* The kept pattern of that text, made now if need be; NULL when there are no steps or no memory for it. */
static struct kept_pattern *keep(struct evaluation *e, struct schema_scratch *s, struct str text)
{
        struct kept_pattern *place;

        for (size_t i = 0; i < LIMIT_SCHEMA_PATTERNS; i++)
                if (s->kept[i].used && str_eq(buf_str(&s->kept[i].text), text))
                        return &s->kept[i];
        if (!spend(e, COST_OF_COMPILING))
                return NULL;
        place = &s->kept[s->next];
        s->next = (s->next + 1) % LIMIT_SCHEMA_PATTERNS;
        place->used = false;
        pcre2_code_free(place->code);
        place->code = NULL;
        buf_clear(&place->text, LIMIT_SCHEMA_PATTERN_BYTES);
        if (buf_append_str(&place->text, text) < 0)
                return NULL;
        place->usable = common_regex_read(text, &place->regex);
        place->code = place->usable ? compile(s, text) : NULL;
        place->usable = place->code != NULL;
        place->used = true;
        return place;
}

/* PCRE2's outcome. The text is valid UTF-8: the reader has seen to that. */
static int run(struct evaluation *e, struct schema_scratch *s, const pcre2_code *code, struct str text)
{
        PCRE2_SPTR subject = (PCRE2_SPTR)(text.len ? text.ptr : "");
        int r;

        if (!spend(e, COST_OF_MATCHING + text.len / EVALUATION_BYTES_A_STEP))
                return PCRE2_ERROR_MATCHLIMIT;
        pcre2_set_match_limit(s->matching, FEW_MATCHES);
        r = pcre2_match(code, subject, text.len, 0, PCRE2_NO_UTF_CHECK, s->match, s->matching);
        if (r != PCRE2_ERROR_MATCHLIMIT || !spend(e, COST_OF_HARD_MATCHING))
                return r;
        pcre2_set_match_limit(s->matching, MOST_MATCHES);
        return pcre2_match(code, subject, text.len, 0, PCRE2_NO_UTF_CHECK, s->match, s->matching);
}

enum outcome pattern_is_found(struct evaluation *e, uint32_t pattern, enum keyword keyword, uint32_t string)
{
        struct schema_scratch *s = e->scratch;
        struct kept_pattern *kept;
        struct str text;
        int r;

        if (!s)
                return unsure_about(e, keyword, "needs working memory");
        buf_clear(&s->pattern, LIMIT_SCHEMA_PATTERN_BYTES);
        buf_clear(&s->text, LIMIT_SCHEMA_PATTERN_TEXT);
        if (json_string_get(e->schema, pattern, &s->pattern, &text) < 0 || text.len > LIMIT_SCHEMA_PATTERN_BYTES)
                return unsure_about(e, keyword, "is too long");
        kept = keep(e, s, text);
        if (!kept || !kept->usable)
                return unsure_about(e, keyword, "is not one that every engine reads alike");
        if (json_string_get(e->value, string, &s->text, &text) < 0 || text.len > LIMIT_SCHEMA_PATTERN_TEXT)
                return unsure_about(e, keyword, "is about a text that is too long");
        if (!common_regex_suits(&kept->regex, text))
                return unsure_about(e, keyword, "is about a text that not every engine reads alike");
        r = run(e, s, kept->code, text);
        if (r == PCRE2_ERROR_NOMATCH)
                return OUTCOME_FAILS;
        return r >= 0 ? OUTCOME_FITS : unsure_about(e, keyword, "takes too long");
}
