"""The page in two languages: the script that turns it, and Gradio's I18n for its components."""

import json
from functools import cache

import gradio as gr
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ganfake.ui import words
from ganfake.ui.theme import asset

_HEAD = b"<head>"
_LABELS = ("label", "placeholder", "info")


@cache
def i18n() -> gr.I18n:
    """Gradio's translations of its components' labels; a key is the English text.

    They are the rows of assets/zh/labels.json, which the table has as well.
    """
    rows = json.loads(asset("zh/labels.json"))
    return gr.I18n(**{"en": {key: key for key in rows}, "zh-CN": rows})


def label_components(page: gr.Blocks) -> None:
    """Make each label, placeholder and button of `page` that is translated a key of `i18n`.

    Values stay as they are: events send them to functions, which know English only.
    """
    known = i18n().translations_dict["en"]
    for block in page.blocks.values():
        names = (*_LABELS, "value") if isinstance(block, gr.Button) else _LABELS
        for name in names:
            text = getattr(block, name, None)
            if type(text) is str and text in known:
                setattr(block, name, i18n()(text))


def middleware() -> list[Middleware]:
    """For the server's app: what puts idle.js, keys.js and words.js first into the page's head.

    Gradio puts its own `head=` in once it has chosen its language, which is too late here.
    """
    return [Middleware(_FirstScript)]


class _FirstScript:
    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in ("", "/"):
            await self.app(scope, receive, send)
            return
        begun: list[Message] = []
        body: list[bytes] = []

        async def insert(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun.append(message)
                return
            body.append(message.get("body", b""))
            if message.get("more_body"):
                return
            scripts = asset("idle.js") + asset("keys.js") + words.script()
            script = f"{_HEAD.decode()}<script>{scripts}</script>".encode()
            page = b"".join(body).replace(_HEAD, script, 1)
            headers = [(k, v) for k, v in begun[0]["headers"] if k.lower() != b"content-length"]
            headers.append((b"content-length", str(len(page)).encode()))
            await send({**begun[0], "headers": headers})
            await send({"type": "http.response.body", "body": page})

        await self.app(scope, receive, insert)
