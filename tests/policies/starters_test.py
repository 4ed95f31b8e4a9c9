#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""starters_test.py LEASTWISE POLICIES: the policies that people start from do what they say.

Of each policy: `check --strict` has nothing to say; its own tests pass, and those of cases/NAME.yaml, which are too long to be read in it; its server's list of tools
(lists/, an excerpt of what the real one lists) is shown as said in visible.json; every tool and argument that its rules name is in that
list, so that none is misspelt; and the index, policies/README.md, has a row for it. A test with its expectation turned round
must fail.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
NOT_STARTERS = {"allow-all", "demo"}
PLAIN = {"docs-reader"}  # rules by name alone
LEAST = {"tests": 5, "starters": 15}


def bindings(values):
    return [word for key, value in values.items() for word in ("--bind", f"{key}={value}")]


class Runner:
    def __init__(self, leastwise, folder):
        self.leastwise = leastwise
        self.folder = folder
        self.env = {"HOME": folder, "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        for name in os.environ:
            if name.startswith(("ASAN_", "UBSAN_", "LSAN_")):
                self.env[name] = os.environ[name]

    def path(self, name):
        return os.path.join(self.folder, name + ".yaml")

    def run(self, *words):
        return subprocess.run([self.leastwise, *words], env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)

    def put(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), 0o600)

    def test(self, name):
        """What its tests come to, and what is wrong with them."""
        result = self.run("test", "--json", self.path(name))
        try:
            tests = json.loads(result.stdout)["tests"]
        except ValueError:
            return [], [f"{name}: status {result.returncode}: {result.stdout}{result.stderr}"]
        return tests, [f"{name}:{test['line']}: {test['name'][:300]}: {test['decision']}" for test in tests if not test["pass"]]

    def tools(self, name, server, values):
        """Tool -> verdict."""
        with open(self.path(name), encoding="utf-8") as file:
            wanted = re.findall(r"\{ from: env, name: (\w+) \}", file.read())
        for variable in wanted:
            self.env[variable] = "not-a-credential-" + variable.lower()
        result = self.run("tools", "--policy", self.path(name), "--json", *bindings(values), "--", sys.executable, os.path.join(HERE, "replay.py"), server)
        if result.returncode != 0:
            raise ValueError(f"{name}: tools: status {result.returncode}: {result.stderr}")
        return {tool["name"]: tool["verdict"] for tool in json.loads(result.stdout)["tools"]}


def check_visible(runner, name, expected):
    values = expected.get("bind", {})
    verdicts = runner.tools(name, os.path.join(HERE, "lists", expected["list"] + ".json"), values)
    failures = []
    for verdict in ("allow", "approve"):
        got = sorted(tool for tool in verdicts if verdicts[tool] == verdict)
        if got != sorted(expected.get(verdict, [])):
            failures.append(f"{name}: of {expected['list']}'s tools {verdict} {got}, not {sorted(expected.get(verdict, []))}")
    return failures


def keys_of(text):
    """The keys of a map in braces, not of those within: `{ a: { b: 1 }, "c[]": d }` has a and c."""
    depth, keys = 0, []
    for token in re.finditer(r"""'(?:[^']|'')*'|"(?P<quoted>[^"]*)"(?=:)|"[^"]*"|(?P<plain>[\w-]+)(?=: )|[{}\[\]]""", text):
        if token[0] in "{[":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
            if depth == 0:
                break
        elif depth == 1:
            keys.append(token["quoted"] or token["plain"])
    return [re.split(r"[.\[]", key)[0] for key in keys if key]


