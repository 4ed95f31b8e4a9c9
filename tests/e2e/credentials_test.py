#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""credentials_test.py LEASTWISE: credentials from real helpers, what a server gets of them, and what is left of them (docs/credentials.md).

Helpers that are not installed, or cannot run here, are told as `# SKIP`; programs that print what was recorded from others stand for these.
No network is needed.
"""
import base64
import ctypes
import json
import os
import re
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

LEASTWISE = os.path.abspath(sys.argv[1])
SECRET = "s3cr3t-" + base64.b32encode(os.urandom(10)).decode()
HEAD = "leastwise: 1\nname: c\npurpose: Hold credentials.\ntools: { allow: ['*'] }\n"
# Answers every request with its pid and the digests of its environment's values: the values themselves would be redacted.
SERVER = """
import hashlib, json, os, sys
for line in sys.stdin:
    m = json.loads(line)
    if "id" not in m:
        continue
    if m["method"] == "tools/call" and m["params"]["name"] == "crash":
        os.abort()
    env = {k: hashlib.sha256(v.encode()).hexdigest() for k, v in os.environ.items()}
    files = {}
    for k, v in os.environ.items():
        if v.startswith("/") and "/files-" in v:
            files[k] = [v, oct(os.stat(v).st_mode), oct(os.stat(os.path.dirname(v)).st_mode), hashlib.sha256(open(v, "rb").read()).hexdigest()]
    text = json.dumps({"pid": os.getpid(), "env": env, "files": files, "fds": sorted(os.listdir("/proc/self/fd"))})
    r = {"content": [{"type": "text", "text": text}]}
    if m["method"] == "initialize":
        r = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "s", "version": "1"}}
    elif m["method"] == "tools/list":
        r = {"tools": [{"name": n, "inputSchema": {"type": "object"}} for n in ("tell", "crash")]}
    elif m["method"] == "tools/call" and m["params"]["name"] == "echo":
        r["content"][0]["text"] = json.dumps(dict(os.environ))
    print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": r}), flush=True)
"""
done = failed = 0


class Skip(Exception):
    pass


def sha(text):
    import hashlib
    return hashlib.sha256(text.encode()).hexdigest()


def check(condition, what):
    if not condition:
        raise AssertionError(what)


class Session:
    """The real program with a policy's `credentials:` (and more) in front of the server."""

    def __init__(self, world, policy, env=None, command=None):
        self.world = world
        path = os.path.join(world.dir, "policy.yaml")
        with open(path, "w") as file:
            file.write(HEAD + policy)
        os.chmod(path, 0o600)
        command = command or [sys.executable, "-c", SERVER]
        self.process = subprocess.Popen([LEASTWISE, "run", "--policy", path, "--"] + command, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=world.dir, env={**world.env, **(env or {})})
        self.id = 0

    def ask(self, method, params=None):
        self.id += 1
        message = {"jsonrpc": "2.0", "id": self.id, "method": method, "params": params or {}}
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], 20)[0]:
            raise AssertionError("no answer")
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("ended: " + self.process.stderr.read().decode())
        return json.loads(line)

    def tell(self, name="tell"):
        if self.id == 0:
            self.ask("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}})
            self.process.stdin.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        return self.ask("tools/call", {"name": name, "arguments": {}})

    def seen(self):
        return json.loads(self.tell()["result"]["content"][0]["text"])

    def end(self):
        out, err = self.process.communicate(timeout=20)
        check(SECRET.encode() not in out + err, "the secret was said")
        return self.process.returncode, err.decode()


class World:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="leastwise-credentials-")
        self.runtime = tempfile.mkdtemp(prefix="leastwise-test-", dir="/dev/shm")
        self.env = {"HOME": self.dir, "PATH": self.dir + "/bin:/usr/local/bin:/usr/bin:/bin", "XDG_STATE_HOME": self.dir + "/state",
                    "XDG_RUNTIME_DIR": self.runtime}
        os.mkdir(self.dir + "/bin")

    def program(self, name, text):
        path = os.path.join(self.dir, "bin", name)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o755)
        return path

    def prints(self, name, text):
        """A program that prints what was recorded; what it was asked goes to a file."""
        return self.program(name, "#!/bin/sh\ncat > %s/%s.asked\nenv > %s/%s.env\necho noise >&2\necho x >> %s/%s.runs\ncat <<'END'\n%s\nEND\n" %
                            (self.dir, name, self.dir, name, self.dir, name, text))

    def text(self, name):
        with open(os.path.join(self.dir, name)) as file:
            return file.read()

    def expect(self, policy, values, **more):
        session = Session(self, policy, **more)
        seen = session.seen()
        for name, value in values.items():
            check(seen["env"].get(name) == sha(value), "%s is not what it should be" % name)
        check(seen["fds"][:3] == ["0", "1", "2"] and len(seen["fds"]) <= 4, "descriptors: %r" % seen["fds"])
        told = json.dumps(session.tell("echo"))
        check(SECRET not in told, "the server's echo went through")
        status, err = session.end()
        check(status == 0, "status %d: %s" % (status, err))

    def expect_refused(self, policy, part, **more):
        session = Session(self, policy, **more)
        status, err = session.end()
        check(status == 6, "status %d: %s" % (status, err))
        check(part in err, "%r is not in %s" % (part, err))

    def left(self):
        return [os.path.join(d, f) for d, _, files in os.walk(self.runtime) for f in files if not f.endswith((".sock", ".sock.new"))]

    def close(self):
        shutil.rmtree(self.dir, ignore_errors=True)
        shutil.rmtree(self.runtime, ignore_errors=True)


