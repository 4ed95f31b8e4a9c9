#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""explain_test.py LEASTWISE: what `leastwise explain` says of calls with arguments."""
import hashlib
import json
import os
import subprocess
import sys
import tempfile

POLICY = """leastwise: 1
name: p
purpose: y
tools:
  allow:
    - tool: list
      id: main
      when: { owner: acme, page: { at_most: 100, optional: true } }
      free: [q]
      narrow: { page: { at_most: 50 } }
    - { tool: two, open: true, narrow: { a: { set: 1 } } }
    - { tool: "tw*", open: true, narrow: { a: { set: 2 } } }
    - { tool: read, when: { path: { within: ROOT/in } } }
  approve:
    - { tool: write, say: "Write {x}", undo: Erase it., by: 2 }
  deny:
    - { tool: list, when: { q: { contains: secret, optional: true } }, because: No secrets. }
prompts: { allow: [{ prompt: greet, when: { name: Ann } }] }
limits:
  session: { calls: 500 }
  tools: [{ tool: "li*", calls: 20 per hour }, { tool: write, calls: 1 }]
pins: tools.lock
flow: { marks: { met: [two, { prompt: greet }], out: [write, list] }, rules: [{ after: met, on: out, then: deny }] }
approvers: { signers: people }
"""

failures = []


def check(what, ok):
    if not ok:
        failures.append(what)


