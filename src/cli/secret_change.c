/* SPDX-License-Identifier: Apache-2.0
 *
 * leastwise secret set, rotate, rm, import.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "limit.h"
#include "printable.h"
#include "secret_command.h"
#include "verb.h"

/* --- what is common --- */

static struct vault_draft *find(struct vault_change *c, struct str name)
{
        for (size_t i = 0; i < c->count; i++) {
                if (str_eq(c->drafts[i].name, name))
                        return &c->drafts[i];
        }
        return NULL;
}

static int refuse(struct buf *why, struct str name, int error, const char *what)
{
        printable_append(why, name, 256);
        buf_append_str(why, str_from(what));
        return error;
}

struct one {
        const char *vault;
        struct vault_draft draft;
        bool expiry_given;
};

/* @name @what leastwise @command @name: for the vault that this is about. */
static int refuse_for(struct buf *why, const struct one *one, int error, const char *what, const char *command)
{
        AUTO_BUF struct buf whole = BUF_INIT(1024);

        buf_printf(&whole, "%s %.*s", command, STR_FMT(one->draft.name));
        if (buf_append_char(&whole, '\0') < 0)
                return -ENOMEM;
        refuse(why, one->draft.name, error, what);
        vault_command(why, one->vault, whole.data);
        return error;
}

static const char *length_of(struct str value, char space[static 64])
{
        size_t lines = 1;

        for (size_t i = 0; i < value.len; i++)
                lines += value.ptr[i] == '\n';
        if (lines == 1)
                snprintf(space, 64, "%zu bytes", value.len);
        else
                snprintf(space, 64, "%zu bytes in %zu lines", value.len, lines);
        return space;
}

/* --- set and rotate --- */

static int add(void *userdata, struct vault_change *c, struct buf *why)
{
        struct one *one = userdata;

        if (find(c, one->draft.name))
                return refuse_for(why, one, -EEXIST, " is there already; a new value is put in its place by:", "secret rotate");
        one->draft.created_ms = one->draft.rotated_ms = c->header.written_ms;
        c->drafts[c->count++] = one->draft;
        return 0;
}

static int renew(void *userdata, struct vault_change *c, struct buf *why)
{
        struct one *one = userdata;
        struct vault_draft *old = find(c, one->draft.name);

        if (!old)
                return refuse_for(why, one, -ESRCH, " is not in the vault; a new entry is made by:", "secret set");
        if (old->expires_ms != 0 && !one->expiry_given)
                return refuse(why, one->draft.name, -EINVAL, " has an end; say when the new value ends: --expires YYYY-MM-DD, or --expires never");
        old->value = one->draft.value;
        old->kept = (struct str){ 0 };
        old->rotated_ms = c->header.written_ms;
        old->expires_ms = one->draft.expires_ms;
        if (one->draft.note.ptr)
                old->note = one->draft.note;
        return 0;
}

static int change_one(struct vault_verb *v, vault_edit edit, const char *done)
{
        CLEANUP(secret_text_free) struct secret_text value = { 0 };
        AUTO_BUF struct buf question = BUF_INIT(1024);
        struct one one = { 0 };
        const char *name = v->options->operands[0];
        char space[64];
        int r;

        if (v->options->operand_count > 1 || strchr(name, '='))
                return secret_refuse_value(v->name);
        if (!secret_check_name(v, name))
                return EXIT_USAGE;
        one.vault = v->path;
        one.draft.name = str_from(name);
        one.draft.note = str_from(options_get(v->options, "note", 0));
        r = secret_expiry(v, &one.draft.expires_ms, &one.expiry_given);
        if (r != 0)
                return r;
        if (!vault_note_is_valid(one.draft.note))
                return usage_error(v->name, "--note takes at most %u bytes of text that can be seen", LIMIT_VAULT_NOTE_BYTES);
        r = vault_verb_open(v, false);
        if (r != 0)
                return r;
        buf_printf(&question, "Value of %s: ", name);
        buf_append_char(&question, '\0');
        r = secret_text_new(&value, LIMIT_CREDENTIAL_BYTES + 2U);
        if (r == 0)
                r = secret_read_value(&value, question.data, &v->why);
        if (r < 0)
                return vault_verb_fail(v, r);
        one.draft.value = str_of(value.data, value.len);
        r = vault_verb_change(v, 1, edit, &one);
        if (r != 0)
                return r;
        printf("%s %s (%s)\n", done, name, length_of(one.draft.value, space));
        return secret_said();
}

static int set(struct vault_verb *v)
{
        return change_one(v, add, "set");
}

static int rotate(struct vault_verb *v)
{
        return change_one(v, renew, "rotated");
}

/* --- rm --- */

static int take_out(void *userdata, struct vault_change *c, struct buf *why)
{
        const struct options *options = userdata;

        for (size_t i = 0; i < options->operand_count; i++) {
                const struct str name = str_from(options->operands[i]);
                struct vault_draft *draft = find(c, name);

                if (!draft)
                        return refuse(why, name, -ESRCH, " is not in the vault; nothing was removed");
                *draft = c->drafts[--c->count];
        }
        return 0;
}

static int rm(struct vault_verb *v)
{
        int r = vault_verb_open(v, false);

        if (r == 0)
                r = vault_verb_change(v, 0, take_out, (void *)(uintptr_t)v->options);
        if (r != 0)
                return r;
        for (size_t i = 0; i < v->options->operand_count; i++)
                printf("removed %s\n", v->options->operands[i]);
        return secret_said();
}

