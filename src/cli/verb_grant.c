/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "clock.h"
#include "control_grants.h"
#include "grant_lines.h"
#include "limit.h"
#include "options.h"
#include "signing.h"
#include "timestamp.h"
#include "tty.h"
#include "verbs.h"

static const struct option_spec specs[] = {
        { "tool", true, false },
        { "when", true, true },
        { "for", true, false },
        { "until", true, false },
        { "because", true, false },
        { "session", true, false },
        { "sign", false, false },
        { "key", true, false },
        { "statement", false, false },
        { "signature", true, false },
        { "list", false, false },
        { "json", false, false },
        { "revoke", true, false },
        { NULL },
};

static const char usage[] =
        "Usage: leastwise grant --tool NAME [--when 'PATH: CONDITION']... --for TIME --because TEXT [--session ID]\n"
        "                       [--sign [--key FILE] | --statement | --signature FILE]\n"
        "       leastwise grant --list [--json]\n"
        "       leastwise grant --revoke ID [--because TEXT]\n\n"
        "Lets calls of one tool through for a while, in one running session, although your policies want them approved\n"
        "or have no rule for them. What a policy of the administrator does not allow, what any rule denies, and what\n"
        "pins, limits, the tool's schema or a stop refuse, stays refused. It is shown first, and asked about on your\n"
        "terminal; only y grants it. It ends with its time, its session, or when it is revoked.\n\n"
        "Options:\n"
        "  --tool NAME       which tool\n"
        "  --when TEXT       a condition on an argument, as under a policy's when: ; then no call with an argument that\n"
        "                    is not named passes. Without one, calls with any arguments do\n"
        "  --for TIME        how long: 90s, 15m, 8h; at most 24h\n"
        "  --until TIME      till when instead, as --statement prints it\n"
        "  --because TEXT    why, for the record and for all who watch\n"
        "  --session ID      in which session, when several run\n"
        "  --sign            where the policy names people who may approve: sign the grant, with ssh-keygen\n"
        "  --key FILE        by this key; else ~/.ssh/id_ed25519_sk or ~/.ssh/id_ed25519\n"
        "  --statement       print the text that is to be signed, and grant nothing\n"
        "  --signature FILE  send a signature of that text, made elsewhere with\n"
        "                    ssh-keygen -Y sign -n leastwise-grant -f KEY; - is standard input\n"
        "  --list            the grants in force; --json: as one JSON array\n"
        "  --revoke ID       end one\n\n"
        "Exit status: 0; 1 not granted, or there is no such grant or session; 2 bad usage; 70 no terminal, or a\n"
        "session does not answer.\n";

struct granting {
        struct grant_terms terms;
        const char *session, *key, *signature_file;
        bool sign, statement;
        struct control_target target;
        struct buf text, signed_text; /* the policy, and what is signed */
};

static int no_memory(void)
{
        fputs("leastwise: not enough memory\n", stderr);
        return EXIT_INTERNAL;
}

/* --- the options --- */

static bool read_span(const char *text, uint64_t *ret_ms)
{
        uint64_t value = 0;
        size_t n = 0;

        while (text[n] >= '0' && text[n] <= '9' && n < 6)
                value = value * 10 + (uint64_t)(text[n++] - '0');
        if (n == 0 || value == 0 || !text[n] || text[n + 1] || !strchr("smh", text[n]))
                return false;
        *ret_ms = value * 1000 * (text[n] == 's' ? 1 : text[n] == 'm' ? 60 : 3600);
        return *ret_ms <= LIMIT_GRANT_MS;
}

/* Exactly as timestamp_text() writes it. */
static bool read_time(const char *text, uint64_t *ret_ms)
{
        struct timestamp_cache cache = { .second = 0 };
        struct tm tm = { 0 };
        const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
        time_t seconds = rest ? timegm(&tm) : -1;
        unsigned ms = 0;

        if (seconds < 0 || rest[0] != '.')
                return false;
        for (unsigned i = 1; i <= 3; i++) {
                if (rest[i] < '0' || rest[i] > '9')
                        return false;
                ms = ms * 10 + (unsigned)(rest[i] - '0');
        }
        *ret_ms = (uint64_t)seconds * 1000 + ms;
        return str_eq(timestamp_text(&cache, *ret_ms), str_from(text));
}

static int read_end(const struct options *options, uint64_t *ret_ms)
{
        const char *span = options_get(options, "for", 0), *until = options_get(options, "until", 0);
        uint64_t ms;

        if ((span != NULL) + (until != NULL) != 1)
                return usage_error("grant", "say how long: --for 15m");
        if (until && !read_time(until, ret_ms))
                return usage_error("grant", "--until takes a time as in 2026-11-21T18:30:00.000Z, not \"%s\"", until);
        if (until)
                return 0;
        if (!read_span(span, &ms))
                return usage_error("grant", "--for takes a time as in 90s, 15m or 8h, at most 24h, not \"%s\"", span);
        *ret_ms = clock_now_ms() + ms;
        return 0;
}

