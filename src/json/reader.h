/* SPDX-License-Identifier: Apache-2.0
 *
 * One read under way: what the loop over the tokens (read.c) and the less frequent cases (read_odd.c) share. Private
 * to the layer.
 */
#pragma once

#include "json.h"
#include "limit.h"

/* A container that we are in. */
struct json_level {
        uint64_t seen[2]; /* a bit of either for each name so far: what shares both with none is new, see note_name() */
        uint32_t container;
        uint32_t members; /* names so far, if an object */
        bool is_object;
        bool is_suspect; /* some name may equal an earlier one */
};

struct json_reader {
        const unsigned char *start;
        const unsigned char *end;
        struct json_doc *doc;
        enum json_error error;
        bool canonical;
        struct json_level levels[LIMIT_JSON_DEPTH + 1]; /* the first one is outside of all containers */
};

static inline bool json_next_is(const struct json_reader *r, const unsigned char *p, char c)
{
        return p < r->end && *p == (unsigned char)c;
}

/* NULL, for the caller to return. */
const unsigned char *json_reader_fail(struct json_reader *r, const unsigned char *at, enum json_error error);

/* Makes room on the tape for one more token at least; false when it has failed. */
bool json_reader_grow(struct json_reader *r, const unsigned char *at);

/* Behind the white space at @p, if any: the text then is not canonical. */
const unsigned char *json_reader_skip_space(struct json_reader *r, const unsigned char *p);

/* The rest of a string that is not all plain: @p is the first byte that is not, or the end. Returns the closing quote,
 * or NULL when it has failed. */
const unsigned char *json_read_odd_string(struct json_reader *r, const unsigned char *p, bool is_name,
                                          bool *ret_escaped);
