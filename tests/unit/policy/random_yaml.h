/* SPDX-License-Identifier: Apache-2.0
 *
 * Random policies for the formatter: valid ones, over every key and every kind of condition, written in every layout that it takes
 * apart: blocks and flow collections, quotes of all kinds, texts over lines, comments, blank lines, keys in any order.
 *
 * What a policy says is drawn from rows of a small notation: YAML's flow style on one line, where `?key` is left out at times and
 * `@t`, `@w` and so on stand for something random (see special()). A tree is made of it, and the tree written down.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "buf.h"

#define RANDOM_NODES 4096U
#define RANDOM_BYTES 32768U
/* Rows of keys and conditions, a bit each. */
#define RANDOM_ROWS_MAX 128U

struct random_node {
        enum { RANDOM_TEXT, RANDOM_LIST, RANDOM_MAP } kind;
        bool prose;         /* may be written over several lines */
        const char *key;    /* in a map */
        const char *source; /* of a text: as YAML has it */
        struct random_node *first, *last, *next;
        size_t count;
};

struct random_yaml {
        unsigned seed;
        struct random_node nodes[RANDOM_NODES];
        size_t node_count;
        char bytes[RANDOM_BYTES];
        size_t used;
        unsigned ids, comments; /* `# c0;` to `# cN;` stand in what was written */
        uint64_t rows[RANDOM_ROWS_MAX / 64];
        struct buf *out;
};

static unsigned random_below(struct random_yaml *y, unsigned n)
{
        return (unsigned)rand_r(&y->seed) % n;
}

#define RANDOM_OF(y, array) ((array)[random_below(y, sizeof(array) / sizeof((array)[0]))])

/* --- what is said --- */

static const char *const random_keys[][2] = {
        { "owner", "@t" },
        { "until", "2027-03-31" },
        { "agents", "[triage-bot, nightly]" },
        { "server", "{ ?command: [npx, -y, @t], ?env: { LOG_LEVEL: @t, ?TWO: @t }, ?inherit: [LANG, TZ] }" },
        { "credentials", "{ A_TOKEN: { from: env, name: MY_TOKEN }, ?B: { from: file, path: /run/b }, ?C: { from: exec, command: [get, @t], timeout: 10s } }" },
        { "lanes", "{ write: { credentials: { W: { from: env, name: W2 } }, ?live: 2m } }" },
        { "tools", "{ ?allow: @a, ?approve: @h, ?deny: @d }" },
        { "resources", "{ allow: [\"repo://${org}/**\", 'file:///a'], ?deny: [{ uri: \"repo://x/**\", because: @t }] }" },
        { "prompts", "{ allow: [summarize, { prompt: @w, ?when: @m, ?because: @t }] }" },
        { "server_requests", "{ ?sampling: deny, ?elicitation: { form: allow, url: ['https://a.example/**'] }, ?roots: [/srv/work] }" },
        { "methods", "{ allow: [skills/list] }" },
        { "pins", "\"my pins.json\"" },
        { "audit", "{ ?arguments: digest, durable: false }" },
        { "limits", "{ ?session: { calls: 500, ?time: 4h, ?result_bytes: 50MiB }, ?call: { time: 60s, in_flight: 16 }, ?tools: [{ tool: @w, calls: 20 per hour }, "
                    "{ tool: [a, b], id: @i, sum: { amount: 500.5, per: day } }] }" },
        { "flow", "{ marks: { untrusted: [a, \"b_*\"], leaves: @w }, rules: [{ after: [untrusted], on: leaves, then: approve, because: @t }] }" },
        { "results", "{ ?redact: [{ name: iban, matches: '[A-Z]{2}\\d{2}[A-Z0-9]{11,30}' }], strip: [terminal-escapes, invisible-characters] }" },
        { "schema", "off" },
        { "hints", "off" },
        { "tests", "[{ call: a, args: { o: @v, ?p: [@v, @v] }, expect: deny }, { call: b, ?name: @t, expect: deny }]" },
};

