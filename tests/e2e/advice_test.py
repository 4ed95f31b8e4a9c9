#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""advice_test.py LEASTWISE: what a message says to type is typed, as it stands, and then it works.

Each message names the variable, where its value should have come from, and a command; the value never.
"""
import fcntl
import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import termios
import time

VALUE, OTHER = "not-a-real-token-1", "not-a-real-token-2"
failures = []


def expect(what, ok, seen=""):
    if not ok:
        failures.append(f"{what}: {seen}")


class Home:
    """A user's home, and a folder of a team's beside it."""

    def __init__(self, leastwise):
        self.folder = tempfile.mkdtemp(prefix="it's advice-")
        self.team = self.path("team/vault")
        os.mkdir(self.path("team"), 0o700)
        os.mkdir(self.path("bin"), 0o700)
        os.symlink(leastwise, self.path("bin/leastwise"))
        self.env = {"HOME": self.folder, "PATH": self.path("bin") + ":" + os.environ["PATH"], "TERM": "dumb"}

    def path(self, name):
        return os.path.join(self.folder, name)

    def put(self, name, text, mode=0o600):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), mode)

    def run(self, *args, text=""):
        """Without a terminal, as a client starts programs."""
        return subprocess.run(
            args, cwd=self.folder, env=self.env, input=text, capture_output=True, text=True, timeout=60, check=False,
            start_new_session=True,
        )

    def secret(self, *args, text=""):
        return self.run("leastwise", "secret", *args, text=text)

    def start(self, source):
        """Starts a server with a credential from @source; tells what it got on stdout."""
        self.put("p.yaml", f"leastwise: 1\nname: p\npurpose: Try it.\ncredentials: {{ DEMO_TOKEN: {source} }}\ntools: {{ allow: [echo] }}\n")
        return self.run("leastwise", "run", "--policy", "p.yaml", "--", "sh", "-c", 'printf %s "$DEMO_TOKEN" > got; cat > nothing')

    def follow(self, what, said, text="", more=()):
        """Types the command at the end of @said."""
        found = re.search(r": (leastwise [^:;]*)$", said.strip())
        expect(f"{what}: says what to type", found, said)
        if found:
            words = shlex.split(found.group(1))
            r = self.run(*words, *more, text=text)
            expect(f"{what}: {found.group(1)}", r.returncode == 0, r)

    def refused(self, source, *parts):
        r = self.start(source)
        expect(f"{source}: refused", r.returncode == 6 and all(p in r.stderr for p in ("DEMO_TOKEN", *parts)), r)
        expect(f"{source}: no value", VALUE not in r.stderr and OTHER not in r.stderr, r)
        return r.stderr

    def starts(self, source, value):
        r = self.start(source)
        with open(self.path("got"), encoding="utf-8") as file:
            expect(f"{source}: starts", r.returncode == 0 and file.read() == value, r)


def vaults(home):
    """The user's own vault, and one that has to be named."""
    for name, vault in (("own", None), ("team", home.team)):
        options = ("--vault", vault) if vault else ()
        source = f"{{ from: vault, name: a/b{', vault: ' + vault if vault else ''} }}"
        file = vault or home.path(".config/leastwise/vault")
        home.follow(f"{name}: none", home.refused(source, file, "is not there"), more=("--key-file", home.path(name + ".key")))
        home.follow(f"{name}: no entry", home.refused(source, file, "has no a/b"), text=VALUE)
        home.starts(source, VALUE)
        with open(file, "rb") as f:
            older = f.read()
        r = home.secret("set", "a/b", *options, text=OTHER)
        expect(f"{name}: set again", r.returncode == 1, r)
        home.follow(f"{name}: set again", r.stderr, text=OTHER)
        home.starts(source, OTHER)
        with open(file, "wb") as f:
            f.write(older)
        home.follow(f"{name}: older", home.refused(source, file, "older copy"))
        home.starts(source, VALUE)
        seen = os.path.join(home.path(".local/state/leastwise/vaults"), "")
        for entry in os.listdir(seen):
            with open(seen + entry, "w", encoding="utf-8") as f:
                f.write("torn")
        home.follow(f"{name}: what was seen is torn", home.refused(source, "is damaged"))
        r = home.secret("rotate", "a/none", *options, text=VALUE)
        expect(f"{name}: rotate of none", r.returncode == 1, r)
        home.follow(f"{name}: rotate of none", r.stderr, text=VALUE)


def locked(home):
    """A password, and nobody to ask."""
    home.put("pw", "correct horse battery\n")
    r = home.secret("init", "--vault", home.path("team/locked"), "--password-file", "pw")
    expect("a vault with a password", r.returncode == 0, r)
    source = f"{{ from: vault, name: a/b, vault: {home.path('team/locked')} }}"
    said = home.refused(source, "is locked").strip()
    wanted = ["leastwise", "unlock", "--vault", home.path("team/locked")]
    expect("locked: what to type", shlex.split(said.rpartition(": ")[2]) == wanted, said)
    r = home.secret("set", "a/b", "--vault", home.path("team/locked"), text=VALUE)
    expect("set without a terminal", shlex.split(r.stderr.rpartition(": ")[2]) == wanted, r)


