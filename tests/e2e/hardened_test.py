#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""hardened_test.py LEASTWISE direct|sudo: the proxy as another user than the agent (docs/hardened.md), with two real uids;
started by its own user, or by the agent through sudo with a sudoers file of the test.

Needs root and a mount namespace of its own, in which the password file has three more users; ends with 77 (skipped) where one of
these cannot be had.
"""
import ctypes
import json
import os
import pty
import re
import select
import shutil
import stat
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from stdio_client import StdioClient, cards_of  # noqa: E402

# Each part has users of its own: both run at a time, and each looks at all that runs as its keeper.
FIRST_UID = {"direct": 61001, "sudo": 61011}
AGENT, KEEPER, PERSON = range(FIRST_UID[sys.argv[2]], FIRST_UID[sys.argv[2]] + 3)
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SECRET = "keepers-token-4711"
SERVER = """
import json, os, sys
for line in sys.stdin:
    m = json.loads(line)
    text = ""
    if m.get("method") == "tools/call" and m["params"]["name"] == "who":
        text = json.dumps({"env": dict(os.environ), "cwd": os.getcwd(), "uid": os.getuid(), "token": os.environ.get("TOKEN", "")[:6]})
    elif m.get("method") == "tools/call":
        with open(os.path.expanduser("~/ran"), "a") as file:
            file.write(m["params"]["name"] + "\\n")
    if m.get("method") == "initialize":
        r = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "s", "version": "1"}}
    elif m.get("method") == "tools/list":
        r = {"tools": [{"name": n, "inputSchema": {"type": "object"}} for n in ("one", "who")]}
    elif m.get("method") == "tools/call":
        r = {"content": [{"type": "text", "text": text or "has run"}]}
    else:
        continue
    print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": r}), flush=True)
"""
# What an agent may try, each with how it ends; as the agent, without anybody in between.
ATTEMPTS = """
import ctypes, errno, json, os, signal, socket, sys
args, seen = json.loads(sys.argv[1]), {}
def attempt(name, act):
    try:
        act()
        seen[name] = "done"
    except OSError as e:
        seen[name] = errno.errorcode[e.errno]
def trace(pid):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, pid, None, None) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    os.waitpid(pid, 0x40000000)
for path in args["read"]:
    attempt("read " + path, lambda: open(path, "rb").read(1))
for path in args["write"]:
    attempt("write " + path, lambda: open(path, "ab").close())
for path in args["into"]:
    attempt("into " + path, lambda: os.mkdir(path + "/agent"))
for path in args["list"]:
    attempt("list " + path, lambda: os.listdir(path))
