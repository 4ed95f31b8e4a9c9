# SPDX-License-Identifier: Apache-2.0
"""A session's control socket without a session: what `leastwise watch` and the other verbs talk to.

    server = ControlServer(runtime_dir)          # the directory that XDG_RUNTIME_DIR names
    server.open(card("7F3K2Q", arguments={...})) # tells those that watch
    server.answers                               # the params of each approval/answer, in order
"""
import hashlib
import json
import os
import random
import socket
import threading
import time

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def card(name, **fields):
    """A card's JSON object; `arguments` may be a value or JSON text."""
    now_ms = int(time.time() * 1000)
    arguments = fields.pop("arguments", {})
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False, separators=(",", ":"))
    whole = {
        "id": name,
        "digest": hashlib.sha256((name + text).encode("utf-8", "surrogatepass")).hexdigest(),
        "state": "open",
        "session": "01K9ZZ8F3V7E0000000000AAAA",
        "server": "github-mcp-server stdio",
        "method": "tools/call",
        "tool": "delete_branch",
        "say": "",
        "undo": "",
        "reach": "",
        "policy": "github-triage",
        "rule": "branches.destructive",
        "rule_file": "/etc/leastwise/github.yaml",
        "rule_line": 41,
        "because": "",
        "arguments": text,
        "lane": "",
        "client": "claude-code 2.1.199",
        "client_pid": 4121,
        "agent": "",
        "marks": "",
        "approvals_before": 0,
        "denials_before": 0,
        "asked": 1,
        "waiting": 1,
        "by": 1,
        "given": 0,
        "created_ms": now_ms,
        "expires_ms": now_ms + 300000,
    }
    # These are there only when they say something.
    assert set(fields) <= {*whole, "code", "must_sign"}, fields
    whole.update(fields)
    return whole


def grant(name, tool="send", seconds=900):
    """A grant's JSON object."""
    now_ms = int(time.time() * 1000)
    return {
        "id": name, "session": "01K9ZZ8F3V7E0000000000AAAA", "server": "github-mcp-server stdio", "tool": tool, "because": "incident 42",
        "by": "local", "policy": "leastwise: 1\n", "created_ms": now_ms, "expires_ms": now_ms + 1000 * seconds, "uses": 0,
    }


def stop(name, what='the tools "delete_*"', because="incident 42"):
    """A stop's, as sessions tell of it."""
    return {"id": name, "system": False, "what": what, "because": because}


class ControlServer:
    def __init__(self, runtime_dir):
        self.session = "01K9ZZ8F3V" + "".join(random.choice(ALPHABET) for _ in range(16))
        folder = os.path.join(runtime_dir, "leastwise")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self.path = os.path.join(folder, self.session + ".sock")
        self.cards, self.answers, self.watching = {}, [], []
        self.grants, self.stops = [], []
        self.refusal = None  # the message that answers are refused with
        self.after_approval = "used"
        self.lock = threading.RLock()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o600)
        self.listener.listen(8)
        self.accepting = threading.Thread(target=self._accept, daemon=True)
        self.accepting.start()

    def stop(self):
        """May be called again."""
        if self.listener.fileno() < 0:
            return
        with self.lock:
            for peer in self.watching:
                try:
                    peer.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it has gone first
            self.watching = []
        # A thread that is about to accept would take the next server's visitors: its descriptor may have the same number.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.accepting.join()
        self.listener.close()
        if os.path.exists(self.path):
            os.unlink(self.path)

    def open(self, new):
        """A new card, or one that has changed."""
        with self.lock:
            self.cards[new["id"]] = new
            self.tell("approval/card", {"card": new})

    def close(self, name, state):
        with self.lock:
            self.cards.pop(name, None)
            self.tell("approval/closed", {"id": name, "state": state})

    def set_grants(self, grants):
        with self.lock:
            self.grants = grants
            self.tell("grant/list", {"grants": grants})

    def set_stops(self, stops):
        with self.lock:
            self.stops = stops
            self.tell("stop/list", {"stops": stops})

    def notice(self, text):
        self.tell("session/notice", {"text": text})

    def tell(self, method, params):
        line = json.dumps({"jsonrpc": "2.0", "method": method, "params": params}, ensure_ascii=False) + "\n"
        with self.lock:
            for peer in self.watching:
                try:
                    peer.sendall(line.encode("utf-8"))
                except OSError:
                    pass

    def send_raw(self, line):
        with self.lock:
            for peer in self.watching:
                peer.sendall(line)

    def _accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        try:
            for line in peer.makefile("r", encoding="utf-8"):
                request = json.loads(line)
                with self.lock:
                    answer = {"jsonrpc": "2.0", "id": request["id"], **self._answer(peer, request["method"], request["params"])}
                    peer.sendall((json.dumps(answer, ensure_ascii=False) + "\n").encode("utf-8"))
                    if request["method"] == "approval/answer" and "result" in answer:
                        self.close(request["params"]["id"], answer["result"]["state"])
        except (OSError, ValueError):
            pass

    def _answer(self, peer, method, params):
        if method in ("watch/start", "pending/list"):
            if method == "watch/start":
                self.watching.append(peer)
            return {"result": {"cards": list(self.cards.values()), "grants": self.grants, "stops": self.stops}}
        if method != "approval/answer":
            return {"error": {"code": -32601, "message": "no such method"}}
        self.answers.append(params)
        if self.refusal:
            return {"error": {"code": -32001, "message": self.refusal}}
        held = self.cards.get(params["id"])
        if not held or params.get("digest", held["digest"]) != held["digest"]:
            return {"error": {"code": -32001, "message": "there is no such card"}}
        state = self.after_approval if params["verdict"] == "approve" else "denied"
        return {"result": {"id": params["id"], "state": state, "given": 1, "by": 1}}