static const char *const random_conditions[] = { "@v", "[@v, @v]", "{ is: @v }", "{ is: { d: @v } }", "{ is_not: @v }", "{ one_of: [@v, @v] }",
        "{ none_of: [@v] }", "{ at_least: -1.50e3, ?below: 1e9 }", "{ at_most: 100, ?optional: true }", "{ above: 0 }", "{ like: \"a*[!b]\" }",
        "{ like: ['# *', \"\\tx\"] }", "{ matches: '\\d{4}-\\d\\d' }", "{ search: \"^it's: #\" }", "{ starts_with: @q }", "{ ends_with: [@q, @q] }",
        "{ contains: @q }", "{ within: [/srv/a, '/srv/b c'] }", "{ url: { ?scheme: [https], host: [a.example, \"*.b.example\"], ?port: [8443], ?path: '/a/**' } }",
        "{ mail: [a.example, '*.b.example'] }", "{ command: [\"git log **\", 'ls -- *'] }", "{ sql: read }", "{ length: { at_most: 4000, ?above: 1 } }",
        "{ length: 3 }", "{ each: { at_most: 2 } }", "{ any: { is: @v } }", "{ present: true }", "{ absent: true }", "{ type: [integer, string] }" };

static const char *const random_rules[] = { "@w", "{ tool: @w, ?id: @i, ?because: @t }", "{ tool: [@w, @w], when: @m, ?free: [x, 'y z', \"q\"] }",
        "{ tool: @w, when: @m, ?optional: true, ?cwd: /srv, ?open: true }",
        "{ tool: @w, ?free: [], narrow: { n: { at_most: 50, ?default: 20 }, ?'\"o.p\"': { set: @v }, ?q: { remove: true } } }" };
static const char *const random_denials[] = { "@w", "{ tool: [@w, @w], because: @t }", "{ tool: @w, when: @m }" };
static const char *const random_holds[] = { "@w", "{ tool: @w, ?when: @m, say: \"Do {a} #1: \\\"now\\\"\", ?undo: @t, ?by: 2 }" };

static const char *const random_patterns[] = { "get", "\"find_*\"", "'put?'", "\"[ab]*\"", "\"[!a-c]\"", "\"${org}_report\"", "'*'", "\"\\\\*\"", "a.b-c" };
static const char *const random_values[] = { "1", "-0.5e-3", "1.0", "x", "\"1\"", "'it''s'", "true", "null", "\"null\"", "'yes'", "\"~\"", "\"\"", "''", "é–漢",
        "\"\\u00e9\\x41\\n\"", "'a: b'", "\" lead\"", "'trail '", "\"# no\"", "a#b", "'- x'", "\"{}\"", "'[a, b]'", "a-b", "http://a/b#c", "'%a'", "\"@a\"", "'`a`'",
        "\"a\\\\b\"", "'007'", "\"0x10\"", "'|'", "\"> x\"", "'&a'", "\"*a\"", "'!t'", "\"?\"", "'...'", "\"---\"", "9007199254740993" };
static const char *const random_prose[] = { "words", "some words, and more", "it's \"so\"", "Never: that is it.", "# not a comment", "- not an item",
        "naïve – 漢字", "a  b", "{ not: a map }", "[x]", "100%", "*", "& so on", "'quoted'", "back\\slash", "ends with a colon:", "key: value # text",
        "?", "yes", "null", "1.50", "!", "| >", "@home `x`" };

/* --- the tree --- */

static struct random_node *random_node(struct random_yaml *y)
{
        struct random_node *node = &y->nodes[y->node_count++];

        if (y->node_count == RANDOM_NODES)
                abort();
        *node = (struct random_node){ 0 };
        return node;
}

static const char *random_copy(struct random_yaml *y, const char *text, size_t len)
{
        char *copy = y->bytes + y->used;

        if (len + 1 > RANDOM_BYTES - y->used)
                abort();
        memcpy(copy, text, len);
        copy[len] = '\0';
        y->used += len + 1;
        return copy;
}

static void random_add(struct random_node *parent, struct random_node *node)
{
        *(parent->last ? &parent->last->next : &parent->first) = node;
        parent->last = node;
        parent->count++;
}

