#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""lanes_test.py LEASTWISE FAKE_SERVER: the processes of lanes and of servers that are replaced, as /proc shows them."""
import json
import os
import shutil
import signal
import sys
import tempfile
import time

from lanes_rig import ALLOW, ALLOW_ALL_ARGUMENTS, LARGE, READ, WAIT, WRITE, Session, alive, check, holders, run, server, until


def life():
    """Nobody holds the lane's credential before a call of it, nor after its time."""
    s = Session(ALLOW, live="300ms")
    s.handshake()
    s.call(1)
    s.answer(1)
    check(s.fetched("write") == 0 and not holders(WRITE), "fetched before it is wanted")
    main = int(s.noted("begin")[0][0])
    check(holders(READ) == [main], f"{holders(READ)} hold the main server's credential, not {main}")
    s.call(2, "bad")
    s.answer(2)
    check(s.fetched("write") == 1, "fetched once")
    calls = s.noted("call", "bad")
    check(len(calls) == 1 and calls[0][1] == WRITE, f"the call ran {calls}")
    lane = int(calls[0][0])
    check(lane != main, "the call ran in the main server")
    held = holders(WRITE)
    check(held in ([lane], []), f"{held} hold the lane's credential, not {lane}")
    check([row[0] for row in s.noted(READ, "call")] == [str(main)], "the main server got more than its call")
    until(lambda: not alive(lane), "the lane's server ends after `live`")
    check(not holders(WRITE), "held after `live`")
    s.call(3)
    s.answer(3)
    s.call(4, "bad")
    s.answer(4)
    check(s.fetched("write") == 2, "fetched anew for another server")
    s.end()


def environment():
    """Each server's environment is the same but for its credentials."""
    s = Session(ALLOW)
    s.handshake()
    s.call(1, "bad")
    s.answer(1)
    seen = {}
    for row in s.noted("begin"):
        with open(f"/proc/{row[0]}/environ", encoding="utf-8") as file:
            seen[row[1]] = sorted(file.read().rstrip("\0").split("\0"))
    check(set(seen) == {READ, WRITE}, f"servers with {set(seen)}")
    if set(seen) == {READ, WRITE}:
        check([e.replace(READ, WRITE) for e in seen[READ]] == seen[WRITE], f"{seen}")
        check(not any(WRITE in e for e in seen[READ]) and not any(READ in e for e in seen[WRITE]), "the other one's value")
    for row in s.noted("begin"):
        check(sorted(os.listdir(f"/proc/{row[0]}/fd"))[:3] == ["0", "1", "2"], "descriptors")
        links = {os.readlink(f"/proc/{row[0]}/fd/{fd}") for fd in ("0", "1", "2")}
        seen.setdefault("pipes", []).append(links)
        extra = [fd for fd in os.listdir(f"/proc/{row[0]}/fd") if int(fd) > 2]
        check(all(os.readlink(f"/proc/{row[0]}/fd/{fd}").endswith("notes") for fd in extra), f"descriptors {extra}")
    check(len(set.union(*seen["pipes"])) == 6, "servers share a pipe")
    s.end()


def approval():
    """The credential is fetched when a person has said yes, not when the call comes."""
    s = Session("tools: { allow: [good], approve: [{ tool: bad, lane: write }] }\napproval: { hold: 60s, ask: [@DIR@/ask] }\n")
    ask = os.path.join(s.dir, "ask")
    with open(ask, "w", encoding="utf-8") as file:
        file.write(f"#!/bin/sh\nwhile ! test -e {s.dir}/yes; do sleep 0.05; done\necho '{{\"verdict\":\"approve\"}}'\n")
    os.chmod(ask, 0o700)
    s.handshake()
    s.call(1, "bad")
    s.call(2)
    s.answer(2)
    time.sleep(0.3)
    check(s.fetched("write") == 0 and not holders(WRITE) and len(s.noted("begin")) == 1, "before the approval")
    with open(os.path.join(s.dir, "yes"), "w", encoding="utf-8"):
        pass
    s.answer(1)
    check(s.fetched("write") == 1 and [row[1] for row in s.noted("call", "bad")] == [WRITE], f"{s.noted('call')} {s.said()}")
    s.end()