def pin(path, definition):
    """A lock of one tool (docs/pins.md)."""
    text = json.dumps(definition, sort_keys=True, separators=(",", ":"))
    digest = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    with open(path, "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as file:
        file.write('{"leastwise_pins":1,"tools":[\n' + f'{{"name":"{definition["name"]}","digest":"{digest}","definition":{text}}}\n]}}\n')


def explain(folder, *args, text=None, status):
    run = subprocess.run(
        [sys.argv[1], "explain", os.path.join(folder, "p.yaml"), *args], input=text, capture_output=True, text=True, check=False
    )
    check(f"{args}: exit status {run.returncode}, not {status}: {run.stdout}{run.stderr}", run.returncode == status)
    return run.stdout or run.stderr


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = os.path.realpath(folder)
        path = os.path.join(folder, "p.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(POLICY.replace("ROOT", folder))
        os.chmod(path, 0o600)
        os.mkdir(os.path.join(folder, "in"))
        os.symlink("/etc", os.path.join(folder, "in", "out"))

        out = explain(folder, "--tool", "list", "--args", '{"owner":"acme","page":80}', status=0)
        check("the narrowed call is shown: " + out, 'narrowed: {"owner":"acme","page":50}' in out)
        out = explain(folder, "--tool", "list", "--args", '{"owner":"acme","page":101}', status=1)
        check("the condition and its place: " + out, f"does not match: page: at most 100 ({path}:8:45)" in out)
        out = explain(folder, "--tool", "list", "--args", "-", text='{"owner":"acme","z\\u001b":1}', status=1)
        check("an argument that is not named: " + out, "it has the argument" in out and "takes only owner, page, q" in out)
        check("escapes stay escapes: " + out, "\033" not in out)
        arguments = os.path.join(folder, "args.json")
        with open(arguments, "w", encoding="utf-8") as file:
            file.write('{"owner":"acme","q":"a secret"}')
        out = explain(folder, "--tool", "list", "--args", arguments, status=1)
        check("what a deny rule found: " + out, 'matches: q: contains "secret"' in out and "because: No secrets." in out)
        out = explain(folder, "--tool", "two", "--args", "{}", status=1)
        check("a conflict denies: " + out, "force different values" in out)
        out = explain(folder, "--tool", "write", "--args", "{}", status=1)
        check("what a person would read: " + out, "approve: tool" in out and "Write {x}" in out and "2 people" in out and "signers: people" in out)
        out = explain(folder, "--tool", "read", "--args", json.dumps({"path": folder + "/in/a"}), status=0)
        out = explain(folder, "--tool", "read", "--args", json.dumps({"path": folder + "/in/out/passwd"}), status=1)
        check("links are followed: " + out, "does not match: path: " in out)
        explain(folder, "--prompt", "greet", "--args", '{"name":"Ann"}', status=0)
        explain(folder, "--prompt", "greet", status=1)

        out = json.loads(explain(folder, "--tool", "list", "--args", '{"owner":"evil"}', "--json", status=1))
        check(f"the reason, for programs: {out}", out["reason"] == "condition" and out["condition"] == 'owner: is "acme"')
        check(f"and its place: {out}", (out["condition_line"], out["condition_col"]) == (8, 22))
        out = json.loads(explain(folder, "--tool", "list", "--args", '{"owner":"acme","page":80}', "--json", status=0))
        check(f"narrowed, for programs: {out}", out["narrowed"] == {"owner": "acme", "page": 50})

        places = [(one["limit"], one["text"], one["line"]) for one in out["limits"]]
        check(f"limits, for programs: {places}", places == [("limits.session.calls", "500", 20), ("limits.tools[0].calls", "20 per hour", 21)])
        check(f"pins, for programs: {out}", [(one["pins"], one["line"]) for one in out["pins"]] == [("tools.lock", 22)])
        out = explain(folder, "--tool", "list", "--args", '{"owner":"acme"}', status=0)
        check("limits that speak of it: " + out, "refuse it all the same, by:\n    limits.session.calls: 500, " in out and "[0].calls: 20 per hour, " in out)
        check("and no others: " + out, "[1].calls" not in out)
        check("pins: " + out, f"    pins: tools.lock, {path}:22:" in out)
        check("flow: " + out, f"    flow.rules[0]: deny, {path}:23:" in out and ", once the session has met\n" in out)
        check("marks: " + out, f"the session has the marks:\n    out, {path}:23:" in out)
        check("a schema that is not at hand: " + out, "    schema: the inputSchema that the server lists" in out)
        for before in (("--after", "two"), ("--after-prompt", "greet")):
            out = explain(folder, "--tool", "list", "--args", '{"owner":"acme"}', *before, status=1)
            check("flow was asked about: " + out, "rule:    flow.rules[0]" in out and "once the session" not in out)
        out = json.loads(explain(folder, "--tool", "list", "--args", '{"owner":"acme"}', "--json", status=0))
        flow = [(one["rule"], one["then"], one["after"], one["missing"], one["line"]) for one in out["flow"]]
        check(f"flow, for programs: {flow}", flow == [("flow.rules[0]", "deny", ["met"], ["met"], 23)])
        check(f"marks, for programs: {out}", [(one["mark"], one["met"]) for one in out["marks"]] == [("out", False)])
        check(f"a schema, for programs: {out}", out["schema"] == {"checked": True})

        definition = {"inputSchema": {"properties": {"owner": {"minLength": 5, "type": "string"}}, "type": "object"}, "name": "list"}
        pin(os.path.join(folder, "tools.lock"), definition)
        out = explain(folder, "--tool", "list", "--args", '{"owner":"acme"}', status=0)
        check("arguments that do not fit: " + out, "    schema: owner must " in out and "(minLength), by the definition in " in out)
        definition["inputSchema"]["properties"]["owner"]["minLength"] = 4
        pin(os.path.join(folder, "tools.lock"), definition)
        out = explain(folder, "--tool", "list", "--args", '{"owner":"acme"}', status=0)
        check("arguments that fit: " + out, "The arguments fit the tool's schema in " in out and "    schema:" not in out)
        out = json.loads(explain(folder, "--tool", "list", "--args", '{"owner":"acme","page":"x"}', "--json", status=1))
        check(f"arguments that fit, for programs: {out}", out["schema"]["arguments"] == "fits")
        os.unlink(os.path.join(folder, "tools.lock"))
        out = explain(folder, "--prompt", "greet", "--args", '{"name":"Ann"}', status=0)
        check("a prompt counts as a call, and is not pinned: " + out, "session.calls" in out and "tools[" not in out and "pins" not in out)
        out = explain(folder, "--tool", "two", status=1)
        check("what is denied anyway: " + out, "all the same" not in out)
        check("is no call: " + out, json.loads(explain(folder, "--form", "--json", status=1))["limits"] == [])

        for wrong in ("[1]", "{", '{"a":1} x', "no-such-file", '{"a":1,"a":2}'):
            explain(folder, "--tool", "list", "--args", wrong, status=2)
        explain(folder, "--form", "--args", "{}", status=2)
    for failure in failures:
        print(failure)
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
