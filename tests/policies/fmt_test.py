#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""fmt_test.py LEASTWISE POLICIES: what `leastwise fmt` writes, what it keeps and what it refuses to touch."""
import glob
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

UGLY = """\
# about the file

purpose:   y
leastwise:   1
# why it has this name
name: x    # not y


tools:
    deny:
     - {because: no, tool: [ a,b ]}   # at its end
     # - a rule that was taken out
    allow:
          - when:
                n: {at_most: 9,   at_least: 1}
                s: "#not a comment"
            # what it is about
            tool: find
          -   get
          - tool: [p,
             q]
    # below all of them
hints: off
# the end


"""
NEAT = """\
# about the file

leastwise: 1
# why it has this name
name: x  # not y
purpose: y

tools:
  deny:
    - { tool: [a, b], because: no }  # at its end
    # - a rule that was taken out
  allow:
    # what it is about
    - tool: find
      when:
        n: { at_most: 9, at_least: 1 }
        s: "#not a comment"
    - get
    - tool: [p, q]
  # below all of them
hints: off
# the end
"""
HEAD = "leastwise: 1\nname: x\npurpose: y\n"
LONG = ", ".join(f"argument_number_{i}" for i in range(12))
# Stays, byte for byte.
STAYS = {
    "a comment among items": HEAD + "tools:\n  allow: [a, # first\n    b]\n",
    "no room on one line": HEAD + f"tools:\n  allow: [{LONG},\n    {LONG}]\n",
    "one long line": HEAD + f"tools:\n  allow: [{LONG}, {LONG}]\n",
    "text over lines": "leastwise: 1\nname: x\npurpose: |\n  one\n   # two\n\n  three\ntools:\n  allow: [a]\n",
    "folded text": "leastwise: 1\nname: x\npurpose: one\n  two\n",
    "not ASCII": HEAD + 'owner: "é – 漢字"  # ¿por qué?\n',
}
BECOMES = {
    "a text is moved": ("leastwise: 1\nname: x\npurpose: y\ntools:\n      allow:\n           - tool: a\n             because: |\n                 b\n                   c\n",
                        HEAD + "tools:\n  allow:\n    - tool: a\n      because: |\n          b\n            c\n"),
    "no line feed at the end": (HEAD + "hints:   off", HEAD + "hints: off\n"),
    "markers": ("---\n" + HEAD + "...\n", HEAD),
    "list below its key": (HEAD + "tools:\n  allow:\n  - a\n  # b\n  deny:\n  -   c\n", HEAD + "tools:\n  allow:\n    - a\n  # b\n  deny:\n    - c\n"),
    "dash on its own line": (HEAD + "tools:\n  allow:\n    -\n      # why\n      tool: a\n", HEAD + "tools:\n  allow:\n    # why\n    - tool: a\n"),
    "keys that nobody knows": ("zz: 1\naa: 2\n" + HEAD, HEAD + "zz: 1\naa: 2\n"),
    "value on the next line": ("leastwise: 1\nname:\n  x\npurpose: y\n", HEAD),
}
# Status 3, and the file is as it was.
REFUSED = {
    "anchor": HEAD + "owner: &a b\n",
    "two documents": HEAD + "---\n" + HEAD,
    "twice": HEAD + "name: z\n",
    "tab": HEAD + "tools:\n\tallow: [a]\n",
    "carriage return": HEAD.replace("\n", "\r\n"),
    "not closed": HEAD + "tools: { allow: [a }\n",
    "empty": "",
    "comments alone": "# nothing\n",
    "a list": "- a\n",
    "a map in flow style": "{ leastwise: 1, name: x, purpose: y }\n",
    "key behind a mark": "? leastwise\n: 1\nname: x\npurpose: y\n",
    "comment behind a dash": HEAD + "tools:\n  allow:\n    - # lost\n      a\n",
    "comment between key and text": HEAD + "owner:\n  # lost\n  b\n",
    "deep": HEAD + "tools: " + "[" * 40 + "]" * 40 + "\n",
    "bytes": HEAD + "owner: \udcff\n",
    "invisible": HEAD + "owner: a\u202eb\n",
}


class Layout:
    """One policy written in a random way; the tools and conditions are valid, so that `diff` can compare the meaning."""

    def __init__(self, chance):
        self.chance = chance
        self.comments = 0
        self.lines = []

    def comment(self):
        self.comments += 1
        return f"# c{self.comments} ' \" : [ {{"

    def above(self, indent):
        for _ in range(self.chance.choice([0, 0, 0, 1, 2])):
            self.lines.append(self.chance.choice(["", " " * indent + self.comment()]))

    def line(self, indent, text):
        self.lines.append(" " * indent + text + (self.chance.choice([" ", "   "]) + self.comment() if self.chance.random() < 0.1 else ""))

    def flow(self, value):
        gap = " " * self.chance.randrange(3)
        if isinstance(value, dict):
            return "{" + gap + f",{gap} ".join(f"{k}: {gap}{self.flow(v)}" for k, v in value.items()) + gap + "}"
        if isinstance(value, list):
            return "[" + f"{gap},{gap}".join(self.flow(v) for v in value) + gap + "]"
        return value

    def block(self, value, indent):
        for item in value:
            self.above(indent)
            below = indent + self.chance.choice([1, 2, 3, 4])
            if isinstance(value, dict):
                self.put(item + ":" + " " * self.chance.randrange(2), value[item], indent, below)
                continue
            if isinstance(item, dict) and self.chance.random() < 0.6:
                dash = "-" + " " * self.chance.choice([1, 2, 3])
                at = len(self.lines)
                self.block(item, indent + len(dash))
                while at < len(self.lines) and not re.match(r"\s*\w+:", self.lines[at]):
                    at += 1
                self.lines[at] = " " * indent + dash + self.lines[at][indent + len(dash):]
            else:
                self.line(indent, "- " + self.flow(item))

    def put(self, key, value, indent, below):
        if isinstance(value, (dict, list)) and value and self.chance.random() < 0.7:
            self.line(indent, key)
            self.block(value, below)
        else:
            self.line(indent, key + " " + self.flow(value))