/* In double quotes with escapes here and there, in single quotes, or plain where that is the same text. */
static const char *random_quoted(struct random_yaml *y, const char *text)
{
        bool plain = strspn(text, "abcdefghijklmnopqrstuvwxyz ,.") == strlen(text) && !strpbrk(text, ",") && strcmp(text, "yes") != 0 && strcmp(text, "null") != 0;
        unsigned how = random_below(y, plain ? 3 : 2);
        char out[256];
        size_t n = 0;

        if (how == 2)
                return text;
        out[n++] = how ? '"' : '\'';
        for (const char *c = text; *c; ++c) {
                if (how ? *c == '"' || *c == '\\' : *c == '\'')
                        out[n++] = how ? '\\' : '\'';
                if (how && *c > ' ' && *c < 0x7F && *c != '"' && *c != '\\' && random_below(y, 16) == 0)
                        n += (size_t)snprintf(out + n, sizeof(out) - n, "\\x%02x", (unsigned char)*c);
                else
                        out[n++] = *c;
        }
        out[n++] = how ? '"' : '\'';
        return random_copy(y, out, n);
}

static struct random_node *random_parse(struct random_yaml *y, const char **p);

static struct random_node *random_row(struct random_yaml *y, const char *row)
{
        return random_parse(y, &row);
}

static struct random_node *random_list(struct random_yaml *y, const char *const *rows, size_t count)
{
        struct random_node *list = random_node(y);

        list->kind = RANDOM_LIST;
        for (unsigned n = 1 + random_below(y, 2); n; --n)
                random_add(list, random_row(y, rows[random_below(y, (unsigned)count)]));
        return list;
}

/* Conditions on an argument or two. */
static struct random_node *random_when(struct random_yaml *y)
{
        static const char *const paths[] = { "a", "b.c", "\"d[]\"", "'e[].f'", "'\"odd name\".g'" };
        const size_t keys = sizeof(random_keys) / sizeof(random_keys[0]);
        struct random_node *map = random_node(y);
        unsigned first = random_below(y, 4);

        map->kind = RANDOM_MAP;
        for (unsigned i = first; i < first + 1 + random_below(y, 2); ++i) {
                unsigned row = random_below(y, sizeof(random_conditions) / sizeof(random_conditions[0]));
                struct random_node *value = random_row(y, random_conditions[row]);

                y->rows[(keys + row) / 64] |= UINT64_C(1) << (keys + row) % 64;
                value->key = paths[i];
                random_add(map, value);
        }
        return map;
}

static struct random_node *random_source(struct random_yaml *y, const char *source, bool prose)
{
        struct random_node *text = random_node(y);

        text->source = source;
        text->prose = prose;
        return text;
}

/* What stands behind an `@`. */
static struct random_node *random_special(struct random_yaml *y, char what)
{
        char id[16];

        switch (what) {
        case 'a': /* rules that allow, that hold, that deny */
                return random_list(y, random_rules, sizeof(random_rules) / sizeof(random_rules[0]));
        case 'h':
                return random_list(y, random_holds, sizeof(random_holds) / sizeof(random_holds[0]));
        case 'd':
                return random_list(y, random_denials, sizeof(random_denials) / sizeof(random_denials[0]));
        case 'm': /* conditions by path */
                return random_when(y);
        case 'w': /* a pattern */
                return random_source(y, RANDOM_OF(y, random_patterns), false);
        case 'v': /* a JSON value */
                return random_source(y, RANDOM_OF(y, random_values), false);
        case 'q': /* a text that is surely one */
                return random_source(y, random_copy(y, "\"# it's\"", 8), false);
        case 'i': /* an id that nothing else has */
                return random_source(y, random_copy(y, id, (size_t)snprintf(id, sizeof(id), "id-%u", y->ids++)), false);
        case 't': /* words for people */
                return random_source(y, random_quoted(y, RANDOM_OF(y, random_prose)), true);
        default:
                abort();
        }
}

/* A text in quotes, or up to what ends it. */
static const char *random_scalar(struct random_yaml *y, const char **p, const char *ends)
{
        const char *start = *p;

        if (*start == '"' || *start == '\'') {
                for (++*p; **p != *start || (*start == '\'' && (*p)[1] == '\''); ++*p)
                        *p += (*start == '"' && **p == '\\') || **p == *start;
                ++*p;
        } else {
                *p += strcspn(*p, ends);
                while (*p > start && (*p)[-1] == ' ')
                        --*p;
        }
        return random_copy(y, start, (size_t)(*p - start));
}

