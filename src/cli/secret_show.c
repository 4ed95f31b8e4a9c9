/* SPDX-License-Identifier: Apache-2.0
 *
 * leastwise secret list, show-meta, export.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "printable.h"
#include "replace_file.h"
#include "secret_command.h"
#include "timestamp.h"
#include "tty.h"
#include "verb.h"

/* The vault with or without its key. */
static int look(struct vault_verb *v)
{
        int r;

        if (options_has(v->options, "password-file") || options_has(v->options, "key-file"))
                return vault_verb_open(v, false);
        r = vault_verb_look(v);
        if (r != 0)
                return r;
        r = vault_unlock_alone(&v->opened, &v->why);
        if (r == 0)
                r = vault_settle(&v->opened, v->state_dir, &v->why);
        if (r == 0)
                return 0;
        if (r != -ENOKEY)
                return vault_verb_fail(v, r);
        fprintf(stderr, "leastwise %s: the vault is locked: this is what its file says, and somebody who can write it could say anything\n",
                v->name);
        buf_clear(&v->why, 16384);
        return 0;
}

static void append_day(struct buf *out, const char *label, uint64_t time_ms)
{
        struct timestamp_cache cache = { 0 };
        struct str text = timestamp_text(&cache, time_ms);

        text.len = 10;
        buf_append_str(out, str_from(label));
        buf_append_str(out, text);
}

static int list(struct vault_verb *v)
{
        AUTO_BUF struct buf out = BUF_INIT(4U << 20);
        const uint64_t now = vault_verb_now();
        int r = look(v);

        if (r != 0)
                return r;
        for (size_t i = 0; i < v->opened.vault.count; i++) {
                const struct vault_entry *e = &v->opened.vault.entries[i];

                buf_append_str(&out, e->name);
                append_day(&out, "  since ", e->rotated_ms);
                if (e->expires_ms != 0)
                        append_day(&out, e->expires_ms <= now ? "  EXPIRED " : "  until ", e->expires_ms - 1U);
                if (e->note.len > 0) {
                        buf_append_str(&out, STR("  "));
                        buf_append_str(&out, e->note);
                }
                buf_append_char(&out, '\n');
        }
        if (out.failed)
                return EXIT_INTERNAL;
        fwrite(out.data, 1, out.len, stdout);
        return secret_said();
}

static void print_time(const char *label, uint64_t time_ms)
{
        struct timestamp_cache cache = { 0 };
        const struct str text = timestamp_text(&cache, time_ms);

        printf("%s%.*s\n", label, STR_FMT(text));
}

static int no_entry(struct vault_verb *v, const char *name)
{
        AUTO_BUF struct buf shown = BUF_INIT(1024);

        printable_append(&shown, str_from(name), 256);
        fprintf(stderr, "leastwise %s: %.*s is not in the vault\n", v->name, STR_FMT(buf_str(&shown)));
        return EXIT_FINDINGS;
}

static int show_meta(struct vault_verb *v)
{
        const char *name = v->options->operands[0];
        const struct vault_entry *e;
        int r = look(v);

        if (r != 0)
                return r;
        e = vault_find(&v->opened.vault, str_from(name));
        if (!e)
                return no_entry(v, name);
        printf("name:    %.*s\n", STR_FMT(e->name));
        printf("vault:   %s\n", v->path);
        print_time("created: ", e->created_ms);
        print_time("rotated: ", e->rotated_ms);
        if (e->expires_ms != 0)
                print_time("expires: ", e->expires_ms);
        if (e->note.len > 0)
                printf("note:    %.*s\n", STR_FMT(e->note));
        printf("length:  %zu bytes\n", e->value_len);
        return secret_said();
}

/* --- export --- */

static bool is_wanted(const struct options *options, const struct vault_entry *e)
{
        for (size_t i = 0; i < options->operand_count; i++) {
                if (str_eq(e->name, str_from(options->operands[i])))
                        return true;
        }
        return options->operand_count == 0;
}

static int open_values(struct vault_verb *v, struct secret_text *out)
{
        CLEANUP(secret_text_free) struct secret_text value = { 0 };

        if (secret_text_new(&value, LIMIT_CREDENTIAL_BYTES) < 0 || secret_text_new(out, 2U * LIMIT_VAULT_BYTES) < 0) {
                buf_append_str(&v->why, STR("there is not enough memory"));
                return -ENOMEM;
        }
        for (size_t i = 0; i < v->opened.vault.count; i++) {
                const struct vault_entry *e = &v->opened.vault.entries[i];

                if (!is_wanted(v->options, e))
                        continue;
                if (vault_open_value(&v->opened.vault, &v->opened.secret->keys, e, value.data) != 0) {
                        buf_append_str(&v->why, str_from(vault_problem_text(VAULT_FORGED)));
                        return -EBADMSG;
                }
                out->len += secret_line_write(out->data + out->len, e->name, str_of(value.data, e->value_len));
        }
        return 0;
}

static int put_out(struct vault_verb *v, struct str text)
{
        const char *path = options_get(v->options, "output", 0);
        int r;

        fprintf(stderr, "leastwise %s: these are the values themselves: whoever reads them has them. Remove the copy when it has served\n",
                v->name);
        r = path ? create_file(path, text, 0600) : tty_write(STDOUT_FILENO, text);
        if (r == 0)
                return EXIT_OK;
        buf_printf(&v->why, "%s cannot be written: %s", path ? path : "stdout", strerror(-r));
        return vault_verb_fail(v, r);
}

static int export(struct vault_verb *v)
{
        CLEANUP(secret_text_free) struct secret_text out = { 0 };
        int r;

        if (!options_has(v->options, "reveal"))
                return usage_error(v->name, "this prints the values themselves: say --reveal if that is what you want");
        /* What `unlock` left is for servers: whoever wants to see values says the password. */
        r = vault_verb_open(v, true);
        if (r != 0)
                return r;
        for (size_t i = 0; i < v->options->operand_count; i++) {
                if (!vault_find(&v->opened.vault, str_from(v->options->operands[i])))
                        return no_entry(v, v->options->operands[i]);
        }
        r = open_values(v, &out);
        return r < 0 ? vault_verb_fail(v, r) : put_out(v, str_of(out.data, out.len));
}

static const struct option_spec look_options[] = { VAULT_OPTIONS, { NULL } };
static const struct option_spec export_options[] = { VAULT_OPTIONS, { "reveal", false, false }, { "output", true, false }, { NULL } };

const struct secret_command secret_list = { "secret list", look_options, 0, 0, NULL, list };
const struct secret_command secret_show_meta = { "secret show-meta", look_options, 1, 1, "the name of the entry", show_meta };
const struct secret_command secret_export = { "secret export", export_options, 0, OPTIONS_MAX, NULL, export };
