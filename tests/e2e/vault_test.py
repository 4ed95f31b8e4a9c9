#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""vault_test.py LEASTWISE TREE: the vault with real files, terminals, processes and the kernel's keyring.

What leastwise writes is read by tests/support/vault_format.py, which is another implementation of the format, and the other way round.
"""
import ctypes
import errno
import os
import pty
import random
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time

PASSWORD, VALUE = "correct horse battery", "not-a-real-token-1"
failures = []


def expect(what, ok, seen=""):
    if not ok:
        failures.append(f"{what}: {seen}")


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err
        self.all = out + err

    def __repr__(self):
        return f"{self.status} {self.out!r} {self.err!r}"


class Place:
    """A home of its own, with a vault whose key is a file unless @password."""

    def __init__(self, leastwise, password=False):
        self.leastwise, self.folder = leastwise, tempfile.mkdtemp(prefix="vault-")
        self.env = {"HOME": self.folder, "PATH": os.environ["PATH"], "TERM": "dumb"}
        self.vault = self.path(".config/leastwise/vault")
        self.key = self.path("key")
        self.put("pw", PASSWORD + "\n")
        options = ("--password-file", "pw") if password else ("--key-file", self.key)
        self.made = self.run("secret", "init", *options)

    def path(self, name):
        return os.path.join(self.folder, name)

    def put(self, name, text, mode=0o600):
        with open(self.path(name), "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, mode)) as file:
            file.write(text)

    def read(self):
        with open(self.vault, "rb") as file:
            return file.read()

    def write(self, data):
        with open(self.vault, "wb") as file:
            file.write(data)

    def run(self, *args, text="", **more):
        """Without a terminal, as a client starts programs."""
        p = subprocess.run(
            [self.leastwise, *args], cwd=self.folder, env=self.env, input=text, capture_output=True, text=True, timeout=120,
            check=False, start_new_session=True, **more,
        )
        return Result(p.returncode, p.stdout, p.stderr)

    def remove(self):
        self.run("lock")
        subprocess.run(["rm", "-rf", self.folder], check=True)


def in_terminal(place, args, answers, interrupt=False):
    """What is typed after each question, in a terminal of the program's own. (status, what the terminal showed, echo at the end)."""
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(place.folder)
        os.execve(place.leastwise, [place.leastwise, *args], place.env)
    shown, end = b"", time.monotonic() + 60
    asked = 0
    while time.monotonic() < end:
        if not select.select([fd], [], [], 0.1)[0]:
            continue
        try:
            more = os.read(fd, 4096)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            break
        if not more:
            break
        shown += more
        if asked < len(answers) and shown.count(b": ") > asked and shown.endswith(b": "):
            os.write(fd, b"\x03" if interrupt else answers[asked].encode() + b"\n")
            asked += 1
    if time.monotonic() >= end:
        os.kill(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    echo = None
    try:
        echo = bool(termios.tcgetattr(fd)[3] & termios.ECHO)
    except termios.error:
        pass
    os.close(fd)
    return status, shown.decode(errors="replace"), echo


def keyring_works(place):
    result = place.run("unlock", "--password-file", "pw", "--for", "60s")
    if result.status == 0:
        return True
    expect("no keyring is said", "add_key and keyctl" in result.err, result)
    print("skipped in part: this system keeps no keys")
    return False


# --- the commands ---


def commands(leastwise, fmt):
    place = Place(leastwise)
    run = place.run
    expect("init", place.made.status == 0 and "made the key file" in place.made.err, place.made)
    expect("init again", run("secret", "init", "--key-file", place.key).status == 1)
    r = run("secret", "set", "github/read", "--note", "read only", "--expires", "2099-01-31", text=VALUE + "\n")
    expect("set", (r.status, r.out) == (0, "set github/read (18 bytes)\n"), r)
    r = run("secret", "set", "github/read", text="another-token\n")
    expect("set again", r.status == 1 and "is there already" in r.err, r)
    for bad, part in (("short", "shorter than 8 bytes"), ("", "is empty"), ("with\0nul----", "control character"), ("x" * 65537, "longer")):
        r = run("secret", "set", "other", text=bad)
        expect(f"value {part}", r.status == 6 and part in r.err, r)
    for args in (("set", "github/write", "ghp_on_the_line"), ("set", "github/write=ghp_on_the_line"), ("rotate", "github/read", "ghp_on_the_line")):
        r = run("secret", *args, text="abcdefghijkl")
        expect("no value on the line", r.status == 2 and "does not belong on a command line" in r.err, r)
        expect("which is not repeated", "ghp_on" not in r.all, r)
    r = run("secret", "set", "bad name", text=VALUE)
    expect("a bad name", r.status == 2 and "no name of an entry" in r.err, r)
    for option, value in (("--expires", "2020-01-01"), ("--expires", "soon"), ("--note", "a\x1b[2J")):
        expect(f"{option} {value!r}", run("secret", "set", "x", option, value, text=VALUE).status == 2)
    r = run("secret", "rotate", "github/read", text="second-token\n")
    expect("rotate asks for an end", r.status == 6 and "--expires never" in r.err, r)
    r = run("secret", "rotate", "github/read", "--expires", "never", text="second-token\n")
    expect("rotate", (r.status, r.out) == (0, "rotated github/read (12 bytes)\n"), r)
    lines = "# settings\n\nexport A=plain-value\nB='with $ and \"'\nC=\"it's \\$5\\nmore\"\n"
    r = run("secret", "import", "--prefix", "env/", text=lines)
    expect("import", (r.status, r.out) == (0, "imported 3 entries\n"), r)
    before = place.read()
    for text, part in (
        ("A=another-value\n", "env/A is in the vault already"),
        ("N=value-of-n\nN=value-of-n\n", "env/N is there twice"),
        ("N=value-of-n\nM=with space\n", "line 2: its value has a sign that programs read differently"),
        ("N=$HOME/abcdef\n", "line 1"),
        ("N=\"$HOME/abcdef\"\n", "line 1"),
        ("N='open ended\n", "line 1"),
        ("N=short\n", "line 1: the value is shorter than 8 bytes"),
        ("no equals\n", "line 1: it is not NAME=VALUE"),
        ("a b=value-of-n\n", "line 1"),
    ):
        r = run("secret", "import", "--prefix", "env/", text=text)
        expect(f"import of {text!r}", r.status in (1, 6) and part in r.err and "othing was imported" in r.err, r)
    expect("nothing was imported", place.read() == before)
    expect("import --replace", run("secret", "import", "--prefix", "env/", "--replace", text="A=another-value\n").status == 0)
    for args in (("list",), ("show-meta", "github/read"), ("show-meta", "env/C")):
        r = run("secret", *args)
        expect(f"{args} shows no value", r.status == 0 and not any(v in r.all for v in ("second-token", "another", "with $", "it's")), r)
    expect("list", "github/read  since " in run("secret", "list").out)
    expect("note", "note:    read only" in run("secret", "show-meta", "github/read").out)
    expect("show-meta of none", run("secret", "show-meta", "nothing").status == 1)
    r = run("secret", "export")
    expect("export needs a word", r.status == 2 and "--reveal" in r.err, r)
    out = run("secret", "export", "--reveal").out
    wanted = "env/A='another-value'\nenv/B='with $ and \"'\nenv/C=\"it's \\$5\\nmore\"\ngithub/read='second-token'\n"
    expect("export", out == wanted, out)
    expect("export warns", "whoever reads them" in run("secret", "export", "--reveal", "env/A").err)
    expect("export of none", run("secret", "export", "--reveal", "nothing").status == 1)
    expect("export to a file", run("secret", "export", "--reveal", "--output", "copy").status == 0)
    expect("which only we can read", os.stat(place.path("copy")).st_mode & 0o777 == 0o600)
    expect("never over another", run("secret", "export", "--reveal", "--output", "copy").status != 0)
    again = Place(leastwise)
    expect("what was exported is imported", again.run("secret", "import", text=out).status == 0)
    expect("and is the same", again.run("secret", "export", "--reveal").out == wanted)
    again.remove()
    with open(place.key, "rb") as file:
        key = file.read()
    found = fmt.read(place.read(), lambda header: key)[3]
    expect("another program reads it", [e[0] for e in found] == [b"env/A", b"env/B", b"env/C", b"github/read"], found)
    expect("values and all", [e[5] for e in found][2] == b"it's $5\nmore", found)
    expect("rm", run("secret", "rm", "env/A", "env/B").status == 0)
    expect("rm of one that is not there", run("secret", "rm", "env/C", "nothing").status == 1)
    expect("removes nothing", "env/C" in run("secret", "list").out)
    for args in (("lst",), (), ("set",), ("list", "x"), ("set", "x", "--reveal")):
        expect(f"usage {args}", run("secret", *args).status == 2)
    place.remove()


def fixtures(tree, fmt):
    """The test vectors are what another program makes of docs/vault.md."""
    for name, make in fmt.FIXTURES.items():
        with open(os.path.join(tree, "tests/unit/secrets/vaults", name), "rb") as file:
            have = file.read()
        made = make()
        if made is None:
            print(f"skipped: {name}: no libsodium for Argon2id")
        expect(f"{name} is as vault_format.py makes it", made in (None, have))


# --- passwords, terminals, the keyring ---


def passwords(leastwise, fmt):
    place = Place(leastwise, password=True)
    run = place.run
    r = run("secret", "set", "a/b", text=VALUE)
    expect("locked, no terminal", r.status == 6 and "leastwise unlock" in r.err, r)
    place.put("wrong", "incorrect horse\n")
    before = place.read()
    r = run("secret", "set", "a/b", "--password-file", "wrong", text=VALUE)
    expect("wrong password", r.status == 6 and "does not open with this password" in r.err, r)
    expect("nothing changed", place.read() == before)
    place.put("open", PASSWORD + "\n", 0o644)
    os.chmod(place.path("open"), 0o644)
    expect("a password for all to read", run("secret", "set", "a/b", "--password-file", "open", text=VALUE).status == 6)
    expect("with the password", run("secret", "set", "a/b", "--password-file", "pw", text=VALUE).status == 0)
    r = run("secret", "list")
    expect("list says that it is not verified", r.status == 0 and "a/b" in r.out and "locked" in r.err, r)
    text = place.read()
    key = fmt.argon2id(PASSWORD.encode(), text[24:40], 3, 262144)
    if key:
        expect("another program reads it", fmt.read(text, lambda header: key)[3][0][5] == VALUE.encode())

    status, shown, echo = in_terminal(place, ["secret", "set", "typed/one"], [PASSWORD, "typed-secret-value"])
    expect("typed", status == 0 and "set typed/one (18 bytes)" in shown, shown)
    expect("not shown", "typed-secret" not in shown and PASSWORD not in shown, shown)
    expect("echo is on again", echo is not False, echo)
    status, shown, echo = in_terminal(place, ["secret", "set", "typed/two"], ["nonsense"])
    expect("wrong password typed", status == 6 and "does not open" in shown, shown)
    for _ in range(10):
        status, shown, echo = in_terminal(place, ["secret", "set", "typed/two"], ["x"], interrupt=True)
        expect("interrupted", status == -signal.SIGINT and echo is not False, (status, shown, echo))
    status, shown, _ = in_terminal(place, ["secret", "passwd"], [PASSWORD, "another password", "another passwort"])
    expect("two new ones differ", status == 6 and "not the same" in shown, shown)
    expect("and nothing changed", run("secret", "list", "--password-file", "pw").status == 0)

    if keyring_works(place):
        keyring(place)
    place.put("new", "another password\n")
    r = run("secret", "passwd", "--password-file", "pw", "--new-password-file", "new")
    expect("passwd", r.status == 0 and "put new values" in r.out, r)
    r = run("secret", "list", "--password-file", "pw")
    expect("the old one opens nothing", r.status == 6, r)
    expect("nor does what was left with the kernel", run("secret", "rm", "a/b").status == 6)
    expect("the new one does", VALUE in run("secret", "export", "--reveal", "--password-file", "new").out)
    r = run("secret", "passwd", "--password-file", "new", "--new-key-file", place.key)
    expect("from a password to a key file", r.status == 0, r)
    expect("which asks nobody", run("secret", "rm", "a/b").status == 0)
    place.remove()


def keyring(place):
    run = place.run
    expect("unlocked", run("secret", "set", "by/key", text=VALUE).status == 0)
    r = run("secret", "export", "--reveal")
    expect("export wants the password all the same", r.status == 6 and VALUE not in r.all, r)
    # A client may have another session keyring, in which ours is not.
    libc = ctypes.CDLL(None)
    r = run("secret", "set", "by/client", text=VALUE, preexec_fn=lambda: libc.syscall(250, 1, None))
    expect("also in another session", r.status == 0, r)
    with open("/proc/keys", encoding="utf-8") as file:
        expect("no value in /proc/keys", VALUE not in file.read())
    expect("lock", run("lock").out.startswith("locked "))
    expect("lock again", run("lock").out.endswith(" was locked already\n"))
    expect("locked", run("secret", "rm", "by/key").status == 6)
    expect("for a second", run("unlock", "--password-file", "pw", "--for", "1s").status == 0)
    end = time.monotonic() + 20
    while run("secret", "set", f"by/time{time.monotonic_ns()}", text=VALUE).status == 0 and time.monotonic() < end:
        time.sleep(0.05)
    expect("locked after its time", time.monotonic() < end)
    for bad in ("0s", "169h", "soon", "8"):
        expect(f"--for {bad}", run("unlock", "--password-file", "pw", "--for", bad).status == 2)
    expect("unlock for passwd", run("unlock", "--password-file", "pw").status == 0)


POLICY = """leastwise: 1
name: vault
purpose: Give a server a credential.
credentials: { DEMO_TOKEN: { from: vault, name: a/b } }
tools: { allow: [ echo ] }
"""


def servers(leastwise):
    """What a client starts: never a question, and a server only when the value can be had."""
    place = Place(leastwise, password=True)
    place.put("p.yaml", POLICY)
    started = ("run", "--policy", "p.yaml", "--", "sh", "-c", 'printf %s "$DEMO_TOKEN" > got')

    def refused(what, *parts):
        r = place.run(*started)
        expect(what, r.status == 6 and all(part in r.err for part in ("DEMO_TOKEN", *parts)) and not os.path.exists(place.path("got")), r)
        expect(f"{what}: no value", VALUE not in r.all, r)

    place.run("secret", "set", "a/b", "--password-file", "pw", text=VALUE)
    refused("locked", "is locked", "leastwise unlock")
    if keyring_works(place):
        r = place.run(*started)
        with open(place.path("got"), encoding="utf-8") as file:
            expect("the server has it", file.read() == VALUE, r)
        os.remove(place.path("got"))
        good = place.read()
        place.write(good[:100] + bytes([good[100] ^ 1]) + good[101:])
        refused("damaged", "is damaged or cut short")
        place.write(good)
        place.run("secret", "rm", "a/b")
        refused("removed", "has no a/b", "leastwise secret set")
        place.write(good)
        refused("put back", "older copy")
        place.run("secret", "accept", "--password-file", "pw")
        place.run("lock")
        refused("locked again", "is locked")
    place.remove()


# --- what goes wrong ---


def damaged(leastwise):
    place = Place(leastwise)
    place.run("secret", "set", "a/b", text=VALUE)
    good = place.read()
    chooser = random.Random(5)
    for at in sorted(chooser.sample(range(len(good)), 40)):
        bad = bytearray(good)
        bad[at] ^= 1 << chooser.randrange(8)
        place.write(bytes(bad))
        for args, text in ((("secret", "set", "new/one"), VALUE), (("secret", "list"), "")):
            r = place.run(*args, text=text)
            expect(f"byte {at}", r.status == 6 and place.vault in r.err and VALUE not in r.all, r)
        expect(f"byte {at}: left alone", place.read() == bytes(bad))
    for size in (0, 7, 56, 100, len(good) - 1):
        place.write(good[:size])
        expect(f"{size} bytes", place.run("secret", "list").status == 6)
    place.write(good)
    expect("whole again", place.run("secret", "list").status == 0)
    place.run("secret", "set", "c/d", text=VALUE)
    place.write(good)
    r = place.run("secret", "set", "e/f", text=VALUE)
    expect("an older copy", r.status == 6 and "older copy" in r.err and "leastwise secret accept" in r.err, r)
    expect("accept", place.run("secret", "accept").status == 0)
    expect("accepted", place.run("secret", "set", "e/f", text=VALUE).status == 0)
    place.remove()


def names_of(place):
    return [line.split("  ")[0] for line in place.run("secret", "list").out.splitlines()]


def twenty_writers(leastwise):
    place = Place(leastwise)
    writers = [
        subprocess.Popen(
            [leastwise, "secret", "set", f"at/once{n:02}"], cwd=place.folder, env=place.env, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )
        for n in range(20)
    ]
    for n, writer in enumerate(writers):
        writer.stdin.write(b"value-of-%d----" % n)
        writer.stdin.close()
    for n, writer in enumerate(writers):
        err = writer.stderr.read()
        expect(f"writer {n}", writer.wait(60) == 0, err)
        writer.stderr.close()
        writer.stdout.close()
    expect("all are there", names_of(place) == [f"at/once{n:02}" for n in range(20)], names_of(place))
    expect("21 changes", place.read()[56 + len(place.key) + 16] == 21)
    place.remove()


def full_disk(leastwise):
    """A disk of 64 KiB: the vault stays as it was, and works again when there is space."""
    place = Place(leastwise)
    disk = place.path("disk")
    os.mkdir(disk, 0o700)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "none", disk], capture_output=True, check=False)
    if mounted.returncode != 0:
        print("skipped in part: no file system can be mounted here")
        place.remove()
        return
    try:
        vault = os.path.join(disk, "vault")
        expect("init there", place.run("secret", "init", "--vault", vault, "--key-file", place.key).status == 0)
        expect("set there", place.run("secret", "set", "a/b", "--vault", vault, text=VALUE).status == 0)
        with open(vault, "rb") as file:
            before = file.read()
        filler = os.open(os.path.join(disk, "filler"), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            while True:
                os.write(filler, b"x" * 1024)
        except OSError:
            os.close(filler)
        r = place.run("secret", "set", "c/d", "--vault", vault, text="y" * 5000)
        expect("no space", r.status == 70 and "could not be written, and is as it was" in r.err, r)
        with open(vault, "rb") as file:
            expect("as it was", file.read() == before)
        expect("nothing is left", sorted(os.listdir(disk)) == [".vault.lock", "filler", "vault"], os.listdir(disk))
        os.remove(os.path.join(disk, "filler"))
        expect("space again", place.run("secret", "set", "c/d", "--vault", vault, text="y" * 5000).status == 0)
    finally:
        subprocess.run(["umount", disk], check=True)
    place.remove()


def killed(leastwise):
    """kill -9 at any moment of a change: afterwards the vault is the old one or the new one, and can be changed again."""
    place = Place(leastwise)
    chooser = random.Random(9)
    done = 0
    begin = time.monotonic()
    place.run("secret", "set", "first", text=VALUE)
    took = time.monotonic() - begin
    for n in range(120):
        p = subprocess.Popen(
            [leastwise, "secret", "set", f"n{n}"], cwd=place.folder, env=place.env, stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )
        try:
            p.stdin.write(VALUE.encode())
            p.stdin.close()
        except BrokenPipeError:
            pass
        time.sleep(chooser.random() * took * 1.3)
        p.kill()
        done += p.wait() == 0
        if n % 10 == 9:
            r = place.run("secret", "list")
            expect(f"kill {n}", r.status == 0, r)
    r = place.run("secret", "set", "last", text=VALUE)
    expect("after all", r.status == 0, r)
    expect("nothing is left", sorted(os.listdir(os.path.dirname(place.vault))) == [".vault.lock", "vault"], os.listdir(os.path.dirname(place.vault)))
    expect("some were killed", done < 120, done)
    place.remove()


CALLS = ("openat", "write", "fchmod", "fsync", "rename", "renameat", "pwrite64", "flock", "ftruncate")


def killed_at_each_call(leastwise):
    """The same at each system call that a change makes, by strace; and each of them failing."""
    place = Place(leastwise)
    try:
        subprocess.run(["strace", "-o", "/dev/null", "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        print("skipped in part: no strace here")
        place.remove()
        return
    # The leak checker is a tracer itself, and fails where there is another.
    env = {**place.env, "ASAN_OPTIONS": "detect_leaks=0"}
    n = 0
    for call in CALLS:
        for what in ("signal=KILL", "error=EIO", "error=ENOSPC"):
            for when in range(1, 40 if call == "openat" else 12):
                if what != "signal=KILL" and call == "openat":
                    continue
                n += 1
                trace = place.path("trace")
                p = subprocess.run(
                    ["strace", "-qq", "-o", trace, "-e", f"trace={call}", "-e", f"inject={call}:{what}:when={when}", leastwise, "secret", "set", f"n{n}"],
                    cwd=place.folder, env=env, input=VALUE, capture_output=True, text=True, check=False, start_new_session=True,
                )
                with open(trace, encoding="utf-8", errors="replace") as file:
                    hit = "INJECTED" in file.read() or p.returncode in (-9, 137)
                r = place.run("secret", "list")
                expect(f"{call} {what} {when}", r.status == 0, (p.returncode, p.stderr, r))
                there = f"n{n}" in [line.split("  ")[0] for line in r.out.splitlines()]
                expect(f"{call} {what} {when}: said as it is", (p.returncode != 0 or there) and not ("is as it was" in p.stderr and there), (p.returncode, p.stderr))
                if not hit:
                    break
    expect("enough was tried", n > 40, n)
    # The second is that of the directory.
    p = subprocess.run(
        ["strace", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:error=EINVAL:when=2", leastwise, "secret", "set", "on-a-share"],
        cwd=place.folder, env=env, input=VALUE, capture_output=True, text=True, check=False, start_new_session=True,
    )
    expect("a file system that does not know it of directories", p.returncode == 0, p)
    r = place.run("secret", "set", "last", text=VALUE)
    expect("after all", r.status == 0, r)
    place.remove()


def outside(leastwise):
    """What other processes see of one that waits for a value: no value in its arguments, nothing to trace, no core."""
    place = Place(leastwise)
    p = subprocess.Popen(
        [leastwise, "secret", "set", "a/b"], cwd=place.folder, env=place.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
    )
    p.stdin.write(VALUE.encode())
    p.stdin.flush()
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with open(f"/proc/{p.pid}/limits", encoding="utf-8") as file:
            if any(line.startswith("Max core file size        0                    0") for line in file):
                break
    with open(f"/proc/{p.pid}/cmdline", "rb") as file:
        expect("arguments", VALUE.encode() not in file.read())
    if os.geteuid() != 0:
        expect("nobody may trace it", not os.access(f"/proc/{p.pid}/mem", os.R_OK))
    else:
        expect("nobody may trace it", os.stat(f"/proc/{p.pid}/environ").st_uid == 0)
    expect("no core", time.monotonic() < end)
    p.stdin.close()
    expect("set", p.wait(30) == 0)
    p.stdout.close()
    p.stderr.close()
    place.remove()


def main():
    leastwise, tree = os.path.abspath(sys.argv[1]), sys.argv[2]
    sys.path.insert(0, os.path.join(tree, "tests/support"))
    import vault_format  # pylint: disable=import-outside-toplevel

    parts = (
        lambda: fixtures(tree, vault_format), lambda: commands(leastwise, vault_format), lambda: passwords(leastwise, vault_format),
        *(lambda part=part: part(leastwise) for part in (servers, damaged, twenty_writers, full_disk, killed, killed_at_each_call, outside)),
    )
    for part in parts:
        begin = time.monotonic()
        part()
        print(f"part {parts.index(part)}: {time.monotonic() - begin:.1f} s", flush=True)
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
