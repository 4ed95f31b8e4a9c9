/* SPDX-License-Identifier: Apache-2.0
 *
 * The session's parts, for the files of this folder only.
 *
 * A message's way: session.c cuts and reads the line; decide*.c makes a ruling on it and changes nothing but the ruling and
 * the edits; carry_out.c carries the ruling out; gate.c writes. Deciding and acting are apart so that every treatment can be
 * seen in one place (carry_out.c).
 */
#pragma once

#include "approvals.h"
#include "calls.h"
#include "definitions.h"
#include "edit.h"
#include "grants.h"
#include "line.h"
#include "message.h"
#include "output.h"
#include "pending.h"
#include "policy_results.h"
#include "pinning.h"
#include "schema.h"
#include "session.h"
#include "tasks.h"
#include "upstreams.h"

struct json_writer;

/* The codes of JSON-RPC errors. */
enum {
        PARSE_ERROR = -32700, /* these five: JSON-RPC 2.0, section 5.1 */
        INVALID_REQUEST = -32600,
        METHOD_NOT_FOUND = -32601,
        INVALID_PARAMS = -32602,
        INTERNAL_ERROR = -32603,
        UNSUPPORTED_PROTOCOL_VERSION = -32022, /* 2026-07-28, basic/versioning */
        URL_ELICITATION_REQUIRED = -32042,     /* 2025-11-25, client/elicitation */
};

/* What becomes of a message. Zeroed memory refuses. */
enum action {
        ACTION_REFUSE = 0, /* an error to its sender (or, for an answer, to the one who waits for it) */
        ACTION_DROP,       /* nobody is told but the record */
        ACTION_ANSWER,     /* the proxy answers in the receiver's place, with `result` */
        ACTION_NARROW,     /* its arguments are made narrower (narrow.c), and it is decided about anew */
        ACTION_HOLD,   /* it waits for a person (held.c) */
        ACTION_ELICITED, /* it answers a request of ours (elicit.c) */
        ACTION_FORWARD,
};

/* How a refused request is answered. */
enum answer_form {
        ANSWER_ERROR = 0,
        ANSWER_TOOL_RESULT,  /* a result with isError, which clients show to the model */
        ANSWER_UNKNOWN_TOOL, /* as the server itself answers for a tool that it does not have */
};

struct ruling {
        enum action action;
        enum answer_form form;
        int code;            /* of the JSON-RPC error */
        const char *reason;  /* stable code for the record */
        struct str detail;   /* for a person; borrowed from session.text or static */
        struct str answer;   /* for the client, where that one must not read the detail */
        struct str data;     /* canonical JSON for error.data; may be empty */
        struct str result;   /* ACTION_ANSWER: canonical JSON */
        const char *subject; /* "tool", ... : what was decided about; NULL when nobody decided */
        struct str name;
        struct policy_decision decision; /* when subject is set */
        struct str tool;     /* of a request: whose result will answer it; empty: of none */
        uint32_t arguments;  /* token of the arguments; 0 = none */
        struct str schema;   /* why the arguments were not held against the tool's schema; empty: they fit it, or nobody looked */
        bool by_policy;      /* refused in policy's words, which detail_of() writes when somebody is to read them */
        bool modern, task;   /* of a request */
        enum side to;        /* where it goes if it is forwarded */
        bool quiet;          /* an everyday message: not worth a record */
        struct policy_filtering filtered; /* what was taken out of what a server says */
        struct policy_marks brought; /* of the resources that are in what a server says */
        bool brings; /* there may be some */
        bool narrowed;       /* it is about what session.narrowed has made of the message */
        struct pending_request *answered; /* the request that an answer belongs to, which */
        enum side asker;                  /* has made */
        struct call *call;   /* what a call to be sent has taken of the limits; owned until it is sent */
        bool by_limit;       /* refused by a limit, or because it could not be counted */
        const struct policy_limit *limit; /* which */
        struct asked asked;  /* what an approval is about */
        struct pending_request *dropped; /* a call that is held, and that its caller does not want any more */
        const struct stop *stop;         /* refused because a person has stopped it */
        struct grant_slot *grant;        /* by which policy allows it */
        uint64_t relayed;                /* a request of a lane's server: as which of ours it goes to the client */
};

