/* SPDX-License-Identifier: Apache-2.0 */
#include "compile.h"
#include "limit.h"
#include "uri.h"

struct binding_use {
        struct compile *c;
        const struct yaml_node *node;
        enum policy_subject subject;
};

/* A value in a URI must not be able to end the part that it stands in, nor to be read as another spelling of it. */
static bool value_is_unreserved(struct str value)
{
        for (size_t i = 0; i < value.len; ++i) {
                char ch = value.ptr[i];
                bool alnum = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9');

                if (!alnum && ch != '-' && ch != '.' && ch != '_' && ch != '~')
                        return false;
        }
        return value.len > 0 && !str_eq(value, STR(".")) && !str_eq(value, STR(".."));
}

static bool value_fits(const struct binding_use *use, struct str name, struct str value)
{
        switch (use->subject) {
        case POLICY_ROOTS:
                if (use->node->text.len == name.len + 3)
                        return root_dir_is_normal(value);
                return value_is_unreserved(value);
        case POLICY_RESOURCE:
        case POLICY_RESOURCE_TEMPLATE:
        case POLICY_ELICITATION_URL:
                return value_is_unreserved(value);
        case POLICY_TOOL:
        case POLICY_PROMPT:
        case POLICY_METHOD:
        case POLICY_SAMPLING:
        case POLICY_ELICITATION_FORM:
        case POLICY_SUBJECT_MAX_:
                break;
        }
        return true;
}

static int binding(void *userdata, struct str name, size_t offset, struct str *ret, bool *ret_never)
{
        const struct binding_use *use = userdata;
        int r = compile_binding(use->c, use->node, name, ret, ret_never);

        if (r != 0 || *ret_never || value_fits(use, name, *ret))
                return r;
        compile_error(use->c, P_BIND_VALUE, use->node,
                use->subject == POLICY_ROOTS
                        ? "a root that is all ${name} takes an absolute directory; else the value is one "
                          "segment of letters, digits, `-`, `.`, `_` and `~`"
                        : "in a URI a bound value has only letters, digits, `-`, `.`, `_` and `~`",
                "the value of `%s` cannot stand in this pattern: \"%s\"", show(name).text, show(*ret).text);
        return 1;
}

/* The place within the text where that can be told: no escapes and no folding moved the bytes. */
static struct yaml_node within(const struct yaml_node *node, const struct pattern_problem *problem)
{
        struct yaml_node at = *node;
        size_t quotes = node->quoted ? 2 : 0;

        if (node->length == node->text.len + quotes && problem->length) {
                at.column += (uint32_t)(problem->offset + quotes / 2);
                at.length = (uint32_t)problem->length;
        }
        return at;
}

static bool has_control(struct str s)
{
        for (size_t i = 0; i < s.len; ++i) {
                unsigned char ch = (unsigned char)s.ptr[i];

                if (ch < 0x20 || ch == 0x7F)
                        return true;
        }
        return false;
}

static enum uri_form best_form(const struct pattern *p)
{
        static const struct {
                struct str one, many;
        } fillings[] = {
                { STR_INIT("a"), STR_INIT("a") },
                { STR_INIT("a"), STR_INIT("a/a") },
                { STR_INIT("a"), STR_INIT("") },
                { STR_INIT("1"), STR_INIT("1") },
                { STR_INIT("1"), STR_INIT("1/1") },
        };
        char text[LIMIT_URI_BYTES];
        enum uri_form best = URI_ODD;

        for (size_t i = 0; i < sizeof(fillings) / sizeof(fillings[0]); ++i) {
                enum uri_form form =
                        uri_form_of(pattern_sample(p, fillings[i].one, fillings[i].many, text, sizeof(text)));

                if (form > best)
                        best = form;
        }
        return best;
}

/* The scheme, when it is written out before any wildcard. */
static struct str literal_scheme(const struct pattern *p)
{
        const char *colon = p->prefix.len ? memchr(p->prefix.ptr, ':', p->prefix.len) : NULL;

