/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <arpa/inet.h>

#define LABEL_MAX 63U  /* RFC 1035 */
#define NAME_MAX_BYTES 253U
#define IPV6_TEXT_MAX 45U

static char lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
        return lower(c) >= 'a' && lower(c) <= 'z';
}

static bool equal_folded(struct str a, struct str b)
{
        if (a.len != b.len)
                return false;
        for (size_t i = 0; i < a.len; ++i) {
                if (lower(a.ptr[i]) != lower(b.ptr[i]))
                        return false;
        }
        return true;
}

static bool ends_with_folded(struct str s, struct str end)
{
        return s.len >= end.len && equal_folded(str_skip(s, s.len - end.len), end);
}

static struct str take_label(struct str *rest)
{
        const char *dot = memchr(rest->ptr, '.', rest->len);
        struct str label = { rest->ptr, dot ? (size_t)(dot - rest->ptr) : rest->len };

        *rest = str_skip(*rest, label.len + 1);
        return label;
}

bool host_read_ipv4(struct str text, uint8_t ret[static 4])
{
        uint8_t address[4];
        struct str rest = text;

        for (size_t i = 0; i < 4; ++i) {
                struct str octet;
                unsigned value = 0;

                if (rest.len == 0)
                        return false;
                octet = take_label(&rest);
                if (octet.len == 0 || octet.len > 3 || (octet.len > 1 && octet.ptr[0] == '0'))
                        return false;
                for (size_t k = 0; k < octet.len; ++k) {
                        if (!is_digit(octet.ptr[k]))
                                return false;
                        value = value * 10 + (unsigned)(octet.ptr[k] - '0');
                }
                if (value > 255)
                        return false;
                address[i] = (uint8_t)value;
        }
        if (rest.len || text.ptr[text.len - 1] == '.')
                return false;
        memcpy(ret, address, sizeof(address));
        return true;
}

