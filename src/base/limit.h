/* SPDX-License-Identifier: Apache-2.0
 *
 * Every quantity that a peer or a policy file controls has its limit here, with the reason for the number.
 * Each has a test at the limit and one past it.
 */
#pragma once

/* One line, either direction: what the TypeScript SDKs buffer before they close the connection. */
#define LIMIT_LINE_BYTES (10U << 20)

/* Nesting of one message: .NET's System.Text.Json stops at 64, the lowest among the readers in use. */
#define LIMIT_JSON_DEPTH 64U

/* Values of one message (a name and its value count as two): 16 bytes of tape each, so 32 MiB at the most. */
#define LIMIT_JSON_TOKENS (2U << 20)

/* Members of one object: bounds the work of the duplicate check. */
#define LIMIT_JSON_MEMBERS 10000U

/* A number's text: past what any reader in use represents; bounds work on it. */
#define LIMIT_JSON_NUMBER_BYTES 1024U

/* A JSON-RPC id that is a string, after unescaping (architecture.md, protocol eras). */
#define LIMIT_ID_BYTES 256U

/* Requests of one direction that wait for their answer. */
#define LIMIT_IN_FLIGHT 16384U

/* Cancelled requests per direction whose late answer is still recognised. */
#define LIMIT_CANCELLED 256U

/* Tasks per direction that the session remembers the maker of. */
#define LIMIT_TASKS 4096U

/* A tool or prompt name that policy may allow: the specification says 128; older servers go further. */
#define LIMIT_NAME_BYTES 256U

/* A resource URI that policy may allow. */
#define LIMIT_URI_BYTES 8192U

/* A path that a condition is about: what Linux takes in one call, without its NUL. */
#define LIMIT_PATH_BYTES 4095U

/* Recipients in one text: ten times what RFC 5321 asks every server to take. */
#define LIMIT_MAIL_RECIPIENTS 1000U

/* A policy file; the largest that ships is 2 % of it. */
#define LIMIT_POLICY_BYTES (1U << 20)
#define LIMIT_POLICY_DEPTH 32U
#define LIMIT_POLICY_NODES 65536U
/* Keys of one map: bounds the search for one written twice. */
#define LIMIT_POLICY_KEYS 1024U
/* A pattern's text: as long as the longest URI that it could match. */
#define LIMIT_PATTERN_BYTES LIMIT_URI_BYTES
/* A value of --bind: a directory or a name of anything. */
#define LIMIT_BIND_BYTES 1024U
/* Steps of one pattern over a name of so many bytes. In proportion to the name, so that a 10 MiB list of URIs made for
 * the purpose takes a second, not minutes; more is taken only by patterns with a `*` behind a `**`, over texts that almost
 * match at many places, and then it is not settled. */
#define LIMIT_PATTERN_STEPS(length) (256U + 8U * (length))
/* A path to an argument, as a policy writes it: no tool of those looked at nests its arguments deeper than 6. */
#define LIMIT_ARGUMENT_STEPS 16U
#define LIMIT_ARGUMENT_PATH_BYTES 1024U
/* Differences of two policies that are told one by one; a person reads no more, and programs go by the whole. */
#define LIMIT_DIFFERENCES 200U
/* Conditions of one condition within others (`each` of `each`). */
#define LIMIT_CONDITION_DEPTH 8U
/* Work of the conditions on one argument, in values compared: an array of a million items takes no longer than its reading
 * did, and one of a thousand items that are put to a regular expression less than a second. */
#define LIMIT_CONDITION_STEPS (1U << 20)
/* Rounds of narrowing one call: each may make further rules match, and some never come to rest. */
#define LIMIT_NARROW_ROUNDS 8U
/* Regular expressions of one policy: each can take 64 KiB. */
#define LIMIT_REGEXES 512U
/* What a policy says of one condition in messages. */
#define LIMIT_CONDITION_WORDS 200U
/* What a tool's description is told about its limits: a longer text would cost every model more than it tells. */
#define LIMIT_HINT_BYTES 1000U
/* A regular expression of a policy, and the text that it is put to: longer ones are not read by any person. */
#define LIMIT_REGEX_BYTES 4096U
#define LIMIT_REGEX_SUBJECT_BYTES 65536U
/* Its work: what runs past one of these took half a millisecond by then, and counts as unreadable. */
#define LIMIT_REGEX_STEPS 50000U
#define LIMIT_REGEX_DEPTH 1000U
#define LIMIT_REGEX_HEAP_KIB 1024U
/* `results: redact`: patterns of one policy; what one match may take, so that text can be gone over in windows, whose
 * work may grow with the square of this (a PEM key of 2048 bits fits); matches in one text; work on one message, in
 * bytes gone over, where an item of a pattern that is tried counts for 32: about a second, or 10 MiB of prose by three
 * patterns for mail addresses. Past any of these the text is withheld. */
