#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the evaluator with a second one, which was written from the language's description alone.

    evaluator_test.py DRIVER [CASES [SEED]]

Both decide, narrow and decide again about random calls under random policies. So that this says something, every kind of
outcome must come up.
"""
import collections
import random
import subprocess
import sys

import evaluator
import generator

CALLS_OF_A_POLICY = 10
SHOWN = 10
NAMES = {v: k for k, v in evaluator.VERDICTS.items()}


def plain(value, given=None):
    """With the order of members, but for those at the end that were not given, and without a number's spelling."""
    if isinstance(value, dict):
        given, names = given if isinstance(given, dict) else {}, list(value)
        kept = sum(name in given for name in names)
        return [(name, plain(value[name], given.get(name))) for name in names[:kept] + sorted(names[kept:])]
    return [plain(v) for v in value] if isinstance(value, list) else (type(value), value)


def differences(policies, call, answer):
    """What the two say of a call, when it is not the same."""
    verdict, policy, rule, sent = answer
    expected, its_policy, its_rule, its_sent = evaluator.settle(policies, call)
    if (verdict, rule) != (NAMES[expected], its_rule) or (rule and policy != its_policy):
        return f"{verdict} by {policy} {rule}, and not {NAMES[expected]} by {its_policy} {its_rule}"
    given = call.get("arguments")
    if expected != evaluator.DENY and plain(its_sent, given) != plain(evaluator.read(sent or "{}"), given):
        return f"sends {sent}, and not {its_sent}"
    return None


class Driver:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def ask(self, policies, calls):
        line = '{"policies": [%s], "calls": [%s]}\n' % (", ".join(policies), ", ".join(calls))
        self.process.stdin.write(line)
        self.process.stdin.flush()
        answers = [self.process.stdout.readline().rstrip("\n").split("\t") for _ in calls]
        if any(len(answer) != 4 for answer in answers):
            sys.exit(f"the driver has no answer to {line}")
        return answers


def main():
    cases = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 20261121
    driver, make = Driver(sys.argv[1]), generator.Generator(random.Random(seed))
    tally, differ = collections.Counter(), 0
    for _ in range(cases // CALLS_OF_A_POLICY):
        policies = make.policies()
        calls = [make.call() for _ in range(CALLS_OF_A_POLICY)]
        parsed = [evaluator.read(p) for p in policies]
        for call, answer in zip(calls, driver.ask(policies, calls)):
            asked = evaluator.read(call)
            difference = differences(parsed, asked, answer)
            tally[answer[0]] += 1
            tally["narrowed"] += answer[0] != "deny" and plain(evaluator.read(answer[3] or "{}")) != plain(asked.get("arguments", {}))
            tally["by a rule that denies"] += answer[0] == "deny" and answer[2] != ""
            tally["by flow"] += answer[2].startswith("flow.")
            differ += difference is not None
            if difference and differ <= SHOWN:
                print(f"{difference}\n  call: {call}", *policies, sep="\n  policy: ")
    print(f"{cases} cases of seed {seed}: {differ} differ;", ", ".join(f"{n} {k}" for k, n in sorted(tally.items())))
    rare = [k for k in ("allow", "approve", "deny", "narrowed", "by a rule that denies", "by flow") if tally[k] < cases // 200]
    if rare:
        print("hardly any:", *rare)
    sys.exit(1 if differ or rare else 0)


if __name__ == "__main__":
    main()
