"""What visitors send at once has an end, before it is read."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import gradio as gr
import httpx
import pytest

from ganfake.ui import bodies
from ganfake.ui.bodies import Bodies, waiting


def run(coroutine):
    """In a thread of its own: a browser test may have left a loop running in this one."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(asyncio.run, coroutine).result()


async def call(app, length: int, parts: list[bytes] = ()) -> int | None:
    """One call with so long a body announced; the status of the answer, if there is one."""
    left, sent = list(parts), []

    async def receive():
        body = left.pop(0) if left else b""
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "headers": [(b"content-length", str(length).encode())]}
    await app(scope, receive, send)
    return next((m["status"] for m in sent if m["type"] == "http.response.start"), None)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    for name, size in (("MOST", 1000), ("TOTAL", 1500), ("_SMALL", 10)):
        monkeypatch.setattr(bodies, name, size)


def test_long_bodies_and_more_than_fit_are_refused_before_they_are_read():
    async def answers():
        goes_on = asyncio.Event()

        async def app(scope, receive, send):
            await goes_on.wait()

        limited = Bodies(app)
        assert await call(limited, 1001) == 413
        first = asyncio.create_task(call(limited, 900))
        await asyncio.sleep(0)
        assert await call(limited, 900) == 503
        little = asyncio.create_task(call(limited, 10))
        goes_on.set()
        assert await first is None and await little is None, "they came through"
        assert await call(limited, 900) is None, "there is room again"

    run(answers())


def test_a_body_that_is_longer_than_announced_ends():
    async def heard():
        kinds = []

        async def app(scope, receive, send):
            kinds.extend([(await receive())["type"] for _ in range(3)])

        await call(Bodies(app), 0, [b"x" * 8] * 3)
        return kinds

    assert run(heard()) == ["http.request", "http.disconnect", "http.disconnect"]


def test_what_waits_in_the_queue_counts():
    goes_on = threading.Event()

    def echo(text: str) -> str:
        goes_on.wait(60)
        return text

    with gr.Blocks() as page:
        gr.api(echo, concurrency_limit=1)
    app, address, _ = page.launch(prevent_thread_lock=True, quiet=True)
    try:
        assert waiting(app) == 0
        for _ in range(3):
            httpx.post(f"{address}gradio_api/call/echo", json={"data": ["x" * 1000]}, timeout=60)
        assert waiting(app) == 3000, "one that is answered, two that wait"
        goes_on.set()
        limit = time.monotonic() + 30
        while waiting(app) and time.monotonic() < limit:
            time.sleep(0.05)
        assert waiting(app) == 0
    finally:
        goes_on.set()
        page.close()
