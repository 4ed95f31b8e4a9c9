#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the reader of commands with shlex and with the shells of this machine.

    command_test.py DRIVER RECORDER [CASES [SEED]]

What is readable must be cut into the same words by shlex, by str.split() where nothing is quoted, and by each shell, which must run
one program with just these words. Patterns are compared with regular expressions made from the same text.
"""
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ORDINARY = r"""
rec
rec --oneline -n 20
rec log HEAD..main -- src/a.c
rec install left-pad@1.3.0 --registry=https://registry.example/
rec commit -m "fix: a (small) thing; really & truly | now"
rec --author="A B" --since=2026-01-01 x:y a=b
rec "" "*" "#" "~" "it's" "{a,b}" "<x>" "a  b"
rec +nightly test -- --nocapture
""".strip().splitlines()

HOSTILE = [
    "rec;rec", "rec & rec", "rec&&rec", "rec||rec", "rec|rec", "rec>x", "rec 2>x", "rec <a", "rec $HOME", "rec ${HOME}", "rec $(rec)",
    "rec `rec`", "rec \"$(rec)\"", "rec \"`rec`\"", "rec $'a\\n'", "rec a\\ b", "rec 'a b'", "rec *", "rec ?", "rec [ab]", "rec {a,b}",
    "rec {1..3}", "rec ~", "rec a#b", "rec #b", "#rec", "!rec", "! rec", "A=b rec", "rec\nrec", "rec\rrec", "rec\trec", "rec\\\nb",
    "time rec", "exec rec", "eval rec", "command rec", "if rec", "{ rec; }", "(rec)", "rec <(rec)", "rec <<< a", "rec \"a\"b", "\"rec\"",
    "rec  a", " rec", "rec ", "rec \u00a0", "rec \u2028rec", "rec a\u200b", "rec \"!!\"", "rec \"a\\\"b\"", "rec a\0b", "rec %x%", "rec ^a^b",
    "rec =rec", "rec @a", "rec a,b", "rec \"a", "rec a\"", "rec \x1b[2J", "rec -\uff1brec", "coproc rec", "noglob rec", ". rec", ": rec",
]
PIECES = list(" \t\n\r;&|<>()$`\\\"'*?[]{}~!#%^,=@:+-./_0aB") + ["  ", "$(", "${", "$'", "&&", "||", ">>", "<(", "\\\n", "..", "rec", "a b", "--", "\0",
                                                                 "\x7f", "\u00a0", "\u3000", "\u2028", "\u201c", "\uff1b", "é", "\x0b", "\x0c"]
PLAIN = "ABCXYZabcxyz0189_-./:=+@"
QUOTABLE = "".join(chr(c) for c in range(0x20, 0x7F) if chr(c) not in "\"$`\\!%^")


def random_word(rng):
    head = "".join(rng.choice(PLAIN) for _ in range(rng.randint(0, 8))).lstrip("=@")
    if not head or rng.random() < 0.3:
        head += '"' + "".join(rng.choice(QUOTABLE) for _ in range(rng.randint(0, 12))) + '"'
    return head


def random_command(rng):
    return " ".join(["rec"] + [random_word(rng) for _ in range(rng.randint(0, 6))])


def mutate(rng, text):
    for _ in range(rng.randint(1, 3)):
        at = rng.randint(0, len(text))
        text = text[:at] + rng.choice(PIECES) + text[at + rng.choice((0, 0, 1, 2)) :]
    return text


class Driver:
    """Verdicts of many texts at once."""

    def __init__(self, program):
        self.program = program

    def judge(self, kind, cases):
        lines = "".join(f"{kind}\t{config}\t{data.hex()}\n" for config, data in cases)
        result = subprocess.run([self.program], input=lines, capture_output=True, text=True, check=True)
        answers = [line.split("\t") for line in result.stdout.split("\n")[:-1]]
        assert len(answers) == len(cases), (len(answers), len(cases))
        return answers


def words_of(answer):
    return [bytes.fromhex(word) for word in answer[1].split(",")]


def expect(condition, *what):
    if not condition:
        sys.exit("FAILED: " + " ".join(map(repr, what)))


# --- cutting ---


def check_splitters(data, words):
    text, cut = data.decode("ascii"), [word.decode("ascii") for word in words]
    expect(shlex.split(text) == cut, "shlex.split", text, cut)
    expect(shlex.split(text, comments=True) == cut or "#" in text, "shlex.split with comments", text, cut)
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    expect(list(lexer) == cut, "shlex with punctuation", text, cut)
    if '"' not in text:
        expect(text.split() == cut and text.split(" ") == cut, "split", text, cut)


SHELLS = [["sh"], ["bash"], ["bash", "--posix"], ["bash", "-O", "extglob"], ["dash"], ["busybox", "sh"], ["ksh"], ["mksh"], ["zsh"], ["fish"]]


def shells():
    found = [[shutil.which(shell[0]), *shell[1:]] for shell in SHELLS if shutil.which(shell[0])]
    expect(found, "there is no shell")
    return found


def check_shells(cases, recorder):
    """Each runs in a folder with files that wildcards would find, with nothing but the recorder to run."""
    with tempfile.TemporaryDirectory() as folder:
        programs, work, record = (os.path.join(folder, name) for name in ("programs", "work", "record"))
        os.mkdir(programs)
        os.mkdir(work)
        os.symlink(recorder, os.path.join(programs, "rec"))
        for name in ("a", "b", "aB", "0", "-", "rec"):
            open(os.path.join(work, name), "w", encoding="ascii").close()
        before = sorted(os.listdir(work))
        environment = {"PATH": programs, "RECORD": record, "HOME": work, "a": "expanded", "B": "expanded"}
        found = shells()
        for number, (data, words) in enumerate(cases):
            shell = found[number % len(found)]
            open(record, "w", encoding="ascii").close()
            result = subprocess.run([*shell, "-c", data], cwd=work, env=environment, capture_output=True, stdin=subprocess.DEVNULL, check=False)
            with open(record, encoding="ascii") as file:
                runs = file.read().splitlines()
            expect(result.returncode == 0 and len(runs) == 1, shell, data, runs, result.stderr)
            expect([bytes.fromhex(word) for word in runs[0].split(",")] == words, shell, data, runs, words)
        expect(sorted(os.listdir(work)) == before, "files were made or removed", sorted(os.listdir(work)))


def check_names(driver):
    """No word of a shell's grammar, nor a builtin that runs text, begins a plain command."""
    names = "eval exec command builtin source . : trap alias unalias set export readonly declare typeset local time noglob nocorrect".split()
    for shell, listing in (("bash", "compgen -k"), ("zsh", "print -l ${(k)reswords}")):
        if shutil.which(shell):
            names += subprocess.run([shell, "-c", listing], capture_output=True, text=True, check=True).stdout.split()
    for name, answer in zip(names, driver.judge("words", [("", f"{name} rec".encode()) for name in names])):
        expect(answer[0] == "unreadable", name)


