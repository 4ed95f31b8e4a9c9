/* SPDX-License-Identifier: Apache-2.0
 *
 * The host of a URL or of a mail address, in the one spelling that every program reads alike: a name of ASCII
 * labels, an IPv4 address as four decimal numbers, an IPv6 address. Upper case is the same as lower case.
 *
 * Refused: a trailing dot, empty labels, `_`, `%` and everything else that is no letter, digit or hyphen; a last
 * label that begins with a digit (2130706433, 0x7f.1, 010.0.0.1 and 127.1 are 127.0.0.1 to some); IPv6 zones, and
 * IPv6 addresses that carry an IPv4 address (mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP), for what
 * is listed or private under one spelling must be so under all.
 *
 * A name is never looked up. A public name may lead to a private address (DNS rebinding, nip.io): only a network
 * boundary holds that.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

enum host_kind { HOST_NAME, HOST_IPV4, HOST_IPV6 };

struct host {
        enum host_kind kind;
        struct str text;     /* as it was written, IPv6 without its brackets; borrowed */
        uint8_t address[16]; /* of HOST_IPV6; of HOST_IPV4 the first four */
};

/* Reads a host as it stands in a URL, IPv6 in brackets: NULL with *ret, or what is wrong. */
const char *host_read(struct str text, struct host *ret);

/* a.b.c.d without leading zeros, nothing around it. */
bool host_read_ipv4(struct str text, uint8_t ret[static 4]);

/* Why @host may be a thing of this machine or its network, or NULL: then it is a public name or address. */
const char *host_not_public(const struct host *host);

/* What is wrong with @pattern as an entry of a list of hosts, or NULL. An entry is a host in lower case, or `*.` and a
 * name of two labels or more. */
const char *host_pattern_problem(struct str pattern);

/* Is @host the one of @pattern? `*.example.com` is every name below example.com however deep, never example.com itself.
 * The part that `*` stands for has no xn-- label. */
bool host_matches(const struct host *host, struct str pattern);

/* Has the name an xn-- label? It looks like something else to people, so it is taken only where it is listed. */
bool host_is_idn(const struct host *host);
