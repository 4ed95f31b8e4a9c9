# SPDX-License-Identifier: Apache-2.0
"""The Python SDK as a client, 1.x or 2.x, whichever is installed: one session, written to stdout as one JSON object.

python_client.py MODE SET COMMAND [ARG...]     MODE: v1, or for 2.x legacy, auto, 2026-07-28
                                               SET: everything, python or probe (only lists, and waits for end of file)
"""

import asyncio
import json
import os
import sys

mode, which, command, *args = sys.argv[1:]
VERSION_2 = mode != "v1"

if VERSION_2:
    import mcp_types as types
    from mcp import Client, StdioServerParameters
else:
    import mcp.types as types
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

SEEN = {}
NOTES = []
ASKED = []
STATE = {"mood": "accept"}
ENV = {name: os.environ[name] for name in ("HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER") if name in os.environ}


def plain(value):
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    return value


def failure(error):
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return {"error": {"name": type(error).__name__, "message": str(error), "detail": plain(getattr(error, "error", None))}}


async def see(name, awaitable):
    try:
        SEEN.setdefault(name, []).append(plain(await asyncio.wait_for(awaitable, 20)))
    except Exception as error:  # every failure is part of what the client saw
        SEEN.setdefault(name, []).append(failure(error))


async def sampling(context, params):
    ASKED.append({"sampling": plain(params)})
    return types.CreateMessageResult(role="assistant", content=types.TextContent(type="text", text="a thought"), model="test-model")


async def elicitation(context, params):
    ASKED.append({"elicitation": plain(params)})
    if STATE["mood"] != "accept":
        return types.ElicitResult(action=STATE["mood"])
    schema = plain(params).get("requestedSchema")
    content = {"name": "Ann", "check": True, "integer": 7} if schema and "name" in schema["properties"] else {"sure": True}
    return types.ElicitResult(action="accept", content=content if schema else None)


async def roots(context):
    ASKED.append({"roots": True})
    return types.ListRootsResult(roots=[types.Root(uri="file:///srv/work", name="work")])


async def logged(params):
    NOTES.append(plain(params))


async def progress(value, total, message):
    NOTES.append({"progress": value, "total": total, "message": message})


CALLBACKS = dict(sampling_callback=sampling, elicitation_callback=elicitation, list_roots_callback=roots, logging_callback=logged)


async def everything(client):
    await see("tools", client.list_tools())
    await see("echo", client.call_tool("echo", {"message": "U+2028 \u2028 tab\t é 漢 😀"}))
    await see("sum", client.call_tool("get-sum", {"a": 0.1, "b": 1e21}))
    await see("structured", client.call_tool("get-structured-content", {"location": "Chicago"}))
    await see("image", client.call_tool("get-tiny-image", {}))
    await see("annotated", client.call_tool("get-annotated-message", {"messageType": "error", "includeImage": True}))
    await see("links", client.call_tool("get-resource-links", {"count": 3}))
    await see("reference", client.call_tool("get-resource-reference", {"resourceType": "Blob", "resourceId": 3}))
    await see("wrong arguments", client.call_tool("get-sum", {"a": "x"}))
    await see("unknown tool", client.call_tool("no_such_tool", {}))
    await see("progress", client.call_tool("trigger-long-running-operation", {"duration": 0.3, "steps": 3}, progress_callback=progress))
    await see("sampling", client.call_tool("trigger-sampling-request", {"prompt": "hi"}))
    for STATE["mood"] in ("accept", "decline", "cancel"):
        await see("elicitation", client.call_tool("trigger-elicitation-request", {}))
    STATE["mood"] = "accept"
    await see("url", client.call_tool("trigger-url-elicitation", {"url": "https://example.org/", "elicitationId": "e1"}))
    await see("url as an error", client.call_tool("trigger-url-elicitation", {"url": "https://example.org/", "errorPath": True}))
    await see("roots", client.call_tool("get-roots-list", {}))
    await see("resources", client.list_resources())
    await see("templates", client.list_resource_templates())
    await see("read", client.read_resource("demo://resource/dynamic/text/1"))
    await see("read", client.read_resource("demo://resource/dynamic/blob/2"))
    await see("read", client.read_resource("demo://nothing"))
    await see("subscribe", client.subscribe_resource("demo://resource/dynamic/text/1"))
    await see("unsubscribe", client.unsubscribe_resource("demo://resource/dynamic/text/1"))
    await see("prompts", client.list_prompts())
    await see("prompt", client.get_prompt("args-prompt", {"city": "Oslo"}))
    await see("prompt", client.get_prompt("nobody"))
    await see("completion", client.complete(types.PromptReference(type="ref/prompt", name="completable-prompt"), {"name": "department", "value": "E"}))
    await see("level", client.set_logging_level("error"))
    await see("ping", client.send_ping())


async def python(client):
    await see("tools", client.list_tools())
    await see("echo", client.call_tool("echo", {"message": "U+2028 \u2028 CR \r é 漢 😀"}))
    await see("add", client.call_tool("add", {"a": 0.1, "b": 2}))
    await see("fail", client.call_tool("fail", {}))
    await see("wrong arguments", client.call_tool("add", {"a": "x"}))
    await see("unknown tool", client.call_tool("no_such_tool", {}))
    await see("drop_all", client.call_tool("drop_all", {}))
    await see("progress", client.call_tool("slow", {"steps": 3}, progress_callback=progress))
    for STATE["mood"] in ("accept", "decline", "cancel"):
        await see("confirm", client.call_tool("confirm", {"what": "it"}))
    STATE["mood"] = "accept"
    await see("think", client.call_tool("think", {"about": "otters"}))
    await see("where", client.call_tool("where", {}))
    await see("resources", client.list_resources())
    await see("templates", client.list_resource_templates())
    await see("read", client.read_resource("docs://handbook"))
    await see("read", client.read_resource("docs://page/2"))
    await see("read", client.read_resource("docs://nothing"))
    await see("prompts", client.list_prompts())
    await see("prompt", client.get_prompt("greet", {"who": "Ann"}))
    await see("completion", client.complete(types.PromptReference(type="ref/prompt", name="greet"), {"name": "who", "value": "A"}))
    await asyncio.gather(*(see("at once", client.call_tool("add", {"a": i, "b": i})) for i in range(20)))
    SEEN["at once"].sort(key=json.dumps)


async def probe(client):
    await see("tools", client.list_tools())
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)


SETS = {"everything": everything, "python": python, "probe": probe}


async def main():
    target = StdioServerParameters(command=command, args=args, env=ENV)
    if VERSION_2:
        async with Client(target, mode=mode, **CALLBACKS) as client:
            SEEN["server"] = [client.protocol_version, plain(client.server_info), plain(client.server_capabilities), client.instructions]
            await SETS[which](client)
    else:
        async with stdio_client(target) as (read, write), ClientSession(read, write, **CALLBACKS) as client:
            SEEN["server"] = plain(await client.initialize())
            await SETS[which](client)
    SEEN["asked"] = [ask for ask in ASKED if "roots" not in ask]
    SEEN["notes"] = sorted({json.dumps(note, sort_keys=True) for note in NOTES})
    print(json.dumps(SEEN))


asyncio.run(main())