/* A forwarded message whose record is not written yet. If that fails it is taken back: whom to tell then, and how. */
struct unrecorded {
        enum side tell;       /* who gets the error */
        size_t id_at, id_len; /* its id's text in flow.unrecorded_ids */
        uint32_t slot;        /* of the request in pending[tell]; UINT32_MAX: none to remove */
        bool tool_call, modern;
};

struct flow {
        struct line_reader reader;
        struct output out[SIDE_MAX_]; /* of the last event of this side, by receiver */
        struct unrecorded *unrecorded;
        size_t unrecorded_count, unrecorded_cap;
        struct buf unrecorded_ids;
        bool ended;
};

/* The words around the tool's name in which servers say that they do not have it. */
struct unknown_form {
        struct str before, after;
};

/* How this server words things, so that what the proxy says in its place sounds the same. */
struct voice {
        bool known;        /* the first result has been seen */
        bool result_first; /* {"result":...,"jsonrpc":...,"id":...} instead of {"jsonrpc":...,"id":...,"result":...} */
        bool draft_2020;   /* its tools' schemas name JSON Schema 2020-12, as the TypeScript SDK's 2.x line does */
        const struct unknown_form *form; /* heard from the server itself; NULL: not yet */
        bool as_result;    /* a result with isError, not an error */
        int code;          /* of the error */
        struct buf server_info; /* canonical JSON that a modern server puts into the `_meta` of each result; empty: none seen */
};

/* What became of the message at hand when policy narrowed it. */
struct narrowed {
        bool done;
        struct str arguments; /* as they came, in canonical form; empty: there were none */
        struct buf came;      /* their memory, when the line was not canonical */
        struct buf result;    /* the narrowed arguments */
        struct buf line;      /* the message with them, which session.doc then reads */
};

/* Tools, resources, prompts. */
#define ANNOUNCED_KINDS 3U

/* What is known of how the client can be told that its lists have changed. */
struct announcing {
        bool reloads;        /* the owner may put another policy in force */
        bool ready;          /* a legacy client has finished the handshake */
        bool due;            /* it has, and nobody has been told */
        unsigned advertised; /* a bit for each kind: the client was told in the handshake that such notices come */
        unsigned fresh;      /* the same of the handshake at hand */
};

struct rate {
        uint64_t last_ms, tokens, dropped;
};

struct session {
        struct policy_set *policy;
        struct audit_log *audit;
        const struct redactor *redactor;
        const struct policy_host *host;
        struct policy_scratch *conditions; /* their working memory */
        size_t line_limit;

        struct json_doc doc;      /* of the message at hand */
        struct json_doc checked;  /* of a redacted line: it must still be one message; of a narrowed one: as it came */
        struct buf scratch;       /* unescaped strings of the message at hand; never grows, so they stay where they are */
        struct buf text;          /* details and names for people */
        struct buf line;          /* a line written anew */
        struct buf redacted;
        struct edits edits;
        struct narrowed narrowed;
        struct buf hint;          /* what policy says of a tool's limits */
        struct buf plain;         /* a string that is being changed, unescaped */

