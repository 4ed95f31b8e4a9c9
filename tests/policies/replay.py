#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""replay.py LIST: a server that lists what the file says, and can do nothing else.

LIST is JSON: `tools`, and where the server has them `resources`, `resourceTemplates` and `prompts`, each listed two entries a page.
"""
import json
import sys

LISTS = {
    "tools/list": "tools",
    "resources/list": "resources",
    "resources/templates/list": "resourceTemplates",
    "prompts/list": "prompts",
}
PAGE = 2


def answer(message, lists):
    method = message["method"]
    if method == "initialize":
        able = {"tools": {}}
        if "resources" in lists or "resourceTemplates" in lists:
            able["resources"] = {}
        if "prompts" in lists:
            able["prompts"] = {}
        return {"result": {"protocolVersion": "2025-11-25", "capabilities": able, "serverInfo": {"name": "replay", "version": "1"}}}
    if method not in LISTS or LISTS[method] not in lists:
        return {"error": {"code": -32601, "message": "Method not found"}}
    entries = lists[LISTS[method]]
    start = int(message.get("params", {}).get("cursor", "0"))
    result = {LISTS[method]: entries[start:start + PAGE]}
    if start + PAGE < len(entries):
        result["nextCursor"] = str(start + PAGE)
    return {"result": result}


def main(path):
    with open(path, encoding="utf-8") as file:
        lists = json.load(file)
    for line in sys.stdin:
        message = json.loads(line)
        if "id" in message:
            print(json.dumps({"jsonrpc": "2.0", "id": message["id"], **answer(message, lists)}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