static const char *label_problem(struct str label)
{
        if (label.len == 0)
                return "the host has an empty label or a dot at its end";
        if (label.len > LABEL_MAX)
                return "the host has a label of more than 63 characters";
        for (size_t i = 0; i < label.len; ++i) {
                if (!is_letter(label.ptr[i]) && !is_digit(label.ptr[i]) && label.ptr[i] != '-')
                        return "the host has a character that is no letter, digit or hyphen";
        }
        if (label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
                return "the host has a label that begins or ends with a hyphen";
        return NULL;
}

static const char *name_problem(struct str name)
{
        struct str rest = name, label = { NULL, 0 };

        if (name.len > NAME_MAX_BYTES)
                return "the host is too long";
        if (name.ptr[name.len - 1] == '.')
                return "the host has an empty label or a dot at its end";
        while (rest.len) {
                const char *why;

                label = take_label(&rest);
                why = label_problem(label);
                if (why)
                        return why;
        }
        if (is_digit(label.ptr[0]))
                return "the host is a number; write an IPv4 address as a.b.c.d without leading zeros";
        return NULL;
}

/* The first @bits of @address are those of @prefix. */
static bool has_prefix(const uint8_t *address, const uint8_t *prefix, unsigned bits)
{
        unsigned rest = bits % 8;

        if (memcmp(address, prefix, bits / 8) != 0)
                return false;
        return rest == 0 || (address[bits / 8] ^ prefix[bits / 8]) >> (8 - rest) == 0;
}

struct prefix6 {
        uint8_t bytes[16];
        unsigned bits;
};

static bool carries_ipv4(const uint8_t address[static 16])
{
        static const struct prefix6 carriers[] = {
                { { [10] = 0xFF, [11] = 0xFF }, 96 },             /* ::ffff:0:0/96, mapped */
                { { [8] = 0xFF, [9] = 0xFF }, 96 },               /* ::ffff:0:0:0/96, translated */
                { { 0x00, 0x64, 0xFF, 0x9B }, 96 },               /* NAT64 */
                { { 0x00, 0x64, 0xFF, 0x9B, 0x00, 0x01 }, 48 },   /* NAT64 of one's own */
                { { 0x20, 0x02 }, 16 },                           /* 6to4 */
                { { 0x20, 0x01, 0x00, 0x00 }, 32 },               /* Teredo */
        };
        static const uint8_t zeros[15];

        for (size_t i = 0; i < sizeof(carriers) / sizeof(carriers[0]); ++i) {
                if (has_prefix(address, carriers[i].bytes, carriers[i].bits))
                        return true;
        }
        /* ::a.b.c.d, of which :: and ::1 are addresses of their own. */
        if (has_prefix(address, zeros, 96) && (memcmp(address, zeros, 15) != 0 || address[15] > 1))
                return true;
        /* ISATAP: an interface identifier of 0000:5efe or 0200:5efe and the address. */
        return (address[8] & 0xFD) == 0 && address[9] == 0 && address[10] == 0x5E && address[11] == 0xFE;
}

static const char *read_ipv6(struct str text, struct host *ret)
{
        char copy[IPV6_TEXT_MAX + 1];
        struct host host = { .kind = HOST_IPV6, .text = text };

        if (text.len == 0 || text.len > IPV6_TEXT_MAX)
                return "the host is no IPv6 address";
        for (size_t i = 0; i < text.len; ++i) {
                char c = lower(text.ptr[i]);

                if (!is_digit(c) && !(c >= 'a' && c <= 'f') && c != ':' && c != '.')
                        return "the host is no IPv6 address, or has a zone";
                copy[i] = c;
        }
        copy[text.len] = '\0';
        if (inet_pton(AF_INET6, copy, host.address) != 1)
                return "the host is no IPv6 address";
        if (carries_ipv4(host.address))
                return "the host is an IPv6 address that carries an IPv4 address";
        *ret = host;
        return NULL;
}

const char *host_read(struct str text, struct host *ret)
{
        struct host host = { .kind = HOST_NAME, .text = text };
        const char *why;

        if (text.len == 0)
                return "the host is empty";
        if (text.ptr[0] == '[') {
                if (text.len < 2 || text.ptr[text.len - 1] != ']')
                        return "the host is no IPv6 address";
                return read_ipv6(str_of(text.ptr + 1, text.len - 2), ret);
        }
        if (host_read_ipv4(text, host.address))
                host.kind = HOST_IPV4;
        else {
                why = name_problem(text);
                if (why)
                        return why;
        }
        *ret = host;
        return NULL;
}

static bool label_is_idn(struct str label)
{
        return label.len >= 4 && equal_folded(str_of(label.ptr, 4), STR("xn--"));
}

static bool has_idn_label(struct str name)
{
        while (name.len) {
                if (label_is_idn(take_label(&name)))
                        return true;
        }
        return false;
}

bool host_is_idn(const struct host *host)
{
        return host->kind == HOST_NAME && has_idn_label(host->text);
}

static const char *not_public_ipv4(const uint8_t address[static 4])
{
        static const struct {
                uint8_t bytes[4];
                unsigned bits;
                const char *why;
        } ranges[] = {
                { { 0 }, 8, "the address is of this host or network" },
                { { 10 }, 8, "the address is private" },
                { { 100, 64 }, 10, "the address is of a carrier's shared network" },
                { { 127 }, 8, "the address is a loopback address" },
                { { 168, 63, 129, 16 }, 32, "the address is a cloud's metadata service" },
                { { 169, 254 }, 16, "the address is link-local, as metadata services are" },
                { { 172, 16 }, 12, "the address is private" },
                { { 192, 0, 0 }, 24, "the address is reserved" },
                { { 192, 0, 2 }, 24, "the address is for documentation" },
                { { 192, 31, 196 }, 24, "the address is reserved" },
                { { 192, 52, 193 }, 24, "the address is reserved" },
                { { 192, 88, 99 }, 24, "the address is reserved" },
                { { 192, 168 }, 16, "the address is private" },
                { { 192, 175, 48 }, 24, "the address is reserved" },
                { { 198, 18 }, 15, "the address is for benchmarks" },
                { { 198, 51, 100 }, 24, "the address is for documentation" },
                { { 203, 0, 113 }, 24, "the address is for documentation" },
                { { 224 }, 3, "the address is multicast or reserved" },
        };

        for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); ++i) {
                if (has_prefix(address, ranges[i].bytes, ranges[i].bits))
                        return ranges[i].why;
        }
        return NULL;
}

