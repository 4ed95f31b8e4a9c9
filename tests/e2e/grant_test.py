#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""grant_test.py LEASTWISE: `leastwise grant`, at a terminal and signed, beside sessions that run.

The client is a process of its own, so that what is started here does not descend from it; where the agent is to try for itself, this
program is the client.
"""
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from stdio_client import StdioClient  # noqa: E402

program = os.path.abspath(sys.argv[1])
failures = []

SERVER = """
import json, sys
for line in sys.stdin:
    m = json.loads(line)
    if m.get("method") == "initialize":
        r = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "s", "version": "1"}}
    elif m.get("method") == "tools/list":
        r = {"tools": [{"name": n, "inputSchema": {"type": "object"}} for n in ("good", "send", "write", "drop")]}
    elif m.get("method") == "tools/call":
        r = {"content": [{"type": "text", "text": "ran " + json.dumps(m["params"])}]}
    else:
        continue
    print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": r}), flush=True)
"""
POLICY = """leastwise: 1
name: mine
purpose: p
tools: { allow: [good], approve: [write], deny: [drop] }
approval: { hold: 100ms }
"""
SIGNED = POLICY + "approvers: { signers: people }\n"
# Starts the proxy in its own name and waits for it.
CLIENT = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)"
NAMESPACE = "leastwise-grant"


def check(what, holds, seen=""):
    if not holds:
        failures.append(f"{what}: {seen}")


class Place:
    def __init__(self, folder):
        self.folder = folder
        self.env = {
            "HOME": folder, "PATH": "/usr/local/bin:/usr/bin:/bin", "XDG_STATE_HOME": self.path("state"), "TERM": "xterm",
            "XDG_RUNTIME_DIR": self.path("run"), "LC_ALL": "C.UTF-8",
        }
        self.sessions = []
        os.mkdir(self.path("run"), 0o700)
        for name, text in (("server.py", SERVER), ("policy.yaml", POLICY), ("signed.yaml", SIGNED)):
            self.put(name, text)

    def path(self, name):
        return os.path.join(self.folder, name)

    def put(self, name, text):
        with open(self.path(name), "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write(text)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def run(self, *argv, text="", **more):
        result = subprocess.run(
            argv, cwd=self.folder, env=self.env, input=text, capture_output=True, text=True, start_new_session=True, timeout=60, check=False, **more
        )
        return result.returncode, result.stdout, result.stderr

    def leastwise(self, *arguments, **more):
        status, out, err = self.run(program, *arguments, **more)
        return status, out + err

    def sockets(self):
        """The newest first."""
        folder = self.path("run/leastwise")
        names = os.listdir(folder) if os.path.isdir(folder) else []
        return [os.path.join(folder, name) for name in sorted(names, reverse=True) if name.endswith(".sock")]

    def audit(self):
        folder = self.path("state/leastwise/audit")
        return [json.loads(line) for name in sorted(os.listdir(folder)) for line in self.read(os.path.join(folder, name)).splitlines()]


class Session(StdioClient):
    """A client of the program; with @own this process is the client itself."""

    def __init__(self, place, policy="policy.yaml", own=False):
        start = [] if own else [sys.executable, "-c", CLIENT]
        self.place = place
        self.before, self.socket = set(place.sockets()), None
        place.sessions.append(self)
        super().__init__(
            [*start, program, "run", "--policy", policy, "--", sys.executable, "server.py"], cwd=place.folder, env=place.env,
        )
        self.shake_hands()

    def ask(self, method, params):
        return self.answer(self.request(method, params))

    def tools(self):
        names = {tool["name"] for tool in self.ask("tools/list", {})["result"]["tools"]}
        end = time.monotonic() + 10
        while not set(self.place.sockets()) - self.before and time.monotonic() < end:
            time.sleep(0.01)
        self.socket = self.place.sockets()[0]
        return names

    def runs(self, tool, **arguments):
        return "ran " in json.dumps(self.ask("tools/call", {"name": tool, "arguments": arguments}))

    def hears(self, words):
        check("on stderr", super().hears(words), self.said)

    def end(self):
        self.process.stdin.close()
        check("the session's end", self.process.wait(20) == 0)
        end = time.monotonic() + 10
        while self.socket in self.place.sockets() and time.monotonic() < end:
            time.sleep(0.01)
        check("its socket goes with it", self.socket not in self.place.sockets())


def at_terminal(place, typed, *arguments):
    """Types when asked. The exit status and what stood on the terminal."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(program, [program, "grant", *arguments], place.env)
    said, answered, end = b"", False, time.monotonic() + 30
    while time.monotonic() < end:
        try:
            if select.select([fd], [], [], 0.2)[0]:
                more = os.read(fd, 65536)
                if not more:
                    break
                said += more
        except OSError:
            break
        if not answered and b"[y/N]" in said:
            answered = True
            os.write(fd, typed.encode())
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said.decode().replace("\r\n", "\n")