static int read_terms(const struct options *options, struct granting *g)
{
        struct grant_terms *terms = &g->terms;
        const char *why;
        int r;

        if (!options_has(options, "because"))
                return usage_error("grant", "say why: --because TEXT");
        if (options_times(options, "when") > LIMIT_GRANT_CONDITIONS)
                return usage_error("grant", "at most %u conditions", LIMIT_GRANT_CONDITIONS);
        terms->tool = str_from(options_get(options, "tool", 0));
        terms->because = str_from(options_get(options, "because", 0));
        for (size_t i = 0; i < options_times(options, "when"); i++)
                terms->when[terms->when_count++] = str_from(options_get(options, "when", i));
        why = grant_terms_refusal(terms);
        if (why)
                return usage_error("grant", "%s", why);
        r = grant_text_write(&g->text, terms);
        if (r == -EMSGSIZE)
                return usage_error("grant", "the reason and the conditions are longer than a grant may be");
        return r < 0 ? no_memory() : read_end(options, &terms->expires_ms);
}

/* --- granting --- */

static int print_statement(const struct granting *g)
{
        struct timestamp_cache time = { .second = 0 };

        fwrite(g->signed_text.data, 1, g->signed_text.len, stdout);
        if (fflush(stdout) != 0)
                return EXIT_INTERNAL;
        fprintf(stderr, "leastwise: send its signature with the same --tool, --when and --because, and --session %s --until %.*s --signature FILE\n",
                g->target.id, STR_FMT(timestamp_text(&time, g->terms.expires_ms)));
        return EXIT_OK;
}

static int send_grant(const struct granting *g, struct str signature)
{
        struct timestamp_cache time = { .second = 0 };
        char id[CARD_ID_BYTES];
        const int status = control_grant_add(&g->target, &g->terms, signature, id);

        if (status)
                return status;
        printf("granted until %.*s; to end it: leastwise grant --revoke %s\n", STR_FMT(timestamp_text(&time, g->terms.expires_ms)), id);
        return fflush(stdout) == 0 ? EXIT_OK : EXIT_INTERNAL;
}

static int show(int tty, const struct granting *g)
{
        AUTO_BUF struct buf lines = BUF_INIT(1U << 20);
        struct timestamp_cache time = { .second = 0 };
        const struct grant grant = {
                .session = str_from(g->target.id),
                .server = buf_str(&g->target.server),
                .tool = g->terms.tool,
                .because = g->terms.because,
                .text = buf_str(&g->text),
        };

        buf_append_str(&lines, STR("GRANT? Calls of this tool pass without being asked about, until "));
        buf_append_str(&lines, timestamp_text(&time, g->terms.expires_ms));
        buf_append_char(&lines, '\n');
        if (grant_lines_write(&lines, &grant, tty_width(tty), tty_letters(), clock_now_ms()) < 0)
                return -ENOMEM;
        return tty_write(tty, buf_str(&lines));
}

static int ask(int tty, const struct granting *g)
{
        AUTO_BUF struct buf signature = BUF_INIT(LIMIT_SSHSIG_BYTES);
        int status = 0;

        if (show(tty, g) < 0) {
                fputs("leastwise: the grant cannot be shown; nothing is granted\n", stderr);
                return EXIT_INTERNAL;
        }
        if (tty_ask(tty, STR("\nGrant it? [y/N] ")) != 'y') {
                puts("not granted");
                return EXIT_FINDINGS;
        }
        if (g->sign)
                status = signing_make(&signature, buf_str(&g->signed_text), GRANT_NAMESPACE, g->key, "not granted");
        return status ? status : send_grant(g, buf_str(&signature));
}

static int ask_on_terminal(const struct granting *g)
{
        AUTO_CLOSE int tty = tty_open();

        if (tty >= 0)
                return ask(tty, g);
        fprintf(stderr, "leastwise: granting needs a terminal, where a person is: %s\n", strerror(-tty));
        tty = -1;
        return EXIT_INTERNAL;
}

static int send_signature(const struct granting *g)
{
        AUTO_BUF struct buf signature = BUF_INIT(LIMIT_SSHSIG_BYTES);
        const int status = signing_read(&signature, g->signature_file);

        return status ? status : send_grant(g, buf_str(&signature));
}

static int grant_in(struct granting *g, const struct control_sessions *sessions)
{
        const int status = control_target_find(&g->target, sessions, g->session);

        if (status)
                return status;
        if (grant_statement_write(&g->signed_text, str_from(g->target.id), buf_str(&g->target.server), g->terms.expires_ms,
                    buf_str(&g->text)) < 0)
                return no_memory();
        if (g->statement)
                return print_statement(g);
        return g->signature_file ? send_signature(g) : ask_on_terminal(g);
}