def slow_helper():
    """While a program takes its time, all else goes on."""
    with tempfile.TemporaryDirectory() as place:
        mark = os.path.join(place, "go")
        s = Session(ALLOW, write=f"while ! test -e {mark}; do sleep 0.02; done; echo {WRITE}")
        s.handshake()
        s.call("w", "bad")
        took = []
        for i in range(1, 301):
            begin = time.monotonic()
            s.call(i)
            s.answer(i)
            took.append(time.monotonic() - begin)
        took.sort()
        check("w" not in s.answers and len(s.noted("begin")) == 1, "the call waits for its credential")
        print(f"# calls beside a helper that hangs: p50 {took[150] * 1e3:.2f} ms, p99 {took[297] * 1e3:.2f} ms")
        check(took[297] < 0.25, f"p99 {took[297]}")
        with open(mark, "w", encoding="utf-8"):
            pass
        s.answer("w")
        s.end()
        # The client does not wait for it either.
        s = Session(ALLOW, write=f"while test -e {mark}; do sleep 0.02; done; echo {WRITE}")
        s.handshake()
        s.call("w", "bad")
        s.call(1)
        s.answer(1)
        begin = time.monotonic()
        s.end()
        check(time.monotonic() - begin < 5, "a helper holds up the end")


def no_credential():
    """A lane that cannot be started: one clear error, and the session goes on."""
    for value, words in (("exit 3", "exit status 3"), ("echo short", "shorter than 8 bytes"), (f"printf '%s' {WRITE}; kill -9 $$", "ended by signal 9")):
        s = Session(ALLOW, write=value.replace("'", '"'))
        s.handshake()
        s.call(1, "bad")
        s.call(2)
        answer = s.answer(1)
        check("TOKEN" in answer and "/bin/sh" in answer and words in answer and '"isError":true' in answer, answer)
        check(WRITE not in answer, "a value in the error")
        s.answer(2)
        check("TOKEN" in s.said() and words in s.said(), f"stderr: {s.said()}")
        check(len(s.noted("begin")) == 1 and not s.noted("call", "bad"), "nothing ran")
        check(len(s.answers[1]) == 1, "one answer")
        s.end()


def no_program():
    """The command has gone since the main server was started."""
    with tempfile.TemporaryDirectory() as place:
        copy = os.path.join(place, "server")
        shutil.copy(server, copy)
        s = Session(ALLOW, command=copy)
        s.handshake()
        os.unlink(copy)
        s.call(1, "bad")
        answer = s.answer(1)
        check("cannot run" in answer and '"isError":true' in answer and WRITE not in answer, answer)
        s.call(2)
        s.answer(2)
        check("cannot run" in s.said(), s.said())
        s.end()


def as_file():
    """A lane's credential in a file: there while its server is, and gone with it, and with us."""
    for how in ("live", "kill"):
        s = Session(ALLOW, live="300ms" if how == "live" else "1m", form=", as: file")
        s.handshake()
        s.call(1, "bad")
        s.answer(1)
        paths = {row[1] for row in s.noted("call", "bad")}
        check(len(paths) == 1 and WRITE not in paths, f"{paths}")
        path = paths.pop()
        if how == "live":
            lane = int(s.noted("call", "bad")[0][0])
            until(lambda: not alive(lane) and not os.path.exists(path), "the file goes with the lane")
            s.end()
        else:
            check(os.stat(path).st_mode & 0o777 == 0o600, "open to others")
            with open(path, encoding="utf-8") as file:
                check(file.read() == WRITE, "the value")
            s.process.kill()
            s.end(-signal.SIGKILL, close=False)
            until(lambda: not os.path.exists(os.path.dirname(path)), "the directory goes with us", 5)


def stubborn():
    """Servers that ignore their end, the client's and signals alike: gone in time, all of them."""
    for how in ("close", "signal"):
        s = Session(ALLOW, steps=["ignore", "15", "note", "@NOTES@", "pause"])
        s.handshake()
        s.call(1, "bad")
        s.answer(1)
        check(len(s.noted("begin")) == 2, "two servers")
        begin = time.monotonic()
        if how == "close":
            s.end(-signal.SIGKILL)
        else:
            s.process.terminate()
            s.end(-signal.SIGTERM, close=False)
        took = time.monotonic() - begin
        check(took < (1.8 if how == "close" else 0.3) + 3, f"{how}: {took:.1f} s")


def crash():
    """A lane's server that dies takes its calls with it and nothing else; the next call gets another one."""
    s = Session(ALLOW_ALL_ARGUMENTS)
    s.handshake()
    s.call(1, "bad")
    s.answer(1)
    lane = int(s.noted("call", "bad")[0][0])
    os.kill(lane, signal.SIGKILL)
    s.call(2)
    s.answer(2)
    until(lambda: not alive(lane), "it dies")
    s.call(3, "bad")
    answer = s.answer(3)
    if '"isError":true' in answer:
        s.call(4, "bad")
        answer = s.answer(4)
    check("length" in answer, answer)
    check(len({row[0] for row in s.noted("call", "bad")}) == 2, "another server")
    s.end()