/* --- import --- */

struct import {
        struct secret_text text, names; /* what was read; names with the prefix, one behind the other */
        struct secret_line lines[LIMIT_VAULT_ENTRIES];
        size_t count;
        bool replace;
};

static void import_free(struct import **import)
{
        if (*import) {
                secret_text_free(&(*import)->text);
                secret_text_free(&(*import)->names);
        }
        mem_free(*import);
}

static int import_name(struct import *import, const char *prefix, struct str *name, struct buf *why)
{
        char *at = import->names.data + import->names.len;
        const size_t prefix_len = strlen(prefix), len = prefix_len + name->len;

        if (len > import->names.size - import->names.len)
                return refuse(why, (struct str){ 0 }, -EMSGSIZE, "its names are longer than a vault can hold");
        memcpy(at, prefix, prefix_len);
        memcpy(at + prefix_len, name->ptr, name->len);
        import->names.len += len;
        *name = str_of(at, len);
        return vault_name_is_valid(*name) ? 0 : refuse(why, *name, -EINVAL, " cannot be the name of an entry");
}

/* Reads all lines before anything is done about one. */
static int import_read(struct import *import, const char *prefix, struct buf *why)
{
        AUTO_BUF struct buf reason = BUF_INIT(2048);
        char *at = import->text.data, *end = at + import->text.len;

        for (;;) {
                struct secret_line line;
                int r = secret_line_next(&at, end, &line, &reason);
                size_t number = 1;

                if (r == 0)
                        return 0;
                if (r > 0 && import->count == LIMIT_VAULT_ENTRIES)
                        r = refuse(&reason, (struct str){ 0 }, -EMSGSIZE, "there are more entries than a vault can hold");
                if (r > 0)
                        r = import_name(import, prefix, &line.name, &reason);
                if (r == 0)
                        r = secret_check_value(line.value, &reason);
                if (r == 0) {
                        import->lines[import->count++] = line;
                        continue;
                }
                for (const char *p = import->text.data; p + 1 < at; p++)
                        number += *p == '\n';
                buf_printf(why, "line %zu: %.*s; nothing was imported", number, STR_FMT(buf_str(&reason)));
                return r;
        }
}

static int import_all(void *userdata, struct vault_change *c, struct buf *why)
{
        struct import *import = userdata;
        const size_t before = c->count;

        for (size_t i = 0; i < import->count; i++) {
                const struct secret_line *line = &import->lines[i];
                struct vault_draft *old = find(c, line->name);

                if (old && !import->replace)
                        return refuse(why, line->name, -EEXIST,
                                (size_t)(old - c->drafts) < before
                                        ? " is in the vault already; with --replace its value is replaced. Nothing was imported"
                                        : " is there twice; nothing was imported");
                if (!old) {
                        old = &c->drafts[c->count++];
                        *old = (struct vault_draft){ .name = line->name, .created_ms = c->header.written_ms };
                }
                old->value = line->value;
                old->kept = (struct str){ 0 };
                old->rotated_ms = c->header.written_ms;
                old->expires_ms = 0;
        }
        return 0;
}

static int import(struct vault_verb *v)
{
        CLEANUP(import_free) struct import *import = mem_calloc(1, sizeof(*import));
        const char *prefix = options_get(v->options, "prefix", 0);
        int r = vault_verb_open(v, false);

        if (r != 0)
                return r;
        if (!import || secret_text_new(&import->text, LIMIT_VAULT_BYTES) < 0 ||
                secret_text_new(&import->names, (size_t)LIMIT_VAULT_ENTRIES * LIMIT_VAULT_NAME_BYTES) < 0) {
                buf_append_str(&v->why, STR("there is not enough memory"));
                return vault_verb_fail(v, -ENOMEM);
        }
        import->replace = options_has(v->options, "replace");
        if (isatty(STDIN_FILENO))
                fprintf(stderr, "leastwise %s: type NAME=VALUE lines, which can be seen, and end them with ctrl-D; better: leastwise secret import < FILE\n",
                        v->name);
        r = secret_read_stdin(&import->text, &v->why);
        if (r == 0)
                r = import_read(import, prefix ? prefix : "", &v->why);
        if (r < 0)
                return vault_verb_fail(v, r);
        r = vault_verb_change(v, import->count, import_all, import);
        if (r != 0)
                return r;
        printf("imported %zu %s\n", import->count, import->count == 1 ? "entry" : "entries");
        return secret_said();
}

static const struct option_spec set_options[] = { VAULT_OPTIONS, { "note", true, false }, { "expires", true, false }, { NULL } };
static const struct option_spec rm_options[] = { VAULT_OPTIONS, { NULL } };
static const struct option_spec import_options[] = { VAULT_OPTIONS, { "prefix", true, false }, { "replace", false, false }, { NULL } };

/* A second operand would be the value: it has a sentence of its own. */
const struct secret_command secret_set = { "secret set", set_options, 1, OPTIONS_MAX, "the name of the entry", set };
const struct secret_command secret_rotate = { "secret rotate", set_options, 1, OPTIONS_MAX, "the name of the entry", rotate };
const struct secret_command secret_rm = { "secret rm", rm_options, 1, OPTIONS_MAX, "the names of the entries", rm };
const struct secret_command secret_import = { "secret import", import_options, 0, 0, NULL, import };
