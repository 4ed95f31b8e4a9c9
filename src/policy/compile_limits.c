/* SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>
#include <stdio.h>

#include "compile.h"
#include "hex.h"
#include "limit.h"
#include "limit_words.h"

#define MS_PER_SECOND 1000U
#define MS_PER_DAY (24U * 3600U * MS_PER_SECOND)
/* Longer than any session; what `30d` would be. */
#define SESSION_TIME_MS (30U * MS_PER_DAY)
#define CALL_TIME_MS MS_PER_DAY
#define STATE_DIGITS 16U


static struct policy_limit *add_limit(struct compile *c, enum policy_limit_kind kind, const struct yaml_node *at)
{
        struct policy *p = c->policy;
        struct policy_limit *limit;

        if (p->limit_count == LIMIT_POLICY_LIMITS) {
                compile_error(c, P_TOO_MANY_LIMITS, at, NULL, "a policy has at most %u limits", LIMIT_POLICY_LIMITS);
                return NULL;
        }
        if (!p->limits)
                p->limits = compile_array(c, LIMIT_POLICY_LIMITS, sizeof(*p->limits));
        if (!p->limits)
                return NULL;
        limit = &p->limits[p->limit_count];
        *limit = (struct policy_limit){
                .kind = kind, .file = p->path, .line = at->line, .column = at->column
        };
        if (arena_str(c->arena, at->text, &limit->text) < 0) {
                c->no_memory = true;
                return NULL;
        }
        p->limit_count++;
        return limit;
}

/* --- session and call --- */

static void read_number(struct compile *c, const struct yaml_node *value, enum policy_limit_kind kind, const char *id)
{
        struct policy_limit *limit;

        if (!compile_wants(c, value, YAML_TEXT, "a limit"))
                return;
        limit = add_limit(c, kind, value);
        if (!limit)
                return;
        limit->id = str_from(id);
        if (!limit_number_read(value->text, LIMIT_POLICY_COUNT, &limit->most.units))
                compile_error(c, P_BAD_COUNT, value, "a whole number from 1 to 1000000000, as in `500`",
                        "`%s` is not a number of times", show(value->text).text);
}

static void read_size(struct compile *c, const struct yaml_node *value, enum policy_limit_kind kind, const char *id)
{
        struct policy_limit *limit;

        if (!compile_wants(c, value, YAML_TEXT, "a size"))
                return;
        limit = add_limit(c, kind, value);
        if (!limit)
                return;
        limit->id = str_from(id);
        if (!limit_size_read(value->text, &limit->most.units))
                compile_error(c, P_BAD_SIZE, value, "a whole number of bytes, or with KiB, MiB or GiB, up to 1024GiB: `2MiB`",
                        "`%s` is not a size", show(value->text).text);
}

static void read_time(
        struct compile *c, const struct yaml_node *value, enum policy_limit_kind kind, const char *id, uint32_t most_ms)
{
        struct policy_limit *limit;
        uint32_t ms;

        if (!compile_wants(c, value, YAML_TEXT, "a time span"))
                return;
        limit = add_limit(c, kind, value);
        if (!limit)
                return;
        limit->id = str_from(id);
        if (time_span_ms(value->text, most_ms, &ms))
                limit->most = amount_of(ms);
        else
                compile_error(c, P_BAD_TIME, value,
                        most_ms == CALL_TIME_MS ? "a whole number with ms, s, m or h, up to 24h: `60s`"
                                                : "a whole number with ms, s, m or h, up to 720h: `4h`",
                        "`%s` is not a time span", show(value->text).text);
}

static void read_session_calls(struct compile *c, const struct yaml_node *value, void *into)
{
        read_number(c, value, POLICY_LIMIT_SESSION_CALLS, "limits.session.calls");
}

static void read_denials(struct compile *c, const struct yaml_node *value, void *into)
{
        read_number(c, value, POLICY_LIMIT_SESSION_DENIALS, "limits.session.denials");
}

static void read_session_time(struct compile *c, const struct yaml_node *value, void *into)
{
        read_time(c, value, POLICY_LIMIT_SESSION_TIME, "limits.session.time", SESSION_TIME_MS);
}

static void read_session_bytes(struct compile *c, const struct yaml_node *value, void *into)
{
        read_size(c, value, POLICY_LIMIT_SESSION_RESULT_BYTES, "limits.session.result_bytes");
}

static void read_call_time(struct compile *c, const struct yaml_node *value, void *into)
{
        read_time(c, value, POLICY_LIMIT_CALL_TIME, "limits.call.time", CALL_TIME_MS);
}

static void read_call_bytes(struct compile *c, const struct yaml_node *value, void *into)
{
        read_size(c, value, POLICY_LIMIT_CALL_RESULT_BYTES, "limits.call.result_bytes");
}

static void read_in_flight(struct compile *c, const struct yaml_node *value, void *into)
{
        read_number(c, value, POLICY_LIMIT_CALL_IN_FLIGHT, "limits.call.in_flight");
}

