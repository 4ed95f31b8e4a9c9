#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""files_test.py LEASTWISE POLICIES: every shipped policy is good and without warnings (but for the one that opens everything), and no policy file that others could write is read.

Threat T82, from outside: what is refused is refused with exit status 3, nothing is started, and the message names the file and,
where a command mends it, the command.
"""
import os
import socket
import subprocess
import sys
import tempfile

GOOD = "leastwise: 1\nname: x\npurpose: y\ntools: { allow: [a] }\n"
LIMIT = 1 << 20


def main(leastwise, policies):
    failures = []

    def run(path, wanted, part, what):
        marker = os.path.join(os.path.dirname(home), "started")
        result = subprocess.run(
            [leastwise, "run", "--policy", path, "--", "/bin/sh", "-c", f"touch '{marker}'"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
            env={"HOME": home, "PATH": "/usr/bin:/bin"},
        )
        started = os.path.exists(marker)
        if started:
            os.remove(marker)
        if result.returncode != wanted or started != (wanted == 0) or part not in result.stderr:
            failures.append(f"{what}: status {result.returncode}, started {started}, wanted {wanted} and {part!r}: {result.stderr}")

    def put(name, text=GOOD, mode=0o600):
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    with tempfile.TemporaryDirectory() as top:
        home, folder = os.path.join(top, "home"), os.path.join(top, "policies")
        os.mkdir(home, 0o700)
        os.mkdir(folder, 0o700)

        shipped = sorted(name for name in os.listdir(policies) if name.endswith(".yaml"))
        if not shipped:
            failures.append("no policy ships")
        for name in shipped:
            with open(os.path.join(policies, name), encoding="utf-8") as file:
                path = put(name, file.read())
            result = subprocess.run([leastwise, "check", *([] if name == "allow-all.yaml" else ["--strict"]), path], capture_output=True, text=True, check=False)
            if result.returncode != 0:
                failures.append(f"{name}: {result.stdout}{result.stderr}")

        told = put("told.yaml", "leastwise: 1\nname: x\npurpose: y\ntools: { allow: [{ tool: a, when: { b: { matches: 'c+' } } }] }\n")
        for value, wanted in (("cc", 0), ("cd", 1)):
            result = subprocess.run(
                [leastwise, "explain", told, "--tool", "a", "--args", '{"b":"%s"}' % value], capture_output=True, text=True, check=False
            )
            if result.returncode != wanted:
                failures.append(f"explain does not decide {value} as run would: {result.stdout}{result.stderr}")

        good = put("good.yaml")
        run(good, 0, "", "a good file")
        run(put("read.yaml", mode=0o644), 0, "", "a file that others can read")
        run(put("group.yaml", mode=0o620), 3, "chmod go-w", "a file that its group can write")
        run(put("world.yaml", mode=0o602), 3, "chmod go-w", "a file that anybody can write")
        run(os.path.join(folder, "missing.yaml"), 3, "missing.yaml", "no file")
        run(folder, 3, "directory", "a directory")
        run(put("empty.yaml", ""), 3, "empty", "an empty file")
        run(put("comment.yaml", "# nothing\n"), 3, "comment.yaml", "a file with nothing in it")
        run(put("typo.yaml", GOOD.replace("allow", "alow")), 3, "did you mean `allow`", "a misspelt key")
        run(put("limit.yaml", GOOD + "#" * (LIMIT - len(GOOD) - 1) + "\n"), 0, "", "a file at the limit")
        run(put("large.yaml", GOOD + "#" * (LIMIT - len(GOOD)) + "\n"), 3, "1 MiB", "a file past the limit")

        fifo = os.path.join(folder, "fifo")
        os.mkfifo(fifo, 0o600)
        run(fifo, 3, "regular file", "a pipe, which must not be waited for")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(os.path.join(folder, "socket"))
            run(os.path.join(folder, "socket"), 3, "socket", "a socket")
        run("/dev/null", 3, "/dev/null", "a device")
        if os.getuid() == 0:
            stranger = put("stranger.yaml")
            os.chown(stranger, 65534, 65534)
            run(stranger, 3, "another user", "a file of another user")

        os.chmod(folder, 0o770)
        run(good, 3, "chmod go-w", "a directory that its group can write")
        os.chmod(folder, 0o700)
        link = os.path.join(top, "link.yaml")
        os.symlink(good, link)
        run(link, 0, "", "a link to a good file")
        os.chmod(folder, 0o777)
        run(link, 3, "chmod go-w", "a link into a directory that anybody can write")
        os.chmod(folder, 0o700)

    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
