#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random schemas and values: src/schema against a reference of a few lines, and against python3-jsonschema where it is there.

    random_test.py DRIVER [COUNT] [SEED]

The schemas hold no keyword that is not evaluated, so that every verdict must be given, and be the reference's. In a second
round some parts are replaced by ones that are not evaluated: a verdict that is given all the same must hold whatever those
parts say.
"""
import json
import random
import re
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    jsonschema = None

NAMES = ["a", "b", "c", "ab", "x1"]
TYPES = ["string", "number", "integer", "boolean", "null", "array", "object"]
PATTERNS = ["^a", "b$", "a+b", "^[a-c]{1,2}$", "x|c", "\\d"]
TEXTS = ["", "a", "b", "ab", "abc", "x1", "\u00e9", "aab"]
UNKNOWN = "leastwise-test-unknown"


def value(r, depth=0):
    kind = r.randrange(7 if depth < 3 else 5)
    if kind == 0:
        return r.choice(TEXTS)
    if kind == 1:
        return r.choice([0, 1, 2, 3, -1, 10, 1.0, 2.5, 0.5])
    if kind == 2:
        return r.choice([True, False])
    if kind == 3:
        return None
    if kind == 4:
        return r.randrange(4)
    if kind == 5:
        return [value(r, depth + 1) for _ in range(r.randrange(4))]
    return {r.choice(NAMES): value(r, depth + 1) for _ in range(r.randrange(4))}


def schema(r, depth=0):
    if depth > 3 or r.random() < 0.06:
        return r.random() < 0.7
    deeper = lambda: schema(r, depth + 1)
    some = lambda low, high: [deeper() for _ in range(r.randint(low, high))]
    named = lambda make: {name: make() for name in r.sample(NAMES, r.randint(1, 3))}
    makers = {
        "type": lambda: r.choice(TYPES) if r.random() < 0.8 else r.sample(TYPES, 2),
        "const": lambda: value(r, 2),
        "enum": lambda: [value(r, 2) for _ in range(r.randint(1, 4))],
        "minimum": lambda: r.choice([0, 1, 2.5]),
        "maximum": lambda: r.choice([0, 1, 2.5]),
        "exclusiveMinimum": lambda: r.choice([0, 1]),
        "exclusiveMaximum": lambda: r.choice([2, 3]),
        "multipleOf": lambda: r.choice([1, 2, 0.5]),
        "minLength": lambda: r.randrange(3),
        "maxLength": lambda: r.randrange(3),
        "pattern": lambda: r.choice(PATTERNS),
        "required": lambda: r.sample(NAMES, r.randint(0, 2)),
        "minProperties": lambda: r.randrange(3),
        "maxProperties": lambda: r.randrange(3),
        "properties": lambda: named(deeper),
        "patternProperties": lambda: {r.choice(PATTERNS): deeper()},
        "additionalProperties": deeper,
        "propertyNames": deeper,
        "dependentRequired": lambda: named(lambda: r.sample(NAMES, 1)),
        "dependentSchemas": lambda: named(deeper),
        "minItems": lambda: r.randrange(3),
        "maxItems": lambda: r.randrange(3),
        "prefixItems": lambda: some(1, 2),
        "items": deeper,
        "contains": deeper,
        "minContains": lambda: r.randrange(3),
        "maxContains": lambda: r.randrange(3),
        "uniqueItems": lambda: r.choice([True, False]),
        "allOf": lambda: some(1, 2),
        "anyOf": lambda: some(1, 3),
        "oneOf": lambda: some(1, 3),
        "not": deeper,
        "if": deeper,
        "then": deeper,
        "else": deeper,
        "$ref": lambda: r.choice(["#/$defs/d", "#/$defs/e"]),
        "title": lambda: "t",
    }
    return {name: makers[name]() for name in r.sample(sorted(makers), r.choice([1, 1, 2, 2, 3, 4]))}


def equal(a, b):
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(a[name], b[name]) for name in a)
    return a == b


def is_type(name, v):
    number = isinstance(v, (int, float)) and not isinstance(v, bool)
    return {
        "string": isinstance(v, str),
        "number": number,
        "integer": number and v == int(v),
        "boolean": isinstance(v, bool),
        "null": v is None,
        "array": isinstance(v, list),
        "object": isinstance(v, dict),
    }[name]


def fits(s, v, root):
    """The reference: does the value fit the schema?"""
    if isinstance(s, bool):
        return s
    ok = lambda part, of=v: fits(part, of, root)
    has = lambda name: name in s
    if has("$ref") and not ok(root["$defs"][s["$ref"].rsplit("/", 1)[1]]):
        return False
    if has("type") and not any(is_type(name, v) for name in ([s["type"]] if isinstance(s["type"], str) else s["type"])):
        return False
    if has("const") and not equal(s["const"], v) or has("enum") and not any(equal(one, v) for one in s["enum"]):
        return False
    if is_type("number", v):
        if has("minimum") and v < s["minimum"] or has("maximum") and v > s["maximum"]:
            return False
        if has("exclusiveMinimum") and v <= s["exclusiveMinimum"] or has("exclusiveMaximum") and v >= s["exclusiveMaximum"]:
            return False
        if has("multipleOf") and v % s["multipleOf"] != 0:
            return False
    if isinstance(v, str):
        if not s.get("minLength", 0) <= len(v) <= s.get("maxLength", 99):
            return False
        if has("pattern") and not re.search(s["pattern"], v):
            return False
    if isinstance(v, dict) and not object_fits(s, v, ok):
        return False
    if isinstance(v, list) and not array_fits(s, v, ok):
        return False
    if not all(map(ok, s.get("allOf", []))) or has("anyOf") and not any(map(ok, s["anyOf"])):
        return False
    if has("oneOf") and sum(map(ok, s["oneOf"])) != 1 or has("not") and ok(s["not"]):
        return False
    return not has("if") or ok(s.get("then" if ok(s["if"]) else "else", True))


def object_fits(s, v, ok):
    if not s.get("minProperties", 0) <= len(v) <= s.get("maxProperties", 99) or not set(s.get("required", [])) <= v.keys():
        return False
    for name, member in v.items():
        schemas = [part for key, part in s.get("properties", {}).items() if key == name]
        schemas += [part for pattern, part in s.get("patternProperties", {}).items() if re.search(pattern, name)]
        if not all(ok(part, member) for part in schemas or [s.get("additionalProperties", True)]):
            return False
        if not ok(s.get("propertyNames", True), name):
            return False
        if not set(s.get("dependentRequired", {}).get(name, [])) <= v.keys() or not ok(s.get("dependentSchemas", {}).get(name, True)):
            return False
    return True


def array_fits(s, v, ok):
    if not s.get("minItems", 0) <= len(v) <= s.get("maxItems", 99):
        return False
    first = s.get("prefixItems", [])
    if not all(map(ok, first, v)) or not all(ok(s.get("items", True), item) for item in v[len(first) :]):
        return False
    if "contains" in s:
        if not s.get("minContains", 1) <= sum(ok(s["contains"], item) for item in v) <= s.get("maxContains", 99):
            return False
    return not s.get("uniqueItems") or not any(equal(a, b) for i, a in enumerate(v) for b in v[:i])


def blur(r, s):
    """The schema with some of its parts replaced by ones that are not evaluated, and those parts."""
    places = []

    def walk(part):
        if isinstance(part, dict):
            for name, inner in part.items():
                if isinstance(inner, (dict, bool)) and name not in ("const", "uniqueItems", "properties", "patternProperties"):
                    if name not in ("dependentRequired", "dependentSchemas", "$defs"):
                        places.append((part, name))
                if name not in ("const", "enum", "dependentRequired"):
                    walk(inner)
        elif isinstance(part, list):
            for index, inner in enumerate(part):
                if isinstance(inner, (dict, bool)):
                    places.append((part, index))
                walk(inner)

    blurred = json.loads(json.dumps(s))
    walk(blurred)
    holes = r.sample(places, min(len(places), r.randint(1, 2)))
    for index, (part, name) in enumerate(holes):
        part[name] = {UNKNOWN: index}
    return blurred


def filled(s, fill):
    """The blurred schema with each hole filled by what `fill` has for its number."""
    if isinstance(s, dict):
        return fill[s[UNKNOWN]] if UNKNOWN in s else {name: filled(part, fill) for name, part in s.items()}
    return [filled(part, fill) for part in s] if isinstance(s, list) else s


def ask(driver, rows):
    lines = "".join(json.dumps({"schema": s, "data": v}) + "\n" for s, v in rows)
    answers = subprocess.run([driver], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(answers) == len(rows), (len(answers), len(rows))
    return [answer.split("\t") for answer in answers]


def main(arguments):
    driver = arguments[0]
    count = int(arguments[1]) if len(arguments) > 1 else 20000
    seed = int(arguments[2]) if len(arguments) > 2 else 1
    r = random.Random(seed)
    rows = []
    while len(rows) < count:
        # Definitions refer to nothing: no loops.
        s = schema(r)
        if isinstance(s, dict):
            s["$defs"] = {"d": {"type": r.choice(TYPES)}, "e": {"minimum": 1, "minLength": 2, "minItems": 1}}
            rows += [(s, value(r)) for _ in range(4)]
    bad = 0
    verdicts = {"valid": 0, "invalid": 0}
    for (s, v), answer in zip(rows, ask(driver, rows)):
        wanted = "valid" if fits(s, v, s) else "invalid"
        if jsonschema and jsonschema.Draft202012Validator(s).is_valid(v) != (wanted == "valid"):
            print(f"the references differ: {json.dumps(s)} {json.dumps(v)}")
            bad += 1
        if answer[0] != wanted:
            print(f"wanted {wanted}: {answer} {json.dumps(s)} {json.dumps(v)}")
            bad += 1
        verdicts[wanted] += 1
    blurred = [(blur(r, s), v) for s, v in rows if len(json.dumps(s)) > 120]
    settled = 0
    for (s, v), answer in zip(blurred, ask(driver, blurred)):
        outcomes = set()
        for fill in ([True, True], [True, False], [False, True], [False, False]):
            whole = filled(s, fill)
            outcomes.add("valid" if fits(whole, v, whole) else "invalid")
        settled += answer[0] != "not-evaluated"
        if answer[0] != "not-evaluated" and outcomes != {answer[0]}:
            print(f"sure, but {outcomes} are possible: {answer} {json.dumps(s)} {json.dumps(v)}")
            bad += 1
    print(f"{verdicts}, {len(blurred)} with holes, of which {settled} sure; {bad} wrong; jsonschema: {bool(jsonschema)}")
    enough = min(verdicts.values()) > count // 5 and count // 50 < settled < len(blurred)
    return 1 if bad or not enough else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
