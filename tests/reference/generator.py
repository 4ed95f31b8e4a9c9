# SPDX-License-Identifier: Apache-2.0
"""Random policies and calls about the same few names and values, so that they often meet.

They are written as JSON texts, for how a number or a text is spelt is part of the case.
"""
import json

SUBJECTS = ["tool", "tool", "tool", "tool", "prompt"]
NAMES = ["t", "u", "t2", "list_a", "list_\u00e9", "t\u0001", "", "t" * 256, "t" * 257, "[t]"]
PATTERNS = ["t", "u", "t*", "*", "**", "?", "[a-t]", "[!u]", "t?", "list_*", "list_\u00e9", "*_?", "\\[t\\]", "t\\*", "l[!x]st_[!a-f]"]
# What is denied whatever the arguments are must not be a pattern that is allowed.
DENIED = ["*2", "lis*", "?2", "[!a-t]", "t?*"]
MEMBERS = ["a", "b", "c", "\u00e9"]
PATHS = ["a", "A", "b", "c", "\u00e9", "e", "a.d", "b[]", "b[].d", "e.d", "e.f.g", '"x.y"', "c[][]"]
FREE = ["a", "A", "b", "c", "\u00e9", "e", "a.d", "e.d", "e.f", "b[].d", '"x.y"']
NUMBERS = ["0", "-0", "1", "1.0", "10e-1", "1e2", "100", "100.0", "99.99999999999999999999", "100.00000000000000000001", "-1", "2", "3", "2.5",
           "0.1", "0.10", "1E+2", "1e-300", "-1e-300", "1e308", "9007199254740993", "9007199254740992", "1" + "0" * 60, "1e60", "1e-999999999"]
TEXTS = ["", "x", "xy", "XY", "y", "1", "a b", "x/y", "x\u00e9", "\U0001f600", "true", "null", "*", "x*", "[x]"]
# A policy cannot have these.
UNSEEN = ["x\u0001y", "x\u0085", "x\u2028y", "\u0301x", "x\u007f", "x\u200by", "x\ny"]
GLOBS = ["x*", "*", "?", "??", "x?", "[xy]*", "[!x]*", "*y", "x\\*", "\\[x\\]", "x?y", "*\u00e9", "*x*y*"]
EXPRESSIONS = ["x+y?", "[a-z]+", "\\d+", "x?", "x.y", "(x|y)*", "[^x]", "\\w+", "x\u00e9"]
TYPES = ["null", "boolean", "number", "integer", "string", "array", "object"]
NOW = 1_800_000_000
DAYS = ["2027-01-14", "2027-01-15", "2027-01-16", "2000-02-29"]


class Raw(str):
    """A JSON text."""