#define LIMIT_RESULT_PATTERNS 32U
#define LIMIT_RESULT_MATCH_BYTES 2048U
#define LIMIT_RESULT_MATCHES 10000U
#define LIMIT_RESULT_WORK (1U << 30)
/* Diagnostics of one run of `check`. */
#define LIMIT_DIAGNOSTICS 100U
/* `--policy` options of one run. */
#define LIMIT_POLICIES 16U

/* A command: what a person or a model writes by hand; some servers cut at 4,096 bytes themselves. */
#define LIMIT_COMMAND_BYTES 4096U
#define LIMIT_COMMAND_WORDS 256U
/* A pattern of commands. */
#define LIMIT_COMMAND_PATTERN_BYTES 1024U

/* An SQL statement: long reports have some 4 KiB. A level of parentheses counts as two or three; it takes about 1 KiB
 * of our stack, and the databases have limits of their own not far above. */
#define LIMIT_SQL_BYTES 16384U
#define LIMIT_SQL_DEPTH 64U

/* Counters of a session's limits that no policy in force names any more but that hold something: more than people take
 * out and put back in one session. */
#define LIMIT_COUNTERS_KEPT 256U
/* Limits of one policy: one for each tool of a large server and to spare; each that lasts beyond the session has a
 * file. */
#define LIMIT_POLICY_LIMITS 64U
/* Windows that one call can draw on, of all policies: a file open for each. */
#define LIMIT_WINDOWS 64U
/* Lanes of all policies in force: servers beside the main one, each a process with its own pipes and credentials. No server is known
 * that wants more than a reading, a writing and an administering credential. */
#define LIMIT_LANES 4U
/* A number of calls or denials: past what any session makes. */
#define LIMIT_POLICY_COUNT 1000000000U
/* Marks and rules of `flow:`: a bit each of one word; more could not be followed by who reviews them. */
#define LIMIT_FLOW_MARKS 64U
/* Names of marks that were met and that no policy has any more. */
#define LIMIT_LOST_MARKS_BYTES (64U << 10)
#define LIMIT_FLOW_RULES 64U

/* A credential's value: an environment entry longer than this does not fit execve()'s 128 KiB. */
#define LIMIT_CREDENTIAL_BYTES 65536U
/* And the least: a shorter one would be found by chance in what servers say and could not be hidden there, so it is not
 * handed out in the first place. */
#define LIMIT_SECRET_MIN_BYTES 8U
/* What is hidden of one server's credentials: each, each line of those that have several, each value that one is a part of. A key file has
 * up to a hundred lines. */
#define LIMIT_HIDDEN_VALUES 512U

/* Values that one session's output is searched for: all that it has handed out, for what a server was given it may still say after it
 * has been replaced. Four KiB each; ten credentials that are renewed every hour come to a quarter of this in a day. */
#define LIMIT_REDACTED_SECRETS 1024U
/* Matches in one text, those that overlap as one; and what it takes to replace them by all encodings in a line, in bytes decoded, where a
 * step counts for one and a search for 64: about a second. A line of the largest size with credentials in every encoding of every encoding takes
 * three times that. Past either the line is withheld. */
#define LIMIT_REDACTED_MATCHES (1U << 17)
#define LIMIT_REDACTED_WORK (256U << 20)

/* A vault: more credentials than anybody has for servers, and the file of them. */
#define LIMIT_VAULT_ENTRIES 1000U
#define LIMIT_VAULT_BYTES (8U << 20)
/* `github/read`: a name that policies say, and a line about it. */
#define LIMIT_VAULT_NAME_BYTES 128U
#define LIMIT_VAULT_NOTE_BYTES 256U
/* Where a vault says that its key is: a path, or the name of a systemd credential. */
#define LIMIT_VAULT_HINT_BYTES 1024U
/* What a vault's file may make us spend on a password, whoever wrote it: Argon2id with 1 GiB takes some two seconds. And the least:
 * with less than what is meant for logging in, a stolen file is worth guessing at. */
