/* SPDX-License-Identifier: Apache-2.0
 *
 * The loop over the tokens where all is as it nearly always is: no white space, plain strings, short integers, and
 * more text behind. Wherever it is otherwise, this loop stops between two tokens and leaves the rest to read.c, which
 * knows all cases and every error: nothing is refused here.
 *
 * Objects that stand side by side mostly have the same names in the same order. The one before is the model of the
 * next: a name is first compared with the model's name at this place. If they are equal, its end is known without
 * looking for it; and as no name is in the model twice, none is in an object whose names all are the model's, from
 * the first one on and in its order. With the first other name that ends: all so far are noted, as read.c does it.
 */
#include "reader.h"

#include "number.h"
#include "spelling.h"

/* Where the reading stands. Its address goes to inlined functions only, so that it lives in registers. */
struct dense {
        const unsigned char *text;
        size_t at; /* in the text */
        size_t end;
        struct json_token *tokens;
        struct json_token *token; /* the next free one */
        struct json_level *level;
        uint32_t count;
        uint32_t depth;
        uint32_t name; /* the level's next_name */
};

/* What an entry may take without asking for the text's end: a name of the model, the colon, a value of less than 16
 * bytes, what separates it from the next, and as much as is looked at together. */
#define SLACK 80

/* Adds the token of the @length bytes at the cursor; json_read_dense() has seen to it that there is room. */
static inline void push(struct dense *d, enum json_type type, bool escaped, size_t length)
{
        struct json_token *token = d->token++;

        token->offset = (uint32_t)d->at;
        token->length = (uint32_t)length;
        token->next = ++d->count;
        token->type = (uint8_t)type;
        token->escaped = escaped;
        token->depth = (uint16_t)d->depth;
        d->at += length;
}

/* Reads a string if it is plain. 16 bytes at least are behind its opening quote. */
static inline bool read_plain(struct dense *d)
{
        const unsigned char *start = d->text + d->at, *end = d->text + d->end;
        const unsigned char *close = json_skip_plain_roomy(start + 1, end);

        if (close == end || *close != '"')
                return false;
        push(d, JSON_STRING, false, (size_t)(close + 1 - start));
        return true;
}

/* A name that the model does not have at this place, and its colon. */
static inline bool read_new_name(struct dense *d)
{
        const unsigned char *start = d->text + d->at;

        if (d->name) {
                json_forget_model(d->text, d->tokens, d->level, d->count);
                d->name = 0;
        }
        if (*start != '"' || d->level->members >= LIMIT_JSON_MEMBERS || !read_plain(d))
                return false;
        d->level->members++;
        json_note_name(d->level, start, d->text + d->at - 1);
        return true;
}

/* A name and its colon, if it is the model's; *ret_model then is that one's value. */
static inline bool read_name(struct dense *d, uint32_t *ret_model)
{
        const struct json_token *name = d->tokens + d->name;

        /* Behind the model's name there is a colon, as its text has no white space either. Where the model has no
         * more names, the token is a container's, which begins otherwise. */
        if (d->text[d->at] != '"' || !json_same_bytes(d->text + d->at, d->text + name->offset, name->length + 1U))
                return false;
        *ret_model = d->name + 1;
        d->name = name[1].next == d->level->model_end ? d->level->container : name[1].next;
        push(d, JSON_STRING, name->escaped, name->length);
        d->at++;
        return true;
}

static inline bool open_container(struct dense *d, bool is_object, uint32_t model)
{
        struct json_level *level = d->level;

        if (d->depth == LIMIT_JSON_DEPTH || d->text[d->at + 1] <= ' ')
                return false;
        level->next_name = d->name;
        d->name = 0;
        *++d->level = (struct json_level){ .container = d->count, .is_object = is_object };
        push(d, is_object ? JSON_OBJECT : JSON_ARRAY, false, 0);
        d->depth++;
        d->at++;
        if (is_object) {
                /* The value of the same name in the outer object's model, else the object before. */
                if (!model || d->tokens[model].type != JSON_OBJECT)
                        model = level->sibling;
                if (model && d->tokens[model].length > 2) {
                        d->name = model + 1;
                        d->level->model_end = d->tokens[model].next;
                }
        }
        return true;
}

