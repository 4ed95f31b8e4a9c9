/* SPDX-License-Identifier: Apache-2.0
 *
 * golden_policy [--lint] [--update] FOLDER: every case FOLDER/<case>/ has a policy.yaml (and perhaps second.yaml, and bind.txt
 * with a NAME=VALUE a line) and what `leastwise check` says about it in expected.txt. With --lint, what it warns of as well: on
 * the same day every time, and about the pinned tools of pinned.txt (one a line, with a ! in front of destructive ones).
 * Writes TAP.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "lint.h"
#include "policy.h"

#define BINDS_MAX 8
#define TOOLS_MAX 16
#define LINT_DAY_S INT64_C(1795262400) /* 2026-11-21, noon */

struct golden {
        struct policy_input inputs[2];
        size_t count;
        struct policy_pair binds[BINDS_MAX];
        size_t bind_count;
        struct buf texts[2], bind_text, pinned_text, out, expected;
        bool lint;
};

static struct buf read_file(const char *folder, const char *name, const char *file)
{
        struct buf b = BUF_INIT(4U << 20);
        char path[1024];
        FILE *in;
        char piece[4096];
        size_t n;

        snprintf(path, sizeof(path), "%s/%s/%s", folder, name, file);
        in = fopen(path, "r");
        while (in && (n = fread(piece, 1, sizeof(piece), in)) > 0)
                buf_append(&b, piece, n);
        if (in)
                fclose(in);
        return b;
}

static struct str text_of(void *userdata, struct str path)
{
        const struct golden *g = userdata;

        for (size_t i = 0; i < g->count; ++i) {
                if (str_eq(path, g->inputs[i].path))
                        return g->inputs[i].text;
        }
        return str_of(NULL, 0);
}

static void split_binds(struct golden *g)
{
        struct str rest = buf_str(&g->bind_text);

        while (rest.len && g->bind_count < BINDS_MAX) {
                const char *equals = memchr(rest.ptr, '=', rest.len);
                const char *end = memchr(rest.ptr, '\n', rest.len);

                if (!equals || !end || end < equals)
                        return;
                g->binds[g->bind_count++] = (struct policy_pair){ str_of(rest.ptr, (size_t)(equals - rest.ptr)),
                        str_of(equals + 1, (size_t)(end - equals - 1)) };
                rest = str_skip(rest, (size_t)(end - rest.ptr) + 1);
        }
}

static void lint(const struct golden *g, const struct policy_set *set, struct diagnostics *diags)
{
        struct lint_tool tools[TOOLS_MAX];
        struct lint_pins pins = { .tools = tools, .known = g->pinned_text.len > 0 };
        const struct lint lint = { .now_s = LINT_DAY_S, .pins = &pins };

        for (struct str rest = buf_str(&g->pinned_text); rest.len && pins.count < TOOLS_MAX; ++pins.count) {
                const char *end = memchr(rest.ptr, '\n', rest.len);
                bool destructive = rest.ptr[0] == '!';

                tools[pins.count].destructive = destructive;
                tools[pins.count].name = str_of(rest.ptr + destructive, (size_t)(end - rest.ptr) - destructive);
                rest = str_skip(rest, (size_t)(end - rest.ptr) + 1);
        }
        policy_set_lint(set, &lint, diags);
}

static void check(struct golden *g)
{
        struct policy_options options = { .bindings = g->binds,
                .binding_count = g->bind_count,
                .any_binding = g->bind_count == 0,
                .any_agent = true,
                .lint = g->lint,
                .tests = true };
        CLEANUP(diagnostics_deinit) struct diagnostics diags = { 0 };
        struct policy_set *set = NULL;
        int r = policy_set_new(&set, g->inputs, g->count, &options, &diags);

        if (r == 0 && g->lint)
                lint(g, set, &diags);
        diagnostics_print(&diags, &g->out, false, text_of, g);
        buf_printf(&g->out, "%s: %zu errors\n", r == 0 ? "good" : "refused", diags.errors);
        policy_set_unref(set);
}

static void load(struct golden *g, const char *folder, const char *name, bool lint)
{
        static const char *const files[] = { "policy.yaml", "second.yaml" };

        *g = (struct golden){ .out = BUF_INIT(4U << 20), .lint = lint };
        for (size_t i = 0; i < 2; ++i) {
                g->texts[i] = read_file(folder, name, files[i]);
                if (i == 0 || g->texts[i].len)
                        g->inputs[g->count++] = (struct policy_input){ str_from(files[i]), buf_str(&g->texts[i]) };
        }
        g->bind_text = read_file(folder, name, "bind.txt");
        g->pinned_text = read_file(folder, name, "pinned.txt");
        g->expected = read_file(folder, name, "expected.txt");
        split_binds(g);
}

static void unload(struct golden *g)
{
        buf_deinit(&g->texts[0]);
        buf_deinit(&g->texts[1]);
        buf_deinit(&g->bind_text);
        buf_deinit(&g->pinned_text);
        buf_deinit(&g->expected);
        buf_deinit(&g->out);
}

static void write_expected(const struct golden *g, const char *folder, const char *name)
{
        char path[1024];
        FILE *out;

        snprintf(path, sizeof(path), "%s/%s/expected.txt", folder, name);
        out = fopen(path, "w");
        if (!out || fwrite(g->out.data, 1, g->out.len, out) != g->out.len || fclose(out) != 0) {
                perror(path);
                exit(99);
        }
}

/* Both texts behind TAP's comment sign. */
static void show(const char *title, struct str text)
{
        printf("# --- %s\n", title);
        while (text.len) {
                const char *end = memchr(text.ptr, '\n', text.len);
                size_t n = end ? (size_t)(end - text.ptr) : text.len;

                printf("# %.*s\n", (int)n, text.ptr);
                text = str_skip(text, n + 1);
        }
}

static bool run_case(const char *folder, const char *name, bool lint, bool update)
{
        struct golden g;
        bool same;

        load(&g, folder, name, lint);
        check(&g);
        if (update)
                write_expected(&g, folder, name);
        same = update || (g.expected.len > 0 && str_eq(buf_str(&g.out), buf_str(&g.expected)));
        if (!same) {
                show("expected", buf_str(&g.expected));
                show("found", buf_str(&g.out));
        }
        unload(&g);
        return same;
}

static int is_case(const struct dirent *entry)
{
        return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
        bool lint = argc > 2 && strcmp(argv[1], "--lint") == 0;
        bool update = argc > 2 && strcmp(argv[argc - 2], "--update") == 0;
        struct dirent **cases;
        int count, failed = 0;

        if (argc < 2)
                return 99;
        count = scandir(argv[argc - 1], &cases, is_case, alphasort);
        if (count <= 0)
                return 99;
        printf("1..%d\n", count);
        for (int i = 0; i < count; ++i) {
                bool ok = run_case(argv[argc - 1], cases[i]->d_name, lint, update);

                printf("%sok %d - %s\n", ok ? "" : "not ", i + 1, cases[i]->d_name);
                failed += !ok;
                free(cases[i]);
        }
        free(cases);
        return failed ? 1 : 0;
}