static void read_session(struct compile *c, const struct yaml_node *value, void *into)
{
        static const struct key_row rows[] = {
                { "calls", KEY_OPTIONAL, read_session_calls },
                { "denials", KEY_OPTIONAL, read_denials },
                { "time", KEY_OPTIONAL, read_session_time },
                { "result_bytes", KEY_OPTIONAL, read_session_bytes },
        };

        COMPILE_MAP(c, value, "session", rows, NULL);
}

static void read_call(struct compile *c, const struct yaml_node *value, void *into)
{
        static const struct key_row rows[] = {
                { "time", KEY_OPTIONAL, read_call_time },
                { "result_bytes", KEY_OPTIONAL, read_call_bytes },
                { "in_flight", KEY_OPTIONAL, read_in_flight },
        };

        COMPILE_MAP(c, value, "call", rows, NULL);
}

/* --- tools --- */

/* The row that is being read, and the limits that it makes. */
struct tool_row {
        size_t index, first; /* in the list; of its limits in the policy's */
        const struct yaml_node *tool;
        struct str id;
        struct compile_patterns patterns;
};

static void read_tool(struct compile *c, const struct yaml_node *value, void *into)
{
        struct tool_row *row = into;

        row->tool = value;
        compile_patterns(c, value, POLICY_TOOL, true, &row->patterns);
}

static void read_id(struct compile *c, const struct yaml_node *value, void *into)
{
        struct tool_row *row = into;
        struct str id;

        if (!compile_text(c, value, "a limit's id", 64, &id))
                return;
        if (!compile_is_label(id)) {
                compile_error(c, P_BAD_NAME, value, "use letters, digits, `.`, `_` and `-`", "`%s` is not an id",
                        show(id).text);
                return;
        }
        row->id = id;
}

static void read_calls(struct compile *c, const struct yaml_node *value, void *into)
{
        struct policy_limit *limit;

        if (!compile_wants(c, value, YAML_TEXT, "`calls`"))
                return;
        limit = add_limit(c, POLICY_LIMIT_TOOL_CALLS, value);
        if (limit && !limit_rate_read(value->text, limit))
                compile_error(c, P_BAD_COUNT, value,
                        "a whole number from 1 to 1000000000, for the session, or for any " LIMIT_WINDOW_WORDS ": `20 per hour`",
                        "`%s` is not a number of calls", show(value->text).text);
}

static void read_amount(struct compile *c, const struct yaml_node *key, const struct yaml_node *per)
{
        struct policy_limit *limit;
        enum amount_error error;

        if (!compile_wants(c, key->value, YAML_TEXT, "an amount"))
                return;
        limit = add_limit(c, POLICY_LIMIT_TOOL_SUM, key->value);
        if (!limit)
                return;
        if (per && per->kind == YAML_TEXT)
                limit_window_read(per->text, limit);
        if (arena_str(c->arena, key->text, &limit->argument) < 0)
                c->no_memory = true;
        else
                (void)compile_argument_path(c, key, &limit->path);
        error = amount_parse(key->value->text, &limit->most);
        if (error != AMOUNT_OK)
                compile_error(c, P_BAD_AMOUNT, key->value, "a decimal number, as in `500` or `99.95`", "`%s` %s",
                        show(key->value->text).text, amount_error_text(error));
        else if (amount_is_zero(limit->most))
                compile_error(c, P_BAD_AMOUNT, key->value, "deny the tool instead", "a sum of nothing allows no call");
}

static void read_sum(struct compile *c, const struct yaml_node *value, void *into)
{
        const struct yaml_node *per;
        struct policy_limit unused;
        size_t amounts = 0;

        if (!compile_wants(c, value, YAML_MAP, "`sum`"))
                return;
        per = yaml_get(value, STR("per"));
        if (per && compile_wants(c, per, YAML_TEXT, "`per`") && !limit_window_read(per->text, &unused))
                compile_error(c, P_UNKNOWN_WORD, per, "expected one of: " LIMIT_WINDOW_WORDS, "unknown word `%s`",
                        show(per->text).text);
        yaml_each (value, key) {
                if (str_eq(key->text, STR("per")))
                        continue;
                read_amount(c, key, per);
                ++amounts;
        }
        if (amounts == 0)
                compile_error(c, P_EMPTY_VALUE, value, "name an argument and an amount: `sum: { amount: 500, per: day }`",
                        "this sum adds up nothing");
}

static void hash_text(crypto_generichash_state *hash, struct str text)
{
        /* With a NUL behind it, which no text of a policy holds. */
        if (text.len)
                crypto_generichash_update(hash, (const unsigned char *)text.ptr, text.len);
        crypto_generichash_update(hash, (const unsigned char *)"", 1);
}

/* What a count is kept under. It does not hold the number, which may be changed without beginning anew, nor the
 * limit's place in the file. */
