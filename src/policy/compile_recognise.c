/* SPDX-License-Identifier: Apache-2.0 */
#include "cleanup.h"
#include "compile.h"
#include "compile_condition.h"
#include "host.h"
#include "linter.h"
#include "path.h"

/* One text or a list of them, each with bound values put in. */
struct text_list {
        struct str *texts;
        const struct yaml_node **nodes;
        size_t count;
        bool never;
};

static bool read_texts(struct compile *c, const struct yaml_node *node, struct text_list *ret)
{
        const struct yaml_node *item = node->kind == YAML_LIST ? node->first : node;
        size_t count = node->kind == YAML_LIST ? node->count : 1;

        *ret = (struct text_list){ .texts = compile_array(c, count, sizeof(*ret->texts)),
                .nodes = compile_array(c, count, sizeof(struct yaml_node *)) };
        if (!ret->texts || !ret->nodes)
                return false;
        if (count == 0) {
                compile_error(c, P_EMPTY_VALUE, node, NULL, "this list is empty");
                return false;
        }
        for (; ret->count < count; item = item->next) {
                ret->nodes[ret->count] = item;
                if (!compile_bound_text(c, item, &ret->texts[ret->count], &ret->never))
                        return false;
                ret->count++;
        }
        return true;
}

static void list_words(struct buf *words, const struct text_list *list)
{
        for (size_t i = 0; i < list->count; ++i) {
                buf_append_str(words, i ? STR(", ") : STR(""));
                buf_append_str(words, list->texts[i]);
        }
}

/* Every text of the list must do; what is wrong with one is said there. */
static bool check_texts(
        struct compile *c, const struct text_list *list, const char *(*problem)(struct str text), const char *help)
{
        bool ok = true;

        for (size_t i = 0; i < list->count && !list->never; ++i) {
                const char *what = problem(list->texts[i]);

                if (!what)
                        continue;
                compile_error(c, P_BAD_CONDITION, list->nodes[i], help, "`%s`: %s", show(list->texts[i]).text, what);
                ok = false;
        }
        return ok;
}

/* --- within --- */

static const char *dir_problem(struct str dir)
{
        return path_dir_is_normal(dir) ? NULL : "not an absolute directory in its normal form";
}

bool compile_within(struct compile *c, const struct yaml_node *node, struct condition *ret, struct buf *words)
{
        struct text_list dirs;

        if (!read_texts(c, node, &dirs) || !check_texts(c, &dirs, dir_problem, "as in /srv/work: no `..`, no `//`, no `/` at the end"))
                return false;
        ret->texts = dirs.texts;
        ret->count = (uint32_t)dirs.count;
        ret->never |= dirs.never;
        list_words(words, &dirs);
        return true;
}

/* --- mail --- */

bool compile_mail(struct compile *c, const struct yaml_node *node, struct condition *ret, struct buf *words)
{
        struct text_list domains;

        if (!read_texts(c, node, &domains) || !check_texts(c, &domains, mail_domain_problem, "as in acme.example or *.acme.example"))
                return false;
        ret->texts = domains.texts;
        ret->count = (uint32_t)domains.count;
        ret->never |= domains.never;
        list_words(words, &domains);
        return true;
}

/* --- command --- */

bool compile_command(
        struct compile *c, const struct yaml_node *node, bool denies, struct condition *ret, struct buf *words)
{
        const struct yaml_node *item = node->kind == YAML_LIST ? node->first : node;
        size_t count = node->kind == YAML_LIST ? node->count : 1;
        struct command_pattern *patterns = compile_array(c, count, sizeof(*patterns));

        if (count == 0)
                compile_error(c, P_EMPTY_VALUE, node, NULL, "this list of commands is empty");
        for (size_t i = 0; patterns && i < count; ++i, item = item->next) {
                struct command_problem problem = { 0 };
                struct str text;

                if (!compile_bound_command(c, item, &text, &ret->never))
                        return false;
                if (!command_pattern_compile(&patterns[i], text, denies, &problem)) {
                        compile_error(c, P_BAD_CONDITION, item, problem.help, "not a pattern of commands: %s", problem.what);
                        return false;
                }
                /* A bound value is whatever the operator says. */
                if (c->options->lint && str_eq(text, item->text))
                        lint_command(c, item, &patterns[i]);
                buf_append_str(words, i ? STR(", ") : STR(""));
                json_string_append(words, text);
        }
        ret->commands = patterns;
        ret->count = (uint32_t)count;
        return patterns && count;
}

/* --- url --- */

struct url_reading {
        struct condition *condition;
        struct url_rule *rule;
        struct buf *words;
        bool denies;
        bool ok;
};

static void part_words(struct url_reading *u, const char *part, const struct text_list *list)
{
        buf_printf(u->words, "%s%s ", u->words->len ? ", " : "", part);
        list_words(u->words, list);
}

