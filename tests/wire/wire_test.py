#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends hostile lines through the real program and looks at every byte that comes out at the other end.

    wire_test.py --program LEASTWISE [--cjson READ_CJSON] [--build FOLDER] [--mutations N] [--seed S] [--only TEXT]

A case fails when
 - some reader sees a call of a tool that policy denies, a method, list entry or request that it hides;
 - an emitted line is not canonical, or has a byte that some reader takes for the end of a line;
 - a request is not answered exactly once, or something is answered that nobody asked;
 - a harmless call behind it does not work, or it took longer than SLOW_SECONDS.
Before that the judge proves itself on proxies that forward what they received.
"""
import argparse
import base64
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

from cases import PARSER_LEVEL, client_cases, numbered, server_cases
from mutate import mutants
from readers import all_readers

HERE = os.path.dirname(os.path.abspath(__file__))
POLICY = 'leastwise: 1\nname: wire\npurpose: A target for hostile lines.\ntools: { allow: [echo, "list_*"] }\n'
SLOW_SECONDS = 10.0
BATCH = 60
SEEN_AT_LEAST = 12
LISTS = {"tools/list", "resources/list", "resources/templates/list", "prompts/list", "tasks/list"}
TO_SERVER = LISTS | {"ping", "tools/call", "initialize", "server/discover", "subscriptions/listen", "logging/setLevel", "notifications/initialized",
                     "notifications/cancelled", "notifications/progress", "notifications/roots/list_changed", "notifications/tasks/status"}
TO_CLIENT = {"ping", "notifications/cancelled", "notifications/progress", "notifications/message", "notifications/tasks/status",
             "notifications/elicitation/complete", "notifications/subscriptions/acknowledged"} | {
                 "notifications/%s/list_changed" % what for what in ("tools", "prompts", "resources")}


# --- what is canonical, written anew from the description alone ---


class Number(str):
    pass


class Members(list):
    pass


STRICT = json.JSONDecoder(object_pairs_hook=Members, parse_int=Number, parse_float=Number, parse_constant=lambda text: 1 / 0)
SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def spell(match):
    return SHORT.get(match[0]) or "\\u%04x" % ord(match[0])


def canonical(value):
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return '"' + re.sub('[\x00-\x1f"\\\\\x7f-\x9f\u2028\u2029]', spell, value) + '"'
    if isinstance(value, Members):
        return "{" + ",".join(canonical(name) + ":" + canonical(each) for name, each in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return {None: "null", True: "true", False: "false"}[value]


def has_duplicates(value):
    if isinstance(value, Members):
        return len({name for name, _ in value}) < len(value) or any(has_duplicates(each) for _, each in value)
    return isinstance(value, list) and any(map(has_duplicates, value))


def why_not_canonical(line):
    try:
        text = line.decode("utf-8")
        value = STRICT.decode(text)
        if not isinstance(value, Members):
            return "not an object"
        if has_duplicates(value):
            return "two members of one name"
        return None if canonical(value) == text else "spelt differently"
    except (ValueError, ZeroDivisionError, RecursionError) as problem:
        return "unreadable: %s" % problem


# --- what is wrong with the bytes of one case ---


def allowed_tool(name):
    return name == "echo" or (name.startswith("list_") and all(" " <= c <= "~" for c in name))


def wrong_facts(facts, side):
    """`side`: whose case it is; a client's bytes are looked at where they reach the server, and the reverse."""
    wrong = []
    for fact in facts:
        kind, _, what = fact.partition(" ")
        if side == "client":
            bad = (kind == "call" and not allowed_tool(what)) or (kind == "method" and what not in TO_SERVER)
        else:
            bad = kind in ("call", "asks") or (kind == "tool" and not allowed_tool(what)) or (kind == "method" and what not in TO_CLIENT)
        if bad:
            wrong.append(fact)
    return wrong


def wrong_lines(chunk):
    if b"\r" in chunk:
        yield "a CR got through"
    if b'"url":"https://evil.example' in chunk:
        yield "a link that policy denies got through"
    for line in chunk.split(b"\n"):
        reason = why_not_canonical(line) if line else None
        if reason:
            yield "not canonical (%s): %r" % (reason, line[:120])


def counted_ids(lines, is_answer):
    ids = collections.Counter()
    for line in lines:
        try:
            value = STRICT.decode(line.decode("utf-8"))
        except (ValueError, ZeroDivisionError, RecursionError):
            continue
        if not isinstance(value, Members) or has_duplicates(value):
            continue
        members = dict(value)
        ident = members.get("id")
        if ("method" in members) == is_answer or ident is None or (not is_answer and type(members["method"]) is not str):
            continue
        if isinstance(ident, Number):
            if not re.fullmatch("0|-?[1-9][0-9]{0,15}", ident) or abs(int(ident)) > 1 << 53:
                continue
        elif not isinstance(ident, str) or len(ident.encode("utf-8", "replace")) > 256 or ident.startswith("leastwise:") or "\ud800" in ident:
            continue
        ids[canonical(ident)] += 1
    return ids


