#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks of the house: what the compiler does not hold.

    house.py check NAME TREE [BUILD]     0 and silence, or 1 and a line for each violation
    house.py selftest NAME TREE [BUILD]  plants violations in a copy of the tree; each must be found

Every check is a function from a tree (and a build directory) to a list of violations, with the plants that it must
find beside it.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED_FOLDERS = {".git", "node_modules", "__pycache__", "packagecache"}


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def files_of(tree, *folders):
    """Paths, relative to the tree, of what belongs to the project."""
    for folder in folders or (".",):
        for where, folders_here, names in os.walk(os.path.join(tree, folder)):
            in_subprojects = os.path.basename(where) == "subprojects"
            folders_here[:] = sorted(
                name
                for name in folders_here
                if name not in SKIPPED_FOLDERS
                and not name.startswith((".venv", "venv"))
                and not os.path.exists(os.path.join(where, name, "meson-private"))
                and not (in_subprojects and name != "packagefiles")
            )
            for name in sorted(set(names) - SKIPPED_FOLDERS):
                yield os.path.relpath(os.path.join(where, name), tree)


def sources(tree, *folders):
    return [path for path in files_of(tree, *folders) if path.endswith((".c", ".h"))]


# --- layers: docs/architecture.md's table against the #include lines ---


def layer_table(tree):
    """Layer -> the layers it may use, itself and indirect ones included."""
    direct = {}
    for line in read(os.path.join(tree, "docs/architecture.md")).splitlines():
        row = re.match(r"\| `src/(\w+)` \|[^|]*\|([^|]*)\|", line)
        if row:
            direct[row[1]] = set(re.findall(r"`(\w+)`", row[2]))
    closed = {}

    def close(layer):
        if layer not in closed:
            closed[layer] = {layer}
            for lower in direct.get(layer, ()):
                closed[layer] |= close(lower)
        return closed[layer]

    for layer in direct:
        close(layer)
    return closed


def check_layers(tree, build):
    table = layer_table(tree)
    headers = {os.path.basename(path): path.split("/")[1] for path in sources(tree, "src") if path.endswith(".h")}
    found = []
    for folder in sorted({path.split("/")[1] for path in sources(tree, "src")}):
        if folder not in table:
            found.append(f"src/{folder}: has no row in the table of layers in docs/architecture.md")
    for path in sources(tree, "src"):
        layer = path.split("/")[1]
        for number, line in enumerate(read(os.path.join(tree, path)).splitlines(), 1):
            include = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
            if not include:
                continue
            target = headers.get(os.path.basename(include[1]))
            if target and target not in table.get(layer, {layer}):
                found.append(f"{path}:{number}: {layer} may not use {target} ({include[1]})")
    return found


def plant(path, text):
    def apply(tree):
        full = os.path.join(tree, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "a", encoding="utf-8") as file:
            file.write(text)
        return path

    return apply


def spoil(path, old, new):
    def apply(tree):
        full = os.path.join(tree, path)
        text = read(full)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))
        return path

    return apply


def unplant(path):
    def apply(tree):
        os.remove(os.path.join(tree, path))
        return path

    return apply


# --- uv: one door to the event loop ---


def check_uv(tree, build):
    return [
        f"{path}: includes <uv.h>, which is for src/io and src/cli"
        for path in sources(tree, "src", "include")
        if not path.startswith(("src/io/", "src/cli/"))
        and re.search(r'^\s*#\s*include\s*[<"]uv', read(os.path.join(tree, path)), re.M)
    ]


# --- spdx: every source says its licence first ---


def check_spdx(tree, build):
    found = []
    for path in files_of(tree):
        if path.startswith("subprojects/"):
            continue
        text = read(os.path.join(tree, path))
        if path.endswith((".c", ".h")):
            ok = text.startswith("/* SPDX-License-Identifier: Apache-2.0")
        elif path.endswith((".py", ".sh", ".mjs", ".js", ".ts", ".java", ".go")) or path in ("bootstrap", ".ci/run"):
            ok = any("SPDX-License-Identifier: Apache-2.0" in line for line in text.splitlines()[:3])
        else:
            continue
        if not ok:
            found.append(f"{path}: does not begin with its SPDX line")
    return found


# --- words: no unfinished business, no machine's paths ---