static bool read_part(struct compile *c, const struct yaml_node *value, struct url_reading *u, const char *part,
        const char *(*problem)(struct str text), const char *help, struct text_list *ret)
{
        if (!read_texts(c, value, ret) || (problem && !check_texts(c, ret, problem, help))) {
                u->ok = false;
                return false;
        }
        u->condition->never |= ret->never;
        part_words(u, part, ret);
        return true;
}

static void read_scheme(struct compile *c, const struct yaml_node *value, void *into)
{
        struct url_reading *u = into;
        struct text_list list;

        if (!read_part(c, value, u, "scheme", url_scheme_problem, "in lower case, as in https", &list))
                return;
        u->rule->schemes = list.texts;
        u->rule->scheme_count = list.count;
}

static const char *url_host_problem(struct str text)
{
        if (str_eq(text, STR("public")) || str_eq(text, STR("*")))
                return NULL;
        return host_pattern_problem(text);
}

static void read_host(struct compile *c, const struct yaml_node *value, void *into)
{
        struct url_reading *u = into;
        struct text_list list;
        size_t kept = 0;

        if (!read_part(c, value, u, "host", url_host_problem, "a host, `*.` and a domain, `public`, or `\"*\"` for any", &list))
                return;
        for (size_t i = 0; i < list.count; ++i) {
                if (str_eq(list.texts[i], STR("public")))
                        u->rule->host_public = true;
                else if (str_eq(list.texts[i], STR("*")))
                        u->rule->host_any = true;
                else
                        list.texts[kept++] = list.texts[i];
        }
        u->rule->hosts = list.texts;
        u->rule->host_count = kept;
}

static bool port_of(struct str text, uint16_t *ret)
{
        uint32_t value = 0;

        if (text.len == 0 || text.len > 5 || text.ptr[0] == '0')
                return false;
        for (size_t i = 0; i < text.len; ++i) {
                if (text.ptr[i] < '0' || text.ptr[i] > '9')
                        return false;
                value = value * 10 + (uint32_t)(text.ptr[i] - '0');
        }
        *ret = (uint16_t)value;
        return value <= UINT16_MAX;
}

static const char *port_problem(struct str text)
{
        uint16_t port;

        return port_of(text, &port) ? NULL : "not a port";
}

static void read_port(struct compile *c, const struct yaml_node *value, void *into)
{
        struct url_reading *u = into;
        struct text_list list;
        uint16_t *ports;

        if (!read_part(c, value, u, "port", port_problem, "1 to 65535", &list))
                return;
        ports = compile_array(c, list.count, sizeof(*ports));
        if (!ports)
                return;
        for (size_t i = 0; i < list.count; ++i) {
                ports[i] = 0;
                port_of(list.texts[i], &ports[i]);
        }
        u->rule->ports = ports;
        u->rule->port_count = list.count;
}

static bool path_matches(const void *userdata, struct str path)
{
        const struct url_paths *paths = userdata;

        for (size_t i = 0; i < paths->count; ++i) {
                const struct pattern *p = &paths->patterns[i];
                enum pattern_match match = pattern_match(p, path);

                if (match == MATCH_YES || (match == MATCH_UNSETTLED && p->denies))
                        return true;
        }
        return false;
}

static void read_url_path(struct compile *c, const struct yaml_node *value, void *into)
{
        struct url_reading *u = into;
        struct url_paths *paths = compile_array(c, 1, sizeof(*paths));
        struct text_list list;

        if (!paths || !read_part(c, value, u, "path", NULL, NULL, &list))
                return;
        paths->patterns = compile_array(c, list.count, sizeof(*paths->patterns));
        for (size_t i = 0; paths->patterns && i < list.count; ++i) {
                struct str text = list.nodes[i]->text;

                if (text.len == 0 || (text.ptr[0] != '/' && text.ptr[0] != '*' && text.ptr[0] != '$')) {
                        compile_error(c, P_BAD_CONDITION, list.nodes[i], "as in \"/docs/**\"", "the path of a URL begins with `/`");
                        u->ok = false;
                        return;
                }
                u->ok &= compile_glob(c, list.nodes[i], PATTERN_URI, u->denies, &paths->patterns[i], &u->condition->never);
        }
        paths->count = list.count;
        u->rule->path_matches = path_matches;
        u->rule->path_userdata = paths;
}

bool compile_url(struct compile *c, const struct yaml_node *node, bool denies, struct condition *ret, struct buf *words)
{
        static const struct key_row rows[] = {
                { "scheme", KEY_OPTIONAL, read_scheme },
                { "host", KEY_REQUIRED, read_host },
                { "port", KEY_OPTIONAL, read_port },
                { "path", KEY_OPTIONAL, read_url_path },
        };
        struct url_rule *rule = compile_array(c, 1, sizeof(*rule));
        struct url_reading u = { .condition = ret, .rule = rule, .words = words, .denies = denies, .ok = true };
        size_t errors = c->diags->errors;

        if (!rule)
                return false;
        *rule = (struct url_rule){ 0 };
        COMPILE_MAP(c, node, "`url`", rows, &u);
        ret->url = rule;
        return u.ok && c->diags->errors == errors;
}