#define LIMIT_VAULT_KDF_KIB (1U << 20)
#define LIMIT_VAULT_KDF_KIB_MIN (64U << 10)
#define LIMIT_VAULT_KDF_PASSES 8U
#define LIMIT_VAULT_KDF_PASSES_MIN 2U
/* A password: what a line of a terminal can hold is more. */
#define LIMIT_VAULT_PASSWORD_BYTES 1024U
#define LIMIT_VAULT_PASSWORD_MIN_BYTES 8U
/* How long a vault can stay unlocked: longer than a week, nobody remembers that it is. */
#define LIMIT_UNLOCK_SECONDS (7U * 86400U)
/* How long to wait for another program that writes the vault; it holds no lock while a person types. */
#define LIMIT_VAULT_LOCK_MS 10000U

/* One audit record with its newline: redacted arguments are cut to fit. */
#define LIMIT_RECORD_BYTES 65536U
/* Records that wait to be written: the owner writes them at least four times a second, or refuses calls. */
#define LIMIT_AUDIT_PENDING_BYTES (4U << 20)
/* A method, name or id in a record, and a text or path, as written there; what is longer is cut and says so. */
#define LIMIT_RECORD_NAME_BYTES 1024U
#define LIMIT_RECORD_TEXT_BYTES 4096U

/* A line of the upstream's stderr that is redacted and passed on as one. */
#define LIMIT_STDERR_LINE 65536U

/* `leastwise tools`: a server's list. The largest seen has a few hundred tools on one page. */
#define LIMIT_LISTED_TOOLS 10000U
#define LIMIT_LISTED_PAGES 256U
#define LIMIT_LISTED_CURSOR 65536U

/* What checking one call's arguments against its tool's schema may take: values, members and keywords looked at, and what patterns
 * take, in the same measure. About 10 ms; the largest call of a real tool takes a few thousand. */
#define LIMIT_SCHEMA_STEPS 1000000U
/* What checking structured content against the tools' outputSchema may take, at once and then in a millisecond: a hostile server has a
 * tenth of the time. */
#define LIMIT_OUTPUT_SCHEMA_STEPS (10U * LIMIT_SCHEMA_STEPS)
#define LIMIT_OUTPUT_SCHEMA_STEPS_PER_MS (LIMIT_SCHEMA_STEPS / 100U)
/* Nesting of that check: several schemas for each level of the value where there are references, 1 KiB of stack each. */
#define LIMIT_SCHEMA_DEPTH 256U
/* A pattern of a schema, and a text that one is held against: what PCRE2 takes no longer than a millisecond for. */
#define LIMIT_SCHEMA_PATTERN_BYTES 4096U
#define LIMIT_SCHEMA_PATTERN_TEXT 65536U
/* Compiled patterns that are kept: more than any real tool's schema has. */
#define LIMIT_SCHEMA_PATTERNS 32U
/* What PCRE2 may ask for at once, compiling or matching: its own limit on a compiled pattern is 64 KiB. */
#define LIMIT_SCHEMA_PATTERN_MEMORY (1U << 20)

/* Cards that are open or granted in one session: no person looks through more. The same number again of those that are over is
 * remembered, so that a late answer is told what became of it. */
#define LIMIT_OPEN_CARDS 32U
/* The texts of one card, and its arguments: what a person can be expected to look through. */
#define LIMIT_CARD_BYTES 4096U
#define LIMIT_CARD_ARGUMENTS (256U << 10)
/* People who approve one call: what `by:` can say. */
#define LIMIT_APPROVERS 9U
/* Denied calls that are remembered, the latest; rules whose answers are counted. */
#define LIMIT_DENIED_CALLS 256U
#define LIMIT_COUNTED_RULES 64U
/* Wrong codes that are typed into forms of the client: for one card, and in one session, whose client then shows no further forms. Each guess
 * is one in 30^6. */