def wrong_answers(case, number, sent, answers):
    got = counted_ids(answers.split(b"\n"), True)
    if case.side == "server":
        ident = str(number)
        if case.answered is not None and got[ident] != int(case.answered):
            yield "%d answers for the request" % got[ident]
        elif got[ident] > 1:
            yield "%d answers for the request" % got[ident]
        stray = [each for each in got if each != ident]
    else:
        asked = counted_ids(sent.split(b"\n"), False)
        if "~" not in case.name:
            for ident, count in asked.items():
                if got[ident] != count:
                    yield "id %s: %d requests, %d answers" % (ident[:40], count, got[ident])
        # What a variation asked cannot be told without reading it as the program does.
        stray = [each for each in got if each not in asked and each.strip('"').encode() not in sent and "~" not in case.name]
    if stray:
        yield "answers to nothing: %s" % stray[:3]


# --- the program under test ---


class Proxy:
    """One run of the program, with a recording server behind it."""

    def __init__(self, program, folder, script=None):
        self.record = tempfile.NamedTemporaryFile(dir=folder, suffix=".record", delete=False).name
        policy = os.path.join(folder, "policy.yaml")
        command = [program, "run", "--policy", policy, "--", sys.executable, os.path.join(HERE, "upstream.py"), self.record]
        if script is not None:
            path = self.record + ".script"
            with open(path, "w", encoding="utf-8") as file:
                json.dump(script, file)
            command.append(path)
        environment = dict(os.environ, HOME=folder, XDG_STATE_HOME=os.path.join(folder, "state"), XDG_CONFIG_HOME=os.path.join(folder, "config"))
        self.errors = open(self.record + ".stderr", "wb")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, env=environment, bufsize=0)
        self.got, self.ended = bytearray(), False
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        while True:
            data = os.read(self.process.stdout.fileno(), 1 << 16)
            with self.changed:
                self.got += data
                self.ended = not data
                self.changed.notify_all()
            if not data:
                return

    def send(self, data, by_bytes=False):
        pieces = [data[i : i + 1] for i in range(len(data))] if by_bytes else [data]
        for piece in pieces:
            view = memoryview(piece)
            while view:
                view = view[os.write(self.process.stdin.fileno(), view) :]

    def wait_for(self, text, start, seconds):
        with self.changed:
            self.changed.wait_for(lambda: self.got.find(text, start) >= 0 or self.ended, seconds)
            place = self.got.find(text, start)
            return -1 if place < 0 else self.got.find(b"\n", place) + 1

    def close(self):
        try:
            self.process.stdin.close()
        except OSError:
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(5)
        self.process.stdout.close()
        self.errors.close()
        with open(self.record, "rb") as file:
            return file.read()


SENTINEL = b'{"jsonrpc":"2.0","id":"s-%d","method":"tools/call","params":{"name":"echo","arguments":{}}}\n'


class Result:
    def __init__(self, case, number, data):
        self.case, self.number, self.data = case, number, data
        self.to_server = self.to_client = b""
        self.problems, self.seconds = [], 0.0


def trigger(case, number):
    params = {"tools/call": {"name": "echo"}, "tools/list": {}, "initialize": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}}}
    message = {"jsonrpc": "2.0", "id": number, "method": case.mode, "params": params[case.mode]}
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def cut(record, count):
    """The server's record, cut at the sentinels."""
    chunks = []
    for index in range(count):
        before, found, record = record.partition(SENTINEL % index)
        chunks.append(before)
        if not found:
            return chunks + [b""] * (count - len(chunks)), b""
    return chunks, record


def run_batch(program, folder, results):
    script = {str(r.number): base64.b64encode(r.data).decode() for r in results if r.case.side == "server"}
    proxy = Proxy(program, folder, script)
    at = 0
    for index, result in enumerate(results):
        started = time.monotonic()
        try:
            if result.case.side == "server":
                proxy.send(trigger(result.case, result.number))
            else:
                proxy.send(result.data + (b"" if result.case.mode == "eof" else b"\n"), result.case.mode == "bytes")
            if result.case.mode == "eof":
                break
            proxy.send(SENTINEL % index)
            end = proxy.wait_for(b'"id":"s-%d",' % index, at, 30)
        except OSError:
            end = -1
        if end < 0:
            result.problems.append("a harmless call behind it was not answered")
            break
        result.to_client = bytes(proxy.got[at : proxy.got.rfind(b"\n", at, end - 1) + 1 or at])
        at = end
        result.seconds = time.monotonic() - started
        if result.seconds > SLOW_SECONDS:
            result.problems.append("took %.1f s" % result.seconds)
    chunks, rest = cut(proxy.close(), len(results))
    for result, chunk in zip(results, chunks):
        result.to_server = chunk
    results[-1].to_server += rest
    if results[-1].case.mode == "eof":
        results[-1].to_client = bytes(proxy.got[at:])
    if proxy.process.returncode != 0:
        results[-1].problems.append("the program ended with %d" % proxy.process.returncode)


