/* SPDX-License-Identifier: Apache-2.0
 *
 * Replays a golden session: <case>/policy.yaml and <case>/in.txt must give <case>/out.txt and <case>/audit.jsonl, and
 * the same when the input arrives one byte at a time, or cut in two at any byte.
 *
 * in.txt, a line each:  C> bytes   a line of the client, with its newline
 *                       S> bytes   a line of the server
 *                       C% / S%    the same with %HH for bytes
 *                       C- / S-    bytes (with %HH) without a newline
 *                       C. / S.    end of file
 *                       0> ...     the same of the server of the first lane; 1> of the second
 *                       !started 0 / !failed 0 WHY  the owner says so of that server
 *                       !lost / !started S  the main server has ended and another is to take its place / has
 *                       !rest 0 / !go 0     nothing new is to be sent to it / again
 *                       !full !room  the audit log cannot / can be written
 *                       !policy FILE  another policy of the case comes into force, and the client is told of it
 *                       !wait MS   so many milliseconds pass
 *                       !cards     what has happened to cards is told
 *                       !approve N [WHO]  somebody (local) says yes to the Nth of the cards that were opened
 *                       !deny N [WHY]     or no
 *                       # a comment
 * In bytes, {{code N}} is the code of the Nth card, {{state}} the requestState that the client was given last.
 * A case whose name begins with "approval" has somebody who can be asked.
 * <case>/secret.txt, if there is one, holds the value of a credential TOKEN that the server has.
 * <case>/pins.txt, if there is one, holds the tools that are pinned: their definitions, one a line.
 * Usage: golden_session [--update] CASE...
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "alloc.h"
#include "driver.h"

struct step {
        char kind;     /* b: bytes, e: end, f: full, r: room, p: policy, w: wait, y: yes, n: no, c: cards, u: upstream */
        enum side side;
        struct buf bytes;
};

struct script {
        struct step steps[1024];
        size_t count;
};