def killed():
    """kill -9 of the proxy: nothing of it is left."""
    s = Session(ALLOW)
    s.handshake()
    s.call(1, "bad")
    s.answer(1)
    check(len(s.noted("begin")) == 2, "two servers")
    s.process.kill()
    s.end(-signal.SIGKILL, close=False)
    # While a program fetches.
    with tempfile.TemporaryDirectory() as place:
        pid = os.path.join(place, "pid")
        s = Session(ALLOW, write=f"echo $$ >{pid}; sleep 100")
        s.handshake()
        s.call(1, "bad")
        until(lambda: os.path.exists(pid) and os.path.getsize(pid), "the program runs")
        with open(pid, encoding="ascii") as file:
            s.pids.add(int(file.read()))
        s.process.kill()
        s.end(-signal.SIGKILL, close=False)


def boundaries():
    """kill -9 of either server behind every message: one answer a call, and none runs twice."""
    plan = [("initialize", 0), ("initialized", None), ("good", 1), ("bad", 2), ("good", 3), ("bad", 4), ("slow", 5), ("bad", 6), ("good", 7)]
    sessions = kills = 0
    for keys in ("", "restart: on-failure"):
        for victim in (READ, WRITE):
            for at in range(len(plan)):
                for wait in (False, True):
                    s = Session(ALLOW, server_keys=keys)
                    sessions += 1
                    sent = []
                    for i, (what, ident) in enumerate(plan):
                        if what == "initialize":
                            s.send({"id": 0, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}})
                        elif what == "initialized":
                            s.send({"method": "notifications/initialized"})
                        else:
                            s.call(ident, what)
                        if ident is not None:
                            sent.append(ident)
                            if wait:
                                s.answer(ident, 5, quiet=True)
                        if i == at:
                            if victim == READ:
                                until(lambda: s.noted("begin", victim), "there is a server", 5)
                            for row in s.noted("begin", victim):
                                kills += 1
                                try:
                                    os.kill(int(row[0]), signal.SIGKILL)
                                except ProcessLookupError:
                                    pass
                        if s.process.poll() is not None:
                            break
                    limit = time.monotonic() + 15
                    while any(ident not in s.answers for ident in sent) and time.monotonic() < limit:
                        if not s.hear(0.1):
                            s.process.wait(WAIT)
                            break
                    where = f"{keys or 'no restart'}, kill -9 of {'main' if victim == READ else 'lane'} at {at}, {'answered' if wait else 'at once'}"
                    ended = s.process.poll() is not None
                    for ident in sent:
                        count = len(s.answers.get(ident, []))
                        check(count <= 1, f"{where}: {count} answers to {ident}")
                        check(count == 1 or ended, f"{where}: no answer to {ident}")
                        runs = len(s.noted("call", str(ident)))
                        check(runs <= 1, f"{where}: call {ident} ran {runs} times")
                        check(runs == 0 or count == 1, f"{where}: call {ident} ran and has {count} answers")
                        if count == 1 and "length" in s.answers[ident][0] and ident:
                            check(runs == 1, f"{where}: call {ident} has a result and ran {runs} times")
                    s.end(None)
    print(f"# {sessions} sessions, {kills} kills")


def restart():
    """Another main server in the place of one that was killed; what was under way is not run again."""
    s = Session(ALLOW_ALL_ARGUMENTS, server_keys="restart: on-failure")
    s.handshake()
    s.call(1)
    s.answer(1)
    first = int(s.noted("begin")[0][0])
    s.call(2, "hang")
    until(lambda: s.noted("call", "hang"), "the call arrives")
    begin = time.monotonic()
    os.kill(first, signal.SIGKILL)
    # Until then a call may still be sent to the one that has died, and is answered with an error like the other.
    until(lambda: "started again" in s.said(), "it is noticed")
    s.call(3)
    answer = s.answer(2)
    check('"isError":true' in answer or '"error"' in answer, answer)
    check("length" in s.answer(3), "what came meanwhile runs")
    print(f"# another server answers after {(time.monotonic() - begin) * 1e3:.0f} ms")
    check(len(s.noted("begin")) == 2 and len(s.noted("call", "hang")) == 1 and len(s.noted("call", "good")) == 2, f"{s.noted()}")
    check(len(s.noted("got", "initialize")) == 2 and len(s.noted("got", "notifications/initialized")) == 2, "the handshake again")
    check(s.fetched("read") == 2, "its credential is fetched again")
    check("signal 9" in s.said() and "0.5 s" in s.said(), s.said())
    s.end()