def granted(place, *arguments):
    status, said = at_terminal(place, "y\n", *arguments)
    found = re.search(r"^granted until \S+; to end it: leastwise grant --revoke (\w{6})$", said, re.M)
    check(f"granted {arguments}", status == 0 and found, (status, said))
    return found[1] if found else "XXXXXX"


class Socket:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(path)
        self.file = self.socket.makefile("rw")

    def hear(self):
        return json.loads(self.file.readline())

    def hear_of(self, method, words):
        """The next message of that kind with those words."""
        while True:
            message = self.hear()
            if message.get("method") == method and words in json.dumps(message["params"]):
                return message["params"]

    def ask(self, method, params):
        self.file.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}) + "\n")
        self.file.flush()
        return self.hear()


def an_hour(tool, **more):
    return {"tool": tool, "because": "why", "expires_ms": int(time.time() * 1000) + 3600000, **more}


def usage(place):
    for arguments in (
        (),
        ("--tool", "send"),
        ("--tool", "send", "--for", "15m"),
        ("--tool", "send", "--because", "x"),
        ("--tool", "send", "--for", "25h", "--because", "x"),
        ("--tool", "send", "--for", "15", "--because", "x"),
        ("--tool", "send", "--for", "15m", "--until", "2030-01-01T00:00:00.000Z", "--because", "x"),
        ("--tool", "send", "--until", "2030-01-01", "--because", "x"),
        ("--tool", "se*", "--for", "15m", "--because", "x"),
        ("--tool", "send", "--for", "15m", "--because", "a\nb"),
        ("--tool", "send", "--for", "15m", "--because", "x" * 1500),
        ("--tool", "send", "--for", "15m", "--because", "x", "--when", "a: 1\nb: 2"),
        ("--tool", "send", "--for", "15m", "--because", "x", "--signature", "f"),
        ("--tool", "send", "--for", "15m", "--because", "x", "--sign", "--statement"),
        ("--list", "--revoke", "7F3K2Q"),
        ("--revoke", "7F3K2"),
        ("x",),
    ):
        status, said = place.leastwise("grant", *arguments)
        check(f"usage {arguments}", status == 2, (status, said))
    status, said = at_terminal(place, "y\n", "--tool", "send", "--for", "15m", "--because", "x")
    check("without a session", status == 1 and "no session runs" in said, (status, said))
    status, said = place.leastwise("grant", "--list")
    check("nothing granted", status == 0 and said == "Nothing is granted.\n", (status, said))


