/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "card.h"
#include "hex.h"
#include "writer.h"

/* Kinds of members. */
enum kind {
        KIND_ID,
        KIND_DIGEST,
        KIND_STATE,
        KIND_CODE, /* left out when there is none */
        KIND_TEXT,
        KIND_COUNT, /* uint32_t */
        KIND_TIME,  /* uint64_t */
        KIND_PID,   /* int64_t */
        KIND_FLAG,  /* left out when it is false */
};

struct member {
        struct str name;
        enum kind kind;
        size_t at; /* in struct card */
};

#define MEMBER(field, kind) { STR_INIT(#field), kind, offsetof(struct card, field) }

static const struct member members[] = {
        MEMBER(id, KIND_ID),
        MEMBER(digest, KIND_DIGEST),
        MEMBER(state, KIND_STATE),
        MEMBER(session, KIND_TEXT),
        MEMBER(server, KIND_TEXT),
        MEMBER(method, KIND_TEXT),
        MEMBER(tool, KIND_TEXT),
        MEMBER(say, KIND_TEXT),
        MEMBER(undo, KIND_TEXT),
        MEMBER(reach, KIND_TEXT),
        MEMBER(policy, KIND_TEXT),
        MEMBER(rule, KIND_TEXT),
        MEMBER(rule_file, KIND_TEXT),
        MEMBER(rule_line, KIND_COUNT),
        MEMBER(because, KIND_TEXT),
        MEMBER(arguments, KIND_TEXT),
        MEMBER(lane, KIND_TEXT),
        MEMBER(client, KIND_TEXT),
        MEMBER(client_pid, KIND_PID),
        MEMBER(agent, KIND_TEXT),
        MEMBER(marks, KIND_TEXT),
        MEMBER(approvals_before, KIND_COUNT),
        MEMBER(denials_before, KIND_COUNT),
        MEMBER(asked, KIND_COUNT),
        MEMBER(waiting, KIND_COUNT),
        MEMBER(by, KIND_COUNT),
        MEMBER(given, KIND_COUNT),
        MEMBER(created_ms, KIND_TIME),
        MEMBER(expires_ms, KIND_TIME),
        MEMBER(must_sign, KIND_FLAG),
        MEMBER(code, KIND_CODE),
};
#define MEMBERS (sizeof(members) / sizeof(members[0]))

static const char *const words[CARD_STATE_MAX_] = { "open", "approved", "used", "denied", "expired", "withdrawn" };

const char *card_state_word(enum card_state state)
{
        return (unsigned)state < CARD_STATE_MAX_ ? words[state] : "unknown";
}

bool card_state_read(struct str word, enum card_state *ret)
{
        for (int state = 0; state < CARD_STATE_MAX_; state++) {
                if (!str_eq(word, str_from(words[state])))
                        continue;
                *ret = (enum card_state)state;
                return true;
        }
        return false;
}

bool card_id_is_valid(struct str id)
{
        if (id.len != CARD_ID_BYTES - 1)
                return false;
        for (size_t i = 0; i < id.len; i++)
                if (!id.ptr[i] || !strchr(CARD_ID_ALPHABET, id.ptr[i]))
                        return false;
        return true;
}

/* --- writing --- */

static void write_value(struct json_writer *w, const struct card *card, const struct member *m)
{
        const void *field = (const char *)card + m->at;

        switch (m->kind) {
        case KIND_ID:
        case KIND_CODE:
                json_string(w, str_from(field));
                break;
        case KIND_DIGEST: {
                struct buf hex = BUF_INIT(2 * CARD_DIGEST_BYTES);

                if (hex_append(&hex, field, CARD_DIGEST_BYTES) < 0)
                        w->out->failed = true;
                json_string(w, buf_str(&hex));
                buf_deinit(&hex);
                break;
        }
        case KIND_STATE:
                json_string(w, str_from(card_state_word(*(const enum card_state *)field)));
                break;
        case KIND_TEXT:
                json_string(w, *(const struct str *)field);
                break;
        case KIND_COUNT:
                json_unsigned(w, *(const uint32_t *)field);
                break;
        case KIND_TIME:
                json_unsigned(w, *(const uint64_t *)field);
                break;
        case KIND_FLAG:
                json_bool(w, *(const bool *)field);
                break;
        case KIND_PID:
        default:
                json_integer(w, *(const int64_t *)field);
                break;
        }
}