attempt("connect", lambda: socket.socket(socket.AF_UNIX).connect(args["socket"]))
for pid in args["pids"]:
    for number in (0, signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
        attempt(f"signal {number} {pid}", lambda: os.kill(pid, number))
    attempt(f"trace {pid}", lambda: trace(pid))
    for name in ("environ", "mem", "maps", "io"):
        attempt(f"proc {name} {pid}", lambda: open(f"/proc/{pid}/{name}", "rb").read(1))
    for name in ("fd", "map_files"):
        attempt(f"proc {name} {pid}", lambda: os.listdir(f"/proc/{pid}/{name}"))
    for name in ("cwd", "root", "exe"):
        attempt(f"proc {name} {pid}", lambda: os.readlink(f"/proc/{pid}/{name}"))
print(json.dumps(seen))
"""
failures = []


def expect(what, ok, seen=""):
    if not ok:
        failures.append(f"{what}: {seen}")


class Place:
    def __init__(self, folder, leastwise):
        self.folder = folder
        os.chmod(folder, 0o755)
        self.leastwise = self.path("leastwise")
        shutil.copy(leastwise, self.leastwise)
        os.chmod(self.leastwise, 0o755)
        for name, uid, mode in (("agent", AGENT, 0o755), ("keeper", KEEPER, 0o700), ("person", PERSON, 0o755), ("etc", 0, 0o755)):
            os.mkdir(self.path(name), mode)
            os.chown(self.path(name), uid, uid)
        self.put("keeper/token", SECRET + "\n", KEEPER, 0o400)
        self.put("server.py", SERVER)
        self.put("agent/python3", f"#!/bin/sh\ntouch {self.path('agent')}/was-run\nexec false\n", AGENT, 0o755)
        self.policy = self.put("etc/policy.yaml", self.policy_text())
        with open("/etc/passwd", encoding="utf-8") as file:
            known = file.read()
        names = (("agent", AGENT), ("keeper", KEEPER), ("person", PERSON))
        self.put("passwd", known + "".join(f"lw-{n}:*:{uid}:{uid}::{self.path(n)}:/bin/sh\n" for n, uid in names))
        mount(self.path("passwd"), "/etc/passwd")

    def policy_text(self):
        return (
            "leastwise: 1\nname: hardened\npurpose: Keep a credential from the agent.\n"
            "tools:\n  allow: [who]\n  approve: [{ tool: one, open: true }]\n"
            f"server: {{ command: [python3, {self.path('server.py')}] }}\n"
            f"credentials: {{ TOKEN: {{ from: file, path: {self.path('keeper/token')} }} }}\n"
            "approval: { hold: 60s }\n"
        )

    def path(self, name):
        return os.path.join(self.folder, name)

    def put(self, name, text, uid=0, mode=0o644):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chown(self.path(name), uid, uid)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def lies(self, by=AGENT):
        """What an agent would like the proxy to believe, and a sudo that lets all of it through."""
        agent = self.path("agent")
        return {
            "SUDO_UID": str(by), "HOME": agent, "USER": "root", "LOGNAME": "root", "SHELL": f"{agent}/python3", "PATH": agent,
            "XDG_STATE_HOME": f"{agent}/state", "XDG_RUNTIME_DIR": agent, "XDG_CONFIG_HOME": agent, "TERM": "xterm",
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={agent}/bus", "DISPLAY": ":7", "SSH_AUTH_SOCK": f"{agent}/ssh", "PYTHONPATH": agent,
            "LANG": "../../agent", "TOKEN": "mine",
        }

    def run(self, uid, *argv, env=None, text=""):
        return subprocess.run(
            argv, cwd=self.path("agent"), env=env or {"PATH": SYSTEM_PATH, "HOME": self.path("agent")}, input=text, timeout=60,
            capture_output=True, text=True, check=False, user=uid, group=uid, extra_groups=[],
        )

    def socket(self):
        control = self.path("keeper/.local/state/leastwise/control")
        found = [name for name in os.listdir(control) if name.endswith(".sock")] if os.path.isdir(control) else []
        return os.path.join(control, found[0]) if found else None


class Session(StdioClient):
    """A client, which is a shell that leads a session of its own, and whatever it starts the proxy by."""

    def __init__(self, place, uid, env, *command):
        super().__init__(
            ["/bin/sh", "-c", '"$@"; exit $?', "client", *command], cwd=place.path("agent"), env=env,
            start_new_session=True, user=uid, group=uid, extra_groups=[],
        )
        self.place = place
        self.shake_hands()

    def wait(self, number):
        message = self.answer(number)
        return message["result"]["content"][0]["text"] if "content" in message.get("result", {}) else ""

    def call(self, tool):
        return self.request("tools/call", {"name": tool, "arguments": {}})

    def card(self, person):
        end = time.monotonic() + 20
        while time.monotonic() < end:
            listed = person("pending", "--json")
            for card in cards_of(listed.stdout):
                return card
            time.sleep(0.1)
        raise RuntimeError(f"nothing waits: {listed.stdout}{listed.stderr}")

    def family(self):
        """The proxy, its guardian and its server: what runs as the keeper."""
        found = []
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) != os.getpid():
                try:
                    if os.stat(f"/proc/{name}/task").st_uid == KEEPER or f"\nUid:\t{KEEPER}\t" in read(f"/proc/{name}/status"):
                        found.append(int(name))
                except OSError:
                    continue
        return [pid for pid in found if pid != self.process.pid]

    def end(self):
        self.process.stdin.close()
        return self.process.wait(20)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def mount(source, target):
    """A bind mount, in our own namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(source.encode(), target.encode(), None, 4096, None) < 0:
        raise OSError(ctypes.get_errno(), f"mount {target}")


def on_terminal(uid, env, argv, typed):
    """The exit status and what was shown."""
    pid, tty = pty.fork()
    if pid == 0:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
        os.execvpe(argv[0], argv, env)
    seen, answered, end = b"", False, time.monotonic() + 30
    while time.monotonic() < end:
        try:
            if select.select([tty], [], [], 0.2)[0]:
                seen += os.read(tty, 65536)
        except OSError:
            break
        if (b"May it run?" in seen or b"Let it go on?" in seen) and not answered:
            os.write(tty, typed)
            answered = True
    os.close(tty)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen.decode(errors="replace")


def agent_attempts(place, session, path):
    state = place.path("keeper/.local/state/leastwise")
    args = {
        "read": [place.path("keeper/token"), *(os.path.join(at, n) for at, _, names in os.walk(state) for n in names if ".sock" not in n)],
        "write": [place.policy, place.path("keeper/token")],
        "into": [place.path("etc"), place.path("keeper"), state],
        "list": [place.path("keeper"), state, os.path.dirname(path)],
        "socket": path,
        "pids": session.family(),
    }
    expect("records are there", any("audit" in name for name in args["read"]), args["read"])
    expect("the proxy, its guardian and its server", len(args["pids"]) >= 3, args["pids"])
    result = place.run(AGENT, "python3", "-I", "-c", ATTEMPTS, json.dumps(args))
    seen = json.loads(result.stdout) if result.returncode == 0 else {}
    expect("the attempts were made", len(seen) > 30, result.stderr)
    for what, how in seen.items():
        expect(f"the agent: {what}", how in ("EACCES", "EPERM"), how)
    print(f"# {len(seen)} attempts of the agent, none of them done")


def agent_asks(place, session, card, path):
    """With the program, in a terminal; then past all that the directories keep away, at the socket itself."""
    lies = {**place.lies(), "PATH": SYSTEM_PATH, "XDG_STATE_HOME": place.path("keeper/.local/state")}
    for env in ({"PATH": SYSTEM_PATH, "HOME": place.path("keeper")}, {k: v for k, v in lies.items() if k != "SUDO_UID"}, lies):
        listed = place.run(AGENT, place.leastwise, "pending", "--json", env=env)
        expect("the agent sees no card", card["id"] not in listed.stdout + listed.stderr, listed)
        status, shown = on_terminal(AGENT, env, [place.leastwise, "approve", card["id"]], b"y\n")
        expect("the agent approves nothing", status != 0 and "May it run" not in shown, (status, shown))
    control = os.path.dirname(path)
    way, at = [], control
    while at != place.folder:
        way.append((at, stat.S_IMODE(os.stat(at).st_mode)))
        at = os.path.dirname(at)
    way.append((path, 0o600))
    for at, mode in way:
        expect(f"the mode of {at}", mode in (0o700, 0o600), oct(mode))
        os.chmod(at, 0o777)
    ask = (
        "import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n"
        "try:\n    s.sendall(sys.argv[2].encode())\n    print('got', s.recv(100))\nexcept OSError:\n    print('got', b'')\n"
    )
    answer = {"jsonrpc": "2.0", "id": 1, "method": "approval/answer", "params": {"id": card["id"], "verdict": "approve"}}
    for uid in (AGENT, 0):
        result = place.run(uid, "python3", "-I", "-c", ask, path, json.dumps(answer) + "\n")
        expect(f"the uid {uid} at the open socket", result.stdout == "got b''\n", result)
    for at, mode in way:
        os.chmod(at, mode)
    expect("nothing has run", not os.path.exists(place.path("keeper/ran")))


def one_session(place, uid, env, command, person, approve):
    """A call that the agent cannot have without the person, and has once with him."""
    session = Session(place, uid, env, *command)
    who = json.loads(session.wait(session.call("who")))
    variables = {k: v for k, v in who["env"].items() if k not in ("TERM", "TOKEN", "PWD", "SHLVL", "_", "LC_CTYPE")}
    expect("the server's variables", variables == {
        "HOME": place.path("keeper"), "USER": "lw-keeper", "LOGNAME": "lw-keeper", "SHELL": "/bin/sh", "PATH": SYSTEM_PATH,
    }, who["env"])
    expect("the server's user and directory", (who["uid"], who["cwd"]) == (KEEPER, place.path("keeper")), who)
    expect("the server's token", who["token"] == SECRET[:6], who["token"])
    number = session.call("one")
    card = session.card(person)
    expect("the card tells who asks", card["client_pid"] == session.process.pid, (card["client_pid"], session.process.pid))
    path = place.socket()
    expect("the socket is in the keeper's state", path is not None)
    agent_attempts(place, session, path)
    agent_asks(place, session, card, path)
    status, shown = approve(card["id"])
    expect("the person approves", status == 0 and "May it run?" in shown, (status, shown))
    expect("the call runs", session.wait(number) == "has run")
    expect("once", read(place.path("keeper/ran")) == "one\n", read(place.path("keeper/ran")))
    os.unlink(place.path("keeper/ran"))
    expect("the end", session.end() == 0)
    expect("no socket stays", place.socket() is None)
    left = [name for name in os.listdir(place.path("agent")) if name != "python3"]
    expect("nothing of it is in the agent's directory", not left, left)
    records = place.path("keeper/.local/state/leastwise/audit")
    text = "".join(read(os.path.join(records, name)) for name in os.listdir(records))
    expect("the records have no token", "approval" in text and SECRET not in text)


def refused_starts(place):
    agents = place.put("agent/policy.yaml", place.policy_text(), AGENT)
    os.mkdir(place.path("agent/open"))
    os.chmod(place.path("agent/open"), 0o777)
    place.put("agent/open/policy.yaml", place.policy_text())
    os.mkdir(place.path("shared"))
    os.chmod(place.path("shared"), 0o777)
    shared = place.put("shared/policy.yaml", place.policy_text())
    rows = [
        ("the agent's policy", agents, AGENT, 3, "belongs to another user"),
        ("a file of root in the agent's directory", place.path("agent/open/policy.yaml"), AGENT, 3, "could replace the file"),
        ("a directory that all write to", shared, AGENT, 3, "could replace the file"),
        ("a path from the agent's directory", "../etc/policy.yaml", AGENT, 2, "begins with /"),
        ("somebody without a number", "../etc/policy.yaml", "agent", 2, "begins with /"),
        ("no number at all", "../etc/policy.yaml", "", 2, "begins with /"),
    ]
    for what, policy, by, status, why in rows:
        result = place.run(KEEPER, place.leastwise, "run", "--policy", policy, env={**place.lies(), "SUDO_UID": str(by)})
        expect(what, result.returncode == status and why in result.stderr, result)
    result = place.run(61999, place.leastwise, "run", "--policy", place.policy, env=place.lies())
    expect("a user that the password file does not have", result.returncode == 125 and "give it one" in result.stderr, result)
    shutil.rmtree(place.path("agent/open"))
    os.unlink(agents)
    own = place.run(KEEPER, place.leastwise, "check", "../etc/policy.yaml", env={**place.lies(), "SUDO_UID": str(KEEPER)})
    expect("the same user is no other", own.returncode == 0, own)


def through_sudo(place):
    """The lines of docs/hardened.md, with the names of the test; without a password, since nobody is there to type one."""
    run, program = f"{place.leastwise} run --policy {place.policy}", place.leastwise
    text = (
        f"Defaults!{program} env_reset, !setenv, !use_pty, !log_input, !log_output, timestamp_timeout=0\n"
        f"lw-agent ALL = (lw-keeper) NOPASSWD: NOSETENV: {run}\n"
        f"lw-person ALL = (lw-keeper) NOPASSWD: {program} watch, {program} pending, {program} pending --json, {program} approve ??????, "
        f"{program} stop --all --because *, {program} resume ??????\n"
        "root ALL = (ALL) ALL\n"
    )
    mount(place.put("sudoers", text, 0, 0o440), "/etc/sudoers")
    checked = place.run(0, "visudo", "-c", "-f", place.path("sudoers"))
    expect("visudo", checked.returncode == 0, checked)
    as_keeper = ["sudo", "-n", "-u", "lw-keeper"]
    command = [*as_keeper, program, "run", "--policy", place.policy]
    env = {**place.lies(), "PATH": SYSTEM_PATH, "LD_PRELOAD": ""}
    own = {"PATH": SYSTEM_PATH, "TERM": "xterm", "HOME": place.path("person")}
    one_session(
        place, AGENT, env, command, lambda *args: place.run(PERSON, *as_keeper, program, *args, env=own),
        lambda card: on_terminal(PERSON, own, [*as_keeper, program, "approve", card], b"y\n"),
    )
    for what, argv in {
        "another option": [*command, "--reload", "any"],
        "another policy": [*command[:-1], place.path("agent/policy.yaml")],
        "another policy besides": [*command, "--policy", place.path("agent/policy.yaml")],
        "another server": [*command, "--", "true"],
        "an agent's name": [*command, "--agent", "x"],
        "a variable": [*as_keeper, "XDG_STATE_HOME=/tmp", *command[4:]],
        "all variables": ["sudo", "-n", "-E", *command[2:]],
        "a shell": [*as_keeper, "-s"],
        "root": ["sudo", "-n", *command[4:]],
        "what waits": [*as_keeper, program, "pending"],
        "approving": [*as_keeper, program, "approve", "7F3K2Q"],
        "resuming": [*as_keeper, program, "resume", "7F3K2Q"],
    }.items():
        result = place.run(AGENT, *argv, env=env)
        expect(f"sudo and {what}", result.returncode == 1 and "sudo" in result.stderr and "leastwise:" not in result.stderr, result)
    stopped = place.run(PERSON, *as_keeper, program, "stop", "--all", "--because", "it went wild", env=own)
    found = re.search(r"leastwise resume ([0-9A-Z]{6})", stopped.stdout + stopped.stderr)
    expect("stopping", stopped.returncode == 0 and found, stopped)
    if found:
        status, seen = on_terminal(PERSON, own, [*as_keeper, program, "resume", found[1]], b"y\n")
        expect("resuming", status == 0 and "it went wild" in seen, seen)
    print("# the same through sudo")


def without_sudo(place):
    env = {"SUDO_UID": str(PERSON), "TERM": "xterm", "XDG_STATE_HOME": place.path("person"), "HOME": place.path("person")}
    one_session(
        place, KEEPER, place.lies(), [place.leastwise, "run", "--policy", place.policy],
        lambda *args: place.run(KEEPER, place.leastwise, *args, env=env),
        lambda card: on_terminal(KEEPER, env, [place.leastwise, "approve", card], b"y\n"),
    )
    refused_starts(place)


PARTS = {"direct": without_sudo, "sudo": through_sudo}


def inside(leastwise, part):
    with tempfile.TemporaryDirectory(prefix="leastwise-hardened.", dir="/tmp") as folder:
        place = Place(folder, leastwise)
        try:
            PARTS[part](place)
        finally:
            subprocess.run(["umount", "/etc/sudoers"], check=False, capture_output=True)
            subprocess.run(["umount", "/etc/passwd"], check=False, capture_output=True)
    for line in failures:
        print(f"FAILED {line}")
    print(f"hardened: {len(failures)} failed")
    return 1 if failures else 0


def main():
    part = sys.argv[2]
    if sys.argv[3:] == ["inside"]:
        return inside(sys.argv[1], part)
    space = ["unshare", "--mount", "--propagation", "private"]
    if os.geteuid() != 0:
        print("SKIPPED: this test needs root, to be two users")
        return 77
    if not shutil.which("unshare") or subprocess.run([*space, "true"], check=False).returncode != 0:
        print("SKIPPED: this test needs a mount namespace of its own (unshare --mount)")
        return 77
    if part == "sudo":
        if not shutil.which("sudo"):
            print("SKIPPED: sudo is not installed")
            return 77
        if not os.path.exists("/etc/sudoers"):
            raise RuntimeError("sudo is installed without /etc/sudoers")
    return subprocess.run([*space, sys.executable, __file__, os.path.abspath(sys.argv[1]), part, "inside"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
