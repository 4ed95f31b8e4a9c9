#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""watch_sign_test.py LEASTWISE SOFTWARE_KEY: `leastwise watch` in a real terminal (tmux), where people sign what they approve."""
import json
import os
import signal
import sys
import tempfile
import time

import signing_test
from signing_test import NAMESPACE, Place, Session, expect

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from stdio_client import cards_of  # noqa: E402
from tmux import PATIENCE_S, Terminal, need_tmux  # noqa: E402

# Keys do not answer for 0.7 s after a change: a person's pause.
LOOK_S = 0.9
PASSPHRASE = "open sesame"


class Watching:
    """`watch` in a terminal, with a card open."""

    def __init__(self, place, card, *arguments, jobs=False):
        self.place, self.card, self.prompts = place, card, 0
        self.terminal = Terminal(place.folder, place.env, 100, 40)
        if jobs:
            self.terminal.line("set -m")
        self.terminal.line(f"cd {place.folder}; {place.leastwise} watch {' '.join(arguments)}")
        self.terminal.wait_for(card)
        self.look()
        self.terminal.keys("Enter")
        self.screen = self.terminal.wait_for(f"APPROVE? {card}")
        self.look()

    def look(self):
        time.sleep(LOOK_S)

    def sign(self):
        self.terminal.keys("a")

    def prompt_again(self):
        """Earlier prompts still stand on the screen, and what is typed before the next one is thrown away."""
        self.prompts += 1
        return self.terminal.wait_until(lambda screen: screen.count("Enter passphrase") == self.prompts, f"prompt {self.prompts}")

    def at_prompt(self):
        screen = self.prompt_again()
        expect("the terminal is ssh-keygen's", self.terminal.ask("alternate_on") == "0", screen)
        expect("what it is for", f"leastwise watch: to approve {self.card} is to sign it" in screen, screen)

    def back_with(self, words):
        screen = self.terminal.wait_for(words)
        expect("the full screen is back", self.terminal.ask("alternate_on") == "1" and self.card in screen.splitlines()[0], screen)
        self.look()

    def at_shell(self):
        self.terminal.wait_until(lambda screen: screen.rstrip().endswith("ready$"), "the shell's prompt")

    def pid(self):
        shell = self.terminal.ask("pane_pid")
        with open(f"/proc/{shell}/task/{shell}/children", encoding="utf-8") as file:
            return int(file.read().split()[0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.terminal.stop()


def a_key_without_a_passphrase(place, session):
    number, card = session.call("one", "plain")
    with Watching(place, card, "--key", "alice") as watching:
        for words in ("NEEDS    the signature of somebody whom the policy names", "[a] sign, approve  [d, enter] DENY", "[q] end"):
            expect(words, words in watching.screen, watching.screen)
        watching.sign()
        watching.back_with(f"USED     {card}")
    expect("the call", "ran " in (answer := session.wait(number)), answer)


def the_key_that_is_there(place, session):
    """Without --key: none at first, then the one in ~/.ssh."""
    number, card = session.call("one", "home")
    with Watching(place, card) as watching:
        watching.sign()
        watching.back_with("| not approved: neither ~/.ssh/id_ed25519_sk nor ~/.ssh/id_ed25519 is there; say --key FILE")
        os.mkdir(place.path(".ssh"), 0o700)
        for end in ("", ".pub"):
            place.put(f".ssh/id_ed25519{end}", place.read(f"bob{end}"))
        watching.sign()
        watching.back_with(f"USED     {card}")
    expect("the call", "ran " in (answer := session.wait(number)), answer)


def a_passphrase(place, session):
    """Wrong, taken back with ctrl-C, and right."""
    number, card = session.call("one", "phrase")
    with Watching(place, card, "--key", "locked") as watching:
        watching.sign()
        watching.at_prompt()
        watching.terminal.line("wrong")
        watching.back_with("| not approved: ssh-keygen did not sign by the key locked")
        watching.sign()
        watching.at_prompt()
        watching.terminal.keys("C-c")
        watching.back_with("| not approved: ssh-keygen did not sign by the key locked")
        expect("it waits", session.waits(card))
        watching.sign()
        watching.at_prompt()
        watching.terminal.line(PASSPHRASE)
        watching.back_with(f"USED     {card}")
    expect("the call", "ran " in (answer := session.wait(number)), answer)


def stopped_and_continued_at_the_prompt(place, session):
    number, card = session.call("one", "stop")
    with Watching(place, card, "--key", "locked", jobs=True) as watching:
        watching.sign()
        watching.at_prompt()
        watching.terminal.keys("C-z")
        watching.terminal.wait_for("Stopped")
        watching.at_shell()
        watching.terminal.line("fg")
        watching.prompt_again()
        watching.terminal.line(PASSPHRASE)
        watching.back_with(f"USED     {card}")
    expect("the call", "ran " in (answer := session.wait(number)), answer)


def ended_at_the_prompt(place, session):
    number, card = session.call("one", "end")
    with Watching(place, card, "--key", "locked") as watching:
        watching.sign()
        watching.at_prompt()
        os.kill(watching.pid(), signal.SIGTERM)
        watching.terminal.keys("C-c")
        watching.at_shell()
        watching.terminal.line("echo status $?")
        watching.terminal.wait_for(f"status {128 + signal.SIGTERM}")
        expect("the screen", watching.terminal.ask("alternate_on") == "0")
        screen = watching.terminal.screen()
        expect("what stood there", f"leastwise watch: to approve {card} is to sign it" in screen.splitlines(), screen)
    expect("it waits", session.waits(card))
    place.run(place.leastwise, "deny", card)
    session.wait(number)


def two_people_and_a_stranger(place, session):
    number, card = session.call("two", "both")
    with Watching(place, card, "--key", "alice") as watching:
        words = "NEEDS    2 signatures, of people whom the policy names; 0 so far"
        expect(words, words in watching.screen, watching.screen)
        watching.sign()
        watching.back_with(f"{card}: 1 of 2 people have approved.")
    with Watching(place, card, "--key", "mallory") as watching:
        watching.sign()
        watching.back_with("| nobody on the list of approvers has this key")
    with Watching(place, card, "--key", "bob") as watching:
        watching.sign()
        watching.back_with(f"USED     {card}")
    expect("the call", "ran " in (answer := session.wait(number)), answer)


def denying_needs_no_key(place, session):
    number, card = session.call("one", "no")
    with Watching(place, card) as watching:
        watching.terminal.keys("d")
        watching.back_with(f"DENIED   {card}")
    expect("denied", "ran " not in (answer := session.wait(number)), answer)


class Signed(Session):
    def waits(self, card):
        listed = self.place.run(self.place.leastwise, "pending", "--json")
        return any(each["id"] == card and each["state"] == "open" and each["must_sign"] for each in cards_of(listed.stdout))


def record(place):
    """What watch sent is what ssh-keygen alone verifies."""
    folder = os.path.join(place.folder, "state", "leastwise", "audit")
    who = []
    for name in os.listdir(folder):
        for line in place.read(os.path.join(folder, name)).splitlines():
            r = json.loads(line)
            if r.get("signature"):
                place.put("signature", r["signature"])
                place.keygen("-Y", "verify", "-f", "people", "-I", r["approver"], "-n", NAMESPACE, "-s", "signature", text=r["statement"])
                who.append(r["approver"])
    expect("who signed", sorted(who) == ["alice"] * 4 + ["bob"] * 2, who)


STEPS = (
    a_key_without_a_passphrase, the_key_that_is_there, a_passphrase, stopped_and_continued_at_the_prompt, ended_at_the_prompt,
    two_people_and_a_stranger, denying_needs_no_key,
)


def main(leastwise, software_key):
    need_tmux()
    with tempfile.TemporaryDirectory(prefix="leastwise-watch-") as folder:
        place = Place(folder, os.path.abspath(leastwise), os.path.abspath(software_key))
        for end in ("", ".pub"):
            place.put(f"locked{end}", place.read(f"alice{end}"))
        place.keygen("-q", "-p", "-P", "", "-N", PASSPHRASE, "-f", "locked")
        place.put("policy.yaml", signing_test.POLICY.replace("hold: 60s", "hold: 300s"))
        session = Signed(place)
        try:
            for step in STEPS:
                step(place, session)
            session.end()
            record(place)
        except (AssertionError, RuntimeError) as error:
            signing_test.failures.append(str(error))
        finally:
            session.process.kill()
            session.process.wait(PATIENCE_S)
    for failure in signing_test.failures:
        print(failure, file=sys.stderr)
    return 1 if signing_test.failures else 0


if __name__ == "__main__":
    os.environ.pop("SUDO_UID", None)  # whoever started the tests by sudo is no other user than theirs
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    sys.exit(main(*sys.argv[1:]))
