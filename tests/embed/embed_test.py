#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What users of the library get.

    embed_test.py symbols LIBRARY MAP HEADERS NM         the symbols exported are those of the map, and of the headers
    embed_test.py headers HEADERS GENERATED              each public header compiles alone, in every dialect
    embed_test.py installed BUILD EXAMPLE PAGE -- CC [FLAG]
                                                         the example, built against the installed library, says what the page says

HEADERS is the folder with leastwise/ in it; GENERATED the one that version.h was made in.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

# The library decides; it opens, starts, prints and ends nothing.
FORBIDDEN = re.compile(
    r"^(?:open(?:64|at)?|f?open|creat|read|write|p?(?:read|write)v?|socket|connect|fork|vfork|clone|execv\w*|posix_spawnp?|system|popen|"
    r"f?printf|__f?printf_chk|puts|fputs|fputc|putchar|fwrite|fflush|perror|syslog|exit|_exit|quick_exit|setlocale|"
    r"signal|sigaction|pthread_create|time|clock_gettime|gettimeofday|getenv|setenv|stdout|stderr|stdin)$"
)

EXAMPLE_LINES = 40


def run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stdout}")
    return done.stdout


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def symbols(library, map_file, headers, nm):
    mapped, declared, exported, node = {}, {}, {}, None
    for line in read(map_file).splitlines():
        opened = re.match(r"(\w+) \{$", line)
        node = opened[1] if opened else node
        name = re.match(r"\s+(\w+);$", line)
        if name:
            mapped[name[1]] = node
    for line in run([nm, "-D", "--defined-only", library]).splitlines():
        found = re.search(r" [A-Z] (\w+)@@(\w+)$", line)
        if found:
            exported[found[1]] = found[2]
        elif not re.search(r" A \w+$", line):
            raise SystemExit(f"{library} exports a symbol without a version: {line}")
    for name in sorted(os.listdir(os.path.join(headers, "leastwise"))):
        if name.endswith((".h", ".h.in")):
            text = re.sub(r"/\*.*?\*/", "", read(os.path.join(headers, "leastwise", name)), flags=re.S)
            version = "LEASTWISE_UNSTABLE" if name == "session.h" else "LEASTWISE_0"
            declared.update(dict.fromkeys(re.findall(r"^\w[\w *]*\b(leastwise_\w+)\(", text, re.M), version))
    problems = [f"{name}: in the map {mapped.get(name)}, exported {exported.get(name)}, declared {declared.get(name)}"
                for name in sorted({*mapped, *exported, *declared})
                if not mapped.get(name) == exported.get(name) == declared.get(name)]
    if len(exported) < 30:
        problems.append(f"only {len(exported)} symbols are exported")
    for line in run([nm, "-D", "--undefined-only", library]).splitlines():
        name = line.split()[-1].split("@")[0]
        if FORBIDDEN.match(name):
            problems.append(f"the library uses {name}()")
    return problems


DIALECTS = (("c", ("gcc", "clang"), ("c99", "c11")), ("c++", ("g++", "clang++"), ("c++11",)))


def headers_alone(headers, generated):
    problems, compiled = [], 0
    names = [name.removesuffix(".in") for name in sorted(os.listdir(os.path.join(headers, "leastwise")))
             if name.endswith((".h", ".h.in"))]
    for language, compilers, standards in DIALECTS:
        for compiler in filter(shutil.which, compilers):
            for standard in standards:
                for name in names:
                    define = "#define LEASTWISE_USE_UNSTABLE\n" if name == "session.h" else ""
                    text = f"{define}#include <leastwise/{name}>\n#include <leastwise/{name}>\nint unit;\n"
                    command = [compiler, "-x", language, f"-std={standard}", "-Wall", "-Wextra", "-pedantic", "-Werror",
                               "-fsyntax-only", f"-I{headers}", f"-I{generated}", "-"]
                    done = subprocess.run(command, input=text, capture_output=True, text=True)
                    compiled += 1
                    if done.returncode:
                        problems.append(f"{name} as {standard} by {compiler}:\n{done.stderr}")
    if compiled == 0:
        raise SystemExit(77)
    unguarded = subprocess.run(["cc", "-fsyntax-only", "-x", "c", f"-I{headers}", f"-I{generated}", "-"],
                               input="#include <leastwise/session.h>\n", capture_output=True, text=True)
    if unguarded.returncode == 0:
        problems.append("session.h can be used without LEASTWISE_USE_UNSTABLE")
    return problems


def installed(build, example, page, compiler):
    page, source = read(page), read(example)
    if source.count("\n") > EXAMPLE_LINES:
        return [f"the example has {source.count(chr(10))} lines: it shows how little it takes in {EXAMPLE_LINES}"]
    expected = re.search(r"^```console\n(.*?)^```", page, re.M | re.S)[1]
    for block in re.findall(r"^```c\n(.*?)^```", page, re.M | re.S):
        if block not in source:
            return [f"the page has code that the example has not:\n{block}"]
    with tempfile.TemporaryDirectory() as root:
        environment = dict(os.environ, DESTDIR=root)
        run(["meson", "install", "-C", build, "--no-rebuild", "--tags", "runtime,devel"], env=environment)
        found = [os.path.join(where, name) for where, _, names in os.walk(root) for name in names]
        config = [path for path in found if path.endswith("/pkgconfig/leastwise.pc")]
        library = [path for path in found if re.search(r"/libleastwise\.so\.0$", path)]
        if len(config) != 1 or len(library) != 1:
            return [f"not one pkg-config file and one library are installed: {found}"]
        environment.update(PKG_CONFIG_PATH=os.path.dirname(config[0]), PKG_CONFIG_SYSROOT_DIR=root)
        flags = run(["pkg-config", "--cflags", "--libs", "leastwise"], env=environment).split()
        program = os.path.join(root, "minimal")
        run([*compiler, "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", example, "-o", program, *flags])
        environment["LD_LIBRARY_PATH"] = os.path.dirname(library[0])
        output = run([program], env=environment)
    return [] if output == expected else [f"the example says:\n{output}and not:\n{expected}"]


def main(arguments):
    what, rest = arguments[0], arguments[1:]
    if what == "symbols":
        problems = symbols(*rest)
    elif what == "headers":
        problems = headers_alone(*rest)
    else:
        problems = installed(*rest[:3], rest[4:])
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
