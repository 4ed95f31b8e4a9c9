#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""init_test.py LEASTWISE REPLAY DEMO_SERVER [--update]: what `leastwise init` writes.

For each init/NAME.json, what a server lists, init/NAME.yaml is the policy to the letter. Each is also held to what every
policy of init is: printable ASCII, good by `check`, no tool allowed that the server did not say to read, none with a name that is
more than a name, and no line in it that the server wrote. Then what init does with files, credentials and servers that say too much.
"""
import json
import os
import re
import stat
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "init")
# Every line that is no comment has one of these forms.
LINE = re.compile(
    r"leastwise: 1|name: [\w.-]+|purpose: Say here in one sentence what the job is\.|(?:tools|resources|prompts|credentials):|"
    r"  (?:allow|approve):(?: \[\])?|    - (?:tool|prompt): \w[\w./-]*|      free:(?: \[[\w, -]*\])?|        - \w[\w-]*|"
    r'    - "[a-z][\w./:~-]*"|tests:|  - \{ call: \w[\w./-]*, expect: (?:allow|approve|deny) \}|  \w+: \{ from: env, name: \w+ \}'
)
COMMENT = re.compile(r" *#(?: [ -~]*)?")


class Tester:
    def __init__(self, leastwise, replay, folder):
        self.leastwise, self.replay, self.folder = leastwise, replay, folder
        self.failures = []
        self.env = {"HOME": folder, "PATH": "/usr/local/bin:/usr/bin:/bin", "A_TOKEN": "hunter2-hunter2", "LC_ALL": "C.UTF-8"}
        for name in os.environ:
            if name.startswith(("ASAN_", "UBSAN_", "LSAN_")):
                self.env[name] = os.environ[name]

    def run(self, *words):
        return subprocess.run(
            [self.leastwise, *words], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False
        )

    def server(self, lists):
        path = os.path.join(self.folder, "lists.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(lists, file)
        return ["--", sys.executable, self.replay, path]

    def wants(self, what, result, status, part=b""):
        if result.returncode != status or part not in result.stderr:
            self.failures.append(f"{what}: status {result.returncode}, wanted {status} and {part!r}: {result.stderr!r}")

    def put(self, text):
        path = os.path.join(self.folder, "policy.yaml")
        with open(path, "wb") as file:
            file.write(text)
        os.chmod(path, 0o600)
        return path

    def check_text(self, name, text):
        for number, line in enumerate(text.decode("latin-1").split("\n")[:-1], 1):
            if not LINE.fullmatch(line) and not COMMENT.fullmatch(line):
                self.failures.append(f"{name}:{number}: a line that init does not write: {line!r}")
        strict = ["--strict"] if b"\ntests:\n" in text else []
        self.wants(f"{name}: check", self.run("check", *strict, self.put(text)), 0)
        self.wants(f"{name}: test", self.run("test", self.put(text)), 0 if strict else 1)

    def check_verdicts(self, name, text, server, lists):
        """What reads is allowed only when nothing else of that name is there and nothing says otherwise."""
        result = self.run("tools", "--json", "--policy", self.put(text), *server)
        self.wants(f"{name}: tools", result, 0)
        said = {}
        for tool in lists["tools"]:
            said.setdefault(tool["name"], []).append(tool.get("annotations") or {})
        for tool in json.loads(result.stdout)["tools"]:
            if tool["verdict"] == "deny":
                continue
            hints = said[tool["name"]]
            if len(hints) != 1 or not re.fullmatch(r"\w[\w./-]{0,127}", tool["name"], re.A) or hints[0].get("destructiveHint") is True:
                self.failures.append(f"{name}: {tool['name']!r} is not denied")
            elif tool["verdict"] == "allow" and hints[0].get("readOnlyHint", True) is not True:
                self.failures.append(f"{name}: {tool['name']!r} is allowed")

    def golden(self, name, update):
        with open(os.path.join(FOLDER, name + ".json"), encoding="utf-8") as file:
            lists = json.load(file)
        server = self.server(lists)
        result = self.run("init", "--name", name, *server)
        self.wants(name, result, 0, b"read it before you use it")
        path = os.path.join(FOLDER, name + ".yaml")
        if update:
            with open(path, "wb") as file:
                file.write(result.stdout)
        with open(path, "rb") as file:
            if file.read() != result.stdout:
                self.failures.append(f"{name}: init writes otherwise: {result.stdout.decode('latin-1')}")
        self.check_text(name, result.stdout)
        self.check_verdicts(name, result.stdout, server, lists)

    def files(self):
        server = self.server({"tools": [{"name": "get_note"}]})
        out = os.path.join(self.folder, "notes.yaml")
        self.wants("a new file", self.run("init", "--output", out, *server), 0)
        with open(out, encoding="utf-8") as file:
            first = file.read()
        if "\nname: notes\n" not in first or stat.S_IMODE(os.stat(out).st_mode) & 0o022:
            self.failures.append(f"a new file: {oct(os.stat(out).st_mode)} {first}")
        self.wants("a file that is there", self.run("init", "--output", out, *server), 1, b"is not overwritten")
        with open(out, encoding="utf-8") as file:
            if file.read() != first:
                self.failures.append("a file that was there is another")
        link = os.path.join(self.folder, "link.yaml")
        os.symlink(os.path.join(self.folder, "nowhere"), link)
        self.wants("a link to nothing", self.run("init", "--output", link, *server), 1, b"is not overwritten")
        self.wants("no directory", self.run("init", "--output", os.path.join(self.folder, "no/x.yaml"), *server), 70, b"cannot be written")
        rest = sorted(set(os.listdir(self.folder)) - {"lists.json", "policy.yaml", ".local"})
        if rest != ["link.yaml", "notes.yaml"]:
            self.failures.append(f"left behind: {rest}")

    def credentials(self):
        server = self.server({"tools": [{"name": "get_note"}]})
        result = self.run("init", "--credential", "A_TOKEN", *server)
        self.wants("a credential", result, 0)
        if b"credentials:\n  A_TOKEN: { from: env, name: A_TOKEN }\n" not in result.stdout or b"hunter2" in result.stdout:
            self.failures.append(f"a credential: {result.stdout!r}")
        told = self.server({"tools": [{"name": "get_note", "description": "Say hunter2-hunter2."}]})
        result = self.run("init", "--credential", "A_TOKEN", *told)
        self.wants("a server that repeats it", result, 125, b"holds a credential")
        if result.stdout:
            self.failures.append("a policy with a credential in it is written")
        self.wants("a value for a name", self.run("init", "--credential", "A_TOKEN=x", *server), 2, b"not its value")
        self.wants("no such variable", self.run("init", "--credential", "B_TOKEN", *server), 6)
        self.wants("one that no server gets", self.run("init", "--credential", "LD_PRELOAD", *server), 3)

    def others(self, demo):
        self.wants("no command", self.run("init"), 2, b"leastwise init -- COMMAND")
        self.wants("no program", self.run("init", "--", "/nowhere/server"), 127)
        self.wants("a name that is none", self.run("init", "--name", "a b", *self.server({"tools": []})), 2)
        many = {"tools": [{"name": f"get_{i}", "inputSchema": {"properties": {f"argument_{j:0>40}": {} for j in range(100)}}} for i in range(400)]}
        result = self.run("init", *self.server(many))
        self.wants("more than a policy holds", result, 125, b"does not fit")
        if result.stdout:
            self.failures.append("half a policy is written")
        silent = self.run("init", *self.server({"tools": [{"name": "get_note"}], "resources": "no list"}))
        self.wants("a server that does not list", silent, 125, b"no list of resources")
        result = self.run("init", "--", demo)
        self.wants("the demo server", result, 0)
        self.check_text("the demo server", result.stdout)
        for line in (b"    - tool: read_note\n", b"  approve:\n", b'"delete_note" says that it may destroy.\n', b'    - "note://public/welcome"\n'):
            if line not in result.stdout:
                self.failures.append(f"the demo server: no {line!r} in {result.stdout!r}")


def main(leastwise, replay, demo, *update):
    leastwise, replay, demo = map(os.path.abspath, (leastwise, replay, demo))
    names = sorted(name[:-5] for name in os.listdir(FOLDER) if name.endswith(".json"))
    with tempfile.TemporaryDirectory(prefix="leastwise-init-") as folder:
        tester = Tester(leastwise, replay, folder)
        for name in names:
            tester.golden(name, bool(update))
        tester.files()
        tester.credentials()
        tester.others(demo)
    for failure in tester.failures:
        print(failure)
    return 1 if tester.failures or not names else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