def needs(*names):
    for name in names:
        if not shutil.which(name, path="/usr/bin:/bin:/usr/local/bin:/usr/sbin:/sbin"):
            raise Skip(name + " is not installed")


# --- real helpers ---

def git(world):
    needs("git")
    with open(world.dir + "/store", "w") as file:
        file.write("https://alice:%s@git.example.org\n" % SECRET)
    os.chmod(world.dir + "/store", 0o600)
    with open(world.dir + "/.gitconfig", "w") as file:
        file.write("[credential]\n\thelper = store --file=%s/store\n" % world.dir)
    common = "from: exec, protocol: git, command: [git, credential, fill]"
    world.expect("credentials:\n  T: { %s, url: 'https://git.example.org' }\n  U: { %s, field: username, url: git.example.org }\n" %
                 (common, common), {"T": SECRET, "U": "alice"})
    world.expect_refused("credentials:\n  T: { %s, url: 'https://other.example.org' }\n" % common, "credential T: the program git ended")


def docker(world):
    needs("docker-credential-pass", "pass", "gpg")
    home = world.dir + "/gnupg"
    os.mkdir(home, 0o700)
    env = {**world.env, "GNUPGHOME": home, "PASSWORD_STORE_DIR": world.dir + "/pass"}
    try:
        subprocess.run(["gpg", "--batch", "--pinentry-mode", "loopback", "--passphrase", "", "--quick-generate-key", "t@example.org",
                        "default", "default", "never"], env=env, check=True, capture_output=True, timeout=60)
        subprocess.run(["pass", "init", "t@example.org"], env=env, check=True, capture_output=True, timeout=60)
        stored = {"ServerURL": "https://ghcr.example.org", "Username": "al", "Secret": SECRET}
        subprocess.run(["docker-credential-pass", "store"], env=env, check=True, capture_output=True, timeout=60,
                       input=json.dumps(stored).encode())
        common = ("from: exec, protocol: docker, command: [docker-credential-pass, get], inherit: [GNUPGHOME, PASSWORD_STORE_DIR], "
                  "timeout: 60s, ")
        world.expect("credentials:\n  T: { %s url: 'https://ghcr.example.org' }\n  U: { %s field: Username, url: 'https://ghcr.example.org' }\n" %
                     (common, common), {"T": SECRET, "U": "al"}, env=env)
        world.expect_refused("credentials:\n  T: { %s url: 'https://other.example.org' }\n" % common, "credential T: ", env=env)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise Skip("pass cannot be set up here: %s" % error)
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], env=env, capture_output=True)


