#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""start_calls_test.py LEASTWISE SERVER: what stands between a client and its first list of tools, by strace.

Milliseconds depend on the machine; these do not: the guardian comes while there is little to copy, and nothing that can wait is done
before the list has gone out. Skipped, and says so, where strace is missing or may not trace."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

# From the policy's opening to the list's writing, in the proxy itself, but for memory, of which a sanitizer takes more than it asks for;
# it takes some 175.
CALLS_MOST = 195
MEMORY = {"brk", "madvise", "mmap", "mprotect", "munmap"}
SKIPPED = 77

# The server is traced as well, and a sanitizer in it reads its options from its own environment.
POLICY = "leastwise: 1\nname: start\npurpose: Start.\nserver: { inherit: [ASAN_OPTIONS] }\ntools:\n  allow: [echo, add]\n"
failures = []


def check(what, holds, seen=""):
    if not holds:
        failures.append(f"{what}: {seen}")


def session(command, env):
    """From the start to the list; then until somebody could grant something."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env)
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    for message, answered in (
        ({"id": 1, "method": "initialize", "params": hello}, True),
        ({"method": "notifications/initialized"}, False),
        ({"id": 2, "method": "tools/list"}, True),
    ):
        process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        process.stdin.flush()
        while answered and json.loads(process.stdout.readline()).get("id") != message["id"]:
            pass
    end = time.monotonic() + 20
    while not any(name.endswith(".sock") for name in os.listdir(env["XDG_RUNTIME_DIR"] + "/leastwise")) and time.monotonic() < end:
        time.sleep(0.01)
    process.stdin.close()
    try:
        check("the session's end", process.wait(30) == 0)
    finally:
        process.kill()


def calls_of(trace):
    """[(name, whole text)] of the proxy itself, in order; of what was interrupted the beginning counts."""
    with open(trace, encoding="utf-8", errors="replace") as file:
        lines = [re.match(r"(\d+) +(\w+)\((.*)", line) for line in file]
    lines = [m for m in lines if m]
    return [(m[2], m[3]) for m in lines if m[1] == lines[0][1]]


def look(calls):
    def first(what, *words, behind=0):
        for i, (name, text) in enumerate(calls[behind:], behind):
            if re.fullmatch(what, name) and all(word in text for word in words):
                return i
        return None

    policy = first("open|openat", "policy.yaml")
    fork = first("clone|clone3|fork")
    closed = first("prctl", "PR_SET_DUMPABLE, SUID_DUMP_DISABLE") or first("prctl", "PR_SET_DUMPABLE, 0")
    server = first("vfork|clone|clone3|fork", behind=(fork or 0) + 1)
    listed = first("write|writev", '\\"result\\":{\\"tools\\":[')
    check("policy, guardian, server and list are seen", None not in (policy, fork, server, listed), (policy, fork, server, listed))
    if failures:
        return
    check("the guardian is there before anything is read", fork < policy, (fork, policy))
    # Whatever else is late, the server cannot look into what the guardian has copied: credentials in the environment.
    check("the guardian's copy of our memory is closed from the start", closed is not None and closed < fork, (closed, fork))
    check("the server comes behind the guardian, before the list", fork < server < listed, (fork, server, listed))
    record = first("write", '{\\"v\\":1,\\"seq\\":1,')
    passed = first("write|writev", '\\"method\\":\\"initialize\\"')
    check("the record stands before its effect", record is not None and passed is not None and record < passed, (record, passed))
    before, later = calls[:listed], [name for name, _ in calls[listed:]]
    for name in ("bind", "mkdir", "mkdirat"):
        check(f"no {name} before the list", not any(n == name for n, _ in before), [t for n, t in before if n == name])
    for path in ("/etc/localtime", "/etc/nsswitch.conf", "/etc/passwd"):
        check(f"{path} is not read", not any(path in text for name, text in before if name == "openat"))
    check("the socket comes when the client has its list, and nothing else is to do",
          "bind" in later and any(name.startswith("epoll_") and "wait" in name for name in later[: later.index("bind")]), later)
    check("the stops are watched behind the list, or were before", first("inotify_add_watch", "/stops") is not None)
    number = sum(name not in MEMORY for name, _ in calls[policy:listed])
    print(f"{number} system calls from the policy to the list")
    check("their number", number <= CALLS_MOST, number)


def main(program, server):
    strace = shutil.which("strace")
    if not strace or subprocess.run([strace, "-f", "-o", "/dev/null", "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("strace is missing, or may not trace here")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        env = {name: folder + "/home" for name in ("HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")}
        # The leak sanitizer is a tracer itself.
        env |= {"PATH": os.environ["PATH"], "USER": "t", "LOGNAME": "t", "LC_ALL": "C", "ASAN_OPTIONS": "detect_leaks=0"}
        home, trace = folder + "/home", folder + "/trace"
        policy = home + "/policy.yaml"
        # What strace writes must not be where the proxy watches.
        os.mkdir(home, 0o700)
        with open(policy, "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write(POLICY)
        command = [os.path.abspath(program), "run", "--policy", policy, "--", os.path.abspath(server)]
        # The first makes what later ones find.
        session(command, env)
        session([strace, "-f", "-s", "64", "-o", trace, *command], env)
        look(calls_of(trace))
    print("\n".join(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