        struct flow flows[SIDE_MAX_];
        struct pending_table pending[SIDE_MAX_]; /* requests made by that side */
        struct task_table tasks[SIDE_MAX_];      /* tasks hosted by that side */
        struct limits *limits;
        struct call_list calls;   /* those with a deadline, the next first */
        struct policy_marks marks; /* of all answers that have reached the client */
        struct policy_marks heard; /* and of calls during which the server has said something else: flow goes by these */
        struct policy_lost_marks lost; /* met under policies that were in force before */
        struct definitions definitions;       /* of the server's tools */
        struct definitions outputs;           /* the same tools' outputSchema, of those that have one */
        struct schema_scratch *schema_scratch;
        uint64_t output_steps, output_steps_ms; /* what checking against `outputs` took lately, as of when */
        struct json_doc no_arguments;         /* {} */
        struct voice voice;
        struct pinning pinning;
        struct announcing announcing;
        struct approvals approvals;
        struct grants grants;
        struct upstream upstreams[SIDE_MAX_]; /* the client's is unused */
        unsigned lanes_on; /* lanes that are not off */
        size_t waiting_count, waiting_bytes, waiting_over;
        struct greeting greeting;
        struct subscriptions subscriptions;
        uint64_t own_requests; /* made so far to servers: they are numbered */
        uint64_t asked_client; /* the same of those to the client */
        struct rate rate[SIDE_MAX_];
        const struct stop_list *stops; /* NULL: nothing is stopped */
        struct session_stats stats;

        struct buf notices; /* NUL-separated lines */
        size_t notices_taken;
        uint64_t notices_dropped, last_notice;
        struct buf notice;

        bool starved;      /* an answer of our own could not be made: the session is over */
        bool due;          /* a record must be written before the output leaves */
        bool filters_results, strips; /* a policy has `results:`; with `strip:` */
        bool gives_hints;  /* some tools have limits that their descriptions are to tell */
        bool open_tools, open_resources, open_prompts, open_protocol;
        uint64_t permits;  /* issued so far; the last one is live until it is redeemed */
        bool permit_live;
        uint64_t now_ms, mono_ms;
};

#define SCRATCH_BYTES (64U << 10)
#define SESSION_NOTICE_BYTES 16384U
/* Memory kept for lines written anew. */
#define LINE_KEEP (1U << 20)

static inline enum side other_side(enum side side)
{
        return side == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
}

/* Is it the main server, or that of a lane? */
static inline bool is_server(enum side side)
{
        return side != SIDE_CLIENT;
}

static inline enum rpc_from from_of(enum side side)
{
        return side == SIDE_CLIENT ? RPC_FROM_CLIENT : RPC_FROM_SERVER;
}

/* --- decide.c --- */

/* Proof that a message was ruled on and recorded. Made by permit_issue() in decide.c only, good for one write. */
struct permit {
        uint64_t number;
        enum side to;
        bool gated; /* its effect waits for its record */
};

/* Rules on a well-formed message. Never fails: what it cannot settle is refused. */
void decide(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r);

/* Records the ruling and, if the record could be made, gives the permit to carry it out. @seq: of the record, 0 if
 * none was due. */
bool permit_for_message(struct session *s, enum side from, const struct rpc_message *m, const struct ruling *r, size_t bytes,
        struct permit *ret, uint64_t *ret_seq);
/* For a line of the proxy's own: an error, a denial. Grants nothing to anybody. */
struct permit permit_for_answer(struct session *s, enum side to);
/* For a call that was ruled on and recorded before and has waited since: it may go where it was to go then, and nowhere else. */
struct permit permit_for_waiting(struct session *s, const struct pending_request *request);
/* True once for each permit. */
bool permit_redeem(struct session *s, const struct permit *p);

/* Asks policy and keeps its decision in the ruling; true when it allows. */
bool judge(struct session *s, struct ruling *r, enum policy_subject subject, const char *label, struct str name);
/* The request that this answer from @from would be for: one that was sent there; *ret_asker made it. NULL: there is none, and *ret_asker is
 * not touched. */
struct pending_request *awaited_from(const struct session *s, enum side from, const struct rpc_message *m, enum side *ret_asker);
/* Turns the ruling into a refusal. @format may be NULL: the decision's own words. */
void refuse(struct session *s, struct ruling *r, int code, const char *reason, const char *format, ...)
        __attribute__((format(printf, 5, 6)));
/* A refusal in policy's words: what, by which rule, why, and whether asking again helps. */
void refuse_by_policy(struct session *s, struct ruling *r, int code);

