/* SPDX-License-Identifier: Apache-2.0 */
#include "compile.h"
#include "limit.h"

/* What PCRE2 makes lives and dies with the policy set. */
static void *allocate(size_t size, void *userdata)
{
        return arena_alloc(userdata, size);
}

static void release(void *ptr, void *userdata)
{
        (void)ptr;
        (void)userdata;
}

static pcre2_compile_context *context_of(struct compile *c)
{
        pcre2_general_context *general;

        if (c->regex)
                return c->regex;
        general = pcre2_general_context_create(allocate, release, c->arena);
        if (general)
                c->regex = pcre2_compile_context_create(general);
        if (c->regex)
                pcre2_set_max_pattern_length(c->regex, LIMIT_REGEX_BYTES);
        else
                c->no_memory = true;
        return c->regex;
}

static void report(struct compile *c, const struct yaml_node *node, int error, size_t offset)
{
        struct yaml_node at = *node;
        size_t quotes = node->quoted ? 2 : 0;
        PCRE2_UCHAR message[160];

        if (error == PCRE2_ERROR_NOMEMORY) {
                c->no_memory = true;
                return;
        }
        if (pcre2_get_error_message(error, message, sizeof(message)) < 0)
                message[0] = '\0';
        if (node->length == node->text.len + quotes && offset < node->text.len) {
                at.column += (uint32_t)(offset + quotes / 2);
                at.length = 1;
        }
        compile_error(c, P_BAD_REGEX, &at, NULL, "not a regular expression (PCRE2): %s", (const char *)message);
}

static bool compile_with(struct compile *c, const struct yaml_node *node, uint32_t options, struct condition *ret)
{
        pcre2_compile_context *context = context_of(c);
        PCRE2_SIZE offset = 0;
        struct str text;
        int error = 0;

        if (!context || !compile_wants(c, node, YAML_TEXT, "a regular expression"))
                return false;
        if (node->text.len == 0 || node->text.len > LIMIT_REGEX_BYTES) {
                compile_error(c, P_BAD_REGEX, node, NULL, "a regular expression has 1 to %u bytes", LIMIT_REGEX_BYTES);
                return false;
        }
        if (c->regex_count == LIMIT_REGEXES) {
                compile_error(c, P_TOO_MANY_REGEXES, node, "`like`, `starts_with` and `one_of` do for most things",
                        "a policy has at most %u regular expressions", LIMIT_REGEXES);
                return false;
        }
        c->regex_count++;
        if (!compile_bound_regex(c, node, &text, &ret->never))
                return false;
        ret->source = text;
        options |= PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY;
        ret->regex = pcre2_compile((PCRE2_SPTR)text.ptr, text.len, options, &error, &offset, context);
        if (!ret->regex)
                report(c, node, error, text.len == node->text.len ? offset : SIZE_MAX);
        return ret->regex != NULL;
}

bool compile_regex(struct compile *c, const struct yaml_node *node, bool whole, struct condition *ret)
{
        ret->whole = whole;
        return compile_with(c, node, whole ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0, ret);
}

bool compile_counted_regex(struct compile *c, const struct yaml_node *node, struct condition *ret)
{
        return compile_with(c, node, PCRE2_AUTO_CALLOUT, ret);
}
