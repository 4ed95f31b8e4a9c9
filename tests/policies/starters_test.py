#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""starters_test.py LEASTWISE POLICIES: the policies that people start from do what they say.

Of each policy: its cases (cases/NAME.yaml, one a line, with what is to come out) are decided as said; the list of tools of its
server (lists/, an excerpt of what the real one lists) is shown as said in visible.json; every rule takes some tool of that list,
so that no name is misspelt; and the index, policies/README.md, has a row for it. No case passes by accident of the runner: one
with its expectation turned round must fail.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
NOT_STARTERS = {"allow-all", "demo"}
LEAST = {"cases": 5, "starters": 15}
CASE = re.compile(
    r'  - \{ call: ("?)(?P<call>[^", ]+)\1, args: (?P<args>\{.*\}), expect: (?P<expect>allow|approve|deny)'
    r'(?:, because: "(?P<because>[^"]*)")?(?:, bind: (?P<bind>\{.*?\}))? \}'
)


def read_cases(name):
    with open(os.path.join(HERE, "cases", name + ".yaml"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    cases = [CASE.fullmatch(line) for line in lines[1:]]
    if lines[0] != "tests:" or None in cases:
        raise ValueError(f"cases/{name}.yaml: line {cases.index(None) + 2 if None in cases else 1} is none of the form that is read here")
    return [case.groupdict() for case in cases]


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

    def decide(self, name, case):
        """None, or what went otherwise."""
        result = self.run("explain", self.path(name), "--json", "--tool", case["call"], "--args", case["args"], *bindings(json.loads(case["bind"] or "{}")))
        label = f"{name}: {case['call']} {case['args'][:200]}"
        try:
            answer = json.loads(result.stdout)
        except ValueError:
            return f"{label}: status {result.returncode}: {result.stdout}{result.stderr}"
        if answer["verdict"] != case["expect"]:
            return f"{label}: {answer['verdict']}, not {case['expect']}: {result.stdout[:400]}"
        if case["because"] and case["because"] not in answer.get("because", ""):
            return f"{label}: not because {case['because']!r}: {result.stdout[:400]}"
        return None

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


def check_names(policies, name, expected):
    """Tools that the policy names in full, and the arguments of its rules, are ones that the server has."""
    with open(os.path.join(HERE, "lists", expected["list"] + ".json"), encoding="utf-8") as file:
        lists = json.load(file)
    tools = {tool["name"]: set(tool["inputSchema"].get("properties", {})) for tool in lists["tools"]}
    with open(os.path.join(policies, name + ".yaml"), encoding="utf-8") as file:
        text = file.read()
    failures = []
    known = set().union(*tools.values(), *({a["name"] for a in prompt.get("arguments", [])} for prompt in lists.get("prompts", [])))
    for names in re.findall(r"free: \[([^\]]*)\]", text):
        for argument in filter(None, names.split(", ")):
            if argument not in known:
                failures.append(f"{name}: no tool of {expected['list']} has an argument {argument}")
    body = text.split("\ntools:\n", 1)[1].split("\n  deny:", 1)[0]
    for names in re.findall(r"tool: (?:\[([^\]]*)\]|([\w-]+))", body):
        for tool in (names[0] or names[1]).split(", "):
            if '"' not in tool and tool not in tools:
                failures.append(f"{name}: {expected['list']} has no tool {tool}")
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
    if sorted(visible) != starters:
        failures.append(f"visible.json is not about the policies that ship: {sorted(set(visible) ^ set(starters))}")

    with tempfile.TemporaryDirectory(prefix="leastwise-starters-") as folder, ThreadPoolExecutor(2) as pool:
        runner = Runner(leastwise, folder)
        jobs = []
        for name in starters:
            shutil.copy(os.path.join(policies, name + ".yaml"), runner.path(name))
            os.chmod(runner.path(name), 0o600)
            cases = read_cases(name)
            if len(cases) < LEAST["cases"] or not {"allow", "deny"} <= {case["expect"] for case in cases}:
                failures.append(f"{name}: too few cases, or none that is allowed or none that is denied")
            if f"[{name}.yaml]({name}.yaml)" not in index:
                failures.append(f"{name}: policies/README.md has no row for it")
            jobs += [pool.submit(runner.decide, name, case) for case in cases]
        failures += [job.result() for job in jobs if job.result()]
        for name in starters:
            failures += check_visible(runner, name, visible[name]) + check_names(policies, name, visible[name])
        turned = dict(read_cases(starters[0])[0], expect="deny")
        if runner.decide(starters[0], turned) is None:
            failures.append("a case that expects the opposite passes")

    for failure in failures:
        print(failure)
    print(f"{len(jobs)} cases of {len(starters)} policies")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
