/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON-RPC ids. Kept as the peer wrote them, never renumbered; in return only what every reader takes for the
 * same value is accepted: a canonical integer within +-2^53, or a string of at most LIMIT_ID_BYTES of printable ASCII.
 *
 * SDKs match answers by Number(id) or int(id), so "3" and " 3" would be taken for 3. An id that is a string therefore
 * also has the number that a lenient reader would see in it, and two ids are confusable when those are equal.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "json.h"

enum rpc_id_kind {
        RPC_ID_NONE = 0,
        RPC_ID_INTEGER,
        RPC_ID_STRING,
};

struct rpc_id {
        enum rpc_id_kind kind;
        bool is_numeric;   /* a lenient reader sees `number` in it */
        int64_t number;    /* an integer id's value, or what a string may be taken for */
        struct str string; /* a string id's unescaped bytes; borrowed */
};

/* Ids of the proxy's own requests begin with this; a peer that uses it is refused. */
#define RPC_OWN_ID_PREFIX "leastwise:"

/* Reads an id value. False when it is of another type, not canonical, too long, not printable, or begins with our own prefix.
 * A string with escapes is unescaped into @scratch, which must then stay unchanged. */
bool rpc_id_read(struct rpc_id *ret, const struct json_doc *doc, uint32_t token, struct buf *scratch);

/* The number of one of the proxy's own requests, as it is written in an answer to it. False when it is no such id. */
bool rpc_own_id_read(uint64_t *ret, const struct json_doc *doc, uint32_t token);

bool rpc_id_equal(const struct rpc_id *a, const struct rpc_id *b);

/* Could some peer take one for the other? True for equal ids. */
bool rpc_id_confusable(const struct rpc_id *a, const struct rpc_id *b);

/* Equal for confusable ids. Who does not know the seed cannot choose ids that collide. */
uint64_t rpc_id_hash(const struct rpc_id *id, const uint64_t seed[2]);

/* Appends the id as canonical JSON: 0, -EMSGSIZE or -ENOMEM. */
int rpc_id_append(struct buf *out, const struct rpc_id *id);

/* The integer, of magnitude up to 2^53, that some lenient reader (JavaScript's Number(), Python's int() and float())
 * would make of @s: surrounding white space, a sign, a base prefix, digit separators, a fraction of zeros and an
 * exponent are all seen through; the empty string is 0. False when there is none. */
bool rpc_id_lenient_number(struct str s, int64_t *ret);