static inline bool read_word(struct dense *d, enum json_type type, const char *word, size_t length)
{
        if (memcmp(d->text + d->at, word, length) != 0)
                return false;
        push(d, type, false, length);
        return true;
}

/* Any value but a string or a container. */
static inline bool read_scalar(struct dense *d, unsigned char first)
{
        const unsigned char *start = d->text + d->at, *end;

        if (first == 't')
                return read_word(d, JSON_TRUE, "true", 4);
        if (first == 'f')
                return read_word(d, JSON_FALSE, "false", 5);
        if (first == 'n')
                return read_word(d, JSON_NULL, "null", 4);
        end = json_skip_short_integer(start, d->text + d->end);
        if (!end)
                return false;
        push(d, JSON_NUMBER, false, (size_t)(end - start));
        return true;
}

/* The cursor is at the bracket that closes the innermost container. */
static inline void close_container(struct dense *d)
{
        uint32_t index = d->level->container;
        struct json_token *container = &d->tokens[index];

        d->at++;
        container->length = (uint32_t)d->at - container->offset;
        container->next = d->count;
        d->depth--;
        d->level--;
        d->name = d->level->next_name;
        if (container->type == JSON_OBJECT)
                d->level->sibling = index;
}

/* Behind a value: closes the containers that end here and goes to where the next entry begins. */
static inline bool read_on(struct dense *d)
{
        for (;;) {
                if (d->at >= d->end)
                        return false;
                if (d->text[d->at] == ',')
                        break;
                if (d->text[d->at] != (d->level->is_object ? '}' : ']') || d->level->is_suspect)
                        return false;
                close_container(d);
                if (d->depth == 0)
                        return false;
        }
        d->at++;
        return true;
}

/* Reads the entry at the cursor to where the next one begins, which may be in it. False when it has stopped; *ret_place
 * then is where: what is behind it has not been touched. */
static inline bool read_entry(struct dense *d, enum json_place *ret_place)
{
        uint32_t model = 0;
        unsigned char byte;

        *ret_place = JSON_AT_ENTRY;
        if (d->level->is_object && !read_name(d, &model)) {
                if (!read_new_name(d))
                        return false;
                /* Only such a name may be long. Behind its closing quote the token stands. */
                if (d->end - d->at < SLACK / 2 || d->text[d->at] != ':') {
                        *ret_place = JSON_BEHIND_NAME;
                        return false;
                }
                d->at++;
        }
        *ret_place = JSON_AT_VALUE;
        byte = d->text[d->at];
        if (byte == '"') {
                if (!read_plain(d))
                        return false;
        } else if (byte == '{' || byte == '[') {
                if (!open_container(d, byte == '{', model))
                        return false;
                if (d->text[d->at] != '}' && d->text[d->at] != ']') {
                        *ret_place = JSON_AT_ENTRY;
                        return true;
                }
        } else if (!read_scalar(d, byte)) {
                return false;
        }
        *ret_place = JSON_BEHIND_VALUE;
        return read_on(d);
}

enum json_place json_read_dense(struct json_reader *r, struct json_cursor *c)
{
        struct dense d = {
                .text = r->start,
                .at = (size_t)(c->p - r->start),
                .end = (size_t)(r->end - r->start),
                .tokens = r->doc->tokens,
                .token = c->token,
                .name = c->level->next_name,
                .level = c->level,
                .count = c->count,
                .depth = c->depth,
        };
        /* An entry has a name and a value. */
        const struct json_token *roomy_tokens = c->tokens_end - 1;
        const size_t roomy_end = d.end - SLACK;
        enum json_place place = JSON_AT_ENTRY;

        while (d.at < roomy_end && d.token < roomy_tokens) {
                if (!read_entry(&d, &place))
                        break;
                place = JSON_AT_ENTRY;
        }
        d.level->next_name = d.name;
        c->p = d.text + d.at;
        c->token = d.token;
        c->level = d.level;
        c->count = d.count;
        c->depth = (uint16_t)d.depth;
        return place;
}
