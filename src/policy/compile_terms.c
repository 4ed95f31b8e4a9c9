/* SPDX-License-Identifier: Apache-2.0 */
#include "cleanup.h"
#include "compile.h"
#include "path.h"

/* A rule whose keys about arguments are being read. */
struct reading {
        struct terms *terms;
        const struct yaml_node *rule;
        bool denies;
        bool optional; /* of the rule: for every condition */
        bool open;
        bool ok;
        struct accepted *accepted;
        struct buf names; /* of the accepted, for people */
};

/* --- which arguments there may be --- */

static struct accepted *accepted_step(struct compile *c, struct accepted *in, const struct path_step *step)
{
        struct accepted **at = &in->first;

        for (; *at; at = &(*at)->next) {
                if ((*at)->items == step->items && str_eq((*at)->name, step->name))
                        return *at;
        }
        *at = compile_array(c, 1, sizeof(**at));
        if (*at)
                **at = (struct accepted){ .name = step->name, .items = step->items };
        return *at;
}

static void accept(struct compile *c, struct reading *r, const struct argument_path *path)
{
        struct accepted *at = r->accepted;

        for (size_t i = 0; at && i < path->count; ++i)
                at = accepted_step(c, at, &path->steps[i]);
        if (!at || at->whole)
                return;
        at->whole = true;
        if (r->names.len)
                buf_append_str(&r->names, STR(", "));
        buf_append_str(&r->names, path->text);
}

/* --- when --- */

static void read_term(struct compile *c, struct reading *r, const struct yaml_node *key)
{
        struct term *term = &r->terms->terms[r->terms->count];

        if (!compile_argument_path(c, key, &term->path) ||
                !compile_conditions(
                        c, key->value, term->path.text, r->denies, &term->conditions, &term->optional)) {
                r->ok = false;
                return;
        }
        term->optional |= r->optional;
        r->terms->count++;
        accept(c, r, &term->path);
}

static void read_when(struct compile *c, struct reading *r, const struct yaml_node *value)
{
        if (!compile_wants(c, value, YAML_MAP, "`when`")) {
                r->ok = false;
                return;
        }
        if (value->count == 0)
                compile_error(c, P_EMPTY_VALUE, value, "remove it, or name the arguments under `free`", "`when` is empty");
        yaml_each (value, key)
                read_term(c, r, key);
}

static void read_free(struct compile *c, struct reading *r, const struct yaml_node *value)
{
        if (!compile_wants(c, value, YAML_LIST, "`free`")) {
                r->ok = false;
                return;
        }
        yaml_each (value, item) {
                struct argument_path path;

                if (compile_argument_path(c, item, &path))
                        accept(c, r, &path);
                else
                        r->ok = false;
        }
}

/* --- narrow --- */

static void read_least(struct compile *c, const struct yaml_node *value, void *into)
{
        struct narrowing *n = into;
        bool never = false;

        n->has_least = compile_number(c, value, &n->least, &n->least_text, &never);
}

static void read_most(struct compile *c, const struct yaml_node *value, void *into)
{
        struct narrowing *n = into;
        bool never = false;

        n->has_most = compile_number(c, value, &n->most, &n->most_text, &never);
}

static void read_set(struct compile *c, const struct yaml_node *value, void *into)
{
        struct narrowing *n = into;
        struct json_doc doc;
        bool never = false;

        if (compile_value(c, value, &doc, &never))
                n->value = doc.text;
}

static void read_default(struct compile *c, const struct yaml_node *value, void *into)
{
        struct narrowing *n = into;
        struct json_doc doc;
        bool never = false;

        if (compile_value(c, value, &doc, &never))
                n->fallback = doc.text;
}

static void read_remove(struct compile *c, const struct yaml_node *value, void *into)
{
        struct narrowing *n = into;

        if (compile_bool(c, value, &n->removes) && !n->removes)
                compile_error(c, P_BAD_NARROWING, value, NULL, "write `remove: true`, or nothing");
}

