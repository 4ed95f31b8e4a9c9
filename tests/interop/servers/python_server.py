# SPDX-License-Identifier: Apache-2.0
"""A server on the Python SDK: FastMCP of the 1.x line, MCPServer of the 2.x line, whichever is installed.

python_server.py MARKER: `drop_all` leaves a line in MARKER whenever it really runs.
"""

import asyncio
import sys
from typing import Annotated

from pydantic import BaseModel

try:
    from mcp.server.mcpserver import Context, ListRoots, MCPServer, Resolve, Sample
    from mcp_types import Completion, CreateMessageResult, ElicitRequestFormParams, ListRootsResult, SamplingMessage, TextContent
    from mcp.server.mcpserver import Elicit, ElicitationResult

    MODERN = True
except ImportError:
    from mcp.server.fastmcp import Context, FastMCP as MCPServer
    from mcp.types import Completion, SamplingMessage, TextContent

    MODERN = False

server = MCPServer("interop-python", instructions="Be kind.")


class Sum(BaseModel):
    sum: float


class Sure(BaseModel):
    sure: bool


@server.tool()
def echo(message: str) -> str:
    """Says it again."""
    return message


@server.tool()
def add(a: float, b: float) -> Sum:
    """Adds."""
    return Sum(sum=a + b)


@server.tool(structured_output=False)
def big(size: int) -> str:
    """Much text."""
    return "x" * size


@server.tool()
def fail() -> str:
    """Always fails."""
    raise ValueError("it broke")


@server.tool()
def drop_all() -> str:
    """Drops everything."""
    with open(sys.argv[1], "a", encoding="utf-8") as marker:
        marker.write("drop_all\n")
    return "dropped"


@server.tool()
async def slow(steps: int, ctx: Context) -> str:
    """Reports progress and logs."""
    for step in range(1, steps + 1):
        await asyncio.sleep(0.03)
        await ctx.report_progress(step, steps, f"step {step}")
    await ctx.info("nearly done")
    return "done"


if MODERN:

    def ask(what: str) -> Elicit[Sure]:
        return Elicit(message=f"Do {what}?", schema=Sure)

    def ask_model(about: str) -> Sample:
        return Sample([SamplingMessage(role="user", content=TextContent(type="text", text=about))], max_tokens=9)

    def ask_roots() -> ListRoots:
        return ListRoots()

    @server.tool()
    def confirm(what: str, answer: Annotated[ElicitationResult[Sure], Resolve(ask)]) -> str:
        """Asks first."""
        return f"{what}: {answer.action}"

    @server.tool()
    def think(about: str, answer: Annotated[CreateMessageResult, Resolve(ask_model)]) -> str:
        """Asks the model."""
        return f"{about}: {answer.content.text}"

    @server.tool()
    def where(answer: Annotated[ListRootsResult, Resolve(ask_roots)]) -> str:
        """Asks for the roots."""
        return " ".join(str(root.uri) for root in answer.roots)

else:

    @server.tool()
    async def confirm(what: str, ctx: Context) -> str:
        """Asks first."""
        answer = await ctx.elicit(message=f"Do {what}?", schema=Sure)
        return f"{what}: {answer.action}"

    @server.tool()
    async def think(about: str, ctx: Context) -> str:
        """Asks the model."""
        answer = await ctx.session.create_message(
            messages=[SamplingMessage(role="user", content=TextContent(type="text", text=about))], max_tokens=9
        )
        return f"{about}: {answer.content.text}"

    @server.tool()
    async def where(ctx: Context) -> str:
        """Asks for the roots."""
        answer = await ctx.session.list_roots()
        return " ".join(str(root.uri) for root in answer.roots)


@server.resource("docs://handbook")
def handbook() -> str:
    """The handbook."""
    return "page one"


@server.resource("docs://page/{n}")
def page(n: str) -> str:
    """A page."""
    return f"page {n}"


@server.prompt()
def greet(who: str) -> str:
    """A greeting."""
    return f"Hello {who}"


@server.completion()
async def complete(ref, argument, context):
    return Completion(values=[name for name in ("Ann", "Bob") if name.startswith(argument.value)])


if __name__ == "__main__":
    server.run("stdio")