def check_cutting(driver, recorder, rng, count):
    ordinary = [text.encode() for text in ORDINARY] + [random_command(rng).encode() for _ in range(count)]
    hostile = [text.encode() for text in HOSTILE]
    mutated = [mutate(rng, rng.choice(ORDINARY + HOSTILE)).encode() for _ in range(count)]
    mutated += [mutate(rng, random_command(rng)).encode() for _ in range(count)]
    readable = []
    for texts, wanted in ((ordinary, "holds"), (hostile, "unreadable"), (mutated, None)):
        for data, answer in zip(texts, driver.judge("words", [("", data) for data in texts])):
            expect(wanted in (None, answer[0]), "should be " + str(wanted), data, answer)
            if answer[0] == "holds":
                check_splitters(data, words_of(answer))
                readable.append((data, words_of(answer), texts is mutated))
    changed = [case[:2] for case in readable if case[2] and case[1][0] == b"rec"]
    expect(len(changed) > count // 10, "too few mutated texts are readable", len(changed))
    rng.shuffle(changed)
    runs = [case[:2] for case in readable[: len(ORDINARY)]] + changed[: max(200, count // 20)]
    check_shells(runs, recorder)
    return len(ordinary) + len(hostile) + len(mutated), len(runs)


# --- patterns ---


def elements(word):
    """A pattern's word as (what, quoted) where what is a character class in a regular expression, or `*`."""
    found, quoted, at = [], False, 0
    while at < len(word):
        c = word[at]
        if c == '"':
            quoted = not quoted
        elif c == "\\":
            at += 1
            found.append((re.escape(word[at]), quoted))
        elif c == "[":
            end = word.index("]", at)
            inside = word[at + 1 : end]
            found.append((("^" + inside[1:]) if inside[0] == "!" else inside, quoted, "class"))
            at = end
        else:
            found.append((c if c in "*?" else re.escape(c), quoted, *(["wild"] if c in "*?" else [])))
        at += 1
    return found


def word_matches(pattern, word, denies):
    parts = elements(pattern)
    wild = [len(part) == 3 for part in parts]
    expression = ""
    for part in parts:
        blank = "" if denies or part[1] else "(?! )"
        if len(part) == 2:
            expression += part[0]
        elif part[2] == "class":
            expression += f"{blank}[{part[0]}]"
        else:
            expression += f"(?:{blank}.)" + ("*" if part[0] == "*" else "")
    if not re.fullmatch(expression, word):
        return False
    if denies or True not in wild:
        return True
    literal = "".join(re.sub(r"\\(.)", r"\1", part[0]) for part in parts[: wild.index(True)])
    if not literal and word.startswith("-"):
        return False
    return ".." not in re.split("[/:=, ]", word[len(re.match("(?:.*[/:=, ])?", literal)[0]) :])


def pattern_matches(pattern, words, denies):
    rest = re.search(r' (-?\*\*|"-?\*\*")$', pattern)
    wanted = (pattern[: rest.start()] if rest else pattern).split(" ")
    if len(words) < len(wanted) or (len(words) > len(wanted) and not rest):
        return False
    if not all(word_matches(*pair, denies) for pair in zip(wanted, words)):
        return False
    for word in words[len(wanted) :]:
        if not denies and (
            (word.startswith("-") and "-" not in rest[1]) or (" " in word and '"' not in rest[1]) or ".." in re.split("[/:=, ]", word)
        ):
            return False
    return True


def random_pattern(rng):
    """Over the same few characters as the words that it meets."""
    words = ["rec"]
    for _ in range(rng.randint(0, 3)):
        parts = [rng.choice(["a", "b", "-", ".", "/", "*", "*", "?", "[ab]", "[!a]", "[a-b.]", "\\a"]) for _ in range(rng.randint(1, 4))]
        word = re.sub(r"\*+", "*", "".join(parts))
        words.append(f'"{word}"' if rng.random() < 0.3 else word)
    return " ".join(words) + rng.choice(["", "", " **", " -**", ' "**"', ' "-**"'])


def check_patterns(driver, rng, count):
    cases, held = [], 0
    for _ in range(count):
        words = ["rec"] + ["".join(rng.choice("aab-./ ") for _ in range(rng.randint(0, 4))) for _ in range(rng.randint(0, 4))]
        text = " ".join(word if word and " " not in word else f'"{word}"' for word in words)
        cases.append((random_pattern(rng), text.encode(), words))
    for kind, denies in (("command", False), ("command-deny", True)):
        for (pattern, data, words), answer in zip(cases, driver.judge(kind, [case[:2] for case in cases])):
            wanted = "holds" if pattern_matches(pattern, words, denies) else "does-not"
            expect(answer[0] == wanted, kind, pattern, data, answer, wanted)
            held += answer[0] == "holds"
    expect(held > count // 20, "too few patterns match", held)
    return 2 * count


def main(arguments):
    driver, recorder = Driver(arguments[0]), os.path.abspath(arguments[1])
    count = int(arguments[2]) if len(arguments) > 2 else 3000
    rng = random.Random(int(arguments[3]) if len(arguments) > 3 else 20261121)
    check_names(driver)
    texts, runs = check_cutting(driver, recorder, rng, count)
    patterns = check_patterns(driver, rng, 5 * count)
    print(f"{texts} texts, {runs} run by {len(shells())} shells, {patterns} patterns")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
