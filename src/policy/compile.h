/* SPDX-License-Identifier: Apache-2.0
 *
 * From a file's tree to a compiled policy, for the files of this layer only. Each map of the language is a
 * table of its keys; a reader gets the value and the thing to fill. Readers report what is wrong and go on, so
 * that one run tells all; only lack of memory stops them (`no_memory`, looked at once at the end).
 */
#pragma once

#include "codes.h"
#include "set.h"
#include "shown.h"
#include "terms.h"
#include "yaml_tree.h"

struct compile {
        struct arena *arena;
        struct diagnostics *diags;
        const struct policy_options *options;
        bool *options_used; /* one per binding of @options */
        struct str path;
        struct policy *policy;
        pcre2_compile_context *regex; /* made when first needed; in the arena */
        uint32_t regex_count;
        bool no_memory;
};

enum key_need {
        KEY_OPTIONAL,
        KEY_REQUIRED,
        KEY_LATER, /* part of the language, but not enforced by this version: refused by name, never passed over */
};

typedef void (*key_reader)(struct compile *c, const struct yaml_node *value, void *into);

struct key_row {
        const char *key;
        enum key_need need;
        key_reader read;
};

void compile_error(struct compile *c, const char *code, const struct yaml_node *at, const char *help,
        const char *format, ...) __attribute__((format(printf, 5, 6)));
