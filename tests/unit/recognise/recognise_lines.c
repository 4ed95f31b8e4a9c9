/* SPDX-License-Identifier: Apache-2.0
 *
 * The recognisers as a filter, for tests that compare them with other programs' readers. A line in is
 *
 *     KIND \t CONFIG \t TEXT        the text in hexadecimal
 *
 * and gives a line out: VERDICT \t WHY. The configurations, fields between `|`, items between `,`:
 *
 *     within  DIRECTORIES|CWD
 *     url     SCHEMES|HOSTS|PORTS|PREFIX      HOSTS may have `public` and `any`; PREFIX of the path, or nothing
 *     mail    DOMAINS
 *     command PATTERN       command-deny: as a deny rule has it
 *     words                 instead of WHY the command's words, each in hexadecimal, with `,` between
 *     sql
 */
#include <stdio.h>
#include <stdlib.h>

#include "command_words.h"
#include "mail.h"
#include "path.h"
#include "plain_command.h"
#include "sql.h"
#include "url.h"

#define ITEMS_MAX 32

struct items {
        struct str items[ITEMS_MAX];
        size_t count;
};

static struct str take_field(struct str *rest, char stop)
{
        const char *at = rest->len ? memchr(rest->ptr, stop, rest->len) : NULL;
        struct str field = { rest->ptr, at ? (size_t)(at - rest->ptr) : rest->len };

        *rest = str_skip(*rest, field.len + 1);
        return field;
}

static struct items take_items(struct str *rest)
{
        struct items ret = { .count = 0 };
        struct str field = take_field(rest, '|');

        while (field.len && ret.count < ITEMS_MAX)
                ret.items[ret.count++] = take_field(&field, ',');
        return ret;
}

static enum recognised judge_within(struct str config, struct str text, const char **ret_why)
{
        struct items dirs = take_items(&config);
        struct path_rule rule = { .dirs = dirs.items, .dir_count = dirs.count, .cwd = config };

        return path_within(&rule, text, ret_why);
}

static bool has_prefix(const void *userdata, struct str path)
{
        return str_starts_with(path, *(const struct str *)userdata);
}

static enum recognised judge_url(struct str config, struct str text, const char **ret_why)
{
        struct items schemes = take_items(&config), hosts = take_items(&config), numbers = take_items(&config);
        uint16_t ports[ITEMS_MAX];
        struct url_rule rule = { .schemes = schemes.items, .scheme_count = schemes.count, .hosts = hosts.items,
                .host_count = hosts.count, .ports = ports, .port_count = numbers.count };

        for (size_t i = 0; i < hosts.count; i++) {
                rule.host_public |= str_eq(hosts.items[i], STR("public"));
                rule.host_any |= str_eq(hosts.items[i], STR("any"));
        }
        for (size_t i = 0; i < numbers.count; i++)
                ports[i] = (uint16_t)strtoul(numbers.items[i].ptr, NULL, 10);
        if (config.len) {
                rule.path_matches = has_prefix;
                rule.path_userdata = &config;
        }
        return url_allowed(&rule, text, ret_why);
}

static enum recognised judge_mail(struct str config, struct str text, const char **ret_why)
{
        struct items domains = take_items(&config);
        struct mail_rule rule = { domains.items, domains.count };

        return mail_to(&rule, text, ret_why);
}

static enum recognised judge_pattern(struct str config, struct str text, bool denies, const char **ret_why)
{
        struct command_problem problem;
        struct command_pattern pattern;

        if (!command_pattern_compile(&pattern, config, denies, &problem)) {
                fprintf(stderr, "%.*s: %s\n", STR_FMT(config), problem.what);
                exit(2);
        }
        return command_recognise(text, &pattern, 1, ret_why);
}

static enum recognised judge_command(struct str config, struct str text, const char **ret_why)
{
        return judge_pattern(config, text, false, ret_why);
}

static enum recognised judge_command_deny(struct str config, struct str text, const char **ret_why)
{
        return judge_pattern(config, text, true, ret_why);
}

static enum recognised judge_words(struct str config, struct str text, const char **ret_why)
{
        static char line[3 * LIMIT_COMMAND_BYTES];
        struct command_words words;
        size_t n = 0;

        if (!command_words_read(&words, text, ret_why))
                return RECOGNISED_UNREADABLE;
        for (size_t i = 0; i < words.count; i++) {
                for (size_t c = 0; c < command_word_len(&words.word[i]); c++)
                        n += (size_t)snprintf(line + n, 3, "%02x", (unsigned char)command_word_char(&words.word[i], c));
                line[n++] = i + 1 < words.count ? ',' : '\0';
        }
        *ret_why = line;
        return RECOGNISED_HOLDS;
}

static enum recognised judge_sql(struct str config, struct str text, const char **ret_why)
{
        return sql_read(text, ret_why);
}

static const struct {
        struct str kind;
        enum recognised (*judge)(struct str config, struct str text, const char **ret_why);
} kinds[] = {
        { STR_INIT("within"), judge_within },
        { STR_INIT("url"), judge_url },
        { STR_INIT("mail"), judge_mail },
        { STR_INIT("command"), judge_command },
        { STR_INIT("command-deny"), judge_command_deny },
        { STR_INIT("words"), judge_words },
        { STR_INIT("sql"), judge_sql },
};

/* In a block of exactly its size, so that a sanitizer sees a read past it. */
static struct str decode(struct str hex)
{
        char *bytes = malloc(hex.len / 2 + !hex.len);

        if (!bytes)
                abort();
        for (size_t i = 0; i < hex.len / 2; i++) {
                const char digits[] = { hex.ptr[2 * i], hex.ptr[2 * i + 1], '\0' };

                bytes[i] = (char)strtoul(digits, NULL, 16);
        }
        return str_of(bytes, hex.len / 2);
}

static int judge_line(struct str line)
{
        struct str kind = take_field(&line, '\t'), config = take_field(&line, '\t'), text = decode(line);
        const char *why = NULL;
        int found = 0;

        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
                if (!str_eq(kind, kinds[i].kind))
                        continue;
                printf("%s\t", recognised_name(kinds[i].judge(config, text, &why)));
                printf("%s\n", why ? why : "");
                found = 1;
        }
        free((void *)(uintptr_t)text.ptr);
        return found;
}

int main(void)
{
        char *line = NULL;
        size_t size = 0;
        ssize_t len;

        while ((len = getline(&line, &size, stdin)) > 0) {
                if (!judge_line(str_of(line, (size_t)len - (line[len - 1] == '\n')))) {
                        fprintf(stderr, "no such kind: %s", line);
                        return 2;
                }
        }
        free(line);
        return 0;
}