static int grant(const struct options *options)
{
        CLEANUP(control_sessions_deinit) struct control_sessions sessions = { .dirs = { -1, -1, -1 } };
        struct granting g = {
                .session = options_get(options, "session", 0),
                .key = options_get(options, "key", 0),
                .signature_file = options_get(options, "signature", 0),
                .sign = options_has(options, "sign"),
                .statement = options_has(options, "statement"),
                .text = BUF_INIT(64U * LIMIT_GRANT_BYTES),
                .signed_text = BUF_INIT(LIMIT_STATEMENT_BYTES),
        };
        int status;

        if (g.sign + g.statement + (g.signature_file != NULL) > 1)
                return usage_error("grant", "--sign, --statement and --signature are three ways: choose one");
        if (g.key && !g.sign)
                return usage_error("grant", "--key says what --sign signs by");
        if (g.signature_file && !options_has(options, "until"))
                return usage_error("grant", "what was signed has an end: give it with --until, as --statement printed it");
        status = read_terms(options, &g);
        if (status == 0)
                status = control_sessions_find(&sessions) < 0 ? no_memory() : grant_in(&g, &sessions);
        control_target_deinit(&g.target);
        buf_deinit(&g.text);
        buf_deinit(&g.signed_text);
        return status;
}

/* --- listing --- */

struct list {
        bool json;
        unsigned count;
        struct buf out;
};

static int add(void *userdata, const struct control_session *session, const struct grant *grant)
{
        struct list *l = userdata;

        (void)session;
        if (l->json)
                buf_append_char(&l->out, l->count ? ',' : '[');
        else if (l->count)
                buf_append_char(&l->out, '\n');
        l->count++;
        return l->json ? grant_write_json(grant, &l->out) :
                         grant_lines_write(&l->out, grant, tty_width(STDOUT_FILENO), tty_letters(), clock_now_ms());
}

static int list_all(bool json)
{
        CLEANUP(control_sessions_deinit) struct control_sessions sessions;
        struct list list = { .json = json, .out = BUF_INIT(16U << 20) };
        unsigned silent = 0;
        int r = control_sessions_find(&sessions);

        if (r == 0)
                r = control_grants_each(&sessions, add, &list, &silent);
        if (json)
                buf_append_str(&list.out, list.count ? STR("]\n") : STR("[]\n"));
        else if (list.count == 0)
                buf_append_str(&list.out, STR("Nothing is granted.\n"));
        if (r == 0 && !list.out.failed)
                fwrite(list.out.data, 1, list.out.len, stdout);
        r = list.out.failed ? -ENOMEM : r;
        buf_deinit(&list.out);
        if (r < 0)
                return no_memory();
        return fflush(stdout) == 0 && !ferror(stdout) && silent == 0 ? EXIT_OK : EXIT_INTERNAL;
}

/* --- revoking --- */

struct search {
        char id[CARD_ID_BYTES];
        struct control_session session;
};

static int look(void *userdata, const struct control_session *session, const struct grant *grant)
{
        struct search *s = userdata;

        if (strcmp(s->id, grant->id) != 0)
                return 0;
        s->session = *session;
        return 1;
}

static int take_back(const char *id, struct str because)
{
        CLEANUP(control_sessions_deinit) struct control_sessions sessions = { .dirs = { -1, -1, -1 } };
        struct search search = { .id = "" };
        unsigned silent = 0;
        int r, status;

        if (strlen(id) == CARD_ID_BYTES - 1) {
                for (size_t i = 0; i < CARD_ID_BYTES; i++)
                        search.id[i] = (char)toupper((unsigned char)id[i]);
        }
        if (!card_id_is_valid(str_from(search.id)))
                return usage_error("grant", "\"%s\" is no id of a grant: leastwise grant --list has them", id);
        if (because.len > LIMIT_ANSWER_BECAUSE_BYTES)
                return usage_error("grant", "--because takes at most %u bytes", LIMIT_ANSWER_BECAUSE_BYTES);
        if (control_sessions_find(&sessions) < 0)
                return no_memory();
        r = control_grants_each(&sessions, look, &search, &silent);
        if (r < 0)
                return no_memory();
        if (r == 0) {
                fprintf(stderr, "leastwise: there is no grant %s: it has expired or been revoked, or its session has ended\n", search.id);
                return silent ? EXIT_INTERNAL : EXIT_FINDINGS;
        }
        status = control_grant_revoke(&search.session, search.id, because);
        if (status == 0)
                puts("revoked");
        return status ? status : fflush(stdout) == 0 ? EXIT_OK : EXIT_INTERNAL;
}

static int run(int argc, char **argv)
{
        AUTO_BUF struct buf message = BUF_INIT(4096);
        struct options options;
        unsigned wishes;

        if (options_parse(&options, specs, OPTIONS_ANYWHERE, argc, argv, &message) < 0)
                return usage_error("grant", "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(&verb_grant);
        if (options.operand_count)
                return usage_error("grant", "\"%s\" is nothing that it takes: --tool, --list or --revoke", options.operands[0]);
        wishes = (unsigned)options_has(&options, "tool") + (unsigned)options_has(&options, "list") + (unsigned)options_has(&options, "revoke");
        if (wishes != 1)
                return usage_error("grant", "say what: --tool, --list or --revoke");
        if (options_has(&options, "list"))
                return list_all(options_has(&options, "json"));
        if (options_has(&options, "revoke"))
                return take_back(options_get(&options, "revoke", 0), str_from(options_get(&options, "because", 0)));
        return grant(&options);
}

const struct verb verb_grant = {
        .name = "grant",
        .summary = "let calls of a tool through for a while",
        .usage = usage,
        .run = run,
};
