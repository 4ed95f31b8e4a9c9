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
#include "yaml_tree.h"

struct compile {
        struct arena *arena;
        struct diagnostics *diags;
        const struct policy_options *options;
        bool *options_used; /* one per binding of @options */
        struct str path;
        struct policy *policy;
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

struct compile_patterns {
        struct pattern *patterns;
        size_t count;
};

/* One pattern or a list of them; those that could be read. */
void compile_patterns(struct compile *c, const struct yaml_node *node, enum policy_subject subject, bool denies,
        struct compile_patterns *ret);

/* A text in which `${name}` is replaced and nothing else has a meaning. False after reporting. */
bool compile_template(struct compile *c, const struct yaml_node *node, struct str *ret);

/* The value of `${name}`: 0, or 1 after reporting. */
int compile_binding(struct compile *c, const struct yaml_node *at, struct str name, struct str *ret, bool *ret_never);

/* Readers of the top-level keys; @into is not used: they fill c->policy. */
void compile_bind(struct compile *c, const struct yaml_node *value, void *into);
void compile_agents(struct compile *c, const struct yaml_node *value, void *into);
void compile_server(struct compile *c, const struct yaml_node *value, void *into);
void compile_credentials(struct compile *c, const struct yaml_node *value, void *into);
void compile_tools(struct compile *c, const struct yaml_node *value, void *into);
void compile_resources(struct compile *c, const struct yaml_node *value, void *into);
void compile_prompts(struct compile *c, const struct yaml_node *value, void *into);
void compile_methods(struct compile *c, const struct yaml_node *value, void *into);
void compile_server_requests(struct compile *c, const struct yaml_node *value, void *into);
void compile_audit(struct compile *c, const struct yaml_node *value, void *into);
void compile_limits(struct compile *c, const struct yaml_node *value, void *into);
void compile_flow(struct compile *c, const struct yaml_node *value, void *into);

/* When all keys have been read. */
void compile_limits_end(struct compile *c);

/* The whole file. */
void compile_policy(struct compile *c, const struct yaml_node *root);

/* YYYY-MM-DD, a real day from 1970 to 9999; *ret_after is the first second (UTC) of the day behind it. */
bool date_end(struct str text, int64_t *ret_after);

/* Digits and a unit (ms, s, m, h), from 1 ms to @most_ms. */
bool time_span_ms(struct str text, uint32_t most_ms, uint32_t *ret);