static const char *contradiction(const struct narrowing *n)
{
        bool bounds = n->has_least || n->has_most;
        struct decimal fallback;

        if (!bounds && !n->removes && !n->value.len && !n->fallback.len)
                return "this narrows nothing";
        if (n->removes + (n->value.len != 0) + (bounds || n->fallback.len) > 1)
                return "`set` and `remove` stand alone";
        if (n->has_least && n->has_most && decimal_compare(&n->least, &n->most) > 0)
                return "no number is within these bounds";
        if (!bounds || !n->fallback.len)
                return NULL;
        if (!decimal_read(n->fallback, &fallback) || (n->has_least && decimal_compare(&fallback, &n->least) < 0) ||
                (n->has_most && decimal_compare(&fallback, &n->most) > 0))
                return "the default is not within the bounds";
        return NULL;
}

/* An argument with bounds must be a number, or they could not be held. */
static void add_number_term(struct compile *c, struct reading *r, const struct narrowing *n)
{
        struct term *term = &r->terms->terms[r->terms->count];
        struct condition *condition = compile_array(c, 1, sizeof(*condition));
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_POLICY_BYTES);

        buf_printf(&text, "%.*s: a number", STR_FMT(n->path.text));
        if (!condition || text.failed || arena_str(c->arena, buf_str(&text), &condition->text) < 0) {
                c->no_memory = true;
                return;
        }
        condition->kind = CONDITION_TYPE;
        condition->types = TYPE_NUMBER;
        condition->implied = true;
        condition->line = n->line;
        condition->column = n->column;
        condition->words = str_skip(condition->text, n->path.text.len + 2);
        *term = (struct term){ .path = n->path, .conditions = condition, .optional = true };
        r->terms->count++;
}

static void read_narrowing(struct compile *c, struct reading *r, const struct yaml_node *key)
{
        static const struct key_row rows[] = {
                { "at_least", KEY_OPTIONAL, read_least },
                { "at_most", KEY_OPTIONAL, read_most },
                { "set", KEY_OPTIONAL, read_set },
                { "remove", KEY_OPTIONAL, read_remove },
                { "default", KEY_OPTIONAL, read_default },
        };
        struct narrowing *n = &r->terms->narrowings[r->terms->narrowing_count];
        size_t errors = c->diags->errors;
        const char *wrong = NULL;

        *n = (struct narrowing){ .line = key->line, .column = key->column };
        if (!compile_argument_path(c, key, &n->path)) {
                r->ok = false;
                return;
        }
        COMPILE_MAP(c, key->value, "a narrowing", rows, n);
        if (c->diags->errors != errors) {
                r->ok = false;
                return;
        }
        wrong = contradiction(n);
        for (size_t i = 0; i < n->path.count; ++i)
                wrong = n->path.steps[i].items ? "an item of a list cannot be narrowed, only a member" : wrong;
        for (size_t i = 0; i < r->terms->narrowing_count; ++i) {
                if (argument_path_compare(&n->path, &r->terms->narrowings[i].path) != PATHS_APART)
                        wrong = "another narrowing of this rule is about the same argument";
        }
        if (wrong) {
                compile_error(c, P_BAD_NARROWING, key, NULL, "%s", wrong);
                r->ok = false;
                return;
        }
        r->terms->narrowing_count++;
        accept(c, r, &n->path);
        if (n->has_least || n->has_most)
                add_number_term(c, r, n);
}

static void read_narrow(struct compile *c, struct reading *r, const struct yaml_node *value)
{
        if (!compile_wants(c, value, YAML_MAP, "`narrow`")) {
                r->ok = false;
                return;
        }
        if (value->count == 0) {
                compile_error(c, P_EMPTY_VALUE, value, NULL, "`narrow` is empty");
                r->ok = false;
                return;
        }
        r->terms->narrowings = compile_array(c, value->count, sizeof(*r->terms->narrowings));
        if (!r->terms->narrowings)
                return;
        yaml_each (value, key)
                read_narrowing(c, r, key);
}

/* --- the rule --- */

static const struct yaml_node *key_of(const struct yaml_node *map, struct str name)
{
        yaml_each (map, key) {
                if (str_eq(key->text, name))
                        return key;
        }
        return NULL;
}

/* The value of a key that compile_map() has not complained of. */
static const struct yaml_node *value_of(const struct yaml_node *map, struct str name)
{
        const struct yaml_node *value = yaml_get(map, name);

        if (value && (value->kind == YAML_BROKEN || (value->kind == YAML_TEXT && !value->quoted && !value->text.len)))
                return NULL;
        return value;
}

