#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`leastwise watch` in a real terminal (tmux), with sessions that are made up (control_server.py).

    watch_test.py LEASTWISE [NAME...]           runs the tests, or those named
    watch_test.py LEASTWISE --capture           prints the screens of docs/approvals-watch.md
"""
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from control_server import ControlServer, card, grant, stop  # noqa: E402
from tmux import PATIENCE_S, Terminal, need_tmux  # noqa: E402

program = os.path.abspath(sys.argv[1])
# Keys do not answer for 0.7 s after a change: a person's pause.
LOOK_S = 0.9

BRANCH = {"owner": "acme", "repo": "payments", "branch": "release/2.4"}


def known(name="7F3K2Q", **fields):
    return card(name, **{
        "arguments": BRANCH,
        "say": "delete branch release/2.4 in acme/payments",
        "undo": "Restore it on the branches page within 90 days.",
        "reach": "may destroy; outside world",
        "because": "Others work on branches.",
        "agent": "triage-bot",
        "marks": "private, untrusted",
        **fields,
    })


class Rig:
    """A session, a terminal, and `watch` in it."""

    def __init__(self, width=80, height=24, environment=None, cards=(), start=True):
        self.folder = tempfile.TemporaryDirectory(prefix="leastwise-watch-")
        self.runtime = os.path.join(self.folder.name, "run")
        os.mkdir(self.runtime, 0o700)
        self.server = ControlServer(self.runtime)
        for each in cards:
            self.server.open(each)
        # Under valgrind the terminal runs what the test runs.
        self.environment = {"XDG_RUNTIME_DIR": self.runtime, "XDG_STATE_HOME": os.path.join(self.folder.name, "state"), **(environment or {})}
        self.terminal = Terminal(self.folder.name, self.environment, width, height)
        if start:
            self.start()

    def start(self):
        self.terminal.line(f"{program} watch")
        self.terminal.wait_for("leastwise watch: ")
        self.terminal.wait_for("session")

    def look(self):
        time.sleep(LOOK_S)

    def open_card(self, name="7F3K2Q"):
        self.terminal.wait_for(name)
        self.look()
        self.terminal.keys("Enter")
        screen = self.terminal.wait_for(f"APPROVE? {name}")
        self.look()
        return screen

    def wait_for_answers(self, count=1):
        deadline = time.monotonic() + PATIENCE_S
        while len(self.server.answers) < count:
            assert time.monotonic() < deadline, f"no answer came; the screen is:\n{self.terminal.screen()}"
            time.sleep(0.05)
        return self.server.answers

    def expect_no_answer(self):
        time.sleep(0.3)
        assert not self.server.answers, f"{self.server.answers}\n{self.terminal.screen()}"

    def expect_restored(self, before):
        """The shell is there again, the screen is the one from before, and the terminal as it was set."""
        self.terminal.wait_until(lambda screen: "leastwise watch:" not in screen.splitlines()[-1] and self.terminal.ask("alternate_on") == "0", "the old screen")
        assert self.terminal.ask("cursor_flag") == "1", "the cursor is not shown"
        after = self.settings()
        assert after == before, f"stty -a was\n{before}\nand is\n{after}"

    def settings(self):
        path = os.path.join(self.folder.name, "stty")
        self.terminal.line(f"stty -a >{path}.new; mv {path}.new {path}")
        deadline = time.monotonic() + PATIENCE_S
        while not os.path.exists(path):
            assert time.monotonic() < deadline, self.terminal.screen()
            time.sleep(0.05)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        os.unlink(path)
        return text

    def pid(self):
        """Of the program in the terminal."""
        shell = self.terminal.ask("pane_pid")
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            with open(f"/proc/{shell}/task/{shell}/children", encoding="utf-8") as file:
                children = file.read().split()
            if children:
                return int(children[0])
            time.sleep(0.05)
        raise AssertionError("no program runs in the terminal")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.terminal.stop()
        self.server.stop()
        self.folder.cleanup()


def a_call_is_shown_and_approved():
    with Rig() as rig:
        rig.terminal.wait_for("Nothing waits.")
        shown = known()
        rig.server.open(shown)
        rig.terminal.wait_for("| delete branch release/2.4 in acme/payments")
        screen = rig.open_card()
        for part in ("WHAT     | delete branch release/2.4", '         | branch = "release/2.4"', "ASKED BY process 4121", "All of it has been shown."):
            assert part in screen, screen
        rig.terminal.keys("a")
        answers = rig.wait_for_answers()
        assert answers == [{"id": "7F3K2Q", "digest": shown["digest"], "verdict": "approve"}], answers
        rig.terminal.wait_for("USED     7F3K2Q")
        rig.look()
        rig.terminal.keys("x")
        rig.terminal.wait_for("Nothing waits.")
        rig.terminal.keys("q")
        rig.terminal.wait_for("ready$")


def enter_denies():
    with Rig(cards=[known()]) as rig:
        rig.open_card()
        rig.terminal.keys("Enter")
        assert rig.wait_for_answers()[0]["verdict"] == "deny"
        rig.terminal.wait_for("DENIED   7F3K2Q")


def a_refusal_is_shown_inert():
    with Rig(cards=[known()]) as rig:
        rig.server.refusal = "you may not\x1b[2J\nAPPROVED"
        rig.open_card()
        rig.terminal.keys("a")
        rig.terminal.wait_for("| you may not\\x1B[2J\\nAPPROVED")
        assert len(rig.server.answers) == 1
        rig.look()
        rig.terminal.keys("d")
        rig.wait_for_answers(2)


HOSTILE = {
    "escape": "\x1b[2J\x1b[1;1Hgone\x1b]0;title\x07\x1b]52;c;eA==\x07\x1bPq\x1b\\\x9b31m",
    "bidi": "\u202etxt.exe\u202c \u2066x\u2069",
    "fake": "x\nAPPROVE? 222222, expires in 9:00\nWHAT     | list branches\n[a] approve\r\n\t\b\b\b",
    "wide": "\u65e5\u672c\u8a9e" * 30,
    "marks": "e" + "\u0301\u0302\u0303" * 8,
    "mixed": "p\u0430ypal.example",
    "\x1b[31mname": 1,
    'q" = "x': None,
    "spaces": "rm -rf /srv/tmp" + " " * 200 + "/srv/data",
}


def check_inert(rig, screen):
    """Nothing on the screen but ASCII and the letters that are meant to be; the card's own words where they belong; no attributes,
    no moved cursor, no title."""
    for line in screen.splitlines():
        for character in line:
            assert " " <= character <= "~" or "\u3041" <= character <= "\u9fff", (character, screen)
        assert len(line) + sum(1 for character in line if character > "~") <= int(rig.terminal.ask("pane_width")), line
    assert not re.search(r"^(APPROVE\?|WHAT +\|) (222222|list)", screen, re.M), screen
    assert "title" not in rig.terminal.ask("pane_title"), "an argument has set the terminal's title"
    styles = set(re.findall(r"\x1b\[[0-9;]*m", rig.terminal.tmux("capture-pane", "-e", "-p")))
    assert styles <= {f"\x1b[{code}m" for code in ("0", "1", "7", "39", "49")}, f"not only bold and reverse: {styles}"


def hostile_arguments_do_nothing():
    with Rig(height=60, cards=[known(arguments=HOSTILE, client="\x1b[5mme\u202e", server="s\x07", tool="delete\x1b[2J", agent="\u200bx")]) as rig:
        rig.open_card()
        rig.terminal.keys("v")
        screen = rig.terminal.wait_for("/srv/data")
        check_inert(rig, screen)
        for part in ("\\u001b[2J\\u001b[1;1Hgone\\u001b]0;title\\u0007", "\\u202etxt.exe", "\\nAPPROVE? 222222, expires in 9:00\\n",
                     "e\\u0301\\u0302", "p\\u0430ypal.example", '| "\\u001b[31mname" = 1', '| "q\\" = \\"x" = null', "| \\x1B[5mme\\u{202E}"):
            assert part in re.sub(r"\n {9}: ", "", screen), f"no {part}:\n{screen}"
        rig.expect_no_answer()


def ten_thousand_characters_must_be_read():
    long = {"body": "a" * 5000 + " rm -rf ~ " + "b" * 5000}
    with Rig(cards=[known(arguments=long)]) as rig:
        screen = rig.open_card()
        assert re.search(r"\.\.\. \d+ of 10012 bytes are not shown", screen), screen
        rig.terminal.keys("a")
        rig.terminal.wait_for("Not all of it is shown: press v")
        rig.look()
        rig.terminal.keys("v")
        rig.terminal.wait_for("Space shows more.")
        rig.look()
        rig.terminal.keys("End")
        rig.terminal.wait_for("SEEN     asked 1 time")
        rig.look()
        rig.terminal.keys("a")
        rig.terminal.wait_for("You have not seen all of it")
        rig.expect_no_answer()
        rig.terminal.keys("Home")
        rig.terminal.wait_for("Lines 1 to")
        seen = ""
        for _ in range(40):
            screen = rig.terminal.screen()
            seen += re.sub(r"\n {9}: ", "", screen)
            if "All of it has been shown." in screen:
                break
            first = re.search(r"Lines (\d+) to", screen)[0]
            rig.terminal.keys("Space")
            rig.terminal.wait_for(first, gone=True)
        assert "rm -rf ~" in seen
        rig.terminal.keys("a")
        assert rig.wait_for_answers()[0]["verdict"] == "approve"


def what_was_typed_before_is_discarded():
    with Rig() as rig:
        rig.terminal.wait_for("Nothing waits.")
        rig.terminal.type("aaaa")
        rig.terminal.keys("Enter", "a", "a", "Enter", "a")
        rig.server.open(known())
        rig.terminal.wait_for("7F3K2Q")
        # At once, without a look: open, approve, deny.
        rig.terminal.keys("Enter", "a", "a", "d", "Enter", "a")
        rig.terminal.wait_for("has just changed")
        rig.expect_no_answer()
        # A key that is held down.
        for _ in range(20):
            rig.terminal.keys("a")
            time.sleep(0.1)
        rig.expect_no_answer()
        rig.look()
        rig.terminal.keys("a")
        assert rig.wait_for_answers()[0]["verdict"] == "approve"


def pasted_text_answers_nothing():
    with Rig(cards=[known()]) as rig:
        rig.open_card()
        rig.terminal.tmux("set-buffer", "aaa\rd")
        rig.terminal.tmux("paste-buffer", "-p")
        rig.expect_no_answer()
        rig.terminal.keys("d")
        assert rig.wait_for_answers()[0]["verdict"] == "deny"


def a_card_that_changes_under_the_cursor():
    with Rig(cards=[known()]) as rig:
        rig.open_card()
        changed = known(arguments={**BRANCH, "branch": "main"}, say="delete branch main in acme/payments")
        rig.server.open(changed)
        rig.terminal.keys("a")
        rig.terminal.wait_for('branch = "main"')
        time.sleep(0.3)
        # Either the key came before the change was there, and its answer names the old digest, or it did nothing.
        assert all(answer["digest"] != changed["digest"] for answer in rig.server.answers), rig.server.answers
        before = len(rig.server.answers)
        rig.look()
        rig.terminal.keys("a")
        answers = rig.wait_for_answers(before + 1)
        assert answers[-1]["digest"] == changed["digest"], answers


def another_card_under_the_cursor():
    first, second = known("2AAAAA"), known("3AAAAA", say="delete branch main in acme/payments")
    second["created_ms"] += 1000
    with Rig(cards=[first, second]) as rig:
        rig.terminal.wait_for("> 2AAAAA")
        rig.terminal.wait_for("  3AAAAA")
        rig.look()
        # The selected card goes, the other moves up, and the key for the first comes a moment later.
        rig.server.close("2AAAAA", "expired")
        rig.terminal.wait_for("> 3AAAAA")
        rig.terminal.keys("d")
        rig.terminal.wait_for("has just changed")
        rig.expect_no_answer()
        rig.look()
        rig.terminal.keys("d")
        assert rig.wait_for_answers()[0]["id"] == "3AAAAA"


def the_window_changes_its_size():
    with Rig(cards=[known()]) as rig:
        rig.open_card()
        rig.terminal.resize(50, 12)
        screen = rig.terminal.wait_for("Space shows more.")
        assert all(len(line) <= 50 for line in screen.splitlines()), screen
        rig.look()
        rig.terminal.keys("a")
        rig.terminal.wait_for("You have not seen all of it")
        rig.terminal.resize(30, 5)
        rig.terminal.wait_for("the window is too small")
        rig.terminal.resize(100, 40)
        rig.terminal.wait_for("All of it has been shown.")
        rig.look()
        rig.terminal.keys("a")
        assert rig.wait_for_answers()[0]["verdict"] == "approve"


def ends(how, status):
    with Rig(cards=[known()], start=False) as rig:
        before = rig.settings()
        rig.terminal.line(f"{program} watch")
        rig.terminal.wait_for("> 7F3K2Q")
        assert rig.terminal.ask("alternate_on") == "1"
        how(rig)
        rig.terminal.wait_until(lambda screen: rig.terminal.ask("alternate_on") == "0", "the old screen")
        rig.terminal.line("echo status $?")
        rig.terminal.wait_for(f"status {status}")
        rig.expect_restored(before)


def the_terminal_is_as_it_was_after_q():
    ends(lambda rig: rig.terminal.keys("q"), 0)


def the_terminal_is_as_it_was_after_ctrl_c():
    ends(lambda rig: rig.terminal.keys("C-c"), 128 + signal.SIGINT)


def the_terminal_is_as_it_was_after_sigterm():
    ends(lambda rig: os.kill(rig.pid(), signal.SIGTERM), 128 + signal.SIGTERM)


def the_terminal_is_as_it_was_after_sighup():
    ends(lambda rig: os.kill(rig.pid(), signal.SIGHUP), 128 + signal.SIGHUP)


def a_terminal_that_stands_still_can_be_left():
    """Nobody reads what is written, as behind a connection that hangs; SIGTERM ends it all the same."""
    with tempfile.TemporaryDirectory(prefix="leastwise-watch-") as folder:
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        before = termios.tcgetattr(slave)
        process = subprocess.Popen([program, "watch"], stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                                   env={"HOME": folder, "TERM": "xterm", "XDG_RUNTIME_DIR": folder})
        deadline = time.monotonic() + PATIENCE_S
        os.set_blocking(master, False)
        taken = time.monotonic()
        # Each key draws the screen again, until the terminal takes no more and keys are not read any more.
        while time.monotonic() < taken + 2:
            assert time.monotonic() < deadline, "the terminal takes everything"
            try:
                os.write(master, b"j" * 64)
                taken = time.monotonic()
            except BlockingIOError:
                pass
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == -signal.SIGTERM
        assert termios.tcgetattr(slave) == before
        os.close(master)
        os.close(slave)


def it_stops_and_goes_on():
    with Rig(cards=[known()], start=False) as rig:
        # tmux's shell has no jobs unless it is told so.
        rig.terminal.line("set -m")
        before = rig.settings()
        rig.terminal.line(f"{program} watch")
        rig.terminal.wait_for("> 7F3K2Q")
        rig.terminal.keys("C-z")
        rig.terminal.wait_for("Stopped")
        rig.expect_restored(before)
        rig.terminal.line("fg")
        rig.terminal.wait_for("> 7F3K2Q")
        assert rig.terminal.ask("alternate_on") == "1"
        rig.open_card()
        rig.terminal.keys("d")
        rig.wait_for_answers()
        rig.terminal.keys("q")
        rig.terminal.wait_for("ready$")


def without_colour_there_are_words():
    for environment, styled in (({}, True), ({"NO_COLOR": "1"}, False)):
        with Rig(environment=environment, cards=[known(), known("2AAAAA")]) as rig:
            rig.terminal.wait_for("2AAAAA")
            codes = re.findall(r"\x1b\[[0-9;]+m", rig.terminal.tmux("capture-pane", "-e", "-p"))
            assert bool(codes) == styled, (environment, codes)
            assert "> " in rig.terminal.screen()
            rig.terminal.keys("q")
            rig.terminal.wait_for("ready$")


def ascii_terminals_get_codes():
    with Rig(environment={"LC_ALL": "C"}, cards=[known(arguments={"to": "\u65e5\u672c"})]) as rig:
        screen = rig.open_card()
        assert '| to = "\\u65e5\\u672c"' in screen, screen
    with Rig(cards=[known(arguments={"to": "\u65e5\u672c"})]) as rig:
        screen = rig.open_card()
        assert '| to = "\u65e5\u672c"' in screen and "LETTERS  2 above are not ASCII" in screen, screen
        rig.terminal.keys("u")
        rig.terminal.wait_for('| to = "\\u65e5\\u672c"')


def a_dumb_terminal_gets_a_plain_list():
    with Rig(environment={"TERM": "dumb"}, cards=[known(arguments=HOSTILE)], start=False) as rig:
        rig.terminal.line(f"TERM=dumb {program} watch 2>{rig.folder.name}/errors | cat; TERM=dumb {program} watch >{rig.folder.name}/out 2>&1")
        deadline = time.monotonic() + PATIENCE_S
        path = os.path.join(rig.folder.name, "out")
        while not os.path.exists(path) or "Answer with" not in open(path, encoding="utf-8").read():
            assert time.monotonic() < deadline, rig.terminal.screen()
            time.sleep(0.05)
        result = subprocess.run([program, "watch"], env={**os.environ, **rig.environment, "TERM": "dumb", "LC_ALL": "C.UTF-8"},
                                capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
        assert "\x1b" not in result.stdout and "/srv/data" in result.stdout, result.stdout
        assert "there is no terminal to watch on; 1 call waits now. Answer with: leastwise approve ID" in result.stderr, result.stderr
        rig.terminal.line(f"clear; TERM=dumb {program} watch")
        screen = rig.terminal.wait_for("Answer with: leastwise")
        assert rig.terminal.ask("alternate_on") == "0"
        assert "this terminal shows no full screen" in screen.replace("\n", ""), screen


def approve_shows_the_same_card():
    """`leastwise approve ID` has a question under the card, and it is the same card, shown as a whole."""
    with Rig(height=60, cards=[known(arguments=HOSTILE, approvals_before=5)], start=False) as rig:
        rig.terminal.line(f"{program} approve 7f3k2q")
        screen = rig.terminal.wait_for("What neither of them takes is denied")
        check_inert(rig, screen)
        for part in ("APPROVE? 7F3K2Q", "\\u202etxt.exe", "/srv/data", "OFTEN    5 calls"):
            assert part in re.sub(r"\n {9}: *", "", screen), f"no {part}:\n{screen}"
        assert "not shown" not in screen
        rig.terminal.line("n")
        assert rig.wait_for_answers()[0]["verdict"] == "deny"


REAL_POLICY = """\
leastwise: 1
name: notes
purpose: Try a real session.
tools:
  allow: [list_notes]
  approve:
    - { tool: delete_note, id: deleting, free: [name], say: "delete the note {name}", because: A note is not got back. }