/* A string member's unescaped value, in scratch; false when it is missing or not a string. */
bool string_member(struct session *s, uint32_t object, struct str name, struct str *ret);
/* An optional member of that type (0: there is none); false when it is there and of another. */
bool optional_member(struct session *s, uint32_t object, struct str name, enum json_type type, uint32_t *ret);
/* Is there such a token (0 is none), and is it of that type? */
bool has_type(struct session *s, uint32_t token, enum json_type type);

/* --- denial.c --- */
/* The refusal's text, in session.text: for standard error and the record; for the client. */
struct str detail_of(struct session *s, struct ruling *r);
struct str answer_of(struct session *s, struct ruling *r);

/* --- session.c --- */
/* A last line that was cut off. */
void refuse_unfinished(struct session *s, enum side side);
/* A new process is at the other end. */
void flow_restart(struct flow *f);

/* --- decide_call.c: requests and notifications --- */
void decide_call(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r);
/* The request in flight that a cancellation names, and whose it is; NULL: there is none. */
struct pending_request *find_cancelled(struct session *s, enum side from, const struct rpc_message *m, enum side *ret_asker);

/* --- narrow.c: calls are made narrower before they go on --- */
void narrowed_init(struct narrowed *n, size_t line_limit);
void narrowed_deinit(struct narrowed *n);
/* After policy has decided: what is to be narrowed becomes ACTION_NARROW, what cannot be is denied. */
void judge_narrowing(struct session *s, struct ruling *r, const struct policy_request *request);
/* Carries ACTION_NARROW out: the narrowed message takes the place of the one that came, and is ruled on. */
void decide_narrowed(struct session *s, enum side from, struct rpc_message *m, struct ruling *r);

/* --- decide_task.c, decide_listen.c: what names tasks, and what names many things at once --- */
void decide_task(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r);
/* May the other side ask @host about this task? */
bool task_is_known(struct session *s, enum side host, struct str id);
void decide_listen(struct session *s, const struct rpc_message *m, struct ruling *r);

/* --- decide_input.c: what a server asks of the client --- */
void decide_asked(struct session *s, const struct rpc_message *m, struct ruling *r);
/* Requests for input inside a result or notification (modern): true when policy allows every one. */
bool decide_input_requests(struct session *s, struct ruling *r, uint32_t requests);
/* The client's answers inside a call made again. Edits roots; true when there are none, or policy allows every one. */
bool decide_retry(struct session *s, struct ruling *r, uint32_t params);

/* --- arguments.c: against the tool's schema --- */
/* Takes in what a list that has passed says. */
void learn_definitions(struct session *s, const struct pending_request *request, uint32_t result);
/* False when the arguments surely do not fit: the ruling is then a refusal. */
bool arguments_fit(struct session *s, struct ruling *r, struct str tool);

/* --- decide_answer.c: results and errors --- */
void decide_answer(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r);

/* --- brought.c --- */
/* Of a server's message that passes: the marks of the resources that it holds or names. */
void note_brought(struct session *s, const struct rpc_message *m, struct ruling *r);

/* --- calls.c: limits and flow --- */

/* The last step about a call that is allowed: takes it from the limits (r->call), or makes the ruling a refusal. */
void decide_limits(struct session *s, const struct rpc_message *m, struct ruling *r);
/* Is the answer too large? */
void decide_answer_limits(struct session *s, const struct rpc_message *m, struct ruling *r);
/* The call has become a request that waits; NULL is fine. */
void call_sent(struct session *s, struct pending_request *request, struct call *call);
/* It was not sent after all. *call is NULL then. */
void call_give_back(struct session *s, struct call **call);
void call_of_request_give_back(struct session *s, struct pending_request *request);
/* Nobody waits for it any more. */
void call_cancelled(struct session *s, struct pending_request *request);
/* Its answer has passed. */
void call_answered(struct session *s, const struct rpc_message *m, struct pending_request *request);
/* Which marks the session gets by this answer, for its record. */
void call_describe(struct session *s, const struct ruling *r, struct audit_event *e);
/* Which limit it was, for the record; NULL is fine. */
void limit_describe(const struct policy_limit *limit, struct audit_event *e);
/* As pending_table.release: it stays counted, and its marks are met. */
void call_forgotten(void *session, void *call);
/* Another policy from now on; what has been met stays so. s->policy is still the old one. */
void calls_move_marks(struct session *s, const struct policy_set *set);