static void read_cwd(struct compile *c, struct reading *r, const struct yaml_node *value)
{
        bool never = false;

        if (!compile_bound_text(c, value, &r->terms->cwd, &never)) {
                r->ok = false;
                return;
        }
        if (never)
                r->terms->cwd = STR("/");
        if (path_dir_is_normal(r->terms->cwd))
                return;
        compile_error(c, P_PATH_NOT_ABSOLUTE, value, "as in /srv/work: no `..`, no `//`, no `/` at the end",
                "`cwd` must be an absolute directory in its normal form");
        r->ok = false;
}

/* What a deny rule has no use for: it must not be escaped by one more argument. */
static void check_keys(struct compile *c, struct reading *r)
{
        static const char *const keys[] = { "free", "narrow", "open" };

        for (size_t i = 0; r->denies && i < sizeof(keys) / sizeof(keys[0]); ++i) {
                const struct yaml_node *key = key_of(r->rule, str_from(keys[i]));

                if (!key)
                        continue;
                compile_error(c, P_KEY_WITHOUT_MEANING, key, NULL,
                        "`%s` has no meaning in a deny rule, which matches whatever other arguments there are", keys[i]);
                r->ok = false;
        }
}

static void read_flags(struct compile *c, struct reading *r)
{
        const struct yaml_node *optional = value_of(r->rule, STR("optional")), *open = value_of(r->rule, STR("open"));
        const struct yaml_node *cwd = value_of(r->rule, STR("cwd"));

        if (optional)
                r->ok &= compile_bool(c, optional, &r->optional);
        if (open && !r->denies)
                r->ok &= compile_bool(c, open, &r->open);
        if (open && r->open)
                compile_warning(c, P_OPEN_RULE, open, "name the arguments that may be anything under `free`",
                        "this rule takes any argument that it does not name");
        if (cwd)
                read_cwd(c, r, cwd);
}

static bool read_all(struct compile *c, struct reading *r)
{
        const struct yaml_node *when = value_of(r->rule, STR("when")), *free = value_of(r->rule, STR("free"));
        const struct yaml_node *narrow = value_of(r->rule, STR("narrow"));
        size_t count = (when ? when->count : 0) + (narrow ? narrow->count : 0);

        check_keys(c, r);
        read_flags(c, r);
        r->terms->terms = compile_array(c, count, sizeof(*r->terms->terms));
        r->accepted = compile_array(c, 1, sizeof(*r->accepted));
        if (!r->terms->terms || !r->accepted)
                return false;
        *r->accepted = (struct accepted){ 0 };
        if (when)
                read_when(c, r, when);
        if (r->denies)
                return r->ok;
        if (free)
                read_free(c, r, free);
        if (narrow)
                read_narrow(c, r, narrow);
        if (!r->open && (when || free || narrow))
                r->terms->accepted = r->accepted;
        if (r->names.failed || arena_str(c->arena, r->names.len ? buf_str(&r->names) : STR("none"), &r->terms->accepts) < 0)
                c->no_memory = true;
        return r->ok;
}

bool compile_terms(struct compile *c, const struct yaml_node *rule, enum verdict verdict, const struct terms **ret)
{
        static const struct str keys[] = { STR_INIT("when"), STR_INIT("free"), STR_INIT("narrow"), STR_INIT("optional"),
                STR_INIT("open"), STR_INIT("cwd") };
        struct reading r = { .rule = rule, .denies = verdict == VERDICT_DENY, .ok = true };
        bool any = false, ok;

        *ret = NULL;
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); ++i)
                any |= yaml_get(rule, keys[i]) != NULL;
        if (!any)
                return true;
        r.terms = compile_array(c, 1, sizeof(*r.terms));
        if (!r.terms)
                return false;
        buf_init(&r.names, LIMIT_POLICY_BYTES);
        ok = read_all(c, &r);
        buf_deinit(&r.names);
        if (ok && (r.terms->count || r.terms->accepted || r.terms->narrowing_count))
                *ret = r.terms;
        return ok;
}
