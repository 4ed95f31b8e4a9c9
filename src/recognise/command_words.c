/* SPDX-License-Identifier: Apache-2.0 */
#include "command_words.h"

static bool is_alphanumeric(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Stands for itself with every reader. `,` does not: PowerShell makes two arguments of it. */
static bool is_plain(char c)
{
        return is_alphanumeric(c) || (c != '\0' && strchr("_-./:=+@", c));
}

/* `!` is history to bash and csh, `%` and `^` are cmd.exe's, the others stay alive in double quotes everywhere. */
static bool is_plain_in_quotes(char c)
{
        return c >= ' ' && c <= '~' && !strchr("\"$`\\!%^", c);
}

bool command_word_may_hold(char c)
{
        return is_plain_in_quotes(c);
}

bool command_word_may_hold_bare(char c)
{
        return is_plain(c);
}

/* Words of the grammar of sh, bash, ksh, zsh, fish or cmd.exe, and builtins that run another command, or text as a
 * command, or change what later words mean. */
/* clang-format off */
static const struct str not_programs[] = {
        STR_INIT("alias"), STR_INIT("and"), STR_INIT("autoload"), STR_INIT("begin"), STR_INIT("bind"),
        STR_INIT("bindkey"), STR_INIT("break"), STR_INIT("builtin"), STR_INIT("call"), STR_INIT("case"),
        STR_INIT("command"), STR_INIT("compgen"), STR_INIT("complete"), STR_INIT("continue"), STR_INIT("coproc"),
        STR_INIT("declare"), STR_INIT("disable"), STR_INIT("do"), STR_INIT("done"), STR_INIT("elif"),
        STR_INIT("else"), STR_INIT("emulate"), STR_INIT("enable"), STR_INIT("end"), STR_INIT("esac"),
        STR_INIT("eval"), STR_INIT("exec"), STR_INIT("exit"), STR_INIT("export"), STR_INIT("fc"), STR_INIT("fi"),
        STR_INIT("float"), STR_INIT("for"), STR_INIT("foreach"), STR_INIT("function"), STR_INIT("functions"),
        STR_INIT("goto"), STR_INIT("hash"), STR_INIT("if"), STR_INIT("in"), STR_INIT("integer"), STR_INIT("let"),
        STR_INIT("local"), STR_INIT("logout"), STR_INIT("mapfile"), STR_INIT("namespace"), STR_INIT("nocorrect"),
        STR_INIT("noglob"), STR_INIT("not"), STR_INIT("or"), STR_INIT("private"), STR_INIT("read"),
        STR_INIT("readarray"), STR_INIT("readonly"), STR_INIT("rem"), STR_INIT("repeat"), STR_INIT("return"),
        STR_INIT("sched"), STR_INIT("select"), STR_INIT("set"), STR_INIT("setopt"), STR_INIT("shift"),
        STR_INIT("shopt"), STR_INIT("source"), STR_INIT("start"), STR_INIT("switch"), STR_INIT("then"),
        STR_INIT("time"), STR_INIT("trap"), STR_INIT("typeset"), STR_INIT("unalias"), STR_INIT("unset"),
        STR_INIT("unsetopt"), STR_INIT("until"), STR_INIT("wait"), STR_INIT("while"), STR_INIT("zmodload"),
};
/* clang-format on */

/* The longest above. */
#define NOT_PROGRAM_BYTES 9U

static bool is_not_program(struct str name)
{
        char lower[NOT_PROGRAM_BYTES];

        if (name.len > sizeof(lower))
                return false;
        /* cmd.exe does not care for case. */
        for (size_t i = 0; i < name.len; ++i)
                lower[i] = (char)(name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? name.ptr[i] + ('a' - 'A') : name.ptr[i]);
        for (size_t i = 0; i < sizeof(not_programs) / sizeof(not_programs[0]); ++i) {
                if (str_eq(str_of(lower, name.len), not_programs[i]))
                        return true;
        }
        return false;
}

const char *command_name_trouble(struct str name)
{
        if (name.len == 0)
                return "it does not begin with the name of a program";
        if (memchr(name.ptr, '=', name.len))
                return "its first word is an assignment and not the name of a program";
        if (strchr("-+", name.ptr[0]) || str_eq(name, STR(".")) || str_eq(name, STR(":")))
                return "its first word is not the name of a program";
        if (is_not_program(name))
                return "its first word belongs to the shell: name the program itself";
        return NULL;
}

static const char *why_not_plain(char c)
{
        if (c == ' ')
                return "there is more than one space between two words";
        if ((unsigned char)c >= 0x80)
                return "it holds a character that is not ASCII";
        if (c < ' ' || c == 0x7F)
                return "it holds a tab, a line end or another control character";
        if (c == '\'')
                return "it holds a single quote: quote with double quotes";
        if (strchr("$`\\!%^", c))
                return "it holds one of $ ` \\ ! % ^, which some shell expands";
        if (strchr(";&|<>()", c))
                return "it holds one of ; & | < > ( ) outside double quotes: only one plain command is read";
        return "it holds one of * ? [ ] { } ~ # , outside double quotes, which some shell expands";
}

static bool refuse(const char **ret_why, const char *why)
{
        *ret_why = why;
        return false;
}

/* The text behind the opening quote at @at; *at moves behind the closing one. */
static bool read_quoted(struct str text, size_t *at, struct command_word *w, const char **ret_why)
{
        size_t start = ++*at;

        while (*at < text.len && is_plain_in_quotes(text.ptr[*at]))
                ++*at;
        if (*at == text.len)
                return refuse(ret_why, "a double quote is not closed");
        if (text.ptr[*at] != '"')
                return refuse(ret_why, why_not_plain(text.ptr[*at]));
        w->tail = str_of(text.ptr + start, *at - start);
        w->quoted = true;
        ++*at;
        if (*at < text.len && text.ptr[*at] != ' ')
                return refuse(ret_why, "a closing double quote is not followed by a space or the end");
        return true;
}

static bool read_word(struct str text, size_t *at, struct command_word *w, const char **ret_why)
{
        size_t start = *at;

        while (*at < text.len && is_plain(text.ptr[*at]))
                ++*at;
        *w = (struct command_word){ .head = str_of(text.ptr + start, *at - start) };
        /* zsh looks for the program behind `=`; PowerShell for a variable, and some programs for a file, behind `@`. */
        if (w->head.len && strchr("=@", w->head.ptr[0]))
                return refuse(ret_why, "a word begins with = or @, which some shell expands");
        if (*at == text.len || (text.ptr[*at] == ' ' && *at > start))
                return true;
        if (text.ptr[*at] == '"')
                return read_quoted(text, at, w, ret_why);
        return refuse(ret_why, why_not_plain(text.ptr[*at]));
}

bool command_words_read(struct command_words *ret, struct str text, const char **ret_why)
{
        const char *trouble;
        size_t at = 0;

        ret->count = 0;
        if (text.len == 0)
                return refuse(ret_why, "it is empty");
        if (text.len > LIMIT_COMMAND_BYTES)
                return refuse(ret_why, "it is too long");
        if (text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' ')
                return refuse(ret_why, "it begins or ends with a space");
        while (at < text.len) {
                if (ret->count == LIMIT_COMMAND_WORDS)
                        return refuse(ret_why, "it has too many words");
                if (!read_word(text, &at, &ret->word[ret->count++], ret_why))
                        return false;
                if (at < text.len)
                        ++at; /* the space */
        }
        if (ret->word[0].quoted)
                return refuse(ret_why, "its first word is quoted");
        trouble = command_name_trouble(ret->word[0].head);
        return trouble ? refuse(ret_why, trouble) : true;
}
