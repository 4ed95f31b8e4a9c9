#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""renewal_test.py LEASTWISE FAKE_SERVER: servers that are replaced because their credentials run out."""
import os
import re
import signal
import sys
import tempfile
import time

from lanes_rig import ALLOW_ALL_ARGUMENTS, LARGE, READ, Session, check, run, until


def between_calls():
    """A server whose credential runs out is replaced between calls; one that keeps state is not."""
    counted = "n=$(cat @.n 2>/dev/null); n=$((n+1)); echo $n >@.n; echo counted-$n-0123456789"
    with tempfile.TemporaryDirectory() as place:
        at = os.path.join(place, "read")
        s = Session(ALLOW_ALL_ARGUMENTS, main=counted.replace("@", at), ttl="2s")
        s.handshake()
        s.call("slow", "hang")
        s.send({"method": "notifications/cancelled", "params": {"requestId": "slow"}})
        ident = 0
        begin = time.monotonic()
        while len(s.noted("begin")) < 3 and time.monotonic() - begin < 15:
            ident += 1
            s.call(ident)
            check("length" in s.answer(ident), f"call {ident}: {s.answers.get(ident)}")
            time.sleep(0.01)
        begins = [row[1] for row in s.noted("begin")]
        check(begins == [f"counted-{n}-0123456789" for n in (1, 2, 3)], f"{begins} {s.said()}")
        check(2.5 < time.monotonic() - begin < 14, f"twice within {time.monotonic() - begin:.1f} s")
        runs = [row[4] for row in s.noted("call", "good")]
        check(sorted(map(int, runs)) == list(range(1, ident + 1)), "each call ran once")
        print(f"# {ident} calls while the server was replaced twice")
        s.end()
        # What cannot be fetched leaves the old one running.
        s = Session(ALLOW_ALL_ARGUMENTS, main=f"test -e {at}.once && exit 1; touch {at}.once; echo {READ}", ttl="2s")
        s.handshake()
        until(lambda: "no new ones yet" in s.said(), "a person is told", 10)
        s.call(1)
        check("length" in s.answer(1) and len(s.noted("begin")) == 1, "the old one runs on")
        s.end()
        os.unlink(at + ".n")
        s = Session(ALLOW_ALL_ARGUMENTS, main=counted.replace("@", at), ttl="2s", server_keys="keeps_state: true")
        s.handshake()
        until(lambda: "keeps state" in s.said(), "a person is told", 10)
        s.call(1)
        check("length" in s.answer(1) and len(s.noted("begin")) == 1, "the old one runs on")
        s.end()


def counter(at, more="", value="counted-$n-0123456789"):
    """A program that prints another value each time; its number stands in a file before that."""
    return f"n=$(cat {at}.n 2>/dev/null); n=$((n+1)); echo $n >{at}.n; {more}echo {value}"


def asked(at, times):
    def holds():
        try:
            with open(at + ".n", encoding="ascii") as file:
                return file.read() == f"{times}\n"
        except OSError:
            return False

    until(holds, f"its credential is fetched {times} times", 10)


def called_off():
    """A server that no other could take the place of is left alone, also when that shows after new credentials were asked for."""
    with tempfile.TemporaryDirectory() as place:
        at = os.path.join(place, "read")
        s = Session(ALLOW_ALL_ARGUMENTS + "resources: { allow: ['x://**'] }\n", main=counter(at, "test $n = 1 || sleep 1; "), ttl="2s")
        s.handshake()
        asked(at, 2)
        for i in range(257):
            s.send({"id": f"s{i}", "method": "resources/subscribe", "params": {"uri": f"x://{i}"}})
        s.answer("s256")
        until(lambda: "could take up where it is" in s.said(), "a person is told", 10)
        s.call(1)
        check("length" in s.answer(1) and len(s.noted("begin")) == 1, f"the old one runs on: {s.said()}")
        s.end()
        # One whose values could not be looked for could not be started.
        os.unlink(at + ".n")
        lines = "i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo line-$n-$i-of-a-key; done; "
        s = Session(ALLOW_ALL_ARGUMENTS, main=counter(at, lines), ttl="2s, as: file")
        s.handshake()
        until(lambda: "no new ones yet" in s.said(), "a person is told", 30)
        check("as many as can be looked for" in s.said(), s.said())
        s.call(1)
        check("length" in s.answer(1) and len(s.noted("begin")) == 2, f"the old one runs on: {s.said()}")
        s.end()


def behind_a_slow_client():
    """A client that does not take an answer at the moment holds a renewal up no longer than it takes to."""
    with tempfile.TemporaryDirectory() as place:
        at = os.path.join(place, "read")
        s = Session(ALLOW_ALL_ARGUMENTS, main=counter(at), ttl="2s", command=sys.executable, steps=["-c", LARGE, "@NOTES@"])
        s.handshake()
        s.call(1)
        asked(at, 2)
        time.sleep(0.3)
        check(len(s.noted("begin")) == 1, "it has not gone yet")
        s.answer(1)
        until(lambda: len(s.noted("begin")) == 2, "another server", 10)
        s.end()


def and_reload():
    """What was fetched before other policies came into force is not what the next server gets."""
    other = "other-value-0123456789"

    def say_otherwise(s):
        s.change(lambda text: re.sub(r"\[/bin/sh, -c, '[^']*counted[^']*'\]", f"[/bin/sh, -c, 'echo {other}']", text))

    with tempfile.TemporaryDirectory() as place:
        at = os.path.join(place, "read")
        # While the old one has something to finish yet.
        s = Session(ALLOW_ALL_ARGUMENTS, main=counter(at), ttl="2s")
        s.handshake()
        s.call("hangs", "hang")
        asked(at, 2)
        time.sleep(0.3)
        say_otherwise(s)
        s.send({"method": "notifications/cancelled", "params": {"requestId": "hangs"}})
        until(lambda: len(s.noted("begin")) == 2, "another server", 10)
        check([row[1] for row in s.noted("begin")] == ["counted-1-0123456789", other], f"{s.noted('begin')} {s.said()}")
        s.call(1)
        check("length" in s.answer(1), "it answers")
        s.end()
        # While they are fetched for one in the place of one that has failed.
        os.unlink(at + ".n")
        s = Session(ALLOW_ALL_ARGUMENTS, main=counter(at, "test $n = 1 || sleep 2; "), server_keys="restart: on-failure")
        s.handshake()
        s.call(1)
        s.answer(1)
        os.kill(int(s.noted("begin")[0][0]), signal.SIGKILL)
        asked(at, 2)
        say_otherwise(s)
        s.call(2)
        check("length" in s.answer(2), "it answers")
        check([row[1] for row in s.noted("begin")] == ["counted-1-0123456789", other], f"{s.noted('begin')} {s.said()}")
        s.end()


run([between_calls, called_off, behind_a_slow_client, and_reload])
