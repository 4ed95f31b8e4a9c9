/* SPDX-License-Identifier: Apache-2.0 */
#include "env_name.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* Shorter than any real token: "sk-" may also begin a word. */
#define SECRET_LEAST 16U
/* 24 random bytes in base64: of so many signs about 25 differ; words of a name that long have fewer. */
#define RANDOM_LEAST 32U
#define RANDOM_DIFFERENT 18U
/* Of 32 signs about five are digits. */
#define RANDOM_DIGITS 3U

bool env_name_is_valid(struct str name)
{
        if (name.len == 0 || (name.ptr[0] >= '0' && name.ptr[0] <= '9'))
                return false;
        for (size_t i = 0; i < name.len; ++i) {
                char c = name.ptr[i];

                if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_')
                        return false;
        }
        return true;
}

bool env_name_steers_loader(struct str name)
{
        return str_starts_with(name, STR("LD_")) || str_eq(name, STR("GCONV_PATH")) ||
               str_eq(name, STR("GLIBC_TUNABLES"));
}

bool env_name_loads_code(struct str name)
{
        static const struct str names[] = {
                STR_INIT("NODE_OPTIONS"),
                STR_INIT("NODE_PATH"),
                STR_INIT("PYTHONPATH"),
                STR_INIT("PYTHONSTARTUP"),
                STR_INIT("PYTHONHOME"),
                STR_INIT("PERL5LIB"),
                STR_INIT("PERL5OPT"),
                STR_INIT("RUBYLIB"),
                STR_INIT("RUBYOPT"),
                STR_INIT("JAVA_TOOL_OPTIONS"),
                STR_INIT("_JAVA_OPTIONS"),
                STR_INIT("BASH_ENV"),
                STR_INIT("ENV"),
                STR_INIT("DOTNET_STARTUP_HOOKS"),
                STR_INIT("PHP_INI_SCAN_DIR"),
        };

        for (size_t i = 0; i < COUNT(names); ++i) {
                if (str_eq(name, names[i]))
                        return true;
        }
        return false;
}

static bool begins_as_secret(struct str value)
{
        static const struct str starts[] = {
                STR_INIT("ghp_"),
                STR_INIT("gho_"),
                STR_INIT("ghu_"),
                STR_INIT("ghs_"),
                STR_INIT("ghr_"),
                STR_INIT("github_pat_"),
                STR_INIT("glpat-"),
                STR_INIT("sk-"),
                STR_INIT("sk_live_"),
                STR_INIT("rk_live_"),
                STR_INIT("AKIA"),
                STR_INIT("ASIA"),
                STR_INIT("AIza"),
                STR_INIT("xoxb-"),
                STR_INIT("xoxp-"),
                STR_INIT("xoxa-"),
                STR_INIT("xoxs-"),
                STR_INIT("xapp-"),
                STR_INIT("npm_"),
                STR_INIT("eyJ"),
                STR_INIT("-----BEGIN"),
        };

        if (value.len < SECRET_LEAST)
                return false;
        for (size_t i = 0; i < COUNT(starts); ++i) {
                if (str_starts_with(value, starts[i]))
                        return true;
        }
        return false;
}

bool env_value_looks_secret(struct str value)
{
        const char *equals = value.len ? memchr(value.ptr, '=', value.len) : NULL;

        return begins_as_secret(value) ||
               (equals && begins_as_secret(str_skip(value, (size_t)(equals - value.ptr) + 1)));
}

bool env_value_looks_random(struct str value)
{
        bool seen[256] = { false };
        bool upper = false, lower = false;
        size_t different = 0, digits = 0;

        if (value.len < RANDOM_LEAST)
                return false;
        for (size_t i = 0; i < value.len; ++i) {
                unsigned char c = (unsigned char)value.ptr[i];
                bool is_upper = c >= 'A' && c <= 'Z', is_lower = c >= 'a' && c <= 'z', is_digit = c >= '0' && c <= '9';

                if (!is_upper && !is_lower && !is_digit && !strchr("+/=_-", c))
                        return false;
                different += !seen[c];
                seen[c] = true;
                upper |= is_upper;
                lower |= is_lower;
                digits += is_digit;
        }
        return upper && lower && digits >= RANDOM_DIGITS && value.ptr[0] != '/' && different >= RANDOM_DIFFERENT;
}