def a_tool_without_a_rule(place):
    session = Session(place)
    check("before the list there is nothing to grant", not place.sockets())
    check("the list", session.tools() == {"good", "write"})
    watcher = Socket(place.sockets()[0])
    check("watching", watcher.ask("watch/start", {})["result"] == {"cards": [], "grants": [], "stops": []})
    check("before", not session.runs("send", to="a"))
    terms = ("--tool", "send", "--when", "to: [a, b]", "--for", "15m", "--because", "incident 42")
    for typed in ("\n", "n\n", "yes\n", "Y\n"):
        status, said = at_terminal(place, typed, *terms)
        check(f"{typed!r} grants nothing", status == 1 and "not granted" in said, (status, said))
    check("what is asked", "TOOL     | send\nTAKES    only these arguments, and each only so:\n         | to: [a, b]\nWHY      | incident 42\n" in said, said)
    check("nothing is in force", not session.runs("send", to="a"))
    grant = granted(place, *terms)
    watcher.hear_of("session/notice", "GRANTED beyond the policies, until ")
    news = watcher.hear_of("grant/list", grant)
    check("the watcher's list", [g["id"] for g in news["grants"]] == [grant], news)
    session.hears(b"leastwise: GRANTED beyond the policies, until ")
    session.hears(b": the tool send, by local: incident 42; to end it: leastwise grant --revoke " + grant.encode())
    check("granted", session.runs("send", to="a") and session.runs("send", to="b"))
    check("other arguments", not session.runs("send", to="c") and not session.runs("send", to="a", bcc="x") and not session.runs("send"))
    check("told of it", "notifications/tools/list_changed" in session.notes, session.notes)
    check("listed", session.tools() == {"good", "write", "send"})
    late = Socket(place.sockets()[0]).ask("watch/start", {})["result"]["grants"]
    check("a watcher that comes later", [(g["id"], g["uses"], g["by"]) for g in late] == [(grant, 2, "local")], late)
    listed = json.loads(place.leastwise("grant", "--list", "--json")[1])
    check("as JSON", [g["tool"] for g in listed] == ["send"] and listed[0]["policy"].endswith("      when:\n        to: [a, b]\n"), listed)
    for arguments in (("grant", "--list"), ("pending",)):
        said = place.leastwise(*arguments)[1]
        check(f"{arguments}", f"{grant}   GRANTED beyond the policies, for 14:" in said and "USED     2 times\n" in said, said)
    status, said = place.leastwise("grant", "--revoke", grant.lower(), "--because", "over")
    check("revoked", status == 0 and said == "revoked\n", (status, said))
    watcher.hear_of("session/notice", f"grant {grant} has been revoked: the tool send is as the policies say again")
    check("the watcher's list at the end", watcher.hear_of("grant/list", "")["grants"] == [])
    check("after", not session.runs("send", to="a") and session.tools() == {"good", "write"})
    check("revoked once", place.leastwise("grant", "--revoke", grant)[0] == 1)
    refusals(place, session)
    session.end()


def refusals(place, session):
    rows = (
        (("--tool", "drop"), "a rule of a policy denies it"),
        (("--tool", "send", "--when", "to: { nonsense: 1 }"), "a condition is not understood"),
        (("--tool", "send", "--when", "to: [a", "--when", "b]"), None),
        (("--tool", "send", "--when", "to: [a"), "a condition is not understood"),
        (("--tool", "send", "--when", "a: 1", "--when", "a: 2"), "a condition is not understood"),
    )
    for terms, why in rows:
        status, said = at_terminal(place, "y\n", *terms, "--for", "15m", "--because", "x")
        if why:
            check(f"{terms}", status == 1 and f"leastwise: not granted: {why}" in said, (status, said))
        else:
            check(f"{terms}", status == 0, (status, said))
    check("whatever was tried", not session.runs("drop", to="a") and not session.runs("send", x=1))


def calls_that_would_wait(place):
    session = Session(place)
    session.tools()
    check("it waits", "leastwise approve" in json.dumps(session.ask("tools/call", {"name": "write", "arguments": {"x": 1}})))
    granted(place, "--tool", "write", "--for", "3s", "--because", "short")
    since = time.monotonic()
    check("the retry passes", session.runs("write", x=1) and session.runs("write", x=2))
    while session.runs("write", x=3):
        check("its time is over", time.monotonic() < since + 20)
        if time.monotonic() > since + 20:
            break
    check("it had its time", time.monotonic() >= since + 2, time.monotonic() - since)
    session.hears(b"has expired: the tool write is as the policies say again")
    session.end()


def the_agent_cannot(place):
    """This process is the client."""
    session = Session(place, own=True)
    session.tools()
    status, said = at_terminal(place, "y\n", "--tool", "send", "--for", "15m", "--because", "x")
    check("the client's child", status == 1 and "not granted: you were started by the client" in said, (status, said))
    answer = Socket(place.sockets()[0]).ask("grant/add", an_hour("send"))
    # Without a terminal, as tests are run, it is told that first.
    check("the client itself", re.search("started by the client|no terminal", answer["error"]["message"]), answer)
    check("nothing is granted", not session.runs("send"))
    session.end()