void compile_warning(struct compile *c, const char *code, const struct yaml_node *at, const char *help,
        const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Reads a map by its table. @what names the map in messages ("a rule"). */
void compile_map(struct compile *c, const struct yaml_node *node, const char *what, const struct key_row *rows,
        size_t count, void *into);
#define COMPILE_MAP(c, node, what, rows, into) compile_map(c, node, what, rows, sizeof(rows) / sizeof((rows)[0]), into)

/* Where a key of a policy stands in the language's list of them; behind all when it is none. */
size_t compile_top_key_rank(struct str key);

/* Reports a key that has no row. */
void compile_unknown_key(
        struct compile *c, const struct yaml_node *key, const char *what, const struct key_row *rows, size_t count);

/* Is the node what the place wants? Else it is reported. @what: "a list of patterns". */
bool compile_wants(struct compile *c, const struct yaml_node *node, enum yaml_kind kind, const char *what);

/* A text that is not empty and at most @max bytes; copied. False after reporting. */
bool compile_text(struct compile *c, const struct yaml_node *node, const char *what, size_t max, struct str *ret);

/* Index of the text in @words, or -1 after reporting it, with a suggestion. */
int compile_word(struct compile *c, const struct yaml_node *node, const char *const *words, size_t count);

/* A word of the language whose meaning comes with a later version: reported. */
void compile_later(struct compile *c, const struct yaml_node *at, struct str word);

void *compile_array(struct compile *c, size_t count, size_t size);

/* Letters, digits, '.', '_' and '-', first a letter or digit, at most 64 bytes. */
bool compile_is_label(struct str s);

/* The pattern of a text, with `${name}` put in. @subject says how it is read. False after reporting. */
bool compile_pattern(
        struct compile *c, const struct yaml_node *node, enum policy_subject subject, bool denies, struct pattern *ret);

/* The same of a pattern for the texts of arguments; *ret_never becomes true when a name has no value. */
bool compile_glob(struct compile *c, const struct yaml_node *node, enum pattern_kind kind, bool denies, struct pattern *ret,
        bool *ret_never);

struct compile_patterns {
        struct pattern *patterns;
        size_t count;
};

/* One pattern or a list of them; those that could be read. */
void compile_patterns(struct compile *c, const struct yaml_node *node, enum policy_subject subject, bool denies,
        struct compile_patterns *ret);

/* A text in which `${name}` is replaced and nothing else has a meaning. False after reporting. */
bool compile_template(struct compile *c, const struct yaml_node *node, struct str *ret);

/* The same; *ret_never becomes true when a name has no value (`check` without --bind). */
bool compile_bound_text(struct compile *c, const struct yaml_node *node, struct str *ret, bool *ret_never);

/* The same for a regular expression: bound values stand for their own characters. */
bool compile_bound_regex(struct compile *c, const struct yaml_node *node, struct str *ret, bool *ret_never);

/* The same for a pattern of commands. */
bool compile_bound_command(struct compile *c, const struct yaml_node *node, struct str *ret, bool *ret_never);

/* A JSON value as it is written in YAML: quoted texts are strings; plain ones are what JSON would read (a number, true,
 * false, null) or else strings. What some reader of YAML takes for something else is an error. False after reporting. */
bool compile_value(struct compile *c, const struct yaml_node *node, struct json_doc *ret, bool *ret_never);

/* The same as text, in which `${name}` has no meaning. False after reporting. */
bool compile_literal(struct compile *c, const struct yaml_node *node, struct str *ret);

/* Fills in the regular expression of a condition. @whole: it must match all of the text. False after reporting. */
bool compile_regex(struct compile *c, const struct yaml_node *node, bool whole, struct condition *ret);
/* The same for a match anywhere, with a callout in front of each item, so that its work can be counted. */
bool compile_counted_regex(struct compile *c, const struct yaml_node *node, struct condition *ret);

/* A number; its text is the arena's. False after reporting. */
bool compile_number(struct compile *c, const struct yaml_node *node, struct decimal *ret, struct str *ret_text,
        bool *ret_never);

/* `true` or `false`. False after reporting. */
bool compile_bool(struct compile *c, const struct yaml_node *node, bool *ret);

bool compile_argument_path(struct compile *c, const struct yaml_node *node, struct argument_path *ret);

/* The conditions on one argument. @denies: for a deny rule. *ret_optional becomes true when they say so. False after reporting. */
bool compile_conditions(struct compile *c, const struct yaml_node *node, struct str path, bool denies,
        const struct condition **ret, bool *ret_optional);

/* An environment name that may be given to a program. False after reporting. */
bool compile_env_name(struct compile *c, const struct yaml_node *node, struct str *ret);

/* Would the text be a source under `credentials:`, and hardly anything else? */
bool compile_is_credential_uri(struct str text);
/* `op://...` and its like: fills in the credential. False after reporting. */
bool compile_credential_uri(struct compile *c, const struct yaml_node *node, struct policy_credential *ret);

void compile_credential_map(
        struct compile *c, const struct yaml_node *value, struct launch_credential **ret, size_t *ret_count);

/* A name of `lanes:`. False after reporting. */
bool compile_lane_name(struct compile *c, const struct yaml_node *node, struct str *ret);

/* `say:`: a text with {path} where an argument is to be shown. False after reporting. */
bool compile_sentence(struct compile *c, const struct yaml_node *node, struct str *ret);

/* What a rule (a map) says of arguments: *ret is NULL when it says nothing. False after reporting. */
bool compile_terms(struct compile *c, const struct yaml_node *rule, enum verdict verdict, const struct terms **ret);

/* Can the text be a value of --bind? */
bool compile_is_bind_value(struct str value);

/* Does the policy declare the name? Else it is reported at @at, with a suggestion. */
bool compile_is_declared(struct compile *c, const struct yaml_node *at, struct str name);

/* The value of `${name}`: 0, or 1 after reporting. */
int compile_binding(struct compile *c, const struct yaml_node *at, struct str name, struct str *ret, bool *ret_never);

/* Readers of the top-level keys; @into is not used: they fill c->policy. */
void compile_bind(struct compile *c, const struct yaml_node *value, void *into);
void compile_agents(struct compile *c, const struct yaml_node *value, void *into);
void compile_server(struct compile *c, const struct yaml_node *value, void *into);
void compile_credentials(struct compile *c, const struct yaml_node *value, void *into);
void compile_lanes(struct compile *c, const struct yaml_node *value, void *into);
void compile_tools(struct compile *c, const struct yaml_node *value, void *into);
void compile_resources(struct compile *c, const struct yaml_node *value, void *into);
void compile_prompts(struct compile *c, const struct yaml_node *value, void *into);
void compile_methods(struct compile *c, const struct yaml_node *value, void *into);
void compile_server_requests(struct compile *c, const struct yaml_node *value, void *into);
void compile_pins(struct compile *c, const struct yaml_node *value, void *into);
void compile_approvers(struct compile *c, const struct yaml_node *value, void *into);
void compile_audit(struct compile *c, const struct yaml_node *value, void *into);
void compile_limits(struct compile *c, const struct yaml_node *value, void *into);
void compile_flow(struct compile *c, const struct yaml_node *value, void *into);
void compile_tests(struct compile *c, const struct yaml_node *value, void *into);
void compile_results(struct compile *c, const struct yaml_node *value, void *into);

void compile_approval(struct compile *c, const struct yaml_node *value, void *into);

/* A list of texts, a command and its arguments. False after reporting. */
bool compile_argv(struct compile *c, const struct yaml_node *value, const struct str **ret, size_t *ret_count);

/* A time span of at most @most_ms (LIMIT_HOLD_MS or LIMIT_APPROVAL_MS). @what: "`hold`". False after reporting. */
bool compile_span(struct compile *c, const struct yaml_node *value, const char *what, uint32_t most_ms, uint32_t *ret);

/* The prints of the top-level keys that have one. */
void compile_prints(struct compile *c, const struct yaml_node *root);

/* When all keys have been read. */
void compile_limits_end(struct compile *c);

/* The whole file. */
void compile_policy(struct compile *c, const struct yaml_node *root);

/* YYYY-MM-DD, a real day from 1970 to 9999; *ret_after is the first second (UTC) of the day behind it. */
bool date_end(struct str text, int64_t *ret_after);

/* Digits and a unit (ms, s, m, h), from 1 ms to @most_ms. */
bool time_span_ms(struct str text, uint32_t most_ms, uint32_t *ret);
