#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The server at the far end: records every byte that reaches it, and answers in the script's words or its own.

    upstream.py RECORD [SCRIPT]      SCRIPT: a JSON object, request id -> base64 of the bytes to write
"""
import base64
import json
import sys


def answer(message):
    tools = [{"name": name, "inputSchema": {"type": "object"}} for name in ("echo", "drop_all", "list_a")]
    results = {
        "tools/list": {"tools": tools},
        "tools/call": {"content": [{"type": "text", "text": "ran"}]},
        "initialize": {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "u", "version": "1"}},
    }
    return {"jsonrpc": "2.0", "id": message["id"], "result": results.get(message["method"], {})}


def main():
    script = {}
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding="utf-8") as file:
            script = json.load(file)
    with open(sys.argv[1], "wb", buffering=0) as record:
        for line in sys.stdin.buffer:
            record.write(line)
            try:
                message = json.loads(line)
                scripted = script.get(str(message.get("id")))
                if scripted is not None:
                    sys.stdout.buffer.write(base64.b64decode(scripted))
                elif "id" in message and "method" in message:
                    sys.stdout.buffer.write(json.dumps(answer(message), separators=(",", ":")).encode() + b"\n")
                sys.stdout.buffer.flush()
            except (ValueError, AttributeError, KeyError):
                continue


main()