"""


class Client:
    """Of `leastwise run` with the demo server: the proxy's parent."""

    def __init__(self, rig):
        path = os.path.join(rig.folder.name, "policy.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(REAL_POLICY)
        os.chmod(path, 0o600)
        server = os.path.join(os.path.dirname(program), "../demo/leastwise-demo-server")
        self.process = subprocess.Popen([program, "run", "--policy", path, "--", server], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        env={"PATH": os.environ["PATH"], "HOME": rig.folder.name, **rig.environment})
        self.request(1, "initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "a\x1b[2Jclient", "version": "1"}})
        self.answer()
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def send(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def request(self, number, method, params):
        self.send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})

    def answer(self):
        return json.loads(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(PATIENCE_S)


def a_real_session_goes_by_what_is_pressed():
    with Rig(start=False) as rig:
        rig.server.stop()
        client = Client(rig)
        try:
            client.request(2, "tools/call", {"name": "delete_note", "arguments": {"name": "welcome\u202e"}})
            rig.start()
            rig.terminal.wait_for('| delete the note "welcome\\u{202E}"')
            rig.look()
            rig.terminal.keys("Enter")
            screen = rig.terminal.wait_for("APPROVE?")
            assert '| name = "welcome\\u202e"' in screen and "| a\\x1B[2Jclient" in screen, screen
            # Others' calls go on.
            client.request(3, "tools/call", {"name": "list_notes", "arguments": {}})
            assert client.answer()["id"] == 3
            rig.terminal.keys("q")
            rig.terminal.wait_for("ready$")
            rig.start()
            rig.look()
            rig.terminal.keys("Enter")
            rig.terminal.wait_for("APPROVE?")
            rig.look()
            rig.terminal.keys("a")
            answer = client.answer()
            assert answer["id"] == 2 and "There is no note named welcome" in json.dumps(answer), answer
            rig.terminal.wait_for("USED     ")
            rig.look()
            rig.terminal.keys("x")
            client.request(4, "tools/call", {"name": "delete_note", "arguments": {"name": "other"}})
            rig.terminal.wait_for('| delete the note "other"')
            rig.look()
            rig.terminal.keys("d")
            answer = client.answer()
            assert answer["id"] == 4 and answer["result"]["isError"], answer
            rig.terminal.wait_for("Nothing waits.")
        finally:
            client.stop()
        rig.terminal.wait_for("0 sessions")


def several_sessions_come_and_go():
    with Rig(cards=[known()]) as rig:
        rig.terminal.wait_for("1 session")
        second = ControlServer(rig.runtime)
        second.open(known("2AAAAA", say="drop table t"))
        rig.terminal.wait_for("2 sessions")
        rig.terminal.wait_for("| drop table t")
        second.stop()
        rig.terminal.wait_for("| drop table t", gone=True)
        rig.terminal.wait_for("1 session")
        # Same id, other session.
        third = ControlServer(rig.runtime)
        third.open(known(say="another one", created_ms=1))
        rig.terminal.wait_for("| another one")
        rig.look()
        rig.terminal.keys("Up")
        rig.look()
        rig.terminal.keys("d")
        deadline = time.monotonic() + PATIENCE_S
        while not third.answers:
            assert time.monotonic() < deadline, rig.terminal.screen()
            time.sleep(0.05)
        assert not rig.server.answers
        third.stop()


def garbage_from_a_session_is_survived():
    for garbage in (b"\x1b[2J\n", b"[]\n", b'{"jsonrpc":"2.0","method":"approval/card","params":{"card":{"id":"\x1b"}}}\n',
                    b'{"jsonrpc":"2.0","id":1,"result":{}}\n', b'{"jsonrpc":"2.0","method":"approval/closed","params":{"id":"x","state":"y"}}\n'):
        with Rig() as rig:
            second = ControlServer(rig.runtime)
            second.open(known("2AAAAA"))
            rig.terminal.wait_for("2AAAAA")
            rig.server.send_raw(garbage)
            rig.terminal.wait_for("| a session said something that is not understood")
            rig.look()
            rig.terminal.keys("d")
            deadline = time.monotonic() + PATIENCE_S
            while not second.answers:
                assert time.monotonic() < deadline, rig.terminal.screen()
                time.sleep(0.05)
            second.stop()


def grants_stand_above_the_list():
    with Rig(cards=[known()]) as rig:
        rig.terminal.wait_for("> 7F3K2Q")
        rig.server.set_grants([grant("2AAAAA"), grant("3AAAAA", tool="write\x1b[2J"), grant("4AAAAA"), grant("5AAAAA")])
        screen = rig.terminal.wait_for("4 GRANTS IN FORCE")
        lines = screen.splitlines()
        assert re.fullmatch(r"  2AAAAA    1[45]:\d\d GRANTED      \| send", lines[2]), screen
        assert lines[3].endswith("| write\\x1B[2J") and lines[4].startswith("  4AAAAA ") and "5AAAAA" not in screen, screen
        assert lines[5].startswith("> 7F3K2Q"), screen
        # The list has moved: a key in flight means nothing.
        rig.server.set_grants([grant("2AAAAA")])
        rig.terminal.wait_for(", 1 GRANT IN FORCE")
        rig.look()
        rig.server.set_grants([])
        rig.terminal.wait_for("GRANTED", gone=True)
        rig.terminal.keys("d")
        rig.terminal.wait_for("has just changed")
        rig.expect_no_answer()
        # They end with their session.
        second = ControlServer(rig.runtime)
        second.set_grants([grant("6AAAAA")])
        rig.terminal.wait_for("6AAAAA")
        second.stop()
        rig.terminal.wait_for("6AAAAA", gone=True)


def stops_stand_above_the_list():
    stopped = stop("2AAAAA", because="incident \x1b[2J42 " + "x" * 200)
    with Rig(cards=[known()], start=False) as rig:
        # One that was in force before, in two sessions.
        second = ControlServer(rig.runtime)
        second.set_stops([stopped])
        second.set_grants([grant("4AAAAA")])
        rig.server.set_stops([stopped])
        rig.start()
        screen = rig.terminal.wait_for(", 1 STOP, 1 GRANT IN FORCE")
        lines = screen.splitlines()
        assert lines[2].startswith('  2AAAAA          STOPPED      | the tools "delete_*": incident \\x1B[2J42 xxx') and lines[2].endswith("..."), screen
        assert lines[3].startswith("  4AAAAA ") and lines[4].startswith("> 7F3K2Q") and len(lines[2]) <= 80, screen
        rig.server.set_stops([stopped, stop("", "everything", "/stops/README: it is no file of a stop"), stop("3AAAAA"), stop("5AAAAA")])
        screen = rig.terminal.wait_for(", 4 STOPS, 1 GRANT")
        assert "                  STOPPED      | everything: /stops/README: it is no file" in screen and "5AAAAA" not in screen, screen
        rig.server.set_stops([])
        rig.terminal.wait_for(", 1 STOP, 1 GRANT")
        second.set_stops([])
        rig.terminal.wait_for("STOPPED", gone=True)
        second.set_stops([stopped])
        rig.terminal.wait_for("2AAAAA")
        second.stop()
        rig.terminal.wait_for("STOPPED", gone=True)
        rig.look()
        rig.terminal.keys("d")
        rig.wait_for_answers()


def a_real_stop_is_shown_whenever_one_begins_to_watch():
    with Rig(start=False) as rig:
        rig.server.stop()
        environment = {**os.environ, **rig.environment, "HOME": rig.folder.name}

        def stopping(pattern):
            subprocess.run([program, "stop", "--tool", pattern, "--because", "incident 42"], env=environment, capture_output=True, check=True, stdin=subprocess.DEVNULL)

        stopping("send_*")
        client = Client(rig)
        try:
            client.request(2, "tools/call", {"name": "delete_note", "arguments": {"name": "welcome"}})
            rig.start()
            rig.terminal.wait_for('STOPPED      | the tools "send_*": incident 42')
            rig.terminal.wait_for('| delete the note "welcome"')
            # One that comes meanwhile: its row, and what the session says of it, until a key.
            stopping("list_*")
            rig.terminal.wait_for('STOPPED      | the tools "list_*": incident 42')
            screen = rig.terminal.wait_for("| STOPPED the tools")
            assert "2 STOPS" in screen, screen
            rig.look()
            rig.terminal.keys("j")
            rig.terminal.wait_for("| STOPPED the tools", gone=True)
            rig.terminal.wait_for('STOPPED      | the tools "list_*"')
            folder = os.path.join(rig.environment["XDG_STATE_HOME"], "leastwise", "stops")
            for name in os.listdir(folder):
                os.unlink(os.path.join(folder, name))
            rig.terminal.wait_for("STOPPED", gone=True)
            rig.terminal.wait_for("| resumed: stop ")
        finally:
            client.stop()


def a_code_stands_below_what_has_been_shown():
    long = {"body": "a" * 5000}
    with Rig(height=30, cards=[known(code="ABCDEF"), known("2AAAAA", arguments=long, code="GHJKMN", created_ms=1)]) as rig:
        rig.terminal.wait_for("> 7F3K2Q")
        screen = rig.open_card()
        assert screen.rstrip().splitlines()[-1].startswith("[a] approve"), screen
        assert "CODE     ABCDEF, for the form that the client shows, and for nobody else" in screen, screen
        rig.terminal.keys("Escape")
        rig.terminal.wait_for("leastwise watch: 2 calls wait")
        rig.look()
        rig.terminal.keys("Up")
        screen = rig.open_card("2AAAAA")
        assert "CODE     stands here when all of the call does" in screen and "GHJKMN" not in screen, screen
        rig.terminal.keys("v")
        rig.terminal.wait_for("Space shows more.")
        while "GHJKMN" not in rig.terminal.screen():
            rig.terminal.keys("Space")
        screen = rig.terminal.wait_for("All of it has been shown.")
        assert "CODE     GHJKMN, for the form" in screen, screen
        rig.expect_no_answer()


POLICY = """\
leastwise: 1
name: github-triage
purpose: Try what the advice says.
tools:
  allow:
{allow}
  approve:
    - tool: delete_branch
      id: branches.destructive
      when:
{when}
      free: [owner, repo]
"""


def the_advice_is_right():
    """After five approvals a rule is suggested; written into a policy as it says, it does what it says."""
    with Rig(height=45, cards=[known(approvals_before=5)]) as rig:
        screen = rig.open_card()
        advice = screen[screen.index("OFTEN"):]
        assert "OFTEN    5 calls were approved by this rule" in advice and "branches.destructive at /etc/leastwise/github.yaml:41" in advice, advice
        lines = [line[11:] for line in advice.splitlines() if line.startswith("         | ")]
        at = lines.index('- tool: "delete_branch"')
        allow = "\n".join("    " + line for line in lines[at:-1])
        path = os.path.join(rig.folder.name, "policy.yaml")
        for edited, expected in ((False, "approve"), (True, "allow")):
            when = lines[-1] if edited else "    branch: { present: true }"
            with open(path, "w", encoding="utf-8") as file:
                file.write(POLICY.format(allow=allow, when="    " + when))
            os.chmod(path, 0o600)
            result = subprocess.run([program, "explain", path, "--tool", "delete_branch", "--args", json.dumps(BRANCH), "--json"],
                                    capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
            assert json.loads(result.stdout)["verdict"] == expected, (edited, result.stdout, result.stderr)


def page_screens():
    """The screens of the page, without their times."""
    screens = []
    often = known(approvals_before=5, asked=3)
    other = known("M4TX9C", say="", tool="run_query", asked=12, arguments={"sql": "select 1"}, rule="queries", denials_before=1)
    other["created_ms"] += 1000
    with Rig(cards=[known(approvals_before=2, denials_before=1, asked=3), other]) as rig:
        rig.terminal.wait_for("> 7F3K2Q")
        screens.append(rig.terminal.wait_for("M4TX9C"))
        screens.append(rig.open_card())
    hostile = {**HOSTILE, "body": "x" * 10000}
    with Rig(height=42, cards=[known(arguments=hostile)]) as rig:
        screens.append(rig.open_card())
    with Rig(height=42, cards=[often]) as rig:
        screen = rig.open_card()
        screens.append(screen[screen.index("OFTEN"):screen.index("Lines 1 to")])
    return [re.sub(r"\b[45]:[0-5]\d\b", "4:58", re.sub(r"\n{3,}", "\n\n", screen)).strip("\n") + "\n" for screen in screens]


def the_page_shows_what_is_shown():
    page = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/approvals-watch.md")
    with open(page, encoding="utf-8") as file:
        blocks = re.findall(r"^```text\n(.*?)^```$", file.read(), re.M | re.S)
    assert blocks == page_screens(), "the page's screens are not what is shown: watch_test.py LEASTWISE --capture prints them"


TESTS = [
    a_call_is_shown_and_approved,
    enter_denies,
    a_refusal_is_shown_inert,
    hostile_arguments_do_nothing,
    ten_thousand_characters_must_be_read,
    what_was_typed_before_is_discarded,
    pasted_text_answers_nothing,
    a_card_that_changes_under_the_cursor,
    another_card_under_the_cursor,
    the_window_changes_its_size,
    the_terminal_is_as_it_was_after_q,
    the_terminal_is_as_it_was_after_ctrl_c,
    the_terminal_is_as_it_was_after_sigterm,
    the_terminal_is_as_it_was_after_sighup,
    a_terminal_that_stands_still_can_be_left,
    it_stops_and_goes_on,
    without_colour_there_are_words,
    ascii_terminals_get_codes,
    a_dumb_terminal_gets_a_plain_list,
    approve_shows_the_same_card,
    a_real_session_goes_by_what_is_pressed,
    several_sessions_come_and_go,
    garbage_from_a_session_is_survived,
    grants_stand_above_the_list,
    stops_stand_above_the_list,
    a_real_stop_is_shown_whenever_one_begins_to_watch,
    a_code_stands_below_what_has_been_shown,
    the_advice_is_right,
    the_page_shows_what_is_shown,
]


def main(names):
    need_tmux()
    if names == ["--capture"]:
        print("\n".join(page_screens()))
        return 0
    failed = 0
    for test in TESTS:
        if names and test.__name__ not in names:
            continue
        started = time.monotonic()
        try:
            test()
            print(f"ok     {test.__name__} ({time.monotonic() - started:.1f} s)", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED {test.__name__}\n{traceback.format_exc()}", flush=True)
    return 1 if failed else 0


os.environ.pop("SUDO_UID", None)  # whoever started the tests by sudo is no other user than theirs
sys.exit(main(sys.argv[2:]))