def restart_unheard():
    """A server that is replaced before anybody has said anything: the record of that is whole, and has a beginning and an end."""
    s = Session(ALLOW, server_keys="restart: on-failure", steps=["exit", "3"])
    until(lambda: s.said().count("started again") > 1, "it is started again")
    s.process.stdin.close()
    s.hear_all()
    s.process.wait(WAIT)
    folder = os.path.join(s.dir, "state/leastwise/audit")
    with open(os.path.join(folder, os.listdir(folder)[0]), "rb") as file:
        records = [json.loads(line) for line in file]
    kinds = [record["kind"] for record in records]
    check(kinds[0] == "start" and "upstream" in kinds and kinds[-1] == "stop", f"{kinds}")
    check([record["seq"] for record in records] == list(range(1, len(records) + 1)), f"{records}")
    s.end(3, close=False)


def wanted_meanwhile():
    """A lane that is wanted when the main server has just died is started all the same."""
    for burst in (False, True):
        for _ in range(4):
            s = Session(ALLOW, server_keys="restart: on-failure")
            s.handshake()
            s.call(1)
            s.answer(1)
            os.kill(int(s.noted("begin")[0][0]), signal.SIGKILL)
            if burst:
                s.call(2)
            s.call(3, "bad")
            check("length" in s.answer(3, 5), "the lane's call runs")
            check(len(s.noted("call", "bad")) == 1, "once")
            s.end(None)
    # Its credential comes at that moment, or a little later.
    for pause in ("", "sleep 0.05; "):
        s = Session(ALLOW, server_keys="restart: on-failure", write=f"read main rest <$HOME/notes; kill -9 $main; {pause}echo {WRITE}")
        s.handshake()
        s.call(1)
        s.answer(1)
        s.call(2, "bad")
        check("length" in s.answer(2, 5), f"the lane's call runs: {s.answers}")
        check(len(s.noted("call", "bad")) == 1, "once")
        s.end(None)


def another_lane_meanwhile():
    """A server for a lane that had to wait is not started with the credentials of another one that a changed policy has in its place."""
    other = "other-value-0123456789"
    s = Session(ALLOW_ALL_ARGUMENTS, live="call", command=sys.executable, steps=["-c", LARGE, "@NOTES@"])
    s.handshake()
    s.call(1, "bad")
    until(lambda: s.noted(WRITE, "begin"), "the lane's server")
    s.call(2, "bad")
    time.sleep(0.5)
    s.change(lambda text: text.replace("lanes: { ", f"lanes: {{ other: {{ live: call, credentials: {{ TOKEN: {{ from: exec, command: [/bin/sh, -c, 'echo {other}'] }} }} }}, "))
    s.answer(1)
    s.answer(2)
    time.sleep(0.5)
    check(other not in [row[1] for row in s.noted("begin")], f"{s.noted('begin')} {s.said()}")
    s.end()


def no_restart():
    """A server that ends with 0 has ended; and without `restart` everything has."""
    s = Session(ALLOW, server_keys="restart: on-failure", steps=["answer", "receive", "answer", "exit", "0"])
    s.handshake()
    s.call(1)
    s.answer(1)
    s.hear_all()
    s.end(0, close=False)
    s = Session(ALLOW)
    s.handshake()
    s.call(1, "bad")
    s.answer(1)
    os.kill(int(s.noted("begin", READ)[0][0]), signal.SIGKILL)
    s.hear_all()
    s.end(-signal.SIGKILL, close=False)


def ceiling():
    """What fails again and again is given up."""
    s = Session(ALLOW, server_keys="restart: on-failure", steps=["answer", "receive", "receive", "exit", "7"])
    s.handshake()
    begin = time.monotonic()
    for i in range(1, 7):
        s.call(i)
        check('"isError":true' in s.answer(i, 30), f"call {i}: {s.answers}")
    s.hear_all()
    took = time.monotonic() - begin
    check(all(len(s.answers.get(i, [])) == 1 for i in range(1, 7)), f"answers {s.answers}")
    check(14 < took < 50, f"five pauses take {took:.1f} s")
    check("not started again" in s.said(), s.said())
    s.end(7, close=False)


run([life, environment, approval, slow_helper, no_credential, no_program, as_file, stubborn, crash, killed, boundaries, restart, restart_unheard, wanted_meanwhile, another_lane_meanwhile, no_restart, ceiling])
