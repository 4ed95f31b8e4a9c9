#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""verb_test.py LEASTWISE: `leastwise test` as people and CI see it: lines, JSON and exit statuses.

What a test says of a call, `leastwise explain` says too: with arguments or without, narrowed or not, after other calls or first.
"""
import json
import os
import subprocess
import sys
import tempfile

HEAD = "leastwise: 1\nname: triage\npurpose: y\nbind: [org]\n"
RULES = """tools:
  allow:
    - tool: list
      when: { owner: "${org}" }
  deny: [{ tool: "delete_*", because: Never part of triage. }]
"""
GOOD = """tests:
  - { call: list, args: { owner: acme }, bind: { org: acme }, expect: allow }
  - { name: a neighbour, call: list, args: { owner: evil }, bind: { org: acme }, expect: deny }
  - { call: delete_all, bind: { org: acme }, expect: deny, because: part of triage }
"""
FAILING = """tests:
  - { call: list, args: { owner: evil }, bind: { org: acme }, expect: allow }
  - { call: list, args: { owner: acme, x: 1 }, bind: { org: acme }, expect: allow }
"""
UNBOUND = "tests: [{ call: list, args: { owner: acme }, expect: allow }]\n"
LAYER = "leastwise: 1\nname: team\npurpose: y\ntools: { allow: ['**'], deny: [list] }\n"

SAME = """leastwise: 1
name: same
purpose: y
tools:
  allow:
    - get
    - send
    - { tool: sort, narrow: { by: { set: date } } }
    - { tool: both, narrow: { n: { at_most: 5 } } }
    - { tool: both, narrow: { n: { at_least: 6 } } }
flow:
  marks: { private: [get], leaves: [send] }
  rules: [{ after: private, on: leaves, then: deny }]
tests:
  - { call: sort, expect: allow, narrowed: { by: date } }
  - { call: sort, args: { by: name }, expect: allow, narrowed: { by: date } }
  - { call: both, args: { n: 1 }, expect: deny }
  - { call: send, expect: allow }
  - { call: send, after: get, expect: deny }
"""

COUNTED = """leastwise: 1
name: counted
purpose: y
until: 2027-03-31
tools:
  allow: [pay, look]
  approve: [{ tool: comment, by: 1 }]
resources: { allow: ["file:///a"] }
limits:
  session: { calls: 30, denials: 3 }
  tools:
    - { tool: comment, calls: 20 per hour }
    - { tool: pay, sum: { amount: 500, per: day } }
tests:
  - { call: comment, times: 20, expect: approve }
  - { call: comment, times: 21, expect: deny, because: 20 of 20 per hour }
  - { call: pay, args: { amount: 500 }, expect: allow }
  - { call: pay, args: { amount: 500.5 }, expect: deny, because: more than the limit }
  - { call: pay, args: { amount: 100 }, times: 6, expect: deny }
  - { call: pay, args: { amount: -1 }, expect: deny }
  - { resource: "file:///a", times: 31, expect: deny }
  - { call: comment, at: 2027-03-31, times: 20, expect: approve }
  - { call: comment, at: 2027-04-01, expect: deny }
"""
USED_UP = """FAIL used.yaml:15:5: call comment, at 2027-03-31, 21 times
     expected approve, got deny
     limit: limits.tools[0].calls: 20 per hour, used.yaml:12:31
     because: the limit limits.tools[0].calls of policy "counted" is used up: 20 of 20 per hour. There is room again at 2027-03-31T01:01:00.000Z; until then asking again will not help.
0 passed, 1 failed
"""
FAILED = """FAIL failing.yaml:11:5: call list {"owner":"evil"}
     expected allow, got deny
     reason: a condition on the arguments does not hold
     rule: tools.allow[0], failing.yaml:7:7
     condition: owner: is "acme", failing.yaml:8:22
FAIL failing.yaml:12:5: call list {"owner":"acme","x":1}
     expected allow, got deny
     reason: it has an argument that the rule does not name
     rule: tools.allow[0], failing.yaml:7:7
     argument: "x"
     the rule takes: owner
