#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The programs of contrib/, with a notify-send and a chat service that are made up."""
import http.server
import json
import os
import stat
import subprocess
import sys
import tempfile
import threading
import unittest

CONTRIB = sys.argv.pop(1)

CARD = {
    "id": "7F3K2Q", "digest": "5a" * 32, "state": "open", "session": "01JABCDEFGHJKMNPQRSTVWXYZ0", "server": "npx files",
    "method": "tools/call", "tool": "delete_file", "say": "", "undo": "", "reach": "", "policy": "p", "rule": "r", "rule_file": "p.yaml",
    "rule_line": 3, "because": "It is gone then.", "arguments": '{"path":"a<b>\u202e\\u001b[2J"}', "lane": "", "client": "c", "client_pid": 7,
    "agent": "", "marks": "", "approvals_before": 0, "denials_before": 0, "asked": 1, "waiting": 1, "by": 1, "given": 0,
    "created_ms": 1, "expires_ms": 2,
}  # fmt: skip


def run(program, *arguments, card=CARD, env=None):
    return subprocess.run([os.path.join(CONTRIB, program), *arguments], input=json.dumps(card), env=env, capture_output=True, text=True,
        timeout=60, check=False)  # fmt: skip


class Desktop(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def notify(self, pressed, *arguments, status=0, card=CARD):
        """The program's result, and what notify-send was given."""
        fake = os.path.join(self.folder.name, "notify-send")
        given = os.path.join(self.folder.name, "given")
        with open(fake, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\nprintf '%s\\0' \"$@\" > '{given}'\nenv > '{given}.env'\nprintf '{pressed}'\nexit {status}\n")
        os.chmod(fake, stat.S_IRWXU)
        env = {"PATH": self.folder.name + ":" + os.environ["PATH"]}
        done = run("notify-desktop", *arguments, card=card, env=env)
        with open(given, encoding="utf-8") as file:
            words = file.read().split("\0")
        with open(given + ".env", encoding="utf-8") as file:
            self.assertIn(f"DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/{os.geteuid()}/bus\n", file.read())
        return done, words

    def test_tells(self):
        done, words = self.notify("")
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertNotIn("--wait", words)
        self.assertIn("Approve 7F3K2Q?", words)
        body = words[-2]
        self.assertIn("arguments: {\"path\":\"a&lt;b&gt;\\u{202E}\\\\u001b[2J\"}\n", body)
        self.assertIn("leastwise approve 7F3K2Q", body)
        self.assertTrue(all(c == "\n" or " " <= c <= "~" for c in body))

    def test_asks(self):
        for pressed, said in [
            ("approve\\n", {"verdict": "approve"}),
            ("deny\\n", {"verdict": "deny", "because": "denied on the desktop"}),
            ("", None),
            ("0\\n", None),
        ]:
            done, words = self.notify(pressed, "--ask")
            self.assertIn("--action=approve=Approve once", words)
            self.assertEqual(done.returncode, 0)
            self.assertEqual(json.loads(done.stdout) if done.stdout else None, said)

    def test_what_is_not_shown_as_a_whole_cannot_be_approved(self):
        done, words = self.notify("approve\\n", "--ask", card=dict(CARD, arguments='"' + "x" * 300 + '"'))
        self.assertEqual([w for w in words if w.startswith("--action")], ["--action=deny=Deny"])
        self.assertEqual(done.stdout, "")

    def test_no_argument_of_a_program_holds_the_code(self):
        """/proc shows them to every process of the machine, the agent's too."""
        for more in ({}, {"arguments": '"' + "x" * 300 + '"'}):
            for ask in ((), ("--ask",)):
                _, words = self.notify("", *ask, card=dict(CARD, code="ABCDEF", **more))
                self.assertNotIn("ABCDEF", "".join(words))
                self.assertIn("leastwise approve 7F3K2Q (shows the code for the client's form)", words[-2])
        _, words = self.notify("")
        self.assertNotIn("code", "".join(words))

    def test_a_desktop_that_is_not_there(self):
        done, _ = self.notify("", "--ask", status=1)
        self.assertEqual((done.returncode, done.stdout), (1, ""))


class Chat(unittest.TestCase):
    def serve(self, answers):
        """A service that gives these, in turn; returns its address and the list of what it got."""
        got = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                got.append((self.headers.get("Authorization"), json.loads(body)))
                status, text = answers[min(len(got), len(answers)) - 1]
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", text)
                    text = ""
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *args):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}/", got

    def test_an_answer_after_a_while(self):
        with tempfile.NamedTemporaryFile("w", encoding="ascii") as token:
            token.write("t0ken\n")
            token.flush()
            url, got = self.serve([(202, ""), (202, ""), (200, '{"verdict":"deny","because":"no"}')])
            done = run("ask-http", "--token-file", token.name, url)
        self.assertEqual(json.loads(done.stdout), {"verdict": "deny", "because": "no"})
        self.assertEqual(len(got), 3)
        authorization, body = got[0]
        self.assertEqual(authorization, "Bearer t0ken")
        self.assertEqual(body["card"], CARD)
        self.assertTrue(all(c == "\n" or " " <= c <= "~" for c in body["text"]))
        self.assertIn("\\u{202E}", body["text"])

    def test_what_is_no_answer(self):
        for answer in [(410, ""), (200, '{"verdict":"maybe"}'), (200, "[]"), (200, "not json")]:
            url, _ = self.serve([answer])
            done = run("ask-http", url)
            self.assertNotEqual(done.returncode, 0)
            self.assertEqual(done.stdout, "")

    def test_no_redirects_and_no_plain_http(self):
        other, got = self.serve([(200, '{"verdict":"approve"}')])
        url, _ = self.serve([(302, other), (410, "")])
        self.assertEqual(run("ask-http", url).stdout, "")
        self.assertEqual(got, [])
        self.assertIn("usage", run("ask-http", "http://bot.example/").stderr)


if __name__ == "__main__":
    unittest.main()
