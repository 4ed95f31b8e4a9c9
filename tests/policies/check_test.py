#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_test.py LEASTWISE: what `leastwise check` warns of, from outside: exit statuses, locks of pins, and SARIF.

The log is held against the rules of SARIF 2.1.0 that a scanner relies on; the schema itself is not here.
"""
import hashlib
import json
import os
import subprocess
import sys
import tempfile

HEAD = "leastwise: 1\nname: x\npurpose: y\n"
TESTS = "tests: [{ call: x, expect: deny }]\n"
LEVELS = {"none", "note", "warning", "error"}


def definition(name, **annotations):
    tool = {"name": name, "inputSchema": {"type": "object"}}
    if annotations:
        tool["annotations"] = annotations
    return tool


TOOLS = [
    definition("delete_a", destructiveHint=True),
    definition("delete_b", title="says nothing of it"),
    definition("delete_c", destructiveHint=True, readOnlyHint=True),
    definition("delete_d", destructiveHint=False),
    definition("delete_e"),
    definition("delete_f", readOnlyHint=False),
]


def lock_of(tools):
    """As docs/pins.md has it."""
    lines = []
    for tool in sorted(tools, key=lambda tool: tool["name"]):
        text = json.dumps(tool, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(text.encode()).hexdigest()
        lines.append('{"name":"%s","digest":"sha256:%s","definition":%s}' % (tool["name"], digest, text))
    return '{"leastwise_pins":1,"tools":[\n' + ",\n".join(lines) + "\n]}\n"


def sarif_problems(log):
    """What is wrong with the log."""
    found = []

    def need(condition, what):
        if not condition:
            found.append(what)

    need(log.get("version") == "2.1.0", "version")
    need(log.get("$schema", "").endswith("sarif-schema-2.1.0.json"), "$schema")
    need(set(log) <= {"$schema", "version", "runs"}, "members of the log")
    for run in log["runs"]:
        driver = run["tool"]["driver"]
        rules = driver["rules"]
        need(driver["name"] == "leastwise" and driver["version"], "driver")
        need(run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints"), "columnKind")
        need(len({rule["id"] for rule in rules}) == len(rules), "rules are unique")
        for rule in rules:
            need(rule["shortDescription"]["text"], "shortDescription")
        for result in run["results"]:
            need(result["level"] in LEVELS, "level")
            need(result["message"]["text"], "message")
            need(rules[result["ruleIndex"]]["id"] == result["ruleId"], "ruleIndex")
            for location in result["locations"]:
                place = location["physicalLocation"]
                need(" " not in place["artifactLocation"]["uri"], "uri")
                region = place.get("region")
                if region:
                    need(region["startLine"] >= 1 and region["startColumn"] >= 1, "region begins at 1")
                    need(region["endColumn"] > region["startColumn"], "region ends behind its start")
    return found


def main(leastwise):
    failures = []
    leastwise = os.path.abspath(leastwise)

    with tempfile.TemporaryDirectory() as folder:

        def put(name, text):
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as out:
                out.write(text)
            return name

        def check(what, status, *args):
            result = subprocess.run(
                [leastwise, "check", *args], cwd=folder, capture_output=True, text=True, timeout=120, check=False,
                env={"HOME": folder, "PATH": "/usr/bin:/bin"},
            )
            if result.returncode != status:
                failures.append(f"{what}: status {result.returncode}, wanted {status}: {result.stdout}{result.stderr}")
            return result

        def expect(what, condition, seen):
            if not condition:
                failures.append(f"{what}: {seen}")

        put("clean.yaml", HEAD + "tools: { allow: [a] }\n" + TESTS)
        put("open.yaml", HEAD + 'prompts: { allow: ["é*", "**"] }\n' + TESTS)
        put("no tests.yaml", HEAD + "tools: { allow: [a] }\n")
        put("broken.yaml", HEAD + "tools: { alow: [a] }\n")

        check("nothing to warn of", 0, "clean.yaml", "--strict")
        expect("a warning", "warning[P502]" in check("a warning", 0, "open.yaml").stderr, "no P502")
        expect("a strict warning", "warning[P502]" in check("a strict warning", 1, "open.yaml", "--strict").stderr, "no P502")
        check("an error", 3, "broken.yaml", "--strict")
        check("both forms", 2, "clean.yaml", "--json", "--sarif")
        report = json.loads(check("json", 1, "open.yaml", "--strict", "--json").stdout)
        expect("json", report["summary"] == {"errors": 0, "warnings": 2}, report)

        # Nobody is warned of what administrators wrote, and one with an error is not linted.
        expect("errors first", "P510" not in check("errors first", 3, "broken.yaml").stderr, "linted")

        put("tools.lock", lock_of(TOOLS))
        put("pins.yaml", HEAD + "pins: tools.lock\ntools: { allow: ['delete_*', delete_g] }\n" + TESTS)
        warned = json.loads(check("pins", 0, "pins.yaml", "--json").stdout)["diagnostics"]
        named = sorted(d["message"].split("`")[1] for d in warned if d["code"] == "P504")
        expect("destructive tools", named == ["delete_a", "delete_b", "delete_f"], warned)
        expect("a tool that is not pinned", [d["help"] for d in warned if d["code"] == "P503"] == ["did you mean `delete_a`?"], warned)

        # Lists of people are read as policies are.
        put("people.yaml", HEAD + "tools: { approve: [{ tool: a, by: 2 }] }\napprovers: { signers: people, revoked: gone }\n" + TESTS.replace("allow", "approve"))
        key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICxs3XVuymeahKbcd0Aqcp3rZXdfEGOyHCV5myD57Lqg"
        missing = check("lists that are missing", 3, "people.yaml").stderr
        expect("lists that are missing", "people: error[P020]" in missing and "gone: error[P020]" in missing, missing)
        put("people", f"alice {key}\n")
        put("gone", "# none\n")
        few = check("a list of one, where two must approve", 1, "people.yaml", "--strict").stderr
        expect("too few people", "warning[P513]: 2 people must approve, but 1 may" in few, few)
        put("people", f"alice {key}\nbob ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM/VV23BWC7+aQaMJ/5iULQD1nlOiFRtM0rmwzjUr3g\n")
        check("lists that are good", 0, "people.yaml", "--strict")
        put("people", f"# people\nalice cert-authority {key}\n")
        put("gone", "SHA256:x\n")
        broken = check("lists that are broken", 3, "people.yaml").stderr
        expect("a broken list", "people:2:1: error[P430]: certificate authorities" in broken, broken)
        expect("another broken list", "gone:1:1: error[P430]: this is no public key" in broken, broken)
        put("people", f"alice {key}\n")
        put("gone", "# none\n")
        os.chmod(os.path.join(folder, "people"), 0o664)
        expect("a list open to others", "people: error[P023]" in check("a list open to others", 3, "people.yaml").stderr, "no P023")

        for name, status in (("clean.yaml", 0), ("open.yaml", 0), ("no tests.yaml", 0), ("broken.yaml", 3), ("missing.yaml", 3)):
            log = json.loads(check(f"sarif of {name}", status, name, "--sarif").stdout)
            expect(f"sarif of {name}", not sarif_problems(log), sarif_problems(log))
            results = log["runs"][0]["results"]
            if name == "clean.yaml":
                expect(name, results == [], results)
            if name == "open.yaml":
                region = [r["locations"][0]["physicalLocation"]["region"] for r in results if r["ruleId"] == "P502"]
                # Bytes are one more: the é has two.
                expect("columns", region == [{"startLine": 4, "startColumn": 26, "endColumn": 30}], region)
            if name == "no tests.yaml":
                place = results[0]["locations"][0]["physicalLocation"]
                expect(name, place == {"artifactLocation": {"uri": "no%20tests.yaml"}}, place)
            if name == "broken.yaml":
                expect(name, [r["level"] for r in results] == ["error"], results)

    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
