/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <errno.h>
#include <string.h>

#include "str.h"
#include "suggest.h"

static const struct option_spec *find(const struct option_spec *specs, struct str name)
{
        for (; specs->name; specs++) {
                if (str_eq(str_from(specs->name), name))
                        return specs;
        }
        return NULL;
}

static int unknown(const struct option_spec *specs, struct str name, struct buf *message)
{
        struct suggestion s;

        suggest_begin(&s, name);
        for (; specs->name; specs++)
                suggest_offer(&s, name, str_from(specs->name));
        buf_printf(message, "there is no option --%.*s", STR_FMT(name));
        if (s.best.len > 0)
                buf_printf(message, "; did you mean --%.*s?", STR_FMT(s.best));
        return -EINVAL;
}

static int add(struct options *o, const struct option_spec *spec, const char *value, struct buf *message)
{
        if (!spec->repeats && options_has(o, spec->name)) {
                buf_printf(message, "--%s is given twice", spec->name);
                return -EINVAL;
        }
        if (o->count == OPTIONS_MAX) {
                buf_printf(message, "more than %u options", OPTIONS_MAX);
                return -EINVAL;
        }
        o->given[o->count].spec = spec;
        o->given[o->count++].value = value;
        return 0;
}

/* @text is behind the dashes. *used counts the arguments taken. */
static int take_long(struct options *o, const struct option_spec *specs, const char *text, const char *next, int *used,
        struct buf *message)
{
        const char *equals = strchr(text, '=');
        const struct str name = str_of(text, equals ? (size_t)(equals - text) : strlen(text));
        const struct option_spec *spec = find(specs, name);

        *used = 1;
        if (!spec)
                return unknown(specs, name, message);
        if (!spec->has_value) {
                if (!equals)
                        return add(o, spec, NULL, message);
                buf_printf(message, "--%s takes no value", spec->name);
                return -EINVAL;
        }
        if (equals)
                return add(o, spec, equals + 1, message);
        if (!next) {
                buf_printf(message, "--%s needs a value", spec->name);
                return -EINVAL;
        }
        *used = 2;
        return add(o, spec, next, message);
}

static bool is_help(const char *arg)
{
        return strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
}

/* Everything from @from on. They follow operands that were collected at the front, in order. */
static void take_rest(struct options *o, int from, int argc, char **argv)
{
        for (int i = from; i < argc; i++)
                o->operands[o->operand_count++] = argv[i];
}

static int parse(struct options *o, const struct option_spec *specs, enum options_style style, int argc, char **argv,
        struct buf *message)
{
        for (int i = 1; i < argc;) {
                char *arg = argv[i];
                int used = 1, r;

                if (strcmp(arg, "--") == 0) {
                        take_rest(o, i + 1, argc, argv);
                        return 0;
                }
                if (arg[0] != '-' || arg[1] == '\0') {
                        if (style == OPTIONS_BEFORE_COMMAND) {
                                take_rest(o, i, argc, argv);
                                return 0;
                        }
                        o->operands[o->operand_count++] = arg;
                } else if (is_help(arg)) {
                        o->wants_help = true;
                } else if (arg[1] != '-') {
                        buf_printf(message, "there is no option %s", arg);
                        return -EINVAL;
                } else {
                        r = take_long(o, specs, arg + 2, i + 1 < argc ? argv[i + 1] : NULL, &used, message);
                        if (r < 0)
                                return r;
                }
                i += used;
        }
        return 0;
}

int options_parse(struct options *ret, const struct option_spec *specs, enum options_style style, int argc, char **argv,
        struct buf *message)
{
        int r;

        *ret = (struct options){ .operands = argv + (argc > 0) };
        r = parse(ret, specs, style, argc, argv, message);
        if (r < 0)
                return message->failed ? -ENOMEM : r;
        ret->operands[ret->operand_count] = NULL;
        return 0;
}

const char *options_get(const struct options *o, const char *name, size_t index)
{
        for (size_t i = 0; i < o->count; i++) {
                if (strcmp(o->given[i].spec->name, name) == 0 && index-- == 0)
                        return o->given[i].value;
        }
        return NULL;
}

size_t options_times(const struct options *o, const char *name)
{
        size_t times = 0;

        for (size_t i = 0; i < o->count; i++)
                times += strcmp(o->given[i].spec->name, name) == 0;
        return times;
}

bool options_has(const struct options *o, const char *name)
{
        return options_times(o, name) > 0;
}