def keyring(world):
    needs("secret-tool", "gnome-keyring-daemon", "dbus-daemon")
    address = "unix:path=%s/bus" % world.dir
    bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--address=" + address], env=world.env, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
    env = {**world.env, "DBUS_SESSION_BUS_ADDRESS": address, "XDG_DATA_HOME": world.dir + "/data"}
    ring = None
    try:
        for _ in range(100):
            if os.path.exists(world.dir + "/bus"):
                break
            time.sleep(0.05)
        ring = subprocess.Popen(["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"], env=env, stdin=subprocess.PIPE,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ring.stdin.write(b"password")
        ring.stdin.close()
        for attempt in range(40):
            stored = subprocess.run(["secret-tool", "store", "--label=t", "service", "github", "username", "alice"], env=env,
                                    input=SECRET.encode(), capture_output=True, timeout=20)
            if stored.returncode == 0:
                break
            time.sleep(0.1)
        else:
            raise Skip("no keyring can run here: %s" % stored.stderr.decode().strip())
        world.expect("credentials: { T: { from: keyring, attributes: { service: github, username: alice } }, S: 'keyring:github/alice' }\n",
                     {"T": SECRET, "S": SECRET}, env=env)
        world.expect_refused("credentials: { T: 'keyring:github/bob' }\n", "either there is no such entry, or no keyring is open", env=env)
    except subprocess.TimeoutExpired:
        raise Skip("no keyring can run here: secret-tool waits for ever")
    finally:
        for process in (ring, bus):
            if process:
                process.kill()
                process.wait()


def systemd(world):
    """What a unit finds; and where systemd-creds can run, a file that it sealed and opened."""
    directory = world.dir + "/unit"
    os.mkdir(directory, 0o700)
    with open(directory + "/github", "w") as file:
        file.write(SECRET + "\n")
    os.chmod(directory + "/github", 0o400)
    env = {"CREDENTIALS_DIRECTORY": directory}
    world.expect("credentials: { T: { from: systemd, name: github }, S: 'systemd:github' }\n", {"T": SECRET, "S": SECRET}, env=env)
    world.expect_refused("credentials: { T: 'systemd:github' }\n", "there is no CREDENTIALS_DIRECTORY")
    world.expect_refused("credentials: { T: 'systemd:other' }\n", "credential T: the file %s/other cannot be opened" % directory, env=env)


def systemd_creds(world):
    needs("systemd-creds")
    sealed = world.dir + "/sealed"
    made = subprocess.run(["systemd-creds", "--with-key=host", "--name=github", "encrypt", "-", sealed], input=SECRET.encode(),
                          capture_output=True)
    if made.returncode != 0:
        raise Skip("systemd-creds cannot run here: %s" % made.stderr.decode().strip().splitlines()[-1])
    world.expect("credentials: { T: { from: exec, command: [systemd-creds, --name=github, decrypt, '%s', '-'] } }\n" % sealed, {"T": SECRET})


# --- recorded ---

def recorded(world):
    world.prints("aws", json.dumps({"Version": 1, "AccessKeyId": "ASIAEXAMPLE12", "SecretAccessKey": SECRET, "SessionToken": "t-" + SECRET,
                                    "Expiration": "2099-01-01T00:00:00+00:00"}))
    aws = "{ from: exec, protocol: aws, command: [aws, configure, export-credentials, --format, process] }"
    world.expect("credentials:\n  AWS_ACCESS_KEY_ID: %s\n  AWS_SECRET_ACCESS_KEY: %s\n  AWS_SESSION_TOKEN: %s\n" % (aws, aws, aws),
                 {"AWS_ACCESS_KEY_ID": "ASIAEXAMPLE12", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": "t-" + SECRET})
    check(world.text("aws.runs") == "x\n", "one answer for all three")
    world.prints("kube", json.dumps({"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1beta1", "spec": {},
                                     "status": {"token": SECRET, "expirationTimestamp": "2099-01-01T00:00:00Z"}}))
    world.expect("credentials: { T: { from: exec, protocol: exec-credential, command: [kube] } }\n", {"T": SECRET})
    check('"kind":"ExecCredential"' in world.text("kube.env"), "KUBERNETES_EXEC_INFO")
    world.prints("google", json.dumps({"version": 1, "success": True, "token_type": "urn:ietf:params:oauth:token-type:id_token",
                                       "id_token": SECRET, "expiration_time": 4070908800}))
    world.expect("credentials: { T: { from: exec, protocol: google, command: [google] } }\n", {"T": SECRET})
    world.prints("bazel", json.dumps({"headers": {"Authorization": ["Bearer " + SECRET]}, "expires": "2099-01-01T00:00:00Z"}))
    world.expect("credentials:\n  T: { from: exec, protocol: bazel, command: [bazel, get], url: 'https://x.example/y' }\n"
                 "  H: { from: exec, protocol: bazel, field: authorization, command: [bazel, get], url: 'https://x.example/y' }\n",
                 {"T": SECRET, "H": "Bearer " + SECRET})
    check(json.loads(world.text("bazel.asked")) == {"uri": "https://x.example/y"}, "what bazel's helper is asked")
    world.prints("op", SECRET)
    world.expect("credentials: { T: 'op://Work/GitHub/token' }\n", {"T": SECRET})
    check("OTHER=" not in world.text("op.env"), "a helper's environment is scrubbed")


def expired_and_malformed(world):
    answer = {"Version": 1, "AccessKeyId": "ASIAEXAMPLE12", "SecretAccessKey": SECRET, "Expiration": "2020-01-01T00:00:00Z"}
    policy = "credentials: { AWS_SECRET_ACCESS_KEY: { from: exec, protocol: aws, command: [aws] } }\n"
    world.prints("aws", json.dumps(answer))
    world.expect_refused(policy, "credential AWS_SECRET_ACCESS_KEY: the output of aws has expired already")
    world.prints("aws", json.dumps(answer)[:-10])
    world.expect_refused(policy, "the output of aws is not what the protocol aws has")
    world.prints("aws", json.dumps({**answer, "Version": 2}))
    world.expect_refused(policy, "its \"Version\" is not 1")
    world.prints("short", "seven77")
    world.expect_refused("credentials: { T: { from: exec, command: [short] } }\n", "shorter than 8 bytes")
    world.expect_refused("credentials: { T: { from: exec, command: [missing] } }\n", "the program missing is not in PATH")
    world.program("slow", "#!/bin/sh\necho %s\nsleep 60\n" % SECRET)
    world.expect_refused("credentials: { T: { from: exec, command: [slow], timeout: 200ms } }\n", "did not end within 200 ms")


# --- what the server gets ---

def placeholders(world):
    policy = ("server: { env: { URL: 'postgres://app:{{T}}@db' , PLAIN: '\\{{T}}' }, inherit: [FROM_CLIENT] }\n"
              "credentials: { T: env:SOURCE }\n")
    env = {"SOURCE": SECRET, "FROM_CLIENT": "redis://:{{T}}@cache"}
    world.expect(policy, {"URL": "postgres://app:%s@db" % SECRET, "PLAIN": "{{T}}", "FROM_CLIENT": "redis://:%s@cache" % SECRET, "T": SECRET},
                 env=env)
    world.expect_refused(policy, "the value of FROM_CLIENT holds {{UNKNOWN}}", env={**env, "FROM_CLIENT": "{{UNKNOWN}}"})
    world.expect_refused(policy, "an argument of the server's command holds {{T}}", env=env, command=["echo", "--token={{T}}"])


def not_elsewhere(world):
    """In the server's environment, and in what is searched for; no further copy, and no argument."""
    with open(world.dir + "/token", "w") as file:
        file.write(SECRET)
    os.chmod(world.dir + "/token", 0o600)
    session = Session(world, "server: { env: { URL: 'x:{{T}}@y' } }\ncredentials: { T: 'file:%s/token' }\n" % world.dir)
    server = session.seen()["pid"]
    proxy = session.process.pid
    # The proxy, its guardian and the server.
    family = [int(p) for p in os.listdir("/proc") if p.isdigit() and parent(int(p)) == proxy] + [proxy]
    check(server in family and len(family) >= 3, "the server and the guardian are the proxy's children")
    for pid in family:
        check(SECRET.encode() not in open("/proc/%d/cmdline" % pid, "rb").read(), "the secret is an argument")
        check(core_limit(pid) == "0", "core files of %d" % pid)
    try:
        if has_shadow(proxy):
            raise PermissionError("the address sanitizer's memory is too large, and keeps what was freed")
        copies = memory_of(proxy).count(SECRET.encode())
        guardian = [p for p in family if p not in (proxy, server)][0]
        check(memory_of(guardian).count(SECRET.encode()) == 0, "the guardian has the secret")
        # Plain, and within the other value, each as the redactor has them: in several spellings. A copy of the environment would be more.
        forms = copies
        check(0 < forms <= 12, "%d copies in the proxy's memory" % copies)
        check(b"T=" + SECRET.encode() not in memory_of(proxy), "the environment's block was not wiped")
    except PermissionError as error:
        print(f"# SKIP the proxy's memory: not to be read: {error}")
    if os.geteuid() != 0:
        try:
            open("/proc/%d/environ" % proxy, "rb").read()
            raise AssertionError("the proxy is dumpable")
        except PermissionError:
            pass
    session.process.stdin.close()
    session.process.stdin = None
    session.end()


def parent(pid):
    try:
        return int(open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


def core_limit(pid):
    for line in open("/proc/%d/limits" % pid):
        if line.startswith("Max core file size"):
            return line.split()[4]
    return "?"


def has_shadow(pid):
    """Is it built with the address sanitizer, which maps terabytes?"""
    with open("/proc/%d/maps" % pid) as maps:
        return any(int(b, 16) - int(a, 16) > 1 << 40 for a, b in (line.split()[0].split("-") for line in maps))


def memory_of(pid):
    out = b""
    with open("/proc/%d/maps" % pid) as maps, open("/proc/%d/mem" % pid, "rb", 0) as mem:
        for line in maps:
            m = re.match(r"([0-9a-f]+)-([0-9a-f]+) r", line)
            if not m or "[v" in line:
                continue
            start, end = int(m[1], 16), int(m[2], 16)
            try:
                mem.seek(start)
                out += mem.read(end - start) + b"\n"
            except (OSError, OverflowError):
                continue
    return out


FILES = "credentials: { KEY: { from: file, path: '%s/key', as: file }, ONE: { from: env, name: SOURCE, as: file } }\n"


def file_session(world):
    with open(world.dir + "/key", "w") as file:
        file.write("-----BEGIN KEY-----\n%s\nsecond line of it, as long\n-----END KEY-----\n" % SECRET)
    os.chmod(world.dir + "/key", 0o600)
    session = Session(world, FILES % world.dir, env={"SOURCE": "one-" + SECRET})
    return session, session.seen()


def files(world):
    session, seen = file_session(world)
    check(sorted(seen["files"]) == ["KEY", "ONE"], "two files: %r" % seen["files"])
    for name, (path, mode, directory_mode, digest) in seen["files"].items():
        check(stat.S_IMODE(int(mode, 8)) == 0o600 and stat.S_IMODE(int(directory_mode, 8)) == 0o700, "modes of " + path)
        check(path.startswith(world.runtime + "/leastwise/files-"), path)
        check(seen["env"][name] == sha(path), "the variable holds the path")
    check(seen["files"]["KEY"][3] == sha(world.text("key")), "several lines, and the newline at the end")
    check(seen["files"]["ONE"][3] == sha("one-" + SECRET), "one line, without a newline")
    check("second line of it" not in json.dumps(session.tell("echo")), "nothing of it in an echo")
    status, err = session.end()
    check(status == 0 and not world.left(), "left: %r" % world.left())


def ends(world):
    """The client's end of file, signals to the proxy, kill -9 of it, and the server's crash leave nothing."""
    for how in ("eof", signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL, "crash"):
        session, seen = file_session(world)
        check(len(world.left()) == 2, "there are two files")
        if how == "eof":
            session.process.stdin.close()
            session.process.stdin = None
        elif how == "crash":
            session.process.stdin.write(b'{"jsonrpc":"2.0","id":99,"method":"tools/call","params":{"name":"crash","arguments":{}}}\n')
            session.process.stdin.flush()
        else:
            session.process.send_signal(how)
            if how == signal.SIGHUP:
                session.process.stdin.close()
                session.process.stdin = None
        session.process.wait(timeout=20)
        for _ in range(200):
            if not world.left():
                break
            time.sleep(0.02)
        check(not world.left(), "%s leaves %r" % (how, world.left()))
        for stream in (session.process.stdout, session.process.stderr, session.process.stdin):
            if stream:
                stream.close()
    # What was left because the guardian was killed as well, the next one sweeps away.
    session, seen = file_session(world)
    guardian = [p for p in map(int, filter(str.isdigit, os.listdir("/proc"))) if parent(p) == session.process.pid and p != seen["pid"]]
    for pid in guardian + [session.process.pid, seen["pid"]]:
        os.kill(pid, signal.SIGKILL)
    session.process.wait(timeout=20)
    check(len(world.left()) == 2, "both are dead: %r" % world.left())
    other, _ = file_session(world)
    check(len(world.left()) == 2, "only the new ones: %r" % world.left())
    other.end()
    for stream in (session.process.stdin, session.process.stdout, session.process.stderr):
        try:
            stream.close()
        except BrokenPipeError:
            pass
    check(not world.left(), "left: %r" % world.left())


def shown(world):
    path = os.path.join(world.dir, "policy.yaml")
    world.prints("op", SECRET)
    with open(path, "w") as file:
        file.write(HEAD + "credentials: { T: 'op://Work/GitHub/token', U: env:SOURCE, V: { from: exec, command: [/no/such] },\n"
                   "  W: { from: exec, command: [./op] }, X: { from: exec, command: [no-such] }, Y: { from: exec, command: [/bin/sh] } }\n")
    os.chmod(path, 0o600)
    out = subprocess.run([LEASTWISE, "check", path], env={**world.env, "SOURCE": SECRET}, capture_output=True)
    told = out.stdout.decode()
    check(out.returncode == 0 and SECRET not in told + out.stderr.decode(), told)
    check("  T: the program `op read --no-newline op://Work/GitHub/token`; op is %s/bin/op\n" % world.dir in told, told)
    check("  U: the environment variable SOURCE\n" in told, told)
    check("  V: the program `/no/such`; /no/such cannot be run here\n" in told, told)
    check("  W: the program `./op`; ./op must be named by a path that begins with /, or by a bare name\n" in told, told)
    check("  X: the program `no-such`; no-such is not in PATH\n" in told, told)
    check("  Y: the program `/bin/sh`\n" in told, told)
    check(not os.path.exists(world.dir + "/op.runs"), "check fetches nothing")


def run(case):
    global done, failed
    done += 1
    name = case.__name__.replace("_", " ")
    world = World()
    try:
        case(world)
        print("ok %d - %s" % (done, name))
    except Skip as why:
        print("ok %d - %s # SKIP %s" % (done, name, why))
    except Exception as error:  # noqa: BLE001 - whatever it is, the case has failed
        failed += 1
        print("not ok %d - %s" % (done, name))
        print("# " + str(error).replace("\n", "\n# "))
    finally:
        world.close()
    sys.stdout.flush()


ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # orphans are ours, and none escapes unseen
CASES = [git, docker, keyring, systemd, systemd_creds, recorded, expired_and_malformed, placeholders, not_elsewhere, files, ends, shown]
print("1..%d" % len(CASES))
for one in CASES:
    run(one)
sys.exit(1 if failed else 0)
