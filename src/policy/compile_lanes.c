/* SPDX-License-Identifier: Apache-2.0 */
#include "compile.h"

#include <stdio.h>

#include "suggest.h"

#define LIVE_MOST_MS (24U * 60 * 60 * 1000)
#define LIVE_DEFAULT_MS (2U * 60 * 1000)
#define SENTENCE_BYTES 1000U

/* --- lanes: servers of the same command that hold other credentials --- */

static void read_credentials(struct compile *c, const struct yaml_node *value, void *into)
{
        struct lane *lane = into;

        compile_credential_map(c, value, &lane->credentials, &lane->credential_count);
}

static void read_live(struct compile *c, const struct yaml_node *value, void *into)
{
        struct lane *lane = into;

        if (!compile_wants(c, value, YAML_TEXT, "`live`"))
                return;
        lane->per_call = str_eq(value->text, STR("call"));
        if (!lane->per_call && !time_span_ms(value->text, LIVE_MOST_MS, &lane->live_ms))
                compile_error(c, P_BAD_TIME, value, "`call`, or a whole number and ms, s, m or h, up to 24h: `2m`",
                        "`%s` is not a time span", show(value->text).text);
}

static void read_lane(struct compile *c, const struct yaml_node *key)
{
        static const struct key_row rows[] = {
                { "credentials", KEY_OPTIONAL, read_credentials },
                { "live", KEY_OPTIONAL, read_live },
        };
        struct lane *lane = &c->policy->lanes[c->policy->lane_count];

        *lane = (struct lane){
                .line = key->line, .column = key->column, .length = key->length, .live_ms = LIVE_DEFAULT_MS
        };
        if (!compile_text(c, key, "a lane's name", 64, &lane->name))
                return;
        if (!compile_is_label(lane->name)) {
                compile_error(c, P_BAD_NAME, key, "use letters, digits, `.`, `_` and `-`", "`%s` is not a lane's name",
                        show(lane->name).text);
                return;
        }
        c->policy->lane_count++;
        COMPILE_MAP(c, key->value, "a lane", rows, lane);
}

void compile_lanes(struct compile *c, const struct yaml_node *value, void *into)
{
        (void)into;
        if (!compile_wants(c, value, YAML_MAP, "`lanes`"))
                return;
        if (value->count > LIMIT_LANES) {
                compile_error(c, P_TOO_MANY_LANES, value, NULL, "there can be at most %u lanes", LIMIT_LANES);
                return;
        }
        c->policy->lanes = compile_array(c, value->count, sizeof(*c->policy->lanes));
        if (!c->policy->lanes)
                return;
        yaml_each (value, key)
                read_lane(c, key);
}

bool compile_lane_name(struct compile *c, const struct yaml_node *node, struct str *ret)
{
        struct suggestion near;
        char help[200] = "declare it at the top: `lanes: { ... }`";

        if (!compile_wants(c, node, YAML_TEXT, "`lane`"))
                return false;
        suggest_begin(&near, node->text);
        for (size_t i = 0; i < c->policy->lane_count; ++i) {
                if (str_eq(c->policy->lanes[i].name, node->text)) {
                        *ret = c->policy->lanes[i].name;
                        return true;
                }
                suggest_offer(&near, node->text, c->policy->lanes[i].name);
        }
        if (near.best.len)
                snprintf(help, sizeof(help), "did you mean `%.*s`?", STR_FMT(near.best));
        compile_error(c, P_UNKNOWN_LANE, node, help, "there is no lane `%s`", show(node->text).text);
        return false;
}

/* --- say: what the person who is asked reads --- */

/* Bytes of the {path} at the start of @rest; 0 after reporting. */
static size_t check_placeholder(struct compile *c, const struct yaml_node *node, struct str rest)
{
        const char *end = memchr(rest.ptr, '}', rest.len);
        struct argument_path path;
        struct path_problem problem = { 0 };
        size_t length = end ? (size_t)(end - rest.ptr) - 1 : 0;
        int r;

        if (!end) {
                compile_error(c, P_BAD_SENTENCE, node, NULL, "this `{` has no `}`; write {owner} to show the argument owner");
                return 0;
        }
        r = argument_path_compile(&path, c->arena, str_of(rest.ptr + 1, length), &problem);
        if (r < 0)
                c->no_memory = true;
        if (r > 0)
                compile_error(c, P_BAD_SENTENCE, node, "as in {owner} or {filter.state}", "`{%s}` names no argument: %s",
                        show(str_of(rest.ptr + 1, length)).text, problem.what);
        return r == 0 ? length + 2 : 0;
}

bool compile_sentence(struct compile *c, const struct yaml_node *node, struct str *ret)
{
        struct str rest;

        if (!compile_text(c, node, "`say`", SENTENCE_BYTES, ret))
                return false;
        for (rest = *ret; rest.len;) {
                size_t used = 1;

                if (rest.ptr[0] == '{')
                        used = check_placeholder(c, node, rest);
                else if (rest.ptr[0] == '}') {
                        compile_error(c, P_BAD_SENTENCE, node, NULL, "this `}` has no `{`");
                        used = 0;
                }
                if (used == 0)
                        return false;
                rest = str_skip(rest, used);
        }
        return true;
}
