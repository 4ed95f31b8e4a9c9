#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""resume_test.py LEASTWISE FAKE_SERVER: `leastwise resume` at a terminal, beside a session that runs.

The client is a process of its own, so that what is started here does not descend from it.
"""
import json
import os
import pty
import re
import select
import subprocess
import sys
import tempfile

program, server = (os.path.abspath(each) for each in sys.argv[1:])
failures = []

POLICY = "leastwise: 1\nname: open\npurpose: p\ntools: { allow: ['**'] }\n"
# Starts the proxy in its own name and waits for it.
CLIENT = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)"


def check(holds, what):
    if not holds:
        failures.append(what)


class Session:
    def __init__(self, env, policy):
        command = [sys.executable, "-c", CLIENT, program, "run", "--policy", policy, "--", server, "serve"]
        self.process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.id = 0
        self.ask("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}})

    def ask(self, method, params):
        self.id += 1
        line = json.dumps({"jsonrpc": "2.0", "id": self.id, "method": method, "params": params}) + "\n"
        self.process.stdin.write(line.encode())
        self.process.stdin.flush()
        while True:
            answer = json.loads(self.process.stdout.readline())
            if answer.get("id") == self.id:
                return answer

    def stopped(self):
        return "stopped by a person" in json.dumps(self.ask("tools/call", {"name": "good", "arguments": {}}))

    def becomes(self, stopped):
        return any(self.stopped() == stopped for _ in range(5000))

    def end(self):
        self.process.stdin.close()
        check(self.process.wait(20) == 0, "the session does not end with 0")


def run(env, *arguments):
    result = subprocess.run([program, *arguments], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, start_new_session=True, check=False)
    return result.returncode, result.stdout + result.stderr


def at_terminal(env, typed, *arguments):
    """Types when asked; again when nothing comes of it, since what is typed too soon is forgotten. The exit status and what stood on the terminal."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(program, [program, *arguments], env)
    said, answered, patience = b"", False, 20
    while True:
        if not select.select([fd], [], [], 1)[0]:
            patience -= 1
            if not patience:
                break
            if answered:
                os.write(fd, typed.encode())
            continue
        try:
            more = os.read(fd, 65536)
        except OSError:
            break
        if not more:
            break
        said += more
        if not answered and b"[y/N]" in said:
            answered = True
            os.write(fd, typed.encode())
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said.decode()


def stop(env, *arguments):
    status, said = run(env, "stop", *arguments)
    found = re.search(r"^stopped (.*); to let it go on: leastwise resume (\w{6})$", said, re.M)
    check(status == 0 and found, f"stop {arguments}: {status}, {said}")
    return found[2] if found else "XXXXXX"


def usage(env):
    for arguments in (
        ("stop", "--tool", "x"),
        ("stop", "--because", "x"),
        ("stop", "--tool", "x", "--all", "--because", "x"),
        ("stop", "--tool", "[a-z]", "--because", "x"),
        ("stop", "--tool", "", "--because", "x"),
        ("stop", "--all", "--because", ""),
        ("stop", "--all", "--because", "a\nb"),
        ("stop", "--all", "--because", "x" * 1001),
        ("stop", "x"),
        ("resume",),
        ("resume", "x"),
        ("resume", "ABCDEF", "--all"),
    ):
        status, said = run(env, *arguments)
        check(status == 2 and "Try: leastwise help" in said, f"{arguments}: {status}, {said}")
    check(run(env, "stop") == (0, "nothing is stopped\n"), "nothing should be stopped")


def the_machine_is_roots(env):
    """Whoever runs this test, another user tries."""
    user = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    before = run(env, "stop", "--system")
    for verb, *arguments in (("stop", "--all", "--because", "x"), ("resume", "--all"), ("resume", "7F3K2Q")):
        try:
            result = subprocess.run(
                [program, verb, *arguments, "--system"], env=env, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True,
                start_new_session=True, check=False, **user,
            )
        except PermissionError as error:
            print(f"SKIP: another user cannot run {program} from here: {error}")
            return
        why = f"leastwise: only the administrator can {verb} for the whole machine: sudo leastwise {verb} --system ...\n"
        check((result.returncode, result.stdout, result.stderr) == (1, "", why), f"{verb} --system: {result}")
    check(run(env, "stop", "--system") == before, "what root has stopped has changed")


def main():
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o700)
        env = {"HOME": home, "PATH": os.environ["PATH"], "XDG_STATE_HOME": os.path.join(home, "state"), "LC_ALL": "C"}
        policy = os.path.join(home, "policy.yaml")
        with open(policy, "w", encoding="utf-8") as file:
            file.write(POLICY)
        os.chmod(policy, 0o600)
        usage(env)
        the_machine_is_roots(env)
        session = Session(env, policy)
        one = stop(env, "--all", "--because", "incident 42")
        two = stop(env, "--tool", "good", "--because", "\u202eevil")
        check(session.becomes(True), "not stopped")
        folder = os.path.join(env["XDG_STATE_HOME"], "leastwise", "stops")
        check(os.stat(folder).st_mode & 0o777 == 0o700, "the folder is open to others")
        check(all(os.stat(os.path.join(folder, name)).st_mode & 0o777 == 0o600 for name in os.listdir(folder)), "a file is open to others")
        status, said = run(env, "stop")
        check(status == 0 and re.search(rf"^{one}  everything, since 2.* by \S+: incident 42$", said, re.M), said)
        check(r"\u{202E}evil" in said, f"the reason is not shown inert: {said!r}")
        # Nobody is there to be asked.
        status, said = run(env, "resume", one)
        check(status == 70 and "no terminal" in said, f"{status}, {said}")
        for typed in ("\n", "n\n", "yes\n", "Y\n"):
            status, said = at_terminal(env, typed, "resume", one)
            check(status == 1 and "not resumed" in said, f"{typed!r}: {status}, {said}")
        check("everything" in said and "incident 42" in said and two not in said, said)
        check(at_terminal(env, "y\n", "resume", "ABCDEF" if one != "ABCDEF" else "ABCDEG")[0] == 1, "there is no such stop")
        status, said = at_terminal(env, "y\n", "resume", one.lower())
        check(status == 0 and f"resumed {one}" in said, f"{status}, {said}")
        check(session.stopped(), "the other stop should still hold")
        status, said = at_terminal(env, "y\n", "resume", "--all")
        check(status == 0 and f"resumed {two}" in said, f"{status}, {said}")
        check(session.becomes(False), "not resumed")
        # One that cannot be read is shown as such, and can be resumed.
        three = stop(env, "--tool", "x", "--because", "y")
        with open(os.path.join(folder, three + ".json"), "w", encoding="utf-8") as file:
            file.write("{")
        status, said = run(env, "stop")
        check(status == 70 and "everything is stopped: " in said and three in said, f"{status}, {said}")
        check(at_terminal(env, "y\n", "resume", "--all")[0] == 1, "what cannot be read is not resumed unseen")
        status, said = at_terminal(env, "y\n", "resume", three)
        check(status == 0 and "mend it or remove it" in said, f"{status}, {said}")
        check(os.listdir(folder) == [], "files are left")
        check(session.becomes(False), "not resumed after all")
        session.end()


main()
for failure in failures:
    print(failure, file=sys.stderr)
sys.exit(1 if failures else 0)