        return colon ? str_of(p->prefix.ptr, (size_t)(colon - p->prefix.ptr)) : str_of(NULL, 0);
}

/* A wildcard may be the whole host, or whole labels in front (`*.example.com`), but nothing that could be prolonged:
 * `https://github.com*` would take https://github.com.evil.example. */
static bool host_is_closed(const struct pattern *p, struct str scheme)
{
        char text[LIMIT_URI_BYTES];
        struct str host = pattern_sample(p, STR("*"), STR("**"), text, sizeof(text)), port;
        const char *end;

        host = str_skip(host, scheme.len + 1);
        if (!str_starts_with(host, STR("//")))
                return false;
        host = str_skip(host, 2);
        end = host.len ? memchr(host.ptr, '/', host.len) : NULL;
        if (!end)
                return false;
        host.len = (size_t)(end - host.ptr);
        end = host.len ? memchr(host.ptr, ':', host.len) : NULL;
        if (end) {
                port = str_skip(host, (size_t)(end - host.ptr) + 1);
                if (!str_eq(port, STR("*")) && port.len && memchr(port.ptr, '*', port.len))
                        return false;
                host.len = (size_t)(end - host.ptr);
        }
        if (str_eq(host, STR("*")))
                return true;
        if (str_starts_with(host, STR("*.")))
                host = str_skip(host, 2);
        return host.len && !memchr(host.ptr, '*', host.len);
}

static bool refuse_uri(struct compile *c, const struct yaml_node *node, const char *help, const char *what)
{
        compile_error(c, P_BAD_URI_PATTERN, node, help, "%s", what);
        return false;
}

static bool check_uri(
        struct compile *c, const struct yaml_node *node, enum policy_subject subject, const struct pattern *p)
{
        struct str scheme = literal_scheme(p);
        bool is_url = subject == POLICY_ELICITATION_URL;

        if (p->everything)
                return true;
        if (is_url && !str_eq(scheme, STR("https")) && !str_eq(scheme, STR("http")))
                return refuse_uri(
                        c, node, "as in \"https://github.com/**\"", "a URL pattern begins with https:// or http://");
        if (p->exact && !p->denies && !is_url)
                return true;
        if (scheme.len == 0)
                return p->denies ||
                       refuse_uri(c, node, "as in \"note://public/**\"; only `**` alone stands for every URI",
                               "the scheme of a URI pattern must be written out");
        if (!p->denies && uri_scheme_has_hosts(scheme) && !p->exact && !host_is_closed(p, scheme)) {
                compile_error(c, P_OPEN_HOST, node,
                        "write the host out and a `/` behind it, as in \"https://github.com/**\" or "
                        "\"https://*.example.com/**\"",
                        "a wildcard here could stand for a part of the host");
                return false;
        }
        if (best_form(p) < (p->denies ? URI_STRICT : URI_PLAIN))
                return refuse_uri(c, node,
                        "write it in its normal form: lower-case scheme and host, no `..`, no empty segment, no "
                        "needless "
                        "escapes, no user, no fragment; file: with three slashes",
                        "no URI that is compared with patterns is spelled like this");
        return true;
}

static bool check_name(struct compile *c, const struct yaml_node *node, const struct pattern *p)
{
        if (!p->exact || p->prefix.len <= LIMIT_NAME_BYTES)
                return true;
        compile_error(
                c, P_NEVER_MATCHES, node, NULL, "names longer than %u bytes are always refused", LIMIT_NAME_BYTES);
        return false;
}

static bool check_root(struct compile *c, const struct yaml_node *node, struct pattern *p)
{
        if (p->exact && p->prefix.len > 1 && p->prefix.ptr[p->prefix.len - 1] == '/')
                p->prefix.len--;
        if (p->exact && (p->never || root_dir_is_normal(p->prefix)))
                return true;
        compile_error(c, P_BAD_ROOT, node,
                "a root is a directory such as /srv/work, without `..` and without wildcards",
                "`%s` is not an absolute directory in its normal form", show(node->text).text);
        return false;
}

