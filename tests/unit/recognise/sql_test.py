#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the reader of SQL with SQLite and with the rules by which four dialects cut text into tokens.

    sql_test.py DRIVER [CASES [SEED]]

What holds must be cut alike by all dialects, with at most one semicolon, at its end, and no comment. SQLite, with an authorizer that denies
everything but reading and harmless functions, must take it as one statement, or fail for a reason that a reading statement can
have: a name, type or function that is not there, or a keyword of another dialect. Every generated statement must hold.
"""
import random
import re
import sqlite3
import subprocess
import sys

# --- cutting ---

STRING, NAME_MARK = r"'(?:[^']|'')*'", r'"(?:[^"]|"")*"'
BACKSLASHED = r"'(?:[^'\\]|''|\\.)*'", r'"(?:[^"\\]|""|\\.)*"'
NUMBER = r"\d+(?:\.\d*)?(?:[eE][+-]?\d+)?"
# Comments begin these; everything else is one character. In order: the first that matches is taken.
DIALECTS = {
    "sqlite": [r"--[^\n]*", r"/\*.*?(?:\*/|$)", r"[xX]'[^']*'", STRING, NAME_MARK, r"`[^`]*`", r"\[[^\]]*\]", r"[?@:$#][\w:$]*", NUMBER,
               r"[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*", r"<>|!=|<=|>=|==|\|\||<<|>>|->>?", r"[ \t\n\r\f]+"],
    "mysql": [r"--(?=[\s\0-\x1f]|$)[^\n]*", r"#[^\n]*", r"/\*.*?(?:\*/|$)", r"(?:[nNxXbB]|_\w+)" + BACKSLASHED[0], *BACKSLASHED, r"`[^`]*`", r"@@?[\w.$]*",
              NUMBER, r"[\w$\x80-\U0010ffff]+", r"<=>|<>|!=|<=|>=|:=|\|\||&&|<<|>>|->>?", r"[ \t\n\r\f\v]+"],
    "postgresql": [r"--[^\n\r]*", r"/\*.*", r"[eE]" + BACKSLASHED[0], r"(?:[nNxXbB]|[uU]&)'(?:[^']|'')*'", r"[uU]&\"(?:[^\"]|\"\")*\"",
                   STRING + r"(?:\s*\n\s*'(?:[^']|'')*')*", NAME_MARK, r"\$(\w*)\$.*?\$\1\$", r"\$\d+", NUMBER, r"[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*",
                   r"::|:=|\.\.", r"[-+*/<>=~!@#%^&|`?]+", r"[ \t\n\r\f]+"],
    "t-sql": [r"--[^\n]*", r"/\*.*", r"[nN]?" + STRING, NAME_MARK, r"\[(?:[^\]]|\]\])*\]", r"0[xX][0-9a-fA-F]*", NUMBER, r"[A-Za-z_@#\x80-\U0010ffff][\w@#$\x80-\U0010ffff]*",
              r"<>|!=|<=|>=|!<|!>|[-+*/%&|^]=|\|\||::", r"[ \t\n\r\f\v\xa0\u2000-\u200b\u3000]+"],
}
LEXERS = {name: re.compile("|".join(f"(?:{rule})" for rule in rules) + "|.", re.S) for name, rules in DIALECTS.items()}


def cut(dialect, text):
    """The tokens with their places, without white space."""
    return [(m.start(), m[0]) for m in LEXERS[dialect].finditer(text) if m[0].strip(" \t\n\r\f\v")]


def check_cutting(text):
    cuts = {dialect: cut(dialect, text) for dialect in DIALECTS}
    for dialect, tokens in cuts.items():
        expect(tokens == cuts["sqlite"], dialect, "cuts differently", text, tokens, cuts["sqlite"])
        words = [token for _, token in tokens]
        expect(";" not in words[:-1], dialect, "sees two statements", text)
        expect(not any(re.match(r"--|/\*|#|\*/", word) for word in words), dialect, "sees a comment", text)


# --- SQLite ---

HARMLESS = set(
    """count sum avg min max total group_concat string_agg row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value
    last_value abs round ceil ceiling floor sign mod power sqrt exp ln log log10 lower upper length substr substring trim ltrim rtrim
    replace concat concat_ws instr coalesce nullif ifnull iif typeof date time datetime strftime julianday json_extract
    json_array_length like current_date current_time current_timestamp left right char_length year month day now""".split()
)
READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, 33}  # 33: a recursive WITH
# Words that some dialect takes, and SQLite not, or not there.
NOT_OF_SQLITE = re.compile(
    r"""(?ix) \b(?: top | fetch | offset | extract | interval | date | time | timestamp | at | ilike | left | right | values | natural | type | no
    | add | autoincrement | check | commit | constraint | default | deferrable | foreign | index | indexed | primary | references | set | table | to
    | transaction | unique | isnull | notnull | nothing | returning | glob | match | regexp | raise | filter | over | double | character | null | true | false
    | all | distinct | current_(?:date|time|timestamp) )\b"""
)


def database():
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.executescript("CREATE TABLE t (a, b, c); CREATE TABLE u (a, d, e); INSERT INTO t VALUES (1, 'x', 2), (2, 'y', NULL); INSERT INTO u VALUES (1, 2, 3)")

    def authorize(action, first, second, where, trigger):
        if action in READING or (action == sqlite3.SQLITE_FUNCTION and second.lower() in HARMLESS):
            return sqlite3.SQLITE_OK
        return sqlite3.SQLITE_DENY

    made.set_authorizer(authorize)
    made.set_progress_handler(lambda: 1, 20000)
    return made


def check_sqlite(made, text):
    """True when SQLite ran it."""
    before = made.total_changes
    try:
        made.execute(text).fetchmany(5)
        ran = True
    except sqlite3.OperationalError as error:
        ran, what = False, str(error)
        if re.search("syntax error|incomplete|unrecognized", what):
            expect(NOT_OF_SQLITE.search(text), "SQLite does not understand it", text, what)
    except (sqlite3.Warning, sqlite3.Error) as error:  # more than one statement, or not authorized
        expect(re.search("interrupted|overflow|too big|too complex", str(error)), "SQLite refuses it", text, error)
        ran = False
    expect(made.total_changes == before and not made.in_transaction, "SQLite was changed by", text)
    return ran


# --- statements ---


class Writer:
    """Random statements within the grammar, over the tables above."""

    def __init__(self, rng):
        self.rng = rng

    def some(self, write, most, between=", "):
        return between.join(write() for _ in range(self.rng.randint(1, most)))

    def maybe(self, write, chance=0.3):
        return write() if self.rng.random() < chance else ""

    def column(self):
        return self.rng.choice(["a", "b", "t.a", "t.c", '"b"', "t.b", "main.t.a", "1", "2.5", "'x'", "'it''s'", "null", "1e3"])

    def expression(self, depth=2):
        rng = self.rng
        if depth == 0:
            return self.column()
        inner = lambda: self.expression(depth - 1)
        operand = lambda: self.column() if rng.random() < 0.5 else f"({inner()})"
        return rng.choice(
            [
                self.column,
                lambda: f"{inner()} {rng.choice(['AND', 'or'])} {inner()}",
                lambda: f"{operand()} {rng.choice(['+', '-', '*', '/', '%', '||', '=', '<>', '!=', '<', '>=', 'LIKE', 'IS NOT DISTINCT FROM'])} {operand()}",
                lambda: f"({inner()})",
                lambda: f"- {operand()}",
                lambda: f"(NOT {inner()})",
                lambda: f"{self.column()} {rng.choice(['', 'NOT '])}IN ({self.some(inner, 3)})",
                lambda: f"{self.column()} in ({self.select(0)})",
                lambda: f"{self.column()} between {self.column()} AND {self.column()}",
                lambda: f"{self.column()} IS {rng.choice(['', 'NOT '])}NULL",
                lambda: f"EXISTS ({self.select(depth - 1)})",
                lambda: f"({self.select(0)} LIMIT 1)",
                lambda: f"CASE {self.maybe(self.column)} WHEN {inner()} THEN {inner()} {self.maybe(lambda: 'ELSE ' + inner())} END",
                lambda: f"CAST({inner()} AS {rng.choice(['integer', 'text', 'numeric(10, 2)', 'varchar(9)', 'double precision', 'real'])})",
                lambda: f"{rng.choice(['lower', 'UPPER', 'length', 'abs', 'trim', 'typeof'])}({inner()})",
                lambda: f"coalesce({inner()}, {inner()})",
                lambda: f"round({inner()}, 1)",
            ]
        )()

    def result(self):
        return self.rng.choice(["*", "t.*", f"{self.expression()} AS k", f"{self.expression()} total", self.expression(), "count(*)", "max(DISTINCT a)",
                                "sum(a) OVER (PARTITION BY b ORDER BY c DESC ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)", "row_number() over (order by a)",
                                "count(a) FILTER (WHERE a > 1)"])

    def tables(self, depth):
        first = self.rng.choice(["t", "t", "t t", "main.t AS t", '"t"', f"({self.select(depth - 1)}) AS t" if depth > 0 else "t"])
        join = self.rng.choice(["", "", "", ", u", " JOIN u ON t.a = u.a", " LEFT JOIN u USING (a)", " cross join u x", " NATURAL JOIN u", " INNER JOIN u ON " + self.expression(1)])
        return first + join

    def select(self, depth=2):
        results = self.some(self.result if depth else self.column, 3 if depth else 1)
        text = f"SELECT {self.maybe(lambda: 'DISTINCT ')}{results} FROM {self.tables(depth)}"
        text += self.maybe(lambda: " WHERE " + self.expression())
        text += self.maybe(lambda: " GROUP BY " + self.some(self.column, 2) + self.maybe(lambda: " HAVING " + self.expression(1)))
        return text

    def statement(self):
        rng = self.rng
        text = self.maybe(lambda: f"WITH w AS ({self.select()}), {rng.choice(['v (p)', 'v'])} AS ({self.select(0)}) ", 0.15)
        selects = rng.random() < 0.95
        text += self.select() if selects else f"VALUES ({self.some(self.expression, 3)})"
        if selects:
            text += self.maybe(lambda: f" {rng.choice(['UNION', 'UNION ALL', 'EXCEPT', 'intersect'])} {self.select(1)}", 0.15)
            text += self.maybe(lambda: f" ORDER BY {self.expression(1)}{rng.choice(['', ' ASC', ' DESC', ' DESC NULLS LAST'])}")
            text += self.maybe(lambda: rng.choice([" LIMIT 5", " LIMIT 5 OFFSET 1", " LIMIT 1, 5"]))
        return text + rng.choice(["", "", ";", " ;\n"])


PIECES = """; ;; -- # /* */ /*! ' '' " \\ \\' ` [ ] { } ( ) , . * = == <> := :: : ? @ @@ $ $$ $1 | || & ^ ~ ! - + / % \n \t \0 \x0b \xa0 \ufeff \u2019 \uff07
0x41 1e 1. .5 N'x' E'x' x'41' 'x' "x" SELECT select FROM WHERE WITH VALUES UNION INTO INSERT UPDATE DELETE DROP TABLE t REPLACE SET PRAGMA
ATTACH DETACH VACUUM BEGIN COMMIT ROLLBACK EXPLAIN FOR UPDATE LOCK ANALYZE REINDEX CREATE ALTER RETURNING AS a b c u x ON JOIN LEFT NATURAL IN
IS NOT NULL AND OR LIKE BETWEEN CASE WHEN THEN ELSE END CAST EXISTS ORDER BY GROUP HAVING LIMIT OFFSET FETCH ASC DESC DISTINCT ALL OVER FILTER
load_extension('x') randomblob(9) zeroblob(9) random() sqlite_version() pragma_table_info('t') fts3_tokenizer('x') writefile('x','y') lower( count(
sqlite_master main. temp. INDEXED SHUTDOWN GO COLLATE GLOB MATCH ISNULL NOTNULL EXEC OUTFILE interval date timestamp top""".split(" ") + [" ", "\r\n"]
INJECTED = ["1; DROP TABLE t", "1' OR '1'='1", "x'; DROP TABLE t; --", "1 UNION SELECT a, b, c FROM u", "1) OR (1=1", "1; ATTACH 'x' AS y", "'||load_extension('x')||'",
            "1 /*! UNION */ SELECT 1", "1;PRAGMA writable_schema=1", "\\'; DROP TABLE t; -- ", "1 INTO OUTFILE 'x'", "1 FOR UPDATE", "1;COMMIT;DELETE FROM t", "1\nGO\nDROP TABLE t",
            "1 AND randomblob(1)", "1 PROCEDURE ANALYSE()", "(DELETE FROM t RETURNING 1)", "1 RETURNING *", "\u2019; DROP TABLE t", "1 OR EXISTS (SELECT 1)"]
REFUSED = ["DELETE FROM t", "INSERT INTO t VALUES (1, 2, 3)", "UPDATE t SET a = 1", "DROP TABLE t", "PRAGMA user_version = 1", "ATTACH ':memory:' AS x", "VACUUM", "BEGIN",
           "EXPLAIN SELECT 1", "SELECT load_extension('x')", "SELECT 1; DELETE FROM t", "WITH x AS (SELECT 1) DELETE FROM t", "CREATE TABLE x AS SELECT 1", "REINDEX",
           "REPLACE INTO t VALUES (1, 2, 3)", "SELECT * FROM pragma_table_info('t')", "SELECT a FROM t -- x", "ANALYZE", "SAVEPOINT x", "SELECT randomblob(9)",
           "SELECT * FROM pragma_user_version", "SELECT 'a\\' OR 1 -- '", "SELECT 'a\\' || 'b'", "SELECT 1 # 2", "SELECT $$a$$", "SELECT E'a'"]


def mutate(rng, text):
    if rng.random() < 0.2:
        return re.sub(r"\b(?:1|2|a)\b", lambda m: rng.choice(INJECTED), text, count=1)
    if rng.random() < 0.2:  # also within texts and names
        at = rng.randrange(len(text))
        return text[:at] + rng.choice("\\\\;'\"`-/*#$@\0\n\u2019é") + text[at + rng.randint(0, 1) :]
    pieces = re.findall(r"\w+|'[^']*'|\s+|.", text, re.S)
    for _ in range(rng.randint(1, 3)):
        at, what = rng.randrange(len(pieces)), rng.random()
        if what < 0.4:
            pieces.insert(at, rng.choice(["", " "]) + rng.choice(PIECES) + rng.choice(["", " "]))
        elif what < 0.6:
            pieces[at] = rng.choice(PIECES)
        elif what < 0.8:
            del pieces[at]
        else:
            other = rng.randrange(len(pieces))
            pieces[at], pieces[other] = pieces[other], pieces[at]
        pieces = pieces or [";"]
    return "".join(pieces)


def expect(condition, *what):
    if not condition:
        sys.exit("FAILED: " + " ".join(map(repr, what)))


def judge(driver, texts):
    lines = "".join(f"sql\t\t{text.encode().hex()}\n" for text in texts)
    result = subprocess.run([driver], input=lines, capture_output=True, text=True, check=True)
    answers = [line.split("\t") for line in result.stdout.splitlines()]
    expect(len(answers) == len(texts), "answers are missing")
    return answers


def main(arguments):
    count = int(arguments[1]) if len(arguments) > 1 else 2500
    rng = random.Random(int(arguments[2]) if len(arguments) > 2 else 20261121)
    generated = [Writer(rng).statement() for _ in range(count)]
    mutated = [mutate(rng, text) for text in generated] + [mutate(rng, rng.choice(REFUSED)) for _ in range(count)]
    held = {}
    for name, texts, wanted in (("generated", generated, "holds"), ("refused", REFUSED, "unreadable"), ("mutated", mutated, None)):
        made, ran = database(), 0
        holding = []
        for text, answer in zip(texts, judge(arguments[0], texts)):
            expect(wanted in (None, answer[0]), name, "should be", wanted, text, answer)
            if answer[0] == "holds":
                holding.append(text)
                check_cutting(text)
                ran += check_sqlite(made, text)
        held[name] = (len(holding), ran)
    expect(held["generated"][1] > count // 4, "SQLite runs too few of the generated statements", held)
    expect(held["mutated"][0] > count // 50, "too few of the mutated statements hold", held)
    print(f"hold, and run in SQLite: {held}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