/* The server has said something that is no answer: it may be of any answer that it is working on. */
void calls_heard(struct session *s);
/* What the server has said holds resources. */
void calls_brought(struct session *s, const struct ruling *r);

/* --- approval.c: does the call need a person, and has one said yes? --- */
int approvals_init(struct session *s, const struct session_config *config);
void approvals_deinit(struct session *s);
/* Other policies are in force; s->policy is the new one. */
void approvals_set_policy(struct session *s);
/* The last step but one about a call that a rule wants asked about: the ruling names the grant that it uses up, or becomes a refusal, or
 * ACTION_HOLD. */
void decide_approval(struct session *s, const struct rpc_message *m, struct ruling *r);
/* The ruling becomes a refusal, in the form that the call's answer has. */
void refuse_asked(struct session *s, struct ruling *r, const char *reason, const char *text);
/* The card of the ruling's call: the one that there is, or a new one; else the ruling is a refusal. *ret_new: it has been opened. */
struct card_slot *approval_card(struct session *s, const struct rpc_message *m, struct ruling *r, bool *ret_new);
/* What every record about a card says: its call, its rule and its id. Borrowed from the card. */
struct audit_event approval_event(
        const struct session *s, const struct card_slot *slot, enum audit_from from, struct str method, const char *reason);
/* Records what has become of a card. False when that cannot be recorded. */
bool approval_record(struct session *s, const struct card_slot *slot, const char *reason, const struct card_answer *answer);
/* Nobody can answer these cards any more: what they ask is no longer so. The calls that wait are over, and settled by held_settle(). */
void approvals_withdraw(struct session *s, struct card_slot *slot, enum held_over why);
void approvals_withdraw_all(struct session *s, enum held_over why);
/* The card at or behind place *@at that can be answered or is a grant, with *@at behind it; NULL: there is none. */
struct card_slot *approvals_next(struct session *s, size_t *at);
/* The server has listed its tools. */
void approvals_learn(struct session *s);
/* What the client calls itself, in an initialize or in the _meta of a modern call. */
void approvals_hear_client(struct session *s, uint32_t info);
/* Records have been written, or could not be. */
void approvals_commit(struct session *s, enum side side, bool written);

/* Has a person said no to exactly the call, in this session? Also true when that cannot be told. */
bool approval_is_denied(struct session *s, const struct rpc_message *m, struct ruling *r);

/* --- grants.c: what a person lets through beyond the policies --- */
void grants_deinit(struct session *s);
void grants_tick(struct session *s);
uint64_t grants_deadline(const struct session *s);
/* After policy has decided about a call of a tool: what is not allowed may be granted. */
void judge_grants(struct session *s, struct ruling *r, const struct policy_request *request);
/* For lists. */
bool grants_could_allow(const struct session *s, struct str tool);
/* What else there is to a call that is granted; one that a person has denied becomes a refusal. */
void decide_granted(struct session *s, const struct rpc_message *m, struct ruling *r);
/* By which grant, for the record. */
void grant_describe(const struct ruling *r, struct audit_event *e);

/* --- approved_meta.c --- */
/* Takes out of the message's `_meta` what nobody has been shown. */
void approved_meta(struct session *s, const struct rpc_message *m);

