/* SPDX-License-Identifier: Apache-2.0
 *
 * The requestState that a modern client is given when its call still waits, and brings back when it calls again. It says which round it is
 * of which call, under a key of this session, and each is good for one call.
 *
 *     leastwise: NUMBER (16 hexadecimal digits) ROUND (2) MAC (32)
 */
#include <sodium.h>

#include "hex.h"
#include "internal.h"

#define PREFIX "leastwise:"
#define NUMBER_BYTES 8U
#define MAC_BYTES 16U
#define STATE_BYTES (NUMBER_BYTES + 1U + MAC_BYTES)

static void seal(const struct session *s, uint64_t number, uint8_t round, const uint8_t digest[CARD_DIGEST_BYTES], uint8_t ret[STATE_BYTES])
{
        uint8_t text[NUMBER_BYTES + 1 + CARD_DIGEST_BYTES];

        for (unsigned i = 0; i < NUMBER_BYTES; i++)
                text[i] = ret[i] = (uint8_t)(number >> (8 * (NUMBER_BYTES - 1 - i)));
        text[NUMBER_BYTES] = ret[NUMBER_BYTES] = round;
        memcpy(text + NUMBER_BYTES + 1, digest, CARD_DIGEST_BYTES);
        (void)crypto_generichash(ret + NUMBER_BYTES + 1, MAC_BYTES, text, sizeof(text), s->approvals.key, sizeof(s->approvals.key));
}

static struct str write_state(struct session *s, const struct request_state *state)
{
        const size_t start = s->text.len;
        uint8_t bytes[STATE_BYTES];

        seal(s, state->number, state->round, state->digest, bytes);
        buf_append_str(&s->text, STR(PREFIX));
        (void)hex_append(&s->text, bytes, sizeof(bytes));
        return s->text.failed ? STR("") : str_of(s->text.data + start, s->text.len - start);
}

bool request_state_is_own(struct session *s, uint32_t state)
{
        const size_t mark = s->scratch.len;
        struct str text;
        bool own = state && json_string_get(&s->doc, state, &s->scratch, &text) == 0 && str_starts_with(text, STR(PREFIX));

        s->scratch.len = mark;
        return own;
}

struct str request_state_issue(struct session *s, const uint8_t digest[CARD_DIGEST_BYTES], uint8_t round)
{
        struct approvals *a = &s->approvals;
        struct request_state *state = &a->states[a->states_at];

        a->states_at = (a->states_at + 1) % REQUEST_STATES;
        *state = (struct request_state){ .number = ++a->states_made, .round = round };
        memcpy(state->digest, digest, CARD_DIGEST_BYTES);
        return write_state(s, state);
}

/* Written anew and compared: what is not to the byte what was given out is not it. */
bool request_state_check(struct session *s, uint32_t token, const uint8_t digest[CARD_DIGEST_BYTES], uint8_t *ret_round, uint32_t *ret_place)
{
        const size_t mark = s->scratch.len, text_mark = s->text.len;
        struct str text;
        bool found = false;

        if (json_string_get(&s->doc, token, &s->scratch, &text) < 0)
                return false;
        for (uint32_t i = 0; i < REQUEST_STATES && !found; i++) {
                const struct request_state *state = &s->approvals.states[i];
                struct str expected;

                if (!state->number || memcmp(state->digest, digest, CARD_DIGEST_BYTES) != 0)
                        continue;
                expected = write_state(s, state);
                found = expected.len && expected.len == text.len && sodium_memcmp(expected.ptr, text.ptr, text.len) == 0;
                s->text.len = text_mark;
                if (found) {
                        *ret_round = state->round;
                        *ret_place = i + 1;
                }
        }
        s->scratch.len = mark;
        return found;
}

void request_state_use(struct session *s, uint32_t place)
{
        s->approvals.states[place].number = 0;
}
