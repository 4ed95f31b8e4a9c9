#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""credential_echo_test.py LEASTWISE: a server that says its whole environment in every way it can.

The session is the program itself between this client and the server below. Nothing that the client receives, nor stderr, nor a
file of the records may hold a credential in any promised spelling (docs/redaction.md); what is said besides arrives.
"""
import base64
import html
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

SERVER = r'''
import base64, html, json, os, sys, time, urllib.parse

def spellings(v):
    b = v.encode()
    yield "plain", v
    yield "json", json.dumps(json.dumps({"k": v}))
    yield "escaped", json.dumps("".join("\\u%04x" % ord(c) for c in v))
    for n in range(3):
        yield "base64 %d" % n, base64.b64encode(b"x" * n + b).decode()
        yield "base64url %d" % n, base64.urlsafe_b64encode(b"x" * n + b + b"?>").decode().rstrip("=")
    yield "mime", base64.encodebytes(b"some words in front of it, so that it is broken: " + b).decode()
    yield "hex", b.hex()
    yield "HEX", b.hex(":").upper()
    yield "percent", urllib.parse.quote(v, safe="")
    yield "percent all", "".join("%%%02X" % c for c in b)
    yield "percent twice", urllib.parse.quote(urllib.parse.quote(v, safe=""), safe="")
    yield "html", html.escape(v)
    yield "html numbers", "".join("&#%d;" % c for c in b)

def once(v):
    yield from ((how, s) for how, s in spellings(v) if how not in ("plain", "json", "escaped"))
    yield "json once", json.dumps(v)
    yield "escaped once", "".join("\\u%04x" % ord(c) for c in v)

def pairs(v):
    for inner, s in once(v):
        for outer, again in once("as it said: " + s):
            yield inner + " in " + outer, again

ENV = dict(os.environ)
# What a server reads from within its credentials.
PARTS = [json.loads(ENV["TOKEN_G"])["private_key"], urllib.parse.unquote(urllib.parse.urlsplit(ENV["TOKEN_D"]).password)]
ALL = "\n".join("%s: %s" % (how, s) for v in [*ENV.values(), *PARTS] if len(v) > 7 for how, s in spellings(v))
# Of one of them, every spelling in every spelling, which is much.
PAIRS = ["%s: %s" % p for p in pairs(ENV["TOKEN_B"])]

def send(m):
    print(json.dumps({"jsonrpc": "2.0", **m}), flush=True)

def raw(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()

def answer(m):
    method, p = m["method"], m.get("params", {})
    if method == "initialize":
        return {"protocolVersion": "2025-06-18", "instructions": ALL, "serverInfo": {"name": "s", "version": ENV["TOKEN_A"]},
                "capabilities": {"tools": {}, "resources": {}, "prompts": {}, "logging": {}}}
    if method == "tools/list":
        return {"tools": [{"name": n, "description": ALL, "inputSchema": {"type": "object", "description": ALL}}
                          for n in ("text", "keys", "number", "error", "notify", "stderr", "pairs", "junk", "spread")]}
    if method == "resources/list":
        return {"resources": [{"uri": "env://all?" + "&".join(urllib.parse.quote(v, safe="") for v in ENV.values()), "name": "all", "description": ALL}]}
    if method == "resources/read":
        return {"contents": [{"uri": p["uri"], "text": ALL}, {"uri": p["uri"], "blob": base64.b64encode(ALL.encode()).decode()}]}
    if method == "prompts/list":
        return {"prompts": [{"name": "p", "description": ALL}]}
    if method == "prompts/get":
        return {"messages": [{"role": "user", "content": {"type": "text", "text": ALL}}]}
    name, meta = p["name"], p.get("_meta", {})
    if name == "text":
        return {"content": [{"type": "text", "text": ALL}], "structuredContent": {"env": ENV, "list": list(ENV.values())}}
    if name == "keys":
        return {"content": [], "structuredContent": {**{v: 1 for v in ENV.values()}, "nested": {ALL: {}}}}
    if name == "number":
        return {"content": [], "structuredContent": {"n": int(ENV["TOKEN_N"]), "f": float(ENV["TOKEN_N"])}}
    if name == "notify":
        send({"method": "notifications/progress", "params": {"progressToken": meta["progressToken"], "progress": 1, "message": ALL}})
        send({"method": "notifications/message", "params": {"level": "error", "logger": ENV["TOKEN_A"], "data": {"all": ALL, **ENV}}})
    if name == "stderr":
        sys.stderr.write(ALL + "\n" + json.dumps(ENV) + "\n" + repr(ENV) + "\n")
        sys.stderr.flush()
        for c in ENV["TOKEN_A"]:
            sys.stderr.write(c)
            sys.stderr.flush()
            time.sleep(0.002)
        sys.stderr.write("\nthe end\n")
        sys.stderr.flush()
    if name == "pairs":
        # Stderr is searched line by line.
        sys.stderr.write("".join(p + "\n" for p in PAIRS if "\n" not in p))
        sys.stderr.flush()
        return {"content": [{"type": "text", "text": p} for p in PAIRS], "structuredContent": {p: 1 for p in PAIRS}}
    if name == "junk":
        raw("this is no JSON but " + ENV["TOKEN_A"])
        raw('{"jsonrpc":"2.0","method":"notifications/' + ENV["TOKEN_A"] + '"}')
        send({"id": 77777, "result": {"late": ALL}})
    if name == "spread":
        return {"content": [{"type": "text", "text": ENV["TOKEN_J"]}], "_meta": json.loads(ENV["TOKEN_J"])}
    return {"content": [{"type": "text", "text": "done"}]}

for line in sys.stdin:
    m = json.loads(line)
    if "id" not in m or "method" not in m:
        continue
    if m.get("params", {}).get("name") == "error":
        send({"id": m["id"], "error": {"code": -32000, "message": ALL, "data": {"env": ENV, ALL: 1}}})
    else:
        send({"id": m["id"], "result": answer(m)})
'''
SECRETS = {
    "TOKEN_A": "ghp_R4nd0mLettersOf36CharactersInAll",
    "TOKEN_B": "p@ss/word+with=odd&<characters>\"'%20\\",
    "TOKEN_N": "9182736450192837",
    "TOKEN_J": '{"type":"service_account","name":"c29tZSBrZXk"}',
    "TOKEN_G": json.dumps({"type": "service_account", "private_key": "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSj\n-----END KEY-----\n"}),
    "TOKEN_D": "postgres://app:hunter%40hunter2@db.example/app",
    "TOKEN_U": "schl\u00fcssel-\u20ac-\U0001f511-lang",
}
# Servers say these alone, too.
PARTS = {"a service account's key": json.loads(SECRETS["TOKEN_G"])["private_key"], "a line of it": "MIIEvQIBADANBgkqhkiG9w0B",
         "an address's password": "hunter@hunter2"}
failures = []


def spellings(value):
    """As a reader who wants it would look for it, whatever the server did."""
    data = value.encode()
    yield value
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield json.dumps(json.dumps(value))[3:-3]
    yield data.hex()
    yield data.hex(":").upper()
    yield urllib.parse.quote(value, safe="")
    yield urllib.parse.quote(urllib.parse.quote(value, safe=""), safe="")
    yield html.escape(value)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for n in range(3):
            text = encode(b"x" * n + data).decode().rstrip("=")
            yield text[(n * 8 + 5) // 6 : (n + len(data)) * 8 // 6]


def decoded(text):
    """The text, and what it is to readers that undo one encoding."""
    yield text
    yield text.encode().decode("unicode_escape", "ignore") if "\\" in text else text
    yield html.unescape(text)
    yield urllib.parse.unquote(text)
    yield "".join(text.split())
    yield "".join(text.replace("\\n", "\n").split())


def look_for_pairs(where, texts):
    makers = {}
    exec(SERVER.split("ENV = dict")[0], makers)  # pylint: disable=exec-used
    for how, spelling in makers["pairs"](SECRETS["TOKEN_B"]):
        for said in [text for text in texts if text.startswith(how + ": ")]:
            # Shorter by the whole credential at least.
            ok = "[redacted:TOKEN_B]" in said and len(said) < len(how + spelling) + 21 - len(SECRETS["TOKEN_B"])
            expect(f"{where}: {how}", ok, said)


def look(where, text):
    forms = {(name, s) for name, value in {**SECRETS, **PARTS}.items() for s in spellings(value)}
    for view in decoded(text):
        for name, form in forms:
            if form in view:
                at = view.index(form)
                failures.append(f"{where}: {name} as {form!r} in ...{view[max(0, at - 60):at + 80]!r}")
                return


class Session:
    def __init__(self, folder, leastwise):
        self.err = open(os.path.join(folder, "stderr"), "wb+")
        policy = os.path.join(folder, "policy.yaml")
        with open(policy, "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write("leastwise: 1\nname: echo\npurpose: Let a server say what it likes.\ntools: { allow: ['**'] }\n"
                       "resources: { allow: ['**'] }\nprompts: { allow: ['**'] }\naudit: { arguments: redacted }\nschema: off\ncredentials:\n")
            for name in SECRETS:
                file.write(f"  {name}: {{ from: env, name: OUTER_{name} }}\n")
        server = os.path.join(folder, "server.py")
        with open(server, "w", encoding="utf-8") as file:
            file.write(SERVER)
        env = {"HOME": folder, "PATH": "/usr/local/bin:/usr/bin:/bin", "XDG_STATE_HOME": os.path.join(folder, "state"), "LC_ALL": "C.UTF-8",
               **{f"OUTER_{name}": value for name, value in SECRETS.items()}}
        self.process = subprocess.Popen([leastwise, "run", "--policy", policy, "--", sys.executable, "-X", "utf8", server],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.err, env=env)
        self.lines, self.buffer, self.next = [], b"", 0

    def ask(self, method, **params):
        self.next += 1
        message = {"jsonrpc": "2.0", "id": self.next, "method": method, "params": params}
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()
        until = time.monotonic() + 20
        while time.monotonic() < until:
            while b"\n" in self.buffer:
                line, self.buffer = self.buffer.split(b"\n", 1)
                self.lines.append(line.decode())
                heard = json.loads(line)
                if heard.get("id") == self.next:
                    look(method + " " + params.get("name", ""), line.decode())
                    return heard
            if select.select([self.process.stdout], [], [], 1)[0]:
                data = os.read(self.process.stdout.fileno(), 1 << 20)
                if not data:
                    break
                self.buffer += data
        failures.append(f"{method} {params} was not answered")
        return {}

    def tell(self, method):
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", "method": method}).encode() + b"\n")

    def end(self):
        self.process.stdin.close()
        self.buffer += self.process.stdout.read()
        self.process.wait(timeout=20)
        look("what was left", self.buffer.decode())
        self.err.seek(0)
        return self.err.read().decode(errors="replace")


def stop(folder, because):
    """A person says why, and puts into it what nobody should; the file of the stop is his own, and not a record."""
    env = {"HOME": folder, "PATH": "/usr/bin:/bin", "XDG_STATE_HOME": os.path.join(folder, "state")}
    subprocess.run([sys.argv[1], "stop", "--all", "--because", because], env=env, check=True, capture_output=True, timeout=20)


def expect(what, ok, seen=""):
    if not ok:
        failures.append(f"{what}: {seen!s:.600}")


def main():
    with tempfile.TemporaryDirectory(prefix="leastwise-echo.", dir="/tmp") as folder:
        s = Session(folder, os.path.abspath(sys.argv[1]))
        hello = s.ask("initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo={"name": "c", "version": "1"})
        expect("the handshake", "[redacted:TOKEN_A]" == hello["result"]["serverInfo"]["version"], hello)
        s.tell("notifications/initialized")
        tools = s.ask("tools/list")
        expect("descriptions", "[redacted:TOKEN_B]" in tools["result"]["tools"][0]["description"], tools)
        s.ask("resources/list")
        read = s.ask("resources/read", uri="env://all")
        expect("resource", "plain: [redacted:TOKEN_A]" in read["result"]["contents"][0]["text"], read)
        s.ask("prompts/list")
        s.ask("prompts/get", name="p")
        text = s.ask("tools/call", name="text", arguments={})
        for name in SECRETS:
            expect(f"result of {name}", f"plain: [redacted:{name}]" in text["result"]["content"][0]["text"], text)
            expect(f"structured content of {name}", text["result"]["structuredContent"]["env"][name] == f"[redacted:{name}]", text)
        expect("what is no secret", text["result"]["structuredContent"]["env"]["HOME"] == folder, text)
        s.ask("tools/call", name="keys", arguments={})
        number = s.ask("tools/call", name="number", arguments={})
        expect("number", number["result"]["structuredContent"]["n"] == 0, number)
        expect("error", "error" in s.ask("tools/call", name="error", arguments={}))
        s.ask("tools/call", name="notify", arguments={}, _meta={"progressToken": 5})
        for method in ("notifications/progress", "notifications/message"):
            heard = [line for line in s.lines if f'"{method}"' in line]
            expect(method, len(heard) == 1 and "[redacted:TOKEN_A]" in heard[0], heard)
        pairs = s.ask("tools/call", name="pairs", arguments={})["result"]
        expect("pairs", len(pairs["content"]) > 100, pairs)
        look_for_pairs("pairs", [item["text"] for item in pairs["content"]])
        look_for_pairs("pairs as names", list(pairs["structuredContent"]))
        s.ask("tools/call", name="junk", arguments={})
        spread = s.ask("tools/call", name="spread", arguments={})
        expect("a secret over several values", spread["result"].get("isError") and "withheld" in spread["result"]["content"][0]["text"], spread)
        # The client knows nothing of a credential; if its user does, the records do not keep it.
        s.ask("tools/call", name="text", arguments={name: value for name, value in SECRETS.items()})
        s.ask("tools/call", name="stderr", arguments={})
        for line in s.lines:
            look("a line", line)
        stop(folder, SECRETS["TOKEN_A"])
        time.sleep(0.5)
        said = s.end()
        expect("a reason that is a secret", "STOPPED everything by" in said and ": [redacted:TOKEN_A]; this lasts" in said, said)
        expect("stderr", "plain: [redacted:TOKEN_A]" in said and "the end" in said, said)
        look("stderr", said)
        expect("pairs on stderr", "percent in hex: " in said, said)
        look_for_pairs("stderr", said.splitlines())
        records = 0
        shutil.rmtree(os.path.join(folder, "state", "leastwise", "stops"))
        for place, _, names in os.walk(os.path.join(folder, "state")):
            for name in names:
                with open(os.path.join(place, name), encoding="utf-8", errors="replace") as file:
                    records += 1
                    look(name, file.read())
        expect("records", records > 0)
    for line in failures:
        print(f"FAILED {line}")
    print(f"credential_echo: {len(s.lines)} lines of the server's, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