def random_rule(chance, which):
    name = chance.choice(["get", '"find_*"', "put"])
    if chance.random() < 0.3:
        return name
    rule = {"tool": chance.choice([name, [name, "other"]])}
    if chance.random() < 0.7:
        rule["when"] = {"n": {"at_least": "1", "at_most": "9"}, "s": chance.choice(['"# x"', "'it''s'", "[a, b]"])}
        if which == "allow":
            rule["free"] = ["z", '"y"']
    if chance.random() < 0.4:
        rule["because"] = chance.choice(["a reason", '"a \\"reason\\": no # x"'])
    return dict(chance.sample(sorted(rule.items(), key=str), len(rule)))


def random_policy(chance):
    tools = {which: [random_rule(chance, which) for _ in range(chance.randrange(1, 4))] for which in chance.sample(["allow", "deny"], 2)}
    policy = {"leastwise": "1", "name": "x", "purpose": "some words", "tools": tools, "prompts": {"allow": ["a", '"b*"']}, "hints": "off"}
    layout = Layout(chance)
    layout.block(dict(chance.sample(sorted(policy.items(), key=str), len(policy))), 0)
    layout.above(0)
    return "\n".join(layout.lines) + "\n"


def main(program, policies):
    leastwise = os.path.abspath(program)
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o700)

        def put(name, text):
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
                file.write(text)
            os.chmod(path, 0o640)
            return path

        def get(path):
            with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
                return file.read()

        def run(*arguments):
            return subprocess.run([leastwise, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False)

        def expect(what, got, wanted):
            if got != wanted:
                failures.append(f"{what}: {got!r}, wanted {wanted!r}")

        path = put("ugly.yaml", UGLY)
        expect("--check", (run("fmt", "--check", path).returncode, run("fmt", "--check", path).stdout), (1, path + "\n"))
        expect("printed", run("fmt", path).stdout, NEAT)
        expect("not written", get(path), UGLY)
        link = os.path.join(folder, "link.yaml")
        os.symlink("ugly.yaml", link)
        expect("--write", (run("fmt", "--write", link).returncode, get(path), os.path.islink(link)), (0, NEAT, True))
        expect("mode", os.stat(path).st_mode & 0o7777, 0o640)
        before = os.stat(path)
        expect("again", (run("fmt", "--write", path).returncode, run("fmt", "--check", path).returncode), (0, 0))
        expect("the same file", os.stat(path).st_ino, before.st_ino)
        for arguments in ((), ("--check", "--write", path), ("--chek", path)):
            expect(arguments, run("fmt", *arguments).returncode, 2)
        expect("missing", run("fmt", "missing.yaml").returncode, 3)
        good, bad = put("good.yaml", UGLY), put("bad.yaml", "[")
        expect("one of two", (run("fmt", "--write", bad, good).returncode, get(bad), get(good)), (3, "[", NEAT))
        os.remove(link)

        for name, text in STAYS.items():
            path = put("p.yaml", text)
            expect(name, (run("fmt", path).stdout, run("fmt", "--check", path).returncode), (text, 0))
        for name, (text, wanted) in BECOMES.items():
            path = put("p.yaml", text)
            expect(name, (run("fmt", path).stdout, run("fmt", "--check", path).returncode), (wanted, 1))
            put("p.yaml", wanted)
            expect(name + ", again", run("fmt", "--check", path).returncode, 0)
        for name, text in REFUSED.items():
            path = put("p.yaml", text)
            result = run("fmt", "--write", path)
            expect(name, (result.returncode, get(path), result.stderr != ""), (3, text, True))

        chance = random.Random(76)
        for number in range(150):
            text = random_policy(chance)
            before, after = put("before.yaml", text), put("after.yaml", text)
            result = run("fmt", "--write", after)
            expect(f"{number}:\n{text}", (result.returncode, result.stderr), (0, ""))
            expect(f"{number}, again", run("fmt", "--check", after).returncode, 0)
            comments = [sorted(re.findall(r"# c\d+ .*", file)) for file in (text, get(after))]
            expect(f"{number}, comments", comments[1], comments[0])
            answer = run("diff", before, after)
            expect(f"{number}, meaning", (answer.returncode, answer.stdout, answer.stderr), (0, f"{after} is the same as {before}\n", ""))

        for path in sorted(glob.glob(os.path.join(policies, "*.yaml"))):
            copy = os.path.join(folder, "copy.yaml")
            shutil.copyfile(path, copy)
            os.chmod(copy, 0o600)
            expect(path, run("fmt", "--check", copy).returncode, 0)
        expect("nothing is left behind", [name for name in os.listdir(folder) if not name.endswith(".yaml")], [])
    for failure in failures[:20]:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
