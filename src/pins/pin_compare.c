/* SPDX-License-Identifier: Apache-2.0 */
#include "pin_compare.h"

#include <errno.h>

#include "limit.h"
#include "printable.h"
#include "word_diff.h"

/* More words than this that did not change are counted, not shown. */
#define SAME_SHOWN 24U
#define PATH_BYTES 65536U

struct comparing {
        const struct json_doc *a, *b; /* before, after */
        bool colour;
        struct buf *out;
        struct buf path;
        struct buf texts[2]; /* unescaped strings */
        bool no_memory;
};

/* --- lines --- */

static void end_line(struct comparing *c)
{
        buf_append_str(c->out, c->colour ? STR("\033[0m\n") : STR("\n"));
}

static void begin_line(struct comparing *c, enum word_run run)
{
        static const struct str plain[] = { [WORDS_SAME] = STR_INIT("        "), [WORDS_REMOVED] = STR_INIT("      - "),
                [WORDS_ADDED] = STR_INIT("      + ") };
        static const struct str coloured[] = { [WORDS_SAME] = STR_INIT("        "),
                [WORDS_REMOVED] = STR_INIT("\033[31m      - "), [WORDS_ADDED] = STR_INIT("\033[32m      + ") };

        buf_append_str(c->out, c->colour ? coloured[run] : plain[run]);
}

static void show_words(void *userdata, enum word_run run, struct str text)
{
        struct comparing *c = userdata;
        const size_t words = word_count(text);

        begin_line(c, run);
        if (run == WORDS_SAME && words > SAME_SHOWN) {
                buf_printf(c->out, "(%zu words as before)", words);
        } else {
                buf_append_char(c->out, '"');
                printable_append(c->out, text, c->out->limit);
                buf_append_char(c->out, '"');
        }
        end_line(c);
}

static void show_path(struct comparing *c)
{
        buf_append_str(c->out, STR("    "));
        printable_append(c->out, buf_str(&c->path), PATH_BYTES);
        buf_append_char(c->out, '\n');
}

/* --- values --- */

static struct str text_of(struct comparing *c, struct buf *text, const struct json_doc *doc, uint32_t token)
{
        struct str s = { 0 };

        buf_clear(text, text->limit);
        if (json_string_get(doc, token, text, &s) < 0)
                c->no_memory = true;
        return s;
}

static void show_leaf(struct comparing *c, enum word_run run, const struct json_doc *doc, uint32_t token)
{
        if (json_type_of(doc, token) == JSON_STRING) {
                begin_line(c, run);
                buf_append_char(c->out, '"');
                printable_append(c->out, text_of(c, &c->texts[0], doc, token), c->out->limit);
                buf_append_char(c->out, '"');
        } else {
                begin_line(c, run);
                printable_append(c->out, json_text(doc, token), c->out->limit);
        }
        end_line(c);
}

static bool is_container(const struct json_doc *doc, uint32_t token)
{
        const enum json_type type = json_type_of(doc, token);

        return type == JSON_OBJECT || type == JSON_ARRAY;
}

static bool is_plain_name(struct str name)
{
        for (size_t i = 0; i < name.len; i++) {
                const char ch = name.ptr[i];

                if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '_' || ch == '-' ||
                            ch == '$'))
                        return false;
        }
        return name.len > 0;
}

/* "inputSchema.properties.path", with names that are not plain in quotes. Returns the length to go back to. */
static size_t enter_member(struct comparing *c, const struct json_doc *doc, uint32_t name)
{
        const size_t before = c->path.len;
        const struct str text = text_of(c, &c->texts[0], doc, name);
        const struct str quote = is_plain_name(text) ? STR("") : STR("\"");

        if (before)
                buf_append_char(&c->path, '.');
        buf_append_str(&c->path, quote);
        buf_append_str(&c->path, text);
        buf_append_str(&c->path, quote);
        return before;
}

static size_t enter_item(struct comparing *c, size_t index)
{
        const size_t before = c->path.len;

        buf_printf(&c->path, "[%zu]", index);
        return before;
}

/* A whole value that is on one side only, one line a leaf. Recursion is as deep as the document. */
static void show_all(struct comparing *c, enum word_run run, const struct json_doc *doc, uint32_t token)
{
        size_t index = 0;

        if (!is_container(doc, token) || json_at(doc, token)->next == token + 1) {
                show_path(c);
                show_leaf(c, run, doc, token);
                return;
        }
        json_each_member (doc, token, name, value) {
                const size_t back = enter_member(c, doc, name);

                show_all(c, run, doc, value);
                c->path.len = back;
        }
        json_each_item (doc, token, item) {
                const size_t back = enter_item(c, index++);

                show_all(c, run, doc, item);
                c->path.len = back;
        }
}

static void compare_values(struct comparing *c, uint32_t a, uint32_t b);

/* The member of @doc with the name that the token of another document has; 0 when there is none. */
static uint32_t same_member(struct comparing *c, const struct json_doc *from, uint32_t name, const struct json_doc *doc,
        uint32_t object)
{
        return json_member(doc, object, text_of(c, &c->texts[1], from, name));
}