0 passed, 2 failed
"""
PASSED = """PASS good.yaml:11:5: call list {"owner":"acme"}
PASS good.yaml:12:5: a neighbour
PASS good.yaml:13:5: call delete_all
3 passed, 0 failed
"""


def main(leastwise):
    failures = []
    leastwise = os.path.abspath(leastwise)

    def run(what, status, part, *args, verb="test"):
        result = subprocess.run(
            [leastwise, verb, *args], cwd=folder, capture_output=True, text=True, timeout=60, check=False,
            env={"HOME": folder, "PATH": "/usr/bin:/bin"},
        )
        if result.returncode != status or part not in result.stdout + result.stderr:
            failures.append(f"{what}: status {result.returncode}, wanted {status} and {part!r}:\n{result.stdout}{result.stderr}")
        return result.stdout

    with tempfile.TemporaryDirectory() as folder:
        files = {
            "good": HEAD + RULES + GOOD, "failing": HEAD + RULES + FAILING, "unbound": HEAD + RULES + UNBOUND,
            "none": HEAD + RULES, "empty": HEAD + RULES + "tests: []\n", "layer": LAYER, "same": SAME, "counted": COUNTED,
            "used": COUNTED.split("  - { call: comment")[0] + "  - { call: comment, at: 2027-03-31, times: 21, expect: approve }\n",
            "broken": HEAD + RULES + "tests: [{ call: a, expect: maybe }]\n", "plain": LAYER.replace("team", "plain") +
            "tests: [{ call: a, expect: allow }]\n",
        }
        for name, text in files.items():
            with open(os.path.join(folder, name + ".yaml"), "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as out:
                out.write(text)

        for name, wanted, status in (("good", PASSED, 0), ("failing", FAILED, 1), ("used", USED_UP, 1)):
            output = run(name, status, "", name + ".yaml")
            if output != wanted:
                failures.append(f"{name}:\n{output}")
        run("each by itself", 1, "3 passed, 2 failed", "good.yaml", "failing.yaml")
        run("no tests", 1, "none.yaml has no tests", "none.yaml")
        run("an empty list of tests", 1, "empty.yaml has no tests", "empty.yaml")
        run("one of two without tests", 1, "none.yaml has no tests", "good.yaml", "none.yaml")
        run("no value", 3, "error[P302]: `org` has no value in this test", "unbound.yaml")
        run("a value for all", 0, "1 passed, 0 failed", "unbound.yaml", "--bind", "org=acme")
        run("another value", 1, "0 passed, 1 failed", "unbound.yaml", "--bind", "org=evil")
        run("the test's own value counts", 0, "3 passed", "good.yaml", "--bind", "org=evil")
        run("a name of one of two files", 0, "2 passed, 0 failed", "unbound.yaml", "plain.yaml", "--bind", "org=acme")
        run("a name of no file", 2, "no policy declares", "good.yaml", "--bind", "orgs=acme")
        run("a layer", 1, "layer.yaml:4:", "good.yaml", "--layer", "layer.yaml")
        run("some", 0, "1 passed, 0 failed", "good.yaml", "--run", "a neigh*")
        run("a pattern that matches none", 1, "no test's name matches", "good.yaml", "--run", "neigh")
        run("a broken policy", 3, "unknown word `maybe`", "broken.yaml")
        run("a broken policy hides no other", 3, "3 passed, 0 failed", "broken.yaml", "good.yaml")
        run("no file", 3, "missing.yaml", "missing.yaml")
        run("no argument", 2, "which policy")

        run("limits and days", 0, "9 passed, 0 failed", "counted.yaml")
        used = json.loads(run("a limit in json", 1, "", "used.yaml", "--json"))["tests"][0]["decision"]
        if used["rule"] != "limits.tools[0].calls" or used["reason"] != "limit" or used["verdict"] != "deny":
            failures.append(f"a limit in json: {used}")
        if os.listdir(folder) != [name for name in os.listdir(folder) if name.endswith(".yaml")]:
            failures.append(f"files are left: {os.listdir(folder)}")
        run("tests of what is explained", 0, "5 passed, 0 failed", "same.yaml")
        for what, status, part, *args in (
            ("narrowing of no arguments", 0, '{"by":"date"}', "--tool", "sort"),
            ("narrowing", 0, '{"by":"date"}', "--tool", "sort", "--args", '{"by":"name"}'),
            ("narrowing without a result", 1, "deny: tool", "--tool", "both", "--args", '{"n":1}'),
            ("a first call", 0, "allow: tool", "--tool", "send"),
            ("a call after another", 1, "flow.rules[0]", "--tool", "send", "--after", "get"),
            ("a method after a call", 2, "--after goes with --tool", "--method", "x", "--after", "get"),
            ("a call before another", 0, "flow.rules[0]: deny, same.yaml:13:11, once the session has private\n", "--tool", "send"),
            ("a call that brings a mark", 0, "the session has the marks:\n    private, same.yaml:12:12\n", "--tool", "get"),
            ("a call after a resource", 0, "allow: tool", "--tool", "send", "--after-resource", "file:///a"),
        ):
            run(what, status, part, "same.yaml", *args, verb="explain")

        report = json.loads(run("json", 1, "", "failing.yaml", "--json"))
        first = report["tests"][0]
        if report["summary"] != {"passed": 0, "failed": 2} or first["pass"] or first["decision"]["condition"] != 'owner: is "acme"':
            failures.append(f"json: {report}")

    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
