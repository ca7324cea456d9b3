"""The page as an MCP server: the three endpoints that it offers as tools, and their answers.

Gradio makes a tool of every public endpoint and answers in its own words: a dictionary as
Python writes it, a picture saved anew and so without its mark. Here the tools are chosen, an
answer is JSON, and a picture is the very file that was made.
"""

import importlib.util
import json
from collections.abc import Iterator

import gradio as gr

TOOLS = ("check", "generate", "swap")  # endpoints; a Space puts its own name before the tools'


def available() -> bool:
    """Whether the package `mcp` is there; without it the page works as before."""
    return importlib.util.find_spec("mcp") is not None


def choose(page: gr.Blocks) -> None:
    """Leave three tools to the MCP server of a launched page; without one, do nothing."""
    server = page.mcp_server_obj
    if server is None:
        return
    named = server.tool_to_endpoint.items()
    server.tool_to_endpoint = {
        tool: endpoint for tool, endpoint in named if endpoint.lstrip("/") in TOOLS
    }

    def answer(data: list, _root: str) -> list:
        return [
            server.types.ImageContent(type="image", data=content, mimeType=kind)
            if kind
            else server.types.TextContent(type="text", text=content)
            for output in data
            for kind, content in contents(output)
        ]

    server.postprocess_output_data = answer


def contents(output: object) -> Iterator[tuple[str, str]]:
    """What an endpoint returned, as (MIME type of a picture, base64) or ("", text).

    ValueError with the sentence of an {"error"}: the client is told that the call failed.
    """
    if isinstance(output, list):
        for one in output:
            yield from contents(one)
    elif isinstance(output, dict):
        if output.get("error"):
            raise ValueError(output["error"])
        yield from contents(output["image"]) if "image" in output else ()
        rest = {name: value for name, value in output.items() if name != "image"}
        yield "", json.dumps(rest, ensure_ascii=False)
    elif isinstance(output, str) and output.startswith("data:image/"):
        head, _, content = output.partition(";base64,")
        yield head.removeprefix("data:"), content
    else:
        yield "", output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
