# SPDX-License-Identifier: Apache-2.0
"""The policy language a second time, as docs/policy-language.md tells it, and in as few words as that takes.

Tools and prompts; policies as JSON, which is YAML; good policies only. Not the conditions that read a text as something else
(`within`, `url`, `mail`, `command`, `sql`): those have tests against other readers. It is slow, and knows no limits.
"""
import calendar
import json
import re
import time
from decimal import Decimal

DENY, APPROVE, ALLOW = 0, 1, 2
VERDICTS = {"deny": DENY, "approve": APPROVE, "allow": ALLOW}
HOLDS, FAILS, MISSING, UNREADABLE = "holds", "fails", "missing", "unreadable"
ABSENT, ITEMS = object(), object()
CONTROL = "\x00-\x1f\x7f-\x9f"
ROUNDS = 8


class Conflict(Exception):
    pass


def read(text):
    return json.loads(text, parse_int=Decimal, parse_float=Decimal)


def kind(value):
    return {type(None): "null", bool: "boolean", Decimal: "number", str: "string", list: "array", dict: "object"}[type(value)]


def listed(value):
    return value if isinstance(value, list) else [value]


def is_integer(value):
    return isinstance(value, Decimal) and value == value.to_integral_value()


# --- patterns ---

def glob(pattern, text, wild):
    out, i = "", 0
    while i < len(pattern):
        c = pattern[i]
        if c == "*":
            out += wild + "*"
        elif c == "?":
            out += wild
        elif c == "[":
            end = pattern.index("]", i + 2)
            out += "(?=" + wild + ")[" + pattern[i + 1:end].replace("!", "^", 1) + "]"
            i = end
        else:
            i += c == "\\"
            out += re.escape(pattern[i])
        i += 1
    return re.fullmatch(out, text, re.DOTALL) is not None


def takes_name(patterns, name, denies):
    return any(p == "**" or glob(p, name, "." if denies else "[ -~]") for p in listed(patterns))


# --- conditions ---

