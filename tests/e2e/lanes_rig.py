# SPDX-License-Identifier: Apache-2.0
"""What the tests of lanes share: a session with a lane, and how cases are run. The program and the fake server are the first two arguments of
whoever imports it.

Every server appends what it gets to a file, with its pid and its $TOKEN: what ran, where, and how often. Credentials are printed by programs
that note when they were asked, so that nobody holds one before.
"""
import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
import time

program, server = sys.argv[1:3]
# Other tests that run at the same time have other values: processes are found by theirs.
READ, WRITE = f"read-value-{os.getpid():010}", f"write-value-{os.getpid():010}"
failures = []
current = [""]
WAIT = 20


def check(holds, what):
    if not holds:
        failures.append(f"{current[0]}: {what}")


def until(condition, what, seconds=WAIT):
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            check(False, f"not within {seconds} s: {what}")
            return False
        time.sleep(0.005)
    return True


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def holders(value):
    """The processes with that value in their environment."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if value.encode() in file.read():
                    found.append(int(pid))
        except OSError:
            continue
    return found


class Session:
    def __init__(self, rules, server_keys="", live="1m", write=None, main=None, steps=None, ttl=None, command=server, form="", before=()):
        self.dir = tempfile.mkdtemp(prefix="lw-lanes-")
        self.notes, self.asked = os.path.join(self.dir, "notes"), os.path.join(self.dir, "asked")
        self.value = write or f"echo write >>{self.asked}; echo {WRITE}"
        reader = main or f"echo read >>{self.asked}; echo {READ}"
        span = f", ttl: {ttl}" if ttl else ""
        policy = os.path.join(self.dir, "policy.yaml")
        with open(policy, "w", encoding="utf-8") as file:
            file.write(
                "leastwise: 1\nname: lanes\npurpose: p\n" + (f"server: {{ {server_keys} }}\n" if server_keys else "")
                + f"credentials: {{ TOKEN: {{ from: exec, command: [/bin/sh, -c, '{reader}']{span} }} }}\n"
                + f"lanes: {{ write: {{ live: {live}, credentials: {{ TOKEN: {{ from: exec, timeout: 60s, command: [/bin/sh, -c, '{self.value}']{form} }} }} }} }}\n"
                + "methods: { allow: ['**'] }\n" + rules.replace("@DIR@", self.dir)
            )
        os.chmod(policy, 0o600)
        self.env = env = {"HOME": self.dir, "PATH": os.environ["PATH"], "XDG_STATE_HOME": os.path.join(self.dir, "state"), "XDG_RUNTIME_DIR": self.dir}
        self.errors = open(os.path.join(self.dir, "stderr"), "w+", encoding="utf-8")
        steps = [step.replace("@NOTES@", self.notes) for step in steps or ["note", "@NOTES@"]]
        self.process = subprocess.Popen([*before, program, "run", "--policy", policy, "--", command, *steps],
                                        env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.rest, self.answers, self.pids = b"", {}, set()

    def send(self, message):
        try:
            self.process.stdin.write((json.dumps({"jsonrpc": "2.0", **message}) + "\n").encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def call(self, ident, name="good", **arguments):
        self.send({"id": ident, "method": "tools/call", "params": {"name": name, "arguments": arguments}})

    def handshake(self):
        self.send({"id": 0, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}})
        self.answer(0)
        self.send({"method": "notifications/initialized"})

    def hear(self, seconds):
        """What comes within that time; False at the end of file."""
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            return True
        more = os.read(self.process.stdout.fileno(), 1 << 20)
        self.rest += more
        *lines, self.rest = self.rest.split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "id" in message and "method" not in message:
                self.answers.setdefault(message["id"], []).append(line.decode())
        return bool(more)

    def answer(self, ident, seconds=WAIT, quiet=False):
        limit = time.monotonic() + seconds
        while ident not in self.answers and time.monotonic() < limit:
            if not self.hear(0.05) and ident not in self.answers:
                break
        check(quiet or ident in self.answers, f"no answer to {ident}")
        return self.answers.get(ident, [""])[0]

    def noted(self, *wanted):
        """(pid, token, what, about, id) of each note that has these words."""
        try:
            with open(self.notes, encoding="utf-8") as file:
                rows = [tuple(line.split()) for line in file]
        except FileNotFoundError:
            rows = []
        self.pids |= {int(row[0]) for row in rows}
        return [row for row in rows if all(word in row for word in wanted)]

    def fetched(self, what):
        try:
            with open(self.asked, encoding="utf-8") as file:
                return file.read().split().count(what)
        except FileNotFoundError:
            return 0

    def said(self):
        with open(self.errors.name, encoding="utf-8") as file:
            return file.read()

    def hear_all(self):
        while self.hear(WAIT):
            pass

    def change(self, edit):
        """Other policies come into force."""
        path = os.path.join(self.dir, "policy.yaml")
        with open(path, encoding="utf-8") as file:
            text = edit(file.read())
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path + ".new", 0o600)
        os.rename(path + ".new", path)
        subprocess.run([program, "trust", path], env=self.env, stdout=subprocess.DEVNULL, check=True, timeout=60)
        until(lambda: "changed policies are in force" in self.said(), "the changed policy is in force", 10)

    def end(self, status=0, close=True):
        """Ends it as a client does, and looks for what is left."""
        if close:
            # What it had not read when it ended is of no interest; the pipe is closed all the same.
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()
            self.hear_all()
        try:
            got = self.process.wait(WAIT)
            check(status is None or got == status, f"exit status {got}, not {status}: {self.said()}")
        except subprocess.TimeoutExpired:
            check(False, "it does not end")
            self.process.kill()
        self.noted()
        for pid in self.pids:
            until(lambda pid=pid: not alive(pid), f"process {pid} is left", 5)
        for path, _, names in os.walk(self.dir):
            for name in names:
                if name.endswith(".sock") or "credential" in path:
                    check(False, f"{path}/{name} is left")
        text = self.said()
        for value in (READ, WRITE):
            check(value not in text, "a value on stderr")
        for path, _, names in os.walk(os.path.join(self.dir, "state")):
            for name in names:
                with open(os.path.join(path, name), encoding="utf-8", errors="replace") as file:
                    check(WRITE not in file.read(), f"a value in {name}")
        subprocess.run(["rm", "-rf", self.dir], check=False)
        self.errors.close()
        if self.process.stdin and not self.process.stdin.closed:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass
        self.process.stdout.close()


# A server whose answers no pipe holds.
LARGE = """
import json, os, sys
with open(sys.argv[1], "a") as notes:
    print(os.getpid(), os.environ["TOKEN"], "begin - -", file=notes)
