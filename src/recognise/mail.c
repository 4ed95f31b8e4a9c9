/* SPDX-License-Identifier: Apache-2.0 */
#include "mail.h"

#include "host.h"
#include "limit.h"

#define LOCAL_MAX 64U    /* RFC 5321 */
#define ADDRESS_MAX 254U /* RFC 5321's path of 256, without its angle brackets */

static bool is_alphanumeric(char c)
{
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *local_problem(struct str local)
{
        char before = '.';

        if (local.len == 0 || local.len > LOCAL_MAX)
                return "an address has nothing, or more than 64 characters, in front of its @";
        if (!is_alphanumeric(local.ptr[0]) && local.ptr[0] != '_')
                return "an address begins with neither a letter, a digit nor _";
        for (size_t i = 0; i < local.len; ++i) {
                char c = local.ptr[i];

                if (!is_alphanumeric(c) && !memchr("._+-='", c, 6))
                        return "an address is no plain local@domain";
                if (c == '.' && before == '.')
                        return "an address has two dots in a row";
                before = c;
        }
        return before == '.' ? "an address has a dot in front of its @" : NULL;
}

static enum recognised address_within(const struct mail_rule *rule, struct str address, const char **ret_why)
{
        const char *at = memchr(address.ptr, '@', address.len);
        struct str local = { address.ptr, at ? (size_t)(at - address.ptr) : 0 };
        struct host host;

        if (!at)
                *ret_why = "an address has no @";
        else if (address.len > ADDRESS_MAX)
                *ret_why = "an address is too long";
        else
                *ret_why = local_problem(local);
        if (!*ret_why)
                *ret_why = host_read(str_skip(address, local.len + 1), &host);
        if (*ret_why)
                return RECOGNISED_UNREADABLE;
        if (host.kind != HOST_NAME) {
                *ret_why = "an address has a number for its domain";
                return RECOGNISED_UNREADABLE;
        }
        for (size_t i = 0; i < rule->domain_count; ++i) {
                if (host_matches(&host, rule->domains[i]))
                        return RECOGNISED_HOLDS;
        }
        if (host_is_idn(&host)) {
                *ret_why = "an address has an xn-- label in its domain, and that is not listed";
                return RECOGNISED_UNREADABLE;
        }
        *ret_why = "a recipient is in none of the domains";
        return RECOGNISED_DOES_NOT;
}

/* Takes the next address off @rest, with the comma and the spaces behind it; false behind the last. */
static bool take_address(struct str *rest, struct str *ret)
{
        const char *comma = memchr(rest->ptr, ',', rest->len);

        *ret = str_of(rest->ptr, comma ? (size_t)(comma - rest->ptr) : rest->len);
        *rest = str_skip(*rest, ret->len + 1);
        while (comma && rest->len && rest->ptr[0] == ' ')
                *rest = str_skip(*rest, 1);
        return comma != NULL;
}

enum recognised mail_to(const struct mail_rule *rule, struct str text, const char **ret_why)
{
        struct str rest = text, address;
        const char *why_not = NULL;
        size_t inside = 0, count = 0;
        bool more = true;

        *ret_why = text.len == 0 ? "there is no recipient" : "there are too many recipients";
        if (text.len == 0)
                return RECOGNISED_UNREADABLE;
        while (more) {
                const char *why;

                if (++count > LIMIT_MAIL_RECIPIENTS)
                        return RECOGNISED_UNREADABLE;
                more = take_address(&rest, &address);
                switch (address.len ? address_within(rule, address, &why) : RECOGNISED_UNREADABLE) {
                case RECOGNISED_HOLDS:
                        ++inside;
                        break;
                case RECOGNISED_DOES_NOT:
                        why_not = why;
                        break;
                case RECOGNISED_UNREADABLE:
                        *ret_why = address.len ? why : "the list of recipients has an empty place";
                        return RECOGNISED_UNREADABLE;
                }
        }
        *ret_why = why_not && inside ? "some recipients are in the domains and some are not" : why_not;
        if (why_not)
                return inside ? RECOGNISED_UNREADABLE : RECOGNISED_DOES_NOT;
        return RECOGNISED_HOLDS;
}

const char *mail_domain_problem(struct str domain)
{
        struct host host;
        const char *why = host_pattern_problem(domain);

        if (why || str_starts_with(domain, STR("*.")))
                return why;
        why = host_read(domain, &host);
        return !why && host.kind != HOST_NAME ? "the domain is an address; give a name" : why;
}
