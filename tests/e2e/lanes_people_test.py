#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""lanes_people_test.py LEASTWISE FAKE_SERVER: what people stop and grant while lanes run; and the life of a lane as the kernel is told of it."""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

from lanes_rig import ALLOW, READ, WRITE, Session, Skip, alive, check, holders, program, run, server, until

# Starts the proxy in its own name: what is started here does not descend from the client.
APART = (sys.executable, "-c", "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)")
APPROVED = "tools: { allow: [good], approve: [{ tool: bad, lane: write }] }\n"


def verb(session, *arguments):
    result = subprocess.run([program, *arguments], env=session.env, capture_output=True, text=True, start_new_session=True, timeout=60, check=False)
    check(result.returncode == 0, f"{arguments}: {result.returncode} {result.stdout}{result.stderr}")
    return result.stdout


def at_terminal(session, *arguments):
    """What stood on the terminal, where the question is answered with yes."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(program, [program, *arguments], {**session.env, "TERM": "xterm"})
    said, answered, limit = b"", False, time.monotonic() + 30
    while time.monotonic() < limit:
        try:
            if select.select([fd], [], [], 0.2)[0]:
                said += os.read(fd, 65536)
        except OSError:
            break
        if not answered and b"[y/N]" in said:
            answered = True
            os.write(fd, b"y\n")
    os.close(fd)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    check(status == 0, f"{arguments}: {status} {said}")
    return said.decode()


def id_in(said, words):
    found = re.search(words + r" (\w{6})", said)
    check(found, f"no id in {said}")
    return found[1] if found else "XXXXXX"


def stop(session, *what):
    """The id of a stop, of which the session has heard."""
    before = session.said().count("STOPPED")
    ident = id_in(verb(session, "stop", *what, "--because", "incident 42"), "leastwise resume")
    until(lambda: session.said().count("STOPPED") > before, "the session hears of the stop")
    return ident


def resume(session, ident):
    at_terminal(session, "resume", ident)
    until(lambda: f"stop {ident} of" in session.said(), "the session hears that it is resumed")


def grant(session):
    """The id of a grant of the tool `bad`."""
    folder = os.path.join(session.dir, "leastwise")
    session.send({"id": "list", "method": "tools/list"})
    session.answer("list")
    until(lambda: os.path.isdir(folder) and any(not name.startswith(".") for name in os.listdir(folder)), "its socket")
    return id_in(at_terminal(session, "grant", "--tool", "bad", "--for", "15m", "--because", "incident 42"), "leastwise grant --revoke")


def is_refused(session, ident, words):
    answer = session.answer(ident)
    check(words in answer and '"isError":true' in answer, f"call {ident}: {answer}")


def waits_for(path):
    return f"while ! test -e {path}; do sleep 0.02; done; echo {WRITE}"


def stopped():
    """A stop of its tool refuses calls of a lane that runs; a stop of everything ends it, and starts none."""
    s = Session(ALLOW, before=APART)
    s.handshake()
    s.call(1, "bad")
    s.answer(1)
    lane = int(s.noted("call", "bad")[0][0])
    stopped_tool = stop(s, "--tool", "bad")
    s.call(2, "bad")
    is_refused(s, 2, "stopped by a person")
    s.call(3)
    check("length" in s.answer(3), "others pass")
    check(alive(lane), "it may have other tools")
    resume(s, stopped_tool)
    s.call(4, "bad")
    check("length" in s.answer(4) and int(s.noted("call", "4")[0][0]) == lane, "resumed, in the same process")
    stopped_all = stop(s, "--all")
    until(lambda: not alive(lane), "it ends, long before its time", 10)
    check(not holders(WRITE), "nobody holds its credential")
    s.call(5, "bad")
    is_refused(s, 5, "stopped by a person")
    check(s.fetched("write") == 1 and len(s.noted("begin")) == 2, "nothing is fetched or started")
    resume(s, stopped_all)
    s.call(6, "bad")
    check("length" in s.answer(6) and int(s.noted("call", "6")[0][0]) != lane, "resumed, in another process")
    check([row[4] for row in s.noted("call", "bad")] == ["1", "4", "6"], f"{s.noted('call')}")
    s.end()


def stopped_while_it_starts():
    """A stop while the lane's credential is fetched: the call does not run, and no process is started with it."""
    with tempfile.TemporaryDirectory() as place:
        mark = os.path.join(place, "go")
        s = Session(ALLOW, write=waits_for(mark), before=APART)
        s.handshake()
        s.call(1, "bad")
        s.call(2)
        s.answer(2)
        check(1 not in s.answers, "it waits")
        stop(s, "--all")
        is_refused(s, 1, "stopped by a person while it waited")
        with open(mark, "w", encoding="utf-8"):
            pass
        time.sleep(0.3)
        check(not holders(WRITE) and len(s.noted("begin")) == 1, "nothing is started")
        s.end()


