#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""leastwise-policy(5) is about the language that the program reads: each example passes `leastwise check` and its own tests,
and each key, rule key and condition of the compiler's tables is told of.

usage: manual_test.py LEASTWISE PAGE SOURCES_OF_POLICY
"""

import os
import re
import subprocess
import sys
import tempfile

program, page_path, sources = sys.argv[1:]
with open(page_path, encoding="utf-8") as file:
    page = file.read()


def words_of_tables():
    """The first text of each row `{ "word", KEY_...` or `{ "word", add_...` of the files that say what a policy may hold."""
    words = set()
    for name in ("compile_policy.c", "compile_rules.c", "compile_condition.c"):
        with open(os.path.join(sources, name), encoding="utf-8") as file:
            words |= set(re.findall(r'\{ "(\w+)", (?:KEY_(?:REQUIRED|OPTIONAL)|add_)', file.read()))
    return words


def run(*arguments):
    result = subprocess.run([program, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    return result.returncode, result.stdout + result.stderr


def check_examples():
    examples = [block for block in re.findall(r"^```\n(.*?)^```$", page, re.M | re.S) if block.startswith("leastwise: 1\n")]
    failures = [] if len(examples) >= 5 else [f"only {len(examples)} examples found"]
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o700)
        for example in examples:
            name = re.search(r"^name: (\S+)$", example, re.M).group(1)
            path = os.path.join(folder, name + ".yaml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(example)
            os.chmod(path, 0o600)
            verbs = ["check", "test"] if "\ntests:" in example else ["check"]
            for verb in verbs:
                status, output = run(verb, path)
                if status != 0:
                    failures.append(f"example {name}: `leastwise {verb}` exits {status}:\n{output}")
    return failures


def check_words():
    words = words_of_tables()
    if not {"tools", "when", "at_most", "within"} <= words:
        return ["the compiler's tables were not found"]
    return [f"no word of `{word}`" for word in sorted(words) if not re.search(rf"(?<!\w){word}(?!\w)", page)]


found = check_examples() + check_words()
for line in found:
    print(line)
print(f"{len(found)} found")
sys.exit(1 if found else 0)
