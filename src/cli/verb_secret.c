/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "compile.h"
#include "printable.h"
#include "secret_command.h"
#include "suggest.h"
#include "verbs.h"

static const char usage[] =
        "Usage: leastwise secret COMMAND [OPTION]... [NAME]...\n\n"
        "Keeps credentials in an encrypted file, the vault. A policy names an entry: { from: vault, name: github/read }.\n"
        "Values are typed or come from stdin; none ever stands on a command line.\n\n"
        "Commands:\n"
        "  init               make a vault\n"
        "  set NAME           put a new entry there\n"
        "  rotate NAME        put a new value in the place of an old one\n"
        "  rm NAME...         remove entries\n"
        "  list               names, when each was last changed, and notes\n"
        "  show-meta NAME     all there is about an entry but its value\n"
        "  import             read NAME=VALUE lines from stdin; all of them or none\n"
        "  export [NAME]...   print NAME=VALUE lines, with --reveal\n"
        "  passwd             another password or key; every value is encrypted anew\n"
        "  accept             take a vault that is older than one that was seen for the right one\n\n"
        "Which vault, and its key:\n"
        "  --vault FILE       this one, not the user's own (~/.config/leastwise/vault)\n"
        "  --system           the machine's: /etc/leastwise/vault\n"
        "  --password-file FILE\n"
        "                     take the password from a file, and ask nobody\n"
        "  --key-file FILE    32 bytes instead of a password; `init` makes the file if there is none\n"
        "  --systemd-credential NAME\n"
        "                     init, passwd: the key is what systemd hands to a unit by that name\n"
        "  --new-password-file FILE, --new-key-file FILE\n"
        "                     passwd: the new ones\n\n"
        "Options of commands:\n"
        "  --note TEXT        set, rotate: a line about the entry, which is not secret\n"
        "  --expires DATE     set, rotate: the last day of the value, YYYY-MM-DD, or never\n"
        "  --prefix TEXT      import: put it in front of each name\n"
        "  --replace          import: replace values of entries that are there\n"
        "  --reveal           export: yes, print the values themselves\n"
        "  --output FILE      export: into a new file, readable by nobody else\n\n"
        "Exit status: 0, 1 there is no such entry or already one, 2 bad usage, 6 the vault cannot be opened,\n"
        "or what was given for it not be used, 70 it could not be written.\n";