def run_all(program, folder, cases):
    with open(os.path.join(folder, "policy.yaml"), "w", encoding="utf-8") as file:
        file.write(POLICY)
    os.chmod(os.path.join(folder, "policy.yaml"), 0o600)
    os.makedirs(os.path.join(folder, "state"), 0o700, exist_ok=True)
    results, batch = [], []
    for number, case in enumerate(cases, 10000):
        case = numbered(case, number)
        batch.append(Result(case, number, case.data))
        if len(batch) == BATCH or case.mode == "eof":
            run_batch(program, folder, batch)
            results += batch
            batch = []
    if batch:
        run_batch(program, folder, batch)
    return results + batch


# --- judging ---


def judge_facts(results, readers, chunk_of):
    """Case name -> what some reader saw that it should not have."""
    seen = collections.defaultdict(list)
    for name, read in readers.items():
        for result, facts in zip(results, read([chunk_of(result) for result in results])):
            for fact in wrong_facts(facts, result.case.side):
                seen[result.case.name].append("%s sees %r" % (name, fact[:100]))
    return seen


def arrived(result):
    return result.to_server if result.case.side == "client" else result.to_client


def judge(results, readers):
    seen = judge_facts(results, readers, arrived)
    for result in results:
        result.problems += seen.get(result.case.name, [])
        for chunk in (result.to_server, result.to_client):
            result.problems += wrong_lines(chunk)
        if result.case.mode != "eof":
            result.problems += wrong_answers(result.case, result.number, result.data, result.to_client)


# --- the judge's own proof ---


def naive(data, forwards_unreadable):
    """Parses each line with one reader, looks at the tool's name, and forwards what it received."""
    out = b""
    for line in data.split(b"\n"):
        try:
            value = json.loads(line)
            params = value.get("params") if isinstance(value, dict) else None
            name = params.get("name") if isinstance(params, dict) else None
            denied = isinstance(value, dict) and value.get("method") == "tools/call" and not (isinstance(name, str) and allowed_tool(name))
        except (ValueError, RecursionError):
            denied = not forwards_unreadable
        out += b"" if denied else line + b"\n"
    return out


def prove(readers):
    made = [Result(case, 1, numbered(case, 1).data) for case in list(client_cases()) + list(server_cases()) if case.threat not in ("T20", "T21", "T29", "T30")]
    client = [result for result in made if result.case.side == "client"]
    server = [result for result in made if result.case.side == "server"]
    figures = {
        "forwards what it could read": judge_facts(client, readers, lambda r: naive(r.data, False)),
        "forwards what it could not read, too": judge_facts(client, readers, lambda r: naive(r.data, True)),
        "forwards a server's lines": judge_facts(server, readers, lambda r: r.data),
    }
    for what, seen in figures.items():
        by = collections.Counter(name for lines in seen.values() for name in {line.split()[0] for line in lines})
        print("# a naive proxy that %s: %d cases get past it (%s)" % (what, len(seen), ", ".join("%s %d" % pair for pair in sorted(by.items()))))
    return [what for what, seen in figures.items() if len(seen) < SEEN_AT_LEAST]


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--cjson")
    parser.add_argument("--build", default=os.path.join(tempfile.gettempdir(), "leastwise-wire-readers"))
    parser.add_argument("--mutations", type=int, default=0, help="of each parser-level case, instead of the cases themselves")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--timing", action="store_true", help="show which cases took longest")
    parser.add_argument("--only", default="", help="cases with this in their name")
    return parser.parse_args()


def main():
    options = arguments()
    started = time.monotonic()
    readers, missing = all_readers(options.cjson, options.build)
    for name, reason in missing.items():
        print("# reader %s is skipped: %s" % (name, reason))
    unproven = prove(readers)
    cases = [case for case in list(client_cases()) + list(server_cases()) if options.only in case.name]
    if options.mutations:
        seeds = [case for case in cases if case.side == "client" and case.threat in PARSER_LEVEL and case.mode == "line" and len(case.data) < 4000]
        cases = [mutant for case in seeds for mutant in mutants(case, options.mutations, options.seed)]
    with tempfile.TemporaryDirectory(prefix="leastwise-wire-") as folder:
        client = run_all(options.program, folder, [case for case in cases if case.side == "client"])
        results = client + run_all(options.program, folder, [case for case in cases if case.side == "server"])
        judge(results, readers)
    failed = [result for result in results if result.problems]
    for result in failed:
        print("not ok %s (%s): %r" % (result.case.name, result.case.threat, result.data[:160]))
        for problem in result.problems[:5]:
            print("    " + problem)
    for what in unproven:
        print("not ok: the judge did not see through a proxy that %s" % what)
    threats = {result.case.threat for result in results}
    for result in sorted(results, key=lambda each: -each.seconds)[: 3 if not options.timing else 20]:
        print("# %.2f s for %s" % (result.seconds, result.case.name))
    print("# %d cases of %d threats, %d readers (%s), %.1f s" % (len(results), len(threats), len(readers), ", ".join(readers), time.monotonic() - started))
    print("%d passed, %d failed" % (len(results) - len(failed), len(failed) + len(unproven)))
    return 1 if failed or unproven else 0


os.environ.pop("SUDO_UID", None)  # whoever started the tests by sudo is no other user than theirs
sys.exit(main())