static void name_state(struct compile *c, const struct tool_row *row, struct policy_limit *limit)
{
        crypto_generichash_state hash;
        unsigned char digest[crypto_generichash_BYTES_MIN];
        AUTO_BUF struct buf name = BUF_INIT(STATE_DIGITS);

        crypto_generichash_init(&hash, NULL, 0, sizeof(digest));
        hash_text(&hash, row->id);
        if (row->id.len == 0 && row->tool->kind == YAML_TEXT)
                hash_text(&hash, row->tool->text);
        if (row->id.len == 0 && row->tool->kind == YAML_LIST)
                yaml_each (row->tool, pattern)
                        hash_text(&hash, pattern->text);
        hash_text(&hash, STR(""));
        hash_text(&hash, limit->argument);
        hash_text(&hash, limit->window ? str_from(limit->window) : STR("session"));
        crypto_generichash_final(&hash, digest, sizeof(digest));
        hex_append(&name, digest, STATE_DIGITS / 2);
        if (name.failed || arena_str(c->arena, buf_str(&name), &limit->state) < 0)
                c->no_memory = true;
}

static void name_limit(struct compile *c, const struct tool_row *row, struct policy_limit *limit)
{
        AUTO_BUF struct buf id = BUF_INIT(512);

        if (row->id.len)
                buf_append_str(&id, row->id);
        else
                buf_printf(&id, "limits.tools[%zu]", row->index);
        buf_append_str(&id, limit->kind == POLICY_LIMIT_TOOL_CALLS ? STR(".calls") : STR(".sum."));
        if (limit->argument.len <= 256)
                buf_append_str(&id, limit->argument);
        if (id.failed || arena_str(c->arena, buf_str(&id), &limit->id) < 0)
                c->no_memory = true;
}

static void read_row(struct compile *c, const struct yaml_node *node, size_t index)
{
        static const struct key_row rows[] = {
                { "tool", KEY_REQUIRED, read_tool },
                { "id", KEY_OPTIONAL, read_id },
                { "calls", KEY_OPTIONAL, read_calls },
                { "sum", KEY_OPTIONAL, read_sum },
        };
        struct tool_row row = { .index = index, .first = c->policy->limit_count };

        if (!compile_wants(c, node, YAML_MAP, "a limit"))
                return;
        COMPILE_MAP(c, node, "a limit", rows, &row);
        if (!yaml_get(node, STR("calls")) && !yaml_get(node, STR("sum")))
                compile_error(c, P_MISSING_KEY, node, NULL, "a limit needs `calls` or `sum`");
        for (size_t i = row.first; i < c->policy->limit_count; ++i) {
                struct policy_limit *limit = &c->policy->limits[i];

                limit->patterns = row.patterns.patterns;
                limit->pattern_count = row.patterns.count;
                name_limit(c, &row, limit);
                if (row.tool)
                        name_state(c, &row, limit);
        }
}

static void read_tools(struct compile *c, const struct yaml_node *value, void *into)
{
        size_t index = 0;

        if (!compile_wants(c, value, YAML_LIST, "a list of limits"))
                return;
        yaml_each (value, item)
                read_row(c, item, index++);
}

/* The name may stand behind the limits. */
void compile_limits_end(struct compile *c)
{
        struct policy *p = c->policy;

        for (size_t i = 0; i < p->limit_count; ++i) {
                struct policy_limit *limit = &p->limits[i];
                char state[128];

                limit->policy_name = p->name;
                if (limit->state.len == 0)
                        continue;
                snprintf(state, sizeof(state), "%.*s.%.*s", STR_FMT(p->name), STR_FMT(limit->state));
                if (arena_str(c->arena, str_from(state), &limit->state) < 0)
                        c->no_memory = true;
        }
}

/* Two limits of one policy that would be counted together: each call would count twice. */
static void check_states(struct compile *c)
{
        const struct policy *p = c->policy;

        for (size_t i = 0; i < p->limit_count; ++i) {
                for (size_t j = 0; j < i; ++j) {
                        const struct policy_limit *limit = &p->limits[i], *other = &p->limits[j];
                        struct yaml_node at = { .line = limit->line, .column = limit->column,
                                .length = (uint32_t)limit->text.len };
                        char help[200];

                        if (limit->state.len == 0 || !str_eq(limit->state, other->state))
                                continue;
                        snprintf(help, sizeof(help), "the other one: %s:%u:%u", show(c->path).text, other->line,
                                other->column);
                        compile_error(c, P_SAME_LIMIT, &at, help, "two limits count the same thing");
                }
        }
}

void compile_limits(struct compile *c, const struct yaml_node *value, void *into)
{
        static const struct key_row rows[] = {
                { "session", KEY_OPTIONAL, read_session },
                { "call", KEY_OPTIONAL, read_call },
                { "tools", KEY_OPTIONAL, read_tools },
        };

        COMPILE_MAP(c, value, "limits", rows, NULL);
        check_states(c);
}