/* --- held.c: calls that wait for a person --- */
void hold(struct session *s, const struct rpc_message *m, struct ruling *r, struct str line);
/* It does not wait any more, and is settled by held_settle(). One that is over already stays so for its first reason. */
void held_end(struct session *s, enum held_over why, struct held *h);
/* Ends every call that waits on the card. */
void held_over_all(struct session *s, const struct card_slot *slot, enum held_over why);
/* The card is a grant: the calls that wait on it are decided about anew, and the first that may runs. */
void held_release(struct session *s, struct card_slot *slot);
/* Time has passed. */
void held_tick(struct session *s, enum side side);
uint64_t held_deadline(const struct session *s);
/* As call_forgotten(). */
void held_free(struct session *s, struct held *h);
static inline struct pending_request *held_request(struct session *s, const struct held *h)
{
        return &s->pending[SIDE_CLIENT].slots[h->slot];
}

/* --- held_answer.c --- */
/* Answers those that are over, in an event of @side. */
void held_settle(struct session *s, enum side side);
/* The caller does not want it any more: nobody is told. */
void held_cancel(struct session *s, struct pending_request *request);
/* The client has gone: there is nobody to answer. */
void held_drop_all(struct session *s);

/* --- elicit.c: a person's answer that the client carries --- */
/* The initialize request of a legacy client. */
void elicit_hear_client(struct session *s, uint32_t capabilities);
/* The call has been held: how it can be answered through its client, and what came with it. It may be over then. */
void elicit_held(struct session *s, const struct rpc_message *m, const struct ruling *r, struct card_slot *slot, struct held *h, bool is_new);
/* Brings the client up to date, in an event of @side: a form that is not wanted any more is taken back, and the next one that is, shown.
 * True when something has been said. */
bool elicit_settle(struct session *s, enum side side);
/* Records have been written, or could not be. */
void elicit_commit(struct session *s, enum side side, bool written);
/* Is this the form that is open? */
bool elicit_is_open(const struct session *s, uint64_t number);
/* Carries ACTION_ELICITED out. */
void elicit_take(struct session *s, const struct rpc_message *m);

/* --- elicit_form.c: forms and what stands in them --- */
/* The key of our own input request, and so of its response. */
#define ELICIT_KEY "leastwise-approval"
/* The params of the request for a form about the card. */
void elicit_write_params(struct session *s, struct json_writer *w, const struct card_slot *slot, bool modern);
/* What a form's result says, of the card with that code. */
enum elicited elicit_read(struct session *s, uint32_t result, const char *code);
/* Do these input responses hold one of ours, or nothing? */
bool elicit_responses_are_own(const struct session *s, uint32_t responses);
/* Does the client declare that it shows forms? */
bool elicit_can_show(const struct session *s, uint32_t capabilities);

/* --- answer_card.c --- */
/* An answer to a card (session.h): 0, or negative with *ret_why and nothing changed. */
int answer_card(struct session *s, struct card_slot *slot, const struct card_answer *answer, const char **ret_why);

/* --- request_state.c: rounds in which a modern client calls again --- */
/* Is this requestState one of ours? */
bool request_state_is_own(struct session *s, uint32_t state);
/* A new one in session.text, for the @round-th call of that digest; empty: it cannot be made. */
struct str request_state_issue(struct session *s, const uint8_t digest[CARD_DIGEST_BYTES], uint8_t round);
/* True when it is the live one of this digest; *ret_round: which; *ret_place: for request_state_use(). */
bool request_state_check(struct session *s, uint32_t state, const uint8_t digest[CARD_DIGEST_BYTES], uint8_t *ret_round, uint32_t *ret_place);
void request_state_use(struct session *s, uint32_t place);

/* --- interaction.c --- */
/* Marks a listed tool for clients that then ask their user themselves. */
void mark_interaction(struct session *s, uint32_t tool);
void mark_interactions(struct session *s, uint32_t result);

/* --- stopped.c --- */

/* What would pass is refused when a person has stopped it. There is something that is stopped. */
void decide_stops(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r);
/* Which stop it was, for the record. */
void stop_describe(const struct ruling *r, struct audit_event *e);

/* --- look_alike.c --- */