static struct random_node *random_parse(struct random_yaml *y, const char **p)
{
        const char open = **p;
        struct random_node *node;

        if (open == '@') {
                *p += 2;
                return random_special(y, (*p)[-1]);
        }
        if (open != '{' && open != '[')
                return random_source(y, random_scalar(y, p, ",]}"), false);
        node = random_node(y);
        node->kind = open == '{' ? RANDOM_MAP : RANDOM_LIST;
        for (++*p; *p += strspn(*p, " ,"), **p != '}' && **p != ']';) {
                bool left_out = **p == '?' && random_below(y, 2);
                const char *key = NULL;
                struct random_node *item;

                *p += **p == '?';
                if (open == '{') {
                        key = random_scalar(y, p, ":");
                        *p += 1 + strspn(*p + 1, " ");
                }
                item = random_parse(y, p);
                item->key = key;
                if (!left_out)
                        random_add(node, item);
        }
        ++*p;
        return node;
}

/* Maps are in any order. */
static void random_shuffle(struct random_yaml *y, struct random_node *map)
{
        struct random_node *items[64], *swap;
        size_t n = 0;

        for (struct random_node *item = map->first; item; item = item->next) {
                if (item->kind != RANDOM_TEXT)
                        random_shuffle(y, item);
                items[n++] = item;
        }
        if (map->kind != RANDOM_MAP || n == 0)
                return;
        for (size_t i = n; i > 1; --i) {
                size_t other = random_below(y, (unsigned)i);

                swap = items[i - 1];
                items[i - 1] = items[other];
                items[other] = swap;
        }
        map->first = map->last = NULL;
        map->count = 0;
        for (size_t i = 0; i < n; ++i) {
                items[i]->next = NULL;
                random_add(map, items[i]);
        }
}

static struct random_node *random_tree(struct random_yaml *y)
{
        struct random_node *root = random_row(y, "{ leastwise: 1, name: docs-reader, purpose: @t, bind: [org] }");

        for (unsigned n = 1 + random_below(y, 4); n; --n) {
                unsigned row = random_below(y, sizeof(random_keys) / sizeof(random_keys[0]));
                struct random_node *value;

                if (y->rows[row / 64] >> row % 64 & 1)
                        continue;
                y->rows[row / 64] |= UINT64_C(1) << row % 64;
                value = random_row(y, random_keys[row][1]);
                value->key = random_keys[row][0];
                random_add(root, value);
        }
        random_shuffle(y, root);
        return root;
}

/* --- the writing down --- */

static void random_spaces(struct random_yaml *y, unsigned n)
{
        while (n--)
                buf_append_char(y->out, ' ');
}

static void random_comment(struct random_yaml *y)
{
        buf_printf(y->out, "#%s c%u; %s", random_below(y, 4) ? "" : "#", y->comments++, random_below(y, 2) ? "' \" : [ {" : "- a: b  ");
}

static void random_above(struct random_yaml *y, unsigned indent)
{
        for (unsigned n = random_below(y, 8) / 6; n; --n) {
                if (random_below(y, 2)) {
                        random_spaces(y, indent);
                        random_comment(y);
                }
                buf_append_char(y->out, '\n');
        }
}

static void random_end(struct random_yaml *y)
{
        if (random_below(y, 10) == 0) {
                random_spaces(y, 1 + random_below(y, 3));
                random_comment(y);
        } else {
                random_spaces(y, random_below(y, 16) == 0);
        }
        buf_append_char(y->out, '\n');
}

/* Between two things of a flow collection: @indent is where a further line begins, 0: none does. */
static void random_gap(struct random_yaml *y, unsigned indent, bool wanted)
{
        if (indent == 0 || random_below(y, 4)) {
                random_spaces(y, wanted + random_below(y, 8) / 6);
                return;
        }
        if (random_below(y, 6) == 0) {
                buf_append_char(y->out, ' ');
                random_comment(y);
        }
        buf_append_char(y->out, '\n');
        random_spaces(y, indent + random_below(y, 3));
}

