#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema test suite (Debian's json-schema-test-suite) against src/schema.

    suite_test.py DRIVER EXPECTED [--update]

No verdict may be wrong: neither "valid" where the suite says invalid, nor the other way round. "Not evaluated" is allowed, and
counted by draft and keyword in EXPECTED, so that a keyword that ceases to be evaluated shows. Exits with 77 where the suite is
not installed.
"""
import collections
import glob
import json
import os
import subprocess
import sys

SUITE = "/usr/share/json-schema-test-suite/tests"
# The drafts that are claimed, and those that a schema may name without being understood.
DRAFTS = {
    "draft6": "http://json-schema.org/draft-06/schema#",
    "draft7": "http://json-schema.org/draft-07/schema#",
    "draft2019-09": "https://json-schema.org/draft/2019-09/schema",
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
    "draft3": "http://json-schema.org/draft-03/schema#",
    "draft4": "http://json-schema.org/draft-04/schema#",
}
# `format` is an annotation here, and so is the rest of these.
ANNOTATIONS = {"format.json", "content.json"}
# Schemas that name no draft are read as 2020-12 where the drafts differ: what stands beside a `$ref` counts.
UNSTATED = "draft7"


def has_ref_beside(schema):
    if isinstance(schema, dict):
        return ("$ref" in schema and len(schema) > 1) or any(has_ref_beside(part) for part in schema.values())
    return isinstance(schema, list) and any(has_ref_beside(part) for part in schema)


def cases():
    """(draft, file, name, schema, data, valid) of every test, the optional ones too."""
    for draft, uri in DRAFTS.items():
        for path in sorted(glob.glob(f"{SUITE}/{draft}/**/*.json", recursive=True)):
            if "/format/" in path or os.path.basename(path) in ANNOTATIONS:
                continue
            with open(path, encoding="utf-8") as file:
                groups = json.load(file)
            for group in groups:
                schema = group["schema"]
                if isinstance(schema, dict) and "format" in schema:
                    continue
                stated = {"$schema": uri, **schema} if isinstance(schema, dict) else schema
                for test in group["tests"]:
                    name = f"{group['description']}: {test['description']}"
                    row = [os.path.basename(path), name, stated, test["data"], test["valid"]]
                    yield draft, *row
                    if draft == UNSTATED and not has_ref_beside(schema):
                        row[2] = schema
                        yield "unstated", *row


def main(arguments):
    driver, expected = arguments[:2]
    if not os.path.isdir(SUITE):
        print("skipped: the package json-schema-test-suite is not installed")
        return 77
    tests = list(cases())
    lines = "".join(json.dumps({"schema": schema, "data": data}) + "\n" for _, _, _, schema, data, _ in tests)
    answers = subprocess.run([driver], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    if len(answers) != len(tests):
        print(f"{len(tests)} questions, {len(answers)} answers")
        return 1
    wrong, counts = 0, collections.Counter()
    for (draft, file, name, schema, data, valid), answer in zip(tests, answers):
        verdict, keyword, path, reason = answer.split("\t")
        counts[f"{draft} {verdict}"] += 1
        if verdict == "not-evaluated":
            counts[f"{draft} not-evaluated {keyword or '-'}: {reason}"] += 1
        elif verdict != ("valid" if valid else "invalid"):
            wrong += 1
            print(f"WRONG {draft}/{file}: {name}\n  {json.dumps(schema)}\n  {json.dumps(data)}\n  {answer}")
    summary = "".join(f"{count:5} {what}\n" for what, count in sorted(counts.items()))
    if "--update" in arguments:
        with open(expected, "w", encoding="utf-8") as file:
            file.write(summary)
    with open(expected, encoding="utf-8") as file:
        same = file.read() == summary
    print(summary if same else f"{expected} says something else; the counts are now (--update writes them):\n{summary}")
    print(f"{len(tests)} tests, {wrong} wrong verdicts")
    return 1 if wrong or not same else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