def same(a, b):
    """JSON's equality; to Python true is 1."""
    if kind(a) != kind(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    return a.keys() == b.keys() and all(same(v, b[k]) for k, v in a.items()) if isinstance(a, dict) else a == b


def worst(outcomes, order=(FAILS, UNREADABLE, MISSING)):
    return next((o for o in order if o in outcomes), HOLDS)


def truth(holds):
    return HOLDS if holds else FAILS


def is_one_rounded(a, b):
    """Are they the same number to a server that reads doubles?"""
    return isinstance(a, Decimal) and isinstance(b, Decimal) and float(a) == float(b)


def equal(value, wanted):
    if any(same(value, v) for v in wanted):
        return HOLDS
    known = kind(value) in map(kind, wanted) or all(v is None for v in wanted)
    return FAILS if known and not any(is_one_rounded(value, v) for v in wanted) else UNREADABLE


def in_bound(value, key, bound):
    if not isinstance(value, Decimal):
        return UNREADABLE
    holds = bounded(value, {key: bound})
    return UNREADABLE if is_one_rounded(value, bound) and holds != bounded(bound, {key: bound}) else truth(holds)


def bounded(value, bounds):
    tests = {"at_least": value.__ge__, "at_most": value.__le__, "above": value.__gt__, "below": value.__lt__}
    return all(tests[key](bound) for key, bound in bounds.items())


def of_text(value, test, wanted):
    return truth(any(test(value, w) for w in listed(wanted))) if isinstance(value, str) else UNREADABLE


def length(value, wanted):
    if not isinstance(value, (str, list)):
        return UNREADABLE
    return truth(bounded(Decimal(len(value)), wanted if isinstance(wanted, dict) else {"at_least": wanted, "at_most": wanted}))


def of_items(value, condition, denies, order):
    if not isinstance(value, list):
        return UNREADABLE
    outcomes = [judge(item, condition, denies) for item in value]
    # What an item lacks is not an argument that is missing.
    return worst([UNREADABLE if o == MISSING else o for o in outcomes], order)


def judge_one(value, key, wanted, denies):
    if key in ("present", "absent"):
        return truth((value is not ABSENT) == (key == "present"))
    if value is ABSENT or (key == "each" and value == []):
        return MISSING
    if key in ("is", "one_of"):
        return equal(value, listed(wanted) if key == "one_of" else [wanted])
    if key in ("is_not", "none_of"):
        outcome = equal(value, wanted if key == "none_of" else [wanted])
        return {HOLDS: FAILS, FAILS: HOLDS}.get(outcome, outcome)
    if key in ("at_least", "at_most", "above", "below"):
        return in_bound(value, key, wanted)
    if key == "type":
        return truth(kind(value) in listed(wanted) or ("integer" in listed(wanted) and is_integer(value)))
    if key == "length":
        return length(value, wanted)
    if key == "each":
        return of_items(value, wanted, denies, (FAILS, UNREADABLE, MISSING))
    if key == "any":
        return FAILS if value == [] else of_items(value, wanted, denies, (HOLDS, UNREADABLE, MISSING, FAILS))
    return of_text(value, {
        "like": lambda v, w: glob(w, v, "." if denies else "[^" + CONTROL + "]"),
        "matches": lambda v, w: re.fullmatch(w, v, re.ASCII) is not None,
        "search": lambda v, w: re.search(w, v, re.ASCII) is not None,
        "starts_with": str.startswith, "ends_with": str.endswith, "contains": str.__contains__,
    }[key], wanted)


def judge(value, condition, denies):
    if not isinstance(condition, dict):
        condition = {"one_of" if isinstance(condition, list) else "is": condition}
    return worst([judge_one(value, k, w, denies) for k, w in condition.items() if k != "optional"])


def steps(path):
    return [ITEMS if s == "[]" else s.strip('"') for s in re.findall(r'"[^"]*"|\[\]|[^.\[\]"]+', path)]


def folded(name):
    """As the most careless reader of names has it."""
    return "".join(chr(ord(c) | 0x20) if "A" <= c <= "Z" else c for c in name.translate({0x17F: "s", 0x212A: "k", 0x5F: None, 0x2D: None}))


def has_alike(container, name):
    return any(other != name and folded(other) == folded(name) for other in container)


def judge_at(value, path, condition, denies, taken):
    """@taken: the paths, from here on, of arguments that the rule takes; [] takes everything."""
    if not path or value is ABSENT:
        return judge(value, condition, denies)
    step, inside = path[0], [[]] if [] in taken else [p[1:] for p in taken if p[0] == path[0]]
    if step is not ITEMS:
        if not isinstance(value, dict) or ([] in taken and has_alike(value, step)):
            return UNREADABLE
        return judge_at(value.get(step, ABSENT), path[1:], condition, denies, inside)
    if not isinstance(value, list):
        return UNREADABLE
    outcomes = [judge_at(item, path[1:], condition, denies, inside) for item in value] or [judge(ABSENT, condition, denies)]
    return worst(outcomes, (HOLDS, UNREADABLE, MISSING, FAILS) if denies else (FAILS, UNREADABLE, MISSING))


def is_named(value, paths):
    """Is all of the value named by one of the paths?"""
    if [] in paths:
        return True
    if isinstance(value, list):
        return [ITEMS] in [p[:1] for p in paths] and all(is_named(v, [p[1:] for p in paths if p[0] is ITEMS]) for v in value)
    named = {p[0] for p in paths if p[0] is not ITEMS}
    return isinstance(value, dict) and (bool(named) or not paths) and all(
        name in named and is_named(v, [p[1:] for p in paths if p[0] == name]) for name, v in value.items())


def matches(rule, verdict, name, arguments):
    denies = verdict == DENY
    if not takes_name(rule.get("tool", rule.get("prompt")), name, denies):
        return False
    when, narrow = rule.get("when", {}), rule.get("narrow", {})
    paths = [[]]
    if not denies and not rule.get("open") and any(key in rule for key in ("when", "free", "narrow")):
        # The object itself is there, named or not.
        paths = [steps(p) for p in [*when, *rule.get("free", []), *narrow]]
        if not all(is_named(v, [p[1:] for p in paths if p[0] == n]) and n in [p[0] for p in paths] for n, v in arguments.items()):
            return False
    for path, change in narrow.items():
        if ("at_least" in change or "at_most" in change) and judge_at(arguments, steps(path), {"type": "number"}, False, paths) not in (HOLDS, MISSING):
            return False
    for path, condition in when.items():
        outcome = judge_at(arguments, steps(path), condition, denies, paths)
        if outcome == MISSING and (rule.get("optional") or (isinstance(condition, dict) and condition.get("optional"))):
            outcome = FAILS if denies else HOLDS
        if outcome == FAILS or (outcome != HOLDS and not denies):
            return False
    return True


# --- verdicts ---

def matching(policy, call, arguments):
    """(verdict, name of the rule, rule), those of a verdict in the order of the file."""
    section = {"tool": "tools", "prompt": "prompts"}[call["subject"]]
    for verdict, rules in policy.get(section, {}).items():
        for i, rule in enumerate(rules):
            rule = rule if isinstance(rule, dict) else {"tool": rule}
            if matches(rule, VERDICTS[verdict], call["name"], arguments):
                yield VERDICTS[verdict], rule.get("id", f"{section}.{verdict}[{i}]"), rule


def flow(policy, call):
    marks = policy.get("flow", {}).get("marks", {})
    met = {m for m, tools in marks.items() for tool in call.get("after", []) if takes_name(tools, tool, True)}
    for i, rule in enumerate(policy.get("flow", {}).get("rules", [])):
        if met.issuperset(listed(rule["after"])) and any(takes_name(marks[m], call["name"], True) for m in listed(rule["on"])):
            yield VERDICTS[rule["then"]], rule.get("id", f"flow.rules[{i}]")


def decide_one(policy, call, arguments):
    day = policy.get("until")
    if day and call["now"] >= calendar.timegm(time.strptime(day, "%Y-%m-%d")) + 86400:
        return DENY, ""
    name = call["name"]
    if not 0 < len(name.encode()) <= 256 or re.search("[" + CONTROL + "]", name):
        return DENY, ""
    found = [m[:2] for m in matching(policy, call, arguments)]
    best = min(found, key=lambda m: m[0], default=(DENY, ""))
    return min([best, *(flow(policy, call) if call["subject"] == "tool" else ())], key=lambda m: m[0])


def decide(policies, call, arguments):
    return min(((*decide_one(p, call, arguments), p["name"]) for p in policies), key=lambda d: d[0])


# --- narrowing ---

def changed(value, changes):
    """What an argument becomes under all that is wanted of it."""
    def wanted(key):
        return [c[key] for c in changes if key in c]
    sets, defaults, lows, highs = wanted("set"), wanted("default"), wanted("at_least"), wanted("at_most")
    if len({repr(v) for v in sets}) > 1 or ((sets or defaults) and wanted("remove")) or (lows and highs and max(lows) > min(highs)):
        raise Conflict
    bounds = {**({"at_least": max(lows)} if lows else {}), **({"at_most": min(highs)} if highs else {})}
    if sets:
        if bounds and not (isinstance(sets[0], Decimal) and bounded(sets[0], bounds)):
            raise Conflict
        return sets[0]
    if wanted("remove"):
        return ABSENT
    if value is ABSENT and defaults:
        if len({repr(v) for v in defaults}) > 1:
            raise Conflict
        value = defaults[0]
    if value is ABSENT or not bounds:
        return value
    if not isinstance(value, Decimal):
        raise Conflict
    return max(lows) if lows and value < max(lows) else min(highs) if highs and value > min(highs) else value


def put(container, path, changes):
    """A copy of the object with the change."""
    if not isinstance(container, dict):
        raise Conflict
    inner = container.get(path[0], ABSENT)
    if len(path) > 1:
        empty = put({}, path[1:], changes) if inner is ABSENT else {}
        value = (empty or ABSENT) if inner is ABSENT else put(inner, path[1:], changes)
    else:
        value = changed(inner, changes)
    if value is ABSENT:
        return {k: v for k, v in container.items() if k != path[0]}
    return {**container, path[0]: value}


def narrow_once(policies, call, arguments):
    changes = {}
    for policy in policies:
        for verdict, _, rule in matching(policy, call, arguments):
            for path, change in rule.get("narrow", {}).items() if verdict != DENY else ():
                changes.setdefault(tuple(steps(path)), []).append(change)
    for path in changes:
        inner = arguments
        for name in path:
            if isinstance(inner, dict) and has_alike(inner, name):
                raise Conflict
            inner = inner.get(name) if isinstance(inner, dict) else None
    for path, wanted in changes.items():
        arguments = put(arguments, path, wanted)
    return arguments


def settle(policies, call):
    """(verdict, policy, rule, the arguments that are sent) of parsed policies and a call."""
    arguments = call.get("arguments", {})
    verdict, rule, policy = decide(policies, call, arguments)
    if verdict == DENY:
        return DENY, policy, rule, None
    try:
        for _ in range(ROUNDS):
            before, arguments = arguments, narrow_once(policies, call, arguments)
            if repr(before) == repr(arguments):
                break
        else:
            raise Conflict
    except Conflict:
        return DENY, "", "", None
    verdict, rule, policy = decide(policies, call, arguments)
    return verdict, policy, rule, arguments