static const struct secret_command *const commands[] = {
        &secret_init,
        &secret_set,
        &secret_rotate,
        &secret_rm,
        &secret_list,
        &secret_show_meta,
        &secret_import,
        &secret_export,
        &secret_passwd,
        &secret_accept,
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

int secret_said(void)
{
        return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_OK : EXIT_INTERNAL;
}

int secret_refuse_value(const char *command)
{
        return usage_error(command,
                "a value does not belong on a command line, where other programs and the shell's history have it: type it when "
                "asked, or give it on stdin; what stands there now is best taken for known, and replaced where it came from");
}

bool secret_check_name(const struct vault_verb *v, const char *name)
{
        AUTO_BUF struct buf shown = BUF_INIT(1024);

        if (vault_name_is_valid(str_from(name)))
                return true;
        printable_append(&shown, str_from(name), 128);
        usage_error(v->name, "\"%.*s\" is no name of an entry: at most %u letters, digits, `.`, `_` and `-`, with `/` between parts: github/read",
                STR_FMT(buf_str(&shown)), LIMIT_VAULT_NAME_BYTES);
        return false;
}

int secret_expiry(const struct vault_verb *v, uint64_t *ret_ms, bool *ret_given)
{
        const char *text = options_get(v->options, "expires", 0);
        int64_t after = 0;

        *ret_ms = 0;
        *ret_given = text != NULL;
        if (!text || strcmp(text, "never") == 0)
                return 0;
        if (!date_end(str_from(text), &after))
                return usage_error(v->name, "--expires takes the last day as YYYY-MM-DD, or never");
        *ret_ms = (uint64_t)after * 1000U;
        if (*ret_ms <= vault_verb_now())
                return usage_error(v->name, "--expires %s is over already", text);
        return 0;
}

/* Behind "secret ". */
static const char *short_name(const struct secret_command *command)
{
        return command->name + sizeof("secret");
}

/* What people type who know other programs. */
static const struct {
        struct str word;
        const char *meant;
} others[] = {
        { STR_INIT("get"), "export --reveal NAME" },
        { STR_INIT("show"), "show-meta NAME, or export --reveal NAME for the value" },
        { STR_INIT("read"), "export --reveal NAME" },
        { STR_INIT("add"), "set NAME" },
        { STR_INIT("put"), "set NAME" },
        { STR_INIT("store"), "set NAME" },
        { STR_INIT("create"), "set NAME for an entry, init for a vault" },
        { STR_INIT("new"), "set NAME for an entry, init for a vault" },
        { STR_INIT("update"), "rotate NAME" },
        { STR_INIT("edit"), "rotate NAME" },
        { STR_INIT("delete"), "rm NAME" },
        { STR_INIT("remove"), "rm NAME" },
        { STR_INIT("ls"), "list" },
};

static int unknown(const char *name)
{
        struct suggestion s;

        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
                if (str_eq(others[i].word, str_from(name)))
                        return usage_error("secret", "there is no command of that name; that is: leastwise secret %s", others[i].meant);
        }
        suggest_begin(&s, str_from(name));
        for (size_t i = 0; i < COMMANDS; i++)
                suggest_offer(&s, str_from(name), str_from(short_name(commands[i])));
        if (s.best.len > 0)
                return usage_error("secret", "there is no command of that name; did you mean \"%.*s\"?", STR_FMT(s.best));
        return usage_error("secret", "there is no command of that name");
}

/* What would hold a secret is no option, and neither is it taken for a mistyped one. */
static int check_secret_options(const struct secret_command *command, int argc, char **argv)
{
        for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
                const size_t len = strcspn(argv[i], "=");

                if (strncmp(argv[i], "--value", len) == 0 && len == strlen("--value"))
                        return secret_refuse_value(command->name);
                if (strncmp(argv[i], "--password", len) == 0 && len == strlen("--password"))
                        return usage_error(command->name,
                                "a password does not belong on a command line: type it when asked, or say --password-file FILE");
        }
        return 0;
}

static int run_command(const struct secret_command *command, int argc, char **argv)
{
        CLEANUP(vault_verb_end) struct vault_verb v = VAULT_VERB_NONE;
        AUTO_BUF struct buf message = BUF_INIT(4096);
        struct options options;
        int r;

        r = check_secret_options(command, argc, argv);
        if (r != 0)
                return r;
        if (options_parse(&options, command->options, OPTIONS_ANYWHERE, argc, argv, &message) < 0)
                return usage_error(command->name, "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(&verb_secret);
        if (options.operand_count < command->operands_min)
                return usage_error(command->name, "say %s", command->operands);
        if (options.operand_count > command->operands_max)
                return usage_error(command->name, command == &secret_import ? "lines come from stdin: leastwise secret import < FILE"
                                                                            : "that is one argument too many");
        r = vault_verb_begin(&v, command->name, &options);
        return r != 0 ? r : command->run(&v);
}

static int run(int argc, char **argv)
{
        if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
                return usage_print(&verb_secret);
        if (argc < 2)
                return usage_error("secret", "say what to do: init, set, rotate, rm, list, show-meta, import, export, passwd or accept");
        for (size_t i = 0; i < COMMANDS; i++) {
                if (strcmp(argv[1], short_name(commands[i])) == 0)
                        return run_command(commands[i], argc - 1, argv + 1);
        }
        return unknown(argv[1]);
}

const struct verb verb_secret = {
        .name = "secret",
        .summary = "keep credentials in an encrypted file",
        .usage = usage,
        .run = run,
};