def sources(home):
    """What is wrong is said of where the value should have come from, not of something else."""
    home.put("bin/secret-tool", f"#!/bin/sh\n[ $5 = alice ] && printf '{VALUE}\\n{OTHER}' && exit\nexit 1\n", 0o700)
    home.put("bin/nothing", "#!/bin/sh\nread answer\nprintf %s \"$answer\"\n", 0o700)
    home.put("bin/words", "#!/bin/sh\necho You are not logged in\n", 0o700)
    said = home.refused("keyring:github/bob", "the keyring's entry with service=github username=bob could not be had").strip()
    expect("keyring: what to try", said.endswith(": secret-tool lookup service github username bob"), said)
    home.refused("keyring:github/alice", "the keyring's entry with service=github username=alice holds a second line", "`as: file`")
    home.env["CREDENTIALS_DIRECTORY"] = home.path("bin")
    home.refused("systemd:github", home.path("bin/github"), "LoadCredential=")
    home.refused("{ from: exec, command: [nothing] }", "the output of nothing is empty; run it by hand to see why: here it gets no terminal")
    home.refused("{ from: exec, command: [words], protocol: aws, field: SessionToken }", "words", "it is no JSON; run it by hand")
    home.refused('{ from: exec, command: ["gh auth token"] }', "gh auth token is not in PATH", "items of their own: command: [gh, auth, token]")
    home.put("token", VALUE + "\n", 0o644)
    said = home.refused(f"file:{home.path('token')}", "is open to others")
    expect("chmod", subprocess.run(said.rpartition(": ")[2], shell=True, check=False).returncode == 0, said)
    home.starts(f"file:{home.path('token')}", VALUE)
    home.put("token", VALUE + "\r\n")
    home.refused(f"file:{home.path('token')}", "a carriage return, as files from Windows")


def asking(home):
    """Somebody tries it in a terminal: a program that would ask there cannot, says so at once, and nothing of it is shown."""
    home.put("bin/asks", "#!/bin/sh\nprintf 'Password: ' > /dev/tty || exit 5\nread answer < /dev/tty\necho $answer\n", 0o700)
    home.put("p.yaml", "leastwise: 1\nname: p\npurpose: Try it.\ncredentials: { DEMO_TOKEN: { from: exec, command: [asks] } }\ntools: { allow: [echo] }\n")
    ours, theirs = pty.openpty()
    begin = time.monotonic()
    r = subprocess.run(
        ["leastwise", "run", "--policy", "p.yaml", "--", "true"], cwd=home.folder, env=home.env, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=60, check=False, start_new_session=True, preexec_fn=lambda: fcntl.ioctl(theirs, termios.TIOCSCTTY, 0),
    )
    expect("asks on a terminal", r.returncode == 6 and "asks ended with exit status" in r.stderr and "no terminal to ask at" in r.stderr, r)
    expect("and does not wait there", time.monotonic() - begin < 8)
    os.set_blocking(ours, False)
    try:
        expect("nothing is on the terminal", not os.read(ours, 100))
    except BlockingIOError:
        pass
    os.close(ours)
    os.close(theirs)


def typed(home):
    """What people type who know other programs, and what they should not have typed."""
    home.secret("init", "--key-file", home.path("own.key"))
    for words, parts in (
        (("get", "a/b"), ("that is: leastwise secret export --reveal NAME",)),
        (("delete", "a/b"), ("that is: leastwise secret rm NAME",)),
        (("lst",), ('did you mean "list"?',)),
        (("set", "a/b", "--value", VALUE), ("leastwise secret set: a value does not belong on a command line",)),
        (("rotate", "a/b", "--value=" + VALUE), ("leastwise secret rotate: a value does not belong on a command line",)),
        (("export", "--password", VALUE), ("leastwise secret export: a password does not belong on a command line", "--password-file FILE")),
        (("import", ".env"), ("leastwise secret import < FILE",)),
        (("set",), ("leastwise secret set: say the name of the entry",)),
    ):
        r = home.secret(*words)
        expect(f"secret {words}", r.returncode == 2 and all(p in r.stderr for p in parts) and VALUE not in r.stderr, r)
    home.put("pw", "correct horse battery\n", 0o644)
    r = home.secret("init", "--vault", home.path("team/other"), "--password-file", "pw")
    expect("a password that all can read", r.returncode == 6 and r.stderr.endswith("mend it with: chmod go= pw\n"), r)
    r = home.secret("import", text=f"ONE={VALUE}\n")
    expect("one entry", r.stdout == "imported 1 entry\n", r)
    r = home.secret("init")
    expect("init again", r.returncode == 1 and r.stderr.endswith("another vault is made with --vault FILE\n"), r)
    os.rename(home.path("own.key"), home.path("moved.key"))
    said = home.refused("vault:ONE", home.path("own.key"), "put it back from a copy of it").strip()
    expect("a key that is elsewhere", said.endswith("say: leastwise unlock --key-file FILE"), said)
    os.rename(home.path("moved.key"), home.path("own.key"))


def main():
    for part in (vaults, locked, sources, asking, typed):
        home = Home(os.path.abspath(sys.argv[1]))
        part(home)
        shutil.rmtree(home.folder)
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