static void compare_objects(struct comparing *c, uint32_t a, uint32_t b)
{
        json_each_member (c->a, a, name, value) {
                const uint32_t other = same_member(c, c->a, name, c->b, b);
                const size_t back = enter_member(c, c->a, name);

                if (other)
                        compare_values(c, value, other);
                else
                        show_all(c, WORDS_REMOVED, c->a, value);
                c->path.len = back;
        }
        json_each_member (c->b, b, name, value) {
                const uint32_t other = same_member(c, c->b, name, c->a, a);
                const size_t back = enter_member(c, c->b, name);

                if (!other)
                        show_all(c, WORDS_ADDED, c->b, value);
                c->path.len = back;
        }
}

static void compare_arrays(struct comparing *c, uint32_t a, uint32_t b)
{
        const uint32_t a_end = json_at(c->a, a)->next, b_end = json_at(c->b, b)->next;
        uint32_t x = a + 1, y = b + 1;

        for (size_t index = 0; x < a_end || y < b_end; index++) {
                const size_t back = enter_item(c, index);

                if (x < a_end && y < b_end)
                        compare_values(c, x, y);
                else if (x < a_end)
                        show_all(c, WORDS_REMOVED, c->a, x);
                else
                        show_all(c, WORDS_ADDED, c->b, y);
                if (x < a_end)
                        x = json_at(c->a, x)->next;
                if (y < b_end)
                        y = json_at(c->b, y)->next;
                c->path.len = back;
        }
}

static void compare_strings(struct comparing *c, uint32_t a, uint32_t b)
{
        const struct str before = text_of(c, &c->texts[0], c->a, a), after = text_of(c, &c->texts[1], c->b, b);

        if (str_eq(before, after))
                return;
        show_path(c);
        if (word_diff(before, after, show_words, c) < 0)
                c->no_memory = true;
}

static void compare_values(struct comparing *c, uint32_t a, uint32_t b)
{
        const enum json_type type = json_type_of(c->a, a);

        if (type != json_type_of(c->b, b)) {
                show_all(c, WORDS_REMOVED, c->a, a);
                show_all(c, WORDS_ADDED, c->b, b);
        } else if (type == JSON_OBJECT) {
                compare_objects(c, a, b);
        } else if (type == JSON_ARRAY) {
                compare_arrays(c, a, b);
        } else if (type == JSON_STRING) {
                compare_strings(c, a, b);
        } else if (!str_eq(json_text(c->a, a), json_text(c->b, b))) {
                show_path(c);
                show_leaf(c, WORDS_REMOVED, c->a, a);
                show_leaf(c, WORDS_ADDED, c->b, b);
        }
}

/* --- tools --- */

static void show_tool(struct comparing *c, const char *what, struct str name)
{
        buf_printf(c->out, "%-8s ", what);
        if (c->colour)
                buf_append_str(c->out, STR("\033[1m"));
        printable_append(c->out, name, c->out->limit);
        end_line(c);
}

static void show_one_side(struct comparing *c, const char *what, enum word_run run, const struct json_doc *doc,
        const struct pin *pin)
{
        show_tool(c, what, pin->name);
        if (run == WORDS_ADDED)
                show_all(c, run, doc, pin->definition);
}

static void compare_pins(struct comparing *c, const struct pin *a, const struct pin *b, struct pin_counts *counts)
{
        if (definition_digest_eq(&a->digest, &b->digest))
                return;
        counts->changed++;
        show_tool(c, "changed", a->name);
        compare_values(c, a->definition, b->definition);
}

static void compare_locks(struct comparing *c, const struct pin_lock *before, const struct pin_lock *after,
        struct pin_counts *counts)
{
        size_t i = 0, j = 0;

        while (i < pin_lock_count(before) || j < pin_lock_count(after)) {
                const struct pin *a = i < pin_lock_count(before) ? pin_lock_at(before, i) : NULL;
                const struct pin *b = j < pin_lock_count(after) ? pin_lock_at(after, j) : NULL;
                const int order = !a ? 1 : !b ? -1 : str_cmp(a->name, b->name);

                if (order == 0) {
                        compare_pins(c, a, b, counts);
                } else if (order < 0) {
                        counts->gone++;
                        show_one_side(c, "gone", WORDS_REMOVED, c->a, a);
                } else {
                        counts->added++;
                        show_one_side(c, "new", WORDS_ADDED, c->b, b);
                }
                i += order <= 0;
                j += order >= 0;
        }
}

int pin_lock_compare(const struct pin_lock *before, const struct pin_lock *after, bool colour, struct buf *out,
        struct pin_counts *ret)
{
        struct comparing c = {
                .a = pin_lock_doc(before),
                .b = pin_lock_doc(after),
                .colour = colour,
                .out = out,
                .path = BUF_INIT(LIMIT_PINS_BYTES),
                .texts = { BUF_INIT(LIMIT_PINS_BYTES), BUF_INIT(LIMIT_PINS_BYTES) },
        };

        *ret = (struct pin_counts){ 0 };
        compare_locks(&c, before, after, ret);
        if (pin_counts_any(ret))
                buf_printf(out, "\n%zu changed, %zu new, %zu gone\n", ret->changed, ret->added, ret->gone);
        buf_deinit(&c.path);
        buf_deinit(&c.texts[0]);
        buf_deinit(&c.texts[1]);
        if (c.no_memory)
                return -ENOMEM;
        return out->failed ? -EMSGSIZE : 0;
}