def without_a_terminal(place):
    session = Session(place)
    session.tools()
    status, said = place.leastwise("grant", "--tool", "send", "--for", "15m", "--because", "x")
    check("without a terminal", status == 70 and "granting needs a terminal" in said, (status, said))
    code = f"import json, socket; s = socket.socket(socket.AF_UNIX); s.connect({place.sockets()[0]!r})\n" \
           f"s.sendall({json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': 'grant/add', 'params': an_hour('send')})!r}.encode() + b'\\n')\n" \
           "print(s.makefile().readline())"
    said = place.run(sys.executable, "-c", code)[1]
    check("by the socket", '"error"' in said and "terminal" in said, said)
    bad = (
        {}, {"tool": "send"}, an_hour("send", more=1), an_hour(1), an_hour("send", when="a: 1"), an_hour("send", when=[1]),
        an_hour("send", when=["a: 1"] * 9), an_hour("send", expires_ms="1"), an_hour("send", because=""),
    )
    for params in bad:
        answer = Socket(place.sockets()[0]).ask("grant/add", params)
        check(f"{params}", answer["error"]["code"] == -32602, answer)
    check("nothing is granted", not session.runs("send"))
    session.end()


def another_user_cannot(place):
    python = "/usr/bin/python3"
    if os.geteuid() != 0 or not os.access(python, os.X_OK):
        print("another user has not been tried: that takes root, and a Python that all can run")
        return
    session = Session(place)
    session.tools()
    path = place.sockets()[0]
    code = f"import socket; s = socket.socket(socket.AF_UNIX); s.settimeout(10); s.connect({path!r})\n" \
           f"s.sendall({json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': 'grant/add', 'params': an_hour('send')})!r}.encode() + b'\\n')\n" \
           "print(s.makefile().readline())"
    status, said = place.run(python, "-c", code, user=65534, group=65534, extra_groups=[])[::2]
    check("another user gets no connection", status != 0 and "PermissionError" in said, (status, said))
    # Even where the folders let him through.
    for folder in (place.folder, place.path("run"), place.path("run/leastwise")):
        os.chmod(folder, 0o755)
    os.chmod(path, 0o777)
    said = place.run(python, "-c", code, user=65534, group=65534, extra_groups=[])
    check("another user is cut off", "grant" not in said[1], said)
    check("nothing is granted", not session.runs("send"))
    for folder in (place.folder, place.path("run"), place.path("run/leastwise")):
        os.chmod(folder, 0o700)
    session.end()


def a_killed_proxy_forgets(place):
    session = Session(place)
    session.tools()
    granted(place, "--tool", "send", "--for", "1h", "--because", "x")
    check("granted", session.runs("send"))
    pid = Socket(place.sockets()[0]).ask("session/status", {})["result"]["pid"]
    os.kill(pid, signal.SIGKILL)
    session.process.wait(20)
    end = time.monotonic() + 20
    while place.sockets() and time.monotonic() < end:
        place.leastwise("pending")
    session = Session(place)
    session.tools()
    check("a restart forgets", not session.runs("send"))
    check("and lists nothing", place.leastwise("grant", "--list")[1] == "Nothing is granted.\n")
    session.end()


def several_sessions(place):
    sessions = [Session(place), Session(place)]
    for session in sessions:
        session.tools()
    end = time.monotonic() + 10
    while len(place.sockets()) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    status, said = place.leastwise("grant", "--tool", "send", "--for", "15m", "--because", "x")
    check("which of two", status == 2 and said.count(" server.py\n") == 2, (status, said))
    ids = sorted(os.path.basename(path)[:26] for path in place.sockets())
    granted(place, "--tool", "send", "--for", "15m", "--because", "x", "--session", ids[0])
    check("one of two", sorted(session.runs("send") for session in sessions) == [False, True])
    for session in sessions:
        session.end()