static bool is_optional(const struct member *m)
{
        return m->kind == KIND_CODE || m->kind == KIND_FLAG;
}

static bool is_left_out(const struct card *card, const struct member *m)
{
        return (m->kind == KIND_CODE && !card->code[0]) || (m->kind == KIND_FLAG && !card->must_sign);
}

int card_write_json(const struct card *card, struct buf *out)
{
        const size_t before = out->len;
        struct json_writer w;

        json_writer_init(&w, out);
        json_begin_object(&w);
        for (size_t i = 0; i < MEMBERS; i++) {
                if (is_left_out(card, &members[i]))
                        continue;
                json_name(&w, members[i].name);
                write_value(&w, card, &members[i]);
        }
        json_end_object(&w);
        if (!out->failed)
                return 0;
        out->len = before;
        return -ENOMEM;
}

/* --- reading --- */

static int read_text(const struct json_doc *doc, uint32_t value, const struct member *m, struct buf *memory, struct card *ret)
{
        char *field = (char *)ret + m->at;
        struct str text;
        int e = json_string_get(doc, value, memory, &text);

        if (e == -EINVAL)
                return -EBADMSG;
        if (e < 0)
                return e;
        switch (m->kind) {
        case KIND_ID:
        case KIND_CODE:
                if (!card_id_is_valid(text))
                        return -EBADMSG;
                memcpy(field, text.ptr, text.len);
                field[text.len] = '\0';
                return 0;
        case KIND_DIGEST:
                return hex_read(text, (uint8_t *)field, CARD_DIGEST_BYTES) ? 0 : -EBADMSG;
        case KIND_STATE:
                return card_state_read(text, (enum card_state *)field) ? 0 : -EBADMSG;
        case KIND_TEXT:
        case KIND_COUNT:
        case KIND_TIME:
        case KIND_PID:
        case KIND_FLAG:
        default:
                *(struct str *)field = text;
                return 0;
        }
}

static int read_number(const struct json_doc *doc, uint32_t value, const struct member *m, struct card *ret)
{
        char *field = (char *)ret + m->at;
        int64_t number;

        if (!json_integer_get(doc, value, &number) || number < 0 || (m->kind == KIND_COUNT && number > UINT32_MAX))
                return -EBADMSG;
        if (m->kind == KIND_COUNT)
                *(uint32_t *)field = (uint32_t)number;
        else if (m->kind == KIND_TIME)
                *(uint64_t *)field = (uint64_t)number;
        else
                *(int64_t *)field = number;
        return 0;
}

/* False is said by saying nothing. */
static int read_flag(const struct json_doc *doc, uint32_t value, const struct member *m, struct card *ret)
{
        if (json_type_of(doc, value) != JSON_TRUE)
                return -EBADMSG;
        *(bool *)(void *)((char *)ret + m->at) = true;
        return 0;
}

static int read_member(const struct json_doc *doc, uint32_t value, const struct member *m, struct buf *memory, struct card *ret)
{
        if (m->kind == KIND_FLAG)
                return read_flag(doc, value, m, ret);
        return m->kind >= KIND_COUNT ? read_number(doc, value, m, ret) : read_text(doc, value, m, memory, ret);
}

int card_read_json(const struct json_doc *doc, uint32_t object, struct buf *memory, struct card *ret)
{
        struct card card = { 0 };
        size_t count = 0, found = 0;

        if (json_type_of(doc, object) != JSON_OBJECT)
                return -EBADMSG;
        json_each_member(doc, object, name, value)
                count++;
        /* Unescaping makes nothing longer, so that from here on nothing moves. */
        if (buf_reserve(memory, json_text(doc, object).len) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < MEMBERS; i++) {
                const struct member *m = &members[i];
                const uint32_t value = json_member(doc, object, m->name);
                int e = is_optional(m) ? 0 : -EBADMSG;

                if (value)
                        e = read_member(doc, value, m, memory, &card);
                if (e < 0)
                        return e;
                found += value != 0;
        }
        if (found != count)
                return -EBADMSG;
        *ret = card;
        return 0;
}
