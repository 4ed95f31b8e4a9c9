/* SPDX-License-Identifier: Apache-2.0
 *
 * One read under way: what the loops over the tokens (read.c, and read_dense.c for text that needs no care) and the
 * less frequent cases (read_odd.c) share. Private to the layer.
 */
#pragma once

#include "json.h"
#include "limit.h"

/* A container that we are in. */
struct json_level {
        uint64_t seen[2]; /* a bit of either for each name noted: what shares both with none is new */
        uint32_t container;
        uint32_t members;   /* names noted, if an object */
        /* The name that the model (read_dense.c) has next; the container itself when it has no more; 0 when there is no
         * model. As long as there is one, the names so far are the model's before this one, and none is noted. */
        uint32_t next_name;
        uint32_t model_end; /* behind the model's last token */
        uint32_t sibling;   /* the last object in this container that is closed; 0 = none */
        bool is_object;
        bool is_suspect; /* some name may equal an earlier one */
};

/* Where the reading stands. */
struct json_cursor {
        const unsigned char *p;
        const unsigned char *end;
        struct json_token *token; /* the next free one */
        struct json_token *tokens_end;
        struct json_level *level; /* the innermost */
        uint32_t count;           /* of tokens */
        uint16_t depth;
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

/* Between which tokens the reading stands. */
enum json_place {
        JSON_AT_ENTRY, /* at a member or an item */
        JSON_BEHIND_NAME,
        JSON_AT_VALUE, /* behind a member's colon, or at an item */
        JSON_BEHIND_VALUE,
};

/* Notes a name that is spelt without escapes from its opening quote to its closing one. Equal names set equal bits, so
 * that an object whose names all set a new one has no two alike; else json_check_members() looks closer. Who chooses
 * names that share bits gains nothing but that look. */
static inline void json_note_name(struct json_level *level, const unsigned char *start, const unsigned char *close)
{
        uint32_t first, last;
        uint64_t hash;

        if (close - start < 3) {
                level->is_suspect = true;
                return;
        }
        memcpy(&first, start, sizeof(first));
        memcpy(&last, close - 3, sizeof(last));
        hash = (((uint64_t)first << 32 | last) + (uint64_t)(close - start)) * 0x9E3779B97F4A7C15ULL;
        if ((level->seen[0] >> (hash >> 58) & 1) && (level->seen[1] >> (hash >> 52 & 63) & 1))
                level->is_suspect = true;
        level->seen[0] |= 1ULL << (hash >> 58);
        level->seen[1] |= 1ULL << (hash >> 52 & 63);
}

/* Notes the names of the innermost object, which had a model so far and has none from here on; @count tokens are
 * there. */
void json_forget_model(const unsigned char *text, const struct json_token *tokens, struct json_level *level,
                       uint32_t count);

/* Less text is not worth the change of the loop. */
#define JSON_DENSE_MIN 400

/* Goes on from the entry at the cursor, which is in a container, for as long as the text needs no care, and returns
 * where it has left the cursor. JSON_DENSE_MIN bytes of text must be left. */
enum json_place json_read_dense(struct json_reader *r, struct json_cursor *c);

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
