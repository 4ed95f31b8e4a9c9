#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds a page to its word.

    readme_test.py PAGE TREE BUILD

Of the page's fenced blocks: each `console` block is run, and what it prints must be what the page shows (`...` stands for
any text in a line, and alone in a line for any lines); each `yaml` block must be a file of policies/, to the letter (but for comments and tests); each `json` block must be JSON, and a server in it that starts
leastwise must do so by an absolute path, with a policy that is in the tree and has no mistakes; each line of an `sh` block
must be one that .ci/run runs. A page with a changed word in its shown output must not pass, which is tried last.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

MARK = "\001\n"


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def commands(block):
    """(command, expected output) pairs."""
    pairs = []
    for line in block.splitlines():
        if line.startswith("$ "):
            pairs.append([line[2:], []])
        elif pairs and not pairs[-1][1] and pairs[-1][0].endswith("\\"):
            pairs[-1][0] += "\n" + line
        elif pairs:
            pairs[-1][1].append(line)
    return pairs


def pattern(lines):
    parts = []
    for line in lines:
        if line.strip() == "...":
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append(".*".join(re.escape(piece) for piece in line.rstrip().split("...")) + r"[ ]*\n")
    return "".join(parts)


class Place:
    """A home directory of its own, with the tree's policies in it, closed to others."""

    def __init__(self, tree, build):
        self.folder = tempfile.mkdtemp(prefix="leastwise-readme-")
        shutil.copytree(os.path.join(tree, "policies"), os.path.join(self.folder, "policies"))
        for where, folders, names in os.walk(self.folder):
            os.chmod(where, 0o700)
            for name in names:
                os.chmod(os.path.join(where, name), 0o600)
        programs = [os.path.abspath(os.path.join(build, folder)) for folder in ("src/cli", "src/demo")]
        self.env = {
            "HOME": self.folder,
            "PATH": ":".join(programs + ["/usr/local/bin:/usr/bin:/bin"]),
            "LEASTWISE_DEMO_TOKEN": "c0ffee-c0ffee-c0ffee-c0ffee",
            "LC_ALL": "C.UTF-8",
        }
        for name in os.environ:
            if name.startswith(("ASAN_", "UBSAN_", "LSAN_")):
                self.env[name] = os.environ[name]

    def run(self, block):
        script = "umask 077\n" + "".join(
            f"{command}\n__status=$?; printf '\\001\\n'; (exit $__status)\n" for command, expected in commands(block)
        )
        result = subprocess.run(
            ["sh"], input=script, cwd=self.folder, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            encoding="utf-8", errors="replace", timeout=120, check=False,
        )
        return result.stdout.split(MARK)[:-1]

    def remove(self):
        shutil.rmtree(self.folder)


def check_console(text, tree, build):
    failures = []
    for block in blocks(text, "console"):
        place = Place(tree, build)
        try:
            printed = place.run(block)
        finally:
            place.remove()
        pairs = commands(block)
        if len(printed) != len(pairs):
            failures.append(f"only {len(printed)} of {len(pairs)} commands of a block ended: {pairs}")
        for (command, expected), output in zip(pairs, printed):
            if not re.fullmatch(pattern(expected), output if output.endswith("\n") or not output else output + "\n"):
                shown = "\n".join("    | " + line for line in expected)
                real = "\n".join("    > " + line for line in output.splitlines())
                failures.append(f"`{command}`\n  the page shows\n{shown}\n  the program prints\n{real}")
    return failures


def servers_of(value):
    if isinstance(value, dict):
        if "command" in value and "args" in value:
            yield value
        for member in value.values():
            yield from servers_of(member)


def check_json(text, tree, build):
    failures = []
    for block in blocks(text, "json"):
        try:
            servers = list(servers_of(json.loads(block)))
        except ValueError as error:
            failures.append(f"not JSON: {error}: {block}")
            continue
        if not servers:
            failures.append(f"no server in {block}")
        for server in servers:
            args = server["args"]
            policy = os.path.join(tree, "policies", os.path.basename(args[args.index("--policy") + 1]))
            if not os.path.isabs(server["command"]) or not server["command"].endswith("/leastwise"):
                failures.append(f"{server['command']}: not an absolute path of leastwise")
            if args[0] != "run" or "--" not in args or not os.path.isabs(args[args.index("--policy") + 1]):
                failures.append(f"{args}: not `run --policy /PATH -- COMMAND`")
            place = Place(tree, build)
            try:
                printed = place.run(f"$ leastwise check policies/{os.path.basename(policy)} >/dev/null && echo good\n")
            finally:
                place.remove()
            if printed != ["good\n"]:
                failures.append(f"{policy}: {printed}")
    return failures


def check_yaml(text, tree):
    """Comments and tests of the file may be missing on the page."""
    policies = set()
    for name in os.listdir(os.path.join(tree, "policies")):
        with open(os.path.join(tree, "policies", name), encoding="utf-8") as file:
            policies.add("".join(line for line in file if not line.startswith("#")).split("tests:\n")[0])
    return [f"no file of policies/ is\n{block}" for block in blocks(text, "yaml") if block not in policies]


def check_sh(text, tree):
    with open(os.path.join(tree, ".ci/run"), encoding="utf-8") as file:
        run = file.read()
    return [
        f"`{line}` is shown, but .ci/run does not run it"
        for block in blocks(text, "sh")
        for line in block.splitlines()
        if line.split("#")[0].strip() and line.split("#")[0].strip() not in run
    ]


def spoil(text):
    """The text with one word of the first shown output changed."""
    for block in blocks(text, "console"):
        for command, expected in commands(block):
            for line in expected:
                word = re.search(r"[a-z]{4,}", line)
                if word and "..." not in line:
                    return text.replace(line, line.replace(word[0], word[0][::-1] + "x"), 1)
    return text


def main(page, tree, build):
    with open(page, encoding="utf-8") as file:
        text = file.read()
    failures = check_console(text, tree, build) + check_json(text, tree, build)
    failures += check_yaml(text, tree) + check_sh(text, tree)
    if not blocks(text, "console"):
        failures.append("the page has no console block")
    if not failures and not check_console(spoil(text), tree, build):
        failures.append("a page with a changed word in its output passes")
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