def granted():
    """A call that a person has granted goes to its lane without a card."""
    s = Session(APPROVED + "approval: { hold: 200ms }\n", before=APART)
    s.handshake()
    s.call(1, "bad")
    check('"isError":true' in s.answer(1) and s.fetched("write") == 0, "without a grant it needs an approval")
    pending = verb(s, "pending")
    check("bad" in pending, pending)
    ident = grant(s)
    s.call(2, "bad", n=1)
    check("length" in s.answer(2), f"granted: {s.answer(2)}")
    check([(row[1], row[4]) for row in s.noted("call", "bad")] == [(WRITE, "2")], f"in its lane: {s.noted('call')}")
    pending = verb(s, "pending")
    check("No call waits for an approval." in pending and "USED     1 time" in pending, pending)
    verb(s, "grant", "--revoke", ident)
    s.call(3, "bad", n=2)
    check('"isError":true' in s.answer(3), "revoked")
    check(len(s.noted("call", "bad")) == 1, "ran once")
    s.end()


def revoked_while_it_waits():
    """What was granted is revoked while the call waits for its lane: it does not run, and no process is started for it."""
    with tempfile.TemporaryDirectory() as place:
        mark = os.path.join(place, "go")
        s = Session(APPROVED + "approval: { hold: 200ms }\n", write=waits_for(mark), before=APART)
        s.handshake()
        ident = grant(s)
        s.call(1, "bad")
        s.call(2)
        s.answer(2)
        check(1 not in s.answers, "it waits for its server")
        verb(s, "grant", "--revoke", ident)
        is_refused(s, 1, "what a person had granted ended")
        with open(mark, "w", encoding="utf-8"):
            pass
        time.sleep(0.3)
        check(not holders(WRITE) and not s.noted("call", "bad") and len(s.noted("begin")) == 1, "nothing is started")
        s.end()


def trace(path):
    """(pid, time, line) of each event."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return [(int(pid), float(when), line) for pid, when, line in re.findall(r"^(\d+) +(\d+\.\d+) (.*)$", file.read(), re.M)]


def traced():
    """strace: no program is run with the lane's credential, nor its source opened, before the approval; no process has it after `live`."""
    if not shutil.which("strace") or subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], check=False).returncode != 0:
        raise Skip("strace is not here, or may not trace")
    with tempfile.TemporaryDirectory() as place:
        secret, log, yes, ask = (os.path.join(place, name) for name in ("secret", "log", "yes", "ask"))
        with open(secret, "w", encoding="utf-8") as file:
            file.write(WRITE + "\n")
        with open(ask, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\nwhile ! test -e {yes}; do sleep 0.05; done\necho '{{\"verdict\":\"approve\"}}'\n")
        os.chmod(ask, 0o700)
        s = Session(APPROVED + f"approval: {{ hold: 60s, ask: [{ask}] }}\n", write=f"cat {secret}", live="500ms",
                    before=("strace", "-f", "-q", "-ttt", "-v", "-s", "65536", "-e", "trace=execve,execveat,open,openat", "-o", log))
        s.handshake()
        s.call(1, "bad")
        s.call(2)
        s.answer(2)
        time.sleep(0.5)
        approved = time.time()
        with open(yes, "w", encoding="utf-8"):
            pass
        check("length" in s.answer(1, 60), f"it runs: {s.answers} {s.said()}")
        lane = int(s.noted("call", "bad")[0][0])
        until(lambda: not alive(lane), "it ends after `live`", 30)
        ended = time.time()
        s.call(3)
        s.answer(3)
        s.end(None)
        events = trace(log)
        runs = [(pid, when) for pid, when, line in events if line.startswith("execve") and WRITE in line]
        opens = [(pid, when) for pid, when, line in events if line.startswith("open") and f'"{secret}"' in line]
        ends = [when for pid, when, line in events if pid == lane and line.startswith("+++ ")]
        check(any(line.startswith("execve") and READ in line for _, _, line in events), "the main server's start is seen")
        check(opens and all(approved < when < ended for _, when in opens), f"its source is opened {opens}, approved {approved}")
        check(runs and {pid for pid, _ in runs} == {lane}, f"{runs} run with it, not {lane} alone")
        check(all(approved < when < ended for _, when in runs), f"run with it {runs}, approved {approved}, ended {ended}")
        check(len(ends) == 1 and ends[0] < ended + 1, f"it ends {ends}, not before {ended}")


def pasted():
    """A credential that somebody has put on the server's command line stands on no card."""
    s = Session(APPROVED + "approval: { hold: 200ms }\n", before=APART, command="/usr/bin/env", steps=[f"PASTED={READ}", server, "note", "@NOTES@"])
    s.handshake()
    s.call(1, "bad")
    s.answer(1)
    for said in (verb(s, "pending"), verb(s, "pending", "--json")):
        check(READ not in said and "PASTED=[redacted:TOKEN]" in said, said)
    s.end()


run([stopped, stopped_while_it_starts, granted, revoked_while_it_waits, traced, pasted])