/* Only 2000::/3 is handed out; loopback, unique local, link-local and multicast addresses lie outside. */
static const char *not_public_ipv6(const uint8_t address[static 16])
{
        static const struct prefix6 global = { { 0x20 }, 3 };
        static const struct prefix6 reserved[] = {
                { { 0x20, 0x01, 0x00, 0x00 }, 23 },                   /* protocol assignments */
                { { 0x20, 0x01, 0x0D, 0xB8 }, 32 },                   /* documentation */
                { { 0x26, 0x20, 0x00, 0x4F, 0x80, 0x00 }, 48 },       /* AS112 */
                { { 0x3F, 0xFE }, 16 },                               /* 6bone, given back */
                { { 0x3F, 0xFF, 0x00 }, 20 },                         /* documentation */
        };

        if (!has_prefix(address, global.bytes, global.bits))
                return "the address is a loopback, private, link-local, multicast or reserved one";
        for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); ++i) {
                if (has_prefix(address, reserved[i].bytes, reserved[i].bits))
                        return "the address is reserved";
        }
        return NULL;
}

/* Top domains that no registry sells: special use (RFC 6761 and its kin), and what networks call their own. */
static const char *not_public_name(struct str name)
{
        static const struct str tops[] = {
                STR_INIT(".alt"), STR_INIT(".arpa"), STR_INIT(".consul"), STR_INIT(".corp"), STR_INIT(".domain"),
                STR_INIT(".example"), STR_INIT(".home"), STR_INIT(".internal"), STR_INIT(".intra"),
                STR_INIT(".intranet"), STR_INIT(".invalid"), STR_INIT(".lan"), STR_INIT(".local"),
                STR_INIT(".localdomain"), STR_INIT(".localhost"), STR_INIT(".mail"), STR_INIT(".onion"),
                STR_INIT(".private"), STR_INIT(".svc"), STR_INIT(".test"), STR_INIT(".workgroup"),
        };

        if (!memchr(name.ptr, '.', name.len))
                return "the host is a name of one label, which the local network resolves";
        for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); ++i) {
                if (ends_with_folded(name, tops[i]))
                        return "the host's top domain is for local or special use";
        }
        return NULL;
}

const char *host_not_public(const struct host *host)
{
        switch (host->kind) {
        case HOST_NAME:
                return not_public_name(host->text);
        case HOST_IPV4:
                return not_public_ipv4(host->address);
        case HOST_IPV6:
                return not_public_ipv6(host->address);
        }
        return "the host is of no known kind";
}

const char *host_pattern_problem(struct str pattern)
{
        struct host host;
        const char *why;
        bool wild = str_starts_with(pattern, STR("*."));

        for (size_t i = 0; i < pattern.len; ++i) {
                if (pattern.ptr[i] != lower(pattern.ptr[i]))
                        return "the host has an upper-case letter";
        }
        why = host_read(wild ? str_skip(pattern, 2) : pattern, &host);
        if (why || !wild)
                return why;
        if (host.kind != HOST_NAME || !memchr(host.text.ptr, '.', host.text.len))
                return "a *. stands in front of a domain of two labels or more";
        return NULL;
}

static bool is_below(struct str name, struct str domain)
{
        size_t depth;

        if (name.len <= domain.len + 1 || !ends_with_folded(name, domain))
                return false;
        depth = name.len - domain.len - 1;
        return name.ptr[depth] == '.' && !has_idn_label(str_of(name.ptr, depth));
}

bool host_matches(const struct host *host, struct str pattern)
{
        struct host listed;

        if (str_starts_with(pattern, STR("*.")))
                return host->kind == HOST_NAME && !host_pattern_problem(pattern) &&
                       is_below(host->text, str_skip(pattern, 2));
        if (host_read(pattern, &listed) || listed.kind != host->kind)
                return false;
        switch (host->kind) {
        case HOST_NAME:
                return equal_folded(host->text, listed.text);
        case HOST_IPV4:
                return memcmp(host->address, listed.address, 4) == 0;
        case HOST_IPV6:
                return memcmp(host->address, listed.address, 16) == 0;
        }
        return false;
}