def signed(place):
    for who in ("alice", "mallory"):
        place.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", who)
    place.put("people", f'alice namespaces="leastwise-approval,{NAMESPACE}" {place.read("alice.pub")}')
    session = Session(place, "signed.yaml")
    session.tools()
    terms = ("--tool", "send", "--when", "to: a", "--because", "incident 42")
    status, said = at_terminal(place, "y\n", *terms, "--for", "15m")
    check("unsigned", status == 1 and "theirs to sign" in said, (status, said))
    status, text, told = place.run(program, "grant", *terms, "--for", "15m", "--statement")
    again = re.search(r"--session (\S+) --until (\S+) --signature", told)
    check("the statement", status == 0 and text.startswith("leastwise grant 1\nsession: ") and text.endswith("to: a\n") and again, (status, text, told))
    send = ("grant", *terms, "--session", again[1], "--until", again[2], "--signature", "-")

    def sign(who, name_space=NAMESPACE, what=text):
        return place.run("ssh-keygen", "-q", "-Y", "sign", "-n", name_space, "-f", who, text=what)[1]

    rows = (
        ("another's key", sign("mallory"), send, "nobody on the list of approvers has this key"),
        ("an approval's namespace", sign("alice", "leastwise-approval"), send, "another purpose"),
        ("an altered text", sign("alice", what=text.replace("to: a", "to: b")), send, "not one of this text"),
        ("another end", sign("alice"), tuple(again[2][:-4] + "999Z" if word == again[2] else word for word in send), "not one of this text"),
        ("other conditions", sign("alice"), tuple("to: b" if word == "to: a" else word for word in send), "not one of this text"),
    )
    for what, signature, command, why in rows:
        status, said = place.leastwise(*command, text=signature)
        check(what, status == 1 and why in said, (status, said))
    check("nothing is in force", not session.runs("send", to="a"))
    good = sign("alice")
    status, said = place.leastwise(*send, text=good)
    check("signed", status == 0 and session.runs("send", to="a"), (status, said))
    for revoke in (False, True):
        if revoke:
            place.leastwise("grant", "--revoke", said.split()[-1])
        status, again_said = place.leastwise(*send, text=good)
        check("used again", status == 1 and "has been used" in again_said, (status, again_said))
    check("revoked", not session.runs("send", to="a"))
    status, said = at_terminal(place, "y\n", *terms, "--for", "15m", "--sign", "--key", place.path("alice"))
    check("signed on a terminal", status == 0 and session.runs("send", to="a"), (status, said))
    session.end()
    # Another session is another statement.
    session = Session(place, "signed.yaml")
    session.tools()
    other = os.path.basename(place.sockets()[0])[:26]
    status, said = place.leastwise(*(other if word == again[1] else word for word in send), text=good)
    check("another session", status == 1 and "not one of this text" in said, (status, said))
    session.end()
    records = [r for r in place.audit() if r.get("signature")]
    check("on record", len(records) == 2 and all(r["kind"] == "grant" and r["approver"] == "alice" for r in records), records)
    for r in records:
        place.put("signature", r["signature"])
        status, said, wrong = place.run(
            "ssh-keygen", "-Y", "verify", "-f", "people", "-I", "alice", "-n", NAMESPACE, "-s", "signature", text=r["statement"]
        )
        check("verified from the record", status == 0, (said, wrong))


def on_record(place):
    records = place.audit()
    reasons = {r["reason"] for r in records if r["kind"] == "grant"}
    check("grants on record", reasons == {"grant-added", "grant-revoked", "grant-expired"}, reasons)
    added = {r["approval"] for r in records if r.get("reason") == "grant-added"}
    used = [r for r in records if r.get("reason") == "granted"]
    check("uses on record", used and all(r["approval"] in added and r["verdict"] == "allow" for r in used), used)


def too_late(number, frame):
    raise RuntimeError("something that was to be answered was not")


def main():
    signal.signal(signal.SIGALRM, too_late)
    signal.alarm(200)
    steps = (
        usage, a_tool_without_a_rule, calls_that_would_wait, the_agent_cannot, without_a_terminal, another_user_cannot, a_killed_proxy_forgets,
        several_sessions, signed, on_record,
    )
    with tempfile.TemporaryDirectory() as folder:
        place = Place(folder)
        for step in steps:
            try:
                step(place)
            except (RuntimeError, OSError, KeyError, TypeError, IndexError, subprocess.TimeoutExpired) as error:
                failures.append(f"{step.__name__}: {error!r}")
            for session in place.sessions:
                session.process.stdin.close()
                session.process.wait(20)
            place.sessions.clear()
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    sys.exit(main())
