# SPDX-License-Identifier: Apache-2.0
"""A client of 2025-06-18 on the stdin and stdout of a process, and what it hears.

    class Session(StdioClient):
        def __init__(self, ...):
            super().__init__(argv, cwd=..., env=...)    # as subprocess.Popen
            self.shake_hands()
"""
import json
import os
import select
import subprocess
import time

PATIENCE_S = 20


class StdioClient:
    def __init__(self, argv, **process):
        self.ids, self.notes, self.said = 0, [], b""
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **process)

    def shake_hands(self):
        first = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}}
        self.answer(self.request("initialize", first))
        self.write({"method": "notifications/initialized"})

    def write(self, message):
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self.process.stdin.flush()

    def request(self, method, params):
        """The number that its answer has."""
        self.ids += 1
        self.write({"id": self.ids, "method": method, "params": params})
        return self.ids

    def answer(self, number):
        """The message that answers; the methods of those before it are in `notes`."""
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(f"the session has ended: {self.process.stderr.read().decode()}")
            message = json.loads(line)
            if message.get("id") == number:
                return message
            self.notes.append(message.get("method"))

    def hears(self, words):
        """Do they come on stderr? All that has come is in `said`."""
        end = time.monotonic() + PATIENCE_S
        while words not in self.said and time.monotonic() < end:
            if select.select([self.process.stderr], [], [], 1)[0]:
                self.said += os.read(self.process.stderr.fileno(), 65536)
        return words in self.said


def cards_of(text):
    """Of what `leastwise pending --json` printed."""
    found = json.loads(text) if text.strip() else []
    return found["cards"] if isinstance(found, dict) else found