struct names {
        const struct str *names;
        size_t count;
};
#define NAMES(array) { array, sizeof(array) / sizeof((array)[0]) }

/* Has the object a member that some reader would take for one of those, without being it? */
bool has_look_alike(struct session *s, uint32_t object, const struct names *of);

/* --- relayed.c: what the server of a lane asks of the client --- */

/* A request of one that has been greeted and that the client may be asked: policy decides about it. */
void decide_relayed(struct session *s, const struct rpc_message *m, struct ruling *r);
/* The cancellation of one. */
void decide_relayed_cancelled(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r);
/* The one that the client knows as our request of that number. */
struct pending_request *relayed_find(const struct session *s, uint64_t number, enum side *ret_asker);
/* The client's answer to one goes on under the id that its asker gave it. */
void relayed_answer(struct session *s, const struct pending_request *request);
/* In an event of the lane: its process has ended, and with it what it has asked. */
void relayed_drop(struct session *s, enum side side);
/* The client's roots have changed: lanes that run are told. */
void relayed_roots_changed(struct session *s);

/* --- lists.c: what policy hides is left out --- */

/* Leaves out every member of the object but those. */
void keep_members(struct session *s, uint32_t object, const struct names *known);
/* Edits a list result; false when it is not one. */
bool filter_list(struct session *s, enum rpc_result_handling kind, uint32_t result);
/* Leaves out the roots that policy does not give to the server; false when the result is not a list of roots. */
bool filter_roots(struct session *s, uint32_t result);

/* --- pinned.c: tools are as they were pinned, or hidden and denied --- */

/* An item of a list of tools; pinning_begin_list() was called before the first. */
bool pinned_shows(struct session *s, uint32_t item, struct str name);
/* A call that policy allows: false with the ruling refused when the tool is not as it was pinned. */
bool pinned_permits(struct session *s, struct ruling *r, struct str name);
/* A list of tools has gone to the client: what it held counts from here on, and what was left out is told. */
void pinned_list_passed(struct session *s);

/* --- results.c --- */
/* Edits what a server says that is to be forwarded: an answer; a notification or request. */
void filter_answer(struct session *s, const struct rpc_message *m, struct ruling *r);
void filter_call(struct session *s, const struct rpc_message *m, struct ruling *r);

/* --- structured.c --- */
/* Structured content of which something is taken must fit the schema that its tool was listed with, or is left out: of an answer that is to
 * be forwarded; of a notification. After the edits of results.c. */
void structured_of_answer(struct session *s, const struct rpc_message *m, struct ruling *r);
void structured_of_call(struct session *s, const struct rpc_message *m, struct ruling *r);

/* --- descriptions.c --- */
/* Adds what policy says of the limits to the description of a tool in a list. */
void tell_limits(struct session *s, uint32_t tool);

/* --- announce.c: another policy has come into force --- */

/* The server's capabilities on their way to the client. */
void announce_advertise(struct session *s, uint32_t capabilities, bool modern);
/* Edits the acknowledgement of a stream: what the client wants and the server does not offer, we do. */
void announce_acknowledgement(struct session *s, enum side from, const struct rpc_message *m);
/* A call or notification has passed. @request: NULL for notifications. */
void announce_hear(struct session *s, enum side from, const struct rpc_message *m, struct pending_request *request);
/* Another server has taken the main one's place: its lists may be others. In an event of its side. */
void announce_replaced(struct session *s);
/* The answer to @request has passed. */
void announce_learn(struct session *s, const struct pending_request *request);

/* --- capabilities.c: what peers say they can do is cut to what policy allows --- */
void restrict_client_capabilities(struct session *s, uint32_t capabilities);
/* False when they are not an object. 0: there are none. */
bool restrict_server_capabilities(struct session *s, uint32_t capabilities);
/* An initialize result or a discover result; false when nothing the proxy knows is left. */
bool restrict_initialize_result(struct session *s, uint32_t result);
bool restrict_discover_result(struct session *s, uint32_t result);

