#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""diff_test.py LEASTWISE: what `leastwise diff` says and how it ends."""
import json
import os
import subprocess
import sys
import tempfile

HEAD = "leastwise: 1\nname: x\npurpose: y\n"
OLD = HEAD + 'bind: [org]\ntools:\n  allow:\n    - get\n    - { tool: find, when: { owner: "${org}", n: { at_most: 9 } } }\n'
EXPECTED = """\
new.yaml is both wider and narrower than old.yaml
wider: tools: tools.allow[0]: no rule of the old policy takes all of it, new.yaml:7:7
    tool find {"owner":"acme","n":10}: old deny, new allow
narrower: tools: tools.allow[0]: no rule of the new policy takes all of it, old.yaml:7:7
    tool get: old allow, new deny
"""


def main(program):
    leastwise = os.path.abspath(program)
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o700)

        def put(name, text):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(os.path.join(folder, name), 0o600)

        def run(*arguments):
            return subprocess.run([leastwise, "diff", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False)

        def expect(status, part, *arguments):
            result = run(*arguments)
            if result.returncode != status or part not in result.stdout + result.stderr:
                failures.append(f"{arguments}: {result.returncode}, wanted {status} and {part!r}: {result.stdout}{result.stderr}")
            return result

        put("old.yaml", OLD)
        put("new.yaml", OLD.replace("    - get\n", "").replace("at_most: 9", "at_most: 10"))
        put("less.yaml", OLD.replace("at_most: 9", "at_most: 8"))
        put("broken.yaml", OLD.replace("allow", "alow"))
        bind = ("--bind", "org=acme")
        if expect(1, "", "old.yaml", "new.yaml", *bind).stdout != EXPECTED:
            failures.append(run("old.yaml", "new.yaml", *bind).stdout)
        expect(0, "less.yaml is narrower than old.yaml\n", "old.yaml", "less.yaml", *bind)
        expect(1, "old.yaml is wider than less.yaml\n", "less.yaml", "old.yaml", *bind)
        expect(0, "old.yaml is the same as old.yaml\n", "old.yaml", "old.yaml", *bind)
        expect(3, "--bind org=VALUE", "old.yaml", "new.yaml")
        expect(3, "did you mean `allow`", "old.yaml", "broken.yaml", *bind)
        expect(3, "missing.yaml", "old.yaml", "missing.yaml", *bind)
        expect(2, "which two", "old.yaml")
        expect(2, "NAME=VALUE", "old.yaml", "new.yaml", "--bind", "org")
        answer = json.loads(expect(1, "", "old.yaml", "new.yaml", "--json", *bind).stdout)
        first = answer["differences"][0]
        if (answer["change"], first["change"], first["witness"]["arguments"]) != ("both", "wider", {"owner": "acme", "n": 10}):
            failures.append(str(answer))
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
