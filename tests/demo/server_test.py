#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""server_test.py SERVER FOLDER: the demo server answers server.in.jsonl with server.out.jsonl, however its input is cut."""
import os
import subprocess
import sys

TOO_LONG = (10 << 20) + 1


def talk(server, pieces):
    """What the server writes to both its outputs, and its exit status."""
    environment = dict(os.environ, DEMO_TOKEN="abcdef0123456789")
    # Answers wait in the pipe or in communicate(): the input is small enough for one, or is written in one piece.
    process = subprocess.Popen(
        [server], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    for piece in pieces[:-1]:
        process.stdin.write(piece)
        process.stdin.flush()
    out, err = process.communicate(pieces[-1])
    return out, err, process.returncode


def main(server, folder):
    def read(name):
        with open(os.path.join(folder, name), "rb") as file:
            return file.read()

    given, wanted = read("server.in.jsonl"), read("server.out.jsonl")
    ping = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
    pong = b'{"jsonrpc":"2.0","id":1,"result":{}}\n'
    cases = [
        ("whole", [given], wanted),
        ("byte by byte", [given[i : i + 1] for i in range(len(given))], wanted),
        ("a last line without its newline", [ping + b"\n" + ping], pong),
        ("a line at the limit", [b" " * (TOO_LONG - 1 - len(ping)) + ping + b"\n"], pong),
        ("a line past the limit", [b" " * (TOO_LONG - len(ping)) + ping + b"\n" + ping + b"\n"], pong),
    ]
    failures = 0
    for name, pieces, expected in cases:
        out, err, status = talk(server, pieces)
        if out != expected or status != 0 or not err.startswith(b"leastwise-demo-server "):
            failures += 1
            print(f"{name}: status {status}, {err[:300]!r}")
            for shown, real in zip(expected.splitlines() + [b""], out.splitlines() + [b""]):
                if shown != real:
                    print(f"  expected {shown[:300]!r}\n  got      {real[:300]!r}")
                    break
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