/* --- answer.c: lines of the proxy's own, written to session.line without their LF --- */
void answer_error(struct session *s, struct str id_text, int code, struct str message, struct str data);
void answer_tool_result(struct session *s, struct str id_text, struct str text, bool modern);
void answer_result(struct session *s, struct str id_text, struct str result);
/* Modern: call again with this state, and with what is filled into a form about @form (NULL: into none). */
void answer_input_required(struct session *s, struct str id_text, struct str state, const struct card_slot *form);
/* @task: the caller asked for a task and can read only an error. */
void answer_unknown_tool(struct session *s, struct str id_text, struct str tool, bool modern, bool task);
/* Its members up to the method; the caller adds `params`, if there are any, and ends the object. */
void begin_notification(struct session *s, struct json_writer *w, struct str method);
/* A whole one: the request of that id is not wanted any more. */
void write_cancelled(struct session *s, struct str id_text, struct str reason);
/* Takes in how the server writes its answers, and how it says that it does not have a tool. */
void voice_hear(struct session *s, const struct rpc_message *m, const struct pending_request *request);

/* --- gate.c --- */

/* The one function that writes to a peer. The line (with its LF) is either the received bytes, which lie in the event's
 * input, or a text that is copied. 0; -EPERM without a live permit; -EBADMSG when taking a secret out broke the message;
 * -EMSGSIZE; -ENOMEM. On error nothing was written. */
int gate_forward(struct session *s, enum side from, const struct permit *p, struct str line, bool received);

/* --- carry_out.c --- */
void carry_out(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r, struct str line);
/* Records and answers a refusal; what has nobody to be answered becomes a drop. */
void refuse_message(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r, size_t bytes);
/* Sends what an answer_*() left in s->line. One that cannot be sent leaves a peer waiting for ever: the session is over. */
void send_own(struct session *s, enum side from, enum side to);
/* Tells the one who waits that his request has come to nothing. */
void send_failure(struct session *s, enum side from, enum side to, struct str id_text, bool tool_call, bool modern, int code,
        struct str text);
/* The id's JSON text, in session.text. */
struct str id_text_of(struct session *s, const struct rpc_id *id);
/* The id of a request of our own. */
struct str own_id_text(struct session *s, uint64_t number);
/* The same of a message's id, where it can be as it stands in the line. */
struct str message_id_text(struct session *s, const struct rpc_message *m);
/* Makes room in the table of those who wait; NULL, with the ruling a refusal, when there is none. */
struct pending_request *expect_answer(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r);
/* Is it answered by a tool's result? */
bool is_tool_call(const struct pending_request *request);
/* What the event has forwarded is taken back, and who waits for it is told; its records could not be written. */
void take_back(struct session *s, enum side from);
void forget_unrecorded(struct flow *f);

/* --- unreadable.c --- */
void refuse_unreadable(struct session *s, enum side from, struct str line, enum json_error error);
void refuse_oversize(struct session *s, enum side from);
void refuse_malformed(struct session *s, enum side from, const struct rpc_message *m, enum rpc_refusal refusal, size_t bytes);

/* --- rate.c --- */
void rate_init(struct session *s);
bool rate_allows(struct session *s, enum side from);
void record_rate_drops(struct session *s, enum side from);

/* --- told.c --- */
/* @text as people may read it; valid until s->redacted is written anew: by these two, by the gate, when a list of tools passes
 * (arguments.c), and when structured content is held against its schema (structured.c). */
struct str told(struct session *s, struct str text);
/* The same of a card's arguments, canonical JSON that is written anew in @text: 1, and *ret its token in s->checked; 0: there was
 * nothing to take out; -EBADMSG: it cannot be taken out; -EMSGSIZE: with the marks, it is longer than any line; -ENOMEM. On failure *ret is
 * as it was, and @text is of no use. */
int told_arguments(struct session *s, struct buf *text, uint32_t *ret);

/* --- notices.c --- */
void notify(struct session *s, struct str what, struct ruling *r);