static bool check(struct compile *c, const struct yaml_node *node, enum policy_subject subject, struct pattern *p)
{
        if (has_control(node->text)) {
                compile_error(c, P_NEVER_MATCHES, node, NULL, "names with control characters are always refused");
                return false;
        }
        switch (subject) {
        case POLICY_RESOURCE:
        case POLICY_RESOURCE_TEMPLATE:
        case POLICY_ELICITATION_URL:
                return check_uri(c, node, subject, p);
        case POLICY_ROOTS:
                return check_root(c, node, p);
        case POLICY_TOOL:
        case POLICY_PROMPT:
        case POLICY_METHOD:
        case POLICY_SAMPLING:
        case POLICY_ELICITATION_FORM:
        case POLICY_SUBJECT_MAX_:
                break;
        }
        return check_name(c, node, p);
}

bool compile_pattern(
        struct compile *c, const struct yaml_node *node, enum policy_subject subject, bool denies, struct pattern *ret)
{
        bool is_uri = subject == POLICY_RESOURCE || subject == POLICY_ELICITATION_URL;
        struct binding_use use = { c, node, subject };
        struct pattern_problem problem = { 0 };
        int r;

        if (!compile_wants(c, node, YAML_TEXT, "a pattern"))
                return false;
        r = pattern_compile(
                ret, c->arena, node->text, is_uri ? PATTERN_URI : PATTERN_NAME, denies, binding, &use, &problem);
        if (r < 0) {
                c->no_memory = true;
                return false;
        }
        if (r > 0 && problem.what) {
                struct yaml_node at = within(node, &problem);

                compile_error(c, P_BAD_PATTERN, &at, problem.help, "%s", problem.what);
        }
        if (r > 0)
                return false;
        ret->line = node->line;
        ret->column = node->column;
        ret->length = node->length;
        return check(c, node, subject, ret);
}

void compile_patterns(struct compile *c, const struct yaml_node *node, enum policy_subject subject, bool denies,
        struct compile_patterns *ret)
{
        const bool is_list = node->kind == YAML_LIST;

        ret->patterns = compile_array(c, is_list ? node->count : 1, sizeof(*ret->patterns));
        if (!ret->patterns)
                return;
        if (is_list && node->count == 0)
                compile_error(c, P_EMPTY_VALUE, node, NULL, "this list of patterns is empty");
        for (const struct yaml_node *n = is_list ? node->first : node; n; n = is_list ? n->next : NULL) {
                if (compile_pattern(c, n, subject, denies, &ret->patterns[ret->count]))
                        ret->count++;
        }
}

/* --- patterns of arguments --- */

struct bound_pattern {
        struct compile *c;
        const struct yaml_node *node;
};

static int bind_pattern(void *userdata, struct str name, size_t offset, struct str *ret, bool *ret_never)
{
        const struct bound_pattern *p = userdata;

        return compile_binding(p->c, p->node, name, ret, ret_never);
}

bool compile_glob(struct compile *c, const struct yaml_node *node, enum pattern_kind kind, bool denies, struct pattern *ret,
        bool *ret_never)
{
        struct bound_pattern bound = { c, node };
        struct pattern_problem problem = { 0 };
        int r;

        if (!compile_wants(c, node, YAML_TEXT, "a pattern"))
                return false;
        r = pattern_compile(ret, c->arena, node->text, kind, denies, bind_pattern, &bound, &problem);
        if (r < 0)
                c->no_memory = true;
        if (r > 0 && problem.what)
                compile_error(c, P_BAD_PATTERN, node, problem.help, "%s", problem.what);
        *ret_never |= r == 0 && ret->never;
        return r == 0;
}