def write(value):
    if isinstance(value, Raw):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(json.dumps(k, ensure_ascii=False) + ": " + write(v) for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(write, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


class Generator:
    def __init__(self, random):
        self.random = random
        self.texts = TEXTS

    def one(self, values):
        return self.random.choice(values)

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def some(self, values, least, most):
        return self.random.sample(values, self.random.randint(least, most))

    # --- values ---

    def number(self):
        return Raw(self.one(NUMBERS if self.chance(30) else NUMBERS[:15]))

    def scalar(self):
        return self.one([self.number, self.number, lambda: self.one(self.texts), lambda: self.one(TEXTS[:6]), lambda: self.chance(50), lambda: None])()

    def value(self, depth=0):
        if depth == 3 or self.chance(70 if depth else 55):
            return self.scalar()
        if self.chance(50):
            return [self.value(depth + 1) for _ in range(self.random.randint(0, 3))]
        return {name: self.value(depth + 1) for name in self.some(["d", "f", "g"], 0, 2)}

    def spelt(self, value):
        """A call's value, whose texts may be spelt with escapes."""
        if isinstance(value, dict):
            return {name: self.spelt(v) for name, v in value.items()}
        if isinstance(value, list):
            return [self.spelt(v) for v in value]
        if type(value) is str and self.chance(20):
            return Raw(json.dumps(value) if self.chance(50) else '"' + "".join("\\u%04x" % ord(c) if ord(c) < 0x10000 else c for c in value) + '"')
        return value

    # --- policies ---

    def condition(self, depth=0):
        if self.chance(15):
            return self.scalar()
        if self.chance(12):
            return [self.scalar() for _ in range(self.random.randint(1, 3))]
        condition = {}
        for _ in range(1 + self.chance(25)):
            key, wanted = self.one(self.kinds(depth))
            condition[key] = wanted()
        if "present" in condition or "absent" in condition:
            return {self.one(["present", "absent"]): True}
        if depth == 0 and self.chance(15):
            condition["optional"] = True
        return condition

    def kinds(self, depth):
        def texts(values):
            return lambda: self.one(values) if self.chance(60) else self.some(values, 1, 2)
        kinds = [("is", self.value), ("is_not", self.scalar), ("one_of", lambda: [self.value() for _ in range(self.random.randint(1, 3))]),
                 ("none_of", lambda: [self.scalar() for _ in range(self.random.randint(1, 3))]), ("like", texts(GLOBS)),
                 ("matches", lambda: self.one(EXPRESSIONS)), ("search", lambda: self.one(EXPRESSIONS)), ("starts_with", texts(TEXTS[1:])),
                 ("ends_with", texts(TEXTS[1:])), ("contains", texts(TEXTS[1:])), ("length", self.length), ("type", texts(TYPES))]
        kinds += [(key, self.number) for key in ("at_least", "at_most", "above", "below")] * 2
        if depth == 0:
            kinds += [("present", lambda: True), ("absent", lambda: True)]
        if depth < 2:
            kinds += [("each", lambda: self.condition(depth + 1)), ("any", lambda: self.condition(depth + 1))]
        return kinds

    def length(self):
        if self.chance(40):
            return Raw(self.random.randint(0, 3))
        return {key: Raw(self.random.randint(0, 3)) for key in self.some(["at_least", "at_most", "above", "below"], 1, 2)}

    def change(self):
        kind = self.random.randrange(6)
        if kind == 0:
            return {"set": self.scalar()}
        if kind == 1:
            return {"remove": True}
        if kind == 2:
            return {"default": self.scalar()}
        low, high = sorted(self.some(range(-2, 102), 2, 2))
        change = {key: Raw(bound) for key, bound in self.some([("at_least", low), ("at_most", high)], 1, 2)}
        if self.chance(30):
            change["default"] = Raw(self.random.randint(low, high))
        return change

    def rule(self, section, verdict):
        patterns = self.one(PATTERNS[:9]) if self.chance(60) else self.some(PATTERNS, 1, 3)
        if self.chance(10) and verdict == "allow" and section == "tools" and isinstance(patterns, str):
            return patterns
        rule = {section[:-1]: patterns}
        if self.chance(80 if verdict == "deny" else 50):
            rule["when"] = {path: self.condition() for path in self.some(PATHS, 1, 2)}
            if self.chance(25):
                rule["optional"] = True
        if verdict == "deny":
            return rule if "when" in rule else {section[:-1]: self.one(DENIED)}
        if self.chance(60):
            rule["free"] = self.some(FREE, 0, len(FREE))
        if section == "tools" and self.chance(30):
            rule["narrow"] = {path: self.change() for path in self.some(["a", "b", "c", "e.d", "e.f.g"], 1, 2)}
        if self.chance(35) and len(rule) > 1:
            rule["open"] = True
        if verdict == "approve" and self.chance(30):
            rule["by"] = Raw(2)
        return rule

    def flow(self):
        marks = {name: self.some(PATTERNS, 1, 2) for name in self.some(["m", "n", "o"], 1, 3)}
        def some_marks():
            return self.one(list(marks)) if self.chance(50) else self.some(list(marks), 1, len(marks))
        return {"marks": marks, "rules": [{"after": some_marks(), "on": some_marks(), "then": self.one(["deny", "approve"])}
                                          for _ in range(self.random.randint(1, 3))]}

    def policy(self, i):
        policy = {"leastwise": Raw(1), "name": f"p{i}", "purpose": "to be tried"}
        if self.chance(5):
            policy["until"] = self.one(DAYS)
        for section, verdicts in (("tools", ["allow", "approve", "deny"]), ("prompts", ["allow", "deny"])):
            self.random.shuffle(verdicts)
            policy[section] = {v: [self.rule(section, v) for _ in range(self.random.randint(0, 1 if v == "deny" else 4))] for v in verdicts}
        ids = iter(self.some(["one", "two", "three", "four"], 4, 4))
        for rule in policy["tools"]["allow"] + policy["tools"]["deny"]:
            if isinstance(rule, dict) and self.chance(15):
                rule["id"] = next(ids, None) or rule.pop("id", None)
        if self.chance(25):
            policy["flow"] = self.flow()
        return write({k: v for k, v in policy.items() if v != {}})

    def policies(self):
        self.texts = TEXTS
        return [self.policy(i) for i in range(self.one([1, 1, 1, 2, 3]))]

    # --- calls ---

    def arguments(self):
        arguments = {name: self.value() for name in self.some(MEMBERS, 0, 3)}
        if self.chance(40):
            arguments["e"] = {"d": self.value(2), "f": {"g": self.value(2)}} if self.chance(50) else self.value()
        if self.chance(15):
            arguments["b"] = [{"d": self.value(2)} for _ in range(self.random.randint(0, 2))]
        if self.chance(10):
            arguments[self.one(["A", "a_", "-B", "E"])] = self.value()
        if self.chance(10) and isinstance(arguments.get("e"), dict):
            arguments["e"][self.one(["D", "_f"])] = self.value(2)
        if self.chance(10):
            arguments[self.one(["x.y", "", "b[]", "a.d", "h"])] = self.value()
        names = list(arguments)
        self.random.shuffle(names)
        return self.spelt({name: arguments[name] for name in names})

    def call(self):
        self.texts = TEXTS + UNSEEN
        call = {"subject": self.one(SUBJECTS), "name": self.one(NAMES[:4]) if self.chance(85) else self.one(NAMES),
                "now": Raw(NOW + self.one([0, 0, 0, 57600 - 28800 - 1, 57600 - 28800, -86400, 86400]))}
        if self.chance(40):
            call["after"] = self.some(NAMES, 1, 3)
        if self.chance(95):
            call["arguments"] = self.arguments()
        return write(call)