# Put together from halves, so that this file does not hold them.
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b|\bnot imple" + r"mented\b|\bfor no" + r"w\b")
MACHINE = re.compile(r"/tmp/l" + r"w\b|(?<![\w.~-])/wor" + r"k/(?:main|shared|\.)|/root/\.")


def check_words(tree, build):
    found = []
    for path in files_of(tree):
        if path.endswith((".bin", ".png", ".gz")) or "/corpus/" in path:
            continue
        is_source = path.startswith(("src/", "include/", "tests/")) and path.endswith((".c", ".h", ".py", ".sh", ".build"))
        for number, line in enumerate(read(os.path.join(tree, path)).splitlines(), 1):
            if MACHINE.search(line):
                found.append(f"{path}:{number}: names a path of one machine")
            if is_source and UNFINISHED.search(line):
                found.append(f"{path}:{number}: has a word for unfinished business")
    return found


# --- top: what lies at the top of the tree is there on purpose ---

TOP = {
    *(".ci", ".clang-format", ".editorconfig", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md"),
    *("bootstrap", "contrib", "doc", "docs", "include", "meson.build", "meson_options.txt", "policies", "src", "subprojects", "tests"),
}


def check_top(tree, build):
    """No file or folder at the top but those; hidden folders are their owners' (an editor's, a tool's)."""
    first = {path.split("/")[0] for path in files_of(tree)}
    hidden = {name for name in first if name.startswith(".") and os.path.isdir(os.path.join(tree, name))}
    found = [f"{name}: is unknown at the top of the tree" for name in sorted(first - hidden - TOP)]
    return found + [f"{name}: is missing at the top of the tree" for name in sorted(TOP - first)]


# --- gate: one function writes towards a peer, with a permit that one place issues (law L5) ---

GATE = "src/session/gate.c"
ISSUER = "src/session/decide.c"


def without_comments(text):
    """The same text and lines, with comments and the contents of strings blanked."""

    def blank(match):
        return re.sub(r"[^\n]", " ", match[0])

    return re.sub(r'/\*.*?\*/|"(?:[^"\\\n]|\\.)*"', blank, text, flags=re.S)


def lines_with(tree, folder, expression):
    """(path, line number) of each code line of a .c file that the expression is found in."""
    return [
        (path, number)
        for path in sources(tree, folder)
        if path.endswith(".c")
        for number, line in enumerate(without_comments(read(os.path.join(tree, path))).splitlines(), 1)
        if re.search(expression, line)
    ]


def check_gate(tree, build):
    found = []
    defined = lines_with(tree, "src", r"^\w[\w *]*\bgate_forward\(")
    if [path for path, number in defined] != [GATE]:
        found.append(f"gate_forward() must be defined once, in {GATE}: {defined}")
    # Bytes for a peer are put in line by these alone; only the gate may call them or hand them on.
    for path, number in lines_with(tree, "src", r"\boutput_(?:copy|borrow|take)\b"):
        if path not in (GATE, "src/session/output.c"):
            found.append(f"{path}:{number}: puts out bytes without passing the gate")
    issued = lines_with(tree, "src", r"\(struct permit\)\s*\{(?!\s*0\s*\})|\bpermit_issue\(struct session")
    if {path for path, number in issued} != {ISSUER}:
        found.append(f"permits must be made in {ISSUER} and nowhere else: {issued}")
    for path, number in lines_with(tree, "src", r"\bpermit\w*(?:\.|->)number\s*=[^=]|\bstruct permit \w+ = \{(?!\s*0?\s*\})"):
        found.append(f"{path}:{number}: makes up a permit")
    if len([1 for path, number in lines_with(tree, GATE.rsplit("/", 1)[0], r"\bpermit_redeem\(") if path == GATE]) != 1:
        found.append(f"{GATE}: does not redeem the permit exactly once")
    return found


# --- hardening: what the linker made of the flags ---


def check_hardening(tree, build, program=None):
    program = program or os.path.join(build, "src/cli/leastwise")

    def readelf(*options):
        command = ["readelf", "-W", *options, program]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    headers, segments, dynamic, symbols = readelf("-h"), readelf("-l"), readelf("-d"), readelf("--dyn-syms")
    stack = re.search(r"GNU_STACK\s.*", segments)
    wanted = {
        "is not position independent": re.search(r"Type:\s+DYN", headers) and "PIE" in dynamic,
        "binds lazily": "BIND_NOW" in dynamic or re.search(r"FLAGS_1.*\bNOW\b", dynamic),
        "has no RELRO segment": "GNU_RELRO" in segments,
        "may execute its stack": stack and " RWE " not in stack[0] and "E" not in stack[0].split()[-2],
        "has an RPATH": "RPATH" not in dynamic and "RUNPATH" not in dynamic,
        "has no stack protector": "__stack_chk_fail" in symbols,
        "has a segment both writable and executable": not re.search(r"LOAD\s.*\bRWE\b", segments),
    }
    return [f"{os.path.basename(program)}: {what}" for what, ok in wanted.items() if not ok]


WEAKER = {
    "is not position independent": ["-no-pie", "-fno-pie"],
    "binds lazily": ["-Wl,-z,lazy"],
    "has no RELRO segment": ["-Wl,-z,norelro"],
    "may execute its stack": ["-Wl,-z,execstack"],
    "has an RPATH": ["-Wl,-rpath,/nowhere"],
    "has no stack protector": ["-fno-stack-protector"],
}


def selftest_hardening(tree, build):
    strong = ["-fPIE", "-pie", "-O1", "-fstack-protector-all", "-Wl,-z,relro,-z,now,-z,noexecstack"]
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        source, program = os.path.join(folder, "p.c"), os.path.join(folder, "p")
        with open(source, "w", encoding="utf-8") as file:
            file.write('#include <stdio.h>\nint main(void) { char b[64]; return scanf("%63s", b); }\n')

        def violations(extra):
            subprocess.run(["cc", *strong, *extra, "-o", program, source], check=True)
            return check_hardening(tree, build, program)

        if violations([]):
            failures.append(f"a hardened program does not pass: {violations([])}")
        for what, extra in WEAKER.items():
            if not any(what in violation for violation in violations(extra)):
                failures.append(f"built with {extra}, a program passes as one that does not: {what}")
    return failures


# --- manual: what the program offers, its manual page tells ---


def check_manual(tree, build, page=None):
    program = os.path.join(build, "src/cli/leastwise")
    page = page if page is not None else read(os.path.join(tree, "doc/leastwise.1.scd"))

    def output(*arguments):
        result = subprocess.run([program, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        return result.stdout if result.returncode == 0 else None

    found = []
    verbs = re.findall(r"^src/cli/verb_(\w+)\.c$", "\n".join(sources(tree, "src/cli")), re.M)
    top_help = output("--help")
    if not verbs or top_help is None:
        return ["no verbs, or `leastwise --help` fails"]
    for verb in verbs:
        if not re.search(rf"^\s+{verb}\b", top_help, re.M):
            found.append(f"`leastwise --help` does not name the verb {verb}")
        if not re.search(rf"\*{verb}\*", page):
            found.append(f"doc/leastwise.1.scd does not tell of the verb {verb}")
        verb_help = output(verb, "--help")
        if verb_help is None:
            found.append(f"`leastwise {verb} --help` fails")
        for option in sorted(set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", (verb_help or "") + top_help))):
            if not re.search(rf"\*{option}\*", page):
                found.append(f"doc/leastwise.1.scd does not tell of {verb}'s option {option}")
    return found


def selftest_manual(tree, build):
    page = read(os.path.join(tree, "doc/leastwise.1.scd"))
    failures = []
    for lost in ("*--policy*", "*tools*"):
        if lost not in page or not check_manual(tree, build, page.replace(lost, "")):
            failures.append(f"a page without {lost} passes")
    return failures


# --- policies and threats: documents that name tests name tests that exist ---


def check_references(tree, build):
    """Every path in back quotes in these pages exists."""
    found = []
    for page in ("README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/threats.md", "subprojects/README.md"):
        full = os.path.join(tree, page)
        if not os.path.exists(full):
            found.append(f"{page}: does not exist")
            continue
        for number, line in enumerate(read(full).splitlines(), 1):
            for path in re.findall(r"`((?:src|tests|docs|doc|policies|subprojects|include|\.ci)/[\w./-]+)`", line):
                if not os.path.exists(os.path.join(tree, path)):
                    found.append(f"{page}:{number}: {path} does not exist")
            for path, function in re.findall(r"`(tests/[\w./-]+)` \(((?:`?\w+`?(?:, )?)+)\)", line):
                text = read(os.path.join(tree, path)) if os.path.isfile(os.path.join(tree, path)) else ""
                for name in re.findall(r"`(\w+)`", function):
                    if name not in text:
                        found.append(f"{page}:{number}: {path} has no {name}")
    return found


# --- threats: each has its row ---


def check_threats(tree, build):
    """T1 to T68 and T76 to T95, each once, in order, and with something in its last column."""
    rows = re.findall(r"^\| (T\d+) \| [^|]+ \| ([^|]*) \|$", read(os.path.join(tree, "docs/threats.md")), re.M)
    wanted = [f"T{number}" for number in [*range(1, 69), *range(76, 96)]]
    found = [f"docs/threats.md: {name} has nothing that holds it" for name, held in rows if len(held) < 10]
    if [name for name, held in rows] != wanted:
        found.append(f"docs/threats.md: rows are missing, doubled or out of order: {sorted(set(wanted) - {n for n, h in rows})}")
    return found


# --- reasons: the codes that records carry, and the page that tells what they mean ---

REASONS_PAGE = "docs/audit.md"
REASON_SOURCES = (
    # (file or folder, what a code looks like there)
    ("src/session", r'\brefuse\(\s*\w+,\s*&?\w+,\s*[^,"]+,\s*"([a-z-]+)"'),
    ("src/session/structured.c", r'->reason = "([a-z-]+)"'),
    ("src/session", r'\breason = [^;"]*STR\("([a-z-]+)"\)'),
    ("src/session", r'\breason = [^;]*STR\("[a-z-]+"\) : STR\("([a-z-]+)"\)'),
    ("src/session", r'\brefuse_(?:asked|hold)\([^"]*"([a-z-]+)"'),
    ("src/session", r'\b(?:record_end|approval_record)\([^";]*"([a-z-]+)"'),
    ("src/session", r'\bapproval_record\([^";]*"[a-z-]+" : "([a-z-]+)"'),
    ("src/session", r'\bgrant_record\([^";]*"([a-z-]+)"'),
    ("src/session", r'\b(?:record_upstream|note_upstream|upstream_fail|waiting_refuse|waiting_refuse_all|refuse_call)\([^";]*"([a-z-]+)"'),
    ("src/session/held_answer.c", r'^\s*\[HELD_\w+\] = "([a-z-]+)",'),
    ("src/session/waiting.c", r'^\s*\[WAITING_\w+\] = \{ "([a-z-]+)"'),
    ("src/session/elicit.c", r'\brecord\([^";]*"([a-z-]+)"'),
    ("src/session/approval.c", r'^\s*return "([a-z-]+)";'),
    ("src/session/decide.c", r'^\s*case POLICY_\w+:\s*return "([a-z-]+)";'),
    ("src/rpc/message.c", r'^\s*\[RPC_(?!WELL_FORMED)\w+\] = \{ "([a-z-]+)"'),
    ("src/io", r'\brecord\(p, [^"]*"([a-z-]+)"'),
    ("src/io", r'\b(?:proxy_life_event|upstream_event)\([^"]*"([a-z-]+)"\)'),
    ("src/io", r'\bp->reason : "([a-z-]+)"'),
)


def check_reasons(tree, build):
    """Every code in the sources is in the page's table, and the other way round."""
    page = read(os.path.join(tree, REASONS_PAGE))
    section = re.search(r"^### Reasons$(.*?)^### ", page, re.M | re.S)
    told = set()
    for row in re.findall(r"^\| [^|]+ \| (.*) \|$", section[1] if section else "", re.M):
        told |= set(re.findall(r"`([a-z-]+)`", re.sub(r"\([^)]*\)", "", row)))
    used = {}
    for place, code in REASON_SOURCES:
        paths = [place] if place.endswith(".c") else [path for path in sources(tree, place) if path.endswith(".c")]
        for path in paths:
            for name in re.findall(code, read(os.path.join(tree, path)), re.M):
                used.setdefault(name, path)
    found = [f"{used[name]}: {REASONS_PAGE} does not tell of the reason {name}" for name in sorted(set(used) - told)]
    return found + [f"{REASONS_PAGE}: no record has the reason {name}" for name in sorted(told - set(used))]


CHECKS = {
    "reasons": (
        check_reasons,
        [
            plant("src/session/planted.c", '        refuse(s, &r, 0, "planted-reason", "a text");\n'),
            plant("src/io/planted.c", '        proxy_life_event(p, LIFE_STOP, "planted-end");\n'),
            spoil(REASONS_PAGE, "`no-rule`", ""),
            spoil(REASONS_PAGE, "`no-rule`", "`no-rule`, `no-such-rule`"),
        ],
    ),
    "threats": (
        check_threats,
        [plant("docs/threats.md", "| T96 | a new one | nothing |\n"), plant("docs/threats.md", "| T5 | again | `tests/laws/laws.c` |\n")],
    ),
    "layers": (
        check_layers,
        [
            plant("src/base/str.c", '#include "policy.h"\n'),
            plant("src/policy/policy.h", '#  include "session.h"\n'),
            plant("src/newlayer/new.c", "/* SPDX-License-Identifier: Apache-2.0 */\n"),
        ],
    ),
    "uv": (
        check_uv,
        [plant("src/session/planted.c", "#include <uv.h>\n"), plant("include/leastwise/planted.h", '#include "uv.h"\n')],
    ),
    "spdx": (
        check_spdx,
        [
            plant("src/base/planted.c", "int planted;\n"),
            plant("tests/unit/planted.h", "\n/* SPDX-License-Identifier: Apache-2.0 */\n"),
            plant("tests/planted.sh", "#!/bin/sh\n"),
        ],
    ),
    "words": (
        check_words,
        [
            plant("src/base/planted.c", "/* TO" + "DO */\n"),
            plant("docs/planted.md", "see /wor" + "k/main/README\n"),
            plant("tests/planted.py", "# good enough for no" + "w\n"),
        ],
    ),
    "top": (
        check_top,
        [plant("notes.txt", "a note\n"), plant(".planted", "hidden\n"), plant("planted/file.md", "a folder\n"), unplant("LICENSE")],
    ),
    "gate": (
        check_gate,
        [
            plant("src/session/planted.c", "int planted(void)\n{\n        return output_copy(0, x, 0);\n}\n"),
            plant("src/io/planted.c", "void *planted = output_borrow;\n"),
            plant("src/session/planted.c", "int planted(void)\n{\n        return output_take(0, x, 0);\n}\n"),
            plant("src/session/planted.c", "int gate_forward(int a)\n{\n        return a;\n}\n"),
            plant("src/session/planted.c", "        p = (struct permit){ .number = 1 };\n"),
            plant("src/session/planted.c", "        struct permit permit = { .number = 1 };\n"),
            plant("src/session/planted.c", "        permit->number = 1;\n"),
            plant(GATE, "        permit_redeem(s, p);\n"),
        ],
    ),
    "references": (
        check_references,
        [plant("docs/threats.md", "\n`tests/unit/nowhere.c`\n"), unplant("CONTRIBUTING.md")],
    ),
    "hardening": (check_hardening, selftest_hardening),
    "manual": (check_manual, selftest_manual),
}


def copy_files(tree, target, paths):
    for path in paths:
        os.makedirs(os.path.dirname(os.path.join(target, path)), exist_ok=True)
        shutil.copyfile(os.path.join(tree, path), os.path.join(target, path))


def selftest(name, tree, build):
    check, plants = CHECKS[name]
    if callable(plants):
        return plants(tree, build)
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        copy_files(tree, folder, files_of(tree))
        before = check(folder, build)
        for number, violate in enumerate(plants, 1):
            path = violate(folder)
            if len(check(folder, build)) <= len(before):
                failures.append(f"{name}: planted violation {number} is not found")
            if os.path.exists(os.path.join(tree, path)):
                copy_files(tree, folder, [path])
            else:
                os.remove(os.path.join(folder, path))
        if check(folder, build) != before:
            failures.append(f"{name}: the planted violations were not taken away again")
    return failures


def main(arguments):
    if len(arguments) not in (3, 4) or arguments[0] not in ("check", "selftest") or arguments[1] not in CHECKS:
        print(__doc__, file=sys.stderr)
        return 2
    what, name, tree = arguments[:3]
    build = arguments[3] if len(arguments) == 4 else None
    violations = CHECKS[name][0](tree, build) if what == "check" else selftest(name, tree, build)
    for violation in violations:
        print(violation)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
