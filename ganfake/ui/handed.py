"""Files that programs send with a call: in base64, or handed in before it, as Gradio's clients do.

`gradio_client.handle_file` posts a file to /gradio_api/upload and names in the call what that
answered. Gradio would keep it on the disk; here it waits in memory until a call takes it.
"""

import base64
import binascii
import re

from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ganfake import UserError
from ganfake.ui.bodies import MOST
from ganfake.ui.uploads import Uploads

_SIGN = "handed:"  # before the token of a file
_FILES = 8  # at most, at once
_EMPTY = "The file is empty; choose another one."
_TORN = "The files did not arrive whole; send them again as multipart/form-data, in UTF-8."
HANDED = Uploads()


class Handed:
    """Takes files where Gradio's clients send them, and answers by what a call may name them."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith("/gradio_api/upload"):
            await (await _received(Request(scope, receive)))(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class _InMemory(MultiPartParser):
    spool_max_size = MOST  # bytes from which a file would go to the disk: no body is longer


async def _received(request: Request) -> JSONResponse:
    if request.method != "POST":
        return JSONResponse({"detail": "Files are sent here with POST."}, 405)
    if "charset" in request.headers.get("content-type", "").lower():
        return JSONResponse({"detail": _TORN}, 400)  # some take minutes for a name
    try:
        # No other fields: they would be decoded while everybody waits.
        parser = _InMemory(request.headers, request.stream(), max_files=_FILES, max_fields=0)
        form = await parser.parse()
    except (MultiPartException, ClientDisconnect, KeyError, ValueError):
        return JSONResponse({"detail": _TORN}, 400)
    tokens = []
    try:
        for one in form.getlist("files"):
            tokens.append(HANDED.receive(one.filename, await one.read()))
    except UserError as error:
        for token in tokens:  # which nobody would hear of
            HANDED.drop(token)
        return JSONResponse({"detail": str(error)}, 503)
    finally:
        await form.close()
    if not tokens:
        return JSONResponse({"detail": _TORN}, 400)
    return JSONResponse([_SIGN + token for token in tokens])


def as_text(value: object) -> object:
    """What names a file in a call of Gradio's clients, as our endpoints take it; else the value."""
    meta = value.get("meta") if isinstance(value, dict) else None
    if isinstance(meta, dict) and meta.get("_type") == "gradio.FileData":
        return str(value.get("path") or value.get("url") or "")
    return value


def name_of(file: object) -> str:
    """The name of a file that was handed in; "" of others."""
    try:
        return HANDED.get(str(file).removeprefix(_SIGN)).name
    except UserError:
        return ""


def decoded(file: object, most: int) -> bytes:
    """The bytes of a file in base64, of a data address, or handed in, which is forgotten then.

    UserError for what is none of these. most: bytes of the largest file that is taken.
    """
    if not isinstance(file, str) or not file:
        raise UserError("Send the file in base64, or as a data address.")
    if file.startswith(_SIGN):
        return _taken(file.removeprefix(_SIGN), most)
    if re.match("(?i)(https?|ftp|file):", file):
        raise UserError("No address is fetched; send the file itself in base64.")
    if file.startswith("data:"):
        head, _, file = file.partition(",")
        if not head.endswith(";base64"):
            raise UserError("The data address must be in base64: data:image/jpeg;base64,...")
    file = file.replace("\r", "").replace("\n", "")  # the command base64 writes lines of 76
    if len(file) > most * 4 // 3 + 8:
        raise UserError(_large(most))
    try:
        content = base64.b64decode(file, validate=True)
    except (binascii.Error, ValueError):
        raise UserError("The file is not valid base64; encode it anew.") from None
    if not content:
        raise UserError(_EMPTY)
    return content


def _taken(token: str, most: int) -> bytes:
    content = HANDED.whole(token).content
    HANDED.drop(token)
    if len(content) > most:
        raise UserError(_large(most))
    if not content:
        raise UserError(_EMPTY)
    return content


def _large(most: int) -> str:
    return f"The file is over {most >> 20} MB; use a smaller or shorter one."
