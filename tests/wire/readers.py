# SPDX-License-Identifier: Apache-2.0
"""Independent readers of what reached a peer. Each turns chunks of bytes into lists of facts:

    method M    a message with that method        call N   a call of that tool
    asks M      a request for input, in a result  tool N   an entry of a list of tools

A reader that this machine lacks is named, with the reason, and not counted.
"""
import base64
import io
import json
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


def values_of(container):
    if isinstance(container, dict):
        return list(container.values())
    return container if isinstance(container, list) else []


def member(value, name):
    return value.get(name) if isinstance(value, dict) else None


def facts_of(value):
    if isinstance(value, list):
        return [fact for each in value for fact in facts_of(each)]
    facts = []
    method, params, result = member(value, "method"), member(value, "params"), member(value, "result")
    if isinstance(method, str):
        facts.append("method " + method)
    if method == "tools/call":
        facts.append("call %s" % member(params, "name"))
    for body in (params, result):
        facts += ["asks %s" % member(each, "method") for each in values_of(member(body, "inputRequests"))]
    return facts + ["tool %s" % member(each, "name") for each in values_of(member(result, "tools"))]


def read_python(chunks):
    """As the Python SDK reads: text with universal newlines, what is not UTF-8 replaced."""
    for chunk in chunks:
        facts = []
        for line in io.TextIOWrapper(io.BytesIO(chunk), encoding="utf-8", errors="replace"):
            try:
                facts += facts_of(json.loads(line))
            except (ValueError, RecursionError):
                continue
        yield facts


def run(command, text, **more):
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True, **more)
    return done.stdout.decode("utf-8", "replace").split("\n")[:-1]


def in_base64(command):
    def read(chunks):
        lines = run(command, b"".join(base64.b64encode(chunk) + b"\n" for chunk in chunks))
        return [json.loads(line) for line in lines]

    return read


def with_lengths(command):
    def read(chunks):
        lines = run(command, b"".join(b"%d\n%s" % (len(chunk), chunk) for chunk in chunks))
        return [line.split("\x1f")[:-1] for line in lines]

    return read


def build_go(folder):
    go = shutil.which("go") or ("/usr/local/go/bin/go" if os.access("/usr/local/go/bin/go", os.X_OK) else None)
    if not go:
        return None, "no go here"
    program = os.path.join(folder, "read_go")
    environment = dict(os.environ, GOCACHE=os.path.join(folder, "go"), GO111MODULE="off", GOFLAGS="", GOTOOLCHAIN="local", CGO_ENABLED="0")
    built = subprocess.run([go, "build", "-o", program, os.path.join(HERE, "read_go.go")], env=environment, stderr=subprocess.PIPE, check=False)
    return (program, None) if built.returncode == 0 else (None, "go build failed: %r" % built.stderr[-200:])


def all_readers(cjson, folder):
    """Name -> reader, and name -> why there is none. `folder` is where programs are built, and kept."""
    found, missing = {"python": read_python}, {}
    folder = os.path.abspath(folder)
    os.makedirs(folder, exist_ok=True)
    node = shutil.which("node")
    if node:
        found["node"] = in_base64([node, os.path.join(HERE, "read_node.js")])
    else:
        missing["node"] = "no node here"
    go, reason = build_go(folder)
    if go:
        found["go"] = in_base64([go])
    else:
        missing["go"] = reason
    for lookup in ("sensitive", "insensitive"):
        if cjson:
            found["cjson-" + lookup] = with_lengths([cjson, lookup])
        else:
            missing["cjson-" + lookup] = "libcjson was not found when this was built"
    return found, missing