static int hex(char c)
{
        return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

static void append_decoded(struct buf *b, struct str s, bool decode)
{
        for (size_t i = 0; i < s.len; i++) {
                if (decode && s.ptr[i] == '%' && s.len - i > 2) {
                        buf_append_char(b, (char)(hex(s.ptr[i + 1]) << 4 | hex(s.ptr[i + 2])));
                        i += 2;
                } else {
                        buf_append_char(b, s.ptr[i]);
                }
        }
}

static struct step *next_step(struct script *script, char kind, enum side side)
{
        struct step *last = script->count ? &script->steps[script->count - 1] : NULL;

        if (kind == 'b' && last && last->kind == 'b' && last->side == side)
                return last;
        if (script->count == sizeof(script->steps) / sizeof(script->steps[0]))
                abort();
        script->steps[script->count] = (struct step){ kind, side, BUF_INIT(64U << 20) };
        return &script->steps[script->count++];
}

static enum side side_of(char c)
{
        return c >= '0' && c <= '3' ? SIDE_LANE + (enum side)(c - '0') : c == 'S' ? SIDE_SERVER : SIDE_CLIENT;
}

static char name_of(enum side side)
{
        return side >= SIDE_LANE ? (char)('0' + (side - SIDE_LANE)) : side == SIDE_SERVER ? 'S' : 'C';
}

static bool speaks_of_upstreams(struct str line)
{
        return str_starts_with(line, STR("!started ")) || str_starts_with(line, STR("!failed ")) || str_starts_with(line, STR("!lost")) ||
               str_starts_with(line, STR("!rest ")) || str_starts_with(line, STR("!go "));
}

static void parse_line(struct script *script, struct str line)
{
        enum side side = line.len ? side_of(line.ptr[0]) : SIDE_CLIENT;
        char what = line.len > 1 ? line.ptr[1] : 0;
        struct step *step;

        if (line.len == 0 || line.ptr[0] == '#')
                return;
        if (str_starts_with(line, STR("!policy "))) {
                step = next_step(script, 'p', side);
                buf_append_str(&step->bytes, str_skip(line, 8));
        } else if (str_starts_with(line, STR("!wait "))) {
                step = next_step(script, 'w', side);
                append_decoded(&step->bytes, str_skip(line, 6), false);
                buf_append_char(&step->bytes, '\0');
        } else if (str_starts_with(line, STR("!approve ")) || str_starts_with(line, STR("!deny "))) {
                step = next_step(script, line.ptr[1] == 'a' ? 'y' : 'n', side);
                append_decoded(&step->bytes, str_skip(line, line.ptr[1] == 'a' ? 9 : 6), false);
                buf_append_char(&step->bytes, '\0');
        } else if (speaks_of_upstreams(line)) {
                step = next_step(script, 'u', side);
                buf_append_str(&step->bytes, str_skip(line, 1));
                buf_append_char(&step->bytes, '\0');
        } else if (str_eq(line, STR("!cards"))) {
                next_step(script, 'c', side);
        } else if (line.ptr[0] == '!') {
                next_step(script, str_eq(line, STR("!full")) ? 'f' : 'r', side);
        } else if (what == '.') {
                next_step(script, 'e', side);
        } else {
                step = next_step(script, 'b', side);
                append_decoded(&step->bytes, str_skip(line, 3), what != '>');
                if (what != '-')
                        buf_append_char(&step->bytes, '\n');
        }
}

static void parse_script(struct script *script, struct str text)
{
        while (text.len) {
                const char *lf = memchr(text.ptr, '\n', text.len);
                size_t n = lf ? (size_t)(lf - text.ptr) : text.len;

                parse_line(script, str_of(text.ptr, n));
                text = str_skip(text, n + 1);
        }
}

static struct str read_in(const char *directory, const char *name)
{
        char path[1024];

        snprintf(path, sizeof(path), "%s/%s", directory, name);
        return driver_read_file(path);
}

/* The lock of the case's pins.txt; NULL without one. */
static struct pin_set *read_pins(const char *directory)
{
        static const uint64_t seed[2] = { 1, 2 };
        struct pin_source source = { .policy = STR_INIT("pinned"), .path = STR_INIT("tools.lock") };
        AUTO_BUF struct buf lock = BUF_INIT(1U << 20);
        AUTO_BUF struct buf scratch = BUF_INIT(1U << 20);
        struct pin_list list = { 0 };
        struct pin_set *set = NULL;
        struct json_doc doc;
        char path[1024], line[65536];
        FILE *f;

        snprintf(path, sizeof(path), "%s/pins.txt", directory);
        f = fopen(path, "re");
        if (!f)
                return NULL;
        json_doc_init(&doc, seed);
        while (fgets(line, sizeof(line), f)) {
                struct str name;

                if (json_read(&doc, str_from(line)) != JSON_OK ||
                        json_string_get(&doc, json_member(&doc, 0, STR("name")), &scratch, &name) < 0 ||
                        pin_list_add(&list, &doc, 0, name) < 0)
                        abort();
        }
        fclose(f);
        if (pin_list_write(&list, &lock) < 0 || pin_lock_read(&source.lock, buf_str(&lock), seed, &scratch) < 0 ||
                pin_set_new(&set, &source, 1) < 0)
                abort();
        pin_list_deinit(&list);
        json_doc_deinit(&doc);
        return set;
}

/* @cut: 0 = whole, SIZE_MAX = one byte at a time, else the place of the cut in every block. */
/* The case's secret.txt without its newline, freed by mem_free(); NULL without one. */
static char *read_secret(const char *directory)
{
        char path[1024], *text;
        struct str read;

        snprintf(path, sizeof(path), "%s/secret.txt", directory);
        if (access(path, R_OK) < 0)
                return NULL;
        read = driver_read_file(path);
        text = (char *)(uintptr_t)read.ptr;
        if (read.len && text[read.len - 1] == '\n')
                text[read.len - 1] = '\0';
        return text;
}

static void replace_policy(struct driver *d, const char *directory, struct str name, struct pin_set *pins)
{
        struct policy_set *set;
        struct str text;
        char file[256];

        snprintf(file, sizeof(file), "%.*s", STR_FMT(name));
        text = read_in(directory, file);
        set = driver_policy(text);
        driver_set_policy(d, set, pins);
        policy_set_unref(set);
        mem_free((void *)(uintptr_t)text.ptr);
}

/* --- people --- */

static const struct str server_argv[] = { STR_INIT("node"), STR_INIT("server.js") };
static const struct session_asking asking = {
        .session = STR_INIT("01TESTTESTTESTTESTTESTTEST"),
        .argv = server_argv,
        .argc = 2,
        .server = STR_INIT("node server.js"),
        .client_pid = 4321,
        .agent = STR_INIT("main"),
};

/* Ids of cards in the order of their opening, and what has happened to cards since it was told. */
struct opened {
        char ids[256][CARD_ID_BYTES];
        char codes[256][CARD_CODE_BYTES]; /* the last that was shown */
        size_t count;
        struct buf untold;
};

static void note_cards(struct driver *d, struct opened *opened)
{
        struct buf *out = &opened->untold;
        struct card_event event;

        while (session_take_card_event(d->session, &event)) {
                struct card shown = *event.card;

                if (event.change == CARD_OPENED && opened->count < 256)
                        memcpy(opened->ids[opened->count++], event.card->id, CARD_ID_BYTES);
                snprintf(shown.code, sizeof(shown.code), "%s", session_card_code(d->session, event.card));
                for (size_t i = 0; i < opened->count; i++)
                        if (shown.code[0] && strcmp(opened->ids[i], shown.id) == 0)
                                memcpy(opened->codes[i], shown.code, CARD_CODE_BYTES);
                buf_printf(out, "K< %s ", event.change == CARD_OPENED ? "opened" : event.change == CARD_CHANGED ? "changed" : "closed");
                if (card_write_json(&shown, out) < 0)
                        abort();
                buf_append_char(out, '\n');
        }
}

static struct str last_state(const struct driver *d)
{
        static const struct str name = STR_INIT("\"requestState\":\"");
        struct str rest = buf_str(&d->to[SIDE_CLIENT]), state = STR("");
        const char *at;

        while (rest.len && (at = memmem(rest.ptr, rest.len, name.ptr, name.len))) {
                const char *end;

                rest = str_skip(rest, (size_t)(at - rest.ptr) + name.len);
                end = memchr(rest.ptr, '"', rest.len);
                state = str_of(rest.ptr, (size_t)(end - rest.ptr));
        }
        return state;
}

/* @bytes with what only the session knows. */
static void fill_in(struct buf *out, struct str bytes, const struct driver *d, const struct opened *opened)
{
        while (bytes.len) {
                if (str_starts_with(bytes, STR("{{state}}"))) {
                        buf_append_str(out, last_state(d));
                        bytes = str_skip(bytes, 9);
                } else if (str_starts_with(bytes, STR("{{code ")) && bytes.len > 10) {
                        const size_t number = (size_t)(bytes.ptr[7] - '0');

                        if (number >= 1 && number <= opened->count)
                                buf_append_str(out, str_from(opened->codes[number - 1]));
                        bytes = str_skip(bytes, 10);
                } else {
                        buf_append_char(out, bytes.ptr[0]);
                        bytes = str_skip(bytes, 1);
                }
        }
}

static void feed(struct driver *d, enum side side, struct str bytes, size_t cut)
{
        const size_t first = cut && cut < bytes.len ? cut : bytes.len;

        if (cut == SIZE_MAX) {
                for (size_t at = 0; at < bytes.len; at++)
                        driver_feed(d, side, str_of(bytes.ptr + at, 1));
                return;
        }
        driver_feed(d, side, str_of(bytes.ptr, first));
        driver_feed(d, side, str_skip(bytes, first));
}

static void answer(struct driver *d, const struct opened *opened, const struct step *step, struct buf *out)
{
        char *rest;
        const unsigned long number = strtoul(step->bytes.data, &rest, 10);
        struct card_answer given = { .id = STR("000000"), .approve = step->kind == 'y', .trusted = true, .approver = STR("local") };
        const char *why = NULL;
        int r;

        if (number >= 1 && number <= opened->count)
                given.id = str_from(opened->ids[number - 1]);
        if (*rest == ' ' && given.approve)
                given.approver = str_from(rest + 1);
        else if (*rest == ' ')
                given.because = str_from(rest + 1);
        r = driver_answer(d, &given, &why);
        buf_printf(out, "K< %s: %s%s%s\n", given.approve ? "approve" : "deny", r < 0 ? "refused" : "done", why ? ": " : "", why ? why : "");
}

/* --- the owner's upstreams --- */

static void say_upstream(struct driver *d, const char *what, struct buf *out)
{
        const char *rest = strchr(what, ' ');
        const enum side side = rest ? side_of(rest[1]) : SIDE_SERVER;
        int r;

        if (what[0] == 's')
                r = driver_upstream_started(d, side);
        else if (what[0] == 'f')
                r = driver_upstream_failed(d, side, rest && rest[1] && rest[2] ? rest + 3 : "");
        else if (what[0] == 'l')
                r = driver_upstream_lost(d, side);
        else
                r = driver_upstream_rest(d, side, what[0] == 'r');
        if (r < 0)
                buf_printf(out, "U< %s: refused\n", what);
}

static void note_asked(struct driver *d, struct buf *out)
{
        struct str asked = buf_str(&d->asked);

        while (asked.len) {
                const size_t n = (size_t)((const char *)memchr(asked.ptr, '\n', asked.len) - asked.ptr);

                buf_printf(out, "U< %.*s\n", (int)n, asked.ptr);
                asked = str_skip(asked, n + 1);
        }
        buf_clear(&d->asked, SIZE_MAX);
}

static void run(const struct script *script, const char *directory, struct str policy, struct pin_set *pins, const char *secret,
        size_t cut, struct buf *out, struct buf *audit)
{
        const char *name = strrchr(directory, '/');
        const bool asks = name && strncmp(name + 1, "approval", 8) == 0;
        struct opened opened = { .untold = BUF_INIT(64U << 20) };
        struct policy_set *set;
        bool reloads = false;
        struct driver d;

        for (size_t i = 0; i < script->count; i++)
                reloads |= script->steps[i].kind == 'p';
        set = driver_policy(policy);
        driver_start_asking(&d, set, pins, reloads, secret, asks ? &asking : NULL);
        policy_set_unref(set);
        for (size_t i = 0; i < script->count; i++) {
                const struct step *step = &script->steps[i];
                struct str bytes = buf_str(&step->bytes);

                if (step->kind == 'e')
                        driver_end(&d, step->side);
                else if (step->kind == 'p')
                        replace_policy(&d, directory, bytes, pins);
                else if (step->kind == 'u')
                        say_upstream(&d, bytes.ptr, out);
                else if (step->kind == 'y' || step->kind == 'n') {
                        answer(&d, &opened, step, out);
                } else if (step->kind == 'c') {
                        buf_append_str(out, buf_str(&opened.untold));
                        buf_clear(&opened.untold, SIZE_MAX);
                } else if (step->kind == 'w')
                        driver_wait(&d, strtoull(step->bytes.data, NULL, 10));
                else if (step->kind != 'b')
                        d.disk_full = step->kind == 'f';
                else if (asks && memmem(bytes.ptr, bytes.len, "{{", 2)) {
                        AUTO_BUF struct buf filled = BUF_INIT(64U << 20);

                        fill_in(&filled, bytes, &d, &opened);
                        feed(&d, step->side, buf_str(&filled), cut);
                } else {
                        feed(&d, step->side, bytes, cut);
                }
                note_cards(&d, &opened);
                note_asked(&d, out);
        }
        buf_deinit(&opened.untold);
        buf_append_str(&d.records, audit_log_pending(d.audit));
        for (int i = 0; i < SIDE_MAX_; i++) {
                const int side = i < SIDE_LANE ? SIDE_SERVER - i : i;
                struct str sent = buf_str(&d.to[side]);

                while (sent.len) {
                        const char *lf = memchr(sent.ptr, '\n', sent.len);
                        size_t n = lf ? (size_t)(lf - sent.ptr) : sent.len;

                        buf_printf(out, "%c< ", name_of((enum side)side));
                        buf_append(out, sent.ptr, n);
                        buf_append_str(out, lf ? STR("\n") : STR("<no newline>\n"));
                        sent = str_skip(sent, n + 1);
                }
        }
        buf_append_str(audit, buf_str(&d.records));
        driver_stop(&d);
}

static bool same(const char *directory, const char *what, struct str expected, struct str got)
{
        if (str_eq(expected, got))
                return true;
        printf("# %s: %s differs\n# --- expected\n%.*s# --- got\n%.*s", directory, what, STR_FMT(expected), STR_FMT(got));
        return false;
}

static void write_file(const char *directory, const char *name, struct str text)
{
        char path[1024];
        FILE *f;

        snprintf(path, sizeof(path), "%s/%s", directory, name);
        f = fopen(path, "we");
        if (!f || fwrite(text.ptr, 1, text.len, f) != text.len || fclose(f) != 0)
                abort();
}

static bool check(const char *directory, const struct script *script, struct str policy, bool update)
{
        struct buf out = BUF_INIT(256U << 20), audit = BUF_INIT(256U << 20);
        struct pin_set *pins = read_pins(directory);
        char *secret = read_secret(directory);
        struct str expected_out, expected_audit;
        size_t longest = 0;
        bool ok;

        run(script, directory, policy, pins, secret, 0, &out, &audit);
        if (update) {
                write_file(directory, "out.txt", buf_str(&out));
                write_file(directory, "audit.jsonl", buf_str(&audit));
        }
        expected_out = read_in(directory, "out.txt");
        expected_audit = read_in(directory, "audit.jsonl");
        ok = same(directory, "out.txt", expected_out, buf_str(&out)) &&
             same(directory, "audit.jsonl", expected_audit, buf_str(&audit));
        for (size_t i = 0; i < script->count; i++)
                longest = script->steps[i].kind == 'b' && script->steps[i].bytes.len > longest ? script->steps[i].bytes.len : longest;
        /* What cannot be written is refused per read, so how it is cut shows in the log of a case that fails to write it. */
        for (size_t i = 0; i < script->count; i++)
                longest = script->steps[i].kind == 'f' ? 0 : longest;
        for (size_t cut = 1; ok && longest && cut <= longest && cut < 6000; cut++) {
                buf_clear(&out, SIZE_MAX);
                buf_clear(&audit, SIZE_MAX);
                run(script, directory, policy, pins, secret, cut == longest ? SIZE_MAX : cut, &out, &audit);
                ok = same(directory, "out.txt (cut)", expected_out, buf_str(&out)) &&
                     same(directory, "audit.jsonl (cut)", expected_audit, buf_str(&audit));
        }
        buf_deinit(&out);
        buf_deinit(&audit);
        pin_set_unref(pins);
        mem_free(secret);
        mem_free((void *)(uintptr_t)expected_out.ptr);
        mem_free((void *)(uintptr_t)expected_audit.ptr);
        return ok;
}

int main(int argc, char **argv)
{
        bool update = argc > 1 && strcmp(argv[1], "--update") == 0;
        int failed = 0;

        printf("1..%d\n", argc - 1 - update);
        for (int i = 1 + update; i < argc; i++) {
                struct script *script = calloc(1, sizeof(*script));
                struct str policy = read_in(argv[i], "policy.yaml"), in = read_in(argv[i], "in.txt");
                bool ok;

                parse_script(script, in);
                ok = check(argv[i], script, policy, update);
                printf("%sok %d - %s\n", ok ? "" : "not ", i - update, argv[i]);
                failed += !ok;
                for (size_t n = 0; n < script->count; n++)
                        buf_deinit(&script->steps[n].bytes);
                free(script);
                mem_free((void *)(uintptr_t)policy.ptr);
                mem_free((void *)(uintptr_t)in.ptr);
        }
        return failed != 0;
}