def rules_of(text):
    """Tools and arguments of the rules that allow or hold, as these files lay them out."""
    body = text.split("\ntests:\n", 1)[0].split("\ntools:\n", 1)[1].split("\n  deny:", 1)[0].split("\nresources:", 1)[0].split("\nlimits:", 1)[0]
    for rule in re.split(r"\n    - ", body)[1:]:
        rule = re.sub(r"(^|\s)#.*", "", rule)
        tools = re.search(r"tool:(?: \[([^\]]*)\]| ([\w-]+)|((?:\n        - [\w-]+)+))", rule)
        names = re.findall(r"[\w-]*\w", "".join(filter(None, tools.groups())))
        when = re.search(r"when:( \{.*|(?:\n        .*)+)", rule)
        block = [] if not when or when[1].startswith(" ") else re.findall(r'^        "?([\w-]+)[^:]*:', when[1], re.M)
        free = re.search(r"free:(?: \[([^\]]*)\]|((?:\n        - \w+)+))", rule)
        yield names, block + (keys_of(when[1]) if when and when[1].startswith(" ") else []) + (re.findall(r"\w+", free[0])[1:] if free else [])


def check_names(name, text, expected):
    with open(os.path.join(HERE, "lists", expected["list"] + ".json"), encoding="utf-8") as file:
        tools = {tool["name"]: set(tool["inputSchema"].get("properties", {})) for tool in json.load(file)["tools"]}
    failures = []
    rules = list(rules_of(text))
    for names, arguments in rules:
        failures += [f"{name}: {expected['list']} has no tool {tool}" for tool in names if tool not in tools]
        known = set().union(*(tools.get(tool, set()) for tool in names))
        failures += [f"{name}: {names} have no argument {argument}" for argument in arguments if argument not in known]
    if sum(len(arguments) for _, arguments in rules) == 0 and name not in PLAIN:
        failures.append(f"{name}: no arguments were found in its rules")
    return failures


def with_cases(policies, name):
    """The policy with the tests that are kept aside; `tests:` is its last key."""
    with open(os.path.join(policies, name + ".yaml"), encoding="utf-8") as file:
        text = file.read()
    cases = os.path.join(HERE, "cases", name + ".yaml")
    if os.path.exists(cases):
        with open(cases, encoding="utf-8") as file:
            text += file.read()
    return text


def check_tests(runner, name, text):
    runner.put(name, text)
    tests, failures = runner.test(name)
    strict = runner.run("check", "--strict", runner.path(name))
    if strict.returncode != 0:
        failures.append(f"{name}: check --strict: {strict.stdout}{strict.stderr}")
    expected = {test["expect"] for test in tests}
    if len(tests) < LEAST["tests"] or not {"allow", "deny"} <= expected:
        failures.append(f"{name}: too few tests, or none that is allowed or none that is denied")
    if len(tests) != len(re.findall(r"^  - \{ call: ", text, re.M)):
        failures.append(f"{name}: not every test was run")
    return failures


def main(leastwise, policies):
    failures = []
    starters = sorted(name[:-5] for name in os.listdir(policies) if name.endswith(".yaml") and name[:-5] not in NOT_STARTERS)
    with open(os.path.join(HERE, "visible.json"), encoding="utf-8") as file:
        visible = json.load(file)
    with open(os.path.join(policies, "README.md"), encoding="utf-8") as file:
        index = file.read()
    if len(starters) < LEAST["starters"]:
        failures.append(f"only {len(starters)} policies to start from")
    for name in sorted(set(visible) ^ set(starters)) + [name[:-5] for name in os.listdir(os.path.join(HERE, "cases")) if name[:-5] not in starters]:
        failures.append(f"{name}: visible.json or cases/ are not about the policies that ship")

    with tempfile.TemporaryDirectory(prefix="leastwise-starters-") as folder:
        runner = Runner(os.path.abspath(leastwise), folder)
        for name in starters:
            text = with_cases(policies, name)
            if f"[{name}.yaml]({name}.yaml)" not in index:
                failures.append(f"{name}: policies/README.md has no row for it")
            failures += check_tests(runner, name, text)
            failures += check_visible(runner, name, visible[name]) + check_names(name, text, visible[name])
            runner.put(name, text.replace("expect: allow", "expect: deny", 1))
            if len(runner.test(name)[1]) != 1:
                failures.append(f"{name}: a test that expects the opposite passes")

    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