for line in sys.stdin:
    message = json.loads(line)
    if "id" in message:
        size = 3 << 20 if message["method"] == "tools/call" else 1
        result = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "s", "version": "1"}, "content": [{"type": "text", "text": "x" * size}]}
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
"""


class Skip(Exception):
    """What the case needs is not there."""


def run(cases):
    """In TAP; those that $CASES names, or all."""
    chosen = os.environ.get("CASES", "").split()
    print(f"1..{len(cases)}")
    for number, case in enumerate(cases, 1):
        current[0] = case.__name__
        before = len(failures)
        if chosen and case.__name__ not in chosen:
            print(f"ok {number} {case.__name__} # SKIP not asked for")
            continue
        try:
            case()
        except Skip as why:
            print(f"ok {number} {case.__name__} # SKIP {why}", flush=True)
            continue
        print(f"{'ok' if len(failures) == before else 'not ok'} {number} {case.__doc__.splitlines()[0]}", flush=True)
        for failure in failures[before:]:
            print(f"# {failure}")
    sys.exit(1 if failures else 0)


ALLOW = "tools: { allow: [good, slow, hang, crash, { tool: [bad, bad_*], lane: write, free: ['*'] }] }\n"
ALLOW_ALL_ARGUMENTS = "tools: { allow: [{ tool: [good, slow, hang, crash], open: true }, { tool: [bad, wcrash, whang], lane: write, open: true }] }\n"
