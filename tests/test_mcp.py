"""The page as an MCP server: three tools, typed and documented, and nothing fetched for them."""

import asyncio
import base64
import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from ganfake import UserError, provenance
from ganfake.swap import CONSENT
from ganfake.ui import tools
from ganfake.ui.handed import decoded
from ganfake.ui.tools import contents
from tests.serving import start_server

mcp = pytest.importorskip("mcp", reason="gradio's extra `mcp` is not installed")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """`python app.py` in a process of its own, as people start it."""
    child, found = start_server(
        tmp_path_factory.mktemp("data"), GANFAKE_CACHE=str(tmp_path_factory.mktemp("cache"))
    )
    yield found
    child.terminate()
    child.wait(60)


def asked(address: str, act):
    """What `act(session)` returns, over streamable HTTP."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def talk():
        async with (
            streamable_http_client(f"{address}/gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await act(session)

    # In a thread of its own: a browser test before it may have left a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, talk()).result()


def called(address: str, tool: str, **arguments):
    return asked(address, lambda session: session.call_tool(tool, arguments))


def test_exactly_three_tools_with_types_and_descriptions(address):
    tools = {t.name: t for t in asked(address, lambda session: session.list_tools()).tools}
    assert sorted(tools) == ["check", "generate", "swap"]
    for tool in tools.values():
        assert len(tool.description) > 80
        for name, field in tool.inputSchema["properties"].items():
            assert {"type", "anyOf", "oneOf"} & set(field), (tool.name, name)
            assert field.get("description"), (tool.name, name)
    assert tools["check"].inputSchema["required"] == ["file"]
    assert tools["swap"].inputSchema["required"] == ["file"]
    assert tools["generate"].inputSchema["properties"]["count"]["type"] == "integer"
    assert "portrait" in tools["generate"].inputSchema["properties"]["model"]["description"]
    listed = httpx.get(f"{address}/gradio_api/mcp/schema").json()
    assert len(listed) == 3
    for other in (lambda s: s.list_resources(), lambda s: s.list_prompts()):
        found = asked(address, other)
        assert not getattr(found, "resources", None) and not getattr(found, "prompts", None)


def test_the_other_endpoints_stay_in_the_api_and_out_of_the_tools(address):
    info = httpx.get(f"{address}/gradio_api/info").json()["named_endpoints"]
    assert {"/new_round", "/answer", "/leaderboard", "/generate", "/check", "/swap"} <= set(info)
    assert called(address, "leaderboard").isError


def test_a_face_is_made_swapped_and_checked_with_its_marks(address):
    made = called(address, "generate", model="dcgan", seed=7)
    assert not made.isError
    [image, words] = made.content
    assert image.mimeType == "image/png"
    assert provenance.read(base64.b64decode(image.data)).seed == 7
    assert json.loads(words.text)["command"].startswith("python -m ganfake generate dcgan")

    swapped = called(address, "swap", file=image.data, person="man_b", consent=CONSENT)
    [result] = swapped.content
    notes = provenance.notes(base64.b64decode(result.data))
    assert (notes["model"], notes["person"], notes["source_seed"]) == ("swap", "man_b", "7")

    file = f"data:{result.mimeType};base64,{result.data}"
    [found] = called(address, "check", file=file, name="loop.png").content
    said = json.loads(found.text)
    assert said["file"] == "loop.png"
    assert said["verdict"] in ("fake", "uncertain", "real")


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("generate", {"model": "nobody"}, "There is no model"),
        ("check", {"file": "?"}, "base64"),
        ("check", {"file": base64.b64encode(b"no picture").decode()}, "picture"),
        ("check", {"file": "http://127.0.0.1:9/face.png"}, "No address is fetched"),
        ("swap", {"file": "iVBORw0KGgo="}, "I have the consent"),
    ],
)
def test_a_mistake_is_one_sentence(address, tool, arguments, words):
    answer = called(address, tool, **arguments)
    assert answer.isError
    [said] = answer.content
    assert words in said.text
    assert "Traceback" not in said.text and "\n" not in said.text.strip()


def test_addresses_are_not_fetched():
    for file in ("http://example.org/a.png", "HTTPS://x", "file:///etc/passwd", "ftp://x"):
        with pytest.raises(UserError, match="No address"):
            decoded(file, 100)


def test_answers_as_clients_read_them():
    assert list(contents({"a": "é"})) == [("", '{"a": "é"}')]
    assert list(contents([{"image": "data:image/png;base64,QQ==", "seed": 1}])) == [
        ("image/png", "QQ=="), ("", '{"seed": 1}'),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="sentence"):
        list(contents({"error": "A sentence."}))


def test_without_the_package_the_page_is_served_as_before(monkeypatch):
    import gradio as gr

    monkeypatch.setattr(tools.importlib.util, "find_spec", lambda name: None)
    assert not tools.available()
    with gr.Blocks() as page:
        gr.Markdown("Nothing.")
    page.launch(prevent_thread_lock=True, quiet=True, mcp_server=tools.available())
    tools.choose(page)
    assert page.mcp_server_obj is None
    page.close()