#define LIMIT_WRONG_CODES 3U
#define LIMIT_SESSION_WRONG_CODES 12U
/* Calls that are held, and what their lines may have together. */
#define LIMIT_HELD_CALLS 1024U
#define LIMIT_HELD_BYTES (16U << 20)
/* Calls that wait for their upstream (docs/lanes.md), and what their lines may have together besides one line of the largest size. */
#define LIMIT_WAITING_CALLS 256U
#define LIMIT_WAITING_BYTES (4U << 20)
/* Subscriptions of a client that are told another main server: one that has more is not replaced. */
#define LIMIT_SUBSCRIPTIONS 256U
/* The params of a client's `initialize`, which are repeated to other upstreams: the largest seen have 1 KiB. */
#define LIMIT_GREETING_BYTES (64U << 10)
/* How long a call can be held, and an approval or a card can last: longer waits are no session's. */
#define LIMIT_HOLD_MS 600000U
#define LIMIT_APPROVAL_MS 86400000U

/* Grants in force in one session: what is open beyond the policy must be overseen at a glance. How long one may last. */
#define LIMIT_GRANTS 8U
#define LIMIT_GRANT_MS 86400000U
/* The conditions of one, and its text, which goes into a record whole as part of what is signed. */
#define LIMIT_GRANT_CONDITIONS 8U
#define LIMIT_GRANT_BYTES 1400U
/* Signed grants of one session that are remembered, so that none comes into force twice; more are not taken. */
#define LIMIT_SIGNED_GRANTS 64U

/* A lock of pins: room for a page of tools as long as a message may be, and then some. */
#define LIMIT_PINS_BYTES (16U << 20)
/* Words of one text that are compared one by one, on either side: the table has a 16-bit field for each pair, so 32 MiB at the most.
 * What both texts have in common at their ends does not count. */
#define LIMIT_DIFF_WORDS 4096U

/* Tools whose schemas a session remembers, the bytes of one (twenty times the largest seen), of all, and how many stand read. */
#define LIMIT_DEFINITIONS 10000U
#define LIMIT_DEFINITION_BYTES (128U << 10)
#define LIMIT_DEFINITIONS_BYTES (4U << 20)
#define LIMIT_DEFINITIONS_READ 8U

/* Files that may be open, at the least: our stdio, twice, the pipes of a start, the audit file and libuv's own, which aborts without. */
#define LIMIT_OPEN_FILES_MIN 32U

/* A list of people who may sign approvals: more lines than any team has keys; a line with a key of 4096 bits of RSA, for another namespace,
 * is 800 bytes long. */
#define LIMIT_SIGNERS 1000U
#define LIMIT_SIGNERS_BYTES (256U << 10)
#define LIMIT_SIGNER_NAME_BYTES 128U
/* Public keys that are revoked, and the file of them. */
#define LIMIT_REVOKED_KEYS 10000U
#define LIMIT_REVOKED_BYTES (1U << 20)
/* The blob of one public key of any kind: RSA of 16384 bits has 2.1 KiB. */
#define LIMIT_SSH_KEY_BYTES 4096U
/* A signature with its first and last line; those that we verify have some 500 bytes. As it goes into a record, whole, every byte may
 * become two there. */
#define LIMIT_SSHSIG_BYTES 2000U
/* What a person signs: seven lines, the longest of which is a tool's name. */
#define LIMIT_STATEMENT_BYTES 4096U

/* Programs at one session's control socket: a `watch` or two, and who answers. */
#define LIMIT_CONTROL_PEERS 8U
/* A line that one of them sends: an answer with a reason and a signature takes a tenth. */
#define LIMIT_CONTROL_LINE_BYTES (64U << 10)
/* What all of them have not read yet: all cards that there can be, their arguments escaped once more. */
#define LIMIT_CONTROL_OUT_BYTES (32U << 20)
/* Why a person denies or approves, which the model is told. */
#define LIMIT_ANSWER_BECAUSE_BYTES 1000U
/* Programs that are told of cards or asked about them, at one time: two for each card; each has a place in the guardian's table. */
#define LIMIT_CARD_PROGRAMS 64U
/* How long one that tells may run: a message to a chat takes seconds. */
#define LIMIT_NOTIFY_MS 15000U
/* The answer of one that is asked: a reason, escaped. */
#define LIMIT_ASK_ANSWER_BYTES 8192U

/* Stops in force at one time, more than anybody oversees; the file of one, all of whose texts may be escaped; a pattern
 * of tools or servers. */
#define LIMIT_STOPS 256U
#define LIMIT_STOP_BYTES 8192U
#define LIMIT_STOP_PATTERN_BYTES 256U
