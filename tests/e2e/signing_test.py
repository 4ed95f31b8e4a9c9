#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""signing_test.py LEASTWISE SOFTWARE_KEY: approvals that people sign, with OpenSSH's ssh-keygen.

Each session is the program itself between this client and a server of a few lines; people sign with keys in files and with a
security key (tests/support/software_key.c).
"""
import json
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from stdio_client import StdioClient, cards_of  # noqa: E402

SERVER = """
import json, sys
for line in sys.stdin:
    m = json.loads(line)
    if m.get("method") == "initialize":
        r = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "s", "version": "1"}}
    elif m.get("method") == "tools/list":
        r = {"tools": [{"name": n, "inputSchema": {"type": "object"}} for n in ("one", "two")]}
    elif m.get("method") == "tools/call":
        r = {"content": [{"type": "text", "text": "ran " + json.dumps(m["params"])}]}
    else:
        continue
    print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": r}), flush=True)
"""
POLICY = """leastwise: 1
name: signed
purpose: Let people sign.
tools:
  approve:
    - { tool: one, id: one, open: true, say: "Do {x}" }
    - { tool: two, id: two, open: true, by: 2 }
approvers: { signers: people, revoked: gone }
approval: { hold: 60s }
"""
NAMESPACE = "leastwise-approval"
failures = []


def expect(what, ok, seen=""):
    if not ok:
        failures.append(f"{what}: {seen}")


class Place:
    """A directory with a policy, keys and lists, and the environment of all programs."""

    def __init__(self, folder, leastwise, software_key):
        self.folder, self.leastwise = folder, leastwise
        self.env = {
            "HOME": folder, "PATH": "/usr/local/bin:/usr/bin:/bin", "XDG_STATE_HOME": self.path("state"), "TERM": "xterm",
            "XDG_RUNTIME_DIR": self.path("run"), "SSH_SK_PROVIDER": software_key, "LC_ALL": "C.UTF-8",
        }
        os.mkdir(self.path("run"), 0o700)
        for name in ("alice", "alice2", "bob", "mallory"):
            self.keygen("-q", "-t", "ed25519", "-N", "", "-f", name)
        self.keygen("-q", "-t", "ed25519-sk", "-w", software_key, "-N", "", "-f", "carol")
        self.put("policy.yaml", POLICY)
        self.put("server.py", SERVER)
        people = (("alice", "alice"), ("alice", "alice2"), ("bob", "bob"), ("carol", "carol"))
        self.put("people", "".join(f'{who} namespaces="{NAMESPACE}" {self.read(key + ".pub")}' for who, key in people))
        self.put("gone", "# none\n")

    def path(self, name):
        return os.path.join(self.folder, name)

    def put(self, name, text):
        with open(self.path(name + ".new"), "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write(text)
        os.rename(self.path(name + ".new"), self.path(name))

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def run(self, *argv, text=""):
        return subprocess.run(
            argv, cwd=self.folder, env=self.env, input=text, capture_output=True, text=True, timeout=60, check=False
        )

    def keygen(self, *args, text=""):
        result = self.run("ssh-keygen", *args, text=text)
        if result.returncode != 0:
            raise RuntimeError(f"ssh-keygen {args}: {result.stderr}")
        return result.stdout

    def statement(self, card):
        return self.run(self.leastwise, "approve", card, "--statement").stdout

    def sign(self, text, key, namespace=NAMESPACE):
        return self.keygen("-q", "-Y", "sign", "-n", namespace, "-f", key, text=text)

    def send(self, card, signature):
        """The exit status, and what was said."""
        result = self.run(self.leastwise, "approve", card, "--signature", "-", text=signature)
        return result.returncode, result.stdout + result.stderr

    def approve(self, card, key):
        return self.send(card, self.sign(self.statement(card), key))


class Session(StdioClient):
    def __init__(self, place):
        super().__init__(
            [place.leastwise, "run", "--policy", "policy.yaml", "--", "python3", "server.py"], cwd=place.folder, env=place.env,
        )
        self.place = place
        self.shake_hands()
        self.wait(self.request("tools/list", {}))

    def wait(self, number):
        return json.dumps(self.answer(number))

    def call(self, tool, value):
        """A call that waits: its number and its card."""
        number = self.request("tools/call", {"name": tool, "arguments": {"x": value}})
        end = time.monotonic() + 20
        while time.monotonic() < end:
            listed = self.place.run(self.place.leastwise, "pending", "--json")
            for card in cards_of(listed.stdout):
                if card["tool"] == tool and json.loads(card["arguments"])["x"] == value and card["state"] == "open":
                    return number, card["id"]
        raise RuntimeError(f"{tool} does not wait: {listed.stdout}{listed.stderr}")

    def wait_said(self, words):
        expect("on stderr", self.hears(words), self.said)

    def end(self):
        self.process.stdin.close()
        self.process.wait(20)


def wrong_signatures(place, session):
    number, card = session.call("one", "a")
    text = place.statement(card)
    expect("a statement", text.startswith(f"leastwise approval 1\nverdict: approve\nid: {card}\n") and "\ntool: one\n" in text, text)
    rows = [
        ("a wrong key", place.sign(text, "mallory"), "nobody on the list of approvers has this key"),
        ("a wrong namespace", place.sign(text, "alice", "file"), "another purpose"),
        ("an altered text", place.sign(text.replace("id: ", "id:  "), "alice"), "not one of this text"),
        ("another verdict", place.sign(text.replace("approve\n", "deny\n"), "alice"), "not one of this text"),
        ("no signature", "hello\n", "this is no signature"),
    ]
    for what, signature, why in rows:
        status, said = place.send(card, signature)
        expect(what, status == 1 and why in said, (status, said))
    good = place.sign(text, "alice")
    status, said = place.send(card, good)
    expect("a good signature", status == 0 and "passed on" in said, (status, said))
    expect("the call", "ran " in (answer := session.wait(number)), answer)
    # The same call again is another card.
    number, again = session.call("one", "a")
    status, said = place.send(again, good)
    expect("a signature used again", status == 1 and "not one of this text" in said, (status, said))
    status, said = place.send(card, good)
    expect("a signature for what is over", status == 1, (status, said))
    expect("denied", place.run(place.leastwise, "deny", again).returncode == 0)
    expect("a call that was denied", "ran " not in (answer := session.wait(number)), answer)


def two_people(place, session):
    number, card = session.call("two", "b")
    for who, said_so in (("alice", "1 of 2"), ("alice", "1 of 2"), ("alice2", "1 of 2"), ("carol", "passed on")):
        status, said = place.approve(card, who)
        expect(f"{who} of two", status == 0 and said_so in said, (status, said))
    expect("two people", "ran " in (answer := session.wait(number)), answer)


def on_a_terminal(place, session, args, key_file=None):
    """approve --sign, answered with y."""
    number, card = session.call("one", f"terminal {args}")
    pid, tty = pty.fork()
    if pid == 0:
        os.chdir(place.folder)
        os.execvpe(place.leastwise, [place.leastwise, "approve", card, *args], place.env)
    seen, answered, end = b"", False, time.monotonic() + 30
    while time.monotonic() < end:
        try:
            if select.select([tty], [], [], 0.2)[0]:
                piece = os.read(tty, 65536)
                if not piece:
                    break
                seen += piece
        except OSError:
            break
        if b"May it run?" in seen and not answered:
            os.write(tty, b"y\n")
            answered = True
    os.close(tty)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    expect(f"approve {args}", (status == 0) == (key_file is not False), (status, seen))
    if key_file is False:
        place.run(place.leastwise, "deny", card)
        expect("unsigned", "ran " not in (answer := session.wait(number)), answer)
        return seen
    expect("signed on a terminal", "ran " in (answer := session.wait(number)), answer)
    return seen


def revoked_while_running(place, session):
    place.put("gone", "# lost\n" + place.read("bob.pub"))
    session.wait_said(b"changed policies are in force")
    number, card = session.call("one", "c")
    status, said = place.approve(card, "bob")
    expect("a revoked key", status == 1 and "has been revoked" in said, (status, said))
    # Nobody has said that the list may be longer.
    place.put("people", place.read("people") + f"mallory {place.read('mallory.pub')}")
    session.wait_said(b"leastwise trust")
    status, said = place.approve(card, "mallory")
    expect("a list that grew by itself", status == 1 and "nobody on the list" in said, (status, said))
    place.run(place.leastwise, "deny", card)
    session.wait(number)


def record(place):
    """Whoever has the audit log and the list of people needs no leastwise to see who approved what."""
    folder = os.path.join(place.folder, "state", "leastwise", "audit")
    seen = []
    for name in os.listdir(folder):
        for line in place.read(os.path.join(folder, name)).splitlines():
            r = json.loads(line)
            if r.get("signature"):
                place.put("signature", r["signature"])
                found = place.keygen("-Y", "find-principals", "-s", "signature", "-f", "people").split()
                expect("whose it is", found[0] == r["approver"], (found, r))
                args = ("-Y", "verify", "-f", "people", "-I", r["approver"], "-n", NAMESPACE, "-s", "signature")
                place.keygen(*args, text=r["statement"])
                changed = place.run("ssh-keygen", *args, text=r["statement"].replace("approve", "deny"))
                expect("a record that was changed", changed.returncode != 0)
                expect("what was signed", f"id: {r['approval']}\n" in r["statement"] and f"call: sha256:{r['approval_digest']}\n" in r["statement"], r)
                seen.append((r["approver"], r["verdict"]))
    expect("signatures on record", len(seen) >= 6 and ("carol", "approve") in seen, seen)


def too_late(number, frame):
    raise RuntimeError("something that was to be answered was not")


def more_than_there_are(place):
    """Alice, Bob and Carol: of Alice's two keys each is hers."""
    for by, said in ((3, ""), (4, "warning[P513]: 4 people must approve, but 3 may")):
        place.put("many.yaml", POLICY.replace("by: 2", f"by: {by}") + "tests: [{ call: one, expect: approve }]\n")
        result = place.run(place.leastwise, "check", "many.yaml")
        expect(f"by: {by}", result.returncode == 0 and (said in result.stderr if said else "P513" not in result.stderr), result)


def main(leastwise, software_key):
    signal.signal(signal.SIGALRM, too_late)
    signal.alarm(100)
    with tempfile.TemporaryDirectory() as folder:
        place = Place(folder, os.path.abspath(leastwise), os.path.abspath(software_key))
        session = Session(place)
        try:
            more_than_there_are(place)
            wrong_signatures(place, session)
            two_people(place, session)
            on_a_terminal(place, session, ("--sign", "--key", "alice"))
            seen = on_a_terminal(place, session, ("--sign", "--key", "carol"))
            expect("asked to touch", b"user presence" in seen, seen)
            seen = on_a_terminal(place, session, (), key_file=False)
            expect("without a signature", b"they sign" in seen, seen)
            seen = on_a_terminal(place, session, ("--sign",), key_file=False)
            expect("without a key", b"say --key FILE" in seen, seen)
            revoked_while_running(place, session)
            session.end()
            record(place)
        except RuntimeError as error:
            failures.append(str(error))
        finally:
            session.process.kill()
            session.process.wait()
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    sys.exit(main(*sys.argv[1:]))