static void random_flow(struct random_yaml *y, const struct random_node *node, unsigned indent)
{
        if (node->kind == RANDOM_TEXT) {
                buf_append_str(y->out, str_from(node->source));
                return;
        }
        buf_append_char(y->out, node->kind == RANDOM_MAP ? '{' : '[');
        for (const struct random_node *item = node->first; item; item = item->next) {
                random_gap(y, indent, item != node->first);
                if (item->key)
                        buf_printf(y->out, "%s: ", item->key);
                random_flow(y, item, indent);
                buf_append_str(y->out, item->next ? STR(",") : STR(""));
        }
        random_gap(y, indent, node->count > 0);
        buf_append_char(y->out, node->kind == RANDOM_MAP ? '}' : ']');
}

/* Words for people over several lines: literal, folded, plain or quoted. */
static void random_lines(struct random_yaml *y, unsigned indent)
{
        static const char *const heads[] = { "|\n", ">\n", "|-\n", ">-\n", "", "\"", "'" };
        const unsigned how = random_below(y, 7);

        indent += 1 + random_below(y, 4);
        buf_append_str(y->out, str_from(heads[how]));
        for (unsigned n = 0, lines = 2 + random_below(y, 2); n < lines; ++n) {
                if (n || how < 4)
                        random_spaces(y, indent + (how < 4 && n ? random_below(y, 3) : 0));
                buf_printf(y->out, "line %u%s", n, how < 4 ? ": 'a' # b" : "");
                if (n + 1 < lines)
                        buf_append_str(y->out, random_below(y, 4) ? STR("\n") : STR("\n\n"));
        }
        if (how >= 5)
                buf_append_str(y->out, str_from(heads[how]));
        if (how < 4)
                buf_append_char(y->out, '\n');
        else
                random_end(y);
}

static void random_block(struct random_yaml *y, const struct random_node *block, unsigned indent, bool begun);

/* A value behind its key, or in a list behind its dash; what is below it stands deeper than @indent. */
static void random_value(struct random_yaml *y, const struct random_node *node, unsigned indent)
{
        if (node->count && random_below(y, 3)) {
                bool list_at_key = node->kind == RANDOM_LIST && node->key && random_below(y, 4) == 0;

                random_end(y);
                random_block(y, node, list_at_key ? indent : indent + 1 + random_below(y, 4), false);
                return;
        }
        random_spaces(y, 1 + random_below(y, 8) / 7);
        if (node->prose && random_below(y, 8) == 0) {
                random_lines(y, indent);
                return;
        }
        random_flow(y, node, random_below(y, 4) ? 0 : indent + 1 + random_below(y, 4));
        random_end(y);
}

static void random_key(struct random_yaml *y, const char *key)
{
        static const char *const marks[] = { "", "", "", "\"", "'" };
        const char *mark = *key == '"' || *key == '\'' ? "" : RANDOM_OF(y, marks);

        buf_printf(y->out, "%s%s%s%s:", mark, key, mark, random_below(y, 16) ? "" : " ");
}

/* @begun: its first line is, with a dash. */
static void random_block(struct random_yaml *y, const struct random_node *block, unsigned indent, bool begun)
{
        for (const struct random_node *item = block->first; item; item = item->next, begun = false) {
                if (!begun) {
                        random_above(y, indent);
                        random_spaces(y, indent);
                }
                if (item->key) {
                        random_key(y, item->key);
                        random_value(y, item, indent);
                        continue;
                }
                buf_append_char(y->out, '-');
                if (item->kind == RANDOM_MAP && item->count && random_below(y, 2)) {
                        unsigned gap = 1 + random_below(y, 3);

                        random_spaces(y, gap);
                        random_block(y, item, indent + 1 + gap, true);
                } else {
                        random_spaces(y, 1);
                        random_flow(y, item, random_below(y, 4) ? 0 : indent + 1 + random_below(y, 4));
                        random_end(y);
                }
        }
}

/* Another policy, into @y->out. */
static void random_policy(struct random_yaml *y)
{
        y->node_count = y->used = 0;
        y->ids = y->comments = 0;
        memset(y->rows, 0, sizeof(y->rows));
        buf_clear(y->out, SIZE_MAX);
        random_block(y, random_tree(y), 0, false);
        random_above(y, 0);
}
